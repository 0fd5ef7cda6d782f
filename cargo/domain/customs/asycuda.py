"""ASYCUDA, the customs system of UNCTAD in about a hundred countries: lanes, re-routing, and states of a declaration.

Selectivity puts each declaration into one lane: red (the goods are examined before duty is assessed), yellow (the
documents are), blue (audited after the release), green (no check), stand-by green (green, but assessed after a delay
only) or query (under control until some problem is solved). A lane is not a release: assessment, payment and the
release order follow. Officers may re-route a declaration to another lane, up or down, and yellow may turn blue by
itself after some days. Lanes are shown to officers at vetting; clients may learn of them late, so the time at which a
lane was assigned decides and not the time at which it became known.

Source: UNCTAD ASYCUDA++ functional manual 3.29 (stand-by, controlled and query declarations), 6.6 and 6.7 (lanes),
6.18 (re-routing); "Understanding Colour Assignment in ASYCUDA World" (Belize). The states of a declaration are general
knowledge (``background``).
"""

from __future__ import annotations

from cargo.domain.customs import lists
from cargo.domain.customs.lists import Meaning
from cargo.domain.customs.regime import Regime, closes
from cargo.domain.state import Entry
from cargo.domain.view import Hold, Release

AUTHORITY = "UNCTAD-ASYCUDA"
NAMES = {AUTHORITY: ("ASYCUDA", "ASYCUDA World", "ASYCUDA++")}
LANE, STATUS = "lane", "status"

_LISTS = lists.load("customs_asycuda.csv")[AUTHORITY]
MEANINGS = lists.rows(_LISTS)
_LANES = frozenset(row.code for row in MEANINGS if row.list == LANE)
# In these lanes nothing is assessed, and so nothing released, before customs has looked.
_CONTROLLED = frozenset({"RED", "YELLOW", "QUERY"})
_ASSESSED, _QUERIED = "ASSESSED", "QUERIED"


def meaning(code: str, code_list: str = "") -> Meaning | None:
    """What a lane (``RED``, ``red lane``) or a state (``PAID``) says; ``None`` for one that is not known."""
    return lists.find(_LISTS, code, code_list)


def _ends(entry: Entry, hold: Hold) -> bool:
    """Re-routing ends what the earlier lane held: "controlled declarations" were re-routed to green and cleared (3.29).

    Duty is assessed only when what the lane or a query asked for is done (6.6).
    """
    if entry.code in _LANES and hold.entry.code in _LANES:
        return True
    if entry.code == _ASSESSED:
        return hold.entry.code in _LANES or hold.entry.code == _QUERIED
    return closes(entry, hold)


def _replaces(entry: Entry, hold: Hold) -> bool:
    """A declaration is in one lane: a new one takes the place of the last, be it stricter or not (6.18)."""
    return entry.code in _LANES and hold.entry.code in _LANES


def _reopens(entry: Entry, release: Release) -> bool:
    """A lane of control after the release takes it back: in it, examination or documents come before the assessment
    (6.6), on which the release rests. Re-routing to blue or green leaves the release as it is."""
    return entry.code in _CONTROLLED


REGIMES = (Regime(AUTHORITY, ends=_ends, replaces=_replaces, reopens=_reopens, keeps_code=True),)
