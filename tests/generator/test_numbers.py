"""Numbers check, never come twice and do not depend on the clock."""

from __future__ import annotations

from cargo.domain import identifiers
from cargo.management.generator.firms import VESSELS
from cargo.management.generator.numbers import Numbers, air_waybill, container_number, imo_number
from tests.generator.worlds import NOW, a_world


def test_known_numbers_of_the_standards() -> None:
    assert container_number("CSQU", 305438) == "CSQU3054383"
    assert imo_number(907_472) == "9074729"
    assert air_waybill("180", 1_863_755) == "18018637555"


def test_every_container_vessel_and_waybill_checks() -> None:
    world, _ = a_world()
    for box in world.boxes:
        assert [identifiers.container(number).warning for number in box.containers] == [None] * len(box.containers)
        if box.air:
            assert identifiers.air_waybill(box.master_bill).warning is None
    ships = [ship for fleet in VESSELS.values() for ship in fleet]
    assert [identifiers.imo(ship.imo).warning for ship in ships] == [None] * 30
    assert len({ship.imo for ship in ships}) == len({ship.name for ship in ships}) == 30


def test_cargo_numbers_split_into_their_parts() -> None:
    world, _ = a_world()
    for cargo in world.cargoes:
        if cargo.scene.kind == "export":
            assert cargo.cargo_number == ""
            continue
        assert len(cargo.cargo_number) == (19 if cargo.house_bill else 15)
        parts = identifiers.split_cargo_number(cargo.cargo_number)
        assert parts is not None and parts.mrn == cargo.box.manifest


def test_no_number_comes_twice() -> None:
    world, _ = a_world(1500)
    containers = [number for box in world.boxes for number in box.containers]
    keys = [cargo.key for cargo in world.cargoes]
    declarations = [number for cargo in world.cargoes for number in cargo.declarations]
    bookings = [box.booking for box in world.boxes if box.booking]
    for numbers in (containers, keys, declarations, bookings):
        assert len(numbers) == len(set(numbers))


def test_the_same_seed_names_the_same_cargo_on_another_day() -> None:
    today, _ = a_world(40)
    later, _ = a_world(40, now=NOW + 5 * 86_400)
    assert [cargo.key for cargo in later.cargoes] == [cargo.key for cargo in today.cargoes]
    assert [box.containers for box in later.boxes] == [box.containers for box in today.boxes]


def test_another_seed_deals_other_numbers() -> None:
    assert Numbers(1).container("HNBU") != Numbers(2).container("HNBU")
