"""A shipment's state as a join: merging is commutative, associative and idempotent.

An ``Entry`` is what one event contributes. For each subject, milestone and place the best report under
one total order is kept (DECISIONS 14); where the milestones table says ``set``, every occurrence is.
What people see is a pure function of the entries (``derive``), so late, doubled and shuffled messages
need no special code. Superseded and retracted events never become entries (``standing``).
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from collections.abc import Iterable
from functools import reduce
from operator import attrgetter

import msgspec

from cargo.domain.codes import MILESTONES

PLANNED, ESTIMATED, ACTUAL = 0, 1, 2
CLASSIFIER_CODES = {"planned": PLANNED, "estimated": ESTIMATED, "actual": ACTUAL}
CLASSIFIER_NAMES = ("planned", "estimated", "actual")

_EACH_SOURCES = frozenset({"last_free_day", "detention", "empty_return"})
_SETS = frozenset(code for code, row in MILESTONES.items() if row.occurrence == "set")


class Rare(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What customs tells and carriers hardly do, kept apart: an entry of a box's move is half the size without it."""

    declaration: str = ""
    cargo: str = ""
    agency: str = ""
    authority: str = ""
    port_of_loading: str = ""
    port_of_discharge: str = ""
    packages: int | None = None
    unit: str = ""
    weight: float | None = None
    deadline_kind: str = ""
    deadline: str = ""


_NOTHING_RARE = Rare()


def rare_or_none(rare: Rare) -> Rare | None:
    """``None`` for one that says nothing: equal entries must have equal bytes."""
    return None if rare == _NOTHING_RARE else rare


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What one event contributes to the state. Instants are whole seconds since 1970 (UTC).

    ``subject``: the container's number at container level, else empty. ``weak``: matched by the container's
    number alone, so the journey's window decides whether it counts. ``rank``: the source's; lower is believed.
    ``implausible``: its time cannot be right, so it never counts as the latest news.
    """

    milestone: str
    classifier: int
    occurred: int | None
    reported: int | None
    rank: int
    id: str
    level: str = "house"
    subject: str = ""
    place: str = ""
    source: int = 0
    mode: str = ""
    weak: bool = False
    implausible: bool = False
    facts: dict[str, str | int | float] | None = None
    rare: Rare | None = None

    @property
    def declaration(self) -> str:
        """The declaration's number."""
        return self.rare.declaration if self.rare else ""

    @property
    def cargo(self) -> str:
        """The cargo control number."""
        return self.rare.cargo if self.rare else ""

    @property
    def agency(self) -> str:
        """Whose hold it is."""
        return self.rare.agency if self.rare else ""

    @property
    def authority(self) -> str:
        """Whose rules apply."""
        return self.rare.authority if self.rare else ""

    @property
    def code(self) -> str:
        """The authority's own code, where its rules go by codes (``Regime.keeps_code``)."""
        return str(self.facts.get("code", "")) if self.facts else ""

    @property
    def bill(self) -> str:
        """The bill that customs speaks of, where its rules go by bills: a house bill, else a master bill."""
        return str(self.facts.get("bill", "")) if self.facts else ""

    @property
    def port_of_loading(self) -> str:
        """As the message names it."""
        return self.rare.port_of_loading if self.rare else ""

    @property
    def port_of_discharge(self) -> str:
        """As the message names it."""
        return self.rare.port_of_discharge if self.rare else ""

    @property
    def packages(self) -> int | None:
        """How many this event speaks of."""
        return self.rare.packages if self.rare else None

    @property
    def unit(self) -> str:
        """The packages' unit."""
        return self.rare.unit if self.rare else ""

    @property
    def weight(self) -> float | None:
        """Kilograms."""
        return self.rare.weight if self.rare else None

    @property
    def deadline_kind(self) -> str:
        """What the stated last day is for."""
        return self.rare.deadline_kind if self.rare else ""

    @property
    def deadline(self) -> str:
        """The last day that the source states, ISO."""
        return self.rare.deadline if self.rare else ""


class Packed(msgspec.Struct, array_like=True):
    """The stored form: a format number and the entries in canonical order."""

    format: int
    entries: list[Entry]


_FORMAT = 1
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Packed)
_identity = attrgetter("id")


def key(entry: Entry) -> tuple[object, ...]:
    """Two entries with the same key speak of the same happening; the better one is kept.

    What is told of a vessel's call for one box is that box's: dropped beside another's, the box would be unknown. So
    are two codes of customs in one second that have one milestone, and one code for two bills.
    """
    if entry.weak:
        return (entry.milestone, entry.id)
    rare, facts = entry.rare, entry.facts
    box: object = None
    if facts is not None:
        box = facts.get("box")
        if "code" in facts or "bill" in facts:
            box = (box, facts.get("code"), facts.get("bill"))
    if entry.classifier == ACTUAL and (entry.milestone in _SETS or (facts is not None and "code" in facts)):
        # Of what customs codes each occurrence counts: a lane is assigned twice, or on two declarations.
        happening = (entry.milestone, entry.subject, entry.place, entry.occurred, box)
        return (*happening, "", "", "") if rare is None else (*happening, rare.declaration, rare.cargo, rare.agency)
    if rare is not None and rare.deadline_kind in _EACH_SOURCES:
        # The earliest day that any source states counts, so that none takes another's place.
        box = (box, entry.source)
    return (entry.milestone, entry.subject, entry.place, entry.classifier, rare.cargo if rare else "", box)


