"""The door for messages: what is taken, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone

from cargo.api import receive as door
from cargo.models import InboundBody, InboundMessage, Source, SourceKey
from clis.accounts.models import ApiKey, Organization
from tests.api.conftest import MESSAGES, problem
from tests.people import Person

BODY = b'[{"eventType":"TRANSPORT"}]'


def post(key: ApiKey | None, body: bytes = BODY, media_type: str = "application/json", **headers: str) -> Any:
    if key is not None:
        headers["authorization"] = f"Bearer {key.text}"  # type: ignore[attr-defined]
    return Client().post(MESSAGES, body, content_type=media_type, headers=headers)


def test_a_message_is_kept_as_it_came(push_key: ApiKey, source: Source) -> None:
    response = post(push_key)
    message = InboundMessage.objects.get()
    assert response.status_code == 202
    assert response.json() == {"id": message.pk, "state": "received", "duplicate": False}
    assert (message.source, message.media_type, message.digest) == (
        source,
        "application/json",
        sha256(BODY).hexdigest(),
    )
    assert bytes(InboundBody.objects.get().content) == BODY
    assert response["Cache-Control"] == "no-store"


def test_a_repeat_is_a_duplicate(push_key: ApiKey) -> None:
    first, again = post(push_key), post(push_key)
    assert again.status_code == 202
    assert again.json() == {**first.json(), "duplicate": True}
    assert InboundMessage.objects.count() == 1


def test_the_same_bytes_from_another_source_are_another_message(
    push_key: ApiKey, operator: Organization, key_for: Callable[..., ApiKey]
) -> None:
    other = key_for(operator, "messages:write")
    SourceKey.objects.create(key=other, source=Source.objects.create(slug="one", name="ONE"))
    post(push_key)
    assert post(other).json()["duplicate"] is False
    assert InboundMessage.objects.count() == 2


def test_a_worker_is_woken_for_what_is_new(push_key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[str] = []
    monkeypatch.setattr(door, "wake_inbox", lambda: states.append(InboundMessage.objects.get().state))
    post(push_key)
    post(push_key)
    assert states == ["received"]


@pytest.mark.parametrize(
    "media_type",
    ["application/xml", "text/plain", "application/edifact", "multipart/form-data; boundary=x", "", "no type at all"],
)
def test_any_media_type(push_key: ApiKey, media_type: str) -> None:
    body = b"\x00\xff<not json>"
    assert post(push_key, body, media_type).status_code == 202
    assert bytes(InboundBody.objects.get().content) == body


def test_without_a_key(source: Source) -> None:
    response = post(None)
    assert problem(response) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="CLIS"'
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize("header", ["Bearer", "Bearer clis_00000000_x", "Basic YTpi", "Bearer clis_" + "a" * 5000])
def test_with_what_is_no_key(source: Source, header: str) -> None:
    response = Client().post(MESSAGES, BODY, content_type="application/json", headers={"authorization": header})
    assert problem(response) == (401, "not_authenticated")
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize("field", ["revoked_at", "expires_at"])
def test_with_a_key_that_is_over(push_key: ApiKey, field: str) -> None:
    ApiKey.objects.filter(pk=push_key.pk).update(**{field: timezone.now() - timedelta(seconds=1)})
    assert problem(post(push_key)) == (401, "not_authenticated")
    assert not InboundMessage.objects.exists()


def test_a_key_without_a_source(source: Source, key_for: Callable[..., ApiKey], shipper: Person) -> None:
    assert problem(post(key_for(shipper.organization, "messages:write"))) == (403, "not_allowed")
    assert not InboundMessage.objects.exists()


def test_a_key_without_the_scope(source: Source, operator: Organization, key_for: Callable[..., ApiKey]) -> None:
    key = key_for(operator, "shipments:read")
    SourceKey.objects.create(key=key, source=source)
    assert problem(post(key)) == (403, "not_allowed")
    assert not InboundMessage.objects.exists()


def test_a_source_that_was_switched_off(push_key: ApiKey, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(active=False)
    assert problem(post(push_key)) == (403, "not_allowed")
    assert not InboundMessage.objects.exists()


def test_a_session_is_not_a_sender(source: Source, staff_client: Client) -> None:
    response = staff_client.post(MESSAGES, BODY, content_type="application/json")
    assert problem(response) == (401, "not_authenticated")
    assert not InboundMessage.objects.exists()


def test_an_empty_body(push_key: ApiKey) -> None:
    assert problem(post(push_key, b"")) == (400, "invalid")
    assert not InboundMessage.objects.exists()


def test_a_compressed_body(push_key: ApiKey) -> None:
    response = post(push_key, content_encoding="gzip")
    assert problem(response) == (415, "unsupported_media_type")
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options"])
def test_other_methods(push_key: ApiKey, method: str) -> None:
    response = getattr(Client(), method)(MESSAGES)
    assert problem(response) == (405, "method_not_allowed")
    assert response["Allow"] == "POST"


@pytest.mark.parametrize("surplus", [0, 1])
def test_the_limit(push_key: ApiKey, surplus: int, settings: Any) -> None:
    settings.MESSAGE_MAX_BYTES = 1000
    response = post(push_key, b"x" * (1000 + surplus))
    assert response.status_code == (413 if surplus else 202)
    assert InboundMessage.objects.count() == 1 - surplus


def test_the_limit_is_twenty_megabytes() -> None:
    assert settings.MESSAGE_MAX_BYTES == 20 * 1024 * 1024


def stream(key: ApiKey, body: bytes, **environ: Any) -> Any:
    """A request as a server hands it over, with the stream and the lengths that it says."""
    request = RequestFactory().post(MESSAGES, headers={"authorization": f"Bearer {key.text}"})  # type: ignore[attr-defined]
    request.META.update({"wsgi.input": BytesIO(body), **environ})
    request._stream = request.META["wsgi.input"]  # type: ignore[attr-defined]
    return door.push(request)


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input_terminated": True}


def test_a_body_in_chunks(push_key: ApiKey) -> None:
    body = b"x" * 200_000
    assert stream(push_key, body, **CHUNKED).status_code == 202
    assert bytes(InboundBody.objects.get().content) == body


def test_the_limit_holds_for_chunks(push_key: ApiKey, settings: Any) -> None:
    settings.MESSAGE_MAX_BYTES = 100_000
    assert problem_of(stream(push_key, b"x" * 100_001, **CHUNKED)) == (413, "too_large")
    assert not InboundMessage.objects.exists()


def test_a_server_that_cannot_take_chunks(push_key: ApiKey) -> None:
    response = stream(push_key, b"x", **{**CHUNKED, "wsgi.input_terminated": False})
    assert problem_of(response) == (411, "length_required")
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize(
    ("environ", "error"), [(CHUNKED, OSError), (CHUNKED, ValueError), ({"CONTENT_LENGTH": "9"}, OSError)]
)
def test_a_sender_that_goes_away(push_key: ApiKey, environ: dict[str, Any], error: type[Exception]) -> None:
    class Gone(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            part = super().read(2)
            if not part:
                raise error("connection reset by peer, or a chunk without its size")
            return part

    response = stream(push_key, b"abc", **environ, **{"wsgi.input": Gone(b"abc")})
    assert problem_of(response) == (400, "invalid")
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize(
    ("length", "status"), [("10", 400), ("-1", 400), ("1e3", 400), ("٣", 400), ("9" * 30, 413), ("", 400), ("3", 202)]
)
def test_lengths_that_are_not_true(push_key: ApiKey, length: str, status: int) -> None:
    assert stream(push_key, b"abc", CONTENT_LENGTH=length).status_code == status
    assert InboundMessage.objects.count() == (status == 202)


def problem_of(response: Any) -> tuple[int, str]:
    return response.status_code, json.loads(response.content)["code"]


def test_without_a_database(push_key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr(door, "receive", down)
    response = post(push_key)
    assert problem(response) == (503, "unavailable")
    assert response["Retry-After"] == "5"


def test_an_unforeseen_error_is_a_problem_too(push_key: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(door, "receive", broken)
    client = Client(raise_request_exception=False)
    headers = {"authorization": f"Bearer {push_key.text}"}  # type: ignore[attr-defined]
    response = client.post(MESSAGES, BODY, content_type="application/json", headers=headers)
    assert problem(response) == (500, "internal")
    assert b"secret" not in response.content


@pytest.mark.django_db(transaction=True)
def test_over_the_wire(live_server: Any, key_for: Callable[..., ApiKey]) -> None:
    key = key_for(Organization.objects.create(name="HMM", slug="hmm"), "messages:write")
    SourceKey.objects.create(key=key, source=Source.objects.create(slug="hmm", name="HMM"))
    with httpx.Client(base_url=live_server.url) as client:
        client.headers["Authorization"] = f"Bearer {key.text}"  # type: ignore[attr-defined]
        first = client.post(MESSAGES, content=BODY, headers={"Content-Type": "application/json"})
        again = client.post(MESSAGES, content=BODY)
        refused = client.post(MESSAGES, content=b"x" * 10, headers={"Authorization": "Bearer nobody"})
        large = client.post(MESSAGES, content=b"\n" * (2 * 1024 * 1024))
    assert (first.status_code, first.json()["duplicate"]) == (202, False)
    assert (again.status_code, again.json()) == (202, {**first.json(), "duplicate": True})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="CLIS"')
    assert (large.status_code, InboundMessage.objects.count()) == (202, 2)
