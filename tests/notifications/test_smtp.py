"""What is said to a mail server, byte by byte, and when its answers are waited for."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from notifications.transports.smtp import hand_over

GREETING = [b"220 mx ESMTP\r\n", b"250-mx\r\n250-SIZE 10000000\r\n250 PIPELINING\r\n"]


class Server:
    """Says the next of its answers to whatever it hears, and keeps what it heard."""

    def __init__(self, *answers: bytes) -> None:
        self.heard: list[bytes] = []
        self._answers = [*GREETING, *answers]
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            connection.sendall(self._answers[0])
            for answer in self._answers[1:]:
                self.heard.append(connection.recv(65_536))
                connection.sendall(answer)

    def close(self) -> None:
        self._thread.join(10)
        self._listening.close()


Talk = Callable[..., tuple[smtplib.SMTP, Server]]


@pytest.fixture
def talk() -> Iterator[Talk]:
    """A conversation with a server that has these answers."""
    made: list[tuple[smtplib.SMTP, Server]] = []

    def begin(*answers: bytes) -> tuple[smtplib.SMTP, Server]:
        server = Server(*answers)
        made.append((smtplib.SMTP("127.0.0.1", server.port, timeout=10), server))
        return made[-1]

    yield begin
    for client, server in made:
        client.close()
        server.close()


def heard(server: Server) -> list[bytes]:
    """After the greeting."""
    server.close()
    return server.heard[1:]


def test_the_commands_go_together_and_then_the_mail(talk: Talk) -> None:
    client, server = talk(b"250 ok\r\n250 ok\r\n354 go on\r\n", b"250 taken\r\n")
    hand_over(client, "us@example.com", "a@example.com", b"x\r\n.y\r\nz")
    assert heard(server) == [
        b"MAIL FROM:<us@example.com> size=8\r\nRCPT TO:<a@example.com>\r\nDATA\r\n",
        b"x\r\n..y\r\nz\r\n.\r\n",
    ]


def test_who_refused_the_reader_and_waits_for_the_mail_gets_none(talk: Talk) -> None:
    client, server = talk(b"250 ok\r\n550 5.1.1 nobody\r\n354 go on\r\n", b"554 no valid recipients\r\n", b"250 ok\r\n")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        hand_over(client, "us@example.com", "a@example.com", b"x\r\n")
    assert caught.value.recipients == {"a@example.com": (550, b"5.1.1 nobody")}
    assert client.rset() == (250, b"ok")
    assert heard(server)[1:] == [b".\r\n", b"rset\r\n"]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (b"550 5.7.1 not you\r\n503 no sender\r\n503 no sender\r\n", smtplib.SMTPSenderRefused),
        (b"421 too long idle\r\n", smtplib.SMTPSenderRefused),
        (b"250 ok\r\n421 too many\r\n", smtplib.SMTPRecipientsRefused),
        (b"250 ok\r\n450 4.2.1 later\r\n554 no valid recipients\r\n", smtplib.SMTPRecipientsRefused),
        (b"250 ok\r\n250 ok\r\n451 4.3.0 later\r\n", smtplib.SMTPDataError),
        (b"250 ok\r\n", smtplib.SMTPServerDisconnected),
    ],
)
def test_what_is_refused_is_told_as_it_was_said(answers: bytes, error: type[Exception], talk: Talk) -> None:
    client, server = talk(answers)
    with pytest.raises(error) as caught:
        hand_over(client, "us@example.com", "a@example.com", b"x\r\n")
    assert type(caught.value) is error
    assert len(heard(server)) == 1
