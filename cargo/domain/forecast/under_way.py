"""Cargo under way -> when each of its open stages, each stage to come, its release, its gate-out and its arrival end.

``ways`` says what is asked of each cargo, ``chain`` and ``stages`` answer for all cargoes of a batch together, and what
ends at the same instant is told the same. ``rivals`` and ``reasons`` are put beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cargo.domain.forecast.arrivals import Estimate
from cargo.domain.forecast.backoff import Floats
from cargo.domain.forecast.cargo import ARRIVAL, GOALS, Cargo, StageTold, Told, end_of, is_forgotten, is_overdue
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.learned import Learned, client, place, span_of
from cargo.domain.forecast.reasons import Effects, effects, reasons_of
from cargo.domain.forecast.rivals import Rivals, rivals
from cargo.domain.forecast.subject import Subject
from cargo.domain.forecast.ways import Leg, route


class Way(NamedTuple):
    """A leg of one cargo; ``number``: which cargo; ``now``: its stage under way, or before an arrival whose it is."""

    number: int
    leg: Leg
    now: Span
    estimate: Estimate | None


def forecast(cargoes: Sequence[Cargo], learned: Learned, asked_at: int) -> list[list[Told]]:
    """What can be told of each cargo as of ``asked_at`` (seconds since 1970 UTC); nothing of one that is closed.

    Stages of which too little history is known (``comparable.LEAST_ENDED``) are not told of. Equal arguments give
    equal answers, and one cargo's do not depend on the others'.
    """
    subjects = [_subject(cargo, learned, asked_at) for cargo in cargoes]
    ways = _ways(subjects)
    _follow(subjects, [way for way in ways if way.estimate is None], learned, asked_at)
    _follow_arrivals(subjects, [way for way in ways if way.estimate is not None], learned)
    _alone(subjects, learned, asked_at)
    for subject in subjects:
        subject.settle()
    beside, why = rivals(subjects, learned, asked_at), effects(subjects, learned, asked_at)
    return [_rows(at, subject, beside[at], learned, why, asked_at) for at, subject in enumerate(subjects)]


def _subject(cargo: Cargo, learned: Learned, asked_at: int) -> Subject:
    rows: dict[str, StageTold] = {}
    for row in sorted(cargo.stages, key=lambda row: (row.ended_at is None, row.started_at)):
        if not is_forgotten(row, asked_at):
            rows[row.stage] = row
    about = _about(cargo, rows)
    estimate = _estimate(cargo, about, learned, asked_at)
    usual = learned.ways.usual(about.mode, about.port)
    known = learned.known.get(about.mode, frozenset())
    return Subject(cargo, rows, usual, route(rows, usual, known, estimate is not None), about, estimate)


def _about(cargo: Cargo, rows: Mapping[str, StageTold]) -> Span:
    """Whose cargo it is and where; its stage and times do not count."""
    country, zone = place(cargo.port)
    return Span(
        ARRIVAL,
        0,
        None,
        client(cargo.organization),
        cargo.mode,
        cargo.port,
        cargo.carrier,
        country,
        zone,
        any(row.declared_ahead for row in rows.values()),
    )


def _estimate(cargo: Cargo, about: Span, learned: Learned, asked_at: int) -> Estimate | None:
    known = cargo.awaited
    if known is None or is_overdue(known, asked_at) or not learned.knows_arrivals(about.mode):
        return None
    return Estimate(
        asked_at,
        known.planned_at,
        known.estimated_at,
        None,
        about.mode,
        about.carrier,
        about.port,
        about.organization,
    )


def _ways(subjects: Sequence[Subject]) -> list[Way]:
    found = []
    for number, subject in enumerate(subjects):
        for leg in subject.route.legs:
            estimate = subject.estimate if leg.now == ARRIVAL and not subject.route.ashore else None
            now = subject.about if estimate is not None else span_of(subject.rows[leg.now])
            found.append(Way(number, leg, now, estimate))
    return found


def _follow(subjects: Sequence[Subject], ways: Sequence[Way], learned: Learned, asked_at: int) -> None:
    if ways:
        now, to_come = [way.now for way in ways], [way.leg.to_come for way in ways]
        _keep(subjects, ways, learned.chains.forecast_steps(now, [asked_at] * len(ways), to_come))


def _follow_arrivals(subjects: Sequence[Subject], ways: Sequence[Way], learned: Learned) -> None:
    estimates = [way.estimate for way in ways if way.estimate is not None]
    if estimates:
        now, to_come = [way.now for way in ways], [way.leg.to_come for way in ways]
        _keep(subjects, ways, learned.chains.steps_from_arrival(learned.arrivals, estimates, now, to_come))


def _keep(subjects: Sequence[Subject], ways: Sequence[Way], answers: Sequence[Floats]) -> None:
    """The first leg that tells of a milestone counts: customs' way before that of the boxes."""
    for way, steps in zip(ways, answers, strict=True):
        told = subjects[way.number].told
        for stage, instants in zip((way.leg.now, *way.leg.to_come), steps, strict=True):
            if not np.isnan(instants[0]):
                told.setdefault(end_of(stage), instants)


def _alone(subjects: Sequence[Subject], learned: Learned, asked_at: int) -> None:
    asked = [(subject, stage) for subject in subjects for stage in subject.route.alone]
    answers = learned.stages.forecast([subject.span(stage) for subject, stage in asked], [asked_at] * len(asked))
    for (subject, stage), instants in zip(asked, answers, strict=True):
        if not np.isnan(instants[0]):
            subject.told.setdefault(end_of(stage), instants)


def _rows(number: int, subject: Subject, beside: Rivals, learned: Learned, why: Effects, asked_at: int) -> list[Told]:
    found = []
    under_way = {leg.now for leg in subject.route.legs} | set(subject.route.alone)
    for stage in subject.stages:
        p10, p50, p90 = subject.told[end_of(stage)].tolist()
        span = subject.spans.get(stage)
        started = None if span is None else span.started_at
        row = beside.put(Told(stage, started, round(p10), round(p50), round(p90)))
        if stage in GOALS or stage in under_way:
            row = row._replace(reasons=reasons_of(number, subject, row, learned, why, asked_at))
        found.append(row)
    return found
