"""The operator's figures over everybody's cargo, read from the packed columns: the same as from the rows, as they were
when the columns were worked out.

Only the columns that a question needs are read. NumPy is imported when the first one is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from cargo.domain.lead_times import NO_AGENCY, PRE_ARRIVAL
from cargo.domain.statistics import Summary, Sums, named, summarize_ordered, sums_of
from cargo.models import stage_columns
from cargo.models.stage_columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cargo.selectors.lead_times import Target

# A square of more than 32 bits is not added up in 64.
_NARROW = 1 << 32
# Instants with a month before or after them: a stage's month is that of the place where it ended.
_MARGIN = timedelta(days=2)
ELAPSED, WORKING = "elapsed", "working"
CLOCKS = {ELAPSED: "seconds", WORKING: "working_seconds"}
_DERIVED = {"client": "organization", "pre_arrival": "declared", "intervened": "agency"}

Key = tuple[str, str | None]
Found = dict[Key, tuple[Summary, int, int]]
Test = Callable[[str], bool]


class Outlier(NamedTuple):
    """One that may have to be named: of which stage and group, in which row of which stage's month, how long."""

    key: Key
    month: tuple[str, str]
    place: int
    seconds: int


class Part(NamedTuple):
    """What was picked of one month: lengths, the number of each one's group, where in the month it stands (``None``:
    all stand there), and whether it kept to its target (1), did not (0) or has none (-1).
    """

    month: str
    seconds: NDArray[Any]
    groups: NDArray[Any]
    places: NDArray[Any] | None
    hits: NDArray[Any] | None


def summary(params: dict[str, Any], filters: Iterable[str], targets: Sequence[Target]) -> tuple[datetime, Found] | None:
    """As of when, and by stage and group the figures, how many met a target and how many missed it; ``None`` where
    there are no columns.

    ``params`` as ``lead_times.answer`` takes them; ``filters``: those that name one word; ``targets``: the most
    specific first. Two statements.
    """
    while True:
        as_of, found, outliers = _summary(params, filters, targets)
        if as_of is None:
            return None
        named_of, named_found = _name(found, outliers)
        # Had a refresh ended between the two statements, the second would have read other rows.
        if named_of in (None, as_of):
            return as_of, named_found


def _summary(
    params: dict[str, Any], filters: Iterable[str], targets: Sequence[Target]
) -> tuple[datetime | None, Found, list[Outlier]]:
    seconds = CLOCKS[params.get("hours") or ELAPSED]
    tests = _tests(params, filters)
    group = params.get("group_by")
    grouped = None if group in (None, "month") else _DERIVED.get(group, group)
    after, before = params.get("ended_after"), params.get("ended_before")
    names = {seconds, *tests, *([grouped] if grouped else ()), *(["ended_at"] if after or before else ())}
    names |= {"port", "mode", *(CLOCKS[target.clock] for target in targets)} if targets else set()
    months = (f"{after - _MARGIN:%Y-%m}" if after else "", f"{before + _MARGIN:%Y-%m}" if before else "~")
    as_of, read = stage_columns.read(sorted(names), params.get("stage") or (), months)
    stages: dict[str, tuple[dict[str, int], list[Part]]] = {}
    for (stage, month), columns in read.items():
        chosen = _chosen(columns, tests, after, before)
        if chosen is not None and not chosen.any():
            continue
        numbers, parts = stages.setdefault(stage, ({}, []))
        words = _group_words(group, columns[grouped].words or () if grouped else (month,))
        hits = _hits(columns, [target for target in targets if target.stage == stage])
        parts.append(_part(month, columns[seconds], columns.get(grouped or ""), words, numbers, chosen, hits))
    found: Found = {}
    outliers: list[Outlier] = []
    for stage, (numbers, parts) in stages.items():
        keys = [(stage, None if group is None else value) for value in numbers]
        figures, far = _figures(keys, parts)
        counted = zip(keys, figures, *_counted(parts, len(keys)), strict=True)
        found |= {key: (summed, met, missed) for key, summed, met, missed in counted if summed is not None}
        outliers += far
    return as_of, found, outliers


def _tests(params: dict[str, Any], filters: Iterable[str]) -> dict[str, Test]:
    """By column, whether a word is wanted."""
    tests: dict[str, list[Test]] = {"container": [("true" if params.get("containers") else "").__eq__]}
    if params.get("mode"):
        tests.setdefault("mode", []).append(frozenset(params["mode"]).__contains__)
    for name in filters:
        if params.get(name):
            tests.setdefault(name, []).append(params[name].__eq__)
    for name in ("pre_arrival", "intervened"):
        if params.get(name) is not None:
            tests.setdefault(_DERIVED[name], []).append(_is_derived(name, "true" if params[name] else "false"))
    return {name: _all_of(every) for name, every in tests.items()}


def _is_derived(name: str, wanted: str) -> Test:
    return lambda word: _derived(name, word) == wanted


def _all_of(tests: Sequence[Test]) -> Test:
    return lambda word: all(test(word) for test in tests)


def _derived(name: str, word: str) -> str:
    """``true``, ``false`` or, where nothing is known, nothing."""
    if not word:
        return ""
    is_so = word in PRE_ARRIVAL if name == "pre_arrival" else word != NO_AGENCY
    return "true" if is_so else "false"


def _group_words(group: str | None, words: Sequence[str]) -> list[str]:
    """The group that each word of the column belongs to."""
    if group is None:
        return [""]
    return [_derived(group, word) for word in words] if group in ("pre_arrival", "intervened") else list(words)


