"""Which tone and icon a state wears, and how the state bar and the small journey are drawn. Plain Python.

Tones: bad needs you, warn is an exception someone else owns, good is fine, info is information, still is neither.
Never a tone alone: every one comes with its icon and its word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STATUS_LOOKS: dict[str, tuple[str, str]] = {
    "expected": ("still", "calendar-clock"),
    "booked": ("still", "calendar-check"),
    "at_origin": ("still", "warehouse"),
    "in_transit": ("info", "ship"),
    "at_transshipment": ("info", "shuffle"),
    "arrived": ("info", "anchor"),
    "in_bond": ("info", "warehouse"),
    "available": ("good", "circle-check"),
    "delivered_out": ("good", "package-check"),
    "delivered": ("good", "package-check"),
    "completed": ("still", "circle-check"),
    "cancelled": ("still", "ban"),
}
CUSTOMS_LOOKS: dict[str, tuple[str, str]] = {
    "none": ("still", "circle-dashed"),
    "declared": ("info", "file-text"),
    "under_review": ("info", "file-search"),
    "held": ("bad", "octagon-pause"),
    "released": ("good", "stamp"),
    "released_provisionally": ("good", "stamp"),
    "revoked": ("bad", "undo-2"),
    "rejected": ("bad", "file-x"),
    "cancelled": ("warn", "file-x"),
}
LIGHT_LOOKS: dict[str, tuple[str, str]] = {
    "ok": ("good", "circle-check"),
    "blocked": ("bad", "octagon-x"),
    "pending": ("info", "clock"),
    "unknown": ("still", "circle-question-mark"),
    "not_applicable": ("still", "minus"),
}
EFFECT_LOOKS: dict[str, tuple[str, str]] = {
    "hold_open": ("bad", "octagon-pause"),
    "hold_close": ("good", "circle-check"),
    "release": ("good", "stamp"),
    "revert": ("bad", "undo-2"),
}
MODE_ICONS = {
    "vessel": "ship",
    "sea": "ship",
    "barge": "ship",
    "air": "plane",
    "rail": "train-front",
    "truck": "truck",
    "road": "truck",
}

# Good news that somebody waits for: shown as loud as what is wrong.
FREE = frozenset({"available", "released", "released_provisionally"})
STAGES = ("origin", "transit", "port", "customs", "out")
_STAGE_OF_STATUS = {
    "expected": 0,
    "booked": 0,
    "at_origin": 0,
    "in_transit": 1,
    "at_transshipment": 1,
    "arrived": 2,
    "in_bond": 2,
    "available": 4,
    "delivered_out": 5,
    "delivered": 5,
    "completed": 5,
}
_CLEARING = frozenset({"declared", "under_review", "held", "rejected", "revoked", "cancelled"})
_RUN = re.compile(r"[A-Z]+|[0-9]+|[^A-Z0-9]+", re.IGNORECASE)


@dataclass(frozen=True)
class Segment:
    """One part of the state bar: its filter value, count, and place on a bar 1000 wide."""

    key: str
    count: int
    tone: str
    icon: str
    x: int
    width: int


def bar(counts: list[tuple[str, int, str, str]]) -> list[Segment]:
    """Segments in order from (key, count, tone, icon); none so thin that a pointer misses it, empty ones left out."""
    present = [entry for entry in counts if entry[1]]
    total = sum(entry[1] for entry in present)
    if not total:
        return []
    gap, least = 3, 12
    room = 1000 - gap * (len(present) - 1) - least * len(present)
    segments, x = [], 0
    for key, count, tone, icon in present:
        width = least + round(room * count / total)
        segments.append(Segment(key, count, tone, icon, x, width))
        x += width + gap
    return segments


def stage(status: str | None, customs_state: str | None) -> int:
    """How far the cargo is: the index into ``STAGES`` where it is now; 5 when it has left."""
    at = _STAGE_OF_STATUS.get(status or "", 0)
    if at == 2 and customs_state in _CLEARING:
        return 3
    if at == 2 and customs_state in ("released", "released_provisionally"):
        return 4
    return at


def status_look(status: str | None, customs_state: str | None, open_holds: int = 0) -> tuple[str, str, str, str]:
    """Table, code, tone and icon of the one chip that a row shows: what is wrong beats where it is."""
    gone = status in ("delivered_out", "delivered", "completed", "cancelled")
    if customs_state in ("revoked", "rejected"):
        return ("customs_states", customs_state, *CUSTOMS_LOOKS[customs_state])
    if open_holds and not gone:
        return ("customs_states", "held", *CUSTOMS_LOOKS["held"])
    if not gone and status != "available" and customs_state not in (None, "", "none", "held"):
        return ("customs_states", customs_state, *CUSTOMS_LOOKS.get(customs_state, ("still", "circle-dashed")))
    return ("statuses", status or "", *STATUS_LOOKS.get(status or "", ("still", "circle-dashed")))


def groups(value: str, kind: str | None = None) -> list[str]:
    """An identifier in the groups that people read; joined they are the whole again.

    >>> groups("HDMU6546583", "container"), groups("HDMUPUSR1234567", "master_bill")
    (['HDMU', '654658', '3'], ['HDMU', 'PUSR', '1234567'])
    """
    if kind == "container" or (kind is None and re.fullmatch(r"[A-Z]{3}[UJZ][0-9]{7}", value)):
        return [part for part in (value[:4], value[4:10], value[10:]) if part]
    if kind in ("air_waybill", "house_air_waybill") and len(value) == 11:
        return [value[:3], value[3:7], value[7:]]
    if kind == "cargo_control_number" and len(value) > 11:
        return [part for part in (value[:11], value[11:15], value[15:]) if part]
    if kind == "declaration" and len(value) == 14 and value[:13].isdigit():
        return [value[:5], value[5:7], value[7:13], value[13:]]
    if len(value) < 8 or not value.isalnum():
        return [value]
    parts: list[str] = []
    for run in _RUN.findall(value):
        step = 4 if run.isalpha() or len(run) > 8 else len(run)
        parts.extend(run[at : at + step] for at in range(0, len(run), step))
    return _join_short(parts)


def _join_short(parts: list[str]) -> list[str]:
    joined: list[str] = []
    for part in parts:
        if joined and (len(part) < 3 or len(joined[-1]) < 3):
            joined[-1] += part
        else:
            joined.append(part)
    return joined
