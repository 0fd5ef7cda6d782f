"""GS1 keys and their neighbours, out of EPC URIs and GS1 Digital Link addresses.

Sources: GS1 EPC Tag Data Standard 2.0 (pure identity URIs, among them ``bic`` and ``imovn``), GS1 Digital Link URI
syntax 1.2, GS1 General Specifications (check digits, application identifiers), RFC 5870 (``geo``). Both spellings of a
key give the same number.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from cargo.formats.epcis.fields import text

_LONGEST = 300
_URN = re.compile(r"urn:epc:id:([a-z]+):(.+)\Z")
_LINK = re.compile(r"https?://[^/?#]+(/[^?#]*)", re.IGNORECASE)
_UNLOCODE = re.compile(
    r"(?:un)?locode[^A-Za-z0-9]{1,2}([A-Z]{2}[A-Z2-9]{3})\b|/locode/[a-z]{2}\.htm#([A-Z]{2}[A-Z2-9]{3})\b",
    re.IGNORECASE,
)
_GEO = re.compile(r"geo:(-?[0-9]{1,3}(?:\.[0-9]{1,12})?),(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)(?:[,;].*)?\Z")
# Application identifiers that are keys; what follows a key's in the path only qualifies it.
_IDENTIFIERS = {"00": "sscc", "8003": "grai", "401": "ginc", "402": "gsin", "414": "sgln", "417": "pgln"}
_EXTENSION = "254"
_SSCC_DIGITS, _GSIN_DIGITS, _GLN_DIGITS, _GRAI_DIGITS = 17, 16, 12, 12


class Key(NamedTuple):
    """``kind``: ``sscc``, ``grai``, ``gsin``, ``ginc``, ``bic``, ``imovn``, ``sgln``, ``pgln``; ``value`` as printed.

    ``extension`` is what a location has below its GLN.
    """

    kind: str
    value: str
    extension: str = ""


def key_of(uri: str) -> Key | None:
    """The key that a URI is, or ``None`` for another one (a product, a class, a document, somebody's own)."""
    uri = uri[:_LONGEST].strip()
    found = _URN.match(uri)
    if found is not None:
        return _of_urn(found[1], found[2])
    link = _LINK.match(uri)
    return _of_link(link[1]) if link is not None else None


def position_of(uri: str) -> tuple[str, str] | None:
    """Degrees north and east of a ``geo`` URI."""
    found = _GEO.match(uri[:_LONGEST].strip())
    return (found[1], found[2]) if found is not None else None


def unlocode_of(uri: str) -> str | None:
    """The UN/LOCODE that an address of the code's vocabulary names."""
    found = _UNLOCODE.search(uri[:_LONGEST])
    return (found[1] or found[2]).upper() if found is not None else None


def last_part(uri: str) -> str:
    """What a transaction's or a place's own address ends in: its number or name."""
    return _spelled_out(re.split(r"[/:#=]", uri[:_LONGEST].strip().rstrip("/:#="))[-1])


def check_digit(digits: str) -> str:
    """GS1's modulo 10 check digit: weights 3 and 1 in turn, from the right."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _spelled_out(escaped: str) -> str:
    """Without percent signs: what they stood for may be a control character, which no number has."""
    return text(unquote(escaped))


def _of_urn(scheme: str, body: str) -> Key | None:
    parts = _spelled_out(body).split(".")
    if scheme in ("bic", "imovn"):
        return Key(scheme, body.upper())
    if len(parts) < 2:
        return None
    prefix, own, rest = parts[0], parts[1], ".".join(parts[2:])
    if scheme == "sscc":
        # The serial reference begins with the extension digit, which is printed first.
        return Key("sscc", _checked(own[:1] + prefix + own[1:], _SSCC_DIGITS))
    if scheme == "gsin":
        return Key("gsin", _checked(prefix + own, _GSIN_DIGITS))
    if scheme == "ginc":
        return Key("ginc", prefix + ".".join(parts[1:]))
    if scheme == "grai":
        return Key("grai", "0" + _checked(prefix + own, _GRAI_DIGITS) + rest)
    if scheme in ("sgln", "pgln"):
        return Key(scheme, _checked(prefix + own, _GLN_DIGITS), "" if rest == "0" else rest)
    return None


def _of_link(path: str) -> Key | None:
    steps = path.split("/")[1:]
    for index in range(len(steps) - 1):
        kind = _IDENTIFIERS.get(steps[index])
        if kind is None:
            continue
        value, below = _spelled_out(steps[index + 1]), steps[index + 2 : index + 4]
        extension = _spelled_out(below[1]) if len(below) == 2 and below[0] == _EXTENSION else ""
        return Key(kind, value, "" if extension == "0" else extension) if value else None
    return None


def _checked(digits: str, length: int) -> str:
    """The digits with their check digit; as they stand where they are not what the standard asks for."""
    return digits + check_digit(digits) if len(digits) == length and digits.isascii() and digits.isdigit() else digits
