"""What people taught CLIS about a source: what its own codes and its columns mean."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.models.inbound import InboundMessage, Source
from clis.accounts.scoping import STAFF


class CodeMapping(models.Model):
    """What one source means by one code, where that is not what the standard's table says.

    A copy of all of a source's mappings lies in ``Source.reading``, which the pipeline reads with the source's row.
    """

    scope = STAFF
    source = models.ForeignKey(Source, models.CASCADE, related_name="code_mappings", verbose_name=_("source"))
    format = models.CharField(_("format"), max_length=40, help_text=_("As an event names it, such as edifact.iftsta."))
    code = models.CharField(_("code"), max_length=100)
    milestone = models.CharField(_("milestone"), max_length=60)
    classifier = models.CharField(_("classifier"), max_length=10, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("code mapping")
        verbose_name_plural = _("code mappings")
        ordering = ("source", "format", "code")
        constraints = [models.UniqueConstraint(fields=("source", "format", "code"), name="code_mapped_once")]

    def __str__(self) -> str:
        return f"{self.format} {self.code} → {self.milestone}"


class UnknownCode(models.Model):
    """A code that no table knows, counted per source; one click maps it."""

    scope = STAFF
    source = models.ForeignKey(Source, models.CASCADE, related_name="unknown_codes", verbose_name=_("source"))
    format = models.CharField(_("format"), max_length=40)
    code = models.CharField(_("code"), max_length=100)
    text = models.CharField(_("the source's words"), max_length=200, blank=True)
    count = models.PositiveIntegerField(_("how often"), default=0)
    first_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_at = models.DateTimeField(_("last seen"), default=timezone.now)
    message = models.ForeignKey(
        InboundMessage, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+", verbose_name=_("last")
    )

    class Meta:
        verbose_name = _("unknown code")
        verbose_name_plural = _("unknown codes")
        ordering = ("-count", "pk")
        constraints = [models.UniqueConstraint(fields=("source", "format", "code"), name="unknown_code_once")]

    def __str__(self) -> str:
        return f"{self.format} {self.code}"


class ColumnMapping(models.Model):
    """What the columns of a source's tables mean: made in the browser, found again by the header row.

    ``fingerprint``: of the header's names in order. ``meaning``: what ``cargo.formats.tabular`` reads (its docstring
    gives the shape). A copy lies in ``Source.reading``, like the code mappings.
    """

    scope = "source__organization"
    source = models.ForeignKey(Source, models.CASCADE, related_name="column_mappings", verbose_name=_("source"))
    fingerprint = models.CharField(max_length=64, editable=False)
    header = models.JSONField(_("columns"), default=list)
    meaning = models.JSONField(_("meaning"), default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")
        ordering = ("source", "-made_at")
        constraints = [models.UniqueConstraint(fields=("source", "fingerprint"), name="columns_mapped_once")]

    def __str__(self) -> str:
        return ", ".join(str(name) for name in self.header)[:100]
