"""``manage.py decode``: what do these messages say? Nothing is written, no database is needed."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem, Warehouse, as_interface
from cargo.pipeline.normalize import normalize

MAX_BYTES = 256 * 1024 * 1024
_STANDARD_INPUT = "-"


class Command(BaseCommand):
    """One JSON object per event and line; problems as ``file: position: reason`` on standard error."""

    help = "Decode and normalize messages without writing anything; prints one JSON object per event and line."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Files, or ``-`` for standard input."""
        parser.add_argument("--received-at", metavar="ISO", help="when the messages came in (default: not known)")
        parser.add_argument("--format", metavar="NAME", help=f"one of: {', '.join(formats.FORMATS)}")
        parser.add_argument("--reading", metavar="FILE", help="what the columns of tables mean, as a source keeps it")
        parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 if every file could be read; a parked part is named and does not fail it."""
        received_at = _instant(options["received_at"])
        if options["format"] is not None and options["format"] not in formats.FORMATS:
            raise CommandError(f"there is no format {options['format']}; known are {', '.join(formats.FORMATS)}")
        try:
            reading = Path(options["reading"]).read_text("utf-8") if options["reading"] else ""
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                f"--reading: {options['reading']}: {getattr(error, 'strerror', None) or error}"
            ) from None
        try:
            read = [self._file(name, options["format"], received_at, reading) for name in options["files"]]
            self.stdout.flush()
        except BrokenPipeError:
            # The reader has seen enough; keep the interpreter from writing to the closed pipe when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        if not all(read):
            sys.exit(1)

    def _file(self, name: str, form: str | None, received_at: datetime | None, reading: str) -> bool:
        """Print what one file says; whether all of it could be read."""
        problems = 0
        try:
            _, outcomes = formats.decode(
                _bytes(name), format=form, received_at=received_at, request=Path(name).name, reading=reading
            )
            for outcome in normalize(outcomes, received_at):
                self._print(name, outcome)
                problems += isinstance(outcome, Problem)
        except FormatError as error:
            self.stderr.write(f"{name}: {error}")
            return False
        except BrokenPipeError:
            raise
        except OSError as error:
            self.stderr.write(f"{name}: {error.strerror or error}")
            return False
        return problems == 0

    def _print(self, name: str, outcome: Outcome) -> None:
        if isinstance(outcome, Event):
            self.stdout.write(msgspec.json.encode(as_interface(outcome)).decode())
            return
        if isinstance(outcome, Parked):
            told = f"parked: {outcome.reason}"
        elif isinstance(outcome, Problem):
            told = outcome.reason
        elif isinstance(outcome, Warehouse):
            told = _warehouse(outcome)
        else:
            told = f"the source takes back event {outcome.source_event_id}"
        self.stderr.write(": ".join(part for part in (name, outcome.position, told) if part))


def _warehouse(told: Warehouse) -> str:
    flags = (
        ("late removal fine", told.late_removal_fine),
        ("late declaration surcharge", told.late_declaration_surcharge),
    )
    said = ", ".join(f"{name} {'not known' if flag is None else 'yes' if flag else 'no'}" for name, flag in flags)
    return f"{f'warehouse {told.code} {told.name}'.strip()}: {said}"


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--received-at: {text!r} is not an ISO 8601 time") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _bytes(name: str) -> bytes:
    if name == _STANDARD_INPUT:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with Path(name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FormatError(f"has more than {MAX_BYTES} bytes")
    return data
