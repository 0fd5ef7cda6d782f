"""A verdict for every pasted line, before and after it is registered."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cargo import booking
from cargo.domain import identifiers
from cargo.selectors import search as searching
from clis.accounts.scoping import Viewer

_TRADE_ORDER = (
    "container",
    "cargo_control_number",
    "air_waybill",
    "declaration",
    "house_bill",
    "master_bill",
    "booking",
    "own_reference",
)


@dataclass(frozen=True)
class Verdict:
    """What became of a line. ``acceptable``: it can be registered; ``tone`` and ``icon`` as everywhere."""

    value: str
    kind: str
    tone: str
    icon: str
    label: str
    detail: str = ""
    shipment_id: int | None = None
    acceptable: bool = False


def judge(viewer: Viewer, lines: list[list[str]], own_reference: str, register: bool) -> list[Verdict]:
    """A verdict per line, in order; with ``register`` the sound ones are registered as well."""
    seen: set[str] = set()
    judged = []
    for numbers in lines:
        verdict = _read(viewer, numbers, seen)
        if register and verdict.acceptable:
            verdict = _register(viewer, numbers, own_reference if len(lines) == 1 else "", verdict)
        judged.append(verdict)
    return judged


def reading_of(number: str) -> identifiers.Candidate | None:
    """What a number most likely is."""
    candidates = identifiers.read(number)
    ranked = [item for kind in _TRADE_ORDER for item in candidates if item.type == kind]
    return ranked[0] if ranked else (candidates[0] if candidates else None)


def _read(viewer: Viewer, numbers: list[str], seen: set[str]) -> Verdict:
    readings = [reading_of(number) for number in numbers]
    first = readings[0]
    if first is None or any(reading is None for reading in readings):
        return Verdict(numbers[0][:64], "", "bad", "circle-x", _("Not a number that cargo goes by"))
    if first.value in seen:
        return Verdict(first.value, first.type, "still", "copy", _("Twice in this list"))
    seen.add(first.value)
    problem = next((item.warning for item in readings if item and item.warning), None)
    if problem and problem.startswith(("masked", "too_long")):
        return Verdict(first.value, first.type, "bad", "circle-x", _("Not readable"), problem.partition(": ")[2])
    found = searching.find(viewer, first.value)
    if len(found.exact) == 1:
        known = found.exact[0]
        return Verdict(first.value, first.type, "info", "info", _("Already in your list"), shipment_id=known.id)
    if problem:
        return Verdict(
            first.value,
            first.type,
            "warn",
            "triangle-alert",
            _("Check the number"),
            problem.partition(": ")[2],
            acceptable=True,
        )
    return Verdict(first.value, first.type, "good", "circle-check", _("Can be registered"), acceptable=True)


def _register(viewer: Viewer, numbers: list[str], own_reference: str, verdict: Verdict) -> Verdict:
    readings = [reading for number in numbers if (reading := reading_of(number))]
    try:
        shipment = booking.register(
            viewer, references=[(reading.type, reading.value) for reading in readings], own_reference=own_reference
        )
    except booking.Refused as reason:
        return Verdict(verdict.value, verdict.kind, "bad", "circle-x", _("Not registered"), str(reason))
    return Verdict(verdict.value, verdict.kind, "good", "circle-check", _("Registered"), shipment_id=shipment.pk)


def specimens() -> list[Verdict]:
    """One of each, for the style page."""
    return [
        Verdict("KOSHA2603001", "house_bill", "good", "circle-check", _("Can be registered"), acceptable=True),
        Verdict(
            "HDMU6546580", "container", "warn", "triangle-alert", _("Check the number"), "HDMU6546580 should end in 3"
        ),
        Verdict("HDMUPUSR1234567", "master_bill", "info", "info", _("Already in your list")),
        Verdict("KOSHA2603001", "house_bill", "still", "copy", _("Twice in this list")),
        Verdict("****7890", "own_reference", "bad", "circle-x", _("Not readable")),
    ]
