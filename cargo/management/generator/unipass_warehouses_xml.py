"""Customs' dialect: UNI-PASS Open API 005, the bonded warehouses of one customs office with their flags.

No event of a cargo: whether a late removal is fined and a late declaration surcharged in these sheds.
"""

from __future__ import annotations

from cargo.management.generator import unipass_parts
from cargo.management.generator.places import SHEDS, Shed
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE, EXTENSION = unipass_parts.MEDIA_TYPE, unipass_parts.EXTENSION
FORMAT = "unipass.api005"
PRECISION = 1


def asked(office: str) -> str:
    """The request's parameter: the three digits of the office."""
    return f"jrsdCstmCd={office}"


def render(box: Box, facts: list[Fact]) -> bytes:
    """The sheds of the office that the box comes under; ``facts`` adds nothing to it."""
    assert box.terminal is not None
    office = box.terminal.code[:3]
    rows = [("shedInfoQryRsltVo", _row(shed)) for shed in SHEDS if shed.code.startswith(office)]
    return unipass_parts.answer("shedInfoQryRtnVo", rows)


def _row(shed: Shed) -> dict[str, str]:
    return {
        "snarSgn": shed.code,
        "snarNm": shed.name,
        "snarAddr": "",
        "snartelno": "",
        "pnltLvyTrgtYn": _flag(shed.fined),
        "adtxColtPridYn": _flag(shed.surcharged),
        "ldunPlcSnarYn": _flag(shed.at_quay),
    }


def _flag(value: bool) -> str:
    return "Y" if value else "N"
