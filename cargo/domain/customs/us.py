"""US Customs and Border Protection: what a disposition code says of a bill of lading.

The codes are those that CBP posts to a bill in the automated manifest system: CAMIR appendix D, the same as CATAIR
appendix N, and X4-07 of the X12 transaction 350. They are additive: a release (``1B``, ``1C``) lets cargo go only while
no hold stands, and a release ends none of them. Each hold is ended by its own code (``removes``); ``reverts`` names the
codes that one takes back. The tables are ``data/us_dispositions.csv`` (103 codes, as published in copies of appendix D)
and ``data/us_ports.csv`` (Census Schedule D codes of the larger ports, which CBP uses in place of a UN/LOCODE).
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import NamedTuple

from cargo.domain.codes import MILESTONES

AUTHORITY = "US-CBP"

AGENCIES = {
    "US-CBP": "US Customs and Border Protection",
    "US-USDA": "US Department of Agriculture",
    "US-FDA": "US Food and Drug Administration",
    "US-PGA": "Other US government agency",
}


class Disposition(NamedTuple):
    """One code. ``milestone`` and ``also`` (a second thing told by the same code) are codes of ``milestones.csv``.

    ``agency`` is whose hold or release it is, ``None`` where it is neither. ``removes`` are the codes of the holds that
    this one ends, ``reverts`` those that it takes back.
    """

    code: str
    name: str
    effect: str
    milestone: str
    agency: str | None
    removes: tuple[str, ...]
    reverts: tuple[str, ...]
    also: str | None
    note: str


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((files("cargo.domain") / "data" / name).read_text(encoding="utf-8").splitlines()))


def _load() -> dict[str, Disposition]:
    return {
        row["code"]: Disposition(
            code=row["code"],
            name=row["name"],
            effect=MILESTONES[row["milestone"]].effect,
            milestone=row["milestone"],
            agency=row["agency"] or None,
            removes=tuple(row["removes"].split()),
            reverts=tuple(row["reverts"].split()),
            also=row["also"] or None,
            note=row["note"],
        )
        for row in _rows("us_dispositions.csv")
    }


DISPOSITIONS: dict[str, Disposition] = _load()
_PORTS: dict[str, str] = {row["code"]: row["unlocode"] for row in _rows("us_ports.csv")}


def disposition(code: str) -> Disposition | None:
    """The disposition with that code, or ``None`` for one that the table does not know."""
    return DISPOSITIONS.get(code.strip().upper())


def port(code: str) -> str | None:
    """The UN/LOCODE of a Schedule D port (``2704`` is ``USLAX``), or ``None`` for one that the table does not know."""
    return _PORTS.get(code.strip())
