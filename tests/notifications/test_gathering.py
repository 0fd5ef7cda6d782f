"""What a digest tells of very many members: bounded, in order, and nothing that may not be told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.models import Shipment, TrackingUpdate
from notifications import render
from notifications.deliver import gathering
from notifications.deliver.claim import FRESH, claim, prepared, still_so
from notifications.deliver.gathering import Gathered, gather
from notifications.models import Channel, Delivery, Subscription
from tests.notifications.conftest import RELEASED, a_channel, a_shipment, a_subscription, an_update, everything_stands
from tests.people import Person


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_shipment(shipper.organization)


@pytest.fixture
def channel(shipper: Person) -> Channel:
    found = a_channel(shipper)
    a_subscription(found)
    return found


def a_digest(channel: Channel) -> Delivery:
    made = Delivery.objects.create(
        channel=channel, kind="email", recipient="r", notice="digest", digest_at=timezone.now(), state="sending"
    )
    return Delivery.objects.select_related("channel__organization", "channel__user").get(pk=made.pk)


def members(digest: Delivery, shipment: Shipment, *notices: str, **fields: Any) -> list[Delivery]:
    """Waiting for that digest, one update each, in this order."""
    before = TrackingUpdate.objects.count()
    now = timezone.now()
    data = RELEASED | {"milestone": "gate_out"}
    updates = TrackingUpdate.objects.bulk_create(
        TrackingUpdate(
            shipment=shipment,
            kind=notice,
            key=str(before + number),
            data=json.dumps(data),
            occurred_at=now,
            reported_at=now,
        )
        for number, notice in enumerate(notices)
    )
    return Delivery.objects.bulk_create(
        Delivery(
            update=update,
            channel_id=digest.channel_id,
            kind="email",
            recipient=str(update.pk),
            notice=update.kind,
            state="gathered",
            gathered_in=digest,
            next_attempt_at=None,
            **fields,
        )
        for update in updates
    )


def told(digest: Delivery, still_true: Any = everything_stands) -> Gathered:
    return gather([digest], still_true)[digest.pk]


def test_a_few_members_are_all_told(channel: Channel, shipment: Shipment) -> None:
    digest = a_digest(channel)
    first, second, held = members(digest, shipment, "gate_out", "gate_out", "customs.held")
    found = told(digest)
    assert [row.pk for row in found.shown] == [held.pk, second.pk, first.pk]
    assert (found.counts, found.shipments) == ({"gate_out": 2, "customs.held": 1}, 1)
    mail = render.digest(digest, found.shown)
    assert mail.text.count("KOSHA2603001") == 1


def test_of_very_many_the_first_are_judged_and_shown_and_all_are_counted(
    channel: Channel, shipper: Person, shipment: Shipment
) -> None:
    digest = a_digest(channel)
    critical = members(digest, shipment, "customs.held")[0]
    rows = members(digest, shipment, *["gate_out"] * 700)
    members(digest, a_shipment(shipper.organization), *["arrived"] * 40)
    asked: list[int] = []

    def still_true(updates: Any) -> set[int]:
        asked.extend(updates)
        return set(updates)

    with CaptureQueriesContext(connection) as captured:
        found = told(digest, still_true)
    assert len(asked) == gathering.JUDGED
    assert len(found.shown) == 40 and found.shown[0].pk == critical.pk
    assert [row.notice for row in found.shown[1:]] == ["arrived"] * 39
    assert found.counts == {"customs.held": 1, "gate_out": 700, "arrived": 40}
    assert found.shipments == 2
    assert Delivery.objects.filter(state="gathered").count() == 741 and len(rows) == 700
    assert len(captured) <= 12, [query["sql"][:100] for query in captured]
    with CaptureQueriesContext(connection) as captured:
        render.digest(digest, found.shown)
    assert len(captured) == 0, [query["sql"] for query in captured]


def test_what_may_not_be_told_is_left_out_and_not_counted(channel: Channel, shipment: Shipment) -> None:
    digest = a_digest(channel)
    stays, gone = members(digest, shipment, "gate_out", "gate_out")
    found = told(digest, lambda updates: set(updates) - {gone.update_id})
    assert [row.pk for row in found.shown] == [stays.pk]
    assert found.counts == {"gate_out": 1}
    gone.refresh_from_db()
    assert (gone.state, gone.reason) == ("skipped", "superseded")


def test_a_digest_of_which_nothing_may_be_told_is_missing(channel: Channel, shipment: Shipment) -> None:
    digest = a_digest(channel)
    members(digest, shipment, "gate_out", "customs.held")
    Subscription.objects.update(ended_at=timezone.now())
    assert gather([digest], everything_stands) == {}
    assert (
        list(Delivery.objects.filter(gathered_in=digest).values_list("state", "reason"))
        == [("skipped", "unsubscribed")] * 2
    )
    assert gather([a_digest(channel)], everything_stands) == {}
    assert gather([], everything_stands) == {}


def test_behind_many_that_may_not_be_told_the_next_are_looked_at(
    channel: Channel, shipment: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "JUDGED", 50)
    digest = a_digest(channel)
    old = members(digest, shipment, *["gate_out"] * 3)
    stale = {row.update_id for row in members(digest, shipment, *["gate_out"] * 100)}
    found = told(digest, lambda updates: set(updates) - stale)
    assert {row.pk for row in found.shown} == {row.pk for row in old}
    assert found.counts == {"gate_out": 3}
    assert Delivery.objects.filter(state="skipped").count() == 100


def test_what_the_judgement_notes_is_in_what_is_shown(channel: Channel, shipment: Shipment) -> None:
    """A release that is taken back says of which one its reader was told."""
    release = an_update(shipment, "customs.released")
    Delivery.objects.create(
        update=release, channel=channel, kind="email", recipient="r", state="sent", finished_at=timezone.now()
    )
    digest = a_digest(channel)
    members(digest, shipment, "customs.release_revoked")
    shown = told(digest).shown[0]
    assert shown.data["amends"]["milestone"] == "customs_released"


def test_what_is_taken_back_while_a_digest_waits_is_not_told(channel: Channel, shipment: Shipment) -> None:
    digest = a_digest(channel)
    released, held = members(digest, shipment, "customs.released", "customs.held")
    Delivery.objects.filter(pk=digest.pk).update(next_attempt_at=timezone.now())
    (job,) = prepared(claim("email"), everything_stands, switched_on=True)
    before = job.message
    assert "Released" in before.subject and "Held" in before.subject
    job.prepared_at -= 2 * FRESH
    assert still_so([job], everything_stands) == [job] and job.message is before
    assert still_so([job], lambda asked: set(asked) - {released.update_id}) == [job]
    assert "Released" not in job.message.subject and "Held" in job.message.subject
    assert job.message.reference == before.reference
    released.refresh_from_db()
    assert (released.state, released.reason) == ("skipped", "superseded")
    assert still_so([job], lambda asked: set()) == []
    digest.refresh_from_db()
    assert (digest.state, digest.reason) == ("skipped", "empty")


def test_statements_do_not_grow_with_digests(shipper: Person, channel: Channel, shipment: Shipment) -> None:
    counts = []
    for number in (1, 8):
        digests = []
        for n in range(number):
            other = a_channel(shipper, address=f"{number}-{n}@example.com")
            a_subscription(other)
            digests.append(a_digest(other))
            members(digests[-1], shipment, *["gate_out"] * 60)
        with CaptureQueriesContext(connection) as captured:
            found = gather(digests, everything_stands)
        assert [(len(one.shown), one.counts) for one in found.values()] == [(40, {"gate_out": 60})] * number
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_many_digests_at_once_share_what_is_judged(
    shipper: Person, channel: Channel, shipment: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "AT_ONCE", 100)
    digests = []
    for n in range(2):
        other = a_channel(shipper, address=f"{n}@example.com")
        a_subscription(other)
        digests.append(a_digest(other))
        members(digests[-1], shipment, *["gate_out"] * 70)
    asked: list[int] = []

    def still_true(updates: Any) -> set[int]:
        asked.extend(updates)
        return set(updates)

    found = gather(digests, still_true)
    assert len(asked) == 100
    assert [(len(one.shown), one.counts) for one in found.values()] == [(40, {"gate_out": 70})] * 2
