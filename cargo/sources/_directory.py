"""What a watched folder and an SFTP directory have in common: which files are ripe, and how each is taken once.

``NAME`` → ``taken/STAMP-NAME`` → bytes committed → ``archive/DAY/STAMP-NAME`` (or gone, by setting). Each arrow
is one rename or one commit, and each may be the last thing that a worker does: whatever lies in ``taken`` is handed
over again by the next run, and ``receive`` knows the bytes that it has. The stamp makes every taking a file of its own,
so the same name may be sent again at any time, and nothing is ever written over.

A file is ripe when its size and its time of change have been the same for ``stable_seconds``, by our own clock; 0 says
that the sender renames its files when they are complete. What has a temporary name is never looked at. What cannot be
read goes to ``failed`` with the reason beside it.
"""

from __future__ import annotations

import fnmatch
import io
import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, NamedTuple, Protocol

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cargo.pipeline import acknowledge
from cargo.pipeline import receive as inbox
from cargo.pipeline.receive import Received
from cargo.sources.base import Result, Run, Setting

logger = logging.getLogger(__name__)

TAKEN, FAILED, ARCHIVE, OUT = b"taken", b"failed", b"archive", b"out"
TEMPORARY = (b".part", b".partial", b".tmp", b".temp", b".filepart", b".crdownload", b".swp", b".lock", b"~")
_CHUNK = 256 * 1024
# How long an observation is remembered, and of how many files: far more than a run takes.
_REMEMBERED = 24 * 3600
_MOST = 10_000
_ANSWERS = 500
# A name with its stamp stays within the 255 bytes that file systems allow.
_NAME_BYTES = 200
_STAMP_BYTES = 26

SETTINGS = (
    Setting(
        "stable_seconds",
        "number",
        _("Complete after (seconds)"),
        _("A file is read once its size and time have not changed for so long. 0: the sender renames finished files."),
        default=10,
        minimum=0,
        maximum=3600,
    ),
    Setting("pattern", "text", _("Names"), _("Only files whose name fits, as *.edi; empty: all."), default="*"),
    Setting(
        "after",
        "text",
        _("When read"),
        default="archive",
        choices=(("archive", _("move to the folder archive")), ("delete", _("delete"))),
    ),
    Setting(
        "answers",
        "flag",
        _("Acknowledgments into the folder out"),
        _("Only if the source acknowledges. Off: the partner fetches them by the API."),
        default=True,
    ),
)


# Name → size, time of change, and since when both have been so.
Seen = dict[bytes, tuple[int, float, float]]
_seen_here: dict[int, Seen] = {}


class Found(NamedTuple):
    """A regular file: its name, bytes as the system spells it; size in bytes; time of change in seconds."""

    name: bytes
    size: int
    modified: float


class UnreadableError(Exception):
    """This one file cannot be read, whatever one tries; the others can."""


class Directory(Protocol):
    """A directory somewhere, with paths relative to it. Errors are ``OSError``."""

    def files(self, folder: bytes) -> list[Found]:
        """The regular files of a folder, links and directories left out; empty if there is no such folder."""

    def make(self, folder: bytes) -> None:
        """Makes the folder unless it is there."""

    def look(self, path: bytes) -> Found:
        """One file as it is now."""

    def move(self, old: bytes, new: bytes) -> bool:
        """Renames in one step, to a name that is not taken; False if the file is gone."""

    def read(self, path: bytes) -> AbstractContextManager[BinaryIO]:
        """Opens a regular file. Raises ``UnreadableError``."""

    def write(self, path: bytes, data: bytes) -> None:
        """The file appears whole under its name, in the place of one that is there."""

    def remove(self, path: bytes) -> None:
        """Deletes the file."""


def collect(run: Run, directory: Directory) -> Result:
    """Takes what is ripe; first what an earlier run had taken and not handed over."""
    result = Result()
    directory.make(TAKEN)
    for name in sorted(found.name for found in directory.files(TAKEN) if _is_stamped(found.name)):
        if not _go_on(run, result):
            return result
        _hand_over(run, directory, name, result)
    for found in _ripe(run, directory, result):
        if not _go_on(run, result):
            return result
        _take(run, directory, found, result)
    if run.setting("answers"):
        _hand_back(run, directory)
    return result


