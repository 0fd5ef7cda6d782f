"""Lead-time stages: which part of the way took how long, with rules for histories that keep no order.

A stage is named ``FROM__TO`` by its milestones. Its clock starts at the later of its two natural starts: its own FROM
milestone and the goods being there (in storage, or arrived while no entry is told). So a declaration lodged before the
goods are in storage delayed nothing (0 seconds), and customs' time then runs from the entry. What happened before its
clock could start lasts 0. Rules:

- storage counts from the *last* entry, at the port or after a bonded transport;
- of several declarations the first that was neither rejected nor withdrawn counts;
- only a release that stands for all of the cargo ends a stage; one that was taken back ends nothing;
- gate-out is complete when the removed quantity reaches the manifested one (``View.gated_out_at``);
- of several containers the last one counts;
- a bonded transport is measured once for each movement.

An open stage has an end to come. A stage whose end no source told although the goods are past it is left out.
Only actual events count. The totals run from arrival to release and to gate-out.
Source: the WCO Time Release Study's idea of measuring arrival to release stage by stage (version 3, 2018), with the
stages of the Korea Customs Service (arrival, unloading, storage, declaration, release, removal).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cargo.domain.codes import MILESTONES
from cargo.domain.readiness import whole_release
from cargo.domain.state import ACTUAL
from cargo.domain.view import View

STAGES = (
    "export_declared__export_cleared",
    "export_cleared__gate_in",
    "gate_in__loaded",
    "loaded__departed",
    "departed__arrived",
    "arrived__discharge_approved",
    "arrived__discharged",
    "discharge_approved__bonded_storage_in",
    "bonded_transport_departed__bonded_transport_arrived",
    "bonded_storage_in__import_declared",
    "import_declared__customs_released",
    "customs_released__gate_out",
    "discharged__gate_out",
    "gate_out__empty_returned",
    "arrived__customs_released",
    "arrived__gate_out",
)
_ORDER = {stage: index for index, stage in enumerate(STAGES)}
_WITHDRAWN = frozenset({"declaration_rejected", "declaration_cancelled"})
_EXPORT_WITHDRAWN = frozenset({"export_clearance_cancelled", "export_declaration_rejected"})
_RELEASES = frozenset({"customs_released", "customs_released_provisional"})
_CUSTOMS = frozenset(code for code, row in MILESTONES.items() if row.group in ("import customs", "bonded movement"))


@dataclass(slots=True)
class Stage:
    """One stage, in whole seconds since 1970 (UTC); ``ended_at`` and ``seconds`` are ``None`` while it is open."""

    stage: str
    started_at: int
    ended_at: int | None
    seconds: int | None


@dataclass(slots=True)
class _Rule:
    """How one stage is measured. ``beside`` is its other natural start; ``passed``: no end will be told any more."""

    stage: str
    begun: int | None
    ended: int | None
    passed: bool = False
    beside: int | None = None


def measure(view: View) -> list[Stage]:
    """The stages that can be measured or are open, in the order of ``STAGES``. Pure; equal views give equal stages."""
    facts = _Facts(view)
    found = _bonded_transports(facts, passed=view.gated_out_at is not None)
    for rule in (*_export_and_ocean(view, facts), *_import(view, facts)):
        stage = _stage(rule)
        if stage is not None:
            found.append(stage)
    return sorted(found, key=lambda stage: (_ORDER[stage.stage], stage.started_at))


def _stage(rule: _Rule) -> Stage | None:
    if rule.begun is None or (rule.ended is None and rule.passed):
        return None
    started = rule.begun if rule.beside is None else max(rule.begun, rule.beside)
    if rule.ended is None:
        return Stage(rule.stage, started, None, None)
    started = min(started, rule.ended)
    return Stage(rule.stage, started, rule.ended, rule.ended - started)


class _Facts:
    """The actual happenings of a view by milestone: instant, container's number, declaration."""

    __slots__ = ("_by_milestone", "_boxes", "boxes_speak", "customs_speaks")

    def __init__(self, view: View) -> None:
        self._by_milestone: dict[str, list[tuple[int, str, str]]] = {}
        self._boxes = frozenset(container.number for container in view.containers)
        self.boxes_speak = False
        self.customs_speaks = False
        for occurrence in view.occurrences:
            entry = occurrence.entry
            if entry.classifier != ACTUAL or occurrence.occurred is None or entry.implausible:
                continue
            happening = (occurrence.occurred, occurrence.subject, entry.declaration)
            self._by_milestone.setdefault(occurrence.milestone, []).append(happening)
            if occurrence.subject:
                self.boxes_speak = True
            if occurrence.milestone in _CUSTOMS:
                self.customs_speaks = True

    def instants(self, *milestones: str) -> list[int]:
        return [happening[0] for milestone in milestones for happening in self._by_milestone.get(milestone, ())]

    def first(self, *milestones: str) -> int | None:
        return min(self.instants(*milestones), default=None)

    def last(self, *milestones: str) -> int | None:
        return max(self.instants(*milestones), default=None)

    def every(self, milestone: str) -> int | None:
        """When the last of the containers did it for the first time; ``None`` while one of them has not."""
        firsts: dict[str, int] = {}
        for at, subject, _ in self._by_milestone.get(milestone, ()):
            firsts[subject] = min(at, firsts.get(subject, at))
        if not firsts or ("" not in firsts and not self._boxes <= firsts.keys()):
            return None
        return max(firsts.values())

    def standing(self, milestone: str, withdrawn_by: Iterable[str]) -> list[int]:
        """The instants that no later withdrawal of the same declaration took back."""
        withdrawals = [happening for code in withdrawn_by for happening in self._by_milestone.get(code, ())]
        return [
            at
            for at, _, declaration in self._by_milestone.get(milestone, ())
            if not any(
                later >= at and (not declaration or not number or declaration == number)
                for later, _, number in withdrawals
            )
        ]


