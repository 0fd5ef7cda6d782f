"""Routes of the pages about cargo."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from cargo.dashboard import views


class RowConverter(IntConverter):
    """A row's number: what a database's 64 bits cannot hold is no address at all."""

    regex = "[0-9]{1,18}"


register_converter(RowConverter, "row")

app_name = "cargo"

urlpatterns = [
    path("", views.start, name="start"),
    path("shipments/", views.shipments, name="shipments"),
    path("shipments/new/", views.add, name="add"),
    path("shipments/<row:shipment_id>/", views.shipment, name="shipment"),
    path("shipments/<row:shipment_id>/live/", views.live, name="live"),
    path("shipments/<row:shipment_id>/events/<uuid:event_id>/source/", views.source, name="source"),
    path("search/", views.search, name="search"),
    path("style/", views.style, name="style"),
    path("theme/", views.theme, name="theme"),
]
