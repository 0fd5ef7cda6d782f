"""What does not fit: rolled, dwelling, silent, off the route, sources that disagree, what cannot come in that order."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.derive import derive
from cargo.domain.finding import DAY, HOUR, Finding, Heard, facts
from cargo.domain.rules import inspect
from cargo.domain.state import ESTIMATED, PLANNED, Entry, merge
from cargo.domain.view import Plan
from tests.domain.histories import customs, entry, kst

NOW = kst("2026-03-20 12:00")
ROUTE = {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}
BOX, OTHER_BOX = "HDMU6546583", "TCLU1234568"
Told = list[Finding]


def found(*entries: Entry, now: int = NOW, heard: tuple[Heard, ...] = (), **plan: Any) -> dict[str, Finding]:
    """The findings by kind; of these histories none has two of one kind."""
    state = merge([], entries)
    findings, _ = inspect(derive(state, Plan(**(plan or ROUTE))), (), now, state, heard)
    by_kind = {finding.kind: finding for finding in findings}
    assert len(by_kind) == len(findings)
    return by_kind


def next_look(*entries: Entry, now: int = NOW, heard: tuple[Heard, ...] = ()) -> int | None:
    state = merge([], entries)
    return inspect(derive(state, Plan(**ROUTE)), (), now, state, heard)[1]


def sailing(at: str, told: str, classifier: int = PLANNED, **words: Any) -> Entry:
    """The departure from Shanghai that lies ahead."""
    return entry("departed", at, classifier=classifier, reported=kst(told), place="CNSHA", **words)


def eta(at: str, told: str, source: int = 1, **words: Any) -> Entry:
    """The expected arrival in Busan."""
    return entry("arrived", at, classifier=ESTIMATED, reported=kst(told), place="KRPUS", source=source, **words)


# --- Rolled -----------------------------------------------------------------------------------------


def test_the_carrier_says_that_it_rolled_the_cargo() -> None:
    rolled = entry("rolled", "2026-03-10 09:00", place="CNSHA", subject=BOX)
    assert found(rolled)["rolled"] == Finding(
        "rolled",
        "",
        kst("2026-03-10 09:00"),
        "forwarder",
        "confirm_sailing",
        None,
        "rolled_by_carrier",
        facts(place="CNSHA", container=BOX),
    )


def test_rolled_ends_with_the_sailing() -> None:
    rolled = entry("rolled", "2026-03-10 09:00", place="CNSHA", subject=BOX)
    assert "rolled" not in found(rolled, entry("departed", "2026-03-12 09:00", place="CNSHA"))
    assert "rolled" in found(rolled, entry("departed", "2026-03-09 09:00", place="CNSHA"))


def test_moved_to_another_voyage() -> None:
    first = sailing("2026-03-22 09:00", "2026-03-01 09:00", facts={"vessel": "HMM ALGECIRAS", "voyage": "014E"})
    now = sailing("2026-03-23 09:00", "2026-03-15 09:00", facts={"vessel": "HMM OSLO", "voyage": "015E"})
    assert found(first, now)["rolled"] == Finding(
        "rolled",
        "",
        kst("2026-03-15 09:00"),
        "forwarder",
        "confirm_sailing",
        None,
        "another_sailing",
        facts(
            before_at=kst("2026-03-22 09:00"),
            now_at=kst("2026-03-23 09:00"),
            before="HMM ALGECIRAS 014E",
            now="HMM OSLO 015E",
            place="CNSHA",
        ),
    )


@pytest.mark.parametrize(
    ("later", "rolled"), [("2026-03-24 09:00", False), ("2026-03-24 09:01", True), ("2026-03-20 09:00", False)]
)
def test_the_same_voyage_is_rolled_when_it_sails_more_than_two_days_later(later: str, rolled: bool) -> None:
    first = sailing("2026-03-22 09:00", "2026-03-01 09:00", facts={"voyage": "014E"})
    now = sailing(later, "2026-03-15 09:00", ESTIMATED, facts={"voyage": "14E"})
    assert ("rolled" in found(first, now)) is rolled


def test_what_has_sailed_is_rolled_no_more() -> None:
    plans = sailing("2026-03-10 09:00", "2026-03-01 09:00"), sailing("2026-03-15 09:00", "2026-03-05 09:00")
    assert "rolled" in found(*plans)
    assert "rolled" not in found(*plans, entry("departed", "2026-03-15 10:00", place="CNSHA"))


# --- Dwelling ---------------------------------------------------------------------------------------


def test_cargo_lies_too_long_at_a_transshipment_port() -> None:
    at = entry("discharged", "2026-03-05 09:00", place="SGSIN", subject=BOX)
    begins = kst("2026-03-15 09:00")
    assert next_look(at, now=begins - 1) == begins
    assert "dwelling" not in found(at, now=begins - 1)
    assert found(at, now=begins)["dwelling"] == Finding(
        "dwelling",
        "transshipment|SGSIN",
        kst("2026-03-05 09:00"),
        "carrier",
        "move_on",
        told=facts(place="SGSIN", where="transshipment"),
    )


def test_it_goes_on() -> None:
    at = entry("discharged", "2026-03-05 09:00", place="SGSIN", subject=BOX)
    assert "dwelling" not in found(at, entry("loaded", "2026-03-08 09:00", place="SGSIN", subject=BOX))
    # Told of the whole, it is true of every box.
    assert "dwelling" not in found(at, entry("departed", "2026-03-08 09:00", place="SGSIN"))


def test_one_box_of_two_stays_behind() -> None:
    boxes = [entry("discharged", "2026-03-05 09:00", place="SGSIN", subject=box) for box in (BOX, OTHER_BOX)]
    assert "dwelling" in found(*boxes, entry("loaded", "2026-03-08 09:00", place="SGSIN", subject=BOX))


@pytest.mark.parametrize(
    ("milestone", "place", "days", "mode"),
    [
        ("discharged", "KRPUS", 5, "vessel"),
        ("discharged", "KRPUS", 2, "air"),
        ("bonded_storage_in", "02012018", 14, "vessel"),
        ("gate_in", "CNSHA", 10, "vessel"),
    ],
)
def test_how_long_it_may_lie_depends_on_the_place(milestone: str, place: str, days: int, mode: str) -> None:
    at = entry(milestone, "2026-03-01 09:00", place=place, subject=BOX, mode=mode)
    begins = kst("2026-03-01 09:00") + days * DAY
    assert "dwelling" not in found(at, now=begins - 1)
    assert "dwelling" in found(at, now=begins)


def test_who_withholds_the_cargo_must_act_when_it_lies_too_long() -> None:
    held = found(
        entry("discharged", "2026-03-05 09:00", place="KRPUS", subject=BOX),
        customs("documents_requested", "2026-03-06 09:00"),
    )
    assert held["dwelling"][3:5] == ("broker", "submit_documents")


def test_released_cargo_is_not_collected_and_not_dwelling() -> None:
    stored = customs("bonded_storage_in", "2026-03-01 09:00", place="02012018")
    assert "dwelling" in found(stored)
    assert found(stored, customs("customs_released", "2026-03-03 09:00")).keys() == {"not_collected"}


# --- Silent -----------------------------------------------------------------------------------------

SAILED = entry("departed", "2026-03-01 09:00", place="CNSHA")


def carrier(at: str, **words: Any) -> Heard:
    return Heard(**({"source": 1, "name": "HMM", "kind": "carrier", "at": kst(at), "slug": "hmm"} | words))


def test_a_carrier_is_silent_after_five_days_under_way() -> None:
    heard = carrier("2026-03-02 09:00")
    begins = kst("2026-03-07 09:00")
    assert next_look(SAILED, now=begins - 1, heard=(heard,)) == begins
    assert "silent" not in found(SAILED, now=begins - 1, heard=(heard,))
    assert found(SAILED, now=begins, heard=(heard,))["silent"] == Finding(
        "silent",
        "1",
        kst("2026-03-02 09:00"),
        "operator",
        "ask_source",
        None,
        "not_heard",
        facts(source="HMM", heard_at=kst("2026-03-02 09:00")),
    )


def test_and_three_days_after_the_arrival_was_expected() -> None:
    heard = carrier("2026-03-09 09:00")
    due = eta("2026-03-10 09:00", "2026-03-02 09:00")
    assert "silent" not in found(SAILED, due, now=kst("2026-03-13 08:59"), heard=(heard,))
    assert "silent" in found(SAILED, due, now=kst("2026-03-13 09:00"), heard=(heard,))


def test_of_several_carriers_the_one_that_spoke_last_counts() -> None:
    assert "silent" not in found(SAILED, heard=(carrier("2026-03-02 09:00"), carrier("2026-03-19 09:00", source=2)))


def test_what_has_arrived_needs_no_carrier() -> None:
    here = entry("arrived", "2026-03-10 09:00", place="KRPUS")
    assert "silent" not in found(SAILED, here, heard=(carrier("2026-03-10 09:00"),))


def test_customs_is_silent_by_its_own_pace_alone() -> None:
    stored = customs("import_declared", "2026-03-15 09:00")
    office = carrier("2026-03-15 09:00", kind="customs")
    assert "silent" not in found(stored, heard=(office,))
    assert "silent" in found(stored, heard=(office._replace(every=2 * DAY),))
    assert "silent" not in found(stored, heard=(office._replace(every=9 * DAY),))


def test_a_pace_of_minutes_is_no_pace_for_one_cargo() -> None:
    office = carrier("2026-03-19 13:00", kind="customs", every=600)
    assert "silent" not in found(customs("import_declared", "2026-03-15 09:00"), heard=(office,))


# --- Off the route ----------------------------------------------------------------------------------

CALLS = [
    entry("departed", "2026-03-01 09:00", classifier=PLANNED, place="CNSHA"),
    entry("arrived", "2026-03-25 09:00", classifier=PLANNED, place="KRPUS"),
]


def test_a_move_at_a_port_that_nobody_announced() -> None:
    astray = entry("discharged", "2026-03-18 09:00", place="PHMNL", subject=BOX)
    assert found(*CALLS, astray)["off_route"] == Finding(
        "off_route",
        "PHMNL",
        kst("2026-03-18 09:00"),
        "carrier",
        "explain_route",
        None,
        "not_on_the_plan",
        facts(place="PHMNL"),
    )


def test_an_announced_transshipment_is_on_the_route() -> None:
    call = entry("arrived", "2026-03-17 09:00", classifier=PLANNED, place="PHMNL")
    assert "off_route" not in found(*CALLS, call, entry("discharged", "2026-03-18 09:00", place="PHMNL", subject=BOX))


def test_where_no_calls_were_announced_every_transshipment_is_news_to_us() -> None:
    assert "off_route" not in found(SAILED, entry("discharged", "2026-03-18 09:00", place="PHMNL", subject=BOX))


# --- Conflicting ------------------------------------------------------------------------------------

NAMES = (carrier("2026-03-19 09:00"), carrier("2026-03-19 09:00", source=2, name="INTTRA"))


@pytest.mark.parametrize(("hours", "conflicting"), [(48, False), (49, True)])
def test_two_sources_tell_one_arrival_too_far_apart(hours: int, conflicting: bool) -> None:
    one = entry("arrived", "2026-03-10 09:00", place="KRPUS", reported=kst("2026-03-11 09:00"))
    at = kst("2026-03-10 09:00") + hours * HOUR
    other = entry("arrived", "2026-03-10 09:00", place="KRPUS", source=2, reported=kst("2026-03-13 09:00"))
    told = found(
        one, Entry(**({f: getattr(other, f) for f in Entry.__struct_fields__} | {"occurred": at})), heard=NAMES
    )
    assert ("conflicting" in told) is conflicting
    if conflicting:
        assert told["conflicting"] == Finding(
            "conflicting",
            "arrived||KRPUS",
            kst("2026-03-13 09:00"),
            "operator",
            "check_sources",
            None,
            "sources_disagree",
            facts(
                what="arrived",
                place="KRPUS",
                one="HMM",
                one_at=kst("2026-03-10 09:00"),
                other="INTTRA",
                other_at=at,
            ),
        )


def test_one_source_may_correct_itself() -> None:
    days = [entry("arrived", f"2026-03-{day} 09:00", place="KRPUS") for day in (10, 14)]
    assert "conflicting" not in found(*days)


def test_two_estimates_of_equal_standing() -> None:
    told = [eta("2026-03-22 09:00", "2026-03-18 09:00"), eta("2026-03-25 09:00", "2026-03-19 09:00", source=2)]
    conflict = found(*told, heard=NAMES)["conflicting"]
    assert conflict.subject == "eta||KRPUS"
    assert dict(conflict.told)["one"] == "HMM"


def test_a_stale_estimate_and_a_source_of_lower_rank_contradict_nobody() -> None:
    now = eta("2026-03-25 09:00", "2026-03-19 09:00", source=2)
    assert "conflicting" not in found(eta("2026-03-22 09:00", "2026-03-10 09:00"), now)
    assert "conflicting" not in found(eta("2026-03-22 09:00", "2026-03-18 09:00", rank=9), now)


def test_one_says_released_and_another_held() -> None:
    released = entry("customs_released", "2026-03-15 09:00", authority="DCSA")
    held = customs("customs_hold", "2026-03-16 09:00", source=2)
    conflict = found(released, held, heard=NAMES)["conflicting"]
    assert (conflict.subject, conflict.since) == ("release||", kst("2026-03-16 09:00"))
    own = customs("customs_hold", "2026-03-16 09:00")
    assert "conflicting" not in found(released, own, heard=NAMES)


# --- Impossible order -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "later", "place"),
    [
        (("discharged", "2026-03-14 09:00", BOX), ("gate_out", "2026-03-13 09:00", BOX), "KRPUS"),
        (("arrived", "2026-03-14 09:00", ""), ("discharged", "2026-03-13 09:00", BOX), "KRPUS"),
        (("loaded", "2026-03-14 09:00", BOX), ("departed", "2026-03-13 09:00", ""), "CNSHA"),
    ],
)
def test_what_cannot_come_before(earlier: tuple[str, str, str], later: tuple[str, str, str], place: str) -> None:
    told = found(*(entry(code, at, place=place, subject=box) for code, at, box in (earlier, later)), heard=NAMES)
    wrong = told["impossible_order"]
    assert wrong.subject == f"{later[0]}|{earlier[0]}|{place}"
    assert (wrong.responsible, wrong.next_action, wrong.reason) == ("operator", "check_sources", "impossible_order")
    assert dict(wrong.told)["earlier_at"] == kst(earlier[1])
    assert dict(wrong.told)["later_at"] == kst(later[1])


def test_sources_round() -> None:
    arrived = entry("arrived", "2026-03-14 09:00", place="KRPUS")
    assert "impossible_order" not in found(arrived, entry("discharged", "2026-03-14 04:00", place="KRPUS", subject=BOX))


def test_the_other_box_may_leave_first() -> None:
    out = entry("gate_out", "2026-03-13 09:00", place="KRPUS", subject=OTHER_BOX)
    assert "impossible_order" not in found(out, entry("discharged", "2026-03-14 09:00", place="KRPUS", subject=BOX))


def test_an_impossible_order_is_told_for_thirty_days() -> None:
    told = (
        entry("discharged", "2026-03-14 09:00", place="KRPUS", subject=BOX),
        entry("gate_out", "2026-03-13 09:00", place="KRPUS", subject=BOX),
    )
    end = kst("2026-03-14 09:00") + 30 * DAY
    assert "impossible_order" in found(*told, now=end - 1)
    assert "impossible_order" not in found(*told, now=end)
