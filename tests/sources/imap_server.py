"""A small IMAP server over TLS: as much of RFC 3501 as a mailbox that is read needs, with mails kept in memory."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "clis@example.com", 'kept "secret" 비밀'


@cache
def certificate() -> tuple[str, str]:
    """A certificate for 127.0.0.1 that signs itself, and its key; both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3650))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


class ImapServer:
    """``with ImapServer() as server``: one account, ``server.folders`` by name: {uid: (mail, flags)}."""

    def __init__(self, capabilities: str = "IMAP4rev1 AUTH=PLAIN MOVE UIDPLUS", *, starttls: bool = False) -> None:
        self.capabilities, self.starttls = capabilities, starttls
        self.folders: dict[str, dict[int, tuple[bytes, set[str]]]] = {"INBOX": {}}
        self.validity, self.next_uid = 7, 1
        self.commands: list[str] = []
        # Called before each command with its words; may raise to break the connection.
        self.disturb: Callable[[str], None] = lambda command: None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            pem = Path(folder) / "server.pem"
            pem.write_text("".join(certificate()))
            self._context.load_cert_chain(pem)

    def __enter__(self) -> ImapServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def deliver(self, mail: bytes, folder: str = "INBOX") -> int:
        """A mail arrives; gives its number."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.folders.setdefault(folder, {})[uid] = (mail, set())
        return uid

    def lying(self, folder: str) -> list[bytes]:
        """The mails of a folder that are not deleted."""
        return [mail for mail, flags in self.folders.get(folder, {}).values() if "\\Deleted" not in flags]

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        try:
            if not self.starttls:
                line = self._context.wrap_socket(line, server_side=True)
            _Session(self, line).run()
        except (OSError, ConnectionError, ValueError):
            line.close()


class _Session:
    def __init__(self, server: ImapServer, line: socket.socket) -> None:
        self.server, self.line, self.file = server, line, line.makefile("rwb")
        self.mails: dict[int, tuple[bytes, set[str]]] = {}

    def say(self, *lines: bytes | str) -> None:
        for text in lines:
            self.file.write((text.encode() if isinstance(text, str) else text) + b"\r\n")
        self.file.flush()

    def run(self) -> None:
        greeting = "IMAP4rev1 STARTTLS LOGINDISABLED" if self.server.starttls else self.server.capabilities
        self.say(f"* OK [CAPABILITY {greeting}] ready")
        while raw := self.file.readline():
            tag, _space, rest = raw.decode().strip().partition(" ")
            name, _space, words = rest.partition(" ")
            if name.upper() == "UID":
                name, _space, words = words.partition(" ")
            secret = name.upper() in ("LOGIN", "AUTHENTICATE")
            self.server.commands.append(name.upper() if secret else f"{name.upper()} {words}".strip())
            self.server.disturb(name.upper())
            getattr(self, f"do_{name.lower()}", self.unknown)(tag, words)
            if name.upper() == "LOGOUT":
                return

    def unknown(self, tag: str, words: str) -> None:
        self.say(f"{tag} BAD what is that")

    def do_capability(self, tag: str, words: str) -> None:
        secure = isinstance(self.line, ssl.SSLSocket)
        self.say(f"* CAPABILITY {self.server.capabilities if secure else 'IMAP4rev1 STARTTLS'}", f"{tag} OK done")

    def do_starttls(self, tag: str, words: str) -> None:
        self.say(f"{tag} OK begin")
        self.line = self.server._context.wrap_socket(self.line, server_side=True)
        self.file = self.line.makefile("rwb")

    def do_authenticate(self, tag: str, words: str) -> None:
        self.say("+ ")
        _zero, user, password = base64.b64decode(self.file.readline()).decode().split("\0")
        self.judge(tag, user, password)

    def do_login(self, tag: str, words: str) -> None:
        user, password = (re.sub(r"\\(.)", r"\1", word) for word in re.findall(r'"((?:[^"\\]|\\.)*)"', words))
        self.judge(tag, user, password)

    def judge(self, tag: str, user: str, password: str) -> None:
        right = user == USER and password in (PASSWORD, PASSWORD.split(" 비")[0])
        self.say(f"{tag} OK welcome" if right else f"{tag} NO [AUTHENTICATIONFAILED] wrong")

    def do_select(self, tag: str, words: str) -> None:
        folder = words.strip('"')
        if folder not in self.server.folders:
            self.say(f"{tag} NO [NONEXISTENT] no such mailbox")
            return
        self.mails = self.server.folders[folder]
        self.say(f"* {len(self.mails)} EXISTS", f"* OK [UIDVALIDITY {self.server.validity}] valid", f"{tag} OK done")

    def do_create(self, tag: str, words: str) -> None:
        known = words.strip('"') in self.server.folders
        self.server.folders.setdefault(words.strip('"'), {})
        self.say(f"{tag} NO [ALREADYEXISTS] it is there" if known else f"{tag} OK done")

    def do_search(self, tag: str, words: str) -> None:
        found = [str(uid) for uid, (_mail, flags) in self.mails.items() if "\\Deleted" not in flags]
        self.say(" ".join(["* SEARCH", *found]), f"{tag} OK done")

    def do_fetch(self, tag: str, words: str) -> None:
        uid, what = int(words.split(" ")[0]), words.partition(" ")[2]
        mail = self.mails.get(uid, (b"", set()))[0]
        if uid in self.mails and "RFC822.SIZE" in what:
            self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(mail)})")
        elif uid in self.mails:
            content = mail.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in what else mail
            label = what.strip("()").replace(".PEEK", "")
            self.file.write(f"* 1 FETCH (UID {uid} {label} {{{len(content)}}}\r\n".encode() + content)
            self.say(")")
        self.say(f"{tag} OK done")

    def do_move(self, tag: str, words: str) -> None:
        self._copied(words)
        self.mails.pop(int(words.split(" ")[0]), None)
        self.say(f"{tag} OK done")

    def do_copy(self, tag: str, words: str) -> None:
        self._copied(words)
        self.say(f"{tag} OK done")

    def _copied(self, words: str) -> None:
        uid, folder = words.split(" ", 1)
        if int(uid) in self.mails:
            self.server.deliver(self.mails[int(uid)][0], folder.strip('"'))

    def do_store(self, tag: str, words: str) -> None:
        self.mails[int(words.split(" ")[0])][1].add("\\Deleted")
        self.say(f"{tag} OK done")

    def do_expunge(self, tag: str, words: str) -> None:
        self.mails.pop(int(words), None)
        self.say(f"{tag} OK done")

    def do_logout(self, tag: str, words: str) -> None:
        self.say("* BYE bye", f"{tag} OK done")


def settings(server: ImapServer, **changes: Any) -> dict[str, Any]:
    """The settings by which an intake reads this server."""
    return {
        "host": "127.0.0.1",
        "port": server.port,
        "authority": certificate()[0],
        "user": USER,
        "senders": ["@partner.com"],
        **changes,
    }
