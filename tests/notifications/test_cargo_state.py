"""Where a followed shipment stands, on the follower's own page: that shipment alone, and as long as he follows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cargo import booking
from cargo.models import Party, Shipment
from notifications import render, subscribing
from notifications.models import Channel, Subscription
from tests.dashboard.conftest import HOUSE_BILL, STEPS_AFTER_INSPECTION, answer, told
from tests.notifications.conftest import a_channel, a_subscription
from tests.people import Person


@pytest.fixture
def held(shipper: Person) -> Shipment:
    """Selected for inspection by Korean customs, registered under a reference of Alice's own."""
    cache.clear()
    assert shipper.organization
    shipment = booking.register(shipper.organization.pk, [("house_bill", HOUSE_BILL)], own_reference="PO-8841")
    told(answer(STEPS_AFTER_INSPECTION))
    return shipment


@pytest.fixture
def follower(shipper: Person, held: Shipment) -> Channel:
    channel = a_channel(shipper, address="bob@outside.example", user=None, follower=True)
    a_subscription(channel, held)
    return channel


@pytest.fixture
def page(follower: Channel) -> Callable[..., str]:
    def read(**query: Any) -> str:
        path = f"/notices/following/{render.following_token(follower.pk)}/"
        return Client().get(path, query).content.decode().split("<main")[1]

    return read


def test_it_says_where_the_cargo_stands(follower: Channel, held: Shipment, page: Callable[..., str]) -> None:
    found = subscribing.following(render.following_token(follower.pk))
    assert found is not None
    state = subscribing.cargo_state(found, None, "en")
    assert state is not None
    assert (state.shipment, state.number, state.zone) == (held.pk, HOUSE_BILL, "Asia/Seoul")
    assert (state.status, state.customs_state, state.tone) == ("in_bond", "held", "bad")
    assert (state.eta, state.arrived_at) == (None, datetime(2026, 3, 13, 22, 30, tzinfo=UTC))
    assert (state.deadline, state.due_at) == ("storage_limit", datetime(2026, 9, 15, 14, 59, 59, tzinfo=UTC))
    assert [event.milestone for event in state.events] == [
        "inspection_ordered",
        "customs_review",
        "import_declared",
    ]
    assert state.events[0].at == datetime(2026, 3, 16, 2, 30, tzinfo=UTC)
    text = page()
    assert state.headline in text and "Held" in text and "Selected for inspection" in text
    assert "PO-8841" not in text and "/shipments/" not in text


def test_in_his_language_and_zone(follower: Channel, page: Callable[..., str]) -> None:
    Channel.objects.update(language="ko", zone="Europe/Berlin")
    text = page()
    assert '<time datetime="2026-03-16T03:30:00+01:00"' in text and "세관" in text


def test_of_several_the_one_that_is_asked_for(
    shipper: Person, follower: Channel, held: Shipment, page: Callable[..., str]
) -> None:
    assert shipper.organization
    another = booking.register(shipper.organization.pk, [("master_bill", "HDMUPUS0000001")])
    a_subscription(follower, another)
    assert '<data class="ident-text" value="HDMUPUS0000001">' in page()
    text = page(shipment=held.pk)
    assert f'value="{HOUSE_BILL}"' in text and f'href="?shipment={another.pk}"' in text
    assert f'href="?shipment={held.pk}" aria-current="true"' in text


def test_nothing_of_a_shipment_that_he_does_not_follow(
    shipper: Person, follower: Channel, page: Callable[..., str]
) -> None:
    assert shipper.organization
    another = booking.register(shipper.organization.pk, [("master_bill", "HDMUPUS0000001")])
    for asked in (another.pk, 10**17, "nonsense"):
        text = page(shipment=asked)
        assert "HDMUPUS0000001" not in text
    assert "state-title" not in page(shipment=another.pk)


def test_it_ends_with_the_invitation(follower: Channel, held: Shipment, page: Callable[..., str]) -> None:
    assert "state-title" in page()
    Party.objects.all().delete()
    assert "state-title" not in page()
    Party.objects.create(shipment=held, organization=follower.organization)
    Subscription.objects.update(ended_at=datetime(2026, 3, 20, tzinfo=UTC))
    for text in (page(), page(shipment=held.pk)):
        assert "state-title" not in text and HOUSE_BILL not in text and "You follow no shipment." in text


def test_it_costs_the_same_for_one_shipment_as_for_thirty(
    shipper: Person, follower: Channel, page: Callable[..., str]
) -> None:
    assert shipper.organization
    costs = []
    for number in range(30):
        if number in (1, 29):
            page()
            with CaptureQueriesContext(connection) as statements:
                page()
            costs.append(len(statements))
        shipment = booking.register(shipper.organization.pk, [("master_bill", f"HDMUPUS{number:07d}")])
        a_subscription(follower, shipment)
    assert costs[0] == costs[1] == len(statements)
