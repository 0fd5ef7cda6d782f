"""One shipment as Korean customs told it: entries into bonded warehouses, releases that stand, and the rules for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cargo.domain.customs.counting import day_of
from cargo.domain.customs.kr import AUTHORITY, TIME_ZONE
from cargo.domain.deadline import DeadlineView
from cargo.domain.deadline_rules import Rule, RuleBook
from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import Release, View

ENTRIES = frozenset({"bonded_storage_in", "bonded_transport_arrived"})
IMPORT_RELEASES = frozenset({"customs_released", "customs_released_provisional"})
_OFFICE = 3


def _stated(kind: str, responsible: str, next_action: str, law: str) -> dict[str, Any]:
    words = {"kind": kind, "basis": "", "starts": (), "meets": (), "law": law}
    return {**words, "responsible": responsible, "next_action": next_action}


_STATED: dict[str, dict[str, Any]] = {
    "removal": _stated("removal", "importer", "collect", "Customs Act (KR) art. 157-2"),
    "storage_limit": _stated("storage_limit", "importer", "collect", "Customs Act (KR) art. 170 and 177"),
    "entry_limit": _stated("entry_limit", "carrier", "enter_storage", "KCS notice on unloading"),
    "loading": _stated("loading", "exporter", "load_cargo", "Customs Act (KR) art. 251(1)"),
}


class Shed(NamedTuple):
    """What customs says of a bonded warehouse (``None``: it is not known).

    ``late_removal_fine``: whether a fine follows when released goods stay; ``late_declaration_surcharge``: whether a
    surcharge follows when goods are declared late.
    """

    late_removal_fine: bool | None = None
    late_declaration_surcharge: bool | None = None


# By the code of the warehouse. What is not in it is not known.
Sheds = Mapping[str, Shed]
NO_SHEDS: Sheds = {}
_UNKNOWN = Shed()


@dataclass(slots=True)
class Case:
    """One shipment: what customs said of it (``korean``), and the entries into warehouses by time (``stored``)."""

    view: View
    korean: list[Entry]
    rules: RuleBook
    sheds: Sheds
    stored: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        stored = (entry for entry in self.korean if entry.milestone in ENTRIES and entry.occurred is not None)
        self.stored = sorted(stored, key=time_of)

    def shed(self, place: str) -> Shed:
        return self.sheds.get(place, _UNKNOWN)

    def rule(self, kind: str, begins: int, *, load: str = "", place: str = "") -> Rule | None:
        day = day_of(begins, TIME_ZONE)
        return self.rules.choose(AUTHORITY, kind, day, mode=self.view.mode, load=load, office=place[:_OFFICE])

    def for_stated(self, kind: str, begins: int, *, load: str = "", place: str = "") -> Rule:
        """For a day that customs states itself: it stands, and alerts, even where staff switched the rule off."""
        rule = self.rule(kind, begins, load=load, place=place) or Rule(code="", authority=AUTHORITY, **_STATED[kind])
        return rule._replace(alerts=True)


def sheds_of(entries: Iterable[Entry]) -> set[str]:
    """The codes of the bonded warehouses that the goods entered: what the flags should be looked up of."""
    return {entry.place for entry in entries if entry.milestone in ENTRIES and entry.place and is_korean(entry)}


def is_korean(entry: Entry) -> bool:
    """Whether Korean customs says that it happened."""
    return entry.authority == AUTHORITY and entry.classifier == ACTUAL


def standing(case: Case, milestones: frozenset[str]) -> list[Release]:
    """The releases by Korean customs that stand and whose time is known."""
    return [
        release
        for release in case.view.clearance.releases
        if release.revoked_at is None
        and release.released_at is not None
        and release.entry.authority == AUTHORITY
        and release.entry.milestone in milestones
    ]


def same_declaration(one: Entry, other: Entry) -> bool:
    """Whether both are about one declaration, as far as both name it."""
    return not one.declaration or not other.declaration or one.declaration == other.declaration


def in_order(entries: Iterable[Entry], milestone: str) -> list[Entry]:
    """Those of a milestone whose time is known, in order of it."""
    return sorted(
        (entry for entry in entries if entry.milestone == milestone and entry.occurred is not None), key=time_of
    )


def time_of(entry: Entry) -> tuple[int, str]:
    """In order of time, and of equal times always the same."""
    return (entry.occurred or 0, entry.id)


def unmet_first(deadline: DeadlineView) -> tuple[bool, int, str]:
    """What is still open before what was met, then by when it is due."""
    return (deadline.met_at is not None, deadline.due_at, deadline.basis)
