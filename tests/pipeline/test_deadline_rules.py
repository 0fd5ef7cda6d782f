"""Rules and tariffs in the tables: what staff change holds for the next inspection, and only where it concerns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cargo import tasks
from cargo.models import (
    DeadlineRule,
    FeedHead,
    InspectionDue,
    RuleChange,
    Shipment,
    ShipmentStatus,
    Source,
    Tariff,
    TrackingUpdate,
    grounds,
)
from cargo.pipeline.receive import receive
from cargo.selectors.documents import build
from cargo.tasks import apply_rule_changes, process_everything
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import HOUSE, dcsa, entered, equipment, unipass
from tests.pipeline.working import take_in

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-03-11T12:00:00+09:00")
STORED = unipass([entered("2026-03-10 15:00")])
BOX = "HDMU6546583"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The noon after the goods came in; it stands still until a test moves it."""
    FeedHead.objects.get_or_create(id=1)
    with time_machine.travel(NOW, tick=False) as traveller, mock.patch.object(tasks, "wake"):
        yield traveller


@pytest.fixture
def shipment(customs: Source) -> Shipment:
    """Goods that lie in a bonded warehouse since 10 March."""
    made = a_registered_shipment(None, ("house_bill", HOUSE))
    take_in(customs, STORED)
    return made


def a_rule(**changes: Any) -> DeadlineRule:
    """The packaged rule about declaring, changed."""
    words = {
        "code": "kr_import_declaration",
        "authority": "KR-KCS",
        "kind": "import_declaration",
        "days": 30,
        "starts": "bonded_storage_in bonded_transport_arrived",
        "meets": "import_declared",
        "responsible": "broker",
        "next_action": "declare_import",
        "law": "our own",
    }
    return DeadlineRule(**{**words, **changes})


def a_tariff(**changes: Any) -> Tariff:
    words = {"code": "busan", "charge": "demurrage", "starts": "discharged", "free_days": 5}
    return Tariff(**{**words, "tiers": "1:30000", "currency": "KRW", **changes})


def told(shipment: Shipment) -> dict[str, tuple[str, str]]:
    """By kind the day that is due and the basis."""
    built = build(shipment.pk)
    assert built is not None
    return {row["kind"]: (row["due_at"][:10], row["basis"]) for row in json.loads(built[1])["deadlines"]}


def version(shipment: Shipment) -> int:
    return ShipmentStatus.objects.get(pk=shipment.pk).version


def looks(shipment: Shipment) -> datetime | None:
    return InspectionDue.objects.get(pk=shipment.pk).inspect_at


def test_a_changed_rule_holds_from_the_next_look_on(shipment: Shipment) -> None:
    assert told(shipment)["import_declaration"] == ("2026-04-09", "import_declaration_30_days_if_listed")
    before = version(shipment)
    grounds.keep([a_rule(days=20)])
    assert apply_rule_changes() == 1

    # 30 March; the packaged words about 30 days are not true of it.
    assert told(shipment)["import_declaration"] == ("2026-03-30", "by_rule")
    assert version(shipment) == before + 1


def test_history_that_waits_for_its_first_look_stays_silent_when_rules_change(customs: Source) -> None:
    a_registered_shipment(None, ("house_bill", HOUSE))
    receive(customs.pk, STORED, silent=True)
    tasks.work_off_inbox()
    grounds.keep([a_rule(days=20)])
    process_everything()
    rows = TrackingUpdate.objects.filter(kind__startswith="deadline.")
    assert {(row.kind, row.silent) for row in rows} == {("deadline.set", True)}


def test_open_shipments_are_marked_to_be_inspected(shipment: Shipment) -> None:
    grounds.keep([a_rule(days=20)])
    with mock.patch.object(tasks, "drain_inspections"):
        assert apply_rule_changes() == 1
    assert looks(shipment) == NOW
    change = RuleChange.objects.get()
    assert (change.reached, change.done_at) == (shipment.pk, NOW)
    # Done once: nothing is owed any more.
    assert apply_rule_changes() == 0


def test_switched_off_and_back(shipment: Shipment) -> None:
    row = a_rule(active=False)
    grounds.keep([row])
    assert "import_declaration" not in told(shipment)
    grounds.drop([row])
    assert told(shipment)["import_declaration"] == ("2026-04-09", "import_declaration_30_days_if_listed")


def test_a_rule_of_ones_own(shipment: Shipment) -> None:
    grounds.keep([a_rule(code="own_report", kind="report", days=3, starts="bonded_storage_in")])

    assert told(shipment)["report"] == ("2026-03-13", "by_rule")


def test_whom_a_change_does_not_concern_nobody_looks_at(shipment: Shipment, customs: Source) -> None:
    other = a_registered_shipment(None, ("house_bill", "KOSHA2699999"))
    gone = a_registered_shipment(None, ("house_bill", "KOSHA2688888"))
    take_in(customs, STORED.replace(HOUSE.encode(), b"KOSHA2688888"))
    ShipmentStatus.objects.filter(pk=gone.pk).update(status="delivered_out")
    before = {made.pk: (version(made), looks(made)) for made in (other, gone)}
    grounds.keep([a_rule(days=20)])

    assert apply_rule_changes() == 1
    assert {made.pk: (version(made), looks(made)) for made in (other, gone)} == before


