"""Interchanges put together for the tests: right counts, one line a segment list."""

from __future__ import annotations

import io

from cargo.domain.event import Event, Outcome, Problem
from cargo.domain.identifiers import container_check_digit
from cargo.formats import edifact

AT = "DTM+334:202603140855:203"
BILL = "RFF+BM:CLSLPUSR1"
VESSEL = "TDT+20+014E+1++CLSL:172:20+++9863297:146:11:CLIS ALPHA"
HEAD = "UNB+UNOA:2+CLSL:ZZZ+FWD:ZZZ+260314:0912"


def box(number: int) -> str:
    """A container number with a right check digit."""
    prefix = f"CLSU{number:06d}"
    return prefix + str(container_check_digit(prefix))


def message(kind: str, *segments: str, reference: str = "1") -> list[str]:
    """The segments of a message from UNH to UNT; ``kind`` as ``IFTSTA:D:99B:UN``."""
    body = [f"UNH+{reference}+{kind}", *segments]
    return [*body, f"UNT+{len(body) + 1}+{reference}"]


def interchange(*messages: list[str], head: str = HEAD, between: str = "\n") -> bytes:
    """One interchange of these messages."""
    segments = [f"{head}+I1", *(segment for one in messages for segment in one), f"UNZ+{len(messages)}+I1"]
    return between.join(f"{segment}'" for segment in segments).encode("utf-8")


def iftsta(*segments: str, kind: str = "IFTSTA:D:99B:UN") -> bytes:
    """An IFTSTA of one consignment; its segments begin with STS."""
    return interchange(message(kind, "BGM+23+ST1+9", "DTM+137:202603140912:203", "CNI+1", *segments))


def read(data: bytes) -> list[Outcome]:
    """The outcomes; the same from a stream."""
    outcomes = list(edifact.decode(data))
    assert list(edifact.stream(io.BytesIO(data))) == outcomes
    return outcomes


def events(data: bytes) -> list[Event]:
    """The outcomes, all of which are events."""
    found = []
    for outcome in read(data):
        assert isinstance(outcome, Event), outcome
        found.append(outcome)
    return found


def only(data: bytes) -> Event:
    """The one event."""
    (event,) = events(data)
    return event


def status(sts: str, *more: str) -> Event:
    """The one event of an IFTSTA with this status at 08:55 of March 14, on the bill ``CLSLPUSR1``."""
    return only(iftsta(sts, BILL, AT, *more))


def refused(data: bytes) -> Problem:
    """The one problem."""
    (problem,) = read(data)
    assert isinstance(problem, Problem), problem
    return problem


def numbers(event: Event) -> list[str]:
    """The references in their order, as ``type=value``."""
    return [f"{reference.type}={reference.value}" for reference in event.references]
