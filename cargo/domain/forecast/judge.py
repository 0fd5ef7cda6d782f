"""The judge: how much better the forecasts are than simpler ones, on a synthetic history that is split by time.

The last third of the history is the test. Settings are chosen once, on the part that ends where the test begins. Then,
every 30 days, everything (the simpler forecasts too) learns anew from what had ended by then and answers the questions
of the next 30 days; so nothing is ever told of its own future. A question is asked at a stage's start or some time
later that does not depend on how long the stage lasts, and sees only what was known then.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cargo.domain.forecast import synthetic
from cargo.domain.forecast.arrivals import ArrivalForecaster, Estimate
from cargo.domain.forecast.backoff import Floats
from cargo.domain.forecast.baselines import ArrivalTable, PortTable
from cargo.domain.forecast.chain import ChainForecaster, Journey
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.scoring import coverage, pinball
from cargo.domain.forecast.stages import StageForecaster

_ROLL = 30 * synthetic.DAY
GOALS = {"port mean": 0.20, "carrier": 0.20, "port table": 0.05}
COVERAGE = (0.75, 0.85)
ARRIVAL = "departed__arrived"


@dataclass(frozen=True, slots=True)
class Score:
    """One row of the table. ``loss``: pinball loss at p10, p50 and p90, hours.

    ``gains``: by baseline, the share of its loss (the three added) that is saved; ``median_gains``: of that at p50
    alone, which is fairer to a baseline that tells one instant and no range.
    """

    what: str
    period: str
    count: int
    loss: tuple[float, float, float]
    covered: float
    gains: dict[str, float]
    median_gains: dict[str, float]

    def meets_goals(self) -> bool:
        """Whether coverage and every gain are as good as asked for."""
        inside = COVERAGE[0] <= self.covered <= COVERAGE[1]
        return inside and all(gain >= GOALS[name] for name, gain in self.gains.items())


@dataclass(frozen=True, slots=True)
class Verdict:
    """All scores of one seed. ``rates``: forecasts a second by one process, by kind; ``seconds``: what it all took."""

    seed: int
    cargoes: int
    scores: list[Score]
    rates: dict[str, float]
    seconds: float


@dataclass(slots=True)
class _Answers:
    """What was told and what happened of one kind of question, all in seconds from when it was asked."""

    happened: list[Floats]
    told: dict[str, list[Floats]]

    def score(self, what: str, period: str) -> Score:
        happened = np.concatenate(self.happened)
        losses = {name: pinball(np.concatenate(told), happened) / 3600 for name, told in self.told.items()}
        own = losses.pop("forecast")
        gains = {name: 1 - float(own.sum() / loss.sum()) for name, loss in losses.items()}
        medians = {name: 1 - float(own[1] / loss[1]) for name, loss in losses.items()}
        covered = coverage(np.concatenate(self.told["forecast"]), happened)
        loss = (float(own[0]), float(own[1]), float(own[2]))
        return Score(what, period, len(happened), loss, covered, gains, medians)


class _Sheet:
    """The answers of one period, by what was asked."""

    def __init__(self, period: str) -> None:
        self._period = period
        self._answers: dict[str, _Answers] = {}

    def add(self, what: str, asked: Sequence[int], ended: Sequence[int], told: dict[str, Floats]) -> None:
        if not len(asked):
            return
        start = np.array(asked, dtype=np.float64)
        answers = self._answers.setdefault(what, _Answers([], {name: [] for name in told}))
        answers.happened.append(np.array(ended) - start)
        for name, values in told.items():
            answers.told[name].append(values - start[:, None])

    def scores(self) -> list[Score]:
        return [answers.score(what, self._period) for what, answers in self._answers.items()]


def judge(seed: int, cargoes: int, timed: int) -> Verdict:
    """Judge on the history of that seed, and time ``timed`` forecasts. Takes two minutes for 30,000 cargoes."""
    begun = time.monotonic()
    history = synthetic.history(cargoes, seed)
    chance = random.Random(f"questions {seed}")
    questions = _Questions(history, chance)
    split = synthetic.BEGIN + synthetic.DAYS * synthetic.DAY * 2 // 3
    end = synthetic.BEGIN + synthetic.DAYS * synthetic.DAY
    validation, test = _Sheet("validation"), _Sheet("test")
    panel = _Panel(questions)
    for at in range(split, end - _ROLL + 1, _ROLL):
        panel.learn(at)
        panel.answer(test, at, at + _ROLL)
    # After the test, which it must not touch: the chosen settings on the part that they were chosen on.
    earlier = split - 50 * synthetic.DAY
    panel.learn(earlier)
    panel.answer(validation, earlier, split)
    return Verdict(seed, cargoes, validation.scores() + test.scores(), panel.rates(timed), time.monotonic() - begun)


class _Questions:
    """What can be learned of and what is asked."""

    def __init__(self, history: Sequence[synthetic.Cargo], chance: random.Random) -> None:
        self.spans = [span for cargo in history for span in cargo.spans]
        self.estimates = [told for cargo in history for told in cargo.estimates]
        self.asked = [(span, asked) for span in self.spans if (asked := _asked(span, chance)) is not None]
        self.journeys = [
            journey
            for cargo in history
            for journey in (
                _journey("release", cargo, cargo.released_at, synthetic.CHAIN[:4]),
                _journey("gate-out", cargo, cargo.gate_out_at, synthetic.CHAIN),
            )
            if journey is not None
        ]
        self.journeys_asked = [
            (journey, at, asked)
            for journey in self.journeys
            for at, span in enumerate(journey.spans)
            if (asked := _asked(span, chance)) is not None and chance.random() < 0.5
        ]


class _Panel:
    """The forecasters and the simpler ones that they are compared with."""

    def __init__(self, questions: _Questions) -> None:
        self._questions = questions
        self.stages = StageForecaster()
        self._arrivals = ArrivalForecaster()
        self._chains = ChainForecaster(self.stages)

    def learn(self, as_of: int) -> None:
        asked = self._questions
        self.stages.learn(asked.spans, as_of)
        self._arrivals.learn(asked.estimates, as_of)
        self._chains.learn(asked.journeys, asked.spans, as_of)
        self._table = PortTable(asked.spans, as_of)
        self._totals = PortTable([total for journey in asked.journeys for total in _totals(journey)], as_of)
        self._arrival_table = ArrivalTable(asked.estimates, as_of)

    def answer(self, sheet: _Sheet, since: int, until: int) -> None:
        self._answer_stages(sheet, [(span, at) for span, at in self._questions.asked if since <= at < until])
        self._answer_arrivals(sheet, [one for one in self._questions.estimates if since <= one.asked_at < until])
        chosen = [one for one in self._questions.journeys_asked if since <= one[2] < until]
        for goal in ("release", "gate-out"):
            self._answer_chains(sheet, goal, [one for one in chosen if one[0].goal == goal])

    def _answer_stages(self, sheet: _Sheet, chosen: Sequence[tuple[Span, int]]) -> None:
        asked = [at for _, at in chosen]
        ended = np.array([span.ended_at for span, _ in chosen])
        seen = [known_at(span, at) for span, at in chosen]
        told = {
            "forecast": self.stages.forecast(seen, asked),
            "port mean": self._table.means(seen, asked),
            "port table": self._table.quantiles(seen, asked),
        }
        sheet.add("every stage", asked, list(ended), told)
        for stage in synthetic.CHAIN:
            here = [at for at, span in enumerate(seen) if span.stage == stage]
            values = {name: rows[here] for name, rows in told.items()}
            sheet.add(stage, [asked[at] for at in here], list(ended[here]), values)

    def _answer_arrivals(self, sheet: _Sheet, chosen: Sequence[Estimate]) -> None:
        seen = [replace(one, arrived_at=None) for one in chosen]
        told = {
            "forecast": self._arrivals.forecast(seen),
            "port mean": self._arrival_table.means(seen),
            "carrier": self._arrival_table.carrier(seen),
            "port table": self._arrival_table.quantiles(seen),
        }
        sheet.add(ARRIVAL, [one.asked_at for one in chosen], [one.arrived_at or 0 for one in chosen], told)

    def _answer_chains(self, sheet: _Sheet, goal: str, chosen: Sequence[tuple[Journey, int, int]]) -> None:
        asked = [moment for _, _, moment in chosen]
        now = [known_at(journey.spans[at], moment) for journey, at, moment in chosen]
        to_come = [journey.stages_after(at) for journey, at, _ in chosen]
        totals = [replace(span, stage=f"{span.stage} to {goal}") for span in now]
        told = {
            "forecast": self._chains.forecast(goal, now, asked, to_come),
            "port mean": self._totals.means(totals, asked),
            "port table": self._totals.quantiles(totals, asked),
        }
        sheet.add(f"to {goal}", asked, [journey.ended_at for journey, _, _ in chosen], told)

    def rates(self, count: int) -> dict[str, float]:
        """How many open stages, ways from the stage under way to gate-out, and arrivals are forecast in a second."""
        asked = self._questions
        stages = [asked.asked[at % len(asked.asked)] for at in range(count)]
        on_the_way = [one for one in asked.journeys_asked if one[0].goal == "gate-out"]
        ways = [on_the_way[at % len(on_the_way)] for at in range(count)]
        arrivals = [asked.estimates[at % len(asked.estimates)] for at in range(count)]
        open_stages = [known_at(span, at) for span, at in stages]
        now = [known_at(journey.spans[at], moment) for journey, at, moment in ways]
        to_come = [journey.stages_after(at) for journey, at, _ in ways]
        works: dict[str, Callable[[], Floats]] = {
            "open stages": lambda: self.stages.forecast(open_stages, [at for _, at in stages]),
            "ways to gate-out": lambda: self._chains.forecast("gate-out", now, [one[2] for one in ways], to_come),
            "arrivals": lambda: self._arrivals.forecast(arrivals),
        }
        found = {}
        for what, work in works.items():
            begun = time.monotonic()
            work()
            found[what] = count / (time.monotonic() - begun)
        return found


def known_at(span: Span, at: int) -> Span:
    """The span as it was known at that instant: under way, and without what happened later."""
    return replace(
        span,
        ended_at=None,
        inspection_at=_if_past(span.inspection_at, at),
        hold_from=_if_past(span.hold_from, at),
        hold_until=_if_past(span.hold_until, at),
    )


def _if_past(instant: int | None, at: int) -> int | None:
    return instant if instant is not None and instant <= at else None


def _asked(span: Span, chance: random.Random) -> int | None:
    """When the span is asked about: at its start, or 15 minutes to 10 days on; ``None`` if it has ended by then."""
    later = 0 if chance.random() < 0.4 else int(900 * 960 ** chance.random())
    if span.ended_at is None or (later and span.started_at + later >= span.ended_at):
        return None
    return span.started_at + later


def _journey(goal: str, cargo: synthetic.Cargo, ended_at: int, stages: Sequence[str]) -> Journey | None:
    """The cargo's way to the goal; ``None`` where its end was not told."""
    spans = tuple(span for span in cargo.spans if span.stage in stages)
    return Journey(goal, spans, ended_at, tuple(stages)) if spans and spans[-1].stage == stages[-1] else None


def _totals(journey: Journey) -> list[Span]:
    """From the start of each of its stages to the goal, as if that were one stage."""
    return [replace(span, stage=f"{span.stage} to {journey.goal}", ended_at=journey.ended_at) for span in journey.spans]


def run(seeds: Sequence[int], cargoes: int, timed: int, told: Callable[[Verdict], None]) -> list[Verdict]:
    """Judge each seed, telling of each as soon as it is known."""
    verdicts = []
    for seed in seeds:
        verdicts.append(judge(seed, cargoes, timed))
        told(verdicts[-1])
    return verdicts
