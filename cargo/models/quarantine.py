"""The part of the inbox that wants a person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cargo.models.inbound import InboundMessage


class QuarantinedMessage(InboundMessage):
    """A message that could not be read, whole or in part, with a desk of its own in the admin and no table."""

    class Meta:
        proxy = True
        verbose_name = _("quarantined message")
        verbose_name_plural = _("quarantine")
        ordering = ("-id",)
