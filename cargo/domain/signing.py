"""What a sender's signature must say, over the bytes as they came.

- Standard Webhooks 1.0.0: ``webhook-id``, ``webhook-timestamp`` (Unix seconds) and ``webhook-signature``, a list of
  ``v1,<base64>`` separated by spaces: HMAC-SHA-256 over ``id.timestamp.body``. Any one that fits will do, so that the
  sender can change its secret without a gap.
- ``X-CLIS-Signature: t=<Unix seconds>,v1=<hexadecimal>``, for senders that have a shell and no library: HMAC-SHA-256
  over ``t.body``. ``v1`` may come several times.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

# How far the sender's clock may be from ours, either way; with the digest of the bytes it bounds what can be replayed.
WINDOW_SECONDS = 300
PREFIX = "whsec_"
PLAIN = "X-CLIS-Signature"
_MOST = 10
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class Claim(NamedTuple):
    """What a request says of itself: when it was signed, what was signed before the body, and the MACs."""

    at: int
    prefix: bytes
    macs: tuple[bytes, ...]

    def is_fresh(self, now: float) -> bool:
        """Whether it was signed within the window around ``now`` (Unix seconds)."""
        return abs(now - self.at) <= WINDOW_SECONDS

    def is_signed_with(self, key: bytes, body: bytes) -> bool:
        """Whether one of the MACs is that of the body under this key; in constant time for each."""
        right = hmac.new(key, self.prefix + body, hashlib.sha256).digest()
        return any(hmac.compare_digest(right, mac) for mac in self.macs)


def claim_of(headers: Mapping[str, str]) -> Claim | None:
    """The claim of a request, or None if a header is missing or is not what it should be. Names in any case."""
    plain = headers.get(PLAIN)
    return _plain(plain) if plain is not None else _standard(headers)


def _standard(headers: Mapping[str, str]) -> Claim | None:
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not name or not _SECONDS.fullmatch(at):
        return None
    given = (word.partition(",") for word in headers.get("webhook-signature", "").split(" ")[:_MOST])
    macs = _decoded(base64.b64decode, (text for version, _comma, text in given if version == "v1"))
    return Claim(int(at), f"{name}.{at}.".encode("latin-1", "replace"), macs) if macs else None


def _plain(header: str) -> Claim | None:
    given = [word.strip().partition("=")[::2] for word in header.split(",")[: _MOST + 1]]
    times = [text for name, text in given if name == "t"]
    macs = _decoded(binascii.unhexlify, (text for name, text in given if name == "v1"))
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]) or not macs:
        return None
    return Claim(int(times[0]), f"{times[0]}.".encode(), macs)


def _decoded(read: Callable[[str], bytes], texts: Iterable[str]) -> tuple[bytes, ...]:
    found = []
    for text in texts:
        try:
            found.append(read(text))
        except (binascii.Error, ValueError):
            continue
    return tuple(found)


def keys_of(secret: str) -> tuple[bytes, ...]:
    """The keys that the text of a secret stands for.

    ``whsec_…`` is base64 (Standard Webhooks), any other text is taken as it is; a carrier's may be either, and nothing
    is weaker for trying both.
    """
    text = secret.strip()
    try:
        decoded = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if text.startswith(PREFIX):
        return (decoded,) if decoded else ()
    return (text.encode(), decoded) if len(decoded) >= 16 else (text.encode(),)
