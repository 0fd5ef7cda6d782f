"""What providers say later of mails: signed by a gateway of one's own, or in a provider's words through anymail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import mail_callbacks, subscribing
from notifications.deliver import deliver
from notifications.deliver.claim import claim, prepared
from notifications.deliver.outcome import Ended, begin, settle
from notifications.models import Attempt, Callback, Channel, Delivery, Suppression
from notifications.render import reference_of
from notifications.transports.base import Receipt
from notifications.transports.email import message_id
from tests.notifications.conftest import MailServer, a_channel, a_delivery, a_shipment, an_update, everything_stands
from tests.people import Person

SECRET = "a-secret-of-the-gateway"
URL = "/callbacks/mail/"
POSTMARK = "/callbacks/mail/postmark/"


@pytest.fixture
def secret(settings: Any) -> None:
    """A gateway of the operator's own may call."""
    settings.MAIL_CALLBACK_SECRETS = ["an-older-secret-of-it", SECRET]


@pytest.fixture
def told(shipper: Person, mail_server: MailServer, secret: None) -> Delivery:
    """A mail that was handed over."""
    delivery = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    assert deliver(everything_stands) == 1
    delivery.refresh_from_db()
    return delivery


def number_of(delivery: Delivery) -> str:
    return Attempt.objects.get(delivery=delivery).provider_id


def signed(events: Any, key: str = SECRET, at: int | None = None) -> Any:
    """The gateway's call."""
    body = json.dumps({"events": events}).encode()
    at = int(time.time()) if at is None else at
    mac = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-CLIS-Signature": f"t={at},v1={mac}"}
    return Client().post(URL, body, content_type="application/json", headers=headers)


def said(kind: str, delivery: Delivery | None = None, **fields: Any) -> dict[str, Any]:
    number = {"message_id": number_of(delivery)} if delivery else {}
    return {"id": f"e-{kind}", "event": kind, **number, **fields}


def world() -> tuple[Any, ...]:
    """Everything that a call may change."""
    return (
        list(Callback.objects.values_list("provider", "said")),
        list(Suppression.objects.values_list("address", "reason", "lifted_at")),
        list(Channel.objects.values_list("pk", "disabled_at", "disabled_reason")),
        list(Delivery.objects.values_list("pk", "state", "reason", "delivered_at")),
    )


# said -> the delivery's state and reason, whether it arrived, and why its address gets nothing more
KINDS = [
    ("delivered", "sent", "", True, None),
    ("hard_bounce", "failed", "bounced", False, "bounce"),
    ("soft_bounce", "failed", "bounced", False, None),
    ("complaint", "sent", "", False, "complaint"),
    ("unsubscribed", "sent", "", False, "unsubscribed"),
    ("rejected", "failed", "rejected", False, None),
    ("deferred", "sent", "", False, None),
    ("other", "sent", "", False, None),
]


@pytest.mark.parametrize(("kind", "state", "reason", "arrived", "suppressed"), KINDS)
def test_eight_kinds(told: Delivery, kind: str, state: str, reason: str, arrived: bool, suppressed: str | None) -> None:
    assert signed([said(kind, told, detail="550 5.1.1 no such person")]).status_code == 204
    told.refresh_from_db()
    assert (told.state, told.reason, told.delivered_at is not None) == (state, reason, arrived)
    found = Suppression.objects.values_list("address", "reason", "detail", "recipient").first()
    expected = ("alice@example.com", suppressed, "550 5.1.1 no such person", told.channel.recipient)
    assert found == (expected if suppressed else None)
    told.channel.refresh_from_db()
    assert told.channel.disabled_reason == (suppressed or "")
    before = world()
    assert signed([said(kind, told)]).status_code == 204  # told again
    assert world() == before


def test_a_suppressed_address_gets_nothing_more_until_it_is_proved_anew(
    told: Delivery, shipper: Person, forwarder: Person, mail_server: MailServer
) -> None:
    theirs = a_channel(forwarder, "email", "ALICE@example.com")
    signed([said("complaint", told)])
    shipment = a_shipment(shipper.organization, forwarder.organization)
    waiting = [
        a_delivery(an_update(shipment), channel, recipient=channel.recipient) for channel in (told.channel, theirs)
    ]
    Channel.objects.update(disabled_at=None)  # the suppression alone keeps them back
    for _ in range(20):
        deliver(everything_stands)
        Delivery.objects.filter(pk=waiting[0].pk).update(state="pending", next_attempt_at=timezone.now())
    assert len(mail_server.mails) == 1
    assert Delivery.objects.get(pk=waiting[1].pk).reason == "suppressed"
    # The code is asked for by the person, and it is what lifts it.
    subscribing.send_code(shipper.viewer, told.channel.pk)
    code = re.search(r"\d{6}", mail_server.mails[-1].get_content())
    assert code and Suppression.objects.filter(lifted_at__isnull=True).exists()
    subscribing.verify(shipper.viewer, told.channel.pk, code[0])
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()
    deliver(everything_stands)
    assert len(mail_server.mails) == 3
    signed([said("complaint", told, id="again")])
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 1


