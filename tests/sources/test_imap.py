"""A mailbox over a real TLS connection: whose mail is read, what in it, and what a break at any step leaves."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cargo import sources
from cargo.models import InboundMessage, Intake, Source
from cargo.sources import imap
from cargo.sources.imap import mailbox
from cargo.sources.imap.mailbox import Mailbox
from cargo.sources.imap.mails import SetAsideError, attachments, check_sender, parsed
from clis.sealing import seal
from tests.messages import dcsa, equipment
from tests.sources.directories import MESSAGE, Failpoint, Killed, bodies, kept, killed, run
from tests.sources.imap_server import PASSWORD, USER, ImapServer, settings

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture
def intake(source: Source, server: ImapServer) -> Intake:
    return Intake.objects.create(
        source=source,
        way="imap",
        every=timedelta(minutes=5),
        settings=settings(server),
        sealed=seal(json.dumps({"password": PASSWORD})),
    )


def a_mail(
    *files: tuple[str, bytes], sender: str = "Partner <edi@partner.com>", text: str = "See attached.", **headers: str
) -> bytes:
    """A mail with these attachments."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, USER, "Status"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def change(intake: Intake, **values: Any) -> None:
    """Settings as staff would save them."""
    Intake.objects.filter(pk=intake.pk).update(settings={**intake.settings, **values})


def test_attachments_are_kept_and_the_mail_is_moved(intake: Intake, server: ImapServer) -> None:
    sent = a_mail(("a.json", MESSAGE), ("b.edi", b"UNA:+.? '\r\nUNB+UNOC:3'"))
    server.deliver(sent)
    outcome = run(intake)
    assert (outcome.result.received, outcome.result.failed, outcome.error) == (2, 0, "")
    assert kept() == [("a.json", MESSAGE), ("b.edi", b"UNA:+.? '\r\nUNB+UNOC:3'")]
    assert {message.source for message in InboundMessage.objects.all()} == {intake.source}
    assert (server.lying("INBOX"), server.lying("CLIS-read")) == ([], [sent])
    intake.refresh_from_db()
    assert intake.cursor == "7:1"


def test_mails_are_read_once(intake: Intake, server: ImapServer) -> None:
    server.deliver(a_mail(("a.json", MESSAGE)))
    assert run(intake).result.received == 1
    server.commands.clear()
    assert run(intake).result.received == 0
    assert [command for command in server.commands if command.startswith("FETCH")] == []
    server.deliver(a_mail(("b.json", b"[2]")))
    assert run(intake).result.received == 1
    assert bodies() == [MESSAGE, b"[2]"]


def test_the_same_attachment_again_is_a_duplicate(intake: Intake, server: ImapServer) -> None:
    for _ in range(2):
        server.deliver(a_mail(("a.json", MESSAGE)))
    outcome = run(intake)
    assert (outcome.result.received, outcome.result.duplicates) == (1, 1)
    assert bodies() == [MESSAGE]


def test_a_mailbox_that_was_numbered_anew_brings_nothing_twice(intake: Intake, server: ImapServer) -> None:
    sent = a_mail(("a.json", MESSAGE))
    server.deliver(sent)
    run(intake)
    server.validity, server.next_uid = 8, 1
    server.deliver(sent)
    server.deliver(a_mail(("b.json", b"[2]")))
    outcome = run(intake)
    assert (outcome.result.received, outcome.result.duplicates) == (1, 1)
    intake.refresh_from_db()
    assert intake.cursor == "8:2"


def test_only_files_that_may_be_messages(intake: Intake, server: ImapServer) -> None:
    known = dcsa(equipment("DISC", "2026-03-14 09:00"))
    files = [("logo.png", PICTURE), ("rates.pdf", b"%PDF-1.7"), ("no-ending", known), ("STATUS.XML", b"<a/>")]
    server.deliver(a_mail(*files))
    assert run(intake).result.received == 2
    assert kept() == [("no-ending", known), ("STATUS.XML", b"<a/>")]


def test_names_of_every_kind(intake: Intake, server: ImapServer) -> None:
    names = ["도착통지.json", "../../etc/passwd.json", "a b\"c'.json"]
    server.deliver(a_mail(*((name, name.encode()) for name in names)))
    assert run(intake).result.received == 3
    assert kept() == [(name, name.encode()) for name in names]


