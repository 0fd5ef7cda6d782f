"""Who is told of what in the latency benchmark, and the messages: new estimates of arrivals, one after the other.

A shipment that is told of has one subscription, and comes up often enough to make its share of the flow and seldom
enough that no two of its changes wait at once. Its arrival moves by two days each time, the others' by seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import cycle

from django.utils import timezone

from cargo.models import Shipment
from clis.sealing import seal
from notifications.kinds import ETA, only
from notifications.models import Channel, Endpoint, Subscription
from notifications.transports.webhook import new_secret
from tests.bench import world

# Of a hundred messages: mails, posts, texts.
SHARES = (("email", 5), ("webhook", 4), ("sms", 1))
ENDPOINTS = 20
# A mail channel is told 20 times within an hour before the rest waits for a digest; and a change in so many seconds.
MOST_CHANGES, SECONDS_BETWEEN = 18, 10


def subscribe(shipments: Sequence[Shipment], rate: int, seconds: int) -> dict[str, list[int]]:
    """Kind of channel -> the numbers of the shipments that it is told of; one subscription each."""
    told: dict[str, list[int]] = {}
    began = timezone.now()
    number = 0
    for kind, share in SHARES:
        changes = rate * seconds * share // 100
        each = max(1, min(MOST_CHANGES, seconds // SECONDS_BETWEEN))
        told[kind] = list(range(number, number + max(1, changes // each)))
        number += len(told[kind])
        for n, about in enumerate(told[kind]):
            row = shipments[about]
            channel = _channel(row.organization_id, kind, n)
            Subscription.objects.create(
                channel=channel,
                shipment=row,
                created_at=began,
                matrix=only(["estimate"], kind) if kind == "webhook" else only([ETA], kind),
            )
    if number >= len(shipments):
        raise SystemExit(f"CLIS_BENCH_SHIPMENTS must be more than {number}")
    return told


def use_sinks(hooks: int) -> None:
    """Points the endpoints at this port."""
    for channel in Channel.objects.filter(kind="webhook"):
        channel.address = f"http://127.0.0.1:{hooks}/{channel.pk}"
        channel.save(update_fields=["address"])


def _channel(organization: int, kind: str, number: int) -> Channel:
    if kind == "webhook":
        number %= ENDPOINTS
    address = {"email": f"m{number}@example.com", "sms": f"+8210{number:08}", "webhook": f"http://127.0.0.1/{number}"}
    row, made = Channel.objects.get_or_create(
        organization_id=organization, kind=kind, address=address[kind], defaults={"verified_at": timezone.now()}
    )
    if made and kind == "webhook":
        Endpoint.objects.create(channel=row, sealed=seal(new_secret()))
    return row


class Flow:
    """One message after the other: told shipments as often as their share says, the others in between."""

    def __init__(self, told: dict[str, list[int]], shipments: int) -> None:
        self._told = {number for numbers in told.values() for number in numbers}
        self._kinds = {kind: cycle(numbers) for kind, numbers in told.items()}
        self._others = cycle(range(len(self._told), shipments))
        self._order = cycle(list(_order()))
        self._serial = 0
        self._moved: Counter[int] = Counter()

    def first_messages(self) -> list[bytes]:
        """One about each told shipment: a first estimate is no change, so nobody but an endpoint is told."""
        return [self._message(number) for number in sorted(self._told)]

    def next_message(self) -> bytes:
        """A carrier's new estimate, told now, of when a shipment arrives."""
        kind = next(self._order)
        return self._message(next(self._kinds[kind]) if kind else next(self._others))

    def _message(self, number: int) -> bytes:
        self._serial += 1
        self._moved[number] += 1
        now = timezone.now()
        days = 20 + self._moved[number] * (2 if number in self._told else 0)
        at = now.replace(microsecond=0) + timedelta(days=days, seconds=self._serial % 3600)
        event = world.transport(number, 60, "ARRI", world.PORTS[3], "EST")
        event["eventID"] += f"-{self._serial}"
        event["eventDateTime"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        event["eventCreatedDateTime"] = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return world.encode(event)


def _order() -> Iterator[str]:
    """A hundred turns, each kind's spread evenly."""
    turns = [""] * 100
    place = 0
    for kind, share in SHARES:
        for _ in range(share):
            turns[place * 37 % 100] = kind
            place += 1
    return iter(turns)
