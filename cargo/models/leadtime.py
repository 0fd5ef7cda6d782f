"""How long each stage took, and what organizations want it to take."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.models.shipment import Shipment
from clis.accounts.models import Organization
from clis.accounts.scoping import STAFF


class StageTime(models.Model):
    """A stage of one shipment (or with ``container`` of one container) as the last inspection measured it.

    A projection: rewritten when the state changes. ``ended_at`` and the lengths are null while it is open.
    ``organization`` registered the shipment. The other columns are those of ``cargo.domain.lead_times.StageRow``.
    """

    scope = "shipment__parties__organization"
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="stage_times", db_constraint=False, db_index=False
    )
    container = models.CharField(max_length=15, blank=True, default="")
    stage = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seconds = models.BigIntegerField(null=True)
    working_seconds = models.BigIntegerField(null=True)
    reported_seconds = models.BigIntegerField(null=True)
    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, related_name="+", db_constraint=False, db_index=False
    )
    mode = models.CharField(max_length=8, blank=True, default="")
    port = models.CharField(max_length=5, blank=True, default="")
    port_of_loading = models.CharField(max_length=5, blank=True, default="")
    port_of_discharge = models.CharField(max_length=5, blank=True, default="")
    customs_office = models.CharField(max_length=12, blank=True, default="")
    warehouse = models.CharField(max_length=40, blank=True, default="")
    broker = models.CharField(max_length=80, blank=True, default="")
    carrier = models.CharField(max_length=40, blank=True, default="")
    channel = models.CharField(max_length=16, blank=True, default="")
    declared = models.CharField(max_length=16, blank=True, default="")
    agency = models.CharField(max_length=40, blank=True, default="")
    inspection_at = models.DateTimeField(null=True)
    hold_from = models.DateTimeField(null=True)
    hold_until = models.DateTimeField(null=True)
    month = models.CharField(max_length=7, blank=True, default="")

    class Meta:
        verbose_name = _("stage time")
        verbose_name_plural = _("stage times")
        constraints = [
            models.UniqueConstraint(fields=("shipment", "container", "stage", "number"), name="stage_time_once")
        ]
        indexes = [
            # All that a client's stages are compared by is read from this index alone: its rows lie scattered over the
            # table (10,000 of 1,000,000 shipments: 50 to 100 ms for all stages; 120 to 270 ms from the table).
            models.Index(
                fields=("organization", "stage", "ended_at"),
                include=(
                    "seconds",
                    "working_seconds",
                    "shipment",
                    "container",
                    "mode",
                    "port",
                    "port_of_loading",
                    "port_of_discharge",
                    "customs_office",
                    "warehouse",
                    "broker",
                    "carrier",
                    "channel",
                    "declared",
                    "agency",
                    "month",
                ),  # fmt: skip
                name="stage_time_client",
            ),
            models.Index(fields=("stage",), condition=models.Q(ended_at__isnull=True), name="stage_time_open"),
            # What the rollup of one month is worked out from.
            models.Index(fields=("stage", "month"), name="stage_time_month"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.shipment_id}"


class StageTimeColumn(models.Model):
    """One column of the stage times that ended in one month: all values of ``name``, packed, row by row.

    The operator's statistics over everybody's cargo read these instead of millions of rows; they are exact as of
    ``refreshed_at``. ``body``: see ``cargo.models.stage_columns``.
    """

    scope = STAFF
    stage = models.CharField(max_length=60)
    month = models.CharField(max_length=7)
    name = models.CharField(max_length=24)
    count = models.PositiveIntegerField()
    refreshed_at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("stage", "month", "name"), name="stage_time_column_once")]

    def __str__(self) -> str:
        return f"{self.stage} {self.month} {self.name}"


class StageTimeChange(models.Model):
    """A stage time that ended in this month was written, changed or deleted since the columns were worked out.

    The database notes it itself (triggers on ``StageTime``), so that no way of changing a row is missed. Append-only
    and without a unique key: those who write at the same time do not wait for each other. Read and deleted by the
    refresh of the columns, which sees a note and the rows that it is about in one snapshot.
    """

    scope = STAFF
    stage = models.CharField(max_length=60)
    month = models.CharField(max_length=7)

    def __str__(self) -> str:
        return f"{self.stage} {self.month}"


class TargetTime(models.Model):
    """How long a stage may take at most, as one organization wants it. Empty ``mode`` or ``port``: any.

    Of several that fit the most specific counts: a port before a mode, both before either.
    """

    class Clock(models.TextChoices):
        ELAPSED = "elapsed", _("elapsed hours")
        WORKING = "working", _("working hours")

    scope = "organization"
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="target_times", db_index=False, verbose_name=_("organization")
    )
    stage = models.CharField(_("stage"), max_length=60)
    mode = models.CharField(_("mode"), max_length=8, blank=True, default="")
    port = models.CharField(_("port"), max_length=5, blank=True, default="")
    seconds = models.PositiveBigIntegerField()
    clock = models.CharField(max_length=8, choices=Clock.choices, default=Clock.ELAPSED)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("target time")
        verbose_name_plural = _("target times")
        constraints = [
            models.UniqueConstraint(fields=("organization", "stage", "mode", "port"), name="target_time_once")
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.seconds}"
