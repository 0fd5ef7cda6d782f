"""Every code of the domain that a notice can name has its words in both languages, and none falls back on others'."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cargo.domain import anomalies, conflicts, readiness, rules
from cargo.domain.customs import deadlines, kr, us
from cargo.domain.customs.regimes import REGIMES
from cargo.domain.deadline_rules import MONEY_KINDS, PACKAGED
from cargo.domain.tariffs import _ACTIONS, FREE_TIME
from cargo.formats.edifact import qualifiers
from notifications.render import codes

STATED = [*deadlines._STATED.values(), deadlines._OTHERWISE]
ACTORS = "importer|broker|carrier|terminal|customs|agency|forwarder|exporter|operator"


def of_exceptions() -> set[str]:
    """The next actions that the rules of exceptions and the lights name, read off their source: a new one is found."""
    modules = (anomalies, conflicts, readiness, rules)
    sources = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in modules]
    return {
        action for source in sources for action in re.findall(rf'"(?:{ACTORS})", "([a-z]+_[a-z_]+|collect)"', source)
    }


NEEDED = [
    (codes.DEADLINES, {rule.kind for rule in PACKAGED.rules} | set(deadlines._STATED) - set(FREE_TIME)),
    (codes.DEADLINES, set(FREE_TIME.values())),
    (codes.DUTIES, {rule.next_action for rule in PACKAGED.rules} | {action for _who, action, _meets in STATED}),
    (codes.DUTIES, set(_ACTIONS.values()) | {"deliver_to_terminal"}),
    (codes.ACTIONS, of_exceptions() | set(codes.DUTIES) - {""}),
    (codes.TROUBLES, set(rules.KINDS)),
    (codes.AGENCIES, {*kr.AGENCIES, *us.AGENCIES, *REGIMES, *qualifiers.CUSTOMS.values()}),
    (codes.COSTS, set(MONEY_KINDS)),
]


@pytest.mark.parametrize(("table", "needed"), NEEDED)
def test_every_code_of_the_domain_has_words(table: codes.Table, needed: set[str]) -> None:
    assert {"request_delivery_order", "collect"} <= of_exceptions()
    assert needed <= set(table)
    for code in needed:
        assert table[code]["en"] and table[code]["ko"], code
        assert "" not in table or table[code] != table[""], code


def test_any_other_code_has_words_too() -> None:
    assert codes.named(codes.DEADLINES, "something new", "ko") == "기한"
    assert codes.named(codes.DEADLINES, "detention", "en") == "Return of the empty"
    assert codes.named(codes.DUTIES, None, "en") == "Ask the customs broker or the forwarder what has to be done."
