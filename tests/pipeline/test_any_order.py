"""Any order, any doubling and any split of a voyage's messages end in the same state, byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cargo.models import Shipment, Source
from cargo.pipeline import project
from cargo.pipeline.receive import receive_many
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import dcsa
from tests.pipeline.working import standing, work_off
from tests.voyages import REGISTRATIONS, TWICE, Voyage, voyages


@pytest.fixture
def shipments(db: None) -> list[Shipment]:
    """One organization for each way of registering the same voyage, and one that did so in several ways."""
    several = OrganizationFactory.create()
    ways = [(OrganizationFactory.create(), way) for way in REGISTRATIONS]
    ways += [(several, way) for way in TWICE]
    return [
        a_registered_shipment(organization, *REGISTRATIONS[way][0], load=REGISTRATIONS[way][1])
        for organization, way in ways
    ]


def split(items: Sequence[tuple[int, bytes]], random: Random) -> list[list[tuple[int, bytes]]]:
    """Batches of any size, in the order given."""
    batches: list[list[tuple[int, bytes]]] = [[]]
    for item in items:
        if batches[-1] and random.random() < 0.4:
            batches.append([])
        batches[-1].append(item)
    return batches


def messages_of(voyage: Voyage, carrier: Source, customs: Source, random: Random) -> list[tuple[int, bytes]]:
    """The voyage as messages: events alone or in arrays, some twice, in any order."""
    events = list(voyage.carrier)
    random.shuffle(events)
    bodies: list[tuple[int, bytes]] = []
    while events:
        size = random.randint(1, 4)
        bodies.append((carrier.pk, dcsa(*events[:size])))
        if random.random() < 0.2:
            bodies.append((carrier.pk, dcsa(*events[: size + 1])))
        events = events[size:]
    bodies += [(customs.pk, body) for body in voyage.customs]
    random.shuffle(bodies)
    return bodies


def told(batches: Sequence[Sequence[tuple[int, bytes]]]) -> None:
    for batch in batches:
        for source, body in batch:
            receive_many(source, [("", body)])
        work_off()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(voyage=voyages(), seed=st.integers(0, 2**32))
def test_any_order_doubling_and_split_end_in_the_same_state(
    carrier: Source, customs: Source, shipments: list[Shipment], voyage: Voyage, seed: int
) -> None:
    random = Random(seed)
    found = []
    for _ in range(2):
        with transaction.atomic():
            told(split(messages_of(voyage, carrier, customs, random), random))
            ids = [shipment.pk for shipment in shipments]
            assert project.differences(ids) == []
            found.append(standing(shipments))
            assert project.rebuild(ids) == 0
            assert standing(shipments) == found[-1]
            transaction.set_rollback(True)
    for part in found[0]:
        assert found[1][part] == found[0][part], part
