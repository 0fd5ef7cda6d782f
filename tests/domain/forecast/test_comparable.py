"""Whose history stands behind whose forecast: names are pooled from five organizations and thirty cargoes on."""

from __future__ import annotations

import pytest

from cargo.domain.forecast.baselines import PortTable
from cargo.domain.forecast.cargo import GATE_OUT, RELEASE, Cargo, StageTold
from cargo.domain.forecast.comparable import Behind, Counts, Names
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.under_way import forecast
from cargo.domain.forecast.ways import Ended, Ways
from tests.domain.forecast.shipments import BOTH, DAY, HOUR, NOW, a_cargo, history, learned


def pairs(cargoes: int, organizations: int, name: str = "DEHAM") -> list[tuple[str, str]]:
    return [(name, str(number % organizations)) for number in range(cargoes)]


@pytest.mark.parametrize(("cargoes", "organizations", "is_pooled"), [(30, 5, True), (29, 5, False), (300, 4, False)])
def test_a_name_is_pooled_only_if_enough_stand_behind_it(cargoes: int, organizations: int, is_pooled: bool) -> None:
    names = Names(pairs(cargoes, organizations))
    assert names.is_pooled("DEHAM") is is_pooled
    assert (names.of("DEHAM", "1") == names.of("DEHAM", "2")) is is_pooled
    assert not names.is_pooled("NLRTM")


def spans(cargoes: int, organizations: int, port: str = "DEHAM") -> list[Span]:
    return [Span(RELEASE, 0, HOUR, str(n % organizations), "sea", port) for n in range(cargoes)]


def test_counts_never_tell_how_much_others_have_at_a_private_port() -> None:
    counts = Counts(spans(40, 4) + spans(60, 6, "KRPUS"))
    assert counts.behind("1", "sea", "DEHAM") == Behind(10, 100, "mode")
    assert counts.behind("stranger", "sea", "DEHAM") == Behind(0, 100, "mode")
    assert counts.behind("stranger", "sea", "KRPUS") == Behind(0, 60, "port")
    assert counts.behind("stranger", "air", "KRPUS") == Behind(0, 0, "mode")
    assert Counts(spans(35, 1)).behind("0", "sea", "DEHAM") == Behind(35, 35, "client")


def test_a_port_table_is_private_where_the_port_is() -> None:
    slow = [Span(RELEASE, 0, 100 * HOUR, "1", "sea", "DEHAM") for _ in range(50)]
    table = PortTable([*slow, *spans(300, 6, "KRPUS")], NOW)
    assert table.mean(RELEASE, "DEHAM", "1") == 100 * HOUR
    # A stranger is told the mean of all ports.
    assert table.mean(RELEASE, "DEHAM", "2") == table.mean(RELEASE, "never seen", "2") < 16 * HOUR


def test_ways_of_a_private_port_are_those_of_the_mode() -> None:
    here = [Ended("1", "sea", "DEHAM", frozenset({RELEASE})) for _ in range(50)]
    there = [Ended(str(n % 6), "sea", "KRPUS", frozenset({RELEASE, GATE_OUT})) for n in range(60)]
    ways = Ways([*here, *there])
    assert ways.usual("sea", "KRPUS") == {RELEASE, GATE_OUT}
    assert ways.usual("sea", "DEHAM") == ways.usual("sea", "never seen") == {RELEASE, GATE_OUT}
    assert ways.usual("air", "KRPUS") == frozenset()


def test_a_stranger_is_told_the_same_whatever_one_organization_does_at_a_port() -> None:
    """Forecasts for others at its port equal those at a port where nobody ever was."""
    own = [
        [row._replace(port="DEHAM", organization=77) for row in a_cargo(NOW - (10 + number) * DAY, BOTH)]
        for number in range(60)
    ]
    known = learned([*history(), *own])

    def told(port: str, organization: int) -> list[tuple[object, ...]]:
        rows: list[StageTold] = [
            row._replace(port=port, organization=organization) for row in a_cargo(NOW - 12 * HOUR, BOTH)
        ]
        (found,) = forecast([Cargo(rows, organization, "sea", port, "HMM")], known, NOW)
        return [row[:7] for row in found]

    assert told("DEHAM", 3) == told("XXXXX", 3)
