"""Tables of free time, demurrage and detention: the operator's, and those that are one organization's own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cargo.domain import tariffs
from cargo.models.deadline_rule import CODE, CURRENCY
from clis.accounts.models import Organization


class Tariff(models.Model):
    """One row of a table of free time: the operator's for everybody, or one organization's own.

    An organization's own apply to the shipments that it registered and are shown to nobody else; whoever it makes a
    party to a shipment sees what follows for that shipment, never the table. The fields are those of
    ``cargo.domain.tariffs.Tariff``. Written through ``cargo.models.grounds``.
    """

    scope = "organization"

    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="tariffs",
        verbose_name=_("organization"),
        help_text=_("Empty: for everybody."),
    )
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    active = models.BooleanField(_("active"), default=True)
    charge = models.CharField(
        _("charge"),
        max_length=9,
        choices=[("demurrage", _("demurrage")), ("storage", _("storage")), ("detention", _("detention"))],
    )
    direction = models.CharField(
        _("direction"), max_length=6, choices=[("import", _("import")), ("export", _("export"))], default="import"
    )
    carrier = models.CharField(_("carrier"), max_length=40, blank=True)
    place = models.CharField(
        _("port or terminal"), max_length=20, blank=True, help_text=_("UN/LOCODE, or the terminal's code.")
    )
    equipment = models.CharField(
        _("equipment"), max_length=60, blank=True, help_text=_("Beginnings of ISO codes, such as 22 42G 45R?")
    )
    free_days = models.PositiveSmallIntegerField(_("free days"))
    working_days = models.BooleanField(_("counts working days only"), default=False)
    starts = models.CharField(_("counts from"), max_length=24)
    first_day_counts = models.BooleanField(_("the first day counts"), default=False)
    tiers = models.CharField(
        _("tiers"),
        max_length=200,
        blank=True,
        help_text=_("From which day after the free time, and how much a day: 1:30000 6:50000"),
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[CURRENCY])
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=("organization", "code"), name="tariff_once"),
            models.UniqueConstraint(
                fields=("code",), condition=models.Q(organization__isnull=True), name="tariff_of_the_operator_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """A start that fits the charge, tiers that can be read and bear a currency."""
        wrong: dict[str, Any] = {}
        side = ("detention" if self.charge == "detention" else "terminal", self.direction)
        if self.starts not in tariffs.STARTS.get(side, ()):
            wrong["starts"] = _("One of: %(names)s.") % {"names": ", ".join(tariffs.STARTS.get(side, ()))}
        try:
            tiers = tariffs.read_tiers(self.tiers)
        except ValueError:
            wrong["tiers"] = _("From which day after the free time, and how much a day: 1:30000 6:50000")
        else:
            if tiers and not self.currency:
                wrong["currency"] = _("Say in which currency.")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            wrong["valid_to"] = _("It ends before it begins.")
        if wrong:
            raise ValidationError(wrong)
