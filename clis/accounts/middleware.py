"""The language and the time zone of whoever asks, for the length of one request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from clis.accounts.scoping import viewer_of


class PersonMiddleware:
    """Activates what a signed-in person chose; everybody else keeps Accept-Language or the cookie.

    ``request.viewer`` is worked out only when something reads it. Without a session cookie no query is made.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(partial(viewer_of, request))  # type: ignore[attr-defined]
        user = request.user
        if user.is_authenticated:
            if translation.check_for_language(user.language):
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language()
            zone = zone_of(user.time_zone)
            if zone is not None:
                timezone.activate(zone)
        try:
            return self.get_response(request)
        finally:
            # Threads serve one person after another; a zone left active would show the next one wrong times.
            timezone.deactivate()


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of that IANA name, or None: a zone that was renamed must not lock a person out."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
