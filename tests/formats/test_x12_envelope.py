"""Interchanges: separators, line ends, character sets, several in a file, wrong counts, what is cut or too large."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem
from cargo.formats import x12
from cargo.formats.x12 import envelope, regions
from cargo.formats.x12.header import read_header
from tests.formats.x12_messages import interchange, isa, numbers, parked, read, segments

STATUS = ["B4***VA*20260315*1142**CLSU*222436*L*45G1*USLAX*UN*6", "N9*BM*B1"]


def status(bill: str, code: str = "VA") -> tuple[str, list[str]]:
    return "315", [STATUS[0].replace("VA", code), f"N9*BM*{bill}"]


def bills(outcomes: list[Outcome]) -> list[str | None]:
    return [outcome.reference("master_bill") for outcome in outcomes if isinstance(outcome, Event)]


def test_the_header_is_read_by_element() -> None:
    header = read_header(f"{isa()}~GS*QO".encode())
    assert (header.element, header.component, header.repetition, header.segment) == ("*", ">", None, "~")
    assert header.control == "000000001"
    assert header.length == 106


@pytest.mark.parametrize(
    ("element", "component", "terminator"),
    [
        ("*", ">", "~"),
        ("*", ">", "~\n"),
        ("*", ">", "~\r\n"),
        ("*", ">", "\n"),
        ("*", ">", "\r\n"),
        ("*", ":", "'"),
        ("|", "^", "\x1c"),
        ("\x1d", "\x1f", "\x1c"),
        ("+", ":", "'\r\n"),
        ("^", "*", "~"),
        ("*", "", "~\n"),
        ("*", "", "~"),
    ],
)
def test_separators(element: str, component: str, terminator: str) -> None:
    lines = segments(status("B1"), status("B2"))
    lines[0] = isa(component=component)
    data = "".join(line.replace("*", element) + terminator for line in lines).encode()
    if component == "*":
        data = data.replace(f"P{element}{element}".encode(), f"P{element}*".encode())
    outcomes = read(data)
    assert bills(outcomes) == ["B1", "B2"]
    assert all(isinstance(outcome, Event) and outcome.warnings == () for outcome in outcomes)


def test_a_header_of_any_width() -> None:
    lines = segments(status("B1"))
    lines[0] = "ISA*00**00**ZZ*A*ZZ*B*260312*0915*U*00401*000000001*0*P*>"
    assert bills(read("~\n".join([*lines, ""]).encode())) == ["B1"]


def test_the_repetition_separator_from_its_release_on() -> None:
    assert read_header(f"{isa(release='00501', eleven='^')}~GS".encode()).repetition == "^"
    assert read_header(f"{isa(release='00401', eleven='^')}~GS".encode()).repetition is None
    assert read_header(f"{isa(release='00501', eleven='U')}~GS".encode()).repetition is None


def test_lines_of_80_characters_with_segments_folded() -> None:
    data = interchange(status("B1"), status("B2", "UV")).decode()
    folded = "\r\n".join(data[at : at + 80] for at in range(0, len(data), 80)).encode()
    outcomes = read(folded)
    assert bills(outcomes) == ["B1", "B2"]
    assert [outcome.milestone for outcome in outcomes if isinstance(outcome, Event)] == ["arrived", "discharged"]


def test_blanks_after_terminators_and_before_the_interchange() -> None:
    data = b"\xef\xbb\xbf\r\n \x00" + interchange(status("B1"), status("B2")).replace(b"~", b"~ \r\n  ") + b"\x1a"
    assert bills(read(data)) == ["B1", "B2"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the message is empty"),
        (b" \r\n\x00", "the message is empty"),
        (b"GS*QO*A*B", "not an X12 interchange: there is no ISA segment"),
        (b"ISA", "the element separator is missing, or a letter, digit or space"),
        (b"ISAX00X", "the element separator is missing, or a letter, digit or space"),
        (b"ISA 00 ", "the element separator is missing, or a letter, digit or space"),
        (b"ISA*00*  *", "the segment ends before element 4 of 16"),
        (b"ISA" + b"*1" * 15, "the segment ends before element 16 of 16"),
        (b"ISA" + b"*1" * 15 + b"*", "the component separator is missing, or a letter, digit or space"),
        (b"ISA" + b"*1" * 15 + b"*A~", "the component separator is missing, or a letter, digit or space"),
        (b"ISA" + b"*1" * 15 + b"*>*", "the segment terminator is also the element separator"),
        (b"ISA" + b"*" + b"1" * 3000, "the segment ends before element 2 of 16"),
    ],
)
def test_what_is_no_interchange(data: bytes, reason: str) -> None:
    assert not x12.sniff(data)
    with pytest.raises(FormatError) as raised:
        list(x12.decode(data))
    assert raised.value.reason == reason


def test_sniffing_needs_only_the_beginning() -> None:
    assert x12.sniff(interchange(status("B1"))[:110])
    assert formats.detect(b"UNB+UNOA:2+A+B") != "x12"


def test_one_bad_transaction_of_200_costs_the_others_nothing() -> None:
    transactions = [status(f"B{number}") for number in range(1, 201)]
    transactions[99] = ("315", [STATUS[0].replace("20260315", "20260230"), "N9*BM*B100"])
    outcomes = read(interchange(*transactions))
    (problem,) = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert problem.position == "ISA1/GS1/ST100/B4@2"
    assert problem.reason == "B404: '20260230' is not a date"
    assert bills(outcomes) == [f"B{number}" for number in range(1, 201) if number != 100]


def test_groups_and_interchanges_are_counted_in_positions() -> None:
    first = segments(status("B1"), status("B2"))
    first[-1:] = [
        "GS*QO*A*B*20260312*0915*8*X*004010",
        "ST*315*0001",
        *STATUS,
        "SE*4*0001",
        "GE*1*8",
        "IEA*2*000000001",
    ]
    second = [isa(control="000000002"), *segments(status("B4"))[1:-1], "IEA*1*000000002"]
    data = "~".join([*first, ""]).encode() + "\x1c".join([*(line.replace("*", "|") for line in second), ""]).encode()
    events = [outcome for outcome in read(data) if isinstance(outcome, Event)]
    assert [event.position for event in events] == [
        "ISA1/GS1/ST1/B4@2",
        "ISA1/GS1/ST2/B4@2",
        "ISA1/GS2/ST1/B4@2",
        "ISA2/GS1/ST1/B4@2",
    ]
    assert all(event.warnings == () for event in events)


WRONG = [
    ("SE*4*0001", "SE*9*0001", "segment_count: SE01 says 9, there are 4"),
    ("SE*4*0001", "SE**0001", "segment_count: SE01 says nothing, there are 4"),
    ("SE*4*0001", "SE*4*0009", "control_number: ST02 0001, SE02 0009"),
    ("SE*4*0001", "SE", "segment_count: SE01 says nothing, there are 4"),
    ("GE*1*7", "GE*2*7", "transaction_count: GE01 says 2, there are 1"),
    ("GE*1*7", "GE*1*8", "control_number: GS06 7, GE02 8"),
    ("IEA*1*000000001", "IEA*3*000000001", "group_count: IEA01 says 3, there are 1"),
    ("IEA*1*000000001", "IEA*1*000000009", "control_number: ISA13 000000001, IEA02 000000009"),
    ("IEA*1*000000001~", "", "not_closed: IEA is missing"),
    ("GE*1*7~IEA*1*000000001~", "", "not_closed: IEA is missing"),
    ("SE*4*0001~", "", "not_closed: SE is missing"),
]


@pytest.mark.parametrize(("right", "wrong", "warning"), WRONG)
def test_wrong_counts_and_numbers_are_warnings(right: str, wrong: str, warning: str) -> None:
    data = interchange(status("B1")).decode()
    assert right in data
    (event,) = read(data.replace(right, wrong).encode())
    assert isinstance(event, Event)
    assert warning in event.warnings
    assert numbers(event) == ["container=CLSU2224366", "master_bill=B1"]


@pytest.mark.parametrize(
    ("right", "same"),
    [
        ("SE*4*0001", "SE*04*0001"),
        ("GE*1*7", "GE*001*007"),
        ("IEA*1*000000001", "IEA*1*1"),
        ("SE*4*0001", "SE*4*0001 "),
    ],
)
def test_zeros_in_front_and_blanks_behind_are_no_difference(right: str, same: str) -> None:
    (event,) = read(interchange(status("B1")).decode().replace(right, same).encode())
    assert isinstance(event, Event) and event.warnings == ()


def test_trailers_that_are_wrong_after_a_transaction_without_events_are_named() -> None:
    told = read(interchange(("315", ["N9*BM*B1"])).replace(b"GE*1*7", b"GE*5*7"))
    assert [type(outcome).__name__ for outcome in told] == ["Problem", "Parked"]
    assert isinstance(told[1], Parked) and told[1].reason == "transaction_count: GE01 says 5, there are 1"


def test_a_transaction_that_is_cut_off_is_a_problem() -> None:
    data = interchange(status("B1"), status("B2"))
    whole, problem = read(data[: data.index(b"N9*BM*B2") + 4])
    assert isinstance(whole, Event)
    assert isinstance(problem, Problem)
    assert (problem.position, problem.reason) == ("ISA1/GS1/ST2/SE@3", "transaction 315 is cut off: SE is missing")


def test_a_transaction_whose_trailer_was_left_out_is_read() -> None:
    data = interchange(status("B1"), status("B2")).replace(b"SE*4*0001~", b"")
    first, second = read(data)
    assert isinstance(first, Event) and first.warnings == ("not_closed: SE is missing",)
    assert isinstance(second, Event) and second.warnings == ()


def test_an_interchange_that_follows_without_iea() -> None:
    first = interchange(status("B1")).replace(b"IEA*1*000000001~", b"")
    outcomes = read(first + interchange(status("B2")))
    assert bills(outcomes) == ["B1", "B2"]
    assert [outcome.warnings for outcome in outcomes if isinstance(outcome, Event)] == [
        ("not_closed: IEA is missing",),
        (),
    ]


@pytest.mark.parametrize(
    ("body", "kind", "position", "reason"),
    [
        (
            ["GS*QO*A*B*20260312*0915*1*X*004010", "GE*0*1", "IEA*1*000000001"],
            Parked,
            "ISA1",
            "the interchange holds no transaction",
        ),
        (["IEA*0*000000001"], Parked, "ISA1", "the interchange holds no transaction"),
        (["GS*QO*A*B"], Problem, "ISA1", "the interchange is cut off"),
    ],
)
def test_an_interchange_without_transactions(body: list[str], kind: type[Outcome], position: str, reason: str) -> None:
    (outcome,) = read("~".join([isa(), *body, ""]).encode())
    assert type(outcome) is kind
    assert isinstance(outcome, Parked | Problem)
    assert (outcome.position, outcome.reason) == (position, reason)


def test_what_stands_outside_of_transactions_is_named() -> None:
    lines = segments(status("B1"))
    lines[1:1] = ["TA1*000000001*260312*0915*A*000", "XX*1"]
    told = read("~".join([*lines, ""]).encode())
    assert [type(outcome).__name__ for outcome in told] == ["Parked", "Problem", "Event"]
    assert isinstance(told[1], Problem) and told[1].reason == "a segment XX stands outside of any transaction"


def test_rubbish_after_an_interchange_is_a_problem() -> None:
    event, problem = read(interchange(status("B1")) + b"rubbish")
    assert isinstance(event, Event) and event.warnings == ()
    assert isinstance(problem, Problem)
    assert problem.position == "ISA2"
    assert problem.reason == "not an interchange: not an X12 interchange: there is no ISA segment"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("997", "X12 997 functional acknowledgment: not read"),
        ("999", "X12 999 implementation acknowledgment: not read"),
        ("404", "X12 404 rail carrier shipment information: not read"),
        ("304", "X12 304 ocean shipping instructions: not read"),
        ("888", "X12 transaction 888 is not known"),
        ("", "X12 transaction '' is not known"),
    ],
)
def test_other_transactions_are_parked_and_named(kind: str, reason: str) -> None:
    assert parked(kind, "B1*X") == reason


def test_latin_1_and_utf_8_and_both() -> None:
    lines = segments(("315", [STATUS[0], "N9*BM*B1", "Q2*9863297********1E***L*BÜCKERIN"]))
    text = "~".join([*lines, ""])
    for data in (text.encode("utf-8"), text.encode("latin-1"), text.encode("latin-1").replace(b"B1", "B부1".encode())):
        (event,) = read(data)
        assert isinstance(event, Event)
        assert event.transport is not None and event.transport.vessel_name == "BÜCKERIN"
    assert event.reference("master_bill") == "B부1"


def test_control_characters_are_replaced_with_a_warning() -> None:
    (event,) = read(interchange(status("B\x001")))
    assert isinstance(event, Event)
    assert event.reference("master_bill") == "B\ufffd1"
    assert event.warnings == ("unsafe_characters: replaced",)


def test_a_segment_that_is_too_long_is_a_problem_at_its_place() -> None:
    problem, event = read(interchange(("315", [STATUS[0], f"N9*BM*{'B' * envelope.MAX_SEGMENT}"]), status("B2")))
    assert isinstance(problem, Problem) and isinstance(event, Event)
    assert problem.position == "ISA1/GS1/ST1/N9@3"
    assert problem.reason == "the segment has 65542 characters, more than 65536"


def test_too_many_segments_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "MAX_SEGMENT", 400)
    monkeypatch.setattr(envelope, "MAX_SEGMENTS", 50)
    problem, event = read(interchange(("315", [*STATUS, *["N9*PO*1"] * 60]), status("B2")))
    assert isinstance(problem, Problem) and isinstance(event, Event)
    assert (problem.position, problem.reason) == ("ISA1/GS1/ST1", "the transaction has more than 50 segments")
    assert event.position == "ISA1/GS1/ST2/B4@2"


@pytest.mark.parametrize("block", [64, 200, 1000])
def test_a_transaction_that_is_too_large_is_skipped(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(regions, "BLOCK", block)
    monkeypatch.setattr(regions, "MAX_TRANSACTION", 2000)
    large = ("315", [*STATUS, *["N9*PO*1234567890"] * 500])
    data = interchange(status("B1"), large, status("B3"))
    outcomes = list(x12.stream(_Slow(data, block)))
    assert bills(outcomes) == ["B1", "B3"]
    (problem,) = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert (problem.position, problem.reason) == ("ISA1/GS1/ST2", "the transaction has more than 16 MB without an end")


class _Slow(io.BytesIO):
    """A file that gives no more than so many bytes at once."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.most if size is None or size < 0 else min(size, self.most))


