"""The judge: its goals on a small history with a fixed seed, and that no question tells of its own future."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cargo.domain.forecast import judge, synthetic
from cargo.domain.forecast.arrivals import Estimate
from cargo.domain.forecast.baselines import ArrivalTable, PortTable
from cargo.domain.forecast.history import Span

HOUR = 3600


def test_the_goals_are_met_on_a_small_history() -> None:
    out = StringIO()
    call_command("forecast", "--judge", "--json", "--seed", "11", "--cargoes", "3000", "--timed", "500", stdout=out)
    verdict = json.loads(out.getvalue())
    scores = {score["what"]: score for score in verdict["scores"] if score["period"] == "test"}
    assert set(scores) == {"every stage", *synthetic.CHAIN, judge.ARRIVAL, "to release", "to gate-out"}
    for what in ("every stage", judge.ARRIVAL, "to gate-out"):
        assert 0.75 <= scores[what]["covered"] <= 0.85, what
        assert scores[what]["gains"]["port mean"] >= 0.20, what
        assert scores[what]["gains"]["port table"] >= 0.05, what
    assert scores[judge.ARRIVAL]["gains"]["carrier"] >= 0.20


def test_a_seed_makes_one_history() -> None:
    first, again, other = (synthetic.history(50, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_history_has_what_makes_it_hard() -> None:
    cargoes = synthetic.history(3000, 1)
    spans = [span for cargo in cargoes for span in cargo.spans]
    customs = [span for span in spans if span.stage == "import_declared__customs_released"]
    assert any(span.inspection_at and span.inspection_at > span.started_at + 10 * HOUR for span in customs)
    assert any(span.hold_from for span in customs)
    assert sum(len(cargo.spans) < len(synthetic.CHAIN) for cargo in cargoes) > 300
    assert all(span.ended_at is not None and span.ended_at >= span.started_at for span in spans)
    assert any(told.estimated_at is None for cargo in cargoes for told in cargo.estimates)


def test_a_question_does_not_tell_of_its_own_future() -> None:
    span = Span("stage", 100, 900, inspection_at=300, hold_from=400, hold_until=500)
    assert judge.known_at(span, 200) == Span("stage", 100, None)
    assert judge.known_at(span, 450) == Span("stage", 100, None, inspection_at=300, hold_from=400)
    assert judge.known_at(span, 600) == Span("stage", 100, None, inspection_at=300, hold_from=400, hold_until=500)


def test_the_simpler_forecasts_are_what_they_say() -> None:
    history = [Span("stage", 0, length, port="KRPUS") for length in (10, 20, 30, 40, 50, 60, 1000)]
    table = PortTable(history, as_of=900)
    question = Span("stage", 2000, None, port="KRPUS")
    assert table.means([question], [2000])[0].tolist() == [2035, 2035, 2035]
    assert table.quantiles([question], [2000])[0].tolist() == pytest.approx([2015, 2035, 2055])
    # Five outlast 15 seconds: 20 to 60.
    assert table.quantiles([question], [2015])[0].tolist() == pytest.approx([2024, 2040, 2056])
    arrivals = ArrivalTable([Estimate(0, 100, 110, 130, port="KRPUS")], as_of=900)
    coming = Estimate(1000, 1100, 1120, port="KRPUS")
    assert arrivals.carrier([coming])[0].tolist() == [1120, 1120, 1120]
    assert arrivals.means([coming])[0].tolist() == [1130, 1130, 1130]
    assert arrivals.quantiles([coming])[0].tolist() == [1140, 1140, 1140]


def test_a_score_says_whether_its_goals_are_met() -> None:
    good = judge.Score("what", "test", 9, (1, 1, 1), 0.8, {"port mean": 0.3, "port table": 0.06}, {})
    assert good.meets_goals()
    assert not judge.Score("what", "test", 9, (1, 1, 1), 0.86, good.gains, {}).meets_goals()
    assert not judge.Score("what", "test", 9, (1, 1, 1), 0.8, {**good.gains, "carrier": 0.1}, {}).meets_goals()


def test_too_few_cargoes_are_refused() -> None:
    with pytest.raises(CommandError, match="--cargoes: 10 is not between"):
        call_command("forecast", "--judge", "--cargoes", "10")
