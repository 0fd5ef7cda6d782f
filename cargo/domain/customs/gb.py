"""HM Revenue and Customs: routes of a declaration (CHIEF, CDS) and the notifications of the declaration system (DMS).

A declaration is on one route at a time. The inventory system (CCS-UK and the like) tells the route as one character;
the declaration system sends a notification by its two-digit function code (``08``, also called ``DMSROG``). Both say
what one declaration may do, and are read together:

* Routes 1 and 2 and route F withhold; routes 0, 3, E and H wait; route 6 is the clearance itself.
* ``06`` DMSDOC carries a limit date by which the documents are due (deadline ``documents``).
* ``08`` DMSROG lets the goods go and ``09`` DMSCLE closes the declaration: the second is not another release.
* ``14`` DMSCPI asks for money and ``15`` DMSCPR repeats it: one demand, ended by payment or by the release.

Source: HMRC internal manual INCHP04200 (routes); HMRC customs-inventory-linking-exports, example notifications, and
HMRC's table of positions to notifications (1139 granted and 1141 denied are both answered by ``11`` DMSREQ).
"""

from __future__ import annotations

from collections.abc import Sequence

from cargo.domain.customs import lists
from cargo.domain.customs.lists import Meaning
from cargo.domain.customs.regime import Regime, closes
from cargo.domain.state import Entry
from cargo.domain.view import Hold

AUTHORITY = "GB-HMRC"
NAMES = {AUTHORITY: ("HMRC", "GB", "UK", "CDS", "CHIEF", "HM Revenue and Customs")}
ROUTE, NOTIFICATION = "route", "dms"

_LISTS = lists.load("customs_gb.csv")[AUTHORITY]
MEANINGS = lists.rows(_LISTS)
_ROUTES = frozenset(row.code for row in MEANINGS if row.list == ROUTE)
_DOCUMENTS_ROUTE, _EXAMINATION_ROUTE = "1", "2"
_REJECTED, _CONTROL, _CORRECTED = "03", "05", "07"
_PAYMENT = frozenset({"14", "15"})
_ACCEPTED = frozenset({"import_declared", "customs_released"})


def meaning(code: str, code_list: str = "") -> Meaning | None:
    """What a route (``1``, ``Route 1``) or a notification (``08``, ``DMSROG``) says; ``None`` for one not known."""
    return lists.find(_LISTS, code, code_list)


def _ends(entry: Entry, hold: Hold) -> bool:
    """Another route ends what the earlier route held (INCHP04200: a declaration has one route).

    DMSRES gives what customs corrected after the inspection, so that the goods need not be presented anymore.
    """
    if entry.code in _ROUTES and hold.entry.code in _ROUTES:
        return True
    if entry.code == _CORRECTED:
        return hold.entry.code == _CONTROL
    return closes(entry, hold)


def _replaces(entry: Entry, hold: Hold) -> bool:
    """A new route takes the earlier one's place; route 2 asks for the documents as well, so those of route 1 stay due.

    A reminder takes the place of the demand that it repeats.
    """
    new, old = entry.code, hold.entry.code
    if new in _ROUTES and old in _ROUTES:
        return (old, new) != (_DOCUMENTS_ROUTE, _EXAMINATION_ROUTE)
    return new in _PAYMENT and old in _PAYMENT


def _concerns(entry: Entry, earlier: Sequence[Entry]) -> bool:
    """Rejection is the answer to what was lodged: once the declaration is accepted, that was an amendment."""
    return entry.code != _REJECTED or not any(word.milestone in _ACCEPTED for word in earlier)


REGIMES = (Regime(AUTHORITY, ends=_ends, replaces=_replaces, concerns=_concerns, keeps_code=True),)
