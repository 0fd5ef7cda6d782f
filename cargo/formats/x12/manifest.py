"""309 Customs Manifest: which bills a carrier has declared to customs, with their boxes and the expected arrival.

Source: ASC X12 releases 003020 to 006050, transaction set 309 (functional group SO): M10, P4, and LX loops of M13, M11,
N9, M12 and VID. Each bill is an event; that of an import manifest is also expected to arrive when P4 says. A manifest
has no time but its group's. Names, addresses and descriptions of goods are not read.
"""

from __future__ import annotations

from cargo.domain.event import Outcome, Place, Problem, Quantity, Reference
from cargo.formats.x12 import codes, parts, times
from cargo.formats.x12.bills import Bill, Manifest, numbered
from cargo.formats.x12.envelope import NAME, Frame
from cargo.formats.x12.equipment import named
from cargo.formats.x12.journey import VESSEL, saying
from cargo.formats.x12.statuses import expected, meant
from cargo.formats.x12.telling import Told, tell, undated

FORMAT = "x12.309"
_IMPORT = frozenset("ABCPVWXY")


class _Entry:
    """One LX loop: a bill with its boxes."""

    def __init__(self, number: int, tag: str, bill: Bill, port: Place | None, arrival: times.Moment | None) -> None:
        self.number = number
        self.tag = tag
        self.bill = bill
        self.port = port
        self.arrival = arrival
        self.numbers: list[Reference] = []
        self.quantity: Quantity | None = None

    def take(self, given: list[str], component: str | None) -> None:
        """N9, VID or M11."""
        if given[0] == "N9":
            self.numbers += parts.references(given, component)
        elif given[0] == "VID":
            self.numbers += named(given[2], given[3], "", given[1], given[9]).references
            self.numbers += [Reference("seal", seal.strip()) for seal in given[4:6] if seal.strip()]
        else:
            self.quantity = parts.quantity(given[3], given[4], given[5], given[6])


def read(body: str, frame: Frame) -> list[Outcome]:
    """The events of a 309: for each bill that it is on the manifest, and when it is expected."""
    manifest = Manifest()
    port: Place | None = None
    arrival: times.Moment | None = None
    entries: list[_Entry] = []
    loop = 0
    for number, segment in enumerate(body.split(frame.segment), 1):
        given = parts.fields(segment, frame.element, 16)
        tag = given[0]
        if tag == "M10":
            manifest = Manifest.read(given)
        elif tag == "P4":
            port = parts.located(codes.US_PORT, given[1][:80], "", given[4][:80], "discharge")
            arrival = times.moment(given[2], given[5])
        elif tag == "LX":
            loop = number
        elif (bill := numbered(given)) is not None:
            # M13 and M11 of one loop are one bill: the amendment and the bill as it is to be.
            if not (entries and entries[-1].tag == "M13" and entries[-1].number > loop):
                entries.append(_Entry(number, tag, bill, port, arrival))
            if tag == "M11":
                entries[-1].take(given, frame.component)
        elif tag in ("N9", "VID") and entries:
            entries[-1].take(given, frame.component)
    if not manifest.known:
        return [Problem(position=frame.at(1, "ST"), reason="the transaction has no M10 segment", format=NAME)]
    if frame.told is None:
        return [undated(frame.at(1, "ST"), "GS04", "")]
    return [outcome for entry in entries for outcome in _events(entry, manifest, frame, frame.told)]


def _events(entry: _Entry, manifest: Manifest, frame: Frame, when: times.Moment) -> list[Outcome]:
    milestone, name = codes.MANIFESTS.get(manifest.kind, ("unknown", None))
    amended = entry.tag == "M13"
    if amended and manifest.kind in _IMPORT:
        milestone, name = "manifest_amended", "Manifest amended"
    warning = None if name else f"unknown_code: manifest type {manifest.kind[: parts.CODE_LENGTH]!r}"
    found = meant(milestone, False, name=name, warning=warning)
    if found.level in ("house", "master"):
        found = found._replace(level="house" if entry.bill.house else "master")
    references = tuple(dict.fromkeys((*entry.bill.references, *entry.numbers, *manifest.references)))
    said = parts.key_of(list(references))
    facts = {"carrier": manifest.carrier} if manifest.carrier else {}
    port = entry.port
    plan = {"port_of_discharge": port.code} if port is not None and port.scheme == "unlocode" and port.code else None
    told = Told(FORMAT, references, said, plan, facts, None, frame.warnings, entry.quantity)
    position = frame.at(entry.number, entry.tag)
    code = manifest.kind or "M11"
    vessel = manifest.vessel
    outcomes: list[Outcome] = [tell(frame, told, found, when, code, position, port, vessel, saying(code, when, port))]
    if entry.arrival is not None and manifest.kind in _IMPORT:
        later, code = expected("arrived", "estimated"), "P402"
        said = saying(code, entry.arrival, port)
        outcomes.append(tell(frame, told, later, entry.arrival, code, f"{position}+", port, vessel or VESSEL, said))
    return outcomes
