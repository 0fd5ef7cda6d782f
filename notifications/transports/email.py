"""E-mail by SMTP, through Django's mail backend: RFC 5322 message, RFC 8058 one-click unsubscribe.

A mail keeps its Message-ID over all tries, so a second copy after a crash is recognized by the mail systems that
look at it; plain SMTP offers no more, hence ``may_repeat``.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email

from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
    UnreachableError,
)

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.\d{1,3}\b")


class EmailTransport:
    """One connection for all mails of a batch."""

    concurrency = 1
    may_repeat = True

    @contextmanager
    def open(self) -> Iterator[EmailSender]:
        sender = EmailSender(get_connection())
        try:
            yield sender
        finally:
            sender.close()


class _DroppedError(TemporaryError):
    """The server ended the connection."""


class EmailSender:
    """Sends over a kept connection, and makes a new one when the server has ended the old one."""

    def __init__(self, connection: BaseEmailBackend) -> None:
        self._connection = connection
        self._used = False

    def close(self) -> None:
        """Ends the connection; what the server says to that no longer matters."""
        with suppress(OSError):
            self._connection.close()
        self._used = False

    def send(self, message: Message) -> Receipt:
        mail = compose(message)
        kept = self._used
        try:
            return self._send(mail)
        except _DroppedError:
            if not kept:
                raise
        return self._send(mail)

    def _send(self, mail: EmailMultiAlternatives) -> Receipt:
        self._open()
        try:
            self._connection.send_messages([mail])
        except (smtplib.SMTPServerDisconnected, ConnectionError) as error:
            self.close()
            raise _DroppedError(_said(error)) from error
        except smtplib.SMTPException as error:
            self._reset()
            raise verdict(error) from error
        except OSError as error:
            self.close()
            raise TemporaryError(_said(error)) from error
        except ValueError as error:
            raise PermanentError(_said(error)) from error
        self._used = True
        return Receipt(provider_id=mail.extra_headers["Message-ID"])

    def _open(self) -> None:
        try:
            self._connection.open()
        except OSError as error:  # every error of smtplib is one
            self.close()
            raise UnreachableError(_said(error)) from error

    def _reset(self) -> None:
        """A server may keep the refused mail's envelope until it is told to forget it."""
        smtp = getattr(self._connection, "connection", None)
        if smtp is not None:
            try:
                smtp.rset()
            except OSError:
                self.close()


def compose(message: Message) -> EmailMultiAlternatives:
    """The mail of a message: text, HTML, and headers of one line each. Raises ``PermanentError`` for an injection."""
    for name, value in {"To": message.to, "Subject": message.subject, **message.headers}.items():
        if "\n" in value or "\r" in value:
            raise PermanentError(f"a line break in the header {name}")
    try:
        validate_email(message.to)
    except ValidationError as error:
        raise AddressRefusedError("not one e-mail address") from error
    headers = {
        "Message-ID": message_id(message.reference),
        "Auto-Submitted": "auto-generated",
        "Content-Language": message.language,
        **message.headers,
    }
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.to],
        reply_to=[settings.EMAIL_REPLY_TO] if settings.EMAIL_REPLY_TO else None,
        headers=headers,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def message_id(reference: str) -> str:
    """The same for every try of one delivery; the right-hand side is the sender's domain (RFC 5322, 3.6.4)."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{reference}@{domain}>"


def verdict(error: smtplib.SMTPException) -> TransportError:
    """What an SMTP error means for the next step: 4yz later, 5yz never (RFC 5321, 4.2.1), 5.1.z the address
    (RFC 3463, 3.2). A refused sender or sign-in is the operator's to mend, so the mail waits."""
    if isinstance(error, smtplib.SMTPRecipientsRefused) and error.recipients:
        code, said = next(iter(error.recipients.values()))
        text = _text(code, said)
        if 400 <= code < 500:
            return TemporaryError(text)
        return AddressRefusedError(text) if _is_address(code, text) else PermanentError(text)
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPAuthenticationError):
        return UnreachableError(_text(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        text = _text(error.smtp_code, error.smtp_error)
        return PermanentError(text) if error.smtp_code >= 500 else TemporaryError(text)
    return TemporaryError(_said(error))


def _is_address(code: int, text: str) -> bool:
    enhanced = _ENHANCED.search(text)
    if enhanced:
        return enhanced[1] == "5" and enhanced[2] == "1"
    return code in (550, 551, 553)


def _text(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
