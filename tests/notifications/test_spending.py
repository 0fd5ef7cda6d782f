"""What texts may cost: caps of count and money, kept by two workers together; a pumping script; the operator's mail."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.utils import timezone

from clis.accounts.scoping import Viewer
from notifications import spending, subscribing
from notifications.deliver import deliver
from notifications.deliver.letters import drain_letters
from notifications.models import Delivery, Letter, TextBudget
from notifications.spending import Text
from notifications.transports.sms import Measure
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    everything_stands,
)
from tests.people import Person, a_person

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def a_text(number: int = 1, cost: int = 18, critical: bool = False, organization: int = 1) -> Text:
    """One to one of many numbers, each of its own range."""
    return Text(organization, f"+8210{1000 + number:04d}0000", Measure(1, Decimal(cost)), critical)


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which tasks were woken after the commit."""
    names: list[str] = []
    monkeypatch.setattr(spending, "wake", lambda name: transaction.on_commit(lambda: names.append(name)))
    return names


@pytest.fixture
def caps(settings: Any) -> Any:
    """No cap but those that a test sets."""
    settings.SMS_DAILY_LIMIT = settings.SMS_NUMBER_LIMIT = settings.SMS_RANGE_LIMIT = settings.SMS_COUNTRY_LIMIT = 0
    settings.SMS_MONEY_LIMIT, settings.ALERT_MAIL = Decimal(0), ["operator@example.com"]
    return settings


def reserve(*texts: Text, now: datetime = NOW) -> list[str]:
    return spending.reserve(texts, now)


@pytest.mark.django_db
def test_an_organizations_texts_and_what_is_kept_for_critical_news(caps: Any) -> None:
    caps.SMS_DAILY_LIMIT = 10
    assert reserve(*(a_text(number) for number in range(12))) == [""] * 8 + ["daily_limit"] * 4
    assert reserve(*(a_text(20 + number, critical=True) for number in range(3))) == ["", "", "daily_limit"]
    assert reserve(a_text(30, organization=2)) == [""]
    assert reserve(a_text(31), now=NOW + timedelta(days=1)) == [""]
    assert TextBudget.objects.get(day=NOW.date(), cap="organization", key="1").texts == 10


@pytest.mark.django_db
def test_an_organizations_money(caps: Any) -> None:
    caps.SMS_MONEY_LIMIT = Decimal(100)
    assert reserve(*(a_text(number) for number in range(5))) == [""] * 4 + ["money_limit"]
    assert reserve(a_text(6, cost=8)) == [""]
    assert reserve(a_text(7, cost=1)) == ["money_limit"]
    assert reserve(a_text(8, cost=20, critical=True), a_text(9, cost=1, critical=True)) == ["", "money_limit"]
    assert TextBudget.objects.get(cap="organization").cost == 100


@pytest.mark.django_db
def test_five_a_day_to_one_number_from_whomever(caps: Any) -> None:
    caps.SMS_NUMBER_LIMIT = 5
    texts = [a_text(1, organization=number % 2, critical=number > 2) for number in range(7)]
    assert reserve(*texts) == [""] * 5 + ["number_limit"] * 2


@pytest.mark.django_db
def test_what_is_given_back_may_be_spent_again(caps: Any) -> None:
    caps.SMS_DAILY_LIMIT = 1
    assert reserve(a_text(1)) == [""]
    spending.give_back([a_text(1)], NOW.date())
    assert reserve(a_text(2), a_text(3)) == ["", "daily_limit"]
    spending.give_back([a_text(9)], NOW.date())
    assert {(row.cap, row.texts, row.cost) for row in TextBudget.objects.filter(cap="number", texts__gt=0)} == {
        ("number", 1, 18)
    }


@pytest.mark.django_db
def test_old_days_are_forgotten(caps: Any) -> None:
    reserve(a_text())
    assert spending.forget(NOW + timedelta(days=39)) == 0
    assert spending.forget(NOW + timedelta(days=41)) == 4


