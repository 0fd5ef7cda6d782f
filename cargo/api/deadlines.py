"""``GET /api/v1/deadlines/``: what must happen by when, over all shipments."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, DateTimeField, IntegerField

from cargo.api import pagination
from cargo.api.filters import InstantFilter, OneWordFilter, PagedFilterSet, TextFilter, WholeNumberFilter
from cargo.api.schema import example, query
from cargo.api.shape_basics import Shape, moment, page_of, text
from cargo.api.views import ReadView
from cargo.selectors import deadlines
from cargo.selectors.deadlines import Row

EXAMPLE = {
    "id": 33,
    "shipment": 12,
    "kind": "removal",
    "container": None,
    "due_at": "2026-04-01T23:59:59+09:00",
    "due_on": "2026-04-01",
    "met_at": None,
    "open": True,
    "responsible": "importer",
    "next_action": "collect",
    "rule": "kr_removal",
    "basis": "removal_15_days",
    "authority": "KR-KCS",
    "source": "Customs Act (KR) art. 157-2",
    "stated_by": None,
    "others": [],
    "money": {"kind": "fine", "currency": "KRW", "amount_per_day": None, "steps": None, "maximum": "1000000",
              "basis": "offence"},
    "updated_at": "2026-03-17T05:12:04Z",
}  # fmt: skip


class DeadlineFilters(PagedFilterSet):
    """The filters of the list of deadlines."""

    kind = TextFilter(max_length=24, help_text="One kind, such as `removal` or `last_free_day`.")
    due_after = InstantFilter(help_text="Due at this time or later.")
    due_before = InstantFilter(help_text="Due before this time.")
    met = OneWordFilter(
        choices=[("true", "true"), ("false", "false")], help_text="`true`: met; `false`: not (yet). Both if absent."
    )
    shipment = WholeNumberFilter(min_value=1, max_value=2**63 - 1, help_text="Of this shipment only.")


class DeadlineRowSerializer(Shape):
    """A deadline of one shipment."""

    id = IntegerField()
    shipment = IntegerField()
    kind = CharField()
    container = text()
    due_at = DateTimeField(help_text="The last second in time, where the duty is owed.")
    due_on = serializers.DateField()
    met_at = moment()
    open = BooleanField(help_text="Not met, not over with the journey, and somebody is alerted.")
    responsible = CharField()
    next_action = CharField()
    rule = text()
    basis = CharField()
    authority = text()
    source = CharField(allow_blank=True)  # type: ignore[assignment]
    stated_by = text()
    others = serializers.ListField(child=serializers.DictField(), help_text="Who says otherwise, and lost.")
    money = serializers.DictField(allow_null=True, help_text="What follows if it is missed.")
    updated_at = DateTimeField()


class Deadlines(ReadView):
    """Deadlines of all shipments."""

    @extend_schema(
        operation_id="deadlines_list",
        summary="Deadlines, the earliest first",
        parameters=query(DeadlineFilters),
        responses=page_of(DeadlineRowSerializer, "Deadline"),
        examples=[example("a removal", {"results": [EXAMPLE], "next": None, "cursor": None})],
        tags=["deadlines"],
    )
    def get(self, request: Request) -> Response:
        """As the last inspection worked them out; with `met=false` what is overdue comes first."""
        params = self.params(request, DeadlineFilters)
        cursor, limit = pagination.place(params)
        page = deadlines.page(self.viewer, params, cursor, limit)
        return Response(pagination.page_body(request, map(written, page.rows), page.next_cursor))


def written(row: Row) -> dict[str, Any]:
    """A row as the API gives it; times with the offset of the place where the duty is owed."""
    zone = ZoneInfo(row.time_zone)
    return {
        "id": row.id,
        "shipment": row.shipment,
        "kind": row.kind,
        "container": row.container or None,
        "due_at": row.due_at.astimezone(zone),
        "due_on": row.due_on,
        "met_at": row.met_at.astimezone(zone) if row.met_at else None,
        "open": row.is_open,
        "responsible": row.responsible,
        "next_action": row.next_action,
        "rule": row.rule or None,
        "basis": row.basis,
        "authority": row.authority or None,
        "source": row.source,
        "stated_by": row.stated_by or None,
        "others": row.others,
        "money": row.money,
        "updated_at": row.updated_at,
    }
