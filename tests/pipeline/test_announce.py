"""What becomes news, once; and how it is given out: in one order, without a gap."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cargo import booking, tasks
from cargo.models import FeedHead, ProjectionDue, Shipment, Source, TrackingUpdate
from cargo.pipeline import announce, batch, project
from cargo.pipeline.receive import receive
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import (
    DECLARATION,
    HOUSE,
    MASTER,
    dcsa,
    declared,
    document,
    entered,
    equipment,
    released,
    removed,
    retraction,
    revoked,
    step,
    transport,
    unipass,
)
from tests.pipeline.threads import Worker, stopped
from tests.pipeline.working import news_of, seconds, status_of, take_in, work_off

BEFORE = [entered("2026-03-14 12:00"), declared("2026-03-15 09:00")]
RELEASE = released("2026-03-16 10:00")
REVOCATION = revoked("2026-03-17 11:00")
RENEWAL = [
    declared("2026-03-18 09:00", declaration="4291826000999M"),
    released("2026-03-19 10:00", declaration="4291826000999M"),
]


@pytest.fixture
def shipment(db: None) -> Shipment:
    found = a_registered_shipment(None)
    work_off()
    return found


def snapshots(source: Source, *lengths: int) -> None:
    """Customs is asked again and again: each answer holds all so far."""
    steps = [*BEFORE, RELEASE, REVOCATION, *RENEWAL, removed("2026-03-20 10:00", declaration="4291826000999M")]
    for length in lengths:
        take_in(source, unipass(steps[:length]))


# --- What is news -----------------------------------------------------------------------------------


def test_a_release_is_news_once(customs: Source, shipment: Shipment) -> None:
    snapshots(customs, 2, 3, 3)
    take_in(customs, unipass([*BEFORE, RELEASE], old_words=True, prgsStts="수입신고수리"))
    assert news_of(shipment) == [("customs.released", False)]
    update = TrackingUpdate.objects.get(kind="customs.released")
    assert update.occurred_at.isoformat() == "2026-03-16T01:00:00+00:00"
    data = json.loads(update.data)
    assert data["references"] == [{"type": "house_bill", "value": HOUSE}]
    assert (data["declaration"], data["authority"], data["milestone"]) == (DECLARATION, "KR-KCS", "customs_released")
    assert data["time_zone"] == "Asia/Seoul"


def test_release_revocation_and_renewal_are_three_pieces_of_news(customs: Source, shipment: Shipment) -> None:
    snapshots(customs, 2, 3, 4, 5, 6, 6, 3, 4)
    assert news_of(shipment) == [
        ("customs.released", False),
        ("customs.release_revoked", False),
        ("customs.released", False),
    ]
    assert len(set(TrackingUpdate.objects.filter(kind="customs.released").values_list("key", flat=True))) == 2


def test_a_release_of_the_same_declaration_after_its_revocation_is_told_again(
    customs: Source, shipment: Shipment
) -> None:
    steps = [*BEFORE, RELEASE, REVOCATION, released("2026-03-19 10:00")]
    for length in (3, 4, 5):
        take_in(customs, unipass(steps[:length]))
    assert [kind for kind, _ in news_of(shipment)] == [
        "customs.released",
        "customs.release_revoked",
        "customs.released",
    ]


def test_all_of_it_in_one_batch_leaves_what_still_holds(customs: Source, shipment: Shipment) -> None:
    snapshots(customs, 6)
    kinds = [kind for kind, _ in news_of(shipment)]
    assert kinds.count("customs.released") == 1 and kinds[-1] == "customs.released"


def test_history_found_at_registration_is_silent(customs: Source, carrier: Source) -> None:
    snapshots(customs, 4)
    take_in(carrier, dcsa(transport("ARRI", "2026-03-14 06:00")))
    late = a_registered_shipment(None)
    work_off()
    assert status_of(late).customs_state == "revoked"
    assert TrackingUpdate.objects.filter(shipment=late).exists()
    assert set(TrackingUpdate.objects.values_list("silent", flat=True)) == {True}
    snapshots(customs, 6)
    assert ("customs.released", False) in news_of(late)


def test_history_that_is_sent_as_such_is_silent(customs: Source, shipment: Shipment) -> None:
    take_in(customs, unipass([*BEFORE, RELEASE]), silent=True)
    assert news_of(shipment) == [("customs.released", True)]


def test_history_beside_news_in_one_batch_silences_only_itself(
    customs: Source, carrier: Source, shipment: Shipment
) -> None:
    booking.add_references(shipment, [("master_bill", MASTER), ("cargo_control_number", "26HDMU0123I00150031")])
    work_off()
    receive(carrier.pk, dcsa(transport("ARRI", "2026-03-14 06:00")), silent=True)
    receive(customs.pk, unipass([*BEFORE, RELEASE]))
    work_off()
    assert news_of(shipment, "customs.released") == [("customs.released", False)]
    arrival = TrackingUpdate.objects.get(kind="milestone", key__startswith="arrived")
    assert arrival.silent is True


def test_news_that_comes_before_the_registration_is_worked_off_is_told(customs: Source) -> None:
    """What was received after somebody registered the cargo is no history, however soon it came."""
    late = a_registered_shipment(None)
    ProjectionDue.objects.update(since=timezone.now() - timedelta(seconds=5))
    with mock.patch.object(tasks, "drain_projections"):
        take_in(customs, unipass([*BEFORE, RELEASE]))
    assert news_of(late) == []
    work_off()
    assert news_of(late) == [("customs.released", False)]


def test_a_hold_and_its_end(customs: Source, shipment: Shipment) -> None:
    steps = [
        *BEFORE,
        step("검사대상", "2026-03-15 10:00", declaration=DECLARATION),
        step("검사완료", "2026-03-15 15:00", declaration=DECLARATION),
        RELEASE,
    ]
    for length in range(1, 6):
        take_in(customs, unipass(steps[:length]))
    assert [kind for kind, _ in news_of(shipment)] == ["customs.held", "customs.hold_cleared", "customs.released"]


def test_a_hold_that_a_release_ends_is_told_by_the_release(customs: Source, shipment: Shipment) -> None:
    steps = [*BEFORE, step("통관보류", "2026-03-15 10:00", declaration=DECLARATION), RELEASE]
    for length in range(1, 5):
        take_in(customs, unipass(steps[:length]))
    assert [kind for kind, _ in news_of(shipment)] == ["customs.held", "customs.released"]


def test_gate_out_is_told_when_all_of_it_has_left(customs: Source, shipment: Shipment) -> None:
    steps = [*BEFORE, RELEASE, removed("2026-03-17 09:00", packages=200), removed("2026-03-18 09:00", packages=220)]
    take_in(customs, unipass(steps[:4]))
    assert ("gate_out", False) not in news_of(shipment)
    take_in(customs, unipass(steps))
    take_in(customs, unipass(steps, old_words=True))
    assert news_of(shipment, "gate_out") == [("gate_out", False)]
    assert status_of(shipment).gated_out_at.isoformat() == "2026-03-18T00:00:00+00:00"


def test_gate_out_under_bond_is_no_news(customs: Source, shipment: Shipment) -> None:
    steps = [*BEFORE, step("반출신고", "2026-03-15 11:00", content="보세운송 반출", moved_at="2026-03-15 11:00")]
    take_in(customs, unipass(steps))
    assert news_of(shipment) == []


def test_a_new_estimate_is_told_to_feeds(carrier: Source) -> None:
    found = a_registered_shipment(None, ("master_bill", MASTER))
    work_off()
    for day, created in ((15, 10), (16, 11), (15, 12), (15, 12)):
        event = transport("ARRI", f"2026-03-{day} 08:00", classifier="EST", id="E", created=f"2026-03-{created} 08:00")
        take_in(carrier, dcsa(event))
    first, second, third = TrackingUpdate.objects.filter(shipment=found, kind="estimate").order_by("pk")
    assert status_of(found).eta.isoformat() == "2026-03-14T23:00:00+00:00"
    assert (first.occurred_at, second.key[-10:]) == (third.occurred_at, str(seconds(second.occurred_at)))
    assert third.key == f"{first.key}|{third.key[-32:]}"


def test_a_release_that_is_retracted_is_taken_back_and_not_told_twice(carrier: Source) -> None:
    found = a_registered_shipment(None, ("master_bill", MASTER))
    work_off()
    take_in(carrier, dcsa(document("RELS", "2026-03-16 10:00", id="R")))
    update = TrackingUpdate.objects.get(kind="customs.released")
    assert announce.still_true([update.pk]) == {update.pk}
    take_in(carrier, dcsa(retraction("R", "2026-03-16 12:00", bill=MASTER)))
    assert status_of(found).customs_state == "none"
    assert announce.still_true([update.pk]) == set()
    take_in(carrier, dcsa(document("RELS", "2026-03-16 10:00", id="R")))
    assert news_of(found, "customs.released") == [("customs.released", False)]


def test_news_that_is_overtaken_is_no_longer_true(customs: Source, shipment: Shipment) -> None:
    snapshots(customs, 3)
    release = TrackingUpdate.objects.get(kind="customs.released").pk
    snapshots(customs, 4)
    revocation = TrackingUpdate.objects.get(kind="customs.release_revoked").pk
    assert announce.still_true([release, revocation]) == {revocation}
    snapshots(customs, 6)
    renewal = TrackingUpdate.objects.exclude(pk=release).get(kind="customs.released").pk
    assert announce.still_true([release, revocation, renewal]) == {renewal}
    assert announce.still_true([]) == set()


def test_no_change_is_no_news(carrier: Source, shipment: Shipment) -> None:
    booking.add_references(shipment, [("master_bill", MASTER)])
    take_in(carrier, dcsa(equipment("DISC", "2026-03-14 09:00")))
    version, told = status_of(shipment).version, TrackingUpdate.objects.count()
    take_in(carrier, b"[" + dcsa(equipment("DISC", "2026-03-14 09:00")) + b"]")
    assert (status_of(shipment).version, TrackingUpdate.objects.count()) == (version, told)


# --- In the transaction of the change ---------------------------------------------------------------


def test_a_change_that_does_not_happen_is_not_told(customs: Source, shipment: Shipment) -> None:
    take_in(customs, unipass(BEFORE))
    told = TrackingUpdate.objects.count()
    receive(customs.pk, unipass([*BEFORE, RELEASE]))
    work, claimed = project.project, batch.claim()

    def fails(*args: object) -> None:
        work(*args)  # type: ignore[arg-type]
        assert TrackingUpdate.objects.filter(kind="customs.released").exists()
        raise ValueError("after the news was written")

    with mock.patch.object(project, "project", fails):
        tasks.process(claimed)
    assert TrackingUpdate.objects.count() == told
    assert status_of(shipment).customs_state == "declared"


def test_two_organizations_are_told_apart(customs: Source) -> None:
    both = [a_registered_shipment(OrganizationFactory.create()) for _ in range(2)]
    work_off()
    snapshots(customs, 3)
    assert [news_of(shipment) for shipment in both] == [[("customs.released", False)]] * 2


# --- The feed ---------------------------------------------------------------------------------------


def fed() -> list[int]:
    return [number for number in TrackingUpdate.objects.order_by("feed_no").values_list("feed_no", flat=True) if number]


def taken(limit: int = 500) -> list[announce.Taken]:
    with transaction.atomic():
        return announce.take(limit)


def test_updates_are_given_out_once_in_order(customs: Source, shipment: Shipment) -> None:
    snapshots(customs, 3)
    owed = list(TrackingUpdate.objects.order_by("pk").values_list("pk", flat=True))
    first = taken(2)
    assert [update.id for update in first] == owed[:2]
    assert [update.id for update in taken()] == owed[2:]
    assert taken() == []
    assert fed() == list(range(1, len(owed) + 1))
    assert FeedHead.objects.get().last == len(owed)
    assert first[0].organizations == {shipment.organization_id: frozenset({"registrant"})}


def test_updates_taken_in_vain_are_taken_again(customs: Source, shipment: Shipment) -> None:
    snapshots(customs, 3)
    with transaction.atomic():
        assert announce.take()
        transaction.set_rollback(True)
    assert fed() == [] and FeedHead.objects.get().last == 0
    assert len(taken()) == TrackingUpdate.objects.count()


@pytest.fixture
def quiet() -> Iterator[None]:
    with mock.patch.object(tasks, "wake"):
        yield


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_slower_writer_with_smaller_ids_is_not_skipped(carrier: Source, quiet: None) -> None:
    """Ids are handed out before commit; feed numbers are handed out after it."""
    slow, quick = (a_registered_shipment(None, ("master_bill", bill)) for bill in ("SLOWBILL1", "QUICKBILL1"))
    work_off()
    one = receive(carrier.pk, dcsa(transport("ARRI", "2026-03-14 06:00", bill="SLOWBILL1"))).id
    two = receive(carrier.pk, dcsa(transport("ARRI", "2026-03-14 06:00", bill="QUICKBILL1"))).id
    with stopped(project, "announce", after=True) as told:
        worker = Worker(lambda: tasks.process(batch.claim(only=[one])))
        assert told.reached.wait(20)
        Worker(lambda: tasks.process(batch.claim(only=[two]))).end()
        first = taken()
        told.go()
        worker.end()
    second = taken()
    assert [update.shipment_id for update in first] == [quick.pk]
    assert [update.shipment_id for update in second] == [slow.pk]
    assert second[0].id < first[0].id
    numbers = dict(TrackingUpdate.objects.values_list("shipment_id", "feed_no"))
    assert numbers == {quick.pk: 1, slow.pk: 2}


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_however_many_write_and_take(carrier: Source, quiet: None) -> None:
    for number in range(24):
        a_registered_shipment(None, ("master_bill", f"FEEDBILL{number}"))
    work_off()
    for number in range(24):
        receive(carrier.pk, dcsa(transport("ARRI", "2026-03-14 06:00", bill=f"FEEDBILL{number}")))

    def write() -> None:
        while claimed := batch.claim(3):
            tasks.process(claimed)

    def take() -> list[int]:
        return [update.id for _ in range(12) for update in taken(5)]

    writers, takers = [Worker(write) for _ in range(2)], [Worker(take) for _ in range(2)]
    for worker in writers:
        worker.end()
    given = [pk for worker in takers for pk in worker.end()] + [update.id for update in taken()]
    assert len(given) == len(set(given)) == TrackingUpdate.objects.count() == 24
    assert fed() == list(range(1, 25))
