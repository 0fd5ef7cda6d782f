"""How long waits what our own relay or provider cannot take now: it is out of reach, or refuses our account.

That is no fault of the reader's nor of the message's, and says nothing of the next try, so it costs none: what is owed
is kept until the operator has mended it, and is tried ever more seldom.
"""

from __future__ import annotations

from datetime import datetime, timedelta

# A weekend with a holiday at either end is over by then. RFC 5321, 4.5.4.1 lets no sender of mail give up before four
# or five days.
KEPT_FOR = timedelta(days=5)
# The wait is this part of its age: soon for what is new, and some 160 tries in all.
_PART = 10
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)


def wait_for_ours(owed_at: datetime, now: datetime) -> timedelta | None:
    """Until the next try of what is owed since then; None if it was kept long enough, and its tries count again."""
    age = now - owed_at
    if age >= KEPT_FOR:
        return None
    return min(max(age / _PART, _SHORTEST), _LONGEST)
