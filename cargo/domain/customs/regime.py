"""How one authority's words work together: what ends a hold, what takes a release back, what takes whose place.

Each authority's module gives its ``REGIMES`` (a tuple, since a module may speak for several authorities); the engine
looks one up by ``Entry.authority`` (``regimes.regime_of``) and asks it. What an authority does not say otherwise
follows the default, which is the rule of most (Korea, DCSA, X12, IATA): a release ends the authority's own earlier
holds on the same cargo, a milestone closes what the milestones table says (``closes``), and what takes a release back
takes back every one of that authority on the same cargo.

The engine asks only about two words of one authority on the same cargo (``same_cargo``), the entry being the later
one. All of this is pure: no clock, no order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from cargo.domain.codes import MILESTONES
from cargo.domain.state import Entry
from cargo.domain.view import Hold, Release

# What other agencies hold is never ended by a release of customs.
AGENCY_HOLDS = frozenset({"agency_hold", "agency_refused"})
# By these a transit declaration lives: it is lodged, or its goods move, or have arrived.
TRANSIT = frozenset({"transit_declared", "transit_released", "transit_ended", "transit_discharged"})
# A bill's number is known with and without the four letters of who issued it (SCAC).
_ISSUER = 4
_CLOSES = {code: frozenset(row.closes) for code, row in MILESTONES.items() if row.closes}


def closes(entry: Entry, hold: Hold) -> bool:
    """Whether the milestones table says so: ``inspection_completed`` ends ``inspection_ordered`` of the same agency."""
    targets = _CLOSES.get(entry.milestone)
    if targets is None or hold.milestone not in targets:
        return False
    return not entry.agency or not hold.agency or entry.agency == hold.agency


def takes_back_any(entry: Entry, release: Release) -> bool:
    """Whatever reverts, reverts each release on the same cargo."""
    return True


def never(entry: Entry, hold: Hold) -> bool:
    """No later word takes a hold's place."""
    return False


def keeps_release(entry: Entry, release: Release) -> bool:
    """A release stands whatever is said after it, as long as nothing takes it back."""
    return False


def about_the_declaration(entry: Entry, earlier: Sequence[Entry]) -> bool:
    """What customs rejects or cancels is the declaration."""
    return True


def no_entry(entry: Entry) -> bool:
    """No word is of that kind."""
    return False


def every_entry(entry: Entry) -> bool:
    """Every word is of that kind."""
    return True


class Regime(NamedTuple):
    """The rules of one authority.

    ``release_ends_holds``: a release ends the authority's own earlier holds, other agencies' never (DECISIONS 16).
    ``release_ends_also``: systems of the same administration whose holds its release ends as well, under whichever
    number: an entry summary declaration has one of its own.
    ``ends(entry, hold)``: whether this word ends that open hold, beside what a release ends; asked of every word that
    is not a hold. ``replaces(entry, hold)``: whether this new hold takes the open one's place (a lane assigned anew).
    ``takes_back(entry, release)``: whether this word (effect ``revert``) takes that standing release back.
    ``reopens(entry, release)``: whether this word takes that standing release back although its effect is not
    ``revert``: a lane assigned anew. The state is then ``revoked``, or ``held`` while a hold that it opens stands.
    ``concerns(entry, earlier)``: whether this word (effect ``revert``) is about the declaration itself. ``earlier`` are
    the authority's words on the same cargo before it: a request on a declaration that was accepted may be refused, and
    the declaration still stands. A word that is not is passed over.
    ``transit``: the authority speaks of a transit, not of an import: its declarations are lodged and live by the words
    of ``TRANSIT``, which give no state (``none``), so that a transit that was refused and lodged anew is forgotten.
    ``revokes(entry)``: whether such a word makes the state ``revoked`` although no release is known that it took back.
    ``cancelling_revokes``: a cancelled declaration whose release stood is ``revoked``, not only ``cancelled``.
    ``additive``: a release lets go only while no hold on the same cargo stands, whichever agency's.
    ``counts_quantity``: releases add up against the manifested quantity; part of it is not the whole.
    ``manifests(entry)``: the packages of this word are those manifested on its bill.
    ``lodges(entry)``: this hold says that a declaration was lodged, too.
    ``speaks_for_all(entry)``: this word of a master bill is about every house bill under it.
    ``keeps_code``, ``keeps_bill``: the authority's own code (``Entry.code``) and the bill (``Entry.bill``) reach the
    state, and words of one instant are told apart by them.
    """

    authority: str
    release_ends_holds: bool = True
    release_ends_also: frozenset[str] = frozenset()
    ends: Callable[[Entry, Hold], bool] = closes
    replaces: Callable[[Entry, Hold], bool] = never
    takes_back: Callable[[Entry, Release], bool] = takes_back_any
    reopens: Callable[[Entry, Release], bool] = keeps_release
    concerns: Callable[[Entry, Sequence[Entry]], bool] = about_the_declaration
    transit: bool = False
    revokes: Callable[[Entry], bool] = every_entry
    cancelling_revokes: bool = False
    additive: bool = False
    counts_quantity: bool = False
    manifests: Callable[[Entry], bool] = no_entry
    lodges: Callable[[Entry], bool] = no_entry
    speaks_for_all: Callable[[Entry], bool] = no_entry
    keeps_code: bool = False
    keeps_bill: bool = False


DEFAULT = Regime("")


def same_cargo(one: Entry, other: Entry) -> bool:
    """The same declaration, cargo, box and bill, as far as both are named."""
    if one.subject and other.subject and one.subject != other.subject:
        return False
    mine, theirs = one.rare, other.rare
    if mine is not None and theirs is not None:
        if mine.declaration and theirs.declaration and mine.declaration != theirs.declaration:
            return False
        if mine.cargo and theirs.cargo and mine.cargo != theirs.cargo:
            return False
    bill = one.bill
    return not bill or not other.bill or same_bill(bill, other.bill)


def case_named(entry: Entry) -> str:
    """The declaration, else the cargo, and the bill where customs goes by bills: what its words are about."""
    return "+".join(filter(None, (entry.declaration or entry.cargo, entry.bill)))


def same_bill(one: str, other: str) -> bool:
    """Equal, or equal but for the issuer's four letters in front of one of them."""
    if one == other:
        return True
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return len(longer) - len(shorter) == _ISSUER and longer.endswith(shorter) and longer[:_ISSUER].isalpha()
