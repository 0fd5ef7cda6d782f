"""The shipments behind a number of the lead-time page: a list, and the same as a file for spreadsheets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cargo.dashboard import lead_time_words, terms
from cargo.dashboard.exceptions import label_of
from cargo.dashboard.lead_time_filters import LeadTimesForm, address
from cargo.dashboard.lead_times import file_of, form_of, guarded
from cargo.domain.places import zone_of
from cargo.selectors import BadCursor, NotFound, stage_shipments
from cargo.selectors.stage_shipments import FILE_ROWS, ONLY, OPEN, OVERDUE, RISKY, Page, Row
from cargo.templatetags.clis import language
from clis.accounts.scoping import Viewer, viewer_of

_ROWS = 50
_LONGEST_TARGET = 18


@login_required
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Fifty a page, and how many there are; a fixed number of statements. Without a stage there is no number."""
    words, form = language(), form_of(request)
    if "stage" not in form.query:
        return redirect(address(reverse("cargo:lead_times"), form.query))
    asked, query = _asked(request, form)
    cursor = request.GET.get("cursor") or None
    try:
        found = _found(viewer_of(request), asked, cursor, _ROWS)
    except BadCursor:
        cursor = None
        found = _found(viewer_of(request), asked, None, _ROWS)
    base = reverse("cargo:stage_shipments")
    context = {
        "nav": "lead_times",
        "stage": lead_time_words.stage(form.query["stage"], words),
        "only": query.get("only", ""),
        "is_open": query.get("only") in (OPEN, RISKY, OVERDUE),
        "about": _about(form, query, words),
        "clock": asked["hours"],
        "tabs": _tabs(query),
        "lines": [_line(row) for row in found.rows],
        "total": found.total,
        "cut": (found.total or 0) > FILE_ROWS,
        "most": FILE_ROWS,
        "older_url": address(base, query, cursor=found.next_cursor) if found.next_cursor else "",
        "first_url": address(base, query) if cursor else "",
        "back_url": address(reverse("cargo:lead_times"), _of_the_page(form.query)),
        "csv_url": address(reverse("cargo:stage_shipments_csv"), query),
    }
    return render(request, "cargo/dashboard/lead_times_shipments.html", context)


@login_required
@require_GET
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """The first 10,000 of them; times in UTC, lengths in seconds."""
    form = form_of(request)
    if "stage" not in form.query:
        return redirect(address(reverse("cargo:lead_times"), form.query))
    asked, _query = _asked(request, form)
    try:
        found = stage_shipments.page(viewer_of(request), asked, None, FILE_ROWS)
    except NotFound as reason:
        raise Http404 from reason
    head = [
        "shipment", "reference", "container", "stage", "started_at", "ended_at", "seconds", "working_seconds",
        "reported_seconds", "target_seconds", "target_clock", "met", "mode", "port", "customs_office", "warehouse",
        "broker", "carrier", "channel", "declared", "agency",
    ]  # fmt: skip
    return file_of([head, *map(_cells, found.rows)], "lead-time-shipments.csv")


def _found(viewer: Viewer, asked: dict[str, Any], cursor: str | None, limit: int) -> Page:
    try:
        return stage_shipments.page(viewer, asked, cursor, limit, count=True)
    except NotFound as reason:
        raise Http404 from reason


def _asked(request: HttpRequest, form: LeadTimesForm) -> tuple[dict[str, Any], dict[str, str]]:
    """What the selector is asked for, and the address that says so. A group may be empty: not known."""
    params, query = form.asked, {name: value for name, value in form.query.items() if name != "sort"}
    params.pop("benchmark", None)
    only, target = request.GET.get("only", ""), request.GET.get("target", "")
    if only in ONLY:
        params["only"] = query["only"] = only
    if target.isdigit() and len(target) <= _LONGEST_TARGET:
        params["target"], query["target"] = int(target), target
    if "group_by" in params and "group" in request.GET:
        params["group"] = query["group"] = request.GET["group"].replace("\x00", "")[:80]
    else:
        params.pop("group_by", None)
        query.pop("group_by", None)
    return params, query


def _of_the_page(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name != "stage"}


def _tabs(query: dict[str, str]) -> list[dict[str, Any]]:
    labels = {
        "": _("Ended"), "slowest": _("Slowest"), "missed": _("Target missed"), "met": _("Target met"),
        "outliers": _("Outliers"), "open": _("Under way"), "at_risk": _("At risk"), "overdue": _("Overdue"),
    }  # fmt: skip
    base, current = reverse("cargo:stage_shipments"), query.get("only", "")
    return [
        {"label": label, "url": address(base, query, only=only or None), "current": only == current}
        for only, label in labels.items()
    ]


def _about(form: LeadTimesForm, query: dict[str, str], words: str) -> list[tuple[str, str]]:
    """What was chosen, in words: the group first, then the filters."""
    found = []
    if "group" in query:
        name = query["group_by"]
        heading = terms.word(lead_time_words.GROUPS, name, words)
        found.append((heading, lead_time_words.value(name, query["group"], words)))
    for field in form.visible_fields():
        if field.name in query and field.name not in ("group_by", "stage"):
            value = query[field.name]
            choices = dict(getattr(field.field, "choices", ()))
            found.append((str(field.label), str(choices.get(value, value))))
    if "period" in query and not {"first", "last"} & query.keys():
        labels = {"30": _("30 days"), "90": _("90 days"), "365": _("365 days"), "year": _("This year")}
        found.append((_("Period"), labels[query["period"]]))
    return found


def _line(row: Row) -> dict[str, Any]:
    label, kind = label_of(row)
    return {"row": row, "label": label, "label_kind": kind, "zone": (zone_of(row.port) if row.port else None) or None}


def _cells(row: Row) -> list[Any]:
    label, _kind = label_of(row)
    target = (row.target.seconds, row.target.clock) if row.target else (None, None)
    met = None if row.met is None else str(row.met).lower()
    lengths = (row.seconds, row.working_seconds, row.reported_seconds)
    times = (_time(row.started_at), _time(row.ended_at))
    words = (
        row.mode, row.port, row.customs_office, row.warehouse, row.broker, row.carrier, row.channel, row.declared,
        row.agency,
    )  # fmt: skip
    named = (guarded(label), row.container, row.stage)
    return [row.shipment, *named, *times, *lengths, *target, met, *map(guarded, words)]


def _time(value: datetime | None) -> str:
    return value.isoformat().replace("+00:00", "Z") if value else ""
