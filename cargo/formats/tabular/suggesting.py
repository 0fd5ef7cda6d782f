"""What a table's columns probably mean: by their names and what stands in them. A person decides; a guess without one
is made only where nothing is open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from cargo.formats.tabular import dates, words
from cargo.formats.tabular.meaning import Column, Meaning, doubts
from cargo.formats.tabular.rows import read_place
from cargo.formats.tabular.table import Table

SAMPLES = 3
MOST_WORDS = 60

_CONTAINER = re.compile(r"[A-Z]{4}\s?\d{6}-?\s?\d\Z")
_AIR_WAYBILL = re.compile(r"\d{3}-\s?\d{4}\s?\d{4}\Z")
# A column of which fewer cells look like a date is no column of dates.
_MOSTLY = 0.6


class Seen(NamedTuple):
    """One column as it was found: its name, the first different cells, and whether it holds dates."""

    name: str
    samples: list[str]
    has_dates: bool


class Survey(NamedTuple):
    """A table as the browser shows it. ``suggested`` is complete in length; ``guessable``: nothing is open.

    ``undecided``: dates of which only a person can say what is the day. ``rows``: how many were looked at.
    """

    fingerprint: str
    header: list[str]
    columns: list[Seen]
    suggested: Meaning
    order: str
    undecided: bool
    guessable: bool
    rows: int


def survey(table: Table) -> Survey:
    """Looks at the first rows of a table. Raises ``FormatError`` for one that cannot be read."""
    head = table.head
    cells = [_column(head, index) for index in range(len(table.header))]
    named = list(zip(table.header, cells, strict=True))
    columns = [Seen(name, _samples(values), _holds_dates(values)) for name, values in named]
    meant = [_meant(name, values) for name, values in named]
    dated = [value for column, values in zip(meant, cells, strict=True) if _is_date(column) for value in values]
    order = dates.order_of(dated)
    undecided = not order and any(dates.is_ambiguous(value) for value in dated)
    suggested = Meaning(columns=_each_once(meant), order=order)
    guessable = not undecided and not doubts(suggested) and _each_once(meant) == meant
    return Survey(table.fingerprint, table.header, columns, suggested, order, undecided, guessable, len(head))


def guess(table: Table) -> Meaning | None:
    """The meaning of a table whose well-known names leave nothing open, else ``None``."""
    found = survey(table)
    return found.suggested if found.guessable else None


def distinct(table: Table, index: int) -> list[str]:
    """The different words of a column, the most frequent first, ``MOST_WORDS`` at most."""
    counts: Counter[str] = Counter()
    for _number, cells in table.head:
        word = " ".join(cells[index].split()) if index < len(cells) else ""
        if word and not dates.is_blank(word):
            counts[word[:100]] += 1
    return [word for word, _count in counts.most_common(MOST_WORDS)]


def unknown_places(table: Table, meaning: Meaning) -> list[str]:
    """The words of the place columns that no table of places knows."""
    found: dict[str, None] = {}
    for field in ("place", "port_of_loading", "port_of_discharge"):
        index = meaning.column(field)
        for word in distinct(table, index) if index is not None else ():
            place = read_place(word, {})
            if place is not None and place.code is None:
                found[word] = None
    return list(found)[:MOST_WORDS]


def _column(rows: Sequence[tuple[int, list[str]]], index: int) -> list[str]:
    values = (cells[index].strip() for _number, cells in rows if index < len(cells))
    return [value for value in values if value]


def _samples(values: Sequence[str]) -> list[str]:
    return [value[:60] for value in list(dict.fromkeys(values))[:SAMPLES]]


def _holds_dates(values: Sequence[str]) -> bool:
    said = [value for value in values[:200] if not dates.is_blank(value)]
    # Whatever the order: the question is whether it is a date at all.
    read = sum(1 for value in said if any(dates.read(value, order) for order in dates.ORDERS))
    return bool(said) and read >= len(said) * _MOSTLY


def _meant(name: str, values: Sequence[str]) -> Column:
    known = words.header(name)
    if known is not None:
        return Column(known.field, known.milestone, known.classifier)
    said = values[:100]
    for field, shape in (("container", _CONTAINER), ("air_waybill", _AIR_WAYBILL)):
        if said and sum(shape.match(value.upper()) is not None for value in said) >= len(said) * _MOSTLY:
            return Column(field)
    return Column()


def _is_date(column: Column) -> bool:
    return column.field in ("date", "occurred", "reported", "customs_limit")


def _each_once(columns: Sequence[Column]) -> list[Column]:
    """The same without the later ones of a field, or of a date's milestone, that can stand once only."""
    taken: set[tuple[str, str, str]] = set()
    out = []
    for column in columns:
        key = (column.field, column.milestone, column.classifier)
        single = column.field and (column.field == "date" or column.field not in words.SEVERAL)
        out.append(Column() if single and key in taken else column)
        taken.add(key)
    return out
