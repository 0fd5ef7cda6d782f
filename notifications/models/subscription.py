"""What a channel asked to know, and what it was told of an arrival."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.models.channel import Channel


class Subscription(models.Model):
    """A channel wants to hear of one shipment, or (no shipment) of all that its organization is party to.

    Without a shipment, ``filter`` (the list's parameters, saved as ``label``) and ``roles`` (what the organization is
    to the shipment) choose among them; empty means all. What happened before ``created_at`` is never news to it.
    ``matrix`` says of each kind of news whether it is told at once (``now``), in the ``digest`` or not (``off``); one
    that it does not name goes by the default of the channel's kind and of what the organization is to the shipment
    (``notifications.kinds``). Of the kinds that the subscription to one shipment names, it alone decides for that
    shipment, be it louder or quieter than the wider ones; with ``off`` for each, and for ``*`` (every other kind, also
    of later versions), it is a mute. A changed arrival is told when it moved by ``eta_hours`` since it was told last.
    """

    scope = "channel__organization"
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="subscriptions", verbose_name=_("channel"))
    shipment = models.ForeignKey(
        "cargo.Shipment", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("shipment")
    )
    matrix = models.JSONField(_("what is told how"), default=dict, blank=True)
    label = models.CharField(_("saved filter"), max_length=80, blank=True, default="")
    filter = models.JSONField(_("filter"), default=dict, blank=True)
    roles = models.JSONField(_("roles"), default=list, blank=True)
    eta_hours = models.PositiveSmallIntegerField(_("changed arrivals, from hours"), default=24)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("channel", "shipment"), condition=models.Q(ended_at__isnull=True), name="subscription_once"
            ),
            models.UniqueConstraint(
                fields=("channel", "label"),
                condition=models.Q(ended_at__isnull=True, shipment__isnull=True),
                name="subscription_to_all_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.shipment_id or '*'}"


class EstimateTold(models.Model):
    """The arrival that a channel was last told of a shipment, or first heard of: from which a change is measured."""

    scope = "channel__organization"
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="+", db_index=False)
    shipment = models.ForeignKey("cargo.Shipment", models.CASCADE, related_name="+", db_constraint=False)
    arrival_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("channel", "shipment"), name="estimate_told_once")]
        indexes = [models.Index(fields=("arrival_at",), name="estimate_told_arrival")]  # for the end of what is kept

    def __str__(self) -> str:
        return f"{self.channel_id} {self.shipment_id}"
