"""The cargo part of ``/api/v1/``."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from cargo.api import (
    acknowledgments,
    deadlines,
    diagnosis,
    evidence,
    exceptions,
    forecast_scores,
    forecasts,
    lead_times,
    stage_shipments,
    stage_times,
    targets,
    views,
)
from cargo.api.receive import push
from cargo.api.signed import push_signed


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
    path("sources/<slug:slug>/messages/", push_signed, name="signed_messages"),
    path("sources/<slug:slug>/acknowledgments/", acknowledgments.Acknowledgments.as_view(), name="acknowledgments"),
    path(
        "sources/<slug:slug>/acknowledgments/<api_row:acknowledgment_id>/",
        acknowledgments.Acknowledgment.as_view(),
        name="acknowledgment",
    ),
    path(
        "sources/<slug:slug>/acknowledgments/<api_row:acknowledgment_id>/taken/",
        acknowledgments.AcknowledgmentTaken.as_view(),
        name="acknowledgment_taken",
    ),
    path("shipments/", views.Shipments.as_view(), name="shipments"),
    path("shipments/<api_row:shipment_id>/", views.Shipment.as_view(), name="shipment"),
    path("shipments/<api_row:shipment_id>/events/", views.ShipmentEvents.as_view(), name="shipment_events"),
    path("shipments/<api_row:shipment_id>/evidence/", evidence.ShipmentEvidence.as_view(), name="shipment_evidence"),
    path("shipments/<api_row:shipment_id>/forecast/", forecasts.ShipmentForecast.as_view(), name="shipment_forecast"),
    path("shipments/<api_row:shipment_id>/stages/", stage_times.ShipmentStages.as_view(), name="shipment_stages"),
    path("forecasts/", forecasts.Forecasts.as_view(), name="forecasts"),
    path("forecast-scores/", forecast_scores.ForecastScores.as_view(), name="forecast_scores"),
    path("shipments/<api_row:shipment_id>/mine/", views.ShipmentMine.as_view(), name="shipment_mine"),
    path("containers/", views.Containers.as_view(), name="containers"),
    path("containers/<api_number:number>/", views.Container.as_view(), name="container"),
    path("tracking-requests/", views.TrackingRequests.as_view(), name="tracking_requests"),
    path("tracking-requests/<api_row:request_id>/", views.TrackingRequest.as_view(), name="tracking_request"),
    path("exceptions/", exceptions.Exceptions.as_view(), name="exceptions"),
    path("deadlines/", deadlines.Deadlines.as_view(), name="deadlines"),
    path("lead-times/", lead_times.LeadTimes.as_view(), name="lead_times"),
    path("lead-times/diagnosis/", diagnosis.Diagnosis.as_view(), name="lead_times_diagnosis"),
    path("lead-times/shipments/", stage_shipments.StageShipments.as_view(), name="stage_shipments"),
    path("targets/", targets.Targets.as_view(), name="targets"),
    path("targets/<api_row:target_id>/", targets.Target.as_view(), name="target"),
    path("events/", views.Feed.as_view(), name="feed"),
]
