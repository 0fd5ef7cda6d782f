"""A watched folder of this machine: partners' files, brought by whatever transfer the operator runs.

Only folders below ``CLIS_FOLDER_ROOT`` are looked into, whatever staff enter. Folders are opened one by one, each from
the one above it and never through a link, so nobody who may write into the folder can lead CLIS out of it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cargo.sources import _directory
from cargo.sources._directory import Found, UnreadableError, collect
from cargo.sources.base import IntakeError, Result, Run, Setting, Way

_UNREADABLE = (errno.EACCES, errno.EPERM, errno.EIO, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENODEV)


class Folder:
    """A directory below ``root``, both absolute; opened at once. Raises ``OSError``."""

    def __init__(self, root: str, path: str) -> None:
        base = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self._base = _opened(base, os.fsencode(path))
        finally:
            os.close(base)

    def close(self) -> None:
        """Lets go of the directory."""
        os.close(self._base)

    def files(self, folder: bytes) -> list[Found]:
        """Regular files only."""
        try:
            with self._at(folder) as at, os.scandir(at) as entries:
                names = [os.fsencode(entry.name) for entry in entries if entry.is_file(follow_symlinks=False)]
                found = []
                for name in names:
                    with contextlib.suppress(FileNotFoundError):
                        found.append(_found(name, os.stat(name, dir_fd=at, follow_symlinks=False)))
                return found
        except FileNotFoundError:
            return []

    def make(self, folder: bytes) -> None:
        """For us and our group."""
        with self._parent(folder) as (at, name), contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o770, dir_fd=at)

    def look(self, path: bytes) -> Found:
        """The file itself, not what a link leads to."""
        with self._parent(path) as (at, name):
            return _found(name, os.stat(name, dir_fd=at, follow_symlinks=False))

    def move(self, old: bytes, new: bytes) -> bool:
        """One rename; the new names carry a random stamp and are never taken."""
        with self._parent(old) as (source, before), self._parent(new) as (target, after):
            try:
                os.rename(before, after, src_dir_fd=source, dst_dir_fd=target)
            except FileNotFoundError:
                return False
            return True

    @contextmanager
    def read(self, path: bytes) -> Iterator[BinaryIO]:
        """A pipe or a device that took the file's place would block for ever: what is no file is refused."""
        with self._parent(path) as (at, name):
            try:
                opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
            except OSError as error:
                if error.errno in _UNREADABLE:
                    raise UnreadableError(f"it cannot be opened: {os.strerror(error.errno)}") from None
                raise
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise UnreadableError("it is not a regular file")
            yield file

    def write(self, path: bytes, data: bytes) -> None:
        """Written under a temporary name, then renamed."""
        with self._parent(path) as (at, name):
            temporary = b"." + name + b".part"
            opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o660, dir_fd=at)
            with os.fdopen(opened, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(opened)
            os.rename(temporary, name, src_dir_fd=at, dst_dir_fd=at)

    def remove(self, path: bytes) -> None:
        """Gone already is gone."""
        with self._parent(path) as (at, name), contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=at)

    @contextmanager
    def _at(self, folder: bytes) -> Iterator[int]:
        opened = _opened(self._base, folder)
        try:
            yield opened
        finally:
            os.close(opened)

    @contextmanager
    def _parent(self, path: bytes) -> Iterator[tuple[int, bytes]]:
        folder, _slash, name = path.rpartition(b"/")
        with self._at(folder) as at:
            yield at, name


def _opened(base: int, path: bytes) -> int:
    """The folder at ``path``, step by step and through no link."""
    here = os.dup(base)
    for name in filter(None, path.split(b"/")):
        try:
            if name == b"..":
                raise PermissionError(errno.EACCES, "it leads out of the folder root")
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
        finally:
            os.close(here)
        here = below
    return here


def _found(name: bytes, known: os.stat_result) -> Found:
    return Found(name, known.st_size, known.st_mtime)


def fetch(run: Run) -> Result:
    """Takes the folder's files. Raises ``IntakeError`` if it cannot be opened or written to."""
    root, path = os.fspath(settings.FOLDER_ROOT), run.setting("path")
    try:
        folder = Folder(root, path)
    except OSError as error:
        raise IntakeError(f"the folder {root}/{path} cannot be opened: {error.strerror}") from None
    try:
        return collect(run, folder)
    except OSError as error:
        raise IntakeError(f"the folder {root}/{path} failed: {error.strerror}") from error
    finally:
        folder.close()


def _check_path(value: Any) -> None:
    parts = str(value).split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ValidationError(_("A path below the folder root, as partners/hmm: without a first slash and without .."))


def check(values: Mapping[str, Any]) -> None:
    """The folder is there and may be written to, since files are moved within it."""
    path = settings.FOLDER_ROOT / str(values.get("path", ""))
    if not path.is_dir() or not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise ValidationError(
            _("%(path)s is not there, or this program may not write to it."), params={"path": str(path)}
        )


WAY = Way(
    fetch,
    (
        Setting("path", "text", _("Folder"), _("Below the folder root of this installation."), required=True,
                check=_check_path),
        *_directory.SETTINGS,
    ),
    check,
)  # fmt: skip
