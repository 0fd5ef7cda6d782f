"""What the columns of a table mean, as a person said it, and what is wrong with it.

The shape is that of ``ColumnMapping.meaning`` and of ``Source.reading["columns"][fingerprint]``::

    {"columns": [{"field": "container"}, {"field": "date", "milestone": "arrived", "classifier": "estimated"}, {}],
     "order": "day", "zone": "Asia/Seoul", "zone_basis": "source_default",
     "statuses": {"voll ausgeladen": ["discharged", "actual"]}, "places": {"hafen hamburg": "DEHAM"}}

``columns``: one for each column of the header, in its order; ``field`` is one of ``words.FIELDS`` or empty (not read).
``order``: how dates such as 03/04/2026 are read (``dates.ORDERS``), empty while there are none. ``zone``: an IANA name,
or empty for the zone of the event's place. ``zone_basis``: ``given`` or ``source_default``. ``statuses`` and
``places``: by the word in plain form (``words.plain``); a status without an entry is read by the well-known words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from cargo.domain.codes import CLASSIFIERS, MILESTONES
from cargo.domain.event import FormatError
from cargo.domain.places import zone_info
from cargo.formats.tabular import dates, words

_PLACES = frozenset({"place", "port_of_loading", "port_of_discharge"})


class Column(msgspec.Struct, omit_defaults=True):
    """What one column is; ``milestone`` and ``classifier`` for a date."""

    field: str = ""
    milestone: str = ""
    classifier: str = ""


class Meaning(msgspec.Struct, omit_defaults=True):
    """What a table's columns mean; see the module."""

    columns: list[Column] = []
    order: str = ""
    zone: str = ""
    zone_basis: str = "given"
    statuses: dict[str, tuple[str, str]] = {}
    places: dict[str, str] = {}

    def column(self, field: str) -> int | None:
        """The first column of that field."""
        return next((index for index, column in enumerate(self.columns) if column.field == field), None)


class _Reading(msgspec.Struct):
    columns: dict[str, Meaning] = {}


_read = msgspec.json.Decoder(_Reading).decode


def fingerprint(header: Sequence[str]) -> str:
    """64 hexadecimal digits for a header: its names in their order, whatever their case, spaces and punctuation."""
    names = [words.plain(name) or name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return sha256("\x1f".join(names).encode("utf-8", "surrogatepass")).hexdigest()


def meanings(reading: str) -> dict[str, Meaning]:
    """The known meanings of a source's tables by fingerprint. ``reading``: JSON of ``Source.reading``, or empty.

    Raises ``FormatError`` for one that cannot be read: it is our own, so it names what to mend.
    """
    if not reading:
        return {}
    try:
        return _read(reading).columns
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise FormatError(f"what the columns of this source mean cannot be read: {error}") from None


def of(data: object) -> Meaning:
    """The meaning that plain data (as JSON gives it) holds. Raises ``FormatError``."""
    try:
        return msgspec.convert(data, Meaning)
    except msgspec.ValidationError as error:
        raise FormatError(f"not a meaning of columns: {error}") from None


def doubts(meaning: Meaning) -> list[str]:
    """What keeps a table from being read, as codes; empty if nothing does.

    ``no_reference``, ``no_date``, ``status_without_date``, ``date_without_status``, ``twice:FIELD``,
    ``code_without_authority``, ``code_without_date``,
    ``date_without_milestone:COLUMN``, ``no_such_field:COLUMN``, ``no_such_milestone:WORD``, ``no_such_zone``,
    ``no_such_order``, and ``no_zone`` where neither a place nor a person tells in which zone the times are.
    """
    found = []
    fields = Counter(column.field for column in meaning.columns if column.field)
    if not any(field in words.REFERENCES for field in fields):
        found.append("no_reference")
    if fields["status"] and not (fields["occurred"] or fields["date"]):
        found.append("status_without_date")
    elif fields["occurred"] and not fields["status"] and not fields["customs_code"]:
        found.append("date_without_status")
    elif not (fields["date"] or fields["status"] or fields["customs_code"]):
        found.append("no_date")
    if fields["customs_code"] and not fields["customs_authority"]:
        found.append("code_without_authority")
    if fields["customs_code"] and not fields["occurred"]:
        found.append("code_without_date")
    found += [f"twice:{field}" for field, count in fields.items() if count > 1 and field not in words.SEVERAL]
    for number, column in enumerate(meaning.columns, start=1):
        if column.field and column.field not in words.FIELDS:
            found.append(f"no_such_field:{number}")
        if column.field == "date" and not is_milestone(column.milestone, column.classifier):
            found.append(f"date_without_milestone:{number}")
    for word, (milestone, classifier) in meaning.statuses.items():
        if not is_milestone(milestone, classifier):
            found.append(f"no_such_milestone:{word[:40]}")
    if meaning.zone and known_zone(meaning.zone) is None:
        found.append("no_such_zone")
    elif not meaning.zone and not _PLACES.intersection(fields):
        found.append("no_zone")
    if meaning.order and meaning.order not in dates.ORDERS:
        found.append("no_such_order")
    return found


def is_milestone(milestone: str, classifier: str) -> bool:
    """Whether these are words of the house."""
    return milestone in MILESTONES and classifier in CLASSIFIERS


def known_zone(name: str) -> ZoneInfo | None:
    """The rules of an IANA zone, or ``None`` if there is none of that name."""
    try:
        return zone_info(name)
    except (ValueError, LookupError, OSError):
        return None
