"""``GET /api/v1/forecast-scores/``: how good the forecasts of the reader's cargo turned out to be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, FloatField, IntegerField

from cargo.api.filters import OneWordFilter, QueryFilterSet, TextFilter, WordsFilter
from cargo.api.schema import example, query
from cargo.api.shape_basics import Shape, text
from cargo.api.views import ReadView
from cargo.domain.forecast_scores import AHEAD, RIVALS, VERDICTS
from cargo.domain.lead_times import MODES
from cargo.domain.stages import STAGES
from cargo.selectors import forecast_scores
from cargo.selectors.forecast_scores import GROUPS, Row

_TOTAL = {
    "group": None,
    "n": 412,
    "coverage": 0.8034,
    "coverage_goal": "met",
    "loss": 21.44,
    "loss_p10": 4.1,
    "loss_p50": 11.02,
    "loss_p90": 6.32,
    "rivals": [
        {"rival": "port_mean", "n": 401, "loss": 21.5, "rival_loss": 38.9, "gain": 0.4473, "goal": "met"},
        {"rival": "port_table", "n": 401, "loss": 21.5, "rival_loss": 25.6, "gain": 0.1602, "goal": "met"},
        {"rival": "carrier", "n": 31, "loss": 14.2, "rival_loss": 30.1, "gain": 0.5282, "goal": "too_few"},
    ],
}
EXAMPLE = {"group_by": "ahead", "total": _TOTAL, "results": [{**_TOTAL, "group": "3d"}]}


class MonthField(forms.RegexField):
    """A month of the calendar."""

    default_error_messages = {"invalid": _("Give a month such as 2026-03.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(regex=r"\A\d{4}-(0[1-9]|1[0-2])\Z", **kwargs)


class MonthFilter(TextFilter):
    """A month."""

    field_class = MonthField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=7, **kwargs)


class ForecastScoreFilters(QueryFilterSet):
    """Of which forecasts, and by what."""

    group_by = OneWordFilter(
        choices=[(word, word) for word in GROUPS],
        help_text="One row for each value of this; without it, only the total.",
    )
    stage = WordsFilter(choices=STAGES, help_text="Several with commas; every stage if absent.")
    mode = WordsFilter(choices=MODES, help_text="Mode of transport; several with commas.")
    ahead = WordsFilter(
        choices=AHEAD,
        help_text="How long before the outcome it was told: at most 1, 3, 7 or 14 days, each without the shorter, or "
        "`more`; several with commas.",
    )
    month_from = MonthFilter(help_text="The stage ended in this month (`2026-03`, at its port) or later.")
    month_to = MonthFilter(help_text="The stage ended in this month or before.")


class BesideSerializer(Shape):
    """Against a simpler forecast, over those that it told of, too. Losses in hours, the three levels added."""

    rival = ChoiceField(choices=RIVALS)
    n = IntegerField()
    loss = FloatField()
    rival_loss = FloatField()
    gain = FloatField(allow_null=True, help_text="Share of its loss that is saved; below 0 it was better.")
    goal = ChoiceField(choices=VERDICTS, help_text="20 % of the mean's and the carrier's loss, 5 % of the table's.")


class ForecastScoreSerializer(Shape):
    """Mean pinball losses in hours: less is better."""

    group = text()
    n = IntegerField()
    coverage = FloatField(help_text="Share that ended between p10 and p90, 0 to 1; 0.8 is right.")
    coverage_goal = ChoiceField(choices=VERDICTS, help_text="0.75 to 0.85; `too_few` below 50 forecasts.")
    loss = FloatField(help_text="The three levels added.")
    loss_p10 = FloatField()
    loss_p50 = FloatField()
    loss_p90 = FloatField()
    rivals = BesideSerializer(many=True)


class ForecastScoresSerializer(Shape):
    """The answer."""

    group_by = CharField(allow_null=True)
    total = ForecastScoreSerializer(allow_null=True, help_text="Null while nothing was scored.")
    results = ForecastScoreSerializer(many=True)


class ForecastScores(ReadView):
    """How good forecasts were."""

    @extend_schema(
        operation_id="forecast_scores_list",
        summary="How good the forecasts were",
        parameters=query(ForecastScoreFilters),
        responses=ForecastScoresSerializer,
        examples=[example("by how far ahead", EXAMPLE)],
        tags=["forecasts"],
    )
    def get(self, request: Request) -> Response:
        """Of the cargo that your organization registered. A forecast is scored once, when its stage has ended."""
        params = self.params(request, ForecastScoreFilters)
        found = forecast_scores.scores(self.viewer, params)
        return Response(
            {
                "group_by": params.get("group_by"),
                "total": _written(found.total) if found.total else None,
                "results": [_written(row) for row in found.rows],
            }
        )


def _written(row: Row) -> dict[str, Any]:
    return {
        "group": row.group,
        "n": row.n,
        "coverage": row.coverage,
        "coverage_goal": row.verdict,
        "loss": row.loss,
        "loss_p10": row.losses[0],
        "loss_p50": row.losses[1],
        "loss_p90": row.losses[2],
        "rivals": [
            {
                "rival": rival,
                "n": each.n,
                "loss": each.loss,
                "rival_loss": each.rival_loss,
                "gain": each.gain,
                "goal": each.verdict,
            }
            for rival, each in row.rivals.items()
        ],
    }
