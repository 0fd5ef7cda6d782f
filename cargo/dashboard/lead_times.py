"""Lead times: how long each stage took, with the spread, against the targets; the same as a file for spreadsheets."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cargo.dashboard import lead_time_trends, lead_time_words, terms
from cargo.dashboard.lead_time_filters import PERIODS, LeadTimesForm, address
from cargo.dashboard.lead_time_trends import Trend
from cargo.selectors import lead_times
from cargo.selectors.lead_times import MIN_CARGOES, MIN_ORGANIZATIONS, Row
from cargo.templatetags.clis import language
from clis.accounts.scoping import viewer_of

# What a spreadsheet would take for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# The drawing of a row: how wide p10 to p90 may be, in its own units.
_WIDTH = 160.0
_SHOWN = 200
# By what a table with groups may be sorted; without a word, by name.
_SORTED = ("name", "n", "median")


class Line(NamedTuple):
    """A row as it is shown: where its spread lies in the drawing, and where its numbers and its name lead."""

    row: Row
    name: str
    bar: tuple[str, str, str] | None
    url: str
    group_url: str


@login_required
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The answer, small charts and a table; with a dimension a table for each stage. A fixed number of statements."""
    words, form, viewer = language(), form_of(request), viewer_of(request)
    params, query, today = form.asked, form.query, timezone.localdate()
    told = whole = lead_times.answer(viewer, {name: value for name, value in params.items() if name != "group_by"})
    grouped = "group_by" in params
    trends: list[Trend] = []
    if grouped:
        told = lead_times.answer(viewer, params)
    else:
        monthly = lead_times.summary(viewer, lead_time_trends.asked(params, today))
        wholes = {row.stage: row for row in whole.rows}
        targets = lead_times.targets_of(viewer)
        trends = lead_time_trends.trends(monthly, wholes, targets, query, today, words)
    context = {
        "nav": "lead_times",
        "filter_form": form,
        "filtered": bool(query),
        "periods": _periods(query),
        "clock": params["hours"],
        "answer": _answer(whole.rows, params, words),
        "trends": trends,
        "tables": _tables(told.rows, params, query, words),
        "benchmark": _benchmark(whole.rows, params),
        "refreshed_at": told.refreshed_at,
        "compared_at": whole.benchmark_refreshed_at,
        "csv_url": address(reverse("cargo:lead_times_csv"), query),
    }
    return render(request, "cargo/dashboard/lead_times.html", context)


@login_required
@require_GET
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """The same figures, in seconds, as CSV in UTF-8 with a mark, which spreadsheets read. ``trend``: what is behind
    a chart, by month.
    """
    params, today = form_of(request).asked, timezone.localdate()
    trend = request.GET.get("trend") == "1"
    if trend:
        params = lead_time_trends.asked(params, today)
    rows = lead_times.summary(viewer_of(request), params)
    return file_of(_cells(lead_time_trends.of_months(rows, today) if trend else rows), "lead-times.csv")


def file_of(rows: list[list[Any]], name: str) -> HttpResponse:
    """Rows as a CSV file to keep."""
    out = StringIO()
    csv.writer(out).writerows(rows)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def form_of(request: HttpRequest) -> LeadTimesForm:
    """What the address says."""
    return LeadTimesForm({name: str(value).strip() for name, value in request.GET.items()}, words=language())


def _cells(rows: list[Row]) -> list[list[Any]]:
    cells: list[list[Any]] = [
        ["stage", "group", "n", "mean", "p10", "median", "p90", "deviation", "outliers", "mean_without",
         "deviation_without", "met", "missed", "share", "at_risk", "overdue"]
    ]  # fmt: skip
    for row in rows:
        figures, against = row.summary, row.against
        named = (figures.outliers, figures.mean_inside, figures.deviation_inside)
        aimed = (*against[:2], against.share, *against[2:]) if against else (None,) * 5
        cells.append([row.stage, guarded(row.group or ""), *figures[:6], *named, *aimed])
    return cells


