"""Customs' dialect: UNI-PASS Open API 021, the accepted arrival report of the ship that brought a bill.

The answer names the ship and its manifest; the bill stands in the message's name, as whoever asks knows it.
"""

from __future__ import annotations

from cargo.management.generator import unipass_parts
from cargo.management.generator.story import Box, Fact
from cargo.management.generator.unipass_parts import digits, office

MEDIA_TYPE, EXTENSION = unipass_parts.MEDIA_TYPE, unipass_parts.EXTENSION
FORMAT = "unipass.api021"
PRECISION = 1


def asked(box: Box) -> str:
    """The bill that the ship carries, as whoever asks knows it."""
    return f"mblNo={box.master_bill}"


def render(box: Box, facts: list[Fact]) -> bytes:
    """The one report; ``facts`` is the arrival."""
    [arrival] = facts
    vessel = box.legs[-1].vessel
    fields = {
        "cstmSgn": office(box.destination.code),
        "mrn": box.manifest,
        "shipFlgtNm": vessel.name,
        "shipCallImoNo": vessel.imo,
        "shipAirCntyCd": vessel.flag,
        "etprDttm": digits(arrival.at),
        "acptDttm": digits(max(arrival.at, arrival.known)),
        "shipLamrPlcNm": f"제{box.number % 8 + 1}부두",
        "shipLamrPlcCd": f"{box.destination.terminal}{box.number % 8 + 1:02d}",
        "alCrmbPecnt": str(18 + box.number % 7),
        "alPsngPecnt": "",
    }
    return unipass_parts.answer("etprRprtQryBrkdQryRtnVo", [("etprRprtQryBrkdQryVo", fields)])
