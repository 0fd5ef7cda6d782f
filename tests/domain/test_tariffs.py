"""Free time, demurrage and detention of boxes unloaded in Busan on Tuesday 10 March 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cargo.domain.customs.deadlines import Grounds, deadlines
from cargo.domain.deadline import DeadlineView, Other, owed
from cargo.domain.derive import derive
from cargo.domain.state import Entry, merge
from cargo.domain.tariffs import Tariff, Tariffs, Tier, read_tiers
from cargo.domain.view import Plan
from tests.domain.histories import entry, kst

BOX, SECOND = "HDMU6546583", "MSKU9070323"
OURS, THEIRS = 7, 8
TIERS = (Tier(1, Decimal(30000)), Tier(6, Decimal(50000)))
DEMURRAGE = Tariff("busan", "demurrage", "discharged", 5, TIERS, "KRW")
DETENTION = Tariff("boxes", "detention", "gate_out", 7, (Tier(1, Decimal("12.50")),), "USD")


def boxed(milestone: str, at: str, number: str = BOX, **words: Any) -> Entry:
    return entry(milestone, at, subject=number, level="container", **{"place": "KRPUS", **words})


UNLOADED = boxed("discharged", "2026-03-10 09:00")
COLLECTED = boxed("gate_out", "2026-03-14 10:00")
RETURNED = boxed("empty_returned", "2026-03-25 10:00")


def stated(day: str, source: int, at: str = "2026-03-11 09:00", **words: Any) -> Entry:
    told = {"deadline_kind": "last_free_day", "deadline": day, "source": source, **words}
    return boxed("last_free_day_reported", at, **told)


def due(*entries: Entry, tariffs: tuple[Tariff, ...] = (), **plan: Any) -> list[DeadlineView]:
    told = {"organization": OURS, "port_of_loading": "CNSHA", "port_of_discharge": "KRPUS", **plan}
    merged = merge([], entries)
    return deadlines(derive(merged, Plan(**told)), merged, Grounds(tariffs=Tariffs(tariffs)))


def one(*entries: Entry, tariffs: tuple[Tariff, ...] = (), **plan: Any) -> DeadlineView:
    (found,) = due(*entries, tariffs=tariffs, **plan)
    return found


def day_of(deadline: DeadlineView) -> str:
    return datetime.fromtimestamp(deadline.due_at + 9 * 3600, UTC).strftime("%Y-%m-%d")


def test_free_days_are_counted_from_the_day_after() -> None:
    found = one(UNLOADED, tariffs=(DEMURRAGE,))

    assert (found.kind, found.due_at, found.met_at) == ("last_free_day", kst("2026-03-15 23:59:59"), None)
    assert (found.container, found.rule, found.basis) == (BOX, "busan", "free_time_by_tariff")
    assert (found.responsible, found.next_action, found.stated_by) == ("importer", "collect", None)


def test_what_it_costs_by_tiers() -> None:
    found = one(UNLOADED, tariffs=(DEMURRAGE,))

    assert found.money is not None
    assert (found.money.kind, found.money.currency, found.money.amount_per_day) == ("demurrage", "KRW", 30000)
    assert [(step.begins, step.per_day) for step in found.money.steps] == [
        (kst("2026-03-16 00:00"), 30000),
        (kst("2026-03-21 00:00"), 50000),
    ]
    assert owed(found, kst("2026-03-15 23:59:59")) is None
    first = owed(found, kst("2026-03-16 00:00"))
    assert first is not None and (first.days, first.amount) == (1, 30000)
    # Five days at 30,000 and two at 50,000.
    seventh = owed(found, kst("2026-03-22 12:00"))
    assert seventh is not None and (seventh.days, seventh.amount) == (7, 250_000)


def test_collecting_ends_it_and_stops_the_clock() -> None:
    found = one(UNLOADED, boxed("gate_out", "2026-03-17 10:00"), tariffs=(DEMURRAGE,))
    late = owed(found, kst("2026-04-30 12:00"))

    assert found.met_at == kst("2026-03-17 10:00")
    assert late is not None and (late.days, late.amount) == (2, 60_000)
    in_time = one(UNLOADED, COLLECTED, tariffs=(DEMURRAGE,))
    assert (in_time.met_at, owed(in_time, kst("2026-04-30 12:00"))) == (kst("2026-03-14 10:00"), None)


def test_leaving_under_bond_ends_the_terminals_time() -> None:
    found = one(UNLOADED, boxed("bonded_transport_departed", "2026-03-12 10:00"), tariffs=(DEMURRAGE,))

    assert found.met_at == kst("2026-03-12 10:00")


def test_the_empty_is_due_from_the_gate_on() -> None:
    assert due(UNLOADED, tariffs=(DETENTION,)) == []
    found = one(UNLOADED, COLLECTED, tariffs=(DETENTION,))

    assert (found.kind, found.due_at, found.met_at) == ("detention", kst("2026-03-21 23:59:59"), None)
    assert found.next_action == "return_empty"
    late = one(UNLOADED, COLLECTED, RETURNED, tariffs=(DETENTION,))
    cost = owed(late, kst("2026-04-30 12:00"))
    # From the 22nd to the 25th.
    assert cost is not None and (cost.days, cost.amount, cost.currency) == (4, Decimal("50.00"), "USD")


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({"first_day_counts": True}, "2026-03-14"),
        # 11, 12, 13, then 16 and 17 March.
        ({"working_days": True}, "2026-03-17"),
        ({"working_days": True, "first_day_counts": True}, "2026-03-16"),
        ({"free_days": 0}, "2026-03-10"),
        ({"free_days": 0, "first_day_counts": True}, "2026-03-09"),
        ({"starts": "available_for_pickup"}, "2026-03-17"),
    ],
)
def test_how_days_are_counted(changes: dict[str, Any], day: str) -> None:
    available = boxed("available_for_pickup", "2026-03-12 09:00")

    assert day_of(one(UNLOADED, available, tariffs=(DEMURRAGE._replace(**changes),))) == day


def test_nobody_counts_before_it_begins() -> None:
    assert due(UNLOADED, tariffs=(DEMURRAGE._replace(starts="available_for_pickup"),)) == []


# --- Which tariff -----------------------------------------------------------------------------------

DRY_FORTY = boxed("loaded", "2026-03-01 09:00", place="CNSHA", facts={"iso": "45G1", "carrier": "HDMU"})


@pytest.mark.parametrize(
    "changes",
    [
        {"carrier": "MSCU"},
        {"place": "KRINC"},
        {"equipment": ("22",)},
        {"equipment": ("45R",)},
        {"direction": "export", "starts": "gate_in"},
        {"valid_from": date(2026, 3, 11)},
        {"valid_to": date(2026, 3, 9)},
        {"organization": THEIRS},
    ],
)
def test_a_tariff_that_does_not_fit_says_nothing(changes: dict[str, Any]) -> None:
    assert due(DRY_FORTY, UNLOADED, tariffs=(DEMURRAGE._replace(**changes),)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"carrier": "hdmu"},
        {"place": "KRPUS"},
        {"equipment": ("22", "45")},
        {"equipment": ("4?G",)},
        {"organization": OURS},
    ],
)
def test_of_several_the_one_that_asks_for_more_counts(changes: dict[str, Any]) -> None:
    special = DEMURRAGE._replace(code="special", free_days=9, **changes)
    found = one(DRY_FORTY, UNLOADED, tariffs=(DEMURRAGE._replace(code="a"), special))

    assert (found.rule, day_of(found), found.others) == ("special", "2026-03-19", ())


def test_a_tariff_holds_for_what_begins_while_it_is_valid() -> None:
    on_that_day = DEMURRAGE._replace(valid_from=date(2026, 3, 10), valid_to=date(2026, 3, 10))

    assert one(UNLOADED, tariffs=(on_that_day,)).rule == "busan"


def test_ones_own_stands_in_the_place_of_the_operators() -> None:
    own = DEMURRAGE._replace(code="own", free_days=14, organization=OURS)
    tables = (DEMURRAGE._replace(carrier="HDMU", place="KRPUS"), own)

    assert one(DRY_FORTY, UNLOADED, tariffs=tables).rule == "own"
    assert one(DRY_FORTY, UNLOADED, tariffs=tables, organization=THEIRS).rule == "busan"
    assert one(DRY_FORTY, UNLOADED, tariffs=tables, organization=0).rule == "busan"


# --- With what sources state ------------------------------------------------------------------------


def test_the_earliest_day_counts_and_is_named_and_the_others_are_kept() -> None:
    found = one(UNLOADED, stated("2026-03-13", 2), stated("2026-03-14", 3), tariffs=(DEMURRAGE,))

    assert (day_of(found), found.basis, found.stated_by) == ("2026-03-13", "last_free_day_stated", 2)
    assert found.others == (Other(3, kst("2026-03-14 23:59:59")), Other("busan", kst("2026-03-15 23:59:59")))
    # It costs what the table says, from the day after the one that counts.
    assert found.money is not None and found.rule == "busan"
    assert [step.begins for step in found.money.steps] == [kst("2026-03-14 00:00"), kst("2026-03-19 00:00")]


def test_the_table_counts_where_it_is_earlier() -> None:
    found = one(UNLOADED, stated("2026-03-18", 2), tariffs=(DEMURRAGE,))

    assert (day_of(found), found.rule, found.stated_by) == ("2026-03-15", "busan", None)
    assert found.others == (Other(2, kst("2026-03-18 23:59:59")),)


def test_a_source_that_says_another_day_later_means_that_one() -> None:
    found = one(UNLOADED, stated("2026-03-13", 2), stated("2026-03-17", 2, "2026-03-12 09:00", place="KRBNP"))

    assert (day_of(found), found.others) == ("2026-03-17", ())


def test_each_box_has_its_own_and_the_bills_day_holds_for_all() -> None:
    whole = entry("last_free_day_reported", "2026-03-11 08:00", deadline_kind="last_free_day", deadline="2026-03-16")
    second = boxed("discharged", "2026-03-10 11:00", SECOND)
    found = due(UNLOADED, second, whole, stated("2026-03-13", 2))

    assert [(deadline.container, day_of(deadline)) for deadline in found] == [
        (BOX, "2026-03-13"),
        (SECOND, "2026-03-16"),
    ]


def test_one_box_that_left_leaves_the_other_to_collect() -> None:
    second = boxed("discharged", "2026-03-10 11:00", SECOND)
    found = due(UNLOADED, second, COLLECTED, tariffs=(DEMURRAGE,))

    assert {deadline.container: deadline.met_at for deadline in found} == {BOX: kst("2026-03-14 10:00"), SECOND: None}


def test_of_a_shared_box_only_what_is_stated_is_due() -> None:
    assert due(UNLOADED, tariffs=(DEMURRAGE,), load="lcl") == []
    assert day_of(one(UNLOADED, stated("2026-03-13", 2), tariffs=(DEMURRAGE,), load="lcl")) == "2026-03-13"


def test_exports_wait_at_the_terminal_too() -> None:
    storage = Tariff("out", "storage", "gate_in", 3, TIERS, "KRW", direction="export")
    plan = {"port_of_loading": "KRPUS", "port_of_discharge": "NLRTM"}
    entered = boxed("gate_in", "2026-03-10 09:00")
    found = one(entered, tariffs=(storage,), **plan)

    assert (found.kind, day_of(found), found.responsible) == ("last_free_day", "2026-03-13", "exporter")
    assert one(entered, boxed("loaded", "2026-03-12 20:00"), tariffs=(storage,), **plan).met_at == kst(
        "2026-03-12 20:00"
    )


def test_tiers() -> None:
    assert read_tiers("1:30000 6:50000.50") == (Tier(1, Decimal(30000)), Tier(6, Decimal("50000.50")))
    assert read_tiers("") == ()


@pytest.mark.parametrize("text", ["30000", "2:1", "1:x", "x:1", "1:1 1:2", "1:1 6:-1", "1:nan", "1:1 0:2"])
def test_tiers_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError):
        read_tiers(text)
