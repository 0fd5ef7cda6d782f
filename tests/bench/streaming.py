"""``python -m tests.bench.streaming FORMAT FILE``: prints the events of a file and the most memory used, in MB."""

from __future__ import annotations

import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from cargo import formats
from cargo.domain.event import Event


def main() -> None:
    """Reads the file as the worker does, portion by portion, and keeps nothing."""
    name, path = sys.argv[1:]
    events = 0
    with Path(path).open("rb") as file:
        start = file.read(formats.SNIFFED)
        file.seek(0)
        _, outcomes = formats.stream(file, start, format=name, received_at=datetime(2026, 3, 20, tzinfo=UTC))
        for outcome in outcomes:
            events += type(outcome) is Event
    print(events, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    main()
