"""Korean deadlines against days counted by hand on the calendar of 2026 (10 March is a Tuesday)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cargo.domain.customs.deadlines import NO_SHEDS, DeadlineView, Grounds, Shed, Sheds, deadlines, sheds_of
from cargo.domain.deadline_rules import PACKAGED, Rule
from cargo.domain.derive import derive
from cargo.domain.state import Entry, merge
from cargo.domain.view import Plan
from tests.domain.histories import customs, entry, kst

NOTICE = "[부가사항] 동방보세창고의 장치기간은 최대 6 개월 입니다."
REMOVAL_NOTICE = "[안내사항] 동방보세창고 은 수입신고 수리일로부터 15일이내에 물품을 반출하여야하며"
STORED = customs("bonded_storage_in", "2026-03-10 15:00", place="02012018")
DECLARED = customs("import_declared", "2026-03-11 09:00", declaration="A1")
RELEASED = customs("customs_released", "2026-03-12 14:00", declaration="A1")
GONE = customs("gate_out", "2026-03-13 08:00", declaration="A1")


def due(*entries: Entry, sheds: Sheds = NO_SHEDS) -> list[DeadlineView]:
    merged = merge([], entries)
    return deadlines(derive(merged, Plan()), merged, Grounds(sheds))


def one(kind: str, *entries: Entry, sheds: Sheds = NO_SHEDS) -> DeadlineView:
    (found,) = [deadline for deadline in due(*entries, sheds=sheds) if deadline.kind == kind]
    return found


def limit(place: str, at: str, day: str, milestone: str = "bonded_storage_in") -> Entry:
    facts = {"notice": NOTICE, "storage_months": 6}
    return customs(milestone, at, place=place, deadline_kind="storage_limit", deadline=day, facts=facts)


def test_declare_within_thirty_days_of_the_entry() -> None:
    found = one("import_declaration", STORED)

    assert (found.due_at, found.basis, found.met_at, found.source) == (
        kst("2026-04-09 23:59:59"),
        "import_declaration_30_days_if_listed",
        None,
        "Customs Act (KR) art. 241(3) and (4)",
    )
    assert (found.responsible, found.next_action, found.rule) == ("broker", "declare_import", "kr_import_declaration")
    assert one("import_declaration", STORED, DECLARED).met_at == kst("2026-03-11 09:00")


def test_the_first_of_two_entries_counts_for_the_declaration() -> None:
    second = customs("bonded_transport_arrived", "2026-03-11 10:00", place="02006116")

    assert one("import_declaration", STORED, second).due_at == kst("2026-04-09 23:59:59")


def test_a_rejected_declaration_meets_nothing() -> None:
    rejected = customs("declaration_rejected", "2026-03-11 12:00", declaration="A1")

    assert one("import_declaration", STORED, DECLARED, rejected).met_at is None


def test_the_last_day_moves_off_the_weekend() -> None:
    # 30 days after Thursday 5 March is Saturday 4 April, after Friday 6 March Sunday the 5th: both move to Monday.
    for day in ("2026-03-05", "2026-03-06"):
        entered = customs("bonded_storage_in", f"{day} 15:00", place="02012018")
        assert one("import_declaration", entered).due_at == kst("2026-04-06 23:59:59")


def test_the_day_is_the_korean_one() -> None:
    after_midnight = customs("bonded_storage_in", "2026-03-11 00:30", place="02012018")

    assert one("import_declaration", after_midnight).due_at == kst("2026-04-10 23:59:59")


def test_remove_within_fifteen_days_of_the_release() -> None:
    found = one("removal", STORED, DECLARED, RELEASED)

    assert (found.due_at, found.basis, found.met_at) == (
        kst("2026-03-27 23:59:59"),
        "removal_15_days_if_listed",
        None,
    )
    assert found.source == "Customs Act (KR) art. 157-2"
    assert one("removal", STORED, DECLARED, RELEASED, GONE).met_at == kst("2026-03-13 08:00")


def test_a_notice_makes_the_removal_a_duty() -> None:
    declared = customs(
        "import_declared", "2026-03-11 09:00", declaration="A1", facts={"removal_days": 15, "notice": REMOVAL_NOTICE}
    )
    found = one("removal", STORED, declared, RELEASED)

    assert (found.due_at, found.basis) == (kst("2026-03-27 23:59:59"), "removal_days_by_notice")
    assert found.text == REMOVAL_NOTICE


def test_an_extension_moves_the_removal() -> None:
    extended = customs("removal_extension_approved", "2026-03-20 09:00", deadline_kind="removal", deadline="2026-04-11")
    found = one("removal", STORED, DECLARED, RELEASED, extended)

    # Stated by customs, so a Saturday stays one.
    assert (found.due_at, found.basis) == (kst("2026-04-11 23:59:59"), "removal_extended")


def test_without_a_release_that_stands_nothing_must_be_removed() -> None:
    revoked = customs("customs_release_cancelled", "2026-03-12 16:00", declaration="A1")
    renewed = customs("customs_released", "2026-03-16 14:00", declaration="A1")

    assert "removal" not in {found.kind for found in due(STORED, DECLARED)}
    assert "removal" not in {found.kind for found in due(STORED, DECLARED, RELEASED, revoked)}
    assert one("removal", STORED, DECLARED, RELEASED, revoked, renewed).due_at == kst("2026-03-31 23:59:59")


def test_of_two_declarations_the_removal_due_first_counts() -> None:
    second = customs("customs_released", "2026-03-16 14:00", declaration="B2")

    assert one("removal", STORED, DECLARED, RELEASED, second).due_at == kst("2026-03-27 23:59:59")


def test_storage_ends_on_the_day_of_the_notice() -> None:
    stored = limit("02012018", "2026-03-10 15:00", "2026-09-10")
    found = one("storage_limit", stored)

    assert (found.due_at, found.basis) == (kst("2026-09-10 23:59:59"), "storage_months_by_notice")
    assert (found.text, found.met_at) == (NOTICE, None)
    assert one("storage_limit", stored, DECLARED, RELEASED, GONE).met_at == kst("2026-03-13 08:00")


def test_each_shed_has_its_own_storage_limit() -> None:
    history = (
        limit("02012018", "2026-03-10 15:00", "2026-05-10"),
        customs("bonded_transport_departed", "2026-03-11 09:00", place="02012018"),
        limit("02006116", "2026-03-11 13:00", "2026-09-11", "bonded_transport_arrived"),
        # A second lot on the next day moves nothing: the first entry counts.
        limit("02006116", "2026-03-12 13:00", "2026-09-12", "bonded_transport_arrived"),
    )
    found = [deadline for deadline in due(*history) if deadline.kind == "storage_limit"]

    assert [(deadline.due_at, deadline.met_at) for deadline in found] == [
        (kst("2026-05-10 23:59:59"), kst("2026-03-11 09:00")),
        (kst("2026-09-11 23:59:59"), None),
    ]


def test_a_storage_extension_moves_the_last_limit() -> None:
    stored = limit("02012018", "2026-03-10 15:00", "2026-09-10")
    granted = customs(
        "storage_extension_approved", "2026-09-01 09:00", deadline_kind="storage_limit", deadline="2026-12-10"
    )
    found = one("storage_limit", stored, granted)

    assert (found.due_at, found.basis) == (kst("2026-12-10 23:59:59"), "storage_extended")


def test_the_latest_entry_extension_stands() -> None:
    first, second = (
        customs("entry_extension_approved", at, deadline_kind="entry_limit", deadline=day, place=place)
        for at, day, place in (("2026-03-09 17:00", "2026-03-11", "1"), ("2026-03-10 17:00", "2026-03-13", "2"))
    )
    found = one("entry_limit", second, first)

    assert (found.due_at, found.basis, found.met_at) == (kst("2026-03-13 23:59:59"), "entry_extended", None)
    assert one("entry_limit", second, first, STORED).met_at == kst("2026-03-10 15:00")


def test_other_authorities_have_no_korean_deadlines() -> None:
    assert due(entry("bonded_storage_in", "2026-03-10 15:00"), entry("customs_released", "2026-03-11 15:00")) == []


def test_estimates_make_no_deadline() -> None:
    assert due(customs("bonded_storage_in", "2026-03-10 15:00", classifier=1)) == []


# --- What customs says of the shed ------------------------------------------------------------------

SHED, SECOND_SHED = "02012018", "02006116"
CARRIED_ON = customs("bonded_transport_arrived", "2026-03-11 10:00", place=SECOND_SHED)


@pytest.mark.parametrize(
    ("surcharge", "basis"),
    [
        (None, "import_declaration_30_days_if_listed"),
        (True, "import_declaration_30_days"),
        (False, "import_declaration_30_days_no_surcharge"),
    ],
)
def test_what_a_late_declaration_costs_depends_on_the_shed(surcharge: bool | None, basis: str) -> None:
    found = one("import_declaration", STORED, sheds={SHED: Shed(late_declaration_surcharge=surcharge)})

    assert (found.basis, found.due_at) == (basis, kst("2026-04-09 23:59:59"))


@pytest.mark.parametrize(
    ("first", "second", "day", "basis"),
    [
        (False, True, "2026-04-10", "import_declaration_30_days"),
        (False, None, "2026-04-10", "import_declaration_30_days_if_listed"),
        (None, True, "2026-04-09", "import_declaration_30_days_if_listed"),
        (True, False, "2026-04-09", "import_declaration_30_days"),
        (False, False, "2026-04-09", "import_declaration_30_days_no_surcharge"),
    ],
)
def test_the_first_entry_where_a_surcharge_may_follow_counts(
    first: bool | None, second: bool | None, day: str, basis: str
) -> None:
    sheds = {SHED: Shed(None, first), SECOND_SHED: Shed(None, second)}
    found = one("import_declaration", STORED, CARRIED_ON, sheds=sheds)

    assert (found.due_at, found.basis) == (kst(f"{day} 23:59:59"), basis)


@pytest.mark.parametrize(
    ("fine", "bases"),
    [(None, ["removal_15_days_if_listed"]), (True, ["removal_15_days"]), (False, [])],
)
def test_only_listed_sheds_must_be_left_in_time(fine: bool | None, bases: list[str]) -> None:
    found = due(STORED, DECLARED, RELEASED, sheds={SHED: Shed(late_removal_fine=fine)})

    assert [deadline.basis for deadline in found if deadline.kind == "removal"] == bases


def test_the_shed_entered_last_must_be_left() -> None:
    sheds = {SHED: Shed(late_removal_fine=False), SECOND_SHED: Shed(late_removal_fine=True)}

    assert one("removal", STORED, CARRIED_ON, RELEASED, sheds=sheds).basis == "removal_15_days"
    assert [deadline.kind for deadline in due(STORED, RELEASED, sheds=sheds)] == ["import_declaration", "storage_limit"]


def test_what_customs_grants_or_notifies_goes_before_what_is_known_of_the_shed() -> None:
    sheds = {SHED: Shed(late_removal_fine=False)}
    noticed = customs("import_declared", "2026-03-11 09:00", declaration="A1", facts={"removal_days": 15})
    extended = customs("removal_extension_approved", "2026-03-20 09:00", deadline_kind="removal", deadline="2026-04-11")

    assert one("removal", STORED, noticed, RELEASED, sheds=sheds).basis == "removal_days_by_notice"
    assert one("removal", STORED, RELEASED, extended, sheds=sheds).basis == "removal_extended"


def test_only_sheds_that_goods_entered_in_korea_are_asked_about() -> None:
    elsewhere = entry("bonded_storage_in", "2026-03-10 15:00", place="X1")
    expected = customs("bonded_storage_in", "2026-03-10 15:00", place="Y1", classifier=1)

    assert sheds_of([STORED, CARRIED_ON, RELEASED, elsewhere, expected]) == {SHED, SECOND_SHED}


# --- Exports ----------------------------------------------------------------------------------------

CLEARED = customs("export_cleared", "2026-03-02 14:05", declaration="E1")
BY_CUSTOMS = customs(
    "export_cleared", "2026-03-02 14:05", declaration="E1", deadline_kind="loading", deadline="2026-04-05"
)
LOADED = customs("exported", "2026-03-17 00:00", declaration="E1")


def test_load_within_thirty_days_of_the_acceptance() -> None:
    (found,) = due(CLEARED)

    assert (found.kind, found.due_at, found.basis) == ("loading", kst("2026-04-01 23:59:59"), "loading_30_days")
    assert (found.met_at, found.source) == (None, "Customs Act (KR) art. 251(1)")
    assert (found.responsible, found.next_action, found.money) == ("exporter", "load_cargo", None)


def test_the_day_that_customs_states_stands_and_is_not_moved_off_a_sunday() -> None:
    found = one("loading", BY_CUSTOMS)

    assert (found.due_at, found.basis, found.met_at) == (kst("2026-04-05 23:59:59"), "loading_by_customs", None)


def test_loaded_completely_meets_it_and_a_part_load_does_not() -> None:
    part = customs("departed", "2026-03-10 00:00", declaration="E1")

    assert one("loading", CLEARED, part).met_at is None
    assert one("loading", CLEARED, part, LOADED).met_at == kst("2026-03-17 00:00")


def test_loaded_completely_at_an_unknown_time_leaves_nothing_to_do() -> None:
    assert due(CLEARED, msgspec.structs.replace(LOADED, occurred=None)) == []


def test_the_carriers_departure_meets_it_where_customs_is_silent() -> None:
    sailed = entry("departed", "2026-03-11 21:00", place="KRPUS", level="conveyance")

    assert one("loading", CLEARED, sailed).met_at == kst("2026-03-11 21:00")


def test_of_two_exports_the_one_that_is_not_loaded_counts() -> None:
    second = customs("export_cleared", "2026-03-04 10:00", declaration="E2")
    found = one("loading", CLEARED, second, LOADED)

    assert (found.due_at, found.met_at) == (kst("2026-04-03 23:59:59"), None)


def test_an_export_that_was_taken_back_need_not_be_loaded() -> None:
    canceled = customs("customs_release_cancelled", "2026-03-03 09:00", declaration="E1")

    assert due(CLEARED, canceled) == []


# --- Who, what it costs, and whether anybody is alerted ------------------------------------------------


def test_a_late_declaration_costs_more_in_steps() -> None:
    money = one("import_declaration", STORED).money

    assert money is not None
    assert (money.kind, money.currency, money.basis, money.maximum) == ("surcharge", "KRW", "customs_value", 5_000_000)
    # 20, 50 and 80 days after 9 April are 29 April, 29 May and 28 June; the next rate begins at the midnight after.
    assert [(step.begins, str(step.rate)) for step in money.steps] == [
        (kst("2026-04-10 00:00"), "0.5"),
        (kst("2026-04-30 00:00"), "1"),
        (kst("2026-05-30 00:00"), "1.5"),
        (kst("2026-06-29 00:00"), "2"),
    ]


def test_a_late_removal_costs_a_fine_up_to_a_million_won() -> None:
    money = one("removal", STORED, DECLARED, RELEASED).money

    assert money is not None
    assert (money.kind, money.currency, money.maximum, money.steps) == ("fine", "KRW", 1_000_000, ())


def test_where_nothing_follows_there_is_no_money_and_no_alert() -> None:
    found = one("import_declaration", STORED, sheds={SHED: Shed(late_declaration_surcharge=False)})

    assert (found.money, found.alerts) == (None, False)


def test_what_is_not_certain_or_cannot_be_seen_to_be_met_alerts_nobody() -> None:
    arrived = customs("arrived", "2026-03-09 08:00", level="conveyance")
    numbered = (
        customs("import_declared", "2026-03-11 09:00", declaration="4291826000123M"),
        customs("customs_released", "2026-03-12 14:00", declaration="4291826000123M"),
    )
    found = {deadline.kind: deadline.alerts for deadline in due(arrived, STORED, *numbered)}

    # The length of storage and the payment are told, the entry limit needs the mode.
    assert found == {"import_declaration": True, "storage_limit": False, "removal": True, "payment": False}


def test_the_notice_of_a_shed_is_certain() -> None:
    assert one("storage_limit", limit("02012018", "2026-03-10 15:00", "2026-09-10")).alerts is True


# --- Rules that staff changed -----------------------------------------------------------------------


def with_rules(*rules: Rule, off: tuple[str, ...] = ()) -> Grounds:
    return Grounds(rules=PACKAGED.with_changes(rules, off))


def kinds(*entries: Entry, grounds: Grounds) -> dict[str, int]:
    merged = merge([], entries)
    return {found.kind: found.due_at for found in deadlines(derive(merged, Plan()), merged, grounds)}


def test_a_rule_that_is_switched_off_makes_no_deadline() -> None:
    found = kinds(STORED, grounds=with_rules(off=("kr_import_declaration",)))

    assert set(found) == {"storage_limit"}


def test_what_customs_states_stands_although_the_rule_is_off() -> None:
    extended = customs("removal_extension_approved", "2026-03-20 09:00", deadline_kind="removal", deadline="2026-04-11")
    found = kinds(STORED, DECLARED, RELEASED, extended, grounds=with_rules(off=("kr_removal",)))

    assert found["removal"] == kst("2026-04-11 23:59:59")


def test_a_changed_rule_counts_its_own_days() -> None:
    packaged = PACKAGED.named("kr_import_declaration")
    assert packaged is not None
    found = kinds(STORED, grounds=with_rules(packaged._replace(days=20)))

    assert found["import_declaration"] == kst("2026-03-30 23:59:59")


def test_a_new_rule_is_counted_from_its_milestone() -> None:
    own = Rule("own_report", "KR-KCS", "report", "by_rule", ("bonded_storage_in",), ("import_declared",), days=3)

    assert kinds(STORED, grounds=with_rules(own))["report"] == kst("2026-03-13 23:59:59")
    by_working_days = own._replace(days=4, working_days=True)
    assert kinds(STORED, grounds=with_rules(by_working_days))["report"] == kst("2026-03-16 23:59:59")


def test_a_rule_holds_for_periods_that_begin_while_it_is_valid() -> None:
    own = Rule("own_report", "KR-KCS", "report", "by_rule", ("bonded_storage_in",), (), days=3)

    assert "report" in kinds(STORED, grounds=with_rules(own._replace(valid_to=date(2026, 3, 10))))
    assert "report" not in kinds(STORED, grounds=with_rules(own._replace(valid_to=date(2026, 3, 9))))
    assert "report" not in kinds(STORED, grounds=with_rules(own._replace(valid_from=date(2026, 3, 11))))


def test_a_rule_of_another_authority_says_nothing_here() -> None:
    own = Rule("own_report", "JP-NACCS", "report", "by_rule", ("bonded_storage_in",), (), days=3)

    assert "report" not in kinds(STORED, grounds=with_rules(own))


# --- Other authorities ------------------------------------------------------------------------------


def in_los_angeles(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Los_Angeles")).timestamp())


def american(milestone: str, at: str, **words: Any) -> Entry:
    told = {"authority": "US-CBP", "place": "USLAX", **words}
    return msgspec.structs.replace(entry(milestone, "2026-03-01 00:00", **told), occurred=in_los_angeles(at))


def test_general_order_threatens_fifteen_days_after_landing() -> None:
    landed = american("discharged", "2026-03-10 09:00")
    (found,) = due(landed)

    assert (found.kind, found.due_at) == ("general_order", in_los_angeles("2026-03-25 23:59:59"))
    assert (found.basis, found.source) == ("general_order_15_days", "19 CFR 4.37(a)")
    (met,) = due(landed, american("import_declared", "2026-03-11 10:00"))
    assert met.met_at == in_los_angeles("2026-03-11 10:00")


def test_customs_says_how_many_days_are_left() -> None:
    pending = american("removal_notice", "2026-03-20 09:00", facts={"code": "1R"})
    late = american("unknown", "2026-03-20 09:00", facts={"code": "1K"})

    assert [(found.kind, found.due_at, found.basis) for found in due(pending, late)] == [
        ("general_order", in_los_angeles("2026-03-22 23:59:59"), "days_left_by_customs"),
        ("bonded_transport", in_los_angeles("2026-03-25 23:59:59"), "days_left_by_customs"),
    ]
    arrived = american("bonded_transport_arrived", "2026-03-24 09:00")
    assert one("bonded_transport", late, arrived).met_at == in_los_angeles("2026-03-24 09:00")
    assert due(american("removal_notice", "2026-03-20 09:00", facts={"code": "1S"})) == []


def test_no_general_order_where_the_goods_landed_elsewhere() -> None:
    assert due(american("discharged", "2026-03-10 09:00", place="KRPUS")) == []


def test_a_day_that_an_authority_states_stands_in_its_own_zone() -> None:
    wanted = entry(
        "documents_requested",
        "2026-03-10 15:00",
        authority="GB-HMRC",
        agency="GB-HMRC",
        declaration="G1",
        deadline_kind="documents",
        deadline="2026-04-04",
    )
    (found,) = due(wanted)

    # A Saturday, in summer time: 22:59:59 UTC.
    assert found.due_at == int(datetime(2026, 4, 4, 22, 59, 59, tzinfo=UTC).timestamp())
    assert (found.kind, found.basis, found.stated_by) == ("documents", "stated", 1)
    assert (found.responsible, found.next_action, found.met_at) == ("broker", "submit_documents", None)
    released = entry("customs_released", "2026-03-12 15:00", authority="GB-HMRC", declaration="G1")
    assert one("documents", wanted, released).met_at == kst("2026-03-12 15:00")
