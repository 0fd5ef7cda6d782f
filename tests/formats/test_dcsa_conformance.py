"""What DCSA's conformance toolkit and schemas say of messages, and what our reading says of the same ones.

A producer is asked for more than a consumer needs: what does not conform is read as far as it says something.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cargo import formats
from cargo.domain.event import Event, Problem
from tests.formats.dcsa_conformance import KINDS, faults_2_2, faults_3_0, schema_faults
from tests.formats.outcomes import SAMPLES

CORPUS = os.environ.get("CLIS_SAMPLE_CORPUS", "")
corpus = pytest.mark.skipif(
    not CORPUS and not os.environ.get("CI"), reason="CLIS_SAMPLE_CORPUS names no folder of samples"
)

TWO, JANUARY, MAY = (
    "TNT_v2.2.0-resolved.yaml",
    "TNT_v3.0.0.yaml",
    "tnt-v3.0.0-openapi_DCSA-Information-Model.yaml",
)
RESPONSE = "tnt-220-response.json"


def specification(name: str) -> Path:
    if not CORPUS:
        pytest.fail("CI is set and CLIS_SAMPLE_CORPUS is empty: the standard's schemas would silently not be read")
    return Path(CORPUS).parent / "specs" / "dcsa" / name


def message(name: str) -> Any:
    return json.loads((Path(CORPUS) / "dcsa" / name).read_text(encoding="utf-8"))


def verdict(body: Any) -> list[str]:
    """Our own: a milestone, or the place of what is wrong."""
    found = formats.decode(json.dumps(body).encode(), format="dcsa.tnt2")[1]
    return [
        outcome.milestone
        if isinstance(outcome, Event)
        else outcome.position
        if isinstance(outcome, Problem)
        else type(outcome).__name__
        for outcome in found
    ]


# --- 2.2.0: the standard's own messages against its schemas -----------------------------------------


@corpus
def test_the_standards_response_conforms_and_is_read() -> None:
    body = message(RESPONSE)
    assert faults_2_2(specification(TWO), body) == []
    assert faults_2_2(specification(TWO), body, formats=True) == []
    assert verdict(body) == ["arrived", "unknown", "unknown", "arrived", "unknown", "unknown", "unknown"]


@corpus
def test_the_standards_wrong_structure_fails_and_is_refused() -> None:
    body = message("tnt-220-response-wrong-structure.json")
    faults = faults_2_2(specification(TWO), body)
    assert "event 0 is not an element of the root" in faults
    assert verdict(body) == ["/0", "/1"]


@corpus
def test_the_standards_wrong_attribute_values_pass_the_schema_and_are_read() -> None:
    body = message("tnt-220-response-wrong-attribute-values.json")
    assert faults_2_2(specification(TWO), body) == []
    assert verdict(body) == ["departed", "unknown", "seal_removed"]


SHIPMENT_EVENT = 1
# (what is changed in the standard's shipment event, what the schemas say, the same with formats, our verdict)
CHANGES: list[tuple[dict[str, Any], str, str, str]] = [
    ({}, "", "", "unknown"),
    ({"eventID": 123456789}, "$.eventID: 123456789 is not of type 'string'", "", "/0/eventID"),
    ({"eventID": "incorrect"}, "", "$.eventID: 'incorrect' is not a 'uuid'", "unknown"),
    ({"eventID": None}, "$.eventID: None is not of type 'string'", "", "unknown"),
    ({"eventCreatedDateTime": ...}, "$: 'eventCreatedDateTime' is a required property", "", "unknown"),
    ({"eventDateTime": ...}, "$: 'eventDateTime' is a required property", "", "/0/eventDateTime"),
    (
        {"eventCreatedDateTime": "2021 01 01 14:12:56"},
        "",
        "$.eventCreatedDateTime: '2021 01 01 14:12:56' is not a 'date-time'",
        "unknown",
    ),
    (
        {"eventDateTime": "2019/11/12 07:41:00 +08:30"},
        "",
        "$.eventDateTime: '2019/11/12 07:41:00 +08:30' is not a 'date-time'",
        "/0/eventDateTime",
    ),
    ({"eventDateTime": "1999-01-01T14:12:56Z"}, "", "", "unknown"),
    ({"eventDateTime": "2099-01-01T14:12:56Z"}, "", "", "unknown"),
    ({"eventClassifierCode": ...}, "$: 'eventClassifierCode' is a required property", "", "/0/eventClassifierCode"),
    ({"eventClassifierCode": "REQ"}, "'REQ' is not one of", "", "/0/eventClassifierCode"),
    ({"shipmentEventTypeCode": ...}, "'shipmentEventTypeCode' is a required", "", "/0/shipmentEventTypeCode"),
    ({"shipmentEventTypeCode": "ZZZZ"}, "'ZZZZ' is not one of", "", "unknown"),
    ({"shipmentEventTypeCode": "CANC"}, "'CANC' is not one of", "", "unknown"),
    ({"documentID": ...}, "'documentID' is a required property", "", "unknown"),
    ({"documentTypeCode": ...}, "'documentTypeCode' is a required property", "", "unknown"),
    ({"documentTypeCode": "CUC", "shipmentEventTypeCode": "RELS"}, "'CUC' is not one of", "", "customs_released"),
    ({"eventType": "CARGO"}, "eventType CARGO", "", "/0/eventType"),
    ({"eventType": ...}, "no events", "", "/0"),
]


@corpus
@pytest.mark.parametrize(("change", "fault", "format_fault", "ours"), CHANGES)
def test_a_changed_event_before_the_schema_and_before_us(
    change: dict[str, Any], fault: str, format_fault: str, ours: str
) -> None:
    event = message(RESPONSE)[SHIPMENT_EVENT]
    for name, value in change.items():
        if value is ...:
            del event[name]
        else:
            event[name] = value
    strict, loose = faults_2_2(specification(TWO), [event], formats=True), faults_2_2(specification(TWO), [event])
    assert bool(loose) == bool(fault) and fault in " ".join(loose)
    assert bool(strict) == bool(fault or format_fault) and (format_fault or fault) in " ".join(strict)
    assert verdict([event]) == [ours]


@corpus
@pytest.mark.parametrize(
    ("wrap", "fault", "ours"),
    [
        (lambda event: [event], "", ["unknown"]),
        (lambda event: event, "the root is not an array", ["unknown"]),
        (lambda event: {"events": [event]}, "the root is not an array", ["unknown"]),
        (lambda event: [{"events": [event]}], "event 0 is not an element of the root", ["unknown"]),
        (lambda event: [{"someEvents": [event]}], "event 0 is not an element of the root", ["/0"]),
        (lambda event: [[event]], "event 0 is not an element of the root", ["unknown"]),
        (lambda event: [], "no events", []),
    ],
)
def test_the_structure_of_a_response(wrap: Any, fault: str, ours: list[str]) -> None:
    body = wrap(message(RESPONSE)[SHIPMENT_EVENT])
    faults = faults_2_2(specification(TWO), body)
    assert bool(faults) == bool(fault) and (not fault or fault in faults)
    assert verdict(body) == ours


@corpus
@pytest.mark.parametrize("name", ["voyage_busan_rotterdam", "inland_and_customer", "documents"])
def test_our_own_samples_of_2_2_conform(name: str) -> None:
    body = json.loads((SAMPLES / "dcsa" / f"{name}.json").read_text(encoding="utf-8"))
    assert faults_2_2(specification(TWO), body, formats=True) == []


# --- 3.0.0 -------------------------------------------------------------------------------------------


@corpus
@pytest.mark.parametrize(
    ("kind", "milestone"), [("equipment", "loaded"), ("shipment", "booking_confirmed"), ("transport", "arrived")]
)
def test_the_standards_messages_of_3_0_conform_and_are_read(kind: str, milestone: str) -> None:
    body = message(f"tnt-300-request-{kind}.json")
    assert faults_3_0(body, kind.upper()) == []
    assert faults_3_0(body) == []
    for file in (JANUARY, MAY):
        assert schema_faults(specification(file), "PostEventsRequest", body, formats=True) == []
    assert verdict(body) == [milestone]


@corpus
@pytest.mark.parametrize("file", [JANUARY, MAY])
@pytest.mark.parametrize("name", ["version_three", "version_three_words"])
def test_our_own_samples_of_3_0_fit_the_schemas_which_know_no_codes(file: str, name: str) -> None:
    body = json.loads((SAMPLES / "dcsa" / f"{name}.json").read_text(encoding="utf-8"))
    assert schema_faults(specification(file), "PostEventsRequest", body, formats=True) == []


def test_our_own_sample_of_january_conforms() -> None:
    body = json.loads((SAMPLES / "dcsa" / "version_three.json").read_text(encoding="utf-8"))
    for kind in (None, *KINDS):
        assert faults_3_0(body, kind) == []


def three(kind: str, code: str, **details: Any) -> dict[str, Any]:
    return {
        "eventID": "E1",
        "eventDateTime": "2026-01-20T14:15:00Z",
        "eventUpdatedDateTime": "2026-01-20T14:20:00Z",
        "eventLocation": {"UNLocationCode": "NLRTM"},
        "eventClassification": {
            "eventTypeCode": kind,
            "eventClassifierCode": "ACT",
            f"{kind.lower()}EventTypeCode": code,
        },
        **details,
    }


BOX = {"equipmentDetails": {"equipmentReference": "CLSU4000215", "ISOEquipmentCode": "22GP"}}
DOCUMENT = {"shipmentDetails": {"documentReference": {"typeCode": "BKG", "reference": "B1"}}}
CALL = {"transportDetails": {"transportCall": {"modeOfTransport": "VESSEL", "vesselTransport": {"vesselName": "X"}}}}
GOOD = {
    "SHIPMENT": three("SHIPMENT", "CONF", **DOCUMENT),
    "TRANSPORT": three("TRANSPORT", "ARRI", **CALL),
    "EQUIPMENT": three("EQUIPMENT", "LOAD", **BOX),
    "IOT": three("IOT", "DETC", **BOX, iotDetails={"iotEventCode": "DRO"}),
    "REEFER": three("REEFER", "MEAS", **BOX, reeferDetails={"temperatureUnit": "CEL"}),
}


# (kind, path that is changed, its new value or ... for none, the fault, our verdict)
CHECKS: list[tuple[str, str, Any, str, str]] = [
    ("SHIPMENT", "eventID", "", "no event has eventID", "booking_confirmed"),
    ("SHIPMENT", "eventDateTime", ..., "no event has eventDateTime", "/events/0/eventDateTime"),
    ("SHIPMENT", "eventUpdatedDateTime", ..., "no event has eventUpdatedDateTime", "booking_confirmed"),
    ("SHIPMENT", "eventClassification.shipmentEventTypeCode", "ZZZZ", "event 0: shipmentEventTypeCode", "unknown"),
    ("SHIPMENT", "shipmentDetails", {}, "event 0: shipmentDetails.documentReference.typeCode", "unknown"),
    (
        "SHIPMENT",
        "shipmentDetails.documentReference.typeCode",
        "CUS",
        "event 0: shipmentDetails.documentReference.typeCode",
        "unknown",
    ),
    (
        "SHIPMENT",
        "shipmentDetails.documentReference.reference",
        "",
        "event 0: shipmentDetails.documentReference.reference",
        "booking_confirmed",
    ),
    ("TRANSPORT", "eventClassification.transportEventTypeCode", "LOAD", "event 0: transportEventTypeCode", "unknown"),
    ("TRANSPORT", "eventLocation", ..., "event 0: eventLocation", "arrived"),
    (
        "TRANSPORT",
        "transportDetails.transportCall",
        {},
        "event 0: transportDetails.transportCall: no means of transport",
        "unknown",
    ),
    (
        "TRANSPORT",
        "transportDetails.transportCall.vesselTransport",
        {"vesselIMONumber": "12345"},
        "event 0: transportDetails.transportCall.vesselTransport: neither number nor name",
        "arrived",
    ),
    ("TRANSPORT", "transportDetails.transportCall.vesselTransport", {"vesselIMONumber": "9321483"}, "", "arrived"),
    (
        "TRANSPORT",
        "eventClassification.eventClassifierCode",
        ...,
        "",
        "/events/0/eventClassification/eventClassifierCode",
    ),
    (
        "EQUIPMENT",
        "eventClassification.equipmentEventTypeCode",
        "WAYP",
        "event 0: equipmentEventTypeCode",
        "in_transit",
    ),
    ("EQUIPMENT", "equipmentDetails.equipmentReference", ..., "event 0: equipmentDetails.equipmentReference", "loaded"),
    ("EQUIPMENT", "equipmentDetails.ISOEquipmentCode", ..., "event 0: equipmentDetails.ISOEquipmentCode", "loaded"),
    ("IOT", "eventClassification.iotEventTypeCode", "SEEN", "event 0: iotEventTypeCode", "unknown"),
    ("IOT", "iotDetails.iotEventCode", "LOC", "", "in_transit"),
    ("IOT", "iotDetails.iotEventCode", "ZZZ", "event 0: iotDetails.iotEventCode", "unknown"),
    ("REEFER", "reeferDetails", ..., "event 0: reeferDetails", "unknown"),
    ("REEFER", "eventClassification.reeferEventTypeCode", "ADJU", "", "unknown"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_with_all_that_is_asked_for_conforms(kind: str) -> None:
    assert faults_3_0({"events": [GOOD[kind]]}, kind) == []
    assert faults_3_0({"events": list(GOOD.values())}, kind) == []


@pytest.mark.parametrize(("kind", "path", "value", "fault", "ours"), CHECKS)
def test_a_changed_event_before_the_toolkit_and_before_us(
    kind: str, path: str, value: Any, fault: str, ours: str
) -> None:
    event = copy.deepcopy(GOOD[kind])
    *parents, name = path.split(".")
    target = event
    for parent in parents:
        target = target[parent]
    if value is ...:
        del target[name]
    else:
        target[name] = value
    faults = faults_3_0({"events": [event]}, kind)
    assert faults[:1] == ([fault] if fault else [])
    assert verdict({"events": [event]}) == [ours]


def test_no_events_or_none_of_the_kind() -> None:
    assert faults_3_0({"events": []}) == ["no events"]
    assert faults_3_0([GOOD["SHIPMENT"]]) == ["no events"]
    assert faults_3_0({"events": [GOOD["SHIPMENT"]]}, "REEFER") == ["no event is of type REEFER"]
    assert verdict({"events": []}) == []
    assert verdict([GOOD["SHIPMENT"]]) == ["booking_confirmed"]
