"""What people read of channels, subscriptions and deliveries. The viewer comes first, everywhere."""

from __future__ import annotations

from notifications.models import KINDS
from notifications.selectors.channels import ChannelRow, Suppressed, Telling, channel, channels, telling
from notifications.selectors.deliveries import (
    CHANNEL_KINDS,
    LOGGED,
    STATES,
    AttemptRow,
    DeliveryRow,
    Wanted,
    attempts,
    deliveries,
    delivery,
    why,
)
from notifications.selectors.subscriptions import (
    PAGE,
    PAGE_MAX,
    FollowerRow,
    MatrixGroup,
    MatrixRow,
    SubscriptionRow,
    effective,
    followers,
    matrix_of,
    subscription,
    subscriptions,
)
from notifications.selectors.words import (
    FILTERS,
    ROLES,
    Why,
    channel_kind_words,
    filter_text,
    kind_text,
    mode_text,
    reason_text,
    state_words,
)

KIND_CODES = tuple(KINDS)


def kinds() -> list[tuple[str, str]]:
    """What one can be told, with its words."""
    return [(kind, str(words)) for kind, words in KINDS.items()]


__all__ = [
    "CHANNEL_KINDS",
    "FILTERS",
    "KIND_CODES",
    "LOGGED",
    "PAGE",
    "PAGE_MAX",
    "ROLES",
    "STATES",
    "AttemptRow",
    "ChannelRow",
    "DeliveryRow",
    "FollowerRow",
    "MatrixGroup",
    "MatrixRow",
    "SubscriptionRow",
    "Suppressed",
    "Telling",
    "Wanted",
    "Why",
    "attempts",
    "channel",
    "channel_kind_words",
    "channels",
    "deliveries",
    "delivery",
    "effective",
    "filter_text",
    "followers",
    "kind_text",
    "kinds",
    "matrix_of",
    "mode_text",
    "reason_text",
    "state_words",
    "subscription",
    "subscriptions",
    "telling",
    "why",
]
