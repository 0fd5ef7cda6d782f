"""Rules of deadlines and tariffs of free time: staff change, add and switch off; it holds for the next inspection."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cargo import tasks
from cargo.domain import deadline_rules
from cargo.models import DeadlineRule, Tariff, grounds
from clis.accounts.models import Organization

# A table of tariffs is small: a few thousand rows.
MAX_UPLOAD = 2_000_000


class _Kept(admin.ModelAdmin):
    """Rows that are written through ``cargo.models.grounds``, so that whom a change concerns is looked at again."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """It holds for the next inspection."""
        grounds.keep([obj])
        tasks.wake("cargo.tasks.apply_rule_changes")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """What was there before holds again."""
        grounds.drop([obj])
        tasks.wake("cargo.tasks.apply_rule_changes")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """In one change."""
        grounds.drop(list(queryset))
        tasks.wake("cargo.tasks.apply_rule_changes")


@admin.register(DeadlineRule)
class DeadlineRuleAdmin(_Kept):
    """Staff's own rules. The packaged ones stand below the list, each with a link to a form that is filled in by it."""

    change_list_template = "admin/cargo/deadlinerule/change_list.html"
    list_display = ("code", "active", "authority", "kind", "days", "months", "law", "valid_from", "valid_to")
    list_filter = ("active", "authority", "kind")
    search_fields = ("code", "law", "note")

    def get_readonly_fields(self, request: HttpRequest, obj: DeadlineRule | None = None) -> tuple[str, ...]:
        """Another code is another rule."""
        return ("code",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From the packaged rule that the address names."""
        given = super().get_changeform_initial_data(request)
        packaged = deadline_rules.PACKAGED.named(str(given.get("code", "")))
        return {**_fields(packaged), **given} if packaged is not None else given

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the packaged rules and, of each, whether one of ours stands in its place."""
        ours = dict(DeadlineRule.objects.values_list("code", "pk"))
        packaged = [(rule, ours.get(rule.code)) for rule in deadline_rules.PACKAGED.rules]
        return super().changelist_view(request, {"packaged": packaged, **(extra_context or {})})


def _fields(rule: deadline_rules.Rule) -> dict[str, Any]:
    """A rule as a form shows it."""
    values: dict[str, Any] = rule._asdict()
    values |= {name: " ".join(values[name]) for name in ("starts", "meets", "offices")}
    values["steps"] = " ".join(f"{rate.until or ''}:{rate.percent}" for rate in rule.rates)
    known = {field.name for field in DeadlineRule._meta.get_fields()}
    return {name: value for name, value in values.items() if name in known}


class TariffTableForm(forms.Form):
    """A table of tariffs as CSV with a head row; rows with a known code are replaced."""

    organization = forms.ModelChoiceField(
        Organization.objects.all(),
        required=False,
        label=gettext_lazy("Organization"),
        help_text=gettext_lazy("Empty: for everybody."),
    )
    table = forms.FileField(label=gettext_lazy("CSV file"))

    def clean_table(self) -> str:
        """The text of the file."""
        uploaded = self.cleaned_data["table"]
        if uploaded.size > MAX_UPLOAD:
            raise ValidationError(_("The file is too large."))
        try:
            text: str = uploaded.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(_("The file is not UTF-8 text.")) from None
        return text


@admin.register(Tariff)
class TariffAdmin(_Kept):
    """The operator's tables and those of organizations, row by row or as a CSV file."""

    change_list_template = "admin/cargo/tariff/change_list.html"
    list_display = ("code", "organization", "active", "charge", "direction", "carrier", "place", "free_days", "tiers")
    list_filter = ("active", "charge", "direction", "organization")
    list_select_related = ("organization",)
    search_fields = ("code", "carrier", "place", "note")

    def get_urls(self) -> list[URLPattern]:
        """With the page that takes a table."""
        return [
            path("table/", self.admin_site.admin_view(self.table_view), name="cargo_tariff_table"),
            *super().get_urls(),
        ]

    def table_view(self, request: HttpRequest) -> HttpResponse:
        """Takes a CSV file; all of it or, where a row is wrong, nothing and the row is named."""
        if not self.has_add_permission(request) or not self.has_change_permission(request):
            raise PermissionDenied
        form = TariffTableForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            organization = form.cleaned_data["organization"]
            try:
                rows = read_table(form.cleaned_data["table"], organization)
            except ValidationError as error:
                form.add_error("table", error)
            else:
                grounds.keep(rows)
                tasks.wake("cargo.tasks.apply_rule_changes")
                self.message_user(request, _("%(count)s rows were kept.") % {"count": len(rows)}, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:cargo_tariff_changelist"))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "title": _("Tariff table")}
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/cargo/tariff/table.html", context, status=status)


_YES = frozenset({"yes", "true", "1", "y"})
_FLAGS = frozenset({"active", "working_days", "first_day_counts"})
_FIELDS = {field.name: field for field in Tariff._meta.concrete_fields if field.name not in ("id", "organization")}
COLUMNS = tuple(_FIELDS)


def read_table(text: str, organization: Organization | None) -> list[Tariff]:
    """The rows of a CSV table, checked, not saved; ``ValidationError`` names the first row that is wrong."""
    reader = csv.DictReader(StringIO(text))
    unknown = sorted(set(reader.fieldnames or ()) - set(COLUMNS))
    if unknown or "code" not in (reader.fieldnames or ()):
        raise ValidationError(
            _("The columns are %(columns)s.") % {"columns": ", ".join(COLUMNS)},
        )
    with transaction.atomic():
        known = {row.code: row for row in Tariff.objects.filter(organization=organization)}
        rows: dict[str, Tariff] = {}
        for number, values in enumerate(reader, start=2):
            code = (values.get("code") or "").strip()
            row = rows.get(code) or known.get(code) or Tariff(organization=organization, code=code)
            _fill(row, values.items(), number)
            rows[code] = row
    if not rows:
        raise ValidationError(_("There is no row in it."))
    return list(rows.values())


def _fill(row: Tariff, values: Iterable[tuple[str | None, Any]], number: int) -> None:
    try:
        for name, value in values:
            if name is None or not isinstance(value, str | None):
                raise ValidationError(_("More values than columns."))
            said = (value or "").strip()
            field = _FIELDS[name]
            if name in _FLAGS:
                setattr(row, name, said.casefold() in _YES if said else name == "active")
            elif said or field.null:
                setattr(row, name, field.to_python(said) if said else None)
            else:
                setattr(row, name, field.get_default() if field.has_default() else "")
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        told = _in_words(error)
        raise ValidationError(_("Row %(number)s: %(told)s") % {"number": number, "told": told}) from error


def _in_words(error: ValidationError) -> str:
    """Each wrong column with what is wrong with it."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return "; ".join(f"{name}: {' '.join(found)}" for name, found in error.message_dict.items())
