"""Well-known words of tables: what a header names, and what a status says, in English and Korean.

``words.csv`` is our own list, from the words of shipment lists and tracking exports: for each ``use`` (header, status,
classifier) what it means and the words for it, divided by bars. A header is compared without case, spaces and
punctuation; a status also with the names of the milestones themselves (``milestones.csv``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from cargo.domain.codes import MILESTONES

_PUNCTUATION = re.compile(r"[\W_]+")


class Meant(NamedTuple):
    """What a column is: ``field`` of ``FIELDS``, and for a date the milestone and the classifier that it means."""

    field: str
    milestone: str = ""
    classifier: str = ""


REFERENCES = (
    "container",
    "master_bill",
    "house_bill",
    "booking",
    "air_waybill",
    "house_air_waybill",
    "cargo_control_number",
    "declaration",
    "purchase_order",
    "own_reference",
    "seal",
)
# All that a column can be. ``date`` comes with a milestone; dates and references may be in several columns.
FIELDS = (
    *REFERENCES,
    "date",
    "status",
    "occurred",
    "occurred_clock",
    "classifier",
    "reported",
    "customs_authority",
    "customs_code",
    "customs_limit",
    "place",
    "facility",
    "port_of_loading",
    "port_of_discharge",
    "vessel",
    "imo",
    "voyage",
    "packages",
    "package_unit",
    "weight_kg",
    "remarks",
)
SEVERAL = frozenset({*REFERENCES, "date"})


def plain(text: str) -> str:
    """A header or a word as it is compared: without case, spaces and punctuation."""
    return _PUNCTUATION.sub("", text.casefold())


def _rows(use: str) -> Iterator[tuple[str, Meant]]:
    lines = (files("cargo.formats.tabular") / "words.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines):
        if row["use"] == use:
            for word in row["words"].split("|"):
                yield plain(word), Meant(row["field"], row["milestone"], row["classifier"])


def _statuses() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, row in MILESTONES.items():
        for name in (code, row.label_en, row.label_ko, row.label_ko_air):
            if name and code != "unknown":
                found.setdefault(plain(name), code)
    return found | {word: meant.milestone for word, meant in _rows("status")}


_HEADERS = dict(_rows("header"))
_STATUSES = _statuses()
_CLASSIFIERS = {word: meant.classifier for word, meant in _rows("classifier")}


def header(name: str) -> Meant | None:
    """What a header names, if that is well known."""
    return _HEADERS.get(plain(name))


def status(word: str) -> str | None:
    """The milestone that a status names, if that is well known."""
    return _STATUSES.get(plain(word))


def classifier(word: str) -> str | None:
    """``planned``, ``estimated`` or ``actual``, if the word says so."""
    return _CLASSIFIERS.get(plain(word))
