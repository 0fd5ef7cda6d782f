"""How good the forecasts are: coverage and losses against simpler forecasts, with charts, and the same as a file."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cargo.dashboard import forecast_score_words, lead_time_words, terms
from cargo.domain.forecast_scores import COVERAGE_GOAL, RIVALS, Beside
from cargo.selectors import forecast_scores
from cargo.selectors.forecast_scores import BY_AHEAD, BY_STAGE, Row
from cargo.templatetags.clis import language
from clis.accounts.scoping import viewer_of

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")
# The drawings, in their own units: bars run from the left border of the plot to its right one.
_LEFT, _RIGHT, _ROW, _RIVAL_ROW = 128.0, 292.0, 26.0, 50.0


class ForecastScoresForm(forms.Form):
    """What the page may be asked for; the address carries it."""

    group_by = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)
    mode = forms.ChoiceField(label=gettext_lazy("Mode"), required=False)
    ahead = forms.ChoiceField(label=gettext_lazy("How far ahead"), required=False)
    month_from = forms.RegexField(_MONTH, label=gettext_lazy("Ended from month"), required=False)
    month_to = forms.RegexField(_MONTH, label=gettext_lazy("Ended until month"), required=False)

    def __init__(self, data: dict[str, str], *, words: str) -> None:
        super().__init__(data, auto_id="score-%s")
        tables = {
            "group_by": forecast_score_words.GROUPS,
            "stage": lead_time_words.STAGES,
            "mode": lead_time_words.MODES,
            "ahead": forecast_score_words.AHEAD,
        }
        for name, table in tables.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            none = [] if name == "group_by" else [("", _("any"))]
            field.choices = [*none, *((code, terms.word(table, code, words)) for code in table)]
            field.widget.attrs["class"] = "select"
        for name in ("month_from", "month_to"):
            self.fields[name].widget.input_type = "month"
            self.fields[name].widget.attrs |= {"class": "input", "placeholder": "2026-03"}
            self.fields[name].error_messages["invalid"] = _("Give a month such as 2026-03.")

    @property
    def asked(self) -> dict[str, Any]:
        """What the selector is asked for; a value that is not right is left out, and the form says so."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        params: dict[str, Any] = {name: given[name] for name in ("month_from", "month_to") if name in given}
        params |= {name: [given[name]] for name in ("stage", "mode", "ahead") if name in given}
        return params | {"group_by": given.get("group_by") or BY_STAGE}


class Bar(NamedTuple):
    """A bar of a drawing: whose, where it lies, how long it is, and its figure in words."""

    name: str
    y: float
    width: str
    figure: str


class Line(NamedTuple):
    """A row as it is shown. ``rivals``: of each its name, what is saved against it, and the verdict's word."""

    name: str
    row: Row
    verdict: str
    rivals: list[tuple[str, Beside | None, str]]


