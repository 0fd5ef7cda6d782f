"""Lead times: how long each stage took, with the spread, against the targets; the same as a file for spreadsheets."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cargo.dashboard import lead_time_words, terms
from cargo.selectors import lead_times
from cargo.selectors.lead_times import ELAPSED, Row
from cargo.templatetags.clis import language
from clis.accounts.scoping import viewer_of

# What a spreadsheet would take for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# The drawing of a row: how wide p10 to p90 may be, in its own units.
_WIDTH = 160.0
_SHOWN = 200


class LeadTimesForm(forms.Form):
    """What the page may be asked for; the address carries it."""

    group_by = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    hours = forms.ChoiceField(label=gettext_lazy("Counted in"), required=False)
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), required=False)
    port = forms.CharField(label=gettext_lazy("Port or airport"), required=False, max_length=5)
    first = forms.DateField(label=gettext_lazy("Ended from"), required=False)
    last = forms.DateField(label=gettext_lazy("Ended until"), required=False)

    def __init__(self, data: dict[str, str], *, words: str) -> None:
        super().__init__(data, auto_id="lead-%s")
        for name, table in (
            ("group_by", lead_time_words.GROUPS),
            ("hours", lead_time_words.HOURS),
            ("mode", lead_time_words.MODES),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            none = [] if name == "hours" else [("", _("in all") if name == "group_by" else _("any"))]
            field.choices = [*none, *((code, terms.word(table, code, words)) for code in table)]
            field.widget.attrs["class"] = "select"
        self.fields["port"].widget.attrs.update(
            {"class": "input", "placeholder": "KRPUS", "autocapitalize": "characters"}
        )
        for name in ("first", "last"):
            self.fields[name].widget.input_type = "date"
            self.fields[name].widget.attrs["class"] = "input"

    @property
    def asked(self) -> dict[str, Any]:
        """What the selector is asked for; a value that is not right is left out, and the form says so."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        params = {name: given[name] for name in ("group_by",) if name in given}
        params["hours"] = given.get("hours") or ELAPSED
        if "mode" in given:
            params["mode"] = [given["mode"]]
        if "port" in given:
            params["port"] = given["port"].upper()
        if "first" in given:
            params["ended_after"] = _midnight(given["first"])
        if "last" in given:
            params["ended_before"] = _midnight(given["last"] + timedelta(days=1))
        return params


class Line(NamedTuple):
    """A row as it is shown: where they lie in the drawing."""

    row: Row
    name: str
    bar: tuple[str, str, str] | None


@login_required
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """A table, or one for each stage; a fixed number of statements."""
    words, form = language(), _form(request)
    params = form.asked
    rows = lead_times.summary(viewer_of(request), params)
    query = {name: str(value) for name, value in request.GET.items() if value}
    context = {
        "nav": "lead_times",
        "filter_form": form,
        "filtered": bool(query),
        "tables": _tables(rows, params, words),
        "csv_query": urlencode(query),
    }
    return render(request, "cargo/dashboard/lead_times.html", context)


@login_required
@require_GET
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """The same figures, in seconds, as CSV in UTF-8 with a mark, which spreadsheets read."""
    params = _form(request).asked
    rows = lead_times.summary(viewer_of(request), params)
    out = StringIO()
    write = csv.writer(out).writerow
    write(
        ["stage", "group", "n", "mean", "p10", "median", "p90", "deviation", "outliers", "mean_without",
         "deviation_without", "met", "missed", "share", "at_risk", "overdue"]
    )  # fmt: skip
    for row in rows:
        figures, against = row.summary, row.against
        named = (figures.outliers, figures.mean_inside, figures.deviation_inside)
        aimed = (*against[:2], against.share, *against[2:]) if against else (None,) * 5
        write([row.stage, guarded(row.group or ""), *figures[:6], *named, *aimed])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="lead-times.csv"'
    return answer


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _form(request: HttpRequest) -> LeadTimesForm:
    return LeadTimesForm({name: str(value).strip() for name, value in request.GET.items()}, words=language())


def _midnight(day: date) -> datetime:
    """The day's beginning where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _tables(rows: list[Row], params: dict[str, Any], words: str) -> list[dict[str, Any]]:
    """One table of all stages, or with a dimension one for each stage."""
    group = params.get("group_by")
    if group is None:
        return [_table("", _("Stage"), [(row, _stage(row, words)) for row in rows])] if rows else []
    heading = terms.word(lead_time_words.GROUPS, group, words)
    stages: dict[str, list[tuple[Row, str]]] = {}
    for row in rows:
        stages.setdefault(row.stage, []).append((row, _value(group, row.group or "", words)))
    return [_table(_stage(named[0][0], words), heading, named) for named in stages.values()]


def _table(title: str, heading: str, named: list[tuple[Row, str]]) -> dict[str, Any]:
    longest = max(row.summary.p90 for row, _name in named[:_SHOWN])
    lines = [Line(row, name, _bar(row, longest)) for row, name in named[:_SHOWN]]
    return {"title": title, "heading": heading, "lines": lines, "left_out": max(0, len(named) - _SHOWN)}


def _bar(row: Row, longest: float) -> tuple[str, str, str] | None:
    """Where p10 to p90 begins, how wide it is, and where the median stands."""
    if longest <= 0:
        return None
    figures = row.summary
    p10, median, p90 = (value / longest * _WIDTH for value in (figures.p10, figures.median, figures.p90))
    return f"{p10:.1f}", f"{max(p90 - p10, 1):.1f}", f"{median:.1f}"


def _stage(row: Row, words: str) -> str:
    return terms.word(lead_time_words.STAGES, row.stage, words)


def _value(group: str, value: str, words: str) -> str:
    if not value:
        return _("not known")
    table = lead_time_words.VALUES.get(group)
    return terms.word(table, value, words) if table else value
