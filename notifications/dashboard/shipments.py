"""Who is told of one shipment: one's own addresses, and followers outside. A part of the shipment's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from clis.accounts.scoping import Viewer, viewer_of
from notifications import selectors, subscribing
from notifications.dashboard.answers import answers_refusals, by_htmx, number_of, page_language
from notifications.dashboard.forms import LANGUAGES
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError

HISTORY = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
@answers_refusals
def shipment(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Who is told of a shipment: a page, or to htmx its part.

    POST: ``channel`` (or ``email``, the own address) with ``on`` 1 or 0, which mutes what is told by a subscription to
    many; ``invite`` (an address outside, with ``language``); ``end`` (a follower's subscription).
    """
    found = subscribing.shipment(viewer_of(request), shipment_id)
    problem = said = ""
    if request.method == "POST":
        try:
            said = _act(request, shipment_id)
        except (NotFoundError, ForbiddenError):
            raise
        except SubscribingError as error:
            problem = str(error)
        if not problem and not by_htmx(request):
            if said:
                messages.success(request, said)
            return redirect("notifications:shipment", shipment_id)
    context = {"shipment": found, **_context(request, shipment_id, problem, said)}
    if by_htmx(request):  # which shows no answer with an error's status
        return render(request, "notifications/dashboard/_shipment.html", context)
    return render(request, "notifications/dashboard/shipment.html", context, status=400 if problem else 200)


def _context(request: HttpRequest, shipment_id: int, problem: str, said: str) -> dict[str, Any]:
    viewer = viewer_of(request)
    rows = selectors.telling(viewer, shipment_id)
    wider = _wider(viewer, rows, shipment_id)
    return {
        "shipment_id": shipment_id,
        "rows": [(row, wider.get(row.channel.id)) for row in rows],
        "has_email": any(row.channel.kind == "email" and not row.channel.shared for row in rows),
        "followers": selectors.followers(viewer, shipment_id),
        "may_invite": viewer.may_write,
        "languages": LANGUAGES,
        "invite_language": request.POST.get("language", page_language()) if problem else page_language(),
        "invited": request.POST.get("invite", "")[:254] if problem else "",
        "deliveries": selectors.deliveries(viewer, selectors.Wanted(shipment=shipment_id), limit=HISTORY),
        "problem": problem,
        "said": said,
        "nav": "shipments",
    }


def _act(request: HttpRequest, shipment_id: int) -> str:
    """What was asked; gives what is to be said about it."""
    viewer, given = viewer_of(request), request.POST
    if "invite" in given:
        if subscribing.invite_follower(viewer, shipment_id, given["invite"], given.get("language", page_language())):
            return _("This address follows the shipment already.")
        return _("A mail asks this address whether it wants to follow the shipment.")
    if "end" in given:
        number = number_of(given["end"])
        if number not in [row.id for row in selectors.followers(viewer, shipment_id)]:
            raise NotFoundError
        subscribing.end_follower(viewer, number)
        return _("Ended.")
    _switch(request, shipment_id)
    return ""


def _switch(request: HttpRequest, shipment_id: int) -> None:
    viewer = viewer_of(request)
    if "email" in request.POST:
        channel_id = subscribing.own_email_channel(viewer).pk
    else:
        channel_id = number_of(request.POST.get("channel", ""))
    rows = [row for row in selectors.telling(viewer, shipment_id) if row.channel.id == channel_id]
    if request.POST.get("on") != "1":
        if not rows:
            raise NotFoundError
        subscribing.stop_many(viewer, channel_id, [shipment_id])
    elif rows and rows[0].subscription_id and rows[0].muted and _wider(viewer, rows, shipment_id):
        subscribing.unsubscribe(viewer, rows[0].subscription_id)
    else:
        subscribing.subscribe(viewer, channel_id, shipment_id)


def _wider(viewer: Viewer, rows: Sequence[selectors.Telling], shipment_id: int) -> dict[int, subscribing.Wider]:
    """Channel -> its subscription to many shipments that tells of this one as well."""
    channels = [row.channel for row in rows]
    found = {one.id: subscribing.Wider(one.to_all, "") for one in channels if one.to_all is not None}
    if by_choice := [one.id for one in channels if one.choices and one.id not in found]:
        chosen = subscribing.wider(viewer, by_choice, [shipment_id])
        found |= {channel: tells for (channel, _shipment), tells in chosen.items()}
    return found
