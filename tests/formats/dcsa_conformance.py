"""What DCSA's conformance toolkit asks of Track & Trace messages, written anew.

Source: dcsaorg/Conformance-Gateway (January 2026), ``tnt``: ``TntSchemaConformanceCheck`` and ``TntChecks`` of 2.2.0,
``TntChecks`` of 3.0.0. The toolkit's list of shipment codes of 3.0.0 is shorter than the standard's; the standard's is
taken. What scenarios and servers must do beside (filters, paging, 400 for unknown codes) is asked where the API is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

Check = Callable[[dict[str, Any]], Iterator[str]]

SHIPMENT = (
    "AMCF AMCN AMDC AMPR AMRE APPR CACF CADC CANC CARE CMPL CONF DECL DRFT HOLD ISSU PENA PENM PENU PSAM PSDL RECE REJE"
    " RELS REQS SUAM SUBM SUDL SURR UPCF UPCN UPDC UPDT UPRE VOID"
)
DOCUMENTS = "AMF ARN BKG CAS CBR CEA CEO CQU CRO CUC DEI DEO DGD FCE HCE ICE INV OOG PCE PFD SHI TRD TRO VCE VGM"
EQUIPMENT = "AVDO AVPU CROS CUSI CUSR CUSS DISC DROP GTIN GTOT INSP LOAD PICK RMVD RSEA STRP STUF"
CODES = {"SHIPMENT": SHIPMENT, "TRANSPORT": "ARRI DEPA", "EQUIPMENT": EQUIPMENT, "IOT": "DETC", "REEFER": "MEAS ADJU"}
KINDS = tuple(CODES)
IMO = re.compile(r"\d{7,8}\Z")


@cache
def validators(specification: Path, *, formats: bool) -> Callable[[str], OAS30Validator]:
    """Validators of an OpenAPI file's schemas by name; ``formats``: whether formats such as date-time are asserted."""
    contents = yaml.load(specification.read_text(encoding="utf-8"), yaml.CSafeLoader)
    registry = Registry().with_resource("urn:tnt", Resource(contents=contents, specification=DRAFT4))
    checker = oas30_format_checker if formats else None

    @cache
    def validator(name: str) -> OAS30Validator:
        schema = {"$ref": f"urn:tnt#/components/schemas/{name}"}
        return OAS30Validator(schema, registry=registry, format_checker=checker)

    return validator


def schema_faults(specification: Path, name: str, instance: Any, *, formats: bool = False) -> list[str]:
    """What one schema finds wrong, as ``path: message``."""
    found = validators(specification, formats=formats)(name).iter_errors(instance)
    return sorted(f"{error.json_path}: {error.message}" for error in found)


def faults_2_2(specification: Path, message: Any, *, formats: bool = False) -> list[str]:
    """What a publisher of 2.2.0 is told of a response to ``GET /events``; nothing if it conforms."""
    faults = [] if isinstance(message, list) else ["the root is not an array"]
    nodes = list(_event_nodes(message, 0))
    for index, (level, event) in enumerate(nodes):
        if level > 1:
            faults.append(f"event {index} is not an element of the root")
        kind = str(event["eventType"]).upper()
        if kind not in ("SHIPMENT", "TRANSPORT", "EQUIPMENT"):
            faults.append(f"event {index}: eventType {kind}")
            continue
        found = schema_faults(specification, f"{kind.lower()}Event", event, formats=formats)
        faults += [f"event {index} {fault}" for fault in found]
    return faults if nodes else [*faults, "no events"]


def _event_nodes(node: Any, level: int) -> Iterator[tuple[int, dict[str, Any]]]:
    if isinstance(node, dict) and "eventType" in node:
        yield level, node
    elif isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _event_nodes(inner, level + 1)


def faults_3_0(message: Any, kind: str | None = None) -> list[str]:
    """What a producer of 3.0.0 is told of a message that should hold events (of one kind)."""
    events = message.get("events") or [] if isinstance(message, dict) else []
    if not events:
        return ["no events"]
    faults = [
        f"no event has {name}"
        for name in ("eventID", "eventDateTime", "eventUpdatedDateTime")
        if not any(event.get(name) for event in events)
    ]
    if kind is not None and not any(_kind(event) == kind for event in events):
        faults.append(f"no event is of type {kind}")
    for index, event in enumerate(events):
        check = _CHECKS.get(_kind(event) or "")
        if check is not None and kind in (None, _kind(event)):
            faults += [f"event {index}: {fault}" for fault in check(event)]
    return faults


def _kind(event: dict[str, Any]) -> str | None:
    return event.get("eventClassification", {}).get("eventTypeCode")


def _coded(event: dict[str, Any]) -> Iterator[str]:
    kind = _kind(event) or ""
    name = f"{kind.lower()}EventTypeCode"
    if event["eventClassification"].get(name) not in CODES[kind].split():
        yield name


def _shipment(event: dict[str, Any]) -> Iterator[str]:
    yield from _coded(event)
    document = event.get("shipmentDetails", {}).get("documentReference") or {}
    if document.get("typeCode") not in DOCUMENTS.split():
        yield "shipmentDetails.documentReference.typeCode"
    if not document.get("reference"):
        yield "shipmentDetails.documentReference.reference"


def _transport(event: dict[str, Any]) -> Iterator[str]:
    yield from _coded(event)
    if not event.get("eventLocation"):
        yield "eventLocation"
    call = event.get("transportDetails", {}).get("transportCall") or {}
    if not any(call.get(name) is not None for name in ("vesselTransport", "railTransport", "truckTransport")):
        yield "transportDetails.transportCall: no means of transport"
    vessel = call.get("vesselTransport")
    if vessel is not None and not IMO.match(vessel.get("vesselIMONumber") or "") and not vessel.get("vesselName"):
        yield "transportDetails.transportCall.vesselTransport: neither number nor name"


def _equipment(event: dict[str, Any]) -> Iterator[str]:
    yield from _coded(event)
    for name in ("equipmentReference", "ISOEquipmentCode"):
        if not event.get("equipmentDetails", {}).get(name):
            yield f"equipmentDetails.{name}"


def _iot(event: dict[str, Any]) -> Iterator[str]:
    yield from _equipment(event)
    if event.get("iotDetails", {}).get("iotEventCode") not in ("DRC", "DRO", "LOC"):
        yield "iotDetails.iotEventCode"


def _reefer(event: dict[str, Any]) -> Iterator[str]:
    yield from _equipment(event)
    if not event.get("reeferDetails"):
        yield "reeferDetails"


_CHECKS: dict[str, Check] = {
    "SHIPMENT": _shipment,
    "TRANSPORT": _transport,
    "EQUIPMENT": _equipment,
    "IOT": _iot,
    "REEFER": _reefer,
}
