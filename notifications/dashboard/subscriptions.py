"""What a channel is told of: subscriptions to all, by role or by a saved filter, their matrix, and their end."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clis.accounts.scoping import viewer_of
from notifications import kinds, selectors, subscribing
from notifications.dashboard.answers import View, answers_refusals, does, done, problem_of
from notifications.dashboard.forms import ChoiceForm, MatrixForm
from notifications.subscribing import NotFoundError


@login_required
@answers_refusals
@does("notifications:channel", selectors.channel)
def subscribe(request: HttpRequest, channel_id: int) -> HttpResponse:
    """All shipments of the organization, or (``roles``, under the name ``label``) those that it has such a part in."""
    roles, label = request.POST.getlist("roles"), request.POST.get("label", "")
    viewer = viewer_of(request)
    return done(
        request,
        lambda: subscribing.subscribe(viewer, channel_id, label=label if roles else "", roles=roles),
        "notifications:channel",
        channel_id,
    )


def says_if_ended(view: View) -> View:
    """A subscription that has ended meanwhile, as in another tab, is said to have; a stranger's is not there."""

    @wraps(view)
    def wrapped(request: HttpRequest, subscription_id: int) -> HttpResponse:
        try:
            return view(request, subscription_id)
        except NotFoundError:
            if not selectors.ended(viewer_of(request), subscription_id):
                raise
        return render(request, "notifications/dashboard/ended.html", {"nav": "notifications"}, status=410)

    return wrapped


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
@says_if_ended
def subscription(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """One subscription. POST saves its matrix: each kind of news at once, in the digest, not, or as usual."""
    row = _row(request, subscription_id)
    if request.method != "POST":
        return _page(request, row)
    form = MatrixForm(request.POST, channel_kind=row.channel_kind, was=row.matrix)
    if form.is_valid():
        return _changed(request, row, form.chosen())
    if "eta_hours" not in form.errors:
        raise NotFoundError
    return _page(request, row, _("A changed arrival is told from 1 to 720 hours."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
@says_if_ended
def choose(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Saves which shipments it is to: the name, the list's filters, and one's part in them. GET, as after signing in
    again, leads to the subscription."""
    row = _row(request, subscription_id)
    if request.method != "POST":
        return redirect("notifications:subscription", row.id)
    form = ChoiceForm(request.POST, row=row)
    if not form.is_valid():
        raise NotFoundError
    return _changed(request, row, form.chosen(), form)


def _row(request: HttpRequest, subscription_id: int) -> selectors.SubscriptionRow:
    row = selectors.subscription(viewer_of(request), subscription_id)
    if row is None:
        raise NotFoundError
    return row


def _changed(
    request: HttpRequest, row: selectors.SubscriptionRow, wishes: dict[str, Any], form: ChoiceForm | None = None
) -> HttpResponse:
    if problem := problem_of(lambda: subscribing.change_subscription(viewer_of(request), row.id, **wishes)):
        return _page(request, row, problem, form)
    messages.success(request, _("Saved."))
    return redirect("notifications:subscription", row.id)


def _page(
    request: HttpRequest, row: selectors.SubscriptionRow, problem: str = "", form: ChoiceForm | None = None
) -> HttpResponse:
    context = {
        "subscription": row,
        "groups": selectors.matrix_of(row.channel_kind, row.matrix, row.standing),
        "modes": modes_of(row.channel_kind),
        "with_eta": kinds.ETA in kinds.of_channel(row.channel_kind),
        "choice": form or (ChoiceForm(None, row=row) if row.shipment_id is None and row.changeable else None),
        "problem": problem,
        "nav": "notifications",
    }
    status = 400 if problem else 200
    return render(request, "notifications/dashboard/subscription.html", context, status=status)


def modes_of(channel_kind: str) -> list[tuple[str, str]]:
    """How such a channel may be told, with its words: the columns of a matrix."""
    return [(mode, selectors.mode_text(mode)) for mode in kinds.modes_of(channel_kind)]


@login_required
@require_POST
@answers_refusals
@says_if_ended
def end(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Ends it; the one click of "why did I get this". Back to where it was asked, if that is the log."""
    viewer = viewer_of(request)
    to = "notifications:log" if request.POST.get("from") == "log" else "notifications:settings"
    return done(request, lambda: subscribing.unsubscribe(viewer, subscription_id), to, said=_("Ended."))
