"""997 and 999: what a sender is told of what was read."""

from __future__ import annotations

from datetime import datetime

import pytest

from cargo.domain.event import FormatError, Parked
from cargo.formats.x12.acknowledgment import acknowledge
from tests.formats.x12_messages import Transaction, interchange, isa, read, segments

NOW = datetime(2026, 3, 12, 18, 5)
GOOD: Transaction = ("315", ["B4***VA*20260315*1142**CLSU*222436*L**USLAX*UN*6", "N9*BM*B1"])
NO_DATE: Transaction = ("315", ["B4***VA*20260230*1142**CLSU*222436*L**USLAX*UN*6", "N9*BM*B1"])


def answer(data: bytes, *, strict: bool = False) -> list[str]:
    """The answer's segments."""
    text = acknowledge(data, NOW, control_number=42, strict=strict).decode()
    assert text.endswith("~")
    return text[:-1].split("~")


def inner(data: bytes, *, strict: bool = False) -> list[str]:
    """What stands between ST and SE of the only group."""
    told = answer(data, strict=strict)
    assert [segment[:3] for segment in told].count("ST*") == 1
    return told[3:-3]


def test_all_is_well() -> None:
    assert answer(interchange(GOOD, GOOD)) == [
        "ISA*00*          *00*          *ZZ*CLIENT         *ZZ*CARRIER        *260312*1805*U*00401*000000042*0*P*>",
        "GS*FA*CLIENT*CARRIER*20260312*1805*42*X*004010",
        "ST*997*0001",
        "AK1*QO*7",
        "AK2*315*0001",
        "AK5*A",
        "AK2*315*0002",
        "AK5*A",
        "AK9*A*2*2*2",
        "SE*8*0001",
        "GE*1*42",
        "IEA*1*000000042",
    ]


def test_from_release_005010_on_the_answer_is_a_999() -> None:
    data = interchange(GOOD, NO_DATE, release="005010").replace(b"*U*00401*", b"*^*00501*")
    told = answer(data)
    assert told[0].endswith("*^*00501*000000042*0*P*>")
    assert told[1] == "GS*FA*CLIENT*CARRIER*20260312*1805*42*X*005010"
    assert told[2:-2] == [
        "ST*999*0001",
        "AK1*QO*7*005010",
        "AK2*315*0001",
        "IK5*A",
        "AK2*315*0002",
        "IK3*B4*2**8",
        "IK4*4**8",
        "IK5*R*5",
        "AK9*P*2*2*1",
        "SE*10*0001",
    ]


def test_a_transaction_that_could_not_be_read_is_rejected_with_its_place() -> None:
    assert inner(interchange(GOOD, NO_DATE, GOOD)) == [
        "AK1*QO*7",
        "AK2*315*0001",
        "AK5*A",
        "AK2*315*0002",
        "AK3*B4*2**8",
        "AK4*4**8",
        "AK5*R*5",
        "AK2*315*0003",
        "AK5*A",
        "AK9*P*3*3*2",
    ]


@pytest.mark.parametrize(
    ("transaction", "notes"),
    [
        (("315", ["N9*BM*B1"]), ["AK3*B4*2**3", "AK5*R*5"]),
        (("322", ["Q5*I**0712*LT"]), ["AK3*Q5*2**8", "AK4*2**1", "AK5*R*5"]),
        (("214", ["B10*A*B*C", "LX*1", "AT7*D1*NS****10"]), ["AK3*AT7*4**8", "AK4*5**1", "AK5*R*5"]),
        (("315", [*GOOD[1], "ZZZ*1"]), ["AK3*ZZZ*4**2", "AK5*E*5"]),
        (("315", [GOOD[1][0], f"N9*BM*{'B' * 70000}"]), ["AK3*N9*3**8", "AK4*1**5", "AK5*R*5"]),
        (("404", ["BX*00"]), ["AK5*R*1"]),
        (("888", ["BX*00"]), ["AK5*R*1"]),
    ],
)
def test_what_is_wrong_in_a_transaction(transaction: Transaction, notes: list[str]) -> None:
    told = inner(interchange(transaction))
    assert told[2:-1] == notes
    accepted = not notes[-1].startswith("AK5*R")
    assert told[-1] == ("AK9*E*1*1*1" if accepted else "AK9*R*1*1*0")


