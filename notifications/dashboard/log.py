"""The delivery log: filtered, one delivery with every try, sent again, and as a table for a spreadsheet."""

from __future__ import annotations

import csv
from io import StringIO
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from clis.accounts.scoping import viewer_of
from notifications import selectors, subscribing
from notifications.dashboard.answers import answers_refusals, does, done
from notifications.dashboard.forms import LogForm
from notifications.subscribing import NotFoundError

PAGE = "notifications:delivery"
ROWS = 50
CSV_ROWS = 10_000
# What a spreadsheet would take for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = (
    "id", "owed_at", "kind", "shipment", "number", "channel", "address", "state", "reason", "tries", "finished_at",
    "arrived_at", "segments", "cost", "why",
)  # fmt: skip


@login_required
@require_GET
@never_cache
def log(request: HttpRequest) -> HttpResponse:
    """Who was told what, newest first."""
    form = LogForm(request.GET)
    cursor = request.GET.get("cursor", "")
    below = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) <= 18 else None
    viewer = viewer_of(request)
    rows = selectors.deliveries(viewer, form.wanted(viewer), cursor=below, limit=ROWS + 1)
    chosen = form.query
    context = {
        "form": form,
        "filtered": len(chosen),
        "rows": rows[:ROWS],
        "chosen": urlencode(chosen),
        "older_query": urlencode({**chosen, "cursor": rows[ROWS - 1].id}) if len(rows) > ROWS else "",
        "newest": below is not None,
        "nav": "notifications",
    }
    return render(request, "notifications/dashboard/log.html", context)


@login_required
@require_GET
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """The newest 10,000 of the same as CSV in UTF-8 with a mark, which spreadsheets read; times in UTC."""
    out = StringIO()
    write = csv.writer(out).writerow
    write(COLUMNS)
    viewer = viewer_of(request)
    for row in selectors.deliveries(viewer, LogForm(request.GET).wanted(viewer), limit=CSV_ROWS):
        times = (row.finished_at, row.delivered_at)
        finished, arrived = ("" if time is None else time.isoformat() for time in times)
        told = (row.channel_kind, guarded(row.address), row.state, guarded(row.reason), row.attempts)
        about = (row.kind, row.shipment_id or "", guarded(row.number))
        price = (row.segments or "", row.cost or "")
        write([row.id, row.created_at.isoformat(), *about, *told, finished, arrived, *price, guarded(row.why.text)])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="deliveries.csv"'
    return answer


@login_required
@require_GET
@never_cache
@answers_refusals
def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """One delivery: why it was owed, what became of it, and every try."""
    viewer = viewer_of(request)
    row, tries = selectors.delivery(viewer, delivery_id), selectors.attempts(viewer, delivery_id)
    if row is None or tries is None:
        raise NotFoundError
    why = selectors.subscription(viewer, row.why.subscription_id) if row.why.live and row.why.subscription_id else None
    context = {
        "row": row,
        "tries": tries,
        "said_below": any(row.reason == each.detail for each in tries),
        "subscription": why,
        "nav": "notifications",
    }
    return render(request, "notifications/dashboard/delivery.html", context)


@login_required
@answers_refusals
@does(PAGE, selectors.delivery)
def redeliver(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Owes it again, if it ended without being told."""
    viewer = viewer_of(request)
    return done(
        request,
        lambda: subscribing.redeliver(viewer, delivery_id),
        PAGE,
        delivery_id,
        said=_("It is sent again, if it is still true and wanted."),
    )


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
