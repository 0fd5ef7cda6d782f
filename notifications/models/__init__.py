"""The tables."""

from notifications.kinds import KINDS
from notifications.models.channel import (
    EVERY_WORKING_DAY,
    INVITATION,
    Channel,
    ChannelQuerySet,
    Verification,
    apart,
    mailbox_of,
    recipient_of,
)
from notifications.models.delivery import Attempt, Delivery
from notifications.models.endpoint import Endpoint
from notifications.models.letter import Letter
from notifications.models.retention import RetentionMark
from notifications.models.sending import Branding, Callback, Suppression
from notifications.models.spending import TextBudget
from notifications.models.subscription import EstimateTold, Subscription

__all__ = [
    "Attempt",
    "Branding",
    "Callback",
    "Channel",
    "ChannelQuerySet",
    "Delivery",
    "EVERY_WORKING_DAY",
    "INVITATION",
    "Endpoint",
    "EstimateTold",
    "KINDS",
    "Letter",
    "RetentionMark",
    "Subscription",
    "Suppression",
    "TextBudget",
    "Verification",
    "apart",
    "mailbox_of",
    "recipient_of",
]
