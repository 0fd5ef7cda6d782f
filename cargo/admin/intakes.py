"""How messages are fetched: what is looked into, how often, how it went, and one run at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cargo import sources, tasks
from cargo.admin.common import ReadOnlyAdmin, ReadOnlyInline, form_page, link, opened
from cargo.admin.intake_forms import NewIntakeForm, form_of, setting_fields
from cargo.models import Inquiry, Intake
from cargo.sources import WAYS, Outcome

# How long a run may take while somebody waits for the page; the rest comes with the next run.
TRY_FOR = timedelta(seconds=15)


class IntakeInline(ReadOnlyInline):
    """The source's intakes, with how they went."""

    model = Intake
    fields = readonly_fields = ("intake_link", "active", "every", "next_at", "succeeded_at", "failures", "error")

    @admin.display(description=gettext_lazy("intake"))
    def intake_link(self, row: Intake) -> SafeString:
        """To its page."""
        return link(row, row.get_way_display())


@admin.register(Intake)
class IntakeAdmin(admin.ModelAdmin):
    """Intakes. What a way needs to know is asked by the fields that the way names."""

    list_display = ("id", "source", "way", "profile", "active", "next_at", "succeeded_at", "failures", "error")
    list_filter = ("way", "active", "source")
    list_select_related = ("source",)
    search_fields = ("source__name", "source__slug", "profile", "error")
    autocomplete_fields = ("source",)
    state: ClassVar[tuple[str, ...]] = ("next_at", "succeeded_at", "failures", "error", "cursor", "calls")
    readonly_fields = ("next_at", "succeeded_at", "failures", "error", "cursor", "calls")
    actions = ("run_soon",)

    def get_form(self, request: HttpRequest, obj: Intake | None = None, change: bool = False, **kwargs: Any) -> Any:
        """A new intake has a way first; an intake of a way has its settings."""
        if obj is None:
            return super().get_form(request, obj, change, form=NewIntakeForm, **kwargs)
        if obj.way not in WAYS:
            return super().get_form(request, obj, change, **kwargs)
        return super().get_form(request, obj, change, form=form_of(obj), **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Intake | None = None) -> Any:
        """What was chosen, the settings, how it went."""
        if obj is None:
            return ((None, {"fields": ("source", "way", "every")}),)
        own = setting_fields(obj) if obj.way in WAYS else []
        profile = ("profile",) if obj.way in WAYS and WAYS[obj.way].profiles else ()
        return (
            (None, {"fields": ("source", "way", *profile, "every", "active")}),
            (_("Settings"), {"fields": own}),
            (_("How it went"), {"fields": self.state}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Intake | None = None) -> tuple[str, ...]:
        """Whose messages they are and how they come decides everything else: that stays."""
        return (*self.state, "source", "way") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From a source's page the source is chosen already."""
        return {"every": timedelta(minutes=15), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Intake, form: Any, change: bool) -> None:
        """A new one begins switched off: it has no settings yet."""
        if not change:
            obj.active = False
        else:
            # What was wrong may be mended now.
            obj.next_at, obj.failures = timezone.now(), 0
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Intake, post_url_continue: str | None = None) -> HttpResponse:
        """On to the settings."""
        self.message_user(request, _("Now its settings; switch it on with them."), messages.INFO)
        return HttpResponseRedirect(reverse("admin:cargo_intake_change", args=[obj.pk]))

    def get_urls(self) -> list[URLPattern]:
        """Beside Django's pages: one run at once."""
        own = path("<path:object_id>/try/", self.admin_site.admin_view(self.try_now), name="cargo_intake_try")
        return [own, *super().get_urls()]

    def try_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks, runs, and says what happened."""
        intake = opened(self, request, object_id)
        if not request.user.has_perm("cargo.change_intake"):
            raise PermissionDenied
        if request.method != "POST":
            return form_page(
                self,
                request,
                intake,
                forms.Form(),
                title=_("Try it now"),
                explanation=_("One run, at once, whether or not it is switched on. What it finds is received."),
                submit=_("Try it now"),
            )
        outcome = sources.try_now(intake.pk, TRY_FOR)
        if outcome.result.received:
            tasks.wake_inbox()
        self.log_change(request, intake, "Tried.")
        level, text = _told(outcome)
        self.message_user(request, text, level)
        return HttpResponseRedirect(reverse("admin:cargo_intake_change", args=[intake.pk]))

    @admin.action(description=gettext_lazy("Run soon"), permissions=["change"])
    def run_soon(self, request: HttpRequest, queryset: QuerySet[Intake]) -> None:
        """By the worker, with its next look."""
        count = queryset.filter(active=True).update(next_at=timezone.now())
        text = ngettext("%(count)d intake runs soon.", "%(count)d intakes run soon.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS)


def _told(outcome: Outcome) -> tuple[int, str]:
    """What happened, for the person who tried."""
    if not outcome.ran:
        return messages.WARNING, _("A worker is running it at this moment; look again in a minute.")
    if outcome.error:
        return messages.ERROR, _("It failed: %(reason)s") % {"reason": outcome.error}
    result = outcome.result
    counts = _(
        "It worked. New messages: %(received)d; known already: %(duplicates)d; set aside: %(failed)d; "
        "not complete yet: %(waiting)d."
    ) % {
        "received": result.received,
        "duplicates": result.duplicates,
        "failed": result.failed,
        "waiting": result.waiting,
    }
    return (messages.WARNING if result.notes else messages.SUCCESS), " ".join([counts, *result.notes[:5]])


@admin.register(Inquiry)
class InquiryAdmin(ReadOnlyAdmin):
    """What CLIS asks about, and how the last answer was."""

    list_display = ("subject", "intake", "state", "shipment", "next_at", "answered_at", "failures", "reason")
    list_filter = ("state", "intake__way", "intake__source")
    list_select_related = ("intake__source", "shipment")
    search_fields = ("subject", "reason")
    fields = readonly_fields = (
        "intake",
        "subject",
        "request",
        "shipment",
        "state",
        "next_at",
        "asked_at",
        "answered_at",
        "failures",
        "reason",
    )
    actions = ("ask_soon",)

    @admin.action(description=gettext_lazy("Ask again soon"), permissions=["operate"])
    def ask_soon(self, request: HttpRequest, queryset: QuerySet[Inquiry]) -> None:
        """Done and refused ones, too."""
        count = queryset.update(state=Inquiry.State.ACTIVE, next_at=timezone.now(), failures=0, reason="")
        text = ngettext("%(count)d inquiry is asked soon.", "%(count)d inquiries are asked soon.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
