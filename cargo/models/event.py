"""The append-only log, and which shipments each event concerns."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from cargo.models.inbound import InboundMessage, Source
from cargo.models.shipment import Shipment
from clis.accounts.models import Organization
from clis.accounts.scoping import STAFF


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete what was said."""


class AppendOnlyQuerySet(models.QuerySet["Event"]):
    """Refuses to change rows. A database trigger says so again."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("the event log is append-only: record a correction instead")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("the event log is append-only: record a retraction instead")


class Event(models.Model):
    """One thing that a source said, as it was understood, with its three times.

    ``id`` is made from what the event is (hour of the event, then a hash of source, lineage, version,
    revision and meaning), so the same report is the same row, whoever records it first.
    ``lineage`` joins the versions of one report; the highest ``(version, reported_at, revision, id)`` stands.
    ``content`` is the whole event as JSON.

    Source and message have no foreign key in the database: the two checks cost about a fifth of a
    batch's commit, and neither row is ever deleted while its events stand (PROTECT, in Django).
    """

    scope = "links__shipment__parties__organization"

    id = models.UUIDField(primary_key=True)
    lineage = models.UUIDField()
    version = models.CharField(max_length=40, blank=True, default="")
    revision = models.PositiveSmallIntegerField(default=0)
    retraction = models.BooleanField(default=False)
    source = models.ForeignKey(Source, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    message = models.ForeignKey(
        InboundMessage, models.PROTECT, db_constraint=False, db_index=False, related_name="events_made"
    )
    position = models.CharField(_("place in the message"), max_length=200, blank=True, default="")
    reference_set = models.UUIDField(db_index=True)
    milestone = models.CharField(_("milestone"), max_length=40)
    classifier = models.CharField(_("classifier"), max_length=10)
    level = models.CharField(_("level"), max_length=12)
    effect = models.CharField(_("effect"), max_length=12)
    occurred_at = models.DateTimeField(_("occurred"), null=True)
    reported_at = models.DateTimeField(_("reported"), null=True)
    received_at = models.DateTimeField(_("received"))
    recorded_at = models.DateTimeField(_("recorded"))
    content = models.TextField(_("content"))

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=("lineage",), name="event_lineage")]

    def __str__(self) -> str:
        return f"{self.milestone} {self.occurred_at}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only a first save is allowed."""
        if not self._state.adding:
            raise AppendOnlyError("the event log is append-only: record a correction instead")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("the event log is append-only: record a retraction instead")


class EventReference(models.Model):
    """The numbers of a *set* of references that events share: the twenty events of one box name the same set.

    Kept by set and not by event, a report costs no row of its own here, and a registration finds all
    earlier events of a number by (value, kind) and then by ``Event.reference_set``.
    """

    scope = STAFF
    pk = models.CompositePrimaryKey("reference_set", "kind", "value")
    reference_set = models.UUIDField()
    kind = models.CharField(max_length=24)
    value = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=("value", "kind"), name="event_reference_value")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class ShipmentEvent(models.Model):
    """An event concerns a shipment. ``weak``: matched by the container's number alone."""

    scope = "shipment__parties__organization"
    pk = models.CompositePrimaryKey("shipment_id", "event_id")
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="links", db_index=False, db_constraint=False)
    event = models.ForeignKey(Event, models.PROTECT, related_name="links", db_constraint=False)
    weak = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.event_id}"


class UnresolvedEvent(models.Model):
    """Two shipments of one organization could be meant: a person decides, the machine never takes both."""

    scope = "organization"
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", db_constraint=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    candidates = models.JSONField(default=list)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    chosen = models.ForeignKey(Shipment, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("unresolved event")
        verbose_name_plural = _("unresolved events")
        constraints = [models.UniqueConstraint(fields=("event", "organization"), name="unresolved_once")]

    def __str__(self) -> str:
        return str(self.event_id)