@pytest.mark.parametrize(("with_text", "expected"), [(True, [b"FSU/12\n157-53806270HKGNLU/T2\n"]), (False, [])])
def test_the_text_of_the_mail(intake: Intake, server: ImapServer, with_text: bool, expected: list[bytes]) -> None:
    change(intake, text=with_text)
    server.deliver(a_mail(text="FSU/12\n157-53806270HKGNLU/T2\n"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imap, "_is_known", lambda content: content.startswith(b"FSU/"))
        assert run(intake).result.received == len(expected)
    assert [body.replace(b"\r\n", b"\n") for body in bodies()] == expected


def test_mails_without_a_message_are_set_aside_with_the_reason(intake: Intake, server: ImapServer) -> None:
    sent = [a_mail(), a_mail(("logo.png", PICTURE))]
    for mail in sent:
        server.deliver(mail)
    server.deliver(a_mail(("a.json", MESSAGE)))
    outcome = run(intake)
    assert (outcome.result.received, outcome.result.failed) == (1, 2)
    assert outcome.result.notes[0] == "mail 1: it has no attachment that is a message"
    assert server.lying("CLIS-aside") == sent
    intake.refresh_from_db()
    assert (intake.failures, intake.error) == (0, "; ".join(outcome.result.notes))


def test_what_is_too_large(intake: Intake, server: ImapServer, settings: Any) -> None:
    settings.MESSAGE_MAX_BYTES = 1000
    server.deliver(a_mail(("a.json", b"[" + b" " * 1000 + b"]")))
    server.deliver(a_mail(("b.json", b"[" + b" " * 5000 + b"]")))
    outcome = run(intake)
    assert outcome.result.notes == ["mail 1: a.json has 1002 bytes; 1000 are allowed", "mail 2: it is too large"]
    assert not InboundMessage.objects.exists()
    assert len(server.lying("CLIS-aside")) == 2


# --- Whose mail ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "allowed"),
    [
        ("edi@partner.com", True),
        ("EDI@Partner.COM", True),
        ("edi@mail.partner.com", False),
        ("edi@evilpartner.com", False),
        ("edi@partner.com.evil.com", False),
        ('"edi@partner.com" <x@evil.com>', False),
        ("x@evil.com, edi@partner.com", False),
        ("single@other.com", True),
        ("another@other.com", False),
        ("", False),
    ],
)
def test_only_mail_of_the_senders(intake: Intake, server: ImapServer, sender: str, allowed: bool) -> None:
    change(intake, senders=["@partner.com", "Single@Other.com"])
    mail = a_mail(("a.json", MESSAGE), sender="x@y.z").replace(b"From: x@y.z", b"From: " + sender.encode())
    server.deliver(mail)
    outcome = run(intake)
    assert (outcome.result.received, len(outcome.result.notes)) == (int(allowed), int(not allowed))
    assert InboundMessage.objects.count() == allowed
    assert len(server.lying("CLIS-aside")) == (not allowed)
    if not allowed:
        assert not [command for command in server.commands if "BODY.PEEK[]" in command]


@pytest.mark.parametrize(
    ("results", "allowed"),
    [
        (["mx.example.com; spf=pass; dmarc=pass header.from=partner.com"], True),
        (["MX.example.com 1; DMARC = pass"], True),
        (["mx.example.com; dmarc=fail"], False),
        (["mx.example.com; dkim=pass; x-dmarc=pass"], False),
        (["evil.com; dmarc=pass"], False),
        (["mx.example.com; dmarc=fail", "mx.example.com; dmarc=pass"], False),
        (["other.com; dmarc=fail", "mx.example.com; dmarc=pass"], True),
        ([], False),
    ],
)
def test_confirmed_by_the_operators_own_server(
    intake: Intake, server: ImapServer, results: list[str], allowed: bool
) -> None:
    change(intake, checked_by="mx.example.com")
    head = "".join(f"Authentication-Results: {line}\r\n" for line in results).encode()
    server.deliver(head + a_mail(("a.json", MESSAGE)))
    assert run(intake).result.received == allowed
    assert InboundMessage.objects.count() == allowed


# --- Hostile mails ------------------------------------------------------------------------------


def known(content: bytes) -> bool:
    return content.startswith(b"[")


BROKEN = {
    "nothing": b"",
    "no head": b"no head at all",
    "no part": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
    "half a boundary": b'Content-Type: multipart/mixed; boundary="\r\n\r\n',
    "no base64": b"Content-Disposition: attachment; filename*=xx'y'%ff\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
    "base64 that goes on": b"Content-Type: application/json; charset=nosuch\r\nContent-Disposition: attachment\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nWzFd=WzJd",
    "too many parts": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 300,
    "too deep": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(1200)
    ),
}


@pytest.mark.parametrize("mail", BROKEN.values(), ids=BROKEN)
def test_a_broken_mail_is_set_aside(mail: bytes) -> None:
    with pytest.raises(SetAsideError):
        attachments(parsed(mail), known, with_text=False)


@hypothesis_settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2000), st.binary(max_size=8))
def test_no_mail_does_harm(noise: bytes, place: int, change: bytes) -> None:
    """Nothing but what is taken or set aside, whatever the bytes."""
    whole = a_mail(("a.json", MESSAGE), ("b.edi", b"UNB"))
    for mail in (noise, whole[:place] + change + whole[place + len(change) :], b"From: " + noise + b"\r\n\r\n"):
        with suppress(SetAsideError):
            read = parsed(mail)
            check_sender(read, ["@partner.com"], "mx.example.com")
        with suppress(SetAsideError):
            attachments(parsed(mail), known, with_text=True)


