"""``manage.py explain``: what these messages alone would make CLIS believe. No database is needed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from cargo import formats
from cargo.domain.event import Event, FormatError, Parked, Problem, Retraction, Warehouse
from cargo.domain.explain import explain
from cargo.pipeline.normalize import normalize


def moment(text: str, option: str) -> datetime:
    """An ISO 8601 instant with an offset. Raises ``CommandError`` naming the option."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option}: {text!r} is not an ISO 8601 time") from None
    if value.tzinfo is None:
        raise CommandError(f"{option}: {text!r} has no offset (write 2026-03-14T09:00:00+09:00 or …Z)")
    return value


class Command(BaseCommand):
    """One JSON object per shipment and line; the order of the files cannot matter."""

    help = "Say what these messages alone would make CLIS believe; nothing is written."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of INTERFACES."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="message files; - reads standard input")
        parser.add_argument("--as-of", metavar="ISO", help="only what had been reported by then")
        parser.add_argument("--now", metavar="ISO", help="the time by which 'the future' is judged, and what is wrong")
        parser.add_argument("--format", metavar="NAME", help="the format, if content does not tell")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reads all files, then explains them together."""
        now = moment(options["now"], "--now") if options["now"] else datetime.now(UTC)
        clock = now if options["now"] else None
        as_of = moment(options["as_of"], "--as-of") if options["as_of"] else None
        events: list[Event | Retraction] = []
        warehouses: list[Warehouse] = []
        failed = False
        for name in options["files"]:
            try:
                data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
                request = Path(name).name
                _, outcomes = formats.decode(data, format=options["format"], received_at=now, request=request)
                for outcome in normalize(outcomes, now):
                    if isinstance(outcome, Problem):
                        failed = True
                        self.stderr.write(f"{name}: {outcome.position}: {outcome.reason}")
                    elif isinstance(outcome, Parked):
                        self.stderr.write(f"{name}: {outcome.position}: {outcome.reason}".replace(": : ", ": "))
                    elif isinstance(outcome, Warehouse):
                        warehouses.append(outcome)
                    else:
                        events.append(outcome)
            except FormatError as error:
                failed = True
                self.stderr.write(f"{name}: {error}")
            except OSError as error:
                failed = True
                self.stderr.write(f"{name}: {error.strerror}")
        for document in explain(events, as_of=as_of, now=clock, warehouses=warehouses):
            self.stdout.write(msgspec.json.encode(document).decode())
        if failed:
            sys.exit(1)
