"""322 Terminal Operations and Intermodal Ramp Activity: gates, ramps and trains, one status of one or more boxes.

Source: ASC X12 releases 003040 to 006020, transaction set 322 (functional group SO): ZC1, Q5, N7 with DTM, M7 and W2,
R4 and DTM, V1, N1, N9. Q5 tells the status and the place; R4 5 is the same place by code, R4 6 and 7 are the rail
terminals of origin and destination. Where no vessel is named, the move is one on land.
"""

from __future__ import annotations

from typing import Any

from cargo.domain import x12_status
from cargo.domain.event import Outcome, Parked, Place, Problem, Reference, Transport
from cargo.formats.x12 import codes, parts, times
from cargo.formats.x12.envelope import NAME, Frame
from cargo.formats.x12.equipment import Equipment, named
from cargo.formats.x12.journey import Journey, journey, saying
from cargo.formats.x12.statuses import Meaning, expected, meaning
from cargo.formats.x12.telling import Told, tell, undated

FORMAT = "x12.322"
_RAIL = Transport("rail")
_BY_MODE = {mode: Transport(mode) for mode in ("vessel", "rail", "truck", "barge")}
# Dates of the box itself and not of a port: its arrival at the terminal of destination, and its delivery.
_BOX_DATES = {"371": "inland_arrived", "017": "delivered"}
_CANCELLED = "CA"


def read(body: str, frame: Frame) -> list[Outcome]:
    """The events of a 322: for each box the status, and what is expected at the terminal of destination."""
    segments = body.split(frame.segment)
    activity = _Activity(frame, journey(segments, frame.element))
    for number, segment in enumerate(segments, 1):
        activity.take(number, parts.fields(segment, frame.element, 22))
    return activity.outcomes()


class _Activity:
    """What one 322 says."""

    def __init__(self, frame: Frame, trip: Journey) -> None:
        self.frame = frame
        self.trip = trip
        self.status: list[str] = []
        self.number = 0
        self.boxes: list[Equipment] = []
        self.by_number: dict[str, Equipment] = {}
        self.box: Equipment | None = None
        self.numbers: list[Reference] = []
        self.correction = ""

    def take(self, number: int, given: list[str]) -> None:
        """One segment, from its tag on. What follows an N7 belongs to that box until the next or the first port."""
        tag = given[0]
        if tag == "Q5" and not self.status:
            self.status, self.number = given, number
        elif tag == "N7":
            self.box = named(given[1], given[2], given[18], given[11], given[22])
            self.box.segment = f"N7@{number}"
            self._add(self.box)
        elif tag == "W2":
            self._of_box(number, given)
        elif tag == "M7":
            seals = [Reference("seal", seal.strip()) for seal in given[1:5] if seal.strip()]
            (self.box.seals if self.box is not None else self.numbers).extend(seals)
        elif tag == "N9":
            self.numbers += parts.references(given, self.frame.component)
        elif tag == "ZC1":
            self.correction = given[6].strip().upper()
        elif tag == "R4":
            self.box = None
        elif tag == "DTM" and self.box is not None and given[1] in _BOX_DATES:
            when = times.moment(given[2], given[3], given[4])
            if when is not None:
                self.box.dates.append((number, given[1], when))

    def _of_box(self, number: int, given: list[str]) -> None:
        """W2: whether a box is full or empty, found by its number; or one more unit."""
        box = named(given[1], given[2], given[13], given[4], "")
        laden = codes.LADEN.get(given[5].strip().upper())
        known = self.by_number.get(box.number[:10])
        if known is not None:
            known.laden = laden
            return
        box.laden, box.segment = laden, f"W2@{number}"
        self._add(box)

    def _add(self, box: Equipment) -> None:
        self.boxes.append(box)
        # Without the check digit, which only one of the segments may have.
        self.by_number.setdefault(box.number[:10], box)

    def outcomes(self) -> list[Outcome]:
        """For each box; an earlier message that is taken back can only be parked, since it has no number here."""
        frame, status = self.frame, self.status
        if not status:
            return [Problem(position=frame.at(1, "ST"), reason="the transaction has no Q5 segment", format=NAME)]
        if self.correction == _CANCELLED:
            reason = "X12 322 takes an earlier one back (ZC1 CA), which its sender gave no number"
            return [Parked(position=frame.prefix[:-1], reason=reason, format=NAME)]
        when = times.moment(status[2], status[3], status[4])
        if when is None:
            return [undated(frame.at(self.number, "Q5"), "Q502", status[2])]
        boxes = [box for box in self.boxes if box.cargo] or self.boxes[:1]
        if not boxes:
            boxes = [named(status[9], status[10], "", "", "")]
        outcomes: list[Outcome] = []
        frame.weigh(len(self.numbers), len(boxes) * (1 + len(self.trip.expected)))
        for box in boxes:
            outcomes += self._events(box, when, f"/{box.segment}" if len(boxes) > 1 else "")
        return outcomes

    def _events(self, box: Equipment, when: times.Moment, suffix: str) -> list[Outcome]:
        frame, trip, status = self.frame, self.trip, self.status
        code = status[1].strip().upper()[: parts.CODE_LENGTH]
        told = self._told(box)
        place = self._place()
        meant = meaning(x12_status.SHIPMENT_STATUS, code, box.laden, trip.vessel is None, bool(box.number))
        position = f"{frame.at(self.number, 'Q5')}{suffix}"
        transport = self._transport(meant)
        said = f"{saying(code, when, place)}|{box.laden}"
        outcomes: list[Outcome] = [tell(frame, told, meant, when, code, position, place, transport, said)]
        destination = trip.role("delivery") or trip.role("discharge")
        for number, qualifier, moment in box.dates:
            later, code = expected(_BOX_DATES[qualifier], "estimated"), f"DTM {qualifier}"
            position = f"{frame.at(number, 'DTM')}{suffix}"
            said = saying(code, moment, destination)
            by = self._transport(later)
            outcomes.append(tell(frame, told, later, moment, code, position, destination, by, said))
        for item in trip.expected:
            position = f"{frame.at(item.number, 'DTM')}{suffix}"
            outcomes.append(
                tell(frame, told, item.meaning, item.when, item.code, position, item.place, item.transport, item.said)
            )
        return outcomes

    def _told(self, box: Equipment) -> Told:
        facts: dict[str, Any] = dict(box.facts)
        references = (*box.references, *box.seals, *self.numbers)
        warnings = self.frame.warnings
        if self.correction:
            warnings += (f"correction: ZC106 {self.correction[:10]}",)
        said = f"{box.number}|{parts.key_of(self.numbers)}"
        return Told(FORMAT, references, said, self.trip.plan, facts, box.laden, warnings)

    def _place(self) -> Place | None:
        """R4 5, else the city that Q5 names, by code where an R4 has it."""
        city = self.status[6].strip()
        if self.trip.activity is not None:
            return self.trip.activity
        name = ", ".join(filter(None, (city, *(part.strip() for part in self.status[7:9]))))
        return self.trip.places.get(city.upper()) or parts.located("", "", name[:200], "", None)

    def _transport(self, meant: Meaning) -> Transport | None:
        if meant.mode is not None and (self.trip.vessel is None or meant.mode != "vessel"):
            return _BY_MODE[meant.mode]
        if self.trip.vessel is None and meant.milestone.startswith("inland_"):
            return _RAIL
        return self.trip.vessel
