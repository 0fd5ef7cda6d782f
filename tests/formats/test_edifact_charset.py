"""What bytes outside ASCII are: as UNB says, and as Korean partners send them whatever it says."""

from __future__ import annotations

import pytest

from cargo.formats import edifact
from tests.formats.edifact_messages import iftsta, only


def told(words: str, syntax: str, encoding: str) -> bytes:
    data = iftsta(
        "STS+1+31", "RFF+BM:CLSLPUSR1", "DTM+334:202603140855:203", "LOC+175+KRPUS:139:6", f"FTX+AAI+++{words}"
    )
    return data.replace(b"UNOA:2", f"{syntax}:3".encode()).decode().encode(encoding)


@pytest.mark.parametrize(
    ("words", "syntax", "encoding", "warning"),
    [
        ("PLAIN", "UNOA", "ascii", None),
        ("MÜNCHEN", "UNOC", "latin-1", None),
        ("MÜNCHEN", "UNOA", "latin-1", "charset: UNB says UNOA, read as iso8859-1"),
        ("GDAŃSK ŁÓDŹ", "UNOD", "iso8859-2", None),
        ("МОСКВА склад", "UNOE", "iso8859-5", None),
        ("ΠΕΙΡΑΙΑΣ", "UNOF", "iso8859-7", None),
        ("MALTA Ħ", "UNOG", "iso8859-3", None),
        ("RĪGA", "UNOH", "iso8859-4", None),
        ("ميناء", "UNOI", "iso8859-6", None),
        ("חיפה", "UNOJ", "iso8859-8", None),
        ("İZMİR ŞEHİR", "UNOK", "iso8859-9", None),
        ("PRIX 5 €", "UNOL", "iso8859-15", None),
        ("부산신항 MÜNCHEN", "UNOW", "utf-8", None),
        ("부산신항", "UNOY", "utf-8", None),
        ("부산신항", "UNOA", "utf-8", "charset: UNB says UNOA, read as utf-8"),
        ("부산신항 세관 검사대상", "UNOA", "euc-kr", "charset: UNB says UNOA, read as cp949"),
        ("부산신항", "UNOB", "cp949", "charset: UNB says UNOB, read as cp949"),
        ("부산신항", "UNOC", "euc-kr", "charset: UNB says UNOC, read as cp949"),
        ("부산신항", "UNOY", "euc-kr", "charset: UNB says UNOY, read as cp949"),
        ("부산신항", "UNOX", "euc-kr", None),
        ("부산신항", "KECA", "euc-kr", None),
        ("펲똠방각하 햏", "KECA", "cp949", None),
        ("横浜港", "UNOX", "iso2022_jp", None),
        ("부산항", "UNOX", "iso2022_kr", None),
        ("부산신항", "UNOY", "utf-16", None),
        ("부산신항", "UNOY", "utf-16-le", None),
        ("부산신항", "UNOY", "utf-16-be", None),
        ("부산신항", "UNOW", "utf-8-sig", None),
    ],
)
def test_a_charset(words: str, syntax: str, encoding: str, warning: str | None) -> None:
    data = told(words, syntax, encoding)
    event = only(data)
    assert event.source_text == f"En route: {words}"
    assert event.warnings == ((warning,) if warning else ())
    part = edifact.slice(data, event.position)
    assert any(words in part.decode(name, "replace") for name in (encoding, "utf-8", "latin-1"))


def test_bytes_of_no_charset_are_marked() -> None:
    event = only(told("X", "UNOY", "ascii").replace(b"+++X'", b"+++A\xff\x81B'"))
    assert event.source_text == "En route: A\xff\ufffdB"


def test_each_message_is_judged_by_its_own_bytes() -> None:
    first, second = told("부산신항", "UNOC", "euc-kr"), told("MÜNCHEN", "UNOC", "latin-1")
    texts = [outcome.source_text for outcome in edifact.decode(first + second)]  # type: ignore[union-attr]
    assert texts == ["En route: 부산신항", "En route: MÜNCHEN"]


def test_korean_and_released_characters_together() -> None:
    event = only(told("부산?'항?+신?:항", "UNOA", "euc-kr"))
    assert event.source_text == "En route: 부산'항+신:항"


def test_a_value_stays_on_one_line() -> None:
    data = iftsta("STS+1+21:::Signed\u2028by\u2029KIM", "DTM+334:202603140855:203")
    event = only(data.replace(b"UNOA:2", b"UNOW:4"))
    assert event.source_text == "Delivery, completed: Signed by KIM"
