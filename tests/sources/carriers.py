"""What asking a carrier is tested with: an intake, events of a truth, runs as they fall due, and what became known."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.utils import timezone

from cargo import sources, tasks
from cargo.models import Event as EventRow
from cargo.models import Inquiry, Intake, Source
from cargo.models.history import read_content
from cargo.sources import Outcome
from clis.sealing import seal
from tests.messages import equipment
from tests.sources.carrier_server import Carrier

BILL = "HDMUPUSR1234567"
NOW = datetime(2026, 3, 20, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = "key-that-nobody-may-see"


def an_intake(source: Source, carrier: Carrier, profile: str = "dcsa22", **settings: Any) -> Intake:
    return Intake.objects.create(
        source=source,
        way=Intake.Way.DCSA,
        profile=profile,
        settings={"url": carrier.url, "key_header": "X-Key", "page_size": 3, **settings},
        sealed=seal(json.dumps({"api_key": KEY, "client_id": "clis", "client_secret": "secret-of-clis"})),
    )


def happened(number: int, hours: float | None = None, **words: Any) -> dict[str, Any]:
    """Event number so and so; made so many hours after the first (by default as many as its number)."""
    made = NOW - timedelta(days=10) + timedelta(hours=number if hours is None else hours)
    event = equipment("DISC", f"2026-03-01 09:{number:02}", id=f"E{number}", bill=BILL)
    return event | {"eventCreatedDateTime": made.isoformat()} | words


def ask(intake: Intake) -> Outcome:
    """One run, and what it brought is worked off."""
    outcome = sources.try_now(intake.pk, sources.SLICE)
    tasks.process_everything()
    return outcome


def ask_until_quiet(intake: Intake, clock: time_machine.Coordinates, times: int = 12) -> None:
    """Runs as often as they fall due, until there was nothing to do; time goes on to when something is owed."""
    for _ in range(times):
        ask(intake)
        pending = Inquiry.objects.filter(intake=intake, state="active").order_by("next_at").first()
        if pending is None or (pending.failures == 0 and not json.loads(pending.cursor)["page"]):
            return
        clock.move_to(max(pending.next_at, timezone.now() + timedelta(minutes=1)) + timedelta(seconds=1))


def known() -> list[str]:
    """The ids of the events in the log, each as often as it is there."""
    rows = EventRow.objects.filter(retraction=False).values_list("content", flat=True)
    return sorted(read_content(content, False).source_event_id or "" for content in rows)


def truth(carrier: Carrier) -> list[str]:
    return sorted({event["eventID"] for event in carrier.events})


def the_inquiry(intake: Intake) -> Inquiry:
    return Inquiry.objects.get(intake=intake)


def noted(intake: Intake) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(the_inquiry(intake).cursor)
    return kept
