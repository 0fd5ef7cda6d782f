"""The log: what was told to whom, why, and how every try went. Newest first, paged by number."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from clis.accounts.scoping import Viewer, visible_to
from notifications import kinds
from notifications.models import KINDS, Attempt, Channel, Delivery, Endpoint
from notifications.selectors.subscriptions import PAGE
from notifications.selectors.words import DIGEST, Why, news_text, number_of, reason_text, why_of

STATES = tuple(Delivery.State.values)
CHANNEL_KINDS = tuple(Channel.Kind.values)
# Every kind that a delivery may be of, as the log's filter offers it.
LOGGED = (*KINDS, *kinds.FEED_ONLY, DIGEST)
# So many are read by their numbers; more lie close together in the log.
FEW = 1000
# What has ended without being told: these a person may have sent again.
AGAIN = (Delivery.State.FAILED, Delivery.State.SKIPPED, Delivery.State.UNKNOWN)


@dataclass(frozen=True)
class Wanted:
    """Which deliveries: every condition that is set. ``since`` and ``until`` (aware, the second without its end) are of
    when a delivery was owed first; ``address`` is a part of an address, or of a channel's name, that the
    viewer sees in full."""

    shipment: int | None = None
    shipments: Collection[int] | None = None
    state: str | None = None
    channel_kind: str | None = None
    channel: int | None = None
    kind: str | None = None
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None
    failed: bool = False


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery as history shows it. ``address`` is masked where it is a colleague's, and where it is somebody's
    outside to who only reads.

    ``shipment_id`` and ``update_id`` are None for a digest, which tells ``gathered`` of them. ``segments`` and ``cost``
    are of all its tries. ``kind_text`` of a milestone says which. ``own``: it is the viewer's own channel, nobody
    else's. What waits behind a webhook that is paused is ``stopped``: ``held`` by a person since ``stopped_at`` until
    somebody resumes it, or ``paused`` by its failures, until ``stopped_until``. ``next_try_at``: None where none is due
    or nobody knows when.
    """

    id: int
    shipment_id: int | None
    number: str
    update_id: int | None
    kind: str
    kind_text: str
    gathered: int
    channel_id: int
    channel_kind: str
    address: str
    state: str
    state_text: str
    reason: str
    reason_text: str
    attempts: int
    segments: int
    cost: Decimal
    occurred_at: datetime | None
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None
    delivered_at: datetime | None
    time_zone: str | None
    why: Why
    again: bool
    own: bool
    stopped: str
    stopped_at: datetime | None
    stopped_until: datetime | None
    next_try_at: datetime | None


