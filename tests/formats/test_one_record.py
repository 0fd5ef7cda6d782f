"""ONE Record: events in any form of JSON-LD, their waybill by links, notifications parked with an address to ask at."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Place, Problem, Quantity, Reference, Transport
from cargo.formats import dcsa, one_record
from cargo.formats.one_record import linked
from tests.formats.outcomes import SAMPLES, kinds

CARGO = "https://onerecord.iata.org/ns/cargo#"
STATUS = "https://onerecord.iata.org/ns/code-lists/StatusCode#"
CONTEXT = {"cargo": CARGO, "api": "https://onerecord.iata.org/ns/api#"}
SHIPMENT = "https://1r.clis.example/logistics-objects/shipment-1"
EVENT = f"{SHIPMENT}/logistics-events/1"
WAYBILL = {"cargo:waybillPrefix": "988", "cargo:waybillNumber": "50000016"}


def event(code: Any = f"{STATUS}DEP", **changes: Any) -> dict[str, Any]:
    told = {
        "@context": CONTEXT,
        "@id": EVENT,
        "@type": "cargo:StatusUpdateEvent",
        "cargo:creationDate": "2026-06-10T05:02:00Z",
        "cargo:eventDate": "2026-06-10T13:58:00+09:00",
        "cargo:eventCode": {"@id": code} if isinstance(code, str) and "#" in code else code,
        "cargo:eventTimeType": {"@id": "cargo:ACTUAL"},
        "cargo:eventFor": {"@id": SHIPMENT},
    }
    told |= {name if name.startswith("@") else f"cargo:{name}": value for name, value in changes.items()}
    return {name: value for name, value in told.items() if value is not None}


def read(message: Any) -> list[Outcome]:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return list(formats.decode(data, format="one_record")[1])


def only(message: Any) -> Event:
    (found,) = read(message)
    assert isinstance(found, Event), found
    return found


def test_an_event_in_full() -> None:
    found = only(
        event(
            eventFor={"@id": SHIPMENT, "cargo:waybill": WAYBILL},
            eventLocation={"cargo:locationCodes": [{"cargo:code": "ICN"}]},
            recordedPieceCount=12,
            recordedWeight={"cargo:numericalValue": 504.3, "cargo:unit": {"@id": "x/MeasurementUnitCode#KGM"}},
            partialEventIndicator=True,
            transportMovementReference={"cargo:transportIdentifier": "OZ521"},
            eventName="Departed",
        )
    )
    assert (found.milestone, found.classifier, found.level, found.format) == (
        "departed",
        "actual",
        "conveyance",
        "one_record",
    )
    assert (str(found.occurred_at), str(found.occurred_local)) == ("2026-06-10 13:58:00+09:00", "2026-06-10 13:58:00")
    assert (found.time_basis, str(found.reported_at)) == ("given", "2026-06-10 05:02:00+00:00")
    assert found.references == (Reference("air_waybill", "988-50000016"),)
    assert found.place == Place("ICN", "iata", None, None)
    assert found.transport == Transport(mode="air", voyage="OZ521")
    assert (found.quantity, found.part) == (Quantity(12, None, 504.3), "12")
    assert (found.source_event_id, found.meaning, found.position) == (EVENT, "", "")
    assert (found.source_code, found.source_text) == ("DEP", "Departed")
    assert found.context == {"objects": [SHIPMENT], "partial": True}
    assert found.warnings == ()


def test_all_forms_of_a_document_say_the_same() -> None:
    compact = event()
    bare = {name.removeprefix("cargo:"): value for name, value in compact.items()} | {"@context": {"@vocab": CARGO}}
    bare["@type"], bare["eventTimeType"] = "StatusUpdateEvent", {"@id": f"{CARGO}ACTUAL"}
    remote = {**bare, "@context": "https://onerecord.iata.org/ns/cargo"}
    expanded = [
        {
            "@id": EVENT,
            "@type": [f"{CARGO}StatusUpdateEvent"],
            f"{CARGO}creationDate": [{"@value": "2026-06-10T05:02:00Z"}],
            f"{CARGO}eventDate": [{"@type": "x", "@value": "2026-06-10T13:58:00+09:00"}],
            f"{CARGO}eventCode": [{"@id": f"{STATUS}DEP"}],
            f"{CARGO}eventTimeType": [{"@id": f"{CARGO}ACTUAL"}],
            f"{CARGO}eventFor": {"@set": [{"@id": SHIPMENT}]},
        }
    ]
    graph = {"@context": CONTEXT, "@graph": [{key: value for key, value in compact.items() if key != "@context"}]}
    own_prefix = json.loads(json.dumps(compact).replace("cargo:", "c:"))
    own_prefix["@context"] = {"c": CARGO, "s": STATUS}
    own_prefix["c:eventCode"] = {"@id": "s:DEP"}
    told = [only(each) for each in (compact, bare, remote, expanded, graph, own_prefix, [compact])]
    for found in told:
        found.position = ""
    assert all(found == told[0] for found in told)


@pytest.mark.parametrize(
    ("code", "source_code", "milestone"),
    [
        (f"{STATUS}RCF", "RCF", "discharged"),
        (f"{STATUS}DIS_OFLD", "DIS/OFLD", "rolled"),
        (f"{STATUS}DIS_MSCA", "DIS/MSCA", "discrepancy"),
        ("NFD", "NFD", "arrival_notice_sent"),
        ({"@type": "cargo:CodeListElement", "cargo:code": "DLV"}, "DLV", "delivered"),
        ({"@type": "cargo:CodeListElement", "cargo:Code": "BKD"}, "BKD", "booking_confirmed"),
        ([{"@id": f"{STATUS}RCS"}], "RCS", "cargo_received"),
        (f"{STATUS}ZZZ", "ZZZ", "unknown"),
        ("https://other.example/codes#Loaded", "Loaded", "unknown"),
    ],
)
def test_how_a_code_may_be_written(code: Any, source_code: str, milestone: str) -> None:
    found = only(event(code))
    assert (found.source_code, found.milestone) == (source_code, milestone)
    assert [warning.partition(":")[0] for warning in found.warnings] == (
        ["unknown_code"] if milestone == "unknown" else []
    )


@pytest.mark.parametrize(
    ("given", "classifier"),
    [
        ({"@id": "cargo:ACTUAL"}, "actual"),
        ("cargo:ESTIMATED", "estimated"),
        ({"@id": f"{CARGO}EXPECTED"}, "estimated"),
        ("PLANNED", "planned"),
        ({"@id": "cargo:REQUESTED"}, "planned"),
        ("SCHEDULED", "planned"),
        (None, "actual"),
    ],
)
def test_kinds_of_time(given: Any, classifier: str) -> None:
    found = only(event(eventTimeType=given))
    assert (found.classifier, found.warnings) == (classifier, ())


def test_the_waybill_is_found_through_links() -> None:
    found = read((SAMPLES / "one_record" / "graph_with_waybill.json").read_bytes())
    assert {each.reference("air_waybill") for each in found if isinstance(each, Event)} == {"988-50000016"}
    departed, arriving, cleared, _ = found
    assert isinstance(departed, Event) and isinstance(arriving, Event) and isinstance(cleared, Event)
    assert departed.place == Place("ICN", "iata", None, "loading")
    assert departed.plan == {"port_of_loading": "ICN", "port_of_discharge": "LHR"}
    assert (arriving.occurred_at, str(arriving.occurred_local)) == (None, "2026-06-10 19:05:00")
    assert (cleared.milestone, cleared.place) == ("customs_released", Place("GBLHR", "unlocode", None, "discharge"))


def test_a_house_is_told_from_its_master() -> None:
    house = {"cargo:waybillType": {"@id": "cargo:HOUSE"}, "cargo:waybillNumber": "CLISHWB1"}
    house["cargo:masterWaybill"] = {"cargo:waybillPrefix": "988", "cargo:waybillNumber": "50000016"}
    found = only(event(f"{STATUS}RCS", eventFor={"@id": SHIPMENT, "cargo:waybill": house}))
    assert found.references == (Reference("house_air_waybill", "CLISHWB1"), Reference("air_waybill", "988-50000016"))
    assert found.level == "house"


def test_an_event_inside_its_object_is_about_that_object() -> None:
    inner = {name: value for name, value in event().items() if name not in ("@context", "cargo:eventFor")}
    found = only({"@context": CONTEXT, "@id": SHIPMENT, "@type": "cargo:Shipment", "cargo:events": [inner]})
    assert found.references == (Reference("own_reference", SHIPMENT),)
    assert found.position == "/cargo:events/0"


def test_without_a_waybill_its_objects_are_named() -> None:
    found = only(event(eventFor=[{"@id": SHIPMENT}, {"@id": f"{SHIPMENT}/piece"}]))
    assert found.references == (Reference("own_reference", SHIPMENT), Reference("own_reference", f"{SHIPMENT}/piece"))


def test_an_event_without_an_address_of_its_own_is_known_by_what_it_says() -> None:
    first, again = only(event(**{"@id": "_:b0"})), only(event(**{"@id": None, "creationDate": "2026-06-11T00:00:00Z"}))
    assert first.source_event_id is None and first.meaning
    assert first.meaning == again.meaning
    assert only(event(f"{STATUS}ARR", **{"@id": "_:b0"})).meaning != first.meaning


def test_the_names_of_older_versions_are_read() -> None:
    found = only(
        {
            "@context": CONTEXT,
            "@type": "cargo:Event",
            "cargo:eventCode": "RCF",
            "cargo:dateTime": "2026-06-10T13:58:00Z",
            "cargo:eventTypeIndicator": "Planned",
            "cargo:linkedObject": {"@id": SHIPMENT},
            "cargo:location": {"@id": "https://1r.clis.example/logistics-objects/cool-room"},
        }
    )
    assert (found.milestone, found.classifier) == ("discharged", "planned")
    assert found.place == Place(None, "text", "https://1r.clis.example/logistics-objects/cool-room")


def test_what_is_missing_is_named_and_not_invented() -> None:
    found = only(event(eventDate=None))
    assert (found.occurred_local, found.warnings) == (None, ("time_missing: the event has no eventDate",))
    found = only(event(None, eventName="Temperature checked"))
    assert (found.milestone, found.source_code, found.source_text) == ("unknown", None, "Temperature checked")
    assert found.warnings == ("code_missing: the event has a name only",)
    (problem,) = read(event(eventDate="yesterday"))
    assert isinstance(problem, Problem) and problem.reason == "'yesterday' is not a time"


def test_a_notification_with_its_event_is_the_event() -> None:
    found = only((SAMPLES / "one_record" / "notification_with_event.json").read_bytes())
    assert (found.milestone, found.part, found.position) == ("delivered", "partial", "/api:hasLogisticsEvent")


def test_a_notification_without_it_is_parked_with_the_address() -> None:
    changed, received = read((SAMPLES / "one_record" / "notifications_to_ask_about.json").read_bytes())
    assert isinstance(changed, Parked) and isinstance(received, Parked)
    assert changed.reason == f"notification LOGISTICS_OBJECT_UPDATED of {SHIPMENT}; not in the message"
    assert received.reason == (
        f"notification LOGISTICS_EVENT_RECEIVED of {SHIPMENT}; the event is at {SHIPMENT}/logistics-events/9;"
        " not in the message"
    )


def test_an_event_told_beside_its_notification_needs_no_asking() -> None:
    notification = {"@type": "api:Notification", "api:hasLogisticsEvent": {"@id": EVENT}}
    assert kinds(read({"@context": CONTEXT, "@graph": [notification, event()]})) == ["Event"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            {"@type": "cargo:Piece", "@id": "https://x.example/1"},
            "ONE Record Piece https://x.example/1: no event in it",
        ),
        ({"@context": CONTEXT, "@type": "api:Collection", "api:hasTotalItems": 0}, "a collection without events"),
        ({}, "ONE Record document: no event in it"),
        ([], "ONE Record document: no event in it"),
        ({"@type": "cargo:LogisticsEvent", "@id": EVENT}, f"ONE Record LogisticsEvent {EVENT}: no event in it"),
    ],
)
def test_what_tells_no_event_is_parked_and_named(message: Any, reason: str) -> None:
    (parked,) = read(message)
    assert isinstance(parked, Parked) and parked.reason == reason


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the message is empty"),
        (b"\xef\xbb\xbf ", "the message is empty"),
        (b"{", "not well-formed JSON: Input data was truncated"),
        (b'{"a": NaN}', "byte 6: not well-formed JSON: JSON is malformed: invalid character"),
        (b'"text"', "the message is neither an object nor an array"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested"),
        (b"[" * 100_000, "the message is nested too deeply"),
        (b'{"a": "\xff"}', "not"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(FormatError) as refused:
        read(data)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_slice_is_its_own_event_alone() -> None:
    data = (SAMPLES / "one_record" / "graph_with_waybill.json").read_bytes()
    part = one_record.slice(data, "/@graph/3")
    assert json.loads(part)["@id"] == EVENT
    assert part in data
    keyed = json.dumps({"a/b~c": [{"x": 1}]}).encode()
    assert one_record.slice(keyed, "/a~1b~0c/0") == b'{"x": 1}'
    for wrong in ("/@graph/99", "/nothing", "x", "/@graph/x", "event[99]"):
        with pytest.raises(FormatError, match="not a position"):
            one_record.slice(data, wrong)


def test_a_position_too_long_for_a_pointer_is_a_number() -> None:
    deep: Any = [{name: value for name, value in event().items() if name != "@context"}]
    for _ in range(4):
        deep = {"https://onerecord.iata.org/ns/cargo#somethingWithAVeryLongNameIndeed": deep}
    data = json.dumps({"@context": CONTEXT, **deep}).encode()
    found = only(data)
    assert found.position == "event[1]"
    assert json.loads(one_record.slice(data, "event[1]"))["@id"] == EVENT


def test_events_that_share_a_shipment_take_linear_work() -> None:
    waybill = {"@id": f"{SHIPMENT}/waybill", "cargo:waybillPrefix": "988", "cargo:waybillNumber": "50000016"}
    about = {"@id": SHIPMENT, "cargo:waybill": waybill}
    many = [event(eventFor=about, **{"@id": f"{EVENT}{number}"}) for number in range(100)]
    document = linked.Document(json.dumps(many).encode())
    shipments = [node for node in document.nodes if node.id == SHIPMENT]
    assert len(shipments) == 100
    assert len(document.told_of(shipments[0])[1].properties["waybill"]) == 20


def test_it_is_told_from_other_json() -> None:
    data = (SAMPLES / "one_record" / "collection_of_a_piece.json").read_bytes()
    assert formats.detect(data) == "one_record"
    assert not dcsa.sniff(data)
    assert one_record.sniff(b'{"@type":"cargo:LogisticsEvent"}')
    assert one_record.sniff(b'{"@context":{"cargo":"https:\\/\\/onerecord.iata.org\\/ns\\/cargo#"}}')
    for other in sorted((SAMPLES / "dcsa").glob("*.json")):
        assert not one_record.sniff(other.read_bytes())
    assert not one_record.sniff(b'{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]}')


CORPUS = os.environ.get("CLIS_SAMPLE_CORPUS", "")


@pytest.mark.skipif(not CORPUS and not os.environ.get("CI"), reason="CLIS_SAMPLE_CORPUS names no folder of samples")
def test_the_standards_own_examples() -> None:
    folder = Path(CORPUS) / "iata"
    departed = only((folder / "onerecord_LogisticsEvent.json").read_bytes())
    assert (departed.milestone, str(departed.occurred_at)) == ("departed", "2023-04-01 10:38:01+00:00")
    listed = read((folder / "onerecord_LogisticsEvents_list.json").read_bytes())
    assert [each.milestone for each in listed if isinstance(each, Event)] == ["departed", "manifested"]
    for name in ("CustomsInformation", "Notification_example1", "SubscriptionRequest_example"):
        assert kinds(read((folder / f"onerecord_{name}.json").read_bytes())) == ["Parked"]


SEEDS = [
    path.read_bytes()
    for path in sorted((SAMPLES / "one_record").glob("*.json"))
    if not path.name.endswith(".events.json")
]
INSERTS = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b"\\u0000", b"\\ud800", b"NaN", b"null", b"[[[[", b"{}", b'"', b"9" * 4400, b"1e999", b"true"])
    | st.sampled_from([b'"@context":{"@vocab":":"},', b'"@id":', b'"@graph":[', b'"@value":1,', b'{"@list":['])
    | st.sampled_from([b'"cargo:eventDate":"9999-12-31T23:59:59-14:00",', b'"@type":[1,null],']),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_spoiled_documents_raise_nothing_else(seed: bytes, choices: st.DataObject) -> None:
    spoiled = bytearray(seed)
    for _ in range(choices.draw(st.integers(1, 3))):
        start = choices.draw(st.integers(0, len(spoiled)))
        spoiled[start : start + choices.draw(st.integers(0, 12))] = choices.draw(INSERTS)
    try:
        for outcome in one_record.decode(bytes(spoiled)):
            if isinstance(outcome, Event):
                assert one_record.slice(bytes(spoiled), outcome.position)
    except FormatError as error:
        assert "\n" not in str(error)
