"""What others' cargo took, for every asker at once: what is left when the asker's own rows are taken away."""

from __future__ import annotations

import random

import numpy
import pytest

from cargo.domain.others import Others, of_others
from cargo.domain.statistics import percentile, tenth

Rows = list[tuple[int, int, int]]


def told(rows: Rows) -> dict[int | None, Others]:
    seconds, shipments, owners = (numpy.array(column) for column in zip(*rows, strict=True))
    return of_others(seconds, shipments, owners)


def by_hand(rows: Rows) -> Others:
    ordered = sorted(row[0] for row in rows)
    organizations, cargoes = len({row[2] for row in rows}), len({row[1] for row in rows})
    return Others(organizations, cargoes, tenth(percentile(ordered, 0.5)), tenth(percentile(ordered, 0.9)))


def test_each_asker_is_told_of_the_others() -> None:
    rows = [(10, 1, 7), (20, 2, 7), (30, 3, 8), (40, 3, 8), (90, 4, 9)]
    assert told(rows) == {
        None: Others(3, 4, 30.0, 70.0),
        7: Others(2, 2, 40.0, 80.0),
        8: Others(2, 3, 20.0, 76.0),
        9: Others(2, 3, 25.0, 37.0),
    }


def test_who_is_alone_is_told_of_nobody() -> None:
    assert set(told([(10, 1, 7), (20, 2, 7)])) == {None}


@pytest.mark.parametrize("seed", range(20))
def test_as_if_the_own_rows_had_been_left_out(seed: int) -> None:
    chance = random.Random(seed)
    count = chance.choice((2, 9, 200))
    rows = [(chance.randrange(50), chance.randrange(1 + count // 3), chance.randrange(1, 6)) for _ in range(count)]
    answer = told(rows)
    assert answer.pop(None) == by_hand(rows)
    owners = {row[2] for row in rows}
    assert set(answer) == (owners if len(owners) > 1 else set())
    for owner, others in answer.items():
        assert others == by_hand([row for row in rows if row[2] != owner])
