"""What the answers of all UNI-PASS services share: the root element, errors, emptiness, rows with their positions.

Every answer has HTTP status 200, so what it is shows only in the body. ``tCnt`` is -1 for an error, whose reason is in
``ntceInfo`` (or, in another shape, in ``errMsgCn``), and 0 for nothing; ``[N00]`` in the notice says that several
match. Most answers leave out what they were asked about, so it comes along as the message's name: the request's
parameters (``cargMtNo=26CLSL014EI00420007``) or a file's name with the cargo number in it. Never the key.

Source: answers of 2017 to 2021 and public client code of the services (as of 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element

import msgspec

from cargo.domain import identifiers
from cargo.domain.customs import kr
from cargo.domain.event import FormatError, Parked, Place, Problem, Reference
from cargo.formats import _xml

MEDIA_TYPES = ("application/xml", "text/xml")
SEVERAL = "[N00]"
ERROR_TEXT = "errMsgCn"
NAME_LENGTH = 120
_HEAD = 600
_ROOT = re.compile(r"<(?![?!])(?:[A-Za-z0-9]{1,20}:)?([A-Za-z0-9]{3,80})[\s/>]")
_POSITION = re.compile(r"([A-Za-z0-9]{3,80})\[([1-9][0-9]{0,6})\](?:/[A-Za-z0-9]{1,40})?\Z")
_PARAMETER = re.compile(r"([A-Za-z_]{2,24})=([^&;?=\s\x00-\x1f\x7f]{1,64})")
_CARGO_NUMBER = re.compile(r"(?<![A-Z0-9])[0-9]{2}[A-Z0-9]{8}[IE][0-9]{4}(?:[0-9]{4})?(?![A-Z0-9])")
# A request's parameter, or our own word for a number, and the type of number that it is. API 002 asks for a bill of
# either kind as ``blNo``; export manifests list the lowest one.
_NUMBERS = {
    "cargMtNo": "cargo_control_number",
    "mblNo": "master_bill",
    "hblNo": "house_bill",
    "blNo": "house_bill",
    "expDclrNo": "declaration",
    **{
        kind: kind
        for kind in (
            "cargo_control_number", "master_bill", "house_bill", "air_waybill", "house_air_waybill", "declaration",
            "booking", "container",
        )
    },
}  # fmt: skip
_TYPED_BILLS = ("mblNo", "hblNo", "master_bill", "house_bill", "air_waybill", "house_air_waybill")
_TIME_MARKS = str.maketrans("", "", "-:./ T")
_DIGITS = re.compile(r"[0-9]{14}|[0-9]{12}|[0-9]{8}")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_LONGEST_TIME = 40


class Service(NamedTuple):
    """One service of the API: the format's name, its roots without ``ErrInfo``, and what it is asked for."""

    name: str
    roots: tuple[str, ...]
    asked_for: str

    def sniff(self, data: bytes) -> bool:
        """Whether this looks like an answer of the service, in any encoding."""
        return root_name(data).replace("ErrInfo", "") in self.roots

    def parse(self, data: bytes) -> Element:
        """The root element. Raises ``FormatError`` if it is not an answer of this service."""
        root = _xml.parse(data)
        if root.tag.replace("ErrInfo", "") not in self.roots:
            raise FormatError(
                f"not a UNI-PASS answer about {self.asked_for}: the root element is {root.tag[:80]}", "line 1"
            )
        return root

    def refusal(self, root: Element, *, answered: bool) -> Parked | Problem | None:
        """Why there is nothing to read: an error in the customs' own words, several matches, or none."""
        for element in root.iter(ERROR_TEXT):
            if element.text and element.text.strip():
                return Problem(position=ERROR_TEXT, reason=_answered(line(element.text)), format=self.name)
        if "ErrInfo" in root.tag:
            return Problem(position=root.tag, reason=_answered(""), format=self.name)
        if answered:
            return None
        notice, count = text(root, "ntceInfo"), text(root, "tCnt")
        if count == "-1" or (notice and SEVERAL not in notice):
            return Problem(position="ntceInfo", reason=_answered(notice), format=self.name)
        if notice:
            return Parked(
                position="ntceInfo", reason=f"several {self.asked_for} match, none is named: {notice}", format=self.name
            )
        if count in ("", "0"):
            return Parked(position="tCnt", reason=f"no {self.asked_for} found", format=self.name)
        return Problem(position="tCnt", reason=f"{count[:20]} are announced and none is given", format=self.name)


