"""What providers call back with: signed or refused, once each; STOP and START; and look-ups of unknown texts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from notifications import render, subscribing
from notifications.deliver import deliver
from notifications.deliver import look_up as looking_up
from notifications.deliver.claim import claim, give_up_on_the_dead, prepared
from notifications.deliver.look_up import look_up
from notifications.deliver.outcome import Ended, begin, settle
from notifications.models import Attempt, Callback, Channel, Delivery, Suppression, TextBudget
from notifications.transports.base import Receipt, UnknownOutcomeError
from notifications.transports.webhook import new_secret, signed
from tests.notifications.conftest import (
    Gateway,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    due,
    everything_stands,
)
from tests.people import Person

NUMBER = "+821012345678"
SECRET = new_secret()


@pytest.fixture(autouse=True)
def secrets(settings: Any) -> None:
    """Every provider's."""
    settings.TWILIO_AUTH_TOKEN, settings.SOLAPI_WEBHOOK_SECRET = "token", "solapi secret"
    settings.SMS_CALLBACK_SECRET, settings.BASE_URL = SECRET, "https://clis.example"


@pytest.fixture
def channel(shipper: Person, gateway: Gateway) -> Channel:
    """Alice's telephone."""
    return a_channel(shipper, "sms", NUMBER)


@pytest.fixture
def sent(shipper: Person, channel: Channel) -> Delivery:
    """A text that the provider accepted as p1."""
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    assert deliver(everything_stands) == 1
    row.refresh_from_db()
    return row


def twilio(token: str = "token", query: str = "", **form: str) -> Any:
    url = f"https://clis.example/callbacks/sms/twilio/{query}"
    content = url + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.new(token.encode(), content.encode(), hashlib.sha1).digest()).decode()
    return Client().post(
        f"/callbacks/sms/twilio/{query}",
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )


def solapi(*reports: dict[str, Any], secret: str = "solapi secret") -> Any:
    return Client().post(
        "/callbacks/sms/solapi/",
        json.dumps(reports),
        content_type="application/json",
        headers={"X-Solapi-Secret": hashlib.sha1(secret.encode()).hexdigest(), "X-Solapi-Event-Name": "SINGLE-REPORT"},
    )


def generic(body: dict[str, Any], name: str = "c1", secret: str = SECRET, age: int = 0) -> Any:
    content = json.dumps(body).encode()
    headers = signed(name, int(time.time()) - age, content, [secret])
    del headers["content-type"]
    return Client().post(
        "/callbacks/sms/generic/", content, content_type="application/json", headers=dict(headers.items())
    )


def test_twilios_own_example_of_a_signature(settings: Any) -> None:
    """The example of Twilio's page on validating requests, with its token, URL and form."""
    from notifications.transports.sms.reports import ForgedError, UnreadableError, read

    settings.TWILIO_AUTH_TOKEN = "12345"
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    headers = {"X-Twilio-Signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="}
    with pytest.raises(UnreadableError):
        read("twilio", url, headers, urlencode(form).encode())
    with pytest.raises(ForgedError):
        read("twilio", url, headers, urlencode(form | {"Digits": "9"}).encode())


def test_it_arrived(sent: Delivery) -> None:
    assert twilio(MessageSid="p1", MessageStatus="delivered").status_code == 204
    sent.refresh_from_db()
    assert (sent.state, sent.delivered_at is not None) == ("sent", True)
    first = sent.delivered_at
    assert twilio(MessageSid="p1", MessageStatus="delivered").status_code == 204
    assert twilio(MessageSid="p1", MessageStatus="undelivered", ErrorCode="30003").status_code == 204
    sent.refresh_from_db()
    assert (sent.state, sent.delivered_at) == ("sent", first)
    assert Callback.objects.count() == 2


def test_it_failed(sent: Delivery) -> None:
    assert twilio(MessageSid="p1", MessageStatus="sent").status_code == 204
    assert twilio(MessageSid="p1", MessageStatus="undelivered", ErrorCode="30003").status_code == 204
    sent.refresh_from_db()
    assert (sent.state, sent.reason, sent.delivered_at) == ("failed", "undelivered 30003", None)


def test_solapi_by_our_reference_or_its_number(sent: Delivery) -> None:
    reference = render.reference_of(sent)
    assert (
        solapi({"messageId": "M9", "statusCode": "3000", "customFields": {"reference": reference}}).status_code == 204
    )
    assert solapi({"data": {"messageId": "p1", "statusCode": "3047", "statusMessage": "착신거절"}}).status_code == 204
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("failed", "3047: 착신거절")
    assert (
        solapi({"messageId": "M9", "statusCode": "4000", "customFields": {"reference": reference}}).status_code == 204
    )
    sent.refresh_from_db()
    assert (sent.state, sent.reason, sent.delivered_at is not None) == ("sent", "", True)


