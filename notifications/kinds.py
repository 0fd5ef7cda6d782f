"""The kinds of news, which of them are critical, and what is told at once, in the digest or not where nobody said.

Tracking updates are what happened to a shipment, as feeds show it. News is what people are told of them: most kinds
are the update's own; of a ``milestone`` only a few are told, under names of their own, and an ``estimate`` of the
arrival at the port of discharge may become ``eta.changed``. A webhook is told the updates themselves.

This is the only place that knows them; a new kind is one line in ``NEWS`` and its words in the templates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

NOW, DIGEST, OFF = "now", "digest", "off"
MODES = (NOW, DIGEST, OFF)
_STRENGTH = {OFF: 0, DIGEST: 1, NOW: 2}
# In a matrix, with ``off``: whatever it does not name, and so what only a later version tells.
ELSE = "*"

CUSTOMS, DEADLINES, MOVEMENT, TROUBLE = "customs", "deadlines", "movement", "trouble"
GROUPS: dict[str, object] = {
    CUSTOMS: _("Customs"),
    DEADLINES: _("Deadlines"),
    MOVEMENT: _("Movement"),
    TROUBLE: _("Exceptions"),
}


class Kind(NamedTuple):
    """A kind of news: its words, its group, and whether it may break quiet hours and the limit of a storm."""

    words: object
    group: str
    critical: bool = False


NEWS: dict[str, Kind] = {
    "customs.held": Kind(_("Held by customs"), CUSTOMS, critical=True),
    "customs.hold_cleared": Kind(_("Customs hold lifted"), CUSTOMS),
    "customs.released": Kind(_("Released by customs"), CUSTOMS),
    "customs.release_revoked": Kind(_("Customs release taken back"), CUSTOMS, critical=True),
    "deadline.near": Kind(_("Deadline near"), DEADLINES, critical=True),
    "deadline.exceeded": Kind(_("Deadline passed"), DEADLINES, critical=True),
    "deadline.set": Kind(_("Deadline set"), DEADLINES),
    "deadline.changed": Kind(_("Deadline changed"), DEADLINES),
    "departed": Kind(_("Departed"), MOVEMENT),
    "eta.changed": Kind(_("Expected arrival changed"), MOVEMENT),
    "arrived": Kind(_("Arrived"), MOVEMENT),
    "discharged": Kind(_("Discharged"), MOVEMENT),
    "available": Kind(_("Available for pickup"), MOVEMENT),
    "gate_out": Kind(_("Gated out"), MOVEMENT),
    "empty_returned": Kind(_("Empty container returned"), MOVEMENT),
    "exception.opened": Kind(_("Exception opened"), TROUBLE),
    "exception.closed": Kind(_("Exception closed"), TROUBLE),
}
KINDS: dict[str, object] = {code: kind.words for code, kind in NEWS.items()}
CRITICAL = frozenset(code for code, kind in NEWS.items() if kind.critical)

# What a feed has and people are not told as it is.
FEED_ONLY: dict[str, object] = {"milestone": _("Milestone"), "estimate": _("Estimate")}
# What a webhook may be told: every update of the feed, and nothing that is not one.
FEED: dict[str, object] = {
    code: words
    for code, words in {**KINDS, **FEED_ONLY}.items()
    if code in FEED_ONLY or NEWS[code].group != MOVEMENT or code == "gate_out"
}

# Milestone of an update -> kind of news.
MOVEMENTS = {
    "departed": "departed",
    "arrived": "arrived",
    "discharged": "discharged",
    "available_for_pickup": "available",
    "empty_returned": "empty_returned",
}
# Exceptions of these kinds are told by news of their own.
TOLD_APART = frozenset({"held", "release_revoked", "deadline_near", "deadline_exceeded"})
ETA = "eta.changed"
RELEASED, REVOKED = "customs.released", "customs.release_revoked"
# Who was told the one is told the other, whatever his filter says by then: the end of what he was told of.
FOLLOWS = {REVOKED: RELEASED, "customs.hold_cleared": "customs.held", "exception.closed": "exception.opened"}

# Channels that have a digest. Elsewhere what would wait for one is not told.
WITH_DIGEST = frozenset({"email"})
# Channels whose address is proved by a code. A browser shows itself by subscribing, a webhook answers a challenge.
BY_CODE = frozenset({"email", "sms", "chat"})
# Channels that fold a storm into one message. A text costs money and has its own daily limits, a program wants each.
WITH_STORMS = frozenset({"email", "chat", "push"})

_HOLDS = ("customs.held", "customs.hold_cleared")
_CLEARANCE = (*_HOLDS, RELEASED, REVOKED)
_RUNNING_OUT = ("deadline.near", "deadline.exceeded")
# One that is set is far off. One that has moved may be nearer than what was planned by.
_DEADLINES = (*_RUNNING_OUT, "deadline.changed")
_REST = ("deadline.set", "departed", "arrived", "discharged", "available", "empty_returned")
_TROUBLE = ("exception.opened", "exception.closed")


def _modes(now: Iterable[str], digest: Iterable[str] = ()) -> dict[str, str]:
    return dict.fromkeys(NEWS, OFF) | dict.fromkeys(digest, DIGEST) | dict.fromkeys(now, NOW)


_OWNER = _modes((*_CLEARANCE, *_DEADLINES, "gate_out", ETA), (*_REST, *_TROUBLE))
# By what the organization is to the shipment, for mails. One with several parts hears by the one that hears more.
ROLE_DEFAULTS: dict[str, dict[str, str]] = {
    # Whose goods they are, and who answers to them for the whole journey.
    "consignee": _OWNER,
    "forwarder": _OWNER,
    "notify": _OWNER,
    # The shipper's part ends with the departure; he answers for papers when customs holds the goods.
    "shipper": _modes((*_CLEARANCE,), (*_RUNNING_OUT, "departed", ETA, "arrived", "gate_out")),
    # Holds and requested documents are the broker's work; the journey is only its calendar.
    "broker": _modes((*_CLEARANCE, *_DEADLINES), (ETA, "arrived", "discharged", "gate_out", "deadline.set", *_TROUBLE)),
    # The carrier knows its own moves; what it cannot see is whether the goods may leave.
    "carrier": _modes((*_CLEARANCE,), (*_RUNNING_OUT,)),
    # May it hand the goods out, and did they go.
    "warehouse": _modes((RELEASED, REVOKED, "gate_out")),
    # The operator's own people look at pages; told is what nobody else can mend.
    "operator": _modes((REVOKED,), (*_HOLDS, RELEASED, *_RUNNING_OUT, *_TROUBLE)),
}
# Who registered a shipment is to it what the organization is.
_BY_ORGANIZATION = {"importer": "consignee"}
_TEXTED = frozenset(_CLEARANCE) | CRITICAL


def of_update(kind: str, data: Mapping[str, Any]) -> str | None:
    """The kind of news that an update is to people, or None. ``data`` as in ``TrackingUpdate``."""
    if kind == "milestone":
        return MOVEMENTS.get(str(data.get("milestone")))
    if kind == "estimate":
        return ETA if data.get("milestone") == "arrived" else None
    if data.get("exception") in TOLD_APART:
        return None
    return kind if kind in NEWS else None


def of_channel(channel_kind: str) -> dict[str, object]:
    """What a channel of this kind may be told, with its words, in the order in which people read it."""
    return FEED if channel_kind == "webhook" else KINDS


def modes_of(channel_kind: str) -> tuple[str, ...]:
    """How a channel of this kind may be told."""
    return MODES if channel_kind in WITH_DIGEST else (NOW, OFF)


def roles_of(party_roles: Iterable[str], organization_kind: str) -> frozenset[str]:
    """What an organization is to a shipment, as ``ROLE_DEFAULTS`` names it: the registrant by its own kind."""
    own = _BY_ORGANIZATION.get(organization_kind, organization_kind)
    return frozenset(own if role == "registrant" else role for role in party_roles)


def default_mode(kind: str, channel_kind: str, roles: Collection[str] = ()) -> str:
    """How this news is told by such a channel to an organization of these roles where its owner said nothing.

    No role that is known: as to the consignee.
    """
    if channel_kind == "webhook":
        return NOW if kind in FEED else OFF
    tables = [ROLE_DEFAULTS[role] for role in roles if role in ROLE_DEFAULTS] or [_OWNER]
    mode = strongest(table[kind] for table in tables) if kind in NEWS else OFF
    if channel_kind == "sms" and kind not in _TEXTED:
        return OFF
    if mode == DIGEST and channel_kind not in WITH_DIGEST:
        return OFF
    return mode


def mode(kind: str, channel_kind: str, matrix: Mapping[str, str], roles: Collection[str] = ()) -> str:
    """How a subscription is told this news: by its matrix, where that is silent by the default.

    A release taken back is told at least as the release is: who trusts the one must hear of the other.
    """
    chosen = _chosen(kind, channel_kind, matrix, roles)
    if kind == REVOKED:
        return strongest((chosen, _chosen(RELEASED, channel_kind, matrix, roles)))
    return chosen


def _chosen(kind: str, channel_kind: str, matrix: Mapping[str, str], roles: Collection[str]) -> str:
    chosen = said(matrix, kind)
    if not chosen:
        return default_mode(kind, channel_kind, roles)
    return NOW if chosen == DIGEST and channel_kind not in WITH_DIGEST else chosen


def said(matrix: Mapping[str, str], kind: str) -> str:
    """What a matrix says of this news, by its name or by ``ELSE``; empty: nothing."""
    return next((one for one in (matrix.get(kind), matrix.get(ELSE)) if one in MODES), "")


def names(matrix: Mapping[str, str], kind: str) -> bool:
    """Whether a matrix leaves nothing of this news to the defaults: of a release taken back, neither of the release."""
    return all(said(matrix, one) for one in ((REVOKED, RELEASED) if kind == REVOKED else (kind,)))


def mute(channel_kind: str) -> dict[str, str]:
    """The matrix that tells such a channel nothing, nor what later versions will tell."""
    return dict.fromkeys((*of_channel(channel_kind), ELSE), OFF)


def is_mute(channel_kind: str, matrix: Mapping[str, str]) -> bool:
    """Whether a matrix tells such a channel nothing of what there is to tell today."""
    return all(said(matrix, kind) == OFF for kind in of_channel(channel_kind))


def strongest(modes: Iterable[str]) -> str:
    """At once before the digest before not at all; ``off`` of none."""
    return max(modes, key=_STRENGTH.__getitem__, default=OFF)


def stronger(first: str, second: str) -> bool:
    """Whether the first is told sooner than the second."""
    return _STRENGTH[first] > _STRENGTH[second]


def only(kinds: Collection[str], channel_kind: str = "email") -> dict[str, str]:
    """The matrix of a plain choice: these at once, everything else not, nor what later versions will tell; of none,
    no matrix (the defaults).

    One that such a channel cannot be told is in it as well, so that whoever checks the matrix finds it.
    """
    return mute(channel_kind) | dict.fromkeys(kinds, NOW) if kinds else {}
