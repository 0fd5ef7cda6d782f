"""Deadlines as lists, calendars and notices read them, and the keys of calendar feeds."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.models.shipment import Shipment
from clis.accounts.models import Organization, User


class ShipmentDeadline(models.Model):
    """A deadline of one shipment as the last inspection worked it out; rewritten by every inspection.

    ``number`` tells several of one kind and container apart, by due time. ``due_on``: the day at ``time_zone``, where
    the duty is owed. ``is_open``: not met, the cargo has not left, and something follows if it is missed. ``stage``:
    what has been told of this due time (empty, set, near, exceeded). ``sequence`` counts changes, as calendars want it.
    """

    scope = "shipment__parties__organization"
    shipment = models.ForeignKey(
        Shipment,
        models.CASCADE,
        related_name="deadlines",
        db_constraint=False,
        db_index=False,
        verbose_name=_("shipment"),
    )
    kind = models.CharField(_("kind"), max_length=24)
    container = models.CharField(_("container"), max_length=15, blank=True, default="")
    number = models.PositiveSmallIntegerField(default=0)
    rule = models.CharField(max_length=48, blank=True, default="")
    basis = models.CharField(max_length=48, blank=True, default="")
    authority = models.CharField(max_length=12, blank=True, default="")
    source = models.CharField(max_length=200, blank=True, default="")
    stated_by = models.CharField(max_length=50, blank=True, default="")
    text = models.TextField(blank=True, default="")
    due_at = models.DateTimeField(_("due"))
    due_on = models.DateField(_("day"))
    time_zone = models.CharField(max_length=40, blank=True, default="UTC")
    met_at = models.DateTimeField(_("met"), null=True)
    is_open = models.BooleanField(default=True)
    responsible = models.CharField(_("responsible"), max_length=16)
    next_action = models.CharField(_("next action"), max_length=32)
    money = models.JSONField(null=True)
    others = models.JSONField(default=list)
    stage = models.CharField(max_length=8, blank=True, default="")
    sequence = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        constraints = [
            models.UniqueConstraint(fields=("shipment", "kind", "container", "number"), name="shipment_deadline_once")
        ]
        indexes = [models.Index(fields=("due_at", "id"), condition=models.Q(is_open=True), name="deadline_open_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.shipment_id}"


class CalendarKey(models.Model):
    """What makes the address of a calendar feed: a person's, or without one the whole organization's.

    The address carries ``secret`` under a signature; a new secret makes every earlier address worthless.
    """

    scope = "organization"
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="calendar_keys")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="calendar_keys")
    secret = models.CharField(max_length=43)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("calendar key")
        verbose_name_plural = _("calendar keys")
        constraints = [
            models.UniqueConstraint(fields=("organization", "user"), name="calendar_key_person"),
            models.UniqueConstraint(
                fields=("organization",), condition=models.Q(user__isnull=True), name="calendar_key_shared"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
