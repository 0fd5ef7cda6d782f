"""Customs' dialect: UNI-PASS Open API 024, arrivals and departures: of aircraft that bring air cargo, and of ships that
leave with exports. The bill stands in the message's name.
"""

from __future__ import annotations

from cargo.management.generator import unipass_parts
from cargo.management.generator.places import CUSTOMS_OFFICES
from cargo.management.generator.story import Box, Fact
from cargo.management.generator.unipass_parts import digits, office

MEDIA_TYPE, EXTENSION = unipass_parts.MEDIA_TYPE, unipass_parts.EXTENSION
FORMAT = "unipass.api024"
PRECISION = 1


def asked(box: Box) -> str:
    """The bill that the aircraft or the ship carries, as whoever asks knows it."""
    return f"{'air_waybill' if box.air else 'mblNo'}={box.master_bill}"


def render(box: Box, facts: list[Fact]) -> bytes:
    """The one call; ``facts`` is the arrival of the flight, or the departure of the ship."""
    [call] = facts
    leg = box.legs[-1 if box.air else 0]
    here, other = (leg.destination, leg.origin) if box.air else (leg.origin, leg.destination)
    fields = {
        "ioprSbmtNo": box.manifest,
        "cstmSgn": office(here.code),
        "cstmNm": CUSTOMS_OFFICES[here.code],
        "shipFlgtNm": leg.vessel.name,
        "shipCallImoNo": leg.vessel.imo,
        "shipAirCntyCd": leg.vessel.flag,
        "shipAirCntyNm": leg.vessel.flag_korean,
    }
    time, code, name = ("etprDttm", "dptrPortAirptCd", "dptrPortAirptNm")
    if not box.air:
        time, code, name = ("tkofDttm", "arvlCntyPortAirptCd", "arvlCntyPortAirptNm")
    fields |= {time: digits(call.at), code: other.code, name: other.name.upper()}
    return unipass_parts.answer("ioprRprtBrkdQryRtnVo", [("etprRprtQryBrkdQryVo", fields)])
