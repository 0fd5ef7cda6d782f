"""``manage.py ingest``: hands files to ``receive``; with ``--wait`` works them off before it returns."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cargo import tasks
from cargo.models import InboundMessage, Source
from cargo.models.bodies import TooLongError
from cargo.pipeline.receive import Received, receive_file, receive_many

BATCH = 200


class Command(BaseCommand):
    """Prints counts: received, duplicate, and with ``--wait`` processed, ignored, quarantined, events."""

    help = "Take message files into the inbox of a source."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of INTERFACES."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--source", required=True, metavar="NAME", help="the source's short name")
        parser.add_argument("--wait", action="store_true", help="work the messages off before returning")
        parser.add_argument("--silent", action="store_true", help="history: tell nobody of what they say")

    def handle(self, *args: Any, **options: Any) -> None:
        """Keeps every file, then (with ``--wait``) works off what they brought."""
        source = Source.objects.filter(slug=options["source"]).first()
        if source is None:
            known = ", ".join(Source.objects.values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"there is no source {options['source']!r} (known: {known})")
        received: list[Received] = []
        for start in range(0, len(options["files"]), BATCH):
            received += self._keep(source, options["files"][start : start + BATCH], options["silent"])
        counts = Counter("duplicate" if item.duplicate else "received" for item in received)
        line = f"received {counts['received']}, duplicate {counts['duplicate']}"
        if options["wait"]:
            tasks.process_everything()
            mine = InboundMessage.objects.filter(pk__in=[item.id for item in received][:50_000])
            rows = list(mine.values_list("state", "events", "name", "reason"))
            states = Counter(state for state, _, _, _ in rows)
            line += f", processed {states['processed']}, ignored {states['ignored']}"
            line += f", quarantined {states['quarantined']}, events {sum(events for _, events, _, _ in rows)}"
            for state, _, name, reason in rows:
                if state == "quarantined":
                    self.stderr.write(f"{name}: {reason}")
        else:
            tasks.wake_inbox()
        self.stdout.write(line)

    def _keep(self, source: Source, names: list[str], silent: bool) -> list[Received]:
        """Files of a usual length together, long ones each by itself."""
        together: list[tuple[str, bytes]] = []
        received: list[Received] = []
        for name in names:
            path = Path(name)
            try:
                size = path.stat().st_size
                if not size:
                    raise CommandError(f"{name}: the file is empty")
                if size <= settings.MESSAGE_MAX_BYTES:
                    together.append((path.name, path.read_bytes()))
                else:
                    received.append(receive_file(source.pk, path, name=path.name, silent=silent))
            except OSError as error:
                raise CommandError(f"{name}: {error.strerror or error}") from None
            except TooLongError as error:
                raise CommandError(f"{name}: {error}") from None
        return received + receive_many(source.pk, together, silent=silent)
