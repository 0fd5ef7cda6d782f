"""Where people are reached, what they asked to know, what they are owed, and every try to tell them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clis.accounts.models import Membership, Organization
from clis.accounts.scoping import Viewer, visible_to

# What people can be told. Everything else that changes is in the feed only.
KINDS: dict[str, object] = {
    "customs.held": _("Held by customs"),
    "customs.hold_cleared": _("Customs hold lifted"),
    "customs.released": _("Released by customs"),
    "customs.release_revoked": _("Customs release taken back"),
    "gate_out": _("Gated out"),
    "deadline.near": _("Deadline near"),
    "deadline.exceeded": _("Deadline passed"),
}


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Whose channel it is. A colleague's number is not shown to colleagues, only to their organization's admin."""

    def changeable_by(self, viewer: Viewer) -> ChannelQuerySet:
        """One's own; the organization's as its admin; with a key, the organization's."""
        return self._of(viewer, shared=viewer.key_id is not None or viewer.role == Membership.Role.ADMIN)

    def seen_by(self, viewer: Viewer) -> ChannelQuerySet:
        """One's own and the organization's; an admin and the operator's staff see every person's."""
        if viewer.is_staff or (viewer.key_id is None and viewer.role == Membership.Role.ADMIN):
            return visible_to(self, viewer)  # type: ignore[return-value]
        return self._of(viewer, shared=True)

    def _of(self, viewer: Viewer, shared: bool) -> ChannelQuerySet:
        whose = models.Q()
        if shared:
            whose |= models.Q(user__isnull=True)
        if viewer.key_id is None and viewer.user_id is not None:
            whose |= models.Q(user=viewer.user_id)
        if viewer.organization_id is None or not whose:
            return self.none()
        return self.filter(whose, organization=viewer.organization_id)


class Channel(models.Model):
    """An address at which one person, or a mailbox of the whole organization (no person), is reached.

    ``address`` is normalized: an e-mail address with its domain in lower case, or a number in E.164.
    Nothing is sent to it, a code apart, before ``verified_at``.
    """

    scope = "organization"

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("SMS")

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="channels", verbose_name=_("organization")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="channels",
        verbose_name=_("person"),
        help_text=_("Empty: an address of the whole organization."),
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    address = models.CharField(_("address"), max_length=254)
    language = models.CharField(
        _("language"), max_length=5, choices=[("en", "English"), ("ko", "한국어")], default="en"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    disabled_reason = models.CharField(_("why it is off"), max_length=200, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ("kind", "address", "id")
        constraints = [
            # Two constraints, since NULLs are distinct to SQLite and to PostgreSQL before 15.
            models.UniqueConstraint(fields=("organization", "user", "kind", "address"), name="channel_once"),
            models.UniqueConstraint(
                fields=("organization", "kind", "address"),
                condition=models.Q(user__isnull=True),
                name="channel_of_organization_once",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def usable(self) -> bool:
        """Verified, and neither people nor a provider switched it off."""
        return self.verified_at is not None and self.disabled_at is None

    @property
    def masked(self) -> str:
        """The address for colleagues: enough to know one's own, too little to use."""
        if self.kind == self.Kind.SMS:
            return f"{self.address[:3]}…{self.address[-4:]}"
        name, _at, domain = self.address.rpartition("@")
        return f"{name[:1]}…@{domain}"


class Verification(models.Model):
    """A code that was sent to an address. Kept when the channel goes, so that the limits cannot be reset.

    ``sequence`` counts the codes of one address and is unique, so two requests at once cannot both pass the limit.
    """

    scope = "organization"
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, models.SET_NULL, null=True, related_name="verifications")
    kind = models.CharField(max_length=5, choices=Channel.Kind.choices)
    address = models.CharField(_("address"), max_length=254)
    sequence = models.PositiveIntegerField()
    digest = models.CharField(max_length=128)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("verification code")
        verbose_name_plural = _("verification codes")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("kind", "address", "sequence"), name="verification_sequence_once")
        ]
        indexes = [models.Index(fields=("organization", "created_at"), name="verification_by_organization")]

    def __str__(self) -> str:
        return f"{self.address} {self.created_at}"


class Subscription(models.Model):
    """A channel wants to hear of one shipment, or (no shipment) of all that its organization is party to.

    What happened before ``created_at`` is never news to it. An empty ``kinds`` means every kind.
    """

    scope = "channel__organization"
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="subscriptions", verbose_name=_("channel"))
    shipment = models.ForeignKey(
        "cargo.Shipment", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("shipment")
    )
    kinds = models.JSONField(_("kinds"), default=list, blank=True)
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
                fields=("channel",),
                condition=models.Q(ended_at__isnull=True, shipment__isnull=True),
                name="subscription_to_all_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.shipment_id or '*'}"


class Delivery(models.Model):
    """One update owed to one channel. The constraints, not the code, make sure that nobody is told twice.

    ``recipient`` is a hash of kind and address: one address with two channels is told once.
    A claim is a lease with a token; a finish with another token is refused. While a delivery is being sent,
    ``next_attempt_at`` is the end of the lease, so one index serves the claim and the recovery of a dead worker.
    """

    scope = "channel__organization"

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("outcome unknown")
        SKIPPED = "skipped", _("not sent")

    update = models.ForeignKey(
        "cargo.TrackingUpdate", models.CASCADE, related_name="+", db_index=False, verbose_name=_("update")
    )
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries", verbose_name=_("channel"))
    kind = models.CharField(_("kind"), max_length=5, choices=Channel.Kind.choices)
    recipient = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    next_attempt_at = models.DateTimeField(_("next try"), null=True, default=timezone.now)
    lease_token = models.CharField(max_length=32, blank=True, default="", editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("update", "channel"), name="delivery_once"),
            models.UniqueConstraint(fields=("update", "recipient"), name="delivery_recipient_once"),
        ]
        indexes = [
            # For the claim and the sweep: what is owed, or was being sent when its worker died.
            models.Index(
                fields=("kind", "next_attempt_at"),
                condition=models.Q(state__in=("pending", "sending")),
                name="delivery_owed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.update_id} → {self.channel_id}: {self.state}"


class Attempt(models.Model):
    """One try. Written before the send: a row without an end is a try whose worker died in it."""

    scope = "delivery__channel__organization"

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

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ("id",)
        indexes = [models.Index(fields=("started_at",), name="attempt_started")]  # for the daily limit of texts

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.outcome}"
