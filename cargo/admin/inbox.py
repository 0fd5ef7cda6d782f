"""The inbox and the quarantine. Messages are read, downloaded, decoded again and sent anew; never changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cargo import tasks
from cargo.admin.common import ReadOnlyAdmin, ReadOnlyInline, form_page, link, may_operate, opened
from cargo.admin.marking import marked
from cargo.formats import FORMATS
from cargo.models import InboundBody, InboundMessage, MessagePart, QuarantinedMessage, bodies, bulk
from cargo.pipeline.receive import Received, receive

PREVIEW_BYTES = 20_000
EDITABLE_BYTES = 1_000_000
# How many places of one message are marked, and how much is shown before the first.
MARKED = 20
BEFORE_MARK = 2_000
AT_ONCE = 500
BATCH = 200
BODIES = InboundBody._meta.db_table
_ENDINGS = {"application/json": "json", "application/xml": "xml", "text/xml": "xml"}


class FormatFilter(admin.SimpleListFilter):
    """By the formats that we read; asking the table for those that occur would look through all of it."""

    title = gettext_lazy("format")
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The formats, and what was never told apart."""
        return [*((name, form.title) for name, form in FORMATS.items()), ("none", _("not recognized"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[InboundMessage]) -> QuerySet[InboundMessage]:
        """Messages of that format."""
        value = self.value()
        return queryset.filter(format="" if value == "none" else value) if value else queryset


class PartInline(ReadOnlyInline):
    """The parts of a message that made no event, with their place and reason."""

    model = MessagePart
    fields = readonly_fields = ("kind", "position", "reason", "created_at")


class EditForm(forms.Form):
    """The text of a message, to be corrected."""

    text = forms.CharField(
        label=gettext_lazy("Text"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "class": "vLargeTextField", "spellcheck": "false"}),
    )


class MessageAdmin(ReadOnlyAdmin):
    """Messages: what both desks show and do."""

    list_select_related = ("source",)
    search_fields = ("name", "reason")
    search_help_text = gettext_lazy("The message's number, its SHA-256, a part of its file name or of the reason.")
    fields = readonly_fields = (
        "source",
        "state",
        "reason",
        "format",
        "events",
        "received_at",
        "processed_at",
        "size",
        "digest",
        "media_type",
        "name",
        "attempts",
        "silent",
        "replaced",
        "replaced_by",
        "preview",
    )
    inlines = (PartInline,)
    actions = ("decode_again",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[InboundMessage], search_term: str
    ) -> tuple[QuerySet[InboundMessage], bool]:
        """A number or a hash names one message; anything else is looked for in words."""
        term = search_term.strip()
        if term.isascii() and term.isdigit() and len(term) <= 18:
            return queryset.filter(pk=int(term)), False
        if len(term) == 64:
            return queryset.filter(digest=term.lower()), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("replaces"))
    def replaced(self, message: InboundMessage) -> SafeString | str:
        """The message of which this one is the correction."""
        return link(message.replaces, message.replaces_id) if message.replaces else "-"

    @admin.display(description=gettext_lazy("replaced by"))
    def replaced_by(self, message: InboundMessage) -> SafeString | str:
        """The latest correction of this message."""
        later = InboundMessage.objects.filter(source_id=message.source_id, replaces_id=message.pk).first()
        return link(later, later.pk) if later else "-"

    @admin.display(description=gettext_lazy("text"))
    def preview(self, message: InboundMessage) -> SafeString:
        """The message around what could not be read, with the places marked; else how it begins. Text, nothing else."""
        marks = _marks(message)
        start = max(0, marks[0][0] - BEFORE_MARK) if marks and marks[0][1] > PREVIEW_BYTES else 0
        rows = bulk.execute(
            f"SELECT substr(content, %s, %s) FROM {BODIES} WHERE message_id = %s",
            [start + 1, PREVIEW_BYTES, message.pk],
        )
        text = bytes(rows[0][0]) if rows else b""
        pieces, at = [], start
        for begin, end in marks:
            if at <= begin < end <= start + len(text):
                pieces += [(text[at - start : begin - start], False), (text[begin - start : end - start], True)]
                at = end
        pieces.append((text[at - start :], False))
        shown = format_html_join(
            "", "{}", ((format_html("<mark>{}</mark>", told) if mark else told,) for told, mark in _texts(pieces))
        )
        more = "\n…" if message.size > start + PREVIEW_BYTES else ""
        return format_html("<pre>{}{}{}</pre>", "…\n" if start else "", shown, more)

    @admin.action(description=gettext_lazy("Decode again"), permissions=["operate"])
    def decode_again(self, request: HttpRequest, queryset: QuerySet[InboundMessage]) -> None:
        """With the decoders of today; what they now say is added to the log, and nobody is told."""
        done = queryset.exclude(state=InboundMessage.State.RECEIVED).order_by("pk")
        ids = list(done.values_list("pk", flat=True)[: AT_ONCE + 1])
        if len(ids) > AT_ONCE:
            self.message_user(request, _("500 messages at most: use manage.py replay for more."), messages.ERROR)
            return
        added = sum(tasks.replay_messages(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))
        tasks.drain_projections()
        for message in InboundMessage.objects.filter(pk__in=ids):
            self.log_change(request, message, _("Decoded again."))
        read = ngettext("%(count)d message was decoded again.", "%(count)d messages were decoded again.", len(ids))
        told = ngettext("%(count)d row was added to the log.", "%(count)d rows were added to the log.", added)
        text = f"{read % {'count': len(ids)}} {told % {'count': added}}"
        self.message_user(request, text, messages.SUCCESS)