@pytest.mark.parametrize("most", [1, 7, 64, 333])
@pytest.mark.parametrize("terminator", ["~", "~\r\n", "\n"])
def test_blocks_may_end_anywhere(monkeypatch: pytest.MonkeyPatch, most: int, terminator: str) -> None:
    monkeypatch.setattr(regions, "BLOCK", most)
    lines = segments(*(status(f"B{number}") for number in range(12)))
    data = "".join(line + terminator for line in lines).encode()
    again = data + "".join(line.replace("*", "|") + "'" for line in lines).encode()
    assert list(x12.stream(_Slow(again, most))) == list(x12.decode(again))
    assert len(list(x12.decode(again))) == 24


def test_decoding_is_lazy_and_equal_to_streaming() -> None:
    data = interchange(*(status(f"B{number}") for number in range(5)))
    outcomes = x12.decode(data + b"rubbish")
    assert isinstance(next(outcomes), Event)
    assert list(x12.decode(data)) == list(x12.stream(io.BytesIO(data)))


def test_memory_does_not_grow_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "BLOCK", 1 << 14)
    one = "".join(f"{line}~" for line in segments(status("B1"))[2:-2])
    head, tail = f"{isa()}~GS*QO*A*B*20260312*0915*1*X*004010~", "GE*1*1~IEA*1*000000001~"

    def peak(transactions: int) -> int:
        file = _Repeated(head.encode(), one.encode(), transactions, tail.encode())
        tracemalloc.start()
        assert sum(1 for _ in x12.stream(file)) == transactions
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    # The first objects of a kind are kept for the next ones.
    peak(3_000)
    small, large = peak(500), peak(4_000)
    assert large < small * 1.5
    assert large < 1_000_000


class _Repeated(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, head: bytes, part: bytes, times: int, tail: bytes) -> None:
        self.waiting, self.part, self.times, self.tail = head, part, times, tail

    def read(self, size: int = -1) -> bytes:
        while len(self.waiting) < size and self.times:
            some = min(self.times, 50)
            self.waiting += self.part * some
            self.times -= some
            if not self.times:
                self.waiting += self.tail
        given, self.waiting = self.waiting[:size], self.waiting[size:]
        return given
