"""The one door for XML: what is refused before it is parsed, in any encoding."""

from __future__ import annotations

import pytest

from cargo.domain.event import FormatError
from cargo.formats import _xml

DOCUMENT = '<?xml version="1.0" encoding="{}"?>\n<a><b>한글</b><b>two</b></a>'


def refused(data: bytes) -> str:
    with pytest.raises(FormatError) as caught:
        _xml.parse(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("EUC-KR", "euc-kr"),
        ("ks_c_5601-1987", "cp949"),
    ],
)
def test_korean_text_is_read_in_the_encodings_that_systems_use(declared: str, codec: str) -> None:
    assert _xml.parse(DOCUMENT.format(declared).encode(codec)).findtext("b") == "한글"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;">]>',
        '<!DOCTYPE a SYSTEM "http://example.org/a.dtd">',
        "<!doctype a>",
    ],
)
def test_document_types_and_entities_are_refused_in_any_encoding(declaration: str, codec: str) -> None:
    said = refused(f'<?xml version="1.0"?>\n{declaration}<a>&e;</a>'.encode(codec))
    assert said == "line 2, column 1: document type and entity declarations are not accepted"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the message is empty"),
        (b"\x00\x00 ", "the message is empty"),
        (b"<a>", "line 1, column 4: not well-formed XML: no element found"),
        (b"<a>\n<b></a>", "line 2, column 6: not well-formed XML: mismatched tag"),
        (b"<a>&nbsp;</a>", "line 1, column 4: not well-formed XML: undefined entity"),
        (b"<a>\xff</a>", "byte 3: not utf-8: invalid start byte"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "line 1: the encoding utf-7 is not accepted"),
        (b'<?xml version="1.0" encoding="utf-16"?><a/>', "line 1: the encoding utf-16 is not accepted"),
        ("<a/>".encode("utf-32"), "byte 0: the encoding UTF-32 is not accepted"),
        (b"<a>" * 65 + b"</a>" * 65, "elements are nested more than 64 deep"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(data: bytes, said: str) -> None:
    assert refused(data) == said


def test_too_many_tags_and_bytes_are_refused_before_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_xml, "MAX_TAGS", 10)
    assert refused(b"<a>" + b"<b/>" * 10 + b"</a>") == "more than 10 tags"
    monkeypatch.setattr(_xml, "MAX_BYTES", 20)
    assert refused(b"<a>" + b" " * 20 + b"</a>") == "the message has 27 bytes, more than 20"


def test_an_elements_bytes_are_its_own_and_keep_their_form() -> None:
    data = '<a><b x="1"> <b>in</b></b><c/><b/><!-- <b/> --><b>한</b><b/></a>'.encode()
    assert _xml.element_bytes(data, "b", 1) == b'<b x="1"> <b>in</b></b>'
    assert _xml.element_bytes(data, "b", 2) == b"<b/>"
    assert _xml.element_bytes(data, "b", 3) == "<b>한</b>".encode()
    assert _xml.element_bytes(data, "b", 4) == b"<b/>"
    with pytest.raises(FormatError, match=r"b\[5\]: there is no such element"):
        _xml.element_bytes(data, "b", 5)
