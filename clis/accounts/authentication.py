"""API keys: ``Authorization: Bearer clis_<prefix>_<secret>``."""

from __future__ import annotations

import hmac
import json
import re
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import connection
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
_FACTS_BY_PREFIX = (
    "SELECT id, organization_id, digest, scopes::text, expires_at, revoked_at, last_used_at "
    f"FROM {ApiKey._meta.db_table} WHERE prefix = %s"
)
_NO_DIGEST = "0" * 64


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


def key_from_header(header: str) -> ApiKey | None:
    """The live key that an Authorization header names, or None. Notes its use, at most once a minute."""
    scheme, _space, text = header.partition(" ")
    match = KEY_TEXT.fullmatch(text.strip())
    if scheme.lower() != "bearer" or match is None:
        return None
    key = next(iter(ApiKey.objects.raw(_BY_PREFIX, [match[1]])), None)
    # Compared even when the prefix is unknown, so that the time taken does not tell which prefixes exist.
    same = hmac.compare_digest(digest_of(match[0]), key.digest if key else _NO_DIGEST)
    if key is None or not same or not key.is_live(timezone.now()):
        return None
    _note_use(key)
    return key


def viewer_from_header(header: str) -> Viewer | None:
    """The viewer of a live key, or None. One statement and no model: a program's poll begins with it."""
    match = KEY_TEXT.fullmatch(header[7:].strip()) if header[:7].lower() == "bearer " else None
    if match is None:
        return None
    if connection.vendor != "postgresql":
        key = key_from_header(header)
        return key.viewer if key is not None else None
    with connection.cursor() as cursor:
        cursor.execute(_FACTS_BY_PREFIX, [match[1]])
        row = cursor.fetchone()
    if row is None or not hmac.compare_digest(digest_of(match[0]), row[2]):
        return None
    now = timezone.now()
    pk, organization, _digest, scopes, expires, revoked, used = row
    if revoked is not None or (expires is not None and expires <= now):
        return None
    if used is None or used <= now - LAST_USED_EVERY:
        _note_use(ApiKey(pk=pk, last_used_at=used))
    return Viewer(organization_id=organization, scopes=frozenset(json.loads(scopes)), key_id=pk)


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    before = now - LAST_USED_EVERY
    if key.last_used_at is not None and key.last_used_at > before:
        return
    # Conditional: of many requests in the same minute one writes.
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    key.last_used_at = now
