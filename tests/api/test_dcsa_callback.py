"""DCSA callbacks: what a carrier's notification must show, and what it is answered in each version."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cargo.api import limits
from cargo.models import Event, InboundBody, InboundMessage, Intake, Source, SourceKey, SourceSecret
from cargo.tasks import process_everything
from clis.accounts.models import ApiKey, Organization
from clis.sealing import seal
from tests import messages
from tests.api.conftest import problem

ADDRESS = "/callbacks/dcsa/hmm"
KEY, OTHER = bytes(range(48)), bytes(range(48, 96))
BODY = b"[ " + messages.dcsa(messages.equipment("DISC", "2026-03-14 09:00", id="1")) + b" ]\n"
VERSION_3 = b'{"events": []}'


@pytest.fixture(autouse=True)
def secret(source: Source) -> SourceSecret:
    """What was given to the carrier with the subscription."""
    return SourceSecret.objects.create(source=source, scheme="dcsa", sealed=seal(base64.b64encode(KEY).decode()))


def signature(body: bytes = BODY, key: bytes = KEY) -> str:
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def notify(body: bytes = BODY, address: str = ADDRESS, **headers: str) -> Any:
    """A notification; signed unless headers say how."""
    sent = headers or {"notification_signature": signature(body)}
    return Client().post(address, body, content_type="application/json", headers=sent)


def refused(answer: Any) -> None:
    assert problem(answer) == (401, "not_authenticated")
    assert not InboundMessage.objects.exists()


def test_a_notification_is_kept_as_it_came(source: Source) -> None:
    answer = notify()
    assert (answer.status_code, answer.content, answer["API-Version"]) == (204, b"", "2.2.0")
    assert InboundMessage.objects.get().source == source
    assert bytes(InboundBody.objects.get().content) == BODY


def test_a_repeat_is_answered_alike_and_makes_no_second_event() -> None:
    assert [notify().status_code for _ in range(3)] == [204] * 3
    process_everything()
    assert (InboundMessage.objects.count(), Event.objects.count()) == (1, 1)


# --- Versions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [f"{ADDRESS}/events", f"{ADDRESS}/events/"])
def test_version_3_posts_to_events(address: str) -> None:
    answer = notify(VERSION_3, address)
    assert (answer.status_code, answer.json(), answer["API-Version"]) == (200, {"feedbackElements": []}, "3.0.0")
    assert answer["Content-Type"] == "application/json"
    assert bytes(InboundBody.objects.get().content) == VERSION_3


@pytest.mark.parametrize(
    ("body", "version", "status"),
    [
        (VERSION_3, "", 200),
        (b'\xef\xbb\xbf\n {\n "events" : []}', "", 200),
        (b'[{"events": []}]', "", 204),
        (b'{"eventType": "EQUIPMENT"}', "", 204),
        (b"not JSON", "", 204),
        (BODY, "3.0.0", 200),
        (VERSION_3, "2.2.0", 204),
        (BODY, "2", 204),
    ],
)
def test_the_version_is_told_by_its_header_or_by_the_body(body: bytes, version: str, status: int) -> None:
    headers = {"notification_signature": signature(body)} | ({"api_version": version} if version else {})
    assert notify(body, **headers).status_code == status
    assert bytes(InboundBody.objects.get().content) == body


# --- Signatures: RELIABILITY I16 ----------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        signature(key=OTHER),
        signature(BODY + b" "),
        "",
        "sha256=",
        signature().removeprefix("sha256="),
        signature().replace("sha256", "sha1"),
        signature() + "0",
        f"{signature()},{signature()}",
        "sha256=" + "é" * 64,
    ],
)
def test_a_wrong_signature(header: str) -> None:
    refused(notify(notification_signature=header))


def test_no_signature() -> None:
    refused(notify(subscription_id="1"))


def test_the_body_written_anew() -> None:
    anew = json.dumps(json.loads(BODY)).encode()
    assert anew != BODY
    refused(notify(anew, notification_signature=signature(BODY)))


@pytest.mark.parametrize("header", [signature().upper(), f" {signature()} "])
def test_spelled_another_way(header: str) -> None:
    assert notify(notification_signature=header).status_code == 204


def test_both_keys_while_both_live(source: Source, secret: SourceSecret) -> None:
    SourceSecret.objects.create(source=source, scheme="dcsa", sealed=seal(base64.b64encode(OTHER).decode()))
    SourceSecret.objects.filter(pk=secret.pk).update(expires_at=timezone.now() + timedelta(hours=1))
    assert notify().status_code == 204
    assert notify(notification_signature=signature(key=OTHER)).status_code == 204


def test_a_key_that_is_over(secret: SourceSecret) -> None:
    SourceSecret.objects.filter(pk=secret.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(notify())


def test_a_key_of_another_scheme_or_another_source(source: Source, secret: SourceSecret) -> None:
    SourceSecret.objects.filter(pk=secret.pk).update(scheme="hmac")
    refused(notify())
    one = Source.objects.create(slug="one", name="ONE")
    SourceSecret.objects.filter(pk=secret.pk).update(scheme="dcsa", source=one)
    refused(notify())
    assert notify(address="/callbacks/dcsa/one").status_code == 204


def test_a_secret_of_plain_text(source: Source) -> None:
    words = "words of theirs that are no base64, 32 bytes at least"
    SourceSecret.objects.create(source=source, scheme="dcsa", sealed=seal(words))
    assert notify(notification_signature=signature(key=words.encode())).status_code == 204


def test_the_subscription_must_be_the_secrets_own(source: Source, secret: SourceSecret) -> None:
    SourceSecret.objects.filter(pk=secret.pk).update(subscription="b1a2")
    refused(notify())
    refused(notify(notification_signature=signature(), subscription_id="other"))
    assert notify(notification_signature=signature(), subscription_id="b1a2").status_code == 204


def test_any_subscription_if_the_secret_names_none() -> None:
    assert notify(notification_signature=signature(), subscription_id="any").status_code == 204


def test_carriers_names_for_the_header(source: Source) -> None:
    assert notify(x_maersk_signature_256=signature()).status_code == 204
    assert notify(b"[1]", x_one_signature=signature(b"[1]")).status_code == 401
    Intake.objects.create(source=source, way="dcsa", settings={"signature_header": "X-ONE-Signature"})
    assert notify(b"[1]", x_one_signature=signature(b"[1]")).status_code == 204
    assert InboundMessage.objects.count() == 2


def test_two_signatures_are_none() -> None:
    refused(notify(notification_signature=signature(), x_maersk_signature_256=signature()))


# --- A key in place of a signature --------------------------------------------------------------


def test_a_push_key_of_the_source_will_do(push_key: ApiKey) -> None:
    bearer = f"Bearer {push_key.text}"  # type: ignore[attr-defined]
    assert notify(VERSION_3, f"{ADDRESS}/events", authorization=bearer).status_code == 200
    assert bytes(InboundBody.objects.get().content) == VERSION_3


def test_a_push_key_of_another_source_will_not(operator: Organization, key_for: Callable[..., ApiKey]) -> None:
    other = key_for(operator, "messages:write")
    bare = key_for(operator, "shipments:read")
    SourceKey.objects.create(key=other, source=Source.objects.create(slug="one", name="ONE"))
    for key in (other, bare):
        refused(notify(authorization=f"Bearer {key.text}"))  # type: ignore[attr-defined]


def test_an_authorization_of_the_carriers_own_does_not_matter() -> None:
    headers = {"authorization": "Basic YTpi", "notification_signature": signature()}
    assert notify(**headers).status_code == 204


# --- No oracle, and the same as every door ------------------------------------------------------


def test_an_unknown_source_and_a_wrong_signature_look_the_same(source: Source) -> None:
    Source.objects.create(slug="off", name="Switched off", active=False)
    Source.objects.create(slug="without", name="Without secrets")
    Intake.objects.create(source=source, way="dcsa", settings={"signature_header": "X-ONE-Signature"})
    for headers in (
        {"notification_signature": signature(key=OTHER)},
        {"x_one_signature": "x"},
        {"subscription_id": "1"},
    ):
        answers = [notify(**headers)]
        answers += [notify(address=f"/callbacks/dcsa/{slug}", **headers) for slug in ("nobody", "off", "without")]
        for answer in answers:
            refused(answer)
            assert (answer.content, dict(answer.headers)) == (answers[0].content, dict(answers[0].headers))


@pytest.mark.parametrize("slug", ["hmm", "nobody"])
@pytest.mark.parametrize("rest", ["", "/", "/events"])
def test_head_is_answered(slug: str, rest: str) -> None:
    answer = Client().head(f"/callbacks/dcsa/{slug}{rest}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_other_methods(method: str) -> None:
    answer = getattr(Client(), method)(ADDRESS)
    assert problem(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "HEAD, POST"


def test_bodies_that_are_refused(settings: Any) -> None:
    settings.MESSAGE_MAX_BYTES = 100
    assert problem(notify(b"")) == (400, "invalid")
    assert problem(notify(b"x" * 101)) == (413, "too_large")
    assert not InboundMessage.objects.exists()


def test_with_a_last_slash() -> None:
    assert notify(address=f"{ADDRESS}/").status_code == 204


def test_more_than_a_source_may_push(settings: Any) -> None:
    settings.PUSH_RATE, settings.PUSH_BURST, settings.REDIS_URL = 0.1, 1, ""
    limits._full_at.clear()
    assert notify().status_code == 204
    answer = notify(b"[1]")
    assert problem(answer) == (429, "throttled")
    assert int(answer["Retry-After"]) > 0
    assert InboundMessage.objects.count() == 1
