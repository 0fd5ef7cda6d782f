"""Spoiled interchanges never raise anything but ``FormatError``, and what is told stays in order."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from cargo.domain.codes import CLASSIFIERS, LEVELS, MILESTONES, REFERENCE_TYPES
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem, as_interface
from cargo.formats import edifact
from cargo.formats.edifact import contrl
from cargo.pipeline.normalize import normalize
from tests.formats.outcomes import RECEIVED_AT, SAMPLES

MESSAGES = [path.read_bytes()[:3000] for path in sorted((SAMPLES / "edifact").glob("*.edi"))]
INSERTS = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [b"'", b"+", b":", b"?", b"??", b"?'", b"''", b"\x00", b"\xff\xfe", b"\r\n", b"\x85", b"\x01\x02\x03"]
        + [b"'UNH+", b"'UNT+3+1'", b"'UNZ+1+1'", b"UNA:+.? '", b"UNA|*,^ ~", b"UNAABCDEF", b"'STS+1+21'", b"'CNI+1'"]
        + [b"UNB+UNOA:1+A+B+260314:0912+X'", b"EQD+CN+ABCU1234567'", b"'GID+1+99999999999999999999:CT'"]
        + [b"'CNT+7:1e400:KGM'", b"DTM+334:99991231235959:204'", b"DTM+334:000101010000:203'", b"9" * 4400]
        + [b"\xb0\xa1", b"\xe4\xb8", b"\x1b$)C", b"\xe2\x80\xa8", b"+" * 300, b":" * 300, b"?" * 301]
    ),
)


def check(outcome: Outcome, data: bytes) -> None:
    if isinstance(outcome, Event):
        as_interface(outcome)
        assert outcome.milestone in MILESTONES and outcome.level in LEVELS and outcome.classifier in CLASSIFIERS
        assert len(outcome.meaning.splitlines()) == 1
        assert all(item.type in REFERENCE_TYPES and len(item.value.splitlines()) == 1 for item in outcome.references)
        assert edifact.slice(data, outcome.position)
    elif isinstance(outcome, Parked | Problem):
        assert outcome.position and outcome.reason
        assert len(f"{outcome.position}: {outcome.reason}".splitlines()) == 1


def run(data: bytes) -> None:
    try:
        outcomes = list(edifact.decode(data))
    except FormatError as error:
        assert "\n" not in str(error)
        return
    assert list(edifact.stream(io.BytesIO(data))) == outcomes
    for outcome in outcomes:
        check(outcome, data)
    positions = [outcome.position for outcome in outcomes if isinstance(outcome, Event)]
    assert len(positions) == len(set(positions))
    list(normalize(outcomes, RECEIVED_AT))
    answer = contrl.acknowledge(data, datetime(2026, 3, 14, tzinfo=UTC), strict=True)
    assert not answer or answer.endswith(b"'")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MESSAGES), st.data())
def test_an_interchange_with_something_put_in_or_cut_out(message: bytes, choices: st.DataObject) -> None:
    spoiled = bytearray(message)
    for _ in range(choices.draw(st.integers(1, 4))):
        start = choices.draw(st.integers(0, len(spoiled)))
        length = choices.draw(st.integers(0, 40))
        spoiled[start : start + length] = choices.draw(INSERTS)
    run(bytes(spoiled))


TAGS = [
    "BGM", "DTM", "NAD", "LOC", "RFF", "TDT", "CNI", "STS", "EQD", "SEL", "GID", "MEA", "QTY", "CNT", "FTX", "DAM",
    "DOC", "GIS", "GEI", "TAX", "UNS", "UNG", "UNE", "ERP", "ERC",
]  # fmt: skip
KINDS = ["IFTSTA", "COARRI", "CODECO", "COPRAR", "IFTMBC", "CUSRES", "BAPLIE"]
PARTS = st.sampled_from(
    ["", "1", "9", "11", "175", "137", "334", "133", "203", "102", "21", "VD", "22", "44", "34", "4", "5", "20", "CN"]
    + ["BM", "EQ", "139", "6", "KRPUS", "CLSU0000011", "202603140855", "20260314", "KGM", "12,5", "AAI", "?+", "??"]
)
SEGMENTS = st.builds(
    lambda tag, elements: "+".join([tag, *(":".join(parts) for parts in elements)]),
    st.sampled_from(TAGS),
    st.lists(st.lists(PARTS, min_size=1, max_size=4), max_size=9),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.lists(SEGMENTS, max_size=25))
def test_segments_in_any_order(kind: str, segments: list[str]) -> None:
    body = ["UNB+UNOA:2+A+B+260314:0912+1", f"UNH+1+{kind}:D:99B:UN", *segments, "UNT+1+1", "UNZ+1+1", ""]
    run("'".join(body).encode())
