"""What the EDIFACT dialects share: the interchange around messages, and segments that all of them write.

Source: ISO 9735 version 2 (UNOA); SMDG's manuals for how the segments are filled in.
"""

from __future__ import annotations

from datetime import datetime
from zlib import crc32
from zoneinfo import ZoneInfo

from cargo.management.generator.places import Port
from cargo.management.generator.story import Box, Leg

MEDIA_TYPE = "application/edifact"
EXTENSION = "edi"
FORMAT = "edifact"


def interchange(sender: str, prepared: str, kind: str, messages: list[list[str]]) -> bytes:
    """Messages of one ``kind`` (``IFTSTA:D:99B:UN``) in one interchange, a segment a line.

    ``prepared`` is ``yymmdd:hhmm``. The control number comes from what is said, so that equal contents are equal bytes.
    """
    number = f"{crc32(repr((sender, messages)).encode()) % 10**9:09d}"
    lines = [f"UNB+UNOA:2+{sender}:ZZZ+CLIS:ZZZ+{prepared}+{number}"]
    for order, segments in enumerate(messages, 1):
        lines += [f"UNH+{order}+{kind}", *segments, f"UNT+{len(segments) + 2}+{order}"]
    lines.append(f"UNZ+{len(messages)}+{number}")
    return "".join(f"{line}'\n" for line in lines).encode("ascii")


def local(at: int, port: Port) -> datetime:
    """The wall time at a port."""
    return datetime.fromtimestamp(at, ZoneInfo(port.zone))


def time(qualifier: str, at: int, port: Port) -> str:
    """A DTM in local time, to the second (format 204)."""
    return f"DTM+{qualifier}:{local(at, port):%Y%m%d%H%M%S}:204"


def voyage(leg: Leg, carrier: str) -> str:
    """A TDT of the main carriage."""
    return f"TDT+20+{leg.voyage}+1++{carrier}:172:20+++{leg.vessel.imo}:146:11:{leg.vessel.name}"


def equipment(box: Box, container: str, status: str, laden: bool) -> str:
    """An EQD; ``status`` is 2 for export, 3 for import, 6 for transshipment (8249)."""
    size = "45G1" if box.number % 2 else "22G1"
    return f"EQD+CN+{container}+{size}:102:5++{status}+{5 if laden else 4}"
