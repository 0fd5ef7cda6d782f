"""What is wrong with shipments, since when and until when; and when the clock wants each to be looked at again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cargo.models.shipment import Shipment
from clis.accounts.scoping import STAFF


class ShipmentException(models.Model):
    """Something wrong with one shipment. Of a kind and subject one at most is open; a closed one stays as history.

    ``since`` is when it began in the world, ``opened_at`` when CLIS noticed, ``due_at`` by when somebody must act.
    ``reason`` and ``told`` as in ``cargo.domain.finding``. Kinds: ``cargo.domain.rules``.
    """

    scope = "shipment__parties__organization"
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="exceptions", db_constraint=False, verbose_name=_("shipment")
    )
    kind = models.CharField(_("kind"), max_length=24)
    subject = models.CharField(max_length=120, blank=True, default="")
    since = models.DateTimeField(_("since"), null=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    responsible = models.CharField(_("responsible"), max_length=16)
    next_action = models.CharField(_("next action"), max_length=32)
    due_at = models.DateTimeField(_("by when"), null=True)
    reason = models.CharField(max_length=32, blank=True, default="")
    told = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("shipment exception")
        verbose_name_plural = _("shipment exceptions")
        constraints = [
            models.UniqueConstraint(
                fields=("shipment", "kind", "subject"),
                condition=models.Q(closed_at__isnull=True),
                name="exception_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.shipment_id}"


class InspectionDue(models.Model):
    """When a shipment must be inspected: now, because its state changed, or when the clock changes the answer.

    Found by the column and its index, never by looking through all shipments. No ``inspect_at``: nothing is wrong
    that the clock alone could change. ``silent``: what changed it was history, and nobody is told of what is found.
    """

    scope = STAFF
    shipment = models.OneToOneField(
        Shipment, models.CASCADE, primary_key=True, related_name="inspection_due", db_constraint=False
    )
    inspect_at = models.DateTimeField(null=True)
    silent = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # In the order in which it is taken, so that taking reads no more than it takes, whatever the statistics.
            models.Index(
                fields=("inspect_at", "shipment"),
                condition=models.Q(inspect_at__isnull=False),
                name="inspection_due_at",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
