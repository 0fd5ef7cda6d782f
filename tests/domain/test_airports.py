"""Our list of airports: every code, position and zone held against the UN/LOCODE table and the map of zones."""

from __future__ import annotations

import csv
import math
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from tzfpy import get_tz

from cargo.domain import places

NEAR = 100.0
# Rockford and Torp are told as Chicago and Oslo.
SAME_TOWN = 130.0
# By the freight tonnage that the Airports Council International publishes.
BUSIEST = "HKG PVG MEM ANC SDF ICN MIA DOH TPE DXB LAX NRT CDG IST FRA SIN ORD CVG CAN LEJ AMS"
SEASONS = (datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC))


def rows(name: str) -> list[dict[str, str]]:
    lines = (files("cargo.domain") / "data" / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


AIRPORTS = rows("airports.csv")
CITIES = rows("cities.csv")


def clocks(zone: str) -> list[timedelta | None]:
    """What the clocks of a zone say in winter and in summer: neighbors with other names may keep the same time."""
    return [season.astimezone(ZoneInfo(zone)).utcoffset() for season in SEASONS]


def kilometers(one: places.PlaceInfo, other: places.PlaceInfo) -> float:
    assert one.latitude is not None and one.longitude is not None
    assert other.latitude is not None and other.longitude is not None
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(other.longitude - one.longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))


def country_zones() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, set()).add(zone)
    return found


COUNTRY_ZONES = country_zones()


def known(code: str, scheme: str = "iata") -> places.PlaceInfo:
    info = places.place(code, scheme)
    assert info is not None, f"{scheme} {code}"
    return info


def test_an_airport_in_full() -> None:
    assert known("LEJ") == places.PlaceInfo(
        code="LEJ",
        scheme="iata",
        name="Leipzig/Halle",
        name_ko="라이프치히",
        latitude=51.43,
        longitude=12.24,
        zone="Europe/Berlin",
        unlocode="DELEJ",
    )


def test_the_list_is_long_and_says_each_airport_once() -> None:
    codes = [row["iata"] for row in AIRPORTS]
    assert len(codes) == len(set(codes)) >= 400
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in codes)
    assert set(BUSIEST.split()) <= set(codes)


@pytest.mark.parametrize("row", AIRPORTS, ids=lambda row: row["iata"])
def test_an_airport_lies_where_it_says(row: dict[str, str]) -> None:
    airport, town = known(row["iata"]), known(row["unlocode"], "unlocode")
    assert airport.zone is not None and airport.latitude is not None and airport.longitude is not None
    country = row["unlocode"][:2]
    assert any(clocks(airport.zone) == clocks(zone) for zone in COUNTRY_ZONES[country])
    assert clocks(get_tz(airport.longitude, airport.latitude)) == clocks(airport.zone)
    assert town.zone is None or clocks(town.zone) == clocks(airport.zone)
    if town.latitude is not None:
        assert kilometers(airport, town) < NEAR


@pytest.mark.parametrize("row", CITIES, ids=lambda row: row["iata"])
def test_a_metropolitan_area_is_its_airports(row: dict[str, str]) -> None:
    city = known(row["iata"])
    airports = [known(code) for code in row["airports"].split()]
    town = known(row["unlocode"], "unlocode")
    assert {airport.zone for airport in airports} == {airports[0].zone}
    assert all(kilometers(airport, airports[0]) < SAME_TOWN for airport in airports)
    if town.latitude is not None:
        assert kilometers(airports[0], town) < NEAR
    assert city.latitude is not None and city.zone is not None
    assert places.airports_of(row["unlocode"]) == {airport.unlocode for airport in airports}


def test_a_city_code_means_its_airports_and_an_airport_only_itself() -> None:
    assert places.serves("LHR", "LON")
    assert places.serves("LHR", "LHR")
    assert not places.serves("LHR", "LGW")
    assert not places.serves("LHR", "NYC")
    assert not places.serves("LON", "LHR")
    assert places.airports_of("USJFK") == frozenset()
    assert known("LON").name_in("ko") == "런던"
    # A code of both is the airport.
    assert known("SHA").name == "Shanghai Hongqiao"
    assert places.serves("PVG", "SHA")


@pytest.mark.parametrize("row", rows("corrections.csv"), ids=lambda row: row["code"])
def test_a_correction_is_in_the_table(row: dict[str, str]) -> None:
    place = known(row["code"], "unlocode")
    assert row["reason"]
    if row["lat"]:
        assert (place.latitude, place.longitude) == (float(row["lat"]), float(row["lon"]))
    if row["zone"]:
        assert place.zone == row["zone"]


def test_no_place_of_the_table_lies_hours_from_its_own_clock() -> None:
    # Bystrocice, published at 171 degrees east: the place stays, its coordinates go.
    place = known("CZBYT", "unlocode")
    assert (place.latitude, place.longitude, place.zone) == (None, None, "Europe/Prague")
