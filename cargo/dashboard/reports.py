"""The pages on which people report what happened to a shipment, correct their own report, or take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cargo import reporting, tasks, teaching
from cargo.dashboard import columns, dates, reading, terms
from cargo.formats.manual import Statement
from cargo.pipeline.receive import receive
from cargo.reporting import Said
from cargo.selectors import NotFound, shipments
from cargo.selectors import reports as reported
from cargo.templatetags.clis import language
from clis.accounts.scoping import Viewer, viewer_of

NAME = "report.json"
_TEXTS = ("place", "other_place", "facility", "remark", "authority", "code", "declaration", "limit")


class ReportForm(forms.Form):
    """What happened, when and where. The time is local to the place; ``place`` beside the known ones may be typed."""

    milestone = forms.CharField(max_length=60, required=False)
    classifier = forms.CharField(max_length=10)
    day = forms.DateField()
    clock = forms.TimeField()
    place = forms.CharField(max_length=10, required=False)
    other_place = forms.CharField(max_length=10, required=False)
    facility = forms.CharField(max_length=reporting.MAX_REMARK, required=False)
    remark = forms.CharField(max_length=reporting.MAX_REMARK, required=False)
    authority = forms.CharField(max_length=reporting.MAX_CUSTOMS, required=False)
    code = forms.CharField(max_length=reporting.MAX_CUSTOMS, required=False)
    declaration = forms.CharField(max_length=reporting.MAX_CUSTOMS, required=False)
    limit = forms.DateField(required=False)

    def said(self, boxes: list[str], zone: str, known: Statement | None) -> Said:
        """What was typed, as far as it is sound; ``zone``: where the place's is not known."""
        values = self.cleaned_data
        day, clock = values.get("day"), values.get("clock")
        return Said(
            milestone=values.get("milestone", ""),
            classifier=values.get("classifier", ""),
            occurred=datetime.combine(day, clock) if day and clock else None,
            zone=zone,
            place=values.get("other_place") or values.get("place") or "",
            facility=values.get("facility", ""),
            containers=boxes,
            remark=values.get("remark", ""),
            authority=values.get("authority", ""),
            code=values.get("code", ""),
            declaration=values.get("declaration", ""),
            limit=values.get("limit"),
            id=known.id if known else "",
            version=known.version + 1 if known else 1,
        )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """A new report."""
    viewer, right = _allowed(request, shipment_id)
    return _page(request, viewer, right, shipment_id, None)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, shipment_id: int, event_id: UUID) -> HttpResponse:
    """The same for a report of one's own: what is sent takes its place."""
    viewer, right = _allowed(request, shipment_id)
    return _page(request, viewer, right, shipment_id, _own(viewer, shipment_id, event_id))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, shipment_id: int, event_id: UUID) -> HttpResponse:
    """Asks once, then says that a report of one's own does not hold."""
    viewer, right = _allowed(request, shipment_id)
    known = _own(viewer, shipment_id, event_id)
    if request.method == "POST":
        _hand_in(viewer, right, shipment_id, [reporting.taken_back(known)])
        messages.success(request, _("Your report is taken back. The page shows it in a moment."))
        return redirect("cargo:shipment", shipment_id=shipment_id)
    context = {"nav": "shipments", "shipment_id": shipment_id, "event_id": event_id, "known": known}
    return render(request, "cargo/dashboard/take_back.html", context)


def _allowed(request: HttpRequest, shipment_id: int) -> tuple[Viewer, reported.Right]:
    """404 for a stranger, 403 for who may look but not report."""
    viewer = viewer_of(request)
    try:
        right = reported.right(viewer, shipment_id)
    except NotFound as reason:
        raise Http404 from reason
    if not right.allowed:
        raise PermissionDenied
    return viewer, right


def _own(viewer: Viewer, shipment_id: int, event_id: UUID) -> Statement:
    try:
        return reported.statement(viewer, shipment_id, event_id)
    except NotFound as reason:
        raise Http404 from reason


