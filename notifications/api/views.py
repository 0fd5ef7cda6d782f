"""REST views of notices. They check what was asked, call a selector or subscribing, and write the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clis.accounts.scoping import Viewer, viewer_of
from notifications import selectors, subscribing
from notifications.api import serializers as shapes
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError, TooManyError

SCOPE = "subscriptions:write"


def _row(name: str, description: str) -> OpenApiParameter:
    schema = {"type": "integer", "minimum": 1, "maximum": shapes.ROW_MAX}
    return OpenApiParameter(name, type=schema, location=OpenApiParameter.PATH, description=description)


CHANNEL_ID = _row("channel_id", "The channel's number.")


class NoticeView(APIView):
    """The scope, and how refusals become answers."""

    required_scopes: ClassVar[Any] = SCOPE

    def handle_exception(self, exc: Exception) -> Response:
        """What is not there and what is somebody else's are the same 404."""
        return super().handle_exception(_as_problem(exc))

    @property
    def viewer(self) -> Viewer:
        """Who is asking."""
        return viewer_of(self.request)

    def params(self, request: Request, declared: type[shapes.StrictSerializer]) -> dict[str, Any]:
        """The checked query parameters."""
        query = declared(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)

    def given(self, request: Request, declared: type[shapes.StrictSerializer]) -> dict[str, Any]:
        """The checked body."""
        body = declared(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)


class Channels(NoticeView):
    """Addresses at which people are told."""

    @extend_schema(
        operation_id="channels_list", summary="Channels", responses=shapes.ChannelListSerializer, tags=["notices"]
    )
    def get(self, request: Request) -> Response:
        """One's own and the organization's; an organization admin sees every person's."""
        self.params(request, shapes.StrictSerializer)
        rows = shapes.ChannelSerializer(selectors.channels(self.viewer), many=True).data
        return Response({"results": rows, "next": None, "cursor": None})

    @extend_schema(
        operation_id="channels_create",
        summary="Add a channel",
        request=shapes.NewChannelSerializer,
        responses={201: shapes.ChannelSerializer},
        tags=["notices"],
    )
    def post(self, request: Request) -> Response:
        """An address that is there already is given back. It must be verified before it can be subscribed."""
        given = self.given(request, shapes.NewChannelSerializer)
        added = subscribing.add_channel(self.viewer, given["kind"], given["address"], given["language"])
        return Response(shapes.ChannelSerializer(selectors.channel(self.viewer, added.pk)).data, status=201)


class Channel(NoticeView):
    """One channel."""

    @extend_schema(
        operation_id="channels_retrieve",
        summary="One channel",
        parameters=[CHANNEL_ID],
        responses=shapes.ChannelSerializer,
        tags=["notices"],
    )
    def get(self, request: Request, channel_id: int) -> Response:
        """Its address and whether it is verified and on."""
        found = selectors.channel(self.viewer, channel_id)
        if found is None:
            raise NotFoundError
        return Response(shapes.ChannelSerializer(found).data)

    @extend_schema(
        operation_id="channels_delete",
        summary="Remove a channel",
        parameters=[CHANNEL_ID],
        responses={204: None},
        tags=["notices"],
    )
    def delete(self, request: Request, channel_id: int) -> Response:
        """With its subscriptions and its history."""
        subscribing.remove_channel(self.viewer, channel_id)
        return Response(status=204)


class ChannelCode(NoticeView):
    """The code that proves an address."""

    throttle_scope = "verify"

    @extend_schema(
        operation_id="channels_send_code",
        summary="Send a code",
        parameters=[CHANNEL_ID],
        request=None,
        responses={204: None},
        tags=["notices"],
    )
    def post(self, request: Request, channel_id: int) -> Response:
        """Six digits, valid for 10 minutes; three an hour to an address."""
        subscribing.send_code(self.viewer, channel_id)
        return Response(status=204)


class ChannelVerify(NoticeView):
    """Proving an address."""

    throttle_scope = "verify"

    @extend_schema(
        operation_id="channels_verify",
        summary="Verify a channel",
        parameters=[CHANNEL_ID],
        request=shapes.CodeSerializer,
        responses=shapes.ChannelSerializer,
        tags=["notices"],
    )
    def post(self, request: Request, channel_id: int) -> Response:
        """Five tries with the code that was sent last."""
        given = self.given(request, shapes.CodeSerializer)
        subscribing.verify(self.viewer, channel_id, given["code"])
        return Response(shapes.ChannelSerializer(selectors.channel(self.viewer, channel_id)).data)


