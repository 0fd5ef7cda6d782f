"""Code lists of customs authorities, as packaged tables: what each code says in the words of the house.

The tables are ``data/customs_*.csv``. ``list`` is the authority's own list; ``also_written`` are other spellings of
the code, divided by bars; ``at_origin`` is the milestone where the goods leave the country instead of entering it;
``limit`` is the kind of the deadline that a limit date of this message sets; ``background`` is ``yes`` on a row that is
known from general knowledge only and is to be verified against live messages; ``note`` says how it is read; ``source``
whence.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from typing import NamedTuple

from cargo.domain.codes import MILESTONES

# What customs itself does and nobody else: such a word names the authority as its agency (DECISIONS 16).
ACTS = frozenset({"hold_open", "hold_close", "release", "revert"})


class Meaning(NamedTuple):
    """What one code of one list says. ``milestone`` and ``at_origin`` are codes of ``milestones.csv``.

    ``authority`` is whose rules apply to the event; ``agency`` whose act it is, ``None`` where it holds and releases
    nothing. ``background``: to be verified.
    """

    authority: str
    list: str
    code: str
    name: str
    milestone: str
    agency: str | None = None
    name_local: str = ""
    at_origin: str = ""
    limit: str = ""
    background: bool = False
    note: str = ""
    source: str = ""

    @property
    def effect(self) -> str:
        """The milestone's effect."""
        return MILESTONES[self.milestone].effect


Lists = dict[str, dict[str, Meaning]]


def agency_of(authority: str, milestone: str) -> str | None:
    """Customs' own act names customs; what it passes on of other agencies, and what changes nothing, names nobody."""
    if "agency" in milestone:
        return None
    return authority if MILESTONES[milestone].effect in ACTS else None


def plain(code: str) -> str:
    """A code as it is compared: without spaces around it and without case, in NFKC (full-width digits are digits)."""
    return " ".join(unicodedata.normalize("NFKC", code).split()).upper()


def load(name: str) -> dict[str, Lists]:
    """The lists of a table by authority, then by list, then by each spelling of each code."""
    text = (files("cargo.domain") / "data" / name).read_text(encoding="utf-8")
    found: dict[str, Lists] = {}
    for row in csv.DictReader(text.splitlines()):
        authority = row["authority"]
        meaning = Meaning(
            authority=authority,
            list=row["list"],
            code=row["code"],
            name=row["name"],
            milestone=row["milestone"],
            agency=agency_of(authority, row["milestone"]),
            name_local=row["name_local"],
            at_origin=row["at_origin"],
            limit=row["limit"],
            background=row["background"] == "yes",
            note=row["note"],
            source=row["source"],
        )
        codes = found.setdefault(authority, {}).setdefault(row["list"], {})
        for spelling in (row["code"], *filter(None, row["also_written"].split("|"))):
            codes.setdefault(plain(spelling), meaning)
    return found


def find(lists: Lists, code: str, name: str = "") -> Meaning | None:
    """The meaning of a code in the list ``name``, or in the first list that has it; ``None`` for one that none has."""
    asked: Iterable[dict[str, Meaning]] = (lists.get(name, {}),) if name else lists.values()
    wanted = plain(code)
    return next((codes[wanted] for codes in asked if wanted in codes), None)


def rows(lists: Lists) -> list[Meaning]:
    """Each meaning once, in the table's order."""
    return list(dict.fromkeys(meaning for codes in lists.values() for meaning in codes.values()))
