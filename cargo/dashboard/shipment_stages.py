"""A shipment's stages made ready for its page: lengths by every clock, against targets, and why. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from cargo.dashboard import lead_time_words, stage_words, terms
from cargo.domain import places
from cargo.domain.lead_times import EXPORT_STAGES

_TOTALS = frozenset({"arrived__customs_released", "arrived__gate_out"})


class Length(NamedTuple):
    """Seconds, and the same in words."""

    seconds: int
    words: str


class Line(NamedTuple):
    """One stage as it is shown. ``passed``: how long it has lasted if it is open. ``total``: it spans other stages."""

    row: Any
    name: str
    zone: str | None
    total: bool
    took: Length | None
    passed: Length | None
    working: Length | None
    reported: Length | None
    target: str
    verdict: str
    tone: str
    icon: str
    why: list[str]


def lines(rows: Iterable[Any], document: dict[str, Any], zone: str | None, language: str, now: datetime) -> list[Line]:
    """The stages in their order. ``rows``: as ``cargo.selectors.stage_times`` gives them."""
    origin = (document.get("plan") or {}).get("port_of_loading")
    abroad = places.zone_of(origin) or places.zone_of(origin, "iata") or zone
    return [_line(row, document, abroad if row.stage in EXPORT_STAGES else zone, language, now) for row in rows]


def _line(row: Any, document: dict[str, Any], zone: str | None, language: str, now: datetime) -> Line:
    def length(seconds: int | None, *, days: bool = True) -> Length | None:
        return None if seconds is None else Length(seconds, stage_words.length(seconds, language, days=days))

    tone, icon = stage_words.VERDICT_LOOKS.get(row.verdict, ("still", ""))
    passed = None if row.ended_at is not None else max(0, int((now - row.started_at).total_seconds()))
    return Line(
        row,
        terms.word(lead_time_words.STAGES, row.stage, language),
        zone,
        row.stage in _TOTALS,
        length(row.seconds),
        length(passed),
        length(row.working_seconds, days=False),
        length(row.reported_seconds),
        _target(row, language),
        terms.word(stage_words.VERDICTS, row.verdict, language),
        tone,
        icon,
        stage_words.why(row.stage, row.why, document.get("mode"), zone, language, now),
    )


def _target(row: Any, language: str) -> str:
    if row.target is None:
        return ""
    words = stage_words.length(row.target.seconds, language, days=row.target.clock == "elapsed")
    return f"{words} ({terms.word(stage_words.CLOCKS, row.target.clock, language)})"
