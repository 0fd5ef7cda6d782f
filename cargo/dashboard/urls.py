"""Routes of the pages about cargo."""

from __future__ import annotations

from django.urls import path

from cargo.dashboard import views

app_name = "cargo"

urlpatterns = [
    path("", views.start, name="start"),
    path("shipments/", views.shipments, name="shipments"),
    path("shipments/new/", views.add, name="add"),
    path("shipments/<int:shipment_id>/", views.shipment, name="shipment"),
    path("shipments/<int:shipment_id>/live/", views.live, name="live"),
    path("shipments/<int:shipment_id>/events/<uuid:event_id>/source/", views.source, name="source"),
    path("search/", views.search, name="search"),
    path("style/", views.style, name="style"),
    path("theme/", views.theme, name="theme"),
]
