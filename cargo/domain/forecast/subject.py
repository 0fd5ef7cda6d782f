"""One cargo while its forecast is worked out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cargo.domain.forecast.arrivals import Estimate
from cargo.domain.forecast.backoff import Floats
from cargo.domain.forecast.cargo import GATE_OUT, RELEASE, Cargo, StageTold, end_of
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.learned import span_of
from cargo.domain.forecast.ways import Leg, Route
from cargo.domain.stages import STAGES


@dataclass(slots=True)
class Subject:
    """``rows``: the cargo's stages by name; ``usual``: those that are usual there; ``about``: whose cargo it is, where
    (its stage and times do not count); ``estimate``: what its arrival is forecast from; ``told``: p10, p50 and p90
    by milestone; ``stages``: what is told of, in order, and ``spans``: those of them that have begun.
    """

    cargo: Cargo
    rows: Mapping[str, StageTold]
    usual: Collection[str]
    route: Route
    about: Span
    estimate: Estimate | None
    told: dict[str, Floats] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)
    spans: dict[str, Span] = field(default_factory=dict)

    def settle(self) -> None:
        """Says what is told of, once all milestones are: the way, what is open beside it, and the totals."""
        found = [stage for leg in self.route.legs for stage in (leg.now, *leg.to_come)] + self.route.alone
        found += [stage for stage in self.rows if self.is_open(stage)]
        if not any(end_of(stage) == end_of(GATE_OUT) for stage in self.rows if not self.is_open(stage)):
            found += [total for total in (RELEASE, GATE_OUT) if total not in self.rows or self.is_open(total)]
        self.stages = sorted({stage for stage in found if end_of(stage) in self.told}, key=STAGES.index)
        begun = [stage for stage in self.stages if self.is_open(stage) or stage in self.route.alone]
        self.spans = {stage: self.span(stage) for stage in begun}

    def is_open(self, stage: str) -> bool:
        """Whether it has begun and not ended."""
        row = self.rows.get(stage)
        return row is not None and row.ended_at is None

    def span(self, stage: str) -> Span:
        """Its row; a release that nobody told of yet has been awaited since the arrival, as the gate-out has."""
        return span_of(self.rows[stage] if stage in self.rows else self.rows[GATE_OUT]._replace(stage=stage))

    def leg_to(self, stage: str) -> Leg | None:
        """The first leg that tells of the stage's end."""
        for leg in self.route.legs:
            if any(end_of(step) == end_of(stage) for step in (leg.now, *leg.to_come)):
                return leg
        return None

    def under_way(self, stage: str) -> Span | None:
        """The stage under way that the end of this one waits for; ``None`` where it has no start."""
        leg = self.leg_to(stage)
        return self.spans.get(stage if leg is None else leg.now)
