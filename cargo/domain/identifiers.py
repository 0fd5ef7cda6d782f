"""Numbers by which cargo is known: read them, bring them to one form, and say what is wrong.

Sources: ISO 6346 (containers, check digit), IMO resolution A.1117(30) (ship numbers), IATA Cargo-IMP
(air waybill: serial modulo 7), UN/ECE Recommendation 16 (UN/LOCODE), the Korean cargo control number
(화물관리번호: MRN 11, MSN 4, HSN 4).

A number from a carrier or an authority is never refused for a wrong check digit: public samples are
full of them. It is kept and a warning is given. A warning is ``code: detail`` in one line.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

MAX_LENGTH = 64
_SEPARATORS = str.maketrans("", "", " \t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014-./_")
_SPACES_AND_DASHES = str.maketrans("", "", " \t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014-")
_BLANKS = frozenset({"", "TBA", "TBD", "TBN", "NA", "N/A", "NONE", "NULL", "NIL", "UNKNOWN", "0"})

_CONTAINER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}\Z")
_CONTAINER_WITHOUT_CHECK = re.compile(r"[A-Z]{3}[UJZ][0-9]{6}\Z")
_IMO = re.compile(r"(?:IMO)?([0-9]{7})\Z")
_AIR_WAYBILL = re.compile(r"[0-9]{11}\Z")
_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}\Z")
_IATA = re.compile(r"[A-Z]{3}\Z")
_MRN = re.compile(r"[0-9]{2}[A-Z0-9]{8}[IE]\Z")
_CARGO_NUMBER = re.compile(r"[0-9]{2}[A-Z0-9]{8}[IE][0-9]{4}(?:[0-9]{4})?\Z")
_ODD_CARGO_NUMBER = re.compile(r"[0-9]{2}[A-Z0-9]{3,9}[0-9]{4,9}\Z")
_KOREAN_DECLARATION = re.compile(r"[0-9]{5}[0-9]{2}[0-9]{6}[A-Z0-9]\Z|[A-Z]{2}[0-9]{14}\Z|[0-9]{3}[A-Z][0-9]{16}\Z")
_BILL = re.compile(r"[A-Z0-9][A-Z0-9./_#]{2,34}\Z")

# ISO 6346 section 4: letters count from 10, leaving out the multiples of 11.
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTER_VALUES = dict(zip(_LETTERS, (value for value in range(10, 39) if value % 11), strict=True))


class Checked(NamedTuple):
    """A number in its one form, and what is wrong with it (``None`` if nothing is)."""

    value: str
    warning: str | None = None


class Candidate(NamedTuple):
    """What a typed number may be: a reference type, the value in its one form, and a warning."""

    type: str
    value: str
    warning: str | None = None


class CargoNumber(NamedTuple):
    """The parts of a Korean cargo control number; ``hsn`` is ``None`` on a straight bill."""

    mrn: str
    msn: str
    hsn: str | None


def compact(text: str) -> str:
    """Upper case without spaces, dashes, dots, slashes and underscores; cut at ``MAX_LENGTH`` characters."""
    return text[:MAX_LENGTH].upper().translate(_SEPARATORS)


def container_check_digit(prefix: str) -> int:
    """The check digit for four letters and six digits (ISO 6346 annex A)."""
    total = 0
    for position, character in enumerate(prefix[:10]):
        value = _LETTER_VALUES[character] if character.isalpha() else int(character)
        total += value << position
    return total % 11 % 10


@lru_cache(maxsize=16384)
def container(text: str) -> Checked:
    """A container number as ``ABCU1234567``; warns of a wrong check digit or a wrong shape."""
    value = compact(text)
    if _CONTAINER.match(value):
        right = container_check_digit(value)
        if right != int(value[10]):
            return Checked(value, f"container_check_digit: {value} should end in {right}")
        return Checked(value)
    if _CONTAINER_WITHOUT_CHECK.match(value):
        return Checked(value, f"container_check_digit: {value} lacks its last digit, {container_check_digit(value)}")
    return Checked(value, f"container_shape: {value[:20]} is not four letters and seven digits")


@lru_cache(maxsize=4096)
def imo(text: str) -> Checked:
    """A ship's IMO number as seven digits; warns of a wrong check digit or a wrong shape."""
    value = compact(text)
    found = _IMO.match(value)
    if found is None:
        return Checked(value, f"imo_shape: {value[:20]} is not seven digits")
    digits = found[1]
    right = sum(int(digit) * weight for digit, weight in zip(digits, range(7, 1, -1), strict=False)) % 10
    if right != int(digits[6]):
        return Checked(digits, f"imo_check_digit: {digits} should end in {right}")
    return Checked(digits)


