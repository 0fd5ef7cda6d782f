"""The table of Korean histories: state, holds, lights and deadlines at every step, in any order of arrival."""

from __future__ import annotations

import pytest

from tests.domain.customs.kr_held import HELD
from tests.domain.customs.kr_moved import EXPORTS, MOVED
from tests.domain.customs.kr_plain import PLAIN
from tests.domain.customs.kr_taken_back import PARTS, TAKEN_BACK
from tests.domain.customs.kr_words import due
from tests.domain.customs.stepping import History, name_of, walk

TABLE = PLAIN + HELD + TAKEN_BACK + PARTS + MOVED + EXPORTS


@pytest.mark.parametrize("history", TABLE, ids=name_of)
def test_history(history: History) -> None:
    walk(history, due)


def test_the_table_is_as_long_as_it_must_be() -> None:
    assert len(TABLE) >= 40
    assert len({history.name for history in TABLE}) == len(TABLE)
