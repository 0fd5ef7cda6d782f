"""A replay of a shipment that is owed a look of which people are told: what the replay brought is told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from unittest import mock

import pytest
import time_machine
from django.core.management import call_command

from cargo.formats.dcsa import events, meanings
from cargo.models import ProjectionDue, Shipment, Source, TrackingUpdate
from cargo.models.linking import mark_due
from cargo.pipeline import project
from tests.factories import a_registered_shipment
from tests.messages import MASTER, dcsa, document, retraction, transport
from tests.pipeline.working import news_of, status_of, take_in, work_off

RELEASE = dcsa(document("RELS", "2026-03-20 10:00", id="R1"))
# What a mistaken table would make of a release.
MISTAKEN = {("CUS", "RELS"): "customs_review"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-20T02:00:00Z") as travel:
        yield travel


@pytest.fixture
def shipment(db: None, clock: time_machine.Traveller) -> Shipment:
    found = a_registered_shipment(None, ("master_bill", MASTER))
    work_off()
    clock.shift(60)
    return found


@contextmanager
def mistaken() -> Iterator[None]:
    with mock.patch.dict(meanings.SHIPMENT_MILESTONES, MISTAKEN), mock.patch.dict(events._known, clear=True):
        yield


def replay() -> None:
    call_command("replay", stdout=StringIO())


@contextmanager
def owed_from_here() -> Iterator[None]:
    """Nobody works out what is owed meanwhile."""
    with mock.patch.object(project, "take_due", return_value=[]):
        yield


def arrivals() -> list[tuple[str, bool]]:
    rows = TrackingUpdate.objects.filter(kind="milestone", key__startswith="arrived").order_by("pk")
    return [(f"{row.occurred_at:%H:%M}", row.silent) for row in rows]


def told(carrier: Source, clock: time_machine.Traveller, *bodies: bytes) -> None:
    take_in(carrier, *bodies)
    clock.shift(3600)


def test_what_a_replay_adds_is_silent_though_a_look_is_owed_aloud(
    carrier: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    with mistaken():
        told(carrier, clock, RELEASE)
    mark_due([shipment.pk], "matched again")
    replay()
    assert status_of(shipment).customs_state == "released"
    assert news_of(shipment) == [("customs.released", True)]
    assert not ProjectionDue.objects.exists()


def test_what_a_replay_takes_away_is_silent_as_well(
    carrier: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    told(carrier, clock, RELEASE)
    assert news_of(shipment) == [("customs.released", False)]
    mark_due([shipment.pk], "matched again")
    with mistaken():
        replay()
    assert news_of(shipment)[1:] == [("customs.release_revoked", True)]


@pytest.mark.parametrize("first", ["message", "replay"])
def test_what_came_in_beside_it_is_told(
    carrier: Source, shipment: Shipment, clock: time_machine.Traveller, first: str
) -> None:
    """In either order: a corrected arrival, for which the shipment is worked out anew, and the replay."""
    with mistaken():
        told(carrier, clock, RELEASE, dcsa(transport("ARRI", "2026-03-20 08:00", id="A1", created="2026-03-20 08:05")))
    clock.shift(3600)
    corrected = dcsa(transport("ARRI", "2026-03-20 08:30", id="A1", created="2026-03-20 12:00"))
    with owed_from_here():
        if first == "message":
            told(carrier, clock, corrected)
        replay()
        if first == "replay":
            clock.shift(3600)
            told(carrier, clock, corrected)
    work_off()
    assert news_of(shipment) == [("customs.released", True)]
    assert arrivals() == [("23:00", False), ("23:30", False)]
    assert project.differences([shipment.pk]) == []


def test_what_was_taken_back_beside_it_is_told(
    carrier: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    told(carrier, clock, RELEASE, dcsa(transport("ARRI", "2026-03-20 08:00", id="A1")))
    with owed_from_here():
        told(carrier, clock, dcsa(retraction("R1", "2026-03-20 12:00", bill=MASTER)))
        with mock.patch.dict(meanings._ALWAYS, {"ARRI": "berthed"}), mock.patch.dict(events._known, clear=True):
            replay()
    work_off()
    assert news_of(shipment) == [("customs.released", False), ("customs.release_revoked", False)]


def test_two_replays_leave_each_others_silence(
    carrier: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    with mistaken():
        told(carrier, clock, RELEASE)
    mark_due([shipment.pk], "matched again")
    with owed_from_here():
        replay()
        clock.shift(3600)
        replay()
    row = ProjectionDue.objects.get()
    assert (row.silent, row.reason, f"{row.since:%H:%M}") == (False, "replayed", "03:01")
    work_off()
    assert news_of(shipment) == [("customs.released", True)]


def test_a_plain_look_is_told_as_before(carrier: Source, shipment: Shipment, clock: time_machine.Traveller) -> None:
    with owed_from_here():
        told(carrier, clock, RELEASE)
    mark_due([shipment.pk], "matched again")
    replay()
    assert news_of(shipment) == [("customs.released", False)]
