"""310 Freight Receipt and Invoice (Ocean) and 301 Confirmation (Ocean): a bill or a booking, and the journey it plans.

Source: ASC X12 releases 004010 to 005030, transaction sets 310 (functional group IO) and 301 (RO): B3 and B2A, or B1;
N9, V1, N7, M7, R4 and DTM. Dates of ports are plans here, whatever their qualifier: a bill is made out once, and the
statuses (315) tell what became of it. Parties, goods and charges are not read.
"""

from __future__ import annotations

from typing import Any

from cargo.domain.event import Outcome, Parked, Problem, Reference
from cargo.formats.x12 import codes, parts, times
from cargo.formats.x12.envelope import NAME, Frame
from cargo.formats.x12.equipment import named
from cargo.formats.x12.journey import Journey, journey, saying
from cargo.formats.x12.statuses import meant
from cargo.formats.x12.telling import Told, tell, undated

BILL = "x12.310"
BOOKING = "x12.301"
_BILL_OF_LADING = "BL"
_CANCELLATION = "01"
_CANCELLED = "booking_cancelled"


class _Document:
    """The segments that both have."""

    def __init__(self, body: str, frame: Frame, form: str) -> None:
        self.frame = frame
        self.form = form
        self.head: list[str] = []
        self.number = 0
        self.purpose = ""
        self.kind = ""
        self.carrier = ""
        self.numbers: list[Reference] = []
        segments = body.split(frame.segment)
        self.trip: Journey = journey(segments, frame.element, planned=True)
        for number, segment in enumerate(segments, 1):
            self._take(number, parts.fields(segment, frame.element, 22))

    def _take(self, number: int, given: list[str]) -> None:
        tag = given[0]
        if tag in ("B3", "B1") and not self.head:
            self.head, self.number = given, number
        elif tag == "B2A":
            self.purpose, self.kind = given[1].strip(), given[2].strip().upper()
        elif tag == "N9":
            if given[1].strip().upper() == codes.CARRIER:
                self.carrier = given[2].strip()
            self.numbers += parts.references(given, self.frame.component)
        elif tag == "N7":
            self.numbers += named(given[1], given[2], given[18], given[11], given[22]).references
        elif tag == "M7":
            self.numbers += [Reference("seal", seal.strip()) for seal in given[1:5] if seal.strip()]

    def told(self, own: Reference | None, carrier: str) -> Told:
        """The numbers, the document's own first."""
        numbers = list(dict.fromkeys([own, *self.numbers] if own is not None else self.numbers))
        carrier = (carrier.strip() or self.carrier)[: parts.CODE_LENGTH]
        facts: dict[str, Any] = {"carrier": carrier} if carrier else {}
        warnings = self.frame.warnings
        return Told(self.form, tuple(numbers), parts.key_of(numbers), self.trip.plan, facts, None, warnings)

    def planned(self, told: Told) -> list[Outcome]:
        """The departures and arrivals that the document plans."""
        outcomes: list[Outcome] = []
        self.frame.weigh(len(told.references), len(self.trip.expected))
        for item in self.trip.expected:
            position = self.frame.at(item.number, "DTM")
            outcomes.append(
                tell(
                    self.frame,
                    told,
                    item.meaning,
                    item.when,
                    item.code,
                    position,
                    item.place,
                    item.transport,
                    item.said,
                )
            )
        return outcomes


def read_bill(body: str, frame: Frame) -> list[Outcome]:
    """310: that the bill was made out (B3 and B2A), and the journey. B306 is its date, B302 and B303 its number."""
    document = _Document(body, frame, BILL)
    head = document.head
    if not head:
        return [Problem(position=frame.at(1, "ST"), reason="the transaction has no B3 segment", format=NAME)]
    if document.purpose == _CANCELLATION:
        reason = "X12 310 takes an earlier one back (B2A 01)"
        return [Parked(position=frame.prefix[:-1], reason=reason, format=NAME)]
    named_so = any(reference.type == "master_bill" for reference in document.numbers)
    own = None if named_so else parts.reference("BM", head[3] or head[2])
    told = document.told(own, head[11])
    outcomes: list[Outcome] = []
    if document.kind == _BILL_OF_LADING:
        when = times.moment(head[6])
        position = frame.at(document.number, "B3")
        if when is None:
            outcomes.append(undated(position, "B306", head[6]))
        else:
            issued = meant("bill_of_lading_issued", False, name="Bill of lading")
            place, vessel = document.trip.role("loading"), document.trip.vessel
            said = saying(_BILL_OF_LADING, when, None)
            outcomes.append(tell(frame, told, issued, when, _BILL_OF_LADING, position, place, vessel, said))
    outcomes += document.planned(told)
    if not outcomes:
        outcomes.append(Parked(position=frame.prefix[:-1], reason="X12 310 without a bill or dates", format=NAME))
    return outcomes


def read_booking(body: str, frame: Frame) -> list[Outcome]:
    """301: what became of the booking (B1: carrier, number, date, action), and the journey."""
    document = _Document(body, frame, BOOKING)
    head = document.head
    if not head:
        return [Problem(position=frame.at(1, "ST"), reason="the transaction has no B1 segment", format=NAME)]
    position = frame.at(document.number, "B1")
    when = times.moment(head[3]) if head[3].strip() else frame.told
    if when is None:
        return [undated(position, "B103", head[3])]
    action = head[4].strip().upper()[: parts.CODE_LENGTH]
    milestone, name = codes.RESERVATIONS.get(action, ("unknown", None))
    warning = None if name else f"unknown_code: reservation action {action!r}"
    told = document.told(parts.reference("BN", head[2]), head[1])
    place, vessel = document.trip.role("loading"), document.trip.vessel
    said = saying(action, when, None)
    found = meant(milestone, False, name=name, warning=warning)
    outcomes: list[Outcome] = [tell(frame, told, found, when, action, position, place, vessel, said)]
    if milestone != _CANCELLED:
        outcomes += document.planned(told)
    return outcomes
