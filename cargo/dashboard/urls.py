"""Routes of the pages about cargo."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from cargo.dashboard import (
    adding,
    calendar,
    diagnosis,
    evidence,
    exceptions,
    forecast_scores,
    lead_times,
    reports,
    stage_shipments,
    study,
    targets,
    views,
)


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
    path("shipments/<row:shipment_id>/evidence.pdf", evidence.evidence_pdf, name="evidence_pdf"),
    path("shipments/<row:shipment_id>/live/", views.live, name="live"),
    path("shipments/<row:shipment_id>/events/<uuid:event_id>/source/", views.source, name="source"),
    path("shipments/<row:shipment_id>/events/new/", reports.report, name="report"),
    path("shipments/<row:shipment_id>/events/<uuid:event_id>/correct/", reports.correct, name="correct"),
    path("shipments/<row:shipment_id>/events/<uuid:event_id>/take-back/", reports.take_back, name="take_back"),
    path("exceptions/", exceptions.board, name="exceptions"),
    path("deadlines/", calendar.calendar, name="deadlines"),
    path("deadlines/feed/", calendar.feed_address, name="deadlines_feed"),
    path("deadlines.ics", calendar.feed, name="deadlines_ics"),
    path("lead-times/", lead_times.page, name="lead_times"),
    path("lead-times.csv", lead_times.download, name="lead_times_csv"),
    path("forecasts/", forecast_scores.page, name="forecasts"),
    path("forecasts.csv", forecast_scores.download, name="forecasts_csv"),
    path("lead-times/diagnosis/", diagnosis.page, name="diagnosis"),
    path("lead-times/diagnosis.csv", diagnosis.download, name="diagnosis_csv"),
    path("lead-times/report/", study.page, name="study"),
    path("lead-times/report.pdf", study.pdf, name="study_pdf"),
    path("lead-times/report.xlsx", study.xlsx, name="study_xlsx"),
    path("lead-times/shipments/", stage_shipments.page, name="stage_shipments"),
    path("lead-times/shipments.csv", stage_shipments.download, name="stage_shipments_csv"),
    path("lead-times/targets/", targets.page, name="targets"),
    path("lead-times/targets/<row:target_id>/", targets.one, name="target"),
    path("data/", adding.data, name="data"),
    path("data/trial/", adding.trial, name="data_trial"),
    path("data/columns/", adding.said_columns, name="data_columns"),
    path("data/messages/<row:message_id>/", adding.message, name="data_message"),
    path("search/", views.search, name="search"),
    path("style/", views.style, name="style"),
    path("theme/", views.theme, name="theme"),
]
