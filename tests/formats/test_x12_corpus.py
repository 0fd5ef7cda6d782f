"""Real X12 messages of others, where the run is told where they lie (``CLIS_SAMPLE_CORPUS``)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from cargo.domain.event import Event
from cargo.formats import x12
from tests.formats.x12_messages import read

CORPUS = os.environ.get("CLIS_SAMPLE_CORPUS", "")

pytestmark = pytest.mark.skipif(
    not CORPUS and not os.environ.get("CI"), reason="CLIS_SAMPLE_CORPUS names no folder of samples"
)


def corpus(name: str) -> list[Event]:
    """The events of a message, which has nothing else; each event has a slice."""
    assert CORPUS, "CLIS_SAMPLE_CORPUS names no folder of samples"
    data = (Path(CORPUS) / "x12" / f"{name}.x12").read_bytes()
    outcomes = read(data)
    events = [outcome for outcome in outcomes if isinstance(outcome, Event)]
    assert len(events) == len(outcomes)
    assert all(x12.slice(data, event.position) for event in events)
    return events


def told(event: Event) -> str:
    """An event in one line."""
    place = event.place
    where = (place.code or place.facility) if place is not None else None
    return f"{event.source_code}: {event.milestone} {event.classifier} {event.occurred_local:%Y-%m-%dT%H:%M} {where}"


def test_a_truckers_three_deliveries() -> None:
    events = corpus("214_ltl_multi_LX")
    assert [told(event) for event in events[6:12]] == [
        "AA: picked_up planned 2011-12-17T08:30 None",
        "X3: unknown actual 2011-12-17T09:30 None",
        "CP: picked_up actual 2011-12-17T09:30 None",
        "AB: eta_changed planned 2011-12-18T11:00 None",
        "X1: inland_arrived actual 2011-12-18T11:00 None",
        "D1: delivered actual 2011-12-19T11:00 None",
    ]
    assert len(events) == 18
    assert {event.occurred_at.utcoffset() for event in events if event.occurred_at} == {timedelta(hours=-8)}
    assert {event.warnings for event in events} == {("control_number: ISA13 000003438, IEA02 000002510",)}
    own = [[reference.value for reference in event.references] for event in events[::6]]
    assert [numbers[0] for numbers in own] == ["99997666", "99990835", "99991280"]


def test_a_bill_with_wrong_counts_and_numbers() -> None:
    events = corpus("310_bl")
    assert [told(event) for event in events] == [
        "BL: bill_of_lading_issued actual 2022-08-30T00:00 CLSVE",
        "R4 L DTM 140: departed planned 2022-08-30T00:30 CLSVE",
        "R4 D DTM 140: arrived planned 2022-01-01T12:00 USBAL",
    ]
    assert events[1].warnings == (
        "segment_count: SE01 says 49, there are 46",
        "control_number: ST02 35353, SE02 32353",
        "control_number: GS06 61716, GE02 61916",
        "control_number: ISA13 000011566, IEA02 000061216",
    )


def test_statuses_of_carriers() -> None:
    (empty,) = corpus("315_VA_empty_lockbourne")
    assert told(empty) == "VA: arrived actual 2022-09-01T08:07 LOCKBOURNE"
    assert empty.laden is False
    arrived, expected = corpus("315_VA_transshipment_maptm")
    assert told(arrived) == "VA: arrived actual 2022-11-14T14:50 MAPTM"
    assert told(expected) == "R4 D DTM 139: arrived estimated 2022-11-30T23:00 DEHAM"
    assert arrived.place is not None and arrived.place.role == "transshipment"
    assert arrived.plan == {"port_of_loading": "ARBUE", "port_of_discharge": "DEHAM"}


def test_statuses_of_railroads() -> None:
    assert [told(event) for event in corpus("322_hamsud_A")] == [
        "A: inland_arrived actual 2016-05-26T21:45 USSTP",
        "DTM 371: inland_arrived estimated 2016-05-28T09:12 USCHI",
        "DTM 017: delivered estimated 2016-05-29T08:00 USCHI",
    ]
    assert [told(event) for event in corpus("322_hamsud_gatein_AL")] == [
        "AL: inland_loaded actual 2016-05-24T07:30 USLGB",
        "DTM 371: inland_arrived estimated 2016-05-28T16:00 USCHI",
    ]
