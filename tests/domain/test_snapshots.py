"""What a series of snapshots says in the order of asking, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cargo.domain.snapshots import Asked, Turn, differing, in_order, is_version, turns, version_of

START = datetime(2026, 3, 14, 9, tzinfo=UTC)
A, B, NOTHING = ("a",), ("b",), ()


def series(*readings: tuple[str, ...]) -> list[Asked]:
    """One lineage, read so an hour apart."""
    return [
        Asked(number, START + timedelta(hours=number), {"L": ids} if ids else {})
        for number, ids in enumerate(readings, start=1)
    ]


def told(asked: list[Asked]) -> list[tuple[str, tuple[str, ...]]]:
    return [(turn.version[11:14], turn.ids) for turn in turns(asked)]


def test_there_gone_and_there_again_is_three_states() -> None:
    assert told(series(A, NOTHING, A)) == [("T10", NOTHING), ("T11", A)]


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ((A,), []),
        ((A, A, A), []),
        ((NOTHING, A, A), []),
        ((A, B), [("T10", B)]),
        ((A, A, B, B, A), [("T11", B), ("T13", A)]),
        ((A, NOTHING, NOTHING, A), [("T10", NOTHING), ("T12", A)]),
        ((NOTHING, A, NOTHING), [("T11", NOTHING)]),
    ],
)
def test_each_change_is_numbered_by_the_last_that_said_otherwise(
    readings: tuple[tuple[str, ...], ...], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert told(series(*readings)) == expected


def test_a_series_that_begins_late_asks_what_was_said_before() -> None:
    late = series(A, NOTHING, A)[1:]
    assert list(turns(late)) == []
    asked: list[tuple[str, str]] = []

    def before(lineage: str, version: str) -> bool:
        asked.append((lineage, version))
        return True

    assert list(turns(late, before)) == [Turn("L", "@2026-03-14T11:00:00.000000Z", A, late[0], late[1])]
    assert asked == [("L", "@2026-03-14T11:00:00.000000Z")]


def test_only_what_neighbors_read_differently_is_looked_at() -> None:
    first = Asked(1, START, {"same": A, "gone": A, "other": A})
    second = Asked(2, START + timedelta(hours=1), {"same": A, "other": B, "new": A})
    assert differing([first, second]) == {"gone", "other", "new"}
    assert differing([first]) == set()


def test_the_order_is_that_of_asking() -> None:
    asked = series(A, B, A)
    assert in_order([asked[2], asked[0], asked[1]]) == asked


def test_numbers_sort_by_time_whatever_the_zone_and_after_none() -> None:
    seoul = START.astimezone(timezone(timedelta(hours=9)))
    assert version_of(seoul) == version_of(START) == "@2026-03-14T09:00:00.000000Z"
    moments = [START, START + timedelta(microseconds=1), START + timedelta(days=365)]
    assert sorted(map(version_of, moments)) == [version_of(moment) for moment in moments]
    assert version_of(START) > ""
    assert is_version(version_of(START))
    assert not is_version("2026-03-14T09:00:00Z")
    assert not is_version("@yesterday")


readings = st.lists(st.sampled_from([NOTHING, A, B]), min_size=1, max_size=7)


@given(readings, st.data())
def test_what_stands_is_the_last_reading_whichever_was_met_first(
    given_readings: list[tuple[str, ...]], data: st.DataObject
) -> None:
    """The versions that any smaller series gave are written as well: the highest of all is still the last reading."""
    whole = series(*given_readings)
    order = data.draw(st.permutations(whole))
    log: dict[str, tuple[str, ...]] = {}
    for count in range(1, len(order) + 1):
        log |= {turn.version: turn.ids for turn in turns(in_order(order[:count]))}
    straight = {turn.version: turn.ids for turn in turns(whole)}
    assert max(log.items(), default=None) == max(straight.items(), default=None)
    if log:
        assert max(log.items())[1] == whole[-1].said.get("L", NOTHING)
