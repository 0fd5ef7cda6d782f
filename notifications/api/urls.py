"""The notices' part of ``/api/v1/``."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from notifications.api import views


class RowConverter(IntConverter):
    """A row's number: what a database's 64 bits cannot hold is no address at all."""

    regex = "[0-9]{1,18}"


register_converter(RowConverter, "notice_api_row")

urlpatterns = [
    path("channels/", views.Channels.as_view(), name="channels"),
    path("channels/<notice_api_row:channel_id>/", views.Channel.as_view(), name="channel"),
    path("channels/<notice_api_row:channel_id>/code/", views.ChannelCode.as_view(), name="channel_code"),
    path("channels/<notice_api_row:channel_id>/verify/", views.ChannelVerify.as_view(), name="channel_verify"),
    path("subscriptions/", views.Subscriptions.as_view(), name="subscriptions"),
    path("subscriptions/<notice_api_row:subscription_id>/", views.Subscription.as_view(), name="subscription"),
    path("deliveries/", views.Deliveries.as_view(), name="deliveries"),
    path("deliveries/<notice_api_row:delivery_id>/redeliver/", views.Redeliver.as_view(), name="redeliver"),
]
