"""CUSRES: what customs decided, on which document, whose decision it is and in which words."""

from __future__ import annotations

from datetime import datetime

import pytest

from cargo.domain.event import Parked, Place
from tests.formats.edifact_messages import box, events, interchange, message, numbers, only, read, refused

MRN = "RFF+ABT:25DE1234567890"
DECIDED = "DTM+148:202603140855:203"
REPORTED = ("reported_time: the message's date names no zone, taken as UTC",)


def cusres(*segments: str, beginning: str = "BGM+962+R1+9") -> bytes:
    return interchange(message("CUSRES:D:96B:UN", beginning, "DTM+137:202603140912:203", *segments))


def test_a_release_in_full() -> None:
    event = only(
        cusres(
            "LOC+22+DEHAM:139:6",
            "FTX+AAI+++NO FINDINGS:PROCEED",
            "RFF+ABO:LRN1",
            "DTM+204:202603140855:203",
            "GIS+4:109:146",
            "DOC+705+BILL1",
            MRN,
            f"EQD+CN+{box(1)}",
            "UNS+S",
            "CNT+5:1",
        )
    )
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "customs_released",
        "actual",
        "declaration",
        "release",
    )
    assert (event.authority, event.agency) == ("DE-ZOLL", "DE-ZOLL")
    assert event.occurred_local == datetime(2026, 3, 14, 8, 55)
    assert event.reported_at is not None and event.reported_at.isoformat() == "2026-03-14T09:12:00+01:00"
    assert numbers(event) == [
        "own_reference=LRN1",
        "master_bill=BILL1",
        "declaration=25DE1234567890",
        f"container={box(1)}",
    ]
    assert event.place == Place("DEHAM", "unlocode", None, None)
    assert (event.source_code, event.source_text) == ("4", "Goods released: NO FINDINGS PROCEED")
    assert (event.format, event.position, event.warnings) == ("edifact.cusres", "message 1, segments 2-8", ())


@pytest.mark.parametrize(
    ("code", "milestone"),
    [
        ("1", "declaration_acknowledged"),
        ("2", "declaration_rejected"),
        ("3", "declaration_rejected"),
        ("4", "customs_released"),
        ("5", "inspection_ordered"),
        ("6", "documents_requested"),
        ("7", "customs_hold"),
        ("8", "bonded_transport_approved"),
        ("9", "declaration_acknowledged"),
        ("10", "documents_requested"),
        ("11", "declaration_acknowledged"),
        ("14", "declaration_rejected"),
        ("15", "declaration_amended"),
        ("16", "unknown"),
        ("17", "declaration_acknowledged"),
        ("18", "import_declared"),
        ("25", "customs_hold"),
        ("30", "documents_requested"),
        ("31", "unknown"),
        ("32", "declaration_acknowledged"),
        ("33", "declaration_rejected"),
        ("34", "customs_review"),
        ("35", "unknown"),
        ("38", "customs_review"),
        ("66", "declaration_acknowledged"),
        ("67", "declaration_acknowledged"),
        ("84", "payment_required"),
        ("129", "declaration_cancelled"),
    ],
)
@pytest.mark.parametrize("segment", ["GIS+{}", "GEI+4+{}::6"])
def test_what_an_indicator_decides(code: str, milestone: str, segment: str) -> None:
    event = only(cusres(MRN, DECIDED, segment.format(code)))
    assert (event.milestone, event.source_code, event.warnings) == (milestone, code, REPORTED)
    assert event.source_text


@pytest.mark.parametrize(
    ("code", "milestone"),
    [
        ("961", "unknown"),
        ("962", "unknown"),
        ("963", "declaration_rejected"),
        ("964", "unknown"),
        ("965", "duty_assessed"),
        ("932", "customs_released"),
        ("132", "customs_released"),
        ("133", "unknown"),
        ("917", "duty_paid"),
        ("99", "unknown"),
    ],
)
def test_the_kind_of_response_decides_where_no_indicator_does(code: str, milestone: str) -> None:
    event = only(cusres(MRN, DECIDED, beginning=f"BGM+{code}+R1+9"))
    assert (event.milestone, event.source_code, event.warnings) == (milestone, code, REPORTED)
    assert event.source_text


