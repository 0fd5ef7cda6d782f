"""Sends the letters that the system owes (``Letter``): a claim, a try each, and what came of it.

As with deliveries a claim is a lease with a token, and a try is counted before it is made, so a worker may die
anywhere: what it had in hand is sent when the lease ends, with the same Message-ID; at most one is doubled a death. A
letter that may not be sent any more ends with the reason, and so does one that failed for good, which is logged.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from clis.public_address import public_address
from notifications.deliver.waiting import wait_for_ours
from notifications.models import Channel, Letter, Suppression, recipient_of
from notifications.render import brand
from notifications.transports import transport_for
from notifications.transports.base import Message, PermanentError, Sender, UnreachableError

logger = logging.getLogger(__name__)

# The wait before the second try, the third, and so on; after the last one a letter has failed.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600))
TRIES = len(BACK_OFF) + 1
OUT_OF_REACH = timedelta(minutes=1)
# A try may last minutes where a server is slow, so none begins in the second half of the lease: what was claimed and is
# not tried by then goes back and is claimed anew.
CLAIM, LEASE = 10, timedelta(minutes=10)


def drain_letters(now: datetime) -> int:
    """Sends what is owed by now; returns the number of tries. One statement while nothing is.

    A mail server out of reach ends it for this time, at no cost of a try: what else was claimed waits a minute.
    """
    tries = 0
    while claimed := _claim(now):
        unwanted = _suppressed(claimed)
        transport = transport_for(Channel.Kind.EMAIL)
        assert transport is not None
        with transport.open() as sender:
            for number, letter in enumerate(claimed):
                if reason := _refusal(letter, unwanted):
                    _end(letter, reason)
                    continue
                if _is_late(letter):
                    _give_back(claimed[number:], now)
                    break
                tries += 1
                if not _try(sender, letter):
                    _give_back(claimed[number + 1 :], timezone.now() + OUT_OF_REACH)
                    return tries
    return tries


def _claim(now: datetime) -> list[Letter]:
    """The oldest that are owed, now ours until the lease ends. A lapsed lease is owed like any other."""
    token = secrets.token_hex(16)
    owed = Letter.objects.filter(next_attempt_at__lte=now)
    oldest = owed.order_by("next_attempt_at", "pk").values("pk")[:CLAIM]
    # The condition stands twice: another worker may have taken a row between the choice and the update.
    if not owed.filter(pk__in=oldest).update(
        lease_token=token, next_attempt_at=timezone.now() + LEASE, attempts=F("attempts") + 1
    ):
        return []
    return list(Letter.objects.filter(lease_token=token).select_related("user").order_by("pk"))


def _suppressed(claimed: Sequence[Letter]) -> set[str]:
    return set(
        Suppression.objects.filter(
            kind=Channel.Kind.EMAIL, recipient__in={_recipient(letter) for letter in claimed}, lifted_at__isnull=True
        ).values_list("recipient", flat=True)
    )


def _recipient(letter: Letter) -> str:
    return recipient_of(Channel.Kind.EMAIL, letter.address, 0)


def _refusal(letter: Letter, unwanted: set[str]) -> str:
    if letter.attempts > TRIES:
        return "interrupted"
    if letter.user is not None and not letter.user.is_active:
        return "no_access"
    return "suppressed" if _recipient(letter) in unwanted else ""


def _try(sender: Sender, letter: Letter) -> bool:
    """Whether the server can be reached."""
    try:
        sender.send(_message(letter))
    except UnreachableError as error:
        _wait(letter, error)
        return False
    except PermanentError as error:
        _end(letter, str(error), failed=True)
    except Exception as error:
        # Whatever it is, the others must be sent, and this one has its tries.
        _wait(letter, error)
    else:
        _write(letter, next_attempt_at=None, sent_at=timezone.now(), reason="")
    return True


def _message(letter: Letter) -> Message:
    look = brand()
    text = f"{letter.text.rstrip()}\n{public_address()}{letter.page}\n" if letter.page else letter.text
    return Message(
        letter.address,
        text,
        letter.reference,
        subject=letter.subject,
        language=letter.language,
        sender=look.sender,
        reply_to=look.reply_to,
    )


def _wait(letter: Letter, error: Exception) -> None:
    now, said = timezone.now(), _cut(str(error))
    if isinstance(error, UnreachableError) and (kept := wait_for_ours(letter.created_at, now)):
        _write(letter, next_attempt_at=now + kept, attempts=letter.attempts - 1, reason=said)
    elif letter.attempts >= TRIES:
        _end(letter, str(error), failed=True)
    else:
        _write(letter, next_attempt_at=now + BACK_OFF[letter.attempts - 1], reason=said)


def _end(letter: Letter, reason: str, failed: bool = False) -> None:
    _write(letter, next_attempt_at=None, reason=_cut(reason))
    log = logger.error if failed else logger.warning
    log("letter %s is not sent: %s", letter.reference, reason)


def _is_late(letter: Letter) -> bool:
    """Whether half of its lease is over."""
    return letter.next_attempt_at is None or letter.next_attempt_at - timezone.now() < LEASE / 2


def _give_back(letters: Sequence[Letter], until: datetime) -> None:
    for letter in letters:
        _write(letter, next_attempt_at=until, attempts=letter.attempts - 1)


def _write(letter: Letter, **fields: object) -> None:
    """Only while the lease is ours."""
    Letter.objects.filter(pk=letter.pk, lease_token=letter.lease_token).update(lease_token="", **fields)


def _cut(text: str) -> str:
    return text.replace("\x00", "")[:200]
