"""350 Customs Status Information and 355 Customs Acceptance/Rejection: what US customs says of bills of lading.

Source: ASC X12 releases 003020 to 006050, transaction sets 350 (functional groups SO, AU) and 355 (SO, AZ), as CBP's
guides for ocean and truck manifests use them. 350: M10 names the manifest, each P4 a port (Census Schedule D), each X4
a disposition of one bill (``cargo.domain.customs.us``) with K1, N9 and N7, each V9 one of the whole conveyance. 355
answers a manifest: a segment in error comes back with K1 after it, so that a bill with K1 was refused and a 355 without
any was accepted. It has no time but its group's.
"""

from __future__ import annotations

from typing import Any

from cargo.domain import x12_status
from cargo.domain.customs import us
from cargo.domain.event import Event, Outcome, Place, Problem, Reference
from cargo.formats.x12 import codes, parts, times
from cargo.formats.x12.bills import Bill, Manifest, bill_of, numbered
from cargo.formats.x12.envelope import NAME, Frame
from cargo.formats.x12.equipment import named
from cargo.formats.x12.journey import saying
from cargo.formats.x12.statuses import Meaning, beside, disposed, meaning, meant
from cargo.formats.x12.telling import Told, tell, undated

STATUS = "x12.350"
ANSWER = "x12.355"
_MASTER, _HOUSE = "master", "house"
_SUMMARY_LENGTH = 500


class _Entry:
    """One X4 or V9 with the segments that belong to it."""

    def __init__(self, number: int, given: list[str], port: Place | None, port_code: str) -> None:
        self.number = number
        self.given = given
        self.port = port
        self.port_code = port_code
        self.numbers: list[Reference] = []
        self.remarks: list[str] = []

    def take(self, given: list[str], component: str | None) -> None:
        """K1, N7 or N9."""
        if given[0] == "K1":
            self.remarks += [part.strip() for part in given[1:3] if part.strip()]
        elif given[0] == "N7":
            self.numbers += named(given[1], given[2], given[18], given[11], "").references
        else:
            self.numbers += parts.references(given, component)


def read_status(body: str, frame: Frame) -> list[Outcome]:
    """The events of a 350, in its order."""
    manifest = Manifest()
    entries: list[_Entry] = []
    port: Place | None = None
    code = ""
    for number, segment in enumerate(body.split(frame.segment), 1):
        given = parts.fields(segment, frame.element, 22)
        tag = given[0]
        if tag == "M10":
            manifest = Manifest.read(given)
        elif tag == "P4":
            code = given[1].strip()
            port = parts.located(codes.US_PORT, code[:80], "", given[4][:80], "discharge")
        elif tag in ("X4", "V9"):
            entries.append(_Entry(number, given, port, code))
        elif tag in ("K1", "N7", "N9") and entries:
            entries[-1].take(given, frame.component)
    if not entries:
        return [Problem(position=frame.at(1, "ST"), reason="the transaction has no X4 and no V9 segment", format=NAME)]
    outcomes: list[Outcome] = []
    for entry in entries:
        outcomes += (_disposition if entry.given[0] == "X4" else _conveyance)(entry, manifest, frame)
    return outcomes


def _disposition(entry: _Entry, manifest: Manifest, frame: Frame) -> list[Outcome]:
    """X4: bill (01, issuer 09), quantity (02), entry (03, 04), date, time (05, 06, 17), disposition (07), and more."""
    given = entry.given
    position = frame.at(entry.number, "X4")
    when = times.moment(given[5], given[6], given[17])
    code = given[7].strip().upper()[: parts.CODE_LENGTH]
    if when is None:
        return [undated(position, "X405", given[5])]
    if not code:
        return [Problem(position=position, reason="X407: the disposition is missing", format=NAME)]
    bill = bill_of(given[1], given[9], given[8], given[10])
    numbers = [*bill.references, *named(given[11], given[12], "", "", "").references, *entry.numbers]
    declaration = given[4].strip()[: parts.NUMBER_LENGTH]
    if declaration:
        numbers.append(Reference("declaration", declaration))
    extra = parts.reference(given[15], given[16])
    if extra is not None:
        numbers.append(extra)
    facts: dict[str, Any] = {"disposition": code}
    if given[3].strip():
        facts["entry_type"] = given[3].strip()[: parts.CODE_LENGTH]
    told = _told(STATUS, manifest, numbers, facts, entry.port, frame)
    told.quantity = parts.quantity(given[2], "", "", "")
    place = _place(entry)
    meaning_of = _levelled(disposed(code), bill)
    text = _text(meaning_of.name, entry.remarks)
    said = saying(code, when, place)
    outcomes: list[Outcome] = [tell(frame, told, meaning_of, when, code, position, place, manifest.vessel, said, text)]
    if meaning_of.also:
        again = beside(meaning_of)
        outcomes.append(tell(frame, told, again, when, code, f"{position}+", place, manifest.vessel, said, text))
    return outcomes


