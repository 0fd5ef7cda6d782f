"""Forecasts as they were made, what they were learned from, and how good they turned out to be."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cargo.models.shipment import Shipment
from clis.accounts.models import Organization
from clis.accounts.scoping import STAFF


class Forecast(models.Model):
    """When one stage of a shipment will end, as told at ``made_at``: one in ten, half, nine in ten end before.

    Never changed but for what became of it: ``ended_at`` when the stage had ended and ``scored_at`` when that was
    compared. Those that stand were made at their shipment's ``ForecastTurn.made_at``. ``arrived__customs_released``
    and ``arrived__gate_out`` stand for release and gate-out, ``departed__arrived`` for the arrival. ``started_at``:
    null while the stage is to come. What simpler forecasts said then: ``mean_at`` (the port's mean), ``table_*`` (its
    quantiles), ``carrier_at`` (the carrier's estimate). ``reasons``: codes and figures, no words.
    """

    scope = "shipment__parties__organization"
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="forecasts", db_constraint=False, db_index=False
    )
    stage = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    p10 = models.DateTimeField()
    p50 = models.DateTimeField()
    p90 = models.DateTimeField()
    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, related_name="+", db_constraint=False, db_index=False
    )
    mode = models.CharField(max_length=8, blank=True, default="")
    port = models.CharField(max_length=5, blank=True, default="")
    mean_at = models.DateTimeField(null=True)
    table_p10 = models.DateTimeField(null=True)
    table_p50 = models.DateTimeField(null=True)
    table_p90 = models.DateTimeField(null=True)
    carrier_at = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)
    scored_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("forecast")
        verbose_name_plural = _("forecasts")
        constraints = [models.UniqueConstraint(fields=("shipment", "made_at", "stage"), name="forecast_once")]
        indexes = [
            models.Index(
                fields=("shipment", "stage"), condition=models.Q(scored_at__isnull=True), name="forecast_unscored"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.shipment_id}"


class ForecastTurn(models.Model):
    """When a shipment's forecast is to be made anew, and when the one that stands was made.

    No ``due_at``: nothing is under way. Found by the column and its index, never by looking through all shipments.
    ``estimated_at``: the arrival that was expected when it was marked; another one makes a forecast due.
    """

    scope = STAFF
    shipment = models.OneToOneField(
        Shipment, models.CASCADE, primary_key=True, related_name="forecast_turn", db_constraint=False
    )
    due_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    estimated_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=("due_at", "shipment"), condition=models.Q(due_at__isnull=False), name="forecast_turn_due"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ForecastModel(models.Model):
    """What forecasts are learned with: as of when, and the settings that did best. The latest one counts."""

    scope = STAFF
    as_of = models.DateTimeField(_("as of"))
    learned_at = models.DateTimeField(_("learned"))
    settings = models.JSONField(default=dict)
    stages = models.PositiveIntegerField(_("stages learned from"), default=0)
    arrivals = models.PositiveIntegerField(_("estimates learned from"), default=0)

    class Meta:
        verbose_name = _("forecast model")
        verbose_name_plural = _("forecast models")
        indexes = [models.Index(fields=("-as_of",), name="forecast_model_latest")]

    def __str__(self) -> str:
        return self.as_of.isoformat()


class ForecastTally(models.Model):
    """The sums of what forecasts lost, by month of the outcome and how far ahead they were told.

    ``rival`` is empty (the forecasts alone), ``port_mean``, ``port_table`` or ``carrier``: then only those count that
    the rival told of, too. Losses are pinball losses in hours, added up over ``count`` forecasts; ``covered`` of them
    ended between p10 and p90. ``organization`` registered the cargo.
    """

    scope = "organization"
    month = models.CharField(max_length=7)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    stage = models.CharField(max_length=60)
    mode = models.CharField(max_length=8, blank=True, default="")
    ahead = models.CharField(max_length=8)
    rival = models.CharField(max_length=12, blank=True, default="")
    count = models.PositiveIntegerField(default=0)
    covered = models.PositiveIntegerField(default=0)
    loss_p10 = models.FloatField(default=0)
    loss_p50 = models.FloatField(default=0)
    loss_p90 = models.FloatField(default=0)
    rival_p10 = models.FloatField(default=0)
    rival_p50 = models.FloatField(default=0)
    rival_p90 = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("organization", "month", "stage", "mode", "ahead", "rival"),
                name="forecast_tally_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.stage}"


class ArrivalEstimate(models.Model):
    """What was known of one shipment's arrival at ``asked_at``: the plan, and the carrier's estimate.

    A projection, from which the errors of estimates are learned: only of cargo that has arrived (``arrived_at``).
    """

    scope = "shipment__parties__organization"
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="arrival_estimates", db_constraint=False, db_index=False
    )
    asked_at = models.DateTimeField()
    planned_at = models.DateTimeField(null=True)
    estimated_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField()
    mode = models.CharField(max_length=8, blank=True, default="")
    carrier = models.CharField(max_length=40, blank=True, default="")
    port = models.CharField(max_length=5, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("shipment", "asked_at"), name="arrival_estimate_once")]
        indexes = [models.Index(fields=("arrived_at",), name="arrival_estimate_arrived")]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.asked_at.isoformat()}"
