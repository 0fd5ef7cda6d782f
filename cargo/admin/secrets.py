"""What partners sign with: made here or given by them, shown once, two live at a time, ended by hand or by date."""

from __future__ import annotations

import base64
import os
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cargo.admin.common import ReadOnlyAdmin, ReadOnlyInline, link
from cargo.domain.signing import keys_of
from cargo.formats.dcsa.signature import LONGEST_SECRET, SHORTEST_SECRET
from cargo.models import Source, SourceSecret
from clis.sealing import seal

LIVE_AT_ONCE = 2
SHORTEST_GIVEN = 16


class SecretForm(forms.Form):
    """A new signing secret. A partner that prescribes its own gives it; else one is made."""

    scheme = forms.ChoiceField(label=_("Scheme"), choices=SourceSecret.Scheme.choices)
    label = forms.CharField(label=_("Label"), max_length=80, required=False, help_text=_("Who or what signs with it."))
    subscription = forms.CharField(
        label=_("Subscription ID"),
        max_length=100,
        required=False,
        help_text=_("DCSA only: notifications must carry this Subscription-ID. Empty: any."),
    )
    given = forms.CharField(
        label=_("Secret of the partner"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Only if the partner prescribes it. Empty: a new one is made and shown once."),
    )
    older = forms.TypedChoiceField(
        label=_("The one before"),
        coerce=lambda text: int(text) if text else None,
        empty_value=None,
        required=False,
        initial="24",
        choices=[
            ("24", _("ends in 24 hours")),
            ("168", _("ends in 7 days")),
            ("0", _("ends now")),
            ("", _("stays valid")),
        ],
        help_text=_("Two of a scheme are valid at a time, so that the partner can change without a gap."),
    )

    def clean(self) -> dict[str, Any]:
        """Short ones can be guessed from one signature; DCSA prescribes the length."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("given"):
            return data
        lengths = [len(key) for key in keys_of(data["given"])]
        if data.get("scheme") == SourceSecret.Scheme.DCSA:
            if not any(SHORTEST_SECRET <= length <= LONGEST_SECRET for length in lengths):
                self.add_error("given", _("DCSA secrets have 32 to 64 bytes, written in base64 or as they are."))
        elif not lengths or max(lengths) < SHORTEST_GIVEN:
            self.add_error("given", _("At least %(count)d characters.") % {"count": SHORTEST_GIVEN})
        return data


def made(scheme: str) -> str:
    """A new secret as its senders expect it: Standard Webhooks' ``whsec_`` of 32 bytes; DCSA's base64 of 48 bytes."""
    if scheme == SourceSecret.Scheme.DCSA:
        return base64.b64encode(os.urandom(48)).decode()
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


@transaction.atomic
def issue(source: Source, data: dict[str, Any], now: datetime) -> tuple[SourceSecret, str]:
    """The new secret and its text. The one before ends as ``data["older"]`` says (hours), and any before that now."""
    text = data["given"] or made(data["scheme"])
    live = live_secrets(now).filter(source=source, scheme=data["scheme"]).order_by("-created_at", "-pk")
    before = list(live.values_list("pk", flat=True))
    SourceSecret.objects.filter(pk__in=before[LIVE_AT_ONCE - 1 :]).update(expires_at=now)
    if before and data["older"] is not None:
        ends = now + timedelta(hours=data["older"])
        sooner = Q(expires_at=None) | Q(expires_at__gt=ends)
        SourceSecret.objects.filter(sooner, pk=before[0]).update(expires_at=ends)
    secret = SourceSecret.objects.create(
        source=source,
        scheme=data["scheme"],
        label=data["label"],
        subscription=data["subscription"],
        sealed=seal(text),
        created_at=now,
    )
    return secret, text


def live_secrets(now: datetime) -> QuerySet[SourceSecret]:
    """Those that are good at that instant."""
    return SourceSecret.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now))


def address(secret: SourceSecret) -> str:
    """Where what is signed with it is sent."""
    name = "dcsa_callback" if secret.scheme == SourceSecret.Scheme.DCSA else "api:signed_messages"
    return f"{settings.BASE_URL}{reverse(name, args=[secret.source.slug])}"


class SecretInline(ReadOnlyInline):
    """The source's signing secrets; never their text."""

    model = SourceSecret
    fields = readonly_fields = ("secret_link", "scheme", "subscription", "created_at", "expires_at", "live")

    @admin.display(description=_("signing secret"))
    def secret_link(self, row: SourceSecret) -> SafeString:
        """To its page."""
        return link(row)

    @admin.display(description=_("valid"), boolean=True)
    def live(self, row: SourceSecret) -> bool:
        """Whether it is good now."""
        return row.expires_at is None or row.expires_at > timezone.now()


@admin.register(SourceSecret)
class SecretAdmin(ReadOnlyAdmin):
    """Signing secrets of all sources. New ones are issued on the source's page."""

    list_display = ("id", "source", "scheme", "label", "subscription", "created_at", "expires_at")
    list_filter = ("scheme", "source")
    list_select_related = ("source",)
    search_fields = ("label", "subscription", "source__name", "source__slug")
    fields = readonly_fields = ("source", "scheme", "label", "subscription", "address", "created_at", "expires_at")
    actions = ("end",)

    @admin.display(description=_("address"))
    def address(self, secret: SourceSecret) -> str:
        """Where the partner sends to."""
        return address(secret)

    @admin.action(description=_("End now"), permissions=["operate"])
    def end(self, request: HttpRequest, queryset: QuerySet[SourceSecret]) -> None:
        """Refused from the next push on."""
        now = timezone.now()
        chosen = list(queryset.filter(Q(expires_at=None) | Q(expires_at__gt=now)))
        SourceSecret.objects.filter(pk__in=[secret.pk for secret in chosen]).update(expires_at=now)
        for secret in chosen:
            self.log_change(request, secret, "Ended.")
        count = len(chosen)
        text = ngettext("%(count)d secret has ended.", "%(count)d secrets have ended.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS)
