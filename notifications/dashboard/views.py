"""Where people are told: the page of their channels, and every step with one."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from clis.accounts.scoping import Viewer, viewer_of
from notifications import endpoints, selectors, subscribing
from notifications.dashboard.answers import answers_refusals, does, done, page_language, problem_of, refusal_of
from notifications.dashboard.browser import push_key
from notifications.dashboard.forms import ChannelForm, CodeForm, SettingsForm, point_at_error, refuse
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError

HISTORY = 20
SETTINGS = "notifications:settings"


@login_required
@require_GET
@never_cache
def settings_page(request: HttpRequest) -> HttpResponse:
    """One's channels and webhooks by kind, what each is told of, and what was sent lately."""
    return _settings(request, _channel_form(request))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
def add_channel(request: HttpRequest) -> HttpResponse:
    """Adds an address and sends it a code, unless it is verified already. GET, as after signing in again, leads to
    where it is added."""
    if request.method != "POST":
        return redirect(SETTINGS)
    form = _channel_form(request, request.POST)
    if not form.is_valid():
        return _settings(request, form, 400)
    viewer = viewer_of(request)
    try:
        number, is_new = _added(viewer, form.cleaned_data)
    except (NotFoundError, ForbiddenError):
        raise
    except SubscribingError as error:
        refuse(form, error)
        return _settings(request, form, 400)
    row = selectors.channel(viewer, number)
    if row is not None and not row.usable:
        _send_code(request, number)
    elif row is None or is_new:
        messages.success(request, _("Added."))
    else:
        messages.info(request, _("%(address)s is there already.") % {"address": row.address})
    return redirect(SETTINGS)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
def channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """One channel: its name, clock, quiet hours and digest, and what it is told of. POST saves the settings."""
    viewer = viewer_of(request)
    row = selectors.channel(viewer, channel_id)
    if row is None:
        raise NotFoundError
    if row.kind == "webhook":
        return redirect("notifications:webhook", channel_id)
    form = SettingsForm(request.POST if request.method == "POST" else None, row=row)
    if request.method == "POST" and form.is_valid():
        refusal = refusal_of(lambda: subscribing.set_channel(viewer, channel_id, **form.chosen()))
        if refusal is None:
            messages.success(request, _("Saved."))
            return redirect("notifications:channel", channel_id)
        refuse(form, refusal)
    point_at_error(form)
    context = {
        "channel": row,
        "form": form,
        "subscriptions": selectors.subscriptions(viewer, channel_id=channel_id, limit=selectors.PAGE_MAX),
        "roles": list(selectors.ROLES.items()),
        "nav": "notifications",
    }
    status = 400 if form.errors else 200
    return render(request, "notifications/dashboard/channel.html", context, status=status)


@login_required
@answers_refusals
@does("notifications:channel", selectors.channel)
def send_code(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Sends another code."""
    _send_code(request, channel_id)
    return redirect(SETTINGS)


@login_required
@answers_refusals
@does("notifications:channel", selectors.channel)
def verify(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Proves an address by its code."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The code has six digits."))
        return redirect(SETTINGS)
    code = form.cleaned_data["code"]
    verified = _("Confirmed.")
    return done(request, lambda: subscribing.verify(viewer_of(request), channel_id, code), SETTINGS, said=verified)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@answers_refusals
def remove_channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Asks whether an address is to be forgotten, and says what goes with it. POST forgets it."""
    viewer = viewer_of(request)
    if request.method == "POST":
        gone = _("Removed.")
        return done(request, lambda: subscribing.remove_channel(viewer, channel_id), SETTINGS, said=gone)
    subscribing.channel_of(viewer, channel_id)
    context = {"channel": selectors.channel(viewer, channel_id), "nav": "notifications"}
    return render(request, "notifications/dashboard/remove.html", context)


def _added(viewer: Viewer, given: dict[str, Any]) -> tuple[int, bool]:
    """The number of the channel that was added or was there, and whether it is a new one."""
    kind, address, language = given["kind"], given["address"], given["language"]
    shared, name = given.get("shared", False), given["name"]
    if kind == "chat":
        added, is_new = subscribing.find_or_connect_chat(viewer, address, language, name, shared)
    else:
        added, is_new = subscribing.find_or_add_channel(viewer, kind, address, language, shared)
        if name:
            subscribing.set_channel(viewer, added.pk, name=name)
    return added.pk, is_new


def _settings(request: HttpRequest, form: ChannelForm, status: int = 200) -> HttpResponse:
    viewer = viewer_of(request)
    point_at_error(form)
    rows = selectors.channels(viewer) if viewer.organization_id else []
    hooks = endpoints.rows(viewer) if viewer.organization_id else []
    told = [row for row in rows if row.kind != "webhook" and not row.follower]
    context = {
        "groups": [(text, list(group)) for text, group in groupby(told, key=lambda row: row.kind_text)],
        "followers": [row for row in rows if row.follower],
        "hooks": hooks,
        "deliveries": selectors.deliveries(viewer, limit=HISTORY) if viewer.organization_id else [],
        "form": form,
        "viewer": viewer,
        "demo": settings.DEMO,
        "push_key": push_key() if viewer.organization_id else "",
        "nav": "notifications",
    }
    return render(request, "notifications/dashboard/settings.html", context, status=status)


def _channel_form(request: HttpRequest, data: Any = None) -> ChannelForm:
    may_share = viewer_of(request).role == "admin"
    return ChannelForm(data, may_share=may_share, initial={"language": page_language()})


def _send_code(request: HttpRequest, channel_id: int) -> None:
    if problem := problem_of(lambda: subscribing.send_code(viewer_of(request), channel_id)):
        messages.error(request, problem)
    else:
        messages.info(request, _("A code is on its way. Enter it below within 10 minutes."))
