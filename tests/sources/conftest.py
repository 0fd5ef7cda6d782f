"""A partner's source, a carrier's API and cargo that it knows, on a day that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
import time_machine
from django.core.cache import cache

from cargo import tasks
from cargo.models import Intake, Shipment, Source
from tests.factories import a_registered_shipment
from tests.sources.carrier_server import Carrier
from tests.sources.carriers import BILL, KEY, NOW, an_intake


@pytest.fixture(autouse=True)
def _nothing_seen_before(db: None) -> None:
    cache.clear()


@pytest.fixture
def source(db: None) -> Source:
    """A partner who sends files."""
    return Source.objects.create(slug="partner", name="Partner")


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """Time goes on when the test says so; nobody is woken."""
    with time_machine.travel(NOW, tick=False) as traveller, mock.patch.object(tasks, "wake"):
        yield traveller


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    """A carrier's API that wants a key."""
    server = Carrier()
    server.key = ("X-Key", KEY)
    yield server
    server.close()


@pytest.fixture
def shipment(db: None) -> Shipment:
    """Cargo of that carrier."""
    return a_registered_shipment(None, ("master_bill", BILL))


@pytest.fixture
def intake(source: Source, shipment: Shipment, carrier: Carrier) -> Intake:
    """The way to ask the carrier about it."""
    return an_intake(source, carrier)