@pytest.mark.django_db(transaction=True)
def test_a_pumping_script_meets_the_cap_and_the_operator_hears_of_it_at_once(
    caps: Any, mail_server: MailServer, woken: list[str]
) -> None:
    """10,000 numbers, half of one range, half over many, by 50 organizations."""
    caps.SMS_RANGE_LIMIT, caps.SMS_COUNTRY_LIMIT, caps.SMS_DAILY_LIMIT, caps.SMS_NUMBER_LIMIT = 50, 500, 200, 5
    began = timezone.now()
    found: Counter[str] = Counter()
    for start in range(0, 10_000, 500):
        numbers = (f"+821012{n:06d}" if n < 5_000 else f"+8210{n:04d}{n:04d}" for n in range(start, start + 500))
        texts = [Text(n % 50, number, Measure(1, Decimal(18))) for n, number in enumerate(numbers)]
        found.update(spending.reserve(texts, NOW))
    assert found[""] == 400
    assert set(found) == {"", "range_limit", "country_limit"}
    assert TextBudget.objects.get(cap="country").texts == 400
    assert max(TextBudget.objects.filter(cap="range").values_list("texts", flat=True)) <= 50
    assert timezone.now() - began < timedelta(seconds=60)
    assert (woken, mail_server.mails) == (["notifications.tasks.drain_letters"] * 2, [])
    assert drain_letters(timezone.now()) == 2
    assert sorted(mail["Subject"] for mail in mail_server.mails) == ["Texts stopped by a limit: +82"] * 2
    assert {tuple(to) for to in mail_server.recipients} == {("operator@example.com",)}


@pytest.mark.django_db(transaction=True)
def test_staff_is_told_where_nobody_is_named_each_in_his_language(
    caps: Any, staff: Person, mail_server: MailServer
) -> None:
    caps.ALERT_MAIL, caps.SMS_DAILY_LIMIT, caps.SMS_MONEY_LIMIT = [], 1, Decimal(10)
    korean = a_person("Kim", "Operator", is_staff=True, language="ko")
    assert reserve(a_text(1, cost=1), a_text(2)) == ["", "daily_limit"]
    assert reserve(a_text(3), a_text(4)) == ["daily_limit"] * 2
    assert sorted(Letter.objects.values_list("user", "address", "language")) == sorted(
        [(staff.user.pk, staff.user.email, "en"), (korean.user.pk, korean.user.email, "ko")]
    )
    assert drain_letters(timezone.now()) == 2
    mails = {mail["To"]: str(mail.get_content()) for mail in mail_server.mails}
    assert sorted(mails) == sorted([staff.user.email, korean.user.email])
    assert "CLIS_SMS_DAILY_LIMIT" in mails[staff.user.email] and "한도 설정" in mails[korean.user.email]


