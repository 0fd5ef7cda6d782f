"""What a cargo's story is made of: facts, boxes of cargo and the cargoes in them.

Times are whole seconds since 1970 in UTC. A fact belongs to the party that it is of (``carrier``, ``customs``,
``export customs``, ``trucker``, ``warehouse``), and others may tell it, too; a dialect turns facts into messages.
Nothing here knows a dialect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from cargo.management.generator.firms import Airline, Carrier, Firm, Goods, Trucker, Vessel
from cargo.management.generator.places import PORTS, Port, Shed

_AT_ORIGIN = frozenset(
    {
        "booking_requested",
        "booking_confirmed",
        "shipping_instructions_submitted",
        "vgm_submitted",
        "bill_of_lading_issued",
    }
)


@dataclass(slots=True)
class Fact:
    """Something that happened (``actual``) or is expected (``planned``, ``estimated``), and when its party knew.

    ``phrase`` is the teller's key for its wording; ``superseded`` marks a wrong report that a later one with the same
    ``identity`` corrects. ``missing``: it happened and is never told. ``number``, ``remark`` and ``suffix`` are what
    customs prints as the row's number, its ground and the section of the shed; ``until`` a last day that the row
    states. ``told``: when the first message with it was sent, 0 if none was; ``told_by``: the same for each source.
    """

    milestone: str
    at: int
    by: str
    known: int
    phrase: str
    classifier: str = "actual"
    container: str = ""
    place: str = ""
    leg: int = 0
    identity: str = ""
    superseded: bool = False
    corrects: bool = False
    missing: bool = False
    delay_reason: str = ""
    packages: int = 0
    weight: float = 0.0
    declaration: str = ""
    shed: Shed | None = None
    remark: str = ""
    notice: str = ""
    number: str = ""
    suffix: str = ""
    until: int = 0
    told: int = 0
    told_by: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Leg:
    """One ship or aircraft from one place to another. Times are the true ones, the planned arrival aside."""

    vessel: Vessel
    voyage: str
    origin: Port
    destination: Port
    departs: int
    arrives: int


@dataclass(slots=True)
class Box:
    """What a carrier moves under one master bill: containers at sea, a consignment by air.

    ``age``: seconds between the end of a finished story and now. ``terminal`` and ``warehouse`` are where it goes in
    Korea, ``packer`` is the warehouse that fills it there, ``trucker`` who drives it from there.
    """

    number: int
    rng: Random
    air: bool
    carrier: Carrier | None
    airline: Airline | None
    origin: Port
    destination: Port
    booking: str
    master_bill: str
    containers: list[str]
    legs: list[Leg] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    cargoes: list[Cargo] = field(default_factory=list)
    delay: int = 0
    delay_reason: str = ""
    manifest: str = ""
    master_sequence: int = 0
    flight: str = ""
    terminal: Shed | None = None
    warehouse: Shed | None = None
    packer: Shed | None = None
    trucker: Trucker | None = None
    congested: bool = False
    age: int = 0

    @property
    def arrives(self) -> int:
        """True arrival at the port of discharge."""
        return self.legs[-1].arrives

    def where(self, fact: Fact) -> Port:
        """Where a fact belongs: its own place; what befalls documents, at the end of the journey that they are of."""
        if fact.place:
            return PORTS[fact.place]
        return self.origin if fact.milestone in _AT_ORIGIN else self.destination


class Scene(NamedTuple):
    """A part in the play: what kind of cargo, what befalls it, and after which milestone the world's now falls.

    ``kind``: ``sea_fcl``, ``sea_direct`` (no house bill), ``sea_lcl``, ``sea_lcl_join``, ``air_general``,
    ``air_express``, ``export``. ``after``: a milestone, or ``""`` for a story that is over. ``push``: what follows is
    kept for files to push by hand.
    """

    kind: str
    outcome: str = "plain"
    after: str = ""
    push: bool = False


@dataclass(slots=True)
class Cargo:
    """One client's cargo: a house bill, or a whole master bill."""

    number: int
    rng: Random
    scene: Scene
    box: Box
    house_bill: str
    goods: Goods
    goods_name: str
    packages: int
    weight: float
    importer: Firm
    forwarder: Firm
    broker: Firm
    registrant: str
    references: list[tuple[str, str]]
    own_reference: str
    cargo_number: str = ""
    old_words: bool = False
    tight_words: bool = False
    facts: list[Fact] = field(default_factory=list)
    declarations: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The number that names it in file names and in the truth: house bill, or master bill."""
        return self.house_bill or self.box.master_bill

    def told_by(self, party: str) -> list[Fact]:
        """Its facts of one party; those of its box are the carrier's."""
        return [fact for fact in self.facts if fact.by == party]
