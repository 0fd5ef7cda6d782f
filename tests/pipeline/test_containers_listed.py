"""The containers that customs lists for a cargo (UNI-PASS Open API 020) become those of the registered shipment."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cargo.models import Event, ProjectionDue, Shipment, ShipmentReference, Source, UnresolvedEvent
from cargo.pipeline.receive import receive, receive_many
from cargo.selectors.documents import build
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import BOX, CARGO, HOUSE, MASTER, SECOND_BOX, dcsa, entered, equipment, unipass
from tests.pipeline.working import messages_by_state, milestones_of, status_of, take_in, work_off

pytestmark = pytest.mark.django_db
OTHER_HOUSE = "KOSHA2603002"
OTHER_CARGO = "26HDMU0123I00150032"
ASKED = f"cargMtNo={CARGO}"
PROGRESS = unipass([entered("2026-03-16 09:00")])
BOXES = {("container", BOX, True), ("container", SECOND_BOX, True)}


def listed(*boxes: str, seal: str = "KR103851", note: str = "") -> bytes:
    """An answer as customs gives it: without the cargo's number. ``note`` makes other bytes of the same list."""
    rows = "".join(
        f"<cntrQryBrkdQryVo><cntrNo>{box}</cntrNo><cntrStszCd>45GP</cntrStszCd><cntrSelgNo1>{seal}</cntrSelgNo1>"
        "<cntrSelgNo2/><cntrSelgNo3/></cntrQryBrkdQryVo>"
        for box in boxes
    )
    return f"<cntrQryBrkdQryRtnVo><tCnt>{len(boxes)}</tCnt>{rows}</cntrQryBrkdQryRtnVo>{note}".encode()


def tell(customs: Source, body: bytes, name: str = ASKED) -> None:
    receive(customs.pk, body, name=name)
    work_off()


def numbers_of(shipment: Shipment) -> set[tuple[str, str, bool]]:
    return set(ShipmentReference.objects.filter(shipment=shipment).values_list("kind", "value", "learned"))


def containers_of(shipment: Shipment) -> list[tuple[Any, ...]]:
    built = build(shipment.pk)
    assert built is not None
    return [
        (found["number"], found["iso_code"], found["milestone"], found["last_event_at"])
        for found in json.loads(built[1])["containers"]
    ]


@pytest.fixture
def shipment(db: None) -> Shipment:
    """Registered by its house bill when it was on its way."""
    made = a_registered_shipment(None, ("house_bill", HOUSE))
    Shipment.objects.filter(pk=made.pk).update(created_at="2026-03-01T00:00:00+00:00")
    return made


def test_listed_containers_become_the_shipments(customs: Source, shipment: Shipment) -> None:
    take_in(customs, PROGRESS)
    assert containers_of(shipment) == []

    tell(customs, listed(BOX, SECOND_BOX))

    assert numbers_of(shipment) >= BOXES | {("house_bill", HOUSE, False), ("cargo_control_number", CARGO, True)}
    assert containers_of(shipment) == [
        (BOX, "45GP", None, None),
        (SECOND_BOX, "45GP", None, None),
    ]
    # What is known of the goods stays as it was: a list moves nothing.
    status = status_of(shipment)
    assert (status.container_count, status.status, status.milestone) == (2, "in_bond", "bonded_storage_in")


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("list_first", [False, True])
def test_a_list_may_come_before_the_cargo_is_known(
    customs: Source, shipment: Shipment, list_first: bool, together: bool
) -> None:
    answers = [("", PROGRESS), (ASKED, listed(BOX, SECOND_BOX))]
    if list_first:
        answers.reverse()
    for portion in [answers] if together else [[answer] for answer in answers]:
        receive_many(customs.pk, portion)
        work_off()
    assert numbers_of(shipment) >= BOXES
    assert sorted(milestones_of(shipment)) == ["bonded_storage_in", "containers_listed", "containers_listed"]
    assert status_of(shipment).container_count == 2
    assert not ProjectionDue.objects.exists()


def test_a_carriers_report_of_a_listed_container_reaches_the_shipment(
    customs: Source, carrier: Source, shipment: Shipment
) -> None:
    take_in(carrier, dcsa(equipment("DISC", "2026-03-14 09:00", bill="")))
    assert milestones_of(shipment) == []
    take_in(customs, PROGRESS)
    tell(customs, listed(BOX))
    assert "discharged" in milestones_of(shipment)
    assert containers_of(shipment)[0][:3] == (BOX, "45GP", "discharged")


def test_another_cargos_list_and_one_without_a_cargo_concern_nobody(customs: Source, shipment: Shipment) -> None:
    take_in(customs, PROGRESS)
    before = numbers_of(shipment), status_of(shipment).version
    tell(customs, listed(BOX), f"cargMtNo={OTHER_CARGO}")
    tell(customs, listed(BOX, SECOND_BOX), "answer.xml")
    assert Event.objects.filter(milestone="containers_listed").count() == 3
    assert (numbers_of(shipment), status_of(shipment).version) == before
    assert containers_of(shipment) == []
    assert not UnresolvedEvent.objects.exists()


def test_cargoes_that_share_a_container_keep_their_own_numbers(customs: Source) -> None:
    owner = OrganizationFactory.create()
    both = [a_registered_shipment(owner, ("house_bill", house)) for house in (HOUSE, OTHER_HOUSE)]
    take_in(customs, PROGRESS, unipass([entered("2026-03-16 09:00")], cargo=OTHER_CARGO, house=OTHER_HOUSE))
    tell(customs, listed(BOX))
    tell(customs, listed(BOX, seal="X7"), f"cargMtNo={OTHER_CARGO}")
    for shipment, cargo in zip(both, (CARGO, OTHER_CARGO), strict=True):
        numbers = {(kind, value) for kind, value, _ in numbers_of(shipment)}
        assert {value for kind, value in numbers if kind == "cargo_control_number"} == {cargo}
        assert ("container", BOX) in numbers
        assert status_of(shipment).container_count == 1


def test_the_same_list_again_is_the_same_report(customs: Source, shipment: Shipment) -> None:
    take_in(customs, PROGRESS)
    tell(customs, listed(BOX, SECOND_BOX))
    events, version = Event.objects.count(), status_of(shipment).version
    tell(customs, listed(SECOND_BOX, BOX, note="\n"))
    assert messages_by_state() == {"processed": 3}
    assert (Event.objects.count(), status_of(shipment).version) == (events, version)


def test_an_answer_about_nothing_is_ignored_and_an_error_kept_for_a_person(customs: Source, shipment: Shipment) -> None:
    tell(customs, listed())
    tell(customs, b"<cntrQryBrkdQryRtnVo><ntceInfo>key</ntceInfo><tCnt>-1</tCnt></cntrQryBrkdQryRtnVo>")
    assert messages_by_state() == {"ignored": 1, "quarantined": 1}
    assert not Event.objects.exists()


def test_a_registered_master_bill_hears_of_its_cargos_containers(customs: Source) -> None:
    shipment = a_registered_shipment(None, ("master_bill", MASTER))
    tell(customs, listed(BOX), f"{ASKED}&mblNo={MASTER}")
    assert numbers_of(shipment) == {
        ("master_bill", MASTER, False),
        ("cargo_control_number", CARGO, True),
        ("container", BOX, True),
    }
