"""What providers say later of texts, and what people answer to them: written down, once each.

A report that it arrived sets when; one that it failed ends the delivery with the provider's reason, unless it had
arrived. Either settles a text whose outcome was unknown. STOP suppresses the number for every organization and switches
its channels off; START lifts that. Nothing here sends anything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from notifications import render
from notifications.models import Attempt, Callback, Channel, Delivery, Suppression, recipient_of
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
_REFERENCE = re.compile(r"d-([0-9]{1,18})-[0-9a-f]{16}")
_SENT = (Delivery.State.SENT, Delivery.State.UNKNOWN)


def take(provider: str, told: Sequence[Report | Answer], now: datetime) -> int:
    """Writes down what was not told before; returns how much that is."""
    named = {hashlib.sha256(f"{type(one).__name__} {one.name}".encode()).hexdigest(): one for one in told}
    with transaction.atomic():
        known = Callback.objects.filter(provider=provider, digest__in=named).values_list("digest", flat=True)
        new = {digest: one for digest, one in named.items() if digest not in set(known)}
        rows = [Callback(provider=provider, digest=digest, received_at=now) for digest in sorted(new)]
        Callback.objects.bulk_create(rows, ignore_conflicts=True)
        for one in new.values():
            if isinstance(one, Report):
                _note(one, now)
            else:
                _hear(one, now)
    return len(new)


def _note(report: Report, now: datetime) -> None:
    delivery = _delivery_of(report)
    if delivery is None or report.state == "accepted":
        # Accepted is what was known, but of one whose outcome was not.
        if delivery is not None:
            Delivery.objects.filter(pk=delivery, state=Delivery.State.UNKNOWN).update(
                state=Delivery.State.SENT, reason=""
            )
        return
    of_it = Delivery.objects.filter(pk=delivery, kind=Channel.Kind.SMS, delivered_at__isnull=True)
    if report.state == "delivered":
        of_it.filter(state__in=(*_SENT, Delivery.State.FAILED)).update(
            state=Delivery.State.SENT, delivered_at=now, reason=""
        )
    else:
        of_it.filter(state__in=_SENT).update(state=Delivery.State.FAILED, reason=report.detail[:200])


def _delivery_of(report: Report) -> int | None:
    """By our reference, if it is one of ours, else by the provider's number."""
    if found := _REFERENCE.fullmatch(report.reference):
        number = int(found[1])
        if constant_time_compare(render.reference_of(Delivery(pk=number)), report.reference):
            return number
    if not report.provider_id:
        return None
    tries = Attempt.objects.filter(provider_id=report.provider_id, delivery__kind=Channel.Kind.SMS)
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
            detail=answer.text[:100],
            created_at=now,
        )
        Suppression.objects.bulk_create([suppression], ignore_conflicts=True)
        channels.filter(disabled_at__isnull=True).update(disabled_at=now, disabled_reason=f"{_OFF}: {word}")
    else:
        Suppression.objects.filter(
            Q(reason=_REASON), kind=Channel.Kind.SMS, recipient=recipient, lifted_at__isnull=True
        ).update(lifted_at=now)
        channels.filter(disabled_reason__startswith=f"{_OFF}:").update(disabled_at=None, disabled_reason="")
