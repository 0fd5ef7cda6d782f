"""Many cargoes, three sources that tell the same of each, and replays: what is owed is counted against a table.

Used by the suite with a few cargoes and by ``python -m tests.bench fanout`` with enough of them for 20,000 updates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from unittest import mock

import time_machine

from cargo import booking, tasks
from cargo.models import InboundMessage, Shipment, Source, TrackingUpdate
from cargo.pipeline.receive import receive_many
from clis.accounts.models import Organization
from notifications import fanout
from notifications.models import Channel, Delivery, Subscription
from tests.messages import declared, entered, released, revoked, unipass

# The first is not news by itself; each further message brings one more step.
LENGTHS = (2, 3, 4)
PORTION = 500
# Houses of one master bill.
TOGETHER = 10
# What came in within ``rematch.WINDOW`` is looked at again each time.
APART = timedelta(minutes=11)
# From when on all of this is news.
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def house(number: int) -> str:
    """A cargo's house bill."""
    return f"KOSHB{number:07d}"


def body(number: int, length: int) -> bytes:
    """What customs says of one cargo after so many steps."""
    declaration = f"42918{number:08d}M"
    steps = [
        entered("2026-03-14 12:00"),
        declared("2026-03-15 09:00", declaration=declaration),
        released("2026-03-16 10:00", declaration=declaration),
        revoked("2026-03-17 11:00", declaration=declaration),
    ]
    master = f"HDMUPUSR{number // TOGETHER:07d}"
    return unipass(steps[:length], cargo=f"26TEST{number:07d}0001", bill=master, house=house(number))


def channels(organization: Organization, followed: Shipment) -> dict[str, Channel]:
    """All, a filter that chooses ten, one shipment's bell and a follower by mail; and a program, without milestones."""
    made = {}
    for name, kind, matrix, chosen in (
        ("all", "email", {}, {}),
        ("ten", "email", {}, {"search": house(0)[:-1]}),
        ("bell", "email", {}, None),
        ("follower", "email", {}, None),
        ("program", "webhook", {"milestone": "off", "estimate": "off"}, {}),
    ):
        channel = Channel.objects.create(
            organization=organization,
            kind=kind,
            address=f"https://{name}.example/" if kind == "webhook" else f"{name}@example.com",
            verified_at=SINCE,
            follower=name == "follower",
        )
        Subscription.objects.create(
            channel=channel,
            shipment=followed if chosen is None else None,
            filter=chosen or {},
            label="The first ten" if chosen else "",
            matrix=matrix,
            created_at=SINCE,
        )
        made[name] = channel
    return made


def tell(sources: Iterable[Source], numbers: range, length: int, clock: time_machine.Traveller) -> None:
    """Every source says the same of every cargo, one a while after the other; each is worked off and fanned out."""
    for source in sources:
        for start in range(0, len(numbers), PORTION):
            bodies = [("", body(number, length)) for number in numbers[start : start + PORTION]]
            receive_many(source.pk, bodies, media_type="application/xml")
        work()
        clock.shift(APART)


def work() -> None:
    """Works off what is owed; nobody is woken."""
    with mock.patch.object(tasks, "wake"):
        tasks.process_everything()
        while fanout.fan_out():
            pass


def replay() -> None:
    """Every message is read again."""
    ids = list(InboundMessage.objects.order_by("pk").values_list("pk", flat=True))
    with mock.patch.object(tasks, "wake"):
        for start in range(0, len(ids), PORTION):
            tasks.replay_messages(ids[start : start + PORTION])
    work()


def register(organization: Organization, numbers: range) -> list[Shipment]:
    """The cargoes."""
    made = [booking.register(organization.pk, [("house_bill", house(number))]) for number in numbers]
    work()
    return made


def expected(cargoes: int) -> dict[str, Counter[str]]:
    """What each channel is owed, by hand: a release, its being taken back and one deadline of each cargo it hears of;
    the program hears of the exception as well, which people are told by the revocation."""
    news = ("customs.released", "customs.release_revoked", "deadline.set")
    about = {"all": cargoes, "ten": min(cargoes, 10), "bell": 1, "follower": 1, "program": cargoes}
    rows = {name: Counter(dict.fromkeys(news, number)) for name, number in about.items()}
    rows["program"]["exception.opened"] = cargoes
    return rows


def counted(made: dict[str, Channel]) -> dict[str, Counter[str]]:
    """How many deliveries of what each channel is owed."""
    return {
        name: Counter(Delivery.objects.filter(channel=channel).values_list("notice", flat=True))
        for name, channel in made.items()
    }


def doubled() -> int:
    """Deliveries more than there are pairs of a channel and a piece of news."""
    rows = list(Delivery.objects.values_list("channel_id", "update__shipment_id", "notice", "update__key"))
    return len(rows) - len(set(rows))


def updates() -> int:
    """How many tracking updates there are."""
    return TrackingUpdate.objects.count()
