"""One event of a cargo: ``cargCsclPrgsInfoDtlQryVo`` in the words of the house.

The process text decides the milestone; for an entry (반입신고) and a removal (반출신고) the content ``rlbrCn``
does. Three fields are overloaded: ``rlbrDttm`` is the time of entry or removal, but a bonded transport's
destination ``(도)02006116…``; ``rlbrBssNo`` is a broker, a carrier, a forwarder, a declaration number or
``연장반입기한:2020-06-15``; ``dclrNo`` is a declaration, a report or, on conveyance events, the manifest (MRN).
"""

from __future__ import annotations

import re
from copy import copy
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from cargo.domain import identifiers
from cargo.domain.codes import MILESTONES
from cargo.domain.customs import kr
from cargo.domain.event import Deadline, Event, Place, Problem, Reference
from cargo.domain.working_days import months_later
from cargo.formats.unipass.answer import Moment, moment
from cargo.formats.unipass.cargo import CargoHeader
from cargo.formats.unipass.quantities import quantity

_NAME_LENGTH = 120
_NOTICE_LENGTH = 500
_WORDS_LENGTH = 500
_MANIFEST_SUFFIX = "00000001"
# Whose new limit stands in the ground number.
_EXTENDED = {"removal_extension_approved": "removal", "storage_extension_approved": "storage_limit"}
_DESTINATION = re.compile(r"\(도\)\s*([0-9A-Z]{8})\s*(.{0,120})")
_DECLARATION = re.compile(r"[0-9A-Z]{14,20}\Z")
_TIME_MARKS = str.maketrans("", "", "-:./ T")
_ON_DECLARATION = frozenset(
    code
    for code, row in MILESTONES.items()
    if row.level == "declaration" or code.startswith(("bonded_transport_", "removal_extension_"))
)
_WITH_TRANSPORT = frozenset(
    code for code in MILESTONES if code.startswith(("manifest_", "arriv", "discharge_", "entry_extension_"))
)
_CUSTOMS_EFFECTS = frozenset({"hold_open", "hold_close", "release", "revert"})
_CERTAIN: tuple[str, ...] = ()
_HOLDER_NAMES = {
    "import_declared": "broker",
    "bonded_transport_approved": "bonded_carrier",
    "manifest_accepted": "forwarder",
}


class _Reading(NamedTuple):
    """What the process text and the content of an entry or removal say, whatever else the event tells.

    ``process`` and ``qualifier`` are their canonical forms; ``moved``: an entry or removal. ``level`` is the table's,
    but goods (``of_goods``) are told of by cargo number and never by container. ``holder``: what the basis names.
    """

    milestone: str
    level: str
    effect: str
    agency: str | None
    moved: bool
    of_goods: bool
    of_manifest: bool
    on_declaration: bool
    with_transport: bool
    holder: str | None
    process: str
    qualifier: str
    source_text: str | None
    warnings: tuple[str, ...]


def pattern(name: str) -> Event:
    """What all events of format ``name`` have in common; a copy costs half of a new one."""
    return Event(
        milestone="unknown",
        time_zone=kr.TIME_ZONE,
        time_basis="source_default",
        authority=kr.AUTHORITY,
        format=name,
    )


def decode_event(header: CargoHeader, fields: dict[str, str], position: str, pattern: Event) -> Event | Problem:
    """The event, or the one line that says why it cannot be read (it has no usable time)."""
    get = fields.get
    processing, moving, declared, basis = (
        get("prcsDttm", ""),
        get("rlbrDttm", ""),
        get("dclrNo", ""),
        get("rlbrBssNo", ""),
    )
    reading = _read(get("cargTrcnRelaBsopTpcd", "")[:_WORDS_LENGTH], get("rlbrCn", "")[:_WORDS_LENGTH])
    processed, unsure = moment(processing), _CERTAIN
    occurred = processed
    if reading.moved:
        occurred, unsure = _moved_at(moving, processed)
    if occurred is None:
        reason = f"{processing[:30]!r} is not a date and time"
        return Problem(position=f"{position}/prcsDttm", reason=reason, format=pattern.format)
    conveyance = _is_conveyance(header, declared)
    shed, packages, weight = get("shedSgn", ""), get("pckGcnt", ""), get("wght", "")
    event = copy(pattern)
    event.milestone, event.effect, event.agency = reading.milestone, reading.effect, reading.agency
    event.level = "conveyance" if conveyance else header.level if reading.of_goods else reading.level
    event.occurred_local, event.occurred_at = occurred.local, occurred.instant
    if processed is not None:
        event.reported_at = processed.instant
    event.references = header.references + _own_references(reading, basis, declared, conveyance)
    event.context = context = header.context.copy()
    event.place = _place(header, shed, get("shedNm", ""), context)
    if reading.with_transport:
        event.transport = header.transport
    if not conveyance:
        event.quantity, unread = quantity(packages, get("pckUt"), weight, get("wghtUt"))
        unsure += unread
    _read_overloaded(event, reading, moving, basis, declared)
    if header.goods and reading.of_manifest:
        context["goods"] = header.goods
    if notice := get("bfhnGdncCn"):
        event.deadline = _read_notice(notice, occurred.local, context) or event.deadline
    event.plan = header.plan.copy() if header.plan else None
    event.source_text, event.position = reading.source_text, position
    event.warnings = header.warnings + reading.warnings + unsure
    # What makes this event itself, in whatever wording: customs gives events no number.
    when, moved = processing.translate(_TIME_MARKS), moving.translate(_TIME_MARKS) if moving else ""
    told = f"{reading.process}|{when}|{declared}|{reading.qualifier}|{moved}|{basis}|{shed}|{packages}|{weight}"
    event.meaning = f"{header.number}|{told}"
    return event