def test_an_indicator_of_no_list_is_unknown_with_its_words() -> None:
    event = only(cusres(MRN, DECIDED, "GIS+A9:ZZZ:146:Freigabe unter Auflagen", "FTX+AAI+++SIEHE ANLAGE"))
    assert (event.milestone, event.source_code) == ("unknown", "A9")
    assert event.source_text == "Freigabe unter Auflagen; SIEHE ANLAGE"
    assert event.warnings == ("unknown_code: processing indicator A9", *REPORTED)
    assert event.agency is None and event.authority == "DE-ZOLL"


def test_a_kind_of_response_of_no_list_is_unknown() -> None:
    event = only(cusres(MRN, DECIDED, beginning="BGM+777+R1+9"))
    assert (event.milestone, event.source_code, event.source_text) == ("unknown", "777", None)
    assert event.warnings == ("unknown_code: processing indicator 777", *REPORTED)


@pytest.mark.parametrize(
    ("direction", "code", "milestone"),
    [
        ("22", "4", "export_cleared"),
        ("22", "5", "export_inspection_ordered"),
        ("22", "7", "export_hold"),
        ("22", "3", "export_declaration_rejected"),
        ("22", "18", "export_declared"),
        ("22", "34", "export_review"),
        ("22", "6", "documents_requested"),
        ("23", "4", "customs_released"),
        ("24", "4", "transit_released"),
        ("24", "18", "transit_declared"),
        ("24", "7", "customs_hold"),
    ],
)
def test_which_way_the_goods_go(direction: str, code: str, milestone: str) -> None:
    event = only(cusres(MRN, DECIDED, f"GIS+{direction}", f"GIS+{code}"))
    assert (event.milestone, event.source_code) == (milestone, code)


@pytest.mark.parametrize("segments", [("DOC+830+E1", "GIS+4"), ("DOC+830+E1", MRN, "GEI+4+4"), ("GIS+4", "DOC+830+E1")])
def test_an_export_declaration_is_cleared_for_export(segments: tuple[str, ...]) -> None:
    assert [event.milestone for event in events(cusres(DECIDED, *segments))] == ["export_cleared"]


def test_each_document_has_its_own_decision() -> None:
    released, held = events(
        cusres(
            "RFF+AFB:MANIFEST1",
            "FTX+AAI+++LATE",
            "DOC+705+BILL1",
            "RFF+ABT:DEC1",
            "DTM+204:202603140801:203",
            "GIS+4",
            "DOC+703+HOUSE2",
            "RFF+ABT:DEC2",
            "DTM+9:202603140802:203",
            "GIS+7",
            "FTX+AAI+++WEAPONS",
        )
    )
    assert (released.milestone, held.milestone) == ("customs_released", "customs_hold")
    assert numbers(released) == ["master_bill=BILL1", "declaration=DEC1", "manifest=MANIFEST1"]
    assert numbers(held) == ["house_bill=HOUSE2", "declaration=DEC2", "manifest=MANIFEST1"]
    assert [event.occurred_local for event in (released, held)] == [
        datetime(2026, 3, 14, 8, 1),
        datetime(2026, 3, 14, 8, 2),
    ]
    assert released.source_text == "Goods released: LATE"
    assert held.source_text == "Goods detained: WEAPONS; LATE"
    assert [released.position, held.position] == ["message 1, segments 6-9", "message 1, segments 10-14"]


def test_several_indicators_are_several_events() -> None:
    told = events(cusres(MRN, DECIDED, "GIS+5", "GIS+6"))
    assert [event.milestone for event in told] == ["inspection_ordered", "documents_requested"]
    assert [event.position for event in told] == ["message 1, segment 6", "message 1, segment 7"]


