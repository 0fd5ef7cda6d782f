"""``GET /api/v1/exceptions/``: what is wrong, who must act, and what came of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, IntegerField

from cargo.api import pagination
from cargo.api.filters import OneWordFilter, PagedFilterSet, WholeNumberFilter, WordsFilter
from cargo.api.schema import example, query
from cargo.api.shape_basics import Shape, moment, page_of, text
from cargo.api.views import ReadView
from cargo.domain.finding import as_text
from cargo.domain.rules import KINDS
from cargo.selectors import exceptions
from cargo.selectors.exceptions import Row

RESPONSIBLE = (
    "importer", "exporter", "forwarder", "broker", "carrier", "terminal", "warehouse", "customs", "agency", "operator",
)  # fmt: skip
EXAMPLE = {
    "id": 71,
    "shipment": 12,
    "kind": "deadline_near",
    "subject": "removal",
    "since": "2026-03-29T14:59:59Z",
    "opened_at": "2026-03-29T15:00:00Z",
    "closed_at": None,
    "responsible": "importer",
    "next_action": "collect",
    "due_at": "2026-04-01T14:59:59Z",
    "reason": None,
    "told": {"basis": "removal_15_days"},
}


class ExceptionFilters(PagedFilterSet):
    """The filters of the list of exceptions."""

    kind = WordsFilter(choices=KINDS, help_text="What is wrong; several with commas.")
    responsible = WordsFilter(choices=RESPONSIBLE, help_text="Who must act; several with commas.")
    shipment = WholeNumberFilter(min_value=1, max_value=2**63 - 1, help_text="Of this shipment only.")
    open = OneWordFilter(
        choices=[("true", "true"), ("false", "false")], help_text="`true`: still wrong; `false`: over. Both if absent."
    )


class ExceptionSerializer(Shape):
    """Something wrong with one shipment, since when and until when."""

    id = IntegerField()
    shipment = IntegerField()
    kind = CharField(help_text="One of the words of the filter.")
    subject = CharField(allow_blank=True, help_text="Tells several of one kind apart.")
    since = moment()
    opened_at = DateTimeField(help_text="When CLIS noticed.")
    closed_at = moment()
    responsible = CharField()
    next_action = CharField()
    due_at = moment()
    reason = text()
    told = serializers.DictField(help_text="The facts behind it: codes, numbers and times.")


class Exceptions(ReadView):
    """What is wrong."""

    @extend_schema(
        operation_id="exceptions_list",
        summary="Exceptions, the last opened first",
        parameters=query(ExceptionFilters),
        responses=page_of(ExceptionSerializer, "Exception"),
        examples=[example("a deadline is near", {"results": [EXAMPLE], "next": None, "cursor": None})],
        tags=["exceptions"],
    )
    def get(self, request: Request) -> Response:
        """Late, rolled, held, dwelling, silent, off route, deadlines, conflicting sources, impossible orders.

        Each is opened once and closed once; `reason` is there where nobody owes anything definite yet.
        """
        params = self.params(request, ExceptionFilters)
        cursor, limit = pagination.place(params)
        page = exceptions.page(self.viewer, params, cursor, limit)
        return Response(pagination.page_body(request, map(written, page.rows), page.next_cursor))


def written(row: Row) -> dict[str, Any]:
    """A row as the API gives it."""
    return {
        "id": row.id,
        "shipment": row.shipment,
        "kind": row.kind,
        "subject": row.subject,
        "since": row.since,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "responsible": row.responsible,
        "next_action": row.next_action,
        "due_at": row.due_at,
        "reason": row.reason or None,
        "told": as_text(row.told),
    }