# --- The connection -----------------------------------------------------------------------------


def test_by_starttls(intake: Intake) -> None:
    with ImapServer(starttls=True) as server:
        server.deliver(a_mail(("a.json", MESSAGE)))
        change(intake, port=server.port, security="starttls")
        assert (run(intake).error, bodies()) == ("", [MESSAGE])
        assert server.commands[0] == "CAPABILITY"
        assert server.commands.index("STARTTLS") < server.commands.index("AUTHENTICATE")


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 UIDPLUS", "IMAP4rev1"])
def test_a_server_that_knows_no_more_than_it_must(intake: Intake, capabilities: str) -> None:
    Intake.objects.update(sealed=seal(json.dumps({"password": PASSWORD.split(" 비")[0]})))
    with ImapServer(capabilities) as server:
        mail = a_mail(("a.json", MESSAGE))
        server.deliver(mail)
        change(intake, port=server.port)
        assert (run(intake).error, bodies()) == ("", [MESSAGE])
        assert (server.lying("INBOX"), server.lying("CLIS-read")) == ([], [mail])
        assert ("EXPUNGE 1" in server.commands) == ("UIDPLUS" in capabilities)
        assert run(intake).result.received == 0


def test_a_certificate_that_nobody_vouches_for(intake: Intake, server: ImapServer) -> None:
    server.deliver(a_mail(("a.json", MESSAGE)))
    change(intake, authority="")
    outcome = run(intake)
    assert outcome.error.startswith(f"127.0.0.1:{server.port} cannot be reached: its certificate is not trusted")
    assert (server.commands, InboundMessage.objects.count()) == ([], 0)


def test_a_wrong_password_is_not_repeated_in_the_error(intake: Intake, server: ImapServer) -> None:
    Intake.objects.update(sealed=seal('{"password": "wrong but secret"}'))
    outcome = run(intake)
    assert outcome.error.startswith(f"127.0.0.1 refused to sign in {USER}: ")
    assert "secret" not in outcome.error


def test_a_folder_that_is_not_there(intake: Intake) -> None:
    change(intake, folder="Elsewhere")
    assert run(intake).error == "the folder Elsewhere cannot be opened: [NONEXISTENT] no such mailbox"


def test_a_server_that_stops_answering(intake: Intake, server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "ANSWER_SECONDS", 0.5)
    released = threading.Event()
    server.disturb = lambda command: None if command != "SEARCH" else bool(released.wait(20)) and None
    try:
        assert run(intake).error == f"127.0.0.1:{server.port} did not answer within 0 seconds"
    finally:
        released.set()


@pytest.mark.parametrize("command", ["AUTHENTICATE", "SELECT", "SEARCH", "FETCH", "CREATE", "MOVE"])
def test_a_server_that_hangs_up(intake: Intake, server: ImapServer, command: str) -> None:
    server.deliver(a_mail(("a.json", MESSAGE)))

    def hang_up(named: str) -> None:
        if named == command:
            raise ConnectionError

    server.disturb = hang_up
    assert run(intake).error
    server.disturb = lambda named: None
    assert run(intake).error == ""
    assert bodies() == [MESSAGE]
    assert (server.lying("INBOX"), len(server.lying("CLIS-read"))) == ([], 1)


STEPS = {"mails", "size", "head", "whole", "move", "receive_many"}


def test_a_crash_at_any_step_loses_nothing_and_doubles_nothing(intake: Intake, server: ImapServer) -> None:
    """Each step of a run, with a crash before and after it; then a run without one."""
    steps = [(imap, "receive_many"), *((Mailbox, name) for name in STEPS - {"receive_many"})]
    reached, number = set(), 0
    for at, late in product(range(1, 40), (False, True)):
        number += 1
        for name in ("a", "b"):
            server.deliver(a_mail((f"{name}.json", f"{name}{number}".encode())))
        server.deliver(a_mail(sender="x@evil.com"))
        with pytest.MonkeyPatch.context() as patch:
            point = Failpoint(patch, steps, at, late, killed)
            with suppress(Killed):
                run(intake)
            Intake.objects.update(leased_until=None)
        if not point.reached:
            break
        reached.add(point.reached)
        run(intake)
        assert {f"a{number}".encode(), f"b{number}".encode()} <= set(bodies())
        assert server.lying("INBOX") == []
    assert number > 15
    assert reached == STEPS
    assert len(bodies()) == len(set(bodies())) == 2 * number
    assert len(server.lying("CLIS-read")) == 2 * number
    assert len(server.lying("CLIS-aside")) == number


def test_a_long_list_is_worked_off_in_slices(intake: Intake, server: ImapServer) -> None:
    for number in range(3):
        server.deliver(a_mail((f"{number}.json", b"%d" % number)))
    assert sources.try_now(intake.pk, timedelta(0)).result.received == 0
    assert run(intake).result.received == 3
