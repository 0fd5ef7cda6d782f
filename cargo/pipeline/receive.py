"""bytes -> InboundMessage: nothing is acknowledged before it is committed, and nothing is read before it is kept."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cargo.domain.identity import epoch
from cargo.models import InboundBody, InboundMessage, Snapshot, bodies, bulk

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
    "occasion": "text",
    "events": "int",
    "reason": "text",
}


_BODY_COLUMNS = {"message_id": "int", "content": "bytes", "on_disk": "bool"}


class Received(NamedTuple):
    """What the sender is told. ``duplicate``: the same bytes came from the same source before."""

    id: int
    state: str
    duplicate: bool


def receive(source_id: int, body: bytes, *, media_type: str = "", name: str = "", silent: bool = False) -> Received:
    """Keeps one message. ``silent``: it is history, nobody is told of what it says."""
    return receive_many(source_id, [(name, body)], media_type=media_type, silent=silent)[0]


def receive_file(source_id: int, path: Path, *, name: str, media_type: str = "", silent: bool = False) -> Received:
    """Keeps a file as one message. Above ``MESSAGE_MAX_BYTES`` its bytes lie beside the database, by digest.

    Raises ``OSError`` if it cannot be read and ``bodies.TooLongError`` above ``FILE_MAX_BYTES``; then nothing is kept.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size <= settings.MESSAGE_MAX_BYTES:
            body = file.read(settings.MESSAGE_MAX_BYTES + 1)
            if len(body) <= settings.MESSAGE_MAX_BYTES:
                return receive(source_id, body, media_type=media_type, name=name, silent=silent)
            file.seek(0)
        digest, size = bodies.digest_of(file, settings.FILE_MAX_BYTES)
        file.seek(0)
        bodies.keep(file, digest)
    labels = (_clean(media_type, 100), _clean(name, 255))
    row = (source_id, digest, epoch(timezone.now()), size, *labels, "", "received", silent, 0, "", "", 0, "")
    with transaction.atomic():
        made = bulk.insert(
            MESSAGES, _COLUMNS, [row], conflict="ON CONFLICT (source_id, digest, occasion) DO NOTHING", returning="id"
        ).rows()
        if not made:
            return Received(*_known(source_id, "", [digest])[digest], True)
        bulk.insert(BODIES, _BODY_COLUMNS, [(made[0][0], b"", True)])
    return Received(made[0][0], "received", False)


def receive_answer(
    source_id: int, body: bytes, *, subject: str, asked_at: datetime, media_type: str = "", name: str = ""
) -> Received:
    """Keeps what a source answered when asked about ``subject``: the whole truth as of ``asked_at`` (DECISIONS 7).

    The same answer as the last one is a duplicate; the same as an older one is news, since something else lay between.
    """
    with transaction.atomic():
        last = Snapshot.objects.filter(source_id=source_id, subject=subject, asked_at__lte=asked_at)
        last = last.order_by("-asked_at", "-message_id")
        known = last.values_list("message_id", "message__digest", "message__state").first()
        if known and known[1] == sha256(body).hexdigest():
            return Received(known[0], known[2], True)
        occasion = asked_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        received = receive_many(source_id, [(name, body)], media_type=media_type, occasion=occasion)[0]
        if not received.duplicate:
            Snapshot.objects.create(message_id=received.id, source_id=source_id, subject=subject, asked_at=asked_at)
        return received


def receive_many(
    source_id: int,
    items: Sequence[tuple[str, bytes]],
    *,
    media_type: str = "",
    silent: bool = False,
    occasion: str = "",
) -> list[Received]:
    """Keeps messages, in the order given, in one transaction and a constant number of statements.

    ``occasion`` tells equal bytes apart that were true at different times; see ``receive_answer``.
    """
    now = epoch(timezone.now())
    digests = [sha256(body).hexdigest() for _, body in items]
    rows: dict[str, tuple[object, ...]] = {}
    bodies: dict[str, bytes] = {}
    for digest, (name, body) in zip(digests, items, strict=True):
        if digest in bodies:
            continue
        bodies[digest] = body
        labels = (_clean(media_type, 100), _clean(name, 255))
        rows[digest] = (source_id, digest, now, len(body), *labels, "", "received", silent, 0, "", occasion, 0, "")
    with transaction.atomic():
        made = bulk.insert(
            MESSAGES,
            _COLUMNS,
            list(rows.values()),
            conflict="ON CONFLICT (source_id, digest, occasion) DO NOTHING",
            returning="id, digest",
        )
        ids: dict[str, tuple[int, str]] = {digest: (pk, "received") for pk, digest in made}
        fresh = set(ids)
        bulk.insert(
            BODIES,
            _BODY_COLUMNS,
            [(ids[digest][0], bodies[digest], False) for digest in rows if digest in fresh],
        )
        if len(fresh) < len(rows):
            ids |= _known(source_id, occasion, [digest for digest in rows if digest not in fresh])
    told: set[str] = set()
    out = []
    for digest in digests:
        pk, state = ids[digest]
        out.append(Received(pk, state, digest not in fresh or digest in told))
        told.add(digest)
    return out


def _known(source_id: int, occasion: str, digests: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Of messages that came before: by digest their id and state."""
    source, parameters, (digest,) = bulk.rows_source({"digest": "text"}, [(digest,) for digest in digests])
    found = bulk.execute(
        f"SELECT m.digest, m.id, m.state FROM {source} JOIN {MESSAGES} m "
        f"ON m.source_id = %s AND m.digest = {digest} AND m.occasion = %s",
        [*parameters, source_id, occasion],
    )
    return {digest: (pk, state) for digest, pk, state in found}


def _clean(text: str, limit: int) -> str:
    """A label from outside, without the characters that databases refuse."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]
