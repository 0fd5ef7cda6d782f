"""The bytes of a mail mean what Django's own way would have sent, and are handed over as ``smtplib`` would."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail as django_mail
from django.core.mail.backends.smtp import EmailBackend
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from notifications import render
from notifications.models import KINDS, Branding, Delivery
from notifications.render import branding
from notifications.render.text import clean
from notifications.subscribing.specimens import specimen
from notifications.transports import mime
from notifications.transports.base import Image, Message, PermanentError, TemporaryError, UnreachableError
from notifications.transports.email import EmailTransport, compose, headers_of
from tests.notifications.conftest import MailServer, a_channel
from tests.people import Person

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9
SENDER = "CLIS <notices@clis.example>"
PLAIN = Message(to="alice@example.com", subject="Released", text="Released.\n", reference="d-1")
# What may differ: where a mail is cut, and how its parts are written down.
OF_THE_BYTES = ("content-type", "content-transfer-encoding", "mime-version", "date")


def ours(message: Message, reply_to: str = "") -> bytes:
    return mime.as_bytes(message, message.sender or SENDER, message.reply_to or reply_to, headers_of(message))


def parsed(data: bytes) -> EmailMessage:
    found = message_from_bytes(data, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def meaning(mail: EmailMessage) -> list[Any]:
    """Headers and contents of a mail and of every part of it."""
    return [
        (
            [(name, " ".join(str(value).split())) for name, value in part.items() if name.lower() not in OF_THE_BYTES],
            part.get_content_type(),
            part.get_content_charset(),
            None if part.is_multipart() else _content(part),
            part.defects,
        )
        for part in mail.walk()
    ]


def _content(part: Any) -> Any:
    content = part.get_content()
    return content.replace("\r\n", "\n") if isinstance(content, str) else content


def check_form(data: bytes) -> None:
    """Seven bits, lines of CRLF and of bearable length; a header of encoded words in short lines."""
    assert data.isascii() and b"\0" not in data
    lines = data.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 998
    assert all(len(line) <= 76 for line in lines if b"=?utf-8?" in line)


@pytest.mark.parametrize("logo", [b"", PNG], ids=["plain", "logo"])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_mail_means_what_djangos_way_would_send(
    shipper: Person, settings: Any, kind: str, language: str, logo: bytes
) -> None:
    settings.DEFAULT_FROM_EMAIL = SENDER
    settings.EMAIL_REPLY_TO = "help@clis.example"
    Branding.objects.create(name="한빛", foot="한빛 · Busan", logo=logo)
    branding.forget()
    assert shipper.organization
    channel = a_channel(shipper, "email", f"{language}@example.com", language=language)
    update = specimen(kind, shipper.organization)
    message = render.message(Delivery(pk=7, update=update, channel=channel, kind="email", notice=kind), True)
    data = ours(message, "help@clis.example")
    check_form(data)
    theirs = parsed(compose(message).message().as_bytes(linesep="\r\n"))
    assert meaning(parsed(data)) == meaning(theirs)
    mail = parsed(data)
    assert [name for name in mail if name != "MIME-Version"] == [
        "Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
        "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "In-Reply-To", "References", "Content-Type",
    ]  # fmt: skip
    assert mail["Date"].datetime is not None and mail["MIME-Version"] == "1.0"
    assert str(mail["Subject"]) == message.subject
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and _content(text) == message.text
    assert html is not None and _content(html) == message.html


MESSAGES = [
    {},
    {"text": ""},
    {"text": "", "html": "<p>x</p>"},
    {"text": "a" * 3000},
    {"text": "가" * 3000},
    {"text": "line \nwith\ttabs \t\n\n.\n..\nFrom here\n--x\n=3D\n"},
    {"text": "one\rtwo\r\nthree\n"},
    {"html": "<p>" + "é" * 80 + "</p>\n" * 3},
    {"sender": "한빛 로지스틱스 <notices@hanbit.example>"},
    {"sender": '"Hanbit, Inc." <notices@hanbit.example>'},
    {"sender": "Müller <a@bücher.example>", "reply_to": "Müller <b@bücher.example>"},
    {"reply_to": "desk@hanbit.example"},
    {"to": "alice@bücher.example"},
    {"to": '"a(b"@example.com'},
    {"subject": "가나다라마바사아자차카타파하" * 12},
    {"subject": "x" * 30 + " Released by customs — HBL KOSHA2603001"},
    {"subject": "A" * 66},
    {"subject": "word " * 39 + "end"},
    {"subject": ""},
    {"headers": {"Feedback-ID": "가:1"}},
    {"headers": {"List-Unsubscribe": "<https://clis.example/" + "u" * 700 + ">"}},
    {"headers": {"X-Long": "word " * 300 + "end"}},
    {"thread": "s-1", "html": "<p>x</p>", "images": (Image("logo", PNG, "image/png"),)},
    {"images": (Image("logo", PNG, "image/png"),)},
]


@pytest.mark.parametrize("change", MESSAGES, ids=range(len(MESSAGES)))
def test_every_form_means_what_djangos_way_would_send(settings: Any, change: dict[str, Any]) -> None:
    settings.DEFAULT_FROM_EMAIL = SENDER
    settings.EMAIL_REPLY_TO = ""
    message = Message(**{**PLAIN.__dict__, **change})
    data = ours(message)
    check_form(data)
    assert meaning(parsed(data)) == meaning(parsed(compose(message).message().as_bytes(linesep="\r\n")))


@hypothesis_settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_back(text: str, html: str) -> None:
    message = Message(**{**PLAIN.__dict__, "text": text, "html": html})
    data = ours(message)
    check_form(data)
    mail = parsed(data)
    found = [part.get_payload(decode=True).decode() for part in mail.walk() if not part.is_multipart()]  # type: ignore[union-attr]
    given_ = [text, html] if text and html else [html or text]
    assert found == [re.sub("\r\n?|\n", "\r\n", each) for each in given_]


@hypothesis_settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_subject_is_read_back(subject: str) -> None:
    message = Message(**{**PLAIN.__dict__, "subject": clean(subject, 300)})
    data = ours(message)
    check_form(data)
    assert str(parsed(data)["Subject"]) == message.subject


def test_what_looks_like_an_encoded_word_is_text() -> None:
    message = Message(**{**PLAIN.__dict__, "subject": "=?utf-8?q?Bcc=3A_x=40y=2Ez?="})
    assert str(parsed(ours(message))["Subject"]) == "=?utf-8?q?Bcc=3A_x=40y=2Ez?="


@pytest.mark.parametrize(
    "change", [{"subject": "x\nBcc: victim@example.com"}, {"sender": "é <a@example.com>\r\nBcc: victim@example.com"}]
)
def test_no_header_has_a_second_line(change: dict[str, Any]) -> None:
    message = Message(**{**PLAIN.__dict__, **change})
    with pytest.raises(ValueError, match=r"line break|newlines"):
        mime.as_bytes(message, message.sender or SENDER, "", {})


# --- Handed over --------------------------------------------------------------------------------


@pytest.fixture
def senders(mail_server: MailServer) -> list[str]:
    """What MAIL FROM named, mail by mail; a sender ``refused@…`` is."""
    named: list[str] = []

    async def mail(server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        named.append(address)
        if address.startswith("refused@"):
            return "550 5.7.1 not you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    mail_server.handle_MAIL = mail  # type: ignore[attr-defined]
    return named


def test_points_at_the_beginning_of_lines_arrive(mail_server: MailServer) -> None:
    text = ".\n..\n.x\n\n.\nend."
    with EmailTransport().open() as sender:
        sender.send(Message(**{**PLAIN.__dict__, "text": text}))
    (mail,) = mail_server.mails
    assert _content(mail).rstrip("\n") == text


def test_the_envelope_has_bare_addresses(mail_server: MailServer, senders: list[str]) -> None:
    change = {"sender": "한빛 <notices@bücher.example>", "to": "alice@bücher.example"}
    with EmailTransport().open() as sender:
        sender.send(Message(**{**PLAIN.__dict__, **change}))
        sender.send(Message(**{**PLAIN.__dict__, "to": '"a(b"@example.com'}))
    assert senders == ["notices@xn--bcher-kva.example", "notices@clis.example"]
    assert mail_server.recipients == [["alice@xn--bcher-kva.example"], ['"a(b"@example.com']]
    assert mail_server.mails[0]["From"].addresses[0].display_name == "한빛"


def test_after_a_refused_sender_the_connection_is_used_on(mail_server: MailServer, senders: list[str]) -> None:
    with EmailTransport().open() as sender:
        with pytest.raises(UnreachableError, match="550 5.7.1 not you"):
            sender.send(Message(**{**PLAIN.__dict__, "sender": "refused@clis.example"}))
        sender.send(PLAIN)
    assert senders == ["refused@clis.example", "notices@clis.example"]
    assert (len(mail_server.mails), mail_server.connections) == (1, 1)


def test_a_server_that_says_it_ends_is_called_again(mail_server: MailServer) -> None:
    mail_server.refused["bob@example.com"] = "421 4.3.2 shutting down"
    with EmailTransport().open() as sender:
        with pytest.raises(TemporaryError, match="421 4.3.2 shutting down"):
            sender.send(Message(**{**PLAIN.__dict__, "to": "bob@example.com"}))
        sender.send(PLAIN)
    assert len(mail_server.mails) == 1


def test_what_is_no_text_is_refused_for_good(mail_server: MailServer) -> None:
    with EmailTransport().open() as sender, pytest.raises(PermanentError):
        sender.send(Message(**{**PLAIN.__dict__, "text": "\ud800"}))
    assert mail_server.mails == []


class Marking(EmailBackend):
    """A backend that an operator made of Django's."""

    def send_messages(self, email_messages: Any) -> int:
        for mail in email_messages:
            mail.extra_headers["X-Marked"] = "yes"
        return super().send_messages(email_messages)


def test_a_backend_made_of_djangos_gets_djangos_mails(mail_server: MailServer, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Marking"
    with EmailTransport().open() as sender:
        receipt = sender.send(PLAIN)
    (mail,) = mail_server.mails
    assert (mail["X-Marked"], mail["Message-ID"]) == ("yes", receipt.provider_id)


@pytest.mark.parametrize("backend", ["locmem", "filebased", "console", "dummy"])
def test_djangos_other_backends(settings: Any, tmp_path: Any, capsys: Any, backend: str) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    settings.DEFAULT_FROM_EMAIL = SENDER
    django_mail.outbox = []
    with EmailTransport().open() as sender:
        assert sender.send(PLAIN).provider_id == "<d-1@clis.example>"
    said = "".join(file.read_text() for file in tmp_path.iterdir()) + capsys.readouterr().out
    assert [mail.subject for mail in django_mail.outbox] == (["Released"] if backend == "locmem" else [])
    assert said.count("Subject: Released") == (1 if backend in ("filebased", "console") else 0)
