"""How codes read to people: why something was told, why it was not, what a shipment is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import kinds
from notifications.models import Channel, Delivery, Subscription
from notifications.render.codes import REFERENCES
from notifications.selectors.filters import milestone_text

# What an organization is to a shipment, as ``Subscription.roles`` names it.
ROLES: dict[str, object] = {
    "registrant": gettext_lazy("Registered it"),
    "consignee": gettext_lazy("Consignee"),
    "shipper": gettext_lazy("Shipper"),
    "notify": gettext_lazy("Notify party"),
    "forwarder": gettext_lazy("Forwarder"),
    "broker": gettext_lazy("Customs broker"),
    "carrier": gettext_lazy("Carrier"),
    "warehouse": gettext_lazy("Warehouse"),
}
# What was owed and is no kind of news.
DIGEST = "digest"


@dataclass(frozen=True)
class Why:
    """Why a channel was told, or is to be. ``code``: ``shipment``, ``all``, ``filter``, ``role``, ``follower``; empty
    where nobody knows any more. ``subscription_id`` is what ends it, while it is live."""

    code: str
    text: str
    label: str
    subscription_id: int | None
    live: bool


def why_of(subscription: Subscription | None, organization: str) -> Why:
    """Of the subscription of a delivery, whose channel is loaded; ``organization`` is the channel's."""
    if subscription is None:
        return Why("", _("The subscription is not known any more."), "", None, False)
    words = {
        "follower": _("This address asked to follow the shipment."),
        "shipment": _("This channel is subscribed to the shipment."),
        "filter": _("The shipment is in the saved filter “%(label)s”."),
        "role": _("Your organization has one of the roles of “%(label)s”."),
        "all": _("This channel is subscribed to all shipments of %(organization)s."),
    }
    code = why_code(subscription, follower=subscription.channel.follower)
    text = words[code] % {"label": subscription.label, "organization": organization}
    return Why(code, text, subscription.label, subscription.pk, subscription.ended_at is None)


def why_code(subscription: Subscription, *, follower: bool) -> str:
    """What kind of subscription it is, as ``Why.code``."""
    if subscription.shipment_id is not None:
        return "follower" if follower else "shipment"
    if subscription.filter:
        return "filter"
    return "role" if subscription.roles else "all"


def kind_text(kind: str) -> str:
    """A kind of news, of the feed, or the digest in words."""
    if kind == DIGEST:
        return _("Digest")
    return str(kinds.KINDS.get(kind) or kinds.FEED_ONLY.get(kind, kind))


def news_text(kind: str, data: Mapping[str, Any]) -> str:
    """The same of one piece of news, whose ``data`` is its update's: a milestone or an estimate says of what."""
    text = kind_text(kind)
    of = milestone_text(data) if kind in kinds.FEED_ONLY else ""
    return f"{text}: {of}" if of else text


def mode_text(mode: str) -> str:
    """How something is told."""
    words = {kinds.NOW: _("at once"), kinds.DIGEST: _("in the digest"), kinds.OFF: _("not")}
    return words.get(mode, mode)


def reason_text(reason: str) -> str:
    """Why a delivery ended as it did, in the reader's language; a provider's own words stay as they are."""
    words = {
        "superseded": _("It was no longer true when it was to be sent."),
        "channel_off": _("The channel was off."),
        "no_access": _("The organization was no longer party to the shipment, or the person no longer a member."),
        "unsubscribed": _("Unsubscribed before it was sent."),
        "transport_off": _("This kind of channel is not set up here."),
        "bounced": _("It came back."),
        "rejected": _("The provider refused it."),
        "endpoint_off": _("The webhook was switched off before it was sent."),
        "daily_limit": _("The day's limit of texts was reached."),
        "money_limit": _("The day's limit of what texts may cost was reached."),
        "number_limit": _("The day's limit of texts to this number was reached."),
        "range_limit": _("The day's limit of texts to this range of numbers was reached."),
        "country_off": _("Numbers of this country are not texted from here."),
        "country_limit": _("The day's limit of texts to this country was reached."),
        "interrupted": _("The try was interrupted; whether it arrived is not known."),
        "unreadable": _("The update could not be put into words."),
        "suppressed": _("The address wants nothing from us: it bounced, complained or said stop."),
        "restored": _("The system was restored from a backup: it may have been sent before and is not sent again."),
        "empty": _("Nothing of what it would have said was true and wanted any more."),
    }
    return words.get(reason, reason)


def number_of(references: Iterable[Mapping[str, Any]], shipment_id: int) -> str:
    """What a shipment is called: its first number in the order in which people know them.

    ``references``: mappings with ``type`` and ``value``.
    """
    order = list(REFERENCES)
    named = [
        (order.index(str(one.get("type"))), str(one["value"]))
        for one in references
        if str(one.get("type")) in order and one.get("value")
    ]
    return min(named, key=lambda pair: pair[0])[1] if named else f"CLIS {shipment_id}"


def state_words() -> list[tuple[str, str]]:
    """Every state of a delivery, in words."""
    return [(state.value, str(state.label)) for state in Delivery.State]


def channel_kind_words() -> list[tuple[str, str]]:
    """Every kind of channel, in words."""
    return [(kind.value, str(kind.label)) for kind in Channel.Kind]
