"""Working time: a clock that runs at full speed while offices are open and slowly, or as fast, while they are shut.

Releases happen in office hours. Counted by such a clock two stages of the same work last equally long, whether a
weekend lies between or not. A quiet speed above 0 keeps the clock strictly rising, so that it can be read backwards.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from cargo.domain.working_days import is_working

Floats = NDArray[np.float64]
# Customs houses work from 9 to 18 local time (Korea Customs Service's hours; others differ by an hour at most).
_OPENS, _CLOSES = time(9), time(18)
# The days whose offices the clock knows (holidays that follow the moon are published for some years ahead, mostly to
# 2035); before them, and after them until 2100, it is plain time.
_EPOCH, _FIRST, _LAST, _END = date(1970, 1, 1), date(2015, 1, 1), date(2036, 1, 1), date(2100, 1, 1)


class WorkingClock:
    """The working time of one country and zone. ``quiet``: speed outside office hours, above 0; 1 is plain time."""

    def __init__(self, country: str, zone: str, quiet: float) -> None:
        if not 0 < quiet <= 1:
            raise ValueError(f"quiet speed {quiet} is not above 0 and at most 1")
        self._instants, self._readings = _knots(country, zone, quiet)

    def reading(self, instants: Floats) -> Floats:
        """What the clock shows, in seconds, at instants in seconds since 1970 UTC."""
        return np.interp(instants, self._instants, self._readings)

    def instant(self, readings: Floats) -> Floats:
        """When the clock shows these readings: seconds since 1970 UTC. The inverse of ``reading``."""
        return np.interp(readings, self._readings, self._instants)


@lru_cache(maxsize=256)
def working_clock(country: str, zone: str, quiet: float) -> WorkingClock:
    """One clock for each country, zone and speed: it takes a tenth of a second to build."""
    return WorkingClock(country, zone, quiet)


@lru_cache(maxsize=256)
def resting_days(country: str) -> NDArray[np.bool_]:
    """For each day since 1970-01-01 until 2036, whether offices of the country rest."""
    count = (_LAST - _EPOCH).days
    known = (_FIRST - _EPOCH).days
    found = np.zeros(count, dtype=np.bool_)
    for index in range(known, count):
        found[index] = not is_working(_EPOCH + timedelta(days=index), country)
    return found


@lru_cache(maxsize=256)
def _knots(country: str, zone: str, quiet: float) -> tuple[Floats, Floats]:
    place = ZoneInfo(zone or "UTC")
    instants, speeds = [0.0, _seconds(_FIRST, time(0), place)], [1.0, quiet]
    day = _FIRST
    resting = resting_days(country)
    while day < _LAST:
        if not resting[(day - _EPOCH).days]:
            instants += [_seconds(day, _OPENS, place), _seconds(day, _CLOSES, place)]
            speeds += [1.0, quiet]
        day += timedelta(days=1)
    instants += [_seconds(_LAST, time(0), place), _seconds(_END, time(0), place)]
    speeds.append(1.0)
    times = np.array(instants)
    readings = np.concatenate([[0.0], np.cumsum(np.diff(times) * np.array(speeds))])
    return times, readings


@lru_cache(maxsize=256)
def winter_offset(zone: str) -> float:
    """Seconds by which the zone's clocks are ahead of UTC on 1 January 2024."""
    ahead = ZoneInfo(zone or "UTC").utcoffset(datetime(2024, 1, 1))
    return ahead.total_seconds() if ahead is not None else 0.0


def _seconds(day: date, at: time, place: ZoneInfo) -> float:
    return datetime.combine(day, at, place).astimezone(UTC).timestamp()
