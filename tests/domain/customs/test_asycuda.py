"""ASYCUDA: lanes, re-routing up and down, lanes that become known late, and what a lane after the release means."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import asycuda
from cargo.domain.state import Entry
from tests.domain.customs.signs import sign
from tests.domain.customs.stepping import History, Step, name_of, walk
from tests.domain.histories import entry, view_of

SAD, OTHER = "2026 CBBE1 I 4711", "2026 CBBE1 I 4712"
RED, YELLOW, QUERY = "UNCTAD-ASYCUDA RED", "UNCTAD-ASYCUDA YELLOW", "UNCTAD-ASYCUDA QUERY"


def told(code: str, at: str, **words: Any) -> Entry:
    """A lane or a state of one declaration."""
    return sign("UNCTAD-ASYCUDA", code, at, **{"declaration": SAD, **words})


HISTORIES = [
    History(
        "green_to_the_gate",
        "Green: nobody looks; assessed, paid, released, gone.",
        [
            Step([told("STORED", "2026-03-01 08:00")], "none", lights={"customs": "pending"}),
            Step([told("REGISTERED", "2026-03-02 08:00")], "declared", lights={"customs": "pending"}),
            Step([told("GREEN", "2026-03-02 08:05")], "declared", lights={"customs": "pending"}, releases=[]),
            Step([told("ASSESSED", "2026-03-02 08:10")], "declared", lights={"payment": "unknown"}),
            Step([told("PAID", "2026-03-02 11:00")], "declared", lights={"payment": "ok"}),
            Step([told("RELEASED", "2026-03-02 12:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
            Step([told("EXITED", "2026-03-02 15:00")], "released", lights={"customs": "ok", "terminal": "ok"}),
        ],
    ),
    History(
        "red_examined",
        "Red: examined before duty is assessed, so the assessment shows that the examination is done.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00")], "declared"),
            Step([told("RED", "2026-03-02 08:05")], "held", holds=[RED], lights={"customs": "blocked"}),
            Step(
                [entry("inspection_in_progress", "2026-03-03 09:00", authority="UNCTAD-ASYCUDA", declaration=SAD)],
                "held",
                holds=[RED],
            ),
            Step([told("ASSESSED", "2026-03-03 14:00")], "under_review", lights={"customs": "pending"}),
            Step([told("PAID", "2026-03-03 15:00")], "under_review", lights={"payment": "ok"}),
            Step([told("RELEASED", "2026-03-03 16:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "red_re_routed_to_green",
        "Re-routed to green the examination is not wanted anymore (a controlled declaration); the release follows.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00")], "declared"),
            Step([told("RED", "2026-03-02 08:05")], "held", holds=[RED], lights={"customs": "blocked"}),
            Step([told("GREEN", "2026-03-02 13:00")], "declared", lights={"customs": "pending"}, releases=[]),
            Step([told("RELEASED", "2026-03-02 16:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "red_eased_to_yellow",
        "The goods need not be shown anymore, the papers are still looked at.",
        [
            Step([told("RED", "2026-03-02 08:05")], "held", holds=[RED]),
            Step([told("YELLOW", "2026-03-02 13:00")], "under_review", lights={"customs": "pending"}),
            Step([told("RELEASED", "2026-03-03 13:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "yellow_turns_blue_by_itself",
        "After the set days yellow is re-routed to blue: to be audited later, so duty is what is left.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00")], "declared"),
            Step([told("YELLOW", "2026-03-02 08:05")], "under_review", lights={"customs": "pending"}),
            Step(
                [told("BLUE", "2026-03-05 08:05")],
                "under_review",
                lights={"customs": "pending", "payment": "pending"},
                releases=[],
            ),
            Step([told("PAID", "2026-03-05 10:00")], "under_review", lights={"payment": "ok"}),
            Step([told("RELEASED", "2026-03-05 11:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "yellow_raised_to_red",
        "The papers raise a doubt: the goods are to be examined.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00"), told("YELLOW", "2026-03-02 08:05")], "under_review"),
            Step([told("RED", "2026-03-02 15:00")], "held", holds=[RED], lights={"customs": "blocked"}),
            Step([told("ASSESSED", "2026-03-04 15:00")], "under_review", lights={"customs": "pending"}),
        ],
    ),
    History(
        "green_raised_to_red_before_release",
        "Officers may re-route green while its assessment is delayed.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00"), told("GREEN", "2026-03-02 08:05")], "declared"),
            Step([told("RED", "2026-03-02 09:00")], "held", holds=[RED], lights={"customs": "blocked"}, releases=[]),
            Step([told("RELEASED", "2026-03-04 09:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "stand_by_green_runs_out",
        "Stand-by green waits out its delay and goes on as green.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00")], "declared"),
            Step([told("STANDBY_GREEN", "2026-03-02 08:05")], "under_review", lights={"customs": "pending"}),
            Step([told("GREEN", "2026-03-02 12:05")], "under_review", lights={"customs": "pending"}),
            Step([told("RELEASED", "2026-03-02 15:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "stand_by_green_upgraded_to_red",
        "In the delay an officer finds the transaction suspect.",
        [
            Step([told("STANDBY_GREEN", "2026-03-02 08:05")], "under_review"),
            Step([told("RED", "2026-03-02 10:05")], "held", holds=[RED], lights={"customs": "blocked"}),
            Step([told("GREEN", "2026-03-03 10:05")], "under_review", lights={"customs": "pending"}),
        ],
    ),
    History(
        "query_solved",
        "In the query lane nothing goes on until the problem is solved; then it goes to green.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00")], "declared"),
            Step([told("QUERY", "2026-03-02 10:00")], "held", holds=[QUERY], lights={"customs": "blocked"}),
            Step([told("GREEN", "2026-03-04 10:00")], "declared", lights={"customs": "pending"}),
            Step([told("RELEASED", "2026-03-04 12:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "red_found_a_problem",
        "The examination ends in a query: the query takes the red lane's place.",
        [
            Step([told("RED", "2026-03-02 08:05")], "held", holds=[RED]),
            Step([told("QUERY", "2026-03-02 16:00")], "held", holds=[QUERY], lights={"customs": "blocked"}),
            Step([told("BLUE", "2026-03-05 16:00")], "under_review", lights={"customs": "pending"}),
            Step([told("RELEASED", "2026-03-05 17:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "released_then_red",
        "Red after the release: examined before assessed, so the assessment and the release on it are taken back.",
        [
            Step([told("GREEN", "2026-03-02 08:05"), told("RELEASED", "2026-03-02 12:00")], "released"),
            Step(
                [told("RED", "2026-03-02 14:00")],
                "held",
                holds=[RED],
                lights={"customs": "blocked"},
                releases=["revoked"],
            ),
            Step(
                [told("ASSESSED", "2026-03-04 14:00")], "revoked", lights={"customs": "blocked"}, releases=["revoked"]
            ),
            Step(
                [told("RELEASED", "2026-03-04 15:00")],
                "released",
                lights={"customs": "ok"},
                releases=["revoked", "stands"],
            ),
        ],
    ),
    History(
        "released_then_red_then_green",
        "Re-routed back to green nothing is examined anymore, but the order for release has to be given again.",
        [
            Step([told("GREEN", "2026-03-02 08:05"), told("RELEASED", "2026-03-02 12:00")], "released"),
            Step([told("RED", "2026-03-02 14:00")], "held", holds=[RED], releases=["revoked"]),
            Step([told("GREEN", "2026-03-02 16:00")], "revoked", lights={"customs": "blocked"}, releases=["revoked"]),
            Step([told("RELEASED", "2026-03-02 17:00")], "released", releases=["revoked", "stands"]),
        ],
    ),
    History(
        "released_then_yellow",
        "Yellow after the release: the papers come before the assessment, so the release on it is taken back.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00"), told("RELEASED", "2026-03-02 12:00")], "released"),
            Step([told("YELLOW", "2026-03-02 14:00")], "revoked", lights={"customs": "blocked"}, releases=["revoked"]),
            Step([told("RELEASED", "2026-03-03 14:00")], "released", releases=["revoked", "stands"]),
        ],
    ),
    History(
        "released_then_blue",
        "Blue after the release is an audit after the clearance: the goods stay released.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00"), told("RELEASED", "2026-03-02 12:00")], "released"),
            Step([told("BLUE", "2026-03-02 14:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "lane_known_after_the_release",
        "Only officers saw that it was red; the client hears of it when it has long been released. Nothing is open.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00")], "declared"),
            Step([told("RELEASED", "2026-03-04 12:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
            Step(
                [told("RED", "2026-03-02 08:05", reported=1_773_000_000)],
                "released",
                lights={"customs": "ok"},
                releases=["stands"],
            ),
        ],
    ),
    History(
        "red_twice",
        "Re-routed to green and back to red: the second examination is open, the first one is history.",
        [
            Step([told("RED", "2026-03-02 08:05")], "held", holds=[RED]),
            Step([told("GREEN", "2026-03-02 10:00")], "none", lights={"customs": "pending"}),
            Step([told("RED", "2026-03-02 13:00")], "held", holds=[RED]),
            Step([told("RELEASED", "2026-03-04 13:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "yellow_red_yellow_with_a_late_copy",
        "A copy of the first yellow that comes in last does not hide that yellow was assigned again after red.",
        [
            Step([told("YELLOW", "2026-03-02 08:05")], "under_review"),
            Step([told("RED", "2026-03-02 10:00")], "held", holds=[RED]),
            Step([told("YELLOW", "2026-03-02 13:00")], "under_review", lights={"customs": "pending"}),
            Step([told("YELLOW", "2026-03-02 08:05", reported=1_773_000_000)], "under_review"),
        ],
    ),
    History(
        "queried_for_documents",
        "A query asks for papers; the assessment shows that they were in order.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00")], "declared"),
            Step(
                [told("QUERIED", "2026-03-02 09:00")],
                "held",
                holds=["UNCTAD-ASYCUDA QUERIED"],
                lights={"documents": "blocked", "customs": "blocked"},
            ),
            Step([told("ASSESSED", "2026-03-03 09:00")], "declared", lights={"documents": "ok"}),
            Step([told("RELEASED", "2026-03-03 12:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "cancelled_in_red",
        "A cancelled declaration is examined no more.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00"), told("RED", "2026-03-02 08:05")], "held", holds=[RED]),
            Step([told("CANCELLED", "2026-03-02 12:00")], "cancelled", lights={"customs": "pending"}),
        ],
    ),
    History(
        "lanes_of_two_declarations",
        "Each declaration has its own lane: green on one ends no examination of the other.",
        [
            Step([told("REGISTERED", "2026-03-02 08:00"), told("RED", "2026-03-02 08:05")], "held", holds=[RED]),
            Step(
                [
                    told("REGISTERED", "2026-03-02 08:10", declaration=OTHER),
                    told("GREEN", "2026-03-02 08:15", declaration=OTHER),
                ],
                "held",
                holds=[RED],
            ),
            Step([told("RELEASED", "2026-03-02 12:00", declaration=OTHER)], "held", holds=[RED]),
            Step([told("RELEASED", "2026-03-03 12:00")], "released", lights={"customs": "ok"}),
        ],
    ),
]


@pytest.mark.parametrize("history", HISTORIES, ids=name_of)
def test_histories(history: History) -> None:
    walk(history)


def test_the_re_routing_is_what_ended_the_examination() -> None:
    view = view_of(told("RED", "2026-03-02 08:05"), told("GREEN", "2026-03-02 13:00"))
    (hold,) = view.clearance.holds
    assert hold.cleared_by == "inspection_waived"
    assert hold.ended_by is not None and hold.ended_by.code == "GREEN"
    assert hold.cleared_at == hold.ended_by.occurred


def test_the_table_is_whole() -> None:
    assert [row.code for row in asycuda.MEANINGS if row.list == asycuda.LANE] == [
        "RED",
        "YELLOW",
        "BLUE",
        "GREEN",
        "STANDBY_GREEN",
        "QUERY",
    ]
    assert len(asycuda.MEANINGS) == 15
    for row in asycuda.MEANINGS:
        assert row.milestone in MILESTONES and row.name and row.source
        assert row.background is (row.list == asycuda.STATUS)


def test_no_lane_is_a_release() -> None:
    assert [row.code for row in asycuda.MEANINGS if row.effect == "release"] == ["RELEASED"]


def test_spellings() -> None:
    for written in ("stand-by green", "STANDBY_GREEN", "Standby  Green"):
        found = asycuda.meaning(written)
        assert found is not None and found.code == "STANDBY_GREEN"
    assert asycuda.meaning("purple") is None
