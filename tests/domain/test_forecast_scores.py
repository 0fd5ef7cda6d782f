"""Pinball losses by hand, coverage at its borders, and what is judged of what."""

from __future__ import annotations

import numpy as np
import pytest

from cargo.domain import forecast_scores
from cargo.domain.forecast import scoring
from cargo.domain.forecast_scores import (
    CARRIER,
    MET,
    MISSED,
    PORT_MEAN,
    PORT_TABLE,
    TOO_FEW,
    Key,
    Outcome,
    Sums,
    ahead_of,
    beside,
    judged_coverage,
    mean_losses,
    pinball,
    tally,
)

HOUR, DAY = 3600, 86_400
STAGE = "arrived__customs_released"


def outcome(ended_at: int = 50 * HOUR, **words: object) -> Outcome:
    """Told at 0: 40, 48 and 60 hours."""
    plain = {"organization": 7, "month": "2026-03", "stage": STAGE, "mode": "sea", "made_at": 0}
    return Outcome(**{**plain, "told": (40 * HOUR, 48 * HOUR, 60 * HOUR), "ended_at": ended_at, **words})  # type: ignore[arg-type]


def test_the_loss_by_hand() -> None:
    # Late by 10 hours at p10: 0.1 * 10; by 2 at p50: 0.5 * 2; early by 10 at p90: (0.9 - 1) * -10.
    assert pinball((40 * HOUR, 48 * HOUR, 60 * HOUR), 50 * HOUR) == pytest.approx((1.0, 1.0, 1.0))
    # Early: 0.9 * 4 at p10, 0.5 * 12 at p50, 0.1 * 24 at p90.
    assert pinball((40 * HOUR, 48 * HOUR, 60 * HOUR), 36 * HOUR) == pytest.approx((3.6, 6.0, 2.4))
    # Late: 0.1 * 30, 0.5 * 22, 0.9 * 10.
    assert pinball((40 * HOUR, 48 * HOUR, 60 * HOUR), 70 * HOUR) == pytest.approx((3.0, 11.0, 9.0))
    assert pinball((5, 5, 5), 5) == (0.0, 0.0, 0.0)


def test_it_is_the_loss_that_forecasts_are_chosen_by() -> None:
    told = [(40, 48, 60), (10, 11, 12), (5, 80, 90)]
    happened = [50, 20, 1]
    here = np.mean(
        [
            pinball((low * HOUR, mid * HOUR, high * HOUR), end * HOUR)
            for (low, mid, high), end in zip(told, happened, strict=True)
        ],
        axis=0,
    )
    assert here == pytest.approx(scoring.pinball(np.array(told, dtype=float), np.array(happened, dtype=float)))
    assert forecast_scores.LEVELS == scoring.LEVELS


@pytest.mark.parametrize(
    ("seconds", "word"),
    [
        (0, "1d"),
        (DAY, "1d"),
        (DAY + 1, "3d"),
        (3 * DAY, "3d"),
        (7 * DAY, "7d"),
        (14 * DAY, "14d"),
        (14 * DAY + 1, "more"),
    ],
)
def test_how_far_ahead(seconds: int, word: str) -> None:
    assert ahead_of(1_000_000, 1_000_000 + seconds) == word


def test_sums_alone_and_beside_each_rival() -> None:
    first = outcome(mean_at=46 * HOUR, table=(30 * HOUR, 50 * HOUR, 55 * HOUR))
    second = outcome(36 * HOUR, carrier_at=40 * HOUR)
    found = tally([first, second])
    key = Key(7, "2026-03", STAGE, "sea", "3d", "")
    assert found.keys() == {key._replace(rival=rival) for rival in ("", PORT_MEAN, PORT_TABLE, CARRIER)}
    alone, mean, table, carrier = (found[key._replace(rival=name)] for name in ("", PORT_MEAN, PORT_TABLE, CARRIER))
    assert (alone.n, alone.covered, alone.rival) == (2, 1, (0.0, 0.0, 0.0))
    assert alone.loss == pytest.approx((4.6, 7.0, 3.4))
    # One instant for every level: late by 4 hours.
    assert (mean.n, mean.covered) == (1, 1)
    assert (mean.loss, mean.rival) == (pytest.approx((1.0, 1.0, 1.0)), pytest.approx((0.4, 2.0, 3.6)))
    assert table.rival == pytest.approx((2.0, 0.0, 0.5))
    # Early by 4 hours.
    assert (carrier.n, carrier.covered) == (1, 0)
    assert (carrier.loss, carrier.rival) == (pytest.approx((3.6, 6.0, 2.4)), pytest.approx((3.6, 2.0, 0.4)))


def test_both_ends_of_the_range_are_within_it() -> None:
    for ended, covered in ((40 * HOUR, 1), (60 * HOUR, 1), (40 * HOUR - 1, 0), (60 * HOUR + 1, 0)):
        (sums,) = tally([outcome(ended)]).values()
        assert sums.covered == covered, ended


def test_what_is_judged() -> None:
    for covered, verdict in ((37, MISSED), (38, MET), (42, MET), (43, MISSED)):
        assert judged_coverage(Sums(50, covered)) == verdict
    assert judged_coverage(Sums(49, 39)) == TOO_FEW
    even = (10.0, 10.0, 10.0)
    assert beside(PORT_MEAN, Sums(50, 40, (8.0, 8.0, 8.0), even)) == (50, 0.48, 0.6, 0.2, MET)
    assert beside(CARRIER, Sums(50, 40, (8.0, 8.0, 8.1), even)).verdict == MISSED
    assert beside(PORT_TABLE, Sums(50, 40, (9.5, 9.5, 9.5), even)).verdict == MET
    assert beside(PORT_TABLE, Sums(50, 40, (9.6, 9.5, 9.5), even)).verdict == MISSED
    assert beside(PORT_TABLE, Sums(49, 40, (1.0, 1.0, 1.0), even)) == (49, 0.061, 0.612, 0.9, TOO_FEW)
    assert beside(CARRIER, Sums(50, 40, even)) == (50, 0.6, 0.0, None, TOO_FEW)
    assert beside(CARRIER, Sums(60, 40, (20.0, 20.0, 20.0), even)).gain == -1.0
    assert mean_losses(Sums(4, 4, (1.0, 2.0, 4.0))) == (0.25, 0.5, 1.0)
