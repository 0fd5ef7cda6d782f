"""What people report themselves: our own JSON, version 1. Published by CLIS; written by its pages and its API.

::

    {"format": "clis.manual", "version": 1, "said_at": "2026-03-14T09:12:00+09:00",
     "said_by": {"organization": "Bob Forwarding", "person": "Bob"}, "shipment": 17,
     "events": [{"id": "0d0c…", "version": 1, "milestone": "gate_out", "classifier": "actual",
                 "occurred_at": "2026-03-14T08:55:00+09:00", "time_zone": "Asia/Seoul",
                 "place": "KRPUS", "facility": "HJNC", "container": "HDMU6546583", "remark": "on a truck of ours"},
                {"id": "91c2…", "occurred_at": "2026-03-14T10:05:00+00:00", "authority": "GB-HMRC", "code": "DMSDOC",
                 "declaration": "26GB1X2Y3Z4A5B6C7D", "limit": "2026-03-20"},
                {"id": "77aa…", "version": 2, "taken_back": true}]}

``shipment`` is the shipment's number in CLIS: the event concerns it and no other, whatever numbers others share with
it. ``id`` is the reporter's; the same id with a higher version corrects, with ``taken_back`` it takes back.
``occurred_at`` has an offset; ``place`` is a UN/LOCODE or an IATA airport code. Required are ``id``, ``occurred_at``,
and a ``milestone`` or a customs authority with its own ``code``: what that says is looked up (``domain.customs``); one
that no table knows is what the ``milestone`` says, else ``unknown``. ``limit`` is a last day that customs set,
inclusive. An event's position is a JSON pointer, ``/events/0``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from cargo.domain import identifiers
from cargo.domain.codes import CLASSIFIERS, MILESTONES
from cargo.domain.customs import meanings
from cargo.domain.customs.lists import Meaning
from cargo.domain.event import Deadline, Event, FormatError, Outcome, Place, Problem, Reference, Retraction

NAME = "manual"
TITLE = "Events entered by people"
MEDIA_TYPES = ("application/json",)
VERSION = 1
MAX_BYTES = 1024 * 1024
MAX_EVENTS = 500
# Of a customs authority, a code of its own and a declaration.
MAX_CUSTOMS = 64

_MARK = re.compile(rb'\s*\{\s*"format"\s*:\s*"clis\.manual"')
_POSITION = re.compile(r"/events/(0|[1-9][0-9]{0,3})\Z")


class Statement(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One event as a person reports it, or that it is taken back."""

    id: str
    version: int = 1
    milestone: str = ""
    classifier: str = "actual"
    occurred_at: datetime | None = None
    time_zone: str = ""
    place: str = ""
    facility: str = ""
    container: str = ""
    remark: str = ""
    authority: str = ""
    code: str = ""
    declaration: str = ""
    limit: date | None = None
    taken_back: bool = False


