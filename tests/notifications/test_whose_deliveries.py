"""Whose a delivery is stands in it, however it is made, and the log of an organization reads no other's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from notifications import fanout, selectors
from notifications.digests import owe_digests
from notifications.models import Attempt, Delivery
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, a_subscription, an_update
from tests.people import Person


def test_one_that_is_made_alone(shipper: Person) -> None:
    channel = a_channel(shipper)
    made = Delivery.objects.create(channel_id=channel.pk, kind="email", recipient="r", notice="digest")
    made.refresh_from_db()
    assert made.organization == shipper.organization


def test_many_that_are_made_together(shipper: Person, forwarder: Person, django_assert_num_queries: Any) -> None:
    """By rows, by numbers, and as it is said."""
    hers, his = a_channel(shipper), a_channel(forwarder)
    assert shipper.organization and forwarder.organization
    rows = [
        Delivery(channel=hers, kind="email", recipient="1", digest_at=timezone.now()),
        Delivery(channel_id=his.pk, kind="email", recipient="2", digest_at=timezone.now()),
        Delivery(channel_id=hers.pk, kind="email", recipient="3"),
        Delivery(channel_id=his.pk, organization=forwarder.organization, kind="email", recipient="4"),
    ]
    with django_assert_num_queries(2):
        Delivery.objects.bulk_create(rows)
    expected = [shipper.organization.pk, forwarder.organization.pk] * 2
    assert list(Delivery.objects.order_by("recipient").values_list("organization", flat=True)) == expected
    with django_assert_num_queries(1):
        Delivery.objects.bulk_create([Delivery(channel=hers, kind="email", recipient=str(n)) for n in (5, 6)])


def test_what_is_fanned_out_and_gathered(shipper: Person, forwarder: Person) -> None:
    shipment = a_shipment(shipper.organization, forwarder.organization)
    for person in (shipper, forwarder):
        a_subscription(a_channel(person), matrix={"gate_out": "digest", "customs.released": "now"})
    for kind in ("gate_out", "customs.released"):
        an_update(shipment, kind, recorded_at=timezone.now())
    fanout.fan_out()
    Delivery.objects.filter(state="gathered").update(digest_at=timezone.now())
    assert owe_digests() == 2
    found = Delivery.objects.values_list("notice", "organization", "channel__organization")
    assert (
        sorted(notice for notice, _its, _channels in found)
        == ["customs.released"] * 2 + ["digest"] * 2 + ["gate_out"] * 2
    )
    assert [its == channels for _notice, its, channels in found] == [True] * 6


def test_the_log_is_of_ones_own_organization(shipper: Person, forwarder: Person, stranger: Person) -> None:
    shipment = a_shipment(shipper.organization, forwarder.organization)
    update = an_update(shipment)
    hers, his = (a_delivery(update, a_channel(person)) for person in (shipper, forwarder))
    Attempt.objects.create(delivery=hers)
    seen = [[row.id for row in selectors.deliveries(person.viewer)] for person in (shipper, forwarder, stranger)]
    assert seen == [[hers.pk], [his.pk], []]
    tries = [selectors.attempts(person.viewer, hers.pk) for person in (shipper, forwarder, stranger)]
    assert [None if rows is None else len(rows) for rows in tries] == [1, None, None]


def test_the_log_of_a_small_organization_is_one_walk_of_an_index(shipper: Person, forwarder: Person) -> None:
    """Whatever the planner takes for a large table, there is an index that has just its rows, in their order."""
    from clis.accounts.scoping import visible_to

    rows = visible_to(Delivery.objects.all(), shipper.viewer).order_by("-pk")[:20]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan TO off")
            cursor.execute("SET LOCAL enable_bitmapscan TO off")
    plan = rows.explain()
    assert "delivery_log" in plan and "Sort" not in plan and "TEMP B-TREE" not in plan, plan


@pytest.mark.django_db(transaction=True)
def test_deliveries_from_before_get_their_channels_organization(shipper: Person, forwarder: Person) -> None:
    """Through the migrations, one after the other; also where some are filled already."""
    executor = MigrationExecutor(connection)
    latest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "notifications"]
    shipment = a_shipment(shipper.organization, forwarder.organization)
    update = an_update(shipment)
    rows = [a_delivery(update, a_channel(person)) for person in (shipper, forwarder)]
    try:
        executor.migrate([("notifications", "0003_whose_deliveries")])
        with connection.cursor() as cursor:
            cursor.execute("UPDATE notifications_delivery SET organization_id = NULL WHERE id = %s", [rows[0].pk])
    finally:
        MigrationExecutor(connection).migrate(latest)
    found = [Delivery.objects.get(pk=row.pk).organization for row in rows]
    assert found == [shipper.organization, forwarder.organization]
