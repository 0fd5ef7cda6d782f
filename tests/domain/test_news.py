"""What changed between two states, and which keys keep it from being told twice."""

from __future__ import annotations

from cargo.domain.derive import derive
from cargo.domain.news import Change, changes, standing_keys
from cargo.domain.state import ESTIMATED, Entry, merge
from cargo.domain.view import Plan
from tests.domain.histories import customs, entry, kst

PLAN = Plan(port_of_loading="CNSHA", port_of_discharge="KRPUS")
ONE = {"declaration": "A1"}
RELEASED = customs("customs_released", "2026-03-16 10:00", **ONE)
REVOKED = customs("customs_release_cancelled", "2026-03-17 11:00", **ONE)
HELD = customs("inspection_ordered", "2026-03-15 10:00", **ONE)
DONE = customs("inspection_completed", "2026-03-15 15:00", **ONE)
OUT = customs("gate_out", "2026-03-18 09:00", **ONE)


def news(before: list[Entry], after: list[Entry]) -> list[Change]:
    merged = merge((), after)
    return changes(merge((), before), merged, derive(merged, PLAN), PLAN)


def kinds(before: list[Entry], after: list[Entry]) -> list[str]:
    return [change.kind for change in news(before, after) if change.kind not in ("milestone", "estimate")]


def test_no_change_is_no_news() -> None:
    assert news([RELEASED], [RELEASED]) == []


def test_a_happening() -> None:
    (change,) = news([], [entry("arrived", "2026-03-14 09:00", place="KRPUS")])
    assert (change.kind, change.occurred) == ("milestone", kst("2026-03-14 09:00"))
    assert change.data == {"milestone": "arrived", "level": "house", "source": 1, "place": {"code": "KRPUS"}}


def test_an_expectation_names_its_time_in_the_key() -> None:
    def expected(day: int) -> Entry:
        return entry("arrived", f"2026-03-{day} 09:00", place="KRPUS", classifier=ESTIMATED, reported=day)

    (one,), (other,) = news([], [expected(14)]), news([expected(14)], [expected(14), expected(15)])
    assert (one.kind, one.data["classifier"]) == ("estimate", "estimated")
    assert one.key != other.key


def test_holds_and_releases() -> None:
    assert kinds([], [HELD]) == ["customs.held"]
    assert kinds([HELD], [HELD, DONE]) == ["customs.hold_cleared"]
    assert kinds([HELD], [HELD, RELEASED]) == ["customs.released"]
    assert kinds([], [HELD, RELEASED]) == ["customs.released"]
    assert kinds([RELEASED], [RELEASED, REVOKED]) == ["customs.release_revoked"]
    assert kinds([], [RELEASED, REVOKED]) == ["customs.release_revoked"]


def test_a_second_release_has_a_key_of_its_own() -> None:
    again = customs("customs_released", "2026-03-19 10:00", **ONE)
    (first,) = [change for change in news([], [RELEASED]) if change.kind == "customs.released"]
    (second,) = [
        change for change in news([RELEASED, REVOKED], [RELEASED, REVOKED, again]) if change.kind == "customs.released"
    ]
    assert first.key != second.key


def test_gate_out_once_when_complete() -> None:
    assert kinds([RELEASED], [RELEASED, OUT]) == ["gate_out"]
    later = customs("gate_out", "2026-03-19 09:00", **ONE)
    assert kinds([RELEASED, OUT], [RELEASED, OUT, later]) == []
    declared = customs("import_declared", "2026-03-15 09:00", **ONE)
    assert kinds([declared], [declared, OUT]) == []


def test_what_stands_may_still_be_told() -> None:
    def standing(*entries: Entry) -> set[str]:
        return {kind for kind, _ in standing_keys(derive(merge((), entries), PLAN))}

    assert standing(HELD) == {"customs.held"}
    assert standing(HELD, RELEASED) == {"customs.hold_cleared", "customs.released"}
    assert standing(RELEASED, REVOKED) == {"customs.release_revoked"}
    assert standing(RELEASED, OUT) == {"customs.released", "gate_out"}


def test_keys_fit_their_column() -> None:
    long = customs("customs_released", "2026-03-16 10:00", declaration="D" * 200, subject="B" * 100)
    assert all(len(change.key) <= 120 for change in news([], [long]))
