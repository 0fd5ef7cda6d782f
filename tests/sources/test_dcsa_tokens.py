"""How tokens are asked for, by each way that a carrier may want it, and what a wrong answer does."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from cargo.models import Intake, Shipment, Source
from cargo.sources.base import IntakeError
from cargo.sources.dcsa_api.auth import assertion
from clis.sealing import seal
from tests.sources.carrier_server import Answer, Carrier
from tests.sources.carriers import NOW, an_intake, ask

pytestmark = pytest.mark.usefixtures("clock")
AUDIENCE = "https://login.example/token"


def a_certificate() -> tuple[str, rsa.RSAPrivateKey, x509.Certificate]:
    """PEM of key and certificate, and both."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clis.example")])
    until = datetime(2030, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    return pem.decode(), key, made


def opened(part: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def test_an_assertion_is_signed_and_names_its_certificate() -> None:
    pem, key, certificate = a_certificate()
    header, claims, signature = assertion(pem, "clis", AUDIENCE, NOW).split(".")
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(SHA1())).rstrip(b"=").decode()
    assert opened(header) == {"alg": "RS256", "typ": "JWT", "x5t": thumbprint}
    said = opened(claims)
    assert (said["iss"], said["sub"], said["aud"]) == ("clis", "clis", AUDIENCE)
    assert (said["nbf"], said["exp"]) == (int(NOW.timestamp()) - 60, int(NOW.timestamp()) + 300)
    signed = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    key.public_key().verify(signed, f"{header}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    assert opened(assertion(pem, "clis", AUDIENCE, NOW).split(".")[1])["jti"] != said["jti"]


def test_what_is_no_certificate_is_named() -> None:
    _, _, certificate = a_certificate()
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ) + certificate.public_bytes(Encoding.PEM)
    with pytest.raises(IntakeError, match="not an RSA key"):
        assertion(other.decode(), "clis", AUDIENCE, NOW)
    for pem in ("", "not PEM", certificate.public_bytes(Encoding.PEM).decode()):
        with pytest.raises(IntakeError, match="PEM text"):
            assertion(pem, "clis", AUDIENCE, NOW)


def test_a_carrier_that_wants_a_certificate(source: Source, shipment: Shipment, carrier: Carrier) -> None:
    carrier.key, carrier.token_life = None, 3600.0
    intake = an_intake(source, carrier, "msc", carriers=["*"], token_url=carrier.token_url, scope="tnt/.default")
    Intake.objects.update(sealed=seal(json.dumps({"client_id": "clis", "certificate": a_certificate()[0]})))
    assert ask(intake).error == ""
    ((_, form),) = carrier.tokens
    assert form.pop("client_assertion").count(".") == 2
    assert form == {
        "grant_type": "client_credentials",
        "scope": "tnt/.default",
        "client_id": "clis",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert carrier.asked[0].headers["authorization"] == "Bearer token-1"


def test_a_carrier_that_wants_basic_and_a_key(source: Source, shipment: Shipment, carrier: Carrier) -> None:
    carrier.key, carrier.token_life = ("apikey", "key-that-nobody-may-see"), 3600.0
    intake = an_intake(source, carrier, "one", carriers=["*"], token_url=carrier.token_url)
    assert ask(intake).error == ""
    ((headers, form),) = carrier.tokens
    assert headers["authorization"] == "Basic " + base64.b64encode(b"clis:secret-of-clis").decode()
    assert headers["apikey"] == "key-that-nobody-may-see"
    assert form == {"grant_type": "client_credentials"}


def test_a_partner_of_no_profile_may_want_a_token(source: Source, shipment: Shipment, carrier: Carrier) -> None:
    carrier.key, carrier.token_life = None, 3600.0
    intake = an_intake(source, carrier, token_url=carrier.token_url, key_header="")
    assert ask(intake).error == ""
    assert carrier.asked[0].headers["authorization"] == "Bearer token-1"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(b'{"access_token": "t", "expires_in": 100}', 100, id="as the standard says"),
        pytest.param(b'{"token": "t", "expires_in": "100"}', 100, id="another name, a number as text"),
        pytest.param(b'"t"', 299, id="a JSON string"),
        pytest.param(b"t\n", 299, id="the bare token"),
        pytest.param(b'{"access_token": "t", "expires_in": null}', 299, id="without a life"),
        pytest.param(b'{"access_token": "t", "expires_in": 1e400}', 299, id="for ever"),
    ],
)
def test_a_token_comes_in_several_shapes(
    source: Source, shipment: Shipment, carrier: Carrier, clock: time_machine.Coordinates, given: bytes, expected: int
) -> None:
    carrier.key = None
    carrier.token_answer = Answer(body=given)
    intake = an_intake(source, carrier, "cma_private", carriers=["*"], token_url=carrier.token_url)
    carrier.faults.append(
        lambda asked: clock.shift(timedelta(seconds=expected - 21)) if len(carrier.asked) < 3 else None
    )
    carrier.events = []
    for number in range(3):
        shipment.references.create(kind="master_bill", value=f"HDMUPUSR000000{number}")
    assert ask(intake).error == ""
    assert {asked.headers["authorization"] for asked in carrier.asked} == {"Bearer t"}
    assert (len(carrier.asked), len(carrier.tokens)) == (4, 2)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(401, b'{"error": "invalid_client"}'), "no token was given, the answer has status 401"),
        (Answer(200, b"{}"), "no token was given, the answer holds none"),
        (Answer(200, b'{"access_token": 7}'), "no token was given, the answer holds none"),
        (Answer(200, b"<html>Sign in, please</html>"), "no token was given, the answer holds none"),
        (Answer(200, b'{"access_token": "a\\nHost: evil.example"}'), "no token was given, the answer holds none"),
        (Answer(200, b'{"access_token": "' + b"x" * 20_000 + b'"}'), "no token was given, the answer holds none"),
    ],
)
def test_without_a_token_nothing_is_asked(
    source: Source, shipment: Shipment, carrier: Carrier, answer: Answer, expected: str
) -> None:
    carrier.key = None
    carrier.token_answer = answer
    intake = an_intake(source, carrier, "cma_private", carriers=["*"], token_url=carrier.token_url)
    assert ask(intake).error == expected
    assert carrier.asked == [] and len(carrier.tokens) == 1
