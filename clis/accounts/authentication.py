"""API keys: ``Authorization: Bearer clis_<prefix>_<secret>``."""

from __future__ import annotations

import hmac
import re
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clis.accounts.models import ApiKey, digest_of

# As ``ApiKey.issue`` makes them. Anything else cannot be a key and never reaches the database.
KEY_TEXT = re.compile(r"clis_([0-9a-f]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
LAST_USED_EVERY = timedelta(minutes=1)
CHALLENGE = 'Bearer realm="CLIS"'
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
    key = ApiKey.objects.filter(prefix=match[1]).first()
    # Compared even when the prefix is unknown, so that the time taken does not tell which prefixes exist.
    same = hmac.compare_digest(digest_of(match[0]), key.digest if key else _NO_DIGEST)
    if key is None or not same or not key.is_live(timezone.now()):
        return None
    _note_use(key)
    return key


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    before = now - LAST_USED_EVERY
    if key.last_used_at is not None and key.last_used_at > before:
        return
    # Conditional: of many requests in the same minute one writes.
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    key.last_used_at = now