def _export_and_ocean(view: View, facts: _Facts) -> Iterable[_Rule]:
    arrived, gone = view.arrived_at, view.gated_out_at
    cleared = max(facts.standing("export_cleared", _EXPORT_WITHDRAWN), default=None)
    gate_in, loaded, departed = facts.every("gate_in"), facts.every("loaded"), facts.last("departed")
    discharged, returned = facts.every("discharged"), facts.every("empty_returned")
    sailed = departed is not None or arrived is not None
    landed = gone is not None or bool(facts.instants("bonded_storage_in", "bonded_transport_arrived"))
    shared = view.load == "lcl"
    return (
        _Rule("export_declared__export_cleared", facts.first("export_declared"), cleared, sailed),
        _Rule("export_cleared__gate_in", cleared, gate_in, sailed or loaded is not None),
        _Rule("gate_in__loaded", gate_in, loaded, sailed),
        _Rule("loaded__departed", loaded, departed, arrived is not None),
        _Rule("departed__arrived", departed, arrived, landed or discharged is not None),
        _Rule("arrived__discharged", arrived, discharged, landed or not facts.boxes_speak),
        _Rule("discharged__gate_out", discharged, gone, returned is not None),
        _Rule("gate_out__empty_returned", gone, returned, shared or not facts.boxes_speak),
    )


def _import(view: View, facts: _Facts) -> Iterable[_Rule]:
    arrived, gone = view.arrived_at, view.gated_out_at
    approved = facts.first("discharge_approved")
    entered = facts.last("bonded_storage_in", "bonded_transport_arrived")
    declared = min(facts.standing("import_declared", _WITHDRAWN), default=None)
    release = whole_release(view)
    released = release.released_at if release is not None and release.entry.milestone in _RELEASES else None
    there = entered if entered is not None else arrived
    done, silent = gone is not None, not facts.customs_speaks
    landed = done or entered is not None
    return (
        _Rule("arrived__discharge_approved", arrived, approved, landed or silent),
        _Rule("discharge_approved__bonded_storage_in", approved, _first_storage(facts), done, arrived),
        _Rule("bonded_storage_in__import_declared", entered, declared, done or released is not None, arrived),
        _Rule("import_declared__customs_released", declared, released, done, there),
        _Rule("customs_released__gate_out", released, gone, False, there),
        _Rule("arrived__customs_released", arrived, released, done or silent),
        _Rule("arrived__gate_out", arrived, gone, bool(facts.instants("empty_returned", "delivered"))),
    )


def _first_storage(facts: _Facts) -> int | None:
    """The entry at the place of unloading: the last one before the goods moved on under bond.

    Goods that went straight on under bond entered storage where that transport ended.
    """
    moved_on = facts.first("bonded_transport_departed")
    entries = facts.instants("bonded_storage_in")
    before = [at for at in entries if moved_on is None or at <= moved_on]
    if before:
        return max(before)
    return min([*entries, *facts.instants("bonded_transport_arrived")], default=None)


def _bonded_transports(facts: _Facts, passed: bool) -> list[Stage]:
    """One stage for each movement under bond: from the first lot's departure to the last lot's arrival."""
    moves = sorted(
        [(at, False) for at in facts.instants("bonded_transport_departed")]
        + [(at, True) for at in facts.instants("bonded_transport_arrived")]
    )
    name = "bonded_transport_departed__bonded_transport_arrived"
    found: list[Stage] = []
    for at, inward in moves:
        current = found[-1] if found else None
        if inward and current is not None:
            current.ended_at, current.seconds = at, at - current.started_at
        elif not inward and (current is None or current.ended_at is not None):
            found.append(Stage(name, at, None, None))
    if found and found[-1].ended_at is None and passed:
        found.pop()
    return found
