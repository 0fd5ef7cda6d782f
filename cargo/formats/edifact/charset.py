"""Which characters the bytes of a message are: what UNB says, and what they show.

Source: UN/EDIFACT data element 0001 (syntax identifiers UNOA to UNOY, KECA) with ISO 9735. Partners in Korea send
KS X 1001 (EUC-KR, CP949) and others UTF-8 whatever UNB says, so bytes outside ASCII are looked at first.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

_CHARSETS = {
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
    "KECA": "cp949",
}
_LATIN = "iso8859-1"
_CODE_EXTENSION = "UNOX"
_KOREAN = "cp949"
# Alphabets that fill the same bytes as Hangul: here what UNB says is all there is to go by.
_NOT_LATIN = frozenset({"UNOE", "UNOF", "UNOI", "UNOJ"})
_HANGUL = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")
_OUTSIDE_ASCII = re.compile(rb"[\x80-\xff]+")
_UNSAFE = re.compile("[\x80-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = b"\x1b"
_KOREAN_DESIGNATION = b"\x1b$)C"
_BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def readable(text: str, syntax: str) -> tuple[str, str, str | None]:
    """The text of a message whose bytes stand in it one a character, its charset, a warning if UNB named another one.

    ``syntax`` is what UNB names (``UNOA``), empty where there is no UNB.
    """
    raw = text.encode("latin-1")
    declared = _CHARSETS.get(syntax, "")
    found = _found(raw, syntax, declared)
    decoded = _UNSAFE.sub("\ufffd", raw.decode(found, "replace"))
    if found == declared or syntax == _CODE_EXTENSION or (not syntax and found == "utf-8"):
        return decoded, found, None
    return decoded, found, f"charset: UNB says {syntax[:4] if syntax[:4].isalnum() else 'nothing'}, read as {found}"


def _found(raw: bytes, syntax: str, declared: str) -> str:
    if declared == _KOREAN or syntax in _NOT_LATIN:
        return declared
    try:
        raw.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    outside = sum(map(len, _OUTSIDE_ASCII.findall(raw)))
    if 4 * len(_HANGUL.findall(raw)) >= outside:
        return _KOREAN
    return declared if declared not in ("", "utf-8") else _LATIN


def transcoded(head: bytes) -> Callable[[], codecs.IncrementalDecoder] | None:
    """The decoder for bytes in which a separator need not be a separator (UTF-16, ISO 2022), by their beginning."""
    name = _BYTE_ORDER_MARKS.get(head[:2])
    if name is None and head[1:2] == b"\x00" and head[3:4] == b"\x00":
        name = "utf-16-le"
    elif name is None and head[:1] == b"\x00" and head[2:3] == b"\x00":
        name = "utf-16-be"
    elif name is None and _ESCAPE in head:
        name = "iso2022_kr" if _KOREAN_DESIGNATION in head else "iso2022_jp_2"
    if name is None:
        return None
    decoder = codecs.getincrementaldecoder(name)
    return lambda: decoder("replace")
