"""CONTRL: which messages are acknowledged, which are rejected and at which segment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cargo.domain.event import FormatError, Parked
from cargo.formats import edifact
from cargo.formats.edifact.contrl import acknowledge
from tests.formats.edifact_messages import AT, HEAD, interchange, message

NOW = datetime(2026, 3, 14, 10, 30, 15, tzinfo=UTC)

GOOD = ["BGM+23+ST1+9", "CNI+1", "STS+1+21", AT]
BAD = ["BGM+23+ST1+9", "CNI+1", "STS+1+21", "DTM+334:NEVER:203"]


def iftsta(segments: list[str], reference: str = "1") -> list[str]:
    return message("IFTSTA:D:99B:UN", *segments, reference=reference)


def answered(data: bytes, **options: bool) -> list[str]:
    return acknowledge(data, NOW, reference="A1", **options).decode().rstrip("'").split("'")


def test_an_acknowledgement_in_full() -> None:
    assert answered(interchange(iftsta(GOOD))) == [
        "UNB+UNOA:3+FWD:ZZZ+CLSL:ZZZ+260314:1030+A1",
        "UNH+1+CONTRL:D:3:UN",
        "UCI+I1+CLSL:ZZZ+FWD:ZZZ+7",
        "UCM+1+IFTSTA:D:99B:UN+7",
        "UNT+4+1",
        "UNZ+1+A1",
    ]


def test_a_message_with_an_unreadable_segment_is_rejected() -> None:
    assert answered(interchange(iftsta(GOOD, "1"), iftsta(BAD, "2"), iftsta(GOOD, "3")))[3:-2] == [
        "UCM+1+IFTSTA:D:99B:UN+7",
        "UCM+2+IFTSTA:D:99B:UN+4",
        "UCS+5+12",
        "UCM+3+IFTSTA:D:99B:UN+7",
    ]


def test_what_is_not_read_here_is_still_acknowledged() -> None:
    assert "UCM+1+BAPLIE:D:95B:UN+7" in answered(interchange(message("BAPLIE:D:95B:UN", "BGM++1+9")))


@pytest.mark.parametrize(
    ("old", "new", "told", "strict"),
    [
        (b"UNT+6+1", b"UNT+9+1", "UCM+1+IFTSTA:D:99B:UN+7", "UCM+1+IFTSTA:D:99B:UN+4+29+UNT"),
        (b"UNT+6+1", b"UNT+6+2", "UCM+1+IFTSTA:D:99B:UN+7", "UCM+1+IFTSTA:D:99B:UN+4+28+UNT"),
        (b"UNZ+1+I1", b"UNZ+2+I1", "UCI+I1+CLSL:ZZZ+FWD:ZZZ+7", "UCI+I1+CLSL:ZZZ+FWD:ZZZ+4+29+UNZ"),
        (b"UNZ+1+I1", b"UNZ+1+I2", "UCI+I1+CLSL:ZZZ+FWD:ZZZ+7", "UCI+I1+CLSL:ZZZ+FWD:ZZZ+4+28+UNZ"),
        (b"UNZ+1+I1'", b"", "UCI+I1+CLSL:ZZZ+FWD:ZZZ+7", "UCI+I1+CLSL:ZZZ+FWD:ZZZ+4+13+UNZ"),
    ],
)
def test_wrong_counts_and_references_reject_only_where_asked(old: bytes, new: bytes, told: str, strict: str) -> None:
    data = interchange(iftsta(GOOD))
    assert old in data
    wrong = data.replace(old, new)
    assert told in answered(wrong) and strict not in answered(wrong)
    assert strict in answered(wrong, strict=True)
    assert told in answered(data, strict=True)


def test_groups_are_named() -> None:
    body = [f"{HEAD}+I1", "UNG+IFTSTA+SND+RCV+260314:0912+G7+UN+D:99B", *iftsta(GOOD), "UNE+1+G7", "UNZ+1+I1"]
    assert answered("'".join([*body, ""]).encode())[2:-2] == [
        "UCI+I1+CLSL:ZZZ+FWD:ZZZ+7",
        "UCF+G7+SND+RCV+7",
        "UCM+1+IFTSTA:D:99B:UN+7",
    ]


def test_each_interchange_is_answered() -> None:
    told = answered(interchange(iftsta(GOOD)) + interchange(iftsta(BAD)).replace(b"I1", b"I2"))
    assert [line for line in told if line.startswith(("UNB", "UCI", "UCM"))] == [
        "UNB+UNOA:3+FWD:ZZZ+CLSL:ZZZ+260314:1030+A1",
        "UCI+I1+CLSL:ZZZ+FWD:ZZZ+7",
        "UCM+1+IFTSTA:D:99B:UN+7",
        "UNB+UNOA:3+FWD:ZZZ+CLSL:ZZZ+260314:1030+A101",
        "UCI+I2+CLSL:ZZZ+FWD:ZZZ+7",
        "UCM+1+IFTSTA:D:99B:UN+4",
    ]


def test_an_acknowledgement_is_never_answered() -> None:
    answer = acknowledge(interchange(iftsta(GOOD)), NOW)
    assert acknowledge(answer, NOW) == b""
    (parked,) = edifact.decode(answer)
    assert isinstance(parked, Parked)
    assert parked.reason == "CONTRL: syntax and service report; not read"


def test_messages_without_an_interchange_are_not_answered() -> None:
    assert acknowledge("'".join([*iftsta(GOOD), ""]).encode(), NOW) == b""


def test_separators_in_names_are_released() -> None:
    data = interchange(iftsta(GOOD), head="UNB+UNOA:2+O?'HARA ?+ SONS:ZZZ+FWD:ZZZ+260314:0912")
    answer = acknowledge(data, NOW).decode()
    assert "UCI+I1+O?'HARA ?+ SONS:ZZZ+FWD:ZZZ+7'" in answer


def test_other_separators_are_written_as_the_standard_ones() -> None:
    data = interchange(iftsta(GOOD)).replace(b"'", b"~").replace(b"+", b"|").replace(b":", b"^")
    assert acknowledge(b"UNA^|.? ~" + data, NOW) == acknowledge(interchange(iftsta(GOOD)), NOW)


def test_the_reference_is_the_time_where_none_is_given() -> None:
    assert acknowledge(interchange(iftsta(GOOD)), NOW).endswith(b"UNZ+1+260314103015'")


def test_what_is_no_interchange_is_refused() -> None:
    with pytest.raises(FormatError):
        acknowledge(b"hello", NOW)
