"""What customs says of bonded warehouses (UNI-PASS Open API 005) decides what a deadline there costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cargo import tasks
from cargo.models import Event, FeedHead, InspectionDue, MessagePart, Shipment, ShipmentException, Source, Warehouse
from cargo.pipeline.receive import receive, receive_many
from cargo.selectors.documents import build
from cargo.tasks import process_everything
from tests.factories import OrganizationFactory, SourceFactory, a_registered_shipment
from tests.messages import HOUSE, declared, entered, released, removed, unipass
from tests.pipeline.working import messages_by_state, status_of

pytestmark = pytest.mark.django_db
SHED, SECOND_SHED, OTHER_SHED = "02012018", "02006116", "03077016"
ENTERED = "2026-03-10 15:00"
NOW = datetime.fromisoformat("2026-03-11T12:00:00+09:00")
STORED = unipass([entered(ENTERED)])
CLEARED = unipass([entered(ENTERED), declared("2026-03-11 09:00"), released("2026-03-11 10:00")])


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The noon after the goods came in; it stands still until a test moves it."""
    FeedHead.objects.get_or_create(id=1)
    with time_machine.travel(NOW, tick=False) as traveller, mock.patch.object(tasks, "wake"):
        yield traveller


@pytest.fixture
def shipment(db: None) -> Shipment:
    return a_registered_shipment(None, ("house_bill", HOUSE))


def warehouses(*rows: dict[str, str]) -> bytes:
    told = "".join(
        f"<shedInfoQryRsltVo>{''.join(f'<{tag}>{text}</{tag}>' for tag, text in row.items())}</shedInfoQryRsltVo>"
        for row in rows
    )
    return f"<shedInfoQryRtnVo><ntceInfo/><tCnt>{len(rows)}</tCnt>{told}</shedInfoQryRtnVo>".encode()


def shed(code: str = SHED, *, fine: str = "", surcharge: str = "", **words: str) -> dict[str, str]:
    return {"snarSgn": code, "pnltLvyTrgtYn": fine, "adtxColtPridYn": surcharge, **words}


def tell(source: Source, *bodies: bytes) -> None:
    for body in bodies:
        receive(source.pk, body)
        process_everything()


def flags() -> dict[str, tuple[bool | None, bool | None]]:
    return {row.code: (row.late_removal_fine, row.late_declaration_surcharge) for row in Warehouse.objects.all()}


def bases(shipment: Shipment) -> dict[str, str]:
    built = build(shipment.pk)
    assert built is not None
    told = {found["kind"]: found["basis"] for found in json.loads(built[1])["deadlines"]}
    return {kind: told[kind] for kind in ("import_declaration", "removal") if kind in told}


def exceptions(shipment: Shipment) -> list[tuple[str, bool]]:
    """(kind, open) of those about deadlines, in the order in which they were opened."""
    rows = ShipmentException.objects.filter(shipment=shipment, kind__startswith="deadline_").order_by("pk")
    return [(row.kind, row.closed_at is None) for row in rows]


# --- What is kept -----------------------------------------------------------------------------------


def test_a_warehouse_is_kept_with_where_it_was_said(customs: Source) -> None:
    words = {"snarNm": "가상 보세창고", "snarAddr": "부산 가상구", "snartelno": "051-000-0001", "ldunPlcSnarYn": "Y"}
    tell(customs, warehouses(shed(fine="Y", surcharge="N", **words)))
    row = Warehouse.objects.get()
    assert (row.authority, row.code, row.customs_office) == ("KR-KCS", SHED, "020")
    assert (row.name, row.address, row.phone) == ("가상 보세창고", "부산 가상구", "051-000-0001")
    assert (row.late_removal_fine, row.late_declaration_surcharge, row.unloading_place) == (True, False, True)
    assert row.as_of == NOW
    assert row.message is not None and row.message.source == customs
    assert messages_by_state() == {"processed": 1}
    assert not Event.objects.exists()


