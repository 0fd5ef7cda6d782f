"""The world on disk: messages, manifest, world and truth, and the files to push."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cargo.management.generator import pushing, truth
from cargo.management.generator.feeds import reading, sources
from cargo.management.generator.firms import FIRMS, PEOPLE
from cargo.management.generator.message import DIALECTS, Message, file_name
from cargo.management.generator.story import Cargo
from cargo.management.generator.world import World


def parties(cargo: Cargo) -> list[tuple[str, str]]:
    """Organizations and their roles: who else may see the cargo."""
    rows = [(cargo.importer.slug, "consignee")]
    if cargo.forwarder.slug and cargo.house_bill:
        rows.append((cargo.forwarder.slug, "forwarder"))
    if cargo.cargo_number and cargo.scene.kind != "air_express":
        rows.append((cargo.broker.slug, "broker"))
    return rows


def registration(cargo: Cargo) -> dict[str, Any]:
    """What a client enters when it registers the cargo."""
    box = cargo.box
    load = {"sea_fcl": "fcl", "sea_direct": "fcl", "export": "fcl", "sea_lcl": "lcl", "sea_lcl_join": "lcl"}
    return {
        "key": cargo.key,
        "organization": cargo.registrant,
        "own_reference": cargo.own_reference,
        "references": [list(reference) for reference in cargo.references],
        "mode": "air" if box.air else "vessel",
        "load": load.get(cargo.scene.kind, ""),
        "port_of_loading": box.origin.code,
        "port_of_discharge": box.destination.code,
        "parties": [list(party) for party in parties(cargo)],
        "cargo_number": cargo.cargo_number,
        "containers": box.containers,
    }


def world_document(world: World) -> dict[str, Any]:
    """Organizations, people, sources and shipments."""
    return {
        "seed": world.seed,
        "now": truth.iso(world.now),
        "organizations": [firm._asdict() for firm in FIRMS],
        "people": [person._asdict() for person in PEOPLE],
        "sources": sources(world.seed),
        "shipments": [registration(cargo) for cargo in world.cargoes],
    }


def write(world: World, told: list[Message], until: int, out: Path) -> dict[str, int]:
    """Write everything that is sent up to ``until``. Returns counts by kind. The folder must be empty or absent."""
    folder = out / "messages"
    folder.mkdir(parents=True)
    counts = {"shipments": len(world.cargoes), "messages": 0, "pushes": 0}
    with (out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for number, message in enumerate(told):
            if message.sent_at > until:
                break
            name = file_name(message, number)
            (folder / name).write_bytes(message.body())
            manifest.write(json.dumps(_manifest_row(message, name), ensure_ascii=False) + "\n")
            counts["messages"] += 1
    _write_json(out / "world.json", world_document(world))
    shipments = {cargo.key: truth.of(cargo, world.now) for cargo in world.cargoes}
    _write_json(
        out / "truth.json",
        {
            "seed": world.seed,
            "now": truth.iso(world.now),
            "until": truth.iso(until),
            "shipments": shipments,
            "warehouses": truth.warehouses(),
        },
    )
    _write_json(out / "reading.json", reading())
    counts["pushes"] = write_pushes(world, world.now, out / "push")
    return counts


def write_pushes(world: World, at: int, folder: Path) -> int:
    """The files to push, their news happening from ``at`` on; files of that name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for cargo in pushing.waiting(world):
        for name, body in pushing.files(cargo, world.now, at).items():
            (folder / name).write_bytes(body)
            count += 1
    return count


def _manifest_row(message: Message, name: str) -> dict[str, Any]:
    row = {
        "file": name,
        "format": DIALECTS[message.dialect].FORMAT,
        "source": message.source,
        "sent_at": datetime.fromtimestamp(message.sent_at, UTC).isoformat(),
        "shipment": message.shipments[0],
    }
    if len(message.shipments) > 1:
        row["shipments"] = message.shipments
    if message.fault:
        row["fault"] = message.fault
    return row


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
