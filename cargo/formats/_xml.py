"""The one door for XML: the standard library's parser behind a guard.

Refused before the parser sees anything: a document type or entity declaration in any encoding,
encodings other than those named here, documents that are too large or have too many elements.
Nothing is ever fetched. Errors are ``FormatError`` with line and column.
"""

from __future__ import annotations

import codecs
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from cargo.domain.event import FormatError

MAX_BYTES = 64 * 1024 * 1024
MAX_TAGS = 2_000_000
MAX_DEPTH = 64

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# Korean systems still write EUC-KR and its extension CP949 (declared under several names).
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "cp949": "cp949",
    "ms949": "cp949",
    "windows-949": "cp949",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
_FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def text_of(data: bytes) -> str:
    """The document as text without its XML declaration's say over the encoding.

    Raises ``FormatError`` for an empty or too large document, an encoding that is not accepted or does
    not fit, and a document type or entity declaration.
    """
    if not data.strip(b" \t\r\n\x00"):
        raise FormatError("the message is empty")
    if len(data) > MAX_BYTES:
        raise FormatError(f"the message has {len(data)} bytes, more than {MAX_BYTES}")
    encoding = _encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"not {encoding}: {error.reason}", f"byte {error.start}") from None
    text = text.removeprefix("\ufeff")
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        raise FormatError("document type and entity declarations are not accepted", _line_of(text, forbidden.start()))
    if text.count("<") > MAX_TAGS:
        raise FormatError(f"more than {MAX_TAGS} tags")
    return text


def parse(data: bytes) -> Element:
    """The root element. Raises ``FormatError`` naming line and column."""
    text = text_of(data)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        line, column = error.position
        raise FormatError(f"not well-formed XML: {_reason(error)}", f"line {line}, column {column + 1}") from None
    _check_depth(root)
    return root


def element_bytes(data: bytes, tag: str, index: int) -> bytes:
    """The root's ``index``-th child (from 1) named ``tag``, as it stands in the document, in UTF-8.

    Raises ``FormatError`` if there is none.
    """
    raw = text_of(data).encode()
    parser = expat.ParserCreate("utf-8")
    closing = re.compile(rb"</" + re.escape(tag).encode() + rb"\s*>")
    depth, seen = 0, 0
    start, found = -1, b""

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, seen, start
        depth += 1
        if depth == 2 and name == tag:
            seen += 1
            start = parser.CurrentByteIndex if seen == index else -1

    def end(_name: str) -> None:
        nonlocal depth, start, found
        if depth == 2 and start >= 0:
            # The index stands on the closing tag, but behind an element that is written as one empty tag.
            closed = closing.match(raw, parser.CurrentByteIndex)
            found = raw[start : closed.end() if closed else parser.CurrentByteIndex]
            start = -1
        depth -= 1

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise FormatError("not well-formed XML", f"line {error.lineno}, column {error.offset + 1}") from None
    if not found:
        raise FormatError("there is no such element", f"{tag}[{index}]")
    return found


def _encoding_of(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise FormatError("the encoding UTF-32 is not accepted", "byte 0")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if data.startswith(b"<\x00"):
        return "utf-16-le"
    if data.startswith(b"\x00<"):
        return "utf-16-be"
    declared = _DECLARED.match(data[:400])
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii").lower()
    encoding = _ENCODINGS.get(name)
    # A document that can be read as bytes up to here is not in a two-byte encoding, whatever it says.
    if encoding is None or encoding.startswith("utf-16"):
        raise FormatError(f"the encoding {name} is not accepted", "line 1")
    return encoding


def _check_depth(root: Element) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise FormatError(f"elements are nested more than {MAX_DEPTH} deep")
        level = [child for element in level for child in element]


def _reason(error: ElementTree.ParseError) -> str:
    return expat.ErrorString(error.code) or "syntax error"


def _line_of(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"line {line}, column {column}"
