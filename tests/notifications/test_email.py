"""E-mail against a real mail server: what arrives, and what each refusal means."""

from __future__ import annotations

import smtplib
import socket
from typing import Any

import pytest

from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    TemporaryError,
    TransportError,
    UnreachableError,
)
from notifications.transports.email import EmailTransport, compose, verdict
from tests.notifications.conftest import MailServer, free_port

MESSAGE = Message(
    to="alice@example.com",
    subject="수입신고 수리 — HBL KOSHA2603001",
    text="수리되었습니다.\n",
    html="<p>수리되었습니다.</p>",
    reference="d-1-abc",
    language="ko",
    headers={"List-Unsubscribe": "<https://clis.example/u/>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
)


@pytest.fixture(autouse=True, params=[False, True], ids=["one command at a time", "all together"])
def takes_groups(request: pytest.FixtureRequest, mail_server: MailServer) -> None:
    """Most servers take commands in groups (RFC 2920)."""
    mail_server.takes_groups = request.param


def test_a_mail_arrives_as_text_and_html(mail_server: MailServer) -> None:
    with EmailTransport().open() as sender:
        receipt = sender.send(MESSAGE)
    (mail,) = mail_server.mails
    assert mail_server.recipients == [["alice@example.com"]]
    assert mail["Subject"] == MESSAGE.subject
    assert mail["From"] == "CLIS <notices@clis.example>"
    assert mail["Message-ID"] == receipt.provider_id == "<d-1-abc@clis.example>"
    assert mail["Content-Language"] == "ko"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and text.get_content().strip() == "수리되었습니다."
    assert html is not None and html.get_content().strip() == "<p>수리되었습니다.</p>"


REFUSALS: list[tuple[str, type[TransportError]]] = [
    ("550 5.1.1 no such person", AddressRefusedError),
    ("550 5.1.8 Sender address rejected: Domain not found", UnreachableError),
    ("550 no such person", AddressRefusedError),
    ("550 User unknown in local recipient table", AddressRefusedError),
    ("550 The account that you tried to reach does not exist", AddressRefusedError),
    ("550 Requested action not taken: mailbox unavailable", AddressRefusedError),
    ("551 User not local", AddressRefusedError),
    ("550 relay not permitted", PermanentError),
    ("550 unknown user or relay not permitted", PermanentError),
    ("550 Sender address unknown", PermanentError),
    ("550 Your IP address is invalid here", PermanentError),
    ("550 Recipient address rejected: Access denied", PermanentError),
    ("553 sorry, that domain is not in my list of allowed rcpthosts", PermanentError),
    ("553 5.1.3 bad address", AddressRefusedError),
    ("550 5.7.1 policy", PermanentError),
    ("554 5.7.1 spam", PermanentError),
    ("450 4.2.1 greylisted", TemporaryError),
    ("452 4.2.2 mailbox full", TemporaryError),
]


@pytest.mark.parametrize(("answer", "error"), REFUSALS)
def test_what_a_refused_recipient_means(mail_server: MailServer, answer: str, error: type[TransportError]) -> None:
    mail_server.refused["alice@example.com"] = answer
    with EmailTransport().open() as sender, pytest.raises(error, match=answer) as caught:
        sender.send(MESSAGE)
    assert type(caught.value) is error
    assert mail_server.mails == []


@pytest.mark.parametrize(
    ("answer", "error"), [("552 5.3.4 too big", PermanentError), ("451 4.3.0 try later", TemporaryError)]
)
def test_what_refused_data_means(mail_server: MailServer, answer: str, error: type[TransportError]) -> None:
    mail_server.data_answer = answer
    with EmailTransport().open() as sender, pytest.raises(error, match=answer) as caught:
        sender.send(MESSAGE)
    assert type(caught.value) is error


def test_after_a_refusal_the_connection_is_used_on(mail_server: MailServer) -> None:
    mail_server.refused["bad@example.com"] = "550 5.1.1 no"
    with EmailTransport().open() as sender:
        with pytest.raises(AddressRefusedError):
            sender.send(Message(to="bad@example.com", text="x", subject="x", reference="d-2"))
        sender.send(MESSAGE)
    assert (len(mail_server.mails), mail_server.connections) == (1, 1)


def test_a_server_that_ended_the_connection_is_called_again(mail_server: MailServer) -> None:
    with EmailTransport().open() as sender:
        sender.send(MESSAGE)
        sender._connection.connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        sender.send(MESSAGE)
    assert (len(mail_server.mails), mail_server.connections) == (2, 2)


def test_no_server_is_unreachable(settings: Any, mail_server: MailServer) -> None:
    settings.EMAIL_PORT = free_port()
    with EmailTransport().open() as sender, pytest.raises(UnreachableError):
        sender.send(MESSAGE)


def test_our_own_sign_in_refused_is_the_operators_to_mend() -> None:
    assert isinstance(verdict(smtplib.SMTPAuthenticationError(535, b"5.7.8 no")), UnreachableError)
    assert isinstance(verdict(smtplib.SMTPSenderRefused(550, b"5.7.1 not you", "a@b.example")), UnreachableError)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "x\r\nBcc: victim@example.com"},
        {"to": "alice@example.com\nBcc: victim@example.com"},
        {"headers": {"List-Unsubscribe": "<x>\r\nBcc: victim@example.com"}},
        {"to": "alice@example.com, victim@example.com"},
        {"to": "Alice <alice@example.com>"},
        {"to": ""},
    ],
)
def test_an_injected_header_or_recipient_is_refused(mail_server: MailServer, change: dict[str, Any]) -> None:
    message = Message(**{**MESSAGE.__dict__, **change})
    with EmailTransport().open() as sender, pytest.raises(PermanentError):
        sender.send(message)
    assert (mail_server.mails, mail_server.recipients) == ([], [])


def test_the_reply_address(settings: Any) -> None:
    settings.EMAIL_REPLY_TO = ""
    assert compose(MESSAGE).message()["Reply-To"] is None
    settings.EMAIL_REPLY_TO = "help@clis.example"
    assert compose(MESSAGE).message()["Reply-To"] == "help@clis.example"
