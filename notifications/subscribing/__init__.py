"""What people write: add and verify a channel, subscribe, follow, unsubscribe.

Every function takes the viewer first and answers ``NotFoundError`` for what that viewer may not see, so that a
stranger's number looks like one that does not exist. A channel belongs to a person or, without one, to the
organization; only its person, an organization admin or a key of the organization changes it. What a link in a message
may do takes its token instead: the signature says that the address got it.
"""

from __future__ import annotations

from notifications.subscribing.access import (
    ForbiddenError,
    FullError,
    NotFoundError,
    SubscribingError,
    TooManyError,
    channel_of,
    organization_of,
    shipment,
)
from notifications.subscribing.addresses import normalize
from notifications.subscribing.cargo_state import CargoState, cargo_state
from notifications.subscribing.channels import (
    add_channel,
    erase,
    find_or_add_channel,
    own_email_channel,
    remove_channel,
    send_code,
    set_channel,
    verify,
)
from notifications.subscribing.connecting import (
    connect_browser,
    connect_chat,
    disconnect_browser,
    find_or_connect_chat,
)
from notifications.subscribing.following import (
    Followed,
    Following,
    end_follower,
    following,
    set_following,
    stop_following,
)
from notifications.subscribing.inviting import (
    Invitation,
    PastInvitation,
    confirm_following,
    invitation,
    invite_follower,
    past_invitation,
)
from notifications.subscribing.listed import CODES, checked, in_list, lasts, named, numbered
from notifications.subscribing.muting import Wider, stop_many, wider
from notifications.subscribing.redelivery import redeliver
from notifications.subscribing.refusals import in_words
from notifications.subscribing.subscriptions import (
    Many,
    change_subscription,
    channel_of_token,
    is_told,
    subscribe,
    subscribe_many,
    unsubscribe,
    unsubscribe_by_token,
    unsubscribe_many,
)

__all__ = [
    "CODES",
    "CargoState",
    "Followed",
    "Following",
    "ForbiddenError",
    "FullError",
    "Invitation",
    "Many",
    "NotFoundError",
    "PastInvitation",
    "SubscribingError",
    "TooManyError",
    "Wider",
    "add_channel",
    "cargo_state",
    "change_subscription",
    "channel_of",
    "channel_of_token",
    "checked",
    "confirm_following",
    "connect_browser",
    "connect_chat",
    "disconnect_browser",
    "end_follower",
    "erase",
    "find_or_add_channel",
    "find_or_connect_chat",
    "following",
    "in_list",
    "in_words",
    "is_told",
    "invitation",
    "invite_follower",
    "lasts",
    "named",
    "numbered",
    "normalize",
    "organization_of",
    "own_email_channel",
    "past_invitation",
    "redeliver",
    "remove_channel",
    "send_code",
    "set_channel",
    "set_following",
    "shipment",
    "stop_following",
    "stop_many",
    "subscribe",
    "subscribe_many",
    "unsubscribe",
    "unsubscribe_by_token",
    "unsubscribe_many",
    "verify",
    "wider",
]
