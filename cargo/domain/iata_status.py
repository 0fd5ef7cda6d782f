"""What the status codes of air cargo mean, for every format that carries them (Cargo-IMP, Cargo-XML, ONE Record).

The table is ``data/iata_status.csv``: the codes of list 1.18 and, behind ``DIS/``, the discrepancies of list 1.8.
``milestone`` holds wherever it happened; a code without one means different things at the airport of origin of the
air waybill, at its destination and elsewhere. Where the cargo's departures and arrivals stand in its journey is not
decided here: ``DEP`` is ``departed`` at every airport and the fold knows the plan.

Source: IATA Cargo Interchange Message Procedures, 34th edition, code lists 1.8, 1.15, 1.18 and 1.41; the ONE Record
code list ``StatusCode`` (July 2026), which adds DPU, FIW, FOW and DOC.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import NamedTuple

from cargo.domain import places
from cargo.domain.codes import MILESTONES

AUTHORITY = "IATA"
ORIGIN, DESTINATION, TRANSSHIPMENT = "origin", "destination", "transshipment"
DISCREPANCY = "DIS"

# Of a shipment's pieces (list 1.15): all of it, a part on one flight, a part in several units on one flight, a part of
# which some are on other flights, and a part of a part.
WHOLE, PART, SPLIT, MULTIPLE, DIVIDED = "T", "P", "S", "M", "D"

# One customs territory: what is cleared in one member state is in free circulation in all.
_CUSTOMS_UNION = frozenset(
    ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"]
    + ["IE", "IT", "LT", "LU", "LV", "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"]
)
# A waybill's numbers are the carrier's: below the conveyance everything is said of the whole bill.
_OF_THE_BILL = frozenset({"house", "container"})
UNKNOWN_PLACE = "XXX"
_UNLOCODE_LENGTH = 5
# What an airport is to a waybill -> the place's role in an event, and the leg of the journey there.
PLACE_ROLES = {ORIGIN: "loading", DESTINATION: "discharge", TRANSSHIPMENT: "transshipment"}
PHASES = {ORIGIN: "export", DESTINATION: "import", TRANSSHIPMENT: "transshipment"}


class Status(NamedTuple):
    """One row of the table; ``milestone`` is empty where the place decides."""

    code: str
    name: str
    milestone: str
    at_origin: str
    at_destination: str
    elsewhere: str
    classifier: str
    customs: bool


class Meaning(NamedTuple):
    """What a code means at a place. ``level`` is that of a waybill of ``level`` given; ``warning`` is one line."""

    milestone: str
    level: str
    effect: str
    classifier: str
    name: str | None
    authority: str | None
    warning: str | None


def _load() -> dict[str, Status]:
    lines = (files("cargo.domain") / "data" / "iata_status.csv").read_text(encoding="utf-8").splitlines()
    return {
        row["code"]: Status(
            code=row["code"],
            name=row["name"],
            milestone=row["milestone"],
            at_origin=row["at_origin"],
            at_destination=row["at_destination"],
            elsewhere=row["elsewhere"],
            classifier=row["classifier"],
            customs=row["customs"] == "yes",
        )
        for row in csv.DictReader(lines)
    }


STATUSES: dict[str, Status] = _load()
"""By code; a discrepancy by ``DIS/`` and its own code."""


def role(airport: str | None, origin: str | None, destination: str | None) -> str | None:
    """What an airport is to a waybill: ``origin``, ``destination`` or ``transshipment``; ``None`` if it cannot be told.

    IATA codes or UN/LOCODEs; origin and destination may name a metropolitan area. ``XXX`` stands for an unknown one.
    """
    if not airport or not _named(origin) or not _named(destination):
        return None
    if _is_at(airport, origin or ""):
        return ORIGIN
    return DESTINATION if _is_at(airport, destination or "") else TRANSSHIPMENT


def meaning(
    code: str,
    *,
    airport: str | None = None,
    origin: str | None = None,
    destination: str | None = None,
    waybill_level: str = "master",
) -> Meaning:
    """What status ``code`` (``DEP``, ``DIS/OFLD``) reports at ``airport`` of a waybill from origin to destination.

    ``waybill_level``: ``master``, or ``house`` for a house waybill. A code that the table lacks is ``unknown``.
    """
    status = STATUSES.get(code)
    warning = None
    if status is None:
        known = STATUSES[DISCREPANCY] if code.startswith(DISCREPANCY) else None
        warning = f"unknown_code: {'discrepancy' if known else 'status'} {code[:20]}"
        milestone, name = (known.milestone, known.name) if known else ("unknown", None)
        status = known
    elif status.milestone:
        milestone, name = status.milestone, status.name
    else:
        milestone, warning = _by_place(status, airport, origin, destination)
        name = status.name
    if "/" in code and status is not None and status.code == code:
        name = f"{STATUSES[DISCREPANCY].name}: {name}"
    row = MILESTONES[milestone]
    return Meaning(
        milestone=milestone,
        level=waybill_level if row.level in _OF_THE_BILL else row.level,
        effect=row.effect,
        classifier=status.classifier if status is not None else "actual",
        name=name,
        authority=AUTHORITY if status is not None and status.customs else None,
        warning=warning,
    )


def _by_place(
    status: Status, airport: str | None, origin: str | None, destination: str | None
) -> tuple[str, str | None]:
    here = role(airport, origin, destination)
    if here is None:
        return status.elsewhere, f"role_unknown: {status.code} at origin is not {status.code} at destination"
    if here == TRANSSHIPMENT and status.customs:
        here = _territory(airport or "", origin or "", destination or "")
    if here == ORIGIN:
        return status.at_origin, None
    return (status.at_destination if here == DESTINATION else status.elsewhere), None


def _territory(airport: str, origin: str, destination: str) -> str:
    """To customs the whole country is the origin or the destination: goods are cleared at the first port too."""
    here, begun, ended = (_country(code) for code in (airport, origin, destination))
    if not here:
        return TRANSSHIPMENT
    if here == ended or (here in _CUSTOMS_UNION and ended in _CUSTOMS_UNION):
        return DESTINATION
    return ORIGIN if here == begun else TRANSSHIPMENT


def _is_at(airport: str, end: str) -> bool:
    return (
        places.serves(airport, end) or _town(airport) == _town(end) or _town(airport) in places.airports_of(_town(end))
    )


def _country(code: str) -> str:
    town = _town(code)
    return town[:2] if len(town) == _UNLOCODE_LENGTH else ""


def _town(code: str) -> str:
    """The UN/LOCODE of an airport or a metropolitan area; any other code as it is."""
    known = places.place(code, "iata")
    return (known.unlocode if known is not None else None) or code


def _named(code: str | None) -> bool:
    return bool(code) and code != UNKNOWN_PLACE
