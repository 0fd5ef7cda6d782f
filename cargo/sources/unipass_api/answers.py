"""What an answer of UNI-PASS is, as far as one must know to ask on: every answer has HTTP status 200."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree.ElementTree import Element

from cargo.domain.event import FormatError
from cargo.formats import _xml

CARGO, SEVERAL, GIVEN, NOTHING, REFUSED = "cargo", "several", "given", "nothing", "refused"
_HEADER, _EVENT = "cargCsclPrgsInfoQryVo", "cargCsclPrgsInfoDtlQryVo"
_SEVERAL = "[N00]"
# What refusals are about that every call with this key would get ("there is no such key", "a key is required").
_KEY = ("인증키", "crkyCn")
_SHED_DIGITS = 8


class Answer(NamedTuple):
    """``kind`` is one of those above. ``rows``: the cargoes (or whatever else was asked for), by field name.

    ``sheds``: the codes of the bonded warehouses that its events name. ``reason``: the customs' own words; ``key``:
    they are about the key.
    """

    kind: str
    rows: tuple[dict[str, str], ...] = ()
    sheds: frozenset[str] = frozenset()
    reason: str = ""
    key: bool = False


def read(body: bytes) -> Answer:
    """What the bytes say. Raises ``FormatError`` if they are no answer of UNI-PASS: some come broken and are sound when
    asked for again.
    """
    root = _xml.parse(body)
    if not root.tag.endswith(("RtnVo", "RtnErrInfoVo")):
        raise FormatError(f"not an answer of UNI-PASS: the root element is {root.tag[:60]}")
    notice = _text(root, "ntceInfo")
    errors = [" ".join(element.text.split()) for element in root.iter("errMsgCn") if element.text]
    refused = " ".join(errors) or (notice if _text(root, "tCnt") == "-1" or "ErrInfo" in root.tag else "")
    if refused or "ErrInfo" in root.tag or _text(root, "tCnt") == "-1":
        return Answer(REFUSED, reason=refused, key=any(word in refused for word in _KEY))
    headers, events = root.findall(_HEADER), root.findall(_EVENT)
    if len(headers) > 1 or (_SEVERAL in notice and not events):
        return Answer(SEVERAL, tuple(map(_fields, headers)), reason=notice)
    if headers:
        return Answer(CARGO, (_fields(headers[0]),), frozenset(filter(None, map(_shed, events))))
    rows = [_fields(child) for child in root if len(child)]
    if not rows and notice:
        return Answer(REFUSED, reason=notice)
    return Answer(GIVEN, tuple(rows)) if rows else Answer(NOTHING)


def _fields(element: Element) -> dict[str, str]:
    return {child.tag: child.text.strip() for child in element if child.text and child.text.strip()}


def _shed(event: Element) -> str:
    """The warehouse's code without the section that may follow it."""
    code = _text(event, "shedSgn").partition("/")[0]
    return code if len(code) == _SHED_DIGITS and code.isascii() and code.isalnum() else ""


def _text(element: Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())
