"""What comparable cargo of others took, worked out beforehand for every organization that may ask.

By stage, mode and port over the last twelve whole months: hundreds of thousands of rows at a large port, which no page
can wait for. Kept beside the columns under the month that is running and a name such as ``working.sea.KRPUS``; the row
``benchmarks`` without a stage says that those of the month are there. ``body``: by the asker's id, ``""`` for whom none
of it is theirs, how many organizations and cargoes stand behind it, median and p90; JSON, compressed by zlib.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from cargo.domain.others import Others, of_others
from cargo.domain.stages import STAGES
from cargo.models import bulk, stage_columns
from cargo.models.leadtime import StageTimeColumn
from cargo.models.stage_columns import COLUMNS

WINDOW = 12
_READY = "benchmarks"
_decode = msgspec.json.Decoder(dict[str, tuple[int, int, float, float]]).decode


class Kept(NamedTuple):
    """As of when, and by stage, mode and port what the others' cargo took."""

    refreshed_at: datetime
    by_cell: dict[tuple[str, str, str], Others]


def month(now: datetime, later: int) -> str:
    """The month (``2026-03``) so many months later, in UTC."""
    years, index = divmod(now.month - 1 + later, 12)
    return f"{now.year + years}-{index + 1:02d}"


def kept(hours: str, places: Collection[tuple[str, str]], asker: int, now: datetime) -> Kept | None:
    """For one organization, at these (mode, port); ``None`` where nothing was worked out for this month.

    One statement.
    """
    names = [_READY, *(f"{hours}.{mode}.{port}" for mode, port in sorted(set(places)))]
    rows = bulk.execute(
        f"SELECT stage, name, {bulk.seconds_of('refreshed_at')}, body FROM {COLUMNS} "
        f"WHERE stage IN ('', {', '.join(['%s'] * len(STAGES))}) "
        f"AND (month = %s AND name IN ({', '.join(['%s'] * len(names))}) OR month = '' AND name = '')",
        [*STAGES, month(now, 0), *names],
    )
    as_of = next((refreshed for _stage, name, refreshed, _body in rows if not name), None)
    if as_of is None or not any(name == _READY for _stage, name, _refreshed, _body in rows):
        return None
    found = {}
    for stage, name, _at, body in rows:
        if not stage:
            continue
        table = _decode(zlib.decompress(body))
        _hours, mode, port = name.split(".", 2)
        if values := table.get(str(asker)) or table.get(""):
            found[stage, mode, port] = Others(*values)
    return Kept(datetime.fromtimestamp(as_of, UTC), found)


def renew(changed: Collection[tuple[str, str]], now: datetime) -> None:
    """Works them out anew for the stages of which one of the twelve months changed; all when a month has begun."""
    first, running = month(now, -WINDOW), month(now, 0)
    ready = StageTimeColumn.objects.filter(stage="", name=_READY)
    stages: Iterable[str] = sorted({stage for stage, at in changed if first <= at < running})
    if not ready.filter(month=running).exists():
        ready.delete()
        StageTimeColumn.objects.filter(name__contains=".").delete()
        stages = STAGES
        stage_columns.write("", running, {_READY: b""}, 0, now)
    for stage in stages:
        StageTimeColumn.objects.filter(stage=stage, name__contains=".").delete()
        _work_out(stage, now)


def _work_out(stage: str, now: datetime) -> None:
    import numpy

    names = ("seconds", "working_seconds", "shipment", "organization", "mode", "port", "container")
    _as_of, months = stage_columns.read(names, [stage], (month(now, -WINDOW), month(now, -1)))
    parts: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for (_stage, at), columns in months.items():
        if not at:
            continue
        modes, ports, owners, single = (columns[name] for name in ("mode", "port", "organization", "container"))
        # An organization's id for each row, and 0 where nobody's.
        ids = numpy.array([int(word or 0) for word in owners.words or ()])[owners.values]
        counted = numpy.array([not word for word in single.words or ()])[single.values] & (ids > 0)
        for mode_at, mode in enumerate(modes.words or ()):
            for port_at, port in enumerate(ports.words or ()):
                mine = (modes.values == mode_at) & (ports.values == port_at) & counted
                if mode and port and mine.any():
                    numbers = (columns[name].values[mine] for name in names[:3])
                    parts.setdefault((mode, port), []).append((*numbers, ids[mine]))
    for (mode, port), rows in parts.items():
        elapsed, working, shipments, whose = (numpy.concatenate(part) for part in zip(*rows, strict=True))
        for hours, seconds in (("elapsed", elapsed), ("working", working)):
            body = _packed(of_others(seconds, shipments, whose))
            stage_columns.write(stage, month(now, 0), {f"{hours}.{mode}.{port}": body}, len(seconds), now)


def _packed(others: dict[int | None, Others]) -> bytes:
    by_asker = {"" if asker is None else str(asker): tuple(row) for asker, row in others.items()}
    return zlib.compress(msgspec.json.encode(by_asker), 1)
