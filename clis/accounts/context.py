"""What every page knows of the person who reads it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clis.accounts.models import Membership, Organization
from clis.accounts.scoping import Viewer, memberships_of, viewer_of


def person(request: HttpRequest) -> dict[str, Any]:
    """``viewer``, ``memberships``, ``organization`` (the one acted for, or None) and ``languages``.

    All lazy: a page that shows none of it makes no query, and one that shows all of it makes one.
    """
    return {
        "viewer": SimpleLazyObject(partial(viewer_of, request)),
        "memberships": SimpleLazyObject(partial(_memberships, request)),
        "organization": SimpleLazyObject(partial(_organization, request)),
        "languages": settings.LANGUAGES,
    }


def _memberships(request: HttpRequest) -> list[Membership]:
    return memberships_of(request)


def _organization(request: HttpRequest) -> Organization | None:
    viewer: Viewer = viewer_of(request)
    for membership in _memberships(request):
        if membership.organization_id == viewer.organization_id:
            return membership.organization
    return None
