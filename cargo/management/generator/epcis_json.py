"""A warehouse's dialect: GS1 EPCIS 2.0 in JSON-LD, what its own readers saw of goods and containers.

Goods come in on pallets, are packed into a container and leave with it; a shared container is emptied. Places are GLNs
with the UN/LOCODE of their port beside; the company prefix 952 is GS1's own for examples.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from cargo.management.generator.edifact_parts import local
from cargo.management.generator.places import PORTS, Shed
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE = "application/ld+json"
FORMAT = "epcis"
EXTENSION = "json"
PRECISION = 1
_NAMESPACE = UUID("8c1b4a7e-52d9-4c0a-9d15-3e7f60b2c944")
_PREFIX = "9521234"
# The GLN of the warehouses' operator, which numbers its transactions.
_OPERATOR = "9521234000013"
_PALLETS = 3
# Business step and disposition of CBV 2.0.
_STEPS = {
    "cargo_received": ("receiving", "in_progress"),
    "stuffed": ("packing", "in_progress"),
    "picked_up": ("shipping", "in_transit"),
    "stripped": ("unpacking", "in_progress"),
}
_AGGREGATIONS = {"stuffed": "ADD", "stripped": "DELETE"}


def says(fact: Fact) -> bool:
    """Whether a warehouse's readers see it."""
    return fact.classifier == "actual" and fact.milestone in _STEPS


def render(box: Box, facts: list[Fact]) -> bytes:
    """One document with an event for each fact."""
    newest = datetime.fromtimestamp(max(fact.at for fact in facts) + 60, UTC)
    document = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"cfs": "https://epcis.example/cfs/"},
        ],
        "id": f"urn:uuid:{uuid5(_NAMESPACE, '|'.join(['document', *(_identity(box, fact) for fact in facts)]))}",
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": f"{newest:%Y-%m-%dT%H:%M:%SZ}",
        "epcisBody": {"eventList": [_event(box, fact) for fact in facts]},
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _identity(box: Box, fact: Fact) -> str:
    return f"{box.master_bill}/{fact.milestone}/{fact.container}"


def _event(box: Box, fact: Fact) -> dict[str, Any]:
    port, shed = PORTS[fact.place], _shed(box)
    moment = local(fact.at, port).isoformat()
    step, disposition = _STEPS[fact.milestone]
    place = {"id": f"urn:epc:id:sgln:{_PREFIX}.{shed.code[-5:]}.0", "cfs:unlocode": port.code}
    event: dict[str, Any] = {
        "eventID": f"urn:uuid:{uuid5(_NAMESPACE, _identity(box, fact))}",
        "eventTime": moment,
        "eventTimeZoneOffset": moment[-6:],
        "recordTime": datetime.fromtimestamp(fact.at + 30, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "bizStep": step,
        "disposition": disposition,
        "readPoint": place,
        "bizLocation": place,
        "bizTransactionList": [
            {"type": "bol", "bizTransaction": f"urn:epcglobal:cbv:bt:{_OPERATOR}:{box.master_bill}"}
        ],
    }
    pallets = [f"urn:epc:id:sscc:{_PREFIX}.3{box.number * 10 + order:09d}" for order in range(_PALLETS)]
    unit = f"urn:epc:id:bic:{fact.container}"
    if fact.milestone in _AGGREGATIONS:
        action = _AGGREGATIONS[fact.milestone]
        return {"type": "AggregationEvent", "action": action, "parentID": unit, "childEPCs": pallets} | event
    return {"type": "ObjectEvent", "action": "OBSERVE", "epcList": [unit] if fact.container else pallets} | event


def _shed(box: Box) -> Shed:
    """Where the box is packed, or emptied."""
    shed = box.packer or box.warehouse
    assert shed is not None
    return shed
