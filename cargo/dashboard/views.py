"""The pages. Views read through selectors, write through booking, and know no tables."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from cargo.dashboard import (
    exceptions,
    listing,
    past,
    presenting,
    specimen,
    specimen_cases,
    specimen_forecast,
    specimen_rows,
    verdicts,
)
from cargo.dashboard.forms import FilterForm, NumbersForm, lines
from cargo.selectors import BadCursor, NotFound, forecasts, history, stage_times, tracking
from cargo.selectors import reports as reported
from cargo.selectors import search as searching
from cargo.selectors import shipments as shipping
from cargo.templatetags.clis import language, role_of
from clis.accounts.scoping import Viewer, viewer_of

PAGE_SIZE = 50
THEMES = ("light", "dark", "auto")


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The start is the list."""
    return redirect("cargo:shipments")


@login_required
@require_GET
@never_cache
@vary_on_headers("HX-Request")
def shipments(request: HttpRequest) -> HttpResponse:
    """The list; to htmx only the part that changes, and nothing (204) when it shows the same as before."""
    context = _list_context(request)
    if not _by_htmx(request):
        return render(request, "cargo/dashboard/shipments.html", context)
    if request.GET.get("v") == context["mark"]:
        return HttpResponse(status=204)
    return render(request, "cargo/dashboard/_fragments/list.html", context)


def _list_context(request: HttpRequest) -> dict[str, Any]:
    viewer, words = viewer_of(request), language()
    query = {key: str(value) for key, value in request.GET.items() if key != "v"}
    view = query.get("view", "all") if query.get("view") in listing.TABS else "all"
    filters = listing.chosen(query)
    cursor = query.get("cursor") or None
    today = timezone.localdate()
    params = {**listing.view_filters(view, today), **filters}
    try:
        page = shipping.page(viewer, params, cursor, PAGE_SIZE)
    except BadCursor:
        cursor = None
        page = shipping.page(viewer, params, None, PAGE_SIZE)
    told = forecasts.page(
        viewer, {"stage": [forecasts.RELEASE], "shipments": [row.id for row in page.rows]}, None, PAGE_SIZE
    )
    rows = listing.dressed(page.rows, told.rows, words, timezone.now())
    mark = hashlib.sha256(repr((rows, sorted(page.counts.items()), page.next_cursor)).encode()).hexdigest()[:16]
    again = f"{reverse('cargo:shipments')}?{urlencode({**query, 'v': mark})}"
    return {
        "nav": "shipments",
        "rows": rows,
        # A column for those who have it: without forecasts it would be empty for ever.
        "with_likely": any(row.likely for row in rows),
        "tabs": _tabs(view, sum(page.counts.values())),
        "segments": listing.segments(page.counts, view, filters, words),
        "state_cleared": listing.address(view, {**filters, "status": ""}) if "status" in filters else "",
        "filter_form": FilterForm({**query, "view": view if view != "all" else ""}, language=words),
        "filtered": bool(filters) or view != "all",
        "older_url": listing.address(view, filters, page.next_cursor) if page.next_cursor else "",
        "newest_url": listing.address(view, filters) if cursor else "",
        "live": cursor is None,
        "again": again,
        "mark": mark,
        # What the notices may be asked to tell of: those that are ticked, or what these filters choose.
        "asked": params,
        "picks": viewer.organization_id is not None,
    }


def _tabs(view: str, total: int) -> list[dict[str, Any]]:
    """The tabs; the one that is shown says how many there are."""
    return [
        {
            "label": label,
            "url": listing.address(key, {}),
            "current": key == view,
            "count": total if key == view else None,
        }
        for key, label in _tab_labels()
    ]


def _tab_labels() -> list[tuple[str, str]]:
    return [
        ("all", _("All")),
        ("held", _("Held")),
        ("needs_you", _("Needs you")),
        ("arriving", _("Arriving this week")),
        ("uncollected", _("Released, not collected")),
    ]


