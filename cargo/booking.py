"""What people write: register a shipment, add a number or a party, ask to track."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.domain.verdict import Verdict, judge
from cargo.models import Party, Shipment, ShipmentReference, ShipmentState, ShipmentStatus, TrackingRequest
from cargo.models.linking import mark_due
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer


def register(
    organization_id: int,
    references: Sequence[tuple[str, str]],
    *,
    own_reference: str = "",
    mode: str = "",
    load: str = "",
    port_of_loading: str = "",
    port_of_discharge: str = "",
    parties: Sequence[tuple[int, str]] = (),
    created_by_id: int | None = None,
    registered_at: datetime | None = None,
) -> Shipment:
    """Registers cargo of an organization; ``references`` are (type, normalized value).

    ``registered_at``: when the organization began to follow it, where that was before now (containers are told apart
    by it: one that it knows by number alone may have carried other cargo half a year earlier).

    The status row is made at once (a missing row could not be locked), and the shipment is marked due, so that events
    which came before it are found by its numbers. What they bring is history: nobody is told of it.
    """
    with transaction.atomic():
        shipment = Shipment.objects.create(
            organization_id=organization_id,
            own_reference=own_reference[:64],
            mode=mode,
            load=load,
            port_of_loading=port_of_loading,
            port_of_discharge=port_of_discharge,
            created_by_id=created_by_id,
            created_at=registered_at or timezone.now(),
        )
        _complete([(shipment, references, parties)])
    return shipment


def _complete(registered: Sequence[tuple[Shipment, Sequence[tuple[str, str]], Sequence[tuple[int, str]]]]) -> None:
    """Numbers, parties and the rows that every shipment has beside its own; a constant number of statements."""
    parties, references = [], []
    for shipment, numbers, others in registered:
        roles = [(shipment.organization_id, Party.Role.REGISTRANT.value), *others]
        parties += [Party(shipment=shipment, organization_id=who, role=role) for who, role in dict.fromkeys(roles)]
        references += [
            ShipmentReference(shipment=shipment, kind=kind, value=value[:64]) for kind, value in dict.fromkeys(numbers)
        ]
    shipments = [shipment for shipment, _numbers, _others in registered]
    Party.objects.bulk_create(parties)
    ShipmentReference.objects.bulk_create(references)
    ShipmentStatus.objects.bulk_create(
        [
            ShipmentStatus(
                shipment=shipment,
                mode=shipment.mode,
                port_of_loading=shipment.port_of_loading,
                port_of_discharge=shipment.port_of_discharge,
            )
            for shipment in shipments
        ]
    )
    ShipmentState.objects.bulk_create([ShipmentState(shipment=shipment) for shipment in shipments])
    mark_due([shipment.pk for shipment in shipments], "registered", silent=True)


def add_references(shipment: Shipment, references: Sequence[tuple[str, str]]) -> int:
    """Adds numbers (type, normalized value) to a shipment; gives how many were new or had only been learned."""
    with transaction.atomic():
        new = 0
        for kind, value in dict.fromkeys(references):
            row, created = ShipmentReference.objects.get_or_create(shipment=shipment, kind=kind, value=value[:64])
            if row.learned:
                row.learned = False
                row.save(update_fields=["learned"])
            new += created
        mark_due([shipment.pk], "reference added", silent=True)
    return new


def add_party(shipment: Shipment, organization_id: int, role: str) -> bool:
    """Lets another organization see the shipment, its history included; ``False`` if it could already in that role."""
    _, created = Party.objects.get_or_create(shipment=shipment, organization_id=organization_id, role=role)
    if created:
        # Events of that organization's private sources may concern the shipment from now on.
        mark_due([shipment.pk], "party added", silent=True)
    return created


@dataclass
class Verdicts:
    """``accepted``: ids of tracking requests, in the order asked; ``rejected``: what was sent, with ``error``."""

    accepted: list[int] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    registered: int = 0


_REASONS = {
    "empty": _("There is no number."),
    "too_long": _("A number has 64 characters at most."),
    "masked": _("The number hides characters behind asterisks."),
    "unknown_type": _("There is no such type of number."),
    "not_trackable": _("Cargo cannot be tracked by a number of this type."),
    "ambiguous": _("The number could be of several types: say which."),
    "wrong_shape": _("The number does not have the form that its type demands."),
    "bad_check_digit": _("The last digit does not fit: a character is mistyped or missing."),
    "bad_carrier": _("A carrier's code has two to ten letters and digits."),
    "duplicate_in_request": _("The same number stands earlier in this request."),
}
_NOT_KEPT = ("empty", "duplicate_in_request")


def reason_of(code: str) -> str:
    """Why a number was refused, in the reader's language; codes of ``cargo.domain.verdict``."""
    return str(_REASONS[code])


