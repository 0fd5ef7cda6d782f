"""``GET /api/v1/lead-times/diagnosis/``: which stage costs most, against what, and the cargo behind it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, ChoiceField, DateTimeField, FloatField, IntegerField

from cargo.api.filters import InstantFilter, OneWordFilter, PortFilter, QueryFilterSet, TextFilter, WordsFilter
from cargo.api.schema import example, query
from cargo.api.shape_basics import Shape
from cargo.api.views import ReadView
from cargo.domain.diagnosis import COMPARABLE, DIMENSIONS, SHARE, TARGET
from cargo.domain.lead_times import MODES
from cargo.domain.stage_costs import StageCost
from cargo.domain.stages import STAGES
from cargo.selectors import diagnosis
from cargo.selectors.lead_times import ELAPSED, WORKING

_STAGE = "bonded_storage_in__import_declared"
EXAMPLE = {
    "hours": "elapsed",
    "ended_after": "2026-01-01T00:00:00Z",
    "ended_before": "2026-04-01T00:00:00Z",
    "cut": False,
    "bottleneck": {"stage": _STAGE, "basis": "target", "lost": 4687200.0, "n": 42, "thin": False, "tied": None},
    "stages": [
        {
            "stage": _STAGE,
            "n": 42,
            "median": 151200.0,
            "target": {"n": 42, "missed": 30, "lost": 4687200, "per_cargo": 111600.0, "aim": 86400},
            "comparable": {"n": 42, "lost": 2016000.0, "difference": 1814400.0, "per_cargo": 43200.0, "port": "KRPUS",
                           "ports": 1},
            "whole": {"n": 40, "share": 0.41, "spread": 0.62},
        }
    ],
    "outstanding": [{"dimension": "broker", "value": "Kim", "n": 12, "of": 42, "lost": 2109240.0, "share": 0.45}],
    "worst": [{"shipment": 12, "stage": _STAGE, "lost": 604800.0, "seconds": 691200, "port": "KRPUS"}],
}  # fmt: skip


class DiagnosisFilters(QueryFilterSet):
    """Of which cargo, of when, and counted how."""

    hours = OneWordFilter(
        choices=[(word, word) for word in (ELAPSED, WORKING)],
        help_text="`working`: within 09:00 to 18:00 of working days where it is. A target has its own clock.",
    )
    mode = WordsFilter(choices=MODES, help_text="Mode of transport; several with commas.")
    port = PortFilter(help_text="Where the stage is: port of loading for exports, else of discharge.")
    client = TextFilter(max_length=50, help_text="Short name of the organization that registered it.")
    ended_after = InstantFilter(help_text="The stage ended at this time or later; 90 days before the end if absent.")
    ended_before = InstantFilter(help_text="The stage ended before this time; now if absent.")


class CostAgainstTargetSerializer(Shape):
    """What lies past the target, in seconds by the target's clock."""

    n = IntegerField(help_text="Ended and had a target.")
    missed = IntegerField()
    lost = IntegerField(help_text="In all.")
    per_cargo = FloatField()
    aim = IntegerField(allow_null=True, help_text="The target; null where it was not one and the same for all.")


class CostAgainstComparableSerializer(Shape):
    """Against others' cargo of the same stage, mode and port of the last twelve whole months, where enough is known."""

    n = IntegerField(help_text="Ended and could be compared.")
    lost = FloatField(help_text="Seconds above the comparable median, in all.")
    difference = FloatField(help_text="n times (own median less theirs), in all; below 0: quicker.")
    per_cargo = FloatField(help_text="The difference, a cargo.")
    port = CharField(help_text="Where most of it was.")
    ports = IntegerField()


class PartOfTheWholeSerializer(Shape):
    """Of cargo that arrived and was removed within the period."""

    n = IntegerField()
    share = FloatField(help_text="Of the time from arrival to removal, 0 to 1; some stages run beside others.")
    spread = FloatField(allow_null=True, help_text="Of its variance: the covariance with the whole.")