@dataclass(frozen=True)
class AttemptRow:
    """One try. What was sent and answered is empty where the address is a colleague's."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    outcome_text: str
    detail: str
    provider_id: str
    status: int | None
    request: str
    answer: str
    segments: int
    cost: Decimal

    @property
    def remark(self) -> str:
        """``detail`` without the status that stands beside it."""
        return self.detail.removeprefix(f"HTTP {self.status}").removeprefix(": ") if self.status else self.detail


def deliveries(
    viewer: Viewer, wanted: Wanted | None = None, cursor: int | None = None, limit: int = PAGE
) -> list[DeliveryRow]:
    """Who of the viewer's organization was told what, newest first, below the number ``cursor``; three statements,
    five with an address."""
    rows = _wanted(viewer, wanted or Wanted())
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor)
    return _described(viewer, rows.order_by("-pk")[:limit])


def delivery(viewer: Viewer, delivery_id: int) -> DeliveryRow | None:
    """One of them."""
    return next(iter(_described(viewer, _visible(viewer).filter(pk=delivery_id))), None)


def attempts(viewer: Viewer, delivery_id: int) -> list[AttemptRow] | None:
    """Every try of a delivery, the first first; None if the viewer may not see it. Three statements."""
    found = _visible(viewer).filter(pk=delivery_id).select_related("channel").first()
    if found is None:
        return None
    in_full = Channel.objects.in_full_to(viewer).filter(pk=found.channel_id).exists()
    return [_attempt_row(row, found.channel, in_full) for row in Attempt.objects.filter(delivery=found).order_by("pk")]


def _visible(viewer: Viewer) -> QuerySet[Delivery]:
    return visible_to(Delivery.objects.all(), viewer)


def _wanted(viewer: Viewer, wanted: Wanted) -> QuerySet[Delivery]:
    rows = _visible(viewer)
    plain: dict[str, Any] = {
        "update__shipment": wanted.shipment,
        "update__shipment__in": wanted.shipments,
        "state": wanted.state,
        "kind": wanted.channel_kind,
        "channel": wanted.channel,
        "created_at__gte": wanted.since,
        "created_at__lt": wanted.until,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value is not None})
    if wanted.failed:
        rows = rows.filter(state__in=(Delivery.State.FAILED, Delivery.State.UNKNOWN))
    if wanted.kind == DIGEST:
        rows = rows.filter(update__isnull=True)
    elif wanted.kind:
        rows = rows.filter(Q(notice=wanted.kind) | Q(notice="", update__kind=wanted.kind))
    if wanted.address:
        rows = rows.filter(_at_address(viewer, wanted.address))
    return rows


def _at_address(viewer: Viewer, text: str) -> Q:
    """Those to addresses that contain it. Two statements."""
    named = Q(address__icontains=text) | Q(name__icontains=text)
    channels = set(Channel.objects.in_full_to(viewer).filter(named).order_by().values_list("pk", flat=True))
    # By the channels' index. A database that guesses walks the whole log for the few of an address that is seldom told.
    told = Delivery.objects.filter(channel__among=channels).order_by().values_list("pk", flat=True)
    few = set(told[: FEW + 1])
    return Q(pk__among=few) if len(few) <= FEW else Q(channel__among=channels)


def _described(viewer: Viewer, rows: QuerySet[Delivery]) -> list[DeliveryRow]:
    tries = Attempt.objects.filter(delivery=OuterRef("pk")).order_by().values("delivery")
    members = Delivery.objects.filter(gathered_in=OuterRef("pk")).order_by().values("gathered_in")
    found = list(
        rows.select_related("update", "channel__organization", "channel__endpoint", "subscription__channel").annotate(
            segments=Subquery(tries.annotate(total=Sum("segments")).values("total")),
            cost=Subquery(tries.annotate(total=Sum("cost")).values("total")),
            members=Subquery(members.annotate(total=Count("pk")).values("total")),
        )
    )
    theirs = Channel.objects.filter(pk__among={row.channel_id for row in found})
    changeable = set(theirs.changeable_by(viewer).values_list("pk", flat=True))
    in_full = set(theirs.in_full_to(viewer).values_list("pk", flat=True))
    return [_row(viewer, row, row.channel_id in in_full, row.channel_id in changeable) for row in found]


def _row(viewer: Viewer, delivery: Any, in_full: bool, changeable: bool) -> DeliveryRow:
    """Of a delivery with its sums."""
    update, channel = delivery.update, delivery.channel
    data: dict[str, Any] = json.loads(update.data) if update else {}
    kind = (delivery.notice or update.kind) if update else DIGEST
    reason = _hidden(delivery.reason, channel, in_full)
    endpoint = getattr(channel, "endpoint", None)
    stopped = _stopped(delivery, endpoint, timezone.now())
    since = endpoint.held_at if endpoint and stopped == "held" else None
    until = endpoint.paused_until if endpoint and stopped == "paused" else None
    due = delivery.next_attempt_at if delivery.finished_at is None else None
    return DeliveryRow(
        id=delivery.pk,
        shipment_id=update.shipment_id if update else None,
        number=number_of(data.get("references") or (), update.shipment_id) if update else "",
        update_id=update.pk if update else None,
        kind=kind,
        kind_text=news_text(kind, data),
        gathered=delivery.members or 0,
        channel_id=delivery.channel_id,
        channel_kind=delivery.kind,
        address=channel.address if in_full else channel.masked,
        state=delivery.state,
        state_text=str(Delivery.State(delivery.state).label),
        reason=reason,
        reason_text=reason_text(reason),
        attempts=delivery.attempts,
        segments=delivery.segments or 0,
        cost=delivery.cost or Decimal(0),
        occurred_at=update.occurred_at if update else None,
        created_at=delivery.created_at,
        next_attempt_at=delivery.next_attempt_at,
        finished_at=delivery.finished_at,
        delivered_at=delivery.delivered_at,
        time_zone=data.get("time_zone"),
        why=why_of(delivery.subscription, channel.organization.name),
        again=changeable and delivery.state in AGAIN,
        own=viewer.user_id is not None and channel.user_id == viewer.user_id,
        stopped=stopped,
        stopped_at=since,
        stopped_until=until,
        next_try_at=None if stopped == "held" or due is None else max(due, until or due),
    )


def _stopped(delivery: Delivery, endpoint: Endpoint | None, now: datetime) -> str:
    """What keeps a delivery that is due waiting, as ``DeliveryRow.stopped`` has it."""
    if endpoint is None or delivery.state != Delivery.State.PENDING:
        return ""
    if endpoint.held_at is not None:
        return "held"
    return "paused" if endpoint.paused_until is not None and endpoint.paused_until > now else ""


def _attempt_row(row: Attempt, channel: Channel, in_full: bool) -> AttemptRow:
    return AttemptRow(
        id=row.pk,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        outcome_text=str(Attempt.Outcome(row.outcome).label),
        detail=_hidden(row.detail, channel, in_full),
        provider_id=row.provider_id if in_full else "",
        status=row.status,
        request=row.request if in_full else "",
        answer=row.answer if in_full else "",
        segments=row.segments,
        cost=row.cost,
    )


def _hidden(text: str, channel: Channel, in_full: bool) -> str:
    """What a provider said, without the address that it repeats."""
    return text if in_full else text.replace(channel.address, channel.masked)
