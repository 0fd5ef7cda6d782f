"""Signed pushes: what is taken and what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from cargo.api import limits
from cargo.api import receive as door
from cargo.domain.signing import keys_of
from cargo.models import Event, InboundBody, InboundMessage, Source, SourceSecret
from cargo.tasks import process_everything
from clis.accounts.models import ApiKey
from clis.sealing import seal
from tests import messages
from tests.api.conftest import problem

ADDRESS = "/api/v1/sources/hmm/messages/"
BODY = messages.dcsa(messages.equipment("DISC", "2026-03-14 09:00", id="1"))
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()


@pytest.fixture(autouse=True)
def secret(source: Source) -> SourceSecret:
    """The carrier signs with this."""
    return SourceSecret.objects.create(source=source, sealed=seal(SECRET))


class Sent(NamedTuple):
    """A push as a sender makes it; ``tampered`` is what arrives when it is not what was signed."""

    secret: str = SECRET
    body: bytes = BODY
    seconds: float = 0
    id: str = "msg_1"
    tampered: dict[str, str] = {}
    arrives: bytes | None = None
    address: str = ADDRESS

    def standard(self) -> Any:
        """Standard Webhooks 1.0.0."""
        at = int(timezone.now().timestamp() + self.seconds)
        signed = f"{self.id}.{at}.".encode() + self.body
        mac = base64.b64encode(hmac.new(key(self.secret), signed, hashlib.sha256).digest()).decode()
        headers = {"webhook-id": self.id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{mac}"}
        return self.post(headers)

    def plain(self) -> Any:
        """``X-CLIS-Signature``."""
        at = int(timezone.now().timestamp() + self.seconds)
        mac = hmac.new(key(self.secret), f"{at}.".encode() + self.body, hashlib.sha256).hexdigest()
        return self.post({"X-CLIS-Signature": f"t={at},v1={mac}"})

    def post(self, headers: dict[str, str]) -> Any:
        known = {name: value for name, value in (headers | self.tampered).items() if value}
        body = self.body if self.arrives is None else self.arrives
        return Client().post(self.address, body, content_type="application/json", headers=known)


def key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()


SCHEMES = {"standard": Sent.standard, "plain": Sent.plain}


@pytest.fixture(params=SCHEMES)
def push(request: pytest.FixtureRequest) -> Callable[[Sent], Any]:
    """Both ways to sign."""
    return SCHEMES[request.param]


def refused(answer: Any) -> None:
    assert problem(answer) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Signature realm="CLIS"'
    assert not InboundMessage.objects.exists()


def test_a_signed_message_is_kept_as_it_came(push: Callable[[Sent], Any], source: Source) -> None:
    answer = push(Sent())
    message = InboundMessage.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"id": message.pk, "state": "received", "duplicate": False})
    assert (message.source, message.media_type) == (source, "application/json")
    assert bytes(InboundBody.objects.get().content) == BODY
    assert answer["Cache-Control"] == "no-store"


# --- RELIABILITY I16: what must be taken, and what must not -------------------------------------


def test_01_a_wrong_signature(push: Callable[[Sent], Any]) -> None:
    refused(push(Sent(secret=OTHER)))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_02_a_missing_header(name: str) -> None:
    refused(Sent(tampered={name: ""}).standard())


def test_02_no_signature_at_all() -> None:
    refused(Client().post(ADDRESS, BODY, content_type="application/json"))


@pytest.mark.parametrize(("seconds", "status"), [(-290, 202), (-310, 401), (-86_400, 401)])
def test_03_an_old_time_stamp(push: Callable[[Sent], Any], seconds: int, status: int) -> None:
    assert push(Sent(seconds=seconds)).status_code == status
    assert InboundMessage.objects.count() == (status == 202)


@pytest.mark.parametrize(("seconds", "status"), [(290, 202), (310, 401), (86_400, 401)])
def test_04_a_time_stamp_of_the_future(push: Callable[[Sent], Any], seconds: int, status: int) -> None:
    assert push(Sent(seconds=seconds)).status_code == status
    assert InboundMessage.objects.count() == (status == 202)


@pytest.mark.parametrize("at", ["now", "-1", "1e9", "٣", "9" * 40, "1795336943.5", " "])
def test_05_a_time_stamp_that_is_none(at: str) -> None:
    refused(Sent(tampered={"webhook-timestamp": at}).standard())
    refused(Sent(tampered={"X-CLIS-Signature": f"t={at},v1={'0' * 64}"}).plain())


def test_06_another_time_stamp_than_the_signed_one() -> None:
    refused(Sent(tampered={"webhook-timestamp": str(int(timezone.now().timestamp()) - 7)}).standard())


def test_07_another_id_than_the_signed_one() -> None:
    refused(Sent(tampered={"webhook-id": "msg_2"}).standard())


def test_08_the_body_written_anew(push: Callable[[Sent], Any]) -> None:
    anew = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    assert json.loads(anew) == json.loads(BODY) and anew != BODY
    refused(push(Sent(arrives=anew)))


def test_09_a_replay_within_the_window(push: Callable[[Sent], Any]) -> None:
    first, again = push(Sent()), push(Sent())
    assert (again.status_code, again.json()) == (202, {**first.json(), "duplicate": True})
    process_everything()
    assert (InboundMessage.objects.count(), Event.objects.count()) == (1, 1)


def test_10_a_replay_after_the_window(push: Callable[[Sent], Any]) -> None:
    push(Sent())
    assert push(Sent(seconds=-400)).status_code == 401
    assert InboundMessage.objects.count() == 1


def test_11_the_older_key_while_it_lives(push: Callable[[Sent], Any], source: Source, secret: SourceSecret) -> None:
    SourceSecret.objects.create(source=source, sealed=seal(OTHER))
    SourceSecret.objects.filter(pk=secret.pk).update(expires_at=timezone.now() + timedelta(hours=1))
    assert push(Sent()).json()["duplicate"] is False
    assert push(Sent(secret=OTHER)).json()["duplicate"] is True


def test_12_the_older_key_when_it_is_over(push: Callable[[Sent], Any], source: Source, secret: SourceSecret) -> None:
    SourceSecret.objects.create(source=source, sealed=seal(OTHER))
    SourceSecret.objects.filter(pk=secret.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(push(Sent()))
    assert push(Sent(secret=OTHER)).status_code == 202


def test_13_a_sender_that_signs_with_both_keys() -> None:
    wrong = base64.b64encode(b"0" * 32).decode()
    at = str(int(timezone.now().timestamp()))
    right = hmac.new(key(SECRET), f"msg_1.{at}.".encode() + BODY, hashlib.sha256)
    mac = base64.b64encode(right.digest()).decode()
    headers = {"webhook-timestamp": at, "webhook-signature": f"v1a,{wrong} v1,{wrong} v1,not-base64! v1,{mac}"}
    assert Sent(tampered=headers).standard().status_code == 202
    plain = hmac.new(key(SECRET), f"{at}.".encode() + BODY, hashlib.sha256).hexdigest()
    header = f"t={at},v1={'0' * 64}, v1={plain.upper()}"
    assert Sent(tampered={"X-CLIS-Signature": header}).plain().json()["duplicate"] is True


@pytest.mark.parametrize("version", ["v1a", "v2", "v0", "", "V1"])
def test_14_another_version_of_the_signature(version: str) -> None:
    mac = base64.b64encode(hmac.new(key(SECRET), BODY, hashlib.sha256).digest()).decode()
    refused(Sent(tampered={"webhook-signature": f"{version},{mac}"}).standard())


def test_15_the_key_of_another_source(push: Callable[[Sent], Any]) -> None:
    one = Source.objects.create(slug="one", name="ONE")
    SourceSecret.objects.create(source=one, sealed=seal(OTHER))
    refused(push(Sent(secret=OTHER)))
    assert push(Sent(secret=OTHER, address="/api/v1/sources/one/messages/")).status_code == 202
    assert InboundMessage.objects.get().source == one


def test_16_a_key_of_another_scheme(push: Callable[[Sent], Any], secret: SourceSecret) -> None:
    SourceSecret.objects.filter(pk=secret.pk).update(scheme="dcsa")
    refused(push(Sent()))


def test_17_a_secret_that_does_not_open(
    push: Callable[[Sent], Any], secret: SourceSecret, caplog: pytest.LogCaptureFixture
) -> None:
    SourceSecret.objects.filter(pk=secret.pk).update(sealed="broken")
    refused(push(Sent()))
    assert "cannot be opened" in caplog.text


# --- No oracle ----------------------------------------------------------------------------------


def test_an_unknown_source_and_a_wrong_signature_look_the_same(push: Callable[[Sent], Any], source: Source) -> None:
    Source.objects.create(slug="without", name="Without secrets")
    Source.objects.create(slug="off", name="Switched off", active=False)
    answers = [push(Sent(secret=OTHER))]
    for slug in ("nobody", "without", "off"):
        answers.append(push(Sent(address=f"/api/v1/sources/{slug}/messages/")))
    for answer in answers:
        refused(answer)
        assert (answer.content, dict(answer.headers)) == (answers[0].content, dict(answers[0].headers))


def test_a_source_that_was_switched_off(push: Callable[[Sent], Any], source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(active=False)
    refused(push(Sent()))


# --- The same as every door ---------------------------------------------------------------------


@pytest.mark.parametrize(("body", "answer"), [(b"", (400, "invalid")), (b"x" * 1001, (413, "too_large"))])
def test_bodies_that_are_refused(
    push: Callable[[Sent], Any], settings: Any, body: bytes, answer: tuple[int, str]
) -> None:
    settings.MESSAGE_MAX_BYTES = 1000
    assert problem(push(Sent(body=body))) == answer
    assert not InboundMessage.objects.exists()


def test_a_compressed_body() -> None:
    assert problem(Sent(tampered={"content-encoding": "gzip"}).standard()) == (415, "unsupported_media_type")


def test_any_bytes(push: Callable[[Sent], Any]) -> None:
    body = b"\x00\xff<not json>\r\n"
    assert push(Sent(body=body)).status_code == 202
    assert bytes(InboundBody.objects.get().content) == body


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_other_methods(method: str) -> None:
    answer = getattr(Client(), method)(ADDRESS)
    assert problem(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "POST"


def test_without_a_database(push: Callable[[Sent], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr(door, "receive", down)
    answer = push(Sent())
    assert problem(answer) == (503, "unavailable")
    assert answer["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("secret", "keys"),
    [
        (SECRET, [bytes(range(32))]),
        ("whsec_", []),
        ("whsec_!!", []),
        ("a word of theirs", [b"a word of theirs"]),
        (SECRET[6:], [SECRET[6:].encode(), bytes(range(32))]),
        (f" {SECRET}\n", [bytes(range(32))]),
    ],
)
def test_what_a_secret_stands_for(secret: str, keys: list[bytes]) -> None:
    assert list(keys_of(secret)) == keys


# --- How much one source may push ---------------------------------------------------------------


@pytest.fixture
def narrow(settings: Any) -> None:
    """Two at once, then one in ten seconds."""
    settings.PUSH_RATE, settings.PUSH_BURST, settings.REDIS_URL = 0.1, 2, ""
    limits._full_at.clear()


def test_a_source_that_pushes_too_much_is_told_when_to_come_back(push: Callable[[Sent], Any], narrow: None) -> None:
    assert [push(Sent(body=b"%d" % number)).status_code for number in range(2)] == [202, 202]
    answer = push(Sent(body=b"2"))
    assert problem(answer) == (429, "throttled")
    assert 9 <= int(answer["Retry-After"]) <= 10
    assert InboundMessage.objects.count() == 2


def test_a_push_that_is_refused_uses_nothing_up(push: Callable[[Sent], Any], narrow: None) -> None:
    for _ in range(5):
        assert push(Sent(secret=OTHER)).status_code == 401
    assert push(Sent()).status_code == 202


def test_one_source_does_not_use_up_anothers(narrow: None, push_key: ApiKey, source: Source) -> None:
    one = Source.objects.create(slug="one", name="ONE")
    SourceSecret.objects.create(source=one, sealed=seal(OTHER))
    headers = {"authorization": f"Bearer {push_key.text}"}  # type: ignore[attr-defined]
    with_key = [Client().post("/api/v1/messages/", b"1", content_type="text/plain", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in with_key] == [202, 202, 429]
    assert problem(Sent().standard()) == (429, "throttled")
    assert Sent(secret=OTHER, address="/api/v1/sources/one/messages/").standard().status_code == 202
