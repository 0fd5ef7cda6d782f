"""CONTRL: telling a sender which of his messages were read, with the segment where one could not be.

Source: UN/EDIFACT CONTRL, version D release 3 (ISO 9735-4, syntax and service report); action codes of data element
0083, error codes of 0085. It says that a message could be read, not that its content is agreed to. It is sent where the
sender asks for it or an agreement says so: whoever calls decides. A CONTRL is never answered.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import datetime

from cargo.domain.event import Outcome, Problem
from cargo.formats.edifact import kinds, syntax
from cargo.formats.edifact.envelope import Interchange, Message
from cargo.formats.edifact.separators import STANDARD, written_again

ACKNOWLEDGED, REJECTED = "7", "4"
_INVALID, _MISSING, _MISMATCH, _COUNT = "12", "13", "28", "29"
_PLACE = re.compile(r"message [0-9]+, segment ([0-9]+)")
# Our warnings on envelopes -> error code and segment, where the answer is strict.
_OF_MESSAGE = {
    "segment_count": (_COUNT, "UNT"),
    "message_reference": (_MISMATCH, "UNT"),
    "message_end": (_MISSING, "UNT"),
}
_OF_INTERCHANGE = {
    "interchange_count": (_COUNT, "UNZ"),
    "interchange_reference": (_MISMATCH, "UNZ"),
    "interchange_end": (_MISSING, "UNZ"),
    "group_count": (_COUNT, "UNE"),
    "group_reference": (_MISMATCH, "UNE"),
}
_LONGEST_REFERENCE = 14
_SYNTAX_VERSION = "3"


class _Answer:
    """What is said of one interchange: a line for each message, grouped as they were."""

    def __init__(self, interchange: Interchange) -> None:
        self.interchange = interchange
        self.lines: list[str] = []
        self.group: list[str] = []
        self.fault: tuple[str, str] | None = None
        self.only_reports = True

    def add(self, message: Message, outcomes: Iterable[Outcome], *, strict: bool) -> None:
        self.only_reports = self.only_reports and message.kind == "CONTRL"
        if message.group and message.group is not self.group:
            self.group = message.group
            self.lines.append(_group_line(self.group))
        names = [warning.partition(":")[0] for warning in message.warnings] if strict else []
        self.fault = self.fault or next((_OF_INTERCHANGE[name] for name in names if name in _OF_INTERCHANGE), None)
        problem = next((outcome for outcome in outcomes if isinstance(outcome, Problem)), None)
        header = message.segments[0].split("+")
        line = f"UCM+{message.reference}+{header[2] if len(header) > 2 else ''}"
        if problem is not None:
            self.lines.append(f"{line}+{REJECTED}")
            place = _PLACE.match(problem.position)
            if place is not None:
                self.lines.append(f"UCS+{place[1]}+{_INVALID}")
            return
        error = next((_OF_MESSAGE[name] for name in names if name in _OF_MESSAGE), None)
        self.lines.append(f"{line}+{ACKNOWLEDGED}" if error is None else f"{line}+{REJECTED}+{error[0]}+{error[1]}")


def acknowledge(data: bytes, now: datetime, *, reference: str = "", strict: bool = False) -> bytes:
    """The answer to each interchange of ``data``, one after the other; empty where there is nothing to answer.

    A message with a problem in it is rejected and the segment named (UCS); the others are acknowledged. Wrong counts
    and references are read tolerantly: only with ``strict`` do they reject the message or the interchange. ``now`` is
    written as it stands, since UNB names no zone. ``reference`` is the answer's control reference, by default its time.
    Raises ``FormatError`` if the bytes are no interchange.
    """
    answers: list[_Answer] = []
    for item in syntax.messages(io.BytesIO(data)):
        if not isinstance(item, Message) or not item.interchange.seen:
            continue
        if not answers or answers[-1].interchange is not item.interchange:
            answers.append(_Answer(item.interchange))
        answers[-1].add(item, kinds.outcomes(item), strict=strict)
    wanted = [answer for answer in answers if not answer.only_reports]
    named = (reference or now.strftime("%y%m%d%H%M%S"))[:_LONGEST_REFERENCE]
    return b"".join(_written(answer, now, named, number) for number, answer in enumerate(wanted))


def _group_line(group: list[str]) -> str:
    """UCF: the group's reference, its sender and its recipient."""
    parts = group + [""] * 6
    return f"UCF+{parts[5]}+{parts[2]}+{parts[3]}+{ACKNOWLEDGED}"


def _written(answer: _Answer, now: datetime, reference: str, number: int) -> bytes:
    interchange = answer.interchange
    header = interchange.header + [""] * 6
    sender, recipient = header[2], header[3]
    if number:
        reference = f"{reference[: _LONGEST_REFERENCE - 2]}{number % 100:02d}"
    about = f"UCI+{header[5].partition(':')[0]}+{sender}+{recipient}+"
    if answer.fault is not None:
        body = [f"{about}{REJECTED}+{answer.fault[0]}+{answer.fault[1]}"]
    else:
        body = [about + ACKNOWLEDGED, *answer.lines]
    segments = [
        f"UNB+{interchange.syntax or 'UNOA'}:{_SYNTAX_VERSION}+{recipient}+{sender}+{now:%y%m%d:%H%M}+{reference}",
        "UNH+1+CONTRL:D:3:UN",
        *body,
        f"UNT+{len(body) + 2}+1",
        f"UNZ+1+{reference}",
    ]
    return "".join(written_again(segment, STANDARD) for segment in segments).encode("latin-1", "replace")
