"""What somebody uploaded or pasted and has not confirmed yet. One for each person, kept for an hour and nowhere else.

It lies in the cache, packed, so that a preview writes nothing where messages lie; the next upload replaces it.
"""

from __future__ import annotations

import secrets
import zlib

import msgspec
from django.core.cache import cache

from clis.accounts.scoping import Viewer

KEPT_SECONDS = 3600


class Draft(msgspec.Struct):
    """``meaning``: JSON of what its columns were said to mean, or empty; ``message``: the id of a message that was
    received before and could not be read, or 0."""

    token: str
    organization: int | None
    source: int
    name: str
    media_type: str
    body: bytes
    meaning: str = ""
    message: int = 0


def keep(viewer: Viewer, source: int, body: bytes, *, name: str = "", media_type: str = "", message: int = 0) -> Draft:
    """Keeps it under a new token, in the place of the person's last one."""
    draft = Draft(secrets.token_hex(8), viewer.organization_id, source, name, media_type, body, "", message)
    save(viewer, draft)
    return draft


def save(viewer: Viewer, draft: Draft) -> None:
    """Keeps what was changed."""
    cache.set(_key(viewer), zlib.compress(msgspec.msgpack.encode(draft), 1), KEPT_SECONDS)


def find(viewer: Viewer, token: str = "") -> Draft | None:
    """The person's draft, if it is for the organization that they act for and (if given) has this token."""
    packed = cache.get(_key(viewer))
    if packed is None:
        return None
    draft = msgspec.msgpack.decode(zlib.decompress(packed), type=Draft)
    same = draft.organization == viewer.organization_id and (not token or draft.token == token)
    return draft if same else None


def drop(viewer: Viewer) -> None:
    """Forgets it."""
    cache.delete(_key(viewer))


def _key(viewer: Viewer) -> str:
    return f"draft:{viewer.user_id}"
