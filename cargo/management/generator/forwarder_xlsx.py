"""A forwarder's dialect: the status sheet of a master bill, a workbook with a row for each house bill and container.

Dates are cells of a spreadsheet in the local time of the port that they belong to. The sheet has a title and a date of
print above its header; it says how things stand, so that a later one repeats the earlier.
"""

from __future__ import annotations

from datetime import datetime

from cargo.management.generator.edifact_parts import local
from cargo.management.generator.places import PORTS
from cargo.management.generator.story import Box, Cargo, Fact
from cargo.management.generator.tables import Column, Table
from cargo.management.generator.workbook_parts import Cell, workbook

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMAT = "tabular"
EXTENSION = "xlsx"
PRECISION = 1
# By milestone and classifier the column of its date.
_DATES = {
    ("loaded", "actual"): "On board",
    ("departed", "actual"): "Sailed from POL",
    ("arrived", "estimated"): "ETA (latest)",
    ("arrived", "actual"): "Berthed at POD",
    ("discharged", "actual"): "Landed",
    ("freight_released", "actual"): "D/O given",
}
TABLE = Table(
    columns=(
        Column("Our file"),
        Column("H/BL#", "house_bill"),
        Column("M/BL#", "master_bill"),
        Column("Box", "container"),
        Column("Pkgs", "packages"),
        Column("KGS", "weight_kg"),
        Column("Load port", "port_of_loading"),
        Column("Disch. port", "port_of_discharge"),
        Column("M/V", "vessel"),
        Column("Voy.", "voyage"),
        *(Column(name, "date", milestone, classifier) for (milestone, classifier), name in _DATES.items()),
        Column("Consignee's margin"),
    ),
    statuses={},
    places={port.name.upper(): port.code for port in PORTS.values() if len(port.code) == 5},
    zone="",
)


def says(fact: Fact) -> bool:
    """Whether the sheet has a column for it; a forwarder passes on what the carrier said right in the end."""
    return (fact.milestone, fact.classifier) in _DATES and not fact.superseded


def render(box: Box, facts: list[Fact]) -> bytes:
    """The sheet with these facts, of the estimates the last."""
    printed = max(fact.known for fact in facts)
    title = f"SHIPMENT STATUS  {box.master_bill}"
    rows: list[list[Cell]] = [[title], [f"printed {local(printed, box.origin):%d %b %Y}"], [], [*TABLE.header]]
    for container in box.containers:
        dates = [_date(box, container, facts, milestone, classifier) for milestone, classifier in _DATES]
        # A box of which nothing is known yet has no row.
        rows += [_row(box, cargo, container, dates) for cargo in box.cargoes if any(dates)]
    return workbook("Status", rows)


def _row(box: Box, cargo: Cargo, container: str, dates: list[datetime | str]) -> list[Cell]:
    share = cargo.packages // len(box.containers)
    leg = box.legs[-1]
    return [
        f"HS-{cargo.number:05d}",
        cargo.house_bill,
        box.master_bill,
        container,
        share,
        round(cargo.weight / len(box.containers), 1),
        box.origin.name.upper(),
        box.destination.name.upper(),
        leg.vessel.name,
        leg.voyage,
        *dates,
        "",
    ]


def _date(box: Box, container: str, facts: list[Fact], milestone: str, classifier: str) -> datetime | str:
    """The date of a box's row, naive; empty where there is none yet."""
    told = [
        fact
        for fact in facts
        if (fact.milestone, fact.classifier) == (milestone, classifier) and fact.container in ("", container)
    ]
    if not told:
        return ""
    last = max(told, key=lambda fact: fact.known)
    return local(last.at, box.where(last)).replace(tzinfo=None)
