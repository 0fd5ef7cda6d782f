"""What this process has in hand, noted in a file that outlives it: which deliveries it claimed, which tries it began,
and what each provider said, before the database is told in batches.

The database stays the only record; the notes close the moment between a provider's yes and ours. A process that is
killed leaves its file, whose lock ends with it, and whoever sends next on this machine makes good on it (``recovery``):
what was accepted is written down and not sent again, what was not begun is given back at once. If the file is lost with
its machine, the leases end, and what was under way is sent again with the same Message-ID or webhook-id.

A line is one note in JSON: ``["on", boot]`` (of the machine, first of all), ``["claimed", token, [delivery, …]]``,
``["began", delivery, attempt]``, ``["ended", delivery, attempt, seconds, what, …]``. Behind the last one are zeros: the
file is mapped into memory, with room that was taken on the disk before, since a thread that makes a system call for
each note gives its turn away and waits for the next. Nothing is flushed to the disk: a process's death loses nothing
that was written. A machine's death may: then the boot is another, and that a try is not noted says nothing. What cannot
be noted (a full disk) is sent all the same if it may be sent twice.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
from django.conf import settings

from notifications.deliver.outcome import Ended, Job
from notifications.transports import base
from notifications.transports.base import Exchange, Receipt, TemporaryError, TransportError

logger = logging.getLogger(__name__)

# A file that has grown to so many bytes takes no more claims; it goes when all that it names has ended.
FULL = 8_000_000
# A file has room for so many bytes at first, and then for twice as many each time.
ROOM = 65_536
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_encode = msgspec.json.encode
# From the narrowest to the widest: the first that fits names a result.
_ERRORS: dict[str, type[TransportError]] = {
    "address": base.AddressRefusedError,
    "permanent": base.PermanentError,
    "unreachable": base.UnreachableError,
    "temporary": base.TemporaryError,
    "unknown": base.UnknownOutcomeError,
}
_SENT = "sent"


class _Page:
    """One file, locked as long as its process lives. ``head``: the bytes that stay when all that it names has ended.

    Raises ``OSError`` where there is no room for it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        made = path.with_suffix(".new")
        self._number = os.open(made, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            self._room = self._grown(0)
            # Under its own name only once it is locked: nobody may take it for a dead one's.
            fcntl.flock(self._number, fcntl.LOCK_EX)
            made.rename(path)
        except BaseException:
            _remove(made, self._number)
            raise
        self._lock = Lock()
        self.claimed: set[int] = set()
        self.size = 0
        self.write(("on", _boot()))
        self._head = self.size

    def write(self, note: Sequence[Any]) -> bool:
        """Whether the note is there."""
        line = _encode(note) + b"\n"
        with self._lock:
            end = self.size + len(line)
            if end >= len(self._room):
                try:
                    self._room = self._grown(end)
                except OSError as error:
                    logger.error("what is sent cannot be noted: %s", error)
                    return False
            self._room[self.size : end] = line
            self.size = end
        return True

    def empty(self) -> None:
        """All that it names has ended."""
        with self._lock:
            self._room[self._head : self.size] = bytes(self.size - self._head)
            self.size = self._head

    def close(self) -> None:
        """It is left for whoever sends next if it names something, and else goes."""
        self._room.close()
        if self.claimed:
            os.close(self._number)
        else:
            _remove(self._path, self._number)

    def _grown(self, least: int) -> mmap.mmap:
        """More room than so much, on the disk and in memory. To write zeros takes it: who writes into a hole of a
        mapped file when the disk is full is killed."""
        now = os.fstat(self._number).st_size
        room = max(ROOM, 2 * now)
        while room <= least:
            room *= 2
        while now < room:
            now += os.pwrite(self._number, bytes(room - now), now)
        return mmap.mmap(self._number, room)


class Journal:
    """The notes of one drain. ``claimed`` and ``forget`` are of its calling thread alone, the rest of any."""

    def __init__(self) -> None:
        self._pages: list[_Page] = []
        self._page_of: dict[int, _Page] = {}

    def claimed(self, token: str, deliveries: Sequence[int]) -> None:
        """These are in hand from now on."""
        try:
            page = self._current()
        except OSError as error:
            logger.error("what is sent cannot be noted: %s", error)
            return
        page.claimed.update(deliveries)
        self._page_of.update(dict.fromkeys(deliveries, page))
        page.write(("claimed", token, deliveries))

    def began(self, job: Job) -> bool:
        """The try is made now. Whether whoever reads these notes will know it; where it is not even noted that the
        delivery was claimed, nobody takes it for one that was not tried."""
        return self._write("began", job)

    def ended(self, ended: Ended) -> None:
        """What came of it."""
        self._write("ended", ended.job, round(ended.job.seconds, 3), *_told(ended.result))

    def _write(self, what: str, job: Job, *more: Any) -> bool:
        page = self._page_of.get(job.delivery.pk)
        return page is None or job.attempt is None or page.write((what, job.delivery.pk, job.attempt.pk, *more))

    def forget(self, deliveries: Iterable[int]) -> None:
        """These are out of our hands, and the database knows it."""
        for delivery in deliveries:
            page = self._page_of.pop(delivery, None)
            if page is not None:
                page.claimed.discard(delivery)
        for page in [page for page in self._pages if not page.claimed]:
            if page is self._pages[-1] and page.size < FULL:
                page.empty()
            else:
                self._pages.remove(page)
                page.close()

    def close(self) -> None:
        """What is still in hand stays noted for whoever sends next."""
        for page in self._pages:
            page.close()
        self._pages.clear()
        self._page_of.clear()

    def _current(self) -> _Page:
        if not self._pages or self._pages[-1].size >= FULL:
            self._pages.append(_Page(folder() / f"{os.getpid()}-{secrets.token_hex(8)}.notes"))
        return self._pages[-1]


@dataclass
class Notes:
    """What a dead process left: its claims (token by delivery), the tries that it began, what came of them and after
    how many seconds. ``whole``: nothing that was written can be missing, since the machine has not died."""

    whole: bool = False
    claims: dict[int, str] = field(default_factory=dict)
    began: set[int] = field(default_factory=set)
    ended: dict[int, tuple[Receipt | TransportError, float]] = field(default_factory=dict)


@contextmanager
def noting() -> Iterator[Journal]:
    """Notes for one drain."""
    made = Journal()
    try:
        yield made
    finally:
        made.close()


def folder() -> Path:
    """Where the files are; made when it is first asked for."""
    path = Path(settings.VAR_DIR) / "sending"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def left_behind() -> Iterator[Notes]:
    """The notes of each process that died with something in hand; a file goes when its caller asks for the next.

    One reads at a time, and whoever comes meanwhile waits: else he would claim what the notes say was sent.
    """
    with _alone():
        for path in sorted(folder().glob("*.notes")):
            try:
                number = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue  # Its process has just ended well.
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(number)  # Its process lives.
                continue
            try:
                yield _read(number)
            except GeneratorExit:
                os.close(number)
                raise
            _remove(path, number)


@lru_cache(maxsize=1)
def _boot() -> str:
    """Names the machine's life since it was started; empty where the system does not tell."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


@contextmanager
def _alone() -> Iterator[None]:
    number = os.open(folder(), os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _remove(path: Path, number: int) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
    os.close(number)


def _read(number: int) -> Notes:
    notes = Notes()
    with os.fdopen(os.dup(number), "rb") as file:
        lines = file.read().rstrip(b"\0").split(b"\n")
    for line in lines:
        # The death came in the middle of a write, or another version wrote it: then it says nothing.
        with suppress(msgspec.DecodeError, ValueError, TypeError, LookupError):
            _take(notes, *msgspec.json.decode(line))
    return notes


def _take(notes: Notes, what: str, *rest: Any) -> None:
    if what == "on":
        notes.whole = rest[0] != "" and rest[0] == _boot()
    elif what == "claimed":
        notes.claims.update(dict.fromkeys(rest[1], rest[0]))
    elif what == "began":
        notes.began.add(rest[1])
    else:
        notes.ended[rest[1]] = _result(*rest[3:]), rest[2]


def _told(result: Receipt | TransportError) -> tuple[Any, ...]:
    exchange = (result.exchange.status, result.exchange.request, result.exchange.answer)
    if isinstance(result, Receipt):
        return _SENT, result.detail, result.provider_id, exchange
    what = next((name for name, kind in _ERRORS.items() if isinstance(result, kind)), "unknown")
    wait = result.retry_after if isinstance(result, TemporaryError) else None
    return what, str(result), wait, exchange


def _result(what: str, said: str, more: Any, exchange: Sequence[Any]) -> Receipt | TransportError:
    if what == _SENT:
        return Receipt(provider_id=more, detail=said, exchange=Exchange(*exchange))
    kind = _ERRORS[what]
    error = kind(said, more) if issubclass(kind, TemporaryError) else kind(said)
    error.exchange = Exchange(*exchange)
    return error