def _chosen(
    columns: dict[str, Column], tests: dict[str, Test], after: datetime | None, before: datetime | None
) -> NDArray[Any] | None:
    """Which rows of the month are wanted; ``None`` for all of them."""
    import numpy

    masks = []
    for name, test in tests.items():
        column = columns[name]
        wanted = numpy.array([test(word) for word in column.words or ()])
        if not wanted.all():
            masks.append(wanted[column.values])
    if after:
        masks.append(columns["ended_at"].values >= _microseconds(after))
    if before:
        masks.append(columns["ended_at"].values < _microseconds(before))
    return numpy.logical_and.reduce(masks) if masks else None


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _part(
    month: str,
    seconds: Column,
    grouped: Column | None,
    words: list[str],
    numbers: dict[str, int],
    chosen: NDArray[Any] | None,
    hits: NDArray[Any] | None,
) -> Part:
    import numpy

    known = numpy.array([numbers.setdefault(word, len(numbers)) for word in words], dtype="int64")
    groups = known[grouped.values] if grouped else numpy.full(len(seconds.values), known[0])
    if chosen is None:
        return Part(month, seconds.values, groups, None, hits)
    kept = None if hits is None else hits[chosen]
    return Part(month, seconds.values[chosen], groups[chosen], numpy.flatnonzero(chosen), kept)


def _hits(columns: dict[str, Column], targets: Sequence[Target]) -> NDArray[Any] | None:
    """Of a month's rows, against the most specific target that is about each; ``None`` where there are no targets."""
    import numpy

    if not targets:
        return None
    hits = numpy.full(len(columns["port"].values), -1, dtype="int8")
    for target in reversed(targets):
        met = columns[CLOCKS[target.clock]].values <= target.seconds
        about = numpy.full(len(hits), True)
        for name in ("port", "mode"):
            if wanted := getattr(target, name):
                column = columns[name]
                about &= numpy.array([word == wanted for word in column.words or ()])[column.values]
        hits[about] = met[about]
    return hits


def _counted(parts: list[Part], count: int) -> tuple[list[int], list[int]]:
    """By group, how many met their targets and how many missed them."""
    import numpy

    met, missed = (
        sum(
            numpy.bincount(part.groups[part.hits == wanted], minlength=count) for part in parts if part.hits is not None
        )
        + numpy.zeros(count, dtype="int64")
        for wanted in (1, 0)
    )
    return met.tolist(), missed.tolist()


def _figures(keys: list[Key], parts: list[Part]) -> tuple[list[Summary | None], list[Outlier]]:
    """Of each group: all lengths of all groups are sorted at once, the group's number above the length."""
    import numpy

    bits = max(int(part.seconds.max()) for part in parts).bit_length()
    unordered = numpy.concatenate([part.groups << bits | part.seconds for part in parts])
    ordered = numpy.sort(unordered)
    borders = ordered.searchsorted(numpy.arange(len(keys) + 1) << bits)
    figures: list[Summary | None] = []
    wanted: list[int] = []
    for number in range(len(keys)):
        lengths: Any = ordered[borders[number] : borders[number + 1]] - (number << bits)
        if not len(lengths):
            figures.append(None)
            continue
        summed, longest = summarize_ordered(lengths, _sums)
        figures.append(summed)
        wanted += [number << bits | length for length in longest]
    if not wanted:
        return figures, []
    found = []
    for part, place, value in _places_of(numpy.array(sorted(wanted)), unordered, parts):
        key = keys[value >> bits]
        found.append(Outlier(key, (key[0], part.month), place, value & (1 << bits) - 1))
    return figures, found


def _places_of(wanted: NDArray[Any], unordered: NDArray[Any], parts: list[Part]) -> Iterator[tuple[Part, int, int]]:
    """Where these values stand: in which month, and in which of its rows."""
    near = wanted.searchsorted(unordered)
    near[near == len(wanted)] = 0
    hits = (wanted[near] == unordered).nonzero()[0]
    begin = 0
    for part in parts:
        end = begin + len(part.seconds)
        here = hits[hits.searchsorted(begin) : hits.searchsorted(end)]
        places = here - begin if part.places is None else part.places[here - begin]
        for place, value in zip(places.tolist(), unordered[here].tolist(), strict=True):
            yield part, place, value
        begin = end


def _name(found: Found, outliers: list[Outlier]) -> tuple[datetime | None, Found]:
    """Names the longest outliers of each group; only of their months the shipments are read."""
    if not outliers:
        return None, found
    as_of, months = stage_columns.read_months("shipment", sorted({row.month for row in outliers}))
    candidates: dict[Key, list[tuple[int, int]]] = {}
    for row in outliers:
        shipments = months[row.month]["shipment"].values if row.month in months else ()
        if row.place < len(shipments):
            candidates.setdefault(row.key, []).append((row.seconds, int(shipments[row.place])))
    return as_of, found | {key: (named(found[key][0], rows), *found[key][1:]) for key, rows in candidates.items()}


def _sums(values: Any) -> Sums:
    """In whole numbers: the square of ``a * 65536 + b`` part by part, each of which fits 64 bits."""
    if not len(values):
        return Sums(0, 0, 0)
    if values[-1] >= _NARROW:
        return sums_of(values.tolist())
    high, low = values >> 16, values & 0xFFFF
    squares = (int(high @ high) << 32) + (int(high @ low) << 17) + int(low @ low)
    return Sums(len(values), int(values.sum()), squares)
