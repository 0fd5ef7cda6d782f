"""Which stage costs most, in one sentence, with the stages, the values that stand out and the cargo behind it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cargo.dashboard import diagnosis_words as words
from cargo.dashboard import terms
from cargo.dashboard.period_form import form_of
from cargo.dashboard.workbook import harmless
from cargo.domain.stage_costs import StageCost
from cargo.selectors import diagnosis as selected
from cargo.selectors.diagnosis import PERIOD, ROWS, Found
from cargo.selectors.lead_times import MIN_CARGOES, MIN_ORGANIZATIONS, WORKING
from cargo.templatetags.clis import language
from clis.accounts.scoping import viewer_of

# The drawing of a stage: how wide the longest bar is, in its own units.
_WIDTH = 160.0


class Line(NamedTuple):
    """A stage as it is shown; the widths of its bars are ``None`` without that basis. ``first``: the bottleneck."""

    cost: StageCost
    name: str
    first: bool
    past_target: str | None
    over_comparable: str | None
    share: str
    spread: str


@login_required
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The diagnosis of a period; a fixed number of statements."""
    form, spoken = form_of(request, PERIOD.days), language()
    params = form.asked
    query = {name: str(value) for name, value in request.GET.items() if value}
    context: dict[str, Any] = {
        "nav": "lead_times",
        "filter_form": form,
        "filtered": bool(query),
        "file_query": urlencode(query),
    }
    if params is not None:
        context |= _shown(selected.diagnosis(viewer_of(request), params), spoken)
    return render(request, "cargo/dashboard/diagnosis.html", context)


def _shown(found: Found, spoken: str) -> dict[str, Any]:
    told = found.diagnosis
    notes = words.notes(told, spoken, MIN_ORGANIZATIONS, MIN_CARGOES)
    if found.cut:
        notes.append(words.cut(ROWS, spoken))
    return {
        "sentence": words.headline(told, spoken, yours=True),
        "notes": notes,
        "lines": _lines(found, spoken),
        "outstanding": [words.outstanding(row, spoken) for row in told.outstanding],
        "bottleneck": words.stage(told.bottleneck.stage, spoken) if told.bottleneck else "",
        "basis": terms.word(words.BASES, told.bottleneck.basis, spoken) if told.bottleneck else "",
        "worst": [(row, found.labels.get(row.took.shipment), _where(row.took, spoken)) for row in told.worst],
        "working": found.hours == WORKING,
    }


def _where(took: Any, spoken: str) -> str:
    """The port and the values that a person would ask for next."""
    named = [terms.place(took.port, None, spoken)] if took.port else []
    named += [words.value(name, getattr(took, name), spoken) for name in ("warehouse", "broker", "channel", "agency")]
    return " · ".join(text for text in named if text)


def _lines(found: Found, spoken: str) -> list[Line]:
    told = found.diagnosis
    longest = max(
        (length for row in told.stages for length in (_past(row), _over(row)) if length is not None), default=0.0
    )
    first = told.bottleneck.stage if told.bottleneck else ""
    return [
        Line(
            row,
            words.stage(row.stage, spoken),
            row.stage == first,
            _wide(_past(row), longest),
            _wide(_over(row), longest),
            words.percent(row.whole.share) if row.whole else "",
            words.percent(row.whole.spread) if row.whole and row.whole.spread is not None else "",
        )
        for row in told.stages
    ]


def _past(row: StageCost) -> float | None:
    return row.target.per_cargo if row.target else None


def _over(row: StageCost) -> float | None:
    """A cargo, above the comparable median."""
    return row.comparable.lost / row.comparable.n if row.comparable else None


def _wide(length: float | None, longest: float) -> str | None:
    return None if length is None else f"{length / longest * _WIDTH if longest else 0:.1f}"


@login_required
@require_GET
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """The stages, or with ``?table=shipments`` the cargo behind the bottleneck, in seconds, as CSV."""
    params = form_of(request, PERIOD.days).asked
    if params is None:
        return redirect(f"{reverse('cargo:diagnosis')}?{request.GET.urlencode()}")
    found = selected.diagnosis(viewer_of(request), params)
    if request.GET.get("table") == "shipments":
        return _file("diagnosis-shipments.csv", _SHIPMENT_HEAD, _shipment_rows(found))
    return _file("diagnosis.csv", _STAGE_HEAD, _stage_rows(found))


_STAGE_HEAD = (
    "stage", "n", "median", "target_n", "target_missed", "target_lost", "target_lost_per_cargo", "comparable_n",
    "comparable_lost", "comparable_difference", "comparable_difference_per_cargo", "whole_n", "whole_share",
    "whole_spread", "bottleneck",
)  # fmt: skip
_SHIPMENT_HEAD = (
    "shipment", "own_reference", "bill", "stage", "basis", "lost", "seconds", "mode", "port", "warehouse", "broker",
    "customs_office", "channel", "declared", "agency", "weekday",
)  # fmt: skip


def _stage_rows(found: Found) -> Iterable[Sequence[Any]]:
    first = found.diagnosis.bottleneck
    for row in found.diagnosis.stages:
        target, theirs, whole = row.target, row.comparable, row.whole
        yield (
            row.stage, row.n, round(row.median, 1),
            *((target.n, target.missed, target.lost, round(target.per_cargo, 1)) if target else ("",) * 4),
            *((theirs.n, round(theirs.lost, 1), round(theirs.difference, 1), round(theirs.per_cargo, 1)) if theirs
              else ("",) * 4),
            *((whole.n, round(whole.share, 4), "" if whole.spread is None else round(whole.spread, 4)) if whole
              else ("",) * 3),
            first.basis if first and first.stage == row.stage else "",
        )  # fmt: skip


def _shipment_rows(found: Found) -> Iterable[Sequence[Any]]:
    assert found.diagnosis.bottleneck or not found.diagnosis.worst
    for row in found.diagnosis.worst:
        took, label = row.took, found.labels[row.took.shipment]
        basis = found.diagnosis.bottleneck.basis if found.diagnosis.bottleneck else ""
        texts = (took.mode, took.port, took.warehouse, took.broker, took.customs_office, took.channel, took.declared)
        yield (
            took.shipment, harmless(label.own_reference), harmless(label.bill), took.stage, basis, round(row.lost, 1),
            took.seconds, *map(harmless, texts), harmless(took.agency), took.weekday,
        )  # fmt: skip


def _file(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """CSV in UTF-8 with a mark, which spreadsheets read."""
    out = StringIO()
    write = csv.writer(out)
    write.writerow(head)
    write.writerows(rows)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
