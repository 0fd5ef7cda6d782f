"""Endpoints that fail: paused, switched off, told about once, and nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from clis.accounts.models import User
from notifications import deliver as delivering
from notifications import endpoints
from notifications.deliver import deliver, health
from notifications.deliver.letters import drain_letters
from notifications.endpoints import Span
from notifications.models import Channel, Delivery, Endpoint, Letter
from notifications.transports.base import Receipt, TemporaryError
from tests.notifications.conftest import MailServer, a_channel, a_shipment, an_update, due, everything_stands
from tests.notifications.receivers import Receiver, a_call, an_endpoint
from tests.people import Person, a_person


@pytest.fixture(autouse=True)
def inside(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receivers are the operator's own hosts."""
    settings.WEBHOOK_OWN_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_RATE = 1000.0
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)


@pytest.fixture
def there() -> Iterator[Receiver]:
    receiver = Receiver(lambda request: (500, {}, b""))
    yield receiver
    receiver.close()


def test_four_failures_in_a_row_pause_it_longer_each_time(shipper: Person) -> None:
    endpoint, _secret = an_endpoint(shipper, "https://hooks.example.com/")
    now = timezone.now()
    pauses = []
    for _ in range(16):
        health.note([(endpoint.pk, TemporaryError("HTTP 500"))], now)
        endpoint.refresh_from_db()
        pauses.append((endpoint.paused_until - now) // timedelta(minutes=1) if endpoint.paused_until else None)
    assert pauses == [None, None, None, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440]
    assert (endpoint.failures, endpoint.failing_since) == (16, now)
    health.note([(endpoint.pk, Receipt())], now)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.paused_until) == (0, None, None)


def test_a_paused_endpoint_is_not_called_and_its_messages_wait(shipper: Person, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    rows = [a_call(an_update(shipment, key=str(number)), endpoint) for number in range(10)]
    with time_machine.travel("2026-03-24T00:00:00Z", tick=False) as clock:
        Delivery.objects.update(next_attempt_at=timezone.now())
        assert deliver(everything_stands) == 4
        endpoint.refresh_from_db()
        assert endpoint.paused_until == timezone.now() + timedelta(minutes=1)
        clock.shift(timedelta(seconds=59))
        assert deliver(everything_stands) == 0
        there.answer = lambda request: (204, {}, b"")
        clock.shift(timedelta(minutes=6))
        Delivery.objects.filter(state="pending").update(next_attempt_at=timezone.now())
        assert deliver(everything_stands) == 4  # a few, until it has answered
        clock.shift(timedelta(seconds=1))
        assert deliver(everything_stands) == 6
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.paused_until) == (0, None)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert len(set(there.ids())) == len(rows)