def better(one: Entry, other: Entry) -> Entry:
    """The one that is believed: source rank, then the latest report, then the content's hash."""
    first = (-one.rank, one.reported or 0, one.id)
    second = (-other.rank, other.reported or 0, other.id)
    return one if first >= second else other


def merge(entries: Iterable[Entry], more: Iterable[Entry]) -> list[Entry]:
    """The join of two sets of entries, in canonical order (by id).

    Of the expected departures and arrivals at a place the first report is kept beside the best one, since a delay is
    told against it, and the best one of each source, since sources may disagree.
    """
    best: dict[tuple[object, ...], Entry] = {}
    first: dict[tuple[object, ...], Entry] = {}
    for group in (entries, more):
        for entry in group:
            k = key(entry)
            if has_first(entry):
                held = first.get(k)
                first[k] = entry if held is None else min(held, entry, key=_told)
                k = (*k, entry.source)
            held = best.get(k)
            best[k] = entry if held is None else better(held, entry)
    kept = {entry.id: entry for kind in (best, first) for entry in kind.values()}
    return sorted(kept.values(), key=_identity)


_EXPECTED = frozenset({"departed", "arrived"})


def has_first(entry: Entry) -> bool:
    """Whether the first report of this kind, and the best one of each source, are kept beside the best one."""
    return entry.classifier != ACTUAL and entry.milestone in _EXPECTED and not entry.weak


def _told(entry: Entry) -> tuple[int, str]:
    return (entry.reported or 0, entry.id)


def merge_into(entries: list[Entry], more: Iterable[Entry]) -> list[Entry]:
    """The same join for a few new entries and a state in canonical order: only what they touch is looked at."""
    out = list(entries)
    for entry in more:
        k, milestone = key(entry), entry.milestone
        rivals = [held for held in out if held.milestone == milestone and key(held) == k]
        if not rivals:
            insort(out, entry, key=_identity)
            continue
        kept = {held.id for held in (merge(rivals, [entry]) if has_first(entry) else [reduce(better, rivals, entry)])}
        for held in rivals:
            if held.id not in kept:
                out.remove(held)
        if entry.id in kept and all(held.id != entry.id for held in rivals):
            insort(out, entry, key=_identity)
    return out


def pack(entries: list[Entry]) -> bytes:
    """The canonical bytes of a state: equal sets of events give equal bytes."""
    return _encoder.encode(Packed(_FORMAT, entries))


def unpack(packed: bytes) -> list[Entry]:
    """The entries of stored bytes; an empty value is an empty state."""
    return _decoder.decode(packed).entries if packed else []


# A worker meets the shipments it has just written again and again. The bytes are the key, so it cannot be wrong.
_known: OrderedDict[bytes, list[Entry]] = OrderedDict()
_KNOWN_LIMIT = 4096


def remember(packed: bytes, entries: list[Entry]) -> None:
    """Keeps the entries of bytes that will soon be read again; the oldest of some thousands is forgotten."""
    _known[packed] = entries
    if len(_known) > _KNOWN_LIMIT:
        _known.popitem(last=False)


def known_entries(packed: bytes) -> list[Entry]:
    """The entries of stored bytes, which the caller must not change. Used once: what comes next has other bytes."""
    entries = _known.pop(packed, None)
    return unpack(packed) if entries is None else entries


class Report(msgspec.Struct, frozen=True):
    """One version of one report in the log, as far as supersession goes."""

    id: str
    lineage: str
    version: str
    revision: int
    reported: int | None
    retraction: bool


def standing(reports: Iterable[Report]) -> set[str]:
    """The ids that stand: of each lineage the highest version, unless that one takes the report back.

    A source's retraction may arrive before its target: it is one more version, so the order cannot matter. Revisions
    come from replays and concern one version only: the highest is how it reads now, and a retraction among them says
    that the message does not say it anymore, so that an older version may stand again.
    """
    read: dict[tuple[str, str, int], Report] = {}
    for report in reports:
        version = (report.lineage, report.version, report.reported or 0)
        held = read.get(version)
        if held is None or (report.revision, report.id) > (held.revision, held.id):
            read[version] = report
    top: dict[str, Report] = {}
    for _, report in sorted(read.items()):
        if not (report.retraction and report.revision):
            top[report.lineage] = report
    return {report.id for report in top.values() if not report.retraction}
