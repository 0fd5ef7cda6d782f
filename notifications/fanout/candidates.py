"""The live subscriptions that a batch of updates could be for, read in a constant number of statements."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q

from cargo.models import bulk
from cargo.selectors import saved_filters
from clis.accounts.models import Membership
from notifications import kinds
from notifications.fanout.news import Taken
from notifications.models import Channel, Delivery, Subscription
from notifications.models.endpoint import OWED_WHILE_OFF

logger = logging.getLogger(__name__)


class Address(NamedTuple):
    """A channel as fan-out needs it: whose it is, and when it may be told what.

    ``off_since``: of an endpoint that is switched off and not given up; what it is owed is kept and not sent.
    """

    id: int
    kind: str
    address: str
    organization: int
    organization_kind: str
    follower: bool
    zone: str
    persons_zone: str | None
    quiet_from: time | None
    quiet_until: time | None
    bypass_quiet: bool
    digest_at: time
    digest_days: int
    off_since: datetime | None


@dataclass(slots=True, eq=False)
class Candidate:
    """A live subscription. ``among``: with a filter, the shipments of the batch that it chooses; None: there is none.

    ``told``: (shipment, kind of news) that it was told before, as far as a filter lets go of a shipment meanwhile.
    """

    id: int
    shipment: int | None
    matrix: dict[str, str]
    filter: dict[str, Any]
    roles: frozenset[str]
    eta_hours: int
    since: datetime
    channel: Address
    among: set[int] | None = None
    told: set[tuple[int, str]] = field(default_factory=set)
    _modes: dict[tuple[str, frozenset[str]], str] = field(default_factory=dict)

    def mode(self, kind: str, party_roles: frozenset[str]) -> str:
        """How it is told this news of a shipment to which its organization has these roles."""
        known = self._modes.get((kind, party_roles))
        if known is None:
            roles = kinds.roles_of(party_roles, self.channel.organization_kind)
            known = kinds.mode(kind, self.channel.kind, self.matrix, roles)
            self._modes[kind, party_roles] = known
        return known

    def covers(self, shipment: int, kind: str, party_roles: frozenset[str]) -> bool:
        """Whether it is about this shipment; the end of what it was told of is, whatever the filter says by now."""
        if self.roles and not self.roles & party_roles:
            return False
        return self.among is None or shipment in self.among or (shipment, kinds.FOLLOWS.get(kind, "")) in self.told


class Candidates:
    """Those of a batch: to one shipment, and to all or to a choice of an organization's.

    ``released``: (channel, shipment) of those that were told of a release, or may be, and are now to be told nothing.
    """

    def __init__(self, rows: Sequence[Candidate], released: Collection[tuple[int, int]] = ()) -> None:
        self._released = released
        self._own = {(row.channel.id, row.shipment): row for row in rows if row.shipment is not None}
        self._to_one: dict[tuple[int, int], list[Candidate]] = defaultdict(list)
        self._to_many: dict[int, list[Candidate]] = defaultdict(list)
        for row in rows:
            if row.shipment is not None:
                self._to_one[row.channel.organization, row.shipment].append(row)
            elif not row.channel.follower:
                self._to_many[row.channel.organization].append(row)

    def of(self, organization: int, shipment: int) -> Iterator[Candidate]:
        """Those of one organization that may be about a shipment, the most particular first."""
        yield from self._to_one.get((organization, shipment), ())
        yield from self._to_many.get(organization, ())

    def counts(self, row: Candidate, shipment: int, kind: str, party_roles: frozenset[str], latest: datetime) -> bool:
        """Whether it is asked about this news of a shipment: a wider one is not where the channel's own one names it.

        It is, after all, of news that only those may hear who subscribed by ``latest``, where the own one began later,
        even if that says off; and of a release taken back, where the release was told: who trusts that must hear of
        it, even if he wanted no more since.
        """
        own = self._own.get((row.channel.id, shipment))
        if own is None or own is row or not kinds.names(own.matrix, kind):
            return True
        if own.mode(kind, party_roles) == kinds.OFF:
            return kind == kinds.REVOKED and (row.channel.id, shipment) in self._released
        return latest < own.since


def candidates(updates: Sequence[Taken], now: datetime) -> Candidates:
    """Live subscriptions to usable channels of organizations and of people who are still their members, and to
    endpoints that were switched off lately.

    One statement, one for each hundred different filters (and one before them), one where something ends that was
    told of, and one where a release is taken back of which somebody wants to hear nothing.
    """
    theirs: dict[int, set[int]] = defaultdict(set)
    for update in updates:
        for organization in update.organizations:
            theirs[organization].add(update.shipment_id)
    member = Membership.objects.filter(
        user_id=OuterRef("channel__user_id"), organization_id=OuterRef("channel__organization_id"), user__is_active=True
    )
    kept = Q(channel__kind=Channel.Kind.WEBHOOK, channel__disabled_at__gt=now - OWED_WHILE_OFF)
    found: Iterable[Any] = (
        Subscription.objects.filter(
            Q(shipment__isnull=True) | Q(shipment__in={update.shipment_id for update in updates}),
            Q(channel__user__isnull=True) | Exists(member),
            Q(channel__disabled_at__isnull=True) | kept,
            ended_at__isnull=True,
            channel__organization__in=theirs,
            channel__verified_at__isnull=False,
        )
        .order_by("channel_id", "id")
        .values_list(
            "id", "shipment_id", "matrix", "filter", "roles", "eta_hours", "created_at", "channel_id", "channel__kind",
            "channel__address", "channel__organization_id", "channel__organization__kind", "channel__follower",
            "channel__zone", "channel__user__time_zone", "channel__quiet_from", "channel__quiet_until",
            "channel__bypass_quiet", "channel__digest_at", "channel__digest_days", "channel__disabled_at",
        )
    )  # fmt: skip
    rows = [
        Candidate(pk, shipment, matrix, chosen, frozenset(roles), eta_hours, since, Address(*channel))
        for pk, shipment, matrix, chosen, roles, eta_hours, since, *channel in found
    ]
    _choose([row for row in rows if row.filter and row.shipment is None], theirs)
    _remember([row for row in rows if row.among is not None], updates)
    return Candidates(rows, _released(rows, updates))


def _choose(rows: Sequence[Candidate], shipments: Mapping[int, Collection[int]]) -> None:
    """Asks the list's own conditions which shipments each different filter chooses, as its organization sees them."""
    asked: dict[tuple[int, str], list[Candidate]] = defaultdict(list)
    for row in rows:
        row.among = set()
        asked[row.channel.organization, json.dumps(row.filter, sort_keys=True)].append(row)
    sound = []
    for (organization, _), sharing in asked.items():
        try:
            saved_filters.check(sharing[0].filter)
        except ValueError as error:
            # Saved before the list changed: it chooses nothing, and does not hold up the others.
            logger.warning("subscription %s: its filter cannot be asked for: %s", sharing[0].id, error)
            continue
        sound.append((organization, sharing))
    if sound and bulk.is_postgres():
        # A hundred small look-ups in one statement seem dear enough for helpers of the server's own. To start those
        # took more than the look-ups themselves: with them 40 ms for 500 updates, without 18 (PostgreSQL 15).
        bulk.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    chosen = saved_filters.matching([(whose, sharing[0].filter) for whose, sharing in sound], shipments)
    for (_, sharing), among in zip(sound, chosen, strict=True):
        for row in sharing:
            row.among = among


