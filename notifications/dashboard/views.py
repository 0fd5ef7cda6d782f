"""The pages of notices. They read through selectors and write through subscribing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from clis.accounts.scoping import viewer_of
from notifications import selectors, subscribing
from notifications.dashboard.forms import ChannelForm, CodeForm, KindsForm
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError

HISTORY = 20
View = Callable[..., HttpResponse]


def answers_refusals(view: View) -> View:
    """What is not there, or not this viewer's, as the web says it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotFoundError as error:
            raise Http404 from error
        except ForbiddenError as error:
            raise PermissionDenied from error

    return wrapped


@login_required
@require_GET
@never_cache
def settings_page(request: HttpRequest) -> HttpResponse:
    """One's channels, what each is told, and what was sent lately."""
    return _settings(request, _channel_form(request))


@login_required
@require_POST
@answers_refusals
def add_channel(request: HttpRequest) -> HttpResponse:
    """Adds an address and sends it a code, unless it is verified already."""
    form = _channel_form(request, request.POST)
    if not form.is_valid():
        return _settings(request, form, 400)
    given = form.cleaned_data
    viewer = viewer_of(request)
    try:
        channel = subscribing.add_channel(
            viewer, given["kind"], given["address"], given["language"], given.get("shared", False)
        )
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        form.add_error("address", str(error))
        return _settings(request, form, 400)
    if channel.usable:
        messages.success(request, _("Added."))
    else:
        _send_code(request, channel.pk)
    return redirect("notifications:settings")


@login_required
@require_POST
@answers_refusals
def send_code(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Sends another code."""
    _send_code(request, channel_id)
    return redirect("notifications:settings")


@login_required
@require_POST
@answers_refusals
def verify(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Proves an address by its code."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The code has six digits."))
        return redirect("notifications:settings")
    return _done(request, lambda: subscribing.verify(viewer_of(request), channel_id, form.cleaned_data["code"]))


@login_required
@require_POST
@answers_refusals
def remove_channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Forgets an address."""
    return _done(request, lambda: subscribing.remove_channel(viewer_of(request), channel_id))


@login_required
@require_POST
@answers_refusals
def subscribe_to_all(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Subscribes a channel to all shipments of the organization, to the ticked kinds."""
    form = KindsForm(request.POST)
    if not form.is_valid():
        raise Http404
    return _done(request, lambda: subscribing.subscribe(viewer_of(request), channel_id, kinds=form.chosen()))


@login_required
@require_POST
@answers_refusals
def unsubscribe_from_all(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Ends the subscription of a channel to all shipments."""
    viewer = viewer_of(request)
    row = selectors.channel(viewer, channel_id)
    if row is None or row.to_all is None:
        raise Http404
    number = row.to_all
    return _done(request, lambda: subscribing.unsubscribe(viewer, number))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
@answers_refusals
def shipment(request: HttpRequest, shipment_id: int) -> HttpResponse:
    """Who is told of a shipment: a page, or to htmx its part. POST: ``channel`` (or ``email``, the own address) with
    ``on`` 1 or 0."""
    viewer = viewer_of(request)
    found = subscribing.shipment(viewer, shipment_id)
    problem = ""
    if request.method == "POST":
        try:
            _switch(request, shipment_id)
        except (NotFoundError, ForbiddenError):
            raise
        except SubscribingError as error:
            problem = str(error)
        if not problem and not _by_htmx(request):
            return redirect("notifications:shipment", shipment_id)
    rows = selectors.telling(viewer, shipment_id)
    context = {
        "shipment_id": shipment_id,
        "shipment": found,
        "rows": rows,
        "has_email": any(row.channel.kind == "email" and not row.channel.shared for row in rows),
        "deliveries": selectors.deliveries(viewer, shipment_id, limit=HISTORY),
        "problem": problem,
        "nav": "shipments",
    }
    if _by_htmx(request):  # which shows no answer with an error's status
        return render(request, "notifications/dashboard/_shipment.html", context)
    return render(request, "notifications/dashboard/shipment.html", context, status=400 if problem else 200)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail. GET asks and changes nothing; POST ends the subscriptions, without a session or a cookie.

    A mail program's one click posts ``List-Unsubscribe=One-Click`` (RFC 8058, 3.1); ``only=shipment`` ends only the
    subscription to the shipment that the mail was about.
    """
    if request.method == "POST":
        channel = subscribing.unsubscribe_by_token(token, only_shipment=request.POST.get("only") == "shipment")
        if channel is None:
            raise Http404
        return render(request, "notifications/dashboard/unsubscribe.html", {"address": channel.masked, "done": True})
    found = subscribing.channel_of_token(token)
    if found is None:
        raise Http404
    return render(request, "notifications/dashboard/unsubscribe.html", {"address": found[0].masked, "done": False})


def _settings(request: HttpRequest, form: ChannelForm, status: int = 200) -> HttpResponse:
    viewer = viewer_of(request)
    context = {
        "channels": selectors.channels(viewer) if viewer.organization_id else [],
        "kinds": selectors.kinds(),
        "deliveries": selectors.deliveries(viewer, limit=HISTORY) if viewer.organization_id else [],
        "form": form,
        "viewer": viewer,
        "demo": settings.DEMO,
        "nav": "notifications",
    }
    return render(request, "notifications/dashboard/settings.html", context, status=status)


def _channel_form(request: HttpRequest, data: Any = None) -> ChannelForm:
    language = "ko" if (get_language() or "").startswith("ko") else "en"
    return ChannelForm(data, may_share=viewer_of(request).role == "admin", initial={"language": language})


def _send_code(request: HttpRequest, channel_id: int) -> None:
    try:
        subscribing.send_code(viewer_of(request), channel_id)
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        messages.error(request, str(error))
    else:
        messages.info(request, _("A code is on its way. Enter it below within 10 minutes."))


def _switch(request: HttpRequest, shipment_id: int) -> None:
    viewer = viewer_of(request)
    if "email" in request.POST:
        channel_id = subscribing.own_email_channel(viewer).pk
    else:
        given = request.POST.get("channel", "")
        if not given.isascii() or not given.isdigit() or len(given) > 18:
            raise NotFoundError
        channel_id = int(given)
    if request.POST.get("on") == "1":
        subscribing.subscribe(viewer, channel_id, shipment_id)
        return
    row = next((row for row in selectors.telling(viewer, shipment_id) if row.channel.id == channel_id), None)
    if row is None or row.subscription_id is None:
        raise NotFoundError
    subscribing.unsubscribe(viewer, row.subscription_id)


def _done(request: HttpRequest, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect("notifications:settings")


def _by_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]
