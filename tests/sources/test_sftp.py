"""An SFTP directory over a real connection: who is trusted, what is taken, and what a break at any step leaves."""

from __future__ import annotations

import io
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import paramiko
import pytest

from cargo.models import InboundMessage, Intake, Source
from cargo.models.bodies import opened
from cargo.pipeline import receive as inbox
from cargo.sources.base import IntakeError
from cargo.sources.sftp import client
from cargo.sources.sftp.client import Remote, private_key, public_key
from clis.sealing import seal
from tests.sources.directories import (
    MESSAGE,
    Failpoint,
    Killed,
    bodies,
    kept,
    killed,
    plain,
    run,
    run_later,
    run_twice,
    tree,
)
from tests.sources.sftp_server import PASSWORD, USER, SftpServer


@pytest.fixture
def mailbox(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    path.mkdir()
    return path


@pytest.fixture
def server(tmp_path: Path, mailbox: Path) -> Iterator[SftpServer]:
    with SftpServer(tmp_path) as server:
        yield server


@pytest.fixture
def intake(source: Source, server: SftpServer) -> Intake:
    return Intake.objects.create(
        source=source,
        way="sftp",
        every=timedelta(minutes=1),
        settings={"host": "127.0.0.1", "port": server.port, "user": USER, "host_keys": [server.pin], "path": "in"},
        sealed=seal(f'{{"password": "{PASSWORD}"}}'),
    )


def change(intake: Intake, **values: Any) -> None:
    """Settings as staff would save them."""
    Intake.objects.filter(pk=intake.pk).update(settings={**intake.settings, **values})


def test_a_file_is_kept_and_archived(intake: Intake, mailbox: Path) -> None:
    (mailbox / "a.edi").write_bytes(MESSAGE)
    first = run(intake)
    assert (first.result.received, first.result.waiting, first.error) == (0, 1, "")
    second = run_later(intake)
    assert (second.result.received, second.result.waiting, second.error) == (1, 0, "")
    assert kept() == [("a.edi", MESSAGE)]
    assert tree(mailbox) == ["archive/a.edi"]


def test_a_large_file_comes_whole(intake: Intake, mailbox: Path) -> None:
    content = os.urandom(3_000_001)
    (mailbox / "a.edi").write_bytes(content)
    assert run_twice(intake).result.received == 1
    assert bodies() == [content]


def test_a_file_above_the_limit_of_a_message_is_streamed(
    intake: Intake, mailbox: Path, settings: Any, tmp_path: Path
) -> None:
    settings.MESSAGE_MAX_BYTES, settings.BODIES_DIR, settings.VAR_DIR = 1000, tmp_path / "bodies", tmp_path / "var"
    content = os.urandom(600_000)
    (mailbox / "large.edi").write_bytes(content)
    assert run_twice(intake).result.received == 1
    message = InboundMessage.objects.get()
    assert (message.name, message.size, message.body.on_disk) == ("large.edi", len(content), True)
    with opened(message.digest) as kept_bytes:
        assert kept_bytes.read() == content
    assert tree(mailbox) == ["archive/large.edi"]
    assert list((settings.VAR_DIR / "spool").iterdir()) == []


def test_growing_unfinished_and_foreign_files_are_left_alone(intake: Intake, mailbox: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"of the machine")
    (mailbox / "a.edi.filepart").write_bytes(b"[1,")
    (mailbox / ".hidden").write_bytes(b"[1,")
    (mailbox / "below.edi").mkdir()
    (mailbox / "link.edi").symlink_to(secret)
    for part in (b"[1,", b"2]"):
        with (mailbox / "b.edi").open("ab") as file:
            file.write(part)
        os.utime(mailbox / "b.edi", (1e9, 1e9))
        assert run_later(intake, 9).result.received == 0
    assert not InboundMessage.objects.exists()
    assert run_later(intake, 30).result.received == 1
    assert kept() == [("b.edi", b"[1,2]")]
    assert tree(mailbox) == [".hidden", "a.edi.filepart", "archive/b.edi", "link.edi"]
    assert secret.read_bytes() == b"of the machine"


def test_the_same_name_again_and_the_same_bytes_again(intake: Intake, mailbox: Path) -> None:
    for content in (b"[1]", b"[2]", b"[1]"):
        (mailbox / "status.edi").write_bytes(content)
        run_twice(intake)
    assert kept() == [("status.edi", b"[1]"), ("status.edi", b"[2]")]
    assert tree(mailbox) == ["archive/status.edi"] * 3


def test_names_of_every_kind(intake: Intake, mailbox: Path) -> None:
    names = ["도착통지 1.xml", "a b'c\"d;$(x).edi", "new\nline", "x" * 240]
    for name in names:
        (mailbox / name).write_bytes(name.encode())
    with open(os.fsencode(mailbox) + b"/" + "적하목록.txt".encode("cp949"), "wb") as file:
        file.write(b"cp949")
    outcome = run_twice(intake)
    assert (outcome.result.received, outcome.error) == (5, "")
    assert {name for name, _ in kept()} == {*names[:3], "x" * 200, "적하목록.txt"}


@pytest.mark.parametrize("name", ["../secret", "/secret", "below/../../secret", "..", "a\\b"])
def test_a_server_that_names_paths(
    intake: Intake, server: SftpServer, mailbox: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_bytes(b"not for us")
    known = paramiko.SFTPAttributes.from_stat(os.stat(tmp_path / "secret"), name)
    server.made_up = [known]
    change(intake, stable_seconds=0)
    assert run(intake).error == ""
    assert not InboundMessage.objects.exists()
    assert (tmp_path / "secret").read_bytes() == b"not for us"
    assert not [path for step, path in server.done if step in ("open", "rename")]


def test_a_file_that_cannot_be_read_is_set_aside(intake: Intake, server: SftpServer, mailbox: Path) -> None:
    server.unreadable = ("bad.edi",)
    for name in ("bad.edi", "good.edi", "empty.edi"):
        (mailbox / name).write_bytes(b"" if name.startswith("empty") else name.encode())
    outcome = run_twice(intake)
    assert sorted(outcome.result.notes) == [
        "bad.edi: it cannot be opened: Permission denied",
        "empty.edi: it is empty",
    ]
    assert bodies() == [b"good.edi"]
    failed = ["bad.edi", "bad.edi.reason.txt", "empty.edi", "empty.edi.reason.txt"]
    assert plain(file.name for file in (mailbox / "failed").iterdir()) == failed


def test_a_file_that_may_not_be_moved_does_not_hold_up_the_others(
    intake: Intake, server: SftpServer, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Remote.move

    def refusing(self: Remote, old: bytes, new: bytes) -> bool:
        if old == b"fixed.edi":
            raise PermissionError(13, "Permission denied")
        return moved(self, old, new)

    monkeypatch.setattr(Remote, "move", refusing)
    for name in ("fixed.edi", "good.edi"):
        (mailbox / name).write_bytes(name.encode())
    outcome = run_twice(intake)
    assert outcome.result.notes == ["fixed.edi: it could not be taken: Permission denied"]
    assert bodies() == [b"good.edi"]


# --- Who is trusted -----------------------------------------------------------------------------


def test_a_server_with_another_key_is_told_nothing(intake: Intake, server: SftpServer, mailbox: Path) -> None:
    (mailbox / "a.edi").write_bytes(MESSAGE)
    pinned = paramiko.ECDSAKey.generate()
    change(intake, host_keys=[f"{pinned.get_name()} {pinned.get_base64()}"], stable_seconds=0)
    outcome = run(intake)
    assert server.key.fingerprint in outcome.error
    assert "which is not pinned" in outcome.error
    assert server.asked == [] and server.done == []
    assert not InboundMessage.objects.exists()
    intake.refresh_from_db()
    assert (intake.failures, intake.error) == (1, outcome.error)


def test_without_a_pinned_key_nobody_is_called(intake: Intake, server: SftpServer) -> None:
    change(intake, host_keys=[])
    assert run(intake).error.startswith("no host key is pinned")
    assert server.asked == []


def test_a_key_is_pinned_by_its_fingerprint(intake: Intake, server: SftpServer, mailbox: Path) -> None:
    (mailbox / "a.edi").write_bytes(MESSAGE)
    change(intake, host_keys=["SHA256:" + "A" * 43, server.key.fingerprint], stable_seconds=0)
    assert run(intake).result.received == 1
    change(intake, host_keys=["SHA256:" + "A" * 43])
    assert "which is not pinned" in run(intake).error


def test_a_line_of_known_hosts_and_an_rsa_key(source: Source, tmp_path: Path, mailbox: Path, intake: Intake) -> None:
    (mailbox / "a.edi").write_bytes(MESSAGE)
    key = paramiko.RSAKey.generate(2048)
    with SftpServer(tmp_path, key) as server:
        line = f"[127.0.0.1]:{server.port} ssh-rsa {key.get_base64()} comment"
        change(intake, host_keys=[line], port=server.port, stable_seconds=0)
        assert run(intake).result.received == 1


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-rsa AAAA", "hello", "ssh-ed25519 !!!", "SHA256:abc"])
def test_what_is_no_key(line: str) -> None:
    with pytest.raises(ValueError, match="not a public key"):
        public_key(line)


def test_a_wrong_password_is_not_repeated_in_the_error(intake: Intake, server: SftpServer) -> None:
    Intake.objects.update(sealed=seal('{"password": "wrong but secret"}'))
    outcome = run(intake)
    assert outcome.error == f"127.0.0.1 refused to sign in {USER}: Authentication failed."
    assert server.asked == [("password", USER, "wrong but secret")]
    assert server.done == []


def test_with_a_private_key(intake: Intake, server: SftpServer, mailbox: Path) -> None:
    (mailbox / "a.edi").write_bytes(MESSAGE)
    ours, written = paramiko.ECDSAKey.generate(), io.StringIO()
    ours.write_private_key(written, password="unlocks")
    server.client_key = ours
    change(intake, stable_seconds=0)
    text = written.getvalue().replace("\n", "\\n")
    Intake.objects.update(sealed=seal(f'{{"private_key": "{text}", "passphrase": "unlocks"}}'))
    assert run(intake).result.received == 1
    assert {kind for kind, _, _ in server.asked} == {"publickey"}
    with pytest.raises(IntakeError, match="passphrase is missing"):
        private_key(written.getvalue())
    with pytest.raises(IntakeError, match="cannot be read"):
        private_key("-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----")


def test_secrets_that_do_not_open(intake: Intake, server: SftpServer, settings: Any) -> None:
    settings.SECRET_KEY = "another-key-" + "0" * 40
    assert "CLIS_SECRET_KEY_FALLBACKS" in run(intake).error
    assert server.asked == []


# --- When the line breaks -----------------------------------------------------------------------


def test_nobody_listens(intake: Intake, server: SftpServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    change(intake, port=port)
    assert run(intake).error == f"127.0.0.1:{port} cannot be reached: Connection refused"


def test_somebody_else_listens(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        change(intake, port=port)
        assert run(intake).error.startswith(f"the connection to 127.0.0.1:{port} failed")


def test_a_server_that_stops_answering(
    intake: Intake, server: SftpServer, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.5)
    done = []

    def hang(step: str, path: str) -> None:
        done.append(step)
        if step == "list":
            server_released.wait(20)

    server_released = threading.Event()
    server.disturb = hang
    try:
        assert run(intake).error == f"127.0.0.1:{server.port} did not answer within 0 seconds"
    finally:
        server_released.set()
    assert done == ["list"]


def test_a_directory_that_is_not_there(intake: Intake, server: SftpServer) -> None:
    change(intake, path="elsewhere")
    assert run(intake).error == f"127.0.0.1:{server.port}, elsewhere: No such file"


STEPS = {"files", "make", "look", "move", "read", "write", "receive"}


@pytest.mark.parametrize("how", ["the worker is killed", "the line breaks"])
def test_a_break_at_any_step_loses_nothing_and_doubles_nothing(
    intake: Intake, server: SftpServer, mailbox: Path, how: str
) -> None:
    """Each step of a run, with the break before and after it; then a run without one."""
    change(intake, stable_seconds=0)
    steps = [(inbox, "receive"), *((Remote, name) for name in STEPS - {"receive"})]
    reached, number = set(), 0
    for at, late in product(range(1, 60), (False, True)):
        number += 1
        for name in ("a", "b"):
            (mailbox / f"{name}.edi").write_bytes(f"{name}{number}".encode())
        (mailbox / "empty.edi").write_bytes(b"")
        with pytest.MonkeyPatch.context() as patch:
            point = Failpoint(patch, steps, at, late, killed if how == "the worker is killed" else server.drop)
            with suppress(Killed):
                run(intake)
            Intake.objects.update(leased_until=None)
        if not point.reached:
            break
        reached.add(point.reached)
        assert run(intake).error in ("", "empty.edi: it is empty")
        assert {f"a{number}".encode(), f"b{number}".encode()} <= set(bodies())
        assert list((mailbox / "taken").iterdir()) == []
        assert [file.name for file in mailbox.iterdir() if file.is_file()] == []
    assert number > 30
    assert reached == STEPS
    assert len(bodies()) == len(set(bodies())) == 2 * number
    assert len(list(mailbox.glob("archive/*/*"))) == 2 * number
    failed = plain(file.name for file in (mailbox / "failed").iterdir() if not file.name.startswith("."))
    assert failed == ["empty.edi"] * number + ["empty.edi.reason.txt"] * number
