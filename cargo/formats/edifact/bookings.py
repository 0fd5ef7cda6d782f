"""IFTMBC, the booking confirmation: the booking's own event, and the calls of the journey as planned events.

Source: UN/EDIFACT IFTMBC, directories D.96A to D.21B: BGM 1225 (function) and 4343 (answer) tell whether the carrier
confirms, changes, declines or cancels; TDT, LOC and DTM are the plan. What a booking says of arrivals and departures is
the schedule at that time, so it is planned whether the sender calls it estimated or scheduled.
"""

from __future__ import annotations

from collections.abc import Callable

from cargo.domain.event import Event, Outcome, Reference
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact import telling, values
from cargo.formats.edifact.envelope import NAME, Message
from cargo.formats.edifact.journey import Journey
from cargo.formats.edifact.values import Moment
from cargo.formats.edifact.walking import walk

FORMAT = f"{NAME}.iftmbc"
_CONFIRMED_TIME = "118"
# BGM 1225 -> milestone and what to call it; any other function confirms.
_FUNCTIONS = {
    "1": ("booking_cancelled", "Booking cancelled"),
    "3": ("booking_cancelled", "Booking cancelled"),
    "17": ("booking_cancelled", "Booking cancelled, to be issued again"),
    "27": ("booking_cancelled", "Booking not accepted"),
    "50": ("booking_cancelled", "Booking withdrawn"),
    "4": ("booking_updated", "Booking changed"),
    "5": ("booking_updated", "Booking replaced"),
    "33": ("booking_updated", "Booking changed"),
    "36": ("booking_updated", "Booking changed"),
    "12": ("booking_requested", "Booking received, not yet processed"),
}
# BGM 4343.
_ANSWERS = {
    "RE": ("booking_cancelled", "Booking rejected"),
    "AJ": ("booking_requested", "Booking pending"),
}
_CONFIRMED = ("booking_confirmed", "Booking confirmed")


class Booking:
    """The state while a message is read."""

    __slots__ = (
        "answer",
        "carrier",
        "code",
        "confirmed",
        "function",
        "journey",
        "message",
        "own",
        "references",
        "reported",
    )

    def __init__(self, message: Message) -> None:
        self.message = message
        self.code = self.function = self.answer = ""
        self.references: list[Reference] = []
        self.journey = Journey()
        self.confirmed: Moment | None = None
        self.reported: Moment | None = None
        self.carrier: str | None = None
        self.own = True


def read(message: Message) -> list[Outcome]:
    """The events of a message, or the one problem that costs it all."""
    booking = Booking(message)
    fault = walk(message, _HANDLERS, booking)
    if fault is not None:
        return [fault]
    moment = booking.confirmed or booking.reported
    if moment is None or moment.local is None:
        reason = (moment.fault if moment is not None else None) or "the booking names no time (DTM 137)"
        return [telling.problem(message, 0, reason)]
    milestone, title = _ANSWERS.get(booking.answer) or _FUNCTIONS.get(booking.function, _CONFIRMED)
    plan = booking.journey.plan()
    first = next((stop.place for stop in booking.journey.stops if stop.function in q.LOADING), None)
    notes = [moment.note] if moment.note is not None else []
    house = telling.names_house(booking.references)
    leg = booking.journey.leg_at(None)
    last = len(message.segments) - message.segments[-1].startswith("UNT")
    event = Event(
        milestone=milestone,
        level=telling.LEVELS[milestone, False, house],
        effect=telling.EFFECTS[milestone],
        occurred_local=moment.local,
        occurred_at=moment.at,
        time_basis="given" if moment.at is not None else None,
        reported_at=telling.reported(message, booking.reported, first, notes),
        references=tuple(booking.references),
        transport=leg.transport if leg is not None else None,
        plan=dict(plan) if plan is not None else None,
        format=FORMAT,
        source_code=booking.code[:20] or None,
        source_text=title,
        warnings=(*notes, *message.warnings),
        position=telling.position(message, (2, last)),
        meaning=telling.meaning(booking.code, moment, None, booking.references, booking.function, booking.answer),
        context={"carrier": booking.carrier} if booking.carrier is not None else None,
    )
    out: list[Outcome] = [event]
    if milestone != "booking_cancelled":
        for call in booking.journey.calls():
            out.append(telling.call_event(booking, call, booking.references, plan, FORMAT, (), planned=True))
    return out


def _beginning(booking: Booking, segment: str, index: int) -> None:
    booking.code = values.components(segment, 1)[0]
    booking.function = values.components(segment, 3)[0]
    booking.answer = values.components(segment, 4)[0]


def _reference(booking: Booking, segment: str, index: int) -> None:
    named = values.named(segment)
    if named.qualifier == q.CARRIER_CODE:
        booking.carrier = named.value[:20] or booking.carrier
    elif booking.own and named.reference is not None and len(booking.references) < telling.MOST:
        booking.references.append(named.reference)


def _time(booking: Booking, segment: str, index: int) -> None:
    moment = values.moment(segment)
    if moment.qualifier == q.DOCUMENT_TIME:
        booking.reported = booking.reported or moment
    elif moment.qualifier == _CONFIRMED_TIME:
        booking.confirmed = booking.confirmed or moment
    elif moment.qualifier in q.TIMES and q.TIMES[moment.qualifier][1] and moment.fault is None:
        booking.journey.date(moment, index)


def _place(booking: Booking, segment: str, index: int) -> None:
    if booking.own:
        booking.journey.visit(values.locations[segment], index)


def _leg(booking: Booking, segment: str, index: int) -> None:
    leg = values.legs[segment]
    booking.journey.legs.append(leg)
    booking.carrier = booking.carrier or leg.carrier


def _party(booking: Booking, segment: str, index: int) -> None:
    role, code = values.parties[segment]
    if role == "CA" and code is not None:
        booking.carrier = code
    booking.own = False


def _items(booking: Booking, segment: str, index: int) -> None:
    """Goods and equipment have references and places of their own."""
    booking.own = False


_HANDLERS: dict[str, Callable[[Booking, str, int], None]] = {
    "BGM": _beginning,
    "RFF": _reference,
    "DTM": _time,
    "LOC": _place,
    "TDT": _leg,
    "NAD": _party,
    "GID": _items,
    "EQD": _items,
}
