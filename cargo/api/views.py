"""REST views. They check what was asked, call a selector or booking, and write the answer; no table is touched here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from cargo import booking
from cargo.api import examples, filters, pagination, reports, serializers, shapes, tracking_shapes
from cargo.api.conditional import conditional_body, conditional_document
from cargo.api.rendering import encode
from cargo.api.schema import example, query, row
from cargo.domain.hindsight import RECEIVED
from cargo.selectors import BadCursor, NotFound, containers, events, feed, history, shipments, tracking
from cargo.tasks import wake
from clis.accounts.scoping import Viewer, viewer_of

READ = "shipments:read"
WRITE = "shipments:write"
SHIPMENT_ID = row("shipment_id", "The shipment's number.")
# Answers that are worked out for whoever asks.
NOT_KEPT = {"Cache-Control": "private, no-store"}


class ReadView(APIView):
    """A view that reads: the scope, and how selectors' refusals become answers."""

    required_scopes: ClassVar[Any] = READ

    def handle_exception(self, exc: Exception) -> Response:
        """What is not there and what is somebody else's are the same 404."""
        if isinstance(exc, NotFound):
            exc = exceptions.NotFound()
        elif isinstance(exc, BadCursor):
            exc = pagination.bad_cursor("after" if isinstance(self, Feed) else "cursor")
        return super().handle_exception(exc)

    def params(self, request: Request, declared: type[filters.QueryFilterSet]) -> dict[str, Any]:
        """The checked query parameters."""
        return declared.read(request.query_params)

    @property
    def viewer(self) -> Viewer:
        """Who is asking."""
        return viewer_of(self.request)


