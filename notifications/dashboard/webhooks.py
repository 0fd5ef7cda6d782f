"""Webhooks: where updates are posted, whether the other side has shown that it wants them, and how it fares."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clis.accounts.scoping import Viewer, viewer_of
from notifications import endpoints, selectors, subscribing
from notifications.dashboard.answers import answers_refusals, does, done
from notifications.dashboard.forms import SpanForm, refuse
from notifications.render.text import clean
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError

HISTORY = 20
PAGE = "notifications:webhook"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
def webhooks(request: HttpRequest) -> HttpResponse:
    """All of the organization. POST (``url``, ``name``) adds one and shows its secret, this once."""
    viewer = viewer_of(request)
    problem = ""
    if request.method == "POST":
        url, name = request.POST.get("url", ""), clean(request.POST.get("name"), 80)
        try:
            number, secret = endpoints.add(viewer, url, name)
        except (NotFoundError, ForbiddenError):
            raise
        except SubscribingError as error:
            problem = str(error)
        else:
            return _one(request, viewer, number, secret=secret)
    context = {
        "rows": endpoints.rows(viewer) if viewer.organization_id else [],
        "may_add": viewer.organization_id is not None and viewer.role == "admin",
        "problem": problem,
        "url": request.POST.get("url", ""),
        "name": request.POST.get("name", ""),
        "nav": "notifications",
    }
    return render(request, "notifications/dashboard/webhooks.html", context, status=400 if problem else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
def webhook(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """One webhook: its state, what it is told of, its last deliveries. POST names it."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return _one(request, viewer, endpoint_id)
    endpoints.row(viewer, endpoint_id)  # which says that it is one
    name = clean(request.POST.get("name"), 80)
    return done(request, lambda: subscribing.set_channel(viewer, endpoint_id, name=name), PAGE, endpoint_id)


@login_required
@never_cache
@answers_refusals
@does(PAGE, endpoints.row)
def rotate(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """A new secret, shown in this answer and in no other."""
    viewer = viewer_of(request)
    try:
        secret = endpoints.rotate(viewer, endpoint_id)
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        messages.error(request, str(error))
        return redirect(PAGE, endpoint_id)
    return _one(request, viewer, endpoint_id, secret=secret)


@login_required
@answers_refusals
@does(PAGE, endpoints.row)
def challenge(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Asks it whether it wants to be called."""
    return _tried(request, endpoint_id, endpoints.challenge, _("It gave the word back."))


@login_required
@answers_refusals
@does(PAGE, endpoints.row)
def test(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Posts an event of type ``endpoint.test`` now and once."""
    return _tried(request, endpoint_id, endpoints.test, _("It took the test event."))


@login_required
@answers_refusals
@does(PAGE, endpoints.row)
def pause(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Holds what is owed."""
    return done(request, lambda: endpoints.pause(viewer_of(request), endpoint_id), PAGE, endpoint_id)


@login_required
@answers_refusals
@does(PAGE, endpoints.row)
def resume(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """On again, whatever stopped it."""
    return done(request, lambda: endpoints.resume(viewer_of(request), endpoint_id), PAGE, endpoint_id)


@login_required
@answers_refusals
@does(PAGE, endpoints.row)
def remove(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """With what it is told of and its log."""
    return done(request, lambda: endpoints.remove(viewer_of(request), endpoint_id), "notifications:webhooks")


@login_required
@never_cache
@answers_refusals
@does(PAGE, endpoints.row)
def redeliver(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Owes a range again: by numbers, since a time, or both."""
    viewer, form = viewer_of(request), SpanForm(request.POST)
    if not form.is_valid():
        return _one(request, viewer, endpoint_id, form=form)
    try:
        number = endpoints.redeliver(viewer, endpoint_id, endpoints.Span(**form.cleaned_data))
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        refuse(form, error)
        return _one(request, viewer, endpoint_id, form=form)
    said = ngettext("%(number)s delivery is owed again.", "%(number)s deliveries are owed again.", number)
    return done(request, lambda: None, PAGE, endpoint_id, said=said % {"number": number})


def _one(
    request: HttpRequest, viewer: Viewer, endpoint_id: int, *, secret: str = "", form: SpanForm | None = None
) -> HttpResponse:
    row = endpoints.row(viewer, endpoint_id)
    told = selectors.subscriptions(viewer, channel_id=endpoint_id, limit=selectors.PAGE_MAX)
    context: dict[str, Any] = {
        "row": row,
        "secret": secret,
        "form": form or SpanForm(),
        "subscriptions": told,
        "has_all": any(one.code == "all" for one in told),
        "roles": list(selectors.ROLES.items()),
        "deliveries": selectors.deliveries(viewer, selectors.Wanted(channel=endpoint_id), limit=HISTORY),
        "nav": "notifications",
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "notifications/dashboard/webhook.html", context, status=status)


def _tried(request: HttpRequest, endpoint_id: int, act: Any, said: str) -> HttpResponse:
    """Says what came back; what the system said of it in small print."""
    try:
        tried: endpoints.Tried = act(viewer_of(request), endpoint_id)
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        messages.error(request, str(error))
        return redirect(PAGE, endpoint_id)
    if tried.ok:
        messages.success(request, said)
    else:
        why = _("It did not work (%(milliseconds)s ms): %(detail)s")
        why %= {"milliseconds": tried.milliseconds, "detail": tried.detail}
        small = format_html("<small>{}</small>", tried.technical) if tried.technical else ""
        messages.error(request, format_html("<span>{}</span>{}", why, small))
    return redirect(PAGE, endpoint_id)
