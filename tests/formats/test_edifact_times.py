"""When it happened: the formats and qualifiers of DTM, and when it was reported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cargo.domain.event import Event, Problem
from tests.formats.edifact_messages import (
    AT,
    BILL,
    events,
    iftsta,
    interchange,
    message,
    only,
    read,
    refused,
)


@pytest.mark.parametrize(
    ("dtm", "local", "offset", "warning"),
    [
        ("334:202603140855:203", datetime(2026, 3, 14, 8, 55), None, None),
        ("334:20260314085530:204", datetime(2026, 3, 14, 8, 55, 30), None, None),
        ("78:2603140855:201", datetime(2026, 3, 14, 8, 55), None, None),
        ("334:260314085530:202", datetime(2026, 3, 14, 8, 55, 30), None, None),
        ("334:20260314:102", datetime(2026, 3, 14), None, "date_only: DTM 334 has no time of day"),
        ("334:260314:101", datetime(2026, 3, 14), None, "date_only: DTM 334 has no time of day"),
        ("334:991231:101", datetime(1999, 12, 31), None, "date_only: DTM 334 has no time of day"),
        ("334:140326:2", datetime(2026, 3, 14), None, "date_only: DTM 334 has no time of day"),
        ("334:031426:3", datetime(2026, 3, 14), None, "date_only: DTM 334 has no time of day"),
        ("334:14032026:4", datetime(2026, 3, 14), None, "date_only: DTM 334 has no time of day"),
        ("334:140320260855:5", datetime(2026, 3, 14, 8, 55), None, None),
        ("334:20260314T0855:10", datetime(2026, 3, 14, 8, 55), None, None),
        ("334:20260314:203", datetime(2026, 3, 14), None, "date_only: DTM 334 has no time of day"),
        ("334:202603142400:203", datetime(2026, 3, 15), None, None),
        ("334:20260314085560:204", datetime(2026, 3, 14, 8, 56), None, None),
        ("334:202603140855?+0900:205", datetime(2026, 3, 14, 8, 55), 540, None),
        ("334:202603140855-0330:205", datetime(2026, 3, 14, 8, 55), -210, None),
        ("334:202603140855KST:303", datetime(2026, 3, 14, 8, 55), 540, None),
        ("334:20260314085530UTC:304", datetime(2026, 3, 14, 8, 55, 30), 0, None),
        ("334:202603140855CST:303", datetime(2026, 3, 14, 8, 55), None, "zone_unknown: DTM 334 names CST"),
        (
            "334:20260314-20260316:718",
            datetime(2026, 3, 14),
            None,
            "period: DTM 334 is a period, its beginning is taken",
        ),
        ("334:2026-03-14T08?:55?:00?+09?:00:ZZZ", datetime(2026, 3, 14, 8, 55), 540, None),
    ],
)
def test_dates_and_times(dtm: str, local: datetime, offset: int | None, warning: str | None) -> None:
    event = only(iftsta("STS+1+21", BILL, f"DTM+{dtm}", "LOC+7+KRPUS:139:6"))
    assert event.occurred_local == local
    zone = timezone(timedelta(minutes=offset)) if offset is not None else None
    assert event.occurred_at == (local.replace(tzinfo=zone) if zone else None)
    assert event.time_basis == ("given" if zone else None)
    assert event.warnings == ((warning,) if warning else ())


@pytest.mark.parametrize(
    "dtm", ["202602300855:203", "X:203", "999912312359:203", "18991231:102", "20260314085:203", "٢٠٢٦:102", "1:203"]
)
def test_what_is_no_date_is_a_problem(dtm: str) -> None:
    problem = refused(iftsta("STS+1+21", BILL, f"DTM+334:{dtm}"))
    assert problem.position == "message 1, segment 7 DTM"
    assert problem.reason == f"{dtm.partition(':')[0]!r} is not a date and time"


def test_a_bad_time_costs_only_its_status() -> None:
    good, bad, more = read(iftsta("STS+1+21", AT, "STS+1+31", "DTM+334:9:203", "STS+1+16", AT))
    assert isinstance(good, Event) and isinstance(bad, Problem) and isinstance(more, Event)
    assert bad.position == "message 1, segment 8 DTM"


@pytest.mark.parametrize(
    ("sts", "dtms", "minute", "classifier"),
    [
        ("21", ["334:202603140801:203"], 1, "actual"),
        ("21", ["7:202603140802:203", "334:202603140801:203"], 1, "actual"),
        ("21", ["7:202603140802:203", "78:202603140803:203"], 3, "actual"),
        ("21", ["334:BAD:203", "7:202603140802:203"], 2, "actual"),
        ("24", ["133:202603140804:203"], 4, "estimated"),
        ("24", ["189:202603140804:203"], 4, "planned"),
        ("1", ["232:202603140804:203"], 4, "planned"),
        ("1", ["178:202603140804:203"], 4, "actual"),
        ("24", ["136:202603140804:203"], 4, "actual"),
        ("21", ["35:202603140804:203"], 4, "actual"),
        ("361", ["334:202603140804:203"], 4, "estimated"),
        ("361", ["334:202603140804:203", "191:202603140805:203"], 5, "estimated"),
        ("209", ["334:202603140804:203"], 4, "planned"),
        ("AG::22", ["334:202603140804:203"], 4, "estimated"),
    ],
)
def test_which_time_and_how_sure(sts: str, dtms: list[str], minute: int, classifier: str) -> None:
    event = only(iftsta(f"STS+1+{sts}", BILL, *[f"DTM+{dtm}" for dtm in dtms]))
    assert (event.occurred_local, event.classifier) == (datetime(2026, 3, 14, 8, minute), classifier)


def test_a_status_without_a_time() -> None:
    event = only(iftsta("STS+1+21", BILL, "LOC+7+KRPUS:139:6"))
    assert event.occurred_local == datetime(2026, 3, 14, 9, 12)
    assert event.warnings == ("occurred_time: the status names no time, the message's is taken",)
    problem = refused(interchange(message("IFTSTA:D:99B:UN", "BGM+23+1+9", "CNI+1", "STS+1+21", BILL)))
    assert (problem.position, problem.reason) == ("message 1, segment 4 STS", "the status names no time")


def test_times_of_the_consignment_and_of_the_message() -> None:
    data = interchange(message("IFTSTA:D:99B:UN", "BGM+23+1+9", "DTM+78:202603140801:203", "CNI+1", "STS+1+21", BILL))
    assert only(data).occurred_local == datetime(2026, 3, 14, 8, 1)
    data = interchange(
        message("IFTSTA:D:99B:UN", "BGM+23+1+9", "CNI+1", "DTM+78:202603140802:203", "STS+1+21", BILL, "STS+1+31")
    )
    assert [event.occurred_local for event in events(data)] == [datetime(2026, 3, 14, 8, 2)] * 2


def test_when_it_was_reported() -> None:
    def told(document: str, place: str) -> Event:
        segments = ["BGM+23+1+9", *([document] if document else []), "CNI+1", "STS+1+21", BILL, AT, place]
        return only(interchange(message("IFTSTA:D:99B:UN", *segments)))

    here, nowhere = "LOC+7+KRPUS:139:6", "LOC+7+:::SOMEWHERE"
    assert told("DTM+137:202603140912:203", here).reported_at == datetime(2026, 3, 14, 0, 12, tzinfo=UTC)
    assert told("DTM+137:202603140912UTC:303", here).reported_at == datetime(2026, 3, 14, 9, 12, tzinfo=UTC)
    assert told("", here).reported_at == datetime(2026, 3, 14, 0, 12, tzinfo=UTC)
    unplaced = told("DTM+137:202603140912:203", nowhere)
    assert unplaced.reported_at == datetime(2026, 3, 14, 9, 12, tzinfo=UTC)
    assert unplaced.warnings == ("reported_time: the message's date names no zone, taken as UTC",)
