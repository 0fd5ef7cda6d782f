"""The small charts of the lead-time page: the last twelve months of each stage, and the table behind each."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.urls import reverse

from cargo.dashboard import lead_time_words, small_multiples
from cargo.dashboard.lead_time_filters import address, midnight
from cargo.dashboard.small_multiples import Chart, Point
from cargo.domain.stages import STAGES
from cargo.selectors.lead_times import Row, Target

MONTHS = 12


class Trend(NamedTuple):
    """A stage by months: the drawing, what it says, the rows behind it (month, row, its shipments) and their file."""

    stage: str
    name: str
    row: Row | None
    chart: Chart
    told: str
    target: Target | None
    targets: int
    months: list[tuple[str, Row, str]]
    scale: list[tuple[str, str]]
    ticks: list[tuple[str, str]]
    file_url: str
    shipments_url: str


def months_until(today: date) -> list[str]:
    """The last twelve, this one included: ``2026-03``."""
    count = today.year * 12 + today.month - 1
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(count - MONTHS + 1, count + 1)]


def asked(params: dict[str, Any], today: date) -> dict[str, Any]:
    """What the selector is asked for: the same cargo by month, whatever the period. A month is that of the port, so a
    day more is asked for than the reader's twelve months have.
    """
    year, month = map(int, months_until(today)[0].split("-"))
    before = date(year, month, 1).toordinal() - 1
    others = {name: value for name, value in params.items() if name not in ("ended_before", "benchmark")}
    return others | {"group_by": "month", "ended_after": midnight(date.fromordinal(before))}


def of_months(rows: list[Row], today: date) -> list[Row]:
    """Without the day more."""
    months = set(months_until(today))
    return [row for row in rows if row.group in months]


def trends(
    rows: list[Row], wholes: dict[str, Row], targets: list[Target], query: dict[str, str], today: date, words: str
) -> list[Trend]:
    """One for each stage that something ended in, in their order. ``wholes``: the rows of the chosen period."""
    found: dict[str, list[Row]] = {}
    for row in of_months(rows, today):
        found.setdefault(row.stage, []).append(row)
    stages = sorted(found, key=STAGES.index)
    return [_trend(stage, found[stage], wholes.get(stage), targets, query, today, words) for stage in stages]


def _trend(
    stage: str,
    rows: list[Row],
    whole: Row | None,
    targets: list[Target],
    query: dict[str, str],
    today: date,
    words: str,
) -> Trend:
    months, name = months_until(today), lead_time_words.stage(stage, words)
    clock = query.get("hours", "elapsed")
    points = [
        Point(months.index(row.group or ""), row.summary.n, row.summary.p10, row.summary.median, row.summary.p90)
        for row in rows
    ]
    about = [target for target in targets if target.stage == stage]
    target = target_of(about, query)
    drawn = target.seconds if target and target.clock == clock else None
    chart = small_multiples.chart(points, MONTHS, drawn)

    def told(seconds: float) -> str:
        return lead_time_words.length(seconds, words, days=clock != "working")

    ends = [(lead_time_words.month(row.group or "", words), told(row.summary.median)) for row in (rows[0], rows[-1])]
    kept = {key: value for key, value in query.items() if key not in ("group_by", "sort")} | {"stage": stage}
    plain = {key: value for key, value in kept.items() if key not in ("period", "first", "last")}
    shipments = reverse("cargo:stage_shipments")
    return Trend(
        stage=stage,
        name=name,
        row=whole,
        chart=chart,
        told=lead_time_words.trend(name, ends[0], ends[1], words),
        target=target,
        targets=len(about),
        months=[(row.group or "", row, address(shipments, plain, group_by="month", group=row.group)) for row in rows],
        scale=[(y, told(seconds) if seconds else "0") for y, seconds in chart.grid],
        ticks=[(x, lead_time_words.month(months[index], words)) for x, index in chart.months],
        file_url=address(reverse("cargo:lead_times_csv"), plain, trend="1"),
        shipments_url=address(shipments, kept),
    )


def target_of(about: list[Target], query: dict[str, str]) -> Target | None:
    """The target that is about everything that is shown of a stage, if there is one: the most specific that is about
    the chosen mode and port, and no more specific one that is about a part of it.
    """
    mode, port = query.get("mode", ""), query.get("port", "")
    reach = [row for row in about if (not mode or row.mode in ("", mode)) and (not port or row.port in ("", port))]
    if not reach or (reach[0].mode and not mode) or (reach[0].port and not port):
        return None
    return reach[0]
