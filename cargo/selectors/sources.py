"""Sources, as far as the web needs them."""

from __future__ import annotations

from cargo.models import Source, SourceKey


def push_source(key_id: int) -> int | None:
    """The one source that a push key belongs to, if it has one and that is active."""
    return SourceKey.objects.filter(key_id=key_id, source__active=True).values_list("source_id", flat=True).first()


def source_ids() -> dict[str, int]:
    """The active sources by their short names; for commands."""
    return dict(Source.objects.filter(active=True).values_list("slug", "pk"))
