"""REST views of followers: people outside, asked by mail, listed and let go of."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from notifications import selectors, subscribing
from notifications.api import serializers as shapes
from notifications.api.views import NoticeView, page, row_parameter
from notifications.subscribing import NotFoundError

FOLLOWER_ID = row_parameter("follower_id", "The follower's number, which is that of his subscription.")
INVITED = ("invited", "follows")
TAG = ["notices"]


class FollowerQuerySerializer(shapes.StrictSerializer):
    """The parameters of the list."""

    cursor = serializers.IntegerField(min_value=1, max_value=shapes.ROW_MAX, required=False, default=None)
    limit = serializers.IntegerField(min_value=1, max_value=shapes.PAGE_MAX, required=False, default=shapes.PAGE)
    shipment = serializers.IntegerField(min_value=1, max_value=shapes.ROW_MAX, required=False, default=None)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "In Korean", {"shipment": 345, "address": "ops@example.com", "language": "ko"}, request_only=True
        )
    ]
)
class NewFollowerSerializer(shapes.StrictSerializer):
    """Whom to ask about which shipment."""

    shipment = serializers.IntegerField(min_value=1, max_value=shapes.ROW_MAX)
    address = serializers.CharField(max_length=254, help_text="An e-mail address.")
    language = serializers.ChoiceField(
        choices=shapes.LANGUAGES, default="en", help_text="Of the question and, after a yes, of the mails."
    )


class InvitedSerializer(serializers.Serializer[Any]):
    """What came of an invitation."""

    state = serializers.ChoiceField(choices=INVITED, help_text="A mail asks him, or he follows the shipment already.")
    shipment = serializers.IntegerField()
    follower = serializers.IntegerField(allow_null=True, help_text="His number, if he follows already.")


class FollowerSerializer(serializers.Serializer[Any]):
    """Somebody outside who is told of one shipment, since his own yes. What he is told is his to choose."""

    id = serializers.IntegerField(help_text="That of the subscription as well.")
    shipment = serializers.IntegerField(source="shipment_id")
    channel = serializers.IntegerField(source="channel_id", help_text="One to an address, for all that it follows.")
    address = serializers.CharField(help_text="Masked to a person who only reads.")
    language = serializers.ChoiceField(choices=shapes.LANGUAGES)
    created_at = serializers.DateTimeField(source="since")


class FollowerPageSerializer(shapes._PageSerializer):
    """A page of followers."""

    results = FollowerSerializer(many=True)


class Followers(NoticeView):
    """People without an account who follow shipments by mail."""

    @extend_schema(
        operation_id="followers_list",
        summary="Followers, newest first",
        parameters=[FollowerQuerySerializer],
        responses=FollowerPageSerializer,
        tags=TAG,
    )
    def get(self, request: Request) -> Response:
        """Of all shipments, or of one; a shipment that is not yours is 404. Who was asked and has not said yes is not
        among them."""
        params = self.params(request, FollowerQuerySerializer)
        if params["shipment"] is not None:
            subscribing.shipment(self.viewer, params["shipment"])
        rows = selectors.every_follower(self.viewer, params["shipment"], params["cursor"], params["limit"] + 1)
        return page(request, FollowerSerializer, rows, params["limit"])

    @extend_schema(
        operation_id="followers_invite",
        summary="Invite a follower",
        request=NewFollowerSerializer,
        responses={202: InvitedSerializer, 200: InvitedSerializer},
        tags=TAG,
    )
    def post(self, request: Request) -> Response:
        """Asks an address by mail whether it wants to be told of a shipment: 202. Its yes, within seven days, makes it
        a follower, and nothing else is sent there before. Whoever follows already is not asked again: 200. Three mails
        an hour to an address, codes counted in, twenty for whoever asks, a hundred for an organization, and the same
        once in ten minutes (429); an address that wants no mails, or is a member's of yours: 400; a shipment that is
        not yours: 404."""
        given = self.given(request, NewFollowerSerializer)
        found = subscribing.invite_follower(self.viewer, given["shipment"], given["address"], given["language"])
        told = {"state": INVITED[found is not None], "shipment": given["shipment"], "follower": found and found.pk}
        return Response(InvitedSerializer(told).data, status=200 if found else 202)


class Follower(NoticeView):
    """One follower of one shipment."""

    @extend_schema(
        operation_id="followers_retrieve",
        summary="One follower",
        parameters=[FOLLOWER_ID],
        responses=FollowerSerializer,
        tags=TAG,
    )
    def get(self, request: Request, follower_id: int) -> Response:
        """Who he is, and since when he is told of which shipment."""
        row = selectors.follower(self.viewer, follower_id)
        if row is None:
            raise NotFoundError
        return Response(FollowerSerializer(row).data)

    @extend_schema(
        operation_id="followers_delete",
        summary="Remove a follower",
        parameters=[FOLLOWER_ID],
        responses={204: None},
        tags=TAG,
    )
    def delete(self, request: Request, follower_id: int) -> Response:
        """He is told of this shipment no longer; what else he follows goes on. To take an address away with all that it
        follows, remove its channel."""
        subscribing.end_follower(self.viewer, follower_id)
        return Response(status=204)
