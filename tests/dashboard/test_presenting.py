"""A document made ready for its page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cargo.dashboard import presenting

NOW = datetime(2026, 3, 26, 3, 0, tzinfo=UTC)
BOX, OTHER = "HDMU6546583", "TCNU4885210"


def event(number: int, milestone: str, at: str, **facts: Any) -> dict[str, Any]:
    boxes = facts.pop("boxes", [])
    return {
        "id": f"{number:032x}",
        "milestone": milestone,
        "classifier": "actual",
        "level": "container" if boxes else "house",
        "effect": "advance",
        "occurred_at": at,
        "source": "carrier",
        "place": {"code": "KRPUS"},
        "references": [{"type": "container", "value": value} for value in boxes],
        "superseded": False,
        **facts,
    }


def timeline(*events: dict[str, Any], box: str = "") -> dict[str, list[dict[str, Any]]]:
    return presenting.timeline({"timeline": list(events)}, NOW, box)


def shown(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["milestone"], row["classifier"]) for row in rows]


def test_what_lies_ahead_stands_above_what_happened_newest_first_whatever_the_offset() -> None:
    told = timeline(
        event(1, "departed", "2026-03-20T23:00:00Z"),
        event(2, "manifest_submitted", "2026-03-21T06:00:00+09:00"),
        event(3, "gate_out", "2026-03-28T09:00:00+09:00", classifier="estimated"),
    )
    assert shown(told["ahead"]) == [("gate_out", "estimated")]
    assert shown(told["behind"]) == [("departed", "actual"), ("manifest_submitted", "actual")]


def test_an_estimate_is_folded_away_once_it_happened_there() -> None:
    told = timeline(
        event(1, "arrived", "2026-03-22T09:00:00+09:00", classifier="estimated"),
        event(2, "arrived", "2026-03-23T09:00:00+09:00"),
        event(3, "arrived", "2026-03-21T09:00:00+09:00", classifier="planned", superseded=True),
        event(4, "arrived", "2026-03-29T09:00:00+09:00", classifier="planned", place={"code": "KRINC"}),
    )
    assert shown(told["behind"]) == [("arrived", "actual")]
    assert shown(told["ahead"]) == [("arrived", "planned")]
    assert shown(told["replaced"]) == [("arrived", "estimated"), ("arrived", "planned")]


def test_the_same_news_of_several_containers_is_one_row_with_a_link_to_each_report() -> None:
    at = "2026-03-23T09:00:00+09:00"
    told = timeline(event(1, "discharged", at, boxes=[BOX]), event(2, "discharged", at, boxes=[OTHER]))
    (row,) = told["behind"]
    assert row["boxes"] == [BOX, OTHER]
    assert row["reports"] == [
        {"id": "00000000-0000-0000-0000-000000000001", "box": BOX},
        {"id": "00000000-0000-0000-0000-000000000002", "box": OTHER},
    ]


def test_a_containers_timeline_has_its_own_events_and_those_of_all_of_the_cargo() -> None:
    told = timeline(
        event(1, "discharged", "2026-03-23T09:00:00+09:00", boxes=[BOX]),
        event(2, "discharged", "2026-03-23T10:00:00+09:00", boxes=[OTHER]),
        event(3, "customs_released", "2026-03-24T10:00:00+09:00", effect="release"),
        box=OTHER,
    )
    assert [row["milestone"] for row in told["behind"]] == ["customs_released", "discharged"]
    assert told["behind"][1]["boxes"] == [OTHER]


def test_the_ledger_keeps_what_ended() -> None:
    customs = {
        "holds": [
            {"kind": "inspection", "placed_at": "2026-03-21", "cleared_at": "2026-03-22", "cleared_by": "release"},
            {"kind": "documents", "placed_at": "2026-03-25", "cleared_at": None, "cleared_by": None},
        ],
        "releases": [{"released_at": "2026-03-22", "revoked_at": "2026-03-23"}],
    }
    rows = presenting.ledger({"customs": customs})
    assert [(row["kind"], row["over"], row["tone"]) for row in rows] == [
        ("hold", False, "bad"),
        ("release", True, "bad"),
        ("hold", True, "still"),
    ]


def test_the_journey_stands_where_the_release_was_taken_back() -> None:
    taken_back = {"released_at": "2026-03-22T09:00:00+09:00", "revoked_at": "2026-03-23T09:00:00+09:00"}
    document = {
        "status": "in_bond",
        "plan": {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"},
        "customs": {"releases": [taken_back]},
        "milestones": [
            {"milestone": "departed", "classifier": "actual", "occurred_at": "2026-03-10T09:00:00+08:00"},
            {"milestone": "import_declared", "classifier": "actual", "occurred_at": "2026-03-20T09:00:00+09:00"},
        ],
    }
    steps = presenting.journey(document, "bad", "Asia/Seoul")
    assert [step["state"] for step in steps] == ["done", "done", "done", "here", "ahead"]
    assert steps[0]["zone"] == "Asia/Shanghai"
    assert steps[1]["at"] is None
    assert steps[3]["taken_back"] is True


def test_the_title_is_the_lowest_number() -> None:
    numbers = [
        {"type": "container", "value": BOX},
        {"type": "house_bill", "value": "KOSHA2603001"},
        {"type": "master_bill", "value": "HDMUPUSR1234567"},
    ]
    assert presenting.title({"references": numbers}) == "KOSHA2603001"
    assert presenting.title({"references": numbers[:1]}) == BOX
    assert [row["type"] for row in presenting.identity({"references": numbers})] == ["house_bill", "master_bill"]
