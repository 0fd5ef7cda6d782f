"""What may go wrong when people write, and whose a channel or a shipment is."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cargo.models import Shipment
from clis.accounts.scoping import Viewer, visible_to
from notifications.models import Channel


class SubscribingError(Exception):
    """Something that was asked cannot be done; the text is for the person who asked.

    ``field`` is the path of what was wrong in what was given, as in ``matrix.departed``; empty: the whole.
    """

    def __init__(self, text: str, code: str = "invalid", field: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.field = field


class NotFoundError(SubscribingError):
    """Not there, or not this viewer's to see."""

    def __init__(self) -> None:
        super().__init__(_("Not found."), "not_found")


class ForbiddenError(SubscribingError):
    """Seen, but not this viewer's to change."""

    def __init__(self) -> None:
        super().__init__(_("You may not change this."), "forbidden")


class TooManyError(SubscribingError):
    """A limit is reached."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "too_many")


class FullError(TooManyError):
    """A limit that waiting does not change."""


def shipment(viewer: Viewer, shipment_id: int) -> Shipment:
    """The shipment, if the viewer's organization is party to it. Staff who are party to nothing are told nothing."""
    if viewer.organization_id is None:
        raise NotFoundError
    found = Shipment.objects.filter(pk=shipment_id, parties__organization=viewer.organization_id).first()
    if found is None:
        raise NotFoundError
    return found


def organization_of(viewer: Viewer) -> int:
    if viewer.organization_id is None or (viewer.user_id is None and viewer.key_id is None):
        raise ForbiddenError
    return viewer.organization_id


def channel_of(viewer: Viewer, channel_id: int) -> Channel:
    found = Channel.objects.changeable_by(viewer).filter(pk=channel_id).first()
    if found is None:
        seen = visible_to(Channel.objects.filter(pk=channel_id), viewer).exists()
        raise ForbiddenError if seen and not viewer.is_staff else NotFoundError
    return found
