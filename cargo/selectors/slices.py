"""The parts of messages that made events, for many events at once (DECISIONS 5: never more of a message than that)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from cargo import formats
from cargo.domain.event import Retraction
from cargo.domain.snapshots import is_version
from cargo.models import InboundBody, Source
from cargo.selectors.history import Row

# A part longer than this is cut, and says so.
SLICE_BYTES = 32_768
# A part is found by reading its message: how much is read for one file, each message counted once an event.
READ_BYTES = 256 * 1024 * 1024
# How much is fetched for one file, each message counted once.
FETCHED_BYTES = 32 * 1024 * 1024


class Part(NamedTuple):
    """The text of a part; ``cut``: it went on. ``missing``: why there is none (``too_much``, ``not_found``,
    ``worked_out``), else ``None``.
    """

    text: str | None
    cut: bool = False
    missing: str | None = None


def parts_of(rows: Iterable[Row]) -> dict[str, Part]:
    """By the id of each row the part of the message that made it; two statements.

    ``worked_out``: CLIS made the row itself by comparing what a source said at two times, so no part of a message is
    behind it. ``too_much``: past the limits above, in the order of the rows; the page of the event shows it alone.
    """
    found: dict[str, Part] = {}
    wanted: list[Row] = []
    read = fetched = 0
    messages: set[int] = set()
    for row in rows:
        if isinstance(row.said.event, Retraction) and (is_version(row.said.version) or row.said.revision):
            found[row.said.id] = Part(None, missing="worked_out")
            continue
        more = 0 if row.message in messages else row.size
        if read + row.size > READ_BYTES or fetched + more > FETCHED_BYTES:
            found[row.said.id] = Part(None, missing="too_much")
            continue
        read, fetched = read + row.size, fetched + more
        messages.add(row.message)
        wanted.append(row)
    bodies = InboundBody.objects.filter(pk__in=messages, on_disk=False)
    contents: dict[int, Any] = dict(bodies.values_list("pk", "content"))
    readings = dict(Source.objects.filter(pk__in={row.source for row in wanted}).values_list("pk", "reading"))
    for row in wanted:
        found[row.said.id] = _part(row, contents.get(row.message), readings.get(row.source))
    return found


def _part(row: Row, content: Any, reading: Any) -> Part:
    if content is None or row.form not in formats.FORMATS:
        return Part(None, missing="not_found")
    try:
        piece = formats.slice(row.form, bytes(content), row.position, json.dumps(reading or {}))
    except formats.FormatError:
        # What its columns mean was said anew since: the event stands, its row is not found that way anymore.
        return Part(None, missing="not_found")
    return Part(piece[:SLICE_BYTES].decode("utf-8", "replace"), len(piece) > SLICE_BYTES)
