"""Where people and programs are reached, and how an address is proved."""

from __future__ import annotations

import hashlib
from datetime import time
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clis.accounts.models import Membership, Organization
from clis.accounts.scoping import Viewer, visible_to

# Monday to Friday, as bits.
EVERY_WORKING_DAY = 0b0011111
# What the digest of an invitation begins with; then come the shipment, who asked, and the hash of the link.
INVITATION = "invitation:"


def recipient_of(kind: str, address: str, channel: int) -> str:
    """What makes two channels the same recipient: a person's address is told once, whoever entered it.

    Programs, chats and browsers are each their own: the same URL may serve two organizations, each with its secret,
    and of a chat the address is only what people call it.
    """
    named = mailbox_of(kind, address) if kind in ("email", "sms") else str(channel)
    return hashlib.sha256(f"{kind}:{named}".encode()).hexdigest()


def apart(channel: int) -> str:
    """The recipient of what a channel was not told, and another of its address was: nobody else's."""
    return recipient_of("channel", "", channel)


def mailbox_of(kind: str, address: str) -> str:
    """An address as it is counted: of a person's every spelling is the same mailbox."""
    return address.casefold() if kind in ("email", "sms") else address


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

    def in_full_to(self, viewer: Viewer) -> ChannelQuerySet:
        """Those of ``seen_by`` whose address the viewer is shown as it is (``Channel.shown_to``)."""
        seen = self.seen_by(viewer)
        return seen if viewer.may_write else seen.filter(follower=False)

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

    ``address`` is normalized: an e-mail address with its domain in lower case, a number in E.164, a webhook's URL, or
    what people call a chat or a browser, whose address proper is a secret and lies in ``sealed``. Nothing is sent to
    it, a code or a challenge apart, before ``verified_at``. A ``follower`` has no account: somebody outside who asked
    to be told of the shipments he is subscribed to, and of no others.

    From ``quiet_from`` to ``quiet_until``, wall time in ``zone`` (IANA; empty: the person's own, or the operator's),
    nothing is sent at once but, with ``bypass_quiet``, what is critical. A digest goes out at ``digest_at`` of the same
    clock on the days of ``digest_days`` (bit 0: Monday).
    """

    scope = "organization"

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("SMS")
        WEBHOOK = "webhook", _("webhook")
        CHAT = "chat", _("chat")
        PUSH = "push", _("browser notification")

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
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    address = models.CharField(_("address"), max_length=500)
    name = models.CharField(_("name"), max_length=80, blank=True, default="")
    sealed = models.TextField(blank=True, default="", editable=False)
    follower = models.BooleanField(_("follower"), default=False, editable=False)
    zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    bypass_quiet = models.BooleanField(_("critical news also in quiet hours"), default=False)
    digest_at = models.TimeField(_("digest at"), default=time(8))
    digest_days = models.PositiveSmallIntegerField(_("digest on"), default=EVERY_WORKING_DAY)
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
    def recipient(self) -> str:
        """As ``Delivery.recipient`` and ``Suppression.recipient`` have it."""
        return recipient_of(self.kind, self.address, self.pk)

    @property
    def usable(self) -> bool:
        """Verified, and neither people nor a provider switched it off."""
        return self.verified_at is not None and self.disabled_at is None

    def shown_to(self, viewer: Viewer) -> str:
        """The address for one who sees the channel: somebody outside is masked to who only reads."""
        return self.masked if self.follower and not viewer.may_write else self.address

    @property
    def masked(self) -> str:
        """The address for colleagues: enough to know one's own, too little to use."""
        if self.kind == self.Kind.SMS:
            return f"{self.address[:3]}…{self.address[-4:]}"
        if self.kind == self.Kind.WEBHOOK:
            return f"{urlsplit(self.address).hostname}/…"
        if self.kind in (self.Kind.CHAT, self.Kind.PUSH):
            return self.address  # A label, and no secret.
        name, _at, domain = self.address.rpartition("@")
        return f"{name[:1]}…@{domain}"


class VerificationQuerySet(models.QuerySet["Verification"]):
    """Codes and challenges, and invitations, which have limits of their own."""

    def invitations(self) -> VerificationQuerySet:
        """Those by which somebody outside was asked."""
        return self.filter(digest__startswith=INVITATION)

    def codes(self) -> VerificationQuerySet:
        """All others."""
        return self.exclude(digest__startswith=INVITATION)

    def following(self) -> int:
        """Of one address: the number of the next one. Not how many there are: of those that are gone none comes
        again."""
        last: int | None = self.aggregate(last=models.Max("sequence"))["last"]
        return (last or 0) + 1


class Verification(models.Model):
    """A code that was sent to an address. Kept when the channel goes, so that the limits cannot be reset.

    ``address`` is the channel's as it is counted (``mailbox_of``). ``sequence`` counts the codes of one address and is
    unique, so two requests at once cannot both pass the limit.
    """

    scope = "organization"
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, models.SET_NULL, null=True, related_name="verifications")
    kind = models.CharField(max_length=8, choices=Channel.Kind.choices)
    address = models.CharField(_("address"), max_length=500)
    sequence = models.PositiveIntegerField()
    digest = models.CharField(max_length=128)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True)

    objects = VerificationQuerySet.as_manager()

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
