"""Events brought to the house's form: places and zones, numbers, times that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cargo.domain.event import Event, Outcome, Parked, Place, Problem, Reference, Retraction, Transport
from cargo.pipeline.normalize import normalize

RECEIVED = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


def event(**changes: Any) -> Event:
    return Event(**{"milestone": "arrived", "occurred_local": datetime(2026, 3, 14, 8, 55), **changes})


def normal(given: Event, received_at: datetime | None = RECEIVED) -> Event:
    (result,) = normalize([given], received_at)
    assert isinstance(result, Event)
    return result


def at(place: str | None, local: datetime, scheme: str = "unlocode") -> Event:
    return normal(event(occurred_local=local, place=Place(place, scheme)), None)


def test_a_local_time_is_placed_by_its_ports_zone() -> None:
    result = at("KRPUS", datetime(2026, 3, 14, 8, 55))
    assert result.occurred_at is not None
    assert result.occurred_at.isoformat() == "2026-03-14T08:55:00+09:00"
    assert (result.time_zone, result.time_basis, result.warnings) == ("Asia/Seoul", "place", ())
    assert result.occurred_local == datetime(2026, 3, 14, 8, 55)


def test_airports_are_known_by_their_iata_code() -> None:
    result = at("LAX", datetime(2026, 7, 1, 8, 0), "iata")
    assert result.occurred_at is not None
    assert result.occurred_at.isoformat() == "2026-07-01T08:00:00-07:00"


@pytest.mark.parametrize(
    ("local", "instant", "warning"),
    [
        (datetime(2026, 3, 29, 1, 59), "2026-03-29T01:59:00+01:00", None),
        (datetime(2026, 3, 29, 2, 30), "2026-03-29T03:30:00+02:00", "missing_hour: 2026-03-29T02:30:00"),
        (datetime(2026, 3, 29, 3, 0), "2026-03-29T03:00:00+02:00", None),
        (datetime(2026, 10, 25, 1, 59), "2026-10-25T01:59:00+02:00", None),
        (datetime(2026, 10, 25, 2, 30), "2026-10-25T02:30:00+02:00", "ambiguous_hour: 2026-10-25T02:30:00"),
        (datetime(2026, 10, 25, 3, 0), "2026-10-25T03:00:00+01:00", None),
    ],
)
def test_the_hours_at_a_change_of_clocks(local: datetime, instant: str, warning: str | None) -> None:
    result = at("NLRTM", local)
    assert result.occurred_at is not None
    assert result.occurred_at.isoformat() == instant
    assert [text[: len(warning or "")] for text in result.warnings] == ([warning] if warning else [])


def test_a_place_that_is_not_known_leaves_the_time_open() -> None:
    result = at("XYABC", datetime(2026, 3, 14, 8, 55))
    assert (result.occurred_at, result.time_zone, result.time_basis) == (None, None, None)
    assert result.warnings == ("unknown_place: XYABC",)


def test_a_facility_is_no_place_of_the_table() -> None:
    result = at("03012345", datetime(2026, 3, 14, 8, 55), "facility")
    assert (result.occurred_at, result.warnings) == (None, ())


@pytest.mark.parametrize(
    ("offset", "warning"),
    [
        (9 * 60, None),
        (0, None),
        (8 * 60, "offset_contradicts_place: +08:00 is not the local time of Asia/Seoul"),
        (-210, "offset_contradicts_place: -03:30 is not the local time of Asia/Seoul"),
    ],
)
def test_an_offset_that_came_along_is_kept_and_held_against_the_place(offset: int, warning: str | None) -> None:
    moment = datetime(2026, 3, 14, 8, 55, tzinfo=timezone(timedelta(minutes=offset)))
    result = normal(event(occurred_at=moment, time_basis="given", place=Place("KRPUS", "unlocode")))
    assert result.occurred_at is moment
    assert (result.time_basis, result.time_zone) == ("given", "Asia/Seoul")
    assert result.warnings == ((warning,) if warning else ())


def test_numbers_come_to_their_one_form_each_once() -> None:
    given = (
        Reference("container", "hdmu 654658-3"),
        Reference("container", "HDMU6546583"),
        Reference("house_bill", "ko-sha 1"),
        Reference("booking", "TBA"),
        Reference("master_bill", "AB**12"),
        Reference("own_reference", "x" * 101),
        Reference("container", "HDMU6546580"),
    )
    result = normal(event(references=given))
    assert result.references == (
        Reference("container", "HDMU6546583"),
        Reference("house_bill", "KOSHA1"),
        Reference("container", "HDMU6546580"),
    )
    assert result.warnings == (
        "masked: master_bill AB**12",
        "reference_too_long: own_reference of 101 characters",
        "container_check_digit: HDMU6546580 should end in 3",
    )


def test_no_event_names_more_numbers_than_can_be_kept() -> None:
    result = normal(event(references=tuple(Reference("seal", f"S{number}") for number in range(201))))
    assert len(result.references) == 200
    assert result.warnings == ("too_many_references: 201, the first 200 kept",)


def test_a_ships_number_is_kept_even_if_it_is_wrong() -> None:
    result = normal(event(transport=Transport("vessel", "HARMONY", "IMO 7654321", "1E")))
    assert result.transport == Transport("vessel", "HARMONY", "7654321", "1E")
    assert result.warnings == ("imo_check_digit: 7654321 should end in 9",)


@pytest.mark.parametrize(
    ("moment", "classifier", "implausible"),
    [
        (RECEIVED + timedelta(hours=48), "actual", False),
        (RECEIVED + timedelta(hours=48, seconds=1), "actual", True),
        (RECEIVED + timedelta(days=400), "estimated", False),
        (RECEIVED + timedelta(days=400), "planned", False),
        (datetime(1990, 1, 1, tzinfo=UTC), "actual", False),
        (datetime(1989, 12, 31, 23, 59, 59, tzinfo=UTC), "estimated", True),
    ],
)
def test_a_time_that_cannot_be_is_marked_and_kept(moment: datetime, classifier: str, implausible: bool) -> None:
    given = event(occurred_at=moment, occurred_local=moment.replace(tzinfo=None), classifier=classifier)
    result = normal(given)
    assert result.occurred_at == moment
    assert (result.context or {}).get("implausible_time", False) is implausible
    assert result.warnings == ((f"implausible_time: {moment.isoformat()}",) if implausible else ())


def test_without_a_time_of_receipt_only_the_past_is_judged() -> None:
    moment = RECEIVED + timedelta(days=400)
    assert normal(event(occurred_at=moment), None).warnings == ()


def test_what_needs_nothing_passes_unchanged_and_in_order() -> None:
    references = (Reference("container", "HDMU6546583"),)
    plain = event(references=references, occurred_at=RECEIVED)
    outcomes: list[Outcome] = [Parked(position="a", reason="b"), plain, Problem(position="c", reason="d")]
    assert list(normalize(outcomes, RECEIVED)) == outcomes
    assert plain.references is references


def test_a_retractions_numbers_are_normalized_too() -> None:
    (result,) = normalize([Retraction(source_event_id="1", references=(Reference("container", "hdmu6546583"),))])
    assert isinstance(result, Retraction)
    assert result.references == (Reference("container", "HDMU6546583"),)


def test_a_bare_time_at_no_known_place_is_placed_by_the_sources_own_zone() -> None:
    (result,) = normalize([event(place=Place("Gate 4", "text"))], RECEIVED, "Asia/Seoul")
    assert isinstance(result, Event)
    assert result.occurred_at is not None
    assert result.occurred_at.isoformat() == "2026-03-14T08:55:00+09:00"
    assert (result.time_basis, result.time_zone) == ("source_default", "Asia/Seoul")


def test_the_places_zone_goes_before_the_sources() -> None:
    (result,) = normalize([event(place=Place("NLRTM", "unlocode"))], RECEIVED, "Asia/Seoul")
    assert isinstance(result, Event)
    assert (result.time_basis, result.time_zone) == ("place", "Europe/Amsterdam")


def test_without_any_zone_the_instant_stays_open() -> None:
    result = normal(event(place=Place("Gate 4", "text")))
    assert (result.occurred_at, result.time_basis, result.warnings) == (None, None, ())


@pytest.mark.parametrize(
    ("zone", "place", "reported", "warnings"),
    [
        ("Asia/Seoul", Place("NLRTM", "unlocode"), "2026-03-14T09:00:00+09:00", ()),
        ("", Place("NLRTM", "unlocode"), "2026-03-14T09:00:00+01:00", ()),
        ("", None, "2026-03-14T09:00:00+00:00", ("reported_time: names no zone, taken as UTC",)),
    ],
)
def test_a_message_made_at_a_time_without_a_zone(
    zone: str, place: Place | None, reported: str, warnings: tuple[str, ...]
) -> None:
    given = event(place=place, context={"reported_local": "2026-03-14T09:00:00"})
    (result,) = normalize([given], RECEIVED, zone)
    assert isinstance(result, Event)
    assert result.reported_at is not None
    assert (result.reported_at.isoformat(), result.warnings) == (reported, warnings)


def test_a_report_time_that_is_none_is_left_out() -> None:
    assert normal(event(context={"reported_local": "soon"})).reported_at is None


def test_a_receipt_in_the_last_year_of_the_calendar_overflows_nothing() -> None:
    assert normal(event(place=Place("KRPUS", "unlocode")), datetime(9999, 12, 31, tzinfo=UTC)).warnings == ()
