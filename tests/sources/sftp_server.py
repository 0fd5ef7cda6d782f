"""A real SFTP server over a real socket, serving one folder of the test's; it can be told to misbehave."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import paramiko

USER, PASSWORD = "clis", "kept secret"


class _Door(paramiko.ServerInterface):
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def check_auth_password(self, username: str, password: str) -> int:
        self._server.asked.append(("password", username, password))
        right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._server.asked.append(("publickey", username, key.fingerprint))
        right = username == USER and self._server.client_key is not None and key == self._server.client_key
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Message(paramiko.Message):
    """Names of any bytes, as servers that are not written in Python take them."""

    def get_text(self) -> str:
        return self.get_string().decode("utf-8", "surrogateescape")


class _Server(paramiko.SFTPServer):
    def _process(self, t: int, request_number: int, msg: paramiko.Message) -> None:
        msg.__class__ = _Message
        super()._process(t, request_number, msg)


class _Handle(paramiko.SFTPHandle):
    def __init__(self, flags: int, file: Any) -> None:
        super().__init__(flags)
        self.readfile = self.writefile = file

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


def _answer(work: Callable[[], Any]) -> Any:
    try:
        work()
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno or 5)
    return paramiko.SFTP_OK


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: Any, sftp: SftpServer) -> None:
        super().__init__(server)
        self._sftp = sftp

    def canonicalize(self, path: str) -> str:
        return path

    def _real(self, path: str) -> str:
        return f"{self._sftp.root}/{path.lstrip('/')}"

    def list_folder(self, path: str) -> Any:
        self._sftp.happened("list", path)
        try:
            entries = list(os.scandir(self._real(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 5)
        listed = []
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                known = entry.stat(follow_symlinks=False)
                listed.append(paramiko.SFTPAttributes.from_stat(known, os.fsencode(entry.name)))
        return listed + self._sftp.made_up

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._real(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 5)

    def lstat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(os.lstat(self._real(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 5)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Any:
        self._sftp.happened("open", path)
        if path.endswith(self._sftp.unreadable):
            return paramiko.SFTP_PERMISSION_DENIED
        try:
            opened = os.open(self._real(path), flags, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 5)
        return _Handle(flags, os.fdopen(opened, "r+b" if flags & os.O_RDWR or flags & os.O_WRONLY else "rb"))

    def remove(self, path: str) -> Any:
        return _answer(lambda: os.remove(self._real(path)))

    def rename(self, oldpath: str, newpath: str) -> Any:
        self._sftp.happened("rename", oldpath)
        if os.path.exists(self._real(newpath)):
            return paramiko.SFTP_FAILURE
        return _answer(lambda: os.rename(self._real(oldpath), self._real(newpath)))

    def posix_rename(self, oldpath: str, newpath: str) -> Any:
        if not self._sftp.renames_over:
            return paramiko.SFTP_OP_UNSUPPORTED
        return _answer(lambda: os.replace(self._real(oldpath), self._real(newpath)))

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> Any:
        return _answer(lambda: os.mkdir(self._real(path)))


class SftpServer:
    """``with SftpServer(folder) as server``: listens on ``server.port`` with ``server.key``."""

    def __init__(self, root: Path, key: paramiko.PKey | None = None) -> None:
        self.root = root
        self.key = key or paramiko.ECDSAKey.generate()
        self.client_key: paramiko.PKey | None = None
        # Who tried to sign in and how; what was done; what the listing invents; which names cannot be opened.
        self.asked: list[tuple[str, str, str]] = []
        self.done: list[tuple[str, str]] = []
        self.made_up: list[paramiko.SFTPAttributes] = []
        self.unreadable: tuple[str, ...] = ()
        self.renames_over = True
        # Called at each step with its name and path; may raise or close the connection.
        self.disturb: Callable[[str, str], None] = lambda step, path: None
        self._transports: list[paramiko.Transport] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> SftpServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.drop()

    @property
    def pin(self) -> str:
        """The host key as OpenSSH writes it."""
        return f"{self.key.get_name()} {self.key.get_base64()}"

    def happened(self, step: str, path: str) -> None:
        """Notes the step, and lets the test disturb it."""
        self.done.append((step, path))
        self.disturb(step, path)

    def drop(self) -> None:
        """Every connection breaks."""
        for transport in self._transports:
            transport.close()
        self._transports.clear()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(line)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", _Server, _Files, self)
            self._transports.append(transport)
            # Returns once the client's greeting came, or fails if it hangs up at that; both are the client's affair.
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(event=threading.Event(), server=_Door(self))