# Customs has some fifty processes and a score of contents, so nearly every event is found here.
@lru_cache(maxsize=2048)
def _read(text: str, qualifier: str) -> _Reading:
    process = kr.phrase(text)
    content = kr.phrase(qualifier)
    entry, removal = process in kr.ENTRY_REPORTS, process in kr.REMOVAL_REPORTS
    meaning = kr.PROCESSES.get(process)
    warnings: tuple[str, ...] = ()
    milestone, agency = "unknown", None
    if meaning is None:
        entry = removal = False
        warnings = (f"unknown_status: {text[:80]}",)
    else:
        milestone, agency = meaning
        found = (kr.ENTRIES if entry else kr.REMOVALS).get(content) if (entry or removal) and qualifier else milestone
        if found is None:
            warnings = (f"unknown_qualifier: {qualifier[:80]}",)
        milestone = found or milestone
    row = MILESTONES[milestone]
    if agency is None and row.effect in _CUSTOMS_EFFECTS:
        agency = kr.AUTHORITY
    words = f"{text}: {qualifier}" if text and qualifier else text or qualifier
    return _Reading(
        milestone=milestone,
        level=row.level,
        effect=row.effect,
        agency=agency,
        moved=entry or removal,
        of_goods=row.level in ("house", "container"),
        of_manifest=milestone.startswith("manifest_"),
        on_declaration=milestone in _ON_DECLARATION,
        with_transport=milestone in _WITH_TRANSPORT,
        holder=_HOLDER_NAMES.get(milestone),
        process=process,
        qualifier=content,
        source_text=words[:300] or None,
        warnings=warnings,
    )


def _moved_at(content: str, processed: Moment | None) -> tuple[Moment | None, tuple[str, ...]]:
    """When goods moved: at ``rlbrDttm`` where that is a time, else when customs processed it; and what is unsure."""
    happened = moment(content) if content else None
    if happened is not None:
        return happened, _CERTAIN if processed else ("reported_time: prcsDttm is missing or not a time",)
    if processed is None or not content or _DESTINATION.search(content):
        return processed, _CERTAIN
    return processed, (f"occurred_time: rlbrDttm {content[:30]!r} is not a time",)


def _is_conveyance(header: CargoHeader, declaration: str) -> bool:
    """Whether the declaration number is the manifest's own: MRN, alone or followed by 00000001."""
    mrn, suffix = declaration[:11], declaration[11:]
    if suffix and suffix != _MANIFEST_SUFFIX:
        return False
    return mrn == header.mrn if header.mrn is not None else identifiers.is_mrn(mrn)


def _own_references(reading: _Reading, basis: str, declared: str, conveyance: bool) -> tuple[Reference, ...]:
    """The manifest or the declaration that this event is about."""
    if conveyance:
        return (Reference("manifest", declared[:11]),)
    number = basis if reading.moved else declared
    if (reading.moved or reading.on_declaration) and _DECLARATION.match(number):
        return (Reference("declaration", number),)
    return ()


def _read_overloaded(event: Event, reading: _Reading, moving: str, basis: str, declared: str) -> None:
    """Sort what the overloaded fields hold into the event's context and deadline."""
    context = event.context or {}
    destination = _DESTINATION.search(moving) if "(도)" in moving else None
    if destination is not None:
        context["destination"] = {"facility": destination[1], "name": destination[2].strip()}
    if basis:
        if reading.holder is not None:
            context[reading.holder] = basis[:_NAME_LENGTH]
        event.deadline = _stated_limit(reading.milestone, basis)
    if declared and (reading.moved or not reading.on_declaration):
        context["report_number"] = declared[:40]


def _stated_limit(milestone: str, basis: str) -> Deadline | None:
    if milestone == "entry_extension_approved":
        limit = kr.date_in(basis)
        return Deadline("entry_limit", limit) if limit else None
    extended = _EXTENDED.get(milestone)
    if extended is not None:
        limit = kr.extension_date(basis)
        return Deadline(extended, limit) if limit else None
    return None


def _read_notice(text: str, occurred: datetime, context: dict[str, Any]) -> Deadline | None:
    context["notice"] = text[:_NOTICE_LENGTH]
    limits = kr.notice(text)
    if limits.removal_days:
        context["removal_days"] = limits.removal_days
    if not limits.storage_months:
        return None
    context["storage_months"] = limits.storage_months
    return Deadline("storage_limit", months_later(occurred.date(), limits.storage_months))


def _place(header: CargoHeader, code: str, name: str, context: dict[str, Any]) -> Place | None:
    """The bonded shed where the event names one (its code may carry a section), else the port of discharge."""
    if not code and not name:
        return header.port
    place, section = _shed(code[:_NAME_LENGTH], name[:_NAME_LENGTH])
    if section:
        context["shed_section"] = section
    return place or header.port


@lru_cache(maxsize=2048)
def _shed(text: str, name: str) -> tuple[Place | None, str]:
    """The bonded shed, and the section of it that the code carries behind a slash."""
    code, _, section = text.partition("/")
    place = Place(code=code[:20] or None, scheme="facility", facility=name or None, role="storage")
    return place if code or name else None, section[:40]
