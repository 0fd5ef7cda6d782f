"""Mutes from before ``*``: the migration says off in them to what later versions tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from notifications import kinds
from tests.notifications.conftest import a_channel, a_shipment, a_subscription
from tests.people import Person

BEFORE = [("notifications", "0007_operators_address_and_short_name")]


@pytest.mark.django_db(transaction=True)
def test_mutes_from_before_are_completed(shipper: Person) -> None:
    executor = MigrationExecutor(connection)
    latest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "notifications"]
    mail, hook = a_channel(shipper), a_channel(shipper, "webhook", "https://hooks.example.com/", user=None)
    off, off_to_programs = dict.fromkeys(kinds.NEWS, "off"), dict.fromkeys(kinds.FEED, "off")
    almost = {kind: mode for kind, mode in off.items() if kind != "departed"}

    def one(channel: Any, matrix: dict[str, str], **fields: Any) -> Any:
        return a_subscription(channel, a_shipment(shipper.organization), matrix=matrix, **fields)

    cases = [
        (one(mail, off), {**off, "*": "off"}),
        (one(hook, off_to_programs), {**off_to_programs, "*": "off"}),
        (one(mail, kinds.mute("email")), kinds.mute("email")),
        (one(hook, off), off),
        (one(mail, almost), almost),
        (one(mail, {**off, "departed": "now"}), {**off, "departed": "now"}),
        (one(mail, {}), {}),
        (one(mail, off, ended_at=timezone.now()), off),
        (a_subscription(mail, matrix=off), off),
    ]
    try:
        executor.migrate(BEFORE)
    finally:
        MigrationExecutor(connection).migrate(latest)
    for subscription, _expected in cases:
        subscription.refresh_from_db()
    assert [subscription.matrix for subscription, _expected in cases] == [expected for _one, expected in cases]
