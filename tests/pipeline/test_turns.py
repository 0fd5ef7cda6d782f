"""A worker leaves an inbox that never becomes empty, so that what else is owed has its turn."""

from __future__ import annotations

from unittest import mock

import pytest

from cargo import tasks
from cargo.models import InboundMessage, Source
from cargo.pipeline.receive import receive
from tests.messages import dcsa, equipment

INBOX, UPDATES = "cargo.tasks.drain_inbox", "notifications.tasks.drain_updates"


@pytest.fixture
def three_messages(carrier: Source) -> None:
    for minute in range(3):
        receive(carrier.pk, dcsa(equipment("DISC", f"2026-03-14 09:0{minute}")))


def left() -> int:
    return InboundMessage.objects.filter(state="received").count()


def test_an_inbox_is_worked_off_in_one_turn(three_messages: None) -> None:
    with mock.patch.object(tasks, "wake") as wake:
        tasks.drain_inbox()
    assert left() == 0
    assert mock.call(INBOX) not in wake.mock_calls


def test_when_its_time_is_up_it_ends_with_the_batch_in_hand(three_messages: None) -> None:
    with mock.patch.object(tasks, "wake"):
        assert tasks.work_off_inbox(limit=2, until=0.0) == 2
    assert left() == 1
    leased = InboundMessage.objects.filter(state="received", leased_until__isnull=False)
    assert not leased.exists()


def test_it_has_itself_woken_again_after_the_others(three_messages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_TURN", 0.0)
    with mock.patch.object(tasks, "wake") as wake:
        tasks.drain_inbox()
    assert wake.mock_calls == [mock.call(UPDATES), mock.call(INBOX)]
