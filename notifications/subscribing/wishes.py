"""What a subscription may ask for: its matrix, its hours, and its choice among all shipments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from cargo.models import Party
from cargo.selectors import saved_filters
from notifications import kinds
from notifications.models import Channel
from notifications.render.text import clean
from notifications.subscribing.access import SubscribingError

ETA_HOURS = 24
LONGEST_ETA_HOURS = 30 * 24


def check_matrix(channel_kind: str, matrix: Mapping[str, str]) -> dict[str, str]:
    """A matrix that such a channel can have; off to all there is means off to all there will be. Raises
    ``SubscribingError`` in words."""
    for kind, mode in matrix.items():
        if kind != kinds.ELSE and kind not in kinds.of_channel(channel_kind):
            text = _("Unknown kind of notice: %(kind)s") % {"kind": str(kind)[:40]}
            raise SubscribingError(text, field=f"matrix.{str(kind)[:60]}")
        if mode not in ((kinds.OFF,) if kind == kinds.ELSE else kinds.modes_of(channel_kind)):
            text = _("This channel cannot be told so: %(mode)s") % {"mode": str(mode)[:20]}
            raise SubscribingError(text, field=f"matrix.{kind}")
    return kinds.mute(channel_kind) if kinds.is_mute(channel_kind, matrix) else dict(matrix)


def check_eta_hours(hours: int) -> int:
    """From how many hours on a changed arrival may be told. Raises ``SubscribingError`` in words."""
    if not 1 <= hours <= LONGEST_ETA_HOURS:
        raise SubscribingError(_("A changed arrival is told from 1 to 720 hours."), field="eta_hours")
    return hours


def check_filter(params: Mapping[str, Any]) -> dict[str, Any]:
    """The list's filters in its own spelling. Raises ``SubscribingError`` in words."""
    try:
        return saved_filters.check(params)
    except saved_filters.FilterError as error:
        text = _("The list has no such filter: %(name)s") % {"name": error.name}
        if error.value is not None:
            text = _("The filter %(name)s cannot ask for this: %(value)s")
            text %= {"name": error.name, "value": error.value}
        raise SubscribingError(text, field=f"filter.{error.name[:60]}") from error


def kept_filter(params: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a filter that is kept."""
    found = check_filter(params)
    if dates := sorted(saved_filters.DATES & set(found)):
        text = _("A filter by days cannot be kept: %(name)s") % {"name": dates[0]}
        raise SubscribingError(text, field=f"filter.{dates[0]}")
    return found


def checked_wishes(
    channel: Channel,
    matrix: Mapping[str, str],
    label: str,
    filter: Mapping[str, Any],
    roles: Sequence[str],
    eta_hours: int,
) -> dict[str, Any]:
    """What a subscription of such a channel is written with. Raises ``SubscribingError`` in words."""
    for role in roles:
        if role not in Party.Role.values:
            raise SubscribingError(_("Unknown role: %(role)s") % {"role": str(role)[:20]}, field="roles")
    label = clean(label, 80)
    if (filter or roles) and not label:
        raise SubscribingError(_("Give the filter a name."), field="label")
    return {
        "matrix": check_matrix(channel.kind, matrix),
        # What chooses nothing is all, and that is there once.
        "label": label if filter or roles else "",
        "filter": dict(filter),
        "roles": sorted(set(roles)),
        "eta_hours": check_eta_hours(eta_hours),
    }


def check_single(wanted: Mapping[str, Any]) -> None:
    """Of one shipment. Raises ``SubscribingError`` in words."""
    if wanted["filter"] or wanted["roles"]:
        field = "filter" if wanted["filter"] else "roles"
        raise SubscribingError(_("One shipment is not chosen by a filter."), field=field)
