"""What people read of channels, subscriptions and deliveries. The viewer comes first, everywhere."""

from __future__ import annotations

from notifications.selectors.channels import ChannelRow, Suppressed, Telling, channel, channels, tellable, telling
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
)
from notifications.selectors.filters import FILTERS, filter_text
from notifications.selectors.followers import FollowerRow, every_follower, follower, followers
from notifications.selectors.subscriptions import (
    PAGE,
    PAGE_MAX,
    MatrixGroup,
    MatrixRow,
    SubscriptionRow,
    effective,
    ended,
    matrix_of,
    subscription,
    subscriptions,
)
from notifications.selectors.words import (
    ROLES,
    Why,
    channel_kind_words,
    kind_text,
    mode_text,
    reason_text,
    state_words,
)

__all__ = [
    "CHANNEL_KINDS",
    "FILTERS",
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
    "ended",
    "every_follower",
    "filter_text",
    "follower",
    "followers",
    "kind_text",
    "matrix_of",
    "mode_text",
    "reason_text",
    "state_words",
    "subscription",
    "subscriptions",
    "tellable",
    "telling",
]
