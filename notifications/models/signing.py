"""The secrets with which an endpoint's posts are signed: the present one, and those before it that have not ended.

``Endpoint.sealed_before`` is one sealed text, a line for each secret before the present one: until when it signs as
well (ISO 8601, UTC), a space, the secret. A line without a time is of a secret that was kept before there were several:
it ends at ``before_until``, as all of them do at the latest.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from clis.sealing import SealError, seal, unseal
from notifications.models.endpoint import Endpoint

_unseal = lru_cache(maxsize=1024)(unseal)


class Before(NamedTuple):
    """A secret that signs beside the present one until then."""

    until: datetime
    secret: str


def signing_secrets(endpoint: Endpoint, now: datetime) -> tuple[str, ...]:
    """The present secret, then those before it, the latest first. Raises ``SealError``."""
    return _unseal(endpoint.sealed), *(before.secret for before in reversed(secrets_before(endpoint, now)))


def secrets_before(endpoint: Endpoint, now: datetime) -> list[Before]:
    """Those that still sign, the one that ends first in front; none if no key of this installation opens them."""
    last = endpoint.before_until
    if not endpoint.sealed_before or last is None or last <= now:
        return []
    found = []
    for line in (_opened(endpoint.sealed_before) or "").splitlines():
        until, _space, secret = line.rpartition(" ")
        found.append(Before(min(datetime.fromisoformat(until), last) if until else last, secret))
    return [before for before in found if before.until > now]


def replaced(endpoint: Endpoint, secret: str, until: datetime, now: datetime) -> dict[str, object]:
    """The endpoint's columns once ``secret`` is the present one, and the one before it signs as well until then."""
    before, present = secrets_before(endpoint, now), _opened(endpoint.sealed)
    if present is not None:
        before.append(Before(until, present))
    lines = [f"{each.until.isoformat()} {each.secret}" for each in before]
    return {
        "sealed": seal(secret),
        "sealed_before": seal("\n".join(lines)) if lines else "",
        "before_until": until if lines else None,
    }


def _opened(sealed: str) -> str | None:
    """What lies in it, or None where the key is lost: a new secret is then the way out, and must not fail as well."""
    try:
        return _unseal(sealed)
    except SealError:
        return None
