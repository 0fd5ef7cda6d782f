"""Notifications of the browser: RFC 8030 (push), RFC 8291 (encryption, aes128gcm of RFC 8188), RFC 8292 (VAPID).

Written on ``cryptography``, which the project has, and ``clis.egress``: the usual library opens its own connections. A
target is what is sealed in its channel: the browser's subscription as JSON, ``{"endpoint", "keys": {"p256dh",
"auth"}}``. Its endpoint is a host that a browser names, so only those of browsers' own push services are called.

201 means taken; 404 and 410 that the subscription ended, 403 (Apple: 400, ``VapidPkHashMismatch``) that it was made
with another key than ours (RFC 8292, 4.2): the channel is switched off, until its browser is connected anew. 429 and
5xx are tried again. A second copy replaces the first on the screen by its tag, so what may have arrived is tried again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from clis.egress import AmbiguousError, Client, NotSentError, RefusedError
from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
)
from notifications.transports.retry_after import retry_after

# The push services of Chrome and its kin, Firefox, Safari and Edge; with a dot in front: all below.
HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    "web.push.apple.com",
    ".push.apple.com",
    ".notify.windows.com",
)
KEPT_SECONDS = 86_400  # How long the service keeps it for a browser that is away.
LIFE_SECONDS = 12 * 3600  # RFC 8292, 2: at most 24 hours.
RECORD = 4096
PAYLOAD_LIMIT = 3_000  # One record of 4,096 with its key, tag and padding (RFC 8291, 4), and room to spare.
_GONE = (403, 404, 410)
# What Apple says of a signature that is wrong or too old, which is no fault of the subscription's; and of another key.
_OUR_FAULT, _OTHER_KEY = b"JwtToken", b"VapidPkHashMismatch"


class TargetError(ValueError):
    """Not a subscription of a browser that may be reached from here."""


class Target(NamedTuple):
    """A browser's subscription: where, its public key (65 bytes, uncompressed P-256) and its secret (16 bytes)."""

    endpoint: str
    key: bytes
    auth: bytes


class PushTransport:
    """A few at a time."""

    concurrency = 4
    may_repeat = True

    @contextmanager
    def open(self) -> Iterator[PushSender]:
        """Through the egress proxy where there is one."""
        with Client(timeout=settings.WEBHOOK_TIMEOUT) as client:
            yield PushSender(client)


class PushSender:
    """Encrypts and posts."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Message) -> Receipt:
        """One try. Raises ``TemporaryError``, ``PermanentError`` or ``AddressRefusedError``."""
        try:
            target = read_target(message.to)
        except TargetError as error:
            raise AddressRefusedError(str(error)) from error
        content = encrypted(_cut(message.text), target)
        headers = {
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "ttl": str(KEPT_SECONDS),
            "authorization": authorization(target.endpoint, int(time.time())),
        }
        try:
            answer = self._client.request("POST", target.endpoint, headers=headers, content=content)
        except (NotSentError, AmbiguousError) as error:
            raise TemporaryError(str(error)) from error
        except RefusedError as error:
            raise PermanentError(str(error)) from error
        said = f"HTTP {answer.status}"
        if 200 <= answer.status < 300:
            return Receipt(answer.headers.get("location", "")[:200], said)
        if (answer.status in _GONE and _OUR_FAULT not in answer.body) or _OTHER_KEY in answer.body:
            raise AddressRefusedError(f"{said}: the browser's subscription ended")
        if answer.status == 429 or answer.status >= 500:
            raise TemporaryError(said, retry_after(answer))
        raise PermanentError(f"{said} {answer.body[:100].decode(errors='replace')}")


def read_target(text: str) -> Target:
    """A subscription as browsers write it (``PushSubscription.toJSON``). Raises ``TargetError``."""
    try:
        told = json.loads(text)
        endpoint, keys = told["endpoint"], told["keys"]
        key, auth = _bytes(keys["p256dh"]), _bytes(keys["auth"])
        endpoint.encode("ascii")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TargetError("not a browser's subscription") from error
    if len(key) != 65 or len(auth) != 16 or len(endpoint) > 1_000:
        raise TargetError("not a browser's subscription")
    if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc or "\\" in endpoint:
        raise TargetError("not an address of a push service")
    if not any(host == at or (at.startswith(".") and host.endswith(at)) for at in HOSTS):
        raise TargetError("not a push service that is known here")
    return Target(endpoint, key, auth)


def label_of(target: Target) -> str:
    """What people see of it: whose push service, and enough of a hash to tell two apart."""
    host = (urlsplit(target.endpoint).hostname or "").lower()
    makers = {"googleapis.com": "Chrome", "mozilla.com": "Firefox", "apple.com": "Safari", "windows.com": "Edge"}
    name = next(title for end, title in makers.items() if host.endswith(end))
    return f"{name} {hashlib.sha256(target.endpoint.encode()).hexdigest()[:8]}"


def public_key() -> str:
    """What browsers subscribe with: the server's public key, uncompressed, in base64url."""
    return _text(_raw(_server_key(settings.PUSH_KEY).public_key()))


def authorization(endpoint: str, now: int) -> str:
    """VAPID: a JWT (ES256) for the origin of the endpoint, and our key (RFC 8292, 2 and 3)."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now + LIFE_SECONDS, "sub": settings.PUSH_CONTACT}
    signed = ".".join(_text(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    key = _server_key(settings.PUSH_KEY)
    first, second = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = first.to_bytes(32, "big") + second.to_bytes(32, "big")
    return f"vapid t={signed}.{_text(signature)}, k={public_key()}"


def encrypted(
    content: bytes, target: Target, *, key: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """The body of a push message: header of RFC 8188, 2.1 with our one-time key, and one record (RFC 8291, 3.4)."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    ours = _raw(key.public_key())
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), target.key))
    secret = _derived(shared, target.auth, b"WebPush: info\x00" + target.key + ours, 32)
    cipher = AESGCM(_derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16))
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\x00", 12)
    head = salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + cipher.encrypt(nonce, content + b"\x02", None)


def _derived(secret: bytes, salt: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=purpose).derive(secret)


def _cut(text: str) -> bytes:
    """The payload, its body cut where it is too long for one record."""
    content = text.encode()
    if len(content) <= PAYLOAD_LIMIT:
        return content
    told = json.loads(text)
    over = len(content) - PAYLOAD_LIMIT
    told["body"] = told["body"].encode()[: -over - 3].decode(errors="ignore") + "…"
    return json.dumps(told, ensure_ascii=False).encode()


@lru_cache(maxsize=4)
def _server_key(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(_bytes(text), "big"), ec.SECP256R1())


def _raw(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
