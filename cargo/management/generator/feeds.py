"""The feeds of a world, as sources are entered: who sends in which dialect, and what people told of their tables."""

from __future__ import annotations

from typing import Any

from cargo.management.generator import forwarder_xlsx, trucker_csv
from cargo.management.generator.firms import REPORTING_FORWARDER, TRUCKERS, airlines_of, carriers_of
from cargo.management.generator.message import CUSTOMS_SOURCE, DIALECTS, EXPORTS_SOURCE, WAREHOUSES_SOURCE
from cargo.management.generator.places import terminals_of
from cargo.management.generator.tables import Table

_TITLES = {
    "dcsa": "DCSA Track & Trace",
    "dcsa3": "DCSA Track & Trace 3.0",
    "dcsa3beta": "DCSA Track & Trace 3.0 Beta 1",
    "iftsta": "EDIFACT IFTSTA",
    "x12": "X12 315",
    "terminal": "EDIFACT CODECO and COARRI",
    "fsu": "Cargo-IMP FSU",
    "xfsu": "Cargo-XML XFSU",
    "onerecord": "ONE Record",
}
_SEOUL = "Asia/Seoul"
# Customs' services beside the cargo's own progress.
_SERVICES = {
    EXPORTS_SOURCE: "exports",
    "unipass005": "warehouses",
    "unipass020": "containers",
    "unipass021": "arrivals",
    "unipass024": "ships' and aircraft's calls",
}


def sources(seed: int) -> list[dict[str, Any]]:
    """The feeds, all shared: customs, carriers, airlines, terminals, warehouses and firms, each in its one dialect.

    ``tables`` are the columns that a feed of tables needs to be told of, each with ``header`` and ``meaning``.
    """
    rows = [_source(CUSTOMS_SOURCE, "Korea Customs UNI-PASS", "customs", 10, _SEOUL)]
    rows += [
        _source(slug, f"Korea Customs UNI-PASS ({what})", "customs", 10, _SEOUL) for slug, what in _SERVICES.items()
    ]
    for carrier in carriers_of(seed):
        title = f"{carrier.name} ({_TITLES[carrier.dialect]})"
        rows.append(_source(f"{carrier.dialect}-{carrier.scac.lower()}", title, "carrier", 50))
    for airline in airlines_of(seed):
        title = f"{airline.name} ({_TITLES[airline.dialect]})"
        rows.append(_source(f"{airline.dialect}-{airline.code.lower()}", title, "carrier", 50))
    for port in terminals_of(seed):
        title = f"{port.name} Container Terminal ({_TITLES['terminal']})"
        rows.append(_source(f"terminal-{port.code.lower()}", title, "terminal", 30, port.zone))
    rows.append(_source(WAREHOUSES_SOURCE, "Bonded warehouses' readers (EPCIS)", "other", 40))
    for trucker in TRUCKERS:
        title = f"{trucker.name} (CSV, {trucker.encoding.removesuffix('-sig').upper()})"
        rows.append(
            _source(f"trucker-{trucker.code.lower()}", title, "other", 60, _SEOUL, trucker_csv.TABLES[trucker.code])
        )
    forwarder = REPORTING_FORWARDER
    title = f"{forwarder.name} (status sheets)"
    rows.append(_source(f"forwarder-{forwarder.code.lower()}", title, "other", 60, "", forwarder_xlsx.TABLE))
    return rows


def _source(slug: str, name: str, kind: str, rank: int, zone: str = "", table: Table | None = None) -> dict[str, Any]:
    form = DIALECTS[slug.partition("-")[0]].FORMAT
    row: dict[str, Any] = {"slug": slug, "name": name, "kind": kind, "rank": rank, "format": form, "time_zone": zone}
    return row | {"tables": [{"header": table.header, "meaning": table.meaning}] if table else []}


def reading() -> dict[str, Any]:
    """What all feeds' tables mean, by their headers' fingerprints: the shape of ``Source.reading``."""
    tables = [forwarder_xlsx.TABLE, *trucker_csv.TABLES.values()]
    return {"columns": {table.fingerprint: table.meaning for table in tables}}
