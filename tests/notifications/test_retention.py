"""What is not kept for ever: removed after its days and not before, in batches, and nothing else with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import retention
from notifications.models import Attempt, Callback, Delivery, EstimateTold, Letter, RetentionMark
from notifications.retention import forget
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update
from tests.people import Person

NOW = timezone.now()


def days(number: float) -> datetime:
    """So many ago."""
    return NOW - timedelta(days=number)


def callbacks(*ages: float) -> None:
    before = Callback.objects.count()
    Callback.objects.bulk_create(
        Callback(provider="gateway", digest=str(before + n), said="delivered", received_at=days(age))
        for n, age in enumerate(ages)
    )


@pytest.fixture
def delivery(shipper: Person) -> Delivery:
    return a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))


def tries(delivery: Delivery, *ages: float) -> None:
    Attempt.objects.bulk_create(
        Attempt(delivery=delivery, started_at=days(age), status=500, request="POST /", answer="no", detail="HTTP 500")
        for age in ages
    )


def texts() -> list[tuple[str, str]]:
    return list(Attempt.objects.order_by("pk").values_list("request", "answer"))


def test_callbacks_go_after_thirty_days(db: None) -> None:
    callbacks(400, 30.1, 29.9, 0)
    assert forget(NOW) == 2
    assert sorted(Callback.objects.values_list("digest", flat=True)) == ["2", "3"]
    assert forget(NOW) == 0


def test_texts_of_tries_go_after_ninety_days_and_the_tries_stay(delivery: Delivery) -> None:
    tries(delivery, 91, 90.1, 89.9, 1)
    assert forget(NOW) == 2
    assert texts() == [("", "")] * 2 + [("POST /", "no")] * 2
    kept = Attempt.objects.order_by("pk").values_list("status", "detail", "delivery__state")
    assert list(kept) == [(500, "HTTP 500", "pending")] * 4
    assert forget(NOW) == 0
    assert forget(NOW + timedelta(days=1)) == 1
    assert texts() == [("", "")] * 3 + [("POST /", "no")]


def test_letters_that_have_ended_go_and_owed_ones_stay(shipper: Person) -> None:
    for number, (age, owed) in enumerate(((31, False), (31, True), (29, False))):
        Letter.objects.create(
            reference=f"e-{number}",
            address="a@example.com",
            language="en",
            subject="s",
            text="t",
            created_at=days(age),
            next_attempt_at=NOW if owed else None,
        )
    assert forget(NOW) == 1
    assert sorted(Letter.objects.values_list("reference", flat=True)) == ["e-1", "e-2"]


def test_what_was_told_of_arrivals_goes_ninety_days_after_them(shipper: Person) -> None:
    channel = a_channel(shipper)
    for age in (91, 89, -20):
        EstimateTold.objects.create(channel=channel, shipment=a_shipment(shipper.organization), arrival_at=days(age))
    assert forget(NOW) == 1
    assert sorted(EstimateTold.objects.values_list("arrival_at", flat=True)) == [days(89), days(-20)]


def test_the_days_are_settings(delivery: Delivery, settings: Any) -> None:
    settings.KEEP_CALLBACKS_DAYS, settings.KEEP_ANSWERS_DAYS = 10, 20
    callbacks(11, 9)
    tries(delivery, 21, 19)
    assert forget(NOW) == 2
    assert Callback.objects.count() == 1 and texts() == [("", ""), ("POST /", "no")]


def test_a_sweep_is_bounded_and_the_next_goes_on(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(retention, "BATCHES", 2)
    callbacks(*range(50, 40, -1))
    tries(delivery, *range(110, 100, -1))
    assert [forget(NOW) for _ in range(3)] == [12, 8, 0]
    assert not Callback.objects.exists() and set(texts()) == {("", "")}


def test_the_oldest_callbacks_go_first(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "BATCHES", 1)
    callbacks(40, 60, 50)
    assert forget(NOW) == 2
    assert Callback.objects.get().digest == "0"


def test_what_was_emptied_is_never_read_again(delivery: Delivery) -> None:
    tries(delivery, *[100] * 5)
    forget(NOW)
    last = Attempt.objects.latest("pk").pk
    assert RetentionMark.objects.get().number == last
    Attempt.objects.filter(pk=last).update(answer="written after all")
    assert forget(NOW) == 0
    assert Attempt.objects.get(pk=last).answer == "written after all"


def test_statements_do_not_grow_with_rows(delivery: Delivery) -> None:
    forget(NOW)
    counts = []
    for number in (1, 200):
        callbacks(*[40] * number)
        tries(delivery, *[100] * number)
        with CaptureQueriesContext(connection) as captured:
            assert forget(NOW) == 2 * number
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] <= 9
