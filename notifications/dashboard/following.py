"""The pages that need no account: a yes to an invitation, what is followed, and the end of it all. The signature of
the link is the key; GET asks and changes nothing, POST acts, without a session or a cookie."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications import render as links
from notifications import selectors, subscribing
from notifications.dashboard.forms import LANGUAGES, MatrixForm
from notifications.dashboard.subscriptions import modes_of
from notifications.subscribing import SubscribingError


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """POST confirms and leads to what is followed."""
    if request.method == "POST":
        channel = subscribing.confirm_following(token)
        if channel is None:
            raise Http404
        if not channel.follower:
            return render(request, "notifications/dashboard/follow.html", {"done": True, "address": channel.masked})
        return redirect("notifications:following", links.following_token(channel.pk))
    asked = subscribing.invitation(token)
    if asked is None:
        raise Http404
    return render(request, "notifications/dashboard/follow.html", {"asked": asked})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """What is followed. POST ``stop``: the number of one, or ``all``; or ``language`` and, with ``matrix``, the kinds:
    how the mails are written and what they tell."""
    if request.method == "POST":
        if not _act(request, token):
            raise Http404
        saved = "" if "stop" in request.POST else "?saved=1"
        return redirect(reverse("notifications:following", args=[token]) + saved)
    found = subscribing.following(token)
    if found is None:
        raise Http404
    context = {
        "found": found,
        "languages": LANGUAGES,
        "groups": selectors.matrix_of("email", found.matrix, found.standing) if found.shipments else [],
        "modes": modes_of("email"),
        "saved": "saved" in request.GET,
    }
    return render(request, "notifications/dashboard/following.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail. POST ends the subscriptions.

    A mail program's one click posts ``List-Unsubscribe=One-Click`` (RFC 8058, 3.1); ``only=shipment`` ends only the
    subscription to the shipment that the mail was about, ``only=subscription`` the one because of which it was sent.
    """
    if request.method == "POST":
        channel = subscribing.unsubscribe_by_token(token, only=request.POST.get("only", ""))
        if channel is None:
            raise Http404
        return render(request, "notifications/dashboard/unsubscribe.html", {"address": channel.masked, "done": True})
    found = subscribing.channel_of_token(token)
    if found is None:
        raise Http404
    context = {"address": found[0].masked, "done": False, "shipment": found[1], "first": request.GET.get("only", "")}
    return render(request, "notifications/dashboard/unsubscribe.html", context)


def _act(request: HttpRequest, token: str) -> bool:
    """Whether it made sense, and was done."""
    given = request.POST
    if "stop" in given:
        which = given["stop"]
        one = int(which) if which.isascii() and which.isdigit() and len(which) <= 18 else None
        return (one is not None or which == "all") and subscribing.stop_following(token, one)
    form = MatrixForm(given, channel_kind="email", with_eta=False)
    if "language" not in given or not form.is_valid():
        return False
    matrix = form.chosen()["matrix"] if "matrix" in given else None
    try:
        return subscribing.set_following(token, matrix, language=given["language"])
    except SubscribingError:
        return False
