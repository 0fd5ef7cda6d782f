"""What is read off a state: plain structures that ``derive`` fills and the rest of the house reads.

Instants are whole seconds since 1970 (UTC) throughout; documents turn them into text once.
"""

from __future__ import annotations

import msgspec

from cargo.domain.state import Entry


class Occurrence(msgspec.Struct, gc=False):
    """An entry with the milestone that it means here (reported ``arrived`` may be a transshipment)."""

    milestone: str
    entry: Entry
    occurred: int | None
    subject: str


class Hold(msgspec.Struct, gc=False):
    """Something that withholds the cargo; never deleted. ``kind``: inspection, documents, customs_hold, …

    ``cleared_by`` is the milestone that ended it or ``release``, ``ended_by`` the word that says so.
    """

    agency: str
    kind: str
    milestone: str
    placed_at: int | None
    entry: Entry
    cleared_at: int | None = None
    cleared_by: str | None = None
    ended_by: Entry | None = None


class Release(msgspec.Struct, gc=False):
    """A release and, if it was taken back, when.

    ``taken_back``: packages of it that were taken back while the rest stands, ``reduced_by`` the last word that did so.
    ``withheld``: it stands, but before its authority it lets nothing go while a hold stands beside it.
    """

    released_at: int | None
    entry: Entry
    provisional: bool = False
    revoked_at: int | None = None
    revoked_by: Entry | None = None
    taken_back: int = 0
    reduced_by: Entry | None = None
    withheld: bool = False

    @property
    def packages(self) -> int | None:
        """How many it lets go, without those that were taken back; ``None`` where it does not say (some write 0)."""
        packages = self.entry.packages
        return packages - self.taken_back if packages else None


class Case(msgspec.Struct, gc=False):
    """One declaration before one authority, of one bill where the authority goes by bills.

    ``for_all``: what was said of a master bill for every house bill under it. ``changed`` and ``opened``: when its
    state last changed, and when it began.
    """

    authority: str
    declaration: str
    bill: str = ""
    for_all: bool = False
    state: str = ""
    changed: int = 0
    opened: int | None = None


class Clearance(msgspec.Struct, gc=False):
    """Customs, worked out: the state of INTERFACES, holds and releases as history.

    ``live``: of the cases those that decide the state. ``whole``: what stands is a release of all of the cargo, as far
    as declarations and quantities go. ``manifested``: packages of all bills, where the authority's releases add up.
    """

    state: str = "none"
    holds: list[Hold] = []
    releases: list[Release] = []
    declared_at: int | None = None
    known: bool = False
    cases: list[Case] = []
    live: list[Case] = []
    whole: bool = False
    manifested: int | None = None

    @property
    def open_holds(self) -> list[Hold]:
        """Holds that stand."""
        return [hold for hold in self.holds if hold.cleared_at is None]

    @property
    def standing_release(self) -> Release | None:
        """The release that stands, the latest if several."""
        standing = [release for release in self.releases if release.revoked_at is None]
        return max(standing, key=lambda r: r.released_at or 0) if standing else None


class Light(msgspec.Struct, gc=False):
    """One thing that must be right before cargo can be collected."""

    light: str
    state: str
    since: int | None = None
    source: int | None = None
    responsible: str | None = None
    next_action: str | None = None
    deadline: str | None = None


class Plan(msgspec.Struct, gc=False):
    """What a person or a booking said about the journey. ``organization``: who registered it, 0 where nobody did."""

    port_of_loading: str = ""
    port_of_discharge: str = ""
    mode: str = ""
    load: str = ""
    registered_at: int = 0
    organization: int = 0


class ContainerView(msgspec.Struct, gc=False):
    """One container of the shipment."""

    number: str
    milestone: str = ""
    rank: int = 0
    last_at: int | None = None
    released: bool = False
    gone: bool = False
    iso_code: str = ""


class View(msgspec.Struct):
    """Everything that lists, documents and news are made from."""

    status: str = "expected"
    milestone: str = ""
    mode: str = ""
    carrier: str = ""
    port_of_loading: str = ""
    port_of_discharge: str = ""
    occurrences: list[Occurrence] = []
    clearance: Clearance = msgspec.field(default_factory=Clearance)
    lights: list[Light] = []
    ready: bool | None = None
    containers: list[ContainerView] = []
    eta: Entry | None = None
    eta_first: int | None = None
    arrived_at: int | None = None
    gated_out_at: int | None = None
    under_bond_at: int | None = None
    last_free_day: str | None = None
    last_event_at: int | None = None
    manifested: tuple[int | None, str, float | None] | None = None
    removed_packages: int = 0
    load: str = ""
    organization: int = 0

    def actual(self, milestone: str) -> list[Occurrence]:
        """The actual occurrences of an effective milestone, by time."""
        return [
            occurrence
            for occurrence in self.occurrences
            if occurrence.milestone == milestone and occurrence.entry.classifier == 2
        ]
