"""``manage.py restored --since TIME``: after the database came back from a backup, before the programs are started.

It stands in this app, since what ends is owed to people, and cargo knows nothing of that.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cargo.models import maintenance
from cargo.models.numbers import LEAP, leap
from cargo.pipeline.hush import hush
from notifications import digests
from notifications.deliver import restoring
from notifications.models import Delivery


class Command(BaseCommand):
    """The note that it was done is written last: one that was cut short is made again, and no other."""

    help = "After a restore, before the programs start: nobody is told again what the lost system has told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """As of when the database is."""
        parser.add_argument("--since", required=True, metavar="ISO", help="when the backup was made, with its zone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Says what it did."""
        now = timezone.now()
        since = _moment(options["since"], now)
        known = maintenance.restored()
        if known is not None and known[0] == since:
            self.stdout.write(f"this was done at {_text(known[1])}: nothing to do")
            return
        if known is not None and since < known[1]:
            # A backup that holds the note of a restore was made after it.
            raise CommandError(
                f"--since: at {_text(known[1])} this was done for the backup of {_text(known[0])}, "
                "and this database holds that: its backup was made later"
            )
        notes = restoring.discard_notes()
        ended = restoring.end_owed(now, now + digests.ALONG)
        letters = restoring.end_letters(now)
        hushed = hush(now)
        # Message-IDs and webhook-ids are made of the numbers of deliveries.
        leap(Delivery)
        maintenance.note_restored(since, now)
        for line in (
            f"{ended['skipped']} deliveries and {letters} letters that were owed are not sent",
            f"{ended['unknown']} texts have an unknown outcome: a person decides whether they are sent again",
            f"{ended['sent']} deliveries that were owed again had arrived before and count as sent",
            f"{notes} files of senders' notes discarded",
            f"{hushed.updates} updates and what {hushed.shipments} due looks at shipments find are told to nobody",
            f"new numbers begin {LEAP:,} further on: receivers and clients of the feed may know those in between",
            f"what comes in from now on and was reported before {_text(now)} is told to nobody",
        ):
            self.stdout.write(line)


def _moment(text: str, now: datetime) -> datetime:
    """Raises ``CommandError`` for what is no instant, or none of the past."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--since: {text!r} is not an ISO 8601 time") from None
    if found.tzinfo is None:
        raise CommandError(f"--since: {text!r} names no zone (write 2026-03-14T02:00:00+09:00 or …Z)")
    if found > now:
        raise CommandError(f"--since: {text!r} lies ahead")
    return found


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
