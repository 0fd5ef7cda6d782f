"""Which stages are still to come, and from which stage under way on: learned by share, without any arithmetic of time.

A stage is on the way if at least half of the cargo that ended had it: at that port and mode, or where too few ended
there in that mode. Of customs' stages the cargo that customs told of counts, of the boxes' that which boxes told of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from cargo.domain.forecast.cargo import (
    ARRIVAL,
    BOXES,
    CLEARING,
    CUSTOMS,
    DECLARING,
    GATE_OUT,
    RELEASE,
    StageTold,
    end_of,
)
from cargo.domain.forecast.comparable import LEAST_CARGOES, LEAST_ENDED, LEAST_ORGANIZATIONS

_HALF = 0.5
# These begin where the cargo is ashore; a declaration, an approval and a release may all come before.
_ASHORE = ("arrived", "discharged", "bonded_storage_in", "bonded_transport_departed", "gate_out")
_SPOKEN = frozenset({*CUSTOMS, RELEASE})


class Ended(NamedTuple):
    """A cargo that reached its release or the gate, and the stages that ended on its way."""

    organization: str
    mode: str
    port: str
    stages: frozenset[str]


class Ways:
    """The stages that are usual at a port and mode."""

    def __init__(self, ended: Iterable[Ended]) -> None:
        groups: dict[tuple[str, str | None], list[Ended]] = {}
        for cargo in ended:
            if RELEASE in cargo.stages or GATE_OUT in cargo.stages:
                groups.setdefault((cargo.mode, cargo.port), []).append(cargo)
                groups.setdefault((cargo.mode, None), []).append(cargo)
        self._usual: dict[tuple[str, str | None], frozenset[str]] = {}
        for (mode, port), cargoes in groups.items():
            clients = {cargo.organization for cargo in cargoes}
            enough = len(cargoes) >= LEAST_CARGOES and len(clients) >= LEAST_ORGANIZATIONS
            if enough if port is not None else len(cargoes) >= LEAST_ENDED:
                self._usual[mode, port] = _usual(cargoes)

    def usual(self, mode: str, port: str) -> frozenset[str]:
        """The stages on the way there, and of ``RELEASE`` and ``GATE_OUT`` those that are usually told."""
        return self._usual.get((mode, port)) or self._usual.get((mode, None)) or frozenset()


def _usual(cargoes: Collection[Ended]) -> frozenset[str]:
    found: set[str] = set()
    gone = [cargo for cargo in cargoes if GATE_OUT in cargo.stages]
    cleared = [cargo for cargo in cargoes if RELEASE in cargo.stages]
    boxed = [cargo for cargo in cargoes if not cargo.stages.isdisjoint(BOXES)]
    for goal, members in ((RELEASE, cleared), (GATE_OUT, gone)):
        if len(members) >= _HALF * len(cargoes):
            found.add(goal)
    for way, members in ((CUSTOMS, cleared), (BOXES, boxed)):
        left = [cargo for cargo in members if GATE_OUT in cargo.stages]
        for stage in way:
            counted = left if end_of(stage) == end_of(GATE_OUT) else members
            had = sum(stage in cargo.stages for cargo in counted)
            if len(counted) >= LEAST_ENDED and had >= _HALF * len(counted):
                found.add(stage)
    if len(boxed) < _HALF * len(cargoes):
        found.discard(BOXES[0])
    return frozenset(found)


class Leg(NamedTuple):
    """A stage under way and those that follow it; ``now`` is ``ARRIVAL`` before the arrival."""

    now: str
    to_come: tuple[str, ...]


class Route(NamedTuple):
    """What is to be forecast: legs, and open stages each by itself. ``ashore``: the cargo has arrived."""

    legs: list[Leg]
    alone: list[str]
    ashore: bool = False


def route(rows: Mapping[str, StageTold], usual: Collection[str], known: Collection[str], awaited: bool) -> Route:
    """What is to be forecast of a cargo. ``rows``: its stages, those open for far too long left out. Pure.

    ``known``: the stages with enough history; ``awaited``: whether an estimate or plan of its arrival counts.
    """
    opened = {stage for stage, row in rows.items() if row.ended_at is None}
    ended = rows.keys() - opened
    if any(end_of(stage) == "gate_out" for stage in ended) or "gate_out__empty_returned" in rows:
        return Route([], sorted(opened & set(known)), True)
    skipped = ended | _skipped(rows)
    ashore = ARRIVAL not in opened and any(stage.split("__")[0] in _ASHORE for stage in rows)
    if ashore:
        legs = _ashore(opened, skipped, usual, known)
        supposed = {RELEASE} if RELEASE in usual and GATE_OUT in opened and _SPOKEN.isdisjoint(rows) else set()
    else:
        begins = awaited or (ARRIVAL in opened and ARRIVAL in known)
        legs = _from_arrival(skipped, usual, known) if begins else []
        # What counts from an arrival that is to come has no start that could be counted from.
        opened -= {CLEARING, CUSTOMS[-1], CUSTOMS[1]}
        supposed = set()
    told = {end_of(stage) for leg in legs for stage in (leg.now, *leg.to_come)}
    alone = [stage for stage in sorted(opened | supposed) if end_of(stage) not in told and stage in known]
    return Route(legs, alone, ashore)


def _skipped(rows: Mapping[str, StageTold]) -> set[str]:
    """What needs no forecast although it never was a stage of its own: declared ahead, released."""
    released = CUSTOMS[-1] in rows
    declared = released or CLEARING in rows or any(row.declared_ahead for row in rows.values())
    return ({DECLARING} if declared else set()) | ({CLEARING, RELEASE} if released else set())


def _ashore(
    opened: Collection[str], skipped: Collection[str], usual: Collection[str], known: Collection[str]
) -> list[Leg]:
    legs = []
    for way in (CUSTOMS, BOXES):
        under_way = [stage for stage in way if stage in opened]
        if not under_way:
            continue
        now = under_way[-1]
        # Declared before it was stored: customs' clock begins with the storage, if storage is usual there.
        before = [stage for stage in under_way[:-1] if stage in usual]
        if now == CLEARING and before:
            now = before[-1]
        if now in known:
            following = way[way.index(now) + 1 :]
            legs.append(Leg(now, _cut((s for s in following if s in usual and s not in skipped), known)))
    return legs


def _from_arrival(skipped: Collection[str], usual: Collection[str], known: Collection[str]) -> list[Leg]:
    legs = [
        Leg(ARRIVAL, _cut((s for s in way if s in usual and s not in skipped), known)) for way in _usual_ways(usual)
    ]
    told = {end_of(stage) for leg in legs for stage in leg.to_come}
    for total in (RELEASE, GATE_OUT):
        if total in usual and total in known and total not in skipped and end_of(total) not in told:
            legs.append(Leg(ARRIVAL, (total,)))
    return legs or [Leg(ARRIVAL, ())]


def _usual_ways(usual: Collection[str]) -> list[tuple[str, ...]]:
    """Customs' way where a release is usually told, the boxes' where their unloading is."""
    return [way for way, sign in ((CUSTOMS, RELEASE), (BOXES, BOXES[0])) if sign in usual]


def _cut(stages: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """The stages up to the first of which too little is known."""
    found = []
    for stage in stages:
        if stage not in known:
            break
        found.append(stage)
    return tuple(found)
