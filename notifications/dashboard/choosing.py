"""Many at once, from the list of shipments: those that were ticked, all that its filters show, or the filter itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clis.accounts.scoping import Viewer, viewer_of
from notifications import selectors, subscribing
from notifications.dashboard.answers import answers_refusals, number_of
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError

# Fields of this page's own; every other one is a filter of the list.
_OWN = frozenset({"shipment", "which", "channel", "label", "do", "csrfmiddlewaretoken"})
TICKED, LISTED, KEPT = "ticked", "listed", "kept"
LABEL = "label"
LONGEST_LABEL = 80


@dataclass(frozen=True)
class Choice:
    """What the list handed over: ticked shipments by number with what they are called, and its filters."""

    ticked: dict[int, str]
    filters: dict[str, str]

    @classmethod
    def of(cls, viewer: Viewer, given: QueryDict) -> Choice:
        """Raises ``NotFoundError`` for numbers that none can have, ``SubscribingError`` for no filters of the list."""
        filters = {name: str(value) for name, value in given.items() if name not in _OWN and value}
        numbers = {number_of(text) for text in given.getlist("shipment")}
        return cls(subscribing.named(viewer, numbers) if numbers else {}, subscribing.checked(filters))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
def choose(request: HttpRequest) -> HttpResponse:
    """GET asks at which address and changes nothing; POST tells of them (``do`` = ``tell``) or no longer (``stop``)."""
    viewer = viewer_of(request)
    if viewer.organization_id is None:
        raise NotFoundError
    given = request.POST if request.method == "POST" else request.GET
    problem, choice = None, Choice({}, {})
    try:
        choice = Choice.of(viewer, given)
        if request.method == "POST":
            messages.success(request, _act(viewer, choice, request.POST))
            return redirect("cargo:shipments")
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        problem = error
    context = _context(viewer, choice, given, problem)
    return render(request, "notifications/dashboard/choose.html", context, status=400 if problem else 200)


def _context(viewer: Viewer, choice: Choice, given: QueryDict, problem: SubscribingError | None) -> dict[str, Any]:
    listed, more = subscribing.in_list(viewer, choice.filters)
    lasts = subscribing.lasts(choice.filters)
    which = given.get("which") or (TICKED if choice.ticked else KEPT if lasts else LISTED)
    if which == KEPT and not lasts:
        which = LISTED
    return {
        "choice": choice,
        "listed": len(listed),
        "more": more,
        "lasts": lasts,
        "filter_text": selectors.filter_text(choice.filters),
        "which": which,
        "stops": given.get("do") == "stop",
        "label": given.get("label", ""),
        "chosen": given.get("channel", ""),
        "channels": selectors.tellable(viewer),
        "problem": problem if problem and problem.field != LABEL else "",
        "label_problem": problem if problem and problem.field == LABEL else "",
        "nav": "shipments",
    }


def _act(viewer: Viewer, choice: Choice, given: QueryDict) -> str:
    which, stops = given.get("which", ""), given.get("do") == "stop"
    if which == KEPT:
        if stops or not subscribing.lasts(choice.filters):
            raise SubscribingError(_("This filter cannot be kept."))
        name = str(given.get("label", "")).strip()
        if not name:
            raise SubscribingError(_("Give the filter a name."), field=LABEL)
        if len(name) > LONGEST_LABEL:
            raise SubscribingError(
                _("The name has at most %(number)s characters.") % {"number": LONGEST_LABEL}, field=LABEL
            )
    shipments = list(choice.ticked) if which == TICKED else subscribing.in_list(viewer, choice.filters)[0]
    if which not in (TICKED, LISTED, KEPT) or not (shipments or which == KEPT):
        raise SubscribingError(_("Tick a shipment first."))
    channel = _channel(viewer, given)
    if which == KEPT:
        made = subscribing.subscribe(viewer, channel, label=str(given.get("label", "")), filter=choice.filters)
        return _("Told from now on of “%(label)s”.") % {"label": made.label}
    if stops:
        number = subscribing.stop_many(viewer, channel, shipments)
        words = ngettext("No longer told of %(number)s shipment.", "No longer told of %(number)s shipments.", number)
    else:
        number = len(subscribing.subscribe_many(viewer, channel, shipments).subscribed)
        words = ngettext(
            "Told from now on of %(number)s shipment.", "Told from now on of %(number)s shipments.", number
        )
    return words % {"number": number}


def _channel(viewer: Viewer, given: QueryDict) -> int:
    if given.get("channel") == "own":
        return subscribing.own_email_channel(viewer).pk
    return number_of(given.get("channel", ""))
