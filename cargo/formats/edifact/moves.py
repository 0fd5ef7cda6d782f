"""What a terminal's document is about, and what a move of a full or empty box means.

Source: BGM 1001 as SMDG's manuals for CODECO and COARRI use it (34 and 36 for the gates; 44, 46, 98 and 270 for the
quay) and as UN/EDIFACT does (109 and 111, 119 and 122; 118, 121, 145 and 146 for orders); EQD 8169 (full or empty) and
8249 (export, import, transshipment …).
"""

from __future__ import annotations

from typing import NamedTuple

from cargo.domain.event import Place
from cargo.formats.edifact.values import Equipment

IN, OUT, DISCHARGE, LOAD = "in", "out", "discharge", "load"


class Move(NamedTuple):
    """What a document (BGM 1001) reports or orders."""

    direction: str
    title: str
    planned: bool = False


_GATE_IN, _GATE_OUT = Move(IN, "Gate-in report"), Move(OUT, "Gate-out report")
_DISCHARGED, _LOADED = Move(DISCHARGE, "Discharge report"), Move(LOAD, "Loading report")
_TO_DISCHARGE, _TO_LOAD = Move(DISCHARGE, "Discharge order", True), Move(LOAD, "Loading order", True)
_MOVES = {
    "CODECO": {"34": _GATE_IN, "109": _GATE_IN, "36": _GATE_OUT, "111": _GATE_OUT},
    "COARRI": {
        "44": _DISCHARGED,
        "98": _DISCHARGED,
        "119": _DISCHARGED,
        "181": _DISCHARGED,
        "46": _LOADED,
        "122": _LOADED,
        "270": _LOADED,
    },
    "COPRAR": {
        "43": _TO_DISCHARGE,
        "118": _TO_DISCHARGE,
        "145": _TO_DISCHARGE,
        "45": _TO_LOAD,
        "121": _TO_LOAD,
        "146": _TO_LOAD,
    },
}
# Documents of D.00B and later that name no direction in their code (status change, movement): their name may.
_NAMED_DIRECTIONS = ((OUT, ("GATE OUT", "GATE-OUT", "GATEOUT")), (IN, ("GATE IN", "GATE-IN", "GATEIN")))
_EXPORT, _IMPORT, TRANSSHIPMENT = frozenset({"2"}), frozenset({"3"}), frozenset({"6", "17"})
_NOT_MOVED = frozenset({"4", "5", "14", "24"})
_MISCOUNTED = frozenset({"7", "8"})


def move_of(kind: str, code: str, name: str, places: dict[str, Place]) -> tuple[Move | None, str | None]:
    """What a document of that kind is about; a warning where its code does not say it.

    ``name`` is the document's name in BGM, ``places`` those of the message's head by their function.
    """
    known = _MOVES[kind]
    found = known.get(code)
    if found is not None:
        return found, None
    named = name.upper()
    direction = ""
    if kind == "CODECO":
        direction = next((way for way, words in _NAMED_DIRECTIONS if any(word in named for word in words)), "")
    elif ("9" in places) != ("11" in places):
        direction = LOAD if "9" in places else DISCHARGE
    by_direction = next((move for move in known.values() if move.direction == direction), None)
    shown = code[:20] or "nothing"
    if by_direction is None:
        return None, f"unknown_code: BGM {shown}"
    return by_direction, f"unknown_code: BGM {shown}, read as {by_direction.title.lower()}"


def milestone_of(move: Move | None, equipment: Equipment) -> tuple[str, str | None]:
    """What the move of such a box means, and a warning where the message says too little."""
    if move is None:
        return "unknown", None
    laden, status = equipment.laden, equipment.status
    if move.direction in (IN, OUT):
        return _gate(move.direction, laden, status)
    if status in _MISCOUNTED:
        return "discrepancy", None
    if status in _NOT_MOVED or laden is False:
        # Restowed, or the carrier's own empty box: nothing of a client's cargo.
        return "unknown", None
    milestone = "discharged" if move.direction == DISCHARGE else "loaded"
    warning = None if laden is not None else "load_missing: EQD says neither full nor empty"
    return (f"transshipment_{milestone}" if status in TRANSSHIPMENT else milestone), warning


def _gate(direction: str, laden: bool | None, status: str) -> tuple[str, str | None]:
    if laden is False:
        return ("empty_returned" if direction == IN else "empty_picked_up"), None
    if laden is None:
        if direction == IN and status in _EXPORT:
            return "gate_in", None
        if direction == OUT and status in _IMPORT:
            return "gate_out", None
        return "unknown", "load_missing: EQD says neither full nor empty"
    # Cargo on its way from the port into the country, or to it, passes a depot's gate the other way round.
    if direction == IN:
        return ("inland_arrived" if status in _IMPORT | TRANSSHIPMENT else "gate_in"), None
    return ("inland_departed" if status in _EXPORT | TRANSSHIPMENT else "gate_out"), None
