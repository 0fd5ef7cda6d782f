"""What forecasts of real cargo rest on, learned from one history: forecasters, simpler forecasts, counts, ways.

A pure function of the history, the instant and the settings. What is chosen (the settings) is small enough to be kept;
what is learned is learned again from the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from cargo.domain.forecast.arrivals import ArrivalForecaster, ArrivalSettings, Estimate
from cargo.domain.forecast.baselines import ArrivalTable, PortTable
from cargo.domain.forecast.cargo import BOXES, CUSTOMS, DECLARING, GATE_OUT, RELEASE, StageTold
from cargo.domain.forecast.chain import ChainForecaster, Journey
from cargo.domain.forecast.comparable import LEAST_ENDED, Behind, Counts
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.stages import Settings, StageForecaster
from cargo.domain.forecast.ways import Ended, Ways
from cargo.domain.lead_times import place_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings that did best, by stage, and those of arrivals (``None``: not chosen yet)."""

    stages: Mapping[str, Settings]
    arrivals: ArrivalSettings | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain objects; ``from_json`` reads them."""
        stages = {stage: asdict(settings) for stage, settings in sorted(self.stages.items())}
        return {"stages": stages, "arrivals": asdict(self.arrivals) if self.arrivals else None}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Chosen:
        """What ``as_json`` gave; also from an empty object, where nothing was chosen."""
        stages = {stage: Settings(**_ladders(words)) for stage, words in (told.get("stages") or {}).items()}
        arrivals = told.get("arrivals")
        return cls(stages, ArrivalSettings(**_ladders(arrivals)) if arrivals else None)


class Learned(NamedTuple):
    """What was learned as of one instant. ``known``: by mode the stages of which enough ended there."""

    stages: StageForecaster
    arrivals: ArrivalForecaster
    chains: ChainForecaster
    table: PortTable
    arrival_table: ArrivalTable
    ways: Ways
    counts: Mapping[str, Counts]
    known: Mapping[str, frozenset[str]]
    arrival_counts: Counts
    chosen: Chosen

    def behind(self, stage: str, organization: str, mode: str, port: str) -> Behind:
        """How much history a forecast of that stage rests on."""
        return self.counts[stage].behind(organization, mode, port)

    def knows_arrivals(self, mode: str) -> bool:
        """Whether enough estimates of arrivals by that mode are known to forecast one."""
        return self.arrival_counts.of(mode) >= LEAST_ENDED


def learn(
    cargoes: Iterable[Sequence[StageTold]],
    whole: Iterable[Sequence[StageTold]],
    estimates: Sequence[Estimate],
    as_of: int,
    chosen: Chosen | None = None,
) -> Learned:
    """Learn from the ended stages of these cargoes and from what was known of arrivals.

    ``whole``: cargoes that reached release or gate, with every stage of theirs that ended: which are usual is counted
    on them, since ``cargoes`` may hold but the recent ones of each stage. ``chosen``: the settings to learn with;
    without them they are chosen, which takes many times as long.
    """
    told = [[row for row in rows if row.ended_at is not None and row.ended_at < as_of] for rows in cargoes]
    told = [rows for rows in told if rows]
    spans = [[span_of(row) for row in rows] for rows in told]
    history = [span for found in spans for span in found]
    ways = Ways(_ended(rows) for rows in whole if rows)
    stages = StageForecaster(chosen.stages if chosen else None)
    stages.learn(history, as_of)
    arrivals = ArrivalForecaster(chosen.arrivals if chosen else None)
    arrivals.learn(estimates, as_of)
    chains = ChainForecaster(stages)
    chains.learn([journey for found in spans for journey in _journeys(found, ways)], history, as_of)
    by_stage: dict[str, list[Span]] = {}
    for span in history:
        by_stage.setdefault(span.stage, []).append(span)
    counts = {stage: Counts(found) for stage, found in by_stage.items()}
    modes = {span.mode for span in history}
    known = {mode: frozenset(stage for stage in counts if counts[stage].of(mode) >= LEAST_ENDED) for mode in modes}
    arrived = {(one.organization, one.carrier, one.port, one.arrived_at): one for one in estimates if one.arrived_at}
    return Learned(
        stages,
        arrivals,
        chains,
        PortTable(history, as_of),
        ArrivalTable(estimates, as_of),
        ways,
        counts,
        known,
        Counts(arrived.values()),
        Chosen(stages.settings, arrivals.settings),
    )


def span_of(row: StageTold) -> Span:
    """The stage as the forecasters take it."""
    country, zone = place(row.port)
    return Span(
        row.stage,
        row.started_at,
        row.ended_at,
        client(row.organization),
        row.mode,
        row.port,
        row.carrier,
        country,
        zone,
        row.declared_ahead,
        row.inspection_at,
        row.hold_from,
        row.hold_until,
    )


def client(organization: int | None) -> str:
    """The organization's name for the forecasters; cargo that nobody registered is nobody's."""
    return "" if organization is None else str(organization)


@lru_cache(maxsize=4096)
def place(port: str) -> tuple[str, str]:
    """The country and zone of a port."""
    return place_of(port)


def _ended(rows: Sequence[StageTold]) -> Ended:
    last = rows[-1]
    for row in rows:
        if row.stage in (RELEASE, GATE_OUT):
            last = row
    return Ended(
        client(last.organization),
        last.mode,
        last.port,
        frozenset(row.stage for row in rows if row.ended_at is not None),
    )


def _journeys(spans: Sequence[Span], ways: Ways) -> Iterable[Journey]:
    """What the cargo's way gives to learn how far ranges miss: a journey to each end of a stage on it."""
    by_stage = {span.stage: span for span in spans if not (span.declared_ahead and span.stage == DECLARING)}
    for way in (CUSTOMS, BOXES):
        on_it = [by_stage[stage] for stage in way if stage in by_stage]
        if len(on_it) < 2:
            continue
        usual = ways.usual(on_it[-1].mode, on_it[-1].port)
        if on_it[-1].declared_ahead:
            usual -= {DECLARING}
        to_come = [stage for stage in way if stage in usual or stage in by_stage]
        for at, goal in enumerate(on_it[1:], start=1):
            ended = goal.ended_at or 0
            begun = tuple(span for span in on_it[:at] if span.started_at <= ended)
            yield Journey(goal.stage, begun, ended, tuple(to_come[: to_come.index(goal.stage) + 1]))


def _ladders(words: Mapping[str, Any]) -> dict[str, Any]:
    return {**words, "ladders": tuple(words["ladders"])}