def _answered(reason: str) -> str:
    return f"customs answered: {reason}" if reason else "customs answered with an error and no reason"


def root_name(data: bytes) -> str:
    """The name of the first element, whatever the encoding; empty for what is no XML."""
    return _root_name(data[:_HEAD])


@lru_cache(maxsize=64)
def _root_name(head: bytes) -> str:
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").startswith(b"<"):
        return ""
    found = _ROOT.search(head.replace(b"\x00", b"").decode("latin-1"))
    return found[1] if found else ""


def element_at(data: bytes, position: str) -> bytes:
    """The row behind a position, in UTF-8. Raises ``FormatError`` if the position is not one of this message."""
    found = _POSITION.match(position)
    if found is None:
        raise FormatError("not a position of this format", position[:80])
    return _xml.element_bytes(data, found[1], int(found[2]))


def rows(root: Element, *tags: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of these names with their positions, each counted from 1 within its name as XPath does."""
    for tag in tags:
        for index, element in enumerate(root.findall(tag), start=1):
            yield f"{tag}[{index}]", fields(element)


def fields(element: Element) -> dict[str, str]:
    """The texts of an element's children; empty ones are left out."""
    return {child.tag: words.strip() for child in element if (words := child.text)}


def text(element: Element, tag: str) -> str:
    """The text of a child in one line, or an empty one."""
    return line(element.findtext(tag) or "")


def announced(root: Element) -> int | None:
    """The number in ``tCnt``, if it is one."""
    count = text(root, "tCnt")
    return int(count[:9]) if count.isascii() and count.isdigit() else None


def line(words: str) -> str:
    """In one line."""
    return " ".join(words.split())


def asked(request: str) -> dict[str, str]:
    """What a request's or a file's name tells: its parameters, and a cargo number that stands anywhere in it."""
    told = dict(_PARAMETER.findall(request.removesuffix(".xml")))
    if "cargMtNo" not in told and "cargo_control_number" not in told:
        found = _CARGO_NUMBER.search(request)
        if found is not None:
            told["cargMtNo"] = found[0]
    return told


def references(told: dict[str, str]) -> tuple[list[Reference], list[str]]:
    """The numbers among parameters or fields, each in its one form, and a warning for each that is masked."""
    found: dict[Reference, None] = {}
    warnings = []
    for name, kind in _NUMBERS.items():
        value = told.get(name, "")
        if identifiers.is_blank(value) or (name == "blNo" and value in map(told.get, _TYPED_BILLS)):
            continue
        if identifiers.is_masked(value):
            warnings.append(f"masked: {name} {value[:24]}")
            continue
        found[Reference(kind, identifiers.reference(kind, value).value)] = None
    return list(found), warnings


def manifest(number: str) -> tuple[Reference, ...]:
    """The number of a manifest in its one form, if there is one."""
    value = identifiers.compact(number)
    return () if identifiers.is_blank(value) else (Reference("manifest", value[:20]),)


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A Korean wall time as it is written, and the instant that it is (UTC+9, no summer time since 1988)."""

    local: datetime
    instant: datetime


def moment(words: str) -> Moment | None:
    """``YYYYMMDDhhmmss`` or ``YYYY-MM-DD hh:mm:ss``; seconds or the whole time of day may be missing."""
    if len(words) == 14 and words.isdigit():
        digits = words
    elif len(words) > _LONGEST_TIME or not _DIGITS.fullmatch(digits := words.translate(_TIME_MARKS)):
        return None
    try:
        local = datetime.fromisoformat(f"{digits[:8]}T{digits[8:] or '00'}")
    except ValueError:
        return None
    if not _FIRST_YEAR <= local.year <= _LAST_YEAR:
        return None
    # A sixth of the time of ``local.replace(tzinfo=…)``.
    return Moment(local, datetime.combine(local, local.time(), kr.KST))


def port(code: str, role: str, *, name: str = "") -> Place | None:
    """The port or airport by its code, else by its Korean name; or its name alone."""
    known = code or (name if identifiers.is_unlocode(name) or identifiers.is_iata(name) else kr.port_named(name))
    if known:
        scheme = "iata" if identifiers.is_iata(known) else "unlocode" if identifiers.is_unlocode(known) else "text"
        return Place(code=known[:12], scheme=scheme, role=role)
    return Place(facility=name[:NAME_LENGTH], scheme="text", role=role) if name else None
