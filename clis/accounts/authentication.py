"""API keys: ``Authorization: Bearer clis_<prefix>_<secret>``."""

from __future__ import annotations

import hmac
import json
import re
from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clis.accounts.models import ApiKey, digest_of
from clis.accounts.scoping import Viewer

# As ``ApiKey.issue`` makes them. Anything else cannot be a key and never reaches the database.
KEY_TEXT = re.compile(r"clis_([0-9a-f]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
LAST_USED_EVERY = timedelta(minutes=1)
CHALLENGE = 'Bearer realm="CLIS"'
# Written out: every request of a program begins with it, and building the same query anew costs more than running it.
_BY_PREFIX = f"SELECT * FROM {ApiKey._meta.db_table} WHERE prefix = %s"
_NO_DIGEST = "0" * 64


class Claim(NamedTuple):
    """What a header says: the prefix of a key, and the digest of its whole text. Nothing is proven by it."""

    prefix: str
    digest: str


class KeyFacts(NamedTuple):
    """What a key's row says, for whoever reads it in a statement of their own (``viewer_from_facts``).

    ``scopes`` is JSON text. Instants are whole seconds since 1970, rounded down.
    """

    id: int
    organization_id: int
    digest: str
    scopes: str
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None


class ApiKeyAuthentication(BaseAuthentication):
    """A program speaks for its organization: ``request.user`` is anonymous and ``request.auth`` is the key."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        """The key, or None when no Bearer token was sent. A token that is no live key is refused, never ignored."""
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if header[:7].lower() != "bearer ":
            return None
        key = key_from_header(header)
        if key is None:
            raise AuthenticationFailed(_("This API key is unknown, expired or revoked."))
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        """The WWW-Authenticate of a 401."""
        return CHALLENGE


def claim_from_header(header: str) -> Claim | None:
    """What an Authorization header claims, or None if it cannot be a key."""
    scheme, _space, text = header.partition(" ")
    match = KEY_TEXT.fullmatch(text.strip()) if scheme.lower() == "bearer" else None
    return Claim(match[1], digest_of(match[0])) if match is not None else None


def key_from_header(header: str) -> ApiKey | None:
    """The live key that an Authorization header names, or None. Notes its use, at most once a minute."""
    claim = claim_from_header(header)
    if claim is None:
        return None
    key = next(iter(ApiKey.objects.raw(_BY_PREFIX, [claim.prefix])), None)
    # Compared even when the prefix is unknown, so that the time taken does not tell which prefixes exist.
    same = hmac.compare_digest(claim.digest, key.digest if key else _NO_DIGEST)
    if key is None or not same or not key.is_live(timezone.now()):
        return None
    _note_use(key)
    return key


def viewer_from_facts(claim: Claim, facts: KeyFacts) -> Viewer | None:
    """The viewer of the key whose row was read, or None. Notes its use, at most once a minute.

    A key may be refused within the second in which it expires, for its instant was rounded down: None means that
    ``key_from_header`` has the last word.
    """
    if not hmac.compare_digest(claim.digest, facts.digest) or facts.revoked_at is not None:
        return None
    now = timezone.now()
    if facts.expires_at is not None and facts.expires_at <= now.timestamp():
        return None
    if facts.last_used_at is None or facts.last_used_at <= (now - LAST_USED_EVERY).timestamp():
        # Rounded down it may look due a moment too early; the condition of the UPDATE knows the instant itself.
        _note_use(ApiKey(pk=facts.id))
    return Viewer(organization_id=facts.organization_id, scopes=frozenset(json.loads(facts.scopes)), key_id=facts.id)


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    before = now - LAST_USED_EVERY
    if key.last_used_at is not None and key.last_used_at > before:
        return
    # Conditional: of many requests in the same minute one writes.
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    key.last_used_at = now
