"""What the system itself owes somebody by mail: news of his settings, and of no shipment."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clis.accounts.scoping import STAFF


class Letter(models.Model):
    """A mail in its words, written in the transaction of what it tells of; ``notifications.deliver.letters`` sends it.

    ``reference`` names it and is what its Message-ID is made of, the same at every try. While it is owed
    ``next_attempt_at`` is set: the next try, or the end of the lease of who is sending it (``lease_token``). A letter
    to a ``user`` is sent only while the account is active. ``page``: the path of the page that its last line links to;
    where that link begins is known when it is sent.
    """

    scope = STAFF
    reference = models.CharField(max_length=100, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    address = models.CharField(_("address"), max_length=254)
    language = models.CharField(_("language"), max_length=5)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    page = models.CharField(_("page"), max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    next_attempt_at = models.DateTimeField(_("next try"), null=True, default=timezone.now)
    lease_token = models.CharField(max_length=32, blank=True, default="", editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("id",)
        indexes = [
            models.Index(
                fields=("next_attempt_at",), condition=models.Q(next_attempt_at__isnull=False), name="letter_owed"
            ),
            models.Index(fields=("created_at",), name="letter_created"),  # for the end of what is kept
        ]

    def __str__(self) -> str:
        return f"{self.reference} → {self.address}"
