"""Whom a message concerns: bills before boxes, whose source it is, masters and houses, and what is learned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cargo import booking
from cargo.domain.derive import derive
from cargo.domain.state import unpack
from cargo.models import (
    Event,
    ProjectionDue,
    Shipment,
    ShipmentReference,
    Source,
    TrackingUpdate,
    UnresolvedEvent,
    projection,
)
from cargo.pipeline import project
from tests.factories import OrganizationFactory, SourceFactory, a_registered_shipment
from tests.messages import (
    BOX,
    CARGO,
    HOUSE,
    MASTER,
    SECOND_BOX,
    dcsa,
    declared,
    document,
    entered,
    equipment,
    released,
    retraction,
    transport,
    unipass,
)
from tests.pipeline.working import links_of, milestones_of, state_of, status_of, take_in, work_off

pytestmark = pytest.mark.django_db
OTHER_HOUSE = "KOSHA2603002"
OTHER_CARGO = "26HDMU0123I00150032"
DISCHARGE = dcsa(equipment("DISC", "2026-03-14 09:00"))
ONLY_THE_BOX = dcsa(equipment("DISC", "2026-03-14 09:00", bill=""))
ONLY_THE_BILL = dcsa(transport("ARRI", "2026-03-14 06:00"))


def weak_of(shipment: Shipment) -> set[bool]:
    return {weak for _, _, weak in links_of([shipment])}


def numbers_of(shipment: Shipment) -> set[tuple[str, str, bool]]:
    return set(ShipmentReference.objects.filter(shipment=shipment).values_list("kind", "value", "learned"))


def registered_in(month: str, *references: tuple[str, str], **fields: object) -> Shipment:
    """A shipment that was registered then: its journey is sought around that day."""
    shipment = a_registered_shipment(fields.pop("owner", None), *references, **fields)  # type: ignore[arg-type]
    Shipment.objects.filter(pk=shipment.pk).update(created_at=f"{month}-01T00:00:00+00:00")
    return shipment


# --- Bills and boxes --------------------------------------------------------------------------------


def test_a_bill_decides_first(carrier: Source) -> None:
    mine = a_registered_shipment(None, ("master_bill", MASTER))
    other = a_registered_shipment(None, ("master_bill", "OTHERBILL1"))
    take_in(carrier, DISCHARGE)
    assert milestones_of(mine) == ["discharged"] and weak_of(mine) == {False}
    assert milestones_of(other) == []


def test_a_box_alone_is_a_weak_match(carrier: Source) -> None:
    mine = registered_in("2026-03", ("container", BOX))
    take_in(carrier, ONLY_THE_BOX)
    assert milestones_of(mine) == ["discharged"] and weak_of(mine) == {True}


@pytest.mark.parametrize(("month", "found"), [("2026-03", True), ("2026-11", False), ("2025-01", False)])
def test_a_box_alone_reaches_no_further_than_a_journey_may(carrier: Source, month: str, found: bool) -> None:
    mine = registered_in(month, ("container", BOX))
    take_in(carrier, ONLY_THE_BOX)
    assert bool(milestones_of(mine)) is found


def test_the_second_journey_of_a_box_is_another_cargos(carrier: Source) -> None:
    mine = registered_in("2026-03", ("master_bill", MASTER), ("container", BOX))
    take_in(
        carrier,
        dcsa(equipment("GTOT", "2026-03-02 09:00", "CNSHA", empty=True)),
        dcsa(equipment("GTOT", "2026-03-15 09:00", bill="")),
        dcsa(equipment("GTIN", "2026-03-18 09:00", empty=True, bill="")),
        dcsa(equipment("GTOT", "2026-05-02 09:00", "KRPUS", empty=True, bill="")),
        dcsa(equipment("LOAD", "2026-05-10 09:00", "KRPUS", bill="")),
    )
    status = status_of(mine)
    assert (status.status, status.milestone) == ("completed", "empty_returned")
    assert status.last_event_at is not None and status.last_event_at.month == 3


def test_a_journey_before_the_booking_does_not_count(carrier: Source) -> None:
    mine = registered_in("2026-03", ("master_bill", MASTER), ("container", BOX))
    take_in(
        carrier,
        dcsa(equipment("GTIN", "2026-02-10 09:00", "CNSHA", empty=True, bill="")),
        dcsa(equipment("GTOT", "2026-03-02 09:00", "CNSHA", empty=True)),
    )
    assert status_of(mine).status == "at_origin"


def test_two_shipments_of_one_organization_that_could_be_meant(carrier: Source) -> None:
    owner = OrganizationFactory.create()
    both = [registered_in("2026-03", ("container", BOX), owner=owner) for _ in range(2)]
    stranger = registered_in("2026-03", ("container", BOX))
    take_in(carrier, ONLY_THE_BOX)
    assert links_of(both) == set()
    assert [status_of(shipment).status for shipment in both] == ["expected", "expected"]
    row = UnresolvedEvent.objects.get()
    assert (row.organization_id, row.candidates) == (owner.pk, sorted(shipment.pk for shipment in both))
    assert milestones_of(stranger) == ["discharged"]


def test_a_second_candidate_that_comes_later_takes_the_first_match_back(carrier: Source) -> None:
    owner = OrganizationFactory.create()
    first = registered_in("2026-03", ("container", BOX), owner=owner)
    take_in(carrier, ONLY_THE_BOX)
    assert milestones_of(first) == ["discharged"]
    second = registered_in("2026-03", ("container", BOX), owner=owner)
    work_off()
    assert links_of([first, second]) == set()
    assert status_of(first).status == "expected"
    assert UnresolvedEvent.objects.count() == 1
    assert project.differences([first.pk, second.pk]) == []


def test_a_bill_resolves_what_a_box_leaves_open(carrier: Source) -> None:
    owner = OrganizationFactory.create()
    billed = registered_in("2026-03", ("master_bill", MASTER), ("container", BOX), owner=owner)
    boxed = registered_in("2026-03", ("master_bill", "OTHERBILL1"), ("container", BOX), owner=owner)
    take_in(carrier, DISCHARGE)
    assert milestones_of(billed) == ["discharged"] and not UnresolvedEvent.objects.exists()
    assert [weak for _, _, weak in links_of([boxed])] in ([], [True])


# --- Whose source -----------------------------------------------------------------------------------


def test_a_private_source_speaks_of_its_organizations_cargo_only() -> None:
    owner, stranger = OrganizationFactory.create(), OrganizationFactory.create()
    mine = a_registered_shipment(owner, ("master_bill", MASTER))
    theirs = a_registered_shipment(stranger, ("master_bill", MASTER))
    work_off()
    version = status_of(theirs).version
    take_in(SourceFactory.create(organization=owner), DISCHARGE)
    assert milestones_of(mine) == ["discharged"]
    assert milestones_of(theirs) == []
    assert status_of(theirs).version == version
    assert not TrackingUpdate.objects.filter(shipment=theirs).exists()
    assert not ProjectionDue.objects.exists()
    assert numbers_of(theirs) == {("master_bill", MASTER, False)}


def test_a_private_source_speaks_of_cargo_its_organization_is_party_to() -> None:
    owner, forwarder = OrganizationFactory.create(), OrganizationFactory.create()
    mine = a_registered_shipment(owner, ("master_bill", MASTER))
    take_in(SourceFactory.create(organization=forwarder), DISCHARGE)
    assert milestones_of(mine) == []
    assert booking.add_party(mine, forwarder.pk, "forwarder")
    work_off()
    assert milestones_of(mine) == ["discharged"]


def test_a_strangers_registration_finds_nothing_of_a_private_source() -> None:
    owner = OrganizationFactory.create()
    take_in(SourceFactory.create(organization=owner), DISCHARGE)
    theirs = a_registered_shipment(None, ("master_bill", MASTER))
    mine = a_registered_shipment(owner, ("master_bill", MASTER))
    work_off()
    assert (milestones_of(theirs), milestones_of(mine)) == ([], ["discharged"])


def test_a_shared_source_speaks_of_everybodys(carrier: Source) -> None:
    shipments = [a_registered_shipment(None, ("master_bill", MASTER)) for _ in range(2)]
    take_in(carrier, DISCHARGE)
    assert [milestones_of(shipment) for shipment in shipments] == [["discharged"], ["discharged"]]
    assert Event.objects.count() == 1


# --- Masters and houses -----------------------------------------------------------------------------


@pytest.fixture
def house(db: None) -> Shipment:
    """A house bill under the master."""
    return a_registered_shipment(None, ("house_bill", HOUSE), ("master_bill", MASTER))


def test_movement_is_inherited_from_the_master(carrier: Source, house: Shipment) -> None:
    take_in(carrier, ONLY_THE_BILL)
    assert milestones_of(house) == ["arrived"]


def test_holds_and_releases_are_not(carrier: Source, house: Shipment) -> None:
    take_in(carrier, dcsa(document("HOLD", "2026-03-14 10:00")), dcsa(document("RELS", "2026-03-15 10:00", id="R")))
    assert milestones_of(house) == []
    assert status_of(house).customs_state == "none"


def test_a_shipment_without_a_house_takes_both_from_its_master(carrier: Source) -> None:
    master = a_registered_shipment(None, ("master_bill", MASTER))
    take_in(carrier, ONLY_THE_BILL, dcsa(document("RELS", "2026-03-15 10:00")))
    assert milestones_of(master) == ["arrived", "customs_released"]
    assert status_of(master).customs_state == "released"


def test_another_house_of_the_same_master_is_none_of_ours(customs: Source, house: Shipment) -> None:
    steps = [entered("2026-03-14 12:00"), declared("2026-03-15 09:00"), released("2026-03-16 10:00")]
    take_in(customs, unipass(steps, house=OTHER_HOUSE, cargo=OTHER_CARGO))
    assert milestones_of(house) == []
    assert numbers_of(house) == {("house_bill", HOUSE, False), ("master_bill", MASTER, False)}
    take_in(customs, unipass(steps))
    assert status_of(house).customs_state == "released"


def test_a_shared_box_between_stuffing_and_stripping(carrier: Source) -> None:
    """Less than a container load: what the box did before and after is not the cargo's."""
    mine = registered_in("2026-03", ("house_bill", HOUSE), ("master_bill", MASTER), ("container", BOX), load="lcl")
    take_in(
        carrier,
        dcsa(equipment("GTOT", "2026-03-01 09:00", "CNSHA", empty=True)),
        dcsa(equipment("GTIN", "2026-03-02 08:00", "CNSHA")),
        dcsa(equipment("STUF", "2026-03-02 09:00", "CNSHA")),
        dcsa(equipment("LOAD", "2026-03-03 09:00", "CNSHA")),
        dcsa(equipment("DISC", "2026-03-14 09:00")),
        dcsa(equipment("STRP", "2026-03-15 09:00")),
        dcsa(equipment("GTIN", "2026-03-16 09:00", empty=True)),
    )
    plan = projection.plans_of([mine.pk])[mine.pk]
    view = derive(unpack(state_of(mine)), plan)
    told = sorted(occurrence.milestone for occurrence in view.occurrences)
    assert told == ["discharged", "loaded", "stripped", "stuffed"]
    assert status_of(mine).status == "arrived"


