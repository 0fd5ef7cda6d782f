"""Stage rows for statistics: working hours, the report's clock, dimensions, containers; and their sums."""

from __future__ import annotations

import statistics

import pytest

from cargo.domain.lead_times import declared_when, dimensions_of, lead_times
from cargo.domain.office_hours import working_seconds
from cargo.domain.stages import measure
from cargo.domain.statistics import fences, percentile, summarize
from tests.domain.histories import customs, entry, kst, view_of

SEOUL = ("KR", "Asia/Seoul")
HOUR = 3600
CLEAR = "import_declared__customs_released"


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-16 09:00", "2026-03-16 18:00", 9),
        ("2026-03-16 07:00", "2026-03-16 23:00", 9),
        ("2026-03-16 17:00", "2026-03-17 10:00", 2),
        # Friday evening to Monday morning.
        ("2026-03-13 17:00", "2026-03-16 10:00", 2),
        # 3 March 2026 is a Tuesday; 1 March is a holiday on a Sunday, so that Monday the 2nd is the substitute.
        ("2026-02-27 17:00", "2026-03-03 10:00", 2),
        ("2026-03-14 09:00", "2026-03-15 18:00", 0),
        ("2026-03-16 10:00", "2026-03-16 10:00", 0),
        ("2026-03-17 10:00", "2026-03-16 10:00", 0),
    ],
)
def test_working_hours_are_nine_to_six_on_working_days(start: str, end: str, hours: int) -> None:
    assert working_seconds(kst(start), kst(end), *SEOUL) == hours * HOUR


def test_office_hours_follow_daylight_saving() -> None:
    # 2026-03-29 clocks go forward in Hamburg: Friday 16:00 (15:00 UTC) to Monday 10:00 (08:00 UTC).
    assert working_seconds(1774623600, 1774857600, "DE", "Europe/Berlin") == 3 * HOUR


def _import(**words: object) -> list[object]:
    return [
        entry("arrived", "2026-03-13 08:00", place="KRPUS", mode="vessel", facts={"carrier": "HDMU"}),
        customs("bonded_storage_in", "2026-03-13 12:00", place="03012345", reported=kst("2026-03-13 12:30")),
        customs("import_declared", "2026-03-13 15:00", declaration="D1", facts={"broker": "Kim"}),
        customs("customs_released", "2026-03-16 10:00", declaration="D1"),
        entry("gate_out", "2026-03-16 16:00", place="KRPUS"),
    ]


def test_a_row_has_both_clocks_and_every_dimension() -> None:
    view = view_of(*_import(), port_of_discharge="KRPUS", mode="vessel", organization=7)  # type: ignore[arg-type]
    rows = {row.stage: row for row in lead_times(view)}
    row = rows[CLEAR]
    assert (row.seconds, row.working_seconds, row.reported_seconds) == (67 * HOUR, 4 * HOUR, None)
    assert (row.organization, row.mode, row.port, row.month) == (7, "sea", "KRPUS", "2026-03")
    assert (row.customs_office, row.warehouse, row.broker, row.carrier) == ("030", "03012345", "Kim", "HDMU")
    assert (row.channel, row.declared) == ("not_inspected", "after_entry")
    # The entry was reported half an hour late.
    stored = rows["bonded_storage_in__import_declared"]
    assert (stored.seconds, stored.reported_seconds) == (3 * HOUR, 9000)
    assert [row.stage for row in lead_times(view)] == [stage.stage for stage in measure(view)]


def test_an_open_stage_has_no_length_and_no_month() -> None:
    view = view_of(*_import()[:3], port_of_discharge="KRPUS")  # type: ignore[arg-type]
    row = next(row for row in lead_times(view) if row.stage == CLEAR)
    assert (row.ended_at, row.seconds, row.working_seconds, row.month) == (None, None, None, "")


def test_an_inspection_is_the_inspected_channel() -> None:
    ordered = customs("inspection_ordered", "2026-03-13 16:00", declaration="D1")
    assert dimensions_of(view_of(*_import(), ordered)).channel == "inspected"  # type: ignore[arg-type]
    assert dimensions_of(view_of(entry("departed", "2026-03-10 08:00"))).channel == ""


@pytest.mark.parametrize(
    ("declared", "word"),
    [
        ("2026-03-09 10:00", "before_departure"),
        ("2026-03-11 10:00", "before_arrival"),
        ("2026-03-13 10:00", "before_entry"),
        ("2026-03-13 12:00", "after_entry"),
    ],
)
def test_when_it_was_declared_is_told_from_the_times(declared: str, word: str) -> None:
    history = [
        entry("departed", "2026-03-10 08:00", place="CNSHA"),
        *_import()[:2],
        customs("import_declared", declared, declaration="D1"),
    ]
    view = view_of(*history, port_of_loading="CNSHA", port_of_discharge="KRPUS")  # type: ignore[arg-type]
    assert declared_when(view) == word


def test_a_rejected_declaration_does_not_count() -> None:
    early = customs("import_declared", "2026-03-11 10:00", declaration="D0")
    rejected = customs("declaration_rejected", "2026-03-11 12:00", declaration="D0")
    view = view_of(early, rejected, *_import(), port_of_discharge="KRPUS")  # type: ignore[arg-type]
    assert declared_when(view) == "after_entry"


def test_containers_have_rows_of_their_own_where_there_are_several() -> None:
    boxes = {"HDMU6546583": "2026-03-14 09:00", "MSKU9070323": "2026-03-15 09:00"}
    history = [
        made
        for box, out in boxes.items()
        for made in (
            entry("discharged", "2026-03-13 09:00", subject=box, level="container", place="KRPUS"),
            entry("gate_out", out, subject=box, level="container", place="KRPUS"),
        )
    ]
    view = view_of(*history, port_of_discharge="KRPUS")
    found = {(row.container, row.stage): row.seconds for row in lead_times(view) if row.stage == "discharged__gate_out"}
    assert found == {
        ("", "discharged__gate_out"): 48 * HOUR,
        ("HDMU6546583", "discharged__gate_out"): 24 * HOUR,
        ("MSKU9070323", "discharged__gate_out"): 48 * HOUR,
    }


def test_a_summary_is_that_of_postgresql() -> None:
    figures = summarize([(number, seconds) for number, seconds in enumerate([10, 20, 30, 40], 1)])
    assert (figures.n, figures.mean, figures.p10, figures.median, figures.p90) == (4, 25.0, 13.0, 25.0, 37.0)
    assert figures.deviation == 12.9
    assert (figures.outliers, figures.outlying) == (0, [])
    assert percentile([5], 0.9) == 5


def test_an_outlier_is_counted_and_named_and_left_in() -> None:
    plain = [3600, 4000, 4400, 5000, 5200, 6000, 7000, 7200]
    figures = summarize([*enumerate(plain, 1), (99, 40_000_000), (50, 0)])
    assert (figures.n, figures.outliers, figures.outlying) == (10, 1, [99])
    assert figures.mean == round((sum(plain) + 40_000_000) / 10, 1)
    assert figures.mean_inside == round(sum(plain) / 9, 1)
    assert figures.deviation_inside == round(statistics.stdev([*plain, 0]), 1)


def test_few_or_equal_lengths_have_no_fences() -> None:
    unlimited = (float("-inf"), float("inf"))
    assert fences([1, 2, 3, 4, 5, 6, 7]) == unlimited
    assert fences([60] * 20 + [90]) == unlimited
    assert summarize([(1, 60)]).deviation is None


def test_an_empty_view_has_no_rows() -> None:
    assert lead_times(view_of()) == []
