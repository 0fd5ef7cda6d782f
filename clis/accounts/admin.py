"""People, organizations and keys, for the operator's staff."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clis.accounts.forms import ApiKeyAdminForm
from clis.accounts.models import ApiKey, Membership, Organization, User


class PersonCreationForm(AdminUserCreationForm):
    """A person is added by address; the password may be left to them."""

    class Meta:
        model = User
        fields = ("email",)


class MembershipInline(admin.TabularInline):
    """The people of an organization, or the organizations of a person."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user", "organization")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """People. Whoever has no password gets one by the invitation's link."""

    add_form = PersonCreationForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "language", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "language")
    search_fields = ("email", "first_name", "last_name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "language", "time_zone")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipInline,)
    actions = ("invite",)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """An address that was taken away opens the account no longer."""
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()

    @admin.action(description=_("Send a link to set the password"), permissions=["change"])
    def invite(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """By mail, to each active person chosen."""
        sent = 0
        for user in queryset.filter(is_active=True):
            form = ResetPasswordForm(data={"email": user.email})
            if form.is_valid():
                form.save(request)
                sent += 1
        text = ngettext("%(count)d mail was sent.", "%(count)d mails were sent.", sent) % {"count": sent}
        self.message_user(request, text, messages.SUCCESS)


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):
    """Organizations and their people."""

    list_display = ("name", "slug", "kind", "created_at")
    list_filter = ("kind",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    """Who works for whom."""

    list_display = ("user", "organization", "role")
    list_filter = ("role",)
    search_fields = ("user__email", "organization__name")
    autocomplete_fields = ("user", "organization")
    list_select_related = ("user", "organization")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys. The text is shown in the answer to the form that made it; the row keeps a hash, which nobody edits."""

    form = ApiKeyAdminForm
    list_display = ("name", "prefix", "organization", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_filter = ("revoked_at",)
    search_fields = ("name", "prefix", "organization__name")
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)
    readonly_fields = ("prefix", "created_at", "created_by", "revoked_at", "last_used_at")
    actions = ("revoke",)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """A key stays with the organization that it was made for."""
        return (*self.readonly_fields, "organization") if obj else self.readonly_fields

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """A new key has no history yet."""
        asked = ("organization", "name", "scopes", "expires_at")
        return (*asked, *self.readonly_fields) if obj else asked

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ModelForm, change: bool) -> None:
        """A new key is issued, so that its text exists for the length of this request alone."""
        if change:
            super().save_model(request, obj, form, change)
            return
        key, text = ApiKey.issue(
            obj.organization, obj.name, obj.scopes, expires_at=obj.expires_at, created_by=request.user
        )
        obj.pk, obj.prefix, obj.digest = key.pk, key.prefix, key.digest
        request.issued_key = text  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """The page that shows the key: in no message, cookie or session, and not kept by the browser."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "key": obj,
            "issued": request.issued_key,  # type: ignore[attr-defined]
            "title": _("The new key"),
        }
        return TemplateResponse(request, "accounts/admin_key_issued.html", context)

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Refused from the next request on."""
        count = queryset.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
        text = ngettext("%(count)d key is revoked.", "%(count)d keys are revoked.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS)
