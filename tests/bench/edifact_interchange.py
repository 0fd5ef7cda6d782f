"""Synthetic IFTSTA interchanges for the benchmarks, and the pass that a reader of EDIFACT is compared with."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from cargo.domain.identifiers import container_check_digit

_PORTS = ("KRPUS", "KRINC", "CNSHA", "CNNGB", "SGSIN", "NLRTM", "DEHAM", "USLGB", "USNYC", "JPYOK", "HKHKG", "BEANR")
_STATUSES = ("1", "24", "48", "346", "21", "13", "74", "365", "364", "31", "VD::22", "AE::22", "UV::22", "VA::22")
_VESSELS = (("9863297", "HMM ALGECIRAS"), ("9321483", "EMMA MAERSK"), ("9450612", "MSC AMERICA"))
_BEGINNING = datetime(2026, 1, 5, 6, 0)


def interchange(messages: int, *, consignments: int = 1, seed: int = 1) -> bytes:
    """An interchange of that many IFTSTA messages (D.99B); each consignment has one status of one box.

    No two consignments share a bill, a booking or a container; ports, vessels and codes repeat as they do in life.
    """
    chance = random.Random(seed)
    parts = ["UNA:+.? '", "UNB+UNOA:2+CARRIER:ZZZ+FORWARDER:ZZZ+260105:0600+1'"]
    for number in range(1, messages + 1):
        segments = _message(chance, number, consignments)
        segments.append(f"UNT+{len(segments) + 1}+{number}'")
        parts += segments
    parts.append(f"UNZ+{messages}+1'")
    return "".join(parts).encode("ascii")


def _message(chance: random.Random, number: int, consignments: int) -> list[str]:
    told = _BEGINNING + timedelta(minutes=chance.randrange(500_000))
    segments = [
        f"UNH+{number}+IFTSTA:D:99B:UN'",
        f"BGM+23+ST{number:08d}+9'",
        f"DTM+137:{told:%Y%m%d%H%M}:203'",
        "NAD+CA+HDMU:160:87'",
    ]
    for consignment in range(1, consignments + 1):
        serial = number * 1000 + consignment
        prefix = f"HDMU{serial % 1_000_000:06d}"
        happened = told - timedelta(minutes=chance.randrange(3000))
        imo, vessel = chance.choice(_VESSELS)
        segments += [
            f"CNI+{consignment}'",
            f"STS+1+{chance.choice(_STATUSES)}'",
            f"RFF+BM:HDMUPUS{serial:08d}'",
            f"RFF+BN:BK{serial:09d}'",
            f"DTM+334:{happened:%Y%m%d%H%M}:203'",
            f"LOC+175+{chance.choice(_PORTS)}:139:6'",
            f"TDT+20+{chance.randrange(1, 60):03d}E+1++HDMU:172:87+++{imo}:146:11:{vessel}'",
            f"EQD+CN+{prefix}{container_check_digit(prefix)}+45G1:102:5+++5'",
        ]
    return segments


def split_pass(data: bytes) -> int:
    """Splits the same bytes into segments, elements and components, and does nothing with them."""
    segments = [
        [element.split(":") for element in segment.split("+")]
        for segment in data.decode("latin-1").split("'")
        if segment
    ]
    return len(segments)
