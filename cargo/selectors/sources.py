"""Sources, as far as the web needs them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from cargo.models import Intake, Source, SourceKey, SourceSecret


def push_source(key_id: int) -> int | None:
    """The one source that a push key belongs to, if it has one and that is active."""
    return SourceKey.objects.filter(key_id=key_id, source__active=True).values_list("source_id", flat=True).first()


class Signing(NamedTuple):
    """What a source's signatures are checked with: the sealed secret, and the subscription that it is for."""

    source_id: int
    sealed: str
    subscription: str


def live_secrets(slug: str, scheme: str, now: datetime) -> list[Signing]:
    """The secrets by which an active source may sign now; none for a source that does not exist."""
    live = SourceSecret.objects.filter(source__slug=slug, source__active=True, scheme=scheme)
    rows = live.filter(Q(expires_at=None) | Q(expires_at__gt=now)).order_by("-created_at")
    return [Signing(*row) for row in rows.values_list("source_id", "sealed", "subscription")]


def keys_source(key_id: int, slug: str) -> int | None:
    """The source of that name, if the push key belongs to it and it is active."""
    rows = SourceKey.objects.filter(key_id=key_id, source__slug=slug, source__active=True)
    return rows.values_list("source_id", flat=True).first()


def signature_headers(slug: str) -> list[str]:
    """The names that staff have given to the header of a carrier's signature, in the settings of its intakes."""
    rows = Intake.objects.filter(source__slug=slug, way=Intake.Way.DCSA).values_list("settings", flat=True)
    return [name for settings in rows if (name := settings.get("signature_header")) and isinstance(name, str)]


def source_ids() -> dict[str, int]:
    """The active sources by their short names; for commands."""
    return dict(Source.objects.filter(active=True).values_list("slug", "pk"))
