"""The world on disk: messages, manifest, world and truth, and the files to push."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cargo.management.generator import pushing, truth
from cargo.management.generator.firms import AIRLINES, FIRMS, PEOPLE, carriers_of
from cargo.management.generator.places import terminals_of
from cargo.management.generator.story import Cargo
from cargo.management.generator.telling import (
    AIR_DIALECT,
    CONTAINERS_SOURCE,
    CUSTOMS_SOURCE,
    DIALECTS,
    Message,
    file_name,
)
from cargo.management.generator.world import World

_TITLES = {
    "dcsa": "DCSA Track & Trace",
    "dcsa3": "DCSA Track & Trace 3.0",
    "iftsta": "EDIFACT IFTSTA",
    "x12": "X12 315",
    "terminal": "EDIFACT CODECO and COARRI",
    "fsu": "Cargo-IMP FSU",
}


def sources(seed: int) -> list[dict[str, Any]]:
    """The feeds of a world, all shared: customs, carriers, airlines and terminals, each in its one dialect.

    A slug is the dialect's name, or that and a dash and whose feed it is.
    """
    rows = [
        _source(CUSTOMS_SOURCE, "Korea Customs UNI-PASS", "customs", 10, "Asia/Seoul"),
        _source(CONTAINERS_SOURCE, "Korea Customs UNI-PASS (containers)", "customs", 10, "Asia/Seoul"),
    ]
    for carrier in carriers_of(seed):
        title = f"{carrier.name} ({_TITLES[carrier.dialect]})"
        rows.append(_source(f"{carrier.dialect}-{carrier.scac.lower()}", title, "carrier", 50))
    for airline in AIRLINES:
        title = f"{airline.name} ({_TITLES[AIR_DIALECT]})"
        rows.append(_source(f"{AIR_DIALECT}-{airline.code.lower()}", title, "carrier", 50))
    for port in terminals_of(seed):
        title = f"{port.name} Container Terminal ({_TITLES['terminal']})"
        rows.append(_source(f"terminal-{port.code.lower()}", title, "terminal", 30, port.zone))
    return rows


def _source(slug: str, name: str, kind: str, rank: int, zone: str = "") -> dict[str, Any]:
    form = DIALECTS[slug.partition("-")[0]].FORMAT
    return {"slug": slug, "name": name, "kind": kind, "rank": rank, "format": form, "time_zone": zone}


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
        {"seed": world.seed, "now": truth.iso(world.now), "until": truth.iso(until), "shipments": shipments},
    )
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