def test_many_are_marked_in_portions(customs: Source) -> None:
    numbers = [f"KOSHA26777{n:02}" for n in range(5)]
    made = [a_registered_shipment(None, ("house_bill", number)) for number in numbers]
    for number in numbers:
        take_in(customs, STORED.replace(HOUSE.encode(), number.encode()))
    grounds.keep([a_rule(days=20)])
    with mock.patch.object(grounds, "PORTION", 2):
        assert [grounds.apply_changes() for _ in range(4)] == [2, 2, 1, None]
    assert RuleChange.objects.get().reached == made[-1].pk


def test_a_worker_that_dies_between_portions_leaves_the_rest_to_the_next(shipment: Shipment, customs: Source) -> None:
    second = a_registered_shipment(None, ("house_bill", "KOSHA2688888"))
    take_in(customs, STORED.replace(HOUSE.encode(), b"KOSHA2688888"))
    before = version(shipment), version(second)
    grounds.keep([a_rule(days=20)])
    with mock.patch.object(grounds, "PORTION", 1):
        grounds.apply_changes()
        assert RuleChange.objects.get().done_at is None
        apply_rule_changes()
    assert (version(shipment), version(second)) == (before[0] + 1, before[1] + 1)


# --- Tariffs ----------------------------------------------------------------------------------------


@pytest.fixture
def boxes(carrier: Source) -> tuple[Shipment, Shipment]:
    """The same box, registered by two organizations that have nothing to do with each other."""
    hers, his = (a_registered_shipment(OrganizationFactory.create(), ("container", BOX)) for _ in range(2))
    take_in(carrier, dcsa(equipment("DISC", "2026-03-10 09:00", id="unloaded")))
    return hers, his


def test_the_operators_table_holds_for_everybody(boxes: tuple[Shipment, Shipment]) -> None:
    grounds.keep([a_tariff()])

    assert [told(made)["last_free_day"] for made in boxes] == [("2026-03-15", "free_time_by_tariff")] * 2


def test_an_organizations_own_table_is_nobody_elses(boxes: tuple[Shipment, Shipment]) -> None:
    hers, his = boxes
    before = version(his)
    grounds.keep([a_tariff(organization=hers.organization)])

    assert apply_rule_changes() == 1
    assert told(hers)["last_free_day"] == ("2026-03-15", "free_time_by_tariff")
    assert (told(his), version(his)) == ({}, before)


def test_ones_own_goes_before_the_operators(boxes: tuple[Shipment, Shipment]) -> None:
    hers, his = boxes
    grounds.keep([a_tariff(place="KRPUS"), a_tariff(code="own", free_days=9, organization=hers.organization)])

    assert [told(made)["last_free_day"][0] for made in boxes] == ["2026-03-19", "2026-03-15"]


def test_a_tariff_that_is_not_active_says_nothing(boxes: tuple[Shipment, Shipment]) -> None:
    grounds.keep([a_tariff(active=False)])

    assert told(boxes[0]) == {}


def test_the_box_says_its_last_free_day_and_what_it_costs(boxes: tuple[Shipment, Shipment]) -> None:
    grounds.keep([a_tariff()])
    built = build(boxes[0].pk)
    assert built is not None
    document = json.loads(built[1])

    assert [box["last_free_day"] for box in document["containers"]] == ["2026-03-15"]
    assert document["deadlines"][0]["money"] == {
        "kind": "demurrage",
        "currency": "KRW",
        "amount_per_day": 30000,
        "steps": [{"from": "2026-03-16T00:00:00+09:00", "rate_percent": None, "amount_per_day": 30000}],
        "maximum": None,
        "basis": "container",
    }


# --- What it costs ----------------------------------------------------------------------------------


def test_rules_and_tariffs_are_read_once_and_again_after_a_change() -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            grounds.load_grounds([])
        return len(queries)

    grounds.keep([a_rule(days=20)])
    assert [statements() for _ in range(3)] == [3, 1, 1]
    grounds.keep([a_tariff()])
    assert [statements() for _ in range(2)] == [3, 1]
    assert grounds.load_grounds([]).rules.named("kr_import_declaration").days == 20  # type: ignore[union-attr]


def test_inspecting_many_costs_as_many_statements_as_inspecting_one(customs: Source) -> None:
    grounds.keep([a_rule(days=20), *(a_tariff(code=f"t{n}") for n in range(20))])

    def statements(count: int, first: int) -> int:
        for n in range(first, first + count):
            number = f"KOSHA26{n:05}"
            a_registered_shipment(None, ("house_bill", number))
            take_in(customs, STORED.replace(HOUSE.encode(), number.encode()))
        InspectionDue.objects.update(inspect_at=NOW)
        taken = list(InspectionDue.objects.order_by("pk").values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            tasks.inspection.inspect_due(taken)
        return len(queries)

    process_everything()
    assert statements(1, 0) == statements(8, 1)
