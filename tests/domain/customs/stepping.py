"""Tables of clearance histories: what is true after each step, and the same at the end in every order of arrival.

A row is a ``History``: ``name``, ``why`` (a few words that a broker would accept), ``steps`` and, where it matters, a
``plan`` (``cargo.domain.view.Plan``). A step is what is told next and what is then expected::

    History(
        "examined_then_released",
        "1A files the entry with an intensive examination; 1B says it is done and releases.",
        [
            Step([us("1A", "2026-03-02 09:00")], "held", holds=["US-CBP 1A"], lights={"customs": "blocked"}),
            Step([us("1B", "2026-03-04 10:00")], "released", lights={"customs": "ok"}, rollup="1 of 1 container"),
        ],
    )

- ``entries``: a list of ``Entry`` (``histories.customs``, ``histories.entry``, or a short word of the table's own).
- ``state``: the customs state, always checked.
- ``holds``: the open holds, always checked, sorted: agency, the authority's code or else the kind, and the container's
  number if it names one: ``"KR-KCS inspection"``, ``"US-USDA 71 CSQU3054383"``. Default: none is open.
- ``lights``: those that matter, by name. ``ready``: checked unless left out.
- ``rollup``: ``"7 of 9 container"``, ``"60 of 100 quantity CT"``, ``"1 of 2 declaration"``, ``""`` for none; checked
  unless left out.
- ``deadlines``: by kind the day that is due in Korean time, ``"2026-04-01"``, or ``"met"``; the whole dictionary is
  compared; checked unless left out. ``walk(history, due)`` is told how they are found.
- ``containers``: by number whether it may be collected (``container_releases``); checked unless left out.
- ``releases``: each release in order of its time as ``"stands"``, ``"withheld"`` or ``"revoked"``; checked unless left
  out.

``walk`` checks a row; a table is one ``pytest.mark.parametrize("history", TABLE, ids=name_of)`` test that calls it.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cargo.domain.container_release import container_releases
from cargo.domain.customs.rollup import rolled_up
from cargo.domain.derive import derive
from cargo.domain.state import Entry, merge, merge_into, pack
from cargo.domain.view import Hold, Plan, Release, View
from tests.domain.histories import lights_of

ALL_ORDERS_UP_TO = 5
SHUFFLES = 40
ANY: Any = object()
Due = Callable[[View, list[Entry]], dict[str, str]]


class Step(NamedTuple):
    """What is told next, and what is true then; see above."""

    entries: Sequence[Entry]
    state: str
    holds: Sequence[str] = ()
    lights: Mapping[str, str] = {}
    ready: bool | None = ANY
    rollup: str = ANY
    deadlines: Mapping[str, str] = ANY
    containers: Mapping[str, bool | None] = ANY
    releases: Sequence[str] = ANY


class History(NamedTuple):
    """One row of a table."""

    name: str
    why: str
    steps: Sequence[Step]
    plan: Plan = Plan()


def name_of(history: History) -> str:
    """The row's name, for ``ids``."""
    return history.name


def walk(history: History, due: Due | None = None) -> None:
    """Checks every step of a row, and that every order of arrival ends in the same state and the same view.

    ``due``: how the deadlines of a view are found, by kind, where the table expects any.
    """
    assert history.why and history.steps
    told: list[Entry] = []
    for number, step in enumerate(history.steps, 1):
        told += step.entries
        entries = merge((), told)
        view = derive(entries, history.plan)
        wanted, found = _expected(step), _found(step, view, entries, due)
        assert found == wanted, f"{history.name}, step {number}: {history.why}"
    final, last = pack(entries), repr(view)
    for order in orders(told, seed=history.name):
        arrived: list[Entry] = []
        for entry in order:
            arrived = merge_into(arrived, [entry])
        assert pack(arrived) == final, f"{history.name}: another state"
        assert repr(derive(arrived, history.plan)) == last, f"{history.name}: another view"


def orders(entries: Sequence[Entry], seed: str) -> Iterator[Sequence[Entry]]:
    """Every order of a few entries; of more the reverse and some dozens of shuffles, the same ones each time."""
    if len(entries) <= ALL_ORDERS_UP_TO:
        yield from itertools.permutations(entries)
        return
    yield entries[::-1]
    shuffling = random.Random(seed)
    for _ in range(SHUFFLES):
        order = list(entries)
        shuffling.shuffle(order)
        yield order


def hold_in_words(hold: Hold) -> str:
    """Agency, code or kind, and the container if it names one."""
    entry = hold.entry
    return " ".join(filter(None, (hold.agency, entry.code or hold.kind, entry.subject)))


def release_in_words(release: Release) -> str:
    """Whether it stands."""
    if release.revoked_at is not None:
        return "revoked"
    return "withheld" if release.withheld else "stands"


def rollup_in_words(view: View) -> str:
    """``7 of 9 container``, with the unit if it has one."""
    found = rolled_up(view)
    if found is None:
        return ""
    return " ".join(filter(None, (f"{found.released} of {found.of} {found.by}", found.unit)))


def _expected(step: Step) -> dict[str, Any]:
    wanted = {**step._asdict(), "holds": sorted(step.holds), "lights": dict(step.lights)}
    del wanted["entries"]
    return {name: value for name, value in wanted.items() if value is not ANY}


def _found(step: Step, view: View, entries: list[Entry], due: Due | None) -> dict[str, Any]:
    clearance, lights = view.clearance, lights_of(view)
    found: dict[str, Any] = {
        "state": clearance.state,
        "holds": sorted(hold_in_words(hold) for hold in clearance.open_holds),
        "lights": {name: lights[name] for name in step.lights},
    }
    if step.ready is not ANY:
        found["ready"] = view.ready
    if step.rollup is not ANY:
        found["rollup"] = rollup_in_words(view)
    if step.deadlines is not ANY:
        assert due is not None, "the table expects deadlines and does not say how they are found"
        found["deadlines"] = due(view, entries)
    if step.containers is not ANY:
        found["containers"] = {number: release.ready for number, release in container_releases(view).items()}
    if step.releases is not ANY:
        rows = sorted(clearance.releases, key=lambda row: (row.released_at or 0, row.entry.id))
        found["releases"] = [release_in_words(row) for row in rows]
    return found
