"""The demo's mail and SMS, as the local sink wrote them down. Outside the demo these pages do not exist."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

SHOWN = 100
View = Callable[..., HttpResponseBase]


def only_in_the_demo(view: View) -> View:
    """404 everywhere else."""

    @wraps(view)
    @require_GET
    @never_cache
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@only_in_the_demo
@vary_on_headers("HX-Request")
def mails(request: HttpRequest) -> HttpResponse:
    """The mails, newest first."""
    return _list(request, "mail")


@only_in_the_demo
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: headers, text, and its HTML in a frame without rights."""
    return render(request, "notifications/dashboard/demo_mail.html", {"item": _read("mail", name), "nav": "demo"})


@only_in_the_demo
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]  # its types know views without arguments only
    {
        "default-src": [NONE],
        "script-src": [NONE],
        "img-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    }
)
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML of a mail for that frame: it may style itself, and nothing else."""
    html = _read("mail", name).get("html") or ""
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


@only_in_the_demo
@vary_on_headers("HX-Request")
def texts(request: HttpRequest) -> HttpResponse:
    """The texts, newest first."""
    return _list(request, "sms")


@only_in_the_demo
def text(request: HttpRequest, name: str) -> HttpResponse:
    """One text."""
    return render(request, "notifications/dashboard/demo_text.html", {"item": _read("sms", name), "nav": "demo"})


def _list(request: HttpRequest, kind: str) -> HttpResponse:
    context = {"kind": kind, "items": _newest(kind), "nav": "demo"}
    template = "_demo_list" if getattr(request, "htmx", False) else "demo_list"
    return render(request, f"notifications/dashboard/{template}.html", context)


def _newest(kind: str) -> list[dict[str, Any]]:
    folder = _folder(kind)
    names = sorted((file.stem for file in folder.glob("*.json")), reverse=True) if folder.is_dir() else []
    return [_read(kind, name) for name in names[:SHOWN]]


def _read(kind: str, name: str) -> dict[str, Any]:
    """A message by its file's name, which the route lets consist of letters, digits, ``-`` and ``_`` only."""
    try:
        found = json.loads((_folder(kind) / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Http404 from error
    return {**found, "name": name}


def _folder(kind: str) -> Path:
    return Path(settings.DEMO_OUTBOX) / kind