@lru_cache(maxsize=4096)
def air_waybill(text: str) -> Checked:
    """An air waybill as eleven digits (prefix and serial); warns of a wrong check digit or shape."""
    value = compact(text)
    if not _AIR_WAYBILL.match(value):
        return Checked(value, f"air_waybill_shape: {value[:20]} is not eleven digits")
    right = int(value[3:10]) % 7
    if right != int(value[10]):
        return Checked(value, f"air_waybill_check_digit: {value} should end in {right}")
    return Checked(value)


@lru_cache(maxsize=16384)
def bill(text: str) -> Checked:
    """A bill, booking or declaration number: upper case, without spaces and dashes."""
    return Checked(text.upper().translate(_SPACES_AND_DASHES))


@lru_cache(maxsize=4096)
def cargo_number(text: str) -> Checked:
    """A Korean cargo control number; old ones have 18 characters and odd shapes, so only the length warns."""
    value = compact(text)
    if not 15 <= len(value) <= 19:
        return Checked(value, f"cargo_number_length: {value[:24]} has {len(value)} characters, not 15 to 19")
    return Checked(value)


def split_cargo_number(value: str) -> CargoNumber | None:
    """MRN, MSN and HSN, or ``None`` where the eleventh character does not mark an import or export manifest."""
    if not 15 <= len(value) <= 19 or not _MRN.match(value[:11]) or not (value.isascii() and value[11:].isdigit()):
        return None
    return CargoNumber(value[:11], value[11:15], value[15:] or None)


def is_mrn(value: str) -> bool:
    """Whether this is a Korean manifest reference number: eleven characters ending in I or E."""
    return _MRN.match(value) is not None


def is_unlocode(value: str) -> bool:
    """Whether this has the shape of a UN/LOCODE (not whether it exists)."""
    return _UNLOCODE.match(value) is not None


def is_iata(value: str) -> bool:
    """Whether this has the shape of an IATA airport code."""
    return _IATA.match(value) is not None


def is_blank(value: str) -> bool:
    """Whether this stands for "no number": empty, ``TBA``, ``N/A`` and the like."""
    return value.strip().upper() in _BLANKS


def is_masked(value: str) -> bool:
    """Whether characters were hidden by asterisks."""
    return "*" in value


def reference(kind: str, text: str) -> Checked:
    """A number of a known reference type in its one form, cut at 128 characters. Types: ``codes.REFERENCE_TYPES``."""
    text = text[: MAX_LENGTH * 2]
    if kind == "container":
        return container(text)
    if kind == "air_waybill":
        return air_waybill(text)
    if kind == "cargo_control_number":
        return cargo_number(text)
    if kind in _FREE_TYPES:
        return Checked(" ".join(text.split()))
    return bill(text)


_FREE_TYPES = frozenset({"own_reference", "purchase_order", "seal", "shipment_id"})
_ANY_BILL = ("master_bill", "house_bill", "booking", "house_air_waybill", "declaration")
_ANY_TEXT = ("purchase_order", "own_reference")


def read(text: str) -> list[Candidate]:
    """What a number typed into the search box may be, likeliest first; empty where it can be nothing.

    Spaces, dashes and lower case are forgiven. A masked or over-long number gives one candidate of type
    ``own_reference`` with a warning that names what is wrong.
    """
    shown = " ".join(text[: MAX_LENGTH * 2].split())
    if is_blank(shown):
        return []
    if len(shown) > MAX_LENGTH:
        return [Candidate("own_reference", shown[:MAX_LENGTH], f"too_long: more than {MAX_LENGTH} characters")]
    if is_masked(shown):
        return [Candidate("own_reference", shown.upper(), "masked: the number hides characters behind asterisks")]
    found = _shaped(compact(shown))
    plain = bill(shown).value
    if _BILL.match(plain):
        known = {candidate.type for candidate in found}
        found += [Candidate(kind, plain) for kind in _ANY_BILL if kind not in known]
    found += [Candidate(kind, shown) for kind in _ANY_TEXT]
    return found


def _shaped(value: str) -> list[Candidate]:
    """The candidates whose shape is fixed by a standard."""
    found = []
    if _CONTAINER.match(value) or _CONTAINER_WITHOUT_CHECK.match(value):
        found.append(Candidate("container", *container(value)))
    if _CARGO_NUMBER.match(value):
        found.append(Candidate("cargo_control_number", value))
    elif _MRN.match(value):
        found.append(Candidate("manifest", value))
    elif 15 <= len(value) <= 19 and _ODD_CARGO_NUMBER.match(value):
        found.append(Candidate("cargo_control_number", value, "cargo_number_shape: no import or export mark"))
    if _AIR_WAYBILL.match(value):
        found.append(Candidate("air_waybill", *air_waybill(value)))
    if _KOREAN_DECLARATION.match(value):
        found.append(Candidate("declaration", value))
    return found
