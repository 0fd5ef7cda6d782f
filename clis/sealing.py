"""Secrets at rest: what partners sign with, and the credentials of the systems that CLIS asks.

``seal`` encrypts and authenticates a text with a key derived from ``SECRET_KEY``; ``unseal`` opens it. What was sealed
under an older key opens as long as that key is in ``SECRET_KEY_FALLBACKS``; ``manage.py reseal`` seals everything
anew, after which the older key can be dropped. A database dump alone opens nothing.

Fernet (AES-128-CBC with HMAC-SHA-256, https://github.com/fernet/spec) under keys made by HKDF-SHA-256 (RFC 5869),
so that the key which signs sessions is never used here as it is. By convention the column is named ``sealed``.
"""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"clis.sealing 1"


class SealError(Exception):
    """The text was not sealed here: another key, or it was changed since."""


def seal(text: str) -> str:
    """The text as a token of printable ASCII; each call gives another one."""
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The text of a token. Raises ``SealError`` if no key of this installation opens it."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealError(
            "this secret was sealed with another CLIS_SECRET_KEY, or was changed since: "
            "name the older key in CLIS_SECRET_KEY_FALLBACKS, or enter the secret again"
        ) from None


def reseal(sealed: str) -> str:
    """The same text under the present key. Raises ``SealError`` as ``unseal`` does."""
    return seal(unseal(sealed))


def _box() -> MultiFernet:
    return _box_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(made)
