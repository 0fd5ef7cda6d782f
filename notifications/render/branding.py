"""How the operator's messages look, read once in a while: a mail costs no statement for it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from notifications.models import Branding
from notifications.models.branding_rules import SHORT_NAME, at_night, check_colour, image_type, link_address
from notifications.render.text import clean
from notifications.transports.sms.segments import size

KEEP_SECONDS = 30.0
NAME, COLOUR = "CLIS", "#0f5c86"
LOGO_ID = "logo"


@dataclass(frozen=True)
class Brand:
    """``colour`` reads on white, ``night_colour`` on the dark ground. ``logo``: the bytes of an image of its type.

    ``short_name``: for texts, "" where only a long one is known. ``address``: where links begin, "" for
    ``CLIS_BASE_URL``; who makes one asks ``clis.public_address``.
    """

    name: str = NAME
    short_name: str = NAME
    colour: str = COLOUR
    night_colour: str = at_night(COLOUR)
    sender: str = ""
    reply_to: str = ""
    address: str = ""
    foot: str = ""
    logo: bytes = b""
    logo_type: str = ""

    def name_in_texts(self, language: str) -> str:
        """The short name; in English only of the alphabet that leaves room for 160 characters."""
        return self.short_name if language == "ko" or size(self.short_name).alphabet == "gsm7" else ""


_kept: tuple[float, Brand] | None = None


def brand() -> Brand:
    """The operator's, at most ``KEEP_SECONDS`` old; ours where nothing is set. One statement when it is read anew."""
    global _kept
    now = time.monotonic()
    if _kept is None or now - _kept[0] > KEEP_SECONDS:
        row = Branding.objects.filter(pk=1).first()
        _kept = (now, brand_of(row) if row else Brand())
    return _kept[1]


def forget() -> None:
    """The next message looks it up anew; other processes do within ``KEEP_SECONDS``."""
    global _kept
    _kept = None


def brand_of(row: Branding) -> Brand:
    """A row as messages use it; what the rules would not let in any more is left out."""
    logo = bytes(row.logo or b"")
    kind = image_type(logo)
    colour = row.colour or COLOUR
    try:
        check_colour(colour)
    except ValidationError:
        colour = COLOUR
    try:
        address = link_address(row.address)
    except ValidationError:
        address = ""
    name = clean(row.name, 80) or NAME
    return Brand(
        name=name,
        short_name=clean(row.short_name, SHORT_NAME) or (name if len(name) <= SHORT_NAME else ""),
        colour=colour,
        night_colour=at_night(colour),
        sender=row.sender,
        reply_to=row.reply_to,
        address=address,
        foot=clean(row.foot, 300),
        logo=logo if kind else b"",
        logo_type=kind or "",
    )
