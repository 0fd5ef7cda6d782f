"""Real EDIFACT messages of others, where the run is told where they lie (``CLIS_SAMPLE_CORPUS``)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cargo.domain.event import Event, FormatError
from cargo.formats import edifact
from tests.formats.edifact_messages import events, numbers

CORPUS = os.environ.get("CLIS_SAMPLE_CORPUS", "")

pytestmark = pytest.mark.skipif(
    not CORPUS and not os.environ.get("CI"), reason="CLIS_SAMPLE_CORPUS names no folder of samples"
)

ZONE_UNKNOWN = "reported_time: the message's date names no zone, taken as UTC"


def found(name: str) -> list[Event]:
    if not CORPUS:
        pytest.fail("CI is set and CLIS_SAMPLE_CORPUS is empty: the corpus would silently not be read")
    return events((Path(CORPUS) / "edifact" / name).read_bytes())


def told(event: Event) -> tuple[str, str, str, str | None]:
    """Milestone, classifier, local time, place."""
    return (
        event.milestone,
        event.classifier,
        str(event.occurred_local),
        event.place.code if event.place is not None else None,
    )


def test_every_message_is_read() -> None:
    if not CORPUS:
        pytest.fail("CI is set and CLIS_SAMPLE_CORPUS is empty: the corpus would silently not be read")
    seen = 0
    for path in sorted((Path(CORPUS) / "edifact").iterdir()):
        data = path.read_bytes()
        if path.suffix != ".edi":
            with pytest.raises(FormatError):
                list(edifact.decode(data))
            continue
        seen += 1
        for event in events(data):
            assert event.milestone != "unknown", path.name
            assert event.reference("container"), path.name
            assert edifact.slice(data, event.position), path.name
    assert seen >= 5


def test_loads_and_discharges_of_a_terminal() -> None:
    boxes = found("coarri_d95b_itg13.edi")
    assert [event.milestone for event in boxes] == ["discharged"] * 2 + ["loaded"] * 19
    assert {event.place.code for event in boxes if event.place is not None} == {"ITGOA"}
    assert told(boxes[0]) == ("discharged", "actual", "2016-02-03 09:13:00", "ITGOA")
    assert numbers(boxes[2]) == ["container=CBHU6192031", "booking=9000157890", "seal=H53175"]
    assert {event.warnings for event in boxes} == {()}
    assert len({event.meaning for event in boxes}) == 21


def test_a_gate_in() -> None:
    (event,) = found("codeco_d95b_smdg16_gatein.edi")
    assert told(event) == ("gate_in", "actual", "2023-08-11 14:47:00", "ESHUV")
    assert numbers(event) == [
        "container=TESI1120274",
        "booking=FUE110823",
        "own_reference=FUE110823",
        "seal=88200",
        "purchase_order=110823110823CCHRIB",
    ]
    assert (event.laden, event.warnings) == (True, (ZONE_UNKNOWN,))


def test_a_loading_order() -> None:
    orders = found("coprar_d95b.edi")
    assert [told(event) for event in orders] == [
        ("transshipment_loaded", "planned", "2012-11-25 00:00:00", "AEJEA"),
        ("transshipment_loaded", "planned", "2012-11-25 00:00:00", "AEJEA"),
    ]
    assert orders[0].warnings == (
        "date_only: DTM 133 has no time of day",
        "segment_count: UNT says 56, there are 29",
        "interchange_header: UNB is missing",
    )


def test_a_train_and_the_voyage_before_it() -> None:
    journey = found("iftsta_d00b_hs_rail.edi")
    assert [told(event) for event in journey] == [
        ("inland_departed", "actual", "2022-11-19 07:10:00", "USSYR"),
        ("departed", "actual", "2022-11-09 14:15:00", "COCTG"),
        ("arrived", "actual", "2022-11-17 05:05:00", "USNYC"),
        ("inland_departed", "estimated", "2022-11-18 16:30:00", "USNYC"),
        ("inland_arrived", "estimated", "2022-11-21 06:00:00", "USCHI"),
        ("inland_departed", "estimated", "2022-11-21 06:00:00", "USCHI"),
        ("inland_arrived", "estimated", "2022-11-21 07:00:00", "USWOQ"),
    ]
    assert journey[0].source_code == "HS"
    assert {event.reference("container") for event in journey} == {"TRHU4561222"}


def test_a_vessel_departure() -> None:
    voyage = found("iftsta_d99b_vd22.edi")
    assert [told(event) for event in voyage] == [
        ("departed", "actual", "2099-04-17 23:00:00", "CNXGG"),
        ("departed", "estimated", "2099-04-17 00:00:00", "CNXGG"),
        ("arrived", "estimated", "2099-05-12 00:00:00", "USLGB"),
    ]
    assert voyage[0].source_code == "VD"
