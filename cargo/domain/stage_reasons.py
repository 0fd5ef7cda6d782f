"""Why a stage lasts from where to where: which milestones began and ended it, and which rules of ``stages`` applied.

Nothing is measured here. What ``stages.measure`` found is explained by the happenings among which it was found, as a
shipment's document lists them, so that no state has to be read again. Codes only; the words are the pages'.

``RULES``: ``declared_ahead``: declared before the goods were there, so the stage lasted 0. ``ended_ahead``: its end
came before it could begin, so it lasted 0. ``goods_there``: its own milestone came before the goods were there, so the
clock runs from their entry or arrival. ``same_moment``: both ends were told for one moment. ``last_entry``,
``entry_at_port``, ``first_declaration``, ``standing_release``, ``all_gone``, ``last_container``: which of several
counts. ``left_under_bond``: a removal before the release counts as a departure under bond. ``open``: its end is to
come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

RULES = (
    "declared_ahead",
    "ended_ahead",
    "goods_there",
    "same_moment",
    "last_entry",
    "entry_at_port",
    "first_declaration",
    "standing_release",
    "all_gone",
    "last_container",
    "left_under_bond",
    "open",
)
_STORED = ("bonded_storage_in", "bonded_transport_arrived")
_THERE = (*_STORED, "arrived")
_RELEASED = ("customs_released", "customs_released_provisional")
_GONE = ("gate_out", "bonded_storage_out")
_ALSO = {"customs_released": _RELEASED, "bonded_storage_in": _STORED, "gate_out": _GONE}
# The stages with another natural start: the goods being there.
_BESIDE = {
    "discharge_approved__bonded_storage_in": ("arrived",),
    "bonded_storage_in__import_declared": ("arrived",),
    "import_declared__customs_released": _THERE,
    "customs_released__gate_out": _THERE,
}
# Milestones of which the last counts where a stage begins.
_LAST = frozenset({*_STORED, "departed", "export_cleared"})
_BY_CONTAINER = frozenset({"gate_in", "loaded", "discharged", "gate_out", "empty_returned"})
_ENTRY = "discharge_approved__bonded_storage_in"


class Happening(NamedTuple):
    """Something that really happened: its milestone here, when (whole seconds since 1970, UTC), to which container.

    ``reported_as``: the milestone that was reported, where it means another here.
    """

    milestone: str
    at: int
    subject: str = ""
    reported_as: str = ""


class Why(NamedTuple):
    """``begun_by`` and ``ended_by``: milestones, with when they happened; the end's are empty while it is open."""

    begun_by: str
    begun_at: int
    ended_by: str
    ended_at: int | None
    rules: tuple[str, ...]


def explain(stage: str, started: int, ended: int | None, told: Iterable[Happening], container: str = "") -> Why:
    """Why a stage that lasted from ``started`` to ``ended`` did so. ``container``: of one container alone.

    ``begun_at`` is later than ``started`` where the stage ended before it could begin.
    """
    first, last = stage.split("__")
    found = [row for row in told if not container or row.subject == container]
    own = [row for row in found if row.milestone in _ALSO.get(first, (first,))]
    beside = _beside(stage, found)
    finish = _at([row for row in found if row.milestone in _ALSO.get(last, (last,))], ended)
    begun = _natural(own, beside)
    rules = []
    if ended is not None and begun is not None and begun.at > ended:
        rules.append("declared_ahead" if last == "import_declared" else "ended_ahead")
    else:
        begun = _at(own, started) or _at(beside, started)
        if ended == started:
            rules.append("same_moment")
    if begun is not None and begun not in own and any(row.at < begun.at for row in own):
        rules.append("goods_there")
    start = begun or Happening(first, started)
    rules += _of_several(stage, start, found) if not container else ()
    if start.milestone == "bonded_transport_departed" and start.reported_as in ("gate_out", "gate_out_before_release"):
        rules.append("left_under_bond")
    if ended is None:
        return Why(start.milestone, start.at, "", None, (*rules, "open"))
    return Why(start.milestone, start.at, finish.milestone if finish else last, ended, tuple(rules))


def _at(rows: Iterable[Happening], at: int | None) -> Happening | None:
    return next((row for row in rows if row.at == at), None)


def _beside(stage: str, found: Sequence[Happening]) -> list[Happening]:
    """The goods being there: their entries, or their arrival while no entry is told."""
    milestones = _BESIDE.get(stage, ())
    entered = [row for row in found if row.milestone in _STORED and row.milestone in milestones]
    return entered or [row for row in found if row.milestone == "arrived" and row.milestone in milestones]


def _natural(own: Sequence[Happening], beside: Sequence[Happening]) -> Happening | None:
    """What would begin it if nothing had ended it: the later of the two starts."""
    starts = [_chosen(rows) for rows in (own, beside) if rows]
    return max(starts, key=lambda row: row.at) if own and starts else None


def _chosen(rows: Sequence[Happening]) -> Happening:
    """Of several the last entry, the last container's, else the first."""
    if rows[0].milestone in _LAST or (rows[0].milestone in _BY_CONTAINER and len({row.subject for row in rows}) > 1):
        return max(rows, key=lambda row: row.at)
    return min(rows, key=lambda row: row.at)


def _of_several(stage: str, start: Happening, found: Sequence[Happening]) -> list[str]:
    """Which of several happenings of one kind counted at the stage's ends."""
    ends = (start.milestone, stage.split("__")[1])
    rules = []
    if ends[0] in _STORED and _number(found, *_STORED) > 1:
        rules.append("last_entry")
    if stage == _ENTRY and _number(found, *_STORED) > 1:
        rules.append("entry_at_port")
    if "import_declared" in ends and _number(found, "import_declared") > 1:
        rules.append("first_declaration")
    if not set(ends).isdisjoint(_RELEASED) and _number(found, *_RELEASED) > 1:
        rules.append("standing_release")
    boxes = {row.subject for row in found if row.milestone in ends and row.milestone in _BY_CONTAINER and row.subject}
    if len(boxes) > 1:
        rules.append("last_container")
    elif "gate_out" in ends and _number(found, *_GONE) > 1:
        rules.append("all_gone")
    return rules


def _number(found: Iterable[Happening], *milestones: str) -> int:
    """At how many moments it happened."""
    return len({row.at for row in found if row.milestone in milestones})