def test_a_reference_that_is_not_ours_moves_nothing(sent: Delivery) -> None:
    guessed = f"d-{sent.pk}-{'0' * 16}"
    assert solapi({"messageId": "M9", "statusCode": "3047", "customFields": {"reference": guessed}}).status_code == 204
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_the_gateways_report(sent: Delivery) -> None:
    body = {"reference": render.reference_of(sent), "state": "failed", "detail": "no such number"}
    assert generic(body).status_code == 204
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("failed", "no such number")


def test_forged_calls_change_nothing(sent: Delivery, settings: Any) -> None:
    answers = [
        twilio("another", MessageSid="p1", MessageStatus="undelivered"),
        twilio("another", MessageSid="s1", From=NUMBER, Body="STOP"),
        solapi({"messageId": "p1", "statusCode": "3047"}, secret="another"),
        generic({"from": NUMBER, "text": "STOP"}, secret=new_secret()),
        generic({"from": NUMBER, "text": "STOP"}, age=400),
        Client().post("/callbacks/sms/generic/", b"{}", content_type="application/json"),
        Client().post("/callbacks/sms/twilio/", {"MessageSid": "p1", "MessageStatus": "failed"}),
        Client().post("/callbacks/sms/nobody/", {}),
    ]
    settings.TWILIO_AUTH_TOKEN = settings.SOLAPI_WEBHOOK_SECRET = settings.SMS_CALLBACK_SECRET = ""
    answers += [twilio("", MessageSid="p1", MessageStatus="failed"), solapi({"messageId": "p1"}, secret="")]
    answers += [generic({"from": NUMBER, "text": "STOP"})]
    assert {answer.status_code for answer in answers} == {401}
    sent.refresh_from_db()
    assert (sent.state, sent.delivered_at) == ("sent", None)
    assert (Callback.objects.count(), Suppression.objects.count()) == (0, 0)
    assert Client().get("/callbacks/sms/twilio/").status_code == 405


@pytest.mark.parametrize("body", [{}, {"state": "gone"}])
def test_what_cannot_be_read_is_said_so(db: None, body: dict[str, Any]) -> None:
    assert generic(body).status_code == 400
    assert Callback.objects.count() == 0


@pytest.mark.parametrize("word", ["STOP", " stop. ", "Unsubscribe", "opt-out", "수신거부", "수신 거부!", "중지"])
def test_stop_ends_the_texts_to_a_number(
    shipper: Person, stranger: Person, channel: Channel, gateway: Gateway, word: str
) -> None:
    theirs = a_channel(stranger, "sms", NUMBER)
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, recipient=channel.recipient)
    assert generic({"from": "010-1234-5678", "text": word}).status_code == 204
    assert {channel.disabled_at is not None for channel in Channel.objects.all()} == {True}
    suppression = Suppression.objects.get()
    assert (suppression.kind, suppression.recipient, suppression.reason) == ("sms", channel.recipient, "stop")
    assert suppression.lifted_at is None
    # Switched on again without START, it still gets nothing, not even a code.
    Channel.objects.update(disabled_at=None)
    assert deliver(everything_stands) == 0
    row.refresh_from_db()
    assert (row.state, row.reason) == ("skipped", "suppressed")
    with pytest.raises(subscribing.SubscribingError):
        subscribing.send_code(stranger.viewer, theirs.pk)
    assert gateway.requests == []


def test_start_lifts_it_and_an_old_stop_does_not_come_back(channel: Channel) -> None:
    assert twilio(MessageSid="s1", From=NUMBER, Body="stop please", OptOutType="STOP").status_code == 204
    assert twilio(MessageSid="s2", From=NUMBER, Body="시작").status_code == 204
    assert twilio(MessageSid="s1", From=NUMBER, Body="stop please", OptOutType="STOP").status_code == 204
    channel.refresh_from_db()
    assert (channel.disabled_at, channel.disabled_reason) == (None, "")
    assert Suppression.objects.get().lifted_at is not None


@pytest.mark.parametrize("text", ["", "When does it end?", "stop the truck", "네 알겠습니다", "HELP"])
def test_a_sentence_is_no_order(channel: Channel, text: str) -> None:
    assert generic({"from": NUMBER, "text": text}).status_code == 204
    channel.refresh_from_db()
    assert (channel.disabled_at, Suppression.objects.count()) == (None, 0)


