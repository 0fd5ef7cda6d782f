"""The projections: what the log says, worked out. All of them can be rebuilt from it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.models.shipment import Shipment
from clis.accounts.scoping import STAFF

_PARTIES = "shipment__parties__organization"


class ShipmentStatus(models.Model):
    """The columns that lists show and filter by. No column that an event changes is in an index.

    The row exists from registration: a missing row could not be locked. ``version`` counts changes and is the ETag.
    """

    scope = _PARTIES
    shipment = models.OneToOneField(Shipment, models.CASCADE, primary_key=True, related_name="status_row")
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=16, default="expected")
    milestone = models.CharField(max_length=40, blank=True, default="")
    customs_state = models.CharField(max_length=24, default="none")
    ready = models.BooleanField(null=True, default=None)
    open_holds = models.PositiveSmallIntegerField(default=0)
    hold_agencies = models.CharField(max_length=120, blank=True, default="")
    mode = models.CharField(max_length=8, blank=True, default="")
    carrier = models.CharField(max_length=40, blank=True, default="")
    port_of_loading = models.CharField(max_length=5, blank=True, default="")
    port_of_discharge = models.CharField(max_length=5, blank=True, default="")
    eta = models.DateTimeField(null=True)
    eta_first = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    gated_out_at = models.DateTimeField(null=True)
    last_free_day = models.DateField(null=True)
    containers = models.TextField(blank=True, default="")
    container_count = models.PositiveSmallIntegerField(default=0)
    released_count = models.PositiveSmallIntegerField(default=0)
    last_event_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("shipment status")

    def __str__(self) -> str:
        return self.status


class ShipmentState(models.Model):
    """The join of a shipment's events, packed. ``cargo.domain.state`` reads and writes it."""

    scope = STAFF
    shipment = models.OneToOneField(
        Shipment, models.CASCADE, primary_key=True, related_name="state_row", db_constraint=False
    )
    packed = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return str(self.pk)


class ShipmentDocument(models.Model):
    """The API's detail document as ready bytes, built on the first read after a change.

    It is stale while ``version`` is not the status row's.
    """

    scope = _PARTIES
    shipment = models.OneToOneField(
        Shipment, models.CASCADE, primary_key=True, related_name="document", db_constraint=False
    )
    version = models.PositiveIntegerField()
    body = models.BinaryField()
    packed = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return str(self.pk)


class ProjectionDue(models.Model):
    """A shipment whose events must be looked up again and its state worked out from the log."""

    scope = STAFF
    shipment = models.OneToOneField(
        Shipment, models.CASCADE, primary_key=True, related_name="projection_due", db_constraint=False
    )
    since = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=40)
    silent = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True, default="")

    def __str__(self) -> str:
        return self.reason
