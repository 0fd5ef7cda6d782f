"""315 Status Details (Ocean): one status of one container, with the journey that it is on.

Source: ASC X12 releases 003020 to 006020, transaction set 315 (functional group QO): B4, N9, Q2, SG, R4 and DTM, V9. B4
tells the status; each SG or V9, and each R4 with an estimated date, is an event of its own. Whether a port is origin,
transshipment or destination is not in the code: the reported milestone is kept, the ports of loading and discharge go
into the plan, and the place says in which role the message names it.
"""

from __future__ import annotations

from cargo.domain import x12_status
from cargo.domain.event import Outcome, Place, Problem, Reference, Transport
from cargo.formats.x12 import codes, parts, times
from cargo.formats.x12.envelope import NAME, Frame
from cargo.formats.x12.journey import TAGS, Journey, saying
from cargo.formats.x12.statuses import beside, disposed, meaning
from cargo.formats.x12.telling import Told, tell, undated

FORMAT = "x12.315"
LIST = x12_status.SHIPMENT_STATUS
ELEMENTS = 14
_MOST_UNKNOWN = 10
_ALLOWED = TAGS | {"K1", "N1", "N2", "N3", "N4", "NTE", "PER", "LX", "REF", "M7", "N7", "W2"}
_BY_MODE = {mode: Transport(mode) for mode in ("vessel", "rail", "truck", "barge")}
_INLAND = frozenset({"rail", "truck", "barge"})


def read(segments: list[str], trip: Journey, before: int, frame: Frame) -> list[Outcome]:
    """The events of a 315. ``before`` counts the segments before the journey if that is not among ``segments``."""
    return _Status(frame, trip, before).read(segments)


def told_of(
    given: list[str],
    box: str,
    numbers: list[Reference],
    identity: list[str],
    carrier: str,
    plan: dict[str, str] | None,
    warnings: tuple[str, ...],
) -> Told:
    """What stands around the status in B4 (``given``); ``identity`` are the numbers that make a report itself."""
    facts = {"carrier": carrier[: parts.CODE_LENGTH]} if carrier else {}
    if given[10]:
        facts["iso"] = given[10].strip()[: parts.CODE_LENGTH]
    if len(identity) > 1:
        identity = sorted(set(identity))
    references = (Reference("container", box), *numbers) if box else tuple(numbers)
    said = f"{box}|{'|'.join(identity)}"
    return Told(FORMAT, references, said, plan, facts, codes.LADEN.get(given[9]), warnings)


def place_of(given: list[str], trip: Journey) -> Place | None:
    """Where it happened: B411 and B412, as an R4 describes it; else R4 5; else the carrier's own location (B406)."""
    key = given[11].strip().upper()
    if not key:
        return trip.activity or parts.located("", "", "", given[6][:80], None)
    return trip.places.get(key) or parts.located(given[12].strip().upper(), given[11][:80], "", "", None)


def status_of(
    frame: Frame,
    told: Told,
    trip: Journey,
    element: str,
    code: str,
    when: times.Moment,
    position: str,
    place: Place | None,
    text: str | None = None,
) -> list[Outcome]:
    """The event of a code, and a second one where the code tells two things."""
    vessel = trip.vessel
    if element == _DISPOSITION:
        meant = disposed(code[: parts.CODE_LENGTH])
    else:
        inland = vessel is None or (place is not None and place.role in codes.INLAND_ROLES)
        meant = meaning(element, code[: parts.CODE_LENGTH], told.laden, inland, bool(told.references))
    transport = vessel
    if meant.mode is not None and (vessel is None or meant.mode in _INLAND):
        transport = _BY_MODE[meant.mode]
    said = f"{saying(code, when, place)}|{told.laden}"
    outcomes: list[Outcome] = [tell(frame, told, meant, when, code, position, place, transport, said, text)]
    if meant.also:
        again = beside(meant)
        outcomes.append(tell(frame, told, again, when, code, f"{position}+", place, transport, said, text))
    return outcomes


_DISPOSITION = "35"


def expected_of(frame: Frame, told: Told, trip: Journey, before: int, suffix: str, outcomes: list[Outcome]) -> None:
    """The events of estimated dates; ``before`` counts the segments before the journey."""
    for item in trip.expected:
        position = f"{frame.prefix}DTM@{before + item.number}{suffix}"
        outcomes.append(
            tell(frame, told, item.meaning, item.when, item.code, position, item.place, item.transport, item.said)
        )


