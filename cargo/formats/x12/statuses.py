"""What a status code means in a message: one row of the X12 table, ready for an event."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cargo.domain import x12_status
from cargo.domain.codes import MILESTONES
from cargo.domain.customs import us
from cargo.formats.x12 import codes

_CUSTOMS_GROUPS = frozenset({"import customs", "export customs", "bonded movement", "transit customs"})
_ON_THE_BILL = frozenset(
    code for code, row in MILESTONES.items() if row.group == "booking" and code != "vgm_submitted"
) | {"arrival_notice_sent", "documents_delivered"}
_CODE_LENGTH = 20


class Meaning(NamedTuple):
    """A milestone with all that hangs on it. ``also`` is a second milestone that the same code tells."""

    milestone: str
    effect: str
    level: str
    classifier: str
    name: str | None
    mode: str | None
    authority: str | None
    agency: str | None
    also: str | None
    warning: str | None


@lru_cache(maxsize=4096)
def meaning(element: str, code: str, laden: bool | None, inland: bool, boxed: bool) -> Meaning:
    """The meaning of ``code`` of the list that data element ``element`` has.

    ``inland``: the means of transport is a train, truck or barge, or the place is no port. ``boxed``: a container is
    named, so that what is told of a shipment is told of its box.
    """
    row = x12_status.status(element, code, laden)
    if row is None:
        warning = f"unknown_code: {code[:_CODE_LENGTH]} of element {element}" if code else "status_missing: no code"
        return meant("unknown", boxed, warning=warning, mode=codes.STATUS_MODES.get(code))
    milestone = row.inland if inland and row.inland else row.milestone
    return meant(milestone, boxed, row.classifier, row.name, codes.STATUS_MODES.get(code), row.agency, row.also)


def meant(
    milestone: str,
    boxed: bool,
    classifier: str = "actual",
    name: str | None = None,
    mode: str | None = None,
    agency: str | None = None,
    also: str | None = None,
    warning: str | None = None,
) -> Meaning:
    """The same for a milestone that is known already."""
    row = MILESTONES[milestone]
    customs = row.group in _CUSTOMS_GROUPS
    return Meaning(
        milestone, row.effect, level(milestone, boxed), classifier, name, mode,
        x12_status.AUTHORITY if customs or agency else None, agency, also, warning,
    )  # fmt: skip


_EXPECTED = {
    "departed": "departure",
    "arrived": "arrival",
    "inland_arrived": "arrival",
    "delivered": "delivery",
    "inland_departed": "departure",
}


@lru_cache(maxsize=64)
def expected(milestone: str, classifier: str) -> Meaning:
    """The meaning of a date that is still to come: a call of a vessel or, inland, an arrival or a delivery."""
    mode = "vessel" if milestone in ("departed", "arrived") else None
    return meant(milestone, True, classifier, f"{classifier.title()} {_EXPECTED[milestone]}", mode)


@lru_cache(maxsize=512)
def beside(first: Meaning) -> Meaning:
    """What a code tells beside its first meaning (``also``)."""
    boxed, milestone = first.level == "container", first.also or first.milestone
    found = meant(milestone, boxed, first.classifier, first.name, first.mode)
    if found.authority is None:
        return found
    return found._replace(authority=first.authority, agency=first.agency)


@lru_cache(maxsize=512)
def disposed(code: str) -> Meaning:
    """The meaning of a customs disposition (element 35): a code of CBP, or one of element 27 (IC, IR and kin)."""
    row = us.disposition(code)
    if row is not None:
        found = meant(row.milestone, False, "actual", row.name, None, row.agency, row.also)
        return found._replace(level=MILESTONES[row.milestone].level, authority=us.AUTHORITY)
    clearance = x12_status.status(x12_status.CLEARANCE, code)
    if clearance is not None:
        found = meant(clearance.milestone, False, clearance.classifier, clearance.name)
        return found._replace(level=MILESTONES[clearance.milestone].level, authority=x12_status.AUTHORITY)
    return meant("unknown", False, warning=f"unknown_code: disposition {code}")._replace(authority=us.AUTHORITY)


def level(milestone: str, boxed: bool) -> str:
    """Of a conveyance, of a box where one is named (documents are of a bill), of a declaration, else of a bill."""
    row = MILESTONES[milestone]
    if row.level == "conveyance":
        return row.level
    if boxed and milestone not in _ON_THE_BILL:
        return "container"
    return row.level if row.level == "declaration" else "master"
