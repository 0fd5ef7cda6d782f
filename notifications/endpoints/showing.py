"""Endpoints as their page and the API show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language

from clis.accounts.scoping import Viewer, visible_to
from notifications.models import Channel, Endpoint
from notifications.models.endpoint import OWED_WHILE_OFF
from notifications.models.signing import secrets_before
from notifications.render.words import off_because
from notifications.subscribing import NotFoundError


@dataclass(frozen=True)
class Row:
    """An endpoint as its page and the API show it. ``state``: ``unproved``, ``off``, ``held`` (paused by a person),
    ``paused`` (by its failures) or ``on``. ``old_secrets_until``: until when each secret before the present one signs
    as well, the first to end in front; ``rotating_until`` is the last of them.
    """

    id: int
    url: str
    name: str
    state: str
    created_at: datetime
    verified_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    rotating_until: datetime | None
    old_secrets_until: list[datetime]
    changeable: bool

    @property
    def kept_until(self) -> datetime | None:
        """Until when an endpoint that is off is owed what comes up; afterwards only the feed has it."""
        return self.disabled_at + OWED_WHILE_OFF if self.disabled_at else None

    @property
    def off_because(self) -> str:
        """``disabled_reason`` in the reader's language."""
        return off_because(self.disabled_reason, "ko" if get_language() == "ko" else "en")


def rows(viewer: Viewer) -> list[Row]:
    """The endpoints of the viewer's organization, or all for staff who act for none. Two statements."""
    seen = visible_to(Endpoint.objects.all(), viewer).select_related("channel").order_by("pk")
    if viewer.organization_id is not None:
        seen = seen.filter(channel__organization=viewer.organization_id)
    changeable = set(
        Channel.objects.changeable_by(viewer).filter(kind=Channel.Kind.WEBHOOK).values_list("pk", flat=True)
    )
    return [_row(endpoint, endpoint.pk in changeable) for endpoint in seen]


def row(viewer: Viewer, endpoint_id: int) -> Row:
    """One of them. Raises ``NotFoundError``."""
    endpoint = visible_to(Endpoint.objects.filter(pk=endpoint_id), viewer).select_related("channel").first()
    if endpoint is None:
        raise NotFoundError
    return _row(endpoint, Channel.objects.changeable_by(viewer).filter(pk=endpoint_id).exists())


def _row(endpoint: Endpoint, changeable: bool) -> Row:
    channel, now = endpoint.channel, timezone.now()
    paused = endpoint.paused_until is not None and endpoint.paused_until > now
    if channel.verified_at is None:
        state = "unproved"
    elif channel.disabled_at is not None:
        state = "off"
    elif endpoint.held_at is not None:
        state = "held"
    else:
        state = "paused" if paused else "on"
    old_secrets = [before.until for before in secrets_before(endpoint, now)]
    return Row(
        id=endpoint.pk,
        url=channel.address,
        name=channel.name,
        state=state,
        created_at=channel.created_at,
        verified_at=channel.verified_at,
        disabled_at=channel.disabled_at,
        disabled_reason=channel.disabled_reason,
        failures=endpoint.failures,
        failing_since=endpoint.failing_since,
        paused_until=endpoint.paused_until if paused else None,
        rotating_until=old_secrets[-1] if old_secrets else None,
        old_secrets_until=old_secrets,
        changeable=changeable,
    )
