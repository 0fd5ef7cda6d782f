"""Shipments that are told of by a subscription to many, and how one of them is left out.

To end the channel's own subscription to a shipment is not enough there. Instead it has one that says off to
everything, what later versions will tell included: a mute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from cargo.models import Party
from cargo.selectors import saved_filters
from clis.accounts.scoping import Viewer
from notifications import kinds
from notifications.models import Channel, Subscription
from notifications.subscribing.access import channel_of
from notifications.subscribing.subscriptions import check_number

# Shipment -> what an organization is to it.
_Roles = Mapping[int, set[str]]


class Wider(NamedTuple):
    """A subscription to many shipments that tells of the one; to all of them it has no ``label``."""

    subscription_id: int
    label: str


def wider(viewer: Viewer, channel_ids: Collection[int], shipment_ids: Collection[int]) -> dict[tuple[int, int], Wider]:
    """(channel, shipment) -> what tells of it beside a subscription of its own, now; only of the viewer's own channels.

    Two statements, and one for each hundred filters.
    """
    channels = Channel.objects.changeable_by(viewer).filter(pk__in=set(channel_ids), follower=False)
    live = Subscription.objects.filter(channel__in=channels, shipment__isnull=True, ended_at__isnull=True)
    rows = list(live.select_related("channel").order_by("label", "pk"))  # the one to all is first
    if not rows:
        return {}
    roles: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    theirs = Party.objects.filter(
        shipment__in=set(shipment_ids), organization__in={row.channel.organization_id for row in rows}
    )
    for organization, shipment, role in theirs.values_list("organization_id", "shipment_id", "role"):
        roles[organization][shipment].add(role)
    chosen = _chosen(rows, roles)
    found: dict[tuple[int, int], Wider] = {}
    for row in rows:
        for shipment, parts in roles.get(row.channel.organization_id, {}).items():
            by_role = not row.roles or parts & set(row.roles)
            if by_role and (not row.filter or shipment in chosen.get(row.pk, ())):
                found.setdefault((row.channel_id, shipment), Wider(row.pk, row.label))
    return found


def stop_many(viewer: Viewer, channel_id: int, shipment_ids: Collection[int]) -> int:
    """From now on the channel is not told of these: what it has of its own ends, and what is told by a subscription to
    many is muted. Gives of how many it was told till now; the statements are the same for any number.
    """
    check_number(shipment_ids)
    channel = channel_of(viewer, channel_id)
    covered = {shipment for _, shipment in wider(viewer, [channel.pk], shipment_ids)}
    live = Subscription.objects.filter(channel=channel, shipment__in=set(shipment_ids), ended_at__isnull=True)
    muted, told = set(), {}
    for pk, shipment, matrix in live.values_list("pk", "shipment_id", "matrix"):
        if kinds.is_mute(channel.kind, matrix):
            muted.add(shipment)
        else:
            told[pk] = shipment
    now, silence = timezone.now(), kinds.mute(channel.kind)
    with transaction.atomic():
        Subscription.objects.filter(pk__in=told).update(ended_at=now)
        Subscription.objects.bulk_create(
            [
                Subscription(channel=channel, shipment_id=one, matrix=silence, created_at=now)
                for one in sorted(covered - muted)
            ],
            ignore_conflicts=True,
        )
    return len({*told.values(), *(covered - muted)})


def _chosen(rows: Sequence[Subscription], roles: Mapping[int, _Roles]) -> dict[int, set[int]]:
    """Subscription with a filter -> the shipments that it chooses; none where the list no longer has such a filter."""
    asked = []
    for row in rows:
        if row.filter and row.channel.organization_id in roles:
            try:
                saved_filters.check(row.filter)
            except ValueError:
                continue
            asked.append(row)
    found = saved_filters.matching([(row.channel.organization_id, row.filter) for row in asked], roles)
    return {row.pk: among for row, among in zip(asked, found, strict=True)}
