"""997 Functional Acknowledgment and 999 Implementation Acknowledgment: telling a sender what was read.

Source: ASC X12 transaction sets 997 (release 004010) and 999 (005010), data elements 715 to 724. Groups of release
005010 and later are answered by a 999, all others by a 997; an acknowledgment is never acknowledged. What is read
although it is wrong (counts, control numbers) is accepted with errors; ``strict`` rejects it. TA1 is not made.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from cargo.domain.event import Event, Outcome, Parked, Problem
from cargo.formats.x12.envelope import Frame, bodies
from cargo.formats.x12.header import Header
from cargo.formats.x12.reading import READERS, of_transaction

_ACKNOWLEDGMENTS = frozenset({"997", "999"})
_ACKNOWLEDGING_GROUP = "FA"
_LONGEST_CONTROL = 35
_FIRST_IMPLEMENTED_RELEASE = "005010"
ACCEPTED, WITH_ERRORS, PARTLY, REJECTED = "A", "E", "P", "R"

# Element 718 (AK502), 716 (AK905), by the beginning of the envelope's warning.
_TRANSACTION_ERRORS = {
    "not_closed: SE": "2",
    "control_number: ST02": "3",
    "segment_count: SE01": "4",
}
_GROUP_ERRORS = {
    "control_number: GS06": "4",
    "transaction_count: GE01": "5",
}
_NOT_SUPPORTED, _TRAILER_MISSING, _SEGMENTS_IN_ERROR = "1", "2", "5"
_GROUP_TRAILER_MISSING = "3"
# Element 720 (AK304).
_UNEXPECTED, _SEGMENT_MISSING, _ELEMENT_ERRORS = "2", "3", "8"
# Element 723 (AK403).
_ELEMENT_MISSING, _TOO_LONG, _NOT_A_DATE = "1", "5", "8"

_SEGMENT = re.compile(r"/([A-Z0-9]{2,3})@([0-9]+)(?:/[A-Z0-9]{2,3}@[0-9]+)?\Z")
_ELEMENT = re.compile(r"[A-Z][A-Z0-9]{1,2}([0-9]{2}): ")
_MISSING = re.compile(r"the transaction has no ([A-Z0-9]{2,3}) ")
_UNKNOWN = re.compile(r"unknown_segment: '([^']{1,6})' at ([0-9]+)")


class _Answer:
    """What is said of one transaction: ``notes`` are (segment, number, error, element, its error)."""

    def __init__(self, frame: Frame, outcomes: list[Outcome], strict: bool) -> None:
        self.kind = frame.kind[:_LONGEST_CONTROL]
        self.control = frame.control[:_LONGEST_CONTROL]
        self.notes: list[tuple[str, str, str, str, str]] = []
        self.errors = [code for begin, code in _TRANSACTION_ERRORS.items() if _warned(frame, begin)]
        rejected = bool(self.errors) and strict
        if frame.kind not in READERS and frame.kind:
            self.errors, rejected = [_NOT_SUPPORTED], True
        problems = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
        for problem in problems:
            self._note(problem)
        for number, tag in _unknown(outcomes):
            self.notes.append((tag, number, _UNEXPECTED, "", ""))
        if self.notes:
            self.errors.append(_SEGMENTS_IN_ERROR)
        nothing_read = bool(problems) and not any(isinstance(outcome, Event) for outcome in outcomes)
        self.status = REJECTED if rejected or nothing_read else WITH_ERRORS if self.errors else ACCEPTED

    def _note(self, problem: Problem) -> None:
        place, element = _SEGMENT.search(problem.position), _ELEMENT.match(problem.reason)
        missing = _MISSING.search(problem.reason)
        if missing is not None:
            self.notes.append((missing[1], "2", _SEGMENT_MISSING, "", ""))
        elif place is None or "cut off" in problem.reason:
            self.errors.append(_TRAILER_MISSING if place is not None else _SEGMENTS_IN_ERROR)
        elif element is not None:
            error = _ELEMENT_MISSING if "missing" in problem.reason else _NOT_A_DATE
            self.notes.append((place[1], place[2], _ELEMENT_ERRORS, str(int(element[1])), error))
        else:
            self.notes.append((place[1], place[2], _ELEMENT_ERRORS, "1", _TOO_LONG))

    def segments(self, implementation: bool) -> Iterator[list[str]]:
        """AK2 to AK5, or their names in a 999."""
        letters = "IK" if implementation else "AK"
        yield ["AK2", self.kind, self.control]
        for tag, number, error, element, element_error in self.notes:
            yield [f"{letters}3", tag, number, "", error]
            if element:
                yield [f"{letters}4", element, "", element_error]
        yield [f"{letters}5", self.status, *dict.fromkeys(self.errors)]


class _Group:
    """One functional group and what is said of its transactions."""

    def __init__(self, frame: Frame, strict: bool) -> None:
        self.header = frame.header
        self.interchange = frame.interchange
        self.functional = frame.functional[:_LONGEST_CONTROL]
        self.control = frame.group_control[:_LONGEST_CONTROL]
        self.release = frame.release[:_LONGEST_CONTROL]
        self.sender, self.receiver = frame.sender[:_LONGEST_CONTROL], frame.receiver[:_LONGEST_CONTROL]
        self.strict = strict
        self.answers: list[_Answer] = []
        self.errors: list[str] = []

    def take(self, frame: Frame, outcomes: list[Outcome]) -> None:
        """One transaction of the group; GE is told with the last one."""
        self.answers.append(_Answer(frame, outcomes, self.strict))
        self.errors += [code for begin, code in _GROUP_ERRORS.items() if _warned(frame, begin)]
        if _warned(frame, "not_closed: IEA"):
            self.errors.append(_GROUP_TRAILER_MISSING)

    @property
    def implementation(self) -> bool:
        """Whether a 999 answers it."""
        return self.release >= _FIRST_IMPLEMENTED_RELEASE

    def segments(self) -> list[list[str]]:
        """ST to SE."""
        kind = "999" if self.implementation else "997"
        inner = [["AK1", self.functional, self.control, *([self.release] if self.implementation else [])]]
        for answer in self.answers:
            inner += answer.segments(self.implementation)
        count = str(len(self.answers))
        accepted = sum(answer.status != REJECTED for answer in self.answers)
        inner.append(["AK9", self._status(accepted), count, count, str(accepted), *dict.fromkeys(self.errors)])
        return [["ST", kind, "0001"], *inner, ["SE", str(len(inner) + 2), "0001"]]

    def _status(self, accepted: int) -> str:
        if not accepted:
            return REJECTED
        if accepted < len(self.answers):
            return PARTLY
        clean = not self.errors and all(answer.status == ACCEPTED for answer in self.answers)
        return ACCEPTED if clean else WITH_ERRORS


def acknowledge(data: bytes, now: datetime, *, control_number: int = 1, strict: bool = False) -> bytes:
    """The answer to each interchange of ``data``, one after the other; empty if there is nothing to answer.

    ``now`` is written as it stands (ISA and GS name no zone). ``control_number`` is that of the first interchange
    (ISA13) and of the first group in it; the next ones follow. The separators are the sender's own. Raises
    ``FormatError`` if the bytes do not begin with an interchange.
    """
    answers: list[bytes] = []
    for _, groups in groupby(_groups(data, strict), key=lambda group: group.interchange):
        answers.append(_interchange(list(groups), now, control_number + len(answers)))
    return b"".join(answers)


def _groups(data: bytes, strict: bool) -> Iterator[_Group]:
    group: _Group | None = None
    at = (0, 0)
    for frame, body in bodies(io.BytesIO(data)):
        if (
            (isinstance(body, Parked) and not frame.kind)
            or not frame.number
            or frame.functional == _ACKNOWLEDGING_GROUP
        ):
            continue
        if frame.kind in _ACKNOWLEDGMENTS:
            continue
        if isinstance(body, Problem | Parked) and not body.position.startswith(frame.prefix[:-1]):
            continue
        if at != (frame.interchange, frame.groups) or group is None:
            if group is not None:
                yield group
            group, at = _Group(frame, strict), (frame.interchange, frame.groups)
        group.take(frame, of_transaction(frame, body))
    if group is not None:
        yield group


def _interchange(groups: list[_Group], now: datetime, control_number: int) -> bytes:
    header = groups[0].header
    control = f"{control_number % 10**9:09d}"
    segments = [_isa(header, now, control)]
    for number, group in enumerate(groups, control_number % 10**9):
        release = "005010" if group.implementation else "004010"
        segments.append(
            ["GS", "FA", group.receiver, group.sender, f"{now:%Y%m%d}", f"{now:%H%M}", str(number), "X", release]
        )
        segments += group.segments()
        segments.append(["GE", "1", str(number)])
    segments.append(["IEA", str(len(groups)), control])
    text = "".join(header.element.join(segment) + header.segment for segment in segments)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


def _isa(header: Header, now: datetime, control: str) -> list[str]:
    """ISA with sender and receiver exchanged, in its fixed width."""
    given = header.elements
    return [
        "ISA", "00", " " * 10, "00", " " * 10, f"{given[6]:2.2}", f"{given[7]:15.15}", f"{given[4]:2.2}",
        f"{given[5]:15.15}", f"{now:%y%m%d}", f"{now:%H%M}", header.repetition or "U", f"{given[11]:5.5}", control, "0",
        given[14][:1] or "P", header.component or ">",
    ]  # fmt: skip


def _warned(frame: Frame, begin: str) -> bool:
    return any(warning.startswith(begin) for warning in frame.warnings)


def _unknown(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    """The segments that events of the transaction were warned of, each once: number and tag."""
    found: dict[tuple[str, str], None] = {}
    for outcome in outcomes:
        for warning in outcome.warnings if isinstance(outcome, Event) else ():
            named = _UNKNOWN.match(warning)
            if named is not None:
                found[named[2], named[1]] = None
    return list(found)
