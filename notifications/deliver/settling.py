"""What follows from the end of a delivery: members of a digest end with it, and what readers know is written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from notifications import kinds
from notifications.models import Delivery, EstimateTold

_TOLD = (Delivery.State.SENT, Delivery.State.UNKNOWN)


def leave_out(reasons: Mapping[Delivery, str]) -> list[Delivery]:
    """The members of a digest that are told in it; those with a reason end here, one statement a reason."""
    by_reason: dict[str, list[int]] = {}
    for member, reason in reasons.items():
        if reason:
            by_reason.setdefault(reason, []).append(member.pk)
    for reason, members in sorted(by_reason.items()):
        Delivery.objects.filter(pk__in=members, state=Delivery.State.GATHERED).update(
            state=Delivery.State.SKIPPED, finished_at=timezone.now(), reason=reason
        )
    return [member for member, reason in reasons.items() if not reason]


def settle_members(ended: Iterable[tuple[Delivery, str, str]], now: datetime) -> None:
    """For deliveries that ended with (state, reason), in the transaction in which they did.

    Members of digests end with them. The arrivals that were told, or may have been, are what their readers know from
    now on. Two statements for each state of digests, and two for arrivals.
    """
    rows = list(ended)
    by_end: dict[tuple[str, str], list[int]] = {}
    for delivery, state, reason in rows:
        if delivery.update_id is None:
            by_end.setdefault((state, reason), []).append(delivery.pk)
    told = [delivery.pk for delivery, state, _ in rows if state in _TOLD and delivery.notice == kinds.ETA]
    digests = [pk for (state, _), members in by_end.items() if state in _TOLD for pk in members]
    for (state, reason), members in sorted(by_end.items()):
        Delivery.objects.filter(gathered_in__in=members, state=Delivery.State.GATHERED).update(
            state=state, reason=reason, finished_at=now
        )
    if told or digests:
        _note_arrivals(told, digests)


def _note_arrivals(told: Sequence[int], digests: Sequence[int]) -> None:
    rows = Delivery.objects.filter(
        Q(pk__in=told) | Q(gathered_in__in=digests, state__in=_TOLD),
        notice=kinds.ETA,
        update__occurred_at__isnull=False,
    )
    known = {
        (channel, shipment): at
        for channel, shipment, at in rows.order_by("pk").values_list(
            "channel_id", "update__shipment_id", "update__occurred_at"
        )
    }
    EstimateTold.objects.bulk_create(
        [
            EstimateTold(channel_id=channel, shipment_id=shipment, arrival_at=at)
            for (channel, shipment), at in sorted(known.items())
            if at is not None
        ],
        update_conflicts=True,
        unique_fields=["channel", "shipment"],
        update_fields=["arrival_at"],
    )
