"""A container terminal's dialect: CODECO at its gates and COARRI at its quay, UN/EDIFACT D.95B.

Source: SMDG user manuals (CODECO and COARRI 1.6). The terminal tells what it saw itself, minutes later and without the
carrier's mistakes, so that two parties tell of the same move. Empty boxes come and go by the depot, not here.
"""

from __future__ import annotations

from cargo.management.generator import edifact_parts
from cargo.management.generator.edifact_parts import equipment, interchange, local, time, voyage
from cargo.management.generator.places import PORTS
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE, FORMAT, EXTENSION = edifact_parts.MEDIA_TYPE, edifact_parts.FORMAT, edifact_parts.EXTENSION
PRECISION = 1
# Kind of message, its document (BGM 1001), the qualifier of the time of the move, and the box's part in the trade.
_DOCUMENTS = {
    "gate_in": ("CODECO", "34", "7", "2"),
    "gate_out": ("CODECO", "36", "7", "3"),
    "discharged": ("COARRI", "44", "203", "3"),
    "loaded": ("COARRI", "46", "203", "2"),
}


def says(fact: Fact) -> bool:
    """Whether a terminal tells it: what its gate and its cranes did, never the carrier's mistakes about it."""
    return fact.classifier == "actual" and fact.milestone in _DOCUMENTS and not fact.superseded


def render(box: Box, facts: list[Fact]) -> bytes:
    """Boxes of one move in one direction; all facts have the same milestone."""
    assert box.carrier is not None
    kind, document, moved, status = _DOCUMENTS[facts[0].milestone]
    port, leg = PORTS[facts[0].place], box.legs[facts[0].leg]
    made = max(fact.at for fact in facts) + 60
    gate = kind == "CODECO"
    segments = [
        f"BGM+{document}+{port.terminal}{made % 10**7:07d}+9",
        time("137", made, port),
        voyage(leg, box.carrier.scac),
    ]
    if not gate:
        here = "11" if document == "44" else "9"
        segments.append(f"LOC+{here}+{port.code}:139:6+{port.terminal}:TER:ZZZ")
    segments.append(f"NAD+CF+{box.carrier.scac}:160:20")
    for fact in facts:
        segments.append(equipment(box, fact.container, status, laden=True))
        segments.append(f"RFF+BN:{box.booking}" if status == "2" else f"RFF+BM:{box.master_bill}")
        segments.append(time(moved, fact.at, port))
        if gate:
            segments.append(f"LOC+165+{port.code}:139:6+{port.terminal}:TER:ZZZ")
        elif status == "3":
            segments.append(f"LOC+9+{leg.origin.code}:139:6")
        else:
            segments.append(f"LOC+11+{leg.destination.code}:139:6")
    segments.append(f"CNT+16:{len(facts)}")
    return interchange(port.terminal, f"{local(made, port):%y%m%d:%H%M}", f"{kind}:D:95B:UN:SMDG16", [segments])
