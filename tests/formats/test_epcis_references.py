"""EPCIS 2.0: the numbers by which an event's objects are known, its place and its time."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.event import Parked, Place, Reference
from cargo.formats.epcis.keys import Key, check_digit, key_of, last_part, position_of, unlocode_of
from tests.formats.epcis_events import BOX, OTHER, SHIP, UNIT, document, observed, only, packed, read


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        (BOX, Key("bic", "CLSU4000215")),
        (SHIP, Key("imovn", "9801421")),
        (UNIT, Key("sscc", "106141412345678908")),
        ("https://id.gs1.org/00/106141412345678908", Key("sscc", "106141412345678908")),
        ("https://brand.example.com/some/path/00/106141412345678908?x=1", Key("sscc", "106141412345678908")),
        ("urn:epc:id:sscc:0614141.12345", Key("sscc", "106141412345")),
        ("urn:epc:id:grai:4012345.66666.87", Key("grai", "0401234566666387")),
        ("https://id.gs1.org/8003/0401234566666387", Key("grai", "0401234566666387")),
        ("urn:epc:id:gsin:4012345.999987654", Key("gsin", "40123459999876541")),
        ("https://id.gs1.org/402/40123459999876541", Key("gsin", "40123459999876541")),
        ("urn:epc:id:ginc:4012345.AB%2F333", Key("ginc", "4012345AB/333")),
        ("https://id.gs1.org/401/4012345AB%2F333", Key("ginc", "4012345AB/333")),
        ("urn:epc:id:sgln:0614141.00777.0", Key("sgln", "0614141007776")),
        ("urn:epc:id:sgln:0614141.00777.dock-4", Key("sgln", "0614141007776", "dock-4")),
        ("https://id.gs1.org/414/0614141007776/254/dock-4", Key("sgln", "0614141007776", "dock-4")),
        ("urn:epc:id:pgln:0614141.00777", Key("pgln", "0614141007776")),
        ("urn:epc:id:sgtin:0614141.107346.2017", None),
        ("urn:epc:idpat:grai:4012345.66666.*", None),
        ("urn:epc:class:lgtin:4012345.012345.998877", None),
        ("https://id.gs1.org/01/09521141012345/21/2017", None),
        ("https://id.gs1.org/00/", None),
        ("urn:epc:id:sscc:", None),
        ("urn:epc:id:sscc:x", None),
        ("geo:1,2", None),
        ("", None),
        ("x" * 1000, None),
    ],
)
def test_a_key_out_of_a_uri(uri: str, key: Key | None) -> None:
    assert key_of(uri) == key


def test_check_digits_of_printed_keys() -> None:
    for printed in ("106141412345678908", "4012345000009", "0614141073467", "9529999999993", "40123459999876541"):
        assert check_digit(printed[:-1]) == printed[-1]


@pytest.mark.parametrize(
    ("kind", "uri", "reference"),
    [
        ("bol", "urn:epcglobal:cbv:bt:0614141073467:1152", ("master_bill", "1152")),
        ("po", "http://transaction.acme.com/po/12345678", ("purchase_order", "12345678")),
        ("poc", "https://shop.example.com/confirmations?no=77", ("own_reference", "77")),
        ("inv", "urn:epcglobal:cbv:bt:0614141073467:INV%2F9", ("own_reference", "INV/9")),
        ("desadv", "urn:epcglobal:cbv:bt:0614141073467:D1", ("own_reference", "D1")),
        ("recadv", "urn:epcglobal:cbv:bt:0614141073467:R1", ("own_reference", "R1")),
        ("cbv:BTT-bol", "https://example.org/bills/B1/", ("master_bill", "B1")),
        ("https://ref.gs1.org/cbv/BTT-bol", "urn:x:B1", ("master_bill", "B1")),
        ("urn:epcglobal:cbv:btt:po", "urn:x:P1", ("purchase_order", "P1")),
        ("bol", "urn:epc:id:gsin:4012345.999987654", ("own_reference", "40123459999876541")),
        ("ex:consignment", "urn:epc:id:ginc:4012345.333", ("house_bill", "4012345333")),
        (None, "urn:epc:id:ginc:4012345.333", ("house_bill", "4012345333")),
    ],
)
def test_a_business_transaction_names_cargo(kind: str | None, uri: str, reference: tuple[str, str]) -> None:
    event = only(observed(epcList=[], bizTransactionList=[{"type": kind, "bizTransaction": uri}]))
    assert event.references == (Reference(*reference),)
    assert event.level == "house"


@pytest.mark.parametrize(
    "kind", ["cert", "pedigree", "prodorder", "rma", "testprd", "testres", "upevt", "ex:own", None]
)
def test_another_transaction_names_none(kind: str | None) -> None:
    transactions = [{"type": kind, "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1"}]
    (parked,) = read(observed(epcList=["urn:epc:id:sgtin:8801234.012345.1"], bizTransactionList=transactions))
    assert isinstance(parked, Parked)
    assert parked.reason == "names no cargo: no container, logistic unit, consignment, bill or order"


def test_each_number_is_named_once() -> None:
    event = only(
        packed("packing", "ADD", BOX, UNIT, "https://id.gs1.org/00/106141412345678908", "urn:epc:id:bic:CLSU4000215")
    )
    assert event.references == (Reference("container", "CLSU4000215"), Reference("own_reference", "106141412345678908"))


def test_inputs_and_outputs_of_a_transformation_are_cargo_too() -> None:
    event = observed(type="TransformationEvent", bizStep="repackaging", epcList=None, action=None)
    found = only({**event, "inputEPCList": [UNIT], "outputEPCList": ["urn:epc:id:sscc:0614141.1234567891"]})
    assert [reference.value for reference in found.references] == ["106141412345678908", "106141412345678915"]
    assert found.milestone == "unknown"


# --- Places and times ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, None),
        ({"readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"}}, Place(None, "facility", "0614141007776")),
        ({"bizLocation": {"id": "urn:epc:id:sgln:0614141.00777.4"}}, Place(None, "facility", "0614141007776 4")),
        (
            {"readPoint": {"id": "geo:1,2"}, "bizLocation": {"id": "https://id.gs1.org/414/0614141007776"}},
            Place(None, "facility", "0614141007776"),
        ),
        ({"readPoint": {"id": "https://places.example.com/yard%204"}}, Place(None, "text", "yard 4")),
        (
            {"readPoint": {"id": "https://vocabulary.uncefact.org/unlocode#KRPUS"}},
            Place("KRPUS", "unlocode", None),
        ),
        (
            {"readPoint": {"id": "https://service.unece.org/trade/locode/kr.htm#KRPUS"}},
            Place("KRPUS", "unlocode", None),
        ),
        (
            {
                "readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"},
                "bizLocation": {"id": "urn:example:x", "https://ns.example.com/UNLocationCode": "nlrtm"},
            },
            Place("NLRTM", "unlocode", "0614141007776"),
        ),
        ({"ex:locode": "DEHAM"}, Place("DEHAM", "unlocode", None)),
        ({"readPoint": "urn:epc:id:sgln:0614141.00777.0"}, None),
    ],
)
def test_a_place_is_a_port_by_code_or_a_location_by_name(fields: dict[str, Any], place: Place | None) -> None:
    assert only(observed(**fields)).place == place


def test_degrees_of_a_read_point_are_kept_beside() -> None:
    event = only(observed(readPoint={"id": "geo:-33.9,151.2,12;u=30"}))
    assert event.place is None
    assert event.context == {"coordinates": ["-33.9", "151.2"]}
    assert position_of("geo:north,east") is None
    assert unlocode_of("https://example.org/unlocode/kr") is None
    assert last_part("urn:x:") == "x"


@pytest.mark.parametrize(
    ("time", "offset", "local", "instant"),
    [
        ("2026-03-09T03:30:00Z", "+09:00", "2026-03-09T12:30:00", "2026-03-09T12:30:00+09:00"),
        ("2026-03-09T12:30:00+09:00", "+09:00", "2026-03-09T12:30:00", "2026-03-09T12:30:00+09:00"),
        ("2026-03-09T12:30:00.250+09:00", "-05:00", "2026-03-08T22:30:00.250000", "2026-03-08T22:30:00.250000-05:00"),
        ("2026-03-09T12:30:00", "+09:00", "2026-03-09T12:30:00", "2026-03-09T12:30:00+09:00"),
        ("2026-03-09T12:30:00+09:00", None, "2026-03-09T12:30:00", "2026-03-09T12:30:00+09:00"),
        ("2026-03-09T12:30:00+09:00", "9", "2026-03-09T12:30:00", "2026-03-09T12:30:00+09:00"),
        ("2026-03-09T12:30:00", None, "2026-03-09T12:30:00", None),
    ],
)
def test_the_time_is_the_places_own(time: str, offset: str | None, local: str, instant: str | None) -> None:
    event = only(observed(eventTime=time, eventTimeZoneOffset=offset))
    assert event.occurred_local is not None and event.occurred_local.isoformat() == local
    assert (event.occurred_at.isoformat() if event.occurred_at else None) == instant
    assert event.time_basis == ("given" if instant else None)


def test_when_a_document_was_written_is_not_when_its_events_were_reported() -> None:
    one, other = ({**document(observed(eventID=None)), "creationDate": f"2026-03-1{day}T00:00:00Z"} for day in (0, 1))
    assert only(one) == only(other)
    assert only(one).reported_at is None


def test_without_an_id_the_meaning_identifies_and_not_the_recording() -> None:
    first = only(observed(eventID=None, recordTime="2026-03-09T04:00:00Z"))
    again = only(observed(eventID=None, recordTime="2026-03-10T04:00:00", eventTimeZoneOffset="+00:00"))
    other = only(observed(eventID=None, epcList=[OTHER]))
    assert first.meaning == again.meaning != ""
    assert other.meaning != first.meaning
    assert str(again.reported_at) == "2026-03-10 04:00:00+00:00"


def test_sensors_are_kept_small() -> None:
    reports = [{"type": "Temperature", "value": value, "uom": "CEL"} for value in range(20)]
    elements = [{"sensorReport": reports}, {"sensorReport": [{"type": "X", "value": True}, {"type": "Y"}, 5]}, None]
    event = only(observed(bizStep="sensor_reporting", sensorElementList=elements))
    assert event.milestone == "unknown"
    assert event.context is not None
    assert [report["value"] for report in event.context["measurements"]] == [14, 15, 16, 17, 18, 19]


def test_what_percent_signs_stand_for_is_no_control_character() -> None:
    """PostgreSQL keeps no NUL, so a number with one could never be written."""
    assert key_of("https://id.gs1.org/00/%00088012340000001") == Key("sscc", "\ufffd088012340000001")
    assert key_of("urn:epc:id:ginc:4012345.A%0AB") == Key("ginc", "4012345A\ufffdB")
    assert last_part("urn:epcglobal:cbv:bt:0614141073467:%009") == "\ufffd9"
