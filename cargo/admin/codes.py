"""What partners mean by their codes: the unknown ones, counted by source, and what people said of them."""

from __future__ import annotations

from itertools import groupby
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cargo import tasks, teaching
from cargo.admin.common import ReadOnlyAdmin, link, may_operate
from cargo.domain.codes import CLASSIFIERS, MILESTONES
from cargo.formats import FORMATS
from cargo.models import CodeMapping, UnknownCode


def milestone_choices() -> list[tuple[str, Any]]:
    """The milestones by group, in the reader's language."""
    korean = (get_language() or "").startswith("ko")
    rows = [row for row in MILESTONES.values() if row.code != "unknown"]
    groups = groupby(rows, key=lambda row: row.group)
    choices: list[tuple[str, Any]] = [("", "---------")]
    for group, found in groups:
        choices.append(
            (group, [(row.code, f"{row.label_ko if korean else row.label_en} ({row.code})") for row in found])
        )
    return choices


class CodeMappingForm(forms.ModelForm):
    """One code of one source; milestones are chosen, not typed."""

    milestone = forms.ChoiceField(label=gettext_lazy("Means"), choices=milestone_choices)
    classifier = forms.ChoiceField(
        label=gettext_lazy("Classifier"),
        required=False,
        choices=[("", gettext_lazy("as the message says")), *((name, name) for name in CLASSIFIERS)],
    )

    class Meta:
        model = CodeMapping
        fields: ClassVar[list[str]] = ["source", "format", "code", "milestone", "classifier", "note"]

    def clean_format(self) -> str:
        """A format of ours, or a kind of message in it."""
        form: str = self.cleaned_data["format"].strip()
        if form not in FORMATS and form.partition(".")[0] not in FORMATS:
            raise forms.ValidationError(_("There is no such format."))
        return form


@admin.register(CodeMapping)
class CodeMappingAdmin(admin.ModelAdmin):
    """Overrides of the standards' tables, source by source; they hold from the next message on."""

    form = CodeMappingForm
    list_display = ("code", "milestone", "classifier", "source", "format", "note", "made_at")
    list_filter = ("source",)
    list_select_related = ("source",)
    search_fields = ("code", "note")
    actions = ("read_again",)

    def get_readonly_fields(self, request: HttpRequest, obj: CodeMapping | None = None) -> tuple[str, ...]:
        """Whose code it is stays; another code is another mapping."""
        return ("source", "format", "code") if obj else ()

    def save_model(self, request: HttpRequest, obj: CodeMapping, form: Any, change: bool) -> None:
        """Through the one door, which keeps the copy that the pipeline reads."""
        saved = teaching.map_code(
            obj.source_id,
            obj.format,
            obj.code,
            obj.milestone,
            classifier=obj.classifier,
            note=obj.note,
            by=request.user.pk,
        )
        obj.pk = saved.pk
        self._again([saved])
        self.message_user(request, _("Kept messages with this code are being read again; nobody is told."))

    def delete_model(self, request: HttpRequest, obj: CodeMapping) -> None:
        """The standard's table says again what the code means."""
        teaching.forget_code(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CodeMapping]) -> None:
        """One by one, through the same door."""
        for mapping in queryset:
            teaching.forget_code(mapping.pk)

    @admin.action(description=gettext_lazy("Read kept messages with this code again"), permissions=["change"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[CodeMapping]) -> None:
        """In the background, and nobody is told."""
        self._again(queryset)
        self.message_user(request, _("Kept messages are being read again; nobody is told."), messages.SUCCESS)

    def _again(self, mappings: Any) -> None:
        for mapping in mappings:
            tasks.wake("cargo.tasks.read_again", mapping.source_id, mapping.format, mapping.code)


@admin.register(UnknownCode)
class UnknownCodeAdmin(ReadOnlyAdmin):
    """What no table knows, the most frequent first; one click leads to the form that says what it means."""

    list_display = ("code", "text", "source", "format", "count", "first_at", "last_at", "last_message", "map_link")
    list_filter = ("source",)
    list_select_related = ("source",)
    search_fields = ("code", "text")
    actions = ("forget",)

    @admin.display(description=gettext_lazy("last message"))
    def last_message(self, row: UnknownCode) -> SafeString | str:
        """Where it was seen last."""
        if row.message_id is None:
            return "-"
        url = reverse("admin:cargo_inboundmessage_change", args=[row.message_id])
        return format_html('<a href="{}">{}</a>', url, row.message_id)

    @admin.display(description=gettext_lazy("meaning"))
    def map_link(self, row: UnknownCode) -> SafeString:
        """To the form, filled in."""
        known = CodeMapping.objects.filter(source_id=row.source_id, format=row.format, code=row.code).first()
        if known is not None:
            return link(known, known.milestone)
        query = urlencode({"source": row.source_id, "format": row.format, "code": row.code})
        url = f"{reverse('admin:cargo_codemapping_add')}?{query}"
        return format_html('<a href="{}">{}</a>', url, _("Say what it means"))

    @admin.action(description=gettext_lazy("Take off the list"), permissions=["operate"])
    def forget(self, request: HttpRequest, queryset: QuerySet[UnknownCode]) -> HttpResponseRedirect | None:
        """It comes back with the next message that bears it."""
        if not may_operate(request):
            raise PermissionDenied
        queryset.delete()
        return None
