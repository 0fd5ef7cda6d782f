"""What people report of a shipment themselves: checked, put into our own message, and handed to the front door.

The message is that of ``cargo.formats.manual``. Who may report is decided by ``cargo.selectors.reports``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from uuid import uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cargo.domain import identifiers, places
from cargo.domain.codes import CLASSIFIERS, MILESTONES
from cargo.domain.customs import meanings
from cargo.formats import manual
from cargo.formats.manual import Speaker, Statement
from cargo.models import ShipmentReference, Source
from clis.accounts.models import User
from clis.accounts.scoping import Viewer

# A clock may be wrong by a little; what is expected may lie far ahead, but not for ever.
AHEAD_IF_ACTUAL = timedelta(minutes=15)
AHEAD = timedelta(days=2 * 365)
BACK = timedelta(days=5 * 365)
MAX_REMARK = 280
MAX_CONTAINERS = 100
MAX_CUSTOMS = manual.MAX_CUSTOMS
MILESTONES_REPORTED = tuple(code for code in MILESTONES if code != "unknown")

Words = str | Promise
Errors = dict[str, Words]


@dataclass(frozen=True)
class Said:
    """What a person says. ``occurred`` is naive (local to the place, else to ``zone``) or has its offset.

    ``authority`` and ``code``: customs' own word, which may stand in place of a milestone; ``declaration``: of which
    it was said; ``limit``: the last day that customs set, inclusive. ``id`` and ``version``: of the report that it
    corrects. Containers as they were typed.
    """

    milestone: str = ""
    classifier: str = "actual"
    occurred: datetime | None = None
    zone: str = ""
    place: str = ""
    facility: str = ""
    containers: Sequence[str] = ()
    remark: str = ""
    authority: str = ""
    code: str = ""
    declaration: str = ""
    limit: date | None = None
    id: str = ""
    version: int = 1


@dataclass
class Checked:
    """The statements, or what is wrong with them by field: ``milestone``, ``classifier``, ``occurred``, ``place``,
    ``containers``, ``remark``, ``facility``, ``authority``, ``code``, ``declaration``, ``limit``."""

    statements: list[Statement] = field(default_factory=list)
    errors: Errors = field(default_factory=dict)


def check(said: Said, boxes: Collection[str], now: datetime, *, customs: bool = False) -> Checked:
    """Whether this can be taken. ``boxes``: the shipment's containers, of which an event may name some; ``customs``:
    whether the reporter may speak in the words of a customs authority."""
    errors: Errors = {}
    if said.milestone not in MILESTONES_REPORTED and (said.milestone or not said.code.strip()):
        errors["milestone"] = _("Choose what happened.")
    if customs:
        errors |= _customs(said, now)
    elif said.authority or said.code or said.declaration or said.limit:
        errors["authority"] = _("What customs said is reported by the broker or by the operator.")
    if said.classifier not in CLASSIFIERS:
        errors["classifier"] = _("Choose whether it happened, is estimated or is planned.")
    place = said.place.replace(" ", "").upper()
    if place and zone_at(place) is None and not _is_place(place):
        errors["place"] = _("No such place. Give a UN/LOCODE such as KRPUS, or an airport's code such as ICN.")
    zone = zone_at(place) or said.zone
    moment = _moment(said, zone)
    if said.occurred is None:
        errors["occurred"] = _("Give the date and the time.")
    elif moment is None:
        errors["occurred"] = _("The time zone of this place is not known: give the time with its offset.")
    elif late := _implausible(moment, said.classifier, now):
        errors["occurred"] = late
    named = [identifiers.container(box).value for box in said.containers if box.strip()]
    if len(named) > MAX_CONTAINERS or any(box not in boxes for box in named):
        errors["containers"] = _("A container that is not one of this shipment's.")
    for name in ("remark", "facility"):
        text = getattr(said, name)
        if len(text) > MAX_REMARK or "\x00" in text:
            errors[name] = _("At most 280 characters.")
    if errors:
        return Checked(errors=errors)
    return Checked([_statement(said, moment, zone, place, box) for box in dict.fromkeys(named or [""])])


def _customs(said: Said, now: datetime) -> Errors:
    """What is wrong with what customs is said to have said. A code that no table knows is taken, in its own words."""
    errors: Errors = {}
    if said.authority and meanings.authority_named(said.authority) is None:
        errors["authority"] = _("No such customs authority is known here.")
    elif said.code.strip() and not said.authority:
        errors["authority"] = _("Choose whose code it is.")
    for name in ("code", "declaration"):
        text = getattr(said, name)
        if len(text) > MAX_CUSTOMS or "\x00" in text:
            errors[name] = _("At most 64 characters.")
    if said.limit is not None and not BACK >= now.date() - said.limit >= -AHEAD:
        errors["limit"] = _("That is no day that customs would set.")
    return errors


def compose(viewer: Viewer, source_id: int, shipment_id: int, statements: Sequence[Statement], now: datetime) -> bytes:
    """The message for the viewer's own source (``teaching.own_source``), to be handed to ``receive``.

    From the first report on, the shipment is also known by its own number, which these messages name.
    """
    ShipmentReference.objects.get_or_create(shipment_id=shipment_id, kind="shipment_id", value=str(shipment_id))
    person = User.objects.filter(pk=viewer.user_id).first() if viewer.user_id else None
    organization = Source.objects.values_list("name", flat=True).get(pk=source_id)
    speaker = Speaker(organization=organization, person=person.get_full_name() if person else "")
    return manual.compose(shipment_id, statements, speaker, now)


def taken_back(known: Statement) -> Statement:
    """That a report does not hold."""
    return Statement(id=known.id, version=known.version + 1, taken_back=True)


def zone_at(place: str) -> str | None:
    """The zone of a place by its UN/LOCODE or its airport's code."""
    code = place.replace(" ", "").upper()
    return places.zone_of(code) or places.zone_of(code, "iata")


def _is_place(code: str) -> bool:
    return places.place(code) is not None or places.place(code, "iata") is not None


def _moment(said: Said, zone: str) -> datetime | None:
    if said.occurred is None or said.occurred.tzinfo is not None:
        return said.occurred
    try:
        return said.occurred.replace(tzinfo=places.zone_info(zone)) if zone else None
    except (LookupError, ValueError, OSError):
        return None


def _implausible(moment: datetime, classifier: str, now: datetime) -> Words | None:
    try:
        distance = moment - now
    except OverflowError:
        return _("That is no time at which cargo moves.")
    if classifier == "actual" and distance > AHEAD_IF_ACTUAL:
        return _("That lies in the future. If it is expected, choose estimated or planned.")
    if distance > AHEAD:
        return _("That is more than two years ahead.")
    if -distance > BACK:
        return _("That is more than five years ago.")
    return None


def _statement(said: Said, moment: datetime | None, zone: str, place: str, box: str) -> Statement:
    assert moment is not None
    offset = moment.utcoffset() or timedelta(0)
    return Statement(
        id=said.id or str(uuid4()),
        version=said.version,
        milestone=said.milestone,
        classifier=said.classifier,
        # An offset is what the message carries; the zone's rules stay here.
        occurred_at=moment.replace(tzinfo=timezone(offset)),
        time_zone=zone,
        place=place,
        facility=" ".join(said.facility.split()),
        container=box,
        remark=" ".join(said.remark.split()),
        authority=meanings.authority_named(said.authority) or "",
        code=" ".join(said.code.split()),
        declaration="".join(said.declaration.split()),
        limit=said.limit,
    )
