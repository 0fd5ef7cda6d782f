"""Looking names up: within a time, by few threads, and with room for the quick while name servers of others hang."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clis.egress import Client, NotSentError, RefusedError, resolving
from clis.egress.resolving import BELOW_ONE, IN_ALL, NEW, OPERATORS, SLOW, TYPED, registered
from notifications.transports.base import Message, TemporaryError
from notifications.transports.webhook import WebhookTransport, new_secret

PUBLIC = "93.184.216.34"
CROWDED = "could not be resolved in time: too many"
# Seconds: over in no time, where what is waited for cannot come.
SHORT = 0.02
FORKED = """
import os, socket, threading, time
from clis.egress.errors import NotSentError
from clis.egress.resolving import TYPED

socket.getaddrinfo = lambda *args, **kwargs: threading.Event().wait()
try:
    TYPED.addresses("hangs.example", 80, deadline=time.monotonic() + 60, patience=0.02)
except NotSentError as error:
    print(error)
child = os.fork()
if not child:
    socket.getaddrinfo = lambda host, port, **kwargs: [(2, 1, 6, "", ("192.0.2.7", port))]
    found = TYPED.addresses("hangs.example", 80, deadline=time.monotonic() + 60, patience=60)
    os._exit(7 if found == ["192.0.2.7"] else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), threading.active_count())
"""


class Names:
    """A system's resolver by which names that hang are answered once they are ``released``."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.by: list[threading.Thread] = []
        self.released = threading.Event()
        self.hanging = True
        self.address = PUBLIC

    def resolve(self, host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        self.asked.append(host)
        self.by.append(threading.current_thread())
        if self.hanging and "hangs" in host:
            self.released.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self.address, port))]

    def release(self) -> None:
        self.released.set()
        for thread in lookups():
            thread.join()


