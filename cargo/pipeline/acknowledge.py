"""What a partner is sent back about an interchange: X12 997 or 999, EDIFACT CONTRL. Only for sources that ask for it.

A message that was worked off owes its acknowledgment: a row without content, written in the transaction that finishes
the message. It is made afterwards, apart from the way of messages, and handed over by folder, by SFTP or on request.
``taken_at`` without content says that there was nothing to answer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from cargo.domain.event import FormatError
from cargo.domain.identity import epoch
from cargo.formats.edifact import contrl
from cargo.formats.x12 import acknowledgment as x12
from cargo.models import Acknowledgment, InboundBody, InboundMessage, bodies, bulk
from cargo.pipeline.batch import Finished

logger = logging.getLogger(__name__)

ACKNOWLEDGMENTS = Acknowledgment._meta.db_table
_TOGETHER = 20
# An interchange's control number (ISA13) has nine digits; a message of several interchanges uses as many of a hundred.
_APART, _NUMBERS = 100, 10**9
# The transaction set of what was made: which of the two answers a group depends on its release.
_IS_999 = re.compile(rb"(?<![A-Z0-9])ST(.)999\1")


class Waiting(NamedTuple):
    """An acknowledgment that was not handed over, under the name of its file."""

    id: int
    name: str
    content: bytes


def owe(finished: Iterable[Finished]) -> bool:
    """Notes what is owed, in the transaction of the caller; says whether anything is."""
    now = epoch(timezone.now())
    rows = [
        (item.message.id, item.message.source.id, item.message.source.acknowledges, b"", now)
        for item in finished
        if item.message.source.acknowledges
    ]
    if not rows:
        return False
    columns = {"message_id": "int", "source_id": "int", "kind": "text", "content": "bytes", "created_at": "time"}
    bulk.insert(ACKNOWLEDGMENTS, columns, rows, conflict="ON CONFLICT (message_id) DO NOTHING")
    return True


def make(now: datetime) -> int:
    """Makes some of what is owed; gives how many there were. Several workers may do it at the same time."""
    rows = Acknowledgment.objects.filter(taken_at=None, content=b"").select_related("source", "message")
    owed = list(rows.order_by("pk")[:_TOGETHER])
    for row in owed:
        content = _made(row, now)
        fields = {"content": content, "kind": _kind(row, content)} if content else {"taken_at": now}
        # Conditional: whoever was first has made the one that may have been handed over already.
        Acknowledgment.objects.filter(pk=row.pk, taken_at=None, content=b"").update(created_at=now, **fields)
    return len(owed)


def _made(row: Acknowledgment, now: datetime) -> bytes:
    """The bytes; empty if the message is no interchange, or one that is never answered."""
    local = now.astimezone(ZoneInfo(row.source.time_zone or "UTC"))
    number = row.pk * _APART % _NUMBERS
    try:
        data = _body(row.message)
        if row.kind == Acknowledgment.Kind.CONTRL:
            return contrl.acknowledge(data, local, reference=str(number))
        return x12.acknowledge(data, local, control_number=number)
    except FormatError:
        return b""
    except Exception:
        # A defect of ours, which would be met again and again: the message itself was read or is in quarantine.
        logger.exception("message %s cannot be acknowledged", row.message_id)
        return b""


def _body(message: InboundMessage) -> bytes:
    """One at a time: twenty of the largest would be more than a worker should hold."""
    body = InboundBody.objects.get(pk=message.pk)
    if not body.on_disk:
        return bytes(body.content)
    with bodies.opened(message.digest) as file:
        return file.read()


def _kind(row: Acknowledgment, content: bytes) -> str:
    if row.kind == Acknowledgment.Kind.CONTRL:
        return row.kind
    return Acknowledgment.Kind.X12_999 if _IS_999.search(content) else Acknowledgment.Kind.X12_997


def waiting(source_id: int, limit: int) -> list[Waiting]:
    """What was made for a source and not handed over, the oldest first."""
    rows = Acknowledgment.objects.filter(source_id=source_id, taken_at=None).exclude(content=b"").order_by("pk")
    return [Waiting(row.pk, f"{row.kind}-{row.message_id}.edi", bytes(row.content)) for row in rows[:limit]]


def taken(ids: Sequence[int], now: datetime) -> None:
    """Notes that they were handed over."""
    Acknowledgment.objects.filter(pk__in=ids, taken_at=None).exclude(content=b"").update(taken_at=now)
