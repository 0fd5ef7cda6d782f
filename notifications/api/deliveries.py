"""REST views of the delivery log: what was told, why, every try, and once more."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from notifications import selectors, subscribing
from notifications.api import serializers as shapes
from notifications.api.views import NoticeView, page, row_parameter
from notifications.subscribing import NotFoundError

DELIVERY_ID = row_parameter("delivery_id", "The delivery's number.")
TAG = ["notices"]


class Deliveries(NoticeView):
    """What was told, and what became of it."""

    @extend_schema(
        operation_id="deliveries_list",
        summary="Deliveries, newest first",
        parameters=[shapes.DeliveryQuerySerializer],
        responses=shapes.DeliveryPageSerializer,
        tags=TAG,
    )
    def get(self, request: Request) -> Response:
        """Of the whole organization; a colleague's address is masked."""
        params = self.params(request, shapes.DeliveryQuerySerializer)
        cursor, limit, reference = params.pop("cursor"), params.pop("limit"), params.pop("reference")
        if reference:
            params["shipments"] = subscribing.numbered(self.viewer, reference)
        rows = selectors.deliveries(self.viewer, selectors.Wanted(**params), cursor=cursor, limit=limit + 1)
        return page(request, shapes.DeliverySerializer, rows, limit)


class Delivery(NoticeView):
    """One delivery."""

    @extend_schema(
        operation_id="deliveries_retrieve",
        summary="One delivery",
        parameters=[DELIVERY_ID],
        responses=shapes.DeliverySerializer,
        tags=TAG,
    )
    def get(self, request: Request, delivery_id: int) -> Response:
        """To whom, why, and what became of it."""
        row = selectors.delivery(self.viewer, delivery_id)
        if row is None:
            raise NotFoundError
        return Response(shapes.DeliverySerializer(row).data)


class Attempts(NoticeView):
    """Every try of a delivery."""

    @extend_schema(
        operation_id="deliveries_attempts_list",
        summary="The tries of a delivery",
        parameters=[DELIVERY_ID],
        responses=shapes.AttemptListSerializer,
        tags=TAG,
    )
    def get(self, request: Request, delivery_id: int) -> Response:
        """The first first; of a webhook with what was posted and answered."""
        rows = selectors.attempts(self.viewer, delivery_id)
        if rows is None:
            raise NotFoundError
        return Response({"results": shapes.AttemptSerializer(rows, many=True).data, "next": None, "cursor": None})


class Redeliver(NoticeView):
    """One delivery that ended without being sent."""

    @extend_schema(
        operation_id="deliveries_redeliver",
        summary="Send again",
        parameters=[DELIVERY_ID],
        request=None,
        responses={202: None},
        tags=TAG,
    )
    def post(self, request: Request, delivery_id: int) -> Response:
        """What failed, was skipped or ended unknown is owed again, if it is still true and still wanted."""
        subscribing.redeliver(self.viewer, delivery_id)
        return Response(status=202)