def test_the_last_word_counts_and_what_it_leaves_out_stays(customs: Source, clock: time_machine.Traveller) -> None:
    tell(customs, warehouses(shed(fine="Y", snarNm="가상"), shed(SECOND_SHED)))
    clock.shift(timedelta(days=1))
    tell(customs, warehouses(shed(fine="N", surcharge="Y")))
    assert flags() == {SHED: (False, True), SECOND_SHED: (None, None)}
    row = Warehouse.objects.get(code=SHED)
    assert (row.name, row.as_of) == ("가상", NOW + timedelta(days=1))
    assert Warehouse.objects.get(code=SECOND_SHED).as_of == NOW


def test_of_two_answers_in_one_batch_the_later_counts_whatever_their_place(
    customs: Source, clock: time_machine.Traveller
) -> None:
    receive(customs.pk, warehouses(shed(fine="Y")))
    clock.shift(timedelta(seconds=1))
    receive_many(customs.pk, [("", warehouses(shed(fine="N"))), ("", warehouses(shed(surcharge="Y")))])
    process_everything()
    assert flags() == {SHED: (False, True)}


def test_reading_an_older_answer_again_changes_nothing(customs: Source, clock: time_machine.Traveller) -> None:
    first = receive(customs.pk, warehouses(shed(fine="Y"))).id
    process_everything()
    clock.shift(timedelta(days=1))
    tell(customs, warehouses(shed(fine="N")))
    assert tasks.replay_messages([first]) == 0
    assert flags() == {SHED: (False, None)}
    Warehouse.objects.all().delete()
    tasks.replay_messages([first])
    assert flags() == {SHED: (True, None)}


def test_a_private_source_says_nothing_of_what_is_everybodys(shipment: Shipment) -> None:
    private = SourceFactory.create(organization=OrganizationFactory.create(), kind=Source.Kind.CUSTOMS)
    tell(private, warehouses(shed(fine="N"), shed(SECOND_SHED)))
    assert not Warehouse.objects.exists()
    assert messages_by_state() == {"ignored": 1}
    part = MessagePart.objects.get()
    assert (part.kind, part.position) == ("parked", "shedInfoQryRsltVo[1]")
    assert part.reason == "what is said of warehouses is taken from shared sources only"


def test_a_broken_row_does_not_keep_the_others_away(customs: Source) -> None:
    tell(customs, warehouses(shed(""), shed(fine="Y")))
    assert flags() == {SHED: (True, None)}
    assert messages_by_state() == {"processed": 1}
    assert MessagePart.objects.get().kind == "problem"


# --- What it changes --------------------------------------------------------------------------------


@pytest.mark.parametrize("shed_first", [True, False])
@pytest.mark.parametrize(
    ("fine", "surcharge", "expected"),
    [
        (
            "Y",
            "Y",
            {"import_declaration": "import_declaration_30_days", "removal": "removal_15_days"},
        ),
        ("N", "N", {"import_declaration": "import_declaration_30_days_no_surcharge"}),
        (
            "",
            "",
            {"import_declaration": "import_declaration_30_days_if_listed", "removal": "removal_15_days_if_listed"},
        ),
    ],
)
def test_deadlines_follow_the_flags(
    customs: Source, shipment: Shipment, shed_first: bool, fine: str, surcharge: str, expected: dict[str, str]
) -> None:
    bodies = [CLEARED, warehouses(shed(fine=fine, surcharge=surcharge))]
    tell(customs, *(bodies[::-1] if shed_first else bodies))
    assert bases(shipment) == expected


