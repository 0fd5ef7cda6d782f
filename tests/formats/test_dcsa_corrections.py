"""Corrections and retractions of Track & Trace stand as 3.0 says, whatever their order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from cargo.domain import identity
from cargo.domain.event import Event, Problem, Reference, Retraction
from cargo.domain.state import Report, standing
from tests.formats.dcsa_events import CARRIER, beta1, january, may, only, read


def stands(*messages: Any) -> list[Event]:
    """The events that stand after these messages came in this order."""
    reports: list[Report] = []
    said: dict[str, Event] = {}
    for message in messages:
        for outcome in read(message):
            if isinstance(outcome, Retraction):
                own = identity.identify_retraction(1, outcome)
            else:
                assert isinstance(outcome, Event)
                own = identity.identify(1, outcome, identity.epoch(outcome.occurred_at))
                said[own.id] = outcome
            gone = isinstance(outcome, Retraction)
            reports.append(Report(own.id, own.lineage, own.version, 0, identity.epoch(outcome.reported_at), gone))
    return [said[name] for name in standing(reports)]


def times_of(events: list[Event]) -> list[str]:
    return sorted(str(event.occurred_local) for event in events)


VERSIONS = [
    january(eventDateTime="2026-03-09T01:00:00Z", eventUpdatedDateTime="2026-03-09T09:30:00+09:00"),
    january(eventDateTime="2026-03-09T02:00:00Z", eventUpdatedDateTime="2026-03-09T01:00:00Z"),
    january(eventDateTime="2026-03-09T03:00:00Z", eventUpdatedDateTime="2026-03-09T01:00:00.500Z"),
    may(eventDateTime="2026-03-09T04:00:00Z", eventUpdatedDateTime="2026-03-08T22:00:01-03:00"),
]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_latest_update_of_an_event_stands_whatever_its_offset_precision_and_order(order: tuple[int, ...]) -> None:
    assert times_of(stands(*(VERSIONS[number] for number in order))) == ["2026-03-09 04:00:00"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_retraction_without_anything_but_the_id_takes_all_versions_back(order: tuple[int, ...]) -> None:
    messages = [VERSIONS[0], VERSIONS[3], {"eventID": "E1", "isRetracted": True}]
    assert stands(*(messages[number] for number in order)) == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_retraction_takes_back_the_update_it_was_made_of_and_those_before(order: tuple[int, ...]) -> None:
    messages = [VERSIONS[0], VERSIONS[1], {**VERSIONS[1], "isRetracted": True}]
    assert stands(*(messages[number] for number in order)) == []


def test_an_update_after_the_retraction_stands_again() -> None:
    retraction = {"eventID": "E1", "isRetracted": True, "eventUpdatedDateTime": "2026-03-09T01:00:00.600Z"}
    assert times_of(stands(VERSIONS[3], retraction, VERSIONS[2])) == ["2026-03-09 04:00:00"]


def test_other_events_are_not_touched() -> None:
    other = january(eventID="E2", eventDateTime="2026-03-11T00:00:00Z")
    assert times_of(stands(other, VERSIONS[0], {"eventID": "E1", "isRetracted": True})) == ["2026-03-11 00:00:00"]
    assert times_of(stands(VERSIONS[0], {"eventID": "E9", "isRetracted": True})) == ["2026-03-09 01:00:00"]


def test_not_retracted_is_an_event() -> None:
    assert only(january(isRetracted=False)).milestone == "departed"
    (problem,) = read([{"isRetracted": True, "eventClassification": {}}])
    assert isinstance(problem, Problem)


def test_a_retraction_keeps_the_numbers_that_it_names() -> None:
    (retraction,) = read([january(isRetracted=True)])
    assert isinstance(retraction, Retraction)
    assert (retraction.source_event_id, retraction.source_event_version) == ("E1", "2026-03-09T04:00:00Z")
    assert retraction.references == (Reference("master_bill", "BILL1"),)
    assert str(retraction.reported_at) == "2026-03-09 04:00:00+00:00"


def test_a_retraction_of_beta_1_names_another_event() -> None:
    metadata = {"eventID": "B9", "eventType": "TRANSPORT", "eventCreatedDateTime": "2026-03-10T04:00:00Z"}
    assert stands([beta1(), {"metadata": {**metadata, "retractedEventID": "B1"}}]) == []
    (retraction,) = read([{"metadata": {**metadata, "retractedEventID": "B1"}}])
    assert isinstance(retraction, Retraction)
    assert (retraction.source_event_id, retraction.source_event_version) == ("B1", None)


def test_forwarded_events_are_unique_only_with_those_they_come_from() -> None:
    hub = {"forwardingParties": [{"partyCode": "HUB", "codeListProvider": "ZZZ"}]}
    other = {**CARRIER, "partyCode": "XYZL"}
    ours, theirs = (
        may(eventRouting={"originatingParties": [CARRIER], **hub}),
        may(eventRouting={"originatingParties": [other], **hub}, eventDateTime="2026-03-11T00:00:00Z"),
    )
    assert [getattr(event, "source_event_id", "") for event in read([ours, theirs])] == [
        "SMDG:LCL:CLSL/E1",
        "SMDG:LCL:XYZL/E1",
    ]
    assert len(stands([ours, theirs])) == 2
    assert times_of(stands([ours, theirs, {**ours, "isRetracted": True}])) == ["2026-03-11 00:00:00"]
    both = may(eventRouting={"originatingParties": [other, CARRIER], **hub})
    assert only(both).source_event_id == "SMDG:LCL:CLSL+SMDG:LCL:XYZL/E1"


def test_without_an_id_the_meaning_identifies() -> None:
    first, again = january(eventID=None), january(eventID=None, eventUpdatedDateTime="2026-03-10T00:00:00Z")
    one, other = only(first), only(again)
    assert one.source_event_id is None
    assert one.meaning == other.meaning != ""
