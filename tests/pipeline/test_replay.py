"""A corrected mapping: kept bytes read again, the log brought in line by new rows, and nobody told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import FormatError
from cargo.formats.dcsa import events, meanings
from cargo.models import Event, InboundMessage, MessagePart, ProjectionDue, Shipment, Source, TrackingUpdate
from cargo.pipeline import project
from cargo.pipeline.receive import receive_many
from tests.factories import a_registered_shipment
from tests.messages import (
    MASTER,
    dcsa,
    declared,
    document,
    entered,
    equipment,
    released,
    retraction,
    transport,
    unipass,
)
from tests.pipeline.working import news_of, standing, state_of, status_of, take_in, work_off
from tests.voyages import Voyage, voyages

MASTER_BILL = ("master_bill", MASTER)
DISCHARGE = equipment("DISC", "2026-03-14 09:00", id="D1")
# What a mistaken table would have made of a discharge.
MISTAKEN = {"DISC": "stripped"}


def replayed(**options: object) -> str:
    out = StringIO()
    call_command("replay", stdout=out, **options)
    return out.getvalue().strip()


@pytest.fixture
def shipment(db: None) -> Shipment:
    return a_registered_shipment(None, MASTER_BILL)


@contextmanager
def mapping(table: dict[Any, str], changes: dict[Any, str]) -> Iterator[None]:
    """The table with these changes, as if it had always been so: meanings that are known already are forgotten."""
    with mock.patch.dict(table, changes), mock.patch.dict(events._known, clear=True):
        yield


def told(carrier: Source, *bodies: bytes) -> None:
    """Takes messages in while the table is mistaken."""
    with mapping(meanings._ALWAYS, MISTAKEN):
        take_in(carrier, *bodies)


def standing_milestones(shipment: Shipment) -> list[str]:
    entries = project.unpack(state_of(shipment))
    return sorted(entry.milestone for entry in entries)


def test_nothing_was_corrected_so_nothing_changes(carrier: Source, shipment: Shipment) -> None:
    take_in(carrier, dcsa(DISCHARGE))
    before = standing([shipment])
    assert replayed() == "1 messages decoded again, 0 rows added to the log"
    assert standing([shipment]) == before
    assert not ProjectionDue.objects.exists()


def test_a_corrected_mapping_adds_a_row_and_leaves_the_old_one(carrier: Source, shipment: Shipment) -> None:
    told(carrier, dcsa(DISCHARGE))
    assert standing_milestones(shipment) == ["stripped"]
    old = Event.objects.get()
    updates = TrackingUpdate.objects.count()

    assert replayed() == "1 messages decoded again, 1 rows added to the log"

    assert standing_milestones(shipment) == ["discharged"]
    assert status_of(shipment).milestone == "discharged"
    assert Event.objects.get(pk=old.pk).milestone == "stripped"
    assert sorted(Event.objects.values_list("milestone", "revision")) == [("discharged", 1), ("stripped", 0)]
    assert list(TrackingUpdate.objects.order_by("pk").values_list("silent", flat=True)[updates:]) == [True]
    assert project.differences([shipment.pk]) == []


@pytest.mark.parametrize("id", ["D1", None])
def test_there_and_back_gives_the_first_state(carrier: Source, shipment: Shipment, id: str | None) -> None:
    take_in(carrier, dcsa(equipment("DISC", "2026-03-14 09:00", id=id)))
    columns = standing([shipment])["columns"]
    for _ in range(2):
        with mapping(meanings._ALWAYS, MISTAKEN):
            replayed()
            assert standing_milestones(shipment) == ["stripped"]
        replayed()
        assert standing_milestones(shipment) == ["discharged"]
    assert standing([shipment])["columns"] == columns
    assert replayed() == "1 messages decoded again, 0 rows added to the log"


def test_what_an_event_without_an_id_no_longer_means_is_taken_back(carrier: Source, shipment: Shipment) -> None:
    told(carrier, dcsa(equipment("DISC", "2026-03-14 09:00")))
    assert replayed() == "1 messages decoded again, 2 rows added to the log"
    assert sorted(Event.objects.values_list("milestone", "retraction")) == [
        ("", True),
        ("discharged", False),
        ("stripped", False),
    ]
    assert standing_milestones(shipment) == ["discharged"]


def test_a_replay_tells_nobody(carrier: Source, customs: Source, shipment: Shipment) -> None:
    with mapping(meanings.SHIPMENT_MILESTONES, {("CUS", "RELS"): "customs_review"}):
        take_in(carrier, dcsa(document("RELS", "2026-03-20 10:00", id="R1")))
    assert news_of(shipment) == []
    replayed()
    assert status_of(shipment).customs_state == "released"
    assert news_of(shipment) == [("customs.released", True)]


def test_a_number_learned_by_a_replay_brings_history_and_no_news(carrier: Source, customs: Source) -> None:
    house = a_registered_shipment(None)
    steps = [entered("2026-03-14 12:00"), declared("2026-03-15 09:00"), released("2026-03-16 10:00")]
    with mock.patch("cargo.formats.unipass.api001._one_cargo", return_value=iter(())):
        take_in(customs, unipass(steps))
    take_in(carrier, dcsa(transport("ARRI", "2026-03-14 06:00", id="A1")))
    assert status_of(house).status == "expected"
    replayed()
    assert status_of(house).customs_state == "released"
    assert status_of(house).arrived_at is not None
    assert set(TrackingUpdate.objects.values_list("silent", flat=True)) == {True}


def test_a_correction_stays_above_what_it_corrects(carrier: Source, shipment: Shipment) -> None:
    """The correction came in first; reading the older message again must not put it back in force."""
    later = transport("ARRI", "2026-03-16 08:00", classifier="EST", id="E1", created="2026-03-12 08:00")
    earlier = transport("ARRI", "2026-03-15 08:00", classifier="EST", id="E1", created="2026-03-10 08:00")
    take_in(carrier, dcsa(later), dcsa(earlier))
    before = standing([shipment])
    assert replayed() == "2 messages decoded again, 0 rows added to the log"
    first = InboundMessage.objects.order_by("-pk")[0]
    assert replayed(message=first.pk) == "1 messages decoded again, 0 rows added to the log"
    assert standing([shipment]) == before


def test_a_corrected_mapping_of_a_corrected_event(carrier: Source, shipment: Shipment) -> None:
    later = equipment("DISC", "2026-03-14 10:00", id="D1", created="2026-03-15 08:00")
    told(carrier, dcsa(later), dcsa(DISCHARGE))
    replayed()
    entries = project.unpack(state_of(shipment))
    assert [(entry.milestone, entry.id) for entry in entries] == [("discharged", entries[0].id)]
    assert Event.objects.get(pk=entries[0].id).occurred_at.hour == 1
    assert replayed() == "2 messages decoded again, 0 rows added to the log"


def test_a_retracted_event_stays_retracted(carrier: Source, shipment: Shipment) -> None:
    told(carrier, dcsa(DISCHARGE), dcsa(retraction("D1", "2026-03-15 08:00")))
    assert standing_milestones(shipment) == []
    replayed()
    assert standing_milestones(shipment) == []


def test_a_quarantined_message_is_read_after_the_mend(carrier: Source, shipment: Shipment) -> None:
    with mock.patch.object(formats, "decode", side_effect=FormatError("cannot be read", "byte 7")):
        (received,) = take_in(carrier, dcsa(DISCHARGE))
    message = InboundMessage.objects.get(pk=received.id)
    assert (message.state, message.reason) == ("quarantined", "byte 7: cannot be read")
    assert not Event.objects.exists()
    replayed(message=message.pk)
    message.refresh_from_db()
    assert (message.state, message.reason, message.events) == ("processed", "", 1)
    assert standing_milestones(shipment) == ["discharged"]


def test_a_message_that_cannot_be_read_anymore_keeps_what_it_said(carrier: Source, shipment: Shipment) -> None:
    take_in(carrier, dcsa(DISCHARGE))
    with mock.patch.object(formats, "decode", side_effect=FormatError("cannot be read", "byte 7")):
        replayed()
    assert standing_milestones(shipment) == ["discharged"]


def test_parts_are_kept_once(carrier: Source, db: None) -> None:
    bad = equipment("DISC", "2026-03-14 09:00") | {"eventDateTime": "yesterday"}
    take_in(carrier, dcsa(DISCHARGE, bad))
    parts = list(MessagePart.objects.values_list("kind", "position", "reason"))
    assert [kind for kind, _, _ in parts] == ["problem"]
    replayed()
    replayed()
    assert list(MessagePart.objects.values_list("kind", "position", "reason")) == parts


def test_only_the_messages_asked_for_are_read(carrier: Source, customs: Source, db: None) -> None:
    take_in(carrier, dcsa(DISCHARGE))
    take_in(customs, unipass([declared("2026-03-15 09:00")]))
    assert replayed(source="unipass").startswith("1 messages")
    assert replayed(format="dcsa.tnt2").startswith("1 messages")
    assert replayed(format="edifact.iftsta").startswith("0 messages")
    assert replayed().startswith("2 messages")


def test_what_does_not_exist_is_named(carrier: Source, db: None) -> None:
    with pytest.raises(CommandError, match="there is no source 'nobody'"):
        replayed(source="nobody")
    with pytest.raises(CommandError, match="there is no message 7"):
        replayed(message=7)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(voyage=voyages(), order=st.randoms(use_true_random=False))
def test_reading_everything_again_changes_nothing(
    carrier: Source, customs: Source, shipment: Shipment, voyage: Voyage, order: object
) -> None:
    """Corrections, versions and retractions are facts of the messages: only a mapping makes a difference."""
    bodies = [(carrier.pk, dcsa(event)) for event in voyage.carrier] + [(customs.pk, body) for body in voyage.customs]
    order.shuffle(bodies)  # type: ignore[attr-defined]
    with transaction.atomic():
        for source, body in bodies:
            receive_many(source, [("", body)])
        work_off()
        before = standing([shipment])
        for _ in range(2):
            assert replayed().endswith(" 0 rows added to the log")
            assert standing([shipment]) == before
        with mapping(meanings._ALWAYS, MISTAKEN):
            replayed()
            assert project.differences([shipment.pk]) == []
        replayed()
        assert standing([shipment])["columns"] == before["columns"]
        assert replayed().endswith(" 0 rows added to the log")
        transaction.set_rollback(True)