def _page(
    request: HttpRequest, viewer: Viewer, right: reported.Right, shipment_id: int, known: Statement | None
) -> HttpResponse:
    _version, document = shipments.document(viewer, shipment_id)
    boxes = reported.containers(shipment_id)
    zone = reading.zone_of(document) or str(getattr(request.user, "time_zone", "UTC"))
    form = ReportForm(request.POST if request.method == "POST" else None, initial=_initial(document, zone, known))
    errors: dict[str, Any] = {}
    if request.method == "POST":
        form.is_valid()
        named = request.POST.getlist("container")
        checked = reporting.check(form.said(named, zone, known), boxes, timezone.now(), customs=right.customs)
        # What is missing or wrong in kind is said by the check; only what the form cut off is added.
        errors = {**checked.errors, **{name: form.errors[name][0] for name in _TEXTS if name in form.errors}}
        if not errors:
            _hand_in(viewer, right, shipment_id, checked.statements)
            messages.success(request, _("Your report was received. The page shows it in a moment."))
            return redirect("cargo:shipment", shipment_id=shipment_id)
    words = language()
    context = {
        "nav": "shipments",
        "shipment_id": shipment_id,
        "form": form,
        "errors": errors,
        "known": known,
        "milestone_groups": columns.milestone_groups(words),
        "classifiers": columns.classifiers(words),
        "places": _places(document, words),
        "boxes": boxes,
        "chosen_boxes": request.POST.getlist("container") if request.method == "POST" else _boxes_of(known),
        "zone_words": dates.zone_words(timezone.now(), zone, words),
        "most": reporting.MAX_REMARK,
        "authorities": columns.authorities(words) if right.customs else [],
        "most_of_customs": reporting.MAX_CUSTOMS,
        "customs_said": any(form[name].value() for name in ("authority", "code", "declaration", "limit")),
    }
    return render(request, "cargo/dashboard/report.html", context, status=422 if errors else 200)


def _hand_in(viewer: Viewer, right: reported.Right, shipment_id: int, statements: list[Statement]) -> None:
    source_id = teaching.own_source(viewer, shared=right.shared)
    body = reporting.compose(viewer, source_id, shipment_id, statements, timezone.now())
    receive(source_id, body, media_type="application/json", name=NAME)
    tasks.wake_inbox()


def _initial(document: dict[str, Any], zone: str, known: Statement | None) -> dict[str, Any]:
    if known is not None and known.occurred_at is not None:
        at = known.occurred_at.astimezone(ZoneInfo(known.time_zone)) if known.time_zone else known.occurred_at
        return {
            "milestone": known.milestone,
            "classifier": known.classifier,
            "day": at.date(),
            "clock": at.strftime("%H:%M"),
            "place": known.place,
            "facility": known.facility,
            "remark": known.remark,
            "authority": known.authority,
            "code": known.code,
            "declaration": known.declaration,
            "limit": known.limit,
        }
    now = timezone.now().astimezone(dates.zone_info(zone))
    place = (document.get("plan") or {}).get("port_of_discharge") or ""
    return {"classifier": "actual", "day": now.date(), "clock": now.strftime("%H:%M"), "place": place}


def _boxes_of(known: Statement | None) -> list[str]:
    return [known.container] if known is not None and known.container else []


def _places(document: dict[str, Any], words: str) -> list[tuple[str, str]]:
    """The places of this journey, each with the zone in which times there are meant."""
    plan = document.get("plan") or {}
    codes = [plan.get("port_of_loading"), plan.get("port_of_discharge")]
    codes += [(row.get("place") or {}).get("code") for row in document.get("timeline") or ()]
    found = []
    for code in dict.fromkeys(code for code in codes if code):
        zone = reporting.zone_at(code)
        if zone is not None:
            shown = dates.zone_words(timezone.now(), zone, words)
            found.append((code, f"{terms.place(code, None, words)} ({code}), {shown}"))
    return found
