"""Interchanges for the tests of X12: what stands in a transaction is given, the envelope is made around it."""

from __future__ import annotations

from cargo import formats
from cargo.domain.event import Event, Outcome, Parked, Problem

Transaction = tuple[str, list[str]]


def isa(
    control: str = "000000001", element: str = "*", component: str = ">", release: str = "00401", eleven: str = "U"
) -> str:
    elements = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{'CARRIER':15}", "ZZ", f"{'CLIENT':15}", "260312", "0915",
        eleven, release, control, "0", "P", component,
    ]  # fmt: skip
    return element.join(elements)


def segments(
    *transactions: Transaction, functional: str = "QO", release: str = "004010", told: str = "0915"
) -> list[str]:
    """All segments of an interchange with one group."""
    out = [isa(), f"GS*{functional}*CARRIER*CLIENT*20260312*{told}*7*X*{release}"]
    for number, (kind, inner) in enumerate(transactions, 1):
        out += [f"ST*{kind}*{number:04d}", *inner, f"SE*{len(inner) + 2}*{number:04d}"]
    return [*out, f"GE*{len(transactions)}*7", "IEA*1*000000001"]


def interchange(
    *transactions: Transaction, functional: str = "QO", release: str = "004010", told: str = "0915"
) -> bytes:
    """One interchange with one group."""
    return "".join(
        f"{segment}~" for segment in segments(*transactions, functional=functional, release=release, told=told)
    ).encode()


def read(data: bytes) -> list[Outcome]:
    """The outcomes; the bytes must be taken for X12."""
    name, outcomes = formats.decode(data)
    assert name == "x12"
    return list(outcomes)


def of(kind: str, *inner: str, told: str = "0915") -> list[Outcome]:
    """The outcomes of one transaction."""
    return read(interchange((kind, list(inner)), told=told))


def events(kind: str, *inner: str) -> list[Event]:
    """The events of one transaction, which has nothing else."""
    outcomes = of(kind, *inner)
    assert all(isinstance(outcome, Event) for outcome in outcomes), outcomes
    return [outcome for outcome in outcomes if isinstance(outcome, Event)]


def only(kind: str, *inner: str) -> Event:
    """The one event of one transaction."""
    (event,) = events(kind, *inner)
    return event


def refused(kind: str, *inner: str) -> tuple[str, str]:
    """Position and reason of the one problem that is all a transaction gives."""
    (problem,) = of(kind, *inner)
    assert isinstance(problem, Problem), problem
    return problem.position, problem.reason


def parked(kind: str, *inner: str) -> str:
    """Why a transaction is kept and not read."""
    (outcome,) = of(kind, *inner)
    assert isinstance(outcome, Parked), outcome
    return outcome.reason


def numbers(event: Event) -> list[str]:
    """The references as ``type=value``."""
    return [f"{reference.type}={reference.value}" for reference in event.references]
