"""The connection to an SFTP server (SSH File Transfer Protocol version 3, draft-ietf-secsh-filexfer-02), by paramiko.

One of the named exemptions from ``clis.egress``: staff alone say which host is called, and nothing is said to a server
before it has proved to hold a key that staff have pinned. File names are bytes throughout: servers in Korea still spell
them in EUC-KR.
"""

from __future__ import annotations

import base64
import binascii
import io
import socket
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR

from cargo.sources._directory import Found, UnreadableError
from cargo.sources.base import IntakeError

CONNECT_SECONDS = 15.0
ANSWER_SECONDS = 30.0
# A server that lists without end is cut off; the rest comes once these are taken.
MOST_LISTED = 20_000
# Parts of a file that are asked for ahead: 64 times 32 kB fill a slow line.
_AHEAD = 64
_KINDS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_FINGERPRINT = "SHA256:"


@dataclass(frozen=True)
class Account:
    """Where to connect, as whom, and which keys the server may show: lines of OpenSSH, or ``SHA256:`` fingerprints."""

    host: str
    port: int
    user: str
    pinned: Sequence[str]
    password: str = ""
    private_key: str = ""
    passphrase: str = ""


class _Client(paramiko.SFTPClient):
    """paramiko's client, with names as the server spells them."""

    def entries(self, path: bytes) -> Iterator[tuple[bytes, Any]]:
        """Name and attributes of everything in a directory; names may be of any bytes."""
        kind, message = self._request(CMD_OPENDIR, path)
        if kind != CMD_HANDLE:
            raise paramiko.SFTPError("the server gave no handle for a directory")
        handle, listed = message.get_binary(), 0
        while listed < MOST_LISTED:
            try:
                kind, message = self._request(CMD_READDIR, handle)
            except EOFError:
                break
            if kind != CMD_NAME:
                raise paramiko.SFTPError("the server gave no names")
            for _ in range(message.get_int()):
                name, _long = message.get_binary(), message.get_binary()
                listed += 1
                yield name, paramiko.SFTPAttributes._from_msg(message)
        self._request(CMD_CLOSE, handle)


class Remote:
    """A directory of the server. Errors are ``OSError``, or paramiko's own when the connection is at fault."""

    def __init__(self, client: _Client, path: bytes) -> None:
        self._client = client
        self._base = path.rstrip(b"/") or b"/"
        self._made: set[bytes] = set()

    def _path(self, relative: bytes) -> Any:
        return self._base.rstrip(b"/") + b"/" + relative if relative else self._base

    def files(self, folder: bytes) -> list[Found]:
        """Regular files only, as the server describes them in its listing."""
        try:
            listed = list(self._client.entries(self._path(folder)))
        except FileNotFoundError:
            if not folder:
                raise
            return []
        return [_found(name, known) for name, known in listed if _is_file(known)]

    def make(self, folder: bytes) -> None:
        """With the server's own default rights."""
        if folder in self._made:
            return
        try:
            self._client.stat(self._path(folder))
        except FileNotFoundError:
            self._client.mkdir(self._path(folder))
        self._made.add(folder)

    def look(self, path: bytes) -> Found:
        """The file itself, not what a link leads to."""
        return _found(path.rpartition(b"/")[2], self._client.lstat(self._path(path)))

    def move(self, old: bytes, new: bytes) -> bool:
        """SSH_FXP_RENAME, which refuses a name that is taken."""
        try:
            self._client.rename(self._path(old), self._path(new))
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def read(self, path: bytes) -> Iterator[BinaryIO]:
        """Asks ahead, so that the line is full."""
        known = self._client.lstat(self._path(path))
        if not _is_file(known):
            raise UnreadableError("it is not a regular file")
        try:
            opened = self._client.open(self._path(path), "rb")
        except (TimeoutError, ConnectionError, FileNotFoundError):
            raise
        except OSError as error:
            raise UnreadableError(f"it cannot be opened: {error.strerror or error}") from None
        with opened as file:
            file.prefetch(known.st_size, _AHEAD)
            yield cast(BinaryIO, file)

    def write(self, path: bytes, data: bytes) -> None:
        """Written under a temporary name, then renamed; where the server cannot rename over a file, that goes first."""
        folder, _slash, name = path.rpartition(b"/")
        temporary = self._path(folder + b"/." + name + b".part")
        with self._client.open(temporary, "wb") as file:
            file.write(data)
        try:
            self._client.posix_rename(temporary, self._path(path))
        except (TimeoutError, ConnectionError):
            raise
        except OSError:
            self.remove(path)
            self._client.rename(temporary, self._path(path))

    def remove(self, path: bytes) -> None:
        """Gone already is gone."""
        with suppress(FileNotFoundError):
            self._client.remove(self._path(path))


