"""What one row says happens, with what customs calls it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from cargo.domain.codes import MILESTONES
from cargo.domain.contribution import town_code
from cargo.domain.customs import meanings
from cargo.domain.customs.meanings import Sign
from cargo.domain.event import Deadline, Place
from cargo.formats.tabular.dates import Moment

FREE_DAY = "last_free_day_reported"
_TEXT = 300


class Said(NamedTuple):
    """One thing that a row says happens: what, when, by which column, and in the source's own words.

    ``sign`` is the customs authority and its code, where the row names them; ``limit`` the last day that customs set.
    """

    milestone: str
    classifier: str
    moment: Moment
    column: int
    code: str
    text: str
    sign: Sign | None = None
    limit: date | None = None

    def signed(self, authority: str, code: str, ends: Sequence[Place | None], limit: date | None) -> Said:
        """The same with what an authority's code says. A code that is known goes before the words of the status.

        ``ends``: where it happened, the port of loading and the port of discharge.
        """
        sign = meanings.read(authority, code, zeros_lost=True)
        milestone, name = self.milestone, code
        if sign.meaning is not None:
            name = sign.meaning.name
            milestone = meanings.milestone_at(sign.meaning, *(_town(end) for end in ends))
        text = told(name, self.text)
        return self._replace(milestone=milestone, code=sign.code or self.code, text=text, sign=sign, limit=limit)

    @property
    def authority(self) -> str | None:
        """Whose rules apply."""
        return (self.sign.authority or None) if self.sign else None

    @property
    def agency(self) -> str | None:
        """Whose act it is, where an authority is named."""
        return meanings.agency(self.sign, self.milestone) if self.sign else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why a code was not taken."""
        return (self.sign.doubt,) if self.sign and self.sign.doubt else ()

    @property
    def deadline(self) -> Deadline | None:
        """The last day that the row states: of free time, or of what customs asks for."""
        if self.milestone == FREE_DAY:
            return Deadline("last_free_day", self.moment.local.date())
        kind = meanings.limit_of(self.sign.meaning, self.milestone) if self.sign else ""
        return Deadline(kind, self.limit) if kind and self.limit else None

    def level(self, *, boxed: bool, declared: bool) -> str:
        """The milestone's level; in customs' own words a box's, if the row names one and no declaration."""
        if self.sign is None:
            return MILESTONES[self.milestone].level
        return meanings.level(self.milestone, box=boxed, declaration=declared)


def told(*parts: str) -> str:
    """The words of a row in one text."""
    return " · ".join(filter(None, parts))[:_TEXT]


def _town(place: Place | None) -> str:
    return town_code(place.code) if place is not None and place.code else ""
