"""What providers say later of texts, and what people answer to them: written down, once each.

A report that it arrived sets when; one that it failed ends the delivery with the provider's reason, unless it had
arrived or was sent again since. Either settles a text whose outcome was unknown or that is still being sent. STOP
suppresses the number for every organization and switches its channels off; START lifts that. Nothing here sends
anything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from notifications.deliver import reported
from notifications.models import Attempt, Callback, Channel, Delivery, Suppression, recipient_of
from notifications.render.text import clean
from notifications.transports.sms.numbers import NumberError, sender_number
from notifications.transports.sms.reports import Answer, Report

# CTIA's words and Twilio's default ones, and what Koreans write.
STOP = frozenset(
    ("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt out", "revoke")
    + ("수신거부", "수신 거부", "거부", "중지", "그만", "해지", "문자거부")
)
START = frozenset(("start", "unstop", "yes", "optin", "opt in", "시작", "수신", "수신동의", "재개"))
_REASON = "stop"
_OFF = "STOP"


class EarlyError(Exception):
    """A report of a text that may be one of those under way, whose number is not known yet: it is to be told again."""


def take(provider: str, told: Sequence[Report | Answer], now: datetime) -> int:
    """Writes down what was not told before; returns how much that is. Raises ``EarlyError`` once the rest is written.

    A name may hold what is no text (half a surrogate pair), which is written out in it.
    """
    named = {
        hashlib.sha256(f"{type(one).__name__} {one.name}".encode(errors="backslashreplace")).hexdigest(): one
        for one in told
    }
    with transaction.atomic():
        known = set(Callback.objects.filter(provider=provider, digest__among=named).values_list("digest", flat=True))
        new = {digest: one for digest, one in named.items() if digest not in known}
        # Asked before their numbers are looked up: a try that ends in between is known by its number then.
        under_way = Delivery.objects.filter(kind=Channel.Kind.SMS, state=Delivery.State.SENDING).exists()
        whose = {digest: _delivery_of(one) for digest, one in new.items() if isinstance(one, Report)}
        early = {digest for digest, delivery in whose.items() if delivery is None and _is_nameless(new[digest])}
        early = early if under_way else set()
        new = {digest: one for digest, one in new.items() if digest not in early}
        rows = [Callback(provider=provider, digest=digest, received_at=now) for digest in sorted(new)]
        Callback.objects.bulk_create(rows, ignore_conflicts=True)
        for digest, one in new.items():
            if isinstance(one, Answer):
                _hear(one, now)
            elif (delivery := whose[digest]) is not None:
                _note(one, delivery, now)
    if early:
        raise EarlyError
    return len(new)


def _is_nameless(told: Report | Answer) -> bool:
    """Whether it is known by the provider's number alone."""
    return isinstance(told, Report) and not told.reference


def _note(report: Report, delivery: int, now: datetime) -> None:
    named = reported.Named(delivery, clean(report.provider_id, 200))
    if report.state == "delivered":
        reported.arrived([delivery], now)
    elif report.state == "accepted":
        reported.accepted([named], now)
    else:
        reported.failed([named], clean(report.detail), now)


def _delivery_of(report: Report) -> int | None:
    """By our reference, if it is one of ours, else by the provider's number."""
    texts = Delivery.objects.filter(kind=Channel.Kind.SMS)
    if named := reported.named_by(report.reference):
        return texts.filter(pk=named).values_list("pk", flat=True).first()
    number = clean(report.provider_id)
    if not number:
        return None
    tries = Attempt.objects.filter(provider_id=number, delivery__kind=Channel.Kind.SMS)
    return tries.order_by("-pk").values_list("delivery_id", flat=True).first()


def _hear(answer: Answer, now: datetime) -> None:
    """Only a text that is nothing but the word counts: a sentence that has "end" in it is not an order."""
    word = " ".join(re.sub(r"[^\w\s]", " ", answer.text.casefold()).split())
    if word not in STOP | START:
        return
    try:
        number = sender_number(answer.number)
    except NumberError:
        return
    recipient = recipient_of(Channel.Kind.SMS, number, 0)
    channels = Channel.objects.filter(kind=Channel.Kind.SMS, address=number)
    if word in STOP:
        suppression = Suppression(
            kind=Channel.Kind.SMS,
            recipient=recipient,
            address=number,
            reason=_REASON,
            detail=clean(answer.text, 100),
            created_at=now,
        )
        Suppression.objects.bulk_create([suppression], ignore_conflicts=True)
        channels.filter(disabled_at__isnull=True).update(disabled_at=now, disabled_reason=f"{_OFF}: {word}")
    else:
        Suppression.objects.filter(
            Q(reason=_REASON), kind=Channel.Kind.SMS, recipient=recipient, lifted_at__isnull=True
        ).update(lifted_at=now)
        channels.filter(disabled_reason__startswith=f"{_OFF}:").update(disabled_at=None, disabled_reason="")