def _hand_back(run: Run, directory: Directory) -> None:
    """What the partner is sent back. A crash may write a file again: under the same name, with the same bytes."""
    for answer in acknowledge.waiting(run.intake.source_id, _ANSWERS):
        run.keep()
        directory.make(OUT)
        directory.write(OUT + b"/" + answer.name.encode(), answer.content)
        acknowledge.taken([answer.id], timezone.now())


def _go_on(run: Run, result: Result) -> bool:
    run.keep()
    if run.over:
        result.again_in = timedelta(0)
    return not run.over


# --- Which files are ripe -----------------------------------------------------------------------


def _ripe(run: Run, directory: Directory, result: Result) -> list[Found]:
    """The files that have not changed for long enough, the oldest first; notes the others for the next run."""
    needed = run.setting("stable_seconds")
    pattern = run.setting("pattern").encode()
    wanted = [found for found in directory.files(b"") if is_wanted(found.name, pattern)][:_MOST]
    if needed == 0:
        return sorted(wanted, key=_age)
    before = _recalled(run.intake.pk)
    now = time.time()
    seen = {}
    for found in wanted:
        size, modified, since = before.get(found.name, (-1, 0.0, now))
        same = (size, modified) == (found.size, found.modified) and since <= now
        seen[found.name] = (found.size, found.modified, since if same else now)
    _remember(run.intake.pk, seen)
    ripe = [found for found in wanted if now - seen[found.name][2] >= needed]
    result.waiting = len(wanted) - len(ripe)
    if result.waiting:
        result.again_in = timedelta(seconds=needed)
    return sorted(ripe, key=_age)


def _recalled(intake_id: int) -> Seen:
    """What the last run saw, in whichever process it ran; without the cache, what this process saw."""
    try:
        return cache.get(f"intake-seen-{intake_id}") or {}
    except Exception as error:
        logger.warning("the cache does not answer: %s", error)
        return _seen_here.get(intake_id, {})


def _remember(intake_id: int, seen: Seen) -> None:
    _seen_here[intake_id] = seen
    with suppress(Exception):
        cache.set(f"intake-seen-{intake_id}", seen, _REMEMBERED)


def _age(found: Found) -> tuple[float, bytes]:
    return found.modified, found.name


def is_wanted(name: bytes, pattern: bytes = b"*") -> bool:
    """Whether a file of that name is read at all. A name that is a path is nobody's honest file."""
    if not name or name.startswith(b".") or b"/" in name or b"\\" in name or b"\0" in name:
        return False
    return not name.lower().endswith(TEMPORARY) and fnmatch.fnmatchcase(name.lower(), pattern.lower())


# --- Taking one ---------------------------------------------------------------------------------


def _take(run: Run, directory: Directory, found: Found, result: Result) -> None:
    taken = _stamp() + found.name[-_NAME_BYTES:]
    try:
        if not directory.move(found.name, TAKEN + b"/" + taken):
            return
    except OSError as error:
        if _is_lost(error):
            raise
        _fail(result, found.name, f"it could not be taken: {_reason(error)}")
        return
    _hand_over(run, directory, taken, result)


def _hand_over(run: Run, directory: Directory, taken: bytes, result: Result) -> None:
    """One taken file into the inbox, and then away; it stays if it still changes."""
    path = TAKEN + b"/" + taken
    name = taken[_STAMP_BYTES:]
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


# --- Names --------------------------------------------------------------------------------------


def _stamp() -> bytes:
    """``20261122T093000-1f2e3d4c5b-``: when it was taken, and what makes it the only one."""
    return timezone.now().strftime("%Y%m%dT%H%M%S-").encode() + secrets.token_hex(5)[:9].encode() + b"-"


def _is_stamped(name: bytes) -> bool:
    return len(name) > _STAMP_BYTES and name[_STAMP_BYTES - 1 : _STAMP_BYTES] == b"-" and name[:8].isdigit()


def shown(name: bytes) -> str:
    """A file's name for people: UTF-8, or as Korean systems wrote it before."""
    for encoding in ("utf-8", "cp949"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "replace")
