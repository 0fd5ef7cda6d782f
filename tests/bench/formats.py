"""Decoders to canonical events, one process: against a library that merely parses, against a pass that merely splits.

No database. Candidate and baseline take turns in one run; rates are of messages (or statuses) a second, medians of
five rounds after one for warming up.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydifact.segmentcollection import Interchange

from cargo import formats
from cargo.domain.event import Event
from tests.bench import edifact_interchange, formats_dcsa, formats_unipass, formats_x12
from tests.bench.timing import Figure, clock, compare

RECEIVED_AT = datetime(2026, 3, 20, 12, tzinfo=UTC)
ROUNDS = 6
STATUSES = 2000
LONG_FILE = 200 * 1024 * 1024
MEMORY_MB = 150


def run() -> list[Figure]:
    """All figures about decoding."""
    interchange = edifact_interchange.interchange(STATUSES)
    transactions = formats_x12.interchange(STATUSES)
    text = interchange.decode()

    def parsed() -> int:
        """What pydifact does with the same file: parse, and nothing else. It warns of what it does not check."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return sum(1 for _ in Interchange.from_str(text).get_messages())

    figures = _turns(
        "edifact", lambda: _events("edifact", interchange),
        [("EDIFACT IFTSTA against pydifact's parsing", parsed, 12),
         ("EDIFACT IFTSTA against splitting alone",
          lambda: _counted(edifact_interchange.split_pass(interchange)), 0.4)],
    )  # fmt: skip
    figures += _turns(
        "x12", lambda: _events("x12", transactions),
        [("X12 315 against pydifact's parsing of as many statuses", parsed, 12),
         ("X12 315 against splitting alone", lambda: _counted(formats_x12.split(transactions)), 0.4)],
    )  # fmt: skip
    for name, module, floor, title in (
        ("dcsa.tnt2", formats_dcsa, 0.1, "DCSA 2.2 against msgspec's typed decoding alone"),
        ("unipass.api001", formats_unipass, 0.3, "UNI-PASS 001 against bare ElementTree"),
    ):
        bodies = module.messages(STATUSES)
        figures += _turns(
            name,
            lambda name=name, bodies=bodies: sum(_read(name, body) for body in bodies),
            [(title, lambda module=module, bodies=bodies: _each(module.baseline, bodies), floor)],
        )
    figures += [_linear(name, make) for name, make in _growing()]
    figures.append(_memory())
    return figures


def _events(name: str, data: bytes) -> int:
    """Decodes all of it; gives the number of statuses, which the benchmark's files are made of."""
    events = sum(
        1 for outcome in formats.decode(data, format=name, received_at=RECEIVED_AT)[1] if type(outcome) is Event
    )
    if events < STATUSES:
        raise SystemExit(f"{name}: {events} events of {STATUSES} statuses")
    return STATUSES


def _read(name: str, body: bytes) -> int:
    for _ in formats.decode(body, format=name, received_at=RECEIVED_AT)[1]:
        pass
    return 1


def _each(work: Callable[[bytes], object], bodies: Sequence[bytes]) -> int:
    for body in bodies:
        work(body)
    return len(bodies)


def _counted(done: int) -> int:
    """The same number of statuses, whatever the baseline counted of the file."""
    if not done:
        raise SystemExit("the baseline did nothing")
    return STATUSES


def _turns(
    name: str, candidate: Callable[[], int], baselines: Sequence[tuple[str, Callable[[], int], float]]
) -> list[Figure]:
    ours: list[float] = []
    theirs: list[list[float]] = [[] for _ in baselines]
    for _ in range(ROUNDS):
        ours.append(clock(candidate)[0])
        for rates, (_, baseline, _) in zip(theirs, baselines, strict=True):
            rates.append(clock(baseline)[0])
    return [
        compare(title, ours[1:], rates[1:], floor) for rates, (title, _, floor) in zip(theirs, baselines, strict=True)
    ]


def _growing() -> Iterator[tuple[str, Callable[[int], bytes]]]:
    """For each way of writing a long message, the message of n parts."""
    yield "edifact", lambda n: edifact_interchange.interchange(n)
    yield "edifact", lambda n: edifact_interchange.interchange(1, consignments=n)
    yield "x12", lambda n: formats_x12.interchange(n)
    yield "dcsa.tnt2", lambda n: b"[" + b",".join(formats_dcsa.messages(n)) + b"]"
    yield "cargo_imp", lambda n: b"FSU/14\r\n157-53806270HKGNLU/T2K505.0\r\nRCF/QR8403/20JUN1039/DOH/T2K505.0\r\n" * n
    yield "tabular", lambda n: b"Container,Port of discharge,Discharged\n" + b"HDMU6546583,KRPUS,2026-03-14 08:55\n" * n


def _linear(name: str, make: Callable[[int], bytes]) -> Figure:
    """The time for twice as much over the time for once: 2 if it is linear."""
    once, twice = make(1500), make(3000)
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for data, found in ((once, rates[0]), (twice, rates[1])):
            found.append(clock(lambda data=data: _read(name, data))[0])
    figure = compare(f"time for 2n over n: {name}, {len(once) // 1024} kB", rates[0][1:], rates[1][1:], 0)
    figure.ceiling = 2.3
    return figure


def _memory() -> Figure:
    """The most memory that a process had that streamed a file of 200 MB, in MB, over the limit."""
    piece = edifact_interchange.interchange(5000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.edi"
        with path.open("wb") as file:
            while file.tell() < LONG_FILE:
                file.write(piece)
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.streaming", "edifact", str(path)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    events, peak = (int(number) for number in told.split())
    if not events:
        raise SystemExit("nothing was read of the long file")
    return Figure("MB of memory at a file of 200 MB, over the limit", peak, MEMORY_MB, peak / MEMORY_MB, 0, "MB", 1.0)
