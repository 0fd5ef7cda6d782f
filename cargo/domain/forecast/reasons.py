"""Why a forecast is what it is, as codes and figures; the words are the pages'.

``history`` (``own``, ``comparable``, ``level``: see ``comparable.Behind``), ``thin`` (fewer than 30 comparable),
``elapsed`` (``seconds`` in the stage under way, ``longer_than``: the share of comparable cargo that was through by
then), ``inspection``, ``hold`` and ``declared_ahead`` (``seconds`` by which each makes the median later, or earlier),
``rest_days`` (``days`` on which offices rest at the port until the median), and of an arrival ``carrier`` (``seconds``
from the carrier's estimate to the median, ``estimated_at``), ``schedule`` (``planned_at``) or ``sea_distance``
(``miles``, ``planned_at``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from cargo.domain.forecast.cargo import ARRIVAL, CLEARING, CUSTOMS, DECLARING, GATE_OUT, RELEASE, Told, end_of
from cargo.domain.forecast.clock import resting_days, winter_offset
from cargo.domain.forecast.comparable import LEAST_CARGOES, Behind
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.learned import Learned
from cargo.domain.forecast.subject import Subject

_DAY = 86_400
_MEDIAN = np.array([0.5])
_BEFORE_DECLARING = (ARRIVAL, *CUSTOMS[:2])
Reason = dict[str, Any]


class Effects(NamedTuple):
    """What makes forecasts what they are. By span: the share of comparable cargo that was through by now, and seconds
    added by an inspection or a hold; by the number of the cargo: seconds added by having declared ahead.
    """

    shares: dict[Span, float]
    inspections: dict[Span, int]
    holds: dict[Span, int]
    ahead: dict[int, int]


def effects(subjects: Sequence[Subject], learned: Learned, asked_at: int) -> Effects:
    """For the stages under way of all cargoes together: each is forecast once more as if it had not happened."""
    spans = list({span for subject in subjects for span in subject.spans.values() if learned.table.knows(span.stage)})
    shares = learned.table.shares(spans, [asked_at] * len(spans)).tolist() if spans else []
    return Effects(
        dict(zip(spans, shares, strict=True)),
        _without([span for span in spans if _is_inspected(span, asked_at)], _not_inspected, learned, asked_at),
        _without([span for span in spans if _is_held(span, asked_at)], _not_held, learned, asked_at),
        _declared_ahead(subjects, learned),
    )


def reasons_of(
    number: int, subject: Subject, row: Told, learned: Learned, effects: Effects, asked_at: int
) -> list[Reason]:
    """The reasons for one row of a cargo."""
    now = subject.under_way(row.stage)
    found = _history(subject, row.stage, learned)
    if now is not None and asked_at > now.started_at and now in effects.shares:
        share = round(effects.shares[now], 2)
        found.append({"code": "elapsed", "seconds": asked_at - now.started_at, "longer_than": share})
    if now is not None:
        for code, seconds in (("inspection", effects.inspections.get(now)), ("hold", effects.holds.get(now))):
            if seconds:
                found.append({"code": code, "seconds": seconds})
    if row.stage in (RELEASE, GATE_OUT) and effects.ahead.get(number):
        found.append({"code": "declared_ahead", "seconds": effects.ahead[number]})
    days = rest_days(subject.about.country, subject.about.zone, asked_at, row.p50)
    if days:
        found.append({"code": "rest_days", "days": days})
    return found + (_awaited(subject, row) if row.stage == ARRIVAL else [])


def rest_days(country: str, zone: str, since: int, until: int) -> int:
    """On how many days, today's and the last one's included, offices rest there. By winter time."""
    rested, ahead = _rested(country), winter_offset(zone)
    first, last = int((since + ahead) // _DAY), int((until + ahead) // _DAY)
    end = len(rested) - 1
    return rested[min(last + 1, end)] - rested[min(first, end)]


@lru_cache(maxsize=256)
def _rested(country: str) -> list[int]:
    """How many days rested before each day since 1970-01-01."""
    return [0, *accumulate(int(rests) for rests in resting_days(country))]


def _history(subject: Subject, stage: str, learned: Learned) -> list[Reason]:
    about = subject.about
    behind: Behind | None = None
    if stage == ARRIVAL and subject.estimate is not None:
        behind = learned.arrival_counts.behind(about.organization, about.mode, about.port)
    elif stage in learned.counts:
        span = subject.spans.get(stage, about)
        behind = learned.behind(stage, span.organization, span.mode, span.port)
    if behind is None:
        return []
    told: Reason = {"code": "history", **behind._asdict()}
    return [told, {"code": "thin"}] if behind.comparable < LEAST_CARGOES else [told]


def _awaited(subject: Subject, row: Told) -> list[Reason]:
    known = subject.cargo.awaited
    if known is None or subject.estimate is None:
        return []
    if known.estimated_at is not None:
        ahead = row.p50 - known.estimated_at
        return [{"code": "carrier", "seconds": ahead, "estimated_at": _text(known.estimated_at)}]
    if known.miles is not None:
        return [{"code": "sea_distance", "miles": known.miles, "planned_at": _text(known.planned_at)}]
    return [{"code": "schedule", "planned_at": _text(known.planned_at)}]


def _text(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat().replace("+00:00", "Z")


def _is_inspected(span: Span, asked_at: int) -> bool:
    return span.inspection_at is not None and span.inspection_at <= asked_at


def _is_held(span: Span, asked_at: int) -> bool:
    if span.hold_from is None or span.hold_from > asked_at:
        return False
    return span.hold_until is None or span.hold_until > asked_at


def _not_inspected(span: Span) -> Span:
    return replace(span, inspection_at=None)


def _not_held(span: Span) -> Span:
    return replace(span, hold_from=None, hold_until=None)


def _without(
    spans: Sequence[Span], otherwise: Callable[[Span], Span], learned: Learned, asked_at: int
) -> dict[Span, int]:
    """By span: how much later its median is than it would be otherwise."""
    if not spans:
        return {}
    asked = [asked_at] * len(spans)
    told = learned.stages.quantiles(spans, asked, _MEDIAN)[:, 0]
    plain = learned.stages.quantiles([otherwise(span) for span in spans], asked, _MEDIAN)[:, 0]
    later = np.nan_to_num(told - plain).round().astype(np.int64).tolist()
    return dict(zip(spans, later, strict=True))


def _declared_ahead(subjects: Sequence[Subject], learned: Learned) -> dict[int, int]:
    """Less the time that a declaration takes in storage, where it is lodged already and storage is still to come."""
    chosen, spans = [], []
    for number, subject in enumerate(subjects):
        if DECLARING not in subject.usual or DECLARING in subject.rows:
            continue
        leg = subject.leg_to(RELEASE)
        if leg is None or leg.now not in _BEFORE_DECLARING:
            continue
        if not (subject.about.declared_ahead or CLEARING in subject.rows):
            continue
        stored = subject.told.get(end_of(CUSTOMS[1]), subject.told[end_of(leg.now)])
        chosen.append(number)
        spans.append(replace(subject.about, stage=DECLARING, started_at=int(stored[1]), declared_ahead=False))
    if not spans:
        return {}
    starts = np.array([span.started_at for span in spans], dtype=np.float64)
    lasting = learned.stages.quantiles(spans, starts, _MEDIAN)[:, 0] - starts
    return dict(zip(chosen, (-np.nan_to_num(lasting)).round().astype(np.int64).tolist(), strict=True))
