"""The deadlines calendar: by day, by month, and as a feed for calendar programs."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cargo import calendars
from cargo.dashboard import ical, money_words, terms, wording
from cargo.dashboard.exceptions import label_of
from cargo.selectors import BadCursor, deadlines
from cargo.selectors.deadlines import Row
from cargo.templatetags.clis import language, role_of
from clis.accounts.scoping import Viewer, viewer_of
from clis.public_address import operators_address

ROWS = 100
# A feed reaches so far back, and holds so many: calendar programs fetch the whole of it again and again.
FEED_BACK = timedelta(days=60)
FEED_ROWS = 1000
ALARMS = (timedelta(days=3), timedelta(days=1))


@login_required
@require_GET
@never_cache
def calendar(request: HttpRequest) -> HttpResponse:
    """What is due, the overdue first; or a month with how much is due on each day."""
    viewer = viewer_of(request)
    params: dict[str, Any] = {"open": "true"}
    kind = request.GET.get("kind", "")
    if kind in terms.DEADLINES:
        params["kind"] = kind
    month = _month(request.GET.get("month"))
    context: dict[str, Any] = {
        "nav": "deadlines",
        "kinds": [(code, terms.word(terms.DEADLINES, code, language())) for code in terms.DEADLINES],
        "kind": params.get("kind", ""),
        "month": month,
        "list_url": _address(kind=params.get("kind", "")),
        "month_url": _address(kind=params.get("kind", ""), month=f"{month or timezone.localdate():%Y-%m}"),
        "feeds": _feeds(request, viewer),
    }
    context |= _month_context(viewer, month, params) if month else _list_context(request, viewer, params)
    return render(request, "cargo/dashboard/deadlines.html", context)


def _list_context(request: HttpRequest, viewer: Viewer, params: dict[str, Any]) -> dict[str, Any]:
    day, cursor = _day(request.GET.get("day")), request.GET.get("cursor") or None
    wanted = params | ({"day": day} if day else {})
    try:
        page = deadlines.page(viewer, wanted, cursor, ROWS)
    except BadCursor:
        cursor = None
        page = deadlines.page(viewer, wanted, None, ROWS)
    now, role, words = timezone.now(), role_of(request), language()
    groups: list[dict[str, Any]] = []
    for row in page.rows:
        over = row.due_at < now
        if not groups or groups[-1]["over"] != over or (not over and groups[-1]["day"] != row.due_on):
            groups.append({"over": over, "day": None if over else row.due_on, "rows": []})
        groups[-1]["rows"].append(_dressed(row, role, words, now))
    kind = params.get("kind", "")
    shown = day.isoformat() if day else ""
    return {
        "groups": groups,
        "day": day,
        "older_url": _address(kind=kind, day=shown, cursor=page.next_cursor) if page.next_cursor else "",
        "first_url": _address(kind=kind, day=shown) if cursor else "",
    }


def _dressed(row: Row, role: str | None, words: str, now: datetime) -> dict[str, Any]:
    who, what = wording.move({"responsible": row.responsible, "next_action": row.next_action}, words, role)
    label, kind = label_of(row)
    money = money_words.at_risk(row.money, row.due_at.astimezone(ZoneInfo(row.time_zone)), row.met_at, now, words)
    return {"row": row, "who": who, "what": what, "label": label, "label_kind": kind, "money": money}


def _month_context(viewer: Viewer, month: date, params: dict[str, Any]) -> dict[str, Any]:
    weeks = Calendar(firstweekday=0).monthdatescalendar(month.year, month.month)
    today = timezone.localdate()
    counts = {row.day: row.number for row in deadlines.days(viewer, weeks[0][0], weeks[-1][-1], params)}
    kind = params.get("kind", "")
    before, after = month - timedelta(days=1), month + timedelta(days=32)
    return {
        "weeks": [
            [
                {
                    "date": day,
                    "count": counts.get(day, 0),
                    "url": _address(kind=kind, day=day.isoformat()),
                    "outside": day.month != month.month,
                    "today": day == today,
                    "tone": "bad" if day <= today else "warn" if day <= today + timedelta(days=3) else "still",
                }
                for day in week
            ]
            for week in weeks
        ],
        "weekdays": _weekdays(),
        "title": _month_title(month),
        "total": sum(count for day, count in counts.items() if day.month == month.month),
        "before_url": _address(kind=kind, month=f"{before:%Y-%m}"),
        "after_url": _address(kind=kind, month=f"{after:%Y-%m}"),
    }


def _weekdays() -> list[tuple[str, str]]:
    """Short and long names, Monday first."""
    return [
        (_("Mon"), _("Monday")), (_("Tue"), _("Tuesday")), (_("Wed"), _("Wednesday")), (_("Thu"), _("Thursday")),
        (_("Fri"), _("Friday")), (_("Sat"), _("Saturday")), (_("Sun"), _("Sunday")),
    ]  # fmt: skip


def _month_title(month: date) -> str:
    if language() == "ko":
        return f"{month.year}년 {month.month}월"
    names = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
             "November", "December")  # fmt: skip
    return f"{names[month.month - 1]} {month.year}"


def _month(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01") if text and len(text) == 7 else None
    except ValueError:
        return None
    return found if found is not None and 2000 <= found.year <= 2100 else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def _address(**query: str | None) -> str:
    kept = {key: value for key, value in query.items() if value}
    return reverse("cargo:deadlines") + (f"?{urlencode(kept)}" if kept else "")


def _feeds(request: HttpRequest, viewer: Viewer) -> list[dict[str, Any]]:
    """The viewer's own feed and, for an admin, the organization's; each with its address if it has one."""
    if viewer.organization_id is None:
        return []
    known = calendars.tokens(viewer)
    address = _outside(request, reverse("cargo:deadlines_ics"))
    whose = [("person", _("Your own address"))]
    if viewer.role == "admin":
        whose.append(("organization", _("Your organization's address")))
    return [
        {
            "whose": name,
            "label": label,
            "url": f"{address}?{urlencode({'token': known[name]})}" if name in known else "",
        }
        for name, label in whose
    ]


@login_required
@require_POST
def feed_address(request: HttpRequest) -> HttpResponse:
    """Makes a new address for the feed, or ends it; the one before it answers no more."""
    viewer, shared, step = viewer_of(request), request.POST.get("whose") == "organization", request.POST.get("step")
    if step == "end":
        calendars.revoke(viewer, shared=shared)
    elif step == "new":
        calendars.renew(viewer, shared=shared)
    return redirect(reverse("cargo:deadlines") + "#feed")


@require_GET
@never_cache
def feed(request: HttpRequest) -> HttpResponse:
    """The calendar itself; the token in the address is the permission, and without one there is no such page."""
    reader = calendars.reader_of(request.GET.get("token", ""))
    if reader is None:
        raise Http404
    now = timezone.now()
    with translation.override(reader.language):
        rows = deadlines.page(reader.viewer, {"open": "true", "due_after": now - FEED_BACK}, None, FEED_ROWS).rows
        host = request.get_host()
        entries = [_entry(row, request, host, now) for row in rows]
        body = ical.calendar(_("CLIS deadlines"), reader.language, entries)
    return HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="deadlines.ics"', "Referrer-Policy": "no-referrer"},
    )


def _entry(row: Row, request: HttpRequest, host: str, now: datetime) -> ical.Entry:
    words = language()
    who, what = wording.move({"responsible": row.responsible, "next_action": row.next_action}, words)
    local = row.due_at.astimezone(ZoneInfo(row.time_zone))
    label, _kind = label_of(row)
    name = terms.word(terms.DEADLINES, row.kind, words)
    money = money_words.at_risk(row.money, local, row.met_at, now, words)
    lines = [f"{who}: {what}", terms.word(terms.DEADLINE_BASES, row.basis, words), money, row.container]
    return ical.Entry(
        uid=f"deadline-{row.id}@{host.partition(':')[0]}",
        summary=f"{name}: {label}" + (f" ({row.container})" if row.container and row.container != label else ""),
        description="\n".join(line for line in lines if line),
        url=_outside(request, reverse("cargo:shipment", args=[row.shipment])),
        sequence=row.sequence,
        modified=row.updated_at,
        day=row.due_on if local.strftime("%H:%M:%S") == "23:59:59" else None,
        at=row.due_at,
        alarms=ALARMS,
    )


def _outside(request: HttpRequest, path: str) -> str:
    """A page's address for calendar programs: by the operator's own where one is set, else as it was asked for here."""
    own = operators_address()
    return own + path if own else request.build_absolute_uri(path)
