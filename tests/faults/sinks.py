"""The other sides of notices in processes of their own, and what they say they accepted."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path


class Sink:
    """One of ``tests.bench.sinks`` with its ledger; use it in ``with``."""

    def __init__(self, what: str, folder: Path) -> None:
        self._ledger = folder / f"{what}.ledger"
        self._ledger.write_bytes(b"")
        command = [sys.executable, "-m", "tests.bench.sinks", what, str(self._ledger)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, *details: object) -> None:
        self._process.kill()
        self._process.wait()

    def count(self) -> int:
        """How many transmissions it has accepted by now."""
        return self._ledger.read_bytes().count(b"\n")

    def accepted(self) -> Counter[str]:
        """How often each reference was accepted."""
        return Counter(line.split()[1] for line in self._ledger.read_text("ascii").splitlines())

    def accepted_at(self) -> dict[str, float]:
        """When each reference was accepted first, in seconds since 1970."""
        found: dict[str, float] = {}
        for line in self._ledger.read_text("ascii").splitlines():
            at, reference = line.split()
            found.setdefault(reference, float(at))
        return found
