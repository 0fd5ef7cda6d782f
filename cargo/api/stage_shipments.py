"""``GET /api/v1/lead-times/shipments/``: the shipments behind a number of the lead times."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, DateTimeField, FloatField, IntegerField

from cargo.api import pagination
from cargo.api.filters import CURSOR_MAX_LENGTH, LIMIT_DEFAULT, LIMIT_MAX, OneWordFilter, TextFilter, WholeNumberFilter
from cargo.api.lead_times import LeadTimeFilters, checked
from cargo.api.schema import example, query
from cargo.api.shape_basics import Shape, moment, number, page_of
from cargo.api.views import ReadView
from cargo.domain.stages import STAGES
from cargo.selectors import stage_shipments
from cargo.selectors.lead_times import ELAPSED, WORKING
from cargo.selectors.stage_shipments import ONLY, Row

_HOUR = 3600
EXAMPLE = {
    "shipment": 12,
    "own_reference": "PO-8841",
    "container": "",
    "stage": "import_declared__customs_released",
    "started_at": "2026-03-16T00:12:00Z",
    "ended_at": "2026-03-17T02:40:00Z",
    "seconds": 95280,
    "working_seconds": 38400,
    "reported_seconds": None,
    "target": {"hours": 24.0, "clock": "elapsed", "met": False},
    "mode": "sea",
    "port": "KRPUS",
    "customs_office": "030",
    "warehouse": "03012345",
    "broker": "Kim Customs",
    "carrier": "HDMU",
    "channel": "inspected",
    "declared": "after_entry",
    "agency": "none",
}


class StageShipmentFilters(LeadTimeFilters):
    """The filters of the lead times, and which number of theirs is meant."""

    benchmark = None  # type: ignore[assignment]
    stage = OneWordFilter(choices=[(stage, stage) for stage in STAGES], help_text="Required.")
    group = TextFilter(
        max_length=80, help_text="With `group_by`: of this value only; `-` for those where it is not known."
    )
    only = OneWordFilter(
        choices=[(word, word) for word in ONLY],
        help_text="Which of them; without it, all that ended. `met` and `missed` keep or do not keep to your target, "
        "`at_risk` and `overdue` are open now, `slowest` are all, the longest first.",
    )
    target = WholeNumberFilter(
        min_value=1, max_value=2**63 - 1, help_text="The number of your target: only what that one is about."
    )
    cursor = TextFilter(max_length=CURSOR_MAX_LENGTH, help_text="Where the page begins: `cursor` of the last answer.")
    limit = WholeNumberFilter(
        min_value=1, max_value=LIMIT_MAX, help_text=f"Rows on a page, 1 to {LIMIT_MAX}; {LIMIT_DEFAULT} if not given."
    )


class RowTargetSerializer(Shape):
    """The most specific target that is about it."""

    hours = FloatField()
    clock = serializers.ChoiceField(choices=[ELAPSED, WORKING])
    met = BooleanField(allow_null=True, help_text="Null while it is open and not yet overdue.")


class StageShipmentSerializer(Shape):
    """A stage of a shipment, or of one of its containers; lengths in seconds, null while it is open."""

    shipment = IntegerField()
    own_reference = CharField(allow_blank=True, help_text="Yours; empty for cargo that another registered.")
    container = CharField(allow_blank=True, help_text="Of which container; empty: of the shipment.")
    stage = CharField(help_text="One of the words of the filter.")
    started_at = DateTimeField()
    ended_at = moment()
    seconds = number()
    working_seconds = number()
    reported_seconds = number()
    target = RowTargetSerializer(allow_null=True)
    mode = CharField(allow_blank=True)
    port = CharField(allow_blank=True)
    customs_office = CharField(allow_blank=True)
    warehouse = CharField(allow_blank=True)
    broker = CharField(allow_blank=True)
    carrier = CharField(allow_blank=True)
    channel = CharField(allow_blank=True)
    declared = CharField(allow_blank=True)
    agency = CharField(allow_blank=True)


class StageShipments(ReadView):
    """What was counted."""

    @extend_schema(
        operation_id="lead_times_shipments_list",
        summary="The shipments behind a lead time",
        parameters=query(StageShipmentFilters),
        responses=page_of(StageShipmentSerializer, "StageShipment"),
        examples=[example("one that missed its target", {"results": [EXAMPLE], "next": None, "cursor": None})],
        tags=["lead times"],
    )
    def get(self, request: Request) -> Response:
        """As many as `lead-times/` counts with the same parameters. What ended comes newest first, `slowest` and
        `outliers` longest first, what is open oldest first.
        """
        params = self.params(request, StageShipmentFilters)
        cursor, limit = pagination.place(params)
        if "stage" not in params:
            raise ValidationError({"stage": [ErrorDetail(str(_("Say of which stage.")), code="required")]})
        if ("group" in params) != ("group_by" in params):
            detail = ErrorDetail(str(_("Give group_by and group together.")), code="required")
            raise ValidationError({"group": [detail]})
        asked = checked(params) | {"stage": [params["stage"]]}
        if asked.get("group") == "-":
            asked["group"] = ""
        page = stage_shipments.page(self.viewer, asked, cursor, limit)
        return Response(pagination.page_body(request, map(written, page.rows), page.next_cursor))


def written(row: Row) -> dict[str, Any]:
    """A row as the API gives it."""
    target = row.target
    return {
        "shipment": row.shipment,
        "own_reference": row.own_reference,
        "container": row.container,
        "stage": row.stage,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "seconds": row.seconds,
        "working_seconds": row.working_seconds,
        "reported_seconds": row.reported_seconds,
        "target": {"hours": target.seconds / _HOUR, "clock": target.clock, "met": row.met} if target else None,
        "mode": row.mode,
        "port": row.port,
        "customs_office": row.customs_office,
        "warehouse": row.warehouse,
        "broker": row.broker,
        "carrier": row.carrier,
        "channel": row.channel,
        "declared": row.declared,
        "agency": row.agency,
    }