def test_start_does_not_switch_on_what_a_person_or_a_bounce_switched_off(channel: Channel) -> None:
    Channel.objects.update(disabled_at=timezone.now(), disabled_reason="21614: not a mobile number")
    assert generic({"from": NUMBER, "text": "START"}).status_code == 204
    channel.refresh_from_db()
    assert channel.disabled_at is not None


@pytest.fixture
def unknown(shipper: Person, channel: Channel, gateway: Gateway, settings: Any) -> Delivery:
    """A text that the gateway may have taken."""
    settings.SMS_PRICES = {"82": Decimal(18)}
    gateway.answer = lambda request: (500, {}, b"")
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    assert deliver(everything_stands) == 1
    gateway.requests.clear()
    settings.SMS_LOOK_UP = True
    return row


def ended(row: Delivery) -> str:
    row.refresh_from_db()
    return row.state


def test_an_unknown_text_is_looked_up_and_was_accepted(unknown: Delivery, gateway: Gateway) -> None:
    gateway.answer = lambda request: (200, {}, b'{"id": "p5"}')
    assert look_up(timezone.now()) == 0
    assert look_up(timezone.now() + timedelta(minutes=2)) == 1
    assert ended(unknown) == "sent"
    assert unknown.tries.get().provider_id == "p5"
    assert [request["path"] for request in gateway.requests] == [f"/sms?reference={render.reference_of(unknown)}"]
    assert look_up(timezone.now() + timedelta(minutes=20)) == 0


def test_an_unknown_text_that_was_surely_not_accepted_is_sent(unknown: Delivery, gateway: Gateway) -> None:
    gateway.answer = lambda request: (404, {}, b"")
    assert look_up(timezone.now() + timedelta(minutes=2)) == 1
    assert ended(unknown) == "pending"
    assert TextBudget.objects.get(cap="organization").cost == 0
    due(unknown)
    gateway.answer = lambda request: (200, {}, b"")
    assert deliver(everything_stands) == 1
    assert (ended(unknown), len(gateway.requests)) == ("sent", 2)


def test_an_unknown_text_of_which_nothing_is_known_stays_so(unknown: Delivery, gateway: Gateway, settings: Any) -> None:
    gateway.answer = lambda request: (503, {}, b"")
    later = timezone.now() + timedelta(minutes=2)
    assert (look_up(later), look_up(later), look_up(later + timedelta(minutes=11))) == (1, 0, 1)
    assert look_up(timezone.now() + timedelta(days=2)) == 0
    assert (ended(unknown), deliver(everything_stands)) == ("unknown", 0)
    settings.SMS_LOOK_UP = False
    assert look_up(later + timedelta(hours=1)) == 0
    assert len(gateway.requests) == 2


def test_of_many_unknown_texts_who_was_never_asked_about_is_next(
    unknown: Delivery, shipper: Person, channel: Channel, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "AT_ONCE", 2)
    for number in range(4):
        update = an_update(a_shipment(shipper.organization), key=f"later {number}")
        row = a_delivery(update, channel, notice="customs.released", recipient=f"{number}")
        ended_at = timezone.now() + timedelta(seconds=number)
        Delivery.objects.filter(pk=row.pk).update(state="unknown", finished_at=ended_at, next_attempt_at=None)
    gateway.answer = lambda request: (503, {}, b"")
    later = timezone.now() + timedelta(minutes=2)
    assert [look_up(later + timedelta(minutes=11 * turn)) for turn in range(3)] == [2, 2, 2]
    first = list(Delivery.objects.order_by("pk"))
    asked = [request["path"].rpartition("=")[2] for request in gateway.requests]
    assert asked == [render.reference_of(row) for row in (*first, first[0])]


def test_a_report_settles_an_unknown_text(unknown: Delivery) -> None:
    assert generic({"reference": render.reference_of(unknown), "state": "accepted"}).status_code == 204
    assert ended(unknown) == "sent"


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [("sent", "sent", ""), ("delivered", "sent", ""), ("undelivered", "failed", "undelivered 30003")],
)
def test_twilios_report_settles_an_unknown_text_by_our_reference(
    unknown: Delivery, status: str, state: str, reason: str
) -> None:
    """Twilio gave no number: it is known by the query of the address that it was to report to, which is signed."""
    query = f"?reference={render.reference_of(unknown)}"
    code = {"ErrorCode": "30003"} if status == "undelivered" else {}
    another = twilio(query=f"?reference=d-{unknown.pk}-{'0' * 16}", MessageSid="SM1", MessageStatus=status, **code)
    assert (another.status_code, ended(unknown)) == (204, "unknown")
    assert twilio(query=query, MessageSid="SM2", MessageStatus=status, **code).status_code == 204
    assert (ended(unknown), unknown.reason) == (state, reason)


