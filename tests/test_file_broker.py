"""The broker of files: whole messages, each to one taker, whatever else writes, reads or is killed beside it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.signals import worker_shutting_down
from kombu import Connection, Exchange, Queue
from kombu.exceptions import ChannelError

from clis.celery import app
from clis.file_broker import ABANDONED, Channel, Transport

ROOT = Path(__file__).resolve().parent.parent
EXCHANGE = Exchange("work")
WORK = Queue("work", EXCHANGE, routing_key="work")

# What every process of a test begins with; its arguments are the broker's folder and its own number.
OPENED = """
import json, os, signal, sys, time
from pathlib import Path
from kombu import Connection, Exchange, Queue
from kombu.exceptions import ChannelError
folder, number = Path(sys.argv[1]), int(sys.argv[2])
paths = {"data_folder_in": folder / "in", "data_folder_out": folder / "in", "control_folder": folder / "control"}
options = {name: str(path) for name, path in paths.items()}
connection = Connection("filesystem://", transport="clis.file_broker:Transport", transport_options=options)
channel = connection.channel()
exchange = Exchange("work")
queue = Queue("work", exchange, routing_key="work")(channel)
queue.declare()
"""
PUTS = """
producer = connection.Producer(channel)
for at in range(1500):
    producer.publish([number, at], exchange=exchange, routing_key="work")
"""
GETS = """
got = []
while True:
    ended = (folder / "ended").exists()
    message = queue.get(no_ack=True)
    if message is not None:
        got.append(message.payload)
    elif ended:
        break
print(json.dumps(got))
"""
KILLED = """
Path.replace = lambda aside, path: os.kill(os.getpid(), signal.SIGKILL)
connection.Producer(channel).publish("never", exchange=exchange, routing_key="work")
"""
BINDS = """
for at in range(100):
    extra = Queue(f"queue-{number}-{at}", exchange, routing_key="work")(channel)
    extra.declare()
    if at % 2:
        extra.delete()
"""
READS = """
seen = []
while not (folder / "ended").exists():
    seen.append("work" in [row.queue for row in channel.get_table("work")])
