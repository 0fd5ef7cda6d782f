"""After the database came back from a backup: what was owed then ends without a try.

What was due by now may have gone out after the backup was made. What falls due later cannot have, and stays owed. A
text may not be sent twice by anybody who does not know, so its outcome is unknown; all else is skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from notifications.deliver import journal
from notifications.deliver.settling import settle_members
from notifications.models import Attempt, Channel, Delivery, Letter

RESTORED = "restored"
BATCH = 1_000
_STATE = Delivery.State


def end_owed(now: datetime, gathered_until: datetime) -> Counter[str]:
    """Ends the deliveries that were due by now, and what was gathered for digests by the time that is given.

    Gives how many ended in which state. At most nine statements and one transaction a batch.
    """
    owed = Delivery.objects.filter(
        Q(state=_STATE.SENDING)
        | Q(state=_STATE.PENDING, next_attempt_at__lte=now)
        # The members of a digest that is owed end with it.
        | Q(state=_STATE.GATHERED, gathered_in__isnull=True, digest_at__lte=gathered_until)
    ).order_by("pk")
    ended: Counter[str] = Counter()
    while rows := list(owed.only("pk", "kind", "state", "update_id", "notice", "delivered_at")[:BATCH]):
        ended += _end(rows, now)
    return ended


def end_letters(now: datetime) -> int:
    """Ends the letters that were due or being sent; gives how many. One statement a batch."""
    owed = Letter.objects.filter(next_attempt_at__isnull=False).exclude(lease_token="", next_attempt_at__gt=now)
    ended = 0
    while number := Letter.objects.filter(pk__in=owed.order_by("pk").values("pk")[:BATCH]).update(
        next_attempt_at=None, lease_token="", reason=RESTORED
    ):
        ended += number
    return ended


def discard_notes() -> int:
    """Removes what senders of before noted of what they had in hand: those leases are not this database's."""
    return sum(1 for _ in journal.left_behind())


@transaction.atomic
def _end(rows: Sequence[Delivery], now: datetime) -> Counter[str]:
    """What arrived before it was owed again is sent, as it was."""
    texts = [row for row in rows if row.kind == Channel.Kind.SMS and row.state != _STATE.GATHERED]
    arrived = [row for row in rows if row.delivered_at is not None and row not in texts]
    skipped = [row for row in rows if row not in texts and row not in arrived]
    free = {"lease_token": "", "next_attempt_at": None}
    _among(arrived).update(state=_STATE.SENT, finished_at=F("delivered_at"), reason="", **free)
    ended = Counter({str(_STATE.SENT): len(arrived)})
    for state, those in ((_STATE.UNKNOWN, texts), (_STATE.SKIPPED, skipped)):
        digests = [row for row in those if row.update_id is None]
        members = Delivery.objects.filter(gathered_in__among=digests, state=_STATE.GATHERED)
        ended[str(state)] += len(those) + (members.count() if digests else 0)
        _among(those).update(state=state, finished_at=now, reason=RESTORED, **free)
        settle_members([(row, state, RESTORED) for row in those], now)
    Attempt.objects.filter(delivery__among=rows, finished_at__isnull=True).update(
        finished_at=now, outcome=Attempt.Outcome.UNKNOWN, detail=RESTORED
    )
    return ended


def _among(rows: Sequence[Delivery]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__among=rows)
