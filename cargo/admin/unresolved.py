"""Events that two shipments of one organization could claim: a person says which, or that it is neither."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cargo import tasks
from cargo.admin.common import ReadOnlyAdmin, form_page, link, may_operate, opened
from cargo.admin.log import pretty
from cargo.models import Shipment, UnresolvedEvent
from cargo.models.decisions import decide
from cargo.models.linking import mark_due

NEITHER = "none"


class AttachForm(forms.Form):
    """Which of the candidates it is."""

    shipment = forms.ChoiceField(label=gettext_lazy("Shipment"), widget=forms.RadioSelect)

    def __init__(self, candidates: list[Shipment], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(row.pk), _described(row)) for row in candidates]
        self.fields["shipment"].choices = [*choices, (NEITHER, _("none of them"))]  # type: ignore[attr-defined]


@admin.register(UnresolvedEvent)
class UnresolvedAdmin(ReadOnlyAdmin):
    """The list for a person."""

    list_display = ("id", "milestone", "organization", "created_at", "resolved_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "organization")
    list_select_related = ("organization", "event")
    ordering = ("-id",)
    fields = readonly_fields = (
        "milestone",
        "organization",
        "created_at",
        "resolved_at",
        "shipments",
        "chosen",
        "whole",
    )

    @admin.display(description=gettext_lazy("milestone"))
    def milestone(self, row: UnresolvedEvent) -> str:
        """What happened."""
        return f"{row.event.milestone} ({row.event.classifier})"

    @admin.display(description=gettext_lazy("candidates"))
    def shipments(self, row: UnresolvedEvent) -> SafeString | str:
        """The shipments that could be meant."""
        return format_html_join(", ", "{}", ((link(shipment),) for shipment in _candidates(row))) or "-"

    @admin.display(description=gettext_lazy("content"))
    def whole(self, row: UnresolvedEvent) -> SafeString:
        """All that was understood."""
        return pretty(row.event.content)

    def get_urls(self) -> list[URLPattern]:
        """Beside Django's pages: the form that decides."""
        view = self.admin_site.admin_view(self.attach)
        return [path("<path:object_id>/attach/", view, name="cargo_unresolvedevent_attach"), *super().get_urls()]

    def attach(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Links the event to one candidate, or to none, once."""
        row = opened(self, request, object_id)
        if not may_operate(request):
            raise PermissionDenied
        form = AttachForm(_candidates(row), request.POST or None)
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data["shipment"]
            if _resolve(row, None if chosen == NEITHER else int(chosen)):
                tasks.drain_projections()
                self.log_change(request, row, _("Resolved."))
                self.message_user(request, _("The event is resolved."), messages.SUCCESS)
            else:
                self.message_user(request, _("Somebody else resolved it before."), messages.WARNING)
            return HttpResponseRedirect(reverse("admin:cargo_unresolvedevent_changelist"))
        return form_page(
            self,
            request,
            row,
            form,
            title=_("Attach to a shipment"),
            explanation=_("The event becomes part of this shipment's history, and of no other's."),
            submit=_("Attach"),
        )


def _candidates(row: UnresolvedEvent) -> list[Shipment]:
    wanted = Shipment.objects.filter(pk__in=row.candidates, organization_id=row.organization_id)
    return list(wanted.prefetch_related("references").order_by("pk"))


def _described(shipment: Shipment) -> str:
    numbers = ", ".join(reference.value for reference in shipment.references.all())
    return f"#{shipment.pk} {shipment.own_reference} {numbers}".strip()


def _resolve(row: UnresolvedEvent, shipment_id: int | None) -> bool:
    """Whether it was still open. The candidates are looked up again and their links follow the decision."""
    with transaction.atomic():
        mine = decide(row.pk, shipment_id)
        if mine:
            mark_due([shipment_id] if shipment_id is not None else row.candidates, "attached")
    return mine