@login_required
@require_GET
@never_cache
def shipment(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """One shipment: the answer first. ``as_of`` (and ``by``): as it was known at a time of the past."""
    wanted = past.asked(request.GET)
    context = _shipment_context(request, shipment_id, wanted)
    return render(request, "cargo/dashboard/shipment.html", context, status=400 if wanted.error else 200)


@login_required
@require_GET
@never_cache
def live(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """The same without the frame; 204 while ``v`` is still the version."""
    context = _shipment_context(request, shipment_id)
    if request.GET.get("v") == context["version"]:
        return HttpResponse(status=204)
    response = render(request, "cargo/dashboard/_fragments/shipment.html", context)
    return trigger_client_event(response, "clis:say", {"value": context["answer"].headline})


def _shipment_context(request: HttpRequest, shipment_id: int, wanted: past.Asked = past.NOW) -> dict[str, Any]:
    viewer = viewer_of(request)
    try:
        version, document = _document(viewer, shipment_id, wanted)
        mine = tracking.mine(viewer, shipment_id)
    except NotFound as reason:
        raise Http404 from reason
    box = request.GET.get("container", "")
    known = {item.get("number") for item in document.get("containers") or ()}
    own = str(mine["own_reference"])
    now = wanted.at or timezone.now()
    predicted = forecasts.standing(viewer, shipment_id, wanted.at)
    stages = stage_times.of_document(document) if wanted.at else stage_times.of_shipment(viewer, shipment_id, document)
    shown = presenting.shipment(
        document, now, language(), role_of(request), own, box if box in known else "", forecast=predicted, stages=stages
    )
    may_report = wanted.at is None and reported.right_of(viewer, mine["roles"]).allowed
    # Only people's own reports have links behind them, and few shipments have any.
    has_reports = may_report and any(row.get("format") == "manual" for row in document.get("timeline") or ())
    own_sources = reported.own_sources(viewer) if has_reports else set()
    wrong = exceptions.cards_of(request, shipment_id, now) if wanted.at is None else []
    reporting = {"may_report": may_report, "own_sources": own_sources, "exceptions": wrong}
    mark = _mark(version, shown["forecast_made_at"], shown["ranges"], stages)
    return {**shown, **reporting, "version": mark, "nav": "shipments", **past.context(wanted, document)}


def _mark(version: int, made_at: datetime | None, ranges: list[Any], stages: list[Any]) -> str:
    """What the page shows, for the live part: forecasts, targets and inspections change without the document."""
    told = [(row.stage, row.container, row.number, row.reported_seconds, row.target, row.verdict) for row in stages]
    return f"{version}-{hashlib.sha256(repr((made_at, ranges, told)).encode()).hexdigest()[:12]}"


def _document(viewer: Viewer, shipment_id: int, wanted: past.Asked) -> tuple[int, dict[str, Any]]:
    """The stored document with its version, or the one of the past."""
    if wanted.at is None:
        return shipping.document(viewer, shipment_id)
    return 0, history.as_of(viewer, shipment_id, wanted.at, wanted.by)


@login_required
@require_GET
def source(request: HttpRequest, shipment_id: int, event_id: UUID) -> HttpResponse:
    """The part of the message that made one event, as it was received; a stranger's is 404."""
    try:
        piece = shipping.event_slice(viewer_of(request), shipment_id, event_id)
    except NotFound as reason:
        raise Http404 from reason
    return render(
        request, "cargo/dashboard/source.html", {"slice": piece, "shipment_id": shipment_id, "nav": "shipments"}
    )


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find by any number: one exact hit is opened at once, else the hits by kind."""
    text = request.GET.get("q", "").strip()[:200]
    context: dict[str, Any] = {"query": text, "nav": "search", "may_write": viewer_of(request).may_write}
    if not text:
        return render(request, "cargo/dashboard/search.html", context)
    found = searching.find(viewer_of(request), text)
    if len(found.exact) == 1:
        return redirect("cargo:shipment", shipment_id=found.exact[0].id)
    context |= listing.hits(found, language(), _("Exact match"))
    return render(request, "cargo/dashboard/search.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Paste numbers, see a verdict for every line, then register what is sound."""
    viewer = viewer_of(request)
    form = NumbersForm(request.POST or None, initial={"numbers": request.GET.get("numbers", "")}, language=language())
    context: dict[str, Any] = {"form": form, "nav": "add"}
    if request.method != "POST":
        return render(request, "cargo/dashboard/add.html", context)
    if not viewer.may_write or viewer.organization_id is None:
        raise PermissionDenied
    if not form.is_valid():
        return render(request, "cargo/dashboard/add.html", context, status=422)
    judged = verdicts.judge(viewer, lines(form.cleaned_data["numbers"]), form.cleaned_data["kind"])
    if request.POST.get("step") == "register":
        judged = verdicts.register(viewer, judged)
        if len(judged) == 1 and judged[0].shipment_id:
            return redirect("cargo:shipment", shipment_id=judged[0].shipment_id)
        context["saved"] = True
    context |= {"verdicts": judged, "acceptable": sum(verdict.acceptable for verdict in judged), "checked": True}
    return render(request, "cargo/dashboard/add.html", context)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the appearance in a cookie, so that the next page starts with it; anyone may choose."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(wanted if safe else "/")
    choice = request.POST.get("theme", "")
    if choice in THEMES:
        response.set_cookie(
            "theme", choice, max_age=31_536_000, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return response


@login_required
@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for the operator's staff; to anyone else there is no such page."""
    if not viewer_of(request).is_staff:
        raise Http404
    now = timezone.now()
    rows = listing.dressed(specimen_rows.rows(now), specimen_forecast.releases(now), language(), now)
    counts = {"expected": 4, "in_transit": 31, "arrived": 12, "in_bond": 9, "available": 5, "delivered_out": 22}
    shown = presenting.shipment(
        specimen.held(now),
        now,
        language(),
        "importer",
        "PO-8841",
        forecast=specimen_forecast.forecast(now),
        stages=specimen_forecast.stages(now),
    )
    context = {
        **shown,
        "rows": rows,
        "with_likely": True,
        "segments": listing.segments(counts, "all", {}, language()),
        "answers": presenting.answers(specimen_cases.cases(now), now, language()),
        "verdicts": verdicts.specimens(),
        "now": now,
    }
    return render(request, "cargo/dashboard/style.html", context)


def _by_htmx(request: HttpRequest) -> bool:
    details = getattr(request, "htmx", None)
    return details is not None and bool(details) and not details.history_restore_request
