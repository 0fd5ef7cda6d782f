"""What Korean customs sets a time for: declare, enter the unloading place, move under bond, pay, remove, leave storage,
load for export.

How long, from what and with what consequence are data (``cargo.domain.deadline_rules``); here is how the words of
UNI-PASS move a period. A day counts in Korean time and ends at 23:59:59; the first day is excluded (Customs Act art.
8(2), Civil Act art. 157). The last day of a period that the law counts moves off Saturdays, Sundays and public holidays
(Customs Act art. 8(3)); a day that customs or a warehouse states itself is not moved. Surcharges and fines apply only
in warehouses that customs has listed (``Shed``): while a warehouse's flags are unknown the basis says ``…_if_listed``.
Where none follows, the time for declaring is still told (``…_no_surcharge``) and alerts nobody, but a time for removing
there is not: that duty itself is one of listed warehouses. Where a period may count from several instants the earliest
is taken. Goods that were sold, forfeited or destroyed have nothing due any more.
"""

from __future__ import annotations

from collections.abc import Iterable

from cargo.domain.customs.korea_deadlines.bonded import bonded_transport, entry_limit, storage
from cargo.domain.customs.korea_deadlines.case import ENTRIES, NO_SHEDS, Case, Shed, Sheds, is_korean, sheds_of
from cargo.domain.customs.korea_deadlines.exporting import loading
from cargo.domain.customs.korea_deadlines.importing import import_declaration, payment, removal
from cargo.domain.deadline import DeadlineView
from cargo.domain.deadline_rules import RuleBook
from cargo.domain.state import Entry
from cargo.domain.view import View

__all__ = ["ENTRIES", "KINDS", "NO_SHEDS", "Shed", "Sheds", "korean_deadlines", "sheds_of"]

# Worked out here; other kinds of rules follow the general way.
KINDS = frozenset(
    {"import_declaration", "removal", "storage_limit", "entry_limit", "bonded_transport", "payment", "loading"}
)
_OVER = frozenset({"sold_by_customs", "forfeited", "destroyed"})


def korean_deadlines(view: View, entries: Iterable[Entry], rules: RuleBook, sheds: Sheds) -> list[DeadlineView]:
    """The deadlines of a shipment that Korean customs speaks of; empty for any other. Pure."""
    korean = [entry for entry in entries if is_korean(entry)]
    if not korean:
        return []
    case = Case(view, korean, rules, sheds)
    found = [
        *import_declaration(case),
        *entry_limit(case),
        *bonded_transport(case),
        *removal(case),
        *payment(case),
        *storage(case),
        *loading(case),
    ]
    if any(entry.milestone in _OVER for entry in korean):
        found = [deadline for deadline in found if deadline.met_at is not None]
    return found
