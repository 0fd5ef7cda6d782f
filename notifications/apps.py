"""The notifications app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from collections.abc import Collection

    from clis.accounts.models import User


class NotificationsConfig(AppConfig):
    """Notifications: channels, subscriptions, deliveries and each try."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clis import lookups, public_address
        from clis.accounts.signals import time_zone_changed
        from notifications.models import handing_on

        lookups.register()
        handing_on.register(_hand_on)
        public_address.register(_operators_address)
        time_zone_changed.connect(_go_by_person, dispatch_uid="notifications.new_hours")


def _operators_address() -> str:
    """Where links begin by the operator's look. Imported when it is asked: few commands render anything."""
    from notifications.render.branding import brand

    return brand().address


def _hand_on(deliveries: Collection[int]) -> None:
    """What one channel may not be told any more is told by another. Imported when it is asked, for the same reason."""
    from notifications.fanout.heirs import hand_on

    hand_on(deliveries)


def _go_by_person(person: User, **_: Any) -> None:
    """What waits moves with its person's clock. Imported when it is asked, for the same reason."""
    from notifications.subscribing.new_hours import go_by_person

    go_by_person(person)
