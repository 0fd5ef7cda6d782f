"""The connection to a mailbox (IMAP4rev1, RFC 3501) by the standard library, always over TLS.

One of the named exemptions from ``clis.egress``: staff alone say which host is called.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from cargo.sources.base import IntakeError

ANSWER_SECONDS = 30.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


@dataclass(frozen=True)
class Account:
    """Where and as whom. ``security``: ``tls`` from the first byte, or ``starttls``; ``authority``: PEM, or empty."""

    host: str
    port: int
    security: str
    authority: str
    user: str
    password: str


class Mailbox:
    """One folder of an account, opened. Errors are imaplib's and ``OSError``."""

    def __init__(self, connection: imaplib.IMAP4, folder: str) -> None:
        self._connection = connection
        self._made: set[str] = set()
        kind, answer = connection.select(_quoted(folder))
        if kind != "OK":
            raise IntakeError(f"the folder {folder} cannot be opened: {_words(answer)}")
        _name, (validity,) = connection.response("UIDVALIDITY")
        self.validity = int(validity or 0)

    def mails(self) -> list[int]:
        """The numbers (UID) of the mails that nobody has deleted, lowest first."""
        (found,) = self._uid("SEARCH", "UNDELETED")
        return sorted(int(number) for number in (found or b"").split())

    def size(self, mail: int) -> int:
        """In bytes, as it lies there."""
        answer = self._uid("FETCH", str(mail), "(RFC822.SIZE)")
        match = _SIZE.search(b" ".join(part for part in answer if isinstance(part, bytes)))
        return int(match[1]) if match else 0

    def head(self, mail: int) -> bytes:
        """The head of a mail, which stays unread; empty if the mail is gone."""
        return self._literal(mail, "(BODY.PEEK[HEADER])")

    def whole(self, mail: int) -> bytes:
        """The mail, which stays unread; empty if it is gone."""
        return self._literal(mail, "(BODY.PEEK[])")

    def move(self, mail: int, folder: str) -> None:
        """Out of the mailbox, by one command where the server has it (RFC 6851)."""
        if folder not in self._made:
            # Refused if it is there, which is as good.
            self._connection.create(_quoted(folder))
            self._made.add(folder)
        if "MOVE" in self._connection.capabilities:
            self._uid("MOVE", str(mail), _quoted(folder))
            return
        self._uid("COPY", str(mail), _quoted(folder))
        self._uid("STORE", str(mail), "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._connection.capabilities:
            # Without it the mark must do: EXPUNGE alone would take what others have marked, too.
            self._uid("EXPUNGE", str(mail))

    def _literal(self, mail: int, what: str) -> bytes:
        answer = self._uid("FETCH", str(mail), what)
        return next((part[1] for part in answer if isinstance(part, tuple)), b"")

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        kind, answer = self._connection.uid(command, *arguments)
        if kind != "OK":
            raise imaplib.IMAP4.error(f"{command}: {_words(answer)}")
        return answer


@contextmanager
def opened(account: Account, folder: str) -> Iterator[Mailbox]:
    """The folder, for the length of a connection. Raises ``IntakeError`` with what went wrong, and no password."""
    where = f"{account.host}:{account.port}"
    try:
        connection = _connected(account)
    except TimeoutError:
        raise IntakeError(f"{where} did not answer within {ANSWER_SECONDS:.0f} seconds") from None
    except OSError as error:
        raise IntakeError(f"{where} cannot be reached: {_reason(error)}") from None
    except (imaplib.IMAP4.error, ValueError) as error:
        raise IntakeError(f"{where} does not speak IMAP over TLS: {error}") from None
    try:
        _sign_in(connection, account)
        yield Mailbox(connection, folder)
    except TimeoutError:
        raise IntakeError(f"{where} did not answer within {ANSWER_SECONDS:.0f} seconds") from None
    except (imaplib.IMAP4.error, ssl.SSLError, ConnectionError, EOFError) as error:
        raise IntakeError(f"the connection to {where} failed: {error}") from error
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.logout()


def _connected(account: Account) -> imaplib.IMAP4:
    context = ssl.create_default_context(cadata=account.authority or None)
    if account.security == "tls":
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=ANSWER_SECONDS)
    connection = imaplib.IMAP4(account.host, account.port, timeout=ANSWER_SECONDS)
    try:
        connection.starttls(context)
    except BaseException:
        connection.shutdown()
        raise
    return connection


def _sign_in(connection: imaplib.IMAP4, account: Account) -> None:
    """By SASL PLAIN (RFC 4616), which takes any characters; by LOGIN where the server has nothing else."""
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _challenge: f"\0{account.user}\0{account.password}".encode())
        else:
            connection.login(_quoted(account.user), account.password)
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        said = "the password needs a server with AUTH=PLAIN" if isinstance(error, UnicodeEncodeError) else error
        raise IntakeError(f"{account.host} refused to sign in {account.user}: {said}") from None


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return error.strerror or str(error)


def _quoted(text: str) -> str:
    """A string of the protocol (RFC 3501, section 4.3)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(answer: list[Any]) -> str:
    return b" ".join(part for part in answer if isinstance(part, bytes)).decode("utf-8", "replace")[:200]
