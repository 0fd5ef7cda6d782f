"""Tones, the state bar, the small journey, and identifiers in groups."""

from __future__ import annotations

import re

import lucide
import pytest

from cargo.dashboard import looks
from cargo.domain.codes import CUSTOMS_STATES, STATUSES
from cargo.domain.readiness import LIGHT_STATES


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("HDMU6546583", "container", ["HDMU", "654658", "3"]),
        ("HDMU6546583", None, ["HDMU", "654658", "3"]),
        ("18012345675", "air_waybill", ["180", "1234", "5675"]),
        ("26HDMU0123I00450007", "cargo_control_number", ["26HDMU0123I", "0045", "0007"]),
        ("20ANLU0001I2033", "cargo_control_number", ["20ANLU0001I", "2033"]),
        ("4307126001234M", "declaration", ["43071", "26", "001234", "M"]),
        ("HDMUPUSR1234567", "master_bill", ["HDMU", "PUSR", "1234567"]),
        ("PO-8841-B", "own_reference", ["PO-8841-B"]),
        ("AB12", "booking", ["AB12"]),
        ("", None, [""]),
    ],
)
def test_identifiers_are_grouped_as_people_read_them(value: str, kind: str | None, expected: list[str]) -> None:
    assert looks.groups(value, kind) == expected
    assert "".join(looks.groups(value, kind)) == value


def test_the_bar_is_full_and_no_part_is_too_thin_to_hit() -> None:
    parts = looks.bar([("a", 1, "still", "ban"), ("b", 0, "still", "ban"), ("c", 4999, "info", "ship")])
    assert [(part.key, part.count) for part in parts] == [("a", 1), ("c", 4999)]
    assert parts[0].width >= 12
    assert abs(parts[-1].x + parts[-1].width - 1000) <= len(parts)
    assert looks.bar([("a", 0, "still", "ban")]) == []


@pytest.mark.parametrize(
    ("status", "state", "holds", "expected"),
    [
        ("in_bond", "held", 1, ("customs_states", "held", "bad")),
        ("in_bond", "revoked", 0, ("customs_states", "revoked", "bad")),
        ("completed", "revoked", 0, ("customs_states", "revoked", "bad")),
        ("delivered_out", "released", 1, ("statuses", "delivered_out", "good")),
        ("in_bond", "released", 0, ("customs_states", "released", "good")),
        ("available", "released", 0, ("statuses", "available", "good")),
        ("in_transit", "none", 0, ("statuses", "in_transit", "info")),
    ],
)
def test_the_chip_shows_what_is_wrong_before_where_it_is(
    status: str, state: str, holds: int, expected: tuple[str, str, str]
) -> None:
    assert looks.status_look(status, state, holds)[:3] == expected


@pytest.mark.parametrize(
    ("status", "state", "stage"),
    [
        ("at_origin", "none", 0),
        ("in_transit", "none", 1),
        ("arrived", "none", 2),
        ("in_bond", "under_review", 3),
        ("in_bond", "released", 4),
        ("delivered_out", "released", 5),
        (None, None, 0),
    ],
)
def test_how_far_the_cargo_is(status: str | None, state: str | None, stage: int) -> None:
    assert looks.stage(status, state) == stage


def test_every_code_has_a_look_and_every_look_an_icon() -> None:
    assert set(looks.STATUS_LOOKS) == set(STATUSES)
    assert set(looks.CUSTOMS_LOOKS) == set(CUSTOMS_STATES)
    assert set(looks.LIGHT_LOOKS) == set(LIGHT_STATES)
    tables = (looks.STATUS_LOOKS, looks.CUSTOMS_LOOKS, looks.LIGHT_LOOKS, looks.EFFECT_LOOKS)
    names = {icon for table in tables for _tone, icon in table.values()} | set(looks.MODE_ICONS.values())
    for name in names:
        assert re.match(r"<svg\b", lucide._render_icon(name, None)), name
