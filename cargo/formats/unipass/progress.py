"""One event of a cargo: ``cargCsclPrgsInfoDtlQryVo`` in the words of the house.

The process text decides the milestone; for an entry (반입신고) and a removal (반출신고) the content ``rlbrCn``
does. Three fields are overloaded: ``rlbrDttm`` is the time of entry or removal, but a bonded transport's
destination ``(도)02006116…``; ``rlbrBssNo`` is a broker, a carrier, a forwarder, a declaration number or
``연장반입기한:2020-06-15``; ``dclrNo`` is a declaration, a report or, on conveyance events, the manifest (MRN).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple

from cargo.domain import identifiers
from cargo.domain.codes import MILESTONES
from cargo.domain.customs import kr
from cargo.domain.event import Deadline, Event, Place, Problem, Quantity, Reference
from cargo.formats.unipass.cargo import CargoHeader
from cargo.formats.unipass.quantities import quantity

_NAME_LENGTH = 120
_NOTICE_LENGTH = 500
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_MANIFEST_SUFFIX = "00000001"
_DESTINATION = re.compile(r"\(도\)\s*([0-9A-Z]{8})\s*(.{0,120})")
_DECLARATION = re.compile(r"[0-9A-Z]{14,20}\Z")
_DIGITS = re.compile(r"[0-9]{14}|[0-9]{12}|[0-9]{8}")
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
_HOLDER_NAMES = {
    "import_declared": "broker",
    "bonded_transport_approved": "bonded_carrier",
    "manifest_accepted": "forwarder",
}


class _Reading(NamedTuple):
    milestone: str
    agency: str | None
    entry: bool
    removal: bool
    warnings: tuple[str, ...]


class _Times(NamedTuple):
    occurred: datetime
    reported: datetime | None
    warnings: tuple[str, ...]


def decode_event(header: CargoHeader, fields: dict[str, str], position: str, name: str) -> Event | Problem:
    """The event, or the one line that says why it cannot be read (it has no usable time)."""
    text = fields.get("cargTrcnRelaBsopTpcd", "")
    reading = _read(text, fields.get("rlbrCn", ""))
    times = _times(fields, moved=reading.entry or reading.removal)
    if times is None:
        shown = fields.get("prcsDttm", "")[:30]
        return Problem(position=f"{position}/prcsDttm", reason=f"{shown!r} is not a date and time", format=name)
    conveyance = _is_conveyance(header, fields.get("dclrNo", ""))
    amount, unread = (None, []) if conveyance else _amount(fields)
    row = MILESTONES[reading.milestone]
    context = dict(header.context)
    deadline = _read_overloaded(reading, fields, times.occurred, context)
    if header.goods and reading.milestone.startswith("manifest_"):
        context["goods"] = header.goods
    return Event(
        milestone=reading.milestone,
        level=_level(row.level, header, conveyance),
        effect=row.effect,
        occurred_local=times.occurred,
        occurred_at=times.occurred.replace(tzinfo=kr.KST),
        time_zone=kr.TIME_ZONE,
        time_basis="source_default",
        reported_at=times.reported.replace(tzinfo=kr.KST) if times.reported else None,
        references=header.references + _own_references(reading, fields, conveyance),
        place=_place(header, fields, context),
        transport=header.transport if reading.milestone in _WITH_TRANSPORT else None,
        quantity=amount,
        authority=kr.AUTHORITY,
        agency=reading.agency,
        deadline=deadline,
        plan=dict(header.plan) if header.plan else None,
        format=name,
        source_text=_source_text(text, fields.get("rlbrCn", "")),
        warnings=header.warnings + reading.warnings + times.warnings + tuple(unread),
        position=position,
        meaning=_meaning(header, fields),
        context=context,
    )


def _read(text: str, qualifier: str) -> _Reading:
    process = kr.phrase(text)
    entry, removal = process in kr.ENTRY_REPORTS, process in kr.REMOVAL_REPORTS
    meaning = kr.PROCESSES.get(process)
    if meaning is None:
        return _Reading("unknown", None, False, False, (f"unknown_status: {text[:80]}",))
    milestone = meaning.milestone
    if (entry or removal) and qualifier:
        found = (kr.ENTRIES if entry else kr.REMOVALS).get(kr.phrase(qualifier))
        if found is None:
            return _Reading(milestone, None, entry, removal, (f"unknown_qualifier: {qualifier[:80]}",))
        milestone = found
    effect = MILESTONES[milestone].effect
    agency = meaning.agency or (kr.AUTHORITY if effect in _CUSTOMS_EFFECTS else None)
    return _Reading(milestone, agency, entry, removal, ())


def _times(fields: dict[str, str], *, moved: bool) -> _Times | None:
    """When it happened and when customs processed it, both as Korean wall time.

    Goods moved at ``rlbrDttm`` where that is a time; everything else happened when it was processed.
    """
    processed = _wall_time(fields.get("prcsDttm", ""))
    content = fields.get("rlbrDttm", "")
    happened = _wall_time(content) if moved and content else None
    if happened is not None:
        warnings = () if processed else ("reported_time: prcsDttm is missing or not a time",)
        return _Times(happened, processed, warnings)
    if processed is None:
        return None
    unread = moved and content and not _DESTINATION.search(content)
    return _Times(processed, processed, (f"occurred_time: rlbrDttm {content[:30]!r} is not a time",) if unread else ())


def _wall_time(text: str) -> datetime | None:
    """``YYYYMMDDhhmmss`` or ``YYYY-MM-DD hh:mm:ss``; seconds or the whole time of day may be missing."""
    digits = text.translate(_TIME_MARKS)
    if not _DIGITS.fullmatch(digits):
        return None
    whole = digits.ljust(14, "0")
    if not _FIRST_YEAR <= int(whole[:4]) <= _LAST_YEAR:
        return None
    try:
        return datetime(
            int(whole[:4]), int(whole[4:6]), int(whole[6:8]), int(whole[8:10]), int(whole[10:12]), int(whole[12:])
        )
    except ValueError:
        return None


def _is_conveyance(header: CargoHeader, declaration: str) -> bool:
    """Whether the declaration number is the manifest's own: MRN, alone or followed by 00000001."""
    mrn, suffix = declaration[:11], declaration[11:]
    return identifiers.is_mrn(mrn) and suffix in ("", _MANIFEST_SUFFIX) and header.mrn in (None, mrn)


