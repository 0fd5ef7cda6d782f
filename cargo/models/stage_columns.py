"""Stage times by columns: for every stage and month of the end one packed column each, worked out anew as rows change.

Of the stages that have ended, of shipments and of single containers. What each ``body`` holds: four bytes that say how
long the head is (little-endian), the head in JSON, and the values, one unsigned number of ``width`` bytes a row,
little-endian, compressed by zlib at its quickest. A number is ``base + step * value``; a word is ``words[value]``.
``seconds``, ``working_seconds`` and ``shipment`` are numbers, ``ended_at`` too (microseconds since 1970, UTC); every
dimension is a word, ``organization`` its id in digits, ``container`` ``true`` or nothing. Rows stand in the same order
in all columns of a month.

The row without a stage says that there are columns, and as of when (``cargo.models.stage_refresh`` writes them).
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from cargo.models import bulk
from cargo.models.leadtime import StageTime, StageTimeColumn

TIMES = StageTime._meta.db_table
COLUMNS = StageTimeColumn._meta.db_table
NUMBERS = ("seconds", "working_seconds", "shipment", "ended_at")
WORDS = (
    "organization", "mode", "port", "port_of_loading", "port_of_discharge", "customs_office", "warehouse", "broker",
    "carrier", "channel", "declared", "agency", "container",
)  # fmt: skip
ENDED = "ended_at IS NOT NULL"
_KINDS = {1: "B", 2: "H", 4: "I", 8: "Q"}


class Head(msgspec.Struct):
    """How the values of a body are to be read."""

    width: int
    base: int = 0
    step: int = 1
    words: list[str] | None = None


_decode_head = msgspec.json.Decoder(Head).decode


def refreshed_at() -> datetime | None:
    """As of when the columns are; ``None`` while there are none."""
    return StageTimeColumn.objects.filter(stage="", month="", name="").values_list("refreshed_at", flat=True).first()


def work_out(stage: str, month: str, now: datetime) -> None:
    """Rewrites the columns of one month of one stage."""
    read = ["seconds", "working_seconds", "shipment_id", _microseconds("ended_at"), "organization_id", *WORDS[1:-1]]
    read.append("CASE WHEN container = '' THEN '' ELSE 'true' END")
    rows = bulk.execute(
        f"SELECT {', '.join(read)} FROM {TIMES} WHERE stage = %s AND month = %s AND {ENDED}", [stage, month]
    )
    StageTimeColumn.objects.filter(stage=stage, month=month, name__in=(*NUMBERS, *WORDS)).delete()
    if not rows:
        return
    columns = list(zip(*rows, strict=True))
    bodies = {name: pack_numbers(columns[place]) for place, name in enumerate(NUMBERS)}
    owners = ["" if owner is None else str(owner) for owner in columns[len(NUMBERS)]]
    bodies["organization"] = pack_words(owners)
    for place, name in enumerate(WORDS[1:], len(NUMBERS) + 1):
        bodies[name] = pack_words(columns[place])
    write(stage, month, bodies, len(rows), now)


def write(stage: str, month: str, bodies: dict[str, bytes], count: int, now: datetime) -> None:
    """New columns."""
    StageTimeColumn.objects.bulk_create(
        StageTimeColumn(stage=stage, month=month, name=name, count=count, refreshed_at=now, body=body)
        for name, body in bodies.items()
    )


def _microseconds(column: str) -> str:
    if bulk.is_postgres():
        return f"(extract(epoch FROM {column}) * 1000000)::bigint"
    # Text in UTC, with six digits of a second where they are not naught.
    return f"{bulk.seconds_of(column)} * 1000000 + CAST(substr({column}, 21, 6) AS INTEGER)"


def pack_numbers(values: Sequence[int]) -> bytes:
    """Of at least one whole number, as near to naught and as narrow as they can be written."""
    base = min(values)
    above = [value - base for value in values]
    step = math.gcd(*above) or 1
    if step > 1:
        above = [value // step for value in above]
    return _pack(above, Head(0, base, step))


def pack_words(values: Iterable[str]) -> bytes:
    """Each word once, and its place for each row."""
    codes: dict[str, int] = {}
    places = [codes.setdefault(value, len(codes)) for value in values]
    return _pack(places, Head(0, words=list(codes)))


def _pack(values: Sequence[int], head: Head) -> bytes:
    largest = max(values)
    head.width = next(width for width in _KINDS if largest < 1 << 8 * width)
    numbers = array(_KINDS[head.width], values)
    front = msgspec.json.encode(head)
    return len(front).to_bytes(4, "little") + front + zlib.compress(numbers.tobytes(), 1)


class Column(NamedTuple):
    """One column as it is read: ``values`` an array of numbers, or of places in ``words``."""

    values: Any
    words: list[str] | None


Months = dict[tuple[str, str], dict[str, Column]]


def read(
    names: Collection[str], stages: Collection[str], months: tuple[str, str] = ("", "~")
) -> tuple[datetime | None, Months]:
    """As of when the columns are (``None``: there are none), and these of them by stage and month; one statement.

    No stages: all. ``months``: the first and the last that may matter. Needs NumPy, imported when it is first called.
    """
    where, parameters = "stage <> ''", list(names)
    if stages:
        where, parameters = f"stage IN ({_places(stages)})", [*parameters, *stages]
    return _read(
        f"name IN ({_places(names)}) AND {where} AND (month = '' OR month BETWEEN %s AND %s)", [*parameters, *months]
    )


def read_months(name: str, wanted: Collection[tuple[str, str]]) -> tuple[datetime | None, Months]:
    """The same of one column, of these stages and months."""
    pairs = ", ".join(["(%s, %s)"] * len(wanted))
    return _read(
        f"name = %s AND (stage, month) IN (VALUES {pairs})", [name, *(word for pair in wanted for word in pair)]
    )


def _read(where: str, parameters: list[Any]) -> tuple[datetime | None, Months]:
    """What is read and as of when it is come from one statement: a refresh may end at any time."""
    rows = bulk.execute(
        f"SELECT stage, month, name, {bulk.seconds_of('refreshed_at')}, body FROM {COLUMNS} "
        f"WHERE ({where}) OR (stage = '' AND month = '' AND name = '') ORDER BY stage, month, name",
        parameters,
    )
    found: Months = {}
    as_of = None
    for stage, month, name, refreshed, body in rows:
        if stage:
            found.setdefault((stage, month), {})[name] = unpack(body)
        else:
            as_of = datetime.fromtimestamp(refreshed, UTC)
    return as_of, found


def _places(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))


def unpack(body: Any) -> Column:
    """What ``pack_numbers`` or ``pack_words`` packed: numbers of 64 bits, or places as narrow as they were packed."""
    import numpy

    view = memoryview(body)
    begin = 4 + int.from_bytes(view[:4], "little")
    head = _decode_head(view[4:begin])
    values = numpy.frombuffer(zlib.decompress(view[begin:]), dtype=f"<u{head.width}")
    if head.words is not None:
        return Column(values, head.words)
    values = values.astype("int64")
    if head.step != 1:
        values *= head.step
    values += head.base
    return Column(values, None)