print(json.dumps(all(seen) and len(seen)))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("in", "control"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def opened(folder: Path) -> Iterator[Callable[[], Channel]]:
    """``opened()``: a channel of a connection of its own, with the queue declared."""
    connections = []

    def open_one() -> Channel:
        paths = {"data_folder_in": "in", "data_folder_out": "in", "control_folder": "control"}
        paths = {option: str(folder / name) for option, name in paths.items()}
        connection = Connection("filesystem://", transport=Transport, transport_options=paths)
        connections.append(connection)
        channel = connection.channel()
        # What is bound is kept for a whole process; here each connection stands for one.
        channel.state.clear()
        WORK(channel).declare()
        return channel

    yield open_one
    for connection in connections:
        connection.release()


def put(channel: Channel, body: Any) -> None:
    channel.connection.client.Producer(channel).publish(body, exchange=EXCHANGE, routing_key="work")


def get(channel: Channel) -> Any:
    message = WORK(channel).get(no_ack=True)
    return None if message is None else message.payload


def start(script: str, folder: Path, number: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OPENED + script, str(folder), str(number)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    """What it printed, once it has ended well and without a word of trouble."""
    output, trouble = process.communicate(timeout=120)
    assert (process.returncode, trouble) == (0, "")
    return output


def test_what_one_puts_another_gets_in_its_order(folder: Path, opened: Callable[[], Channel]) -> None:
    here, there = opened(), opened()
    for number in range(12):
        put(here, {"number": number})
    assert here._size("work") == 12
    assert [get(there) for _ in range(13)] == [{"number": number} for number in range(12)] + [None]
    assert list((folder / "in").iterdir()) == []


@pytest.mark.parametrize("url", ["filesystem://", "filesystem://localhost/"])
def test_every_such_address_is_served_by_it(url: str) -> None:
    for connection in (app.connection_for_read(url), app.connection_for_write(url), Connection(url)):
        assert type(connection.transport) is Transport


def test_of_many_at_once_none_is_lost_and_none_comes_twice(folder: Path) -> None:
    takers = [start(GETS, folder) for _ in range(2)]
    writers = [start(PUTS, folder, number) for number in range(2)]
    assert [said(writer) for writer in writers] == ["", ""]
    (folder / "ended").touch()
    got = [tuple(body) for taker in takers for body in json.loads(said(taker))]
    assert sorted(got) == [(number, at) for number in range(2) for at in range(1500)]
    assert list((folder / "in").iterdir()) == []


def test_a_worker_that_is_to_stop_takes_no_more(
    folder: Path, opened: Callable[[], Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, got = opened(), []
    connection = channel.connection.client
    monkeypatch.setattr(Transport, "stopping", False)
    with connection.Consumer([WORK], channel=channel, callbacks=[lambda body, message: got.append(body)]):
        for body in ("before", "after"):
            put(channel, body)
        connection.drain_events(timeout=5)
        worker_shutting_down.send(sender="worker", sig="TERM", how="Warm", exitcode=0)
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=3600)
    assert got == ["before"]
    assert channel._size("work") == 1


def test_who_waits_for_nothing_is_told_so(opened: Callable[[], Channel]) -> None:
    channel = opened()
    with channel.connection.client.Consumer([WORK], channel=channel), pytest.raises(TimeoutError):
        channel.connection.client.drain_events(timeout=0.01)


def test_what_another_took_since_the_folder_was_read_is_passed_over(opened: Callable[[], Channel]) -> None:
    here, there = opened(), opened()
    for number in range(6):
        put(here, number)
    assert [get(taker) for taker in (here, there, here, there, there, here, there)] == [0, 1, 2, 3, 4, 5, None]


def test_one_queue_does_not_get_anothers(opened: Callable[[], Channel]) -> None:
    channel = opened()
    other = Queue("otherwork", EXCHANGE, routing_key="other")(channel)
    other.declare()
    put(channel, "ours")
    assert other.get() is None
    assert get(channel) == "ours"


def test_nothing_goes_through_the_machines_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, opened: Callable[[], Channel]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/not/there")
    channel = opened()
    put(channel, "private")
    assert get(channel) == "private"


@pytest.mark.parametrize("content", [b"", b'{"body": "W10=", "prop', b"\0" * 300, b"\xff\xfe", b"null", b"[]", b"{}"])
def test_a_file_that_holds_no_message_is_told_of_and_removed(
    folder: Path, opened: Callable[[], Channel], caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    channel = opened()
    (folder / "in" / "0_broken.work.msg").write_bytes(content)
    put(channel, "whole")
    assert [get(channel), get(channel)] == ["whole", None]
    assert caplog.messages == [f"removed a file that holds no message: {len(content)} bytes"]
    assert list((folder / "in").iterdir()) == []


def test_what_cannot_be_removed_is_told_of_once_and_holds_up_nothing(
    folder: Path, opened: Callable[[], Channel], caplog: pytest.LogCaptureFixture
) -> None:
    channel = opened()
    (folder / "in" / "0_folder.work.msg").mkdir()
    put(channel, "behind it")
    assert [get(channel), get(channel), get(channel)] == ["behind it", None, None]
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("a message can be neither read nor removed: ")


def test_a_writer_killed_in_the_middle_leaves_nothing_to_take(
    folder: Path, opened: Callable[[], Channel], caplog: pytest.LogCaptureFixture
) -> None:
    channel = opened()
    killed = start(KILLED, folder)
    assert killed.wait(60) == -signal.SIGKILL
    killed.communicate()
    (aside,) = (folder / "in").iterdir()
    assert [get(channel), channel._size("work")] == [None, 0]
    put(channel, "next")
    assert [get(channel), get(channel)] == ["next", None]

    # It may be somebody's who is just writing; an hour later it is nobody's.
    assert get(opened()) is None
    assert aside.exists()
    past = time.time() - ABANDONED - 60
    os.utime(aside, (past, past))
    opened()
    assert list((folder / "in").iterdir()) == []
    assert caplog.messages == []


def test_waiting_messages_are_kept_however_old(folder: Path, opened: Callable[[], Channel]) -> None:
    put(opened(), "old")
    (waiting,) = (folder / "in").iterdir()
    os.utime(waiting, (0, 0))
    assert get(opened()) == "old"


def test_a_message_that_cannot_be_written_is_an_error_of_the_broker(
    folder: Path, opened: Callable[[], Channel]
) -> None:
    channel = opened()
    (folder / "in").rmdir()
    with pytest.raises(ChannelError, match=r"cannot write .*\.work\.msg"):
        put(channel, "nowhere")


def test_those_who_bind_queues_at_once_lose_none(folder: Path) -> None:
    said(start("", folder))
    reader = start(READS, folder)
    binders = [start(BINDS, folder, number) for number in range(3)]
    assert [said(binder) for binder in binders] == ["", "", ""]
    (folder / "ended").touch()
    assert json.loads(said(reader)) > 0
    table = json.loads((folder / "control" / "work.exchange").read_bytes())
    kept = [f"queue-{number}-{at}" for number in range(3) for at in range(0, 100, 2)]
    assert sorted(queue for _, _, queue in table) == sorted([*kept, "work"])
    assert sorted(path.name for path in (folder / "control").iterdir()) == ["work.exchange", "work.lock"]


@pytest.mark.parametrize("content", [b"", b'[["work", "", "wo', b"null"])
def test_a_table_that_was_left_broken_is_made_again_by_the_next_start(
    folder: Path, opened: Callable[[], Channel], caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (folder / "control" / "work.exchange").write_bytes(content)
    channel = opened()
    put(channel, "through")
    assert get(channel) == "through"
    assert caplog.messages == ["the table of the exchange work cannot be read"]


def test_an_exchange_of_which_nobody_knows_takes_no_message(
    folder: Path, opened: Callable[[], Channel], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert opened().get_table("elsewhere") == []
    assert caplog.messages == []
    assert not (folder / "control" / "elsewhere.exchange").exists()
