"""``GET /api/v1/lead-times/``: how long each stage took, over all of the reader's cargo."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, FloatField, IntegerField, ListField

from cargo.api.filters import (
    InstantFilter,
    OneWordFilter,
    PortFilter,
    QueryFilterSet,
    TextFilter,
    WordsFilter,
)
from cargo.api.schema import example, query
from cargo.api.shape_basics import Shape, text
from cargo.api.views import ReadView
from cargo.domain.lead_times import CHANNELS, DECLARED, MODES
from cargo.domain.stages import STAGES
from cargo.selectors import lead_times
from cargo.selectors.lead_times import ELAPSED, GROUPS, WORKING, Row

EXAMPLE = {
    "hours": "elapsed",
    "group_by": "port",
    "refreshed_at": None,
    "benchmark_refreshed_at": "2026-03-20T02:50:00Z",
    "results": [
        {
            "stage": "import_declared__customs_released",
            "group": "KRPUS",
            "n": 42,
            "mean": 51840.5,
            "p10": 3600.0,
            "median": 43200.0,
            "p90": 108000.0,
            "deviation": 40210.7,
            "outliers": {"count": 1, "shipments": [12], "mean_without": 47120.0, "deviation_without": 31002.4},
            "target": {"met": 35, "missed": 7, "share": 0.8333, "at_risk": 2, "overdue": 1},
            "benchmark": {"organizations": 9, "cargoes": 512, "median": 39600.0, "p90": 122400.0},
        }
    ],
}


def _words(*words: str) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


_TRUTH = _words("true", "false")


class LeadTimeFilters(QueryFilterSet):
    """Of which cargo, by what, and counted how."""

    stage = WordsFilter(choices=STAGES, help_text="Several with commas; every stage if absent.")
    group_by = OneWordFilter(choices=_words(*GROUPS), help_text="One row for each value of this; without it, one.")
    hours = OneWordFilter(
        choices=_words(ELAPSED, WORKING), help_text="`working`: within 09:00 to 18:00 of working days where it is."
    )
    mode = WordsFilter(choices=MODES, help_text="Mode of transport; several with commas.")
    port = PortFilter(help_text="Where the stage is: port of loading for exports, else of discharge.")
    port_of_loading = PortFilter(help_text="UN/LOCODE.")
    port_of_discharge = PortFilter(help_text="UN/LOCODE.")
    customs_office = TextFilter(max_length=12, help_text="In Korea the three digits of the customs house.")
    warehouse = TextFilter(max_length=40, help_text="The code of the bonded warehouse where it was stored last.")
    broker = TextFilter(max_length=80, help_text="As customs names who declared.")
    carrier = TextFilter(max_length=40, help_text="The carrier's code as the messages give it.")
    client = TextFilter(max_length=50, help_text="Short name of the organization that registered it.")
    channel = OneWordFilter(choices=_words(*CHANNELS), help_text="Whether customs inspected it.")
    declared = OneWordFilter(choices=_words(*DECLARED), help_text="When the import declaration was lodged.")
    pre_arrival = OneWordFilter(choices=_TRUTH, help_text="Whether it was declared before it arrived.")
    agency = TextFilter(
        max_length=40, help_text="Code of the first agency other than customs that withheld it; `none`: there was none."
    )
    intervened = OneWordFilter(choices=_TRUTH, help_text="Whether an agency other than customs withheld it.")
    ended_after = InstantFilter(help_text="The stage ended at this time or later.")
    ended_before = InstantFilter(help_text="The stage ended before this time.")
    containers = OneWordFilter(choices=_TRUTH, help_text="`true`: of containers one by one instead of shipments.")
    benchmark = OneWordFilter(
        choices=_TRUTH, help_text="`true`: with all comparable cargo of others; needs one `mode` and a `port`."
    )


class OutliersSerializer(Shape):
    """Beyond three interquartile ranges on the logarithm of the seconds; they count in every other figure."""

    count = IntegerField()
    shipments = ListField(child=IntegerField(), help_text="The longest ten.")
    mean_without = FloatField(allow_null=True)
    deviation_without = FloatField(allow_null=True)


class AgainstTargetSerializer(Shape):
    """Stages that ended (met, missed) and that are open (at risk from 75 % of the target, overdue past it)."""

    met = IntegerField()
    missed = IntegerField()
    share = FloatField(allow_null=True, help_text="Met of all that ended, 0 to 1.")
    at_risk = IntegerField()
    overdue = IntegerField()


class BenchmarkSerializer(Shape):
    """Others' cargo with the same stage, mode and port in the last twelve whole months."""

    organizations = IntegerField(help_text="At least 5.")
    cargoes = IntegerField(help_text="At least 30.")
    median = FloatField()
    p90 = FloatField()


