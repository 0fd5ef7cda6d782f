"""What this process has in hand, noted in a file that outlives it: which deliveries it claimed, which tries it began,
and what each provider said, before the database is told in batches.

The database stays the only record; the notes close the moment between a provider's yes and ours. A process that is
killed leaves its file, whose lock ends with it, and whoever sends next on this machine makes good on it (``recovery``):
what was accepted is written down and not sent again, what was not begun is given back at once. If the file is lost with
its machine, the leases end, and what was under way is sent again with the same Message-ID or webhook-id.

A line is one note in JSON: ``["claimed", token, [delivery, …]]``, ``["began", delivery, attempt]``,
``["ended", delivery, attempt, what, …]``. One write each, so threads need no lock; nothing is flushed to the disk,
since a process's death loses nothing that was written. What cannot be noted (a full disk) is sent all the same.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from notifications.deliver.outcome import Ended, Job
from notifications.transports import base
from notifications.transports.base import Exchange, Receipt, TemporaryError, TransportError

logger = logging.getLogger(__name__)

# A file that has grown to so many bytes takes no more claims; it goes when all that it names has ended.
FULL = 8_000_000
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


@dataclass
class _Page:
    """One file, locked as long as its process lives."""

    path: Path
    number: int
    size: int = 0
    claimed: set[int] = field(default_factory=set)

    def write(self, note: Sequence[Any]) -> None:
        line = _encode(note) + b"\n"
        try:
            os.write(self.number, line)
        except OSError as error:
            logger.error("what is sent cannot be noted: %s", error)
        self.size += len(line)


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

    def began(self, job: Job) -> None:
        """The try is made now."""
        self._write("began", job)

    def ended(self, ended: Ended) -> None:
        """What came of it."""
        self._write("ended", ended.job, *_told(ended.result))

    def _write(self, what: str, job: Job, *more: Any) -> None:
        page = self._page_of.get(job.delivery.pk)
        if page is not None and job.attempt is not None:
            page.write((what, job.delivery.pk, job.attempt.pk, *more))

    def forget(self, deliveries: Iterable[int]) -> None:
        """These are out of our hands, and the database knows it."""
        for delivery in deliveries:
            page = self._page_of.pop(delivery, None)
            if page is not None:
                page.claimed.discard(delivery)
        for page in [page for page in self._pages if not page.claimed]:
            if page is self._pages[-1] and page.size < FULL:
                if page.size:
                    os.ftruncate(page.number, 0)
                    page.size = 0
            else:
                self._pages.remove(page)
                _remove(page)

    def close(self) -> None:
        """What is still in hand stays noted for whoever sends next."""
        for page in self._pages:
            if page.claimed:
                os.close(page.number)
            else:
                _remove(page)
        self._pages.clear()
        self._page_of.clear()

    def _current(self) -> _Page:
        if not self._pages or self._pages[-1].size >= FULL:
            path = folder() / f"{os.getpid()}-{secrets.token_hex(8)}.notes"
            made = path.with_suffix(".new")
            number = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            # Under its own name only once it is locked: nobody may take it for a dead one's.
            fcntl.flock(number, fcntl.LOCK_EX)
            made.rename(path)
            self._pages.append(_Page(path, number))
        return self._pages[-1]


@dataclass
class Notes:
    """What a dead process left: its claims (token by delivery), the tries that it began, and what came of them."""

    claims: dict[int, str] = field(default_factory=dict)
    began: set[int] = field(default_factory=set)
    ended: dict[int, Receipt | TransportError] = field(default_factory=dict)


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
            _remove(_Page(path, number))


@contextmanager
def _alone() -> Iterator[None]:
    number = os.open(folder(), os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _remove(page: _Page) -> None:
    with suppress(FileNotFoundError):
        page.path.unlink()
    os.close(page.number)


def _read(number: int) -> Notes:
    notes = Notes()
    with os.fdopen(os.dup(number), "rb") as file:
        lines = file.read().split(b"\n")
    for line in lines:
        try:
            what, *rest = msgspec.json.decode(line)
        except (msgspec.DecodeError, ValueError):
            continue  # The death came in the middle of a write.
        if what == "claimed":
            notes.claims.update(dict.fromkeys(rest[1], rest[0]))
        elif what == "began":
            notes.began.add(rest[1])
        else:
            notes.ended[rest[1]] = _result(*rest[2:])
    return notes


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