def _answer(rows: list[Row], params: dict[str, Any], words: str) -> str:
    """The sentence that the page opens with: of arrival to release, else of the stage that most cargo ended."""
    if not rows:
        return ""
    known = {row.stage: row for row in rows}
    first = next((known[stage] for stage in lead_time_words.ANSWERS if stage in known), None)
    row = first or max(rows, key=lambda row: row.summary.n)
    share = row.against.share if row.against else None
    working = params["hours"] == lead_times.WORKING
    return lead_time_words.answer(row.stage, row.summary.median, row.summary.p90, share, words, working=working)


def _benchmark(rows: list[Row], params: dict[str, Any]) -> dict[str, Any]:
    """Whether others' cargo stands beside one's own, and if not, why."""
    state = "choose" if not params.get("benchmark") else "shown" if any(row.benchmark for row in rows) else "few"
    return {"state": state, "organizations": MIN_ORGANIZATIONS, "cargoes": MIN_CARGOES}


def _periods(query: dict[str, str]) -> list[dict[str, Any]]:
    """The quick choices; dates that were typed are none of them."""
    labels = {"": _("All"), "30": _("30 days"), "90": _("90 days"), "365": _("365 days"), "year": _("This year")}
    typed = "first" in query or "last" in query
    base = reverse("cargo:lead_times")
    return [
        {
            "label": labels[code],
            "url": address(base, query, period=code or None, first=None, last=None),
            "current": not typed and query.get("period", "") == code,
        }
        for code in ("", *PERIODS)
    ]


def _tables(rows: list[Row], params: dict[str, Any], query: dict[str, str], words: str) -> list[dict[str, Any]]:
    """One table of all stages, or with a dimension one for each stage."""
    group = params.get("group_by")
    if group is None:
        return [_table("", _("Stage"), [_line(row, "", query, words) for row in rows], query)] if rows else []
    heading = terms.word(lead_time_words.GROUPS, group, words)
    stages: dict[str, list[Line]] = {}
    for row in rows:
        stages.setdefault(row.stage, []).append(_line(row, group, query, words))
    titles = {stage: lead_time_words.stage(stage, words) for stage in stages}
    return [_table(titles[stage], heading, _sorted(lines, query), query) for stage, lines in stages.items()]


def _line(row: Row, group: str, query: dict[str, str], words: str) -> Line:
    """Without its bar, which depends on the others."""
    kept = {name: value for name, value in query.items() if name != "sort"} | {"stage": row.stage}
    base = reverse("cargo:stage_shipments")
    if not group:
        return Line(row, lead_time_words.stage(row.stage, words), None, address(base, kept), "")
    value = row.group or ""
    alone = {name: told for name, told in query.items() if name not in ("group_by", "sort")}
    may_lead = bool(value) and group in LeadTimesForm.base_fields
    inside = address(reverse("cargo:lead_times"), alone, **{group: value}) if may_lead else ""
    return Line(row, lead_time_words.value(group, value, words), None, address(base, kept, group=value), inside)


def _sorted(lines: list[Line], query: dict[str, str]) -> list[Line]:
    order = query.get("sort", "name")
    if order == "n":
        return sorted(lines, key=lambda line: -line.row.summary.n)
    if order == "median":
        return sorted(lines, key=lambda line: -line.row.summary.median)
    return lines


def _table(title: str, heading: str, lines: list[Line], query: dict[str, str]) -> dict[str, Any]:
    shown = lines[:_SHOWN]
    longest = max(line.row.summary.p90 for line in shown)
    order = query.get("sort", "name")
    base = reverse("cargo:lead_times")
    return {
        "title": title,
        "heading": heading,
        "lines": [line._replace(bar=_bar(line.row, longest)) for line in shown],
        "left_out": len(lines) - len(shown),
        "sorts": {
            name: {"url": address(base, query, sort=name if name != "name" else None), "current": order == name}
            for name in _SORTED
        }
        if title
        else None,
    }


def _bar(row: Row, longest: float) -> tuple[str, str, str] | None:
    """Where p10 to p90 begins, how wide it is, and where the median stands."""
    if longest <= 0:
        return None
    figures = row.summary
    p10, median, p90 = (value / longest * _WIDTH for value in (figures.p10, figures.median, figures.p90))
    return f"{p10:.1f}", f"{max(p90 - p10, 1):.1f}", f"{median:.1f}"
