"""The kinds of message that are read, and those that are named and parked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cargo.domain.event import Outcome, Parked
from cargo.formats.edifact import bookings, customs, iftsta, telling, terminal
from cargo.formats.edifact.envelope import NAME, Message

READERS: dict[str, Callable[[Message], Iterable[Outcome]]] = {
    "IFTSTA": iftsta.read,
    "CODECO": terminal.read,
    "COARRI": terminal.read,
    "COPRAR": terminal.read,
    "IFTMBC": bookings.read,
    "CUSRES": customs.read,
}
# What is named when it is parked.
_UNREAD = {
    "APERAK": "application error and acknowledgement",
    "BAPLIE": "bayplan, occupied and empty locations",
    "CALINF": "vessel call information",
    "CONTRL": "syntax and service report",
    "COPARN": "container announcement",
    "COPINO": "container pre-notification",
    "COREOR": "container release order",
    "COSTCO": "container stuffing and stripping confirmation",
    "CUSCAR": "customs cargo report",
    "CUSDEC": "customs declaration",
    "CUSEXP": "customs express consignment declaration",
    "CUSREP": "customs conveyance report",
    "DESADV": "despatch advice",
    "IFCSUM": "forwarding and consolidation summary",
    "IFTDGN": "dangerous goods notification",
    "IFTFCC": "freight costs and charges",
    "IFTMAN": "arrival notice",
    "IFTMBF": "firm booking",
    "IFTMBP": "provisional booking",
    "IFTMCS": "instruction contract status",
    "IFTMIN": "transport instruction",
    "IFTSAI": "schedule and availability",
    "INVOIC": "invoice",
    "MOVINS": "stowage instruction",
    "ORDERS": "purchase order",
    "REQDOC": "request for document",
    "SANCRT": "sanitary certificate",
    "TPFREP": "terminal performance report",
    "VERMAS": "verified gross mass",
    "VESDEP": "vessel departure",
}
_KIND_LENGTH = 6


def outcomes(message: Message) -> Iterable[Outcome]:
    """What a message tells: its events, or why there are none."""
    if message.fault is not None:
        return [message.fault]
    read = READERS.get(message.kind)
    return read(message) if read is not None else [_parked(message)]


def _parked(message: Message) -> Outcome:
    kind = message.kind
    if not (kind.isascii() and kind.isalnum() and len(kind) == _KIND_LENGTH):
        return telling.problem(message, 0, f"UNH names no kind of message: {kind[:20]!r}")
    name = _UNREAD.get(kind, "unknown here")
    reason = f"{kind}: {name}; not read"
    return Parked(position=f"message {message.number}", reason=reason, format=f"{NAME}.{kind.lower()}")
