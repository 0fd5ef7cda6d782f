"""What must happen by when in Korea: declare, enter the unloading place, remove, leave storage; load for export.

Rules are data with their legal source. A day counts in Korean time and ends at 23:59:59; the first day is excluded
(Customs Act art. 8(2), Civil Act art. 157). The last day of a period that the law counts moves off a Saturday or Sunday
(Customs Act art. 8(3)); public holidays are not known here, so a deadline is at most too early. A day that a source
states itself is not moved. Surcharges and fines apply only in sheds that customs has listed (``Shed``): while a shed's
flags are unknown the basis says ``…_if_listed``. Where none follows, the time for declaring is still told
(``…_no_surcharge``), but a time for removing there is not: that duty itself is one of listed sheds.
Where a period may count from several instants the earliest is taken, to be on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import zip_longest
from typing import NamedTuple

from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import View

AUTHORITY = "KR-KCS"
_KST = timezone(timedelta(hours=9))
_DAY_END = time(23, 59, 59)
ENTRIES = frozenset({"bonded_storage_in", "bonded_transport_arrived"})


class Shed(NamedTuple):
    """What customs says of a bonded warehouse (``None``: it is not known).

    ``late_removal_fine``: whether a fine follows when released goods stay; ``late_declaration_surcharge``: whether a
    surcharge follows when goods are declared late.
    """

    late_removal_fine: bool | None = None
    late_declaration_surcharge: bool | None = None


# By the code of the shed. What is not in it is not known.
Sheds = Mapping[str, Shed]
NO_SHEDS: Sheds = {}
_UNKNOWN = Shed()


class Rule(NamedTuple):
    """A period counted by law. ``kind`` names the deadline, ``basis`` why it is that day."""

    kind: str
    basis: str
    days: int
    source: str


IMPORT_DECLARATION = Rule(
    "import_declaration", "import_declaration_30_days_if_listed", 30, "Customs Act (KR) art. 241(3) and (4)"
)
REMOVAL = Rule("removal", "removal_15_days_if_listed", 15, "Customs Act (KR) art. 157-2")
_DECLARATION_BASES = {
    None: IMPORT_DECLARATION.basis,
    True: "import_declaration_30_days",
    False: "import_declaration_30_days_no_surcharge",
}
_REMOVAL_BASES = {None: REMOVAL.basis, True: "removal_15_days"}
# Told, but nothing follows if it is missed, so that nobody is alarmed.
WITHOUT_CONSEQUENCE = frozenset({_DECLARATION_BASES[False]})
LOADING = Rule("loading", "loading_30_days", 30, "Customs Act (KR) art. 251(1)")
_STORAGE_SOURCE = "Customs Act (KR) art. 170 and 177, by the shed's notice"
_ENTRY_SOURCE = "extension of entry into the unloading place, granted by customs"


@dataclass(slots=True)
class DeadlineView:
    """One deadline, in whole seconds since 1970 (UTC); ``due_at`` is the last second in time.

    ``basis`` is a code, ``source`` the legal source, ``text`` the source's own notice where there is one.
    ``met_at`` is when what was due happened, early or late, or ``None``.
    """

    kind: str
    due_at: int
    basis: str
    met_at: int | None
    source: str
    text: str | None = None


def sheds_of(entries: Iterable[Entry]) -> set[str]:
    """The codes of the bonded warehouses that the goods entered: what ``deadlines`` should be told of."""
    return {entry.place for entry in entries if entry.milestone in ENTRIES and entry.place and _is_korean(entry)}


def deadlines(view: View, entries: Iterable[Entry], sheds: Sheds = NO_SHEDS) -> list[DeadlineView]:
    """The deadlines of a shipment that Korean customs speaks of, by due time; empty for any other. Pure."""
    korean = [entry for entry in entries if _is_korean(entry)]
    if not korean:
        return []
    stored = sorted(
        (entry for entry in korean if entry.milestone in ENTRIES and entry.occurred is not None),
        key=lambda entry: (entry.occurred or 0, entry.id),
    )
    found = [
        *_import_declaration(view, stored, sheds),
        *_removal(view, korean, sheds.get(stored[-1].place, _UNKNOWN) if stored else _UNKNOWN),
        *_loading(view, korean),
        *_storage(view, korean, stored),
        *_entry(korean, stored),
    ]
    return sorted(found, key=lambda deadline: (deadline.due_at, deadline.kind, deadline.basis))


def _is_korean(entry: Entry) -> bool:
    return entry.authority == AUTHORITY and entry.classifier == ACTUAL


def _import_declaration(view: View, stored: list[Entry], sheds: Sheds) -> list[DeadlineView]:
    """Counted from the first entry into a shed where a surcharge follows, or may."""
    if not stored:
        return []
    told = [(entry, sheds.get(entry.place, _UNKNOWN).late_declaration_surcharge) for entry in stored]
    entry, surcharge = next((pair for pair in told if pair[1] is not False), told[0])
    rule = IMPORT_DECLARATION
    due = _after(entry.occurred or 0, rule.days)
    met = None if view.clearance.state in ("rejected", "cancelled") else view.clearance.declared_at
    return [DeadlineView(rule.kind, due, _DECLARATION_BASES[surcharge], met, rule.source)]


def _removal(view: View, korean: list[Entry], shed: Shed) -> list[DeadlineView]:
    """Of several declarations the one that is due first; none while no release stands. ``shed``: entered last."""
    found = []
    for release in view.clearance.releases:
        entry = release.entry
        if release.revoked_at is not None or release.released_at is None or entry.authority != AUTHORITY:
            continue
        if entry.milestone == "export_cleared":
            continue
        own = [other for other in korean if _same_declaration(other, entry)]
        extension = max(
            (other for other in own if other.deadline_kind == "removal" and other.deadline),
            key=lambda other: (other.deadline, other.id),
            default=None,
        )
        notice = max(
            (other for other in own if other.facts and "removal_days" in other.facts),
            key=lambda other: (other.occurred or 0, other.id),
            default=None,
        )
        met = view.gated_out_at
        if extension is not None:
            due = _end_of(date.fromisoformat(extension.deadline))
            found.append(DeadlineView("removal", due, "removal_extended", met, REMOVAL.source, _notice(extension)))
        elif notice is not None and notice.facts:
            due = _after(release.released_at, int(notice.facts["removal_days"]))
            found.append(DeadlineView("removal", due, "removal_days_by_notice", met, REMOVAL.source, _notice(notice)))
        elif shed.late_removal_fine in _REMOVAL_BASES:
            due = _after(release.released_at, REMOVAL.days)
            found.append(DeadlineView("removal", due, _REMOVAL_BASES[shed.late_removal_fine], met, REMOVAL.source))
    return sorted(found, key=lambda deadline: (deadline.due_at, deadline.basis))[:1]


def _loading(view: View, korean: list[Entry]) -> list[DeadlineView]:
    """The last day to load what was cleared for export, as customs states it or 30 days from the acceptance.

    Of several declarations the one that is due first among those not loaded completely. A part load does not meet it;
    where only the carrier tells, the vessel's departure does.
    """
    found = []
    exported = [entry for entry in korean if entry.milestone == "exported"]
    sailed = [occurrence.occurred for occurrence in view.actual("departed") if occurrence.entry.authority != AUTHORITY]
    for release in view.clearance.releases:
        entry = release.entry
        if release.revoked_at is not None or release.released_at is None or entry.milestone != "export_cleared":
            continue
        loaded = [other.occurred for other in exported if _same_declaration(other, entry)]
        met = min((at for at in loaded or sailed if at is not None), default=None)
        if loaded and met is None:
            continue  # loaded, and nobody says when
        if entry.deadline_kind == LOADING.kind and entry.deadline:
            due, basis = _end_of(date.fromisoformat(entry.deadline)), "loading_by_customs"
        else:
            due, basis = _after(release.released_at, LOADING.days), LOADING.basis
        found.append(DeadlineView(LOADING.kind, due, basis, met, LOADING.source))
    return sorted(found, key=lambda deadline: (deadline.met_at is not None, deadline.due_at, deadline.basis))[:1]


def _storage(view: View, korean: list[Entry], stored: list[Entry]) -> list[DeadlineView]:
    """One limit for each shed, from the first entry there; an extension moves the limit of the shed entered last."""
    sheds: dict[str, Entry] = {}
    for entry in stored:
        sheds.setdefault(entry.place, entry)
    granted = max((entry.deadline for entry in korean if entry.milestone == "storage_extension_approved"), default="")
    left = sorted(
        occurrence.occurred
        for occurrence in view.actual("bonded_transport_departed")
        if occurrence.occurred is not None
    )
    found = []
    firsts = list(sheds.values())
    for entry, following in zip_longest(firsts, firsts[1:]):
        if entry.deadline_kind != "storage_limit" or not entry.deadline:
            continue
        entered = entry.occurred or 0
        out = following.occurred if following is not None else view.gated_out_at
        met = next((at for at in left if at >= entered), out)
        limit, basis = entry.deadline, "storage_months_by_notice"
        if following is None and granted > limit:
            limit, basis = granted, "storage_extended"
        due = _end_of(date.fromisoformat(limit))
        found.append(DeadlineView("storage_limit", due, basis, met, _STORAGE_SOURCE, _notice(entry)))
    return found


def _entry(korean: list[Entry], stored: list[Entry]) -> list[DeadlineView]:
    """The limit for entering the unloading place, as the latest extension says."""
    extensions = [entry for entry in korean if entry.deadline_kind == "entry_limit" and entry.deadline]
    if not extensions:
        return []
    latest = max(extensions, key=lambda entry: (entry.occurred or 0, entry.deadline, entry.id))
    due = _end_of(date.fromisoformat(latest.deadline))
    met = stored[0].occurred if stored else None
    return [DeadlineView("entry_limit", due, "entry_extended", met, _ENTRY_SOURCE, _notice(latest))]


def _same_declaration(one: Entry, other: Entry) -> bool:
    return not one.declaration or not other.declaration or one.declaration == other.declaration


def _notice(entry: Entry) -> str | None:
    text = entry.facts.get("notice") if entry.facts else None
    return str(text) if text else None


def _after(instant: int, days: int) -> int:
    """The end of the last of ``days`` days, the first excluded, moved off Saturday and Sunday."""
    last = datetime.fromtimestamp(instant, _KST).date() + timedelta(days=days)
    while last.weekday() >= 5:
        last += timedelta(days=1)
    return _end_of(last)


def _end_of(day: date) -> int:
    return int(datetime.combine(day, _DAY_END, _KST).timestamp())