# --- What is learned --------------------------------------------------------------------------------


def test_a_box_joins_a_bill_if_one_message_names_both(carrier: Source) -> None:
    mine = a_registered_shipment(None, ("master_bill", MASTER))
    take_in(carrier, DISCHARGE)
    assert ("container", BOX, True) in numbers_of(mine)


def test_a_box_does_not_join_a_bill_that_only_shares_a_third_number(carrier: Source) -> None:
    """Both are of the same booking; no message names the box beside this bill."""
    mine = registered_in("2026-03", ("container", BOX))
    take_in(carrier, dcsa(equipment("DISC", "2026-03-14 09:00", box=SECOND_BOX)))
    assert numbers_of(mine) == {("container", BOX, False)}
    assert milestones_of(mine) == []


def test_earlier_events_are_found_by_what_is_learned_later(carrier: Source, customs: Source) -> None:
    mine = a_registered_shipment(None, ("house_bill", HOUSE))
    Shipment.objects.update(created_at="2026-03-01T00:00:00+00:00")
    take_in(carrier, ONLY_THE_BILL, ONLY_THE_BOX)
    assert milestones_of(mine) == []
    take_in(customs, unipass([entered("2026-03-14 12:00")], box=BOX))
    assert numbers_of(mine) == {
        ("house_bill", HOUSE, False),
        ("master_bill", MASTER, True),
        ("cargo_control_number", CARGO, True),
        ("container", BOX, True),
    }
    assert milestones_of(mine) == ["arrived", "discharged", "bonded_storage_in"]
    assert not ProjectionDue.objects.exists()


