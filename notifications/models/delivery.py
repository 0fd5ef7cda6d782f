"""What is owed to whom, and every try to tell it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clis.accounts.models import Organization
from notifications.models.channel import Channel
from notifications.models.subscription import Subscription


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Rows that do not say whose they are get their channel's organization."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """One statement more where channels are given by their numbers alone."""
        rows = list(objs)
        bare = [row for row in rows if not row.organization_id]
        unknown = {row.channel_id for row in bare if not Delivery.channel.is_cached(row)}
        whose = dict(Channel.objects.filter(pk__in=unknown).values_list("pk", "organization_id")) if unknown else {}
        for row in bare:
            row.organization_id = whose.get(row.channel_id) or row.channel.organization_id
        return super().bulk_create(rows, *args, **options)


class Delivery(models.Model):
    """One update owed to one channel. The constraints, not the code, make sure that nobody is told twice.

    ``notice`` is the kind of news. What waits for a digest is ``gathered``, ``digest_at`` says for which; the digest is
    a delivery of its own, without an update, and what went out in it points there by ``gathered_in``.
    ``organization`` is the channel's, written here as well so that its log is one walk of an index.
    ``recipient`` is a hash of kind and address: one address with two channels is told once.
    ``topic`` names what moved of which shipment where: what several sources say of one departure is told once, as long
    as it is not skipped, and again where it was taken back (``fanout.cycles``).
    ``data`` is laid over the update's: what the words need and the update does not say.
    A claim is a lease with a token; a finish with another token is refused. While a delivery is being sent,
    ``next_attempt_at`` is the end of the lease, so one index serves the claim and the recovery of a dead worker.
    """

    scope = "organization"

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("outcome unknown")
        SKIPPED = "skipped", _("not sent")
        GATHERED = "gathered", _("waits for the digest")

    update = models.ForeignKey(
        "cargo.TrackingUpdate", models.CASCADE, null=True, related_name="+", db_index=False, verbose_name=_("update")
    )
    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("channel")
    )
    # Without a key of the database: the channel's holds it, and would be asked for every row.
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        editable=False,
        verbose_name=_("organization"),
    )
    subscription = models.ForeignKey(
        Subscription, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("subscription")
    )
    notice = models.CharField(_("news"), max_length=40, blank=True, default="")
    digest_at = models.DateTimeField(pgettext_lazy("of notices", "digest"), null=True, blank=True)
    gathered_in = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="gathered", db_index=False, verbose_name=_("went out in")
    )
    topic = models.CharField(max_length=120, blank=True, default="", editable=False)
    data = models.JSONField(blank=True, default=dict, editable=False)
    delivered_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Channel.Kind.choices)
    recipient = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    next_attempt_at = models.DateTimeField(_("next try"), null=True, default=timezone.now)
    lease_token = models.CharField(max_length=32, blank=True, default="", editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("update", "channel"), name="delivery_once"),
            models.UniqueConstraint(fields=("update", "recipient"), name="delivery_recipient_once"),
            models.UniqueConstraint(
                fields=("channel", "digest_at"), condition=models.Q(update__isnull=True), name="digest_once"
            ),
            models.UniqueConstraint(
                fields=("channel", "topic"),
                condition=~models.Q(topic="") & ~models.Q(state="skipped"),
                name="delivery_topic_once",
            ),
        ]
        indexes = [
            # For the claim and the sweep: what is owed, or was being sent when its worker died.
            models.Index(
                fields=("kind", "next_attempt_at"),
                condition=models.Q(state__in=("pending", "sending")),
                name="delivery_owed",
            ),
            # The same for each channel by itself: every webhook has a line of its own.
            models.Index(
                fields=("channel", "next_attempt_at"),
                condition=models.Q(state__in=("pending", "sending")),
                name="delivery_owed_channel",
            ),
            # For the digest: what waits, by when it goes out.
            models.Index(
                fields=("digest_at", "channel"), condition=models.Q(state="gathered"), name="delivery_gathered"
            ),
            # For the members of a digest; most deliveries are none's, and would be noted in vain at every change.
            models.Index(
                fields=("gathered_in",), condition=models.Q(gathered_in__isnull=False), name="delivery_gathered_in"
            ),
            # For the look-up of texts whose outcome nobody knows.
            models.Index(
                fields=("finished_at",), condition=models.Q(kind="sms", state="unknown"), name="delivery_unknown_text"
            ),
            # For the limit of a storm: what a channel was owed within the hour. Serves the foreign key as well.
            models.Index(fields=("channel", "created_at"), name="delivery_of_channel"),
            # For the log of an organization, newest first.
            models.Index(fields=("organization", "-id"), name="delivery_log"),
            # The same of what failed, which is little among very much.
            models.Index(
                fields=("organization", "-id"),
                condition=models.Q(state__in=("failed", "unknown")),
                name="delivery_log_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.update_id} → {self.channel_id}: {self.state}"

    def save(self, *args: Any, **options: Any) -> None:
        """One that does not say whose it is gets its channel's organization."""
        if not self.organization_id:
            self.organization_id = self.channel.organization_id
        super().save(*args, **options)


class Attempt(models.Model):
    """One try. Written before the send: a row without an end is a try whose worker died in it.

    ``status``, ``request`` and ``answer`` are a webhook's, cut short; the texts are emptied in time (``retention``).
    ``segments`` and ``cost`` (in the currency of the settings) are a text message's.
    """

    scope = "delivery__organization"

    class Outcome(models.TextChoices):
        OPEN = "", _("not known yet")
        SENT = "sent", _("accepted")
        TEMPORARY = "temporary", _("failed, will be tried again")
        PERMANENT = "permanent", _("refused")
        UNKNOWN = "unknown", _("outcome unknown")

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries", verbose_name=_("delivery"))
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, blank=True, default=Outcome.OPEN)
    detail = models.CharField(_("what was said"), max_length=500, blank=True, default="")
    provider_id = models.CharField(_("provider's number"), max_length=200, blank=True, default="")
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    request = models.TextField(_("request"), blank=True, default="")
    answer = models.TextField(_("answer"), blank=True, default="")
    segments = models.PositiveSmallIntegerField(_("segments"), default=0)
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=5, default=0)

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ("id",)
        indexes = [
            models.Index(fields=("started_at",), name="attempt_started"),  # for the daily limit of texts
            models.Index(
                fields=("provider_id",), condition=~models.Q(provider_id=""), name="attempt_provider"
            ),  # for the providers' callbacks
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.outcome}"