def _remember(rows: Sequence[Candidate], updates: Sequence[Taken]) -> None:
    """What these were told of shipments of which something ends now: they are told that as well."""
    ending = {update.shipment_id for update in updates if update.kind in kinds.FOLLOWS}
    if not rows or not ending:
        return
    by_id = {row.id: row for row in rows}
    told = Delivery.objects.filter(
        update__shipment__in=ending, subscription__in=by_id, notice__in=set(kinds.FOLLOWS.values())
    ).values_list("subscription_id", "update__shipment_id", "notice")
    for subscription, shipment, notice in told:
        by_id[subscription].told.add((shipment, notice))


def _released(rows: Sequence[Candidate], updates: Sequence[Taken]) -> set[tuple[int, int]]:
    """The (channel, shipment) of a release taken back that want to hear nothing of it and were, or may yet be, told of
    the release."""
    revoked = {update.shipment_id for update in updates if update.kind == kinds.REVOKED}
    silent = {
        row.channel.id
        for row in rows
        if row.shipment in revoked
        and kinds.said(row.matrix, kinds.REVOKED) == kinds.said(row.matrix, kinds.RELEASED) == kinds.OFF
    }
    if not silent:
        return set()
    told = Delivery.objects.filter(channel__in=silent, update__shipment__in=revoked, update__kind=kinds.RELEASED)
    untold = (Delivery.State.SKIPPED, Delivery.State.FAILED)
    told = told.exclude(state__in=untold, delivered_at__isnull=True)
    return set(told.values_list("channel_id", "update__shipment_id"))
