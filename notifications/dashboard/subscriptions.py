"""What a channel is told of: subscriptions to all, by role or by a saved filter, their matrix, and their end."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clis.accounts.scoping import viewer_of
from notifications import kinds, selectors, subscribing
from notifications.dashboard.answers import answers_refusals, done
from notifications.dashboard.forms import MatrixForm
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError


@login_required
@require_POST
@answers_refusals
def subscribe(request: HttpRequest, channel_id: int) -> HttpResponse:
    """All shipments of the organization, or (``roles``, under the name ``label``) those that it has such a part in."""
    roles, label = request.POST.getlist("roles"), request.POST.get("label", "")
    viewer = viewer_of(request)
    return done(
        request,
        lambda: subscribing.subscribe(viewer, channel_id, label=label[:80] if roles else "", roles=roles),
        "notifications:channel",
        channel_id,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
def subscription(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """The matrix of one subscription: each kind of news at once, in the digest, not, or as usual."""
    viewer = viewer_of(request)
    row = selectors.subscription(viewer, subscription_id)
    if row is None:
        raise NotFoundError
    form = MatrixForm(request.POST if request.method == "POST" else None, channel_kind=row.channel_kind)
    problem = ""
    if request.method == "POST":
        if form.is_valid():
            try:
                subscribing.change_subscription(viewer, subscription_id, **form.chosen())
            except (NotFoundError, ForbiddenError):
                raise
            except SubscribingError as error:
                problem = str(error)
            else:
                messages.success(request, _("Saved."))
                return redirect("notifications:subscription", subscription_id)
        elif "eta_hours" in form.errors:
            problem = _("A changed arrival is told from 1 to 720 hours.")
        else:
            raise NotFoundError
    context = {
        "subscription": row,
        "groups": selectors.matrix_of(row, selectors.roles_to(viewer, subscription_id)),
        "modes": [(mode, selectors.mode_text(mode)) for mode in kinds.modes_of(row.channel_kind)],
        "with_eta": "eta_hours" in form.fields,
        "problem": problem,
        "nav": "notifications",
    }
    status = 400 if problem else 200
    return render(request, "notifications/dashboard/subscription.html", context, status=status)


@login_required
@require_POST
@answers_refusals
def end(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Ends it; the one click of "why did I get this". Back to where it was asked, if that is the log."""
    viewer = viewer_of(request)
    to = "notifications:log" if request.POST.get("from") == "log" else "notifications:settings"
    return done(request, lambda: subscribing.unsubscribe(viewer, subscription_id), to, said=_("Ended."))