class Subscriptions(NoticeView):
    """Who wants to hear of what."""

    @extend_schema(
        operation_id="subscriptions_list",
        summary="Subscriptions, newest first",
        parameters=[shapes.PageQuerySerializer],
        responses=shapes.SubscriptionPageSerializer,
        tags=["notices"],
    )
    def get(self, request: Request) -> Response:
        """Those that are live."""
        params = self.params(request, shapes.PageQuerySerializer)
        rows = selectors.subscriptions(
            self.viewer, params["shipment"], cursor=params["cursor"], limit=params["limit"] + 1
        )
        return _page(request, shapes.SubscriptionSerializer, rows, params["limit"])

    @extend_schema(
        operation_id="subscriptions_create",
        summary="Subscribe",
        request=shapes.NewSubscriptionSerializer,
        responses={201: shapes.SubscriptionSerializer},
        tags=["notices"],
    )
    def post(self, request: Request) -> Response:
        """A verified channel to one shipment, or to all. Doing it again gives the same subscription, with new kinds."""
        given = self.given(request, shapes.NewSubscriptionSerializer)
        made = subscribing.subscribe(self.viewer, given["channel"], given["shipment"], given["kinds"])
        return Response(shapes.SubscriptionSerializer(made).data, status=201)


class Subscription(NoticeView):
    """One subscription."""

    @extend_schema(
        operation_id="subscriptions_delete",
        summary="Unsubscribe",
        parameters=[_row("subscription_id", "The subscription's number.")],
        responses={204: None},
        tags=["notices"],
    )
    def delete(self, request: Request, subscription_id: int) -> Response:
        """Ends it at once; what is still waiting to be sent because of it is not sent."""
        subscribing.unsubscribe(self.viewer, subscription_id)
        return Response(status=204)


class Deliveries(NoticeView):
    """What was told, and what became of it."""

    @extend_schema(
        operation_id="deliveries_list",
        summary="Deliveries, newest first",
        parameters=[shapes.DeliveryQuerySerializer],
        responses=shapes.DeliveryPageSerializer,
        tags=["notices"],
    )
    def get(self, request: Request) -> Response:
        """Of the whole organization; a colleague's address is masked."""
        params = self.params(request, shapes.DeliveryQuerySerializer)
        rows = selectors.deliveries(
            self.viewer, params["shipment"], params["state"], cursor=params["cursor"], limit=params["limit"] + 1
        )
        return _page(request, shapes.DeliverySerializer, rows, params["limit"])


class Redeliver(NoticeView):
    """One delivery that ended without being sent."""

    @extend_schema(
        operation_id="deliveries_redeliver",
        summary="Send again",
        parameters=[_row("delivery_id", "The delivery's number.")],
        request=None,
        responses={202: None},
        tags=["notices"],
    )
    def post(self, request: Request, delivery_id: int) -> Response:
        """What failed, was skipped or ended unknown is owed again, if it is still true and still wanted."""
        subscribing.redeliver(self.viewer, delivery_id)
        return Response(status=202)


def _page(request: Request, shape: type[serializers.Serializer[Any]], rows: Sequence[Any], limit: int) -> Response:
    """One row more than asked for was read: if it is there, so is another page."""
    cursor = str(rows[limit - 1].id) if len(rows) > limit else None
    address = None
    if cursor is not None:
        query = request.query_params.copy()
        query["cursor"] = cursor
        address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return Response({"results": shape(rows[:limit], many=True).data, "next": address, "cursor": cursor})


def _as_problem(exc: Exception) -> Exception:
    if isinstance(exc, NotFoundError):
        return exceptions.NotFound()
    if isinstance(exc, ForbiddenError):
        return exceptions.PermissionDenied(str(exc))
    if isinstance(exc, TooManyError):
        return exceptions.Throttled(wait=3600, detail=str(exc))
    if isinstance(exc, SubscribingError):
        return exceptions.ValidationError({"non_field_errors": [exceptions.ErrorDetail(str(exc), code=exc.code)]})
    return exc
