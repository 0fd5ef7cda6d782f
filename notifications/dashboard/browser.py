"""Browser notifications: the worker that shows them, and connecting the browser in which the page is open."""

from __future__ import annotations

import json
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from clis.accounts.scoping import viewer_of
from notifications import subscribing
from notifications.dashboard.answers import answers_refusals, done, page_language
from notifications.subscribing import SubscribingError
from notifications.transports import transport_for
from notifications.transports.push import public_key

SETTINGS = "notifications:settings"


def push_key() -> str:
    """What a browser subscribes with; "" while the operator has them switched off."""
    return public_key() if transport_for("push") is not None else ""


@require_GET
@cache_control(max_age=3600)
def worker(request: HttpRequest) -> HttpResponse:
    """The script at the site's root: a worker sees the pages below its own address, and notices open any of them."""
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")


@login_required
@require_POST
@answers_refusals
def connect(request: HttpRequest) -> HttpResponse:
    """Takes the subscription that the page's script got from the browser."""
    return done(request, lambda: _connect(request), SETTINGS)


def _connect(request: HttpRequest) -> object:
    try:
        subscription = json.loads(request.POST.get("subscription", ""))
    except (ValueError, RecursionError) as error:
        raise SubscribingError(_("The browser gave no subscription. Its script did not run.")) from error
    return subscribing.connect_browser(viewer_of(request), subscription, page_language())


@cache
def _script() -> bytes:
    return (settings.BASE_DIR / "clis/static/clis/push-worker.js").read_bytes()
