"""A delivery as a webhook's body: the update as the feed has it, and how it stands among the shipment's others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Left, StrIndex
from django.utils import timezone

from notifications.models import Delivery
from notifications.models.signing import signing_secrets
from notifications.transports.base import Message

_encode = msgspec.json.encode
# Updates of which the key begins with what happened, and the kind does not say it.
_BY_MILESTONE = ("milestone", "estimate")


class Standing(NamedTuple):
    """``sequence``: counts the shipment's updates from 1, without a gap, in the order of the feed, those that this
    endpoint did not ask for included. ``first_of_type``: none of its kind (and milestone) came before it.
    """

    sequence: int
    first_of_type: bool


def standings(deliveries: Iterable[Delivery]) -> dict[int, Standing]:
    """By update; one statement."""
    model = Delivery._meta.get_field("update").related_model
    updates = model._default_manager.order_by()
    name = Case(
        When(kind__in=_BY_MILESTONE, then=Left("key", StrIndex("key", Value("|")))),
        default=Value(""),
        output_field=CharField(),
    )
    before = updates.filter(shipment=OuterRef("shipment"), feed_no__lt=OuterRef("feed_no"))
    same = before.filter(kind=OuterRef("kind")).filter(Q(key__startswith=OuterRef("name")))
    counted = before.values("shipment").annotate(number=Count("pk")).values("number")
    rows = (
        updates.filter(pk__among={delivery.update_id for delivery in deliveries})
        .annotate(name=name)
        .annotate(number=Coalesce(Subquery(counted), 0) + 1, earlier=Exists(same))
        .values_list("pk", F("number"), F("earlier"))
    )
    return {pk: Standing(number, not earlier) for pk, number, earlier in rows}


def message(delivery: Delivery, reference: str, standing: Standing) -> Message:
    """The message of a delivery whose update, channel and endpoint are loaded. Its ``id`` is the update's, which is
    the same to all endpoints; ``webhook-id`` names the delivery."""
    told = delivery.update.entry()  # type: ignore[union-attr]  # a webhook's delivery has an update
    body = {
        "id": told["id"],
        "type": told["type"],
        "occurred_at": told["occurred_at"],
        "received_at": told["recorded_at"],
        "source": told["data"].get("source"),
        "first_of_type": standing.first_of_type,
        "shipment": told["shipment"],
        "subject": told["subject"],
        "sequence": standing.sequence,
        "data": told["data"],
        "changes": told["changes"],
    }
    channel = delivery.channel
    keys = signing_secrets(channel.endpoint, timezone.now())
    return Message(channel.address, _encode(body).decode(), reference, secrets=keys)
