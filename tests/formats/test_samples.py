"""Our own messages say what is written beside them; every event's slice is its own element alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cargo import formats
from cargo.domain.codes import CLASSIFIERS, EFFECTS, LEVELS, MILESTONES, REFERENCE_TYPES
from cargo.domain.event import Event
from tests.formats.outcomes import SAMPLES, events_of, meaning_of

MESSAGES = sorted(path for path in SAMPLES.glob("*/*") if not path.name.endswith(".events.json"))


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("message", MESSAGES, ids=_name)
def test_a_sample_says_what_is_written_beside_it(message: Path) -> None:
    expected = json.loads(message.with_suffix(".events.json").read_text(encoding="utf-8"))
    assert meaning_of(message.read_bytes()) == expected


@pytest.mark.parametrize("message", MESSAGES, ids=_name)
def test_a_samples_events_use_only_the_words_of_the_house(message: Path) -> None:
    for event in events_of(message.read_bytes()):
        assert event.milestone in MILESTONES
        assert event.effect == MILESTONES[event.milestone].effect
        assert event.effect in EFFECTS
        assert event.classifier in CLASSIFIERS
        assert event.level in LEVELS
        assert {reference.type for reference in event.references} <= set(REFERENCE_TYPES)
        # Some is told without a time: which containers a cargo has, a transfer to come.
        assert event.occurred_local is None or event.occurred_local.tzinfo is None
        assert bool(event.source_event_id) != bool(event.meaning)


@pytest.mark.parametrize("message", MESSAGES, ids=_name)
def test_positions_are_unique_and_slices_decode_to_their_own_event(message: Path) -> None:
    data = message.read_bytes()
    events = events_of(data)
    assert len({event.position for event in events}) == len(events)
    for event in events:
        part = formats.slice(event.format, data, event.position)
        assert len(part) < len(data)
        if event.format.startswith("dcsa."):
            (alone,) = events_of(part)
            assert (alone.milestone, alone.source_event_id, alone.occurred_local) == (
                event.milestone,
                event.source_event_id,
                event.occurred_local,
            )
        elif event.format == "unipass.api001":
            text = part.decode()
            assert text.startswith("<cargCsclPrgsInfoDtlQryVo>")
            assert text.endswith("</cargCsclPrgsInfoDtlQryVo>")
            assert text.count("<cargCsclPrgsInfoDtlQryVo>") == 1
            assert "cargMtNo" not in text


def test_there_is_a_sample_for_each_format() -> None:
    found = {formats.detect(message.read_bytes()) for message in MESSAGES}
    assert found == set(formats.FORMATS)


def test_the_order_of_a_message_cannot_matter() -> None:
    data = (SAMPLES / "dcsa" / "voyage_busan_rotterdam.json").read_bytes()
    turned = json.dumps(json.loads(data)[::-1]).encode()
    forward = {event.source_event_id: _bare(event) for event in events_of(data)}
    backward = {event.source_event_id: _bare(event) for event in events_of(turned)}
    assert forward == backward


def _bare(event: Event) -> tuple[object, ...]:
    return (event.milestone, event.occurred_at, event.references, event.place, event.transport, event.context)
