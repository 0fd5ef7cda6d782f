"""What the desks share: rows that are looked at and never edited, lists of large tables, pages with one form."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

REACH = 10_000


class ReachPaginator(Paginator):
    """Counts no further than ``REACH`` rows: counting millions costs more than anybody's look at page 200 is worth."""

    @cached_property
    def count(self) -> int:
        """The number of rows, ``REACH`` at most."""
        rows: Any = self.object_list
        return int(rows[:REACH].count())


class ReadOnlyAdmin(admin.ModelAdmin):
    """Looked at. What staff may do to such rows are actions and pages that ask ``may_operate``."""

    paginator = ReachPaginator
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether an action is offered."""
        return may_operate(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The templates offer what the viewer may do."""
        return super().changeform_view(
            request, object_id, form_url, {"may_operate": may_operate(request), **(extra_context or {})}
        )


class ReadOnlyInline(admin.TabularInline):
    """Rows of a row, looked at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False


def may_operate(request: HttpRequest) -> bool:
    """Whether a member of staff may have messages read again, send them anew, and attach events."""
    return request.user.has_perm("cargo.change_inboundmessage")


def opened(model_admin: admin.ModelAdmin, request: HttpRequest, object_id: str) -> Any:
    """The row that an address names; 404 if there is none, 403 for staff without the right to see it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    row = model_admin.get_object(request, object_id)
    if row is None:
        raise Http404
    return row


def link(row: Model, text: object = "") -> SafeString:
    """A link to the page of a row."""
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, text or row)


def form_page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    row: Model,
    form: forms.Form,
    *,
    title: object,
    explanation: object,
    submit: object,
) -> TemplateResponse:
    """A page of the admin that asks one thing about a row."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": row,
        "form": form,
        "media": model_admin.media + form.media,
        "title": title,
        "explanation": explanation,
        "submit": submit,
        "list_title": capfirst(model_admin.opts.verbose_name_plural),
    }
    return TemplateResponse(request, "admin/cargo/form.html", context, status=200 if not form.errors else 422)
