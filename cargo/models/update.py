"""What changed, in a way that somebody may want to know: feed, API answer and outbox in one row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.db import models
from django.utils import timezone

from cargo.models.shipment import Shipment


class TrackingUpdate(models.Model):
    """One change of one shipment's state, with its payload frozen.

    ``feed_no`` is given under a lock when the update is taken for fan-out; feeds read by it, never by id,
    since ids are handed out before commit. ``silent``: history, a baseline or a replay; nobody is told.
    """

    scope = "shipment__parties__organization"
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="updates", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    occurred_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    silent = models.BooleanField(default=False)
    data = models.TextField(default="{}")
    feed_no = models.BigIntegerField(null=True, unique=True)
    fanned_out_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("shipment", "kind", "key"), name="update_once")]
        indexes = [
            # For the sweep that fans out: what is owed and nothing else.
            models.Index(fields=("id",), condition=models.Q(fanned_out_at__isnull=True), name="update_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.shipment_id}"

    def entry(self) -> dict[str, Any]:
        """As feeds and webhooks tell it."""
        return entry(self.pk, self.kind, self.occurred_at, self.recorded_at, self.shipment_id, self.data)


def entry(
    pk: int, kind: str, occurred: datetime | None, recorded: datetime, shipment: int, data: str
) -> dict[str, Any]:
    """An update as feeds and webhooks tell it: ``id``, ``type``, ``occurred_at``, ``recorded_at``, ``shipment``,
    ``subject`` (its container, or its declaration), ``data`` and ``changes``. Times are ISO 8601 with a zone.
    """
    facts = msgspec.json.decode(data)
    return {
        "id": str(pk),
        "type": kind,
        "occurred_at": occurred.isoformat() if occurred else None,
        "recorded_at": recorded.isoformat(),
        "shipment": shipment,
        "subject": facts.get("container") or facts.get("declaration"),
        "data": facts,
        "changes": facts.get("changes", {}),
    }


class FeedHead(models.Model):
    """The last feed number given: one row, locked by the sequencer."""

    scope = "staff"
    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)
