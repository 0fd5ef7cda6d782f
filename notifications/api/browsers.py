"""REST views of browser notifications: the key to subscribe with, and connecting and forgetting one's own browser."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from notifications import selectors, subscribing
from notifications.api import serializers as shapes
from notifications.api.views import NoticeView
from notifications.subscribing import NotFoundError
from notifications.transports import transport_for
from notifications.transports.push import public_key

TAG = ["notices"]


class PushKeySerializer(serializers.Serializer[Any]):
    """What a browser subscribes with."""

    key = serializers.CharField(
        help_text="The `applicationServerKey` of `PushManager.subscribe()`: P-256, uncompressed, in base64url."
    )


class PushKeysSerializer(serializers.Serializer[Any]):
    """The browser's own key and secret, in base64url (RFC 8291)."""

    p256dh = serializers.CharField(max_length=200)
    auth = serializers.CharField(max_length=100)


class PushSubscriptionSerializer(serializers.Serializer[Any]):
    """What `PushSubscription.toJSON()` gives in the browser; `expirationTime` may come along and is not looked at."""

    endpoint = serializers.CharField(max_length=1000, help_text="An address of a browser maker's push service.")
    keys = PushKeysSerializer()


_EXAMPLE = {"endpoint": "https://fcm.googleapis.com/wp/…", "keys": {"p256dh": "BCVxsr7N…", "auth": "BTBZMqHH…"}}


@extend_schema_serializer(examples=[OpenApiExample("Chrome", {"subscription": _EXAMPLE}, request_only=True)])
class BrowserSerializer(shapes.StrictSerializer):
    """The browser in front of which the signed-in person sits."""

    subscription = PushSubscriptionSerializer()
    language = serializers.ChoiceField(
        choices=shapes.LANGUAGES, required=False, help_text="`en`, or what a browser that is known has, if left out."
    )
    name = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class NoBrowserSerializer(shapes.StrictSerializer):
    """Which browser is forgotten."""

    subscription = PushSubscriptionSerializer()


class Browser(NoticeView):
    """Browser notifications of the signed-in person; to a key it is 403."""

    @extend_schema(
        operation_id="channels_browser_key",
        summary="The key for browsers",
        responses=PushKeySerializer,
        tags=TAG,
    )
    def get(self, request: Request) -> Response:
        """404 while the operator has browser notifications switched off."""
        if transport_for("push") is None:
            raise NotFoundError
        return Response({"key": public_key()})

    @extend_schema(
        operation_id="channels_browser_connect",
        summary="Connect a browser",
        request=BrowserSerializer,
        responses={200: shapes.ChannelSerializer, 201: shapes.ChannelSerializer},
        tags=TAG,
    )
    def post(self, request: Request) -> Response:
        """A channel of kind ``push`` that is verified at once (201); the same browser again renews its keys, its
        language and its name, and switches it on (200). Whoever else had connected this browser gets nothing there any
        more. Its endpoint and keys are kept sealed and never shown."""
        given = self.given(request, BrowserSerializer)
        channel, is_new = subscribing.connect_browser(
            self.viewer, given["subscription"], given.get("language", ""), given["name"]
        )
        shown = shapes.ChannelSerializer(selectors.channel(self.viewer, channel.pk)).data
        return Response(shown, status=201 if is_new else 200)

    @extend_schema(
        operation_id="channels_browser_disconnect",
        summary="Forget a browser",
        responses={204: None},
        tags=TAG,
    )
    def delete(self, request: Request) -> Response:
        """By the same ``{"subscription": …}`` as its body, for a page that does not know the channel's number; whoever
        knows it deletes the channel. With what it is told of. 404 if it is not connected."""
        given = self.given(request, NoBrowserSerializer)
        subscribing.disconnect_browser(self.viewer, given["subscription"])
        return Response(status=204)
