"""``manage.py replay``: decodes kept bytes again; tells nobody."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cargo import tasks
from cargo.models import InboundMessage, Source, unknown

BATCH = 200


class Command(BaseCommand):
    """What a message no longer says is taken back, what it now says is added, as new rows."""

    help = "Decode kept messages again, after a mapping was corrected; tells nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of INTERFACES."""
        parser.add_argument("--source", metavar="NAME", help="only messages of this source")
        parser.add_argument("--format", metavar="NAME", help="only messages that were read in this format")
        parser.add_argument("--code", metavar="CODE", help="only messages of which an event bears this code")
        parser.add_argument("--message", metavar="ID", type=int, help="only this message")

    def handle(self, *args: Any, **options: Any) -> None:
        """Goes through the messages by id; quarantined ones go back to the inbox."""
        chosen = InboundMessage.objects.exclude(state=InboundMessage.State.RECEIVED)
        if options["source"]:
            if not Source.objects.filter(slug=options["source"]).exists():
                raise CommandError(f"there is no source {options['source']!r}")
            chosen = chosen.filter(source__slug=options["source"])
        if options["format"]:
            chosen = chosen.filter(format=options["format"])
        if options["code"]:
            chosen = chosen.filter(pk__in=unknown.messages_with(options["code"]))
        if options["message"]:
            chosen = chosen.filter(pk=options["message"])
            if not chosen.exists():
                raise CommandError(f"there is no message {options['message']} that was worked off")
        ids = list(chosen.order_by("pk").values_list("pk", flat=True))
        added = 0
        for start in range(0, len(ids), BATCH):
            added += tasks.replay_messages(ids[start : start + BATCH])
        tasks.drain_projections()
        self.stdout.write(f"{len(ids)} messages decoded again, {added} rows added to the log")