class Speaker(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who says it."""

    organization: str = ""
    person: str = ""


class _Message(msgspec.Struct, kw_only=True):
    format: str
    version: int
    said_at: datetime
    shipment: int
    events: list[msgspec.Raw]
    said_by: Speaker = Speaker()


class _Written(msgspec.Struct, kw_only=True):
    format: str
    version: int
    said_at: datetime
    said_by: Speaker
    shipment: int
    events: Sequence[Statement]


_message = msgspec.json.Decoder(_Message).decode
_statement = msgspec.json.Decoder(Statement).decode


def compose(shipment: int, events: Sequence[Statement], said_by: Speaker, said_at: datetime) -> bytes:
    """The message that says these events of a shipment. ``said_at`` is aware."""
    written = _Written(
        format="clis.manual", version=VERSION, said_at=said_at, said_by=said_by, shipment=shipment, events=events
    )
    return msgspec.json.encode(written)


def sniff(data: bytes) -> bool:
    """Whether this begins as such a message does."""
    return _MARK.match(data[:200]) is not None


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events and what is taken back; ``received_at`` is not needed. Raises ``FormatError`` for another message."""
    message = _read(data)
    for index, raw in enumerate(message.events):
        position = f"/events/{index}"
        try:
            statement = _statement(raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            yield Problem(position=position, reason=" ".join(str(error).split())[:300], format=NAME)
            continue
        yield _outcome(message, statement, position)


def slice(data: bytes, position: str) -> bytes:
    """Who said it and the one event, as JSON. Raises ``FormatError`` if the position is not one of this message."""
    found = _POSITION.match(position)
    message = _read(data)
    if found is None or int(found[1]) >= len(message.events):
        raise FormatError("not a position of this message", position[:80])
    piece = {"said_at": message.said_at, "said_by": message.said_by, "event": message.events[int(found[1])]}
    return msgspec.json.encode(piece)


def _read(data: bytes) -> _Message:
    if len(data) > MAX_BYTES:
        raise FormatError(f"the message has {len(data)} bytes, more than {MAX_BYTES}")
    try:
        message = _message(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise FormatError(f"not a message of this format: {' '.join(str(error).split())[:300]}") from None
    if message.format != "clis.manual" or message.version != VERSION:
        raise FormatError(f"version {message.version} of this format is not read", "/version")
    if message.said_at.tzinfo is None:
        raise FormatError("a time without an offset", "/said_at")
    if not 0 < message.shipment < 10**18:
        raise FormatError("not the number of a shipment", "/shipment")
    if len(message.events) > MAX_EVENTS:
        raise FormatError(f"{len(message.events)} events, more than {MAX_EVENTS}", "/events")
    return message


def _outcome(message: _Message, said: Statement, position: str) -> Outcome:
    wrong = _wrong(said)
    if wrong:
        return Problem(position=position, reason=wrong, format=NAME)
    references: tuple[Reference, ...] = (Reference("shipment_id", str(message.shipment)),)
    version = f"{said.version:06d}"
    if said.taken_back:
        return Retraction(
            source_event_id=said.id,
            source_event_version=version,
            reported_at=message.said_at,
            references=references,
            format=NAME,
            position=position,
        )
    sign = meanings.read(said.authority, said.code)
    milestone = _milestone(said, sign.meaning)
    row = MILESTONES[milestone]
    for kind, number in (("container", said.container), ("declaration", said.declaration)):
        if number:
            references += (Reference(kind, number),)
    level = meanings.level(milestone, box=bool(said.container), declaration=bool(said.declaration))
    limit = meanings.limit_of(sign.meaning, milestone)
    assert said.occurred_at is not None
    return Event(
        milestone=milestone,
        classifier=said.classifier,
        level="house" if level == "container" and not said.container else level,
        effect=row.effect,
        occurred_local=said.occurred_at.replace(tzinfo=None),
        occurred_at=said.occurred_at,
        time_zone=said.time_zone or None,
        time_basis="given",
        reported_at=message.said_at,
        references=references,
        place=_place(said),
        authority=sign.authority or None,
        agency=meanings.agency(sign, milestone),
        deadline=Deadline(limit, said.limit) if limit and said.limit else None,
        source_event_id=said.id,
        source_event_version=version,
        format=NAME,
        source_code=sign.code or milestone,
        source_text=said.remark or (sign.meaning.name if sign.meaning else None),
        warnings=(sign.doubt,) if sign.doubt else (),
        position=position,
    )


def _milestone(said: Statement, meaning: Meaning | None) -> str:
    """What the code says, else what the person says. Of a word for both ends of a journey the person may say which."""
    if meaning is None or said.milestone in filter(None, (meaning.milestone, meaning.at_origin)):
        return said.milestone or "unknown"
    return meanings.milestone_at(meaning, said.place, "", "")


def _wrong(said: Statement) -> str:
    """Why a statement cannot be taken, or nothing."""
    if not 0 < len(said.id) <= 100 or not 0 < said.version < 10**6:
        return "id and version are needed: 1 to 100 characters, 1 to 999999"
    texts = (said.container, said.place, said.facility, said.remark, said.time_zone)
    customs = (said.authority, said.code, said.declaration)
    if "\x00" in "".join((said.id, *texts, *customs)):
        return "a NUL character"
    if said.taken_back:
        return ""
    if said.milestone == "unknown" or not (said.milestone in MILESTONES or (said.code and not said.milestone)):
        return f"there is no milestone {said.milestone[:40]!r}"
    if bool(said.code) and not said.authority or max(map(len, customs)) > MAX_CUSTOMS:
        return f"a code of customs needs its authority; each, and a declaration, has at most {MAX_CUSTOMS} characters"
    if said.classifier not in CLASSIFIERS:
        return f"there is no classifier {said.classifier[:40]!r}"
    if said.occurred_at is None or said.occurred_at.tzinfo is None:
        return "occurred_at is needed, with its offset"
    if not _is_instant(said.occurred_at):
        return "occurred_at is no instant"
    if len(said.place) > 5 or max(map(len, (said.facility, said.remark, said.time_zone))) > 300:
        return "a place has at most 5 characters, a facility and a remark 300"
    return ""


def _is_instant(moment: datetime) -> bool:
    try:
        moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return False
    return True


def _place(said: Statement) -> Place | None:
    facility = said.facility or None
    if identifiers.is_unlocode(said.place):
        return Place(said.place, "unlocode", facility)
    if identifiers.is_iata(said.place):
        return Place(said.place, "iata", facility)
    text = facility or said.place
    return Place(None, "text", text) if text else None


def said_of(content: dict[str, Any]) -> Statement | None:
    """The statement that an event of this format (as the API gives it) was made of; ``None`` for another's event."""
    if content.get("format") != NAME or not content.get("source_event_id"):
        return None
    place = content.get("place") or {}
    numbers = {item["type"]: item["value"] for item in reversed(content.get("references") or ())}
    occurred = content.get("occurred_at")
    milestone = content["milestone_reported"] if "milestone_reported" in content else content["milestone"]
    code = content.get("source_code") or ""
    code = "" if code in MILESTONES else code
    authority, text = content.get("authority") or "", content.get("source_text") or ""
    meaning = meanings.meaning(authority, code)
    deadline = content.get("deadline") or {}
    return Statement(
        id=content["source_event_id"],
        version=int(content.get("source_event_version") or 1),
        milestone="" if milestone == "unknown" else milestone,
        classifier=content["classifier"],
        occurred_at=datetime.fromisoformat(occurred) if occurred else None,
        time_zone=content.get("time_zone") or "",
        place=place.get("code") or "",
        facility=place.get("facility") or "",
        container=numbers.get("container", ""),
        remark="" if meaning is not None and text == meaning.name else text,
        authority=authority,
        code=code,
        declaration=numbers.get("declaration", ""),
        limit=date.fromisoformat(deadline["date"]) if deadline.get("date") else None,
    )
