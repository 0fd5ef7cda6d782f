"""How good forecasts of one's own cargo turned out to be: coverage, loss, and what is saved against simpler ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Sum

from cargo.domain.forecast_scores import (
    AHEAD,
    RIVALS,
    Beside,
    Sums,
    beside,
    judged_coverage,
    mean_losses,
    together,
)
from cargo.domain.stages import STAGES
from cargo.models import ForecastTally
from clis.accounts.scoping import Viewer, visible_to

BY_STAGE, BY_AHEAD, BY_MONTH = GROUPS = ("stage", "ahead", "month")
_SUMS = ("count", "covered", "loss_p10", "loss_p50", "loss_p90", "rival_p10", "rival_p50", "rival_p90")
_ORDER = {
    BY_STAGE: {name: at for at, name in enumerate(STAGES)},
    BY_AHEAD: {name: at for at, name in enumerate(AHEAD)},
}


class Row(NamedTuple):
    """Forecasts of one group, ``None``: of all. ``coverage``: the share that ended between p10 and p90, 0 to 1.

    ``losses``: mean pinball losses in hours at p10, p50 and p90, ``loss`` the three added. ``rivals``: only those that
    told something. ``verdict``: on the coverage.
    """

    group: str | None
    n: int
    coverage: float
    verdict: str
    losses: tuple[float, float, float]
    loss: float
    rivals: dict[str, Beside]


class Scores(NamedTuple):
    """``total``: ``None`` while nothing was scored; ``rows``: by group in its order, without one none."""

    total: Row | None
    rows: list[Row]


def scores(viewer: Viewer, params: Mapping[str, Any]) -> Scores:
    """What the viewer's organization's cargo gives, to the operator's staff everybody's; one statement.

    ``params``: ``group_by`` (``GROUPS``), ``stage``, ``mode``, ``ahead`` (lists), ``month_from`` and ``month_to``
    (``2026-03``, both included).
    """
    group = params.get("group_by")
    tallies = visible_to(ForecastTally.objects.all(), viewer)
    for name in ("stage", "mode", "ahead"):
        if words := list(params.get(name) or ()):
            tallies = tallies.filter(**{f"{name}__in": words})
    for name, comparison in (("month_from", "month__gte"), ("month_to", "month__lte")):
        if params.get(name):
            tallies = tallies.filter(**{comparison: params[name]})
    columns = ("rival", *([group] if group else []))
    found = tallies.order_by().values(*columns).annotate(**{f"sum_{name}": Sum(name) for name in _SUMS})
    groups: dict[str, dict[str, Sums]] = {}
    for row in found:
        groups.setdefault(row[group] if group else "", {})[row["rival"]] = _sums(row)
    total: dict[str, Sums] = {}
    for by_rival in groups.values():
        for rival, sums in by_rival.items():
            total[rival] = together(total[rival], sums) if rival in total else sums
    if "" not in total:
        return Scores(None, [])
    order = _ORDER.get(group or "", {})
    names = sorted(groups, key=lambda name: (order.get(name, len(order)), name)) if group else []
    return Scores(_row(None, total), [_row(name, groups[name]) for name in names if "" in groups[name]])


def _sums(row: Mapping[str, Any]) -> Sums:
    count, covered, *losses = (row[f"sum_{name}"] for name in _SUMS)
    return Sums(count, covered, (losses[0], losses[1], losses[2]), (losses[3], losses[4], losses[5]))


def _row(group: str | None, by_rival: Mapping[str, Sums]) -> Row:
    own = by_rival[""]
    return Row(
        group=group,
        n=own.n,
        coverage=round(own.covered / own.n, 4),
        verdict=judged_coverage(own),
        losses=mean_losses(own),
        loss=round(sum(own.loss) / own.n, 3),
        rivals={rival: beside(rival, by_rival[rival]) for rival in RIVALS if rival in by_rival},
    )
