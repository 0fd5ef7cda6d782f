"""What a partner is sent back about its interchanges, for partners that fetch it: listed, fetched, noted as taken."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, IntegerField

from cargo.api import pagination
from cargo.api.filters import NoFilters, OneWordFilter, PagedFilterSet
from cargo.api.schema import query, row
from cargo.api.shape_basics import Shape, page_of
from cargo.api.views import ReadView
from cargo.pipeline import acknowledge
from cargo.selectors import acknowledgments

SLUG = OpenApiParameter("slug", type=str, location=OpenApiParameter.PATH, description="The source's short name.")
NUMBER = row("acknowledgment_id", "The acknowledgment's number.")
WAITING, TAKEN = "waiting", "taken"


class AcknowledgmentFilters(PagedFilterSet):
    """Those that wait, those that were taken, or all."""

    state = OneWordFilter(
        choices=[(WAITING, WAITING), (TAKEN, TAKEN)], help_text="`waiting` or `taken`; both if not given."
    )


class AcknowledgmentSerializer(Shape):
    """One acknowledgment, without its bytes."""

    id = IntegerField()
    message = IntegerField(help_text="The message that it answers.")
    kind = CharField(help_text="`997` or `999` (X12), `contrl` (EDIFACT).")
    made_at = DateTimeField()
    taken_at = DateTimeField(allow_null=True)


class AcknowledgmentView(ReadView):
    """With the source's push key: whoever may send may fetch the answers."""

    required_scopes: ClassVar[Any] = "messages:write"


class Acknowledgments(AcknowledgmentView):
    """The acknowledgments of a source."""

    @extend_schema(
        operation_id="acknowledgments_list",
        summary="Acknowledgments of a source, oldest first",
        parameters=[SLUG, *query(AcknowledgmentFilters)],
        responses=page_of(AcknowledgmentSerializer, "Acknowledgment"),
        tags=["messages"],
    )
    def get(self, request: Request, slug: str) -> Response:
        """X12 997 or 999, EDIFACT CONTRL: one for each interchange that was received, once it was read."""
        params = self.params(request, AcknowledgmentFilters)
        cursor, limit = pagination.place(params)
        state = params.get("state")
        taken = None if state is None else state == TAKEN
        page = acknowledgments.page(self.viewer, slug, taken, pagination.opened(cursor), limit)
        return Response(pagination.page_body(request, page.rows, pagination.closed(page.next)))


class Acknowledgment(AcknowledgmentView):
    """One acknowledgment."""

    @extend_schema(
        operation_id="acknowledgments_retrieve",
        summary="One acknowledgment, its bytes",
        parameters=[SLUG, NUMBER],
        responses={
            (200, "application/EDI-X12"): OpenApiTypes.BINARY,
            (200, "application/EDIFACT"): OpenApiTypes.BINARY,
        },
        tags=["messages"],
    )
    def get(self, request: Request, slug: str, acknowledgment_id: int) -> HttpResponse:
        """As a partner's own software reads it. Fetching it does not note it as taken: a download may fail."""
        self.params(request, NoFilters)
        made = acknowledgments.one(self.viewer, slug, acknowledgment_id)
        headers = {
            "Content-Disposition": content_disposition_header(True, made.name) or "",
            "Cache-Control": "no-store",
        }
        return HttpResponse(made.content, content_type=made.media_type, headers=headers)


class AcknowledgmentTaken(AcknowledgmentView):
    """That an acknowledgment arrived."""

    @extend_schema(
        operation_id="acknowledgments_taken",
        summary="Note an acknowledgment as taken",
        parameters=[SLUG, NUMBER],
        request=None,
        responses={204: None},
        tags=["messages"],
    )
    def post(self, request: Request, slug: str, acknowledgment_id: int) -> Response:
        """It is listed as waiting no longer. Doing it again changes nothing."""
        self.params(request, NoFilters)
        made = acknowledgments.one(self.viewer, slug, acknowledgment_id)
        acknowledge.taken([made.id], timezone.now())
        return Response(status=204)
