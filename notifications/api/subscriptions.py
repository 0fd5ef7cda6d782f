"""REST views of subscriptions: one, all, a choice, many at once."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from notifications import kinds, selectors, subscribing
from notifications.api import serializers as shapes
from notifications.api.views import NoticeView, page, row_parameter
from notifications.subscribing import NotFoundError, SubscribingError

SUBSCRIPTION_ID = row_parameter("subscription_id", "The subscription's number.")
TAG = ["notices"]


class _Wishing(NoticeView):
    def wishes(self, given: dict[str, Any], channel_id: int) -> dict[str, Any]:
        """What was given, with ``kinds`` spelled out as a matrix."""
        wanted = {name: value for name, value in given.items() if name not in ("channel", "shipment", "kinds")}
        if "kinds" in given:
            row = selectors.channel(self.viewer, channel_id)
            kind = row.kind if row else "email"
            for position, one in enumerate(given["kinds"]):
                if one not in kinds.of_channel(kind):
                    text = _("Unknown kind of notice: %(kind)s") % {"kind": one}
                    raise SubscribingError(text, field=f"kinds.{position}")
            wanted["matrix"] = kinds.only(given["kinds"], kind)
        return wanted

    def shown(self, subscription_id: int) -> dict[str, Any]:
        """A subscription as it is given back."""
        row = selectors.subscription(self.viewer, subscription_id)
        if row is None:
            raise NotFoundError
        return dict(shapes.SubscriptionSerializer(row).data)


class Subscriptions(_Wishing):
    """Who wants to hear of what."""

    @extend_schema(
        operation_id="subscriptions_list",
        summary="Subscriptions, newest first",
        parameters=[shapes.PageQuerySerializer],
        responses=shapes.SubscriptionPageSerializer,
        tags=TAG,
    )
    def get(self, request: Request) -> Response:
        """Those that are live."""
        params = self.params(request, shapes.PageQuerySerializer)
        rows = selectors.subscriptions(
            self.viewer,
            params["shipment"],
            cursor=params["cursor"],
            limit=params["limit"] + 1,
            channel_id=params["channel"],
        )
        return page(request, shapes.SubscriptionSerializer, rows, params["limit"])

    @extend_schema(
        operation_id="subscriptions_create",
        summary="Subscribe",
        request=shapes.NewSubscriptionSerializer,
        responses={201: shapes.SubscriptionSerializer},
        tags=TAG,
    )
    def post(self, request: Request) -> Response:
        """A verified channel to one shipment, to all, or to a choice. Doing it again gives the same subscription, with
        the new matrix."""
        given = self.given(request, shapes.NewSubscriptionSerializer)
        wishes = self.wishes(given, given["channel"])
        made = subscribing.subscribe(self.viewer, given["channel"], given["shipment"], **wishes)
        return Response(self.shown(made.pk), status=201)


class Subscription(_Wishing):
    """One subscription."""

    @extend_schema(
        operation_id="subscriptions_retrieve",
        summary="One subscription",
        parameters=[SUBSCRIPTION_ID],
        responses=shapes.SubscriptionSerializer,
        tags=TAG,
    )
    def get(self, request: Request, subscription_id: int) -> Response:
        """To what it is, and what is told how."""
        return Response(self.shown(subscription_id))

    @extend_schema(
        operation_id="subscriptions_update",
        summary="Change a subscription",
        parameters=[SUBSCRIPTION_ID],
        request=shapes.SubscriptionChangeSerializer,
        responses=shapes.SubscriptionSerializer,
        tags=TAG,
    )
    def patch(self, request: Request, subscription_id: int) -> Response:
        """Its matrix, name, filter, roles or hours; a matrix is replaced whole."""
        given = self.given(request, shapes.SubscriptionChangeSerializer)
        row = selectors.subscription(self.viewer, subscription_id)
        wishes = self.wishes(given, row.channel_id if row else 0)
        subscribing.change_subscription(self.viewer, subscription_id, **wishes)
        return Response(self.shown(subscription_id))

    @extend_schema(
        operation_id="subscriptions_delete",
        summary="Unsubscribe",
        parameters=[SUBSCRIPTION_ID],
        responses={204: None},
        tags=TAG,
    )
    def delete(self, request: Request, subscription_id: int) -> Response:
        """Ends it at once; what is still waiting to be sent because of it is not sent."""
        subscribing.unsubscribe(self.viewer, subscription_id)
        return Response(status=204)


class BulkSubscriptions(_Wishing):
    """Many at once."""

    @extend_schema(
        operation_id="subscriptions_bulk",
        summary="Subscribe to many shipments, or end it",
        request=shapes.BulkSerializer,
        responses=shapes.BulkResultSerializer,
        tags=TAG,
    )
    def post(self, request: Request) -> Response:
        """Shipments that are not the organization's are named in ``unknown`` and otherwise left alone."""
        given = self.given(request, shapes.BulkSerializer)
        channel, shipments, action = given["channel"], given.pop("shipments"), given.pop("action")
        if action == "end":
            number = subscribing.unsubscribe_many(self.viewer, channel, shipments)
            return Response({"subscribed": [], "ended": number, "unknown": []})
        many = subscribing.subscribe_many(self.viewer, channel, shipments, **self.wishes(given, channel))
        return Response({"subscribed": many.subscribed, "ended": 0, "unknown": many.unknown})
