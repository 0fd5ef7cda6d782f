"""One file taken: moved aside under a stamp, its bytes committed to the inbox, then archived, deleted or set aside."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from cargo.pipeline import receive as inbox
from cargo.pipeline.receive import Received
from cargo.sources._directory.files import STAMP_BYTES, Directory, Found, UnreadableError, shown, stamp
from cargo.sources.base import Result, Run

logger = logging.getLogger(__name__)

TAKEN, FAILED, ARCHIVE = b"taken", b"failed", b"archive"
_CHUNK = 256 * 1024
# A name with its stamp stays within the 255 bytes that file systems allow.
_NAME_BYTES = 200


def take(run: Run, directory: Directory, found: Found, result: Result) -> None:
    taken = stamp() + found.name[-_NAME_BYTES:]
    try:
        if not directory.move(found.name, TAKEN + b"/" + taken):
            return
    except OSError as error:
        if _is_lost(error):
            raise
        _fail(result, found.name, f"it could not be taken: {_reason(error)}")
        return
    hand_over(run, directory, taken, result)


def hand_over(run: Run, directory: Directory, taken: bytes, result: Result) -> None:
    """One taken file into the inbox, and then away; it stays if it still changes."""
    path = TAKEN + b"/" + taken
    name = taken[STAMP_BYTES:]
    try:
        received = _received(run, directory, path, shown(name))
    except UnreadableError as error:
        _set_aside(directory, taken, str(error))
        _fail(result, name, str(error))
        return
    except FileNotFoundError:
        return
    if received is None:
        result.waiting += 1
        result.again_in = timedelta(seconds=max(1, run.setting("stable_seconds")))
        return
    result.count(received.duplicate)
    _put_away(run, directory, taken)


def _received(run: Run, directory: Directory, path: bytes, name: str) -> Received | None:
    """Kept and committed; None if the file changed while it was read."""
    before = directory.look(path)
    if before.size == 0:
        raise UnreadableError("it is empty")
    if before.size > settings.FILE_MAX_BYTES:
        raise UnreadableError(f"it has {before.size} bytes; {settings.FILE_MAX_BYTES} are allowed")
    with directory.read(path) as file:
        if before.size <= settings.MESSAGE_MAX_BYTES:
            kept = io.BytesIO()
            whole = _copied(run, file, kept, before.size) and directory.look(path) == before
            return inbox.receive(run.intake.source_id, kept.getvalue(), name=name) if whole else None
        with _spool() as (copy, place):
            whole = _copied(run, file, copy, before.size) and directory.look(path) == before
            return inbox.receive_file(run.intake.source_id, place, name=name) if whole else None


def _copied(run: Run, file: BinaryIO, copy: BinaryIO, size: int) -> bool:
    """Copies so many bytes; False if there are fewer or more."""
    left = size
    while left and (part := _part(file, min(_CHUNK, left))):
        copy.write(part)
        left -= len(part)
        run.keep()
    copy.flush()
    return left == 0 and not _part(file, 1)


def _part(file: BinaryIO, size: int) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        if _is_lost(error):
            raise
        raise UnreadableError(f"it cannot be read: {_reason(error)}") from None


@contextmanager
def _spool() -> Iterator[tuple[BinaryIO, Path]]:
    """A file of our own for what is too large for memory: nobody changes it while it is being kept."""
    folder = settings.VAR_DIR / "spool"
    folder.mkdir(parents=True, exist_ok=True)
    for orphan in folder.glob("intake-*"):
        # Of a worker that was killed; no copy takes so long.
        if orphan.stat().st_mtime < time.time() - 3600:
            orphan.unlink(missing_ok=True)
    with NamedTemporaryFile(dir=folder, prefix="intake-") as file:
        yield file.file, Path(file.name)  # type: ignore[misc]


def _put_away(run: Run, directory: Directory, taken: bytes) -> None:
    path = TAKEN + b"/" + taken
    if run.setting("after") == "delete":
        directory.remove(path)
        return
    day = ARCHIVE + b"/" + timezone.now().strftime("%Y-%m-%d").encode()
    directory.make(ARCHIVE)
    directory.make(day)
    directory.move(path, day + b"/" + taken)


def _set_aside(directory: Directory, taken: bytes, reason: str) -> None:
    directory.make(FAILED)
    directory.write(FAILED + b"/" + taken + b".reason.txt", f"{reason}\n".encode())
    directory.move(TAKEN + b"/" + taken, FAILED + b"/" + taken)


def _fail(result: Result, name: bytes, reason: str) -> None:
    result.failed += 1
    result.notes.append(f"{shown(name)}: {reason}")
    logger.warning("%s: %s", shown(name), reason)


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def _is_lost(error: OSError) -> bool:
    """The connection, not the file."""
    return isinstance(error, TimeoutError | ConnectionError)
