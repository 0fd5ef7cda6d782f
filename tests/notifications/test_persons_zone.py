"""What waits already goes by the zone that its person chose since: in the profile, or in the admin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.models import Shipment
from clis.accounts.models import Membership, User
from clis.accounts.signals import time_zone_changed
from notifications import deliver as delivering
from notifications import fanout
from notifications.deliver import deliver
from notifications.digests import owe_digests
from notifications.models import Channel, Delivery
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_shipment,
    a_subscription,
    an_update,
    everything_stands,
)
from tests.people import Person, a_person, a_staff_member

EVENING = "2026-03-24T23:00:00+09:00"  # a Tuesday; in Berlin it is 15:00
NIGHT: dict[str, Any] = {"quiet_from": time(22), "quiet_until": time(7)}


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+09:00")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    with time_machine.travel(EVENING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_shipment(shipper.organization)


def told(shipment: Shipment, mode: str, person: Person, **fields: Any) -> Channel:
    """A channel that is told so of gate-outs."""
    channel = a_channel(person, **fields)
    a_subscription(channel, shipment, matrix={"gate_out": mode})
    return channel


def news(*shipments: Shipment) -> None:
    for shipment in shipments:
        an_update(shipment, "gate_out", recorded_at=timezone.now(), data={"milestone": "gate_out"})
    fanout.fan_out()


def waits(channel: Channel) -> list[tuple[str, datetime | None, datetime | None]]:
    rows = Delivery.objects.filter(channel=channel).order_by("pk")
    return list(rows.values_list("state", "digest_at", "next_attempt_at"))


def move(client: Client, zone: str, **fields: str) -> None:
    given = {"first_name": "Alice", "last_name": "", "language": "en", "time_zone": zone, **fields}
    assert client.post("/account/profile/", given).status_code == 302


def test_the_profiles_zone_moves_the_digest(shipper: Person, shipment: Shipment) -> None:
    channel = told(shipment, "digest", shipper)
    news(shipment)
    assert waits(channel) == [("gathered", seoul("03-25T08:00:00"), None)]
    move(shipper.client(), "Europe/Berlin")
    assert waits(channel) == [("gathered", seoul("03-25T16:00:00"), None)]


def test_the_admins_as_well(shipper: Person, shipment: Shipment) -> None:
    channel = told(shipment, "digest", shipper)
    news(shipment)
    person = User.objects.get(pk=shipper.user.pk)
    page = a_staff_member("Sue").client()
    given = {
        "email": person.email, "first_name": "Alice", "last_name": "", "language": "en",
        "time_zone": "Europe/Berlin", "is_active": "on",
        "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert page.post(f"/admin/accounts/user/{person.pk}/change/", given).status_code == 302
    assert waits(channel) == [("gathered", seoul("03-25T16:00:00"), None)]


def test_out_of_the_night_what_waited_is_sent(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    channel = told(shipment, "now", shipper, **NIGHT)
    news(shipment)
    assert deliver(everything_stands) == 0
    assert waits(channel) == [("pending", None, seoul("03-25T07:00:00"))]
    move(shipper.client(), "Europe/Berlin")
    assert deliver(everything_stands) == 1
    assert (len(mail_server.mails), waits(channel)) == (1, [("sent", None, None)])


def test_into_another_night_it_waits_for_its_end(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    channel = told(shipment, "now", shipper, **NIGHT)
    news(shipment)
    move(shipper.client(), "Asia/Shanghai")
    assert deliver(everything_stands) == 0
    assert (mail_server.mails, waits(channel)) == ([], [("pending", None, seoul("03-25T08:00:00"))])


def test_in_every_organization_and_each_by_its_own_hours(
    shipper: Person, forwarder: Person, shipment: Shipment
) -> None:
    assert forwarder.organization
    theirs = a_shipment(forwarder.organization)
    Membership.objects.create(user=shipper.user, organization=forwarder.organization)
    there = Person(shipper.user, forwarder.organization, "member")
    early = told(shipment, "digest", shipper, digest_at=time(6))
    late, same = told(theirs, "digest", there), told(theirs, "digest", there, address="second@example.com")
    texts = told(theirs, "now", there, kind="sms", **NIGHT)
    news(shipment, theirs)
    move(shipper.client(), "Europe/Berlin")
    assert waits(early) == [("gathered", seoul("03-25T14:00:00"), None)]
    assert waits(late) == waits(same) == [("gathered", seoul("03-25T16:00:00"), None)]
    assert waits(texts) == [("pending", None, seoul("03-24T23:00:00"))]


def test_a_zone_of_its_own_a_colleagues_and_the_organizations_stay(shipper: Person, shipment: Shipment) -> None:
    bea = a_person("Bea", shipper.organization)  # type: ignore[arg-type]
    others = [
        told(shipment, "digest", shipper, zone="Asia/Tokyo"),
        told(shipment, "digest", bea),
        told(shipment, "digest", shipper, user=None, address="desk@example.com"),
        told(shipment, "now", bea, kind="sms", **NIGHT),
    ]
    news(shipment)
    before = [waits(other) for other in others]
    assert before == [[("gathered", seoul("03-25T08:00:00"), None)]] * 3 + [
        [("pending", None, seoul("03-25T07:00:00"))]
    ]
    move(shipper.client(), "Europe/Berlin")
    assert [waits(other) for other in others] == before


def test_what_a_digest_has_gathered_stays_in_it(
    shipper: Person, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    told(shipment, "digest", shipper)
    news(shipment)
    clock.move_to(seoul("03-25T08:00:00"))
    assert owe_digests() == 1
    before = list(Delivery.objects.order_by("pk").values())
    move(shipper.client(), "Europe/Berlin")
    assert list(Delivery.objects.order_by("pk").values()) == before


def test_another_language_or_a_wrong_zone_moves_nothing(
    shipper: Person, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    channel, heard = told(shipment, "digest", shipper), []
    news(shipment)
    clock.move_to(seoul("03-26T09:00:00"))  # what was due is not owed yet: anew it would be tomorrow's

    def hear(person: User, **_: Any) -> None:
        heard.append(person.time_zone)

    time_zone_changed.connect(hear)
    try:
        move(shipper.client(), "Asia/Seoul", language="ko")
        wrong = {"first_name": "", "last_name": "", "language": "en", "time_zone": "Mars/Olympus"}
        assert shipper.client().post("/account/profile/", wrong).status_code == 200
        person = User.objects.get(pk=shipper.user.pk)
        person.time_zone = "Europe/Berlin"
        person.save(update_fields=["language"])
    finally:
        time_zone_changed.disconnect(hear)
    assert (heard, waits(channel)) == ([], [("gathered", seoul("03-25T08:00:00"), None)])


def test_statements_do_not_grow_with_channels_or_with_what_waits(shipper: Person, shipment: Shipment) -> None:
    counts = []
    for number, zone in ((1, "Europe/Berlin"), (20, "Asia/Seoul")):
        channels = [
            told(shipment, "digest", shipper, address=f"{number}-{hour}@example.com", digest_at=time(hour, 30))
            for hour in range(number)
        ]
        news(shipment)
        person = User.objects.get(pk=shipper.user.pk)
        person.time_zone = zone
        with CaptureQueriesContext(connection) as captured:
            person.save()
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
        due = [waits(channel)[0][1] for channel in channels]
        assert len(set(due)) == number and None not in due
    assert counts == [5, 5]
