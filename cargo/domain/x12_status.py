"""What the status codes of ASC X12 mean, for every format that carries them (214, 315, 322, IFTSTA of ocean carriers).

The table is ``data/x12_status.csv``. ``list`` is the number of the data element: 157 (B4-03, Q5-01), 1650 (AT7-01),
1652 (AT7-03, appointments), 304 (V9-01, events) or 27 (customs clearance, up to release 3030); the same letters mean
different things in different lists. ``laden`` is ``empty`` on a row that holds for an empty container only; ``inland``
is the milestone where the means of transport is a train, a truck or a barge; ``also`` is a second milestone told by the
same code; ``agency`` is whose act it is; ``note`` says why a code is mapped as it is, or why it is not.

Source: ASC X12 data elements 157 (releases 2002 to 6020), 1650 and 1652 (releases 4010 to 4050) as ocean carriers,
terminals and motor carriers publish them in their guides. Codes of element 157 that no public guide explains are left
out: they stay unknown, with the sender's own words.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import NamedTuple

AUTHORITY = "X12"
SHIPMENT_STATUS = "157"
MOTOR_STATUS = "1650"
APPOINTMENT = "1652"
EVENT = "304"
CLEARANCE = "27"


class Status(NamedTuple):
    """One row: ``milestone``, ``inland`` and ``also`` are codes of ``milestones.csv`` (the last two may be empty)."""

    code: str
    name: str
    milestone: str
    inland: str
    classifier: str
    agency: str | None
    also: str | None
    note: str


def _load() -> dict[tuple[str, str, bool | None], Status]:
    table = {}
    lines = (files("cargo.domain") / "data" / "x12_status.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines):
        table[row["list"], row["code"], False if row["laden"] == "empty" else None] = Status(
            code=row["code"],
            name=row["name"],
            milestone=row["milestone"],
            inland=row["inland"],
            classifier=row["classifier"],
            agency=row["agency"] or None,
            also=row["also"] or None,
            note=row["note"],
        )
    return table


STATUSES: dict[tuple[str, str, bool | None], Status] = _load()
"""By list, code and ``False`` (empty container only) or ``None``; ``status`` looks up."""


def status(element: str, code: str, laden: bool | None = None) -> Status | None:
    """The row for ``code`` of list ``element``, or ``None`` for a code that the list does not know.

    ``laden`` is whether the container is full, ``None`` where that is not told.
    """
    if laden is False:
        found = STATUSES.get((element, code, False))
        if found is not None:
            return found
    return STATUSES.get((element, code, None))
