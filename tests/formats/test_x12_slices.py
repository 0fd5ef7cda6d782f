"""The segments behind an event: its own, and nothing of other consignments."""

from __future__ import annotations

import pytest

from cargo import formats
from cargo.domain.event import Event, FormatError
from cargo.formats import x12
from tests.formats.x12_messages import interchange, isa, read

M10, P4 = "M10*CLSL*O*KR*9863297*CLS HARMONY*014E*004711**W*L", "P4*2704*20260315*3"


def slices(kind: str, *inner: str) -> list[str]:
    """Of each event, its segments without ST."""
    data = interchange((kind, list(inner)))
    parts = []
    for outcome in read(data):
        assert isinstance(outcome, Event)
        first, *rest = formats.slice(outcome.format, data, outcome.position).decode().split("~\n")
        assert first == f"ST*{kind}*0001"
        parts.append(" ".join(segment.rstrip("~") for segment in rest))
    return parts


def test_a_315_is_one_consignment_and_stays_whole() -> None:
    inner = [
        "B4***VA*20260315*1142**CLSU*222436*L**USLAX*UN*6",
        "N9*BM*B1",
        "R4*D*UN*USLAX",
        "DTM*139*20260315*1100*LT",
    ]
    assert slices("315", *inner) == [" ".join(inner)] * 2


def test_of_several_boxes_of_a_315_only_its_own_stays() -> None:
    head = "B4***VD*20260301*1920*****45G1*KRPUS*UN"
    assert slices("315", head, "N9*EQ*CLSU2224366", "N9*EQ*CLSU2224371", "N9*BM*B1") == [
        f"{head} N9*EQ*CLSU2224366 N9*BM*B1",
        f"{head} N9*EQ*CLSU2224371 N9*BM*B1",
    ]


def test_of_several_boxes_of_a_322_only_its_own_stays() -> None:
    head, end = "Q5*OA*20260323*0915*LT", "R4*5*UN*USCHI"
    one, other = "N7*CLSU*222436*******U**CN*******6 M7*SEAL1", "N7*CLSU*222437*******U**CN*******1 M7*SEAL2"
    weights = ["W2*CLSU*222436**CN*L", "W2*CLSU*222437**CN*E"]
    assert slices("322", head, *one.split(), *other.split(), *weights, end) == [
        f"{head} {one} {weights[0]} {end}",
        f"{head} {other} {weights[1]} {end}",
    ]


def test_of_a_214_its_loop_stays_without_other_statuses() -> None:
    head = ["B10*PRO1*SHP1*ABCD", "L11*B1*BM"]
    first = ["LX*1", "AT7*X3*NS***20260318*0815*LT", "MS1*A", "AT7*AF*NS***20260318*0940*LT", "MS1*B", "L11*PO1*PO"]
    second = ["LX*2", "AT7*D1*NS***20260321*0930*LT", "L11*PO2*PO"]
    assert slices("214", *head, *first, *second) == [
        " ".join([*head, *first[:3], first[5]]),
        " ".join([*head, first[0], *first[3:]]),
        " ".join([*head, *second]),
    ]


def test_of_a_350_its_disposition_stays_with_the_port() -> None:
    def x4(bill: str, code: str) -> str:
        return f"X4*{bill}****20260316*1015*{code}**CLSL"

    other_port = "P4*2709*20260316*1"
    found = slices("350", M10, P4, x4("A1", "1H"), "N9*IB*V1", x4("A2", "1C"), "K1*OK", other_port, x4("A3", "1C"))
    assert found == [
        f"{M10} {P4} {x4('A1', '1H')} N9*IB*V1",
        f"{M10} {P4} {x4('A2', '1C')} K1*OK",
        f"{M10} {other_port} {x4('A3', '1C')}",
    ]


def test_of_a_309_and_a_355_its_bill_stays() -> None:
    def m11(bill: str) -> str:
        return f"M11*{bill}*58023*1*CTN*18*K***00*BUSAN**CLSL"

    loops = ["LX*1", m11("A1"), "N1*SH*ONE", "VID*4B*CLSU*2224366", "LX*2", m11("A2"), "N1*SH*TWO"]
    first, second = f"{M10} {P4} {' '.join(loops[:4])}", f"{M10} {P4} {' '.join(loops[4:])}"
    assert slices("309", M10, P4, *loops) == [first, first, second, second]
    assert slices("355", M10, P4, *loops) == [first, second]


def test_no_slice_holds_the_envelope_or_another_transaction() -> None:
    one = ("315", ["B4***VA*20260315*1142**CLSU*222436*L**USLAX*UN*6", "N9*BM*B1"])
    data = interchange(one, ("315", [one[1][0], "N9*BM*B2"]))
    part = x12.slice(data, "ISA1/GS1/ST2/B4@2")
    assert part == b"ST*315*0002~\nB4***VA*20260315*1142**CLSU*222436*L**USLAX*UN*6~\nN9*BM*B2~"


def test_a_slice_keeps_the_senders_separators_and_is_utf_8() -> None:
    lines = interchange(("315", ["B4***VA*20260315*1142**CLSU*222436*L**USLAX*UN*6", "N9*BM*BÜ"])).decode().split("~")
    data = "\n".join(line.replace("*", "|") for line in lines).encode("latin-1")
    assert x12.slice(data, "ISA1/GS1/ST1/B4@2").decode().endswith("N9|BM|BÜ\n")


@pytest.mark.parametrize(
    ("position", "reason"),
    [
        ("", "not a position of this format"),
        ("events[0]", "not a position of this format"),
        ("ISA1/GS1/ST1", "not a position of this format"),
        ("ISA1/GS1/ST1/B4@2\n", "not a position of this format"),
        ("ISA1/GS1/ST1/B4@9", "not a position of this message"),
        ("ISA1/GS1/ST1/B4@0", "not a position of this message"),
        ("ISA1/GS1/ST1/N9@2", "not a position of this message"),
        ("ISA1/GS1/ST9/B4@2", "not a position of this message"),
        ("ISA2/GS1/ST1/B4@2", "not a position of this message"),
        (f"ISA1/GS1/ST1/B4@{'9' * 400}", "not a position of this format"),
    ],
)
def test_positions_that_are_not_there(position: str, reason: str) -> None:
    data = interchange(("315", ["B4***VA*20260315*1142**CLSU*222436*L**USLAX*UN*6", "N9*BM*B1"]))
    with pytest.raises(FormatError) as raised:
        x12.slice(data, position)
    assert raised.value.reason == reason


def test_a_slice_of_something_else_is_refused() -> None:
    with pytest.raises(FormatError):
        x12.slice(b"UNB+UNOA:2'", "ISA1/GS1/ST1/B4@2")
    with pytest.raises(FormatError):
        x12.slice(f"{isa()}~".encode(), "ISA1/GS1/ST1/B4@2")