def test_a_weak_match_becomes_a_strong_one_when_its_bill_is_learned(carrier: Source, customs: Source) -> None:
    mine = registered_in("2026-03", ("house_bill", HOUSE), ("container", BOX))
    take_in(carrier, DISCHARGE)
    assert weak_of(mine) == {True}
    take_in(customs, unipass([entered("2026-03-14 12:00")]))
    assert weak_of(mine) == {False}
    assert project.differences([mine.pk]) == []


def test_a_weak_match_teaches_nothing(carrier: Source) -> None:
    mine = registered_in("2026-03", ("house_bill", HOUSE), ("container", BOX))
    take_in(carrier, DISCHARGE)
    assert numbers_of(mine) == {("house_bill", HOUSE, False), ("container", BOX, False)}


# --- Registration after the events ------------------------------------------------------------------


def test_events_that_came_before_the_registration_are_found(carrier: Source, customs: Source) -> None:
    take_in(carrier, DISCHARGE, ONLY_THE_BILL)
    take_in(customs, unipass([entered("2026-03-14 12:00"), declared("2026-03-15 09:00")]))
    assert not TrackingUpdate.objects.exists()
    mine = a_registered_shipment(None, ("master_bill", MASTER))
    work_off()
    assert milestones_of(mine) == ["arrived", "discharged", "bonded_storage_in", "import_declared"]
    assert status_of(mine).customs_state == "declared"
    assert project.differences([mine.pk]) == []