@pytest.mark.parametrize(
    ("right", "wrong", "tolerated", "rejected"),
    [
        (b"SE*4*0001", b"SE*9*0001", ["AK5*E*4", "AK9*E*1*1*1"], ["AK5*R*4", "AK9*R*1*1*0"]),
        (b"SE*4*0001", b"SE*4*0009", ["AK5*E*3", "AK9*E*1*1*1"], ["AK5*R*3", "AK9*R*1*1*0"]),
        (b"SE*4*0001", b"SE*9*0009", ["AK5*E*3*4", "AK9*E*1*1*1"], ["AK5*R*3*4", "AK9*R*1*1*0"]),
        (b"SE*4*0001~", b"", ["AK5*E*2", "AK9*E*1*1*1"], ["AK5*R*2", "AK9*R*1*1*0"]),
        (b"GE*1*7", b"GE*3*7", ["AK5*A", "AK9*E*1*1*1*5"], ["AK5*A", "AK9*E*1*1*1*5"]),
        (b"GE*1*7", b"GE*1*8", ["AK5*A", "AK9*E*1*1*1*4"], ["AK5*A", "AK9*E*1*1*1*4"]),
    ],
)
def test_what_is_wrong_around_it(right: bytes, wrong: bytes, tolerated: list[str], rejected: list[str]) -> None:
    data = interchange(GOOD)
    assert right in data
    assert inner(data.replace(right, wrong))[2:] == tolerated
    assert inner(data.replace(right, wrong), strict=True)[2:] == rejected


def test_a_transaction_that_is_cut_off() -> None:
    data = interchange(GOOD, GOOD)
    told = inner(data[: data.rindex(b"N9*BM")])
    assert told == ["AK1*QO*7", "AK2*315*0001", "AK5*A", "AK2*315*0002", "AK5*R*2", "AK9*P*2*2*1"]


def test_each_group_and_each_interchange_has_its_own_answer() -> None:
    first = segments(GOOD)
    first[-1:] = ["GS*SO*A*B*20260312*0915*8*X*004010", "ST*322*1", "Q5*I*20260319*0712*LT", "SE*3*1", "GE*1*8"]
    first.append("IEA*2*000000001")
    second = [isa(control="000000002").replace("CARRIER", "TRUCKER"), *segments(GOOD)[1:-1], "IEA*1*000000002"]
    data = "~".join([*first, ""]).encode() + "|".join([*second, ""]).encode()
    told = acknowledge(data, NOW, control_number=42).decode()
    mine, other = told[: told.index("ISA", 1)].split("~"), told[told.index("ISA", 1) :].split("|")
    assert [segment for segment in mine if segment.startswith(("GS", "AK1", "GE", "IEA"))] == [
        "GS*FA*CLIENT*CARRIER*20260312*1805*42*X*004010",
        "AK1*QO*7",
        "GE*1*42",
        "GS*FA*B*A*20260312*1805*43*X*004010",
        "AK1*SO*8",
        "GE*1*43",
        "IEA*2*000000042",
    ]
    assert other[0][54:69] == "TRUCKER        "
    assert other[-2:] == ["IEA*1*000000043", ""]


def test_an_acknowledgment_is_never_acknowledged() -> None:
    mine = acknowledge(interchange(GOOD), NOW)
    assert acknowledge(mine, NOW) == b""
    assert acknowledge(interchange(("999", ["AK1*QO*7"]), functional="XX"), NOW) == b""
    assert acknowledge(f"{isa()}~TA1*000000001*260312*0915*A*000~IEA*0*000000001~".encode(), NOW) == b""


def test_our_own_answers_are_sound_x12() -> None:
    for release in ("004010", "005010"):
        (parked,) = read(acknowledge(interchange(GOOD, NO_DATE, release=release), NOW))
        assert isinstance(parked, Parked)
        assert parked.reason.endswith("acknowledgment: not read")


def test_control_numbers_stay_within_nine_digits() -> None:
    told = acknowledge(interchange(GOOD), NOW, control_number=10**9 + 7)
    assert b"*000000007*0*P*" in told and b"IEA*1*000000007~" in told


def test_what_is_no_interchange_has_no_answer() -> None:
    with pytest.raises(FormatError):
        acknowledge(b"{}", NOW)
