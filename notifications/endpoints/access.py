"""Which endpoint a viewer may change, and what a stranger is told."""

from __future__ import annotations

from clis.accounts.scoping import Viewer, visible_to
from notifications.models import Channel, Endpoint
from notifications.subscribing import ForbiddenError, NotFoundError


def changeable(viewer: Viewer, endpoint_id: int) -> Endpoint:
    """The endpoint with its channel. Raises ``NotFoundError``; ``ForbiddenError`` where the viewer may only see it."""
    endpoint = Endpoint.objects.filter(pk=endpoint_id).select_related("channel").first()
    if endpoint is None or not visible_to(Endpoint.objects.filter(pk=endpoint_id), viewer).exists():
        raise NotFoundError
    if not Channel.objects.changeable_by(viewer).filter(pk=endpoint_id).exists():
        raise NotFoundError if viewer.is_staff else ForbiddenError
    return endpoint
