"""One report of a ship's or an aircraft's arrival or departure, as Open API 021 and 024 give it.

``etprDttm`` is the arrival, ``tkofDttm`` the departure; ``shipCallImoNo`` (written ``shipCallimoNo``, too) a call sign
or an IMO number. An arrival report is lodged before the ship is there, so a time after the report's acceptance, or
after the answer itself, is expected and has not happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from cargo.domain import identifiers
from cargo.domain.codes import MILESTONES
from cargo.domain.customs import kr
from cargo.domain.event import Event, Outcome, Place, Problem, Reference, Transport
from cargo.formats.unipass import answer

ROWS = (
    "etprRprtQryBrkdQryVo",
    "etprRprtQryBrkdQryRsltVo",
    "tkofRprtQryBrkdQryVo",
    "ioprRprtBrkdQryVo",
    "ioprRprtBrkdQryRsltVo",
)
_FLIGHT = re.compile(r"[A-Z0-9]{2}[0-9]{1,4}[A-Z]?\Z")
_IMO = re.compile(r"[0-9]{7}\Z")


class _Direction(NamedTuple):
    tag: str
    milestone: str
    role: str
    other_port: tuple[str, str, str]


_DIRECTIONS = (
    _Direction("etprDttm", "arrived", "discharge", ("from", "dptrPortAirptCd", "dptrPortAirptNm")),
    _Direction("tkofDttm", "departed", "loading", ("to", "arvlCntyPortAirptCd", "arvlCntyPortAirptNm")),
)


def read(service: answer.Service, data: bytes, received_at: datetime | None, request: str) -> Iterator[Outcome]:
    """The arrivals and departures of an answer, Korean time (UTC+9). ``request`` may name the ship and a cargo that it
    carries. Raises ``FormatError`` if it is no answer of this service.
    """
    root = service.parse(data)
    rows = list(answer.rows(root, *ROWS))
    refusal = service.refusal(root, answered=bool(rows))
    if refusal is not None:
        yield refusal
        return
    told = answer.asked(request)
    for position, fields in rows:
        yield from calls(fields, position, told, received_at, service.name)


def calls(
    fields: dict[str, str], position: str, told: dict[str, str], received_at: datetime | None, name: str
) -> Iterator[Event | Problem]:
    """The arrival and the departure that a row tells of; the one line that says why there is neither."""
    told_of = [direction for direction in _DIRECTIONS if fields.get(direction.tag)]
    if not told_of:
        yield Problem(position=position, reason="neither a time of arrival nor one of departure", format=name)
    for direction in told_of:
        at = answer.moment(fields[direction.tag])
        where = f"{position}/{direction.tag}"
        if at is None:
            reason = f"{fields[direction.tag][:30]!r} is not a date and time"
            yield Problem(position=where, reason=reason, format=name)
        else:
            yield _call(direction, at, {**told, **fields}, where, received_at, name)


def _call(
    direction: _Direction,
    at: answer.Moment,
    fields: dict[str, str],
    position: str,
    received_at: datetime | None,
    name: str,
) -> Event:
    accepted = answer.moment(fields.get("acptDttm", ""))
    expected = (accepted is not None and accepted.instant < at.instant) or (
        received_at is not None and received_at < at.instant
    )
    numbers, warnings = answer.references(fields)
    place = _place(fields, direction.role)
    row = MILESTONES[direction.milestone]
    return Event(
        milestone=row.code,
        classifier="estimated" if expected else "actual",
        level=row.level,
        effect=row.effect,
        occurred_local=at.local,
        occurred_at=at.instant,
        time_zone=kr.TIME_ZONE,
        time_basis="source_default",
        reported_at=accepted.instant if accepted else None,
        references=(*numbers, *_manifest(fields)),
        place=place,
        transport=_transport(fields, place),
        authority=kr.AUTHORITY,
        format=name,
        source_code=direction.tag,
        source_text="입항보고" if row.code == "arrived" else "출항보고",
        warnings=tuple(warnings),
        position=position,
        meaning="|".join(
            [
                direction.tag,
                *(fields.get(tag, "") for tag in ("ioprSbmtNo", "mrn", "shipFlgtNm", "cstmSgn", direction.tag)),
            ]
        ),
        context=_context(fields, direction.other_port),
    )


def _manifest(fields: dict[str, str]) -> tuple[Reference, ...]:
    """The manifest that came with the report: ``mrn``, or the report's own number where it has a manifest's shape."""
    report = identifiers.compact(fields.get("ioprSbmtNo", ""))
    return answer.manifest(fields.get("mrn") or (report if identifiers.is_mrn(report) else ""))


def _place(fields: dict[str, str], role: str) -> Place | None:
    """The port of the customs office. Busan's clears the old port and the new one, which the berth tells apart."""
    berth = answer.line(fields.get("shipLamrPlcNm", ""))[: answer.NAME_LENGTH]
    office = fields.get("cstmSgn", "")
    port = "KRBNP" if office == "030" and "신항" in berth else ""
    found = answer.port(port or kr.CUSTOMS_PORTS.get(office, ""), role, name=fields.get("cstmNm", ""))
    if found is None or not berth:
        return found
    return Place(found.code, found.scheme, berth, found.role)


def _transport(fields: dict[str, str], place: Place | None) -> Transport:
    ship = answer.line(fields.get("shipFlgtNm", ""))[: answer.NAME_LENGTH] or None
    if (place is not None and place.scheme == "iata") or (ship and _FLIGHT.match(ship)):
        return Transport(mode="air", voyage=ship)
    sign = _sign(fields)
    return Transport(mode="vessel", vessel_name=ship, imo=sign if _IMO.match(sign) else None)


def _sign(fields: dict[str, str]) -> str:
    given = fields.get("shipCallImoNo") or fields.get("shipCallimoNo") or fields.get("shipCallSgn") or ""
    return identifiers.compact(given).removeprefix("IMO")[:20]


def _context(fields: dict[str, str], other_port: tuple[str, str, str]) -> dict[str, Any] | None:
    """Small facts: the call sign, the report's number, the flag, the customs office, the port before or after."""
    sign = _sign(fields)
    key, code, name = other_port
    facts = {
        "call_sign": "" if _IMO.match(sign) else sign,
        "report_number": fields.get("ioprSbmtNo", "")[:40],
        "flag": fields.get("shipAirCntyCd", "")[:3],
        "customs_office": fields.get("cstmSgn", "")[:3],
        "berth": fields.get("shipLamrPlcCd", "")[:20],
        key: (fields.get(code) or fields.get(name, ""))[:40],
    }
    return {name: fact for name, fact in facts.items() if fact} or None
