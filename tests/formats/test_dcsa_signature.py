"""Notification signatures: only one header with this body's HMAC under a secret of fitting length is believed."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from cargo.formats.dcsa.signature import verify

SECRET = bytes(range(40))
BODY = b'[ {"eventType": "TRANSPORT"} ]\r\n'
# The data of RFC 4231, test case 1, under its key twice (which alone is too short); worked out with OpenSSL.
KNOWN_SECRET, KNOWN_BODY = b"\x0b" * 40, b"Hi There"
KNOWN = "06bc63444febca6c0c1b3ac07ebbec259ff28806089bc36bc1de5d68bb9b4b49"


def signature(body: bytes = BODY, secret: bytes = SECRET) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def test_the_bodys_own_signature_fits() -> None:
    assert verify(SECRET, BODY, f"sha256={signature()}")


def test_a_secret_as_a_subscription_carries_it() -> None:
    secret = base64.b64decode(base64.b64encode(SECRET))
    assert verify(secret, BODY, f"sha256={signature()}")
    assert not verify(base64.b64encode(SECRET), BODY, f"sha256={signature()}")


@pytest.mark.parametrize(
    "header",
    [
        f"SHA256={signature()}",
        f"Sha256={signature().upper()}",
        f"  sha256={signature()}\t",
    ],
)
def test_case_and_white_space_around_do_not_matter(header: str) -> None:
    assert verify(SECRET, BODY, header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "=",
        signature(),
        f"sha1={signature()}",
        f"sha512={signature()}",
        f"plain={SECRET.hex()}",
        f"sha256={signature()[:-1]}",
        f"sha256={signature()}0",
        f"sha256={signature()[:-1]}g",
        f"sha256= {signature()}",
        f"sha256 ={signature()}",
        f"sha256={signature()}, sha256={signature()}",
        f"sha256={signature()},",
        f"sha256={signature()}\nsha256={signature()}",
        f"sha256={signature(secret=bytes(40))}",
        "sha256=" + "０" * 64,
        "sha256=" + "é" * 64,
        "ſha256=" + signature(),
    ],
)
def test_any_other_header_is_refused(header: str) -> None:
    assert not verify(SECRET, BODY, header)


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY.strip(), BODY.replace(b"\r\n", b"\n"), BODY + b" ", b"[]"])
def test_the_signature_is_over_the_bytes_as_they_came(body: bytes) -> None:
    assert not verify(SECRET, body, f"sha256={signature()}")


@pytest.mark.parametrize(
    ("length", "fits"), [(0, False), (1, False), (31, False), (32, True), (64, True), (65, False), (200, False)]
)
def test_a_secret_has_32_to_64_bytes(length: int, fits: bool) -> None:
    secret = bytes(index % 251 for index in range(length))
    assert verify(secret, BODY, f"sha256={signature(secret=secret)}") is fits


def test_an_empty_body_can_be_signed() -> None:
    assert verify(SECRET, b"", f"sha256={signature(b'')}")


def test_a_value_worked_out_elsewhere() -> None:
    assert verify(KNOWN_SECRET, KNOWN_BODY, f"sha256={KNOWN}")
