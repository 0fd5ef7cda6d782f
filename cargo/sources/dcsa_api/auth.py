"""Who we are to a carrier: keys in headers, tokens for client credentials, and for a signed assertion."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cargo.sources.base import IntakeError, Run
from cargo.sources.dcsa_api.profiles import Auth
from clis.egress import Response

CREDENTIALS = ("api_key", "client_id", "client_secret", "certificate")
_TOKEN_KEYS = ("access_token", "token", "id_token", "jwt")
# Renewed a little before it ends, so that no call sets out with one that ends on the way.
_MARGIN = timedelta(seconds=20)
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE = timedelta(minutes=5)
_LONGEST_TOKEN = 16_384

Send = Callable[[str, str, dict[str, str], bytes], Response]


class Identity:
    """Gives the headers of a call; fetches a token when there is none that lasts."""

    def __init__(self, run: Run, auth: Auth, send: Send, clock: Callable[[], datetime]) -> None:
        self._run = run
        self._auth = auth
        self._send = send
        self._clock = clock
        self._token = ""
        self._until: datetime | None = None

    def headers(self) -> dict[str, str]:
        """The headers that say who we are. Raises ``IntakeError`` if a credential is missing or no token is given."""
        found = self._keys()
        if self._kind():
            if not self._token or (self._until is not None and self._clock() >= self._until - _MARGIN):
                self._fetch()
            found["authorization"] = f"Bearer {self._token}"
        return found

    def forget(self) -> bool:
        """Drops the token, since the carrier does not take it anymore; ``False`` if there was none to drop."""
        had, self._token = self._token, ""
        return bool(had)

    def _kind(self) -> str:
        return ("form" if self._run.setting("token_url") else "") if self._auth.open else self._auth.token

    def _keys(self) -> dict[str, str]:
        pairs = self._auth.headers
        if self._auth.open and self._run.setting("key_header"):
            pairs = ((self._run.setting("key_header"), "api_key"),)
        return {header.lower(): self._credential(name) for header, name in pairs}

    def _credential(self, name: str) -> str:
        value = self._run.secret(name).strip()
        if not value:
            raise IntakeError(f"the credential {name} is not set")
        if name != "certificate" and not (value.isascii() and value.isprintable()):
            raise IntakeError(f"the credential {name} holds characters that cannot be sent")
        return value

    def _fetch(self) -> None:
        url = self._run.setting("token_url") or self._auth.token_url
        if not url:
            raise IntakeError("the address that gives tokens is not set")
        headers, body = self._request(url)
        now = self._clock()
        answer = self._send("POST", url, {"accept": "application/json", **self._keys(), **headers}, body)
        if answer.status != 200:
            raise IntakeError(f"no token was given, the answer has status {answer.status}")
        token, seconds = _read(answer)
        if not token:
            raise IntakeError("no token was given, the answer holds none")
        self._token, self._until = token, now + timedelta(seconds=seconds or self._auth.seconds)

    def _request(self, url: str) -> tuple[dict[str, str], bytes]:
        """Headers and body that ask for a token."""
        kind = self._kind()
        form = {"grant_type": "client_credentials"}
        if self._run.setting("scope"):
            form["scope"] = self._run.setting("scope")
        own = self._credential("client_id")
        if kind == "json":
            both = {"client_id": own, "client_secret": self._credential("client_secret")}
            return {"content-type": "application/json"}, json.dumps(both).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if kind == "basic":
            pair = f"{own}:{self._credential('client_secret')}".encode()
            headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif kind == "certificate":
            signed = assertion(self._credential("certificate"), own, url, self._clock())
            form |= {"client_id": own, "client_assertion_type": _ASSERTION, "client_assertion": signed}
        else:
            form |= {"client_id": own, "client_secret": self._credential("client_secret")}
        return headers, urlencode(form).encode()


def _read(answer: Response) -> tuple[str, int | None]:
    """The token and for how many seconds it is good; some carriers answer with the bare token."""
    given = answer.json()
    if isinstance(given, dict):
        token = next((value for key in _TOKEN_KEYS if isinstance(value := given.get(key), str)), "")
        life = given.get("expires_in")
    else:
        token, life = given if isinstance(given, str) else answer.body.decode("ascii", "replace"), None
    token = token.strip()
    if not token or len(token) > _LONGEST_TOKEN or not token.isprintable() or not token.isascii() or " " in token:
        return "", None
    return token, _seconds(life)


def _seconds(life: Any) -> int | None:
    try:
        return min(max(int(life), 1), 86_400)
    except (TypeError, ValueError, OverflowError):
        return None


def assertion(pem: str, client: str, audience: str, now: datetime) -> str:
    """A JWT that proves that we hold the certificate's key (RFC 7523 section 3), signed with RS256.

    ``pem``: private key (RSA, without a password) and certificate, in any order. Raises ``IntakeError`` for another.
    """
    try:
        key = load_pem_private_key(pem.encode(), None)
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, TypeError):
        raise IntakeError("the certificate is not a PEM text with a private key and a certificate") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise IntakeError("the certificate's key is not an RSA key")
    # The thumbprint names the certificate (RFC 7515 section 4.1.7); it protects nothing.
    header = {"alg": "RS256", "typ": "JWT", "x5t": _url64(certificate.fingerprint(SHA1()))}
    at = int(now.timestamp())
    claims = {
        "iss": client,
        "sub": client,
        "aud": audience,
        "jti": secrets.token_hex(16),
        "nbf": at - 60,
        "exp": at + int(_ASSERTION_LIFE.total_seconds()),
    }
    text = ".".join(_url64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{text}.{_url64(key.sign(text.encode(), padding.PKCS1v15(), SHA256()))}"


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
