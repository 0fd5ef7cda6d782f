"""Build the packaged table of places from a UN/LOCODE CSV. A developer's command: it needs tzfpy.

What it takes: the places with a port, rail, airport or inland clearance function and those that our own lists name.
What the edition has wrong is put right by ``data/corrections.csv`` (code, lat, lon, zone, reason; an empty column
leaves the edition's value), and coordinates that lie hours away from the place's own clock are left out.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

DATA = Path(__file__).resolve().parents[2] / "domain" / "data"
TABLE = DATA / "places.txt.gz"
# 1 port, 2 rail, 4 airport, 6 inland clearance depot (UN/ECE Recommendation 16, function classifier).
FUNCTIONS = frozenset("1246")
# A zone that so few places of a subdivision have comes from wrong coordinates.
RARE = 0.02
# No place's clock is further from the sun than this: coordinates with such a zone are a slip of the pen.
FARTHEST = timedelta(hours=3)
_SEASONS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
_COORDINATES = re.compile(r"(\d{2})(\d{2})([NS]) (\d{3})(\d{2})([EW])")


class _Row(NamedTuple):
    code: str
    name: str
    subdivision: str
    latitude: float | None
    longitude: float | None


class Command(BaseCommand):
    """Write ``cargo/domain/data/places.txt.gz``: a title line, a line of zones, then a line for each place."""

    help = "Build the packaged table of places with their time zones from a UN/LOCODE CSV (plain or .gz)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The CSV has the columns locode, name, subdivision, function, coordinates."""
        parser.add_argument("--unlocode", required=True, metavar="CSV")
        parser.add_argument("--edition", default="2024-2, MIT (c) 2022 UN/CEFACT")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the table and say how many places got a zone, and how."""
        try:
            rows = _read(Path(options["unlocode"]))
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['unlocode']}: {error}") from None
        corrections = _own("corrections.csv")
        rows = _corrected(rows, corrections)
        zones, counts = _zones(rows)
        zones |= {row["code"]: row["zone"] for row in corrections if row["zone"]}
        rows, misplaced = _placed(rows, zones)
        names = sorted(set(zones.values()))
        index = {zone: str(number) for number, zone in enumerate(names)}
        lines = [f"# UN/LOCODE {options['edition']}; zones added", "\t".join(names)]
        for row in rows:
            north = "" if row.latitude is None else f"{row.latitude:.2f}"
            east = "" if row.longitude is None else f"{row.longitude:.2f}"
            lines.append("\t".join((row.code, north, east, index.get(zones.get(row.code, ""), ""), row.name)))
        TABLE.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
        told = ", ".join(f"{count} by {how}" for how, count in counts.most_common())
        self.stdout.write(
            f"{len(rows)} places, {told}, {len(rows) - len(zones)} without a zone; "
            f"{len(corrections)} corrected, {misplaced} with impossible coordinates left out"
        )


def _read(path: Path) -> list[_Row]:
    own = {row["unlocode"] for name in ("airports.csv", "cities.csv") for row in _own(name)}
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        found = {
            row["locode"]: _row(row)
            for row in csv.DictReader(lines)
            if FUNCTIONS & set(row["function"]) or row["locode"] in own
        }
    return [found[code] for code in sorted(found)]


def _own(name: str) -> list[dict[str, str]]:
    """The rows of one of our own lists."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _corrected(rows: list[_Row], corrections: list[dict[str, str]]) -> list[_Row]:
    right = {row["code"]: row for row in corrections if row["lat"]}
    return [
        row._replace(latitude=float(right[row.code]["lat"]), longitude=float(right[row.code]["lon"]))
        if row.code in right
        else row
        for row in rows
    ]


def _placed(rows: list[_Row], zones: dict[str, str]) -> tuple[list[_Row], int]:
    """The rows without coordinates that cannot be the place's, and how many those were."""
    out = [row._replace(latitude=None, longitude=None) if _far(row, zones.get(row.code)) else row for row in rows]
    return out, sum(row is not kept for row, kept in zip(rows, out, strict=True))


def _far(row: _Row, zone: str | None) -> bool:
    if zone is None or row.latitude is None or row.longitude is None:
        return False
    from tzfpy import get_tz

    there = get_tz(row.longitude, row.latitude)
    if not there or there == zone:
        return False
    return min(_apart(there, zone, season) for season in _SEASONS) >= FARTHEST


def _apart(one: str, other: str, moment: datetime) -> timedelta:
    offsets = (moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for zone in (one, other))
    first, second = offsets
    return abs(first - second)


def _row(row: dict[str, str]) -> _Row:
    given = _COORDINATES.fullmatch(row["coordinates"])
    if given is None:
        return _Row(row["locode"], row["name"], row["subdivision"], None, None)
    degrees_north, minutes_north, north, degrees_east, minutes_east, east = given.groups()
    latitude = (int(degrees_north) + int(minutes_north) / 60) * (1 if north == "N" else -1)
    longitude = (int(degrees_east) + int(minutes_east) / 60) * (1 if east == "E" else -1)
    return _Row(row["locode"], row["name"], row["subdivision"], latitude, longitude)


def _zones(rows: list[_Row]) -> tuple[dict[str, str], Counter[str]]:
    """A zone for each code: the country's only one, the one at the coordinates, the subdivision's usual one."""
    of_country = _country_zones()
    zones: dict[str, str] = {}
    counts: Counter[str] = Counter()
    in_subdivision: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        allowed = of_country.get(row.code[:2], ())
        if len(allowed) == 1:
            zones[row.code] = allowed[0]
            counts["country"] += 1
        elif (zone := _zone_at(row, allowed)) is not None:
            zones[row.code] = zone
            counts["coordinates"] += 1
            in_subdivision[row.code[:2] + row.subdivision][zone] += 1
    for row in rows:
        usual = in_subdivision.get(row.code[:2] + row.subdivision) if row.subdivision else None
        if usual and (row.code not in zones or usual[zones[row.code]] < RARE * usual.total()):
            zones[row.code] = usual.most_common(1)[0][0]
            counts["subdivision"] += 1
    return zones, counts


def _zone_at(row: _Row, allowed: Iterable[str]) -> str | None:
    """The zone at the coordinates, if it is one of the country's: coordinates in the list are often wrong."""
    if row.latitude is None or row.longitude is None:
        return None
    from tzfpy import get_tz

    zone = get_tz(row.longitude, row.latitude)
    return zone if zone in allowed else None


def _country_zones() -> dict[str, tuple[str, ...]]:
    """The zones of each country, from ``zone.tab`` of the time zone database."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country].append(zone)
    return {country: tuple(zones) for country, zones in found.items()}
