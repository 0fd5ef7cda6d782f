"""``GET /api/v1/shipments/{id}/stages/``: how long each stage of a shipment took, against what, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, IntegerField, ListField

from cargo.api import filters
from cargo.api.conditional import conditional_body
from cargo.api.rendering import encode
from cargo.api.schema import example
from cargo.api.shape_basics import Shape, moment, number, text
from cargo.api.views import SHIPMENT_ID, ReadView
from cargo.domain import identity
from cargo.domain.stage_reasons import RULES
from cargo.domain.stages import STAGES
from cargo.models import TargetTime
from cargo.selectors import stage_times
from cargo.selectors.stage_times import VERDICTS, Row

EXAMPLE = {
    "stage": "import_declared__customs_released",
    "container": None,
    "started_at": "2026-03-16T01:05:00Z",
    "ended_at": "2026-03-17T07:30:00Z",
    "seconds": 109500,
    "working_seconds": 55500,
    "reported_seconds": None,
    "target": {"seconds": 172800, "clock": "elapsed"},
    "verdict": "met",
    "why": {
        "begun_by": "bonded_storage_in",
        "begun_at": "2026-03-16T01:05:00Z",
        "ended_by": "customs_released",
        "ended_at": "2026-03-17T07:30:00Z",
        "rules": ["goods_there"],
    },
}


class StageTargetSerializer(Shape):
    """How long it may take, as the reader's organization wants it."""

    seconds = IntegerField()
    clock = ChoiceField(choices=TargetTime.Clock.values)


class StageWhySerializer(Shape):
    """Which milestones began and ended it and when, and which rules applied.

    `begun_at` is later than the stage's start where its end came before it could begin.
    """

    begun_by = CharField()
    begun_at = DateTimeField()
    ended_by = text()
    ended_at = moment()
    rules = ListField(child=ChoiceField(choices=RULES))


class ShipmentStageSerializer(Shape):
    """A stage of the shipment, or of one of several containers. Lengths in seconds; null while it is open."""

    stage = ChoiceField(choices=STAGES)
    container = text()
    started_at = DateTimeField()
    ended_at = moment()
    seconds = number()
    working_seconds = IntegerField(allow_null=True, help_text="From 09:00 to 18:00 of working days where it is.")
    reported_seconds = IntegerField(allow_null=True, help_text="By when both ends were reported, where that differs.")
    target = StageTargetSerializer(allow_null=True)
    verdict = ChoiceField(choices=VERDICTS, allow_null=True, help_text="At risk from 75 % of the target.")
    why = StageWhySerializer()


class ShipmentStagesSerializer(Shape):
    """All stages of one shipment, in the order of the journey, those of single containers last."""

    shipment = IntegerField()
    stages = ShipmentStageSerializer(many=True)


class ShipmentStages(ReadView):
    """The stages of one shipment."""

    @extend_schema(
        operation_id="shipments_stages_retrieve",
        summary="How long each stage of a shipment took, and why",
        parameters=[SHIPMENT_ID],
        responses={200: ShipmentStagesSerializer, 304: None},
        examples=[example("from declaration to release", {"shipment": 12, "stages": [EXAMPLE]})],
        tags=["shipments"],
    )
    def get(self, request: Request, shipment_id: int) -> HttpResponse:
        """Elapsed and working time, against your own targets, with the milestones behind it. ETag and 304."""
        self.params(request, filters.NoFilters)
        rows = stage_times.of_shipment(self.viewer, shipment_id)
        return conditional_body(request, encode({"shipment": shipment_id, "stages": [written(row) for row in rows]}))


def written(row: Row) -> dict[str, Any]:
    """A row as the API gives it."""
    target = row.target
    return {
        "stage": row.stage,
        "container": row.container or None,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "seconds": row.seconds,
        "working_seconds": row.working_seconds,
        "reported_seconds": row.reported_seconds,
        "target": {"seconds": target.seconds, "clock": target.clock} if target is not None else None,
        "verdict": row.verdict or None,
        "why": {
            "begun_by": row.why.begun_by,
            "begun_at": identity.moment_of(row.why.begun_at),
            "ended_by": row.why.ended_by or None,
            "ended_at": identity.instant(row.why.ended_at),
            "rules": list(row.why.rules),
        },
    }
