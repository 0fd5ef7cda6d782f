"""Where the bytes of long messages lie: files named by their digest, beside the database and backed up with it.

A file is written whole under another name, brought to the disk and then renamed, before the row that names it is
committed: a row never points at half a file. A file without a row is what a crash between the two leaves; the same
message received again takes it up.
"""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

BLOCK = 1 << 20


class TooLongError(ValueError):
    """The file has more bytes than are taken."""


def digest_of(file: BinaryIO, limit: int) -> tuple[str, int]:
    """The SHA-256 and the length of what is left of a file. Raises ``TooLongError`` past ``limit`` bytes."""
    digest, size = sha256(), 0
    while block := file.read(BLOCK):
        size += len(block)
        if size > limit:
            raise TooLongError(f"more than the {limit} bytes that a file may have")
        digest.update(block)
    return digest.hexdigest(), size


def keep(file: BinaryIO, digest: str) -> None:
    """Keeps the bytes of a file under its digest; they are on the disk when this returns."""
    path = _path(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with unfinished.open("xb") as out:
            copied = sha256()
            while block := file.read(BLOCK):
                copied.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        if copied.hexdigest() != digest:
            raise OSError("the file changed while it was read")
        unfinished.replace(path)
        _sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def opened(digest: str) -> BinaryIO:
    """The kept bytes as a file. Raises ``OSError`` if they are gone."""
    return _path(digest).open("rb")


def _path(digest: str) -> Path:
    return Path(settings.BODIES_DIR) / digest[:2] / digest


def _sync(folder: Path) -> None:
    """Brings a new name in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
