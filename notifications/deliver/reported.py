"""What a provider says later of a delivery: that it was accepted, that it arrived, or that it failed after all.

A report may be quicker than the answer to the try that it is of. The delivery then ends by the report, and that answer,
whose lease is gone, changes the try alone. Members of a digest go with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from notifications import kinds, render
from notifications.deliver.settling import settle_members
from notifications.models import Delivery
from notifications.models.arrivals import recall

_REFERENCE = re.compile(r"<?(d-([0-9]{1,18})-[0-9a-f]{16})(?:@.*>?)?")
_FAILED, _SENT, _UNKNOWN = Delivery.State.FAILED, Delivery.State.SENT, Delivery.State.UNKNOWN


def named_by(reference: str) -> int | None:
    """The delivery that one of our own references, or the Message-ID made of it, is of; None if we did not make it."""
    found = _REFERENCE.fullmatch(reference)
    if found and constant_time_compare(render.reference_of(Delivery(pk=int(found[2]))), found[1]):
        return int(found[2])
    return None


def accepted(deliveries: Collection[int], now: datetime) -> None:
    """No news, but of those whose outcome was not known."""
    _end(deliveries, _SENT, "", now)
    _change(deliveries, (_UNKNOWN,), state=_SENT, reason="")


def arrived(deliveries: Collection[int], now: datetime) -> None:
    """They reached their readers, whatever was said of them before."""
    _end(deliveries, _SENT, "", now)
    _change(deliveries, (_SENT, _UNKNOWN, _FAILED), state=_SENT, reason="", delivered_at=now)


def failed(deliveries: Collection[int], reason: str, now: datetime) -> None:
    """They reached nobody, unless they had arrived."""
    _end(deliveries, _FAILED, reason, now)
    _change(deliveries, (_SENT, _UNKNOWN), state=_FAILED, reason=reason)


@transaction.atomic
def _change(deliveries: Collection[int], states: Collection[Delivery.State], **fields: Any) -> None:
    """These and their members, as far as they have not arrived. Two statements, and some for each arrival that was told
    after all."""
    whole = Q(pk__among=deliveries) | Q(gathered_in__among=deliveries)
    rows = Delivery.objects.filter(whole, state__in=states, delivered_at__isnull=True)
    told_after_all: list[int] = []
    if fields["state"] == _SENT:
        untold = rows.filter(pk__among=deliveries, state__in=(_UNKNOWN, _FAILED))
        of_arrivals = Q(notice=kinds.ETA) | Q(update__isnull=True)
        told_after_all = list(untold.filter(of_arrivals).order_by("pk").values_list("pk", flat=True))
    rows.update(**fields)
    for delivery in told_after_all:
        recall(delivery)


@transaction.atomic
def _end(deliveries: Collection[int], state: Delivery.State, reason: str, now: datetime) -> None:
    """Those that are being sent end here. One statement where there are none."""
    sending = Delivery.objects.filter(pk__among=deliveries, state=Delivery.State.SENDING)
    rows = list(sending.order_by("pk").select_for_update(no_key=True))
    if rows:
        sending.filter(pk__among=rows).update(
            state=state, lease_token="", next_attempt_at=None, finished_at=now, reason=reason
        )
        settle_members([(row, state, reason) for row in rows], now)
