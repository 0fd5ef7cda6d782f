"""What makes two reports one event, and what makes one event's versions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cargo import formats
from cargo.domain import identity
from cargo.domain.event import Event, Place, Reference, Retraction
from tests.messages import BOX, dcsa, equipment, released, step, transport, unipass

MOMENT = datetime(2026, 3, 14, tzinfo=UTC)


def event(**words: Any) -> Event:
    given = {"milestone": "discharged", "occurred_at": MOMENT, "reported_at": MOMENT, "source_event_id": "D1"}
    return Event(**(given | {"references": (Reference("container", BOX),)} | words))


def named(given: Event, source: int = 1, revision: int = 0) -> identity.Identity:
    return identity.identify(source, given, identity.epoch(given.occurred_at), revision)


def of(body: bytes) -> list[identity.Identity]:
    found = []
    for outcome in formats.decode(body)[1]:
        assert isinstance(outcome, Event)
        found.append(named(outcome))
    return found


def test_an_id_begins_with_the_hour_of_the_event() -> None:
    own = named(event())
    assert len(own.id) == len(own.lineage) == 32
    assert int(own.id[:8], 16) == int(MOMENT.timestamp()) // 3600
    assert named(event(occurred_at=None)).id[:8] == "00000000"
    assert named(event(occurred_at=datetime(1901, 1, 1, tzinfo=UTC))).id[:8] == "00000000"


def test_the_same_report_is_the_same_event_whoever_repeats_it() -> None:
    assert named(event()) == named(event(position="/7", warnings=("anything",), format="another"))


@pytest.mark.parametrize(
    "words",
    [
        {"occurred_at": MOMENT + timedelta(hours=1)},
        {"milestone": "loaded"},
        {"classifier": "estimated"},
        {"place": Place("KRPUS", "unlocode")},
        {"references": ()},
        {"reported_at": MOMENT + timedelta(days=1)},
        {"source_event_version": "2026-03-15T00:00:00Z"},
        {"plan": {"port_of_discharge": "KRPUS"}},
    ],
)
def test_one_id_with_other_words_is_another_version(words: dict[str, Any]) -> None:
    one, other = named(event()), named(event(**words))
    assert one.id != other.id
    assert one.lineage == other.lineage


def test_another_source_or_another_id_is_another_event() -> None:
    assert named(event()).lineage != named(event(), source=2).lineage
    assert named(event()).lineage != named(event(source_event_id="D2")).lineage


def test_a_version_says_when_better_than_the_time_of_creation() -> None:
    version = {"source_event_version": "2026-03-15T00:00:00Z"}
    assert named(event(**version)) == named(event(**version, reported_at=MOMENT + timedelta(days=1)))


def test_a_version_fits_the_log() -> None:
    assert len(named(event(source_event_version="v" * 64)).version) == 40
    assert (
        len(identity.identify_retraction(1, Retraction(source_event_id="a", source_event_version="v" * 64)).version)
        == 40
    )


def test_without_an_id_what_happened_is_itself_whenever_it_is_told() -> None:
    once = of(dcsa(equipment("DISC", "2026-03-14 09:00", created="2026-03-14 10:00")))
    assert of(dcsa(equipment("DISC", "2026-03-14 09:00", created="2026-03-20 10:00"))) == once
    assert of(dcsa(equipment("DISC", "2026-03-14 09:01", created="2026-03-14 10:00"))) != once


def test_without_an_id_what_is_expected_anew_is_a_version() -> None:
    (once,) = of(dcsa(transport("ARRI", "2026-03-14 09:00", classifier="EST", created="2026-03-01 10:00")))
    (again,) = of(dcsa(transport("ARRI", "2026-03-14 09:00", classifier="EST", created="2026-03-05 10:00")))
    assert once.lineage == again.lineage and once.id != again.id


def test_the_wording_of_customs_makes_no_difference() -> None:
    steps = [step("입항적재화물목록 제출", "2026-03-13 09:00"), released("2026-03-16 10:00")]
    today = of(unipass(steps))
    assert of(unipass(steps, old_words=True)) == today
    assert [own.lineage for own in of(unipass(steps, prgsStts="수입신고수리"))] == [own.lineage for own in today]


def test_a_cargo_that_is_told_of_otherwise_is_another_version_of_its_events() -> None:
    (one,), (other,) = of(unipass([released("2026-03-16 10:00")])), of(unipass([released("2026-03-16 10:00")], box=BOX))
    assert one.lineage == other.lineage and one.id != other.id


def test_revisions_are_rows_of_their_own() -> None:
    assert len({named(event(), revision=number).id for number in range(3)}) == 3
    assert len({identity.withdraw(named(event()).id, "l", number) for number in range(3)}) == 3


def test_a_retraction_is_a_version_of_its_target_and_the_last() -> None:
    own = identity.identify_retraction(1, Retraction(source_event_id="D1"))
    assert own.lineage == named(event()).lineage
    assert own.version > "2999-12-31T00:00:00Z"
    dated = identity.identify_retraction(1, Retraction(source_event_id="D1", source_event_version="2026-03-15"))
    assert dated.version == "2026-03-15~"


def test_a_set_of_numbers_has_one_name_in_any_order() -> None:
    one, two = Reference("container", BOX), Reference("master_bill", "A")
    assert identity.reference_set((one, two)) == identity.reference_set((two, one))
    assert identity.reference_set((one,)) != identity.reference_set((two,))
    assert identity.reference_set(()) != identity.reference_set((one,))


def test_seconds_and_instants() -> None:
    assert identity.instant(identity.epoch(MOMENT)) == MOMENT
    assert identity.epoch(None) is None and identity.instant(None) is None
    assert identity.epoch(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1