def test_five_soft_bounces_within_two_days_suppress(told: Delivery) -> None:
    for number in range(4):
        signed([said("soft_bounce", told, id=f"s{number}")] * 3)
    assert not Suppression.objects.exists()
    Callback.objects.filter(pk=Callback.objects.earliest("pk").pk).update(
        received_at=timezone.now() - timedelta(hours=49)
    )
    signed([said("soft_bounce", told, id="s4")])
    assert not Suppression.objects.exists()
    signed([said("soft_bounce", told, id="s5", detail="452 4.2.2 mailbox full")])
    assert Suppression.objects.values_list("reason", "detail").get() == ("soft_bounces", "452 4.2.2 mailbox full")


def test_what_is_no_delivery_is_known_by_its_address(secret: None, shipper: Person) -> None:
    channel = a_channel(shipper, "email", "New@example.com")
    event = {"id": "1", "event": "hard_bounce", "message_id": "<c-1@clis.example>", "recipient": "new@example.com"}
    assert signed([event]).status_code == 204
    assert Suppression.objects.get().recipient == channel.recipient
    channel.refresh_from_db()
    assert channel.disabled_at is not None


@pytest.mark.parametrize(
    "call",
    [
        lambda events: signed(events, key="another-secret-of-it"),
        lambda events: signed(events, at=int(time.time()) - 400),
        lambda events: signed(events, at=int(time.time()) + 400),
        lambda events: Client().post(URL, json.dumps({"events": events}), content_type="application/json"),
        lambda events: Client().post(
            URL,
            json.dumps({"events": events}),
            content_type="application/json",
            headers={"X-CLIS-Signature": "t=1,v1=00"},
        ),
    ],
)
def test_what_is_forged_is_refused_and_changes_nothing(told: Delivery, call: Any) -> None:
    before = world()
    assert call([said("hard_bounce", told)]).status_code == 401
    assert world() == before


def test_a_signature_is_of_exactly_these_bytes(told: Delivery) -> None:
    at = int(time.time())
    mac = hmac.new(SECRET.encode(), f"{at}.{{}}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-CLIS-Signature": f"t={at},v1={mac}"}
    body = json.dumps({"events": [said("hard_bounce", told)]})
    before = world()
    assert Client().post(URL, body, content_type="application/json", headers=headers).status_code == 401
    assert world() == before


@pytest.mark.parametrize("events", ["x", [{}], [{"id": "", "event": "delivered"}], [{"id": "1", "event": "exploded"}]])
def test_what_cannot_be_read(told: Delivery, events: Any) -> None:
    before = world()
    assert signed(events).status_code == 400
    assert world() == before


def test_without_secrets_there_is_no_such_address(db: None, settings: Any) -> None:
    settings.MAIL_CALLBACK_SECRETS = []
    assert signed([]).status_code == 404
    assert Client().get(URL).status_code == 405


def test_a_hostile_call_is_nobodys_trouble(told: Delivery) -> None:
    events = [
        said("hard_bounce", id="1", recipient="x\x00@example.com", message_id="\x00"),
        said("hard_bounce", id="2", recipient="nobody", detail="\x00" * 900),
        said("delivered", id="3", message_id="x" * 9000),
        said("soft_bounce", id="4", message_id="'; DROP TABLE x; --", recipient="a@" + "b" * 500),
    ]
    assert signed(events).status_code == 204
    assert not Suppression.objects.exists()
    told.refresh_from_db()
    assert (told.state, told.delivered_at) == ("sent", None)


def test_many_events_cost_as_many_statements_as_one(told: Delivery, shipper: Person) -> None:
    """But that SQLite takes not more than some rows by one INSERT. A thousand is what one call may bring."""
    counts = []
    for times in (1, 1_000):
        channel = a_channel(shipper, "email", f"P{times}-0@example.com")
        reports = [
            mail_callbacks.Report(f"r{times}-{n}", "hard_bounce", f"n{n}", f"p{times}-{n}@example.com")
            for n in range(times)
        ]
        with CaptureQueriesContext(connection) as captured:
            assert mail_callbacks.take("gateway", reports, timezone.now()) == times
        said = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
        counts.append(len([sql for sql in said if not sql.startswith("INSERT")]))
        channel.refresh_from_db()
        assert channel.disabled_reason == "bounce"
    assert counts[0] == counts[1] <= 8
    assert Suppression.objects.count() == 1_001


