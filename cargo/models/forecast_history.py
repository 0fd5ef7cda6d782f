"""What forecasts are learned from, as it stands: stages that ended, estimates of arrivals, and the chosen settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from cargo.domain.forecast.cargo import GATE_OUT, RELEASE, StageTold
from cargo.models import bulk
from cargo.models.forecast import ArrivalEstimate, ForecastModel
from cargo.models.forecasts import TIMES, stage_columns
from cargo.models.projection import SHIPMENTS

ESTIMATES = ArrivalEstimate._meta.db_table
# Older than that a stage says little of today's, and seasons come once a year.
AGE = timedelta(days=400)
# Of each stage, and of estimates: more make the range no truer, and the learning longer.
MOST_STAGES, MOST_ESTIMATES, MOST_WAYS = 20_000, 60_000, 10_000
# An odd number that spreads the numbers of shipments over all of 2**16 (Knuth, The Art of Computer Programming 6.4).
_SPREAD, _ALL = 40_503, 65_536
_RECENT = 3


class Arrived(NamedTuple):
    """What was known of an arrival that happened; instants in whole seconds since 1970 UTC."""

    asked_at: int
    planned_at: int | None
    estimated_at: int | None
    arrived_at: int
    mode: str
    carrier: str
    port: str
    organization: int | None


def ended_stages(as_of: datetime, most: int = MOST_STAGES) -> dict[int, list[StageTold]]:
    """The stages that ended before ``as_of``, by shipment, of each stage about ``most`` at the most; two statements.

    Where there are more, half of them are of the three latest months and the others spread over those before, so that
    settings can be tried on a part of the past. Shipments are drawn by their number: one that is drawn for a small
    share is drawn for a larger one, too, so that its stages stay together.
    """
    since = as_of - AGE
    # The month is that of the place, which may lie a day before.
    first = (since - timedelta(days=1)).strftime("%Y-%m")
    counts: dict[str, dict[str, int]] = {}
    for stage, month, count in bulk.execute(
        f"SELECT stage, month, count(*) FROM {TIMES} WHERE container = '' AND ended_at IS NOT NULL AND month >= %s "
        "GROUP BY stage, month",
        [first],
    ):
        counts.setdefault(stage, {})[month] = count
    drawn = [(stage, *share) for stage, months in sorted(counts.items()) for share in _shares(months, most)]
    if not drawn:
        return {}
    source, parameters, (stage, month, share) = bulk.rows_source(
        {"stage": "text", "month": "text", "share": "int"}, drawn, 3
    )
    found: dict[int, list[StageTold]] = {}
    for shipment, *told in bulk.execute(
        f"SELECT shipment_id, {stage_columns()} FROM {source} "
        f"JOIN {TIMES} t ON t.stage = {stage} AND t.month = {month} WHERE t.container = '' "
        f"AND t.ended_at >= %s AND t.ended_at < %s AND (t.shipment_id * {_SPREAD}) %% {_ALL} < {share}",
        [*parameters, bulk.moment(since), bulk.moment(as_of)],
    ):
        found.setdefault(shipment, []).append(StageTold(*told))
    return dict(sorted(found.items()))


def _shares(months: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    """Of each month how many of ``_ALL`` shipments are drawn."""
    ordered = sorted(months, reverse=True)
    recent, before = ordered[:_RECENT], ordered[_RECENT:]
    found = []
    for part in (recent, before):
        quota = most / (2 if before else 1) / max(1, len(part))
        found += [(month, min(_ALL, ceil(_ALL * quota / months[month]))) for month in part]
    return found


def whole_ways(
    found: Mapping[int, Sequence[StageTold]], as_of: datetime, most: int = MOST_WAYS
) -> list[list[StageTold]]:
    """All ended stages of the ``most`` recent of these shipments that reached release or gate; one statement.

    What is drawn of one stage need not be drawn of another, and what arrived lately has not left yet.
    """
    ends = [(row.ended_at or 0, pk) for pk, rows in found.items() for row in rows if row.stage in (RELEASE, GATE_OUT)]
    chosen = list(dict.fromkeys(pk for _, pk in sorted(ends, reverse=True)))[:most]
    right, value = bulk.id_list(chosen)
    ways: dict[int, list[StageTold]] = {}
    for shipment, *told in bulk.execute(
        f"SELECT shipment_id, {stage_columns()} FROM {TIMES} WHERE shipment_id {right} AND container = '' "
        "AND ended_at < %s",
        [value, bulk.moment(as_of)],
    ):
        ways.setdefault(shipment, []).append(StageTold(*told))
    return [rows for _, rows in sorted(ways.items())]


def estimates(as_of: datetime, most: int = MOST_ESTIMATES) -> list[Arrived]:
    """What was known of arrivals before ``as_of``, the ``most`` recent; one statement."""
    columns = ", ".join(bulk.seconds_of(f"e.{name}") for name in Arrived._fields[:4])
    rows = bulk.execute(
        f"SELECT {columns}, e.mode, e.carrier, e.port, s.organization_id FROM {ESTIMATES} e "
        f"JOIN {SHIPMENTS} s ON s.id = e.shipment_id WHERE e.arrived_at >= %s AND e.arrived_at < %s "
        "ORDER BY e.arrived_at DESC, e.id DESC LIMIT %s",
        [bulk.moment(as_of - AGE), bulk.moment(as_of), most],
    )
    return [Arrived(*row) for row in rows]


def is_enough(least: int) -> bool:
    """Whether at least so many stages ended; reads no more than that."""
    rows = bulk.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {TIMES} WHERE ended_at IS NOT NULL AND container = '' LIMIT %s) AS found",
        [least],
    )
    return bool(rows[0][0] >= least)


def latest() -> ForecastModel | None:
    """The model that counts."""
    return ForecastModel.objects.order_by("-as_of", "-pk").first()


def keep(
    as_of: datetime, learned_at: datetime, settings: Mapping[str, Any], stages: int, arrivals: int
) -> ForecastModel:
    """A new model, which counts from now on."""
    return ForecastModel.objects.create(
        as_of=as_of, learned_at=learned_at, settings=dict(settings), stages=stages, arrivals=arrivals
    )


def try_lock() -> bool:
    """Whether this process may learn now; PostgreSQL keeps others from it until ``unlock``. SQLite has one worker."""
    return not bulk.is_postgres() or bool(bulk.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])[0][0])


def unlock() -> None:
    """Lets others learn."""
    if bulk.is_postgres():
        bulk.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


# Any number that nothing else in this database locks by.
_LOCK = 5_350_012
