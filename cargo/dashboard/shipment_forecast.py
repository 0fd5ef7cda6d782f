"""A shipment's forecast made ready for its page: what is still to come, as ranges with their reasons. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cargo.dashboard import forecast_words, lead_time_words, reading, terms

# Older than this it is no forecast of the cargo as it is.
FRESH = timedelta(days=2)
_ARRIVAL, _RELEASE, _GATE_OUT = forecast_words.ENDS
_GONE = ("gate_out", "gate_out_before_release", "delivered", "empty_returned")
_OVER = ("delivered_out", "delivered", "completed", "cancelled")
_STEPS = {"arrival": _ARRIVAL, "release": _RELEASE, "pickup": _GATE_OUT}
# The drawing of a row, in its own units.
_WIDTH = 100.0


class Line(NamedTuple):
    """One range in words, and where it lies in the drawing, which runs from when it was made to the last end.

    ``late``: by now nine in ten would have ended.
    """

    stage: str
    name: str
    range: str
    median: datetime
    reasons: list[str]
    late: bool
    left: str
    width: str
    middle: str


def lines(rows: Sequence[Any], document: dict[str, Any], zone: str | None, language: str, now: datetime) -> list[Line]:
    """Arrival, release and gate-out first, then the stages to come; nothing of what has happened, nothing stale.

    ``rows``: as ``cargo.selectors.forecasts`` gives them.
    """
    ahead = still_ahead(rows, document, now)
    if not ahead:
        return []
    order = list(forecast_words.ENDS)
    ahead.sort(key=lambda row: order.index(row.stage) if row.stage in order else len(order))
    start, end = ahead[0].made_at, max(row.p90 for row in ahead)
    return [_line(row, start, end, zone, language, now) for row in ahead]


def still_ahead(rows: Iterable[Any], document: dict[str, Any], now: datetime) -> list[Any]:
    """The rows of a fresh forecast whose stage has not ended in this document."""
    over = {stage["stage"] for stage in document.get("stages") or () if stage.get("ended_at")}
    if reading.happened(document, ("arrived",)):
        over.add(_ARRIVAL)
    if reading.standing_release(document):
        over.add(_RELEASE)
    if document.get("status") == "cancelled" or reading.happened(document, _GONE):
        return []
    return [row for row in rows if row.stage not in over and now - row.made_at < FRESH]


def likely(rows: Iterable[Any], document: dict[str, Any], now: datetime) -> reading.Likely | None:
    """What the answer says of it: when customs will likely have released it, else when it is likely collected."""
    if reading.standing_release(document):
        return None
    ahead = {row.stage: row for row in still_ahead(rows, document, now)}
    row = ahead.get(_RELEASE) or ahead.get(_GATE_OUT)
    if row is None or row.p90 <= now:
        return None
    return reading.Likely(row.stage == _RELEASE, row.p10, row.p90)


class Listed(NamedTuple):
    """A likely release as a row of the list has it: half end before ``median``, eight in ten within ``range``."""

    median: datetime
    range: str


def listed(row: Any, told: Any, zone: str | None, language: str, now: datetime) -> Listed | None:
    """Of a row of the list and its forecast of the release: as ``likely``, and nothing of what was collected."""
    over = row.released_at or row.gated_out_at or row.status in _OVER
    if told is None or over or now - told.made_at >= FRESH or told.p90 <= now:
        return None
    return Listed(told.p50, forecast_words.short_span(told.p10, told.p90, zone, language, now))


def on_journey(steps: list[dict[str, Any]], shown: Iterable[Line]) -> list[dict[str, Any]]:
    """The steps of the journey with the range of each that is to come."""
    by_stage = {line.stage: line for line in shown}
    for step in steps:
        line = by_stage.get(_STEPS.get(step["key"], ""))
        step["likely"] = line if line and not step["at"] and step["state"] != "done" else None
    return steps


def _line(row: Any, start: datetime, end: datetime, zone: str | None, language: str, now: datetime) -> Line:
    whole = max((end - start).total_seconds(), 1.0)
    low, middle, high = (
        min(max((at - start).total_seconds() / whole, 0.0), 1.0) * _WIDTH for at in (row.p10, row.p50, row.p90)
    )
    ends = terms.word(forecast_words.ENDS, row.stage, language)
    return Line(
        row.stage,
        ends if row.stage in forecast_words.ENDS else terms.word(lead_time_words.STAGES, row.stage, language),
        forecast_words.span(row.p10, row.p90, zone, language, now),
        row.p50,
        forecast_words.reasons(row.reasons, zone, language, now),
        row.p90 <= now,
        f"{min(low, _WIDTH - 1):.1f}",
        f"{max(high - low, 1.0):.1f}",
        f"{min(middle, _WIDTH - 1):.1f}",
    )


def made_at(rows: Sequence[Any]) -> datetime | None:
    """When the forecast was made."""
    return rows[0].made_at if rows else None
