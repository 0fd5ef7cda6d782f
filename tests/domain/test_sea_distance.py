"""The distances by sea against those that tables commonly give, and the legs against the continents."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin, sqrt

import pytest

from cargo.domain import sea_distance
from cargo.domain.sea_distance import AIR_KNOTS, SEA_KNOTS, distance, great_circle, planned_arrival

# Nautical miles as commonly given from port to port, by the usual way: Suez, Panama, Malacca, the Cape. Tables differ
# by one or two in a hundred. Written down from general knowledge; Shanghai to Rotterdam alone was looked up.
COMMONLY_GIVEN = [
    ("KRPUS", "NLRTM", 10_850),
    ("CNSHA", "NLRTM", 10_525),
    ("SGSIN", "NLRTM", 8_290),
    ("INNSA", "NLRTM", 6_340),
    ("EGPSD", "ESALG", 1_915),
    ("SGSIN", "AEJEA", 3_440),
    ("SGSIN", "LKCMB", 1_570),
    ("HKHKG", "SGSIN", 1_460),
    ("KRPUS", "SGSIN", 2_500),
    ("KRPUS", "CNSHA", 490),
    ("KRPUS", "USLAX", 5_230),
    ("KRPUS", "CAVAN", 4_600),
    ("JPYOK", "USLAX", 4_839),
    ("CNSHA", "USLAX", 5_710),
    ("KRPUS", "USNYC", 10_050),
    ("KRPUS", "USHOU", 9_850),
    ("PABLB", "USLAX", 2_913),
    ("PABLB", "JPYOK", 7_682),
    ("PACTB", "USNYC", 1_974),
    ("CLVAP", "PABLB", 2_616),
    ("USNYC", "NLRTM", 3_350),
    ("ITGOA", "USNYC", 4_060),
    ("USNYC", "USHOU", 1_900),
    ("BRSSZ", "NLRTM", 5_430),
    ("CNSHA", "BRSSZ", 11_050),
    ("ZACPT", "BRRIO", 3_270),
    ("ZADUR", "SGSIN", 4_860),
    ("AUSYD", "NZAKL", 1_276),
    ("SGSIN", "AUSYD", 4_280),
    ("JPYOK", "AUSYD", 4_330),
]
# The insides of the continents, well behind every coast: degrees north and east.
CONTINENTS = {
    "Africa": [(32, -4), (33, 4), (28, 20), (27, 31), (15, 36), (8, 42), (0, 40), (-10, 37), (-20, 33), (-30, 27),
               (-31, 20), (-20, 16), (-8, 16), (4, 13), (8, 6), (8, -5), (15, -14), (25, -12)],
    "Asia": [(35, 45), (33, 51), (29, 60), (27, 68), (22, 75), (13, 77), (22, 85), (24, 92), (19, 98), (20, 102),
             (24, 110), (30, 117), (41, 120), (45, 128), (52, 135), (60, 140), (62, 100), (60, 60), (45, 60)],
    "Europe": [(42, -4), (46, 3), (48, 3), (51, 9), (52, 20), (55, 28), (60, 36), (58, 55), (50, 50), (48, 35),
               (47, 25), (47, 14), (45, 5)],
    "North America": [(60, -120), (60, -100), (52, -90), (48, -75), (42, -76), (35, -82), (32, -88), (32, -97),
                      (25, -102), (22, -103), (31, -109), (38, -119), (47, -120)],
    "South America": [(5, -74), (5, -66), (1, -58), (-4, -45), (-8, -38), (-16, -42), (-22, -48), (-30, -56),
                      (-38, -64), (-45, -69), (-30, -69), (-16, -70), (-5, -78)],
    "Australia": [(-16, 132), (-20, 139), (-22, 146), (-31, 149), (-35, 144), (-30, 135), (-30, 124), (-30, 118),
                  (-24, 117), (-20, 124)],
}  # fmt: skip


@pytest.mark.parametrize(("origin", "destination", "miles"), COMMONLY_GIVEN)
def test_distances_are_those_that_tables_give(origin: str, destination: str, miles: int) -> None:
    found = distance(origin, destination)
    assert found is not None
    assert abs(found / miles - 1) <= 0.06, (found, miles)
    assert distance(destination, origin) == found


def test_what_is_not_known_has_no_distance() -> None:
    assert distance("KRPUS", "XXXXX") is None
    assert distance("KRPUS", "") is None
    # Far from every sea.
    assert distance("KRPUS", "MNULN") is None
    assert distance("KRPUS", "KRPUS") == 0


def test_when_cargo_would_arrive() -> None:
    miles = distance("KRPUS", "USLAX")
    assert miles is not None
    arrival = planned_arrival("KRPUS", "USLAX", 1_000_000, "sea")
    assert arrival is not None and arrival[1] == miles
    assert abs(arrival[0] - 1_000_000 - miles * 3600 / SEA_KNOTS) < 3600 / SEA_KNOTS
    flight = planned_arrival("KRICN", "DEFRA", 0, "air")
    assert flight is not None
    # By great circle, 8,550 km.
    assert abs(flight[1] - 4_617) < 50
    assert abs(flight[0] - flight[1] * 3600 / AIR_KNOTS) < 3600 / AIR_KNOTS
    for mode in ("rail", "road", ""):
        assert planned_arrival("KRPUS", "USLAX", 0, mode) is None
    assert planned_arrival("KRPUS", "XXXXX", 0, "sea") is None
    assert planned_arrival("XXXXX", "KRPUS", 0, "air") is None


@pytest.mark.parametrize(
    ("origin", "destination", "passage"),
    [
        ("KRPUS", "NLRTM", {"suez", "bab_el_mandeb", "gibraltar", "dover"}),
        ("CNSHA", "BRSSZ", {"agulhas", "sunda"}),
        ("KRPUS", "USNYC", {"balboa_off", "cristobal_off"}),
        ("TRIST", "RUNVS", {"bosporus_north"}),
        ("AUSYD", "IDJKT", {"torres"}),
        ("RUVVO", "USLAX", {"tsugaru_east"}),
    ],
)
def test_the_way_goes_through_the_straits(origin: str, destination: str, passage: set[str]) -> None:
    """A waypoint is passed where the ways to it and from it add up to the way."""
    positions = [sea_distance._position(code) for code in (origin, destination)]
    assert positions[0] and positions[1]
    first, last = (sea_distance._nearest(position) for position in positions if position)
    assert first and last
    whole = sea_distance._lengths(first)[last]
    for name in passage:
        by_it = sea_distance._lengths(first)[name] + sea_distance._lengths(name)[last]
        assert by_it - whole < 1e-6, name


def test_every_waypoint_can_be_reached() -> None:
    sea = sea_distance._sea()
    assert len(sea.positions) > 400
    assert sea_distance._lengths("singapore").keys() == sea.positions.keys()


def test_no_leg_crosses_a_continent() -> None:
    sea = sea_distance._sea()
    crossing = [
        (name, other, continent)
        for name, legs in sea.legs.items()
        for other in legs
        if name < other
        for continent, border in CONTINENTS.items()
        if any(_inside(point, border) for point in _points(sea.positions[name], sea.positions[other]))
    ]
    assert crossing == []


def test_a_line_over_land_would_be_found() -> None:
    mumbai, kolkata = (18.8, 72.5), (21.0, 88.2)
    assert any(_inside(point, CONTINENTS["Asia"]) for point in _points(mumbai, kolkata))


def _points(one: tuple[float, float], other: tuple[float, float]) -> list[tuple[float, float]]:
    """Along the great circle, about every 60 nautical miles."""
    number = int(great_circle(one, other) / 60) + 2
    (north, east), (north_too, east_too) = ((radians(a), radians(b)) for a, b in (one, other))
    start = (cos(north) * cos(east), cos(north) * sin(east), sin(north))
    end = (cos(north_too) * cos(east_too), cos(north_too) * sin(east_too), sin(north_too))
    angle = 2 * asin(min(1, sqrt(sum((a - b) ** 2 for a, b in zip(start, end, strict=True))) / 2))
    found = []
    for step in range(number + 1):
        share = step / number
        near, far = sin((1 - share) * angle) / sin(angle), sin(share * angle) / sin(angle)
        x, y, z = (near * a + far * b for a, b in zip(start, end, strict=True))
        found.append((degrees(asin(max(-1, min(1, z)))), degrees(atan2(y, x))))
    return found


def _inside(point: tuple[float, float], border: list[tuple[float, float]]) -> bool:
    """Whether a ray to the east crosses the border an odd number of times."""
    north, east = point
    inside = False
    for (lat, lon), (lat_too, lon_too) in zip(border, [*border[1:], border[0]], strict=True):
        if (lat > north) != (lat_too > north) and east < lon + (north - lat) / (lat_too - lat) * (lon_too - lon):
            inside = not inside
    return inside
