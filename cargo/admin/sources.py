"""Where messages come from, and the keys by which they are pushed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cargo.admin.common import ReadOnlyInline, form_page, link, opened
from cargo.admin.intakes import IntakeInline
from cargo.admin.secrets import SecretForm, SecretInline, address, issue
from cargo.formats import FORMATS
from cargo.models import Source, SourceKey
from clis.accounts.forms import ApiKeyForm
from clis.accounts.models import ApiKey, Organization, time_zone_names

PUSH = "messages:write"


class SourceForm(forms.ModelForm):
    """A source; formats and zones are chosen, not typed."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        required=False,
        choices=lambda: [("", gettext_lazy("told apart by content")), *((n, f.title) for n, f in FORMATS.items())],
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of bare times"),
        required=False,
        choices=lambda: [("", "---------"), *((name, name) for name in time_zone_names())],
    )

    class Meta:
        model = Source
        fields: ClassVar[list[str]] = [
            "name",
            "slug",
            "kind",
            "organization",
            "rank",
            "format",
            "time_zone",
            "expected_every",
            "acknowledges",
            "active",
        ]


class KeyInline(ReadOnlyInline):
    """The source's push keys. A key is revoked on its own page."""

    model = SourceKey
    fields = readonly_fields = ("key_link", "organization", "created", "expires", "revoked", "used")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their keys, in one statement."""
        return super().get_queryset(request).select_related("key__organization")

    @admin.display(description=gettext_lazy("API key"))
    def key_link(self, row: SourceKey) -> SafeString:
        """To the key."""
        return link(row.key)

    @admin.display(description=gettext_lazy("organization"))
    def organization(self, row: SourceKey) -> str:
        """Whose key it is."""
        return row.key.organization.name

    @admin.display(description=gettext_lazy("created"))
    def created(self, row: SourceKey) -> Any:
        """When it was issued."""
        return row.key.created_at

    @admin.display(description=gettext_lazy("expires"))
    def expires(self, row: SourceKey) -> Any:
        """When it ends by itself."""
        return row.key.expires_at

    @admin.display(description=gettext_lazy("revoked"))
    def revoked(self, row: SourceKey) -> Any:
        """When it was taken back."""
        return row.key.revoked_at

    @admin.display(description=gettext_lazy("last used"))
    def used(self, row: SourceKey) -> Any:
        """When something was last pushed with it."""
        return row.key.last_used_at


class PushKeyForm(forms.Form):
    """A new push key: what it may do is settled, so only its name, owner and life are asked."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("Which program uses it."))
    organization = forms.ModelChoiceField(
        Organization.objects.all(),
        label=gettext_lazy("Organization"),
        help_text=gettext_lazy("Who sends; for a shared source the operator or the carrier."),
    )
    lifetime = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"), choices=ApiKeyForm.LIFETIMES, coerce=int, initial=365
    )

    def __init__(self, source: Source, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if source.organization_id is not None:
            own = Organization.objects.filter(pk=source.organization_id)
            self.fields["organization"] = forms.ModelChoiceField(
                own, label=gettext_lazy("Organization"), initial=source.organization_id, empty_label=None
            )


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    """Sources. One that has sent is switched off, never deleted: its messages and events name it."""

    form = SourceForm
    list_display = ("name", "slug", "kind", "organization", "format", "rank", "active")
    list_filter = ("kind", "active")
    list_select_related = ("organization",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("organization",)

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        """Whose source it is decides which shipments its events reach: that stays as it was."""
        return ("slug", "organization") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Source | None = None) -> dict[str, Any]:
        """Only while the short name can still be chosen."""
        return {} if obj else {"slug": ("name",)}

    def get_inlines(self, request: HttpRequest, obj: Source | None) -> list[Any]:
        """A source that does not exist yet has no keys."""
        return [KeyInline, SecretInline, IntakeInline] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Switch it off instead."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Beside Django's pages: the forms for a push key and a signing secret."""
        view = self.admin_site.admin_view
        own = [
            path("<path:object_id>/issue-key/", view(self.issue_key), name="cargo_source_issue_key"),
            path("<path:object_id>/issue-secret/", view(self.issue_secret), name="cargo_source_issue_secret"),
        ]
        return own + super().get_urls()

    def issue_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A key that belongs to this source alone. Its text is in the answer and nowhere else."""
        source = opened(self, request, object_id)
        if not request.user.has_perms(("cargo.change_source", "accounts.add_apikey")):
            raise PermissionDenied
        form = PushKeyForm(source, request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return form_page(
                self,
                request,
                source,
                form,
                title=_("Issue a push key"),
                explanation=_("Whatever is pushed with this key enters through this source."),
                submit=_("Issue"),
            )
        data = form.cleaned_data
        with transaction.atomic():
            key, text = ApiKey.issue(
                data["organization"],
                data["name"],
                [PUSH],
                expires_at=timezone.now() + timedelta(days=data["lifetime"]),
                created_by=request.user,
            )
            SourceKey.objects.create(key=key, source=source)
            self.log_change(request, source, _("Push key %(prefix)s issued.") % {"prefix": key.prefix})
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "key": key,
            "issued": text,
            "title": _("The new key"),
        }
        return TemplateResponse(request, "accounts/admin_key_issued.html", context)

    def issue_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What a partner signs with. Its text is in the answer and nowhere else."""
        source = opened(self, request, object_id)
        if not request.user.has_perms(("cargo.change_source", "cargo.add_sourcesecret")):
            raise PermissionDenied
        form = SecretForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return form_page(
                self,
                request,
                source,
                form,
                title=_("Issue a signing secret"),
                explanation=_("For a partner that signs what it pushes, or a carrier that calls back."),
                submit=_("Issue"),
            )
        secret, text = issue(source, form.cleaned_data, timezone.now())
        self.log_change(request, source, _("Signing secret %(name)s issued.") % {"name": secret})
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": source,
            "issued": "" if form.cleaned_data["given"] else text,
            "address": address(secret),
            "title": _("The new signing secret"),
        }
        return TemplateResponse(request, "admin/cargo/secret_issued.html", context)
