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
from cargo.pipeline.receive import Received, receive_many

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
            items = [(Path(name).name, self._read(name)) for name in options["files"][start : start + BATCH]]
            received += receive_many(source.pk, items, silent=options["silent"])
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

    def _read(self, name: str) -> bytes:
        try:
            body = Path(name).read_bytes()
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror}") from None
        if not body:
            raise CommandError(f"{name}: the file is empty")
        if len(body) > settings.MESSAGE_MAX_BYTES:
            raise CommandError(f"{name}: {len(body)} bytes are more than the {settings.MESSAGE_MAX_BYTES} allowed")
        return body
