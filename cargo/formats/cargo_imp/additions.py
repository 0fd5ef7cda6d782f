"""What stands beside a status: units, customs and security information, remarks, and other small facts.

Source: Cargo-IMP manual, 34th edition, FSA specification sections 23 (OCI), 24 (ULD) and 25 (OSI), code list 1.100.
"""

from __future__ import annotations

import re
from typing import Any

from cargo.domain.event import Reference
from cargo.formats.cargo_imp.blocks import SERVICE, UNITS, Block
from cargo.formats.cargo_imp.movement import Consignment, Movement

TEXT_LENGTH = 500
_KEPT = 50
# A hand-over at the airport is not one at the door.
_HANDOVER = {"DLV": "airport", "DDL": "door"}
_TRANSFER = {"RCT": ("from", "to"), "TFD": ("to", "from"), "TRM": ("to", "from")}
_UNIT = re.compile(r"[A-Z][A-Z0-9]{2}[A-Z0-9][0-9]{3,4}[A-Z0-9]{2,3}(?:-[A-Z])?\Z")
# Who screened is a person's name: it is not kept.
_SCREENER = "SN"
_MOVEMENT_REFERENCE, _INVOICE, _HOUSE = "M", "I", "HWB"


def context(block: Block, consignment: Consignment, move: Movement, notes: list[dict[str, str]]) -> dict[str, Any]:
    """The small facts of a status; only what is told."""
    found: dict[str, Any] = {}
    if move.flight and move.carrier:
        found["carrier"] = move.carrier
    if consignment.total is not None:
        found["total_packages"] = consignment.total
    if move.code in _HANDOVER:
        found["handover"] = _HANDOVER[move.code]
    if move.code in _TRANSFER and move.carrier:
        pairs = zip(_TRANSFER[move.code], (move.carrier, move.other_carrier), strict=True)
        found["transfer"] = {side: carrier for side, carrier in pairs if carrier}
    for name in ("volume_m3", "density_group", "transfer_manifest"):
        if getattr(move, name) is not None:
            found[name] = getattr(move, name)
    units = [unit for text in block.told.get(UNITS, ()) for unit in text.split("/") if _UNIT.match(unit)]
    if units:
        found["units"] = units[:_KEPT]
    if notes:
        found["customs_information"] = notes
    remarks = remarks_of(block)
    if remarks:
        found["remarks"] = remarks
    return found


def remarks_of(block: Block) -> list[str]:
    """Other service information, line by line."""
    return [text.lstrip("/").strip()[:TEXT_LENGTH] for text in block.told.get(SERVICE, ())[:_KEPT]]


def customs(lines: list[str]) -> list[dict[str, str]]:
    """``country``, what it is ``about``, its ``control`` code and ``text`` of each line ``/HK/ISS/RA/28490``."""
    notes = []
    for line in lines[:_KEPT]:
        _, country, about, control, text = (*line.split("/", 4), "", "", "", "")[:5]
        if control == _SCREENER:
            text = ""
        note = {"country": country, "about": about, "control": control, "text": text}
        notes.append({name: value[:TEXT_LENGTH] for name, value in note.items() if value})
    return notes


def named(notes: list[dict[str, str]]) -> tuple[Reference, ...]:
    """The numbers that customs gave (``M``, movement reference number) and the house waybill that they are about."""
    found = []
    for note in notes:
        text, control = note.get("text"), note.get("control")
        if text and control == _MOVEMENT_REFERENCE:
            found.append(Reference("declaration", text))
        elif text and control == _INVOICE and note.get("about") == _HOUSE:
            found.append(Reference("house_air_waybill", text))
    return tuple(found)
