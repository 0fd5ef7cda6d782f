"""Who may see what, in one place.

A shipment has several clients, so whose a row is means *being a party to it*. Each model carries
``scope``: a lookup to an organization (``"parties__organization"``), ``SHARED`` for reference data,
or ``STAFF`` for what clients never see. ``visible_to`` turns it into a filter; no viewer, no rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest

if TYPE_CHECKING:
    from clis.accounts.models import Membership, User

SHARED = "shared"
STAFF = "staff"
SCOPED_APPS = ("accounts", "cargo", "notifications")
ORGANIZATION_IN_SESSION = "organization"

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Viewer:
    """Who is asking. ``organization_id`` is the one acted for; a key has scopes and no user."""

    user_id: int | None = None
    organization_id: int | None = None
    role: str | None = None
    is_staff: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)
    key_id: int | None = None

    @property
    def may_write(self) -> bool:
        """Members and organization admins write; viewers read."""
        return self.is_staff or self.role in ("admin", "member") or self.key_id is not None

    def may(self, scope: str, *, writes: bool) -> bool:
        """A key needs the scope; a person needs a membership, and for writing one that is not read-only."""
        if self.key_id is not None:
            return scope in self.scopes
        return self.may_write or (self.role is not None and not writes)


NOBODY = Viewer()


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of a request: its API key if it came with one, else the signed-in person, else nobody.

    A person's viewer is kept on the request, and only for that person: a page may ask before the API has
    authenticated a key, and a key must never be given what was worked out for the session.
    """
    viewer = getattr(getattr(request, "auth", None), "viewer", None)
    if isinstance(viewer, Viewer):
        return viewer
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_active:
        return NOBODY
    known: Viewer | None = getattr(request, "_clis_viewer", None)
    if known is None or known.user_id != user.pk:
        known = _viewer_of_person(request, user)
        request._clis_viewer = known  # type: ignore[attr-defined]
    return known


def _viewer_of_person(request: HttpRequest, user: User) -> Viewer:
    membership = _membership(request)
    return Viewer(
        user_id=user.pk,
        organization_id=membership.organization_id if membership else None,
        role=membership.role if membership else None,
        is_staff=bool(user.is_staff),
    )


def _membership(request: HttpRequest) -> Membership | None:
    memberships = memberships_of(request)
    wanted = request.session.get(ORGANIZATION_IN_SESSION) if hasattr(request, "session") else None
    for membership in memberships:
        if membership.organization_id == wanted:
            return membership
    return memberships[0] if memberships else None


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The memberships of the signed-in person, by organization name; one query a request."""
    person = request.user.pk
    if person is None:
        return []
    known: tuple[int, list[Membership]] | None = getattr(request, "_clis_memberships", None)
    if known is None or known[0] != person:
        from clis.accounts.models import Membership

        rows = Membership.objects.filter(user_id=person).select_related("organization")
        known = (person, list(rows.order_by("organization__name", "pk")))
        request._clis_memberships = known  # type: ignore[attr-defined]
    return known[1]


def visible_to(queryset: models.QuerySet[M], viewer: Viewer) -> models.QuerySet[M]:
    """Only the rows that the viewer may see. A subquery, not a join: no DISTINCT is needed."""
    scope: str = queryset.model.scope  # type: ignore[attr-defined]
    if viewer.is_staff and viewer.user_id is not None:
        return queryset
    if viewer.organization_id is None or scope == STAFF:
        return queryset.none()
    if scope == SHARED:
        return queryset
    if scope == "organization":
        return queryset.filter(organization_id=viewer.organization_id)
    allowed = queryset.model._default_manager.filter(**{scope: viewer.organization_id}).values("pk")
    return queryset.filter(pk__in=allowed)


def check_scopes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """System check: every model of ours says whose its rows are (accounts.E001), and its lookup leads to an
    organization (accounts.E002)."""
    problems: list[CheckMessage] = []
    for label in SCOPED_APPS:
        for model in apps.get_app_config(label).get_models():
            problems += check_scope(model)
    return problems


def check_scope(model: type[models.Model]) -> list[CheckMessage]:
    """What is wrong with one model's ``scope``: a list of one error, or an empty one."""
    scope = getattr(model, "scope", None)
    hint = "Set `scope` to a lookup of an organization, SHARED or STAFF."
    if not isinstance(scope, str) or not scope:
        return [Error(f"{model.__name__} does not say whose its rows are", hint=hint, obj=model, id="accounts.E001")]
    if scope in (SHARED, STAFF) or _leads_to_an_organization(model, scope):
        return []
    text = f"{model.__name__}.scope = {scope!r} does not lead to an organization"
    return [Error(text, hint=hint, obj=model, id="accounts.E002")]


def _leads_to_an_organization(model: type[models.Model], lookup: str) -> bool:
    organization = apps.get_model("accounts", "Organization")
    here: Any = model
    for name in lookup.split("__"):
        if here is organization and name in ("id", "pk"):
            return True
        try:
            here = here._meta.get_field(name).related_model
        except (FieldDoesNotExist, AttributeError):
            return False
    return here is organization
