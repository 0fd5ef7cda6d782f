"""The one door through which the append-only log may be opened."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from clis.accounts.scoping import STAFF


class Maintenance(models.Model):
    """While a row named ``erase`` stands, the log's trigger lets deletions pass. One command sets and clears it."""

    scope = STAFF
    name = models.CharField(max_length=20, primary_key=True)
    reason = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
