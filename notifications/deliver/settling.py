"""What follows from the end of a delivery: members of a digest end with it, what readers know is written down, and an
address that does not exist is not written to again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from notifications import kinds
from notifications.models import Channel, Delivery, Suppression
from notifications.models.arrivals import know
from notifications.models.handing_on import OF_THE_CHANNEL, hand_on
from notifications.render.text import clean

BOUNCE = "bounce"
SENT = Delivery.State.SENT
# Of the recipient's address: no such mailbox, no such host, bad syntax, moved, no host that takes mail (RFC 3463, 3.2;
# RFC 7505). The others of 5.1 are also said of the sender's, which is no reason to give up all who are written to.
_NO_SUCH_ADDRESS = re.compile(r"5\d\d[ -]5\.1\.(?:1|2|3|6|10)(?![.\d])")


def leave_out(reasons: Mapping[Delivery, str]) -> list[Delivery]:
    """The members of a digest that are told in it; those with a reason end here, one statement a reason, and where it
    is one of their channel, others of its address may be told."""
    by_reason: dict[str, list[int]] = {}
    for member, reason in reasons.items():
        if reason:
            by_reason.setdefault(reason, []).append(member.pk)
    for reason, members in sorted(by_reason.items()):
        with transaction.atomic():
            Delivery.objects.filter(pk__in=members, state=Delivery.State.GATHERED).update(
                state=Delivery.State.SKIPPED, finished_at=timezone.now(), reason=reason
            )
            if reason in OF_THE_CHANNEL:
                hand_on(members)
    return [member for member, reason in reasons.items() if not reason]


def settle_members(ended: Iterable[tuple[Delivery, str, str]], now: datetime) -> None:
    """For deliveries that ended with (state, reason), in the transaction in which they did.

    Members of digests end with them. The arrivals that were told are what their readers know from now on; of one that
    may have been, nobody knows that. Two statements for each state of digests, and two for arrivals.
    """
    rows = list(ended)
    by_end: dict[tuple[str, str], list[int]] = {}
    for delivery, state, reason in rows:
        if delivery.update_id is None:
            by_end.setdefault((state, reason), []).append(delivery.pk)
    told = [delivery.pk for delivery, state, _ in rows if state == SENT and delivery.notice == kinds.ETA]
    digests = [pk for (state, _), members in by_end.items() if state == SENT for pk in members]
    for (state, reason), members in sorted(by_end.items()):
        Delivery.objects.filter(gathered_in__in=members, state=Delivery.State.GATHERED).update(
            state=state, reason=reason, finished_at=now
        )
    if told or digests:
        _note_arrivals(told, digests)


def _note_arrivals(told: Sequence[int], digests: Sequence[int]) -> None:
    rows = Delivery.objects.filter(
        Q(pk__in=told) | Q(gathered_in__in=digests, state=SENT),
        notice=kinds.ETA,
        update__occurred_at__isnull=False,
    )
    told_of = rows.order_by("pk").values_list("channel_id", "update__shipment_id", "update__occurred_at")
    know({(channel, shipment): at for channel, shipment, at in told_of if at is not None})


def suppress_refused(refused: Iterable[tuple[Delivery, str]], now: datetime) -> None:
    """For deliveries whose address was refused in these words, in the transaction in which they end: a mail server that
    says that there is no such address is a hard bounce. Three statements; none where no mail was refused so.
    """
    wanted = {
        delivery.channel.recipient: Suppression(
            kind=Channel.Kind.EMAIL,
            recipient=delivery.channel.recipient,
            address=delivery.channel.address,
            reason=BOUNCE,
            detail=clean(said, 500),
            created_at=now,
        )
        for delivery, said in refused
        if delivery.kind == Channel.Kind.EMAIL and _NO_SUCH_ADDRESS.match(said)
    }
    suppress_mail(wanted, now)


def suppress_mail(wanted: Mapping[str, Suppression], now: datetime) -> None:
    """Writes down which addresses get no more mail, by recipient, and switches off every channel of theirs, whoever
    entered it and however it is spelled. A code that proves the address anew lifts it (``subscribing.verify``), and of
    bounces staff (``mail_callbacks.lift_bounces``).
    """
    if not wanted:
        return
    Suppression.objects.bulk_create([wanted[recipient] for recipient in sorted(wanted)], ignore_conflicts=True)
    named = {suppression.address.lower() for suppression in wanted.values()}
    alike_spelled = Channel.objects.annotate(spelled=Lower("address")).filter(spelled__among=named)
    channels = alike_spelled.filter(kind=Channel.Kind.EMAIL, disabled_at__isnull=True)
    on = list(channels.values_list("pk", "address"))
    for reason in sorted({suppression.reason for suppression in wanted.values()}):
        of_reason = {row.address.casefold() for row in wanted.values() if row.reason == reason}
        alike = sorted(pk for pk, address in on if address.casefold() in of_reason)
        if alike:
            Channel.objects.filter(pk__among=alike).update(disabled_at=now, disabled_reason=reason)
