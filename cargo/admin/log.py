"""The event log, to be read."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cargo.admin.common import ReadOnlyAdmin, link
from cargo.domain.codes import CLASSIFIERS, LEVELS
from cargo.models import Event, EventReference, Shipment


def pretty(content: str) -> SafeString:
    """JSON as a person reads it; as text and nothing else."""
    return format_html("<pre>{}</pre>", json.dumps(json.loads(content), ensure_ascii=False, indent=2))


class WordFilter(admin.SimpleListFilter):
    """By one of a fixed list of words, so that the table is not asked which occur."""

    words: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """The words."""
        return [(word, word) for word in self.words]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Events with that word."""
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class ClassifierFilter(WordFilter):
    """Planned, estimated, actual."""

    title = _("classifier")
    parameter_name = "classifier"
    words = CLASSIFIERS


class LevelFilter(WordFilter):
    """What the event speaks of."""

    title = _("level")
    parameter_name = "level"
    words = LEVELS


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What sources said. Nothing here is ever edited or deleted: a correction is one more row."""

    list_display = ("milestone", "classifier", "level", "occurred_at", "reported_at", "source", "message_link")
    list_filter = (ClassifierFilter, LevelFilter, "source")
    list_select_related = ("source",)
    search_fields = ("lineage",)
    search_help_text = _("A number: container, bill, declaration.")
    ordering = ("-id",)
    fields = readonly_fields = (
        "id",
        "milestone",
        "classifier",
        "level",
        "effect",
        "occurred_at",
        "reported_at",
        "received_at",
        "recorded_at",
        "source",
        "message_link",
        "position",
        "lineage",
        "version",
        "revision",
        "retraction",
        "shipments",
        "whole",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """The events that name this number."""
        number = "".join(search_term.upper().split())
        if not number:
            return queryset, False
        named = EventReference.objects.filter(value=number).values("reference_set")
        return queryset.filter(reference_set__in=named), False

    @admin.display(description=_("message"))
    def message_link(self, event: Event) -> SafeString:
        """The message behind it."""
        url = reverse("admin:cargo_inboundmessage_change", args=[event.message_id])
        return format_html('<a href="{}">{}</a>', url, event.message_id)

    @admin.display(description=_("shipments"))
    def shipments(self, event: Event) -> SafeString | str:
        """The shipments that it concerns."""
        found = Shipment.objects.filter(links__event=event).order_by("pk")
        return format_html_join(", ", "{}", ((link(row),) for row in found)) or "-"

    @admin.display(description=_("content"))
    def whole(self, event: Event) -> SafeString:
        """All that was understood."""
        return pretty(event.content)
