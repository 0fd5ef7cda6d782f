"""The demo's feed: what it tells happens now, and a stopped feed goes on where it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from cargo import formats
from cargo.domain.event import Event
from cargo.management.demonstration.feed import Feed, Plan
from cargo.management.generator import feeds
from cargo.pipeline.normalize import normalize
from tests.generator.worlds import NOW

LATER = NOW + 3 * 86_400


def a_feed(folder: Path) -> Feed:
    plan = Plan(shipments=40, seed=7, now=NOW)
    plan.save(folder)
    return Feed(plan, folder)


def tell(feed: Feed, count: int, start: int = LATER) -> list[bytes]:
    positions = [position for position, _ in zip(feed.remaining(), range(count), strict=False)]
    return [feed.tell(position, start + 60 * order) for order, position in enumerate(positions)]


def events(body: bytes, at: int = LATER) -> list[Event]:
    """What a message says, placed as the pipeline does it; ``at``: when it came."""
    received = datetime.fromtimestamp(at, UTC)
    outcomes = normalize(formats.decode(body, received_at=received, reading=json.dumps(feeds.reading()))[1], received)
    return [event for event in outcomes if isinstance(event, Event)]


def test_news_happens_when_it_is_told(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    [body] = tell(feed, 1)
    released = [event for event in events(body) if event.milestone == "customs_released"]
    assert [event.occurred_at for event in released] == [datetime.fromtimestamp(LATER, UTC)]


def test_the_opening_shows_a_release_a_hold_a_revocation_and_a_gate_out(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    first = [position for position, _ in zip(feed.remaining(), range(20), strict=False)]
    news = {fact.milestone for position in first for fact in feed.messages[position].news}
    assert {"customs_released", "inspection_ordered", "customs_release_cancelled", "gate_out"} <= news


def test_what_was_told_keeps_its_time_and_nothing_lies_ahead(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    told: dict[str, set[tuple[str, datetime | None]]] = {}
    for order, position in enumerate(list(feed.remaining())):
        moment = LATER + 60 * order
        message = feed.messages[position]
        actual = {
            (event.milestone, event.occurred_at)
            for event in events(feed.tell(position, moment), moment)
            # A list of containers has no time.
            if event.classifier == "actual" and event.milestone != "containers_listed"
        }
        assert all(at is not None and at.timestamp() <= moment for _, at in actual)
        if message.dialect == "unipass":
            before = told.setdefault(message.subject, set())
            assert before <= actual or actual <= before
            before |= actual


def test_a_stopped_feed_goes_on_where_it_was(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    tell(feed, 15)
    left = list(feed.remaining())
    again = Feed(feed.plan, tmp_path)
    assert list(again.remaining()) == left
    assert again.tell(left[0], LATER + 9000) == feed.tell(left[0], LATER + 9000)


def test_cargo_that_waits_for_files_pushed_by_hand_is_left_alone(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    boxes = [feed.messages[position].box for position in feed.remaining()]
    assert [cargo.key for box in boxes for cargo in box.cargoes if cargo.scene.push] == []


def test_history_and_feed_share_nothing(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    assert max(message.sent_at for message in feed.history()) <= NOW
    assert len(feed.history()) + len(list(feed.remaining())) <= len(feed.messages)


def test_a_new_plan_forgets_what_the_old_one_told(tmp_path: Path) -> None:
    feed = a_feed(tmp_path)
    tell(feed, 3)
    assert len(list(Feed(feed.plan, tmp_path).remaining())) == len(list(a_feed(tmp_path).remaining())) - 3
    assert Plan.load(tmp_path / "elsewhere") is None
