"""Target times: what an organization wants each stage to take at most. Whoever may write for it sets them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cargo.models import TargetTime, bulk
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer, visible_to

# Each is a case in the statement that counts what was met.
MAX_TARGETS = 200


class TooManyTargets(Exception):
    """The organization has ``MAX_TARGETS`` already."""


class NoTarget(Exception):
    """There is none, or it is somebody else's."""


def listed(viewer: Viewer) -> list[TargetTime]:
    """The viewer's targets by stage; of the operator's staff, everybody's."""
    rows = visible_to(TargetTime.objects.select_related("organization"), viewer)
    return list(rows.order_by("stage", "mode", "port", "pk"))


def found(viewer: Viewer, pk: int) -> TargetTime:
    """One of the viewer's targets. Raises ``NoTarget``."""
    target = visible_to(TargetTime.objects.filter(pk=pk), viewer).first()
    if target is None:
        raise NoTarget
    return target


@transaction.atomic
def put(viewer: Viewer, said: dict[str, Any]) -> TargetTime:
    """Sets the target for this ``stage``, ``mode`` and ``port`` (empty: any); one that was there is changed.

    ``seconds`` at most, counted by ``clock``. Raises ``PermissionDenied``, ``TooManyTargets``.
    """
    if viewer.organization_id is None or not viewer.may_write:
        raise PermissionDenied
    if bulk.is_postgres():
        # One at a time, so that the limit holds.
        Organization.objects.select_for_update().get(pk=viewer.organization_id)
    key = {name: said[name] for name in ("stage", "mode", "port")}
    mine = TargetTime.objects.filter(organization_id=viewer.organization_id)
    if not mine.filter(**key).exists() and mine.count() >= MAX_TARGETS:
        raise TooManyTargets
    values = {"seconds": said["seconds"], "clock": said["clock"], "updated_at": timezone.now()}
    target, _made = TargetTime.objects.update_or_create(organization_id=viewer.organization_id, **key, defaults=values)
    return target


def change(viewer: Viewer, pk: int, seconds: int, clock: str) -> TargetTime:
    """Another length. Raises ``NoTarget``, ``PermissionDenied``."""
    target = _own(viewer, pk)
    target.seconds, target.clock, target.updated_at = seconds, clock, timezone.now()
    target.save(update_fields=["seconds", "clock", "updated_at"])
    return target


def drop(viewer: Viewer, pk: int) -> None:
    """Takes it back. Raises ``NoTarget``, ``PermissionDenied``."""
    _own(viewer, pk).delete()


def _own(viewer: Viewer, pk: int) -> TargetTime:
    target = found(viewer, pk)
    if not viewer.may_write:
        raise PermissionDenied
    return target