# What is said after what, and the state and reason that come of it.
MENDED = [
    ("soft_bounce", "delivered", "sent", "", True),
    ("rejected", "delivered", "sent", "", True),
    ("delivered", "soft_bounce", "sent", "", True),
    ("delivered", "hard_bounce", "sent", "", True),
    ("soft_bounce", "other", "failed", "bounced", False),
]


@pytest.mark.parametrize(("first", "then", "state", "reason", "arrived"), MENDED)
def test_what_arrived_did_not_fail(
    told: Delivery, first: str, then: str, state: str, reason: str, arrived: bool
) -> None:
    assert [signed([said(kind, told)]).status_code for kind in (first, then)] == [204, 204]
    told.refresh_from_db()
    assert (told.state, told.reason, told.delivered_at is not None) == (state, reason, arrived)


def test_members_of_a_digest_go_with_it(told: Delivery, shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    members = [
        a_delivery(an_update(shipment, key=f"m{state}"), told.channel, recipient=state, state=state, gathered_in=told)
        for state in ("sent", "skipped")
    ]

    def states() -> list[str]:
        return [Delivery.objects.get(pk=member.pk).state for member in members]

    signed([said("soft_bounce", told)])
    assert states() == ["failed", "skipped"]
    assert Delivery.objects.get(pk=members[0].pk).reason == "bounced"
    signed([said("delivered", told)])
    assert states() == ["sent", "skipped"]
    signed([said("hard_bounce", told)])
    assert states() == ["sent", "skipped"]


@pytest.mark.parametrize(("kind", "state", "reason"), [("hard_bounce", "failed", "bounced"), ("delivered", "sent", "")])
def test_a_report_before_the_answer_to_its_try_is_not_lost(
    shipper: Person, secret: None, mail_server: MailServer, kind: str, state: str, reason: str
) -> None:
    """By SMTP the number is ours, and known from the start."""
    row = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    jobs = begin(prepared(claim("email"), everything_stands, True))
    number = message_id(reference_of(row))
    forged = number.replace(reference_of(row), f"d-{row.pk}-{'0' * 16}")
    assert signed([said(kind, message_id=forged, id="forged")]).status_code == 204
    assert signed([said(kind, message_id=number)]).status_code == 204
    settle([Ended(job, Receipt(number)) for job in jobs])
    row.refresh_from_db()
    assert (row.state, row.reason, row.delivered_at is not None) == (state, reason, kind == "delivered")
    assert deliver(everything_stands) == 0 and mail_server.mails == []


def test_a_report_by_a_number_that_is_not_known_yet_is_asked_for_again(
    shipper: Person, secret: None, mail_server: MailServer
) -> None:
    channel = a_channel(shipper)
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, recipient=channel.recipient)
    jobs = begin(prepared(claim("email"), everything_stands, True))
    events = [
        said("hard_bounce", message_id="theirs", recipient="Alice@example.com"),
        said("delivered", message_id="another", recipient="bob@example.com"),
    ]
    before = (Suppression.objects.count(), Channel.objects.get(pk=channel.pk).disabled_at)
    early = signed(events)
    assert (early.status_code, early["Retry-After"]) == (503, "60")
    assert list(Callback.objects.values_list("said", flat=True)) == ["delivered"]
    assert (Suppression.objects.count(), Channel.objects.get(pk=channel.pk).disabled_at) == before
    settle([Ended(job, Receipt("theirs")) for job in jobs])
    assert signed(events).status_code == 204
    row.refresh_from_db()
    assert (row.state, row.reason, Suppression.objects.count()) == ("failed", "bounced", 1)


# --- A provider through django-anymail ----------------------------------------------------------


