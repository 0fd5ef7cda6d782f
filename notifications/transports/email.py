"""E-mail through Django's mail backend, SMTP or a provider's of django-anymail: RFC 5322 message, RFC 8058 one-click
unsubscribe.

A mail keeps its Message-ID over all tries, so a second copy after a crash is recognized by the mail systems that
look at it; plain SMTP offers no more, hence ``may_repeat``. All mails of one channel about one shipment answer to one
Message-ID that was never sent, by which mail programs show them together (RFC 5322, 3.6.4).
"""

from __future__ import annotations

import re
import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.validators import validate_email

from notifications.transports import mime, providers, smtp
from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
    UnreachableError,
)

# A server is not kept waiting longer than this for the next mail.
IDLE_SECONDS = 10.0
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.\d{1,3}\b")
_OUR_ADDRESS = re.compile(r"\b5\.1\.[78]\b")
# How servers that give no enhanced code say that there is no such mailbox. Whatever else they refuse with 550 (that
# they do not relay, whom they block) is of us or of the mail, and no reason to give its reader up.
_WHOM = r"(?:users?|mailbox|recipient|account|person|addressee|address)"
_NOT_THERE = r"(?:unknown|not found|not exist|n't exist|unavailable|disabled|inactive|invalid|not local)"
_NO_MAILBOX = re.compile(
    rf"(?i)\b(?:no such|unknown|invalid|no) (?:local )?{_WHOM}\b|\b{_WHOM}\b[^.:;]{{0,60}}\b{_NOT_THERE}"
)
_OF_US = re.compile(r"(?i)\bsender|\bmail from\b|\brelay|\bip\b|\bblock|\bspam")


class EmailTransport:
    """One connection for all mails of a batch."""

    concurrency = 1
    may_repeat = True

    @contextmanager
    def open(self) -> Iterator[EmailSender]:
        sender = EmailSender()
        try:
            yield sender
        finally:
            sender.close()


class _DroppedError(TemporaryError):
    """The server ended the connection."""


class EmailSender:
    """Sends over a kept connection, makes a new one when the server has ended the old one, and takes its leave (QUIT)
    when there was nothing to send for ``IDLE_SECONDS``."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._used = False
        self._lock = threading.Lock()
        self._last = 0.0
        self._watch: threading.Timer | None = None

    def close(self) -> None:
        """Ends the connection; what the server says to that no longer matters."""
        with self._lock:
            if self._watch is not None:
                self._watch.cancel()
                self._watch = None
            self._close()

    def send(self, message: Message) -> Receipt:
        headers = headers_of(message)
        with self._lock:
            kept = self._used
            try:
                return self._send(message, headers)
            except _DroppedError:
                if not kept:
                    raise
            return self._send(message, headers)

    def _send(self, message: Message, headers: dict[str, str]) -> Receipt:
        connection = self._opened()
        try:
            number = _handed_over(connection, message, headers)
        except Exception as error:
            meaning = self._meaning(error)
            if meaning is None:
                raise
            raise meaning from error
        self._used, self._last = True, time.monotonic()
        return Receipt(provider_id=number)

    def _meaning(self, error: Exception) -> TransportError | None:
        """What may be done next; None for what is not the server's doing. Mends or ends the connection."""
        if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError):
            self._close()
            return _DroppedError(_said(error))
        if providers_said := providers.verdict(error):
            return providers_said
        if isinstance(error, smtplib.SMTPException):
            self._reset()
            return verdict(error)
        if isinstance(error, OSError):
            self._close()
            return TemporaryError(_said(error))
        return PermanentError(_said(error)) if isinstance(error, ValueError) else None

    def _opened(self) -> BaseEmailBackend:
        try:
            if self._connection is None:
                self._connection = get_connection()
            self._connection.open()
        except (OSError, ImproperlyConfigured) as error:  # every error of smtplib is an OSError
            self._close()
            raise UnreachableError(_said(error)) from error
        if self._watch is None:
            self._watch_for(IDLE_SECONDS)
        return self._connection

    def _watch_for(self, seconds: float) -> None:
        self._watch = threading.Timer(seconds, self._leave_if_idle)
        self._watch.daemon = True
        self._watch.start()

    def _leave_if_idle(self) -> None:
        with self._lock:
            if self._watch is None:
                return
            left = self._last + IDLE_SECONDS - time.monotonic()
            if left > 0:
                self._watch_for(left)
            else:
                self._watch = None
                self._close()

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
        self._used = False

    def _reset(self) -> None:
        """A server may keep the refused mail's envelope until it is told to forget it."""
        open_ = getattr(self._connection, "connection", None)
        if open_ is not None:
            try:
                open_.rset()
            except OSError:
                self._close()


def _handed_over(connection: BaseEmailBackend, message: Message, headers: dict[str, str]) -> str:
    """By what number the mail is known. What Django's own SMTP backend does is done without its message trees; every
    other backend gets them, a provider's or one that the operator made of Django's."""
    if type(connection) is not SmtpBackend:
        mail = compose(message)
        connection.send_messages([mail])
        return providers.number_of(mail)
    sender = message.sender or settings.DEFAULT_FROM_EMAIL
    data = mime.as_bytes(message, sender, message.reply_to or settings.EMAIL_REPLY_TO, headers)
    addresses = mime.envelope_address(sender), mime.envelope_address(message.to)
    assert connection.connection is not None  # it was opened
    smtp.hand_over(connection.connection, *addresses, data)
    return headers["Message-ID"]


def compose(message: Message) -> EmailMultiAlternatives:
    """The mail of a message: text, HTML, and headers of one line each. Raises ``PermanentError`` for an injection."""
    headers = headers_of(message)
    reply_to = message.reply_to or settings.EMAIL_REPLY_TO
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=message.sender or None,
        to=[message.to],
        reply_to=[reply_to] if reply_to else None,
        headers=headers,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
        for image in message.images:
            mail.attach(mime.picture_part(image))
            mail.mixed_subtype = "related"  # type: ignore[attr-defined]  # its types do not know it
    return mail


def headers_of(message: Message) -> dict[str, str]:
    """A mail's headers beside sender, recipient, subject and date. Raises ``PermanentError`` for an injection into any
    of them, ``AddressRefusedError`` for what is not one address."""
    own = {"To": message.to, "Subject": message.subject, "From": message.sender, "Reply-To": message.reply_to}
    for name, value in {**own, **message.headers}.items():
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
    if message.thread:
        headers |= {"In-Reply-To": message_id(message.thread), "References": message_id(message.thread)}
    return headers


def message_id(reference: str) -> str:
    """The same for every try of one delivery; the right-hand side is the sender's domain (RFC 5322, 3.6.4)."""
    return f"<{reference}@{_domain(settings.DEFAULT_FROM_EMAIL)}>"


@lru_cache(maxsize=8)
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def verdict(error: smtplib.SMTPException) -> TransportError:
    """What an SMTP error means for the next step: 4yz later, 5yz never (RFC 5321, 4.2.1), 5.1.z the address
    (RFC 3463, 3.2), as do words for it where no such code is given. A refused sender (5.1.7 and 5.1.8 too) or sign-in
    is the operator's to mend, so the mail waits."""
    if isinstance(error, smtplib.SMTPRecipientsRefused) and error.recipients:
        code, said = next(iter(error.recipients.values()))
        text = _text(code, said)
        if _OUR_ADDRESS.search(text):
            return UnreachableError(text)
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
    return code in (550, 551, 553) and bool(_NO_MAILBOX.search(text)) and not _OF_US.search(text)


def _text(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
