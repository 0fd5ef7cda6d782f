"""Open API 001, cargo clearance progress (화물통관진행정보): ``cargCsclPrgsInfoQry/retrieveCargCsclPrgsInfo``.

Asked for with ``cargMtNo``, or with ``mblNo`` or ``hblNo`` and ``blYy``. Source: answers of 2017 to 2021. An answer is
no cargo, an error, several cargoes, or one cargo with its events. ``tCnt`` counts events in one case and cargoes in
another; it decides nothing but the error (-1). An event's position is ``cargCsclPrgsInfoDtlQryVo[n]``, counted from 1
as XPath does. A source that is set to this format may send answers of the other services, too: they are read as what
they are; those of services that are not read are parked with their root's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

from cargo.domain.event import FormatError, Outcome, Parked, Problem
from cargo.formats import _xml
from cargo.formats.unipass import answer, api002, api005, api020, api021, api024
from cargo.formats.unipass.answer import MEDIA_TYPES as MEDIA_TYPES
from cargo.formats.unipass.cargo import CargoHeader
from cargo.formats.unipass.progress import decode_event, pattern

NAME = "unipass.api001"
TITLE = "UNI-PASS cargo clearance progress (Open API 001)"
SERVICE = answer.Service(NAME, ("cargCsclPrgsInfoQryRtnVo",), "cargo")

_HEADER = "cargCsclPrgsInfoQryVo"
_EVENT = "cargCsclPrgsInfoDtlQryVo"
_NUMBERS_SHOWN = 20
_OTHERS = {root: other for other in (api002, api005, api020, api021, api024) for root in other.SERVICE.roots}
_PATTERN = pattern(NAME)
_FAMILY = re.compile(r"[A-Za-z0-9]{3,60}(?:Rtn|RtnErrInfo)Vo\Z")


def sniff(data: bytes) -> bool:
    """Whether this looks like an answer of UNI-PASS, in any encoding; the other services that are read come first."""
    return _FAMILY.match(answer.root_name(data)) is not None


def decode(data: bytes, received_at: datetime | None = None, request: str = "") -> Iterator[Outcome]:
    """The events of one cargo, or why there are none.

    Times are Korean (UTC+9). ``received_at`` and ``request`` are not needed: every time carries its year, and the
    answer names its cargo. Raises ``FormatError`` if the bytes are not such an answer at all.
    """
    root = _xml.parse(data)
    service = root.tag.replace("ErrInfo", "")
    if service in SERVICE.roots:
        yield from _answer(root)
    elif service in _OTHERS:
        yield from _OTHERS[service].decode(data, received_at, request)
    elif _FAMILY.match(root.tag) is not None:
        yield Parked(position=root.tag, reason="an answer of a UNI-PASS service that is not read", format=NAME)
    else:
        raise FormatError(f"not a UNI-PASS answer about cargo: the root element is {root.tag[:80]}", "line 1")


def slice(data: bytes, position: str) -> bytes:
    """The one event element behind ``position``, in UTF-8; nothing of the cargo's header or of other cargoes.

    Raises ``FormatError`` if the position is not one of this message.
    """
    if not position.startswith(f"{_EVENT}["):
        raise FormatError("not a position of this format", position[:80])
    return answer.element_at(data, position)


def cargo_numbers(data: bytes) -> list[str]:
    """The cargo control numbers of an answer, in its order: what to ask for next when several match."""
    return [number for header in _xml.parse(data).findall(_HEADER) if (number := answer.text(header, "cargMtNo"))]


def _answer(root: Element) -> Iterator[Outcome]:
    headers, events = root.findall(_HEADER), root.findall(_EVENT)
    if len(headers) == 1 and events and root.find(answer.ERROR_TEXT) is None:
        yield from _one_cargo(headers[0], events, answer.announced(root))
        return
    several = len(headers) > 1 or (not events and answer.SEVERAL in answer.text(root, "ntceInfo"))
    refusal = SERVICE.refusal(root, answered=bool(headers or events or several))
    if refusal is not None:
        yield refusal
    elif several:
        yield _several(headers, answer.text(root, "ntceInfo"), answer.announced(root))
    elif not headers:
        yield Problem(position=_HEADER, reason="events are given without their cargo", format=NAME)
    else:
        yield from _one_cargo(headers[0], events, answer.announced(root))


def _several(headers: list[Element], notice: str, count: int | None) -> Parked:
    numbers = [number for header in headers if (number := answer.text(header, "cargMtNo"))]
    if not numbers:
        return Parked(position=_HEADER, reason=f"several cargoes match, none is named: {notice}", format=NAME)
    shown = ", ".join(numbers[:_NUMBERS_SHOWN])
    more = f" and {len(numbers) - _NUMBERS_SHOWN} more" if len(numbers) > _NUMBERS_SHOWN else ""
    announced = f" of {count} announced" if count not in (None, len(numbers)) else ""
    reason = f"{len(numbers)} cargoes match{announced}; ask for each by its cargo number: {shown}{more}"
    return Parked(position=_HEADER, reason=reason, format=NAME)


def _one_cargo(element: Element, events: list[Element], count: int | None) -> Iterator[Outcome]:
    steps = [answer.fields(event) for event in events]
    header = CargoHeader.read(answer.fields(element), (step.get("cargTrcnRelaBsopTpcd", "") for step in steps))
    for index, step in enumerate(steps, start=1):
        yield decode_event(header, step, f"{_EVENT}[{index}]", _PATTERN)
    if not events:
        yield Parked(position=_EVENT, reason="the cargo is known, nothing has happened yet", format=NAME)
    elif count not in (None, len(events)):
        yield Parked(position="tCnt", reason=f"{count} events are announced, {len(events)} given", format=NAME)