def test_a_change_gives_the_cargo_that_lies_there_a_new_version(customs: Source) -> None:
    there = a_registered_shipment(None, ("house_bill", HOUSE))
    elsewhere = a_registered_shipment(None, ("house_bill", "KOSHA2603002"))
    other = unipass([entered(ENTERED, shed=OTHER_SHED)], cargo="26HDMU0123I00150032", house="KOSHA2603002")
    tell(customs, STORED, other)
    before = status_of(there).version, status_of(elsewhere).version

    tell(customs, warehouses(shed(surcharge="Y")))
    assert (status_of(there).version, status_of(elsewhere).version) == (before[0] + 1, before[1])
    # The same flags again, and another telephone number, change nothing.
    tell(customs, warehouses(shed(surcharge="Y", snartelno="051-000-0002")))
    assert status_of(there).version == before[0] + 1


def test_cargo_that_has_left_is_left_alone(customs: Source, shipment: Shipment) -> None:
    tell(
        customs,
        unipass(
            [
                entered(ENTERED),
                declared("2026-03-11 09:00"),
                released("2026-03-11 10:00"),
                removed("2026-03-11 11:00"),
            ]
        ),
    )
    version = status_of(shipment).version
    tell(customs, warehouses(shed(fine="N")))
    assert status_of(shipment).version == version


def test_an_alarm_ends_when_customs_says_that_nothing_follows(
    customs: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    tell(customs, STORED)
    clock.move_to(NOW + timedelta(days=40))
    process_everything()
    assert exceptions(shipment) == [("deadline_exceeded", True)]
    tell(customs, warehouses(shed(surcharge="N")))
    assert exceptions(shipment) == [("deadline_exceeded", False)]
    clock.shift(timedelta(days=1))
    tell(customs, warehouses(shed(surcharge="Y")))
    assert exceptions(shipment) == [("deadline_exceeded", False), ("deadline_exceeded", True)]


def test_without_consequence_the_clock_is_not_asked(
    customs: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    """The next look is when the goods have lain there for two weeks, long before the thirty days of the declaration."""
    tell(customs, warehouses(shed(surcharge="N")), STORED)
    assert InspectionDue.objects.get(pk=shipment.pk).inspect_at == datetime.fromisoformat("2026-03-24T15:00:00+09:00")
    clock.move_to(NOW + timedelta(days=40))
    process_everything()
    assert InspectionDue.objects.get(pk=shipment.pk).inspect_at is None
    assert exceptions(shipment) == []


# --- What it costs ----------------------------------------------------------------------------------


def statements_of(source: Source, *bodies: bytes) -> list[str]:
    """What one batch with all of these asks of the database."""
    receive_many(source.pk, [("", body) for body in bodies])
    claimed = tasks.batch.claim()
    with CaptureQueriesContext(connection) as captured:
        tasks.process(claimed)
    return [query["sql"] for query in captured.captured_queries]


def test_a_batch_about_cargo_asks_nothing_about_warehouses(customs: Source, shipment: Shipment) -> None:
    tell(customs, warehouses(shed(fine="Y")))
    asked = statements_of(customs, CLEARED)
    assert asked
    assert not any("cargo_warehouse" in sql for sql in asked)


def test_many_warehouses_cost_what_one_costs(customs: Source, shipment: Shipment) -> None:
    tell(customs, STORED)
    one = statements_of(customs, warehouses(shed(fine="Y")))
    many = statements_of(customs, *(warehouses(*(shed(f"0{office}{n:05d}", fine="Y") for n in range(50)))
                                    for office in range(20, 30)), warehouses(shed(fine="N")))  # fmt: skip
    assert Warehouse.objects.count() == 501
    assert len(one) == len(many)


def test_the_document_asks_about_warehouses_only_for_goods_that_entered_one(customs: Source) -> None:
    bare = a_registered_shipment(None, ("house_bill", "KOSHA2603009"))
    stored = a_registered_shipment(None, ("house_bill", HOUSE))
    tell(customs, STORED)

    def asked(shipment: Shipment) -> list[Any]:
        with CaptureQueriesContext(connection) as captured:
            build(shipment.pk)
        return [query["sql"] for query in captured.captured_queries if "cargo_warehouse" in query["sql"]]

    assert (len(asked(bare)), len(asked(stored))) == (0, 1)
