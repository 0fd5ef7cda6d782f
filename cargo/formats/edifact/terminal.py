"""CODECO (gates), COARRI (load and discharge) and COPRAR (their orders): one event for each EQD group.

Source: UN/EDIFACT CODECO, COARRI and COPRAR, directories D.95B to D.21B; SMDG user manuals 1.6 and 2.x, ITG 1.3. An
order gives no time for a box: that of the vessel's call stands for it, and the event is planned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cargo.domain.event import Event, Outcome, Parked
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact import telling, values
from cargo.formats.edifact.boxes import Box, Report, damage, told
from cargo.formats.edifact.envelope import NAME, Message
from cargo.formats.edifact.moves import move_of
from cargo.formats.edifact.walking import walk


def read(message: Message) -> Iterator[Outcome]:
    """The events of a message, or the one problem that costs it all."""
    report = Report(message)
    fault = walk(message, _HANDLERS, report)
    if fault is not None:
        yield fault
        return
    name = f"{NAME}.{message.kind.lower()}"
    if report.function in q.CANCELLATIONS:
        reason = f"the {q.CANCELLATIONS[report.function]} of a {message.kind}: not applied"
        yield Parked(position=f"message {message.number}", reason=reason, format=name)
        return
    if not report.boxes:
        yield telling.problem(message, 0, "there is no equipment (EQD) in it")
        return
    _close(report, len(message.segments) - message.segments[-1].startswith("UNT"))
    move, warning = move_of(message.kind, report.code, report.name, report.places)
    for box in report.boxes:
        outcome = told(report, box, move, warning, name)
        yield outcome
        if box.damaged and isinstance(outcome, Event):
            yield damage(outcome)


def _close(report: Report, last: int) -> None:
    if report.box is not None:
        report.box.last = last
    report.box = None


def _beginning(report: Report, segment: str, index: int) -> None:
    document = values.components(segment, 1) + [""] * 3
    report.code, report.name = document[0], document[3]
    report.function = values.components(segment, 3)[0]


def _equipment(report: Report, segment: str, index: int) -> None:
    _close(report, index)
    report.box = Box(values.equipment(segment), index + 1)
    report.boxes.append(report.box)


def _reference(report: Report, segment: str, index: int) -> None:
    named = values.named(segment)
    if named.reference is not None:
        scope = report.references if report.box is None else report.box.references
        if len(scope) < telling.MOST:
            scope.append(named.reference)
    elif named.qualifier == q.CARRIER_CODE:
        report.carrier = named.value[:20] or report.carrier


def _seal(report: Report, segment: str, index: int) -> None:
    seal = values.seals[segment]
    if seal is not None and report.box is not None and len(report.box.references) < telling.MOST:
        report.box.references.append(seal)


def _time(report: Report, segment: str, index: int) -> None:
    moment = values.moment(segment)
    if report.box is not None:
        report.box.dated.append((moment, index))
    elif moment.qualifier == q.DOCUMENT_TIME:
        report.reported = moment
    elif len(report.dated) < telling.MOST:
        report.dated.append((moment, index))


def _place(report: Report, segment: str, index: int) -> None:
    location = values.locations[segment]
    if location.place is not None:
        places = report.places if report.box is None else report.box.places
        if len(places) < telling.MOST:
            places.setdefault(location.function, location.place)


def _leg(report: Report, segment: str, index: int) -> None:
    leg = values.legs[segment]
    if report.box is not None:
        report.box.leg = report.box.leg or leg
    elif report.leg is None or leg.stage in q.MAIN_STAGES:
        report.leg = leg


def _party(report: Report, segment: str, index: int) -> None:
    role, code = values.parties[segment]
    if role not in q.CARRIER_ROLES or code is None:
        return
    if report.box is not None:
        report.box.carrier = report.box.carrier or code
    elif role == "CA":
        report.carrier = report.carrier or code
    else:
        report.operator = report.operator or code


def _damaged(report: Report, segment: str, index: int) -> None:
    if report.box is not None:
        report.box.damaged = True


def _control(report: Report, segment: str, index: int) -> None:
    _close(report, index)


_HANDLERS: dict[str, Callable[[Report, str, int], None]] = {
    "BGM": _beginning,
    "EQD": _equipment,
    "RFF": _reference,
    "SEL": _seal,
    "DTM": _time,
    "LOC": _place,
    "TDT": _leg,
    "NAD": _party,
    "DAM": _damaged,
    "CNT": _control,
}
