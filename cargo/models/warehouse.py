"""Bonded warehouses, as authorities describe them: what deadlines there cost depends on it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cargo.models.inbound import InboundMessage
from clis.accounts.scoping import SHARED


class Warehouse(models.Model):
    """One bonded warehouse of an authority, by what a shared source said of it last. Written by ``cargo.models.sheds``.

    The flags are null while nobody has said: whether a fine follows when released goods are removed late, a surcharge
    when goods are declared late, and whether ships and aircraft unload there.
    """

    scope = SHARED

    authority = models.CharField(_("authority"), max_length=12)
    code = models.CharField(_("code"), max_length=20)
    customs_office = models.CharField(_("customs office"), max_length=8, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    late_removal_fine = models.BooleanField(_("fine for late removal"), null=True)
    late_declaration_surcharge = models.BooleanField(_("surcharge for late declaration"), null=True)
    unloading_place = models.BooleanField(_("place of unloading"), null=True)
    as_of = models.DateTimeField(_("as of"))
    # Without a foreign key in the database, as the log: messages may go, what they said stays.
    message = models.ForeignKey(
        InboundMessage,
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("message"),
    )

    class Meta:
        verbose_name = _("bonded warehouse")
        verbose_name_plural = _("bonded warehouses")
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=("code", "authority"), name="warehouse_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()
