"""A history of shipments made by hand, for forecasts of real cargo: two days ashore, every stage of the same length."""

from __future__ import annotations

from collections.abc import Sequence

from cargo.domain.forecast.arrivals import Estimate
from cargo.domain.forecast.cargo import BOXES, CUSTOMS, GATE_OUT, RELEASE, StageTold
from cargo.domain.forecast.learned import Chosen, Learned, learn
from cargo.domain.forecast.stages import Settings

HOUR, DAY = 3600, 86_400
# Monday 2026-03-02 00:00 UTC, 09:00 in Korea.
NOW = 1_772_409_600
# Plain time, nothing forgotten, one value is enough to be believed.
PLAIN = Settings(quiet=1.0, half_life=1e9, strength=0.01)
# How many hours after the arrival each stage of customs' way and of the boxes' ends.
ENDS = dict(zip(CUSTOMS, (2, 10, 20, 30, 50), strict=True)) | dict(zip(BOXES, (8, 50), strict=True))
ENDS |= {RELEASE: 30, GATE_OUT: 50}
STARTS = dict(zip(CUSTOMS, (0, 2, 10, 20, 30), strict=True)) | dict(zip(BOXES, (0, 8), strict=True))
STARTS |= {RELEASE: 0, GATE_OUT: 0}


def a_cargo(
    arrived: int, stages: Sequence[str], until: int = NOW, voyage: int = 300, **about: object
) -> list[StageTold]:
    """Its stages as they stand at ``until``: those that had begun by then. Arrived ``voyage`` hours after it left."""
    words = {"organization": 1, "mode": "sea", "port": "KRPUS", "carrier": "HMM", "declared": "after_entry"} | about
    found = []
    for stage in ("departed__arrived", *stages):
        start, end = (arrived + STARTS.get(stage, -voyage) * HOUR, arrived + ENDS.get(stage, 0) * HOUR)
        if start <= until:
            found.append(StageTold(stage, start, end if end <= until else None, **words))  # type: ignore[arg-type]
    return found


BOTH = (*CUSTOMS, *BOXES, RELEASE, GATE_OUT)
WITH_CUSTOMS, WITH_BOXES = (*CUSTOMS, RELEASE, GATE_OUT), (*BOXES, GATE_OUT)


def history(count: int = 40, stages: Sequence[str] = BOTH, **about: object) -> list[list[StageTold]]:
    """That many cargoes of six organizations, one a day until ten days ago."""
    return [
        a_cargo(NOW - (10 + number) * DAY, stages, **({"organization": 1 + number % 6} | about))
        for number in range(count)
    ]


def estimates(count: int = 40, **about: object) -> list[Estimate]:
    """What was known of that many arrivals: two days before the carrier told six hours too early."""
    words = {"mode": "sea", "carrier": "HMM", "port": "KRPUS"} | about
    found = []
    for number in range(count):
        arrived = NOW - (10 + number) * DAY
        asked, told = arrived - 2 * DAY, arrived - 6 * HOUR
        found.append(Estimate(asked, told - DAY, told, arrived, **({"organization": str(1 + number % 6)} | words)))  # type: ignore[arg-type]
    return found


def learned(cargoes: Sequence[Sequence[StageTold]], arrivals: Sequence[Estimate] = ()) -> Learned:
    """What that teaches as of ``NOW``, with nothing chosen."""
    stages = {row.stage: PLAIN for rows in cargoes for row in rows}
    return learn(cargoes, cargoes, arrivals, NOW, Chosen(stages, None))
