"""The one door for XML: the standard library's parser behind a guard.

Refused before the parser sees anything: a document type or entity declaration in any encoding,
encodings other than those named here, documents that are too large or have too many elements.
Nothing is ever fetched. Errors are ``FormatError`` with line and column.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from cargo.domain.event import FormatError

MAX_BYTES = 64 * 1024 * 1024
MAX_TAGS = 2_000_000
MAX_DEPTH = 64

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PLAINLY_UTF8 = re.compile(
    rb"""<(?:[A-Za-z_]|\?xml\s+version\s*=\s*["']1\.0["'](?:\s+encoding\s*=\s*["'](?:UTF|utf)-8["'])?"""
    rb"""(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>)"""
)
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
    root = _parse_plain(data)
    if root is None:
        text = text_of(data)
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError as error:
            line, column = error.position
            raise FormatError(f"not well-formed XML: {_reason(error)}", f"line {line}, column {column + 1}") from None
    _check_depth(root)
    return root


def _parse_plain(data: bytes) -> Element | None:
    """The root element of what is plainly UTF-8 with nothing to guard against; ``None``: look closer.

    The bytes go to the parser as they came, which saves a tenth of the time of most messages.
    """
    # Few messages have an exclamation mark at all, and none has more tags than bytes.
    if len(data) > min(MAX_BYTES, MAX_TAGS) or (b"!" in data and b"<!" in data):
        return None
    if not _PLAINLY_UTF8.match(data[:200]):
        return None
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return None


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


def nested_bytes(data: bytes, path: Sequence[tuple[str, int]]) -> bytes:
    """The element at the end of ``path``, as it stands in the document, in UTF-8.

    Each step below the root is a name without its prefix and which of the elements of that name it is (from 1).
    Raises ``FormatError`` if there is none.
    """
    raw = text_of(data).encode()
    parser = expat.ParserCreate("utf-8")
    seen = [0] * len(path)
    depth, matched, start = 0, 0, -1
    found = b""

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, matched, start
        depth += 1
        if depth != matched + 2 or matched == len(path) or name.rpartition(":")[2] != path[matched][0]:
            return
        seen[matched] += 1
        if seen[matched] == path[matched][1]:
            matched += 1
            start = parser.CurrentByteIndex if matched == len(path) else -1

    def end(name: str) -> None:
        nonlocal depth, matched, start, found
        if matched and depth == matched + 1:
            if start >= 0:
                closed = re.compile(rb"</" + re.escape(name).encode() + rb"\s*>").match(raw, parser.CurrentByteIndex)
                found, start = raw[start : closed.end() if closed else parser.CurrentByteIndex], -1
            matched -= 1
        depth -= 1

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise FormatError("not well-formed XML", f"line {error.lineno}, column {error.offset + 1}") from None
    if not found:
        raise FormatError("there is no such element", "/".join(f"{name}[{index}]" for name, index in path))
    return found


def pull(
    chunks: Iterable[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Reads a document too large to be held, chunk by chunk, and yields after each; names come without a prefix.

    Raises ``FormatError`` with line and column, and for a document type or entity declaration before anything of it
    is read.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def refuse(*_: object) -> None:
        raise FormatError("document type and entity declarations are not accepted", _at(parser))

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise FormatError(f"elements are nested more than {MAX_DEPTH} deep", _at(parser))
        start(name.rpartition(":")[2], attributes)

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name.rpartition(":")[2])

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FormatError(
            f"not well-formed XML: {expat.ErrorString(error.code)}", f"line {error.lineno}, column {error.offset + 1}"
        ) from None
    yield


def _at(parser: expat.XMLParserType) -> str:
    return f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber + 1}"


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
    """Level by level, and only into elements that have some: most have none."""
    level, depth = [root] if len(root) else [], 1
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise FormatError(f"elements are nested more than {MAX_DEPTH} deep")
        level = [child for element in level for child in element if len(child)]


def _reason(error: ElementTree.ParseError) -> str:
    return expat.ErrorString(error.code) or "syntax error"


def _line_of(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"line {line}, column {column}"