def lookups(word: str = "") -> list[threading.Thread]:
    """The threads that look up a name with this word in it."""
    return [thread for thread in threading.enumerate() if re.match(f"looking up .*{word}", thread.name)]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    found = Names()
    monkeypatch.setattr(socket, "getaddrinfo", found.resolve)
    # However busy the machine is: what answers at all is quick.
    monkeypatch.setattr(resolving, "QUICK_SECONDS", 600.0)
    for resolver in (TYPED, OPERATORS):
        resolver.forget()
    yield found
    found.release()
    for resolver in (TYPED, OPERATORS):
        resolver.forget()


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Addresses that a connection was tried to; none is made."""
    tried: list[Any] = []

    def refuse(address: Any, *args: Any, **kwargs: Any) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


def ask(client: Client, host: str) -> str:
    """What became of a request, in words."""
    with pytest.raises((NotSentError, RefusedError)) as raised:
        client.request("POST", f"http://{host}/", content=b"x")
    return str(raised.value)


def at_once(work: Callable[[int], object], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_name_is_looked_up_and_its_address_called(names: Names, called: list[Any]) -> None:
    with Client() as client:
        assert ask(client, "quick.example") == "nobody there"
        assert ask(client, "quick.example") == "nobody there"
    assert names.asked == ["quick.example", "quick.example"]
    assert called == [(PUBLIC, 80), (PUBLIC, 80)]


def test_an_address_needs_no_thread(names: Names, called: list[Any]) -> None:
    with Client(operator=True) as client:
        ask(client, "127.0.0.1")
        ask(client, "[::1]")
    assert names.asked == ["127.0.0.1", "::1"]
    assert set(names.by) == {threading.current_thread()}


@pytest.mark.parametrize("times", [{"connect_timeout": SHORT}, {"timeout": SHORT}])
def test_a_request_ends_in_time_while_its_name_hangs(names: Names, called: list[Any], times: dict[str, float]) -> None:
    with Client(**times) as client:  # type: ignore[arg-type]
        assert ask(client, "hangs.example") == "hangs.example could not be resolved in time"
    assert not names.released.is_set()
    assert (len(lookups("hangs")), called) == (1, [])


def test_a_webhook_of_such_a_name_is_tried_later(names: Names, called: list[Any], settings: Any) -> None:
    settings.WEBHOOK_TIMEOUT = SHORT
    message = Message(to="https://hangs.example/", text="{}", reference="d-1", secrets=(new_secret(),))
    with WebhookTransport().open() as sender, pytest.raises(TemporaryError, match="could not be resolved in time"):
        sender.send(message)
    assert called == []


def test_a_hundred_requests_to_a_name_that_hangs_are_one_look_up(names: Names, called: list[Any]) -> None:
    said: list[str] = []
    with Client(connect_timeout=SHORT) as client, Client() as patient:
        at_once(lambda _number: said.append(ask(client, "hangs.example")), 100)
        assert said == ["hangs.example could not be resolved in time"] * 100
        assert (len(lookups()), called) == (1, [])
        assert ask(patient, "quick.example") == "nobody there"
        assert called == [(PUBLIC, 80)]
        names.release()
        assert ask(patient, "hangs.example") == "nobody there"
    assert names.asked == ["hangs.example", "quick.example", "hangs.example"]
    assert lookups() == []


def test_who_waits_for_one_look_up_checks_its_answer(names: Names, called: list[Any]) -> None:
    names.address = "10.0.0.1"
    said: list[str] = []
    with Client() as client:
        threads = [threading.Thread(target=lambda: said.append(ask(client, "hangs.example"))) for _ in range(5)]
        for thread in threads:
            thread.start()
        names.released.set()
        for thread in threads:
            thread.join()
    assert (said, called) == (["10.0.0.1 is not a public address"] * 5, [])


def test_a_hundred_names_below_one_that_hangs_are_few_look_ups(names: Names, called: list[Any]) -> None:
    with Client(connect_timeout=SHORT) as client, Client() as patient:
        for number in range(100):
            assert "could not be resolved in time" in ask(client, f"h{number}.hangs.co.kr")
        assert len(lookups()) == BELOW_ONE[NEW]
        assert CROWDED in ask(client, "quick.hangs.co.kr")
        assert called == []
        assert ask(patient, "quick.co.kr") == "nobody there"
        names.release()
        assert ask(patient, "h99.hangs.co.kr") == "nobody there"
    assert lookups() == []


def test_a_hundred_names_that_hang_leave_room_for_the_quick(names: Names, called: list[Any]) -> None:
    """And for those that the operator set; who is new waits, or comes later."""
    with Client(connect_timeout=SHORT) as client, Client() as patient, Client(operator=True) as operator:
        assert ask(patient, "quick.example") == "nobody there"
        at_once(lambda number: ask(client, f"hangs{number}.example{number}"), 100)
        assert len(lookups("hangs")) == IN_ALL[NEW]
        assert CROWDED in ask(client, "new.example")
        assert "new.example" not in names.asked
        assert ask(patient, "quick.example") == "nobody there"
        assert ask(operator, "gateway.example") == "nobody there"
        names.release()
        assert ask(patient, "new.example") == "nobody there"
    assert lookups() == []


def test_slow_names_have_less_room_until_they_are_quick(
    names: Names, called: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    names.hanging = False
    with Client() as patient, Client(connect_timeout=SHORT) as client:
        with monkeypatch.context() as patched:
            patched.setattr(resolving, "QUICK_SECONDS", 0.0)
            for number in range(10):
                ask(patient, f"h{number}.hangs.example")
        ask(patient, "h9.hangs.example")
        names.hanging = True
        for number in range(9):
            ask(client, f"h{number}.hangs.example")
        assert len(lookups("hangs")) == BELOW_ONE[SLOW]
        assert CROWDED in ask(client, "h8.hangs.example")
        assert ask(client, "h9.hangs.example") == "h9.hangs.example could not be resolved in time"
        assert len(lookups("hangs")) == BELOW_ONE[SLOW] + 1


def test_who_finds_no_room_waits_for_it(names: Names, called: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as those before have not lasted longer than its own patience."""
    waits = threading.Event()

    class Condition(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            waits.set()
            return super().wait(timeout)

    said: list[str] = []
    monkeypatch.setattr(TYPED, "_changed", Condition())
    with Client(connect_timeout=SHORT) as client, Client(timeout=120, connect_timeout=60) as patient:
        for number in range(BELOW_ONE[NEW]):
            ask(client, f"h{number}.hangs.example")
        waiting = threading.Thread(target=lambda: said.append(ask(patient, "quick.hangs.example")))
        waiting.start()
        assert waits.wait(60)
        assert "quick.hangs.example" not in names.asked
        names.released.set()
        waiting.join()
    assert (said, called) == (["nobody there"], [(PUBLIC, 80)])


def test_a_proxy_whose_name_hangs_is_out_of_reach(names: Names, called: list[Any], settings: Any) -> None:
    settings.EGRESS_PROXY = "http://hangs.proxy.example:3128"
    with Client(connect_timeout=SHORT) as client:
        said = ask(client, PUBLIC)
    assert said == "the egress proxy cannot be reached: hangs.proxy.example could not be resolved in time"
    assert called == []


def test_without_a_thread_nothing_is_left_under_way(
    names: Names, called: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with Client() as client:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            assert ask(client, "quick.example") == "quick.example cannot be resolved"
        assert (names.asked, called) == ([], [])
        assert ask(client, "quick.example") == "nobody there"


def test_a_fork_begins_anew_and_nothing_holds_up_the_end() -> None:
    """A process whose look-up hangs forks, waits for its child (7: the name was resolved there), and ends."""
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines() == ["hangs.example could not be resolved in time", "7 2"]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("example.com", "example.com"),
        ("a.b.Example.com.", "example.com"),
        ("example.co.kr", "example.co.kr"),
        ("a.b.example.co.kr", "example.co.kr"),
        ("a.q7x.cc", "q7x.cc"),
        ("localhost", "localhost"),
    ],
)
def test_the_registered_name(host: str, name: str) -> None:
    assert registered(host) == name
