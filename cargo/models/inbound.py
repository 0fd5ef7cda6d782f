"""The inbox: sources, messages as they came, and the parts that could not be read."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clis.accounts.models import ApiKey, Organization
from clis.accounts.scoping import STAFF


class Source(models.Model):
    """Who sends: shared (the operator's) or private to one organization. Every message has one.

    ``rank`` decides between sources that disagree: the lower number is believed.
    """

    scope = STAFF

    class Kind(models.TextChoices):
        CARRIER = "carrier", _("Carrier")
        CUSTOMS = "customs", _("Customs authority")
        TERMINAL = "terminal", _("Terminal")
        MANUAL = "manual", _("Entered by people")
        OTHER = "other", _("Other")

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.CARRIER)
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sources",
        verbose_name=_("private to"),
        help_text=_("Empty: shared, the operator's own contract."),
    )
    rank = models.PositiveSmallIntegerField(_("rank"), default=50)
    format = models.CharField(_("format"), max_length=40, blank=True, help_text=_("Empty: told apart by content."))
    time_zone = models.CharField(_("time zone of bare times"), max_length=64, blank=True)
    expected_every = models.DurationField(_("expected every"), null=True, blank=True)
    active = models.BooleanField(_("active"), default=True)
    acknowledges = models.CharField(
        _("acknowledged with"),
        max_length=8,
        blank=True,
        choices=[("997", "X12 997"), ("999", "X12 999"), ("contrl", "EDIFACT CONTRL")],
        help_text=_("What the partner is sent back about each interchange."),
    )
    # What people taught CLIS of this source: {"codes": {"format|code": [milestone, classifier]}, "columns":
    # {fingerprint: meaning}}, a copy of the mapping tables that comes with the row that the pipeline reads anyway.
    reading = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name


class SourceKey(models.Model):
    """Ties a push key to exactly one source."""

    scope = STAFF
    key = models.OneToOneField(ApiKey, models.CASCADE, related_name="source_key", verbose_name=_("API key"))
    source = models.ForeignKey(Source, models.CASCADE, related_name="keys", verbose_name=_("source"))

    class Meta:
        verbose_name = _("push key")
        verbose_name_plural = _("push keys")

    def __str__(self) -> str:
        return f"{self.key} → {self.source}"


class InboundMessage(models.Model):
    """One message as it came. The bytes lie in ``InboundBody``, so that this row stays narrow."""

    scope = STAFF

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        PROCESSED = "processed", _("processed")
        IGNORED = "ignored", _("ignored")
        QUARANTINED = "quarantined", _("quarantined")

    # Found by the index of the constraint below; every further index is paid for twice a message.
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="messages", db_index=False, verbose_name=_("source")
    )
    digest = models.CharField(_("SHA-256"), max_length=64)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    size = models.PositiveIntegerField(_("bytes"), default=0)
    media_type = models.CharField(_("media type"), max_length=100, blank=True)
    name = models.CharField(_("file name"), max_length=255, blank=True)
    format = models.CharField(_("format"), max_length=40, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.RECEIVED)
    silent = models.BooleanField(_("tells nobody"), default=False)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    lease_token = models.CharField(max_length=32, blank=True, default="", editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    processed_at = models.DateTimeField(_("finished"), null=True, blank=True)
    events = models.PositiveIntegerField(_("events"), default=0)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # Empty but for what CLIS asked for itself: the same answer may be true twice (DECISIONS 7).
    occasion = models.CharField(max_length=32, blank=True, default="", editable=False)
    replaces = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, db_index=False, related_name="+")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("inbox")
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("source", "digest", "occasion"), name="message_once")]
        indexes = [
            # For the worker that claims and for the sweep: only what is owed is in it.
            models.Index(fields=("id",), condition=models.Q(state="received"), name="message_owed"),
            models.Index(fields=("-id",), condition=models.Q(state="quarantined"), name="message_quarantined"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.source_id}"


class InboundBody(models.Model):
    """The bytes of a message, written once and never changed. Above 20 MB they lie in a file named by their digest."""

    scope = STAFF
    message = models.OneToOneField(InboundMessage, models.CASCADE, primary_key=True, related_name="body")
    content = models.BinaryField()
    on_disk = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("message body")

    def __str__(self) -> str:
        return str(self.pk)


class MessagePart(models.Model):
    """A part of a message that made no event: parked (known, not read yet) or a problem."""

    scope = STAFF

    class Kind(models.TextChoices):
        PARKED = "parked", _("parked")
        PROBLEM = "problem", _("problem")

    message = models.ForeignKey(InboundMessage, models.CASCADE, related_name="parts", verbose_name=_("message"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    position = models.CharField(_("place in the message"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    created_at = models.DateTimeField(_("noticed"), default=timezone.now)

    class Meta:
        verbose_name = _("unread part")
        verbose_name_plural = _("quarantine")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.position}: {self.reason}"