def test_the_indicator_of_a_tax_is_no_decision() -> None:
    event = only(cusres("DOC+929+E1", MRN, DECIDED, "GIS+4", "TAX+1+B00", "MOA+55:100:EUR", "GIS+5", "CST+1"))
    assert event.milestone == "customs_released"


def test_the_words_of_errors_are_kept() -> None:
    event = only(cusres(MRN, DECIDED, "GIS+3", "ERP+1", "ERC+1234", "FTX+AAO+++VALUE MISSING"))
    assert (event.milestone, event.source_text) == (
        "declaration_rejected",
        "Message content rejected without comment: error 1234; VALUE MISSING",
    )


@pytest.mark.parametrize(
    ("segment", "authority"),
    [
        ("GIS+4:109:146", "DE-ZOLL"),
        ("GEI+4+4::109", "GB-HMRC"),
        ("LOC+22+1:106:111", "US-CBP"),
        ("NAD+CM+1:100:380", "KR-KCS"),
        ("NAD+CM+1:100:96", "CA-CBSA"),
        ("NAD+DT+1:160:86", None),
        ("LOC+22+DEHAM:139:6", None),
    ],
)
def test_which_administration_answers(segment: str, authority: str | None) -> None:
    indicators = () if segment.startswith(("GIS", "GEI")) else ("GIS+4",)
    event = only(cusres(segment, MRN, DECIDED, *indicators))
    assert (event.milestone, event.authority, event.agency) == ("customs_released", authority, authority)


@pytest.mark.parametrize(("code", "minute"), [("4", 2), ("7", 1)])
def test_the_time_of_the_decision(code: str, minute: int) -> None:
    times = ("DTM+148:202603140801:203", "DTM+204:202603140802:203", "DTM+999:202603140803:203")
    assert only(cusres(MRN, *times, f"GIS+{code}")).occurred_local == datetime(2026, 3, 14, 8, minute)


def test_a_response_without_a_time_of_decision() -> None:
    assert only(cusres(MRN, "GIS+4")).occurred_local == datetime(2026, 3, 14, 9, 12)
    event = only(interchange(message("CUSRES:D:96B:UN", "BGM+962+R1+9", MRN, "GIS+4")))
    assert event.occurred_local == datetime(2026, 3, 14, 9, 12)
    assert event.warnings[0] == "occurred_time: the response names no time, the interchange's is taken"
    bare = interchange(message("CUSRES:D:96B:UN", "BGM+962+R1+9", MRN, "GIS+4"), head="UNB+UNOA:2+A+B+X")
    problem = refused(bare)
    assert (problem.position, problem.reason) == ("message 1, segment 4 GIS", "the response names no time")


def test_a_time_that_is_none_is_a_problem() -> None:
    problem = refused(cusres(MRN, "DTM+204:202613140855:203", "GIS+4"))
    assert (problem.position, problem.reason) == ("message 1, segment 5 DTM", "'202613140855' is not a date and time")


def test_a_response_that_is_taken_back_is_parked() -> None:
    (parked,) = read(cusres(MRN, "GIS+4", beginning="BGM+962+R1+1"))
    assert isinstance(parked, Parked)
    assert parked.reason == "the cancellation of a customs response: not applied"


def test_a_response_that_says_nothing_is_a_problem() -> None:
    problem = refused(interchange(message("CUSRES:D:96B:UN", MRN, DECIDED)))
    assert problem.reason == "there is neither a kind of response (BGM) nor a decision in it"


def test_the_same_decision_told_again_is_the_same_event() -> None:
    first = only(cusres(MRN, DECIDED, "GIS+4"))
    again = only(cusres(MRN, DECIDED, "GIS+4").replace(b"202603140912", b"202603150000").replace(b"+R1+", b"+R2+"))
    other = only(cusres(MRN, DECIDED, "GIS+5"))
    assert first.meaning == again.meaning
    assert first.meaning != other.meaning