class LeadTimeSerializer(Shape):
    """One stage of one group; lengths in seconds."""

    stage = ChoiceField(choices=STAGES)
    group = text()
    n = IntegerField()
    mean = FloatField()
    p10 = FloatField()
    median = FloatField()
    p90 = FloatField()
    deviation = FloatField(allow_null=True, help_text="Standard deviation of a sample.")
    outliers = OutliersSerializer()
    target = AgainstTargetSerializer(allow_null=True, help_text="Null where your organization has none for the stage.")
    benchmark = BenchmarkSerializer(allow_null=True, help_text="Null unless asked for and enough stand behind it.")


class LeadTimesSerializer(Shape):
    """The answer, by stage in their order."""

    hours = CharField()
    group_by = text()
    refreshed_at = DateTimeField(
        allow_null=True, help_text="As of when the figures are; null: of now. Over everybody's cargo they are kept."
    )
    benchmark_refreshed_at = DateTimeField(allow_null=True, help_text="The same of the benchmarks.")
    results = LeadTimeSerializer(many=True)


class LeadTimes(ReadView):
    """How long stages took."""

    @extend_schema(
        operation_id="lead_times_list",
        summary="Lead times by stage",
        parameters=query(LeadTimeFilters),
        responses=LeadTimesSerializer,
        examples=[example("by port", EXAMPLE)],
        tags=["lead times"],
    )
    def get(self, request: Request) -> Response:
        """Of your own cargo, as the last inspection measured it. Outliers are counted, named and left in."""
        params = checked(self.params(request, LeadTimeFilters))
        answer = lead_times.answer(self.viewer, params)
        body = {
            "hours": params["hours"],
            "group_by": params.get("group_by"),
            "refreshed_at": answer.refreshed_at,
            "benchmark_refreshed_at": answer.benchmark_refreshed_at,
            "results": [written(row) for row in answer.rows],
        }
        return Response(body)


def checked(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters as the selector takes them. Raises a 400 for a benchmark of more than one mode and port."""
    for name in ("containers", "benchmark", "pre_arrival", "intervened"):
        if name in params:
            params[name] = params[name] == "true"
    if params.get("benchmark") and (len(params.get("mode", ())) != 1 or "port" not in params):
        detail = ErrorDetail(str(_("A benchmark is of one mode at one port: give both.")), code="required")
        raise ValidationError({"benchmark": [detail]})
    params.setdefault("hours", ELAPSED)
    return params


def written(row: Row) -> dict[str, Any]:
    """A row as the API gives it."""
    figures, against, benchmark = row.summary, row.against, row.benchmark
    return {
        "stage": row.stage,
        "group": row.group,
        "n": figures.n,
        "mean": figures.mean,
        "p10": figures.p10,
        "median": figures.median,
        "p90": figures.p90,
        "deviation": figures.deviation,
        "outliers": {
            "count": figures.outliers,
            "shipments": figures.outlying,
            "mean_without": figures.mean_inside,
            "deviation_without": figures.deviation_inside,
        },
        "target": {**against._asdict(), "share": against.share} if against else None,
        "benchmark": benchmark._asdict() if benchmark else None,
    }
