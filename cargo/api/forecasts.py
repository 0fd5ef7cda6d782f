"""``GET /api/v1/forecasts/`` and ``/shipments/{id}/forecast/``: when what is still to come will likely have happened.

A sub-resource of its own: a forecast is made anew every day, the shipment's document keeps its version meanwhile.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.serializers import ChoiceField, DateTimeField, DictField, IntegerField, ListField

from cargo.api import filters, pagination
from cargo.api.conditional import conditional_body
from cargo.api.filters import InstantFilter, PagedFilterSet, WholeNumberFilter, WordsFilter
from cargo.api.rendering import encode
from cargo.api.schema import example, query
from cargo.api.shape_basics import Shape, moment, page_of
from cargo.api.views import SHIPMENT_ID, ReadView
from cargo.domain.stages import STAGES
from cargo.selectors import forecasts
from cargo.selectors.forecasts import ENDS, Row

EXAMPLE = {
    "stage": "arrived__customs_released",
    "started_at": None,
    "p10": "2026-03-29T02:10:00Z",
    "p50": "2026-03-30T06:40:00Z",
    "p90": "2026-04-02T08:05:00Z",
    "reasons": [
        {"code": "history", "own": 42, "comparable": 512, "level": "client"},
        {"code": "inspection", "seconds": 50400},
    ],
}
IN_LIST = {"shipment": 12, "made_at": "2026-03-24T00:20:00Z", **EXAMPLE}


class ForecastFilters(PagedFilterSet):
    """The filters of the list of forecasts."""

    stage = WordsFilter(
        choices=ENDS,
        help_text="`departed__arrived`: the arrival, `arrived__customs_released`: the release, `arrived__gate_out`: "
        "the collection; several with commas, all three if absent.",
    )
    made_after = InstantFilter(help_text="Made at this time or later.")
    shipment = WholeNumberFilter(min_value=1, max_value=2**63 - 1, help_text="Of this shipment only.")


class ForecastSerializer(Shape):
    """When a stage will have ended: in one of ten cases before `p10`, in five before `p50`, in nine before `p90`."""

    stage = ChoiceField(choices=STAGES)
    started_at = moment()
    p10 = DateTimeField()
    p50 = DateTimeField()
    p90 = DateTimeField()
    reasons = ListField(child=DictField(), help_text="Codes with their figures; lengths in seconds.")


class ForecastRowSerializer(ForecastSerializer):
    """A forecast in the list."""

    shipment = IntegerField()
    made_at = DateTimeField()


class ShipmentForecastSerializer(Shape):
    """All that is forecast of one shipment; `made_at` is null and the list empty while nothing is."""

    shipment = IntegerField()
    made_at = moment()
    forecasts = ForecastSerializer(many=True)


class ShipmentForecast(ReadView):
    """The forecast of one shipment."""

    @extend_schema(
        operation_id="shipments_forecast_retrieve",
        summary="The forecast of a shipment",
        parameters=[SHIPMENT_ID],
        responses={200: ShipmentForecastSerializer, 304: None},
        examples=[example("to be released", {"shipment": 12, "made_at": IN_LIST["made_at"], "forecasts": [EXAMPLE]})],
        tags=["shipments"],
    )
    def get(self, request: Request, shipment_id: int) -> HttpResponse:
        """Every stage to come, the arrival, the release and the collection, as they were told at `made_at`.

        What has happened since is in the shipment's document. ETag and 304.
        """
        self.params(request, filters.NoFilters)
        rows = forecasts.standing(self.viewer, shipment_id)
        made = rows[0].made_at if rows else None
        body = {"shipment": shipment_id, "made_at": made, "forecasts": [written(row) for row in rows]}
        return conditional_body(request, encode(body))


class Forecasts(ReadView):
    """The forecasts of all shipments."""

    @extend_schema(
        operation_id="forecasts_list",
        summary="Forecasts of arrival, release and collection",
        parameters=query(ForecastFilters),
        responses={200: page_of(ForecastRowSerializer, "Forecast"), 304: None},
        examples=[example("a release", {"results": [IN_LIST], "next": None, "cursor": None})],
        tags=["forecasts"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Those that stand, the newest shipment first. ETag and 304 for the page."""
        params = self.params(request, ForecastFilters)
        cursor, limit = pagination.place(params)
        page = forecasts.page(self.viewer, params, pagination.opened(cursor), limit)
        rows = ({"shipment": row.shipment, "made_at": row.made_at, **written(row)} for row in page.rows)
        return conditional_body(request, encode(pagination.page_body(request, rows, pagination.closed(page.next))))


def written(row: Row) -> dict[str, Any]:
    """A row as the API gives it."""
    return {
        "stage": row.stage,
        "started_at": row.started_at,
        "p10": row.p10,
        "p50": row.p50,
        "p90": row.p90,
        "reasons": row.reasons,
    }
