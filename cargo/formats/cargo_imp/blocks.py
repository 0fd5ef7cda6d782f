"""The blocks of a status message: each status with the consignment above it and the lines that belong to it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cargo.formats.cargo_imp import movement
from cargo.formats.cargo_imp.envelope import Line, Message

CUSTOMS, UNITS, SERVICE = "OCI", "ULD", "OSI"
_ADDITIONS = (CUSTOMS, UNITS, SERVICE)
_TRAILERS = ("LAST", "CONT", "END")


class Block(msgspec.Struct):
    """``status`` is ``None`` where a consignment has only additions (customs information, other service information).

    ``told`` are the lines by what they are: ``""`` those that continue the status, ``OCI``, ``ULD``, ``OSI``.
    """

    heading: Line
    status: Line | None
    told: dict[str, list[str]]
    lines: list[Line]


def blocks(message: Message) -> Iterator[Block | Line]:
    """The blocks in their order, and lines that belong to none."""
    heading: Line | None = None
    block: Block | None = None
    kind = ""
    for line in message.lines:
        text = line.text
        if movement.consignment(text) is not None:
            if heading is not None:
                yield block or Block(heading, None, {}, [])
            heading, block, kind = line, None, ""
            continue
        code = movement.status_code(text)
        if text in _TRAILERS or text.startswith("PART/"):
            continue
        if heading is None:
            yield line
            continue
        if code is not None and code not in _ADDITIONS:
            if block is not None:
                yield block
            block, kind = Block(heading, line, {}, [line]), ""
            continue
        if code is None and not text.startswith("/"):
            yield line
            continue
        if block is None:
            block = Block(heading, None, {}, [])
        kind = code or kind
        block.lines.append(line)
        block.told.setdefault(kind, []).append(text[len(code) if code else 0 :])
    if heading is not None:
        yield block or Block(heading, None, {}, [])
