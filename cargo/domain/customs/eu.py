"""The European Union: transit (NCTS), entry security (ICS2), and the words of the national import systems.

Three systems with three kinds of declaration, so three authorities:

* ``EU-NCTS``: a transit. ``IE029`` releases the goods *for transit*; ``IE025`` at the destination and ``IE045`` at the
  end discharge it. None of them is an import release: that is a declaration of its own.
* ``EU-ICS2``: the entry summary declaration. Do not load (``IE3Q01``), a request for information (``IE3Q02``) or for
  screening (``IE3Q03``) and an incomplete filing (``IE3N02``) withhold until the assessment is complete (``IE3N03``).
* ``EU-IMPORT``: each member state has its own messages; these general words are what they are mapped to.

Source: HMRC CTC traders technical interface specification (message overview) for NCTS phase 5; ICS2 and the national
words are general knowledge (``background``).
"""

from __future__ import annotations

from collections.abc import Sequence

from cargo.domain.customs import lists
from cargo.domain.customs.lists import Meaning
from cargo.domain.customs.regime import Regime, closes
from cargo.domain.state import Entry
from cargo.domain.view import Hold

TRANSIT, SECURITY, IMPORT = "EU-NCTS", "EU-ICS2", "EU-IMPORT"
NAMES = {TRANSIT: ("NCTS",), SECURITY: ("ICS2",), IMPORT: ()}

_LISTS = lists.load("customs_eu.csv")
MEANINGS = [row for of_one in _LISTS.values() for row in lists.rows(of_one)]

_GUARANTEE, _CONTROL, _REFUSED, _AMEND = "IE055", "IE060", "IE051", "IE022"
_AMENDED, _REJECTION, _ALLOCATED = "IE004", "IE056", "IE028"
_ARRIVAL_REJECTED = "IE057"
# The goods may move, or the movement is over: whatever withheld it does so no more.
_MOVING = frozenset({"IE029", "IE025", "IE045"})
_ASSESSMENT_COMPLETE = "IE3N03"
_UNTIL_ASSESSED = frozenset({"IE3N02", "IE3Q01", "IE3Q02", "IE3Q03"})


def meaning(code: str, code_list: str = "", authority: str = "") -> Meaning | None:
    """What a message (``IE029``, ``CC029C``) or a general word (``RELEASED``) says; ``None`` for one not known.

    ``authority``: one of the three; else whichever has the code.
    """
    asked = [_LISTS[authority]] if authority else _LISTS.values()
    found = (lists.find(of_one, code, code_list) for of_one in asked)
    return next((row for row in found if row is not None), None)


def _transit_ends(entry: Entry, hold: Hold) -> bool:
    """A transit that moves or is over is held by nothing; an accepted amendment answers the notification to amend."""
    if entry.code in _MOVING:
        return True
    if entry.code == _AMENDED:
        return hold.entry.code == _AMEND
    return closes(entry, hold)


def _transit_replaces(entry: Entry, hold: Hold) -> bool:
    """Release refused is what the control came to; a guarantee found invalid again is the same demand."""
    if entry.code == _REFUSED:
        return hold.entry.code == _CONTROL
    return entry.code == _GUARANTEE == hold.entry.code


def _transit_concerns(entry: Entry, earlier: Sequence[Entry]) -> bool:
    """A rejection at departure answers the last thing lodged (its business rejection type names it: 015 declaration,
    013 amendment, 014 invalidation). Once an MRN is allocated the declaration is accepted, and so it was a request.
    A rejection at destination (IE057) is of the arrival notification or the unloading remarks, never of the transit.
    """
    if entry.code == _ARRIVAL_REJECTED:
        return False
    return entry.code != _REJECTION or not any(word.code == _ALLOCATED for word in earlier)


def _security_ends(entry: Entry, hold: Hold) -> bool:
    """The completed assessment settles every referral on the filing; a control at entry is told after it and stays."""
    if entry.code == _ASSESSMENT_COMPLETE:
        return hold.entry.code in _UNTIL_ASSESSED
    return closes(entry, hold)


REGIMES = (
    Regime(
        TRANSIT,
        ends=_transit_ends,
        replaces=_transit_replaces,
        concerns=_transit_concerns,
        transit=True,
        keeps_code=True,
    ),
    Regime(SECURITY, ends=_security_ends, keeps_code=True),
    # Goods in free circulation are in no transit anymore, and the control at their entry is done.
    Regime(IMPORT, release_ends_also=frozenset({TRANSIT, SECURITY}), keeps_code=True),
)
