"""How good forecasts turned out to be: pinball loss and coverage, added up, beside simpler forecasts.

The pinball loss of a quantile ``q`` told for a level is ``max(level * (y - q), (level - 1) * (y - q))`` for an outcome
``y`` (Koenker and Bassett, 1978), here in hours. Less is better, and only the true quantiles make it least. A rival
that tells one instant tells it for each level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

LEVELS = (0.1, 0.5, 0.9)
# How long before the outcome a forecast was told: at most so many days, and what is longer.
AHEAD = ("1d", "3d", "7d", "14d", "more")
_DAYS = (1, 3, 7, 14)
PORT_MEAN, PORT_TABLE, CARRIER = "port_mean", "port_table", "carrier"
RIVALS = (PORT_MEAN, PORT_TABLE, CARRIER)
# The range between the outer quantiles should hold eight in ten; what a rival's loss must be beaten by.
COVERAGE_GOAL = (0.75, 0.85)
GAIN_GOALS = {PORT_MEAN: 0.20, PORT_TABLE: 0.05, CARRIER: 0.20}
# Of fewer nothing is judged.
LEAST_JUDGED = 50
VERDICTS = MET, MISSED, TOO_FEW = "met", "missed", "too_few"
_HOUR, _DAY = 3600, 86_400

Quantiles = tuple[int, int, int]


class Outcome(NamedTuple):
    """A forecast whose stage has ended. Instants: whole seconds since 1970, UTC. ``month``: of the end, at its port.

    ``mean_at``, ``table`` and ``carrier_at`` are the rivals' words, ``None`` where they told nothing.
    """

    organization: int
    month: str
    stage: str
    mode: str
    made_at: int
    ended_at: int
    told: Quantiles
    mean_at: int | None = None
    table: Quantiles | None = None
    carrier_at: int | None = None


class Key(NamedTuple):
    """What sums are kept by. ``rival``: empty for the forecasts alone."""

    organization: int
    month: str
    stage: str
    mode: str
    ahead: str
    rival: str


class Sums(NamedTuple):
    """Losses in hours at p10, p50 and p90, added up over ``n`` forecasts; ``covered`` ended between p10 and p90."""

    n: int = 0
    covered: int = 0
    loss: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rival: tuple[float, float, float] = (0.0, 0.0, 0.0)


def together(one: Sums, other: Sums) -> Sums:
    """Both added up."""
    return Sums(
        one.n + other.n,
        one.covered + other.covered,
        _added(one.loss, other.loss),
        _added(one.rival, other.rival),
    )


def pinball(told: Quantiles, ended_at: int) -> tuple[float, float, float]:
    """The loss of each of ``LEVELS``, in hours."""
    p10, p50, p90 = (
        max(level * (ended_at - at), (level - 1) * (ended_at - at)) / _HOUR
        for level, at in zip(LEVELS, told, strict=True)
    )
    return p10, p50, p90


def ahead_of(made_at: int, ended_at: int) -> str:
    """The word of ``AHEAD`` for how long before the end it was told."""
    days = (ended_at - made_at) / _DAY
    return next((word for word, most in zip(AHEAD, _DAYS, strict=False) if days <= most), AHEAD[-1])


def tally(outcomes: Iterable[Outcome]) -> dict[Key, Sums]:
    """The sums of these forecasts: alone, and beside each rival over those that it told of, too."""
    found: dict[Key, Sums] = {}
    for outcome in outcomes:
        for key, sums in _scored(outcome):
            found[key] = together(found[key], sums) if key in found else sums
    return found


def _scored(outcome: Outcome) -> Iterator[tuple[Key, Sums]]:
    ended = outcome.ended_at
    own = pinball(outcome.told, ended)
    covered = int(outcome.told[0] <= ended <= outcome.told[2])
    key = Key(
        outcome.organization, outcome.month, outcome.stage, outcome.mode, ahead_of(outcome.made_at, ended), ""
    )  # fmt: skip
    yield key, Sums(1, covered, own)
    for rival, told in _rivals(outcome):
        yield key._replace(rival=rival), Sums(1, covered, own, pinball(told, ended))


def _rivals(outcome: Outcome) -> Iterator[tuple[str, Quantiles]]:
    for rival, at in ((PORT_MEAN, outcome.mean_at), (CARRIER, outcome.carrier_at)):
        if at is not None:
            yield rival, (at, at, at)
    if outcome.table is not None:
        yield PORT_TABLE, outcome.table


def _added(one: Sequence[float], other: Sequence[float]) -> tuple[float, float, float]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


class Beside(NamedTuple):
    """Against one rival, over the ``n`` forecasts that it told of: mean losses in hours, the three levels added.

    ``gain``: the share of its loss that is saved, below 0 where it was better; ``None`` where it lost nothing.
    """

    n: int
    loss: float
    rival_loss: float
    gain: float | None
    verdict: str


def beside(rival: str, sums: Sums) -> Beside:
    """What the sums say about a rival, and whether the goal against it is met."""
    own, other = sum(sums.loss), sum(sums.rival)
    gain = round(1 - own / other, 4) if other else None
    verdict = TOO_FEW
    if sums.n >= LEAST_JUDGED and gain is not None:
        verdict = MET if gain >= GAIN_GOALS[rival] else MISSED
    return Beside(sums.n, _mean(own, sums.n), _mean(other, sums.n), gain, verdict)


def judged_coverage(sums: Sums) -> str:
    """Whether as many ended between p10 and p90 as should."""
    if sums.n < LEAST_JUDGED:
        return TOO_FEW
    low, high = COVERAGE_GOAL
    return MET if low <= sums.covered / sums.n <= high else MISSED


def mean_losses(sums: Sums) -> tuple[float, float, float]:
    """Of each level, in hours."""
    p10, p50, p90 = (_mean(loss, sums.n) for loss in sums.loss)
    return p10, p50, p90


def _mean(total: float, count: int) -> float:
    return round(total / count, 3) if count else 0.0
