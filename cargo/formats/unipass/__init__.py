"""UNI-PASS Open API answers of the Korea Customs Service (XML): 001 cargo clearance progress.

Source: Open API 001 ``cargCsclPrgsInfoQry/retrieveCargCsclPrgsInfo``, as observed in answers of 2017 to 2021.
Every answer has HTTP status 200, so what it is shows only in the body: no cargo, an error, several cargoes,
or one cargo with its events. ``tCnt`` counts events in one case and cargoes in another; it decides nothing
but the error (-1). An event's position is ``cargCsclPrgsInfoDtlQryVo[n]``, counted from 1 as XPath does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

from cargo.domain.event import FormatError, Outcome, Parked, Problem
from cargo.formats import _xml
from cargo.formats.unipass.cargo import CargoHeader
from cargo.formats.unipass.progress import decode_event

NAME = "unipass.api001"
TITLE = "UNI-PASS cargo clearance progress (Open API 001)"
MEDIA_TYPES = ("application/xml", "text/xml")

_ROOT = "cargCsclPrgsInfoQryRtnVo"
_HEADER = "cargCsclPrgsInfoQryVo"
_EVENT = "cargCsclPrgsInfoDtlQryVo"
_ERRORS = ("cargCsclPrgsInfoQryRtnErrInfoVo",)
_SEVERAL = "[N00]"
_NUMBERS_SHOWN = 20
_POSITION = re.compile(rf"{_EVENT}\[([1-9][0-9]{{0,6}})\]\Z")
_SNIFF = re.compile(r"<(?:[A-Za-z0-9]+:)?[A-Za-z0-9]{3,60}(?:Rtn(?:ErrInfo)?Vo|RtnErrInfoVo)[\s/>]")

# Other services of the same API: kept and named, not read here.
_OTHER_SERVICES = {
    "expDclrNoPrExpFfmnBrkdQryRtnVo": "API 002 export fulfilment",
    "shedInfoQryRtnVo": "API 005 bonded warehouse",
    "cntrQryBrkdQryRtnVo": "API 020 container list",
    "etprRprtQryBrkdQryRtnVo": "API 021 arrival report",
    "ioprRprtQryBrkdQryRtnVo": "API 024 arrivals and departures",
}


def sniff(data: bytes) -> bool:
    """Whether this looks like an answer of UNI-PASS, in any encoding."""
    head = data[:2000]
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").startswith(b"<"):
        return False
    return _SNIFF.search(head.replace(b"\x00", b"").decode("latin-1")) is not None


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of one cargo, or why there are none.

    Times are Korean (UTC+9). ``received_at`` is not needed: every time carries its year.
    Raises ``FormatError`` if the bytes are not such an answer at all.
    """
    root = _xml.parse(data)
    if root.tag in _OTHER_SERVICES:
        yield Parked(position=root.tag, reason=f"UNI-PASS {_OTHER_SERVICES[root.tag]}: not read yet", format=NAME)
        return
    if root.tag != _ROOT and root.tag not in _ERRORS:
        raise FormatError(f"not a UNI-PASS cargo answer: the root element is {root.tag[:80]}", "line 1")
    yield from _answer(root)


def slice(data: bytes, position: str) -> bytes:
    """The one event element behind ``position``, in UTF-8; nothing of the cargo's header or of other cargoes.

    Raises ``FormatError`` if the position is not one of this message.
    """
    found = _POSITION.match(position)
    if found is None:
        raise FormatError("not a position of this format", position[:80])
    return _xml.element_bytes(data, _EVENT, int(found[1]))


def cargo_numbers(data: bytes) -> list[str]:
    """The cargo control numbers of an answer, in its order: what to ask for next when several match."""
    return [number for header in _xml.parse(data).findall(_HEADER) if (number := _text(header, "cargMtNo"))]


def _answer(root: Element) -> Iterator[Outcome]:
    headers, events = root.findall(_HEADER), root.findall(_EVENT)
    notice, count = _text(root, "ntceInfo"), _text(root, "tCnt")
    error = _error(root, notice, count, answered=bool(headers))
    if error is not None:
        yield error
    elif len(headers) > 1 or (_SEVERAL in notice and not events):
        yield _several(headers, notice, count)
    elif not headers and events:
        yield Problem(position=_HEADER, reason="events are given without their cargo", format=NAME)
    elif not headers:
        yield _nothing(count)
    else:
        yield from _one_cargo(headers[0], events, count)


def _error(root: Element, notice: str, count: str, *, answered: bool) -> Problem | None:
    for element in root.iter():
        if element.tag == "errMsgCn" and element.text and element.text.strip():
            return Problem(position="errMsgCn", reason=f"customs answered: {_line(element.text)}", format=NAME)
    if root.tag in _ERRORS:
        return Problem(position=root.tag, reason="customs answered with an error and no reason", format=NAME)
    if answered:
        return None
    if count == "-1":
        reason = f"customs answered: {notice}" if notice else "customs answered with an error and no reason"
        return Problem(position="ntceInfo", reason=reason, format=NAME)
    if notice and _SEVERAL not in notice:
        return Problem(position="ntceInfo", reason=f"customs answered: {notice}", format=NAME)
    return None


def _several(headers: list[Element], notice: str, count: str) -> Parked:
    numbers = [number for header in headers if (number := _text(header, "cargMtNo"))]
    if not numbers:
        return Parked(position=_HEADER, reason=f"several cargoes match, none is named: {notice}", format=NAME)
    shown = ", ".join(numbers[:_NUMBERS_SHOWN])
    more = f" and {len(numbers) - _NUMBERS_SHOWN} more" if len(numbers) > _NUMBERS_SHOWN else ""
    announced = f" of {count[:9]} announced" if count.isdigit() and int(count[:9]) != len(numbers) else ""
    reason = f"{len(numbers)} cargoes match{announced}; ask for each by its cargo number: {shown}{more}"
    return Parked(position=_HEADER, reason=reason, format=NAME)


def _nothing(count: str) -> Outcome:
    if count in ("", "0"):
        return Parked(position="tCnt", reason="no cargo found", format=NAME)
    return Problem(position="tCnt", reason=f"{count[:20]} are announced and none is given", format=NAME)


def _one_cargo(element: Element, events: list[Element], count: str) -> Iterator[Outcome]:
    header = CargoHeader.read(_fields(element), [_text(event, "cargTrcnRelaBsopTpcd") for event in events])
    for index, event in enumerate(events, start=1):
        yield decode_event(header, _fields(event), f"{_EVENT}[{index}]", NAME)
    if not events:
        yield Parked(position=_EVENT, reason="the cargo is known, nothing has happened yet", format=NAME)
    elif count.isdigit() and int(count[:9]) != len(events):
        yield Parked(position="tCnt", reason=f"{count[:9]} events are announced, {len(events)} given", format=NAME)


def _fields(element: Element) -> dict[str, str]:
    return {child.tag: child.text.strip() for child in element if child.text}


def _text(element: Element, tag: str) -> str:
    return _line(element.findtext(tag) or "")


def _line(text: str) -> str:
    return " ".join(text.split())
