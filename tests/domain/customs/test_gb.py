"""HMRC: routes and notifications, what they do to each other, and the day by which documents are due."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import gb
from cargo.domain.state import Entry
from tests.domain.customs.signs import due, sign
from tests.domain.customs.stepping import History, Step, name_of, walk
from tests.domain.histories import entry

MRN, OTHER = "26GB5XZ0M1C2V3B4N5", "26GB7YW9P8Q7R6S5T4"


def told(code: str, at: str, **words: Any) -> Entry:
    """A route or a notification of one declaration."""
    return sign("GB-HMRC", code, at, **{"declaration": MRN, **words})


def ours(milestone: str, at: str, **words: Any) -> Entry:
    """What the broker or the payer did about that declaration."""
    return entry(milestone, at, authority="GB-HMRC", declaration=MRN, **words)


HISTORIES = [
    History(
        "pre_lodged_then_route_6",
        "Pre-lodged on route H nothing is accepted; DMSACC accepts it on arrival; route 6 is immediate clearance.",
        [
            Step([told("DMSRCV", "2026-03-01 09:00")], "none", lights={"customs": "pending"}, releases=[]),
            Step([told("H", "2026-03-01 09:01")], "none", lights={"customs": "pending"}),
            Step([told("DMSACC", "2026-03-03 07:00")], "declared", lights={"customs": "pending"}),
            Step([told("6", "2026-03-03 07:01")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "route_1_documents_then_cleared",
        "Route 1 wants the documents: the broker sends them, and HMRC clears.",
        [
            Step([told("01", "2026-03-03 07:00")], "declared", lights={"documents": "unknown"}),
            Step(
                [told("1", "2026-03-03 07:01")],
                "held",
                holds=["GB-HMRC 1"],
                lights={"customs": "blocked", "documents": "blocked"},
            ),
            Step(
                [ours("documents_submitted", "2026-03-03 11:00")],
                "held",
                holds=["GB-HMRC 1"],
                lights={"customs": "blocked", "documents": "pending"},
            ),
            Step([told("09", "2026-03-04 09:00")], "released", lights={"customs": "ok", "documents": "ok"}),
        ],
    ),
    History(
        "route_2_is_relaxed_to_route_1",
        "The goods need not be shown anymore, only the papers: the new route takes the old one's place.",
        [
            Step([told("01", "2026-03-03 07:00")], "declared"),
            Step([told("2", "2026-03-03 07:01")], "held", holds=["GB-HMRC 2"], lights={"documents": "unknown"}),
            Step([told("1", "2026-03-03 10:00")], "held", holds=["GB-HMRC 1"], lights={"documents": "blocked"}),
            Step([told("6", "2026-03-03 15:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "route_1_becomes_route_2",
        "Route 2 examines goods and documents: the papers asked for by route 1 are still wanted.",
        [
            Step([told("1", "2026-03-03 07:01")], "held", holds=["GB-HMRC 1"]),
            Step(
                [told("2", "2026-03-03 10:00")],
                "held",
                holds=["GB-HMRC 1", "GB-HMRC 2"],
                lights={"documents": "blocked", "customs": "blocked"},
            ),
            Step([told("08", "2026-03-05 10:00")], "released", lights={"customs": "ok", "documents": "ok"}),
        ],
    ),
    History(
        "route_0_then_3_then_6",
        "Route 0 waits for another government system, route 3 clears by itself after a while: nobody has to act.",
        [
            Step([told("01", "2026-03-03 07:00")], "declared"),
            Step([told("0", "2026-03-03 07:01")], "under_review", lights={"customs": "pending"}),
            Step([told("3", "2026-03-03 08:00")], "under_review", lights={"customs": "pending"}),
            Step([told("6", "2026-03-03 10:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "route_1_becomes_route_3",
        "On route 3 the documents are not wanted anymore: it clears by itself.",
        [
            Step([told("01", "2026-03-03 07:00")], "declared"),
            Step([told("1", "2026-03-03 07:01")], "held", holds=["GB-HMRC 1"]),
            Step([told("3", "2026-03-03 09:00")], "under_review", lights={"customs": "pending", "documents": "ok"}),
            Step([told("6", "2026-03-03 11:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "credibility_failure_resolved",
        "Route F is a value that HMRC does not believe; corrected, it waits on route H as any pre-lodged entry.",
        [
            Step([told("F", "2026-03-01 09:00")], "held", holds=["GB-HMRC F"], lights={"customs": "blocked"}),
            Step([told("H", "2026-03-01 14:00")], "none", lights={"customs": "pending"}),
            Step([told("01", "2026-03-03 07:00")], "declared"),
            Step([told("6", "2026-03-03 07:01")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "route_e_waits",
        "Stored data is linked on route E: no clearance, and nothing to do.",
        [
            Step([told("E", "2026-03-03 07:00")], "under_review", lights={"customs": "pending"}),
            Step([told("01", "2026-03-03 07:10")], "under_review"),
            Step([told("08", "2026-03-03 09:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "documents_by_a_limit_date",
        "DMSDOC names the last day for the documents; handed in, the move is HMRC's, and the release ends it.",
        [
            Step([told("01", "2026-03-10 09:00")], "declared", deadlines={}),
            Step(
                [told("06", "2026-03-10 12:00", limit="2026-03-20")],
                "held",
                holds=["GB-HMRC 06"],
                lights={"customs": "blocked", "documents": "blocked"},
                deadlines={"documents": "2026-03-20"},
            ),
            Step(
                [ours("documents_submitted", "2026-03-12 12:00")],
                "held",
                holds=["GB-HMRC 06"],
                lights={"documents": "pending"},
                deadlines={"documents": "met"},
            ),
            Step(
                [told("08", "2026-03-13 08:00")], "released", lights={"documents": "ok"}, deadlines={"documents": "met"}
            ),
        ],
    ),
    History(
        "two_demands_for_documents",
        "Asked twice with two days, the earlier day counts; one release ends both.",
        [
            Step([told("01", "2026-03-10 09:00")], "declared"),
            Step(
                [
                    told("06", "2026-03-10 12:00", limit="2026-03-20"),
                    told("06", "2026-03-11 12:00", limit="2026-03-18"),
                ],
                "held",
                holds=["GB-HMRC 06", "GB-HMRC 06"],
                deadlines={"documents": "2026-03-18"},
            ),
            Step([told("08", "2026-03-13 08:00")], "released", deadlines={"documents": "met"}),
        ],
    ),
    History(
        "rog_then_cle_is_one_release",
        "DMSROG lets the goods go, DMSCLE closes the declaration: one release, told twice.",
        [
            Step([told("DMSACC", "2026-03-10 09:00")], "declared", releases=[]),
            Step([told("DMSROG", "2026-03-10 11:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
            Step([told("DMSCLE", "2026-03-11 02:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "cle_without_rog",
        "DMSCLE releases where no DMSROG came before.",
        [
            Step([told("01", "2026-03-10 09:00")], "declared"),
            Step([told("09", "2026-03-10 11:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "control_after_release",
        "A control that is told after DMSROG stops the goods until DMSCLE; the release itself was never taken back.",
        [
            Step([told("01", "2026-03-10 09:00"), told("08", "2026-03-10 11:00")], "released", releases=["stands"]),
            Step(
                [told("05", "2026-03-10 13:00")],
                "held",
                holds=["GB-HMRC 05"],
                lights={"customs": "blocked"},
                releases=["stands"],
            ),
            Step([told("09", "2026-03-11 09:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "control_corrections_release",
        "DMSCTL: customs will inspect. DMSRES: what they corrected after it. DMSROG: the goods may go.",
        [
            Step([told("01", "2026-03-10 09:00")], "declared"),
            Step([told("05", "2026-03-10 10:00")], "held", holds=["GB-HMRC 05"], lights={"customs": "blocked"}),
            Step([told("07", "2026-03-11 15:00")], "declared", lights={"customs": "pending"}),
            Step([told("08", "2026-03-11 16:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "corrections_leave_the_documents_due",
        "What was corrected after the inspection does not hand in the documents that were asked for.",
        [
            Step([told("01", "2026-03-10 09:00"), told("05", "2026-03-10 10:00")], "held", holds=["GB-HMRC 05"]),
            Step([told("06", "2026-03-10 10:05", limit="2026-03-17")], "held", holds=["GB-HMRC 05", "GB-HMRC 06"]),
            Step(
                [told("07", "2026-03-11 15:00")],
                "held",
                holds=["GB-HMRC 06"],
                lights={"documents": "blocked"},
                deadlines={"documents": "2026-03-17"},
            ),
            Step(
                [told("08", "2026-03-12 16:00")], "released", lights={"customs": "ok"}, deadlines={"documents": "met"}
            ),
        ],
    ),
    History(
        "rejected_and_lodged_anew",
        "DMSREJ before acceptance refuses the declaration: another one has to be lodged.",
        [
            Step([told("02", "2026-03-10 09:00")], "none"),
            Step([told("03", "2026-03-10 09:01")], "rejected", lights={"customs": "blocked"}),
            Step([told("01", "2026-03-10 15:00", declaration=OTHER)], "declared", lights={"customs": "pending"}),
            Step([told("08", "2026-03-10 17:00", declaration=OTHER)], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "amendment_refused",
        "DMSREJ after acceptance refuses an amendment: declaration, demand and later release stand as they are.",
        [
            Step([told("01", "2026-03-10 09:00")], "declared"),
            Step([told("06", "2026-03-10 10:00", limit="2026-03-20")], "held", holds=["GB-HMRC 06"]),
            Step([told("03", "2026-03-10 12:00")], "held", holds=["GB-HMRC 06"], deadlines={"documents": "2026-03-20"}),
            Step([told("08", "2026-03-11 12:00")], "released", releases=["stands"]),
            Step([told("03", "2026-03-12 12:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "invalidated_under_control",
        "DMSINV: the declaration is no more, and nothing is asked on it; a new one is due.",
        [
            Step([told("01", "2026-03-10 09:00"), told("05", "2026-03-10 10:00")], "held", holds=["GB-HMRC 05"]),
            Step([told("10", "2026-03-12 10:00")], "cancelled", lights={"customs": "pending"}),
        ],
    ),
    History(
        "invalidated_after_release",
        "A declaration lodged twice is invalidated: its release goes with it, the second one's counts.",
        [
            Step([told("01", "2026-03-10 09:00"), told("08", "2026-03-10 10:00")], "released", releases=["stands"]),
            Step([told("10", "2026-03-11 10:00")], "cancelled", lights={"customs": "pending"}, releases=["revoked"]),
            Step([told("01", "2026-03-11 11:00", declaration=OTHER)], "declared"),
            Step([told("08", "2026-03-11 12:00", declaration=OTHER)], "released", releases=["revoked", "stands"]),
        ],
    ),
    History(
        "debt_told_then_released",
        "DMSTAX says what is owed and asks nothing that would keep the goods.",
        [
            Step([told("01", "2026-03-10 09:00")], "declared"),
            Step([told("13", "2026-03-10 09:30")], "declared", lights={"customs": "pending", "payment": "unknown"}),
            Step([told("08", "2026-03-10 10:00")], "released", lights={"customs": "ok", "payment": "ok"}),
        ],
    ),
    History(
        "deferment_short_then_paid",
        "DMSCPI: the deferment account is short; DMSCPR says so again, one demand; topped up, it is settled.",
        [
            Step([told("01", "2026-03-10 09:00")], "declared"),
            Step([told("14", "2026-03-10 10:00")], "held", holds=["GB-HMRC 14"], lights={"payment": "blocked"}),
            Step([told("15", "2026-03-12 10:00")], "held", holds=["GB-HMRC 15"], lights={"payment": "blocked"}),
            Step([ours("duty_paid", "2026-03-12 15:00")], "declared", lights={"payment": "ok", "customs": "pending"}),
            Step([told("08", "2026-03-12 16:00")], "released", lights={"customs": "ok", "payment": "ok"}),
        ],
    ),
    History(
        "deferment_short_ended_by_release",
        "Nobody tells of the payment: the release shows that it was made.",
        [
            Step([told("01", "2026-03-10 09:00"), told("14", "2026-03-10 10:00")], "held", holds=["GB-HMRC 14"]),
            Step([told("08", "2026-03-11 10:00")], "released", lights={"payment": "ok", "customs": "ok"}),
        ],
    ),
    History(
        "two_declarations",
        "One consignment on two declarations is free when both are.",
        [
            Step([told("01", "2026-03-10 09:00"), told("01", "2026-03-10 09:05", declaration=OTHER)], "declared"),
            Step([told("08", "2026-03-10 10:00")], "declared", lights={"customs": "pending"}),
            Step([told("1", "2026-03-10 10:30", declaration=OTHER)], "held", holds=["GB-HMRC 1"]),
            Step([told("09", "2026-03-11 10:00", declaration=OTHER)], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "port_health_is_not_customs",
        "Port health holds what customs has cleared: only port health lets it go.",
        [
            Step([told("01", "2026-03-10 09:00")], "declared"),
            Step(
                [entry("agency_hold", "2026-03-10 10:00", authority="GB-HMRC", agency="GB-PHA")],
                "held",
                holds=["GB-PHA agency"],
                lights={"agencies": "blocked"},
            ),
            Step([told("08", "2026-03-10 11:00")], "held", holds=["GB-PHA agency"], lights={"agencies": "blocked"}),
            Step(
                [entry("agency_hold_removed", "2026-03-11 11:00", authority="GB-HMRC", agency="GB-PHA")],
                "released",
                lights={"agencies": "ok", "customs": "ok"},
            ),
        ],
    ),
]


@pytest.mark.parametrize("history", HISTORIES, ids=name_of)
def test_histories(history: History) -> None:
    walk(history, due)


def test_the_table_is_whole() -> None:
    assert len(gb.MEANINGS) == 23
    routes = [row.code for row in gb.MEANINGS if row.list == gb.ROUTE]
    assert routes == ["0", "1", "2", "3", "6", "H", "E", "F"]
    for row in gb.MEANINGS:
        assert row.milestone in MILESTONES and row.name and row.source and row.authority == "GB-HMRC"
        assert not row.background


@pytest.mark.parametrize(
    ("written", "code", "milestone"),
    [
        ("08", "08", "customs_released"),
        ("dmsrog", "08", "customs_released"),
        (" DMSDOC ", "06", "documents_requested"),
        ("6", "6", "customs_released"),
        ("Route 6", "6", "customs_released"),
        ("h", "H", "declaration_acknowledged"),
        ("DMSGER", "18", "unknown"),
    ],
)
def test_a_code_in_any_spelling(written: str, code: str, milestone: str) -> None:
    found = gb.meaning(written)
    assert found is not None and (found.code, found.milestone) == (code, milestone)


def test_a_list_may_be_named() -> None:
    found = gb.meaning("1", gb.ROUTE)
    assert found is not None and found.milestone == "documents_requested"
    assert gb.meaning("1", gb.NOTIFICATION) is None
    assert gb.meaning("99") is None and gb.meaning("") is None


def test_only_the_demand_for_documents_sets_a_day() -> None:
    assert [row.code for row in gb.MEANINGS if row.limit] == ["06"]
