"""What of an event reaches the state: customs' own code and bill, where the authority's rules go by them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cargo.domain.contribution import contribution
from cargo.domain.event import Event, Reference
from cargo.domain.state import Entry, merge, pack

HOUSE, MASTER = Reference("house_bill", "EXDOSHA26001"), Reference("master_bill", "MAEU603514872")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANEW = "@2026-03-17T05:00:00.000000Z"


def entry_of(milestone: str, authority: str | None, *references: Reference, version: str = "", **words: Any) -> Entry:
    words = {"level": "declaration", "source_code": "1C", "occurred_at": AT, **words}
    event = Event(milestone=milestone, authority=authority, references=references, **words)
    return contribution(event, "0" * 32, 1, 1, int(AT.timestamp()), None, version=version)


def test_us_customs_words_bring_their_code_and_the_house_bill() -> None:
    entry = entry_of("customs_released", "US-CBP", HOUSE, Reference("house_bill", "SHA26001"), MASTER)
    assert (entry.code, entry.bill, entry.level) == ("1C", "EXDOSHA26001", "house")


def test_without_a_house_bill_they_are_about_the_master() -> None:
    entry = entry_of("customs_released", "US-CBP", MASTER)
    assert (entry.code, entry.bill, entry.level) == ("1C", "MAEU603514872", "master")


@pytest.mark.parametrize("level", ["container", "conveyance"])
def test_a_box_and_a_vessel_stay_what_they_are(level: str) -> None:
    assert entry_of("customs_hold", "US-CBP", MASTER, level=level).level == level


@pytest.mark.parametrize(
    ("milestone", "authority"),
    [("discharged", "US-CBP"), ("customs_released", "KR-KCS"), ("customs_released", "DCSA"), ("discharged", None)],
)
def test_nothing_is_added_to_other_words(milestone: str, authority: str | None) -> None:
    entry = entry_of(milestone, authority, HOUSE, MASTER)
    assert (entry.facts, entry.level) == (None, "declaration")


def test_what_a_snapshot_says_anew_carries_its_cycle() -> None:
    released = entry_of("customs_released", "KR-KCS", HOUSE, version=ANEW)
    assert released.facts == {"anew": ANEW}
    assert entry_of("customs_released", "KR-KCS", HOUSE, version="2026-03-17").facts is None
    assert entry_of("import_declared", "KR-KCS", HOUSE, version=ANEW).facts is None


def test_codes_and_bills_of_one_second_are_kept_apart() -> None:
    told = [
        entry_of("agency_hold", "US-CBP", bill, source_code=code) for bill in (HOUSE, MASTER) for code in ("71", "72")
    ]
    apart = [
        Entry(**{**{n: getattr(e, n) for n in e.__struct_fields__}, "id": f"{i:032x}"}) for i, e in enumerate(told)
    ]
    assert len(merge((), apart)) == 4
    repeated = Entry(**{**{n: getattr(told[0], n) for n in told[0].__struct_fields__}, "id": f"{9:032x}"})
    assert len(merge(apart, [repeated])) == 4


def test_a_state_without_customs_is_as_small_as_it_was() -> None:
    """One entry of a box's move: the bytes that the first format gave it, to the last."""
    entry = entry_of("discharged", None, Reference("container", "CSQU3054383"), level="container", source_code="VD")
    assert len(pack([entry])) == 86


def test_a_word_with_its_ports_is_as_small_as_it_was() -> None:
    plan = {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}
    box = Reference("container", "CSQU3054383")
    assert len(pack([entry_of("discharged", None, box, MASTER, level="container", plan=plan)])) == 107
