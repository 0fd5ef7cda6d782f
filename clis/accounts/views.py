"""A person's own pages, and an organization's keys."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language as django_set_language

from clis.accounts.forms import ApiKeyForm, ProfileForm
from clis.accounts.models import ApiKey, Membership, Organization, User
from clis.accounts.scoping import ORGANIZATION_IN_SESSION, memberships_of, viewer_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone; links to password and second factor."""
    user = cast(User, request.user)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@login_required
@require_POST
def switch_organization(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organizations: ``organization`` is its id. One that is not one's own is 404."""
    wanted = request.POST.get("organization", "")
    for membership in memberships_of(request):
        if str(membership.organization_id) == wanted:
            request.session[ORGANIZATION_IN_SESSION] = membership.organization_id
            return redirect(_next(request))
    raise Http404


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own view; a signed-in person's choice is kept, since it decides the language of the mails too."""
    language = request.POST.get("language", "")
    user = request.user
    if user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=language)
    return django_set_language(request)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """The organization's keys; a new one is shown in the answer to its form and never again."""
    organization = _administered(request)
    form = ApiKeyForm(request.POST or None)
    issued = None
    if request.method == "POST" and form.is_valid():
        _key, issued = ApiKey.issue(
            organization,
            form.cleaned_data["name"],
            form.cleaned_data["scopes"],
            expires_at=form.expires_at(),
            created_by=request.user,
        )
        form = ApiKeyForm()
    context = {"form": form, "keys": _keys_of(request), "issued": issued, "now": timezone.now()}
    return render(request, "accounts/keys.html", context)


@login_required
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Refused from the next request on. The row stays, so that what the key did can be told."""
    key = get_object_or_404(_keys_of(request), pk=pk)
    _administered(request)
    if _keys_of(request).filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        messages.success(request, _("The key %(name)s is revoked.") % {"name": key.name})
    return redirect("accounts:keys")


def _keys_of(request: HttpRequest) -> QuerySet[ApiKey]:
    """Of the organization acted for, for staff as well: here they act as its member, in the admin as staff."""
    organization_id = viewer_of(request).organization_id
    return ApiKey.objects.filter(organization_id=organization_id) if organization_id else ApiKey.objects.none()


def _administered(request: HttpRequest) -> Organization:
    """The organization acted for, if the person is its admin; else 403, which any member may know."""
    viewer = viewer_of(request)
    for membership in memberships_of(request):
        if membership.organization_id == viewer.organization_id and membership.role == Membership.Role.ADMIN:
            return membership.organization
    raise PermissionDenied


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/"
