"""REST views of channels, and what all views of notices share: scope, checks, refusals, pages."""

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
from notifications.subscribing import ForbiddenError, FullError, NotFoundError, SubscribingError, TooManyError

SCOPE = "subscriptions:write"


def row_parameter(name: str, description: str) -> OpenApiParameter:
    schema = {"type": "integer", "minimum": 1, "maximum": shapes.ROW_MAX}
    return OpenApiParameter(name, type=schema, location=OpenApiParameter.PATH, description=description)


CHANNEL_ID = row_parameter("channel_id", "The channel's number.")


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
        address, language = given["address"], given["language"]
        if given["kind"] == "chat":
            added = subscribing.connect_chat(self.viewer, address, language)
        else:
            added = subscribing.add_channel(self.viewer, given["kind"], address, language)
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
        """Its address, its settings, and whether it is verified and on."""
        found = selectors.channel(self.viewer, channel_id)
        if found is None:
            raise NotFoundError
        return Response(shapes.ChannelSerializer(found).data)

    @extend_schema(
        operation_id="channels_update",
        summary="Set a channel",
        parameters=[CHANNEL_ID],
        request=shapes.ChannelSettingsSerializer,
        responses=shapes.ChannelSerializer,
        tags=["notices"],
    )
    def patch(self, request: Request, channel_id: int) -> Response:
        """Its name, language, zone, quiet hours and digest; what is not given stays."""
        given = self.given(request, shapes.ChannelSettingsSerializer)
        subscribing.set_channel(self.viewer, channel_id, **given)
        return Response(shapes.ChannelSerializer(selectors.channel(self.viewer, channel_id)).data)

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


def page(request: Request, shape: type[serializers.Serializer[Any]], rows: Sequence[Any], limit: int) -> Response:
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
    if isinstance(exc, TooManyError) and not isinstance(exc, FullError):
        return exceptions.Throttled(wait=3600, detail=str(exc))
    if isinstance(exc, SubscribingError):
        where = exc.field or "non_field_errors"
        return exceptions.ValidationError({where: [exceptions.ErrorDetail(str(exc), code=exc.code)]})
    return exc
