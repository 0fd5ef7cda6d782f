"""Elements by name, whatever their namespace; numbers, measures and times in them.

Units: UN/ECE Recommendation 20. Times: XML Schema ``dateTime``, with or without an offset.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from xml.etree.ElementTree import Element

KILOGRAMS = {"KGM": 1.0, "LBR": 0.45359237, "TNE": 1000.0, "GRM": 0.001}
CUBIC_METERS = {"MTQ": 1.0, "FTQ": 0.028316846592, "INQ": 1.6387064e-5, "CMQ": 1e-6}

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?\Z")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)
_FRACTION = re.compile(r"\.[0-9]+")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FIRST_YEAR, _LAST_YEAR = 1990, 2199
_NOTHING = Element("nothing")


def children(element: Element, name: str) -> list[Element]:
    """The children of that name."""
    return [found for found in element if found.tag == name or found.tag.endswith(f"}}{name}")]


def child(element: Element, name: str) -> Element:
    """The first child of that name; an empty element where there is none."""
    return next((found for found in element if found.tag == name or found.tag.endswith(f"}}{name}")), _NOTHING)


def text_of(element: Element, *path: str) -> str:
    """The text at the end of a path of names, in one line; empty where there is none."""
    for name in path:
        element = child(element, name)
    return " ".join(_UNPRINTABLE.sub(" ", element.text or "").split())


def count(element: Element, name: str) -> int | None:
    """A number of pieces."""
    text = text_of(element, name)
    return int(float(text)) if _NUMBER.match(text) else None


def measure(element: Element, name: str, units: Mapping[str, float], usual: str, digits: int) -> float | None:
    """A measure in the unit whose factor is 1, rounded; ``None`` in one that is not known. Without one: the usual."""
    text = text_of(element, name)
    factor = units.get(child(element, name).get("unitCode", usual).upper())
    return round(float(text) * factor, digits) if _NUMBER.match(text) and factor is not None else None


def moment_of(text: str) -> datetime | None:
    """A time, aware where it has an offset; ``None`` where it is none or its year cannot be."""
    if not _MOMENT.match(text):
        return None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", text))
    except ValueError:
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None