def _conveyance(entry: _Entry, manifest: Manifest, frame: Frame) -> list[Outcome]:
    """V9: an event of the whole conveyance; CBP gives the disposition in 02, others a code of element 304 in 01."""
    given = entry.given
    position = frame.at(entry.number, "V9")
    when = times.moment(given[3], given[4])
    if when is None:
        return [undated(position, "V903", given[3])]
    code, words = given[1].strip().upper()[: parts.CODE_LENGTH], given[2].strip()
    known = us.disposition(words) if len(words) == 2 else None
    if known is not None:
        code, found = known.code, disposed(known.code)._replace(level="conveyance")
    else:
        found = meaning(x12_status.EVENT, code, None, False, False)._replace(level="conveyance")
    told = _told(STATUS, manifest, list(entry.numbers), {}, entry.port, frame)
    text = _text(found.name if known else words or found.name, entry.remarks)
    said = saying(code, when, entry.port)
    return [tell(frame, told, found, when, code, position, entry.port, manifest.vessel, said, text)]


def _told(
    form: str, manifest: Manifest, numbers: list[Reference], facts: dict[str, Any], port: Place | None, frame: Frame
) -> Told:
    references = tuple(dict.fromkeys((*numbers, *manifest.references)))
    said = "|".join(sorted({f"{item.type}={item.value}" for item in references}))
    if manifest.carrier:
        facts["carrier"] = manifest.carrier
    plan = {"port_of_discharge": port.code} if port is not None and port.scheme == "unlocode" and port.code else None
    return Told(form, references, said, plan, facts, None, frame.warnings)


def _place(entry: _Entry) -> Place | None:
    """The port of the transaction (X413), which is the port of discharge unless it is another one; else P4's."""
    code = entry.given[13].strip()
    if not code or code == entry.port_code:
        return entry.port
    return parts.located(codes.US_PORT, code[:80], "", entry.given[14][:80], None)


def _levelled(found: Meaning, bill: Bill) -> Meaning:
    """The table's level, but a bill is a house bill only where its master is named."""
    if found.level == _MASTER and bill.house:
        return found._replace(level=_HOUSE)
    if found.level == _HOUSE and not bill.house:
        return found._replace(level=_MASTER)
    return found


def _text(name: str | None, remarks: list[str]) -> str | None:
    return ": ".join(filter(None, (name, " ".join(remarks)))) or None


def read_answer(body: str, frame: Frame) -> list[Outcome]:
    """The events of a 355: the bills that were refused, or the manifest that was accepted."""
    manifest = Manifest()
    bills: list[tuple[int, str, Bill]] = []
    errors: dict[int, list[str]] = {}
    first: dict[int, tuple[int, str]] = {}
    summary: list[str] = []
    place: Place | None = None
    for number, segment in enumerate(body.split(frame.segment), 1):
        given = parts.fields(segment, frame.element, 16)
        tag = given[0]
        if tag == "M10":
            manifest = Manifest.read(given)
        elif tag == "P4":
            place = parts.located(codes.US_PORT, given[1][:80], "", given[4][:80], "discharge")
        elif (bill := numbered(given)) is not None:
            bills.append((number, tag, bill))
        elif tag == "K1":
            errors.setdefault(len(bills), []).extend(part.strip() for part in given[1:3] if part.strip())
            first.setdefault(len(bills), (number, tag))
        elif tag == "K3":
            summary += [part.strip() for part in given[1:4] if part.strip()]
    if not manifest.known:
        return [Problem(position=frame.at(1, "ST"), reason="the transaction has no M10 segment", format=NAME)]
    if frame.told is None:
        return [undated(frame.at(1, "ST"), "GS04", "")]
    answer = _Answer(frame, manifest, place, " ".join(summary)[:_SUMMARY_LENGTH], frame.told)
    if not errors:
        found: list[tuple[int, str, Bill | None]] = [*bills] or [(1, "ST", None)]
        return [answer.tell("manifest_accepted", number, tag, bill, []) for number, tag, bill in found]
    return [
        answer.tell("discrepancy", *first[count], bills[count - 1][2] if count else None, words)
        for count, words in errors.items()
    ]


class _Answer:
    """A 355 once it is known what it says."""

    def __init__(self, frame: Frame, manifest: Manifest, place: Place | None, summary: str, when: times.Moment) -> None:
        self.frame = frame
        self.manifest = manifest
        self.place = place
        self.summary = summary
        self.when = when

    def tell(self, milestone: str, number: int, tag: str, bill: Bill | None, words: list[str]) -> Event:
        """One bill of it, or the whole manifest."""
        numbers = list(bill.references) if bill is not None else []
        told = _told(ANSWER, self.manifest, numbers, {}, self.place, self.frame)
        accepted = milestone == "manifest_accepted"
        found = meant(milestone, False, name="Manifest accepted" if accepted else "Manifest rejected")
        found = _levelled(found._replace(level=_MASTER, authority=us.AUTHORITY), bill or Bill((), False))
        code = "accepted" if accepted else "rejected"
        text = _text(found.name, [*words, *([self.summary] if self.summary else [])])
        said = f"{saying(code, self.when, self.place)}|{' '.join(words)}"
        position = self.frame.at(number, tag)
        return tell(self.frame, told, found, self.when, code, position, self.place, self.manifest.vessel, said, text)
