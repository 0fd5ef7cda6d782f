"""Spoiled bytes never raise anything but ``FormatError``, and what is told stays one line."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem, as_interface
from cargo.pipeline.normalize import normalize
from tests.formats.outcomes import RECEIVED_AT, SAMPLES

MESSAGES = [
    (form, path.read_bytes())
    for form, folder in (("dcsa.tnt2", "dcsa"), ("epcis", "epcis"), ("unipass.api001", "unipass"))
    for path in sorted((SAMPLES / folder).iterdir())
    if not path.name.endswith(".events.json")
]
INSERTS = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [b"\x00", b"\xff\xfe", b"\\u0000", b"\\ud800", b"NaN", b"-1", b"null", b"[[[[", b"{}", b'"', b"9" * 4400]
        + [b"<!DOCTYPE a>", b"&x;", b"</a>", b"<![CDATA[", b"9999-12-31T23:59:59-14:00", b"0001-01-01T00:00:00+14:00"]
    ),
)


def run(form: str | None, data: bytes) -> list[Outcome]:
    try:
        outcomes = list(normalize(formats.decode(data, format=form)[1], RECEIVED_AT))
    except FormatError as error:
        assert "\n" not in str(error)
        return []
    for outcome in outcomes:
        if isinstance(outcome, Event):
            as_interface(outcome)
            formats.slice(outcome.format, data, outcome.position)
            assert all("\x00" not in reference.value for reference in outcome.references)
        elif isinstance(outcome, Parked | Problem):
            assert "\n" not in outcome.reason
    return outcomes


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(MESSAGES), st.data())
def test_a_message_with_something_put_in_or_cut_out(message: tuple[str, bytes], choices: st.DataObject) -> None:
    form, data = message
    spoiled = bytearray(data)
    for _ in range(choices.draw(st.integers(1, 4))):
        start = choices.draw(st.integers(0, len(spoiled)))
        length = choices.draw(st.integers(0, 12))
        spoiled[start : start + length] = choices.draw(INSERTS)
    run(form, bytes(spoiled))
    run(None, bytes(spoiled))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "eventType",
    "eventClassifierCode",
    "eventDateTime",
    "eventCreatedDateTime",
    "eventID",
    "transportEventTypeCode",
    "equipmentEventTypeCode",
    "transportCall",
    "eventLocation",
    "references",
    "documentReferences",
    "seals",
    "equipmentReference",
    "emptyIndicatorCode",
    "documentID",
    "isRetracted",
]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from(["TRANSPORT", "EQUIPMENT", "ACT", "DEPA"])))
def test_an_event_with_anything_in_its_fields(changes: dict[str, object]) -> None:
    import json

    event = {
        "eventType": "TRANSPORT",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-09T12:30:00+09:00",
        "transportEventTypeCode": "DEPA",
        "transportCall": {"transportCallID": "1", "modeOfTransport": "VESSEL"},
    }
    assert len(run("dcsa.tnt2", json.dumps([{**event, **changes}]).encode())) == 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for form in (None, *formats.FORMATS):
        run(form, data)
