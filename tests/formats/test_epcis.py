"""EPCIS 2.0: which step of which objects is which milestone, and what is none of a cargo's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import (
    Event,
    FormatError,
    Parked,
    Place,
    Problem,
    Reference,
    Retraction,
    Transport,
    as_interface,
)
from cargo.formats import epcis
from cargo.pipeline.normalize import normalize
from tests.formats.epcis_events import BOX, HERE, OTHER, PARTY, SHIP, UNIT, document, observed, only, packed, read
from tests.formats.outcomes import RECEIVED_AT, SAMPLES, kinds


def test_a_departure_in_full() -> None:
    event = only(
        document(
            observed(
                recordTime="2026-03-09T03:31:00.5Z",
                disposition="in_transit",
                readPoint={"id": "urn:epc:id:sgln:8801234.00077.12", "ex:unlocode": "krpus"},
                bizTransactionList=[{"type": "bol", "bizTransaction": "urn:epcglobal:cbv:bt:8801234000017:BILL-1"}],
            )
        )
    )
    assert (event.format, event.position) == ("epcis", "/epcisBody/eventList/0")
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "departed",
        "actual",
        "container",
        "advance",
    )
    assert event.occurred_local is not None and event.occurred_local.isoformat() == "2026-03-09T12:30:00"
    assert event.occurred_at is not None and event.occurred_at.isoformat() == "2026-03-09T12:30:00+09:00"
    assert event.time_basis == "given"
    assert event.reported_at is not None and event.reported_at.isoformat() == "2026-03-09T03:31:00.500000+00:00"
    assert event.references == (Reference("container", "CLSU4000215"), Reference("master_bill", "BILL-1"))
    assert event.place == Place("KRPUS", "unlocode", "8801234000772")
    assert (event.source_event_id, event.meaning) == ("urn:uuid:1", "")
    assert (event.source_code, event.source_text) == ("departing", "Departing (in transit)")
    assert event.context == {"disposition": "in_transit"}
    assert event.warnings == ()


# Every business step of CBV 2.0, of a container that is observed.
STEPS = """
accepting delivered
arriving arrived
collecting picked_up
consigning unknown
departing departed
destroying unknown
entering_exiting unknown
holding unknown
inspecting unknown
loading loaded
other unknown
packing unknown
picking unknown
receiving cargo_received
repackaging unknown
sampling unknown
sensor_reporting unknown
shipping picked_up
staging_outbound available_for_pickup
storing unknown
transporting in_transit
unloading discharged
unpacking unknown
void_shipping unknown
"""
NONE_OF_A_JOURNEY = """
assembling commissioning creating_class_instance cycle_counting decommissioning disassembling dispensing encoding
installing killing removing repairing replacing reserving retail_selling stock_taking stocking
"""
SPELLINGS = (
    "{}",
    "cbv:BizStep-{}",
    "https://ref.gs1.org/cbv/BizStep-{}",
    "https://ns.gs1.org/cbv/BizStep-{}",
    "http://ns.gs1.org/cbv/BizStep-{}",
    "urn:epcglobal:cbv:bizstep:{}",
)


@pytest.mark.parametrize(("step", "milestone"), [line.split() for line in STEPS.strip().splitlines()])
def test_a_step_however_it_is_spelled(step: str, milestone: str) -> None:
    for spelling in SPELLINGS:
        event = only(observed(bizStep=spelling.format(step)))
        assert (event.milestone, event.source_code, event.level) == (milestone, step, "container")


@pytest.mark.parametrize("step", NONE_OF_A_JOURNEY.split())
def test_a_step_of_no_journey_is_parked(step: str) -> None:
    for spelling in SPELLINGS:
        (outcome,) = read(observed(bizStep=spelling.format(step)))
        assert outcome == Parked(position="/", reason=f"{step}: no step of a cargo's journey", format="epcis")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_step_that_claims_to_be_the_standards_and_is_not_is_refused(spelling: str) -> None:
    (outcome,) = read(document(observed(bizStep=spelling.format("transforming"))))
    reason = "'transforming' is not a business step of the standard"
    assert outcome == Problem(position="/epcisBody/eventList/0/bizStep", reason=reason, format="epcis")


@pytest.mark.parametrize("step", ["https://port.example.org/lashing", "ex:lashing", "urn:example:lashing"])
def test_a_step_of_somebody_elses_keeps_its_words(step: str) -> None:
    event = only(observed(bizStep=step))
    assert (event.milestone, event.source_code, event.source_text) == ("unknown", step, step)


@pytest.mark.parametrize(
    ("event", "milestone"),
    [
        (packed("packing", "ADD", BOX, UNIT), "stuffed"),
        (packed("packing", "OBSERVE", BOX, UNIT), "stuffed"),
        (packed("packing", "DELETE", BOX, UNIT), "unknown"),
        (packed("packing", "ADD", "urn:epc:id:grai:8801234.55555.1", UNIT), "stuffed"),
        (packed("packing", "ADD", UNIT, "urn:epc:id:sgtin:8801234.012345.1"), "unknown"),
        (packed("unpacking", "DELETE", BOX, UNIT), "stripped"),
        (packed("unpacking", "ADD", BOX, UNIT), "unknown"),
        (packed("unpacking", "DELETE", UNIT, "urn:epc:id:sgtin:8801234.012345.1"), "unknown"),
        (packed("loading", "ADD", BOX, UNIT), "stuffed"),
        (packed("unloading", "DELETE", BOX, UNIT), "stripped"),
        (packed("loading", "ADD", SHIP, BOX), "loaded"),
        (packed("unloading", "DELETE", SHIP, BOX), "discharged"),
        (packed("loading", "ADD", "urn:epc:id:giai:8801234.LORRY", BOX), "loaded"),
        (observed(bizStep="entering_exiting", bizLocation={"id": "urn:example:yard"}), "gate_in"),
        (
            observed(bizStep="entering_exiting", bizLocation={"id": "urn:example:yard"}, disposition="in_transit"),
            "unknown",
        ),
        (observed(bizStep="inspecting", disposition="damaged"), "damaged"),
        (observed(bizStep="inspecting", disposition="cbv:Disp-mismatch_quantity"), "discrepancy"),
        (observed(bizStep="departing", disposition="damaged"), "departed"),
        (observed(bizStep=None, disposition="damaged"), "damaged"),
    ],
)
def test_what_holds_the_goods_and_their_state_decide(event: dict[str, Any], milestone: str) -> None:
    assert only(event).milestone == milestone


@pytest.mark.parametrize(
    ("step", "ends", "milestone"),
    [
        ("receiving", {}, "cargo_received"),
        ("receiving", {"destinationList": [{"type": "location", "destination": HERE}]}, "delivered"),
        ("receiving", {"destinationList": [{"type": "possessing_party", "destination": PARTY}]}, "delivered"),
        (
            "receiving",
            {"destinationList": [{"type": "location", "destination": "https://id.gs1.org/414/8712345000028"}]},
            "delivered",
        ),
        (
            "receiving",
            {"destinationList": [{"type": "location", "destination": "urn:epc:id:sgln:8712345.00003.0"}]},
            "cargo_received",
        ),
        ("receiving", {"sourceList": [{"type": "location", "source": HERE}]}, "cargo_received"),
        ("accepting", {}, "delivered"),
        ("accepting", {"sourceList": [{"type": "possessing_party", "source": PARTY}]}, "cargo_received"),
        ("accepting", {"destinationList": [{"type": "location", "destination": HERE}]}, "delivered"),
    ],
)
def test_whose_place_it_is_decides_what_receiving_means(step: str, ends: dict[str, Any], milestone: str) -> None:
    assert only(observed(bizStep=step, readPoint={"id": HERE}, **ends)).milestone == milestone


def test_each_of_several_containers_has_an_event_of_its_own() -> None:
    event = packed("loading", "ADD", SHIP, BOX, OTHER, UNIT)
    one, other = read(document(event))
    assert isinstance(one, Event) and isinstance(other, Event)
    assert [item.position for item in (one, other)] == [
        "/epcisBody/eventList/0/childEPCs/0",
        "/epcisBody/eventList/0/childEPCs/1",
    ]
    assert [item.source_event_id for item in (one, other)] == ["urn:uuid:1#CLSU4000215", "urn:uuid:1#CLSU4000220"]
    assert one.references == (Reference("container", "CLSU4000215"), Reference("own_reference", "106141412345678908"))
    assert other.references[0] == Reference("container", "CLSU4000220")
    assert one.transport == other.transport == Transport(mode="vessel", imo="9801421")
    nameless = {**event, "eventID": None}
    first, second = read(nameless)
    assert isinstance(first, Event) and isinstance(second, Event)
    assert (first.position, second.position) == ("/childEPCs/0", "/childEPCs/1")
    assert first.meaning and second.meaning and first.meaning != second.meaning


def test_an_error_declaration_takes_the_event_back() -> None:
    declaration = {"declarationTime": "2026-03-10T00:00:00Z", "correctiveEventIDs": ["urn:uuid:2"]}
    gone, corrected = read(
        document(observed(errorDeclaration=declaration), observed(eventID="urn:uuid:2", bizStep="arriving"))
    )
    assert isinstance(gone, Retraction)
    assert (gone.source_event_id, gone.source_event_version, gone.position) == (
        "urn:uuid:1",
        None,
        "/epcisBody/eventList/0",
    )
    assert str(gone.reported_at) == "2026-03-10 00:00:00+00:00"
    assert gone.references == (Reference("container", "CLSU4000215"),)
    assert isinstance(corrected, Event) and corrected.milestone == "arrived"


def test_an_error_declaration_of_several_containers_takes_each_back() -> None:
    event = packed("loading", "ADD", SHIP, BOX, OTHER)
    told = [outcome.source_event_id for outcome in read(event) if isinstance(outcome, Event)]
    gone = read({**event, "errorDeclaration": {"declarationTime": "2026-03-10T00:00:00"}})
    assert [outcome.source_event_id for outcome in gone if isinstance(outcome, Retraction)] == told
    assert kinds(gone) == ["Retraction"] * 2


def test_an_error_declaration_without_an_id_cannot_be_followed() -> None:
    (problem,) = read(observed(eventID=None, errorDeclaration={"declarationTime": "2026-03-10T00:00:00Z"}))
    assert isinstance(problem, Problem)
    assert problem.position == "/errorDeclaration"


# --- Messages -----------------------------------------------------------------------------------------


def test_documents_query_results_bare_events_and_arrays() -> None:
    query = {"type": "EPCISQueryDocument", "epcisBody": {"queryResults": {"resultsBody": {"eventList": [observed()]}}}}
    messages = [observed(), document(observed(), observed()), query]
    positions = [
        "/0",
        "/1/epcisBody/eventList/0",
        "/1/epcisBody/eventList/1",
        "/2/epcisBody/queryResults/resultsBody/eventList/0",
    ]
    found = read(messages)
    assert [outcome.position for outcome in found] == positions
    assert kinds(found) == ["Event"] * 4
    data = json.dumps(messages).encode()
    for outcome in found:
        assert json.loads(epcis.slice(data, outcome.position)) == observed()
    assert [outcome.position for outcome in read(observed())] == [""]


@pytest.mark.parametrize("name", ["type", "isA", "@type"])
@pytest.mark.parametrize("kind", ["ObjectEvent", "epcis:ObjectEvent", "https://ref.gs1.org/epcis/ObjectEvent"])
def test_a_type_however_it_is_said(name: str, kind: str) -> None:
    event = {key: value for key, value in observed().items() if key != "type"}
    assert only({**event, name: kind}).milestone == "departed"


@pytest.mark.parametrize(
    ("event", "position", "reason"),
    [
        (observed(eventTime="22-07-2026"), "/eventTime", "'22-07-2026' is not a date and time"),
        (observed(eventTime="2026-07-22"), "/eventTime", "'2026-07-22' is not a date and time"),
        (observed(eventTime="0001-01-01T00:00:00Z"), "/eventTime", "'0001-01-01T00:00:00Z' is not a date and time"),
        (observed(eventTime=None), "/eventTime", "is missing"),
        (observed(action="CREATE"), "/action", "'CREATE' is not ADD, OBSERVE or DELETE"),
        (observed(action=None), "/action", "is missing"),
        (observed(type=None), "", "not an EPCIS event: type is missing"),
        (observed(eventID="u" * 501), "/eventID", "has more than 500 characters"),
        (5, "", "an event was expected"),
        (None, "", "an event was expected"),
    ],
)
def test_a_bad_event_is_one_line_naming_the_place_and_costs_the_others_nothing(
    event: Any, position: str, reason: str
) -> None:
    good, bad = read(document(observed(), event))
    assert isinstance(good, Event)
    assert bad == Problem(position=f"/epcisBody/eventList/1{position}", reason=reason, format="epcis")


def test_an_event_of_another_type_is_parked() -> None:
    (parked,) = read(observed(type="https://ns.example.org/WeighingEvent"))
    assert isinstance(parked, Parked)
    assert parked.reason == "an event of type WeighingEvent, which is none of the standard's"


@pytest.mark.parametrize("body", [{}, {"eventList": 5}, {"queryResults": {}}, [], None])
def test_a_document_without_events_is_parked(body: Any) -> None:
    (parked,) = read({"type": "EPCISDocument", "epcisBody": body})
    assert parked == Parked(position="/epcisBody", reason="an EPCIS document without events", format="epcis")


def test_xml_of_the_older_standard_is_parked_and_named() -> None:
    data = (SAMPLES / "epcis" / "of_1_2.xml").read_bytes()
    (parked,) = read(data)
    assert parked == Parked(position="/", reason="EPCIS 1.x in XML: only JSON of EPCIS 2.0 is read", format="epcis")
    assert formats.detect(data) == "epcis"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the message is empty"),
        (b" \n", "the message is empty"),
        (b"[{]", "not well-formed JSON"),
        (b'{"a": NaN}', "not well-formed JSON"),
        (b'"text"', "neither an EPCIS document nor events"),
        (b"17", "neither an EPCIS document nor events"),
        (b"<html/>", "not well-formed JSON"),
        (b'{"a": "\\ud800"}', "not well-formed JSON"),
        (b'[{"a": "\xff"}]', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_message_at_all_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(data)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_characters_that_no_text_can_hold_are_replaced() -> None:
    event = only(observed(bizStep="ex:a\u0000b\u007fc", epcList=["urn:epc:id:bic:CLSU\n4000215"]))
    assert event.source_code == "ex:a\ufffdb\ufffdc"
    assert event.references == (Reference("container", "CLSU\ufffd4000215"),)


FIELDS = sorted(observed()) + ["parentID", "childEPCs", "bizTransactionList", "readPoint", "bizLocation", "recordTime"]
FIELDS += ["errorDeclaration", "sensorElementList", "destinationList", "disposition", "isA", "quantityList"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([BOX, UNIT, HERE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type"]), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_an_event_with_anything_in_its_fields(changes: dict[str, Any]) -> None:
    data = json.dumps([{**observed(), **changes}]).encode()
    try:
        outcomes = list(normalize(formats.decode(data, format="epcis")[1], RECEIVED_AT))
    except FormatError as error:
        assert "not well-formed JSON" in str(error)
        return
    assert outcomes
    for outcome in outcomes:
        assert "\n" not in getattr(outcome, "reason", "")
        if isinstance(outcome, Event):
            as_interface(outcome)
            epcis.slice(data, outcome.position)


def test_what_looks_like_epcis_is_seen_at_its_beginning() -> None:
    assert formats.detect(json.dumps(document(*[observed()] * 1000)).encode()[:65536]) == "epcis"
    assert formats.detect(json.dumps([observed(eventTimeZoneOffset=None)]).encode()) == "epcis"
    assert not epcis.sniff(b'{"eventType": "TRANSPORT", "eventDateTime": "2026-03-09T03:30:00Z"}')
    assert not epcis.sniff(b"<svrl:x/>")
    assert not epcis.sniff(b"EPCISDocument")


@pytest.mark.parametrize("position", ["/1", "/0/eventTime", "/epcisBody/eventList/0", "0", "/-1", "/x", ""])
def test_a_position_of_another_message_is_refused(position: str) -> None:
    with pytest.raises(FormatError):
        epcis.slice(json.dumps([observed()]).encode(), position)


def test_of_one_container_among_several_the_whole_event_is_the_slice() -> None:
    event = packed("loading", "ADD", SHIP, BOX, OTHER)
    data = json.dumps(document(event)).encode()
    for outcome in read(data):
        assert json.loads(epcis.slice(data, outcome.position)) == event
