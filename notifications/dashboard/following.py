"""The pages that need no account: a yes to an invitation, what is followed, and the end of it all. The signature of
the link is the key; GET asks and changes nothing, POST acts, without a session or a cookie. They speak the language of
the mail that led to them, whatever the browser's is."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications import render as links
from notifications import selectors, subscribing
from notifications.dashboard.answers import problem_of
from notifications.dashboard.forms import FollowerForm, MatrixForm
from notifications.dashboard.subscriptions import modes_of


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """POST confirms and leads to what is followed; so does a link that was confirmed by before."""
    if request.method == "POST":
        channel = subscribing.confirm_following(token)
        if channel is None:
            return _past(request, token)
        if not channel.follower:
            return _in(channel.language, request, "follow", {"done": True, "address": channel.masked})
        return redirect("notifications:following", links.following_token(channel.pk))
    asked = subscribing.invitation(token)
    if asked is None:
        return _past(request, token)
    return _in(asked.language, request, "follow", {"asked": asked})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """What is followed, and where one of it stands (``shipment``). POST ``stop``: the number of one, or ``all``; or how
    and when the mails are sent and, with ``matrix``, what they tell."""
    found = subscribing.following(token)
    if found is None:
        raise Http404
    with translation.override(found.channel.language):
        if request.method != "POST":
            return _page(request, found, FollowerForm(None, row=found.channel))
        if "stop" not in request.POST:
            return _set(request, token, found)
    if not _stop(request.POST["stop"], token):
        raise Http404
    return redirect("notifications:following", token)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail. POST ends the subscriptions.

    A mail program's one click posts ``List-Unsubscribe=One-Click`` (RFC 8058, 3.1); ``only=shipment`` ends only the
    subscription to the shipment that the mail was about, ``only=subscription`` the one because of which it was sent.
    """
    if request.method == "POST":
        only = request.POST.get("only", "")
        channel = subscribing.unsubscribe_by_token(token, only=only)
        if channel is None:
            raise Http404
        return _in(channel.language, request, "unsubscribe", {"address": channel.masked, "done": True, "only": only})
    found = subscribing.channel_of_token(token)
    if found is None:
        raise Http404
    context = {
        "found": found,
        "told": subscribing.is_told(found.channel),
        "address": found.channel.masked,
        "first": request.GET.get("only", ""),
    }
    return _in(found.channel.language, request, "unsubscribe", context)


def _in(language: str, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page in that language."""
    with translation.override(language):
        answer = render(request, f"notifications/dashboard/{name}.html", context, status=status)
    answer["Content-Language"] = language
    return answer


def _past(request: HttpRequest, token: str) -> HttpResponse:
    """A link that asks no more: to what its yes made, or why there is nothing to confirm."""
    past = subscribing.past_invitation(token)
    if past is None:
        raise Http404
    if past.follower is not None:
        return redirect("notifications:following", links.following_token(past.follower.pk))
    return _in(past.language, request, "follow", {"past": past}, status=410)


def _stop(which: str, token: str) -> bool:
    """Whether it made sense, and was done."""
    one = _number(which)
    return (one is not None or which == "all") and subscribing.stop_following(token, one)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _set(request: HttpRequest, token: str, found: subscribing.Following) -> HttpResponse:
    """Saves all that was given, or nothing and says why."""
    form = FollowerForm(request.POST, row=found.channel)
    told = MatrixForm(request.POST, channel_kind="email") if "matrix" in request.POST else None
    if told is not None and set(told.errors) - {"eta_hours"}:
        raise Http404  # No such page offers it.
    if form.is_valid() and (told is None or told.is_valid()):
        wishes = {**form.chosen(), **(told.chosen() if told else {})}
        problem = problem_of(lambda: subscribing.set_following(token, **wishes))
        if not problem:
            return redirect(reverse("notifications:following", args=[token]) + "?saved=1")
        form.add_error(None, problem)
    return _page(request, found, form, told)


def _page(
    request: HttpRequest, found: subscribing.Following, form: FollowerForm, told: MatrixForm | None = None
) -> HttpResponse:
    """With what was typed, where it was not saved."""
    wrong_hours = told is not None and "eta_hours" in told.errors
    matrix = told.chosen()["matrix"] if told is not None else found.matrix
    language = found.channel.language
    context = {
        "found": found,
        "state": subscribing.cargo_state(found, _number(request.GET.get("shipment", "")), language),
        "form": form,
        "groups": selectors.matrix_of("email", matrix, found.standing) if found.shipments else [],
        "modes": modes_of("email"),
        "eta_hours": told["eta_hours"].value() if told is not None else found.eta_hours,
        "eta_problem": _("A changed arrival is told from 1 to 720 hours.") if wrong_hours else "",
        "saved": "saved" in request.GET,
    }
    return _in(language, request, "following", context, status=400 if form.errors or wrong_hours else 200)
