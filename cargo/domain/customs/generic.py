"""Words about customs that belong to no single administration, and two administrations of which little is known.

Carriers, airlines and messaging standards repeat what customs said: DCSA's shipment events of document ``CUS``, X12
element 27, IATA's CRC, CCD and TGC, UN/CEFACT Recommendation 24. CUSRES is an administration's own answer in the
general words of UN/EDIFACT. They follow the rule of most: a release ends the same speaker's earlier holds, later ones
withhold, and customs' own word goes before what is repeated of it.

Japan (``JP-NACCS``) and China (``CN-GACC``) are plain tables: their states are general knowledge (``background``) but
for the NACCS examination class.

Source: DCSA Track and Trace 2.2; X12 element 27 (``x12_status``); IATA FSU (``iata_status``); UN/EDIFACT code lists
7365 and 1001 of D.21A; Recommendation 24 revision 6; tradebizconsulting.com/naccs.
"""

from __future__ import annotations

from cargo.domain import iata_status, x12_status
from cargo.domain.customs import lists
from cargo.domain.customs.lists import Lists, Meaning, agency_of
from cargo.domain.customs.regime import Regime

DCSA, X12, IATA, EDIFACT, REC24 = "DCSA", x12_status.AUTHORITY, iata_status.AUTHORITY, "UN-EDIFACT", "UN-REC24"
JAPAN, CHINA = "JP-NACCS", "CN-GACC"
NAMES = {
    DCSA: (),
    X12: (),
    IATA: (),
    EDIFACT: ("CUSRES", "EDIFACT", "UN/EDIFACT"),
    REC24: ("Recommendation 24", "Rec 24", "UN/CEFACT"),
    JAPAN: ("NACCS", "JP"),
    CHINA: ("GACC", "CN"),
}
PROCESSING_INDICATOR, DOCUMENT_NAME = "7365", "1001"


def _clearances() -> Lists:
    """X12 element 27."""
    codes = {
        row.code: Meaning(X12, element, row.code, row.name, row.milestone, row.agency, note=row.note, source="X12 27")
        for (element, _code, _laden), row in x12_status.STATUSES.items()
        if element == x12_status.CLEARANCE
    }
    return {x12_status.CLEARANCE: codes}


def _airlines() -> Lists:
    """The three IATA statuses that concern customs; which end of the journey decides what a clearance is."""
    codes = {}
    for row in iata_status.STATUSES.values():
        if row.customs:
            milestone = row.milestone or row.at_destination
            at_origin = "" if row.milestone else row.at_origin
            codes[row.code] = Meaning(
                IATA, "FSU", row.code, row.name, milestone, at_origin=at_origin, source="IATA FSU"
            )
    return {"FSU": codes}


_LISTS: dict[str, Lists] = {**lists.load("customs_generic.csv"), X12: _clearances(), IATA: _airlines()}
MEANINGS = [row for of_one in _LISTS.values() for row in lists.rows(of_one)]


def _recommended() -> dict[str, Meaning]:
    """Recommendation 24 in the mouth of UN/EDIFACT. Its numbers are others than those of CUSRES: they say whose."""
    spelled = {}
    for row in lists.rows(_LISTS[REC24]):
        code = f"REC24 {row.code}"
        agency = agency_of(EDIFACT, row.milestone)
        spelled[row.code] = spelled[code] = row._replace(authority=EDIFACT, agency=agency, code=code)
    return spelled


_RECOMMENDED = _recommended()


def meaning(code: str, code_list: str = "", authority: str = "") -> Meaning | None:
    """What a code of one of these authorities says; ``None`` for one that is not known.

    Recommendation 24 speaks for UN/EDIFACT, but its numbers are others than those of CUSRES: it is asked by its name.
    """
    wanted = lists.plain(code)
    if authority == REC24:
        return _RECOMMENDED.get(wanted)
    found = lists.find(_LISTS.get(authority, {}), code, code_list)
    if found is None and authority == EDIFACT and not wanted.isdigit():
        return _RECOMMENDED.get(wanted)
    return found


def indicators(code_list: str) -> dict[str, tuple[str, str]]:
    """The milestone and the name of each code of a UN/EDIFACT list, ``7365`` or ``1001``."""
    return {row.code: (row.milestone, row.name) for row in lists.rows({"": _LISTS[EDIFACT][code_list]})}


REGIMES = tuple(Regime(name) for name in (DCSA, X12, IATA, EDIFACT, JAPAN, CHINA))
