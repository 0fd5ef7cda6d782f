"""The packaged places: names, coordinates and zones without a database."""

from __future__ import annotations

import csv
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from cargo.domain import places


def test_a_port_in_full() -> None:
    busan = places.place("KRPUS")
    assert busan is not None
    assert (busan.code, busan.scheme, busan.name, busan.name_ko) == ("KRPUS", "unlocode", "Busan", "부산")
    assert (busan.latitude, busan.longitude, busan.zone) == (35.1, 129.04, "Asia/Seoul")
    assert busan.name_in("ko") == "부산"
    assert busan.name_in("en-us") == "Busan"


def test_an_airport_by_its_iata_code() -> None:
    incheon = places.place("ICN", "iata")
    assert incheon is not None
    assert (incheon.name, incheon.name_ko, incheon.zone, incheon.unlocode) == (
        "Seoul Incheon",
        "인천공항",
        "Asia/Seoul",
        "KRICN",
    )
    assert incheon.latitude == 37.46


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("NLRTM", "Europe/Amsterdam"),
        ("FRPAR", "Europe/Paris"),
        ("USCHI", "America/Chicago"),
        ("AUFRE", "Australia/Perth"),
        ("CAMTR", "America/Toronto"),
        ("RUVYP", "Asia/Vladivostok"),
        ("CNYTN", "Asia/Shanghai"),
        ("BRSSZ", "America/Sao_Paulo"),
        ("USLAX", "America/Los_Angeles"),
    ],
)
def test_the_zone_of_a_port(code: str, zone: str) -> None:
    assert places.zone_of(code) == zone


@pytest.mark.parametrize(
    ("code", "scheme"),
    [("XYABC", "unlocode"), ("ZZZ", "iata"), ("KRPUS", "iata"), ("03012345", "facility"), ("K" * 1000, "unlocode")]
    + [("", "unlocode"), (None, "unlocode"), ("KRPUS", None)],
)
def test_what_is_not_in_the_table_is_not_known(code: str | None, scheme: str | None) -> None:
    assert places.place(code, scheme) is None
    assert places.zone_of(code, scheme) is None


def test_a_name_is_the_code_where_nothing_is_known() -> None:
    assert places.name("XYABC") == "XYABC"
    assert places.name("KRPUS", language="ko") == "부산"


@pytest.mark.parametrize(
    ("table", "key", "scheme"), [("ports.csv", "code", "unlocode"), ("airports.csv", "iata", "iata")]
)
def test_our_own_lists_are_sound(table: str, key: str, scheme: str) -> None:
    text = (files("cargo.domain") / "data" / table).read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert len({row[key] for row in rows}) == len(rows) > 100
    for row in rows:
        info = places.place(row[key], scheme)
        assert info is not None and info.zone is not None
        assert ZoneInfo(info.zone).key == info.zone
        if scheme == "iata" and row["unlocode"]:
            served = places.place(row["unlocode"])
            assert served is not None, row
            assert served.zone is None or _offset(served.zone) == _offset(info.zone), row


def _offset(zone: str) -> object:
    from datetime import datetime

    return datetime(2026, 7, 1, tzinfo=ZoneInfo(zone)).utcoffset()


def test_most_of_the_table_has_a_zone() -> None:
    tables = places._tables()
    codes = list(tables.lines)
    assert len(codes) > 40_000
    without = [code for code in codes if places._look_up(code, "unlocode").zone is None]  # type: ignore[union-attr]
    assert len(without) / len(codes) < 0.04