class _Status:
    """The full reading of a 315, whatever stands in it."""

    def __init__(self, frame: Frame, trip: Journey, before: int) -> None:
        self.frame = frame
        self.trip = trip
        self.before = before
        self.head: list[str] = []
        self.headed = 0
        self.numbers: list[Reference] = []
        self.boxes: dict[str, int] = {}
        self.lines: list[tuple[int, list[str]]] = []
        self.carrier = ""
        self.warnings = frame.warnings
        self.unknown: list[str] = []

    def read(self, segments: list[str]) -> list[Outcome]:
        """``segments`` begin with ST; those of the journey are passed over."""
        for number, segment in enumerate(segments, 1):
            given = segment.split(self.frame.element)
            tag = given[0]
            if tag == "N9":
                self._number(number, given)
            elif tag == "B4" and not self.head:
                self.head, self.headed = given + [""] * ELEMENTS, number
            elif tag in ("SG", "V9"):
                self.lines.append((number, given + [""] * 9))
            elif tag not in _ALLOWED and number > 1 and len(self.unknown) < _MOST_UNKNOWN:
                self.unknown.append(f"unknown_segment: {tag[:6]!r} at {number}")
        self.warnings += tuple(self.unknown)
        if not self.head:
            reason = "the transaction has no B4 segment"
            return [Problem(position=self.frame.at(1, "ST"), reason=reason, format=NAME)]
        return self._outcomes()

    def _number(self, number: int, given: list[str]) -> None:
        """N9: qualifier, number, text, date, time, zone, and more numbers in a composite."""
        if len(given) > 2 and given[1].strip().upper() == codes.CARRIER:
            self.carrier = given[2].strip()
        for reference in parts.references(given, self.frame.component):
            if reference.type == "container":
                self.boxes.setdefault(reference.value, number)
            else:
                self.numbers.append(reference)

    def _outcomes(self) -> list[Outcome]:
        """For each box where B4 names none and N9 several."""
        head = self.head
        box = parts.container(head[7], head[8], head[13])
        others = [each for each in self.boxes if each != box]
        several = not box and len(others) > 1
        told = 1 + len(self.lines) + len(self.trip.expected)
        self.frame.weigh(len(self.numbers), told * (len(others) if several else 1))
        if several:
            return [outcome for each in others for outcome in self._of_box(each, f"/N9@{self.boxes[each]}")]
        if box and others:
            self.warnings += (f"container_differs: B4 {box[:15]}, N9 EQ {others[0][:15]}",)
            self.numbers += [Reference("container", each) for each in others]
        return self._of_box(box or "".join(others), "")

    def _of_box(self, box: str, suffix: str) -> list[Outcome]:
        """B4, each further status and each estimated date."""
        head, frame, trip = self.head, self.frame, self.trip
        identity = [f"{item.type}={item.value}" for item in self.numbers if item.type in parts.IDENTIFYING]
        told = told_of(head, box, self.numbers, identity, self.carrier, trip.plan, self.warnings)
        outcomes: list[Outcome] = []
        code = head[3].strip().upper()
        when = times.moment(head[4], head[5])
        if code or not self.lines:
            position = f"{frame.prefix}B4@{self.headed}{suffix}"
            if when is None:
                outcomes.append(undated(position, "B404", head[4]))
            else:
                outcomes += status_of(frame, told, trip, LIST, code, when, position, place_of(head, trip))
        for number, given in self.lines:
            outcomes += self._line(told, given, when, f"{frame.prefix}{given[0]}@{number}{suffix}")
        expected_of(frame, told, trip, self.before, suffix, outcomes)
        return outcomes

    def _line(self, told: Told, given: list[str], when: times.Moment | None, position: str) -> list[Outcome]:
        """SG (status, reason, disposition, date, time, zone) or V9 (event, text, date, time, city, state, country).

        A status without a date of its own has the date of B4.
        """
        code = given[1].strip().upper()
        place, text = place_of(self.head, self.trip), None
        if given[0] == "SG":
            element, date, number = LIST, given[4:7], "SG04"
            if not code:
                element, code = _DISPOSITION, given[3].strip().upper()
        else:
            element, date, number, text = x12_status.EVENT, [*given[3:5], ""], "V903", given[2].strip() or None
            city = ", ".join(filter(None, (part.strip()[:40] for part in given[5:8])))
            place = parts.located("", "", city, "", None) or place
        dated = times.moment(*date) if date[0].strip() else when
        if dated is None:
            return [undated(position, number, date[0])]
        return status_of(self.frame, told, self.trip, element, code, dated, position, place, text)