def _level(default: str, header: CargoHeader, conveyance: bool) -> str:
    """The table's level, but goods are told of by cargo number and never by container."""
    if conveyance:
        return "conveyance"
    return header.level if default in ("house", "container") else default


def _amount(fields: dict[str, str]) -> tuple[Quantity | None, list[str]]:
    return quantity(fields.get("pckGcnt"), fields.get("pckUt"), fields.get("wght"), fields.get("wghtUt"))


def _own_references(reading: _Reading, fields: dict[str, str], conveyance: bool) -> tuple[Reference, ...]:
    """The manifest or the declaration that this event is about."""
    declared = fields.get("dclrNo", "")
    if conveyance:
        return (Reference("manifest", declared[:11]),)
    number = fields.get("rlbrBssNo", "") if reading.entry or reading.removal else declared
    applies = reading.entry or reading.removal or reading.milestone in _ON_DECLARATION
    if applies and _DECLARATION.match(number):
        return (Reference("declaration", number),)
    return ()


def _read_overloaded(
    reading: _Reading, fields: dict[str, str], occurred: datetime, context: dict[str, Any]
) -> Deadline | None:
    """Sort what the overloaded fields and the notice hold into the context; the deadline, if one is stated."""
    basis = fields.get("rlbrBssNo", "")
    destination = _DESTINATION.search(fields.get("rlbrDttm", ""))
    if destination is not None:
        context["destination"] = {"facility": destination[1], "name": destination[2].strip()}
    if reading.milestone in _HOLDER_NAMES and basis:
        context[_HOLDER_NAMES[reading.milestone]] = basis[:_NAME_LENGTH]
    if fields.get("dclrNo") and (reading.entry or reading.removal or reading.milestone not in _ON_DECLARATION):
        context["report_number"] = fields["dclrNo"][:40]
    limit = _stated_limit(reading.milestone, basis)
    return _read_notice(fields.get("bfhnGdncCn", ""), occurred, context) or limit


def _stated_limit(milestone: str, basis: str) -> Deadline | None:
    if milestone == "entry_extension_approved":
        limit = kr.date_in(basis)
        return Deadline("entry_limit", limit) if limit else None
    if milestone == "removal_extension_approved":
        limit = kr.extension_date(basis)
        return Deadline("removal", limit) if limit else None
    return None


def _read_notice(text: str, occurred: datetime, context: dict[str, Any]) -> Deadline | None:
    if not text:
        return None
    context["notice"] = text[:_NOTICE_LENGTH]
    limits = kr.notice(text)
    if limits.removal_days:
        context["removal_days"] = limits.removal_days
    if not limits.storage_months:
        return None
    context["storage_months"] = limits.storage_months
    return Deadline("storage_limit", kr.months_later(occurred.date(), limits.storage_months))


def _place(header: CargoHeader, fields: dict[str, str], context: dict[str, Any]) -> Place | None:
    """The bonded shed where the event names one (its code may carry a section), else the port of discharge."""
    code, _, section = fields.get("shedSgn", "").partition("/")
    name = fields.get("shedNm", "")[:_NAME_LENGTH] or None
    if section:
        context["shed_section"] = section[:40]
    if not code and not name:
        return header.port
    return Place(code=code[:20] or None, scheme="facility", facility=name, role="storage")


def _source_text(text: str, qualifier: str) -> str | None:
    words = f"{text}: {qualifier}" if text and qualifier else text or qualifier
    return words[:300] or None


def _meaning(header: CargoHeader, fields: dict[str, str]) -> str:
    """What makes this event itself, in whatever wording: customs gives events no number."""
    parts = (
        header.number,
        kr.phrase(fields.get("cargTrcnRelaBsopTpcd", "")),
        fields.get("prcsDttm", "").translate(_TIME_MARKS),
        fields.get("dclrNo", ""),
        kr.phrase(fields.get("rlbrCn", "")),
        fields.get("rlbrDttm", "").translate(_TIME_MARKS),
        fields.get("rlbrBssNo", ""),
        fields.get("shedSgn", ""),
        fields.get("pckGcnt", ""),
        fields.get("wght", ""),
    )
    return "|".join(parts)