EARLY = [
    ("delivered", "sent", "", True),
    ("failed", "failed", "no such number", False),
    ("accepted", "sent", "", False),
]


@pytest.mark.parametrize(("said", "state", "reason", "arrived"), EARLY)
@pytest.mark.parametrize("answers", [201, 500])
def test_a_report_before_the_answer_to_its_try_is_not_lost(
    shipper: Person, channel: Channel, gateway: Gateway,
    said: str, state: str, reason: str, arrived: bool, answers: int,
) -> None:  # fmt: skip
    """The gateway reports while it is still being sent to; whatever it answers then, the report stands."""
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    jobs = begin(prepared(claim("sms"), everything_stands, True))
    body = {"reference": render.reference_of(row), "state": said, "detail": "no such number"}
    assert generic(body).status_code == 204
    receipt = Receipt("p1") if answers == 201 else UnknownOutcomeError("HTTP 500")
    settle([Ended(job, receipt) for job in jobs])
    row.refresh_from_db()
    assert (row.state, row.reason, row.delivered_at is not None) == (state, reason, arrived)
    assert (row.next_attempt_at, row.lease_token, row.finished_at is not None) == (None, "", True)
    assert Attempt.objects.get().provider_id == ("p1" if answers == 201 else "")
    assert deliver(everything_stands) == 0 and gateway.requests == []


def test_a_report_by_a_number_that_is_not_known_yet_is_asked_for_again(
    shipper: Person, channel: Channel, gateway: Gateway
) -> None:
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    jobs = begin(prepared(claim("sms"), everything_stands, True))
    early = generic({"id": "p1", "state": "failed", "detail": "no such number"})
    assert (early.status_code, early["Retry-After"], Callback.objects.count(), ended(row)) == (503, "60", 0, "sending")
    settle([Ended(job, Receipt("p1")) for job in jobs])
    assert generic({"id": "p1", "state": "failed", "detail": "no such number"}).status_code == 204
    assert (ended(row), row.reason) == ("failed", "no such number")
    # While nothing is being sent, a text that is not ours is written down and that is all.
    assert generic({"id": "p9", "state": "failed"}, name="c9").status_code == 204


def test_what_no_database_takes_is_taken_out(sent: Delivery, channel: Channel) -> None:
    assert generic({"id": "p1\x00", "state": "failed", "detail": "no\x00 such \ud800number"}).status_code == 204
    assert (ended(sent), sent.reason) == ("failed", "no such number")
    assert solapi({"messageId": "\ud800", "statusCode": "3047"}).status_code == 204
    assert generic({"from": NUMBER, "text": "STOP\x00"}, name="c2").status_code == 204
    channel.refresh_from_db()
    assert (channel.disabled_at is not None, Suppression.objects.get().detail) == (True, "STOP")


def test_a_report_of_solapi_without_a_code_is_no_news(sent: Delivery) -> None:
    assert solapi({"messageId": "p1"}, {"messageId": "p1", "statusCode": None}).status_code == 204
    assert (ended(sent), Callback.objects.count()) == ("sent", 0)


def test_a_killed_workers_texts_are_never_sent_twice(
    shipper: Person, channel: Channel, gateway: Gateway, settings: Any
) -> None:
    """Killed before each try, or after the provider took it and before it was written down, in turn."""
    settings.SMS_NUMBER_LIMIT = 0
    shipment = a_shipment(shipper.organization)
    rows = [a_delivery(an_update(shipment, key=str(number)), channel) for number in range(20)]
    for number in range(20):
        give_up_on_the_dead("sms")
        jobs = prepared(claim("sms"), everything_stands, True)[:1]
        for job in begin(jobs):
            if number % 2:  # It went out, and then the worker died.
                gateway.requests.append({"body": json.dumps({"reference": job.message.reference, "text": ""})})
        Delivery.objects.filter(state="sending").update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    deliver(everything_stands)
    told = [json.loads(request["body"])["reference"] for request in gateway.requests]
    assert len(told) == len(set(told))
    assert {ended(row) for row in rows} <= {"sent", "unknown"}
    assert Attempt.objects.filter(finished_at__isnull=True).count() == 0
