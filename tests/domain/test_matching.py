"""Which shipments an event concerns, how strongly, and what they learn from it (decision 9)."""

from __future__ import annotations

import pytest

from cargo.domain.event import Event, Reference
from cargo.domain.matching import MATCHED, NONE, STRONG, WEAK, WEAK_AFTER, WEAK_BEFORE, Known, concerns, learn

NOW = 1_000_000_000
HOUSE = Reference("house_bill", "KOSHA2603001")
OTHER_HOUSE = Reference("house_bill", "KOSHA2603002")
MASTER = Reference("master_bill", "HDMUPUSR1234567")
CARGO = Reference("cargo_control_number", "26HDMU0123I00150031")
BOX = Reference("container", "HDMU6546583")
SECOND_BOX = Reference("container", "TCLU1234568")
BOOKING = Reference("booking", "BK1")
DECLARATION = Reference("declaration", "A1")


def known(*own: Reference, learned: tuple[Reference, ...] = ()) -> Known:
    found = Known(1, 1, NOW, {}, {})
    for reference in own:
        found.own.setdefault(reference.type, set()).add(reference.value)
    for reference in learned:
        found.learned.setdefault(reference.type, set()).add(reference.value)
    return found


def told(*references: Reference, milestone: str = "discharged") -> Event:
    return Event(milestone=milestone, references=references)


@pytest.mark.parametrize(
    ("event", "shipment", "verdict"),
    [
        (told(MASTER), known(MASTER), STRONG),
        (told(MASTER, BOX), known(BOX), WEAK),
        (told(BOX), known(BOX), WEAK),
        (told(BOX), known(MASTER), NONE),
        (told(BOX), known(MASTER, learned=(BOX,)), WEAK),
        (told(BOOKING, BOX), known(BOOKING), STRONG),
        (told(DECLARATION), known(DECLARATION), STRONG),
        (told(HOUSE, MASTER), known(HOUSE), STRONG),
        (told(CARGO), known(HOUSE, learned=(CARGO,)), STRONG),
        # Another house of the same master, or of the same shared box.
        (told(OTHER_HOUSE, MASTER, BOX), known(HOUSE, MASTER, BOX), NONE),
        (told(OTHER_HOUSE, MASTER), known(MASTER), STRONG),
        # Movement is inherited from master to house; releases and holds are not.
        (told(MASTER), known(HOUSE, MASTER), STRONG),
        (told(MASTER, milestone="customs_released"), known(HOUSE, MASTER), NONE),
        (told(MASTER, milestone="customs_hold"), known(HOUSE, MASTER), NONE),
        (told(MASTER, milestone="customs_released"), known(MASTER), STRONG),
        # A shipment registered by its boxes alone is those boxes, not the rest of their bill.
        (told(MASTER, SECOND_BOX), known(BOX, learned=(MASTER,)), NONE),
        (told(MASTER), known(BOX, learned=(MASTER,)), STRONG),
        (told(), known(MASTER), NONE),
    ],
)
def test_verdicts(event: Event, shipment: Known, verdict: int) -> None:
    assert concerns(event, NOW, shipment) == verdict


@pytest.mark.parametrize(
    ("occurred", "verdict"),
    [
        (NOW - WEAK_BEFORE, WEAK),
        (NOW - WEAK_BEFORE - 1, NONE),
        (NOW + WEAK_AFTER, WEAK),
        (NOW + WEAK_AFTER + 1, NONE),
        (None, WEAK),
    ],
)
def test_a_box_alone_reaches_only_so_far(occurred: int | None, verdict: int) -> None:
    assert concerns(told(BOX), occurred, known(BOX)) == verdict


def test_a_seal_or_a_whole_ships_manifest_matches_nothing() -> None:
    assert not MATCHED & {"seal", "manifest", "purchase_order", "own_reference"}


@pytest.mark.parametrize(
    ("event", "shipment", "learned"),
    [
        (told(MASTER, BOX), known(MASTER), [BOX]),
        (told(MASTER, BOX), known(BOX), [MASTER]),
        (told(HOUSE, MASTER, CARGO, BOX), known(HOUSE), [MASTER, CARGO, BOX]),
        (told(CARGO, HOUSE, MASTER), known(CARGO), [HOUSE, MASTER]),
        # A shipment with a house bill never learns another house, nor its cargo number.
        (told(OTHER_HOUSE, MASTER, CARGO), known(HOUSE, MASTER), []),
        (told(HOUSE, MASTER), known(MASTER), []),
        (told(MASTER, CARGO), known(MASTER), [CARGO]),
        (told(BOX, SECOND_BOX), known(BOX), []),
        (told(MASTER, Reference("seal", "S1")), known(MASTER), []),
        (told(MASTER, BOX), known(MASTER, learned=(BOX,)), []),
    ],
)
def test_what_is_learned(event: Event, shipment: Known, learned: list[Reference]) -> None:
    assert learn(event, shipment) == learned


def test_how_many_numbers_there_are() -> None:
    assert known(MASTER, BOX, SECOND_BOX, learned=(CARGO,)).count() == 4
    assert known().count() == 0
