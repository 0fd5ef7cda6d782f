"""What is open of cargo right now, also before its inspection wrote that down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine

from cargo import tasks
from cargo.models import FeedHead, Shipment, Source
from cargo.pipeline.open_deadlines import OpenDeadline, open_deadlines
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything, work_off_inbox
from notifications import fanout
from notifications.deliver import deliver
from notifications.models import Delivery
from tests.factories import SourceFactory, a_registered_shipment
from tests.messages import HOUSE, declared, entered, released, removed, unipass
from tests.notifications.conftest import MailServer, a_channel, a_subscription
from tests.people import Person

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-03-11T12:00:00+09:00")
STORED = [entered("2026-03-10 15:00")]
CLEARED = [*STORED, declared("2026-03-11 09:00"), released("2026-03-11 10:00")]
# The surcharge on late declaration begins 30 days after 10 March; a release begins 15 days for removal.
TO_DECLARE = datetime.fromisoformat("2026-04-09T23:59:59+09:00")
TO_REMOVE = datetime.fromisoformat("2026-03-26T23:59:59+09:00")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """A noon that stands still until a test moves it."""
    FeedHead.objects.get_or_create(id=1)
    with time_machine.travel(NOW, tick=False) as traveller, mock.patch.object(tasks, "wake"):
        yield traveller


@pytest.fixture
def customs(db: None) -> Source:
    return SourceFactory.create(slug="unipass", kind=Source.Kind.CUSTOMS, rank=10)


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    made = a_registered_shipment(shipper.organization, ("house_bill", HOUSE))
    process_everything()
    return made


def said(source: Source, *milestones: Any) -> None:
    """A snapshot that is in the log, and whose shipment nobody inspected yet."""
    receive(source.pk, unipass(milestones))
    work_off_inbox()


def kinds_of(shipment: Shipment) -> list[tuple[str, datetime]]:
    return [(row.kind, row.due_at) for row in open_deadlines([shipment.pk], NOW).get(shipment.pk, [])]


def test_what_an_inspection_wrote_down(shipment: Shipment, customs: Source) -> None:
    said(customs, *STORED)
    process_everything()
    assert open_deadlines([shipment.pk], NOW) == {
        shipment.pk: [OpenDeadline("import_declaration", "", TO_DECLARE, "Asia/Seoul", "broker")]
    }
    assert open_deadlines([], NOW) == {}


def test_before_the_inspection_it_is_worked_out(shipment: Shipment, customs: Source) -> None:
    said(customs, *STORED)
    assert kinds_of(shipment) == [("import_declaration", TO_DECLARE)]
    said(customs, *CLEARED)
    before = open_deadlines([shipment.pk], NOW)
    assert kinds_of(shipment) == [("removal", TO_REMOVE)]
    process_everything()
    assert open_deadlines([shipment.pk], NOW) == before


def test_what_was_met_just_now_is_none(shipment: Shipment, customs: Source) -> None:
    said(customs, *CLEARED)
    process_everything()
    said(customs, *CLEARED, removed("2026-03-11 11:30"))
    assert kinds_of(shipment) == []


def test_what_is_over_is_none(shipment: Shipment, customs: Source) -> None:
    said(customs, *CLEARED)
    late = TO_REMOVE + timedelta(seconds=1)
    assert [row.kind for row in open_deadlines([shipment.pk], late).get(shipment.pk, [])] != ["removal"]


def test_many_cost_as_many_statements_as_one(
    shipper: Person, shipment: Shipment, customs: Source, django_assert_num_queries: Any
) -> None:
    others = [a_registered_shipment(shipper.organization, ("house_bill", f"{HOUSE}{number}")) for number in range(5)]
    process_everything()
    said(customs, *STORED)
    for shipments in ([shipment.pk], [shipment.pk, *(other.pk for other in others)]):
        with django_assert_num_queries(6):
            open_deadlines(shipments, NOW)


def test_the_mail_of_a_release_says_until_when_to_collect(
    shipper: Person, shipment: Shipment, customs: Source, mail_server: MailServer
) -> None:
    """It goes out before anybody has inspected the cargo."""
    a_subscription(a_channel(shipper))
    said(customs, *CLEARED)
    fanout.fan_out()
    Delivery.objects.filter(state="pending").update(next_attempt_at=NOW)
    deliver(fanout.still_true, fanout.open_deadlines)
    released = [mail for mail in mail_server.mails if "elease" in mail["Subject"]]
    assert len(released) == 1
    text = released[0].get_body(("plain",)).get_content()
    assert "Next deadline: Removal from the bonded area: 26 Mar 2026, 23:59 KST. The importer must act." in text