class StageCostSerializer(Shape):
    """What a stage cost."""

    stage = ChoiceField(choices=STAGES)
    n = IntegerField()
    median = FloatField()
    target = CostAgainstTargetSerializer(allow_null=True)
    comparable = CostAgainstComparableSerializer(allow_null=True)
    whole = PartOfTheWholeSerializer(allow_null=True)


class BottleneckSerializer(Shape):
    """The stage that costs most."""

    stage = ChoiceField(choices=STAGES)
    basis = ChoiceField(choices=[TARGET, COMPARABLE, SHARE])
    lost = FloatField(help_text="Seconds in all; with `share` its part of the whole, 0 to 1.")
    n = IntegerField()
    thin = BooleanField(help_text="Fewer than ten cargoes stand behind it.")
    tied = CharField(allow_null=True, help_text="Another stage that costs at least 90 % as much.")


class OutstandingSerializer(Shape):
    """A value with at least a third of what was lost, ten cargoes, and a quarter more than its part of them."""

    dimension = ChoiceField(choices=DIMENSIONS)
    value = CharField()
    n = IntegerField()
    of = IntegerField()
    lost = FloatField()
    share = FloatField()


class WorstSerializer(Shape):
    """A shipment and what it lost in the bottleneck, in seconds."""

    shipment = IntegerField()
    stage = ChoiceField(choices=STAGES)
    lost = FloatField()
    seconds = IntegerField()
    port = CharField()


class DiagnosisSerializer(Shape):
    """The answer; stages in their order, the worst 20 shipments."""

    hours = CharField()
    ended_after = DateTimeField()
    ended_before = DateTimeField()
    cut = BooleanField(help_text="More ended than is read at once: these are the 200,000 stage times that ended last.")
    bottleneck = BottleneckSerializer(allow_null=True)
    stages = StageCostSerializer(many=True)
    outstanding = OutstandingSerializer(many=True)
    worst = WorstSerializer(many=True)


class Diagnosis(ReadView):
    """Where time is lost."""

    @extend_schema(
        operation_id="lead_times_diagnosis",
        summary="Which stage costs most",
        parameters=query(DiagnosisFilters),
        responses=DiagnosisSerializer,
        examples=[example("one port", EXAMPLE)],
        tags=["lead times"],
    )
    def get(self, request: Request) -> Response:
        """Of your own cargo, against your own targets and against comparable cargo of others."""
        params = self.params(request, DiagnosisFilters)
        first, until = params.get("ended_after"), params.get("ended_before")
        if first and until and first >= until:
            detail = ErrorDetail(str(_("The period ends before it begins.")), code="invalid")
            raise ValidationError({"ended_before": [detail]})
        found = diagnosis.diagnosis(self.viewer, params)
        told = found.diagnosis
        named = told.bottleneck
        body = {
            "hours": found.hours,
            "ended_after": found.first,
            "ended_before": found.until,
            "cut": found.cut,
            "bottleneck": {**named._asdict(), "thin": named.thin, "tied": named.tied or None} if named else None,
            "stages": [_stage(row) for row in told.stages],
            "outstanding": [row._asdict() for row in told.outstanding],
            "worst": [
                {"shipment": row.took.shipment, "stage": row.took.stage, "lost": row.lost, "seconds": row.took.seconds,
                 "port": row.took.port}
                for row in told.worst
            ],
        }  # fmt: skip
        return Response(body)


def _stage(row: StageCost) -> dict[str, Any]:
    target, theirs, whole = row.target, row.comparable, row.whole
    return {
        "stage": row.stage,
        "n": row.n,
        "median": round(row.median, 1),
        "target": {**target._asdict(), "per_cargo": round(target.per_cargo, 1)} if target else None,
        "comparable": {
            **theirs._asdict(),
            "lost": round(theirs.lost, 1),
            "difference": round(theirs.difference, 1),
            "per_cargo": round(theirs.per_cargo, 1),
        }
        if theirs
        else None,
        "whole": whole._asdict() if whole else None,
    }
