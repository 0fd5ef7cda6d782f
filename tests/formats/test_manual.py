"""What people report themselves, as the message that their report becomes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cargo import formats
from cargo.domain.event import Deadline, Event, FormatError, Problem, Reference, Retraction, as_interface
from cargo.formats import manual
from cargo.formats.manual import Speaker, Statement

SAID_AT = datetime(2026, 3, 19, 6, 2, tzinfo=UTC)
GATE_OUT = Statement(
    id="one",
    milestone="gate_out",
    occurred_at=datetime.fromisoformat("2026-03-19T14:20:00+09:00"),
    time_zone="Asia/Seoul",
    place="KRPUS",
    facility="HJNC",
    container="HDMU6546583",
    remark="on our own truck",
)


def message(*events: dict[str, Any], **changes: Any) -> bytes:
    whole = {"format": "clis.manual", "version": 1, "said_at": "2026-03-19T06:02:00Z", "shipment": 17, "events": events}
    return json.dumps({**whole, **changes}).encode()


def said(**changes: Any) -> dict[str, Any]:
    return {"id": "one", "milestone": "gate_out", "occurred_at": "2026-03-19T14:20:00+09:00", **changes}


def test_what_is_composed_is_what_is_read() -> None:
    body = manual.compose(17, [GATE_OUT], Speaker("Bob Forwarding", "Bob"), SAID_AT)
    name, outcomes = formats.decode(body)
    (event,) = outcomes
    assert name == "manual"
    assert isinstance(event, Event)
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "gate_out",
        "actual",
        "container",
        "advance",
    )
    assert event.occurred_at == GATE_OUT.occurred_at
    assert event.occurred_local == datetime(2026, 3, 19, 14, 20)
    assert (event.time_basis, event.time_zone, event.reported_at) == ("given", "Asia/Seoul", SAID_AT)
    assert event.references == (Reference("shipment_id", "17"), Reference("container", "HDMU6546583"))
    assert (event.source_event_id, event.source_event_version) == ("one", "000001")
    assert (event.source_code, event.source_text) == ("gate_out", "on our own truck")
    assert manual.said_of(as_interface(event)) == GATE_OUT


def test_the_slice_says_who_said_it_and_the_one_event() -> None:
    body = manual.compose(
        17, [GATE_OUT, Statement(id="two", taken_back=True)], Speaker("Bob Forwarding", "Bob"), SAID_AT
    )
    piece = json.loads(formats.slice("manual", body, "/events/0"))
    assert piece["said_by"] == {"organization": "Bob Forwarding", "person": "Bob"}
    assert piece["event"]["id"] == "one"
    assert "two" not in json.dumps(piece)
    for position in ("", "/events/2", "/events/-1", "/0", "/events/00"):
        with pytest.raises(FormatError):
            formats.slice("manual", body, position)


def test_taking_back_names_the_shipment_and_no_number_that_others_share() -> None:
    (taken,) = formats.decode(message({"id": "one", "version": 2, "taken_back": True, "container": "HDMU6546583"}))[1]
    assert isinstance(taken, Retraction)
    assert (taken.source_event_id, taken.source_event_version) == ("one", "000002")
    assert taken.references == (Reference("shipment_id", "17"),)


def test_a_move_of_a_container_that_names_none_is_told_of_the_house() -> None:
    (event,) = formats.decode(message(said()))[1]
    assert isinstance(event, Event) and event.level == "house"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"milestone": "unknown"}, "there is no milestone 'unknown'"),
        ({"milestone": "teleported"}, "there is no milestone 'teleported'"),
        ({"classifier": "perhaps"}, "there is no classifier 'perhaps'"),
        ({"occurred_at": None}, "occurred_at is needed, with its offset"),
        ({"occurred_at": "2026-03-19T14:20:00"}, "occurred_at is needed, with its offset"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at is no instant"),
        ({"id": ""}, "id and version are needed: 1 to 100 characters, 1 to 999999"),
        ({"version": 0}, "id and version are needed: 1 to 100 characters, 1 to 999999"),
        ({"version": 10**6}, "id and version are needed: 1 to 100 characters, 1 to 999999"),
        ({"remark": "x" * 301}, "a place has at most 5 characters, a facility and a remark 300"),
        ({"container": "HD\x00MU"}, "a NUL character"),
    ],
)
def test_a_bad_event_is_one_problem_and_costs_the_others_nothing(changes: dict[str, Any], reason: str) -> None:
    bad, good = formats.decode(message(said(**changes), said(id="two")))[1]
    assert bad == Problem(position="/events/0", reason=reason, format="manual")
    assert isinstance(good, Event) and good.position == "/events/1"


@pytest.mark.parametrize(
    "body",
    [
        message(version=2),
        message(said_at="2026-03-19T06:02:00"),
        message(said_at="yesterday"),
        message(shipment=0),
        message(shipment=10**18),
        message(shipment="17"),
        message(events=[said()] * 501),
        message(format="another"),
        b"[]",
        b"{",
        b"",
        b"\xff",
        b'{"format": "clis.manual", "x": ' + b"[" * 100_000,
        b'{"format": "clis.manual"}' + b" " * (2 << 20),
    ],
)
def test_what_is_not_such_a_message_is_refused(body: bytes) -> None:
    with pytest.raises(FormatError) as refused:
        list(formats.decode(body, format="manual")[1])
    assert "\n" not in str(refused.value)


def test_another_sources_event_is_no_statement() -> None:
    assert manual.said_of({"format": "dcsa.tnt2", "source_event_id": "x"}) is None
    assert manual.said_of({"format": "manual"}) is None


def test_a_customs_code_is_looked_up_and_read_back() -> None:
    notice = Statement(
        id="two",
        milestone="documents_requested",
        occurred_at=datetime(2026, 3, 12, 11, tzinfo=UTC),
        place="GBFXT",
        remark="by mail",
        authority="GB-HMRC",
        code="06",
        declaration="26GB5XZ0M1C2V3B4N5",
        limit=date(2026, 3, 20),
    )
    (event,) = formats.decode(manual.compose(17, [notice], Speaker("Bob Brokers"), SAID_AT))[1]
    assert isinstance(event, Event)
    assert (event.milestone, event.level, event.effect) == ("documents_requested", "declaration", "hold_open")
    assert (event.authority, event.agency, event.source_code) == ("GB-HMRC", "GB-HMRC", "06")
    assert event.deadline == Deadline("documents", date(2026, 3, 20))
    assert event.reference("declaration") == "26GB5XZ0M1C2V3B4N5"
    assert manual.said_of(as_interface(event)) == notice


@pytest.mark.parametrize(
    ("changes", "milestone", "code", "text"),
    [
        ({"authority": "HMRC", "code": "dmsrog"}, "customs_released", "08", "Goods can be released"),
        ({"authority": "HMRC", "code": "6"}, "customs_released", "6", "Route 6"),
        ({"authority": "IATA", "code": "CCD", "milestone": "export_cleared"}, "export_cleared", "CCD", None),
        ({"authority": "UN-REC24", "code": "12"}, "customs_released", "REC24 12", "Cleared, by customs"),
        ({"authority": "HMRC", "code": "05", "milestone": "gate_out"}, "inspection_ordered", "05", None),
        ({"authority": "HMRC", "code": "DMSXYZ", "milestone": "customs_hold"}, "customs_hold", "DMSXYZ", None),
    ],
)
def test_what_a_code_says(changes: dict[str, Any], milestone: str, code: str, text: str | None) -> None:
    (event,) = formats.decode(message(said(**{"milestone": "", **changes})))[1]
    assert isinstance(event, Event)
    assert (event.milestone, event.source_code) == (milestone, code)
    assert text is None or event.source_text == text
    again = manual.said_of(as_interface(event))
    assert again is not None and again.remark == "" and again.authority and again.code == code


def test_a_code_that_no_table_knows_stays_unknown_in_its_own_words() -> None:
    (event,) = formats.decode(message(said(milestone="", authority="HMRC", code="DMSXYZ", remark="ask them")))[1]
    assert isinstance(event, Event)
    assert (event.milestone, event.effect, event.authority, event.agency) == ("unknown", "info", "GB-HMRC", None)
    assert (event.source_code, event.source_text) == ("DMSXYZ", "ask them")
    assert event.warnings == ("unknown_code: DMSXYZ of GB-HMRC",)


def test_a_box_that_customs_lets_go_is_let_go_alone() -> None:
    alone = said(milestone="", authority="HMRC", code="08", container="HDMU6546583")
    (event,) = formats.decode(message(alone))[1]
    assert isinstance(event, Event) and event.level == "container"
    (event,) = formats.decode(message({**alone, "declaration": "26GB5XZ0M1C2V3B4N5"}))[1]
    assert isinstance(event, Event) and event.level == "declaration"


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "08"},
        {"milestone": "", "authority": "GB-HMRC"},
        {"milestone": "unknown", "authority": "GB-HMRC", "code": "08"},
        {"authority": "GB-HMRC", "code": "0" * 65},
        {"authority": "GB-HMRC", "code": "08\x00"},
        {"authority": "GB-HMRC", "code": "08", "limit": "soon"},
    ],
)
def test_half_a_customs_word_is_refused(changes: dict[str, Any]) -> None:
    (problem,) = formats.decode(message(said(**changes)))[1]
    assert isinstance(problem, Problem) and problem.reason
