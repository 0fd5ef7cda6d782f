"""The rows that benchmarks run on: shipments with histories of twenty carrier events, and one more message for each.

The mix is *busy*: every measured message changes its shipment's state. A quiet mix flatters batches twofold.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cargo import booking
from cargo.domain.identifiers import container_check_digit
from cargo.models import Shipment, Source
from clis.accounts.models import Organization

START = datetime(2026, 9, 1, tzinfo=UTC)
PORTS = ("CNSHA", "SGSIN", "LKCMB", "NLRTM")
EVENTS = 20


def container(number: int) -> str:
    """A container's number with its check digit."""
    prefix = f"BNCU{number:06d}"
    return f"{prefix}{container_check_digit(prefix)}"


def equipment(number: int, step: int, code: str, port: str, empty: bool, classifier: str = "ACT") -> dict[str, Any]:
    """A DCSA 2.2 equipment event of one shipment."""
    at = START + timedelta(hours=6 * step, seconds=number)
    return {
        "eventID": f"{number:08d}-{step:04d}-{classifier}",
        "eventCreatedDateTime": (at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventType": "EQUIPMENT",
        "eventClassifierCode": classifier,
        "eventDateTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "equipmentEventTypeCode": code,
        "equipmentReference": container(number),
        "ISOEquipmentCode": "45G1",
        "emptyIndicatorCode": "EMPTY" if empty else "LADEN",
        "transportCall": _call(number, port),
        "documentReferences": _documents(number),
    }


def transport(number: int, step: int, code: str, port: str, classifier: str = "ACT") -> dict[str, Any]:
    """A DCSA 2.2 transport event of one shipment."""
    at = START + timedelta(hours=6 * step, seconds=number)
    return {
        "eventID": f"{number:08d}-{step:04d}-{classifier}",
        "eventCreatedDateTime": (at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventType": "TRANSPORT",
        "eventClassifierCode": classifier,
        "eventDateTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "transportEventTypeCode": code,
        "transportCall": _call(number, port),
        "documentReferences": _documents(number),
        "references": [{"referenceType": "EQ", "referenceValue": container(number)}],
    }


def _call(number: int, port: str) -> dict[str, Any]:
    return {
        "transportCallID": f"call-{number % 50}-{port}",
        "carrierServiceCode": "FE1",
        "exportVoyageNumber": "2637W",
        "UNLocationCode": port,
        "facilityTypeCode": "POTE",
        "modeOfTransport": "VESSEL",
        "vessel": {"vesselIMONumber": "9321483", "vesselName": "BENCH CARRIER", "vesselOperatorCarrierCode": "BNCH"},
    }


def _documents(number: int) -> list[dict[str, str]]:
    return [
        {"documentReferenceType": "BKG", "documentReferenceValue": f"BK{number:08d}"},
        {"documentReferenceType": "TRD", "documentReferenceValue": f"BNCHBL{number:08d}"},
    ]


def history(number: int) -> list[dict[str, Any]]:
    """The twenty events that a shipment has before the measured one."""
    events = [
        equipment(number, 1, "GTOT", PORTS[0], True),
        equipment(number, 3, "GTIN", PORTS[0], False),
        equipment(number, 5, "LOAD", PORTS[0], False),
        transport(number, 6, "DEPA", PORTS[0]),
    ]
    for leg, port in enumerate(PORTS[1:3]):
        step = 20 + 20 * leg
        events += [
            transport(number, step, "ARRI", port),
            equipment(number, step + 1, "DISC", port, False),
            equipment(number, step + 5, "LOAD", port, False),
            transport(number, step + 6, "DEPA", port),
        ]
    for i, port in enumerate(PORTS[1:]):
        events += [
            transport(number, 19 + 20 * i, "ARRI", port, "PLN"),
            transport(number, 20 + 20 * i, "ARRI", port, "EST"),
        ]
    events += [
        transport(number, 5, "DEPA", PORTS[0], "PLN"),
        equipment(number, 62, "DISC", PORTS[3], False, "EST"),
    ]
    return events[:EVENTS]


def boxed(number: int, box: int) -> list[dict[str, Any]]:
    """The same history for a further container on the same bill."""
    events = history(number)
    for event in events:
        event["eventID"] += f"-box{box}"
        if "equipmentReference" in event:
            event["equipmentReference"] = container(number + 100_000 * box)
        if "references" in event:
            event["references"][0]["referenceValue"] = container(number + 100_000 * box)
    return events


STEPS = 6


def measured(number: int, step: int) -> dict[str, Any]:
    """One more event, which changes the shipment's state: two new estimates, arrival, discharge, removal, return."""
    if step < 2:
        event = transport(number, 60, "ARRI", PORTS[3], "EST")
        at = START + timedelta(hours=400 + step, seconds=number)
        event["eventID"] += f"-{step}"
        event["eventDateTime"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        event["eventCreatedDateTime"] = (START + timedelta(hours=390 + step)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return event
    if step == 2:
        return transport(number, 61, "ARRI", PORTS[3])
    code, empty = (("DISC", False), ("GTOT", False), ("GTIN", True))[step - 3]
    return equipment(number, 62 + 10 * (step - 3), code, PORTS[3], empty)


def encode(event: dict[str, Any] | list[dict[str, Any]]) -> bytes:
    """A message body."""
    return msgspec.json.encode(event)


def build(shipments: int, slug: str = "bench") -> tuple[Source, list[Shipment]]:
    """A carrier's source and registered shipments, each by its master bill."""
    organization, _ = Organization.objects.get_or_create(name="Bench Importer", slug=slug)
    source, _ = Source.objects.get_or_create(slug=slug, defaults={"name": "Bench Carrier", "rank": 50})
    rows = [
        booking.register(organization.pk, [("master_bill", f"BNCHBL{number:08d}")], mode="sea")
        for number in range(shipments)
    ]
    return source, rows
