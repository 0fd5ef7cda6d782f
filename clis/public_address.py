"""The address at which links to our pages begin where they are read elsewhere: in mails, texts, chats and calendars.

It is ``CLIS_BASE_URL`` unless the operator set one of its own in the admin. Who keeps that one stands above many who
ask for it, so at the start it says here how to ask.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

_ask: Callable[[], str] | None = None


def register(ask: Callable[[], str]) -> None:
    """``ask`` gives the operator's own address without a slash at its end, or "" where there is none."""
    global _ask
    _ask = ask


def operators_address() -> str:
    """The one set in the admin, as ``https://track.example.com``; "" where none is."""
    return _ask() if _ask else ""


def public_address() -> str:
    """The operator's own, else ``CLIS_BASE_URL``; without a slash at its end."""
    return operators_address() or str(settings.BASE_URL)
