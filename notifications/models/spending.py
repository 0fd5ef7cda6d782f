"""What was spent on texts."""

from __future__ import annotations

from django.db import models

from clis.accounts.scoping import STAFF


class TextBudget(models.Model):
    """A day's texts under one cap: how many, and for how much money, accepted or under way. Days are of UTC.

    ``cap`` is ``organization``, ``number``, ``range`` or ``country``, and ``key`` which one of them (of a number the
    hash that ``Delivery.recipient`` is); a row of cap ``alert`` says that the operator was told of one.
    """

    scope = STAFF
    day = models.DateField()
    cap = models.CharField(max_length=16)
    key = models.CharField(max_length=80)
    texts = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=14, decimal_places=5, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("day", "cap", "key"), name="text_budget_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.cap} {self.key}: {self.texts}"
