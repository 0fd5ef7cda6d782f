"""The broker without a server: kombu's ``filesystem://``, so that processes beside each other never see half a file.

kombu writes a message under its final name, where a worker may take it empty, and takes it through the machine's
shared temporary folder. Here a file is whole when its name appears, and is taken by removing that name, which only one
can do.

Options as kombu's, all paths: ``data_folder_out`` is written to, ``data_folder_in`` read from, ``control_folder`` holds
which queues an exchange fills.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import math
import os
import time
import uuid
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads
from kombu.utils.scheduling import FairCycle

logger = logging.getLogger(__name__)

# Ends the names of files that are still written; no queue's messages are looked for under it.
ASIDE = ".part"
# Writing takes milliseconds: after so many seconds the writer is no more.
ABANDONED = 3600.0


class Channel(filesystem.Channel):
    """Messages are files ``<nanoseconds since 1970>_<uuid>.<queue>.msg``, taken in the order of their names."""

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        # Queue -> names seen when the folder was last listed: a backlog is not listed again for each of its messages.
        self._seen: dict[str, deque[str]] = {}
        self._stuck: set[str] = set()
        self._remove_abandoned()

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        """Raises ChannelError if it cannot be written."""
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}"
        _write(Path(self.data_folder_out, f"{name}.msg"), Path(self.data_folder_out, name + ASIDE), payload)

    def _get(self, queue: str) -> dict[str, Any]:  # type: ignore[override]
        """The queue's oldest message, which nobody else gets. What is none is removed. Raises Empty."""
        names = self._seen.get(queue) or self._listed(queue)
        while names:
            data = self._taken(names.popleft())
            if data is not None and (message := _message(data)) is not None:
                return message
        raise Empty

    def _listed(self, queue: str) -> deque[str]:
        wanted = f"{queue}.msg"
        names = [name for name in os.listdir(self.data_folder_in) if name.partition(".")[2] == wanted]
        self._seen[queue] = found = deque(sorted(names))
        return found

    def _taken(self, name: str) -> bytes | None:
        """What the file holds, if it is this process that removed it."""
        path = Path(self.data_folder_in, name)
        data = b""
        try:
            with contextlib.suppress(PermissionError):  # Not to be read, it goes all the same.
                data = path.read_bytes()
            path.unlink()
        except FileNotFoundError:
            return None
        except OSError as error:
            if name not in self._stuck:
                logger.warning("a message can be neither read nor removed: %s", error)
                self._stuck.add(name)
            return None
        return data

    def _remove_abandoned(self) -> None:
        """What killed processes left half written."""
        before = time.time() - ABANDONED
        with contextlib.suppress(OSError), os.scandir(self.data_folder_out) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if entry.name.endswith(ASIDE) and entry.stat().st_mtime < before:
                        os.remove(entry.path)

    # --- which queues an exchange fills ---------------------------------------------------------------

    def get_table(self, exchange: str) -> list[exchange_queue_t]:  # type: ignore[override]
        """The exchange's bindings. A table that cannot be understood is none: whoever starts next binds anew."""
        file = self._table(exchange)
        try:
            return [exchange_queue_t(*row) for row in loads(bytes_to_str(file.read_bytes()))]
        except FileNotFoundError:
            return []
        except (TypeError, ValueError):
            logger.warning("the table of the exchange %s cannot be read", exchange)
            return []
        except OSError as error:
            raise ChannelError(f"Cannot open {file}") from error

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        binding = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._alone(exchange):
            table = self.get_table(exchange)
            if binding not in table:
                self._save(exchange, [binding, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any) -> None:
        self._purge(queue)
        binding = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._alone(exchange):
            table = self.get_table(exchange)
            if binding in table:
                self._save(exchange, [row for row in table if row != binding])

    def _table(self, exchange: str) -> Path:
        """Raises ChannelError for a name that is none of a file."""
        file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]
        return file

    @contextlib.contextmanager
    def _alone(self, exchange: str) -> Iterator[None]:
        """While nobody else changes the exchange's table, whose file is replaced: the lock is a file that stays."""
        self.control_folder.mkdir(exist_ok=True)
        with self._table(exchange).with_suffix(".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _save(self, exchange: str, table: list[exchange_queue_t]) -> None:
        file = self._table(exchange)
        _write(file, file.with_suffix(ASIDE), table)


class Transport(filesystem.Transport):
    """``filesystem://`` with our channels. A worker that is told to stop neither waits nor takes any more.

    Celery asks such a transport twice more after that, and kombu's would wait out two seconds each time.
    """

    Channel = Channel
    polling_interval: float
    cycle: FairCycle
    stopping = False

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Delivers one message, once there is one. Raises TimeoutError after so many seconds, or when to stop."""
        until = math.inf if timeout is None else time.monotonic() + timeout
        while not Transport.stopping:
            try:
                self.cycle.get(self._deliver, timeout=timeout)
                return
            except Empty:
                left = until - time.monotonic()
                if left <= 0:
                    break
                time.sleep(min(self.polling_interval, left))
        raise TimeoutError


def _write(path: Path, aside: Path, content: Any) -> None:
    """The content as JSON, under its name only once it is whole. Raises ChannelError."""
    try:
        aside.write_bytes(str_to_bytes(dumps(content)))
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise ChannelError(f"cannot write {path}") from error


def _message(data: bytes) -> dict[str, Any] | None:
    """The message of a file; none, and a warning, if a machine that went down left it empty or in part."""
    with contextlib.suppress(ValueError):
        found = loads(bytes_to_str(data))
        if isinstance(found, dict) and "properties" in found:
            return found
    logger.warning("removed a file that holds no message: %d bytes", len(data))
    return None
