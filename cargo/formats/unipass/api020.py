"""Open API 020, container list (컨테이너내역): ``cntrQryBrkdQry/retrieveCntrQryBrkd``, asked for with ``cargMtNo``.

Every container of a cargo with its size type (ISO 6346 or the older groups, ``45GP``) and up to three seals; API 001
names one container at most. The answer names neither its cargo nor a time: the cargo comes with the message's name
(see ``answer``), and an event here has no time of its own. Several cargoes may share a container (LCL).

Source: the service as observed in public client code and answers (to 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cargo.domain import identifiers
from cargo.domain.codes import MILESTONES
from cargo.domain.customs import kr
from cargo.domain.event import Event, Outcome, Parked, Reference
from cargo.formats.unipass import answer
from cargo.formats.unipass.answer import MEDIA_TYPES as MEDIA_TYPES

NAME = "unipass.api020"
TITLE = "UNI-PASS container list (Open API 020)"
SERVICE = answer.Service(NAME, ("cntrQryBrkdQryRtnVo",), "containers")

_ROWS = ("cntrQryBrkdQryVo", "cntrQryBrkdQryRsltVo")
_SEALS = ("cntrSelgNo1", "cntrSelgNo2", "cntrSelgNo3")
_MILESTONE = MILESTONES["containers_listed"]
_TEXT = "컨테이너내역"

sniff = SERVICE.sniff
slice = answer.element_at


def decode(data: bytes, received_at: datetime | None = None, request: str = "") -> Iterator[Outcome]:
    """One event for each container of the cargo; its time is not known.

    ``request``: the message's name, which tells of which cargo. Raises ``FormatError`` if it is no such answer.
    """
    root = SERVICE.parse(data)
    rows = list(answer.rows(root, *_ROWS))
    refusal = SERVICE.refusal(root, answered=bool(rows))
    if refusal is not None:
        yield refusal
        return
    told = answer.asked(request)
    if number := answer.text(root, "cargMtNo"):
        told["cargMtNo"] = number
    for position, fields in rows:
        yield _container({**told, **fields}, position)
    count = answer.announced(root)
    if count not in (None, len(rows)):
        reason = f"{count} containers are announced, {len(rows)} given"
        yield Parked(position="tCnt", reason=reason, format=NAME)


def _container(fields: dict[str, str], position: str) -> Event | Parked:
    number = fields.get("cntrNo", "")
    if identifiers.is_blank(number):
        return Parked(position=position, reason="a container without a number", format=NAME)
    cargo, warnings = answer.references({**fields, "container": ""})
    if not cargo:
        warnings.append("cargo_number: the answer does not say whose containers these are")
    box = Reference("container", identifiers.container(number).value)
    seals = [
        Reference("seal", answer.line(fields[tag])) for tag in _SEALS if not identifiers.is_blank(fields.get(tag, ""))
    ]
    size = fields.get("cntrStszCd", "")[:4]
    subject = [reference.value for reference in cargo] or [seal.value for seal in seals]
    return Event(
        milestone=_MILESTONE.code,
        level=_MILESTONE.level,
        effect=_MILESTONE.effect,
        references=(*cargo, box, *seals),
        authority=kr.AUTHORITY,
        format=NAME,
        source_text=_TEXT,
        warnings=tuple(warnings),
        position=position,
        meaning="|".join((_TEXT, *subject, box.value)),
        context={"iso": size} if size else None,
    )
