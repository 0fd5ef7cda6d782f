"""Who wants to hear of what: live subscriptions, and their matrix."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clis.accounts.scoping import Viewer, visible_to
from notifications import kinds
from notifications.models import Channel, Subscription
from notifications.selectors.filters import filter_text
from notifications.selectors.words import ROLES, kind_text, mode_text, number_of, why_code

PAGE = 50
PAGE_MAX = 200


@dataclass(frozen=True)
class SubscriptionRow:
    """A live subscription; without a shipment it is to all of the organization's, or to those that it chooses.

    ``code`` as in ``Why``; ``about`` says in words what it is to. ``kinds`` are those that it says to tell at once.
    ``owner``: whose the channel is by name, empty for the organization's.
    ``muted``: it keeps its one shipment out of what others tell. ``standing``: what the organization is to its
    shipment, or would be to one that it registers, as defaults go by it.
    """

    id: int
    channel_id: int
    channel_kind: str
    address: str
    owner: str
    shipment_id: int | None
    number: str
    code: str
    about: str
    label: str
    filter: Mapping[str, Any]
    roles: Sequence[str]
    standing: frozenset[str]
    matrix: Mapping[str, str]
    muted: bool
    kinds: Sequence[str]
    eta_hours: int
    created_at: datetime
    changeable: bool


@dataclass(frozen=True)
class MatrixRow:
    """One kind of news: what its owner chose (empty: nothing), what goes without a choice, and what holds."""

    kind: str
    text: str
    critical: bool
    chosen: str
    default: str
    default_text: str
    effective: str
    effective_text: str


@dataclass(frozen=True)
class MatrixGroup:
    """The kinds of one group; ``now`` of them are told at once. ``own``: somebody chose in it."""

    code: str
    text: str
    rows: Sequence[MatrixRow]
    now: int
    own: bool


def subscriptions(
    viewer: Viewer,
    shipment_id: int | None = None,
    cursor: int | None = None,
    limit: int = PAGE,
    channel_id: int | None = None,
) -> list[SubscriptionRow]:
    """Live subscriptions of the channels that the viewer sees, newest first, below the number ``cursor``.

    Four statements.
    """
    rows = _seen(viewer)
    if shipment_id is not None:
        rows = rows.filter(shipment=shipment_id)
    if channel_id is not None:
        rows = rows.filter(channel=channel_id)
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor)
    return described(viewer, rows.order_by("-pk")[:limit])


def subscription(viewer: Viewer, subscription_id: int) -> SubscriptionRow | None:
    """One of them."""
    return next(iter(described(viewer, _seen(viewer).filter(pk=subscription_id))), None)


def ended(viewer: Viewer, subscription_id: int) -> bool:
    """Whether it is one that the viewer would see if it had not ended."""
    over = visible_to(Subscription.objects.filter(pk=subscription_id, ended_at__isnull=False), viewer)
    return over.filter(channel__in=Channel.objects.seen_by(viewer)).exists()


def described(viewer: Viewer, rows: QuerySet[Subscription]) -> list[SubscriptionRow]:
    """These subscriptions as people read them; four statements."""
    about = ("shipment__references", "shipment__parties")
    found = list(rows.select_related("channel__organization", "channel__user").prefetch_related(*about))
    theirs = Channel.objects.filter(pk__among={row.channel_id for row in found})
    changeable = set(theirs.changeable_by(viewer).values_list("pk", flat=True))
    return [_row(viewer, row, row.channel_id in changeable) for row in found]


def matrix_of(
    channel_kind: str, chosen: Mapping[str, str], standing: frozenset[str], offered: Collection[str] | None = None
) -> list[MatrixGroup]:
    """A matrix with its defaults, to an organization of this standing; of the kinds ``offered``, or of all."""
    groups = []
    offered = kinds.of_channel(channel_kind) if offered is None else offered
    for code, words in {**kinds.GROUPS, "feed": _("Every report")}.items():
        named = [kind for kind in offered if (kinds.NEWS[kind].group if kind in kinds.NEWS else "feed") == code]
        rows = [_matrix_row(kind, channel_kind, chosen, standing) for kind in named]
        if rows:
            now = sum(one.effective == kinds.NOW for one in rows)
            groups.append(MatrixGroup(code, str(words), rows, now, any(one.chosen for one in rows)))
    return groups


def effective(row: SubscriptionRow) -> Mapping[str, str]:
    """Kind of news -> how it is told, with the defaults of what the organization is to the shipment filled in."""
    told = kinds.of_channel(row.channel_kind)
    return {kind: kinds.mode(kind, row.channel_kind, row.matrix, row.standing) for kind in told}


def _seen(viewer: Viewer) -> QuerySet[Subscription]:
    live = visible_to(Subscription.objects.filter(ended_at__isnull=True), viewer)
    return live.filter(channel__in=Channel.objects.seen_by(viewer))


def _row(viewer: Viewer, row: Subscription, changeable: bool) -> SubscriptionRow:
    number = ""
    if row.shipment is not None:
        named = [{"type": one.kind, "value": one.value} for one in row.shipment.references.all()]
        number = number_of(named, row.shipment.pk)
    code = why_code(row, follower=row.channel.follower)
    return SubscriptionRow(
        id=row.pk,
        channel_id=row.channel_id,
        channel_kind=row.channel.kind,
        address=row.channel.name or row.channel.shown_to(viewer),
        owner=str(row.channel.user) if row.channel.user else "",
        shipment_id=row.shipment_id,
        number=number,
        code=code,
        about=_about(row, code, number),
        label=row.label,
        filter=row.filter,
        roles=row.roles,
        standing=_standing(row),
        matrix=row.matrix,
        muted=row.shipment_id is not None and kinds.is_mute(row.channel.kind, row.matrix),
        kinds=[kind for kind in kinds.of_channel(row.channel.kind) if row.matrix.get(kind) == kinds.NOW],
        eta_hours=row.eta_hours,
        created_at=row.created_at,
        changeable=changeable,
    )


def _about(row: Subscription, code: str, number: str) -> str:
    if code in ("shipment", "follower"):
        return _("the shipment %(number)s") % {"number": number}
    if code == "all":
        return _("all shipments")
    chosen = [filter_text(row.filter)] if row.filter else []
    chosen += [str(ROLES.get(role, role)) for role in row.roles]
    return f"{row.label} ({', '.join(chosen)})"


def _standing(row: Subscription) -> frozenset[str]:
    organization = row.channel.organization
    if row.shipment is None:
        return kinds.roles_of(row.roles or ["registrant"], organization.kind)
    named = [one.role for one in row.shipment.parties.all() if one.organization_id == organization.pk]
    return kinds.roles_of(named, organization.kind)


def _matrix_row(kind: str, channel_kind: str, matrix: Mapping[str, str], standing: frozenset[str]) -> MatrixRow:
    default = kinds.default_mode(kind, channel_kind, standing)
    effective = kinds.mode(kind, channel_kind, matrix, standing)
    return MatrixRow(
        kind=kind,
        text=kind_text(kind),
        critical=kind in kinds.CRITICAL,
        chosen=kinds.said(matrix, kind),
        default=default,
        default_text=mode_text(default),
        effective=effective,
        effective_text=mode_text(effective),
    )
