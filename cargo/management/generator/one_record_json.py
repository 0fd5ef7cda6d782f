"""An airline's dialect: ONE Record, the logistics events of a shipment in JSON-LD, local times with their offset.

Source: ONE Record data model 3 (cargo ontology): waybill, shipment, locations and events as nodes of one graph.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from cargo.management.generator import cargo_imp_fsu
from cargo.management.generator.edifact_parts import local
from cargo.management.generator.places import PORTS, Port
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE = "application/ld+json"
FORMAT = "one_record"
EXTENSION = "jsonld"
PRECISION = 1
_NAMESPACE = UUID("2b5f0f6e-4a36-4a55-8f0a-6c1c0d8a7e21")
_CONTEXT = {
    "cargo": "https://onerecord.iata.org/ns/cargo#",
    "status": "https://onerecord.iata.org/ns/code-lists/StatusCode#",
    "units": "https://onerecord.iata.org/ns/code-lists/MeasurementUnitCode#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "cargo:eventDate": {"@type": "xsd:dateTime"},
}


def says(fact: Fact) -> bool:
    """Whether this dialect has words for it: the same codes as those of Cargo-IMP."""
    return cargo_imp_fsu.says(fact)


def render(box: Box, facts: list[Fact]) -> bytes:
    """A graph with the waybill and what its events refer to."""
    nodes = [_waybill(box), *(_location(box, port) for port in (box.origin, box.destination)), _flight(box)]
    nodes += [_event(box, fact) for fact in facts]
    return json.dumps({"@context": _CONTEXT, "@graph": nodes}, ensure_ascii=False, indent=1).encode()


def _object(box: Box, name: str) -> str:
    """The address of an object on the airline's server."""
    assert box.airline is not None
    return f"https://1r-{box.airline.code.lower()}.example/logistics-objects/{name}"


def _waybill(box: Box) -> dict[str, Any]:
    return {
        "@id": _object(box, f"waybill-{box.master_bill}"),
        "@type": "cargo:Waybill",
        "cargo:waybillPrefix": box.master_bill[:3],
        "cargo:waybillNumber": box.master_bill[3:],
        "cargo:waybillType": {"@id": "cargo:MASTER"},
        "cargo:shipment": {"@id": _object(box, f"shipment-{box.master_bill}")},
        "cargo:departureLocation": {"@id": _object(box, f"airport-{box.origin.code}")},
        "cargo:arrivalLocation": {"@id": _object(box, f"airport-{box.destination.code}")},
    }


def _location(box: Box, port: Port) -> dict[str, Any]:
    return {
        "@id": _object(box, f"airport-{port.code}"),
        "@type": "cargo:Location",
        "cargo:locationName": port.name,
        "cargo:locationCodes": [{"@type": "cargo:CodeListElement", "cargo:code": port.code}],
    }


def _flight(box: Box) -> dict[str, Any]:
    return {
        "@id": _object(box, f"flight-{box.flight}-{box.master_bill}"),
        "@type": "cargo:TransportMovement",
        "cargo:transportIdentifier": box.flight,
    }


def _event(box: Box, fact: Fact) -> dict[str, Any]:
    shipment, port = _object(box, f"shipment-{box.master_bill}"), PORTS[fact.place]
    event: dict[str, Any] = {
        "@id": f"{shipment}/logistics-events/{uuid5(_NAMESPACE, f'{box.master_bill}/{fact.milestone}')}",
        "@type": "cargo:LogisticsEvent",
        "cargo:creationDate": datetime.fromtimestamp(fact.known, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "cargo:eventDate": local(fact.at, port).isoformat(),
        "cargo:eventCode": {"@id": f"status:{cargo_imp_fsu.CODES[fact.milestone]}"},
        "cargo:eventTimeType": {"@id": "cargo:ACTUAL"},
        "cargo:recordedPieceCount": sum(cargo.packages for cargo in box.cargoes),
        "cargo:recordedWeight": {
            "@type": "cargo:Value",
            "cargo:numericalValue": round(sum(cargo.weight for cargo in box.cargoes), 1),
            "cargo:unit": {"@id": "units:KGM"},
        },
        "cargo:eventFor": {"@id": shipment},
        "cargo:eventLocation": {"@id": _object(box, f"airport-{port.code}")},
    }
    if fact.milestone in ("departed", "arrived", "discharged"):
        event["cargo:transportMovementReference"] = {"@id": _object(box, f"flight-{box.flight}-{box.master_bill}")}
    return event
