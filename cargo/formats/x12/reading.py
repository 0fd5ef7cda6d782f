"""Which transactions are read, and by what; the rest is parked and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem
from cargo.formats.x12 import codes, customs, documents, manifest, motor, ramp, usual
from cargo.formats.x12.envelope import NAME, Body, Frame, bodies

READERS: dict[str, Callable[[str, Frame], list[Outcome]]] = {
    "214": motor.read,
    "301": documents.read_booking,
    "309": manifest.read,
    "310": documents.read_bill,
    "315": usual.read,
    "322": ramp.read,
    "350": customs.read_status,
    "355": customs.read_answer,
}


def read(file: BinaryIO) -> Iterator[Outcome]:
    """The outcomes of a file, block by block. Raises ``FormatError`` if it does not begin with an interchange."""
    for frame, body in bodies(file):
        outcomes = of_transaction(frame, body)
        yield from outcomes
        if frame.warnings and isinstance(body, str) and not any(isinstance(outcome, Event) for outcome in outcomes):
            yield Parked(position=frame.prefix[:-1], reason="; ".join(frame.warnings), format=NAME)


def of_transaction(frame: Frame, body: Body) -> list[Outcome]:
    """The outcomes of one transaction."""
    if not isinstance(body, str):
        return [body]
    reader = READERS.get(frame.kind)
    if reader is None:
        return [_parked(frame)]
    frame.allow(body)
    try:
        return reader(body, frame)
    except FormatError as error:
        return [Problem(position=error.position or frame.prefix[:-1], reason=error.reason, format=NAME)]


def _parked(frame: Frame) -> Parked:
    name = codes.TRANSACTIONS.get(frame.kind)
    shown = frame.kind[:10] if frame.kind.isascii() and frame.kind.isalnum() else repr(frame.kind[:10])
    reason = f"X12 {shown} {name}: not read" if name else f"X12 transaction {shown} is not known"
    return Parked(position=frame.prefix[:-1], reason=reason, format=NAME)