def track(viewer: Viewer, items: Sequence[dict[str, Any]]) -> Verdicts:
    """Registers the numbers that can be tracked, each once; ``items``: ``{"reference", "type"?, "carrier"?}``.

    Asked again, the same tracking request answers. A number that the organization registered in another way gets a
    request for that shipment. Rejections are kept with their reason. The viewer acts for an organization.
    """
    verdicts = Verdicts()
    sound: dict[tuple[str, str, str], Verdict] = {}
    refused: list[tuple[dict[str, Any], Verdict]] = []
    for item in items:
        verdict = judge(item["reference"], item.get("type") or "", item.get("carrier") or "")
        if not verdict.code and _key(verdict) in sound:
            verdict = verdict._replace(code="duplicate_in_request")
        if verdict.code:
            refused.append((item, verdict))
        else:
            sound[_key(verdict)] = verdict
    verdicts.rejected = [_rejection(item, verdict) for item, verdict in refused]
    with transaction.atomic():
        # One request of an organization at a time: two that ask for the same number at once get one shipment.
        assert viewer.organization_id is not None
        organization = Organization.objects.select_for_update().get(pk=viewer.organization_id)
        _keep_refused(viewer, organization, refused)
        known = _requests(organization, sound.values())
        verdicts.registered = _track_new(viewer, organization, [v for k, v in sound.items() if k not in known])
        known |= _requests(organization, sound.values())
    verdicts.accepted = [known[key] for key in sound]
    return verdicts


def _key(verdict: Verdict) -> tuple[str, str, str]:
    return (verdict.value, verdict.type, verdict.carrier)


def _requests(organization: Organization, verdicts: Iterable[Verdict]) -> dict[tuple[str, str, str], int]:
    rows = TrackingRequest.objects.filter(organization=organization, reference__in=[v.value for v in verdicts])
    return {(reference, kind, carrier): pk for pk, reference, kind, carrier in rows.values_list(*_REQUEST)}


_REQUEST = ("pk", "reference", "kind", "carrier")


def _track_new(viewer: Viewer, organization: Organization, verdicts: Sequence[Verdict]) -> int:
    """Tracking requests for these, and shipments for the numbers that the organization has not registered yet."""
    numbers = list(dict.fromkeys((verdict.type, verdict.value) for verdict in verdicts))
    found = _shipments_with(organization, numbers)
    fresh = [number for number in numbers if number not in found]
    made = Shipment.objects.bulk_create(
        [Shipment(organization=organization, created_by_id=viewer.user_id) for _number in fresh]
    )
    if made:
        _complete([(shipment, [number], ()) for shipment, number in zip(made, fresh, strict=True)])
    found |= {number: shipment.pk for shipment, number in zip(made, fresh, strict=True)}
    TrackingRequest.objects.bulk_create(
        [
            TrackingRequest(
                organization=organization,
                reference=verdict.value,
                kind=verdict.type,
                carrier=verdict.carrier,
                shipment_id=found[verdict.type, verdict.value],
                created_by_id=viewer.user_id,
            )
            for verdict in verdicts
        ]
    )
    return len(verdicts)


def _shipments_with(organization: Organization, numbers: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The organization's shipment of each number: the latest registered by it, else the only one that learned it."""
    rows = ShipmentReference.objects.filter(
        shipment__organization=organization, value__in=[value for _kind, value in numbers]
    ).order_by("shipment_id")
    own: dict[tuple[str, str], int] = {}
    learned: dict[tuple[str, str], set[int]] = {}
    for kind, value, is_learned, shipment in rows.values_list("kind", "value", "learned", "shipment_id"):
        if is_learned:
            learned.setdefault((kind, value), set()).add(shipment)
        else:
            own[kind, value] = shipment
    return {number: min(shipments) for number, shipments in learned.items() if len(shipments) == 1} | own


def _keep_refused(
    viewer: Viewer, organization: Organization, refused: Sequence[tuple[dict[str, Any], Verdict]]
) -> None:
    TrackingRequest.objects.bulk_create(
        [
            TrackingRequest(
                organization=organization,
                reference=item["reference"][:64],
                kind=verdict.type[:24],
                carrier=verdict.carrier[:10],
                state=TrackingRequest.State.REJECTED,
                code=verdict.code,
                message=str(_REASONS[verdict.code]),
                created_by_id=viewer.user_id,
            )
            for item, verdict in refused
            if verdict.code not in _NOT_KEPT
        ],
        ignore_conflicts=True,
    )


def _rejection(item: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    error: dict[str, Any] = {"code": verdict.code, "message": str(_REASONS[verdict.code])}
    if verdict.suggestion:
        error["suggestion"] = verdict.suggestion
    if verdict.candidates:
        error["candidates"] = list(verdict.candidates)
    sent = {name: item.get(name) or None for name in ("type", "carrier")}
    return {"reference": item["reference"], **sent, "error": error}
