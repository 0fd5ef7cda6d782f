"""What a request may do, before anything is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from clis.accounts.scoping import viewer_of

if TYPE_CHECKING:
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """Default deny. A view declares ``required_scopes``: one scope, or a scope per method.

    A key needs the scope. A signed-in person needs a membership, and for writing the role of a member or an
    organization admin; the operator's staff may do everything. A method without a scope is refused to all,
    and HEAD and OPTIONS follow GET.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Decided from the viewer and the view alone, never from the object: so a refusal tells nothing of it."""
        method = request.method or ""
        if method != "OPTIONS" and not hasattr(view, method.lower()):
            return True  # Django REST framework answers 405, the same to everybody.
        scope = required_scope(view, method)
        if scope is None:
            return False
        return viewer_of(request).may(scope, writes=method not in SAFE_METHODS)


def required_scope(view: APIView | type[APIView], method: str) -> str | None:
    """The scope that the view declares for that method, or None if it declares none."""
    declared: Any = getattr(view, "required_scopes", None)
    if isinstance(declared, Mapping):
        name = "GET" if method in ("HEAD", "OPTIONS") and method not in declared else method
        scope = declared.get(name)
        if scope is None and method == "OPTIONS":
            scope = next(iter(declared.values()), None)
        return scope
    return declared if isinstance(declared, str) else None
