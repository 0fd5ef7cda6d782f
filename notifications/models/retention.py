"""How far the end of what is kept has come."""

from __future__ import annotations

from django.db import models

from clis.accounts.scoping import STAFF


class RetentionMark(models.Model):
    """Of rows that stay while something in them goes: the number up to which it is gone."""

    scope = STAFF
    name = models.CharField(max_length=24, primary_key=True)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
