"""Track & Trace 2.2: which code is which milestone, and what unusual JSON does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Place, Problem, Reference
from cargo.formats import dcsa
from tests.formats.outcomes import kinds

CALL = {"transportCallID": "call-1", "modeOfTransport": "VESSEL", "UNLocationCode": "KRPUS"}


def departure(**changes: Any) -> dict[str, Any]:
    event = {
        "eventID": "event-1",
        "eventCreatedDateTime": "2026-03-09T04:00:00Z",
        "eventType": "TRANSPORT",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-09T12:30:00+09:00",
        "transportEventTypeCode": "DEPA",
        "transportCall": CALL,
    }
    return {**event, **changes}


def equipment(code: str, empty: str | None = "LADEN", mode: str | None = "VESSEL", facility: str | None = None) -> Any:
    call = {"transportCallID": "call-1", "UNLocationCode": "KRPUS"}
    if mode:
        call["modeOfTransport"] = mode
    if facility:
        call["facilityTypeCode"] = facility
    event = departure(eventType="EQUIPMENT", equipmentEventTypeCode=code, equipmentReference="CLSU4000215")
    del event["transportEventTypeCode"]
    return {**event, "transportCall": call, **({"emptyIndicatorCode": empty} if empty else {})}


def shipment(document: str, code: str, **changes: Any) -> dict[str, Any]:
    event = departure(eventType="SHIPMENT", shipmentEventTypeCode=code, documentTypeCode=document, documentID="NUMBER1")
    del event["transportCall"], event["transportEventTypeCode"]
    return {**event, **changes}


def read(message: Any) -> list[Outcome]:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return list(formats.decode(data, format="dcsa.tnt2")[1])


def only(message: Any) -> Event:
    (event,) = read(message)
    assert isinstance(event, Event), event
    return event


def test_a_departure_in_full() -> None:
    event = only([departure(delayReasonCode="WEA", changeRemark="Typhoon")])
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "departed",
        "actual",
        "conveyance",
        "advance",
    )
    assert event.occurred_local is not None and event.occurred_local.isoformat() == "2026-03-09T12:30:00"
    assert event.occurred_at is not None and event.occurred_at.isoformat() == "2026-03-09T12:30:00+09:00"
    assert event.time_basis == "given"
    assert event.reported_at is not None and event.reported_at.isoformat() == "2026-03-09T04:00:00+00:00"
    assert event.place == Place("KRPUS", "unlocode", None, None)
    assert (event.source_event_id, event.meaning, event.position) == ("event-1", "", "/0")
    assert (event.source_code, event.source_text, event.delay_reason) == ("DEPA", "Departure: Typhoon", "WEA")
    assert event.warnings == ()


@pytest.mark.parametrize(
    ("code", "empty", "mode", "facility", "milestone"),
    [
        ("LOAD", "LADEN", "VESSEL", "POTE", "loaded"),
        ("DISC", "LADEN", "VESSEL", "POTE", "discharged"),
        ("LOAD", "LADEN", "RAIL", "RAMP", "inland_loaded"),
        ("DISC", "LADEN", "TRUCK", None, "inland_unloaded"),
        ("LOAD", "EMPTY", "VESSEL", "POTE", "unknown"),
        ("DISC", "EMPTY", "BARGE", None, "unknown"),
        ("GTIN", "LADEN", "TRUCK", "POTE", "gate_in"),
        ("GTIN", "LADEN", None, None, "gate_in"),
        ("GTOT", "LADEN", "TRUCK", "POTE", "gate_out"),
        ("GTOT", "EMPTY", "TRUCK", "DEPO", "empty_picked_up"),
        ("GTIN", "EMPTY", "TRUCK", "DEPO", "empty_returned"),
        ("GTOT", "LADEN", "TRUCK", "CLOC", "picked_up"),
        ("GTIN", "LADEN", "TRUCK", "CLOC", "delivered"),
        ("GTIN", "EMPTY", "TRUCK", "CLOC", "unknown"),
        ("GTOT", None, "TRUCK", "POTE", "unknown"),
        ("PICK", "LADEN", "TRUCK", "CLOC", "picked_up"),
        ("DROP", "LADEN", "TRUCK", "CLOC", "delivered"),
        ("DROP", "EMPTY", "TRUCK", "CLOC", "unknown"),
        ("STUF", "LADEN", None, "COFS", "stuffed"),
        ("STRP", "LADEN", None, "COFS", "stripped"),
        ("INSP", "LADEN", None, None, "seal_inspected"),
        ("RSEA", "LADEN", None, None, "seal_replaced"),
        ("RMVD", "LADEN", None, None, "seal_removed"),
        ("GATED_OUT", "LADEN", None, None, "gate_out"),
        ("ZZZZ", "LADEN", None, None, "unknown"),
    ],
)
def test_an_equipment_code_with_its_load_means_and_facility(
    code: str, empty: str | None, mode: str | None, facility: str | None, milestone: str
) -> None:
    event = only([equipment(code, empty, mode, facility)])
    assert (event.milestone, event.level) == (milestone, "container")
    assert event.laden == {"LADEN": True, "EMPTY": False, None: None}[empty]


@pytest.mark.parametrize(
    ("code", "mode", "milestone"),
    [
        ("DEPA", "VESSEL", "departed"),
        ("ARRI", "VESSEL", "arrived"),
        ("DEPA", "RAIL", "inland_departed"),
        ("ARRI", "BARGE", "inland_arrived"),
        ("ARRI", "TRUCK", "inland_arrived"),
        ("DEPA", "ROCKET", "unknown"),
        ("XXXX", "VESSEL", "unknown"),
    ],
)
def test_a_transport_code_with_its_means(code: str, mode: str, milestone: str) -> None:
    event = only([departure(transportEventTypeCode=code, transportCall={**CALL, "modeOfTransport": mode})])
    assert event.milestone == milestone
    assert bool(event.warnings) == (milestone == "unknown")


@pytest.mark.parametrize(
    ("document", "code", "milestone", "level", "reference", "authority"),
    [
        ("BKG", "CONF", "booking_confirmed", "master", "booking", None),
        ("BOK", "CONF", "booking_confirmed", "master", "booking", None),
        ("CBR", "REJE", "booking_cancelled", "master", "booking", None),
        ("TRD", "ISSU", "bill_of_lading_issued", "master", "master_bill", None),
        ("SHI", "DRFT", "unknown", "master", "master_bill", None),
        ("SRM", "RELS", "freight_released", "master", "master_bill", None),
        ("CUS", "HOLD", "customs_hold", "declaration", "declaration", "DCSA"),
        ("CUS", "RELS", "customs_released", "declaration", "declaration", "DCSA"),
        ("CUS", "REQS", "inspection_ordered", "declaration", "declaration", "DCSA"),
        ("CUS", "CMPL", "inspection_completed", "declaration", "declaration", "DCSA"),
        ("BKG", "HOLD", "unknown", "master", "booking", None),
    ],
)
def test_a_documents_status(
    document: str, code: str, milestone: str, level: str, reference: str, authority: str | None
) -> None:
    event = only([shipment(document, code)])
    assert (event.milestone, event.level, event.authority, event.agency) == (milestone, level, authority, None)
    assert event.references == (Reference(reference, "NUMBER1"),)


def test_every_reference_is_named_once() -> None:
    event = only(
        [
            departure(
                carrierBookingReference="BOOK1",
                documentReferences=[
                    {"documentReferenceType": "BKG", "documentReferenceValue": "BOOK1"},
                    {"documentReferenceType": "TRD", "documentReferenceValue": "BILL1"},
                    {"documentReferenceType": "VGM", "documentReferenceValue": "V1"},
                ],
                references=[
                    {"referenceType": "EQ", "referenceValue": "CLSU4000215"},
                    {"referenceType": "PO", "referenceValue": "4500"},
                    {"referenceType": "CR", "referenceValue": "mine"},
                    {"referenceType": "FF", "referenceValue": ""},
                ],
                seals=[{"sealNumber": "S1", "sealSource": "CUS"}],
            )
        ]
    )
    assert [(item.type, item.value) for item in event.references] == [
        ("booking", "BOOK1"),
        ("master_bill", "BILL1"),
        ("container", "CLSU4000215"),
        ("purchase_order", "4500"),
        ("own_reference", "mine"),
        ("seal", "S1"),
    ]


def test_the_place_is_the_events_own_then_the_calls_location_then_its_code() -> None:
    call = {**CALL, "location": {"UNLocationCode": "NLRTM", "facilityCode": "EMX"}}
    assert only([departure(transportCall=call)]).place == Place("NLRTM", "unlocode", "EMX")
    own = only([departure(transportCall=call, eventLocation={"UNLocationCode": "DEHAM"})])
    assert own.place == Place("DEHAM", "unlocode", "EMX")
    assert own.warnings == ("place_differs: eventLocation DEHAM, transportCall KRPUS",)
    bare = {"transportCallID": "x", "modeOfTransport": "TRUCK"}
    named = only([departure(transportCall=bare, eventLocation={"locationName": "Yard 4"})])
    assert named.place == Place(None, "text", "Yard 4")
    assert only([departure(transportCall=bare)]).place is None


def test_the_voyage_is_inbound_on_arrival_and_outbound_on_departure() -> None:
    call = {**CALL, "exportVoyageNumber": "2E", "importVoyageNumber": "1W", "vessel": {"vesselIMONumber": 9321483}}
    away, here = (
        only([departure(transportCall=call)]),
        only([departure(transportCall=call, transportEventTypeCode="ARRI")]),
    )
    assert away.transport is not None and (away.transport.voyage, away.transport.imo) == ("2E", "9321483")
    assert here.transport is not None and here.transport.voyage == "1W"


def test_without_an_id_the_meaning_identifies_and_creation_times_do_not_matter() -> None:
    first, second = departure(), departure(eventCreatedDateTime="2026-03-10T00:00:00Z")
    other = departure(eventDateTime="2026-03-09T12:31:00+09:00")
    same_instant = departure(eventDateTime="2026-03-09T03:30:00Z")
    for event in (first, second, other, same_instant):
        del event["eventID"]
    said = [event.meaning for event in read([first, second, other, same_instant]) if isinstance(event, Event)]
    assert said[0] == said[1] == said[3] != ""
    assert said[2] != said[0]


def test_a_single_event_and_a_wrapped_array_are_read_too() -> None:
    assert only(departure()).position == ""
    assert only({"events": [departure()]}).position == "/events/0"


def test_an_empty_array_says_nothing() -> None:
    assert read([]) == []


@pytest.mark.parametrize(
    ("changes", "position", "reason"),
    [
        ({"eventDateTime": None}, "/0/eventDateTime", "is missing"),
        ({"eventDateTime": "soon"}, "/0/eventDateTime", "'soon' is not a date and time"),
        ({"eventDateTime": "0001-01-01T00:00:00+14:00"}, "/0/eventDateTime", "the year 1 cannot be"),
        ({"eventDateTime": 5}, "/0/eventDateTime", "'5' is not a date and time"),
        ({"eventClassifierCode": "REQ"}, "/0/eventClassifierCode", "'REQ' is not PLN, EST or ACT"),
        (
            {"eventType": "CARGO"},
            "/0/eventType",
            "'CARGO' is not one of TRANSPORT, EQUIPMENT, SHIPMENT, IOT, REEFER",
        ),
        ({"eventType": None}, "/0", "not a Track & Trace event: eventType is missing"),
        ({"transportEventTypeCode": None}, "/0/transportEventTypeCode", "is missing"),
        ({"eventID": 17}, "/0/eventID", "Expected str | null, got int"),
        ({"transportCall": []}, "/0/transportCall", "Expected object | null, got array"),
        ({"eventID": "x" * 501}, "/0/eventID", "has 501 characters, more than 500"),
    ],
)
def test_a_bad_event_is_one_line_naming_the_place_and_costs_the_others_nothing(
    changes: dict[str, Any], position: str, reason: str
) -> None:
    bad, good = read([departure(**changes), departure()])
    assert bad == Problem(position=position, reason=reason, format="dcsa.tnt2")
    assert isinstance(good, Event) and good.position == "/1"


def test_times_in_other_shapes() -> None:
    leap, midnight, day = read(
        [
            departure(eventDateTime="2016-12-31T23:59:60Z"),
            departure(eventDateTime="2026-03-09T24:00:00+09:00"),
            departure(eventDateTime="2026-03-09"),
        ]
    )
    assert isinstance(leap, Event) and str(leap.occurred_at) == "2017-01-01 00:00:00+00:00"
    assert isinstance(midnight, Event) and str(midnight.occurred_at) == "2026-03-10 00:00:00+09:00"
    assert isinstance(day, Event) and str(day.occurred_local) == "2026-03-09 00:00:00"
    assert day.occurred_at is None
    assert day.warnings == ("date_only: eventDateTime has no time of day",)


def test_a_bad_creation_time_costs_the_event_nothing() -> None:
    event = only([departure(eventCreatedDateTime="never")])
    assert event.reported_at is None
    assert event.warnings == ("reported_time: eventCreatedDateTime is missing or not a time",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the message is empty"),
        (b" \n", "the message is empty"),
        (b"\xef\xbb\xbf", "the message is empty"),
        (b"[{]", "not well-formed JSON"),
        (b'[{"eventType": "TRANSPORT"', "not well-formed JSON"),
        (b'"text"', "neither an array of events nor an event"),
        (b"17", "neither an array of events nor an event"),
        (b'[{"a": "\xff"}]', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"statusCode": 404, "statusCodeText": "Not Found", "errors": []}', "an error answer of the carrier"),
        (
            b'{"feedbackElements": [{"severity": "ERROR", "message": "Unknown\\nbooking"}]}',
            "an error answer of the carrier, not events: Unknown\ufffdbooking",
        ),
    ],
)
def test_what_is_no_message_at_all_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(data)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def _text(**changes: Any) -> str:
    return json.dumps(departure(**changes))


@pytest.mark.parametrize(
    ("bad", "position", "reason"),
    [
        (_text()[:-1] + ', "eventDateTime": "2020-01-01T00:00:00Z"}', "/1/eventDateTime", "given twice"),
        (_text()[:-1] + ', "event\\u0044ateTime": "2020-01-01T00:00:00Z"}', "/1/eventDateTime", "given twice"),
        (_text(extra=0).replace('"extra": 0', '"extra": NaN'), "/1/extra", "NaN is not JSON"),
        (_text(extra=0).replace('"extra": 0', '"extra": -Infinity'), "/1/extra", "-Infinity is not JSON"),
        (_text(eventID=0).replace('"eventID": 0', '"eventID": ' + "9" * 5000), "/1/eventID", "got float"),
    ],
)
def test_json_that_the_standard_leaves_open_costs_only_its_own_event(bad: str, position: str, reason: str) -> None:
    outcomes = read(f"[{_text()}, {bad}, {_text()}]".encode())
    assert len(outcomes) == 3
    assert isinstance(outcomes[0], Event) and isinstance(outcomes[2], Event)
    problem = outcomes[1]
    assert isinstance(problem, Problem)
    assert problem.position.startswith(position)
    assert reason in problem.reason


def test_what_is_nested_deeper_than_any_event_is_left_out() -> None:
    deep = _text(extra=0, changeRemark="X").replace('"extra": 0', '"extra": ' + "[" * 60 + "]" * 60)
    assert only(f"[{deep}]".encode()).warnings == ()
    spoiled = f"[{deep}]".replace('"X"', '"a\\u0000"').encode()
    assert only(spoiled).warnings == (
        "unsafe_characters: replaced in /changeRemark",
        "nested_too_deeply: left out /extra" + "/0" * 39,
    )


def test_a_key_given_twice_with_one_value_is_one_key() -> None:
    text = _text()
    assert only(f'[{text[:-1]}, "eventID": "event-1"}}]'.encode()).source_event_id == "event-1"


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800", "\\udfff"])
def test_characters_that_no_text_can_hold_are_replaced_and_named(escape: str) -> None:
    event = only(f"[{_text(changeRemark='X')}]".replace('"X"', f'"a{escape}b"').encode())
    assert event.source_text == "Departure: a\ufffdb"
    assert event.warnings == ("unsafe_characters: replaced in /changeRemark",)


def test_a_byte_order_mark_is_no_part_of_the_message() -> None:
    assert only(b"\xef\xbb\xbf" + _text().encode()).milestone == "departed"


def test_the_quick_and_the_tolerant_reading_agree() -> None:
    message = [departure(), equipment("GTIN"), shipment("CUS", "RELS")]
    quick = read(message)
    tolerant = read(f"[{', '.join(json.dumps(item) for item in message)}, 5]".encode())
    assert kinds(tolerant) == ["Event", "Event", "Event", "Problem"]
    assert tolerant[:3] == quick


def test_pages_put_together_are_read_as_one_message() -> None:
    pages = [
        departure(eventID="a"),
        {"events": [departure(eventID="b")]},
        [departure(eventID="c")],
        {"events": [[]]},
        [],
    ]
    *found, deeper, empty = read(pages)
    assert [getattr(event, "source_event_id", None) for event in found] == ["a", "b", "c"]
    assert [getattr(event, "position", None) for event in found] == ["/0", "/1/events/0", "/2/0"]
    assert deeper == Problem(position="/3/events/0", reason="an event was expected, not an array", format="dcsa.tnt2")
    assert empty == Problem(position="/4", reason="an event was expected, not an array", format="dcsa.tnt2")


def test_an_answer_without_events_says_nothing() -> None:
    assert read({"events": []}) == []
    assert read({"events": [], "feedbackElements": []}) == []


def test_a_slice_is_the_bytes_of_one_event() -> None:
    first, second = _text(eventID="a").encode(), _text(eventID="b").encode()
    assert dcsa.slice(b"[" + first + b', {"events": [' + first + b", " + second + b"]}]", "/1/events/1") == second
    assert dcsa.slice(b"[" + first + b", [" + second + b"]]", "/1/0") == second
    assert dcsa.slice(b"[" + first + b",  " + second + b"]", "/1") == second
    assert dcsa.slice(b'{"events": [' + first + b"," + second + b"]}", "/events/0") == first
    assert dcsa.slice(b" " + first + b"\n", "") == first


@pytest.mark.parametrize(
    "position", ["/1", "/2", "/-1", "/01", "0", "/x", "/0/eventID", "", "/events/0", "/0/0", "/0/events/0"]
)
def test_a_position_of_another_message_is_refused(position: str) -> None:
    with pytest.raises(FormatError):
        dcsa.slice(f"[{_text()}]".encode(), position)


def test_the_one_bad_element_of_a_long_message_costs_only_itself() -> None:
    outcomes = read([departure(eventID=str(number)) for number in range(50)] + [departure(eventDateTime="soon"), 5])
    assert kinds(outcomes) == ["Event"] * 50 + ["Problem"] * 2
    assert [outcome.position for outcome in outcomes[-2:]] == ["/50/eventDateTime", "/51"]


def test_a_taken_back_event_is_a_retraction() -> None:
    message = [departure(isRetracted=True, eventUpdatedDateTime="2026-03-10T00:00:00Z")]
    (outcome,) = read(message)
    assert kinds([outcome]) == ["Retraction"]
    assert (getattr(outcome, "source_event_id", None), getattr(outcome, "source_event_version", None)) == (
        "event-1",
        "2026-03-10T00:00:00Z",
    )
