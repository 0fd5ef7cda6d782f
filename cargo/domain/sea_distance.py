"""How far it is by sea between two ports, and when cargo that left would arrive by distance alone.

The sea is a graph: ``data/sea_waypoints.csv`` holds points off capes, straits, canals and coasts, and the legs between
them, of which none crosses land (its head comment names the sources). A port lies at the waypoint that is nearest to
it. The shortest way is Dijkstra's, by great circles on a sphere of 6,371.0 km; canals and straits count as open, ice,
draught, piracy and the carrier's own calls do not count. Against distances as tables commonly give them it errs by up
to 6 %, in short coastal hops by more.

Speeds: by sea 14 knots, what container ships sailed on average (BIMCO, Container Shipping Market Overview, first
quarter of 2023: 13.8 knots). By air 450 knots, a freighter's cruise (Boeing 777F and 747-8F: Mach 0.84 to 0.845, about
480 knots) less what climb, approach and taxiing take; no stops.
"""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from heapq import heappop, heappush
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from cargo.domain.places import place

SEA_KNOTS, AIR_KNOTS = 14, 450
_EARTH = 6_371.0 / 1.852
_HOUR = 3600
# A place farther from every waypoint lies at no sea that ships of cargo sail.
_FARTHEST = 250.0
_REMEMBERED = 65_536

Position = tuple[float, float]


class _Sea(NamedTuple):
    """Positions of the waypoints, and from each the lengths of its legs in nautical miles."""

    positions: dict[str, Position]
    legs: dict[str, dict[str, float]]


def distance(origin: str, destination: str) -> int | None:
    """Nautical miles by sea between two UN/LOCODEs; ``None`` where one is not known or does not lie at the sea."""
    return None if (miles := _by_sea(*sorted((origin, destination)))) is None else round(miles)


def planned_arrival(origin: str, destination: str, departed_at: int, mode: str) -> tuple[int, int] | None:
    """When cargo that left then arrives by distance alone (seconds since 1970, UTC), and the nautical miles.

    Modes are a journey's: ``sea`` and ``air``, any other gives ``None``, as does a place that is not known.
    """
    if mode == "sea":
        miles, knots = _by_sea(*sorted((origin, destination))), SEA_KNOTS
    elif mode == "air":
        miles, knots = _by_air(origin, destination), AIR_KNOTS
    else:
        return None
    if miles is None:
        return None
    return departed_at + round(miles / knots * _HOUR), round(miles)


def great_circle(one: Position, other: Position) -> float:
    """Nautical miles between two positions, in degrees north and east."""
    (north, east), (north_too, east_too) = ((radians(lat), radians(lon)) for lat, lon in (one, other))
    half = sin((north_too - north) / 2) ** 2 + cos(north) * cos(north_too) * sin((east_too - east) / 2) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(half)))


def _by_air(origin: str, destination: str) -> float | None:
    start, end = _position(origin), _position(destination)
    return None if start is None or end is None else great_circle(start, end)


@lru_cache(_REMEMBERED)
def _by_sea(origin: str, destination: str) -> float | None:
    start, end = _position(origin), _position(destination)
    if start is None or end is None:
        return None
    first, last = _nearest(start), _nearest(end)
    if first is None or last is None:
        return None
    if first == last:
        return great_circle(start, end)
    positions = _sea().positions
    return great_circle(start, positions[first]) + _lengths(first)[last] + great_circle(positions[last], end)


def _position(code: str) -> Position | None:
    known = place(code)
    if known is None or known.latitude is None or known.longitude is None:
        return None
    return known.latitude, known.longitude


@lru_cache(_REMEMBERED)
def _nearest(position: Position) -> str | None:
    miles, name = min((great_circle(position, at), name) for name, at in _sea().positions.items())
    return name if miles <= _FARTHEST else None


@cache
def _lengths(start: str) -> dict[str, float]:
    """The shortest way from one waypoint to each of the others."""
    legs = _sea().legs
    found = {start: 0.0}
    waiting = [(0.0, start)]
    while waiting:
        miles, name = heappop(waiting)
        if miles > found[name]:
            continue
        for other, length in legs[name].items():
            farther = miles + length
            if other not in found or farther < found[other]:
                found[other] = farther
                heappush(waiting, (farther, other))
    return found


@cache
def _sea() -> _Sea:
    text = (files("cargo.domain") / "data" / "sea_waypoints.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    positions = {row["name"]: (float(row["lat"]), float(row["lon"])) for row in rows}
    legs: dict[str, dict[str, float]] = {name: {} for name in positions}
    for row in rows:
        for other in row["legs"].split():
            length = great_circle(positions[row["name"]], positions[other])
            legs[row["name"]][other] = legs[other][row["name"]] = length
    return _Sea(positions, legs)
