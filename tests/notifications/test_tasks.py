"""The senders' task: one at a time in a process, and nobody who wakes it meanwhile is forgotten."""

from __future__ import annotations

from threading import Thread

import pytest

from notifications import deliver, tasks


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """When letters were asked for; none is owed."""
    asked: list[object] = []
    monkeypatch.setattr(tasks, "drain_letters", asked.append)
    return asked


def test_it_sends(monkeypatch: pytest.MonkeyPatch, letters: list[object]) -> None:
    sent = []
    monkeypatch.setattr(deliver, "deliver", lambda still_true: sent.append(still_true))
    tasks.drain_deliveries()
    assert sent == [tasks.fanout.still_true] and len(letters) == 1


def test_whoever_is_woken_while_another_sends_ends_at_once_and_the_other_looks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = []

    def send(still_true: object) -> None:
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

    def send(still_true: object) -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise RuntimeError("no database")

    monkeypatch.setattr(deliver, "deliver", send)
    with pytest.raises(RuntimeError, match="no database"):
        tasks.drain_deliveries()
    tasks.drain_deliveries()
    assert rounds == [0, 1]
