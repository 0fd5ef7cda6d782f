"""The senders' task: one at a time in a process, and nobody who wakes it meanwhile is forgotten."""

from __future__ import annotations

from threading import Thread

import pytest

from notifications import deliver, tasks
from notifications.deliver import letters


def test_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(deliver, "deliver", lambda *asked: sent.append(asked))
    tasks.drain_deliveries()
    assert sent == [(tasks.fanout.still_true, tasks.fanout.open_deadlines, tasks.fanout.place_names)]


def test_letters_and_deliveries_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the one is under way, the other begins and ends."""
    done = []

    def send(*asked: object) -> None:
        done.append("deliveries")

    def write(now: object) -> None:
        done.append("letters")
        if done == ["letters"]:
            other = Thread(target=tasks.drain_deliveries)
            other.start()
            other.join(10)
            done.append("first letters")

    monkeypatch.setattr(deliver, "deliver", send)
    monkeypatch.setattr(letters, "drain_letters", write)
    tasks.drain_letters()
    assert done == ["letters", "deliveries", "first letters"]
    tasks.drain_deliveries()
    assert done[3:] == ["deliveries"]


def test_digests_go_out_at_their_hour_however_many_updates_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def fan_out() -> int:
        done.append("updates")
        return 500 if len(done) < 6 else 0

    def owe_digests() -> int:
        done.append("digests")
        return 0

    monkeypatch.setattr(tasks.fanout, "fan_out", fan_out)
    monkeypatch.setattr(tasks.digests, "owe_digests", owe_digests)
    monkeypatch.setattr(tasks, "wake", done.append)
    tasks.drain_updates()
    woken = "notifications.tasks.drain_deliveries"
    assert done == ["updates", "digests", woken, "updates", "digests", woken, "updates", "digests"]


def test_whoever_is_woken_while_another_sends_ends_at_once_and_the_other_looks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = []

    def send(*asked: object) -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            for _ in range(3):
                other = Thread(target=tasks.drain_deliveries)
                other.start()
                other.join(10)
                assert not other.is_alive()

    monkeypatch.setattr(deliver, "deliver", send)
    tasks.drain_deliveries()
    assert rounds == [0, 1]


def test_one_that_fails_leaves_the_way_free(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []

    def send(*asked: object) -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise RuntimeError("no database")

    monkeypatch.setattr(deliver, "deliver", send)
    with pytest.raises(RuntimeError, match="no database"):
        tasks.drain_deliveries()
    tasks.drain_deliveries()
    assert rounds == [0, 1]
