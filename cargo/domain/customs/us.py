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
from cargo.domain.customs.regime import Regime, closes
from cargo.domain.state import Entry
from cargo.domain.view import Hold, Release

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


# Orders rather than holds, without a removal code for their fulfilment: a transfer to the examination station is over
# when the examination ends in a release, and a movement denied for want of a prior notice when the movement or the
# release is given.
_SETTLED = {
    "1X": frozenset({"1B", "1C", "4C"}),
    "A3": frozenset({"1B", "1C", "4C", "1J", "1W"}),
}


def ends(entry: Entry, hold: Hold) -> bool:
    """Each hold is ended by its own codes; cancelling an entry ends the examination that the entry was given (``1A``).

    Where one of the two has no code (not every source gives it) milestone and agency decide.
    """
    row = DISPOSITIONS.get(entry.code)
    placed = hold.entry.code
    if row is None or not placed:
        return closes(entry, hold)
    return placed in row.removes or placed in row.reverts or row.code in _SETTLED.get(placed, ())


def takes_back(entry: Entry, release: Release) -> bool:
    """A code takes back the codes that it names (``reverts``): ``4Z`` a ``1Z`` only."""
    row = DISPOSITIONS.get(entry.code)
    given = release.entry.code
    return row is None or not given or given in row.reverts


def revokes(entry: Entry) -> bool:
    """``5H`` is a hold, whether or not there was a released quantity to take back."""
    row = DISPOSITIONS.get(entry.code)
    return row is None or row.effect == "revert"


def speaks_for_all(entry: Entry) -> bool:
    """``1Z`` and ``4Z`` are told of a master bill and mean every house bill under it."""
    return entry.code in _FOR_ALL


def manifests(entry: Entry) -> bool:
    """The carrier's manifest, the match of its bill with the forwarder's (``1Y``), a bill added (``55``), changed
    (``56``); not one that was deleted (``54``)."""
    return entry.milestone == "manifest_submitted" or entry.code in _MANIFESTED


def lodges(entry: Entry) -> bool:
    """``1A``: entered, to be examined."""
    return entry.code == "1A"


_FOR_ALL = frozenset({"1Z", "4Z"})
_MANIFESTED = frozenset({"1Y", "55", "56"})

REGIMES = (
    Regime(
        AUTHORITY,
        release_ends_holds=False,
        ends=ends,
        takes_back=takes_back,
        revokes=revokes,
        cancelling_revokes=True,
        additive=True,
        counts_quantity=True,
        manifests=manifests,
        lodges=lodges,
        speaks_for_all=speaks_for_all,
        keeps_code=True,
        keeps_bill=True,
    ),
)
