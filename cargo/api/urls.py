"""The cargo part of ``/api/v1/``."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from cargo.api import views
from cargo.api.receive import push


class RowConverter(IntConverter):
    """A row's number: what a database's 64 bits cannot hold is no address at all."""

    regex = "[0-9]{1,18}"


class NumberConverter(StringConverter):
    """A container's number."""

    regex = "[A-Za-z0-9]{4,15}"


register_converter(RowConverter, "api_row")
register_converter(NumberConverter, "api_number")

urlpatterns = [
    path("messages/", push, name="messages"),
    path("shipments/", views.Shipments.as_view(), name="shipments"),
    path("shipments/<api_row:shipment_id>/", views.Shipment.as_view(), name="shipment"),
    path("shipments/<api_row:shipment_id>/events/", views.ShipmentEvents.as_view(), name="shipment_events"),
    path("shipments/<api_row:shipment_id>/mine/", views.ShipmentMine.as_view(), name="shipment_mine"),
    path("containers/", views.Containers.as_view(), name="containers"),
    path("containers/<api_number:number>/", views.Container.as_view(), name="container"),
    path("tracking-requests/", views.TrackingRequests.as_view(), name="tracking_requests"),
    path("tracking-requests/<api_row:request_id>/", views.TrackingRequest.as_view(), name="tracking_request"),
    path("events/", views.Feed.as_view(), name="feed"),
]
