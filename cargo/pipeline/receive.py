"""bytes -> InboundMessage: nothing is acknowledged before it is committed, and nothing is read before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from cargo.domain.identity import epoch
from cargo.models import InboundBody, InboundMessage, bulk

MESSAGES = InboundMessage._meta.db_table
BODIES = InboundBody._meta.db_table
_COLUMNS = {
    "source_id": "int",
    "digest": "text",
    "received_at": "time",
    "size": "int",
    "media_type": "text",
    "name": "text",
    "format": "text",
    "state": "text",
    "silent": "bool",
    "attempts": "int",
    "lease_token": "text",
    "events": "int",
    "reason": "text",
}


class Received(NamedTuple):
    """What the sender is told. ``duplicate``: the same bytes came from the same source before."""

    id: int
    state: str
    duplicate: bool


def receive(source_id: int, body: bytes, *, media_type: str = "", name: str = "", silent: bool = False) -> Received:
    """Keeps one message. ``silent``: it is history, nobody is told of what it says."""
    return receive_many(source_id, [(name, body)], media_type=media_type, silent=silent)[0]


def receive_many(
    source_id: int, items: Sequence[tuple[str, bytes]], *, media_type: str = "", silent: bool = False
) -> list[Received]:
    """Keeps messages, in the order given, in one transaction and a constant number of statements."""
    now = epoch(timezone.now())
    digests = [sha256(body).hexdigest() for _, body in items]
    rows: dict[str, tuple[object, ...]] = {}
    bodies: dict[str, bytes] = {}
    for digest, (name, body) in zip(digests, items, strict=True):
        if digest in bodies:
            continue
        bodies[digest] = body
        labels = (_clean(media_type, 100), _clean(name, 255))
        rows[digest] = (source_id, digest, now, len(body), *labels, "", "received", silent, 0, "", 0, "")
    with transaction.atomic():
        made = bulk.insert(
            MESSAGES,
            _COLUMNS,
            list(rows.values()),
            conflict="ON CONFLICT (source_id, digest) DO NOTHING",
            returning="id, digest",
        )
        ids: dict[str, tuple[int, str]] = {digest: (pk, "received") for pk, digest in made}
        fresh = set(ids)
        bulk.insert(
            BODIES,
            {"message_id": "int", "content": "bytes"},
            [(ids[digest][0], bodies[digest]) for digest in rows if digest in fresh],
        )
        if len(fresh) < len(rows):
            ids |= _known(source_id, [digest for digest in rows if digest not in fresh])
    told: set[str] = set()
    out = []
    for digest in digests:
        pk, state = ids[digest]
        out.append(Received(pk, state, digest not in fresh or digest in told))
        told.add(digest)
    return out


def _known(source_id: int, digests: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Of messages that came before: by digest their id and state."""
    source, parameters, (digest,) = bulk.rows_source({"digest": "text"}, [(digest,) for digest in digests])
    found = bulk.execute(
        f"SELECT m.digest, m.id, m.state FROM {source} JOIN {MESSAGES} m ON m.source_id = %s AND m.digest = {digest}",
        [*parameters, source_id],
    )
    return {digest: (pk, state) for digest, pk, state in found}


def _clean(text: str, limit: int) -> str:
    """A label from outside, without the characters that databases refuse."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]
