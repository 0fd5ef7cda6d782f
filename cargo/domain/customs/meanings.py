"""What a code of any customs authority says: the one look-up for people's own events, tables and whoever names both.

Formats that carry one authority's codes (UNI-PASS, X12 350, CUSRES) ask its module themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import asycuda, eu, gb, generic, kr, us
from cargo.domain.customs.lists import ACTS, Meaning, agency_of, plain

_LookUp = Callable[[str], Meaning | None]


class Authority(NamedTuple):
    """An authority as people name it: its code, other names for it, and what its codes say."""

    code: str
    names: tuple[str, ...]
    look_up: _LookUp


class Sign(NamedTuple):
    """An authority and a code as somebody wrote them, and what they say.

    ``meaning`` is ``None`` where the authority or its code is not known, or where ``doubt`` says why it was not taken.
    ``authority`` and ``code`` are the ones of the house where they are known, else as they were written.
    """

    authority: str
    code: str
    meaning: Meaning | None = None
    doubt: str = ""


def _korean(code: str) -> Meaning | None:
    """A process of UNI-PASS, or what an entry or a removal was for."""
    bare = kr.phrase(code)
    process = kr.PROCESSES.get(bare)
    if process is not None:
        agency = process.agency
        milestone = process.milestone
    else:
        agency, milestone = None, kr.ENTRIES.get(bare) or kr.REMOVALS.get(bare, "")
    words = " ".join(code.split())
    return Meaning(kr.AUTHORITY, "UNI-PASS", words, words, milestone, agency, words) if milestone else None


def _american(code: str) -> Meaning | None:
    """A disposition of CBP."""
    row = us.disposition(code)
    if row is None:
        return None
    listed = "CAMIR appendix D"
    return Meaning(us.AUTHORITY, listed, row.code, row.name, row.milestone, row.agency, note=row.note)


def _authorities() -> dict[str, Authority]:
    found = {
        kr.AUTHORITY: Authority(kr.AUTHORITY, ("KCS", "KR", "UNI-PASS", "UNIPASS", "관세청"), _korean),
        us.AUTHORITY: Authority(us.AUTHORITY, ("CBP", "US", "ACE", "AMS"), _american),
        gb.AUTHORITY: Authority(gb.AUTHORITY, gb.NAMES[gb.AUTHORITY], gb.meaning),
        asycuda.AUTHORITY: Authority(asycuda.AUTHORITY, asycuda.NAMES[asycuda.AUTHORITY], asycuda.meaning),
    }
    # Whoever says only that it was the EU means whichever of its systems has the code.
    found["EU"] = Authority("EU", (), eu.meaning)
    for module in (eu, generic):
        for code, names in module.NAMES.items():
            found[code] = Authority(code, names, partial(module.meaning, authority=code))
    return found


AUTHORITIES: dict[str, Authority] = _authorities()
_NAMED = {plain(name): row for row in AUTHORITIES.values() for name in (row.code, *row.names)}


def authority_named(name: str) -> str | None:
    """The code of an authority by its code or another name (``HMRC``, ``관세청``); ``None`` if none is known."""
    found = _NAMED.get(plain(name))
    return found.code if found is not None else None


def meaning(authority: str, code: str) -> Meaning | None:
    """What ``code`` says in the mouth of ``authority`` (``GB-HMRC`` and ``08`` or ``DMSROG``).

    ``None`` for an authority or a code that no table knows: such a word stays ``unknown``, in its own words.
    """
    found = _NAMED.get(plain(authority))
    return found.look_up(code) if found is not None and code.strip() else None


def read(authority: str, code: str, *, zeros_lost: bool = False) -> Sign:
    """The same for what somebody wrote, with or without a code.

    ``zeros_lost``: a spreadsheet may have made ``6`` of ``06``. Then ``6`` alone, which is a clearance by route, may be
    a request for documents, and is not taken for either; where only ``06`` is known, that is meant.
    """
    named = authority_named(authority) or " ".join(authority.split())
    written = " ".join(code.split())
    if not written:
        return Sign(named, "")
    found = meaning(named, written)
    if zeros_lost and len(written) == 1 and written.isascii() and written.isdigit():
        padded = meaning(named, f"0{written}")
        if found is not None and padded is not None:
            return Sign(named, written, None, f"ambiguous_code: {written} of {named} may be {found.name} or 0{written}")
        found = found or padded
    if found is None:
        return Sign(named, written, None, f"unknown_code: {written} of {named}")
    return Sign(found.authority, found.code, found)


def milestone_at(found: Meaning, place: str, origin: str, destination: str) -> str:
    """The milestone of a code at a place (UN/LOCODEs, empty where not known) of a journey.

    What is told in the country that the goods leave is told of the export. An airline's clearance means either, so
    without a place it is ``unknown``.
    """
    if not found.at_origin:
        return found.milestone
    here, begun, ended = place[:2], origin[:2], destination[:2]
    if not here:
        return "unknown" if found.authority == generic.IATA else found.milestone
    return found.at_origin if here == begun != ended else found.milestone


def agency(sign: Sign, milestone: str) -> str | None:
    """Whose act it is: as the code's table says, else the authority's own if it withholds or lets go."""
    if sign.meaning is not None and sign.meaning.agency:
        return sign.meaning.agency
    return agency_of(sign.authority, milestone) if sign.authority else None


def limit_of(found: Meaning | None, milestone: str) -> str:
    """The kind of deadline that a limit date beside this word sets; empty where it is of no kind that is known."""
    if found is not None and found.limit:
        return found.limit
    return "documents" if milestone == "documents_requested" else ""


def level(milestone: str, *, box: bool, declaration: bool) -> str:
    """The level of a word of customs. What withholds or lets go one box, and names no declaration, is that box's."""
    row = MILESTONES[milestone]
    of_customs = row.group.endswith("customs") and row.effect in ACTS
    return "container" if box and not declaration and of_customs else row.level
