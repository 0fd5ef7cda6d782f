"""Addresses of calendar feeds: one for each person in an organization, and one for the whole organization.

A calendar program cannot sign in, so the address itself is the permission: it carries a signed secret. A new secret
makes every earlier address worthless; so does the end of a membership.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from cargo.models import CalendarKey
from clis.accounts.models import Membership
from clis.accounts.scoping import Viewer

SALT = "cargo.calendars"
DEFAULT_LANGUAGE = "en"


class Reader(NamedTuple):
    """Whom a feed is for: what may be seen, and in which language."""

    viewer: Viewer
    language: str


def tokens(viewer: Viewer) -> dict[str, str]:
    """The viewer's live tokens by whose they are: ``person`` and, for an organization's admin, ``organization``."""
    if viewer.organization_id is None or viewer.user_id is None:
        return {}
    rows = CalendarKey.objects.filter(organization=viewer.organization_id)
    found = {}
    for key in rows:
        if key.user_id == viewer.user_id:
            found["person"] = token(key)
        elif key.user_id is None and viewer.role == Membership.Role.ADMIN:
            found["organization"] = token(key)
    return found


def renew(viewer: Viewer, *, shared: bool = False) -> str:
    """Makes a token, and the one before it worthless. ``shared``: the whole organization's, which its admin makes.

    Raises ``PermissionDenied`` for a viewer without an organization, or who is not its admin.
    """
    if viewer.organization_id is None or viewer.user_id is None:
        raise PermissionDenied
    if shared and viewer.role != Membership.Role.ADMIN:
        raise PermissionDenied
    whose = {"organization_id": viewer.organization_id, "user_id": None if shared else viewer.user_id}
    new = {"secret": secrets.token_urlsafe(32), "created_at": timezone.now()}
    if not CalendarKey.objects.filter(**whose).update(**new):
        try:
            with transaction.atomic():
                CalendarKey.objects.create(**whose, **new)
        except IntegrityError:  # Another request at the same moment made it.
            CalendarKey.objects.filter(**whose).update(**new)
    return token(CalendarKey.objects.get(**whose))


def revoke(viewer: Viewer, *, shared: bool = False) -> None:
    """Ends a feed; without one nothing happens. Raises as ``renew`` does."""
    if viewer.organization_id is None or viewer.user_id is None:
        raise PermissionDenied
    if shared and viewer.role != Membership.Role.ADMIN:
        raise PermissionDenied
    owner = None if shared else viewer.user_id
    CalendarKey.objects.filter(organization=viewer.organization_id, user=owner).delete()


def token(key: CalendarKey) -> str:
    """What stands in the address."""
    return signing.dumps([key.pk, key.secret], salt=SALT)


def reader_of(text: str) -> Reader | None:
    """Whom a token is for; ``None`` if it is not ours, was replaced, or the person is no member any more."""
    try:
        pk, secret = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    key = CalendarKey.objects.filter(pk=pk).select_related("user").first()
    if key is None or not secrets.compare_digest(key.secret, str(secret)):
        return None
    # Never more than the organization sees, even where the person is of the operator's staff.
    viewer = Viewer(organization_id=key.organization_id, user_id=None)
    if key.user is None:
        return Reader(viewer, DEFAULT_LANGUAGE)
    member = Membership.objects.filter(user=key.user, organization=key.organization_id).exists()
    return Reader(viewer, key.user.language) if member and key.user.is_active else None
