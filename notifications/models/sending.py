"""What holds for everything that is sent: addresses that want nothing, what providers said later, how it looks."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clis.accounts.scoping import SHARED, STAFF
from notifications.models.branding_rules import SHORT_NAME, check_address, check_colour, check_logo, link_address
from notifications.models.channel import Channel


class Suppression(models.Model):
    """An address that nothing is sent to: it bounced, complained, or said STOP. ``recipient`` as in ``Delivery``."""

    scope = STAFF
    kind = models.CharField(_("kind"), max_length=8, choices=Channel.Kind.choices)
    recipient = models.CharField(max_length=64, editable=False)
    address = models.CharField(_("address"), max_length=500)
    reason = models.CharField(_("reason"), max_length=16)
    detail = models.CharField(_("what was said"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "recipient"), condition=models.Q(lifted_at__isnull=True), name="suppression_once"
            )
        ]

    def __str__(self) -> str:
        return self.address


class Callback(models.Model):
    """What a provider said later of something we sent, once each: ``digest`` names it within its provider.

    ``said`` and ``recipient`` (as in ``Delivery``): what it was, of whom, for what counts only when it comes again.
    """

    scope = STAFF
    provider = models.CharField(max_length=24)
    digest = models.CharField(max_length=64)
    said = models.CharField(max_length=16, blank=True, default="")
    recipient = models.CharField(max_length=64, blank=True, default="")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("provider", "digest"), name="callback_once")]
        indexes = [
            # For the soft bounces of an address within two days.
            models.Index(
                fields=("recipient", "received_at"), condition=~models.Q(recipient=""), name="callback_of_recipient"
            ),
            models.Index(fields=("received_at",), name="callback_received"),  # for the end of what is kept
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.digest[:8]}"


class Branding(models.Model):
    """How the operator's messages look: one row. ``logo`` is a PNG or JPEG of at most 100 kB; ``address`` is where the
    links in messages begin, scheme, host and port, or "" for ``CLIS_BASE_URL``."""

    scope = SHARED
    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(_("name"), max_length=80, blank=True, default="")
    short_name = models.CharField(
        _("short name"),
        max_length=SHORT_NAME,
        blank=True,
        default="",
        help_text=_(
            "The name in text messages, where each character costs: at most 11. Empty: the name, if it is no longer "
            "than that; else ordinary texts have none. English texts leave it out where it has characters beyond "
            "their alphabet (GSM-7), which would leave room for 70 characters instead of 160."
        ),
    )
    colour = models.CharField(_("colour"), max_length=7, blank=True, default="")
    logo = models.BinaryField(null=True, blank=True, editable=True)
    sender = models.CharField(_("sender of mails"), max_length=254, blank=True, default="")
    reply_to = models.CharField(_("answers go to"), max_length=254, blank=True, default="")
    address = models.CharField(
        _("address of links"),
        max_length=200,
        blank=True,
        default="",
        help_text=_(
            "Where the links in messages begin, as https://track.example.com. It must lead to this installation, and "
            "CLIS_ALLOWED_HOSTS must name its host. Empty: CLIS_BASE_URL."
        ),
    )
    foot = models.CharField(_("last line"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("branding")
        verbose_name_plural = _("branding")

    def __str__(self) -> str:
        return self.name or "CLIS"

    def clean(self) -> None:
        """Brings the address into its one form. Raises ``ValidationError`` by field for what no message may look
        like."""
        given = {"colour": self.colour, "sender": self.sender, "reply_to": self.reply_to}
        rules = {"colour": check_colour, "sender": check_address, "reply_to": check_address}
        wrong: dict[str, ValidationError] = {}
        for name, value in given.items():
            try:
                if value:
                    rules[name](value)
            except ValidationError as error:
                wrong[name] = error
        try:
            self.address = link_address(self.address) if self.address else ""
        except ValidationError as error:
            wrong["address"] = error
        try:
            if self.logo:
                check_logo(bytes(self.logo))
        except ValidationError as error:
            wrong["logo"] = error
        if wrong:
            raise ValidationError(wrong)
