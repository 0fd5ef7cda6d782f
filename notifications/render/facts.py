"""What a template may say of one update to one reader; ``notifications.render`` lists the variables."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings

from notifications.models import Channel, Delivery
from notifications.render.codes import (
    ACTIONS,
    AGENCIES,
    DEADLINES,
    DUTIES,
    REFERENCES,
    RELEASES_TOLD,
    RESPONSIBLE,
    TROUBLES,
    named,
    place_words,
)
from notifications.render.links import settings_link, shipment_link, unsubscribe_link
from notifications.render.text import clean, instant, moment, unlinked
from notifications.render.words import LABELS, LANGUAGES, actor, cost, next_deadline, packages, shift, why
from notifications.schedule import zone_of

# So many of a notice's containers are named; the rest is counted.
BOXES_SHOWN = 10


@dataclass(frozen=True)
class Facts:
    """The fixed variables of the templates; every text is one clean line, empty where nothing is known."""

    kind: str
    language: str
    number: str
    by_air: bool = False
    follower: bool = False
    box: str = ""
    boxes: str = ""
    milestone: str = ""
    hold_kind: str = ""
    own_reference: str = ""
    other_numbers: list[tuple[str, str]] = field(default_factory=list)
    when: str = ""
    when_short: str = ""
    at: str = ""
    place: str = ""
    agency: str = ""
    declaration: str = ""
    was: str = ""
    shift: str = ""
    amends: bool = False
    told: str = ""
    told_at: str = ""
    packages: str = ""
    trouble: str = ""
    responsible: str = ""
    actor: str = ""
    until: str = ""
    until_short: str = ""
    until_at: str = ""
    deadline: str = ""
    duty: str = ""
    cost: str = ""
    next_deadline: str = ""
    said: str = ""
    organization: str = ""
    why: str = ""
    link: str = ""
    settings_link: str = ""
    unsubscribe_link: str = ""
    stop_link: str = ""

    @property
    def about(self) -> str:
        """What it is about: the number, and the container beside it."""
        return f"{self.number} · {self.box}" if self.box else self.number


def facts_of(delivery: Delivery, all_shipments: bool = False, trial: str = "") -> Facts:
    """The update's frozen data in the words of one reader, with what only that reader's organization may see.

    ``trial``: ``test`` or ``preview`` of what nobody is subscribed to, said in place of the reason and the ways out.
    """
    update, channel = delivery.update, delivery.channel
    assert update is not None
    data: dict[str, Any] = json.loads(update.data) | delivery.data
    language = language_of(channel)
    number, box, other_numbers = _numbers(data, language)
    zone, occurred = data.get("time_zone") or _readers_zone(channel), data.get("occurred_at") or update.occurred_at
    kind = delivery.notice or update.kind
    if "deadline" in data and kind in _RUNNING_OUT:
        occurred = None  # When it became near says nothing beside when it ends.
    until = data.get("until") or data.get("due_at")
    was = data.get("was_arrival_at") or data.get("was_due_at")
    # A follower is outside: neither its own reference nor its pages are for him.
    inside = update.shipment.organization_id == channel.organization_id and not channel.follower
    own = update.shipment.own_reference if inside else ""
    responsible = data.get("responsible") if _asks_somebody(kind, data) else ""
    happened, ends = moment(occurred, zone, language), moment(until, zone, language)
    return Facts(
        kind=kind,
        language=language,
        number=number or f"CLIS {update.shipment_id}",
        follower=channel.follower,
        by_air=any(one.get("type") in _BY_AIR for one in _references(data)),
        box=box,
        boxes=_counted(_boxes(data), BOXES_SHOWN),
        other_numbers=other_numbers[:5],
        milestone=clean(data.get("milestone"), 40),
        hold_kind=clean(data.get("hold_kind"), 40),
        own_reference=clean(own, 64),
        when=happened.full,
        when_short=happened.short,
        at=happened.inside,
        place=_place(data.get("place"), language),
        agency=_agency(data, language),
        declaration=unlinked(data.get("declaration"), 64),
        was=moment(was, zone, language).inside,
        shift=_shift(was, data.get("until") if "was_due_at" in data else occurred, language),
        **_told(data, zone, language),
        packages=packages(data.get("packages"), language),
        trouble=named(TROUBLES, data.get("exception"), language) if "exception" in data else "",
        responsible=named(RESPONSIBLE, responsible, language),
        actor=actor(responsible, language),
        until=ends.full,
        until_short=ends.short,
        until_at=ends.inside,
        deadline=named(DEADLINES, data.get("deadline"), language) if "deadline" in data else "",
        duty=_duty(data, language),
        cost=cost(data.get("money"), language),
        next_deadline=_next_deadline(data.get("next_deadline"), language),
        said=unlinked(data.get("text")),
        **_reason_and_ways(delivery, update.shipment_id, all_shipments, trial),
    )


def _reason_and_ways(delivery: Delivery, shipment: int, all_shipments: bool, trial: str) -> dict[str, Any]:
    """Why the reader gets it and from whom, and where he can go from it."""
    channel = delivery.channel
    language = language_of(channel)
    organization = unlinked(channel.organization.name)
    unsubscribe = "" if trial else unsubscribe_link(delivery)
    return {
        "organization": organization,
        "why": LABELS[language][f"why_{trial}"] if trial else _why(delivery, all_shipments, organization, language),
        "link": settings_link(channel) if channel.follower else shipment_link(shipment),
        "settings_link": "" if trial else settings_link(channel),
        "unsubscribe_link": unsubscribe,
        "stop_link": f"{unsubscribe}?only=subscription" if unsubscribe and delivery.subscription_id else "",
    }


def language_of(channel: Channel) -> str:
    return channel.language if channel.language in LANGUAGES else "en"


def _told(data: dict[str, Any], zone: Any, language: str) -> dict[str, Any]:
    """Of a release taken back: what the reader was told of it before, and when."""
    amends = data.get("amends")
    if not amends:
        return {}
    found = amends if isinstance(amends, dict) else {}
    what = named(RELEASES_TOLD, found.get("milestone"), language)
    return {"amends": True, "told": what, "told_at": moment(found.get("at"), zone, language).inside}


def _shift(was: Any, now: Any, language: str) -> str:
    """How much later or earlier, in days from one on and in hours below."""
    before, after = instant(was), instant(now)
    if before is None or after is None or type(before) is not type(after):
        return ""
    try:
        moved = after - before
    except TypeError:  # One of them has no zone.
        return ""
    hours = round(abs(moved) / timedelta(hours=1))
    return shift(hours, later=moved > timedelta(), language=language) if hours else ""


def _why(delivery: Delivery, all_shipments: bool, organization: str, language: str) -> str:
    """Why this reader gets it: by the subscription that owed it, where that is known."""
    subscription = delivery.subscription
    code, label = "all" if all_shipments else "shipment", ""
    if delivery.channel.follower:
        code = "follower"
    elif subscription is not None and subscription.shipment_id is None:
        label = unlinked(subscription.label, 80)
        code = "filter" if subscription.filter else "role" if subscription.roles else "all"
    return why(code, language, organization=organization, label=label)


def _duty(data: dict[str, Any], language: str) -> str:
    if "deadline" in data:
        return named(DUTIES, data.get("next_action"), language)
    if "exception" in data:
        return named(ACTIONS, data.get("next_action"), language)
    return ""


def _next_deadline(given: Any, language: str) -> str:
    """What ends next of the cargo that it is about, when, and who must act; as ``notifications.deliver`` found it."""
    if not isinstance(given, dict):
        return ""
    return next_deadline(
        named(DEADLINES, given.get("deadline"), language),
        _counted(_boxes(given), 1),
        moment(given.get("due_at"), given.get("time_zone"), language).inside,
        named(RESPONSIBLE, given.get("responsible"), language),
        language,
    )


# Their time is when it ends.
_RUNNING_OUT = frozenset({"deadline.near", "deadline.exceeded"})


def _asks_somebody(kind: str, data: dict[str, Any]) -> bool:
    """Whether it is about a deadline or an exception that stands: these name who must act."""
    return ("deadline" in data or "exception" in data) and kind != "exception.closed"


_BY_AIR = frozenset({"air_waybill", "house_air_waybill"})


def _references(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [reference for reference in data.get("references") or () if isinstance(reference, dict)]


def _numbers(data: dict[str, Any], language: str) -> tuple[str, str, list[tuple[str, str]]]:
    """The first number with its kind, the container that it is about, and the other numbers by label.

    Where it is about containers, those of the shipment that it is not about are no numbers of it.
    """
    boxes = _boxes(data)
    given: dict[str, list[str]] = {}
    for reference in _references(data):
        if value := unlinked(reference.get("value"), 64):
            given.setdefault(str(reference.get("type")), []).append(value)
    if boxes:
        given.pop("container", None)
    found = [(REFERENCES[kind][language], value) for kind in REFERENCES if kind in given for value in given[kind]]
    box = _counted(boxes, 1)
    if not found:
        return f"{REFERENCES['container'][language]} {box}" if box else "", "", []
    return " ".join(found[0]), box, found[1:]


def _boxes(data: dict[str, Any]) -> list[str]:
    """The containers that it is about: of what happened to one, of a deadline, of an exception."""
    told = data.get("told")
    one = data.get("container") or (told.get("container") if isinstance(told, dict) else None)
    several = data.get("containers")
    given = [one] if one else several if isinstance(several, list) else []
    return [box for box in (unlinked(value, 20) for value in given) if box]


def _counted(boxes: list[str], shown: int) -> str:
    """The first of them, and how many more: ``HDMU6546583 +3``."""
    more = len(boxes) - shown
    return ", ".join(boxes[:shown]) + (f" +{more}" if more > 0 else "")


def _readers_zone(channel: Channel) -> str:
    """Of what happened at no place: the clock by which the channel is told."""
    persons = channel.user.time_zone if channel.user else ""
    return zone_of(channel.zone, persons, settings.OPERATOR_TIME_ZONE).key


def _place(place: Any, language: str) -> str:
    if not isinstance(place, dict):
        return ""
    return place_words(unlinked(place.get("code"), 20), unlinked(place.get("name"), 80), language)


def _agency(data: dict[str, Any], language: str) -> str:
    code = unlinked(data.get("agency") or data.get("authority"), 40)
    return AGENCIES[code][language] if code in AGENCIES else code
