"""How long a server asks us to wait: RFC 9110, 10.2.3."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from clis.egress import Response

LONGEST_WAIT = 86_400


def retry_after(answer: Response) -> int | None:
    """Whole seconds, by a number or a date, at most a day; None where the answer says nothing that is either."""
    text = answer.headers.get("retry-after", "").strip()
    # The standard has whole seconds; chats have sent fractions.
    number = text.partition(".")[0]
    if number.isascii() and number.isdigit():
        return min(int(number[:10]), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    seconds = (until - datetime.now(UTC)).total_seconds()
    return min(max(0, int(seconds)), LONGEST_WAIT)