def test_a_number_added_later_brings_its_events(carrier: Source) -> None:
    mine = a_registered_shipment(None, ("house_bill", HOUSE))
    take_in(carrier, ONLY_THE_BILL)
    assert milestones_of(mine) == []
    assert booking.add_references(mine, [("master_bill", MASTER), ("house_bill", HOUSE)]) == 1
    work_off()
    assert milestones_of(mine) == ["arrived"]


def test_a_retraction_that_came_before_the_registration_counts(carrier: Source) -> None:
    take_in(carrier, dcsa(equipment("DISC", "2026-03-14 09:00", id="D1")))
    take_in(carrier, dcsa(retraction("D1", "2026-03-15 09:00")))
    mine = a_registered_shipment(None, ("master_bill", MASTER))
    work_off()
    assert status_of(mine).status == "expected"


def test_the_day_of_registration_is_the_anchor_of_a_box(carrier: Source) -> None:
    """Registered today by its box alone: what the box did half a year ago was another journey."""
    take_in(
        carrier, dcsa(equipment("DISC", (timezone.now() - timedelta(days=200)).strftime("%Y-%m-%d 09:00"), bill=""))
    )
    take_in(carrier, dcsa(equipment("LOAD", (timezone.now() - timedelta(days=2)).strftime("%Y-%m-%d 09:00"), bill="")))
    mine = a_registered_shipment(None, ("container", BOX))
    work_off()
    assert milestones_of(mine) == ["loaded"]
