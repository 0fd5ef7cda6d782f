"""The operator's view of notices: what is stuck, and why. Deliveries and tries are written by the machine alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.mail_callbacks import LIFTED_BY_STAFF, lift_bounces
from notifications.models import Attempt, Branding, Channel, Delivery, Letter, Subscription, Suppression
from notifications.models.branding_rules import LOGO_BYTES, check_logo
from notifications.render.branding import forget


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):
    """Channels can be switched off here, and nothing about them can be verified by hand."""

    list_display = ("address", "kind", "organization", "user", "verified_at", "disabled_at")
    list_filter = ("kind", "organization")
    search_fields = ("address", "user__email")
    readonly_fields = ("organization", "user", "kind", "address", "verified_at", "created_at")
    list_select_related = ("organization", "user")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An address is entered by whom it belongs to."""
        return False


class ReadOnlyAdmin(admin.ModelAdmin):
    """Looked at, not changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is the record of what people were told."""
        return False


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Who asked to hear of what."""

    list_display = ("channel", "shipment", "matrix", "created_at", "ended_at")
    list_select_related = ("channel", "shipment")


class AttemptInline(admin.TabularInline):
    """Every try of a delivery."""

    model = Attempt
    extra = 0
    fields = readonly_fields = ("started_at", "finished_at", "outcome", "detail", "provider_id")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What is owed, was sent, or failed."""

    list_display = ("id", "update", "channel", "state", "attempts", "next_attempt_at", "reason")
    list_filter = ("state", "kind")
    list_select_related = ("update", "channel")
    inlines = (AttemptInline,)
    show_full_result_count = False


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Addresses that nothing is sent to. Who proves one anew by its code lifts it; of a bounce staff may as well."""

    list_display = ("address", "kind", "reason", "detail", "created_at", "lifted_at")
    list_filter = ("kind", "reason")
    search_fields = ("address",)
    fields = ("address", "kind", "reason", "detail", "created_at", "lifted_at")
    actions = ("lift",)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered: to whom suppressions are given to change, though no field of one can be."""
        return request.user.has_perm("notifications.change_suppression")

    @admin.action(description=_("Lift what bounces began"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        """For a mailbox that was mended. A complaint, an unsubscription or a STOP is its owner's own word."""
        theirs = queryset.exclude(reason__in=LIFTED_BY_STAFF).filter(lifted_at__isnull=True).count()
        lifted = lift_bounces(queryset, timezone.now())
        if lifted and request.user.pk:
            LogEntry.objects.log_actions(request.user.pk, lifted, CHANGE, "Lifted.")
        count = len(lifted)
        text = ngettext("%(count)d address is told again.", "%(count)d addresses are told again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if lifted else messages.WARNING)
        if theirs:
            text = ngettext(
                "%(count)d stays: its owner complained, unsubscribed or said STOP, and only he takes that back.",
                "%(count)d stay: their owners complained, unsubscribed or said STOP, and only they take that back.",
                theirs,
            )
            self.message_user(request, text % {"count": theirs}, messages.ERROR)


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    """What the system itself owes by mail: endpoints that are off, limits that were reached."""

    list_display = ("reference", "address", "subject", "attempts", "next_attempt_at", "sent_at", "reason")
    search_fields = ("address",)
    fields = (
        "reference", "address", "language", "subject", "text", "page", "attempts", "created_at", "next_attempt_at",
        "sent_at", "reason",
    )  # fmt: skip
    show_full_result_count = False


class BrandingForm(forms.ModelForm):
    """What the rules of ``Branding.clean`` let through; the logo comes as a file, by its bytes and not by its name."""

    upload = forms.FileField(label=_("Logo"), required=False, help_text=_("A PNG or JPEG of at most 100 kB."))
    no_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    class Meta:
        model = Branding
        fields = ("name", "short_name", "colour", "sender", "reply_to", "address", "foot")

    def clean(self) -> dict[str, Any]:
        """Reads no more of the file than a logo may have."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        upload = data.get("upload")
        if upload:
            content = upload.read(LOGO_BYTES + 1)
            try:
                check_logo(content)
            except ValidationError as error:
                self.add_error("upload", error)
            else:
                self.instance.logo = content
        elif data.get("no_logo"):
            self.instance.logo = None
        return data


@admin.register(Branding)
class BrandingAdmin(admin.ModelAdmin):
    """How the operator's messages look: one row, which is changed and never removed."""

    form = BrandingForm
    list_display = ("__str__", "colour", "sender", "reply_to", "address")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one: where it is there, it is changed. (Asked here, since the permission is asked on every page.)"""
        if Branding.objects.exists():
            return redirect("admin:notifications_branding_change", 1)
        return super().add_view(request, form_url, extra_context)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Empty fields are as none."""
        return False

    def save_model(self, request: HttpRequest, obj: Branding, form: Any, change: bool) -> None:
        """The next mail looks so; mails of other processes do within half a minute."""
        obj.pk = 1
        super().save_model(request, obj, form, change)
        forget()
