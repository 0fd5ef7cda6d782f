"""What the operator may set about the look of messages, and why not. Plain functions; colours by WCAG 2.2."""

from __future__ import annotations

import re
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http.request import validate_host
from django.utils.translation import gettext as _

LOGO_BYTES = 100_000
# Of the name in texts, where each character costs.
SHORT_NAME = 11
# Contrast of text (1.4.3).
READABLE = 4.5
WHITE, NIGHT = "#ffffff", "#1b242d"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"(https?)://({_LABEL}(?:\.{_LABEL})*)(?::([0-9]{{1,5}}))?/?")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_MAGIC = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours ``#rrggbb``, from 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def at_night(colour: str) -> str:
    """The same colour as light as it must be to be read on the dark ground: mixed with white, no more than needed."""
    for part in range(21):
        mixed = "#" + "".join(f"{round(value + (255 - value) * part / 20):02x}" for value in _rgb(colour))
        if contrast(mixed, NIGHT) >= READABLE:
            return mixed
    return WHITE


def check_colour(colour: str) -> None:
    """Raises ``ValidationError`` for what is no colour or cannot be read on white, or with white on it."""
    if not _HEX.fullmatch(colour):
        raise ValidationError(_("A colour is # and six hexadecimal digits, as #0f5c86."))
    found = contrast(colour, WHITE)
    if found < READABLE:
        raise ValidationError(
            _("White on this colour cannot be read: its contrast is %(found)s, and 4.5 is needed. Take a darker one.")
            % {"found": f"{found:.1f}"}
        )


def image_type(data: bytes) -> str | None:
    """``png`` or ``jpeg`` by the first bytes of a file, whatever its name says; None for anything else."""
    return next((name for magic, name in _MAGIC.items() if data.startswith(magic)), None)


def check_logo(data: bytes) -> None:
    """Raises ``ValidationError`` for what is no PNG or JPEG, or too large to go with every mail."""
    if len(data) > LOGO_BYTES:
        raise ValidationError(_("The logo has more than 100 kB."))
    if image_type(data) is None:
        raise ValidationError(_("The logo is a PNG or a JPEG."))


def check_address(text: str) -> None:
    """Raises ``ValidationError`` for what is not one address, with or without a name before it."""
    _name, address = parseaddr(text)
    if any(ord(character) < 32 for character in text) or not address or text.count("@") != 1:
        raise ValidationError(_("Write one address, as CLIS <notices@example.com>."))
    validate_email(address)


def link_address(text: str) -> str:
    """Where links may begin, in its one form: ``https://track.example.com``, in small letters, no slash at its end.

    Raises ``ValidationError`` for more than scheme, host and port, for http (unless ``DEBUG``), and for a host that
    ``ALLOWED_HOSTS`` does not name: every such link would be answered 400.
    """
    found = _ADDRESS.fullmatch(text.lower())
    if found is None or int(found[3] or 443) not in range(1, 65_536):
        raise ValidationError(
            _("Write the address as https://track.example.com: no user name, no path and nothing behind it.")
        )
    if found[1] != "https" and not settings.DEBUG:
        raise ValidationError(_("Links in messages begin with https."))
    if not validate_host(found[2], settings.ALLOWED_HOSTS):
        raise ValidationError(
            _("CLIS_ALLOWED_HOSTS does not name %(host)s: every link would be refused.") % {"host": found[2]}
        )
    return found[0].rstrip("/")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _rgb(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
