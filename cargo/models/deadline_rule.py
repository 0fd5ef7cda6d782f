"""What the operator's staff say about deadlines: rules of their own; and what a change of rules or tariffs concerns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.domain import deadline_rules
from cargo.domain.codes import MILESTONES
from clis.accounts.models import Organization
from clis.accounts.scoping import STAFF

CODE = RegexValidator(r"^[a-z0-9_]+\Z", _("Small letters, digits and underscores."))
CURRENCY = RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, such as KRW."))


class DeadlineRule(models.Model):
    """A rule in the place of the packaged one with the same code, or a new one; not ``active``: switched off.

    The fields are those of ``cargo.domain.deadline_rules.Rule``. Written through ``cargo.models.grounds``.
    """

    scope = STAFF

    code = models.CharField(
        _("code"),
        max_length=40,
        unique=True,
        validators=[CODE],
        help_text=_("That of a packaged rule stands in its place."),
    )
    active = models.BooleanField(_("active"), default=True, help_text=_("Off: the rule of this code does not apply."))
    authority = models.CharField(_("authority"), max_length=12, help_text=_("Such as KR-KCS or US-CBP."))
    kind = models.CharField(_("kind"), max_length=24, help_text=_("Such as import_declaration, removal, loading."))
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    months = models.PositiveSmallIntegerField(_("months"), null=True, blank=True)
    working_days = models.BooleanField(_("counts working days only"), default=False)
    moves_off = models.BooleanField(_("last day moves off days without work"), default=True)
    starts = models.CharField(
        _("counts from"), max_length=200, help_text=_("Milestones, separated by spaces; the first day is excluded.")
    )
    starts_at = models.CharField(
        _("of several"), max_length=5, choices=[(name, name) for name in deadline_rules.STARTS_AT], default="first"
    )
    meets = models.CharField(_("met by"), max_length=300, help_text=_("Milestones, separated by spaces."))
    mode = models.CharField(_("mode"), max_length=8, blank=True, choices=[("sea", _("sea")), ("air", _("air"))])
    load = models.CharField(
        _("cargo"), max_length=9, blank=True, choices=[("container", _("containers")), ("bulk", _("bulk"))]
    )
    offices = models.CharField(_("customs offices"), max_length=100, blank=True)
    listing = models.CharField(
        _("only in listed warehouses"),
        max_length=24,
        blank=True,
        choices=[("removal_fine", _("fine for late removal")), ("declaration_surcharge", _("surcharge"))],
    )
    alerts = models.BooleanField(_("alerts"), default=True, help_text=_("Off: shown, and nobody is told."))
    responsible = models.CharField(_("responsible"), max_length=16)
    next_action = models.CharField(_("next action"), max_length=32)
    money = models.CharField(
        _("if missed"), max_length=10, blank=True, choices=[(name, name) for name in deadline_rules.MONEY_KINDS]
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[CURRENCY])
    steps = models.CharField(
        _("steps"),
        max_length=120,
        blank=True,
        help_text=_("Days late and percent, such as 20:0.5 50:1 80:1.5 :2"),
    )
    maximum = models.DecimalField(
        _("at most"), max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
    money_basis = models.CharField(_("worked out from"), max_length=24, blank=True)
    law = models.CharField(_("legal source"), max_length=200, help_text=_("Law, article, edition."))
    certainty = models.CharField(
        _("certainty"),
        max_length=9,
        default="staff",
        choices=[("law", _("text of the law")), ("secondary", _("told by others")), ("staff", _("our own"))],
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("deadline rule")
        verbose_name_plural = _("deadline rules")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Days or months, milestones that there are, steps that can be read."""
        wrong: dict[str, Any] = {}
        if (self.days is None) == (self.months is None):
            wrong["days"] = _("Give days or months.")
        for name in ("starts", "meets"):
            codes = getattr(self, name).split()
            if not codes or any(code not in MILESTONES for code in codes):
                wrong[name] = _("There is no such milestone.")
        try:
            rates = deadline_rules.read_rates(self.steps)
        except ValueError:
            wrong["steps"] = _("Days late and percent, such as 20:0.5 50:1 80:1.5 :2")
        else:
            if (rates or self.maximum is not None) and not (self.money and self.currency):
                wrong["currency"] = _("Say what follows, and in which currency.")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            wrong["valid_to"] = _("It ends before it begins.")
        if wrong:
            raise ValidationError(wrong)


class RuleChange(models.Model):
    """A change of rules or tariffs, to be applied to the open shipments that it concerns, in portions.

    The last row says which rules are current: whoever has read the rules of its ``edition`` need not read them again.
    ``milestones``: shipments with one of these; ``organization``: those that it registered. ``reached``: the last
    shipment that was marked.
    """

    scope = STAFF

    edition = models.UUIDField(default=uuid4)
    milestones = models.TextField(blank=True)
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    reached = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=("id",), condition=models.Q(done_at__isnull=True), name="rule_change_to_apply")]

    def __str__(self) -> str:
        return str(self.pk)
