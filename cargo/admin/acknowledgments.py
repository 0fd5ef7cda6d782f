"""What partners are sent back about their interchanges."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cargo.admin.common import ReadOnlyAdmin, link, opened
from cargo.models import Acknowledgment


@admin.register(Acknowledgment)
class AcknowledgmentAdmin(ReadOnlyAdmin):
    """Made when the message was worked off; handed over by folder, SFTP or the API."""

    list_display = ("id", "source", "message_id", "kind", "created_at", "taken_at")
    list_filter = ("kind", "source", ("taken_at", admin.EmptyFieldListFilter))
    list_select_related = ("source",)
    fields = readonly_fields = ("source", "message_link", "kind", "created_at", "taken_at", "text")
    actions = ("again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Acknowledgment]:
        """Without the bytes, which a list does not show."""
        return super().get_queryset(request).defer("content")

    @admin.display(description=_("message"))
    def message_link(self, row: Acknowledgment) -> SafeString:
        """The interchange that is acknowledged."""
        return link(row.message, row.message_id)

    @admin.display(description=_("text"))
    def text(self, row: Acknowledgment) -> SafeString:
        """As text and nothing else."""
        return format_html("<pre>{}</pre>", bytes(row.content).decode("latin-1"))

    def get_urls(self) -> list[URLPattern]:
        """Beside Django's pages: the bytes."""
        own = path(
            "<path:object_id>/content/",
            self.admin_site.admin_view(self.content),
            name="cargo_acknowledgment_content",
        )
        return [own, *super().get_urls()]

    def content(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The bytes, exactly."""
        row = opened(self, request, object_id)
        response = HttpResponse(bytes(row.content), content_type="application/octet-stream")
        response["Content-Disposition"] = content_disposition_header(True, f"{row.kind}-{row.message_id}.edi")
        return response

    @admin.action(description=_("Hand over again"), permissions=["operate"])
    def again(self, request: HttpRequest, queryset: QuerySet[Acknowledgment]) -> None:
        """For a partner that has lost them."""
        count = queryset.exclude(content=b"").update(taken_at=None)
        text = ngettext(
            "%(count)d acknowledgment is handed over again.", "%(count)d acknowledgments are handed over again.", count
        )
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
