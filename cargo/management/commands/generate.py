"""``manage.py generate``: realistic messages for synthetic shipments, with the truth to check them against."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cargo.management.generator import output, telling, world
from cargo.management.generator.casting import RECENT_DAYS

_MOST = 200_000
_MOST_DAYS = 1_100


class Command(BaseCommand):
    """Writes ``messages/``, ``manifest.jsonl``, ``world.json``, ``truth.json`` and ``push/`` into a new folder."""

    help = "Write realistic messages of every format for N synthetic shipments, with a consistent truth file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, of what kind, and when."""
        parser.add_argument("--shipments", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--out", default="generated", metavar="DIR", help="a folder that is empty or absent")
        parser.add_argument("--now", default="", metavar="ISO", help="the world's present (default: the clock's)")
        parser.add_argument("--until", default="", metavar="ISO", help="the last message's time (default: --now)")
        parser.add_argument("--days", type=int, default=RECENT_DAYS, metavar="N", help="over how long a past")
        parser.add_argument("--load", choices=("sea", "air", "mixed"), default="mixed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, write, and say what was written."""
        started = time.monotonic()
        count = options["shipments"]
        if not 1 <= count <= _MOST:
            raise CommandError(f"--shipments: {count} is not between 1 and {_MOST}")
        days = options["days"]
        if not 1 <= days <= _MOST_DAYS:
            raise CommandError(f"--days: {days} is not between 1 and {_MOST_DAYS}")
        now = _instant(options["now"], "--now") if options["now"] else int(time.time())
        until = _instant(options["until"], "--until") if options["until"] else now
        out = Path(options["out"])
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(f"--out: {out} is not an empty folder")
        built = world.build(count, options["seed"], now, options["load"], days)
        try:
            counts = output.write(built, telling.messages(built), until, out)
        except OSError as error:
            raise CommandError(f"--out: {out}: {error.strerror}") from error
        written = ", ".join(f"{number} {name}" for name, number in counts.items())
        self.stdout.write(f"generate | {written} in {out} ({time.monotonic() - started:.1f} s)")


def _instant(text: str, option: str) -> int:
    """Seconds since 1970 of an ISO 8601 time; one without an offset is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option}: {text!r} is not a time in ISO 8601") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
