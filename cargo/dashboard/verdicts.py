"""A verdict for every pasted line, before and after it is registered."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cargo import booking
from cargo.domain.verdict import judge as judge_number
from cargo.selectors import search
from clis.accounts.scoping import Viewer

Line = tuple[str, str]


@dataclass(frozen=True)
class Verdict:
    """What became of a line. ``acceptable``: it can be registered; ``tone`` and ``icon`` as everywhere."""

    value: str
    kind: str
    tone: str
    icon: str
    label: str
    detail: str = ""
    suggestion: str = ""
    own_reference: str = ""
    shipment_id: int | None = None
    acceptable: bool = False


def judge(viewer: Viewer, lines: list[Line], plain_kind: str) -> list[Verdict]:
    """A verdict per line, in order. ``plain_kind``: what a number is whose shape does not tell. One statement."""
    read = [_read(number, own, plain_kind) for number, own in lines]
    known = search.known(viewer, [(verdict.kind, verdict.value) for verdict in read if verdict.acceptable])
    judged: list[Verdict] = []
    seen: set[tuple[str, str]] = set()
    for verdict in read:
        number = (verdict.kind, verdict.value)
        if verdict.acceptable and number in seen:
            verdict = Verdict(verdict.value, verdict.kind, "still", "copy", _("Twice in this list"))
        elif verdict.acceptable and number in known:
            label = _("Already in your list")
            verdict = Verdict(verdict.value, verdict.kind, "info", "info", label, shipment_id=known[number])
        seen.add(number)
        judged.append(verdict)
    return judged


def register(viewer: Viewer, judged: list[Verdict]) -> list[Verdict]:
    """Registers what is acceptable and says what became of each; the viewer acts for an organization."""
    assert viewer.organization_id is not None
    sound = [verdict for verdict in judged if verdict.acceptable]
    for verdict in sound:
        if verdict.own_reference:
            booking.register(
                viewer.organization_id,
                [(verdict.kind, verdict.value)],
                own_reference=verdict.own_reference,
                created_by_id=viewer.user_id,
            )
    answered = booking.track(viewer, [{"reference": verdict.value, "type": verdict.kind} for verdict in sound])
    known = search.known(viewer, [(verdict.kind, verdict.value) for verdict in sound])
    refused = {item["reference"]: item["error"]["message"] for item in answered.rejected}
    return [_outcome(verdict, known, refused) if verdict.acceptable else verdict for verdict in judged]


def _outcome(verdict: Verdict, known: dict[tuple[str, str], int], refused: dict[str, str]) -> Verdict:
    shipment_id = known.get((verdict.kind, verdict.value))
    if shipment_id is None:
        reason = refused.get(verdict.value, "")
        return Verdict(verdict.value, verdict.kind, "bad", "circle-x", _("Not registered"), reason)
    own = verdict.own_reference
    label = _("Registered")
    return Verdict(
        verdict.value, verdict.kind, "good", "circle-check", label, own_reference=own, shipment_id=shipment_id
    )


def _read(number: str, own_reference: str, plain_kind: str) -> Verdict:
    found = judge_number(number, "", "")
    if found.code == "ambiguous":
        kind = plain_kind if plain_kind in found.candidates else found.candidates[0]
        found = judge_number(number, kind, "")
    if not found.code:
        return Verdict(
            found.value,
            found.type,
            "good",
            "circle-check",
            _("Can be registered"),
            own_reference=own_reference,
            acceptable=True,
        )
    detail = str(booking.reason_of(found.code))
    label = _("Check the number") if found.code == "bad_check_digit" else _("Not readable")
    tone, icon = ("warn", "triangle-alert") if found.code == "bad_check_digit" else ("bad", "circle-x")
    return Verdict(number[:64], found.type, tone, icon, label, detail, found.suggestion or "")


def specimens() -> list[Verdict]:
    """One of each, for the style page."""
    return [
        Verdict("KOSHA2603001", "house_bill", "good", "circle-check", _("Can be registered"), acceptable=True),
        _read("HDMU6546580", "", "house_bill"),
        Verdict("HDMUPUSR1234567", "master_bill", "info", "info", _("Already in your list")),
        Verdict("KOSHA2603001", "house_bill", "still", "copy", _("Twice in this list")),
        _read("****7890", "", "house_bill"),
    ]
