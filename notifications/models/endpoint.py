"""What a webhook has beside its channel."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.channel import Channel

# Why what was owed to an endpoint that is off has ended: as its people read it in the log, and may have it sent again.
OFF = "endpoint_off"
# So long after it was switched off an endpoint is owed what comes up. Who has not resumed it by then reads the feed
# instead: rows for one that nobody looks after any more would pile up for ever.
OWED_WHILE_OFF = timedelta(days=30)


class Endpoint(models.Model):
    """A webhook's other side: what its channel of kind ``webhook`` needs beside the URL.

    ``sealed`` signs (Standard Webhooks 1.0.0); those before it, in ``sealed_before``, sign as well, each for its time
    and the last until ``before_until`` (``models.signing``). ``failing_since``: of an unbroken row of ``failures``; no
    try before ``paused_until``, none at all while a person has it ``held_at``. Its next deliveries are claimed from
    ``open_at`` on, in seconds since 1970 (UTC): all workers together keep its rate by that. ``quick``: it answered well
    and at once when it was called last.
    """

    scope = "channel__organization"
    channel = models.OneToOneField(Channel, models.CASCADE, primary_key=True, related_name="endpoint")
    sealed = models.TextField(editable=False)
    sealed_before = models.TextField(blank=True, default="", editable=False)
    before_until = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    paused_until = models.DateTimeField(_("paused until"), null=True, editable=False)
    held_at = models.DateTimeField(_("paused by hand"), null=True, editable=False)
    open_at = models.FloatField(default=0, editable=False)
    quick = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")

    def __str__(self) -> str:
        return str(self.channel_id)
