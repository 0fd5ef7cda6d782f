"""Providers' own words for what became of a mail: which bounce is for good, and what cannot be checked or read."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from django.test import Client

from notifications.models import Callback, Suppression

AUTH = {"Authorization": f"Basic {base64.b64encode(b'clis:rightpassword').decode()}"}
TO = "alice@example.com"


def sending_by(settings: Any, name: str, **keys: str) -> None:
    settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "clis:rightpassword", **keys}


def call(name: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(
        f"/callbacks/mail/{name}/",
        content,
        content_type="application/json",
        headers=AUTH if headers is None else headers,
    )


def mailjet(**fields: Any) -> Any:
    return [{"event": "bounce", "time": 1774312200, "MessageID": 1, "email": TO, **fields}]


def sparkpost(number: Any, said: str | None = None) -> Any:
    event = {"type": "bounce", "event_id": "e1", "raw_rcpt_to": TO, "bounce_class": number, "raw_reason": said}
    return [{"msys": {"message_event": event}}]


def resend(**bounce: str) -> Any:
    bounce = {"message": "The recipient's email provider sent a bounce message.", **bounce}
    return {"type": "email.bounced", "data": {"email_id": "m1", "to": [TO], "bounce": bounce}}


BOUNCES: list[tuple[str, Any, str]] = [
    ("mailjet", mailjet(hard_bounce=True, error="user unknown"), "hard_bounce"),
    ("mailjet", mailjet(hard_bounce=False, error="user unknown"), "soft_bounce"),
    ("mailjet", mailjet(hard_bounce=False, error="quota exceeded"), "soft_bounce"),
    ("mailjet", mailjet(error="mailbox inactive"), "soft_bounce"),
    ("mailjet", mailjet(event="blocked", error="quota exceeded"), "rejected"),
    ("mailjet", mailjet(event="blocked", error="user unknown"), "hard_bounce"),
    ("sparkpost", sparkpost("10"), "hard_bounce"),
    ("sparkpost", sparkpost("30"), "hard_bounce"),
    *(("sparkpost", sparkpost(number), "soft_bounce") for number in ("20", "21", "22", "40", "50", "70", 20, 22, 70)),
    ("sparkpost", sparkpost("20", "550 5.1.1 no such user"), "hard_bounce"),
    ("sparkpost", sparkpost("30", "550 5.7.1 blocked"), "soft_bounce"),
    ("resend", resend(type="Permanent", subType="General"), "hard_bounce"),
    ("resend", resend(type="Transient", subType="MailboxFull"), "soft_bounce"),
    ("resend", resend(type="Undetermined", subType="Undetermined"), "soft_bounce"),
    ("resend", resend(), "soft_bounce"),
    ("brevo", {"event": "hard_bounce", "email": TO, "message-id": "<1>"}, "hard_bounce"),
    ("brevo", {"event": "soft_bounce", "email": TO, "message-id": "<1>"}, "soft_bounce"),
    ("brevo", {"event": "hard_bounce", "email": TO, "reason": "550 5.4.1 Access denied"}, "soft_bounce"),
    ("sendgrid", [{"event": "bounce", "type": "bounce", "email": TO, "timestamp": 1774312200}], "hard_bounce"),
    ("sendgrid", [{"event": "bounce", "type": "blocked", "email": TO, "timestamp": 1774312200}], "soft_bounce"),
    ("mailtrap", {"events": [{"event": "bounce", "timestamp": 1774312200, "message_id": "1", "email": TO}]},
     "hard_bounce"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:django-anymail has dropped")
@pytest.mark.parametrize(("name", "body", "kind"), BOUNCES)
def test_which_bounce_is_for_good(db: None, settings: Any, name: str, body: Any, kind: str) -> None:
    sending_by(settings, name)
    assert call(name, body).status_code == 204
    assert list(Callback.objects.values_list("provider", "said")) == [(name, kind)]
    suppressed = list(Suppression.objects.values_list("address", "reason"))
    assert suppressed == ([(TO, "bounce")] if kind == "hard_bounce" else [])


# Provider, what the settings have of it, and what the call of a stranger or of itself is answered.
UNCHECKED: list[tuple[str, dict[str, str], Any, int]] = [
    ("mailersend", {}, {"type": "activity.hard_bounced"}, 503),
    ("mailersend", {"MAILERSEND_SIGNING_SECRET": "x"}, {"type": "activity.hard_bounced"}, 401),
    ("postal", {}, {}, 503),
    ("postal", {"POSTAL_WEBHOOK_KEY": "x"}, {}, 401),
    ("mandrill", {}, {}, 503),
    ("mailgun", {}, {}, 503),
    ("mailgun", {"MAILGUN_API_KEY": "x"}, {}, 401),
    ("mailgun", {"MAILGUN_API_KEY": "x"}, {"signature": []}, 400),
    ("resend", {"RESEND_SIGNING_SECRET": "whsec_AAAA"}, {}, 503),
    ("unisender_go", {}, {}, 503),
    ("unisender_go", {"UNISENDER_GO_API_KEY": "x"}, [], 400),
    ("unisender_go", {"UNISENDER_GO_API_KEY": "x"}, {"auth": "x"}, 401),
    ("postmark", {}, b"[" * 100_000, 400),
    ("mailjet", {}, mailjet(time=10**30), 400),
    ("sparkpost", {}, [{"msys": {"a": {}, "b": {}}}], 400),
]


@pytest.mark.parametrize(("name", "keys", "body", "status"), UNCHECKED)
def test_what_cannot_be_checked_or_read_is_said_so(
    db: None, settings: Any, caplog: pytest.LogCaptureFixture, name: str, keys: dict[str, str], body: Any, status: int
) -> None:
    sending_by(settings, name, **keys)
    assert call(name, body).status_code == status
    assert (Callback.objects.count(), Suppression.objects.count()) == (0, 0)
    assert [record.name for record in caplog.records if "call" in record.message][:1] == [
        "notifications.api.mail_callbacks"
    ]


def test_only_who_asks_by_get_is_answered(db: None, settings: Any) -> None:
    sending_by(settings, "unisender_go", UNISENDER_GO_API_KEY="x")
    assert Client().get("/callbacks/mail/unisender_go/").status_code == 200
    assert Client().get("/callbacks/mail/postmark/").status_code == 404
    sending_by(settings, "postmark")
    assert Client().get("/callbacks/mail/postmark/").status_code == 405
    assert Client().head("/callbacks/mail/postmark/").status_code == 200


def test_a_call_of_unisender_go(db: None, settings: Any) -> None:
    """Its signature is of the body with the key in the place of itself."""
    sending_by(settings, "unisender_go", UNISENDER_GO_API_KEY="key")
    event = {"status": "hard_bounced", "email": TO, "event_time": "2026-03-24 00:30:00", "job_id": "1"}
    event["delivery_info"] = {"delivery_status": "err_mailbox_full"}  # type: ignore[assignment]
    told = {"event_name": "transactional_email_status", "event_data": event}
    body = json.dumps({"auth": "key", "events_by_user": [{"events": [told]}]}).encode()
    body = body.replace(b'"key"', f'"{hashlib.md5(body).hexdigest()}"'.encode())
    assert call("unisender_go", body).status_code == 204
    assert Callback.objects.get().said == "soft_bounce"
