"""IFTSTA, the multimodal status report: each STS group is one status, told of one or several boxes.

Source: UN/EDIFACT IFTSTA, directories D.96A (parcels), D.99B and D.00B (sea, rail), D.16A to D.21B (equipment first);
SMDG IFTSTA version 4. Segments are told apart by where they stand: before the first CNI they speak of the whole
message, after it of the consignment, after STS of the status, after EQD of that box alone.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cargo.domain.event import Outcome, Parked, Place, Reference
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact import values
from cargo.formats.edifact.envelope import NAME, Message
from cargo.formats.edifact.goods import Goods
from cargo.formats.edifact.journey import Journey
from cargo.formats.edifact.reported import Box, Dated, Status, told
from cargo.formats.edifact.statuses import statuses
from cargo.formats.edifact.telling import MOST, problem
from cargo.formats.edifact.values import Leg, Moment
from cargo.formats.edifact.walking import walk

FORMAT = f"{NAME}.iftsta"
_WORDS_LENGTH = 300


class Reading(msgspec.Struct):
    """The state while a message is read. A status is told when the next one, or its consignment, begins."""

    message: Message
    header: list[Reference] = []
    places: dict[str, Place] = {}
    dated: list[Dated] = []
    consigned: list[Reference] | None = None
    consigned_places: dict[str, Place] = {}
    consigned_dated: list[Dated] = []
    consigned_goods: Goods | None = None
    legs: list[Leg] = []
    number: str = ""
    parcel: Reference | None = None
    header_parcel: Reference | None = None
    status: Status | None = None
    box: Box | None = None
    carrier: str | None = None
    reported: Moment | None = None
    function: str = ""
    out: list[Outcome] = []

    def flush(self, last: int) -> None:
        """Tells the status that ends with segment ``last`` (counted from 1)."""
        status, self.status = self.status, None
        if status is None:
            return
        if not status.boxes or status.box_first:
            status.last = last
        elif self.box is not None:
            self.box.last = last
        self.out += told(self, status)


def read(message: Message) -> list[Outcome]:
    """The events of a message, or the one problem that costs it all."""
    reading = Reading(message)
    fault = walk(message, _HANDLERS, reading)
    if fault is not None:
        return [fault]
    segments = message.segments
    reading.flush(len(segments) - segments[-1].startswith("UNT"))
    cancelled = q.CANCELLATIONS.get(reading.function)
    if cancelled is not None:
        reason = f"the {cancelled} of a status report: not applied"
        return [Parked(position=f"message {message.number}", reason=reason, format=FORMAT)]
    if not reading.out:
        return [problem(message, 0, "there is no status (STS) in it")]
    return reading.out


def _beginning(reading: Reading, segment: str, index: int) -> None:
    # Nearly always an original (9).
    reading.function = "9" if segment.endswith("+9") else values.components(segment, 3)[0]


def _consignment(reading: Reading, segment: str, index: int) -> None:
    reading.flush(index)
    reading.box = None
    reading.consigned = []
    reading.consigned_places = {}
    reading.consigned_dated = []
    reading.consigned_goods = None
    reading.number = values.components(segment, 2)[0][:100] if segment.count("+") > 1 else ""
    reading.parcel = reading.header_parcel


def _status(reading: Reading, segment: str, index: int) -> None:
    before = reading.status
    if before is not None:
        box = before.boxes[0] if before.box_first else None
    else:
        box = reading.box
        if box is not None:
            box.last = index
    reading.flush(index)
    journey = Journey()
    if reading.places or reading.consigned_places:
        journey.places = {**reading.places, **reading.consigned_places}
    status = reading.status = Status(statuses[segment], index + 1, index + 1, journey)
    reading.box = None
    if box is not None:
        # Equipment first: the box stands before its statuses, and each of them is told of it.
        status.box_first = True
        status.boxes.append(box)


def _equipment(reading: Reading, segment: str, index: int) -> None:
    status = reading.status
    box = Box(values.equipment(segment), index + 1, index + 1)
    if status is None or status.box_first:
        reading.flush(index)
    else:
        if status.boxes:
            status.boxes[-1].last = index
        else:
            status.last = index
        status.boxes.append(box)
    reading.box = box


def _reference(reading: Reading, segment: str, index: int) -> None:
    named = values.named(segment)
    reference = named.reference
    if reference is not None:
        if reading.box is not None:
            scope = reading.box.references
        elif reading.status is not None:
            scope = reading.status.references
        else:
            scope = reading.header if reading.consigned is None else reading.consigned
        if len(scope) < MOST:
            scope.append(reference)
        if named.qualifier == q.PARCEL:
            reading.parcel = Reference("master_bill", named.value)
            if reading.consigned is None:
                reading.header_parcel = reading.parcel
    elif named.qualifier == q.CARRIER_CODE:
        reading.carrier = named.value[:20] or reading.carrier


def _seal(reading: Reading, segment: str, index: int) -> None:
    seal = values.seals[segment]
    if seal is not None and reading.box is not None and len(reading.box.references) < MOST:
        reading.box.references.append(seal)


def _time(reading: Reading, segment: str, index: int) -> None:
    moment = values.moment(segment)
    status = reading.status
    if moment.qualifier == q.DOCUMENT_TIME:
        if status is None:
            reading.reported = moment
        return
    meant = q.TIMES.get(moment.qualifier)
    if meant is None:
        return
    if status is None:
        # Arrivals and departures before any status are the voyage's, not the time of a status.
        dated = reading.dated if reading.consigned is None else reading.consigned_dated
        if not meant[1] and len(dated) < MOST:
            dated.append((moment, index))
    elif not (meant[1] and moment.fault is None and status.journey.date(moment, index)):
        status.dated.append((moment, index))


def _place(reading: Reading, segment: str, index: int) -> None:
    location = values.locations[segment]
    if reading.status is not None:
        reading.status.journey.visit(location, index)
    elif location.place is not None:
        known = reading.places if reading.consigned is None else reading.consigned_places
        if len(known) < MOST:
            known.setdefault(location.function, location.place)


def _leg(reading: Reading, segment: str, index: int) -> None:
    if reading.status is not None:
        reading.status.journey.legs.append(values.legs[segment])
    elif len(reading.legs) < MOST:
        reading.legs.append(values.legs[segment])


def _party(reading: Reading, segment: str, index: int) -> None:
    role, code = values.parties[segment]
    if role in q.CARRIER_ROLES and reading.carrier is None:
        reading.carrier = code


def _quantity(reading: Reading, segment: str, index: int) -> None:
    status = reading.status
    if status is not None:
        if reading.box is not None and segment[:3] != "GID":
            return  # A box's own measures are not how much cargo there is.
        status.goods = status.goods or Goods()
        status.goods.read(segment)
    elif reading.consigned is not None:
        reading.consigned_goods = reading.consigned_goods or Goods()
        reading.consigned_goods.read(segment)
    if segment[:3] == "GID" and reading.box is not None:
        reading.box.last = index
        reading.box = None


def _words(reading: Reading, segment: str, index: int) -> None:
    if reading.status is not None:
        said = " ".join(part for part in values.components(segment, 4) if part)
        if said and len(reading.status.words) < MOST:
            reading.status.words.append(said[:_WORDS_LENGTH])


_HANDLERS: dict[str, Callable[[Reading, str, int], None]] = {
    "BGM": _beginning,
    "CNI": _consignment,
    "STS": _status,
    "EQD": _equipment,
    "RFF": _reference,
    "SEL": _seal,
    "DTM": _time,
    "LOC": _place,
    "TDT": _leg,
    "NAD": _party,
    "GID": _quantity,
    "CNT": _quantity,
    "QTY": _quantity,
    "MEA": _quantity,
    "FTX": _words,
}
