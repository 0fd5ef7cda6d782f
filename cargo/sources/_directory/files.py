"""Files of a directory somewhere: what can be done with them, which names are read, and the stamp of a taken one."""

from __future__ import annotations

import fnmatch
import secrets
from contextlib import AbstractContextManager
from typing import BinaryIO, NamedTuple, Protocol

from django.utils import timezone

TEMPORARY = (b".part", b".partial", b".tmp", b".temp", b".filepart", b".crdownload", b".swp", b".lock", b"~")
STAMP_BYTES = 26


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


def is_wanted(name: bytes, pattern: bytes = b"*") -> bool:
    """Whether a file of that name is read at all. A name that is a path is nobody's honest file."""
    if not name or name.startswith(b".") or b"/" in name or b"\\" in name or b"\0" in name:
        return False
    return not name.lower().endswith(TEMPORARY) and fnmatch.fnmatchcase(name.lower(), pattern.lower())


def stamp() -> bytes:
    """``20261122T093000-1f2e3d4c5b-``: when it was taken, and what makes it the only one."""
    return timezone.now().strftime("%Y%m%dT%H%M%S-").encode() + secrets.token_hex(5)[:9].encode() + b"-"


def is_stamped(name: bytes) -> bool:
    """Whether a taken file bears our stamp."""
    return len(name) > STAMP_BYTES and name[STAMP_BYTES - 1 : STAMP_BYTES] == b"-" and name[:8].isdigit()


def shown(name: bytes) -> str:
    """A file's name for people: UTF-8, or as Korean systems wrote it before."""
    for encoding in ("utf-8", "cp949"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "replace")
