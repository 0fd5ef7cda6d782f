"""One spoiled message through everything that a decoder's outcomes meet before the database."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType

from cargo import formats
from cargo.domain.event import Event, FormatError, Parked, Problem, Retraction, as_interface
from cargo.pipeline.normalize import normalize
from tests.fuzz.mutating import samples, spoil

RECEIVED_AT = datetime(2026, 3, 20, 12, tzinfo=UTC)
# Past this nothing comes back anymore, however busy the machine is.
HANGS_AFTER = 30
SLICES = 3


class Hangs(Exception):
    """A decoder that does not end."""


@dataclass
class Report:
    """What became of spoiled messages. ``slowest``: seconds per 100 kB of a message of at least that size's share."""

    messages: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)


def decode(data: bytes, form: str | None) -> Iterator[str]:
    """What the outcomes are; raises whatever a decoder should not."""
    try:
        sliced = 0
        name, outcomes = formats.decode(data, format=form, received_at=RECEIVED_AT)
        for outcome in normalize(outcomes, RECEIVED_AT):
            if isinstance(outcome, Event):
                as_interface(outcome)
                # Each slice reads the message anew: of a long one some are enough.
                if sliced < SLICES:
                    formats.slice(outcome.format, data, outcome.position)
                    sliced += 1
                _checked(outcome)
            elif isinstance(outcome, Retraction):
                _one_line(outcome.position)
            elif isinstance(outcome, Parked | Problem):
                _one_line(outcome.position)
                _one_line(outcome.reason)
            yield type(outcome).__name__
    except FormatError as error:
        _one_line(str(error))
        yield f"refused as {form or 'unknown'}" if form is None else "refused"
    else:
        yield f"read as {name}"


def _checked(event: Event) -> None:
    for reference in event.references:
        if "\x00" in reference.value:
            raise AssertionError(f"a NUL in {reference}")
    _one_line(event.position)


def _one_line(text: str) -> None:
    if "\n" in text or "\r" in text:
        raise AssertionError(f"more than one line: {text[:200]!r}")


@contextmanager
def no_hang() -> Iterator[None]:
    """Raises ``Hangs`` inside what takes far too long."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, HANGS_AFTER)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def campaign(seed: int, numbers: Sequence[int], report: Report) -> None:
    """Spoils and decodes the messages of these numbers.

    Raises ``AssertionError`` with the seed and number by which the message can be had again.
    """
    originals = samples()
    names = {name: formats.detect(data) for name, data in originals}
    for number in numbers:
        chance = random.Random(f"{seed}-{number}")
        name, data = originals[number % len(originals)]
        spoiled = spoil(chance, data, originals)
        begun = time.perf_counter()
        try:
            with no_hang():
                # In turn as its own format and as what it looks like now.
                report.outcomes.update(decode(spoiled, names[name] if number // len(originals) % 2 else None))
        except Exception as error:
            told = f"seed {seed}, number {number}, {name}: {type(error).__name__}: {error}"
            raise AssertionError(told) from error
        took = (time.perf_counter() - begun) * min(1.0, 100_000 / max(len(spoiled), 1))
        report.messages += 1
        report.slowest = max(report.slowest, (took, number))
