"""Where a place is: UN/LOCODE and IATA codes with name, coordinates and time zone, without a database.

The table ``data/places.txt.gz`` holds the UN/LOCODEs with a port, rail, airport or inland clearance function.
Source: UN/LOCODE as of December 2024 (edition 2024-2, the uncefact vocab-locode repository, MIT, (c) 2022
UN/CEFACT); the zones are added when it is built (``manage.py build_places``) from the coordinates, from the
zones of the same subdivision, or from the country's only zone. Coordinates that lie three hours from the place's
clock are wrong and left out; ``data/corrections.csv`` puts right what the edition has wrong about a place that we need.
Half of the smaller places have no coordinates; a place without a zone is known by name only.

Our own lists: ``data/ports.csv`` (the main ports with Korean names), ``data/airports.csv`` (718 cargo airports by IATA
code: the UN/LOCODE of the town they serve, zone, position) and ``data/cities.csv`` (metropolitan areas by IATA code,
which air waybills name instead of an airport). They are facts that we compiled; their head comments name edition and
sources, and ``tests/domain/test_airports.py`` holds them against the table and the zones' map.
"""

from __future__ import annotations

import csv
import gzip
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DATA = "data"
_FIELDS = 5
_LONGEST_CODE = 12
_CACHE_LIMIT = 20000


class PlaceInfo(NamedTuple):
    """What is known of a place. ``zone`` is an IANA name; coordinates are degrees north and east."""

    code: str
    scheme: str
    name: str
    name_ko: str | None
    latitude: float | None
    longitude: float | None
    zone: str | None
    unlocode: str | None

    def name_in(self, language: str) -> str:
        """The name in that language (``ko`` where known, else English)."""
        return (self.name_ko or self.name) if language.startswith("ko") else self.name


class _Tables(NamedTuple):
    zones: tuple[str, ...]
    lines: dict[str, str]
    ports: dict[str, PlaceInfo]
    airports: dict[str, PlaceInfo]
    cities: dict[str, PlaceInfo]
    towns: dict[str, frozenset[str]]
    members: dict[str, frozenset[str]]


_found: dict[tuple[str, str], PlaceInfo | None] = {}


def place(code: str | None, scheme: str | None = "unlocode") -> PlaceInfo | None:
    """The place with that code, or ``None`` if the table does not know it. Schemes: ``unlocode``, ``iata``."""
    if not code or not scheme or len(code) > _LONGEST_CODE:
        return None
    key = (scheme, code)
    if key not in _found:
        if len(_found) > _CACHE_LIMIT:
            _found.clear()
        _found[key] = _look_up(code.upper(), scheme)
    return _found[key]


def zone_of(code: str | None, scheme: str | None = "unlocode") -> str | None:
    """The IANA zone of that place, or ``None`` while it is not known."""
    info = place(code, scheme)
    return info.zone if info is not None else None


def name(code: str, scheme: str = "unlocode", language: str = "en") -> str:
    """The place's name, or the code itself if it is not known."""
    info = place(code, scheme)
    return info.name_in(language) if info is not None else code


def named(text: str) -> str | None:
    """The UN/LOCODE of a main port by its English or Korean name; of two codes for it, the one our list has first."""
    return _port_names().get(" ".join(text.casefold().split()))


@cache
def _port_names() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, info in _tables().ports.items():
        for title in (info.name, info.name_ko or info.name):
            found.setdefault(title.casefold(), code)
    return found


def airports_of(town: str) -> frozenset[str]:
    """The UN/LOCODEs of the airports of a town that has several, by its own UN/LOCODE; else an empty set."""
    return _tables().towns.get(town, frozenset())


def serves(airport: str, code: str) -> bool:
    """Whether ``code``, an IATA code of an airport or of a metropolitan area, means this airport (IATA) or its town."""
    return airport == code or airport in _tables().members.get(code, frozenset())


@cache
def zone_info(zone: str) -> ZoneInfo:
    """The rules of an IANA zone."""
    return ZoneInfo(zone)


def _look_up(code: str, scheme: str) -> PlaceInfo | None:
    tables = _tables()
    if scheme == "iata":
        return tables.airports.get(code) or tables.cities.get(code)
    if scheme != "unlocode":
        return None
    own = tables.ports.get(code)
    if own is not None:
        return own
    line = tables.lines.get(code)
    if line is None:
        return None
    _, latitude, longitude, zone, title = line.split("\t", _FIELDS - 1)
    return PlaceInfo(
        code=code,
        scheme="unlocode",
        name=title,
        name_ko=None,
        latitude=float(latitude) if latitude else None,
        longitude=float(longitude) if longitude else None,
        zone=tables.zones[int(zone)] if zone else None,
        unlocode=code,
    )


@cache
def _tables() -> _Tables:
    """Read once, at the first question; a line is taken apart only when its place is asked for."""
    folder = files("cargo.domain") / _DATA
    text = gzip.decompress((folder / "places.txt.gz").read_bytes()).decode("utf-8")
    _title, zones, *lines = text.splitlines()
    by_code = {line[:5]: line for line in lines}
    ports = {row["code"]: _port(row) for row in _rows(folder / "ports.csv")}
    airports = {row["iata"]: _airport(row) for row in _rows(folder / "airports.csv")}
    cities = list(_rows(folder / "cities.csv"))
    members = {row["iata"]: frozenset(row["airports"].split()) for row in cities}
    return _Tables(
        zones=tuple(zones.split("\t")),
        lines=by_code,
        ports=ports,
        airports=airports,
        cities={row["iata"]: _city(row, airports) for row in cities},
        towns={
            row["unlocode"]: frozenset(airports[code].unlocode or "" for code in members[row["iata"]]) for row in cities
        },
        members=members,
    )


def _rows(path: Traversable) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _port(row: dict[str, str]) -> PlaceInfo:
    return PlaceInfo(
        code=row["code"],
        scheme="unlocode",
        name=row["name"],
        name_ko=row["name_ko"] or None,
        latitude=float(row["lat"]),
        longitude=float(row["lon"]),
        zone=row["zone"],
        unlocode=row["code"],
    )


def _airport(row: dict[str, str]) -> PlaceInfo:
    return PlaceInfo(
        code=row["iata"],
        scheme="iata",
        name=row["name"],
        name_ko=row["name_ko"] or None,
        latitude=float(row["lat"]),
        longitude=float(row["lon"]),
        zone=row["zone"],
        unlocode=row["unlocode"],
    )


def _city(row: dict[str, str], airports: dict[str, PlaceInfo]) -> PlaceInfo:
    """A metropolitan area, with zone and position of its main airport."""
    main = airports[row["airports"].split()[0]]
    return main._replace(code=row["iata"], name=row["name"], name_ko=row["name_ko"] or None, unlocode=row["unlocode"])