@pytest.mark.django_db(transaction=True)
def test_six_days_of_failing(
    shipper: Person, there: Receiver, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W6: off after five days and not before; its admins are told once; what it was owed is delivered once on request.

    A failure an hour, each of a message of its own.
    """
    # The clock stands still, so that no drain should wait for the endpoint's next turn.
    monkeypatch.setattr("notifications.deliver.lanes.SOON_SECONDS", -1.0)
    a_person("Ada", shipper.organization, "admin", language="ko")  # type: ignore[arg-type]
    a_person("Mel", shipper.organization, "member")  # type: ignore[arg-type]
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    switched_off: list[float] = []
    with time_machine.travel("2026-03-24T00:00:00Z", tick=False) as clock:
        began = timezone.now()
        for hour in range(6 * 24):
            if Channel.objects.get(pk=endpoint.pk).disabled_at is None:
                due(a_call(an_update(shipment, key=str(hour)), endpoint))
                deliver(everything_stands)
            elif not switched_off:
                off = Channel.objects.get(pk=endpoint.pk).disabled_at
                assert off is not None
                assert drain_letters(timezone.now()) == 2
                switched_off.append((off - began).total_seconds() / 3600)
            clock.shift(timedelta(hours=1))
        assert switched_off == [pytest.approx(120, abs=24)] and switched_off[0] >= 120
        channel = Channel.objects.get(pk=endpoint.pk)
        assert channel.disabled_reason == "failing for 5 days: HTTP 500"
        assert sorted(mail["To"] for mail in mail_server.mails) == ["ada@example.com", "alice@example.com"]
        letters = {mail["To"]: str(mail.get_content()) for mail in mail_server.mails}
        assert "failing for 5 days: HTTP 500" in letters["alice@example.com"]
        assert "호출을 중지했습니다" in letters["ada@example.com"]
        assert "5일 동안 계속 실패: HTTP 500" in letters["ada@example.com"]
        assert "failing" not in letters["ada@example.com"]
        undelivered = Delivery.objects.filter(state="failed").count()
        assert undelivered == Delivery.objects.count()
        there.requests.clear()
        there.answer = lambda request: (204, {}, b"")
        endpoints.resume(shipper.viewer, endpoint.pk)
        assert deliver(everything_stands) == 0
        assert endpoints.redeliver(shipper.viewer, endpoint.pk, Span(since=began)) == undelivered
        tries = 0
        while tried := deliver(everything_stands):
            tries += tried
            clock.shift(timedelta(seconds=1))  # the clock stands still, and with it the endpoint's rate
        assert tries == undelivered
    assert len(there.requests) == len(set(there.ids())) == undelivered
    assert drain_letters(timezone.now()) == 0 and len(mail_server.mails) == 2


@pytest.mark.django_db(transaction=True)
def test_who_is_gone_is_switched_off_at_once(shipper: Person, there: Receiver, mail_server: MailServer) -> None:
    there.answer = lambda request: (410, {}, b"")
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    rows = [a_call(an_update(shipment, key=str(number)), endpoint) for number in range(5)]
    assert deliver(everything_stands) == 1
    channel = Channel.objects.get(pk=endpoint.pk)
    assert (channel.usable, channel.disabled_reason) == (False, "HTTP 410: the endpoint wants no more")
    assert len(there.requests) == 1 and mail_server.mails == []
    assert drain_letters(timezone.now()) == 1
    assert [mail["To"] for mail in mail_server.mails] == ["alice@example.com"]
    deliver(everything_stands)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        deliver(everything_stands)
    states = {row.pk: row for row in Delivery.objects.all()}
    assert {row.state for row in states.values()} <= {"failed", "skipped"}
    assert drain_letters(timezone.now()) == 0
    assert len(there.requests) == 1 and len(mail_server.mails) == 1 and len(rows) == 5


def test_the_letter_is_owed_in_the_transaction_in_which_it_is_switched_off(
    shipper: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is taken back with it tells nobody; what was committed is told however the worker ends."""
    a_person("Ada", shipper.organization, "admin", language="ko")  # type: ignore[arg-type]
    gone = a_person("Gone", shipper.organization, "admin")  # type: ignore[arg-type]
    gone.user.is_active = False
    gone.user.save()
    endpoint, _secret = an_endpoint(shipper, "https://hooks.example.com/")
    now = timezone.now()
    woken: list[str] = []
    monkeypatch.setattr(health, "wake", woken.append)
    with pytest.raises(ValueError), transaction.atomic():
        health.switch_off({endpoint.pk: "HTTP 410"}, now)
        raise ValueError
    assert not Letter.objects.exists() and Channel.objects.get(pk=endpoint.pk).usable
    woken.clear()
    assert health.switch_off({endpoint.pk: "HTTP 410"}, now) == {endpoint.pk}
    assert health.switch_off({endpoint.pk: "HTTP 410"}, now) == set()
    assert woken == ["notifications.tasks.drain_letters"]
    letters = Letter.objects.order_by("pk").values_list("address", "language", "subject", "attempts", "sent_at")
    assert list(letters) == [
        ("alice@example.com", "en", "Webhook switched off: hooks.example.com", 0, None),
        ("ada@example.com", "ko", "웹훅 중지: hooks.example.com", 0, None),
    ]
    assert "HTTP 410" in Letter.objects.get(language="en").text


def left_to_read(organization: Any, settings: Any) -> list[tuple[str, str]]:
    """To whom it is said, and in which language, that an endpoint of this organization is off."""
    settings.ALERT_MAIL = ["operator@example.com", "desk@example.com"]
    channel = Channel.objects.create(organization=organization, kind="webhook", address="https://hooks.example.com/")
    Endpoint.objects.create(channel=channel, sealed="")
    assert health.switch_off({channel.pk: "HTTP 410"}, timezone.now()) == {channel.pk}
    return list(Letter.objects.order_by("pk").values_list("address", "language"))


def test_without_an_admin_every_member_is_told(shipper: Person, settings: Any) -> None:
    a_person("Mel", shipper.organization, "member", language="ko")  # type: ignore[arg-type]
    gone = a_person("Gone", shipper.organization, "viewer")  # type: ignore[arg-type]
    User.objects.filter(pk__in=[shipper.user.pk, gone.user.pk]).update(is_active=False)
    a_person("Vic", shipper.organization, "viewer")  # type: ignore[arg-type]
    assert left_to_read(shipper.organization, settings) == [("mel@example.com", "ko"), ("vic@example.com", "en")]


def test_without_anybody_the_operator_is_told(shipper: Person, settings: Any) -> None:
    User.objects.filter(pk=shipper.user.pk).update(is_active=False)
    told = left_to_read(shipper.organization, settings)
    assert [address for address, _language in told] == ["operator@example.com", "desk@example.com"]
    assert set(Letter.objects.values_list("user", flat=True)) == {None}


def test_while_there_is_an_admin_nobody_else_is_told(shipper: Person, settings: Any) -> None:
    a_person("Mel", shipper.organization, "member")  # type: ignore[arg-type]
    assert left_to_read(shipper.organization, settings) == [("alice@example.com", "en")]
    letter = Letter.objects.get()
    assert letter.user == shipper.user and "what comes up in the next 30 days" in letter.text


def test_a_mailbox_that_is_switched_off_is_no_endpoint(shipper: Person) -> None:
    channel = a_channel(shipper)
    assert health.switch_off({channel.pk: "550 5.1.1 no"}, timezone.now()) == {channel.pk}
    assert not Letter.objects.exists()


def test_whatever_the_other_side_says_can_be_written_down(shipper: Person) -> None:
    """A chat or a webhook answers with any bytes, and PostgreSQL takes no NUL."""
    channel = a_channel(shipper, "chat", "Slack 1a2b3c4d")
    said = "slack: HTTP 404 gone\x00 \u202eno\n" + "x" * 300
    assert health.switch_off({channel.pk: said}, timezone.now()) == {channel.pk}
    reason = Channel.objects.get().disabled_reason
    assert (reason[:25], len(reason)) == ("slack: HTTP 404 gone no x", 200)


def test_the_page_says_why_in_the_readers_language(shipper: Person) -> None:
    endpoint, _secret = an_endpoint(shipper, "https://hooks.example.com/")
    health.switch_off({endpoint.pk: "HTTP 410: the endpoint wants no more"}, timezone.now())
    client = shipper.client()
    assert "HTTP 410: the endpoint wants no more" in client.get(f"/notices/webhooks/{endpoint.pk}/").content.decode()
    shipper.user.language = "ko"
    shipper.user.save()
    page = client.get(f"/notices/webhooks/{endpoint.pk}/").content.decode()
    assert "HTTP 410: 수신 서버가 더 받지 않겠다고 응답" in page and "wants no more" not in page
    assert client.get(f"/api/v1/endpoints/{endpoint.pk}/").json()["disabled_reason"] == (
        "HTTP 410: the endpoint wants no more"
    )


@pytest.mark.django_db(transaction=True)
def test_two_senders_whose_batches_have_endpoints_in_common_do_not_wait_for_each_other(shipper: Person) -> None:
    """What went well at one sender failed at the other, and the other way round; and their pace is new."""
    first, second = (an_endpoint(shipper, f"https://hooks.example.com/{n}", failures=1)[0].pk for n in range(2))
    ready = threading.Barrier(2)
    failed: list[Exception] = []

    def sender(well: int, bad: int, quick: bool) -> None:
        for _ in range(60):
            ready.wait(60)
            try:
                with transaction.atomic():
                    health.note([(well, Receipt()), (bad, TemporaryError("HTTP 500"))], timezone.now())
                    health.note_pace({well: quick, bad: not quick})
            except Exception as error:
                failed.append(error)
        connection.close()

    threads = [threading.Thread(target=sender, args=found) for found in ((first, second, True), (second, first, False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_while_all_is_well_nothing_is_locked_and_one_statement_asks(
    shipper: Person, django_assert_num_queries: Any
) -> None:
    rows = [an_endpoint(shipper, f"https://hooks.example.com/{n}")[0].pk for n in range(5)]
    with django_assert_num_queries(1):
        assert health.note([(pk, Receipt()) for pk in rows], timezone.now()) == set()
    Endpoint.objects.filter(pk__in=rows[:3]).update(failures=2, failing_since=timezone.now())
    with django_assert_num_queries(2):
        assert health.note([(pk, Receipt()) for pk in rows], timezone.now()) == set()
    assert set(Endpoint.objects.values_list("failures", "failing_since")) == {(0, None)}
