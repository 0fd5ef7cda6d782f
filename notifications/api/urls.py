"""The notices' part of ``/api/v1/``."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from notifications.api import browsers, deliveries, endpoints, followers, previews, subscriptions, views


class RowConverter(IntConverter):
    """A row's number: what a database's 64 bits cannot hold is no address at all."""

    regex = "[0-9]{1,18}"


register_converter(RowConverter, "notice_api_row")

urlpatterns = [
    path("channels/", views.Channels.as_view(), name="channels"),
    path("channels/browser/", browsers.Browser.as_view(), name="channel_browser"),
    path("channels/<notice_api_row:channel_id>/", views.Channel.as_view(), name="channel"),
    path("channels/<notice_api_row:channel_id>/code/", views.ChannelCode.as_view(), name="channel_code"),
    path("channels/<notice_api_row:channel_id>/verify/", views.ChannelVerify.as_view(), name="channel_verify"),
    path("channels/<notice_api_row:channel_id>/test/", previews.ChannelTest.as_view(), name="channel_test"),
    path("notice-previews/<str:kind>/", previews.NoticePreview.as_view(), name="notice_preview"),
    path("subscriptions/", subscriptions.Subscriptions.as_view(), name="subscriptions"),
    path("subscriptions/bulk/", subscriptions.BulkSubscriptions.as_view(), name="subscriptions_bulk"),
    path("subscriptions/<notice_api_row:subscription_id>/", subscriptions.Subscription.as_view(), name="subscription"),
    path("followers/", followers.Followers.as_view(), name="followers"),
    path("followers/<notice_api_row:follower_id>/", followers.Follower.as_view(), name="follower"),
    path("endpoints/", endpoints.Endpoints.as_view(), name="endpoints"),
    path("endpoints/<notice_api_row:endpoint_id>/", endpoints.Endpoint.as_view(), name="endpoint"),
    path(
        "endpoints/<notice_api_row:endpoint_id>/challenge/",
        endpoints.EndpointChallenge.as_view(),
        name="endpoint_challenge",
    ),
    path("endpoints/<notice_api_row:endpoint_id>/rotate/", endpoints.EndpointSecret.as_view(), name="endpoint_rotate"),
    path("endpoints/<notice_api_row:endpoint_id>/pause/", endpoints.EndpointPause.as_view(), name="endpoint_pause"),
    path("endpoints/<notice_api_row:endpoint_id>/resume/", endpoints.EndpointResume.as_view(), name="endpoint_resume"),
    path("endpoints/<notice_api_row:endpoint_id>/test/", endpoints.EndpointTest.as_view(), name="endpoint_test"),
    path(
        "endpoints/<notice_api_row:endpoint_id>/redeliver/",
        endpoints.EndpointRedeliver.as_view(),
        name="endpoint_redeliver",
    ),
    path("deliveries/", deliveries.Deliveries.as_view(), name="deliveries"),
    path("deliveries/<notice_api_row:delivery_id>/", deliveries.Delivery.as_view(), name="delivery"),
    path("deliveries/<notice_api_row:delivery_id>/attempts/", deliveries.Attempts.as_view(), name="attempts"),
    path("deliveries/<notice_api_row:delivery_id>/redeliver/", deliveries.Redeliver.as_view(), name="redeliver"),
]
