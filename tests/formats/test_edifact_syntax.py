"""Service characters, line ends, envelopes and limits: what a sender may do to an interchange."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from cargo.domain.event import Event, FormatError, Parked, Problem
from cargo.formats import edifact
from cargo.formats.edifact import syntax
from tests.formats.edifact_messages import HEAD, events, iftsta, interchange, message, numbers, only, read, refused

DELIVERED = ("STS+1+21", "RFF+BM:CLSLPUSR1", "DTM+334:202603140855:203", "LOC+7+KRPUS:139:6")


def delivered(reference: str, bill: str) -> list[str]:
    return message(
        "IFTSTA:D:99B:UN",
        "BGM+23+1+9",
        "DTM+137:202603140912:203",
        "CNI+1",
        "STS+1+21",
        f"RFF+BM:{bill}",
        "DTM+334:202603140855:203",
        "LOC+7+KRPUS:139:6",
        reference=reference,
    )


def test_a_status_in_full() -> None:
    event = only(iftsta(*DELIVERED))
    assert (event.milestone, event.format, event.position) == ("delivered", "edifact.iftsta", "message 1, segments 5-8")
    assert numbers(event) == ["master_bill=CLSLPUSR1"]
    assert event.warnings == ()


@pytest.mark.parametrize("between", ["", "\n", "\r\n", "\r", "\n\n", "\n   ", " \t\r\n "])
def test_what_stands_between_segments_does_not_matter(between: str) -> None:
    segments = message("IFTSTA:D:99B:UN", "BGM+23+ST1+9", "DTM+137:202603140912:203", "CNI+1", *DELIVERED)
    assert events(interchange(segments, between=between)) == events(iftsta(*DELIVERED))


def test_lines_of_eighty_characters_are_put_together_again() -> None:
    data = iftsta(*DELIVERED).replace(b"\n", b"")
    wrapped = b"\r\n".join(data[at : at + 80] for at in range(0, len(data), 80))
    assert events(wrapped) == events(data)


@pytest.mark.parametrize("advice", ["UNA:+.? '", "UNA*|.^ ~", "UNA\x1f\x1d.\x1c \x1e", "UNA;!,  $", "UNA:+,\\*\n"])
def test_any_service_characters(advice: str) -> None:
    component, element, _decimal, release, _, terminator = advice[3:]
    plain = iftsta(*DELIVERED).decode().replace("\n", "")
    changed = plain.translate(str.maketrans({":": component, "+": element, "'": terminator}))
    assert events((advice + changed).encode()) == events(plain.encode())
    if release != " ":
        meant = f"A{element}B{component}C{release}D{terminator}E+:'?"
        written = "".join(release + one if one in (element, component, release, terminator) else one for one in meant)
        (event,) = events((advice + changed.replace("CLSLPUSR1", written)).encode())
        assert event.reference("master_bill") == "".join(one for one in meant if one.isprintable())


def test_released_characters_in_the_standard_form() -> None:
    event = only(iftsta("STS+1+21", "RFF+BM:O??N?'EIL?+S ?:1????", "DTM+334:202603140855:203"))
    assert event.reference("master_bill") == "O?N'EIL+S :1??"


@pytest.mark.parametrize(
    ("advice", "reason"),
    [
        ("UNAA+.? '", "'A' cannot be the component separator"),
        ("UNA:B.? '", "'B' cannot be the element separator"),
        ("UNA:+.?  ", "' ' cannot be the segment separator"),
        ("UNA:+.7 '", "'7' cannot be the release separator"),
        ("UNA:+.? +", "two separators are the same character in ':+.? +'"),
        ("UNA:+:? '", "two separators are the same character in ':+:? \\''"),
        ("UNA\x00+.? '", "'\\x00' cannot be the component separator"),
        ("UNA:\xe9.? '", "'é' cannot be the element separator"),
    ],
)
def test_service_characters_that_cannot_separate(advice: str, reason: str) -> None:
    with pytest.raises(FormatError, match="cannot be|the same") as refusal:
        read(advice.encode("latin-1") + iftsta(*DELIVERED))
    assert refusal.value.reason.replace('"', "'") == reason.replace("\\'", "'")
    assert refusal.value.position == "UNA"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the message is empty"),
        (b" \r\n\x00", "the message is empty"),
        (b"ISA*00*", "not an EDIFACT interchange: it begins with 'ISA*00*'"),
        (b"UNA:+.", "the service string advice is cut off"),
        (b"UNB+UNOA:1+A+B", "no segment ends within the first 64 kB"),
        (b"UNB+UNOA:1+" + b"A" * 70_000 + b"'", "no segment ends within the first 64 kB"),
        (b"UNB+UNOA:1+A+B+260314:0912+1'", "there is no message in it"),
    ],
)
def test_what_is_no_interchange(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError) as refusal:
        read(data)
    assert refusal.value.reason == reason


def test_several_interchanges_each_with_its_own_characters() -> None:
    first = interchange(delivered("1", "BILL1"), delivered("2", "BILL2"))
    second = interchange(delivered("1", "BILL3"), between="")
    own = b"UNA*|.^ ~" + second.replace(b":", b"*").replace(b"+", b"|").replace(b"'", b"~")
    standard_again = interchange(delivered("9", "BILL4"))
    found = events(first + own + standard_again + b"UNA:+.? '" + interchange(delivered("5", "BILL5")))
    assert [event.reference("master_bill") for event in found] == ["BILL1", "BILL2", "BILL3", "BILL4", "BILL5"]
    assert [event.position.partition(",")[0] for event in found] == [f"message {number}" for number in range(1, 6)]
    assert all(event.warnings == () for event in found)


def test_service_characters_in_the_middle_that_cannot_separate_cost_nothing_else() -> None:
    one = interchange(delivered("1", "BILL1"))
    good, bad, more = read(one + b"UNAABCDEF" + interchange(delivered("1", "BILL2")))
    assert isinstance(good, Event) and isinstance(more, Event)
    assert isinstance(bad, Problem)
    assert (bad.position, bad.reason) == ("interchange 2, UNA", "'A' cannot be the component separator")


def test_groups_are_read_and_counted() -> None:
    group = ["UNG+IFTSTA+A+B+260314:0912+G1+UN+D:99B", *delivered("1", "BILL1"), *delivered("2", "BILL2"), "UNE+2+G1"]
    segments = [f"{HEAD}+I1", *group, *(segment.replace("G1", "G2") for segment in group), "UNZ+2+I1"]
    found = events("".join(f"{segment}'" for segment in segments).encode())
    assert [event.reference("master_bill") for event in found] == ["BILL1", "BILL2"] * 2
    assert all(event.warnings == () for event in found)
    text = (
        "".join(f"{segment}'" for segment in segments).replace("UNE+2+G1", "UNE+3+G9").replace("UNZ+2+I1", "UNZ+4+I2")
    )
    wrong = events(text.encode())
    assert wrong[1].warnings == ("group_count: UNE says 3, there are 2", "group_reference: UNE says G9, UNG G1")
    assert wrong[3].warnings == (
        "interchange_count: UNZ says 4, there are 2",
        "interchange_reference: UNZ says I2, UNB I1",
    )
    assert wrong[0].warnings == wrong[2].warnings == ()


@pytest.mark.parametrize(
    ("before", "after", "warning"),
    [
        (b"UNT+9+1'", b"UNT+8+1'", "segment_count: UNT says 8, there are 9"),
        (b"UNT+9+1'", b"UNT+000009+1'", None),
        (b"UNT+9+1'", b"UNT+X+1'", "segment_count: UNT says X, there are 9"),
        (b"UNT+9+1'", b"UNT+9+2'", "message_reference: UNT says 2, UNH 1"),
        (b"UNT+9+1'", b"", "message_end: UNT is missing, the message may be cut off"),
        (b"UNZ+1+I1'", b"UNZ+2+I1'", "interchange_count: UNZ says 2, there are 1"),
        (b"UNZ+1+I1'", b"UNZ+1+I2'", "interchange_reference: UNZ says I2, UNB I1"),
        (b"UNZ+1+I1'", b"", "interchange_end: UNZ is missing"),
        (b"UNZ+1+I1'", b"UNZ+1+I1", None),
        (b"0912+I1'", b"0912+I1++++++1'", "test_indicator: the interchange is marked as a test"),
    ],
)
def test_wrong_envelopes_are_warnings(before: bytes, after: bytes, warning: str | None) -> None:
    data = iftsta(*DELIVERED)
    assert before in data
    event = only(data.replace(before, after))
    assert event.milestone == "delivered"
    assert event.warnings == ((warning,) if warning else ())


def test_a_message_without_an_interchange() -> None:
    bare = "".join(f"{segment}'" for segment in delivered("1", "BILL1")).encode()
    assert only(bare).warnings == ("interchange_header: UNB is missing",)


def test_an_interchange_without_messages_is_named() -> None:
    assert read(f"{HEAD}+I1'UNZ+0+I1'".encode()) == [
        Parked(position="interchange 1", reason="the interchange holds no message", format="edifact")
    ]


def test_one_bad_message_of_two_hundred() -> None:
    messages = [delivered(str(number), f"BILL{number}") for number in range(1, 201)]
    messages[119][6] = "DTM+334:2026-99-99:203"
    outcomes = read(interchange(*messages))
    problems = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert [(problem.position, problem.reason) for problem in problems] == [
        ("message 120, segment 7 DTM", "'2026-99-99' is not a date and time")
    ]
    told = [outcome.reference("master_bill") for outcome in outcomes if isinstance(outcome, Event)]
    assert told == [f"BILL{number}" for number in range(1, 201) if number != 120]


def test_what_is_no_segment_costs_its_message_alone() -> None:
    bad = delivered("2", "BILL2")
    bad[4] = "sts,1,21"
    good, problem, more = read(interchange(delivered("1", "BILL1"), bad, delivered("3", "BILL3")))
    assert isinstance(good, Event) and isinstance(more, Event) and isinstance(problem, Problem)
    assert (problem.position, problem.reason) == ("message 2, segment 5 sts", "'sts,1,21' is not a segment")
    assert more.warnings == ()


def test_segments_between_messages_are_named() -> None:
    data = interchange(delivered("1", "BILL1")).replace(b"UNZ+1", b"LOC+9+KRPUS'\nUNZ+1")
    event, problem = read(data)
    assert isinstance(event, Event) and isinstance(problem, Problem)
    assert (problem.position, problem.reason) == ("message 1", "a segment stands outside a message")


def test_a_segment_of_more_than_64_kb_costs_its_message_alone() -> None:
    long = delivered("2", "BILL2")
    long[5] = "FTX+AAI+++" + "A" * 70_000
    good, problem, more = read(interchange(delivered("1", "BILL1"), long, delivered("3", "BILL3")))
    assert isinstance(good, Event) and isinstance(more, Event) and isinstance(problem, Problem)
    assert (problem.position, problem.reason) == (
        "message 2, segment 6 FTX",
        "longer than 64 kB: the message is not read",
    )
    assert more.warnings == ()


def test_a_message_of_more_than_8_mb_costs_itself_alone() -> None:
    huge = delivered("2", "BILL2")
    huge[5:6] = ["FTX+AAI+++" + "A" * 60_000] * 150
    outcomes = read(interchange(delivered("1", "BILL1"), huge, delivered("3", "BILL3")))
    assert [type(outcome).__name__ for outcome in outcomes] == ["Event", "Problem", "Event"]
    assert isinstance(outcomes[1], Problem)
    assert (outcomes[1].position, outcomes[1].reason) == ("message 2", "longer than 8 MB: not read")


def test_blocks_of_any_size_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"UNA:+.? '" + interchange(*[delivered(str(n), f"BILL?+{n}") for n in range(1, 40)], between="\r\n")
    whole = read(data + data.replace(b"BILL", b"CASE"))
    for size in (64, 100, 257, 1000):
        monkeypatch.setattr(syntax, "BLOCK", size)
        assert list(edifact.stream(io.BytesIO(data + data.replace(b"BILL", b"CASE")))) == whole


def test_a_long_stream_needs_little_memory() -> None:
    data = interchange(*[delivered(str(n), f"BILL{n}") for n in range(1, 30_001)])
    assert len(data) > 4_000_000
    file = io.BytesIO(data)
    tracemalloc.start()
    try:
        assert sum(1 for _ in edifact.stream(file)) == 30_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(data)


def test_messages_are_read_as_they_are_asked_for() -> None:
    data = interchange(*[delivered(str(n), f"BILL{n}") for n in range(1, 20_001)])
    file = io.BytesIO(data)
    assert isinstance(next(iter(edifact.stream(file))), Event)
    assert file.tell() <= 2 * syntax.BLOCK < len(data)


def test_a_slice_is_the_events_own_segments() -> None:
    data = iftsta(*DELIVERED, "STS+1+31", "RFF+BM:OTHER?+BILL", "DTM+334:202603140900:203")
    first, second = events(data)
    assert edifact.slice(data, first.position) == (
        b"STS+1+21'RFF+BM:CLSLPUSR1'DTM+334:202603140855:203'LOC+7+KRPUS:139:6'"
    )
    assert edifact.slice(data, second.position) == b"STS+1+31'RFF+BM:OTHER?+BILL'DTM+334:202603140900:203'"


@pytest.mark.parametrize(
    "position",
    ["", "/3", "message 1", "message 2, segments 5-8", "message 1, segments 5-99", "message 1, segments 8-5"]
    + ["message 0, segment 5", "message 1, segments 5-8, x", "message 1, segment 5 STS", "message 1, segments -"],
)
def test_a_position_of_another_message_is_refused(position: str) -> None:
    with pytest.raises(FormatError, match="not a position of this"):
        edifact.slice(iftsta(*DELIVERED), position)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"UNB+UNOA:1+A", True),
        (b"\xef\xbb\xbf\r\nUNA:+.? '\r\nUNB+UNOA:1+A", True),
        (b"UNA*|.^ ~UNB|UNOA*1|A", True),
        (b"UNH+638+COPRAR:D:95B:UN'", True),
        ("UNB+UNOA:1+A".encode("utf-16"), True),
        (b"UNG+IFTSTA+A", True),
        (b"ISA*00*", False),
        (b"{}", False),
        (b"UNHAPPY", False),
        (b"", False),
    ],
)
def test_sniff(data: bytes, found: bool) -> None:
    assert edifact.sniff(data) is found


def test_a_problem_names_the_kind_of_message() -> None:
    problem = refused(interchange(message("IFTSTA:D:99B:UN", "BGM+23+1+9")))
    assert (problem.format, problem.position) == ("edifact.iftsta", "message 1, segment 1 UNH")
    assert problem.reason == "there is no status (STS) in it"