@pytest.fixture
def postmark(settings: Any, told: Delivery) -> Delivery:
    """Mails go out by Postmark, whose number the mail has."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x", "WEBHOOK_SECRET": "clis:rightpassword"}
    Attempt.objects.update(provider_id="883953f4-6105-42a2-a16a-77a8eac79483")
    return told


def from_postmark(event: dict[str, Any], auth: str = "clis:rightpassword") -> Any:
    event = {"MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", **event}
    headers = {"Authorization": f"Basic {base64.b64encode(auth.encode()).decode()}"} if auth else {}
    return Client().post(POSTMARK, json.dumps(event), content_type="application/json", headers=headers)


BOUNCE = {"RecordType": "Bounce", "ID": 42, "Email": "alice@example.com", "BouncedAt": "2026-03-24T00:30:00Z"}
POSTMARKS: list[tuple[dict[str, Any], str]] = [
    ({"RecordType": "Delivery", "Recipient": "alice@example.com", "DeliveredAt": "2026-03-24T00:30:00Z"}, "delivered"),
    ({**BOUNCE, "Type": "HardBounce", "Details": "550 5.1.1 unknown"}, "hard_bounce"),
    ({**BOUNCE, "Type": "SoftBounce", "Details": "452 4.2.2 full"}, "soft_bounce"),
    ({**BOUNCE, "Type": "SoftBounce"}, "soft_bounce"),
    ({**BOUNCE, "Type": "HardBounce"}, "hard_bounce"),
    ({**BOUNCE, "Type": "HardBounce", "Details": "550 5.2.1 mailbox disabled"}, "hard_bounce"),
    ({**BOUNCE, "Type": "HardBounce", "Details": "550 5.1.0 Sender denied"}, "soft_bounce"),
    ({**BOUNCE, "Type": "HardBounce", "Details": "550 5.7.1 blocked by policy [192.0.2.1]"}, "soft_bounce"),
    ({**BOUNCE, "Type": "HardBounce", "Details": "554 5.3.1 system full"}, "soft_bounce"),
    ({**BOUNCE, "Type": "HardBounce", "Details": "550 5.4.1 Access denied"}, "soft_bounce"),
    ({**BOUNCE, "Type": "BadEmailAddress"}, "hard_bounce"),
    ({**BOUNCE, "Type": "Transient"}, "deferred"),
    ({**BOUNCE, "RecordType": "SpamComplaint", "Type": "SpamComplaint"}, "complaint"),
    ({**BOUNCE, "Type": "Blocked"}, "rejected"),
    ({"RecordType": "SubscriptionChange", "Recipient": "alice@example.com", "SuppressSending": True,
      "SuppressionReason": "ManualSuppression", "ChangedAt": "2026-03-24T00:30:00Z"}, "unsubscribed"),
    ({"RecordType": "Open", "Recipient": "alice@example.com", "ReceivedAt": "2026-03-24T00:30:00Z"}, "other"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "kind"), POSTMARKS)
def test_a_providers_words(postmark: Delivery, event: dict[str, Any], kind: str) -> None:
    assert from_postmark(event).status_code == 204
    assert from_postmark(event).status_code == 204
    assert list(Callback.objects.values_list("provider", "said")) == [("postmark", kind)]
    postmark.refresh_from_db()
    expected = next(row for row in KINDS if row[0] == kind)
    assert (postmark.state, postmark.reason, postmark.delivered_at is not None) == expected[1:4]
    assert Suppression.objects.values_list("reason", flat=True).first() == expected[4]


@pytest.mark.parametrize("auth", ["", "clis:wrong", "clis", ":", "x:rightpassword"])
def test_a_forged_call_of_a_provider(postmark: Delivery, auth: str) -> None:
    before = world()
    assert from_postmark({**BOUNCE, "Type": "HardBounce"}, auth).status_code == 401
    assert world() == before


def test_a_provider_without_a_secret_is_believed_nothing(postmark: Delivery, settings: Any) -> None:
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x"}
    before = world()
    for auth in ("", ":", "clis:rightpassword"):
        assert from_postmark({**BOUNCE, "Type": "HardBounce"}, auth).status_code == 401
    assert world() == before


def test_only_the_provider_that_sends_may_call(postmark: Delivery, settings: Any) -> None:
    assert Client().post("/callbacks/mail/sendgrid/", b"[]", content_type="application/json").status_code == 404
    assert Client().head(POSTMARK).status_code == 200
    for body in (b"{", b"[]", b"\xff", b'{"RecordType": "Bounce"}'):
        headers = {"Authorization": f"Basic {base64.b64encode(b'clis:rightpassword').decode()}"}
        answer = Client().post(POSTMARK, body, content_type="application/json", headers=headers)
        assert answer.status_code in (204, 400)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert from_postmark({**BOUNCE, "Type": "HardBounce"}).status_code == 404
    assert not Suppression.objects.exists()


# --- Unsubscribing ------------------------------------------------------------------------------


def test_a_scanner_that_gets_the_link_a_hundred_times_ends_nothing(told: Delivery, mail_server: MailServer) -> None:
    """N5: GET asks; one POST without a login or a cookie ends it, also half a year later."""
    link = str(mail_server.mails[0]["List-Unsubscribe"]).strip(" <>").removeprefix("http://localhost:8000")
    subscriptions = told.channel.subscriptions.filter(ended_at__isnull=True)
    for number in range(100):
        scanner = Client().get if number % 2 else Client().head
        assert scanner(link).status_code == 200
    assert subscriptions.count() == 1
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=180))
    client = Client(enforce_csrf_checks=True)
    answer = client.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, dict(client.cookies)) == (200, {})
    assert subscriptions.count() == 0