@admin.register(InboundMessage)
class InboxAdmin(MessageAdmin):
    """Every message as it came."""

    list_display = ("id", "received_at", "source", "state", "format", "size", "events", "name", "reason")
    list_filter = ("state", FormatFilter, "source")

    def get_urls(self) -> list[URLPattern]:
        """Beside Django's pages: the bytes, and the form to send a message anew."""
        view = self.admin_site.admin_view
        own = [
            path("<path:object_id>/content/", view(self.content), name="cargo_inboundmessage_content"),
            path("<path:object_id>/replace/", view(self.replace), name="cargo_inboundmessage_replace"),
        ]
        return own + super().get_urls()

    def content(self, request: HttpRequest, object_id: str) -> HttpResponse | FileResponse:
        """The bytes, exactly."""
        message = opened(self, request, object_id)
        form = FORMATS.get(message.format)
        ending = _ENDINGS.get(form.media_types[0], "txt") if form else "bin"
        response: HttpResponse | FileResponse
        if message.body.on_disk:
            response = FileResponse(bodies.opened(message.digest), content_type="application/octet-stream")
        else:
            response = HttpResponse(bytes(message.body.content), content_type="application/octet-stream")
        response["Content-Disposition"] = content_disposition_header(True, f"message-{message.pk}.{ending}")
        return response

    def replace(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The text to correct; what is sent is a new message that names the old one."""
        message = opened(self, request, object_id)
        if not may_operate(request):
            raise PermissionDenied
        text = _editable(message)
        if text is None:
            self.message_user(request, _("Only text of up to 1 MB in UTF-8 can be edited here."), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:cargo_inboundmessage_change", args=[message.pk]))
        form = EditForm(request.POST or None, initial={"text": text})
        if request.method == "POST" and form.is_valid():
            received = _send_anew(message, _as_before(form.cleaned_data["text"], text))
            if not received.duplicate:
                self.log_change(request, message, _("Sent anew as message %(number)d.") % {"number": received.id})
                self.message_user(request, _("The new message was received."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:cargo_inboundmessage_change", args=[received.id]))
            told = _("Exactly this text was received before, as message %(number)d.") % {"number": received.id}
            form.add_error("text", told)
        return form_page(
            self,
            request,
            message,
            form,
            title=_("Edit and send anew"),
            explanation=_("The message stays as it is. What you send is a new message of the same source."),
            submit=_("Send"),
        )


@admin.register(QuarantinedMessage)
class QuarantineAdmin(MessageAdmin):
    """Messages that could not be read, whole or in part, with the reason."""

    list_display = ("id", "received_at", "source", "format", "state", "reason", "name")
    list_filter = ("source", FormatFilter)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundMessage]:
        """Quarantined as a whole, or with a part that could not be read."""
        broken = MessagePart.objects.filter(kind=MessagePart.Kind.PROBLEM).values("message_id")
        return super().get_queryset(request).filter(Q(state=InboundMessage.State.QUARANTINED) | Q(pk__in=broken))


def _marks(message: InboundMessage) -> list[tuple[int, int]]:
    """Begin and end of what could not be read, in a message that is short enough to be looked at."""
    if message.size > EDITABLE_BYTES or not message.format:
        return []
    places = message.parts.filter(kind=MessagePart.Kind.PROBLEM).values_list("position", flat=True)[:MARKED]
    return marked(message.format, bytes(message.body.content), places) if places else []


def _texts(pieces: list[tuple[bytes, bool]]) -> list[tuple[str, bool]]:
    return [(piece.decode("utf-8", "replace"), mark) for piece, mark in pieces]


def _editable(message: InboundMessage) -> str | None:
    if message.size > EDITABLE_BYTES:
        return None
    try:
        text = bytes(message.body.content).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _as_before(text: str, original: str) -> str:
    """A browser sends CR LF for every end of line, whatever the text had."""
    return text if "\r\n" in original else text.replace("\r\n", "\n")


def _send_anew(message: InboundMessage, text: str) -> Received:
    with transaction.atomic():
        received = receive(
            message.source_id,
            text.encode("utf-8"),
            media_type=message.media_type,
            name=message.name,
            silent=message.silent,
        )
        if not received.duplicate:
            InboundMessage.objects.filter(pk=received.id).update(replaces_id=message.pk)
    if not received.duplicate:
        tasks.wake_inbox()
    return received
