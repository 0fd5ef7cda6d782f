"""Versions of Track & Trace are told apart by content, and say the same in the same words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import Event, Place, Problem, Reference, Transport, as_interface
from cargo.pipeline.normalize import normalize
from tests.formats.dcsa_events import FLAT, beta1, january, may, only, read
from tests.formats.outcomes import RECEIVED_AT, SAMPLES, kinds

NAMES = ("dcsa.tnt2", "dcsa.tnt3", "dcsa.tnt3beta1")


def test_a_departure_of_january_in_full() -> None:
    event = only({"events": [january()]})
    assert (event.format, event.position, event.milestone, event.classifier, event.level) == (
        "dcsa.tnt3",
        "/events/0",
        "departed",
        "actual",
        "conveyance",
    )
    assert str(event.occurred_at) == str(event.occurred_local) + "+00:00" == "2026-03-09 03:30:00+00:00"
    assert str(event.reported_at) == "2026-03-09 04:00:00+00:00"
    assert event.place == Place("KRPUS", "unlocode", "PNC", "terminal")
    assert event.transport == Transport("vessel", "CLS HARMONY", "9801421", "014W")
    assert event.references == (Reference("master_bill", "BILL1"),)
    assert (event.source_event_id, event.source_event_version) == ("E1", "2026-03-09T04:00:00Z")
    assert (event.source_code, event.source_text, event.warnings) == ("DEPA", "Departure", ())
    assert event.context == {
        "originator": "SMDG:LCL:CLSL",
        "carrier": "CLSL",
        "facility_type": "POTE",
        "call": "call-1",
    }


def test_january_and_may_say_the_same() -> None:
    one, other = only(january()), only(may())
    assert (one.source_code, other.source_code) == ("DEPA", "DEPARTED")
    other.source_code = one.source_code
    assert one == other


def test_beta_1_says_the_same_under_its_own_name() -> None:
    event = only([beta1()])
    assert (event.format, event.milestone, event.source_event_id) == ("dcsa.tnt3beta1", "departed", "B1")
    assert event.place == Place("KRPUS", "unlocode", None, "terminal")
    assert event.transport == Transport("vessel", "CLS HARMONY", "9801421", "014W")
    assert str(event.reported_at) == "2026-03-09 04:00:00+00:00"
    assert event.context == {
        "originator": "SMDG:CLSL",
        "carrier": "CLSL",
        "facility_type": "POTE",
        "call": "call-1",
    }


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_source_is_said_to_send_each_version_is_read(name: str) -> None:
    message = [FLAT, january(), may(), beta1()]
    assert [outcome.format for outcome in read(message, name)] == [
        "dcsa.tnt2",
        "dcsa.tnt3",
        "dcsa.tnt3",
        "dcsa.tnt3beta1",
    ]
    for part in message:
        assert read(part, name) == read(part)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (FLAT, "dcsa.tnt2"),
        ([FLAT], "dcsa.tnt2"),
        (january(), "dcsa.tnt3"),
        ({"events": [may()]}, "dcsa.tnt3"),
        ({"eventID": "E1", "isRetracted": True}, "dcsa.tnt3"),
        ([beta1()], "dcsa.tnt3beta1"),
        ([{"metadata": {"eventID": "B2", "retractedEventID": "B1"}}], "dcsa.tnt3beta1"),
    ],
)
def test_a_message_is_known_by_its_content(message: Any, name: str) -> None:
    data = json.dumps(message).encode()
    assert formats.detect(data) == name
    assert {outcome.format for outcome in read(data)} == {name}
    assert [key for key in NAMES if formats.FORMATS[key].sniff(b" \n" + data)] == [name]


@pytest.mark.parametrize("message", [{"metadata": {}, "payload": {}}, {"events": []}, {"a": 1}, [], "text"])
def test_other_json_is_not_taken_for_events(message: Any) -> None:
    data = json.dumps(message).encode()
    assert [key for key in NAMES if formats.FORMATS[key].sniff(data)] == []


def test_marks_of_another_version_inside_an_event_do_not_matter() -> None:
    odd = {**FLAT, "eventID": "F2", "metadata": {"page": 1}, "payload": {"eventClassification": {"eventTypeCode": "X"}}}
    found = read([odd, january()])
    assert [(outcome.format, getattr(outcome, "milestone", "")) for outcome in found] == [
        ("dcsa.tnt2", "departed"),
        ("dcsa.tnt3", "departed"),
    ]


@pytest.mark.parametrize(
    ("event", "position", "reason"),
    [
        (january(eventDateTime="soon"), "/1/eventDateTime", "'soon' is not a date and time"),
        (january(eventDateTime=None), "/1/eventDateTime", "is missing"),
        (january(eventDateTime=5), "/1/eventDateTime", "Expected str | null, got int"),
        (january(eventID=17), "/1/eventID", "Expected str | null, got int"),
        (january(eventClassification={}), "/1", "eventClassification/eventType is missing"),
        (
            january(eventClassification={"eventTypeCode": "CARGO"}),
            "/1/eventClassification/eventTypeCode",
            "'CARGO' is not one of TRANSPORT, EQUIPMENT, SHIPMENT, IOT, REEFER",
        ),
        (
            january(eventClassification={"eventTypeCode": "TRANSPORT", "transportEventTypeCode": "DEPA"}),
            "/1/eventClassification/eventClassifierCode",
            "is missing",
        ),
        (
            may(eventClassification={"eventType": "EQUIPMENT", "eventClassifier": "ACTUAL"}),
            "/1/eventClassification/equipmentEventType",
            "is missing",
        ),
        (
            may(eventClassification={"eventType": "TRANSPORT", "eventClassifier": "MAYBE", "transportEventType": "X"}),
            "/1/eventClassification/eventClassifier",
            "'MAYBE' is not PLN, EST or ACT",
        ),
        (may(transportDetails={"transportCall": 1}), "/1/transportDetails/transportCall", "Expected object"),
        ({"metadata": {"eventID": "B1", "eventType": "TRANSPORT"}}, "/1/payload", "is missing"),
        (beta1(eventDateTime="soon"), "/1/payload/eventDateTime", "'soon' is not a date and time"),
        (beta1(eventClassifierCode="REQ"), "/1/payload/eventClassifierCode", "'REQ' is not PLN, EST or ACT"),
        (beta1(transportEventTypeCode=None), "/1/payload/transportEventTypeCode", "is missing"),
    ],
)
def test_a_bad_event_names_its_place_in_its_own_version(event: dict[str, Any], position: str, reason: str) -> None:
    good, bad, other = read([january(), event, FLAT])
    assert isinstance(good, Event) and isinstance(other, Event)
    assert isinstance(bad, Problem)
    assert bad.position == position
    assert reason in bad.reason
    assert bad.format == ("dcsa.tnt3beta1" if "metadata" in event else "dcsa.tnt3")


def test_what_can_only_have_happened_needs_no_classifier_in_3_0() -> None:
    for kind in ("SHIPMENT", "IOT", "REEFER"):
        told = {"eventType": kind, f"{kind.lower()}EventType": "RECEIVED"}
        event = only({"events": [may(eventClassification=told)]})
        assert event.classifier == "actual"


def test_times_in_other_shapes() -> None:
    day, late, bare, never = read(
        [
            january(eventDateTime="2026-03-09"),
            january(eventDateTime="2026-03-09T24:00:00Z", eventUpdatedDateTime="2026-03-10T00:00:60Z"),
            january(eventUpdatedDateTime="2026-03-10T00:00:00"),
            january(eventUpdatedDateTime="never"),
        ]
    )
    assert isinstance(day, Event) and isinstance(late, Event)
    assert isinstance(bare, Event) and isinstance(never, Event)
    assert (day.occurred_at, day.warnings) == (None, ("date_only: eventDateTime has no time of day",))
    assert (str(late.occurred_at), str(late.reported_at)) == ("2026-03-10 00:00:00+00:00", "2026-03-10 00:01:00+00:00")
    assert str(bare.reported_at) == "2026-03-10 00:00:00+00:00"
    assert bare.warnings == ("reported_time: eventUpdatedDateTime has no offset, taken as UTC",)
    assert never.reported_at is None
    assert never.warnings == ("reported_time: eventUpdatedDateTime is missing or not a time",)


@pytest.mark.parametrize("event", [FLAT, january(), may(), beta1(), january(isRetracted=True)])
def test_the_quick_and_the_tolerant_reading_agree(event: dict[str, Any]) -> None:
    # A letter written as an escape is read with care only.
    careful = json.dumps(event)[:-1] + ', "extra": "\\u0041"}'
    assert read(careful.encode()) == read(event)
    assert read(f"[{careful}]".encode()) == read([event])


@pytest.mark.parametrize("event", [FLAT, january(), may(), beta1()])
def test_a_key_given_twice_with_different_values_is_an_error_of_its_event_alone(event: dict[str, Any]) -> None:
    key = "metadata" if "metadata" in event else "eventDateTime"
    twice = json.dumps(event)[:-1] + f', "{key}": "2020-01-01T00:00:00Z"}}'
    good, bad = read(f"[{json.dumps(event)}, {twice}]".encode())
    assert isinstance(good, Event)
    assert isinstance(bad, Problem)
    assert (bad.position, bad.reason) == (f"/1/{key}", "the key is given twice with different values")


# --- What only 3.0 has ----------------------------------------------------------------------------


def test_measurements_and_positions_are_kept_small() -> None:
    event = only(
        may(
            eventClassification={"eventType": "REEFER", "reeferEventType": "MEASURED"},
            eventLocation={"geoCoordinate": {"latitude": "51.5", "longitude": "-0.1"}},
            equipmentDetails={"equipmentReference": "CLSU4000215", "ISOEquipmentCode": "45R1"},
            transportDetails=None,
            eventRouting=None,
            reeferDetails={
                "temperatureUnit": "CEL",
                "internalSetpointTemperature": -18,
                "ambientMeasuredTemperature": "warm",
                "temperatureProbeMeasurements": [{"measuredTemperatureValue": value} for value in range(9)],
                "supplyAirTemperatureMeasurement": {"temperatureValue": -17.5, "sensorReadings": [{}] * 100},
                "setpointParameters": {"o2Percentage": True, "humidityPercentage": 60},
                "alarms": [{"code": "A"}] * 100,
                "numberOfActiveAlarms": 100,
            },
        )
    )
    assert event.place is None
    assert event.context == {
        "coordinates": ["51.5", "-0.1"],
        "iso": "45R1",
        "measurements": {
            "unit": "CEL",
            "setpoint": -18,
            "probes": [0, 1, 2, 3],
            "supply_air": -17.5,
            "active_alarms": 100,
            "set": {"humidity": 60},
        },
    }


def test_a_place_without_a_code_is_named_by_facility_then_name_then_town() -> None:
    def facility(**location: Any) -> str | None:
        place = only(may(eventLocation=location)).place
        return place.facility if place is not None else None

    address = {"city": "Duisburg", "countryCode": "DE"}
    assert facility(facility={"facilityName": "Gate 3"}, locationName="Yard", address=address) == "Gate 3"
    assert facility(locationName="Yard", address=address) == "Yard"
    assert facility(address=address) == "Duisburg, DE"
    assert facility(address={}) is None


@pytest.mark.parametrize("event", [FLAT, january(), beta1(), {"eventID": "E1", "isRetracted": True}])
def test_an_event_is_no_wrapping_of_others(event: dict[str, Any]) -> None:
    odd = {**event, "events": [FLAT, FLAT]}
    careful = json.dumps(odd)[:-1] + ', "extra": "\\u0041"}'
    for message in (odd, careful.encode()):
        assert read(message) == read(event)
    for message in ([odd], f"[{careful}]".encode()):
        assert read(message) == read([event])


def test_numbers_that_replace_others_are_kept_beside() -> None:
    old, new = {"type": "BOOKING", "reference": "OLD"}, {"type": "BOOKING", "reference": "NEW"}
    details = {"documentReferenceReplacements": [{"oldReferences": [old], "newReferences": [new, {"reference": "X"}]}]}
    event = only(may(shipmentDetails=details))
    assert event.context is not None
    assert event.context["replaced"] == [{"old": ["BOOKING OLD"], "new": ["BOOKING NEW", "X"]}]


@pytest.mark.parametrize(
    "name", ["version_three", "version_three_words", "version_three_corrections", "versions_mixed"]
)
def test_every_position_gives_its_own_element(name: str) -> None:
    data = (SAMPLES / "dcsa" / f"{name}.json").read_bytes()
    whole = [outcome for outcome in read(data) if not isinstance(outcome, Problem)]
    assert len(whole) >= 6
    for outcome in whole:
        (alone,) = read(formats.slice(outcome.format, data, outcome.position), outcome.format)
        assert alone.position == ""
        alone.position = outcome.position
        assert alone == outcome


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["IOT", "ACTUAL"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted(may()) + [
    "isRetracted",
    "equipmentDetails",
    "reeferDetails",
    "iotDetails",
    "metadata",
    "payload",
    "events",
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([january(), may(), beta1()]), st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_an_event_with_anything_in_its_fields(event: dict[str, Any], changes: dict[str, Any]) -> None:
    data = json.dumps([{**event, **changes}]).encode()
    outcomes = list(normalize(formats.decode(data, format="dcsa.tnt3")[1], RECEIVED_AT))
    for outcome in outcomes:
        assert "\n" not in getattr(outcome, "reason", "")
        if isinstance(outcome, Event):
            as_interface(outcome)
            formats.slice(outcome.format, data, outcome.position)
    assert len(outcomes) == 1


def test_a_version_of_a_long_message_is_seen_at_its_beginning() -> None:
    events = [january(eventID=str(number)) for number in range(300)]
    data = json.dumps({"events": events}).encode()
    assert len(data) > 65536
    assert formats.detect(data[:65536]) == "dcsa.tnt3"
    assert kinds(read(data)) == ["Event"] * 300


def test_an_event_that_lists_no_events_is_not_an_empty_page() -> None:
    """Random events found it: what has an id and cannot be read is refused, and never passed over."""
    spoiled = {**may(), "eventClassification": None, "events": []}
    (outcome,) = formats.decode(json.dumps([spoiled]).encode(), format="dcsa.tnt3")[1]
    assert isinstance(outcome, Problem)
    assert list(formats.decode(json.dumps([may(), {"events": []}]).encode(), format="dcsa.tnt3")[1])[1:] == []
