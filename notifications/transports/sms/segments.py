"""How many segments a text is, and what it costs.

GSM 7-bit default alphabet and its extension table: 3GPP TS 23.038 (GSM 03.38), 6.2.1 and 6.2.1.1. A text of these
alone takes seven bits a character, 160 in one segment and 153 in each of several (the header that joins them takes
seven of 160); a character of the extension table takes two, and is not split over two segments. Any other text is
UCS-2, 16 bits a unit: 70 and 67; a character beyond the basic plane (emoji) takes two units and is not split either.
3GPP TS 23.040, 9.2.3.24.1 has the header of concatenated messages.

Korean providers do not count so: Solapi takes EUC-KR bytes, 90 for an SMS and 2,000 for an LMS, each one message.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.conf import settings

from notifications.transports.sms.numbers import calling_code

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_ALONE, GSM_JOINED = 160, 153
UCS2_ALONE, UCS2_JOINED = 70, 67
SMS_BYTES, LMS_BYTES = 90, 2_000


class Size(NamedTuple):
    """``alphabet``: ``gsm7`` or ``ucs2``; ``units``: septets, or 16-bit units; ``segments``: what is paid."""

    alphabet: str
    units: int
    segments: int


def size(text: str) -> Size:
    """The size of a text as networks count it; an empty one is one segment."""
    if all(character in _BASIC or character in _EXTENSION for character in text):
        widths = [2 if character in _EXTENSION else 1 for character in text]
        return Size("gsm7", sum(widths), _segments(widths, GSM_ALONE, GSM_JOINED))
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return Size("ucs2", sum(widths), _segments(widths, UCS2_ALONE, UCS2_JOINED))


def _segments(widths: list[int], alone: int, joined: int) -> int:
    if sum(widths) <= alone:
        return 1
    segments, left = 1, joined
    for width in widths:
        if width > left:
            segments, left = segments + 1, joined
        left -= width
    return segments


def euc_kr(text: str) -> bytes:
    """The text as a Korean carrier takes it; what EUC-KR does not have becomes a question mark."""
    return text.encode("euc_kr", "replace")


def korean_form(text: str) -> str:
    """``sms`` or ``lms``, by the length in EUC-KR."""
    return "sms" if len(euc_kr(text)) <= SMS_BYTES else "lms"


def price(number: str, segments: int, form: str = "") -> Decimal:
    """What a text to an E.164 number costs, in ``SMS_CURRENCY``, by ``SMS_PRICES``.

    A price for the form (``82/lms``) is of the whole message, one of the calling code (``82``, or ``*`` for any other)
    of a segment; nothing is known of what has no price.
    """
    prices: dict[str, Decimal] = settings.SMS_PRICES
    code = calling_code(number)
    if form and (whole := prices.get(f"{code}/{form}")) is not None:
        return whole
    return prices.get(code, prices.get("*", Decimal(0))) * segments
