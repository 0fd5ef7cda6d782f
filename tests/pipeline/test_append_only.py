"""The log is never edited: the model, the queryset and the database say so; one named door opens it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from cargo.models import Event, Maintenance, Source
from cargo.models.event import AppendOnlyError
from tests.messages import dcsa, equipment
from tests.pipeline.working import take_in


@pytest.fixture
def event(carrier: Source) -> Event:
    take_in(carrier, dcsa(equipment("DISC", "2026-03-14 09:00")))
    return Event.objects.get()


def unchanged(event: Event) -> bool:
    return Event.objects.get(pk=event.pk).milestone == "discharged"


def raw(statement: str, *parameters: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_the_model_refuses(event: Event) -> None:
    event.milestone = "arrived"
    with pytest.raises(AppendOnlyError, match="record a correction"):
        event.save()
    with pytest.raises(AppendOnlyError, match="record a retraction"):
        event.delete()
    assert unchanged(event)


def test_the_queryset_refuses(event: Event) -> None:
    with pytest.raises(AppendOnlyError, match="record a correction"):
        Event.objects.filter(pk=event.pk).update(milestone="arrived")
    with pytest.raises(AppendOnlyError, match="record a retraction"):
        Event.objects.all().delete()
    with pytest.raises((AppendOnlyError, DatabaseError)), transaction.atomic():
        Event.objects.bulk_update([event], ["milestone"])
    assert unchanged(event)


@pytest.mark.parametrize("statement", ["UPDATE cargo_event SET milestone = 'arrived'", "DELETE FROM cargo_event"])
def test_the_database_refuses(event: Event, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        raw(statement)
    assert unchanged(event)


@pytest.mark.parametrize("statement", ["UPDATE cargo_event SET milestone = 'arrived'", "DELETE FROM cargo_event"])
def test_it_yields_while_maintenance_stands_and_no_longer(event: Event, statement: str) -> None:
    door = Maintenance.objects.create(name="erase", reason="a person asked to be forgotten")
    with transaction.atomic():
        raw(statement)
        assert not Event.objects.filter(milestone="discharged").exists()
        transaction.set_rollback(True)
    door.delete()
    with pytest.raises(DatabaseError, match="append-only"):
        raw(statement)
    assert unchanged(event)


def test_another_maintenance_opens_nothing(event: Event) -> None:
    Maintenance.objects.create(name="vacuum", reason="something else")
    with pytest.raises(DatabaseError, match="append-only"):
        raw("DELETE FROM cargo_event")
    assert unchanged(event)
