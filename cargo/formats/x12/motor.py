"""214 Transportation Carrier Shipment Status: what a trucker tells of shipments, one event for each AT7.

Source: ASC X12 releases 004010 to 006020, transaction set 214 (functional group QM): B10, L11, and LX loops of AT7 with
MS1 (where) and MS2 (which unit), L11 and AT8. AT7-01 is a status (element 1650), AT7-03 an appointment (element 1652).
Numbers in a loop belong to its statuses alone, those before the first loop to all of them.
"""

from __future__ import annotations

from typing import Any

from cargo.domain import x12_status
from cargo.domain.event import Deadline, Outcome, Place, Problem, Quantity, Reference, Transport
from cargo.formats.x12 import codes, parts, times
from cargo.formats.x12.envelope import NAME, Frame
from cargo.formats.x12.equipment import Equipment, named
from cargo.formats.x12.journey import saying
from cargo.formats.x12.statuses import meaning
from cargo.formats.x12.telling import Told, tell, undated

FORMAT = "x12.214"
_BY_MODE = {mode: Transport(mode) for mode in ("vessel", "rail", "truck", "barge")}
_DEGREES = 7
_STATUS_TAGS = frozenset({"MS1", "MS2", "M7", "K1"})


class _Status:
    """One AT7 with the segments that belong to it."""

    def __init__(self, number: int, given: list[str]) -> None:
        self.number = number
        self.given = given
        self.place: Place | None = None
        self.coordinates: dict[str, float] | None = None
        self.unit: Equipment | None = None
        self.seals: list[Reference] = []
        self.remarks: list[str] = []

    def take(self, given: list[str]) -> None:
        """MS1, MS2, M7 or K1."""
        if given[0] == "MS1":
            name = ", ".join(part.strip() for part in given[1:4] if part.strip())
            self.place = parts.located("", "", name[:200], "", None)
            self.coordinates = _coordinates(given)
        elif given[0] == "MS2":
            self.unit = named(given[1], given[2], given[4], given[3], "")
        elif given[0] == "M7":
            self.seals += [Reference("seal", seal.strip()) for seal in given[1:5] if seal.strip()]
        else:
            self.remarks += [part.strip() for part in given[1:3] if part.strip()]


def read(body: str, frame: Frame) -> list[Outcome]:
    """The events of a 214, in its order."""
    shipment = _Shipment(frame)
    for number, segment in enumerate(body.split(frame.segment), 1):
        shipment.take(number, parts.fields(segment, frame.element, 8))
    shipment.close()
    if not shipment.outcomes:
        return [Problem(position=frame.at(1, "ST"), reason="the transaction has no AT7 segment", format=NAME)]
    return shipment.outcomes


class _Shipment:
    """A 214 as it is read: the numbers of its head, and the loop that is open."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.outcomes: list[Outcome] = []
        self.numbers: list[Reference] = []
        self.carrier = ""
        self.own: list[Reference] = []
        self.statuses: list[_Status] = []
        self.quantity: Quantity | None = None
        self.in_loop = False

    def take(self, number: int, given: list[str]) -> None:
        """One segment, from its tag on."""
        tag = given[0]
        if tag == "AT7":
            self.statuses.append(_Status(number, given))
        elif tag in _STATUS_TAGS and self.statuses:
            self.statuses[-1].take(given)
        elif tag == "L11":
            found = parts.reference(given[2], given[1])
            if found is not None:
                (self.own if self.in_loop else self.numbers).append(found)
        elif tag == "LX":
            self.close()
            self.in_loop = True
        elif tag == "AT8":
            # Pieces that are not on pallets, and pallets: together they are the handling units.
            pieces = sum(filter(None, (parts.number(given[4]), parts.number(given[5]))))
            self.quantity = parts.quantity(str(int(pieces)), "", given[3], given[2])
        elif tag == "B10":
            self._head(given)

    def _head(self, given: list[str]) -> None:
        """B10: the carrier's number, the shipper's, the carrier, and one more with its qualifier."""
        self.carrier = given[3].strip()[: parts.CODE_LENGTH]
        for value in given[1:3]:
            found = parts.reference("CN", value)
            if found is not None:
                self.numbers.append(found)
        found = parts.reference(given[5], given[6])
        if found is not None:
            self.numbers.append(found)

    def close(self) -> None:
        """Tell what the loop held; its numbers and quantities come after its statuses."""
        self.frame.weigh(len(self.own) + len(self.numbers), len(self.statuses))
        for status in self.statuses:
            self.outcomes.append(self._event(status))
        self.own, self.statuses, self.quantity = [], [], None

    def _event(self, status: _Status) -> Outcome:
        frame, given = self.frame, status.given
        position = frame.at(status.number, "AT7")
        when = times.moment(given[5], given[6], given[7])
        if when is None:
            return undated(position, "AT705", given[5])
        code, reason, element = given[1], given[2], x12_status.MOTOR_STATUS
        if not code.strip() and given[3].strip():
            code, reason, element = given[3], given[4], x12_status.APPOINTMENT
        code, reason = code.strip().upper()[: parts.CODE_LENGTH], reason.strip().upper()[: parts.CODE_LENGTH]
        unit = status.unit
        boxed = unit is not None and unit.container
        meant = meaning(element, code, None, True, boxed)
        if meant.level == "master":
            # A trucker's shipment is no carrier's bill of a ship.
            meant = meant._replace(level="house")
        told = self._told(status, reason)
        text = _text(meant.name, reason, status.remarks)
        transport = _BY_MODE[meant.mode or "truck"]
        said = f"{saying(code, when, status.place)}|{reason}"
        event = tell(frame, told, meant, when, code, position, status.place, transport, said, text)
        if meant.milestone == "last_free_day_reported":
            event.deadline = Deadline("last_free_day", when.local.date())
        return event

    def _told(self, status: _Status, reason: str) -> Told:
        """The shipment's numbers, the loop's and the unit's. Here every number makes the report itself."""
        unit = status.unit.references if status.unit is not None else ()
        numbers = dict.fromkeys((*unit, *self.own, *self.numbers))
        facts: dict[str, Any] = {"carrier": self.carrier} if self.carrier else {}
        if reason not in codes.NORMAL_REASONS:
            facts["reason"] = reason
        if status.coordinates is not None:
            facts["coordinates"] = status.coordinates
        said = "|".join(sorted(f"{item.type}={item.value}" for item in numbers))
        references = (*numbers, *status.seals)
        return Told(FORMAT, references, said, None, facts, None, self.frame.warnings, self.quantity)


def _text(name: str | None, reason: str, remarks: list[str]) -> str | None:
    """The list's words, why (where that is not the normal case), and what the carrier wrote."""
    why = "" if reason in codes.NORMAL_REASONS else codes.REASONS.get(reason, f"reason {reason}")
    words = [word for word in (name or "", why, *remarks) if word]
    return ": ".join(words) if len(words) > 1 else None


def _coordinates(given: list[str]) -> dict[str, float] | None:
    """MS104 to MS107: longitude and latitude as DDDMMSS with their directions."""
    longitude, latitude = _degrees(given[4], given[6], "W"), _degrees(given[5], given[7], "S")
    if longitude is None or latitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return {"latitude": latitude, "longitude": longitude}


def _degrees(text: str, direction: str, negative: str) -> float | None:
    text = text.strip()
    if len(text) != _DEGREES or not (text.isascii() and text.isdigit()):
        return None
    value = int(text[:3]) + int(text[3:5]) / 60 + int(text[5:]) / 3600
    return round(-value if direction.strip().upper() == negative else value, 5)
