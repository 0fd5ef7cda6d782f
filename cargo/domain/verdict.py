"""Can this number be tracked? Judged from the number alone: no table is asked, so the answer tells nothing of others.

A message's number is never refused for a wrong check digit (``identifiers``). A number that a person types
is: a wrong digit there is a slip of the hand, and the cargo would wait for ever.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import NamedTuple

from cargo.domain import identifiers
from cargo.domain.codes import REFERENCE_TYPES

TRACKABLE = (
    "container",
    "master_bill",
    "house_bill",
    "booking",
    "air_waybill",
    "house_air_waybill",
    "cargo_control_number",
    "declaration",
)
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9./_#]{2,34}\Z")
_CARRIER = re.compile(r"[A-Z0-9]{2,10}\Z")


class Verdict(NamedTuple):
    """The number in its one form and its type; or ``code``, why not, with what may help.

    Codes: ``empty``, ``too_long``, ``masked``, ``unknown_type``, ``not_trackable``, ``ambiguous`` (``candidates``),
    ``wrong_shape``, ``bad_check_digit`` (``suggestion``), ``bad_carrier``.
    """

    type: str
    value: str
    carrier: str
    code: str = ""
    suggestion: str | None = None
    candidates: tuple[str, ...] = ()


def judge(reference: str, kind: str, carrier: str) -> Verdict:
    """The verdict on one number. ``kind`` empty: it is worked out, where the number's shape tells."""
    carrier = carrier.strip().upper()
    code = _plainly_wrong(reference, kind, carrier)
    if code:
        return Verdict(kind, reference, carrier, code)
    if kind:
        return _checked(kind, reference, carrier)
    found = [candidate for candidate in identifiers.read(reference) if candidate.type in TRACKABLE]
    # Types whose shape a standard fixes come before what any number may be: such a number is what it looks like.
    telling = list(takewhile(lambda candidate: candidate.type != "master_bill", found))
    if len(telling) == 1:
        return _checked(telling[0].type, reference, carrier)
    if not found:
        return Verdict("", reference, carrier, "wrong_shape")
    candidates = tuple(dict.fromkeys(candidate.type for candidate in telling or found))
    return Verdict("", reference, carrier, "ambiguous", candidates=candidates)


def _plainly_wrong(reference: str, kind: str, carrier: str) -> str:
    if kind and kind not in REFERENCE_TYPES:
        return "unknown_type"
    if kind and kind not in TRACKABLE:
        return "not_trackable"
    if identifiers.is_blank(reference):
        return "empty"
    if len(reference.strip()) > identifiers.MAX_LENGTH:
        return "too_long"
    if identifiers.is_masked(reference):
        return "masked"
    return "bad_carrier" if carrier and not _CARRIER.match(carrier) else ""


def _checked(kind: str, reference: str, carrier: str) -> Verdict:
    value, warning = identifiers.reference(kind, reference)
    if not _NUMBER.match(value):
        return Verdict(kind, reference, carrier, "wrong_shape")
    # The warnings of ``identifiers`` begin with what is wrong: ``container_check_digit: …``.
    trouble = (warning or "").partition(":")[0]
    if trouble.endswith("_check_digit"):
        return Verdict(kind, reference, carrier, "bad_check_digit", suggestion=_with_right_digit(kind, value))
    if trouble.endswith(("_shape", "_length")):
        return Verdict(kind, reference, carrier, "wrong_shape")
    return Verdict(kind, value, carrier)


def _with_right_digit(kind: str, value: str) -> str:
    if kind == "container":
        return f"{value[:10]}{identifiers.container_check_digit(value)}"
    return f"{value[:10]}{int(value[3:10]) % 7}"