class Shipments(ReadView):
    """The list of shipments."""

    @extend_schema(
        operation_id="shipments_list",
        summary="Shipments, newest first",
        parameters=query(filters.ShipmentFilters),
        responses=shapes.ShipmentPageSerializer,
        examples=[example("a page of one", examples.SHIPMENT_PAGE)],
        tags=["shipments"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Every shipment that the reader's organization is a party to. ETag and 304 for the page."""
        params = self.params(request, filters.ShipmentFilters)
        cursor, limit = pagination.place(params)
        rows, following = shipments.rows_json(self.viewer, params, cursor, limit)
        return conditional_body(request, pagination.joined(request, rows, following))


class Shipment(ReadView):
    """One shipment: the stored document, served as it lies."""

    @extend_schema(
        operation_id="shipments_retrieve",
        summary="One shipment, whole",
        parameters=[SHIPMENT_ID, *query(filters.PastFilters)],
        responses={200: shapes.ShipmentSerializer, 304: None},
        examples=[example("released and collected", examples.SHIPMENT)],
        tags=["shipments"],
    )
    def get(self, request: Request, shipment_id: int) -> HttpResponse:
        """Status, customs with every hold and release, what blocks collection, containers, stages, deadlines.

        The ETag is the document's version. With `If-None-Match` an unchanged document is a 304 without a body.
        With `as_of` it is what was believed at that time, worked out anew: no ETag, and `as_of` says what was asked.
        A report counts from when CLIS received it and its source says that it made it, as `manage.py explain --as-of`
        counts. The plan, registered numbers and what is known of warehouses are today's.
        """
        params = self.params(request, filters.PastFilters)
        if "as_of" in params:
            document = history.as_of(self.viewer, shipment_id, params["as_of"], params.get("by", RECEIVED))
            return HttpResponse(encode(document), content_type="application/json", headers=NOT_KEPT)
        return conditional_document(request, self.viewer, shipment_id)


class ShipmentEvents(ReadView):
    """What sources said about one shipment, and what a party reports of it."""

    required_scopes: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}

    @extend_schema(
        operation_id="shipments_events_list",
        summary="The events of a shipment",
        parameters=[SHIPMENT_ID, *query(filters.EventFilters)],
        responses=shapes.EventPageSerializer,
        examples=[example("a discharge", examples.EVENT_PAGE)],
        tags=["shipments"],
    )
    def get(self, request: Request, shipment_id: int) -> Response:
        """As they were understood, with the source's own words, latest first."""
        cursor, limit = pagination.place(self.params(request, filters.EventFilters))
        rows, following = events.page(self.viewer, shipment_id, cursor, limit)
        return Response(pagination.page_body(request, rows, following))

    @extend_schema(
        operation_id="shipments_events_create",
        summary="Report an event",
        parameters=[SHIPMENT_ID],
        request=serializers.EventReportSerializer,
        responses={202: reports.ReceiptSerializer},
        examples=[
            example("a container left", examples.EVENT_REPORT, request=True),
            example("received", examples.EVENT_RECEIPT, status="202"),
        ],
        tags=["shipments"],
    )
    def post(self, request: Request, shipment_id: int) -> Response:
        """For the organization that registered the shipment, and for its forwarder, broker, carrier and warehouse.

        The event concerns this shipment alone and bears your organization's name. Answered once it is committed; it is
        in the shipment's events within seconds. Sent again with the same `id` it corrects, with `taken_back` it ends.
        """
        self.params(request, filters.NoFilters)
        body = serializers.EventReportSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(reports.report(self.viewer, shipment_id, body.validated_data), status=202)


class ShipmentMine(ReadView):
    """What is the reader's own about one shipment."""

    @extend_schema(
        operation_id="shipments_mine_retrieve",
        summary="Your own reference and role",
        parameters=[SHIPMENT_ID],
        responses=shapes.MineSerializer,
        tags=["shipments"],
    )
    def get(self, request: Request, shipment_id: int) -> Response:
        """Kept apart from the shared document: no other party sees it."""
        self.params(request, filters.NoFilters)
        return Response(tracking.mine(self.viewer, shipment_id))


class Containers(ReadView):
    """The containers of all shipments."""

    @extend_schema(
        operation_id="containers_list",
        summary="Containers",
        parameters=query(filters.ContainerFilters),
        responses=shapes.ContainerPageSerializer,
        examples=[example("a page of one", examples.CONTAINER_PAGE)],
        tags=["containers"],
    )
    def get(self, request: Request) -> Response:
        """Each container of each shipment that the reader may see."""
        params = self.params(request, filters.ContainerFilters)
        cursor, limit = pagination.place(params)
        rows, following = containers.page(self.viewer, params, cursor, limit)
        return Response(pagination.page_body(request, rows, following))


class Container(ReadView):
    """One container in its shipments."""

    @extend_schema(
        operation_id="containers_retrieve",
        summary="One container",
        responses=shapes.ContainerSerializer,
        examples=[example("collected", examples.CONTAINER)],
        tags=["containers"],
    )
    def get(self, request: Request, number: str) -> Response:
        """By its number; a box is used again, so the shipments are listed, latest first."""
        self.params(request, filters.NoFilters)
        return Response(containers.one(self.viewer, number))


class TrackingRequests(ReadView):
    """Numbers that somebody asked to track."""

    required_scopes: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}
    throttle_scope = "tracking"

    @extend_schema(
        operation_id="tracking_requests_list",
        summary="Tracking requests, newest first",
        parameters=query(filters.TrackingRequestFilters),
        responses=tracking_shapes.TrackingRequestPageSerializer,
        tags=["tracking"],
    )
    def get(self, request: Request) -> Response:
        """What was asked for and what became of it."""
        params = self.params(request, filters.TrackingRequestFilters)
        cursor, limit = pagination.place(params)
        page = tracking.page(self.viewer, params, pagination.opened(cursor), limit)
        return Response(pagination.page_body(request, page.rows, pagination.closed(page.next)))

    @extend_schema(
        operation_id="tracking_requests_create",
        summary="Track one number or many",
        request=serializers.TrackSerializer,
        responses={200: tracking_shapes.VerdictsSerializer, 201: tracking_shapes.VerdictsSerializer},
        examples=[
            example("one number", examples.TRACK_ONE, request=True),
            example("several numbers", examples.TRACK_MANY, request=True),
            example("verdicts", examples.VERDICTS, status="201"),
        ],
        tags=["tracking"],
    )
    def post(self, request: Request) -> Response:
        """Each number gets a verdict: accepted with its shipment, or rejected with the reason; the others go on.

        The body is one object, an array of them, or `{"items": […]}`, 500 at most. Sending it again changes nothing.
        201 if something was registered, 200 if all of it was known already or refused.
        """
        self.params(request, filters.NoFilters)
        items = serializers.track_items(request.data)
        if self.viewer.organization_id is None:
            raise exceptions.PermissionDenied(_("You act for no organization, so nothing can be registered."))
        verdicts = booking.track(self.viewer, items)
        if verdicts.registered:
            # What came before is found by the numbers; without a wake-up the sweep would do it later.
            wake("cargo.tasks.drain_projections")
        body = {"accepted": tracking.some(self.viewer, verdicts.accepted), "rejected": verdicts.rejected}
        return Response(body, status=201 if verdicts.registered else 200)

    def get_throttles(self) -> list[BaseThrottle]:
        """Registering is throttled, reading is not."""
        return super().get_throttles() if self.request.method == "POST" else []


class TrackingRequest(ReadView):
    """One tracking request."""

    @extend_schema(
        operation_id="tracking_requests_retrieve",
        summary="One tracking request",
        parameters=[row("request_id", "The tracking request's number.")],
        responses=tracking_shapes.TrackingRequestSerializer,
        tags=["tracking"],
    )
    def get(self, request: Request, request_id: int) -> Response:
        """Where it stands, with the reason if it was rejected."""
        self.params(request, filters.NoFilters)
        return Response(tracking.one(self.viewer, request_id))


class Feed(ReadView):
    """Every update, in order."""

    @extend_schema(
        operation_id="events_feed",
        summary="Everything that changed, in order",
        parameters=query(filters.FeedFilters),
        responses=tracking_shapes.FeedSerializer,
        examples=[example("a release", examples.FEED)],
        tags=["feed"],
    )
    def get(self, request: Request) -> Response:
        """Read on with `after=cursor`: nothing is skipped and nothing comes twice."""
        params = self.params(request, filters.FeedFilters)
        after, limit = pagination.place(params, "after")
        return Response(feed.updates(self.viewer, after, limit), headers={"Cache-Control": "private, no-store"})
