"""What is known of stages that ended or are under way, and the same as columns of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

import numpy as np

from cargo.domain.forecast.backoff import Codes, Floats
from cargo.domain.forecast.clock import WorkingClock, resting_days, winter_offset, working_clock
from cargo.domain.forecast.comparable import Names

_NEVER = float("inf")
_DAY = 86_400
NAMES = ("mode", "port", "organization", "carrier")


@dataclass(frozen=True, slots=True)
class Span:
    """One stage of one cargo. Instants are seconds since 1970 UTC; ``ended_at`` is ``None`` while it is under way.

    ``country`` (ISO 3166-1 alpha-2) and ``zone`` (IANA) are those of the port. ``declared_ahead``: a declaration was
    lodged before the cargo arrived. ``inspection_at``: when an inspection was ordered. A hold is open from
    ``hold_from`` until ``hold_until``. Empty text and ``None`` say that it is not known or did not happen; an
    unknown ``zone`` is UTC. A zone that does not exist raises ``zoneinfo.ZoneInfoNotFoundError`` when it is learned.
    """

    stage: str
    started_at: int
    ended_at: int | None
    organization: str = ""
    mode: str = ""
    port: str = ""
    carrier: str = ""
    country: str = ""
    zone: str = "UTC"
    declared_ahead: bool = False
    inspection_at: int | None = None
    hold_from: int | None = None
    hold_until: int | None = None


# ``dataclasses.astuple`` copies every value and takes ten times as long.
_everything = attrgetter(*(field.name for field in fields(Span)))


class Vocabulary:
    """Numbers for the names in a history; 0 stands for a name that it does not hold.

    Ports and carriers that too few stand behind are each organization's own (``comparable``).
    """

    def __init__(self, spans: Sequence[Span]) -> None:
        self._ports = Names((span.port, span.organization) for span in spans)
        self._carriers = Names((span.carrier, span.organization) for span in spans)
        found = [sorted(set(names)) for names in self._columns(spans)]
        self._numbers = [{name: number for number, name in enumerate(names, start=1)} for names in found]

    def codes(self, spans: Sequence[Span]) -> Codes:
        """One row a span, one column a name of ``NAMES``."""
        columns = [
            [numbers.get(name, 0) for name in names]
            for numbers, names in zip(self._numbers, self._columns(spans), strict=True)
        ]
        return np.array(columns, dtype=np.int64).T.reshape(len(spans), len(NAMES))

    def _columns(self, spans: Sequence[Span]) -> tuple[list[str], ...]:
        """The names by column, in the order of ``NAMES``."""
        return (
            [span.mode for span in spans],
            [self._ports.of(span.port, span.organization) for span in spans],
            [span.organization for span in spans],
            [self._carriers.of(span.carrier, span.organization) for span in spans],
        )


class Columns:
    """Spans as arrays, one element a span. What did not happen is infinitely far ahead."""

    def __init__(self, spans: Sequence[Span], vocabulary: Vocabulary) -> None:
        self.names = vocabulary.codes(spans)
        self.started = np.array([span.started_at for span in spans], dtype=np.float64)
        self.ended = np.array([_far(span.ended_at) for span in spans], dtype=np.float64)
        self.ahead = np.array([span.declared_ahead for span in spans], dtype=np.int64)
        self._inspection = np.array([_far(span.inspection_at) for span in spans], dtype=np.float64)
        self._hold_from = np.array([_far(span.hold_from) for span in spans], dtype=np.float64)
        self._hold_until = np.array([_far(span.hold_until) for span in spans], dtype=np.float64)
        kinds: dict[tuple[str, str], int] = {}
        self._kind = np.array([kinds.setdefault((span.country, span.zone), len(kinds)) for span in spans])
        self._kinds = list(kinds)

    def __len__(self) -> int:
        return len(self.started)

    def situation(self, rows: Codes, at: Floats) -> Codes:
        """What was known of the rows at these instants: inspection ordered 4, hold open 2, declared ahead 1, added."""
        inspected = self._inspection[rows] <= at
        held = (self._hold_from[rows] <= at) & (at < self._hold_until[rows])
        return np.asarray(inspected * 4 + held * 2 + self.ahead[rows], dtype=np.int64)

    def readings(self, rows: Codes, instants: Floats, quiet: float) -> Floats:
        """The working time of each row's place at these instants."""
        return self._by_place(rows, instants, quiet, WorkingClock.reading)

    def instants(self, rows: Codes, readings: Floats, quiet: float) -> Floats:
        """The inverse of ``readings``. Both also take several columns a row."""
        return self._by_place(rows, readings, quiet, WorkingClock.instant)

    def calendar(self, rows: Codes, at: Floats) -> Codes:
        """Three columns: weekday (7: holiday) and part of the day; rest today and tomorrow; month. By winter time."""
        ahead = np.array([winter_offset(zone) for _, zone in self._kinds])
        at = at + ahead[self._kind[rows]]
        day = (at // _DAY).astype(np.int64)
        weekday = (day + 3) % 7
        rest, rest_next = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        for number, (country, _) in enumerate(self._kinds):
            here = self._kind[rows] == number
            resting = resting_days(country)
            today = np.clip(day[here], 0, len(resting) - 2)
            rest[here], rest_next[here] = resting[today], resting[today + 1]
        weekday = np.where(rest & (weekday < 5), 7, weekday)
        part = ((at % _DAY) // (4 * 3600)).astype(np.int64)
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        return np.stack([weekday * 6 + part, rest * 2 + rest_next, month], axis=1).astype(np.int64)

    def _by_place(
        self, rows: Codes, values: Floats, quiet: float, read: Callable[[WorkingClock, Floats], Floats]
    ) -> Floats:
        if quiet == 1.0:
            return values
        found = np.empty_like(values)
        kind = self._kind[rows]
        for number, (country, zone) in enumerate(self._kinds):
            here = kind == number
            if here.any():
                found[here] = read(working_clock(country, zone, quiet), values[here])
        return found


def in_order(spans: Iterable[Span]) -> list[Span]:
    """The spans in one order, whatever order they came in: sums of fractions depend on it."""
    return sorted(spans, key=lambda span: tuple(-1 if value is None else value for value in _everything(span)))


def _far(instant: int | None) -> float:
    return _NEVER if instant is None else float(instant)