def _is_file(known: Any) -> bool:
    return known.st_size is not None and known.st_mode is not None and stat.S_ISREG(known.st_mode)


def _found(name: bytes, known: Any) -> Found:
    return Found(name, known.st_size or 0, float(known.st_mtime or 0))


@contextmanager
def connected(account: Account, path: str) -> Iterator[Remote]:
    """The directory, for the length of a connection. Raises ``IntakeError`` with what went wrong."""
    where = f"{account.host}:{account.port}"
    try:
        line = socket.create_connection((account.host, account.port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise IntakeError(f"{where} cannot be reached: {error.strerror or error}") from None
    transport = paramiko.Transport(line)
    try:
        transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = CONNECT_SECONDS
        with _Client.from_transport(_authenticated(transport, account)) as client:
            client.get_channel().settimeout(ANSWER_SECONDS)
            yield Remote(cast(_Client, client), path.encode())
    except TimeoutError:
        raise IntakeError(f"{where} did not answer within {ANSWER_SECONDS:.0f} seconds") from None
    except (paramiko.SSHException, paramiko.SFTPError, EOFError, ConnectionError) as error:
        raise IntakeError(f"the connection to {where} failed: {error or type(error).__name__}") from error
    except OSError as error:
        raise IntakeError(f"{where}, {path}: {error.strerror or error}") from error
    finally:
        transport.close()


def _authenticated(transport: paramiko.Transport, account: Account) -> paramiko.Transport:
    """The server first, then we: no name, password or signature goes to a server with another key."""
    kinds = _kinds_of(account.pinned)
    if kinds:
        transport.get_security_options().key_types = kinds
    transport.start_client(timeout=CONNECT_SECONDS)
    shown = transport.get_remote_server_key()
    if not any(_matches(pin, shown) for pin in account.pinned):
        raise IntakeError(
            f"{account.host} showed the key {shown.get_name()} {shown.fingerprint}, which is not pinned: "
            "ask the partner before you change that. Nothing was sent"
        )
    try:
        if account.private_key:
            transport.auth_publickey(account.user, private_key(account.private_key, account.passphrase))
        else:
            transport.auth_password(account.user, account.password)
    except paramiko.AuthenticationException as error:
        raise IntakeError(f"{account.host} refused to sign in {account.user}: {error}") from None
    return transport


def _kinds_of(pinned: Sequence[str]) -> tuple[str, ...]:
    """The algorithms to ask for, so that the server shows the kind of key that is pinned; none if any will do."""
    kinds: list[str] = []
    for pin in pinned:
        if pin.startswith(_FINGERPRINT):
            return ()
        kind = public_key(pin).get_name()
        kinds += ["rsa-sha2-512", "rsa-sha2-256"] if kind == "ssh-rsa" else [kind]
    return tuple(dict.fromkeys(kinds))


def _matches(pin: str, shown: paramiko.PKey) -> bool:
    if pin.startswith(_FINGERPRINT):
        return pin == shown.fingerprint
    return public_key(pin).asbytes() == shown.asbytes()


def public_key(line: str) -> paramiko.PKey:
    """A key as OpenSSH writes it, ``ssh-ed25519 AAAA… comment``, or a line of known_hosts. Raises ``ValueError``."""
    words = line.split()
    for kind, text in zip(words, words[1:], strict=False):
        if kind.startswith(("ssh-", "ecdsa-")):
            try:
                return paramiko.PKey.from_type_string(kind, base64.b64decode(text, validate=True))
            except (binascii.Error, paramiko.SSHException, ValueError, IndexError) as error:
                raise ValueError(f"not a public key: {line[:40]}") from error
    raise ValueError(f"not a public key: {line[:40]}")


def private_key(text: str, passphrase: str = "") -> paramiko.PKey:
    """A private key as ssh-keygen writes it, OpenSSH's own form or PEM. Raises ``IntakeError``."""
    for kind in _KINDS:
        try:
            return kind.from_private_key(io.StringIO(text.strip() + "\n"), password=passphrase or None)
        except paramiko.PasswordRequiredException:
            raise IntakeError("the private key is locked: its passphrase is missing") from None
        except (paramiko.SSHException, ValueError, IndexError, OSError):
            continue
    raise IntakeError("the private key cannot be read, or its passphrase is wrong")
