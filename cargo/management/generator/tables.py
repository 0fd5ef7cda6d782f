"""Tables as firms send them: a header of their own, and what a person told CLIS that it means.

``meaning`` is in the shape of ``cargo.formats.tabular.meaning``; without it these tables are not read, since some of
their columns and words are nobody else's.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cargo.formats.tabular.meaning import fingerprint
from cargo.formats.tabular.words import plain


class Column(NamedTuple):
    """A column: its name, the field that it is (empty: not read), and for a date the milestone and classifier."""

    name: str
    field: str = ""
    milestone: str = ""
    classifier: str = ""


class Table(NamedTuple):
    """A kind of table. ``statuses``: milestone by word; ``places``: UN/LOCODE by word; ``zone``: of its times, or empty
    for that of the event's place.
    """

    columns: tuple[Column, ...]
    statuses: dict[str, str]
    places: dict[str, str]
    zone: str

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def fingerprint(self) -> str:
        """By which a table with this header is known again."""
        return fingerprint(self.header)

    @property
    def meaning(self) -> dict[str, Any]:
        """What a person said of it, as it is kept with the source."""
        columns = [
            {name: value for name, value in column._asdict().items() if name != "name" and value}
            for column in self.columns
        ]
        meaning: dict[str, Any] = {"columns": columns}
        if self.zone:
            meaning |= {"zone": self.zone, "zone_basis": "source_default"}
        if self.statuses:
            meaning["statuses"] = {plain(word): [milestone, "actual"] for word, milestone in self.statuses.items()}
        if self.places:
            meaning["places"] = {plain(word): code for word, code in self.places.items()}
        return meaning