@login_required
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The table by what was asked for, and the two charts; a fixed number of statements."""
    words, form, viewer = language(), _form(request), viewer_of(request)
    params = form.asked
    found = forecast_scores.scores(viewer, params)
    drawn = {by: found if params["group_by"] == by else forecast_scores.scores(viewer, params | {"group_by": by})
             for by in (BY_AHEAD, BY_STAGE)}  # fmt: skip
    query = {name: str(value) for name, value in request.GET.items() if value}
    context = {
        "nav": "lead_times",
        "filter_form": form,
        "filtered": bool(query),
        "heading": terms.word(forecast_score_words.GROUPS, params["group_by"], words),
        "total": _line(found.total, _("All"), words) if found.total else None,
        "lines": [_line(row, _name(params["group_by"], row, words), words) for row in found.rows],
        "rivals": [terms.word(forecast_score_words.RIVALS, rival, words) for rival in RIVALS],
        "coverage": _coverage(drawn[BY_AHEAD].rows, words),
        "losses": _losses(drawn[BY_STAGE].rows, words),
        "csv_query": urlencode(query),
    }
    return render(request, "cargo/dashboard/forecasts.html", context)


@login_required
@require_GET
@never_cache
def download(request: HttpRequest) -> HttpResponse:
    """The same figures as CSV in UTF-8 with a mark, which spreadsheets read; losses in hours."""
    params = _form(request).asked
    found = forecast_scores.scores(viewer_of(request), params)
    out = StringIO()
    write = csv.writer(out).writerow
    figures = ("n", "loss", "rival_loss", "gain", "goal")
    write([params["group_by"], "n", "coverage", "coverage_goal", "loss", "loss_p10", "loss_p50", "loss_p90",
           *(f"{rival}_{figure}" for rival in RIVALS for figure in figures)])  # fmt: skip
    for row in (*found.rows, *([found.total] if found.total else [])):
        beside = [value for rival in RIVALS for value in row.rivals.get(rival, (None,) * len(figures))]
        write([row.group or "all", row.n, row.coverage, row.verdict, row.loss, *row.losses, *beside])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="forecast-scores.csv"'
    return answer


def _form(request: HttpRequest) -> ForecastScoresForm:
    data = {name: str(value).strip() for name, value in request.GET.items()}
    return ForecastScoresForm({"group_by": BY_STAGE} | data, words=language())


def _name(group: str, row: Row, words: str) -> str:
    tables = {BY_STAGE: lead_time_words.STAGES, BY_AHEAD: forecast_score_words.AHEAD}
    return terms.word(tables[group], row.group, words) if group in tables else row.group or ""


def _line(row: Row, name: str, words: str) -> Line:
    beside = []
    for rival in RIVALS:
        each = row.rivals.get(rival)
        verdict = terms.word(forecast_score_words.VERDICTS, each.verdict, words) if each else ""
        beside.append((terms.word(forecast_score_words.RIVALS, rival, words), each, verdict))
    return Line(name, row, terms.word(forecast_score_words.VERDICTS, row.verdict, words), beside)


def _coverage(rows: list[Row], words: str) -> dict[str, Any]:
    """Bars of coverage by how far ahead, and the band in which it should lie."""
    low, high = (_LEFT + goal * (_RIGHT - _LEFT) for goal in COVERAGE_GOAL)
    bars = [
        Bar(_name(BY_AHEAD, row, words), index * _ROW + 8, _width(row.coverage, 1), f"{row.coverage * 100:.0f} %")
        for index, row in enumerate(rows)
    ]
    return {
        "bars": bars,
        "height": len(rows) * _ROW + 24,
        "goal": (f"{low:.1f}", f"{high - low:.1f}", len(rows) * _ROW + 4),
        "told": "; ".join(f"{bar.name} {bar.figure}" for bar in bars),
    }


def _losses(rows: list[Row], words: str) -> list[dict[str, Any]]:
    """For each stage the mean loss of the forecasts and of each rival, over what that rival told of."""
    most = max((max(each.loss, each.rival_loss) for row in rows for each in row.rivals.values()), default=0) or 1
    stages = []
    for row in rows:
        pairs = []
        for index, (rival, each) in enumerate(row.rivals.items()):
            name = terms.word(forecast_score_words.RIVALS, rival, words)
            own, other = _hours(each.loss), _hours(each.rival_loss)
            top = index * _RIVAL_ROW
            pairs.append((Bar(name, top + 20, _width(each.loss, most), own),
                          Bar(name, top + 33, _width(each.rival_loss, most), other)))  # fmt: skip
        said = "; ".join(
            _("%(rival)s: %(own)s h against %(other)s h") % {"rival": one.name, "own": one.figure, "other": two.figure}
            for one, two in pairs
        )
        if pairs:
            stages.append(
                {
                    "name": _name(BY_STAGE, row, words),
                    "code": row.group,
                    "pairs": pairs,
                    "height": len(pairs) * _RIVAL_ROW,
                    "told": said,
                }
            )
    return stages


def _hours(value: float) -> str:
    return number_format(value, 1, use_l10n=True, force_grouping=True)


def _width(value: float, most: float) -> str:
    return f"{max(value / most * (_RIGHT - _LEFT), 0.5):.1f}"
