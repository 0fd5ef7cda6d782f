"""How messages are fetched when nobody pushes them, what partners sign with, and what we answer them."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.models.inbound import InboundMessage, Source
from clis.accounts.scoping import STAFF


class SourceSecret(models.Model):
    """What a sender signs its pushes with. Two may be live at a time, so that it can be changed without a gap.

    ``sealed`` can be opened with the installation's key alone (``clis.sealing``).
    """

    scope = STAFF

    class Scheme(models.TextChoices):
        HMAC = "hmac", _("HMAC-SHA-256 of time stamp and body")
        DCSA = "dcsa", _("DCSA Notification-Signature")

    source = models.ForeignKey(Source, models.CASCADE, related_name="secrets", verbose_name=_("source"))
    scheme = models.CharField(_("scheme"), max_length=8, choices=Scheme.choices, default=Scheme.HMAC)
    sealed = models.TextField(editable=False)
    label = models.CharField(_("label"), max_length=80, blank=True)
    subscription = models.CharField(_("subscription id"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("signing secret")
        verbose_name_plural = _("signing secrets")
        ordering = ("source", "-created_at")

    def __str__(self) -> str:
        return self.label or f"{self.scheme} {self.pk}"


class Intake(models.Model):
    """One way by which CLIS itself fetches a source's messages: an API it asks, a folder or a mailbox it looks into.

    ``sealed`` holds the credentials; ``cursor`` is how far the way has been read, moved in the transaction that keeps
    what was read. A run is taken under a lease, so that two schedulers never fetch at once.
    """

    scope = STAFF

    class Way(models.TextChoices):
        DCSA = "dcsa", _("DCSA Track & Trace API")
        UNIPASS = "unipass", _("UNI-PASS API")
        FOLDER = "folder", _("Watched folder")
        SFTP = "sftp", _("SFTP directory")
        IMAP = "imap", _("E-mail attachments (IMAP)")

    source = models.ForeignKey(Source, models.CASCADE, related_name="intakes", verbose_name=_("source"))
    way = models.CharField(_("way"), max_length=8, choices=Way.choices)
    profile = models.CharField(_("profile"), max_length=40, blank=True, help_text=_("The carrier, for an API."))
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    sealed = models.TextField(blank=True, editable=False)
    every = models.DurationField(_("every"), default=timedelta(minutes=15))
    active = models.BooleanField(_("active"), default=True)
    cursor = models.CharField(_("read up to"), max_length=200, blank=True, editable=False)
    calls = models.JSONField(_("calls counted"), default=dict, blank=True, editable=False)
    next_at = models.DateTimeField(_("next"), default=timezone.now)
    lease_token = models.CharField(max_length=32, blank=True, default="", editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    error = models.CharField(_("last error"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")
        ordering = ("source", "way")
        indexes = [models.Index(fields=("next_at",), condition=models.Q(active=True), name="intake_owed")]

    def __str__(self) -> str:
        return f"{self.source} · {self.get_way_display()}"


class Inquiry(models.Model):
    """One thing that an intake asks about again and again, until the cargo is done: a bill, a booking and its box.

    ``subject`` is the canonical text of what is asked; ``request`` its parts by name.
    """

    scope = STAFF

    class State(models.TextChoices):
        ACTIVE = "active", _("asked about")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="inquiries", verbose_name=_("intake"))
    subject = models.CharField(_("subject"), max_length=120)
    request = models.JSONField(_("asked with"), default=dict, blank=True)
    shipment = models.ForeignKey("cargo.Shipment", models.CASCADE, null=True, blank=True, related_name="inquiries")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    next_at = models.DateTimeField(_("next"), default=timezone.now)
    asked_at = models.DateTimeField(_("last asked"), null=True, blank=True)
    answered_at = models.DateTimeField(_("last answered"), null=True, blank=True)
    # JSON that the way itself reads: how far it has come, which page is next, what it has found out.
    cursor = models.TextField(_("read up to"), blank=True, default="", editable=False)
    digest = models.CharField(_("last answer"), max_length=64, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        ordering = ("intake", "subject")
        constraints = [models.UniqueConstraint(fields=("intake", "subject"), name="inquiry_once")]
        indexes = [models.Index(fields=("intake", "next_at"), condition=models.Q(state="active"), name="inquiry_owed")]

    def __str__(self) -> str:
        return self.subject


class Snapshot(models.Model):
    """Says that a message is the whole truth about a subject as of ``asked_at``, since CLIS itself asked for it.

    What an earlier snapshot of the subject said and this one does not is taken back (DECISIONS 7).
    """

    scope = STAFF
    message = models.OneToOneField(InboundMessage, models.CASCADE, primary_key=True, related_name="snapshot")
    source = models.ForeignKey(Source, models.CASCADE, db_index=False, related_name="+")
    subject = models.CharField(_("subject"), max_length=120)
    asked_at = models.DateTimeField(_("asked"))
    # The lineages and ids of its events (16 bytes each), once it was worked off; null: not yet, or not read whole.
    said = models.BinaryField(null=True, editable=False)

    class Meta:
        verbose_name = _("snapshot")
        indexes = [models.Index(fields=("source", "subject", "asked_at"), name="snapshot_subject")]

    def __str__(self) -> str:
        return self.subject


class Acknowledgment(models.Model):
    """What a partner is sent back about an interchange: X12 997 or 999, EDIFACT CONTRL. One a message."""

    scope = STAFF

    class Kind(models.TextChoices):
        X12_997 = "997", "X12 997"
        X12_999 = "999", "X12 999"
        CONTRL = "contrl", "EDIFACT CONTRL"

    message = models.OneToOneField(InboundMessage, models.CASCADE, related_name="acknowledgment")
    source = models.ForeignKey(Source, models.CASCADE, related_name="acknowledgments", verbose_name=_("source"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    content = models.BinaryField()
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    taken_at = models.DateTimeField(_("handed over"), null=True, blank=True)

    class Meta:
        verbose_name = _("acknowledgment")
        verbose_name_plural = _("acknowledgments")
        ordering = ("-id",)
        indexes = [models.Index(fields=("source", "id"), condition=models.Q(taken_at=None), name="acknowledgment_owed")]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"