@pytest.mark.django_db(transaction=True)
def test_the_alert_is_owed_in_the_transaction_that_stops_the_text(
    caps: Any, mail_server: MailServer, woken: list[str]
) -> None:
    """Taken back with it, and else lost by nobody's death; no mail server is asked meanwhile."""
    caps.SMS_DAILY_LIMIT = 1
    with pytest.raises(RuntimeError), transaction.atomic():
        assert reserve(a_text(1), a_text(2)) == ["", "daily_limit"]
        raise RuntimeError
    assert (Letter.objects.count(), TextBudget.objects.count(), woken) == (0, 0, [])
    for _ in range(2):
        reserve(a_text(1), a_text(2))
    reserve(a_text(1), a_text(2), now=NOW + timedelta(days=1))
    references = sorted(Letter.objects.values_list("reference", flat=True))
    assert [reference.rpartition("-")[0] for reference in references] == [
        "a-20261122-daily_limit-1",
        "a-20261123-daily_limit-1",
    ]
    assert (mail_server.connections, len(woken)) == (0, 2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_together_spend_no_more_than_one(caps: Any, mail_server: MailServer) -> None:
    caps.SMS_MONEY_LIMIT = Decimal(18 * 40)
    found: list[str] = []
    ready = threading.Barrier(4)

    def worker(first: int) -> None:
        ready.wait()
        for number in range(20):
            found.extend(reserve(*(a_text(first + 2 * number + n, critical=True) for n in range(2))))
        connections.close_all()

    threads = [threading.Thread(target=worker, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(found) == {"": 40, "money_limit": 120}
    row = TextBudget.objects.get(cap="organization")
    assert (row.texts, row.cost) == (40, 720)
    assert Letter.objects.count() == 1 and mail_server.connections == 0
    assert connection.vendor in ("postgresql", "sqlite")


def owed(shipper: Person, kind: str, number: int) -> Delivery:
    update = an_update(a_shipment(shipper.organization), kind, key=str(number))
    channel = a_channel(shipper, "sms", f"+821012{number:02d}5678")
    return a_delivery(update, channel, notice=kind)


def ended(row: Delivery) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.reason


def test_deliveries_keep_the_cap_and_write_down_what_they_cost(shipper: Person, gateway: Gateway, caps: Any) -> None:
    caps.SMS_DAILY_LIMIT, caps.SMS_PRICES = 5, {"82": Decimal(18)}
    rows = [owed(shipper, "customs.released", number) for number in range(10, 16)]
    held = owed(shipper, "customs.held", 16)
    assert deliver(everything_stands) == 5
    assert [ended(row) for row in rows] == [("sent", "")] * 4 + [("skipped", "daily_limit")] * 2
    assert ended(held) == ("sent", "")
    assert len(gateway.requests) == 5
    attempt = held.tries.get()
    assert (attempt.segments, attempt.cost) == (1, 18)
    assert TextBudget.objects.get(cap="organization").cost == 90


def test_a_text_that_was_refused_costs_nothing(shipper: Person, gateway: Gateway, caps: Any) -> None:
    caps.SMS_NUMBER_LIMIT, caps.SMS_PRICES = 1, {"82": Decimal(18)}
    gateway.answer = lambda request: (503, {}, b"")
    row = owed(shipper, "customs.released", 10)
    assert deliver(everything_stands) == 1
    assert (row.tries.get().cost, row.tries.get().segments) == (0, 0)
    assert set(TextBudget.objects.values_list("texts", "cost")) == {(0, Decimal(0))}
    gateway.answer = lambda request: (200, {}, b"")
    Delivery.objects.update(next_attempt_at=timezone.now())
    assert deliver(everything_stands) == 1
    assert ended(row) == ("sent", "")


def test_a_text_without_an_answer_stays_spent(shipper: Person, gateway: Gateway, caps: Any) -> None:
    caps.SMS_PRICES = {"82": Decimal(18)}
    gateway.answer = lambda request: (500, {}, b"")
    row = owed(shipper, "customs.released", 10)
    assert deliver(everything_stands) == 1
    assert ended(row)[0] == "unknown"
    assert TextBudget.objects.get(cap="organization").cost == 18


def test_codes_are_counted_as_well(shipper: Person, gateway: Gateway, caps: Any) -> None:
    caps.SMS_NUMBER_LIMIT = 2
    channel = a_channel(shipper, "sms", "+821012345678", verified_at=None)
    viewer: Viewer = shipper.viewer
    gateway.answer = lambda request: (503, {}, b"")
    with pytest.raises(subscribing.SubscribingError):
        subscribing.send_code(viewer, channel.pk)
    gateway.answer = lambda request: (200, {}, b"")
    subscribing.send_code(viewer, channel.pk)
    subscribing.send_code(viewer, channel.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1)):
        if spending.day_of(timezone.now()) == spending.day_of(timezone.now() - timedelta(hours=2)):
            with pytest.raises(subscribing.TooManyError):
                subscribing.send_code(viewer, channel.pk)
            assert len(gateway.requests) == 3
