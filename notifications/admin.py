"""The operator's view of notices: what is stuck, and why. Deliveries and tries are written by the machine alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from notifications.models import Attempt, Channel, Delivery, Subscription


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

    list_display = ("channel", "shipment", "kinds", "created_at", "ended_at")
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
