"""An airline's dialect: IATA Cargo-IMP FSU version 15, one status a message, times to the minute and without a year."""

from __future__ import annotations

from datetime import UTC, datetime

from cargo.management.generator.edifact_parts import local
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE = "text/plain"
FORMAT = "cargo_imp"
EXTENSION = "txt"
PRECISION = 60
# Status codes of list 1.18.
CODES = {
    "cargo_received": "RCS",
    "departed": "DEP",
    "arrived": "ARR",
    "discharged": "RCF",
    "arrival_notice_sent": "NFD",
    "delivered": "DLV",
}


def says(fact: Fact) -> bool:
    """Whether this dialect has words for it."""
    return fact.classifier == "actual" and fact.milestone in CODES


def render(box: Box, facts: list[Fact]) -> bytes:
    """A message for each fact, one after another."""
    return "".join(_message(box, fact) for fact in facts).encode("ascii")


def _message(box: Box, fact: Fact) -> str:
    assert box.airline is not None
    sent = datetime.fromtimestamp(fact.known, UTC)
    port, pieces = box.where(fact), sum(cargo.packages for cargo in box.cargoes)
    amount = f"T{pieces}K{sum(cargo.weight for cargo in box.cargoes):.1f}"
    waybill = f"{box.master_bill[:3]}-{box.master_bill[3:]}{box.origin.code}{box.destination.code}/{amount}"
    day, time = f"{local(fact.at, port):%d%b}".upper(), f"{local(fact.at, port):%H%M}"
    code = CODES[fact.milestone]
    if code == "DEP":
        status = f"DEP/{box.flight}/{day}/{box.origin.code}{box.destination.code}/{amount}/A{time}"
    elif code in ("ARR", "RCF"):
        status = f"{code}/{box.flight}/{day}{time}/{port.code}/{amount}"
    else:
        status = f"{code}/{day}{time}/{port.code}/{amount}"
    lines = ["QK CLISXXH", f".{port.code}FM{box.airline.code} {sent:%d%H%M}", "FSU/15", waybill, status]
    return "\r\n".join(lines) + "\r\n"
