"""Owing something again that ended without being told."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clis.accounts.scoping import Viewer, visible_to
from notifications.models import Channel, Delivery, apart
from notifications.models.arrivals import recall
from notifications.subscribing.access import ForbiddenError, NotFoundError, SubscribingError

_AGAIN = (Delivery.State.FAILED, Delivery.State.SKIPPED, Delivery.State.UNKNOWN)


def redeliver(viewer: Viewer, delivery_id: int) -> None:
    """Owes a delivery again that failed, was skipped, or whose outcome nobody knows: a person has looked into it.

    It is sent only if it is still true and still wanted, like any other; a digest with those of its members that are.
    What it told of an arrival counts as not told.
    """
    again = Delivery.objects.filter(pk=delivery_id, channel__in=Channel.objects.changeable_by(viewer), state__in=_AGAIN)
    now = timezone.now()
    try:
        with transaction.atomic():
            _stand_for_its_address(again)
            done = again.update(
                state=Delivery.State.PENDING,
                attempts=0,
                next_attempt_at=now,
                finished_at=None,
                reason="",
                gathered_in=None,
            )
            if done:
                members = Delivery.objects.filter(gathered_in=delivery_id, state__in=_AGAIN)
                handed_on = [
                    apart(channel)
                    for channel in Delivery.objects.filter(pk=delivery_id).values_list("channel", flat=True)
                ]
                members.exclude(recipient__in=handed_on).update(
                    state=Delivery.State.GATHERED, finished_at=None, reason=""
                )
                recall(delivery_id)
    except IntegrityError as error:  # Told meanwhile: as another source has it, or by another channel of the address.
        raise SubscribingError(_("It was sent, or is about to be."), "not_ended") from error
    if done:
        return
    if Delivery.objects.filter(pk=delivery_id, channel__in=Channel.objects.changeable_by(viewer)).exists():
        raise SubscribingError(_("It was sent, or is about to be."), "not_ended")
    seen = visible_to(Delivery.objects.filter(pk=delivery_id), viewer).exists()
    raise ForbiddenError if seen and not viewer.is_staff else NotFoundError


def _stand_for_its_address(again: QuerySet[Delivery]) -> None:
    """What was handed on to another channel of its address is told by this one again, unless that one has it."""
    for row in again.select_related("channel"):
        if row.recipient == apart(row.channel_id):
            Delivery.objects.filter(pk=row.pk).update(recipient=row.channel.recipient)
