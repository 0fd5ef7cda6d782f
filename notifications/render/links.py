"""The links in a message, and the signed tokens that they carry."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import get_script_prefix, reverse
from django.utils.crypto import salted_hmac

from clis.public_address import public_address
from notifications.models import Channel, Delivery

UNSUBSCRIBE_SALT, FOLLOWING_SALT = "notifications.unsubscribe", "notifications.following"


def shipment_link(shipment_id: int) -> str:
    """The shipment's page; for an example, of which there is none, the page that lists them."""
    return f"{public_address()}/shipments/" + (f"{shipment_id}/" if shipment_id else "")


def settings_link(channel: Channel) -> str:
    """Where the reader changes what he is told: a page of his account, or for a follower one that needs none."""
    if channel.follower:
        return _page("following", following_token(channel.pk))
    return _page("settings")


def log_link(channel: Channel) -> str:
    """The page that lists what a channel was told, or for one that is in no table everything; a follower has none but
    that of what he follows."""
    if channel.follower:
        return settings_link(channel)
    return _page("log") + (f"?channel={channel.pk}" if channel.pk else "")


def unsubscribe_link(delivery: Delivery) -> str:
    """The page that ends what caused a delivery."""
    return _page("unsubscribe", unsubscribe_token(delivery))


def unsubscribe_token(delivery: Delivery) -> str:
    """Signed, without an end: the link of an old mail must still work. Names the channel, the shipment and the
    subscription, as far as there is one of each: a digest has but its channel."""
    shipment = delivery.update.shipment_id if delivery.update else None
    return signing.dumps([delivery.channel_id, shipment, delivery.subscription_id], salt=UNSUBSCRIBE_SALT)


def read_unsubscribe_token(token: str) -> tuple[int, int | None, int | None] | None:
    """Channel, shipment and subscription of a token, or None if we did not sign it."""
    try:
        channel, *rest = signing.loads(token, salt=UNSUBSCRIBE_SALT)
        shipment, subscription = (*rest, None, None)[:2]
        return int(channel), _number(shipment), _number(subscription)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def following_token(channel_id: int) -> str:
    """Signed, without an end: by it a follower, who has no account, manages what he is told."""
    return signing.dumps(channel_id, salt=FOLLOWING_SALT)


def read_following_token(token: str) -> int | None:
    """The follower's channel, or None if we did not sign it."""
    try:
        return int(signing.loads(token, salt=FOLLOWING_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def reference_of(delivery: Delivery) -> str:
    """The same at every try, different for every delivery, and not to be guessed from its number."""
    return f"d-{delivery.pk}-{salted_hmac('notifications.reference', str(delivery.pk)).hexdigest()[:16]}"


def thread_of(delivery: Delivery) -> str:
    """The reference of a mail that was never sent, to which all mails of one channel about one shipment answer."""
    if delivery.update is None:
        return ""
    named = f"{delivery.channel_id}:{delivery.update.shipment_id}"
    return f"s-{delivery.update.shipment_id}-{salted_hmac('notifications.thread', named).hexdigest()[:16]}"


def _page(name: str, token: str = "") -> str:
    """The address of a page of ours, by name; a token is of characters that need no quoting."""
    before, after = _around(name, bool(token), get_script_prefix(), settings.ROOT_URLCONF)
    return f"{public_address()}{before}{token}{after}"


# To look a route up costs more than to sign a token, and routes stay.
@lru_cache(maxsize=64)
def _around(name: str, takes_token: bool, prefix: str, routes: str) -> tuple[str, str]:
    """What stands before and after the token. ``prefix`` and ``routes`` are what it depends on."""
    if not takes_token:
        return reverse(f"notifications:{name}"), ""
    before, _, after = reverse(f"notifications:{name}", args=["TOKEN"]).rpartition("TOKEN")
    return before, after
