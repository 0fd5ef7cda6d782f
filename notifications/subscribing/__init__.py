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
from notifications.subscribing.channels import (
    add_channel,
    erase,
    normalize,
    own_email_channel,
    remove_channel,
    send_code,
    set_channel,
    verify,
)
from notifications.subscribing.connecting import connect_browser, connect_chat, disconnect_browser
from notifications.subscribing.following import (
    Followed,
    Following,
    Invitation,
    confirm_following,
    end_follower,
    following,
    invitation,
    invite_follower,
    set_following,
    stop_following,
)
from notifications.subscribing.listed import CODES, checked, in_list, lasts, named, numbered
from notifications.subscribing.muting import Wider, stop_many, wider
from notifications.subscribing.redelivery import redeliver
from notifications.subscribing.refusals import in_words
from notifications.subscribing.subscriptions import (
    Many,
    change_subscription,
    channel_of_token,
    subscribe,
    subscribe_many,
    unsubscribe,
    unsubscribe_by_token,
    unsubscribe_many,
)

__all__ = [
    "CODES",
    "Followed",
    "Following",
    "ForbiddenError",
    "FullError",
    "Invitation",
    "Many",
    "NotFoundError",
    "SubscribingError",
    "TooManyError",
    "Wider",
    "add_channel",
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
    "following",
    "in_list",
    "in_words",
    "invitation",
    "invite_follower",
    "lasts",
    "named",
    "numbered",
    "normalize",
    "organization_of",
    "own_email_channel",
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
