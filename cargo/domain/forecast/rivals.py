"""What simpler forecasts say of the same cargo: the port's mean, the port's table of quantiles, the carrier's estimate.

Of a stage to come the mean is that of the stage under way and the means of those that follow, added up; a table
of quantiles cannot be added up and says nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cargo.domain.forecast.cargo import ARRIVAL, GATE_OUT, RELEASE, Told
from cargo.domain.forecast.learned import Learned
from cargo.domain.forecast.subject import Subject

Table = tuple[int, int, int]


class Rivals(NamedTuple):
    """By stage: the mean, the quantiles; and the carrier's estimate of the arrival."""

    means: dict[str, float]
    tables: dict[str, Table]
    carrier_at: int | None

    def put(self, row: Told) -> Told:
        """The row with what they say of it."""
        mean = self.means.get(row.stage)
        return row._replace(
            mean_at=None if mean is None else round(mean),
            table=self.tables.get(row.stage),
            carrier_at=self.carrier_at if row.stage == ARRIVAL else None,
        )


def rivals(subjects: Sequence[Subject], learned: Learned, asked_at: int) -> list[Rivals]:
    """What they say of every cargo, in order."""
    found = [Rivals({}, {}, subject.cargo.awaited and subject.cargo.awaited.estimated_at) for subject in subjects]
    _arrivals(subjects, found, learned)
    begun = [
        (number, stage)
        for number, subject in enumerate(subjects)
        for stage in subject.spans
        if learned.table.knows(stage) and stage not in found[number].means
    ]
    spans = [subjects[number].spans[stage] for number, stage in begun]
    if spans:
        asked = [asked_at] * len(spans)
        means, tables = learned.table.means(spans, asked)[:, 0].tolist(), learned.table.quantiles(spans, asked).tolist()
        for (number, stage), mean, table in zip(begun, means, tables, strict=True):
            found[number].means[stage] = mean
            found[number].tables[stage] = _whole(table)
    for subject, beside in zip(subjects, found, strict=True):
        _add_up(subject, beside.means, learned)
    return found


def _arrivals(subjects: Sequence[Subject], found: Sequence[Rivals], learned: Learned) -> None:
    awaited = [number for number, subject in enumerate(subjects) if subject.estimate is not None]
    questions = [estimate for subject in subjects if (estimate := subject.estimate) is not None]
    if not questions:
        return
    means = learned.arrival_table.means(questions)[:, 0].tolist()
    tables = learned.arrival_table.quantiles(questions).tolist()
    for number, mean, table in zip(awaited, means, tables, strict=True):
        found[number].means[ARRIVAL] = mean
        found[number].tables[ARRIVAL] = _whole(table)


def _add_up(subject: Subject, means: dict[str, float], learned: Learned) -> None:
    about = subject.about
    for leg in subject.route.legs:
        reached = means.get(leg.now)
        for stage in leg.to_come:
            if reached is None:
                break
            reached += learned.table.mean(stage, about.port, about.organization)
            means.setdefault(stage, reached)
    arrived = means.get(ARRIVAL)
    for total in (RELEASE, GATE_OUT):
        if arrived is not None and learned.table.knows(total):
            means.setdefault(total, arrived + learned.table.mean(total, about.port, about.organization))


def _whole(table: Sequence[float]) -> Table:
    return round(table[0]), round(table[1]), round(table[2])
