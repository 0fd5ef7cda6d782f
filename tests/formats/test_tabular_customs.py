"""Tables whose rows name a customs authority and its code."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cargo import formats
from cargo.domain.event import Deadline, Event, Outcome, Problem
from cargo.formats import tabular
from cargo.formats.tabular.meaning import Column, Meaning, doubts
from cargo.formats.tabular.suggesting import survey
from tests.formats.workbooks import workbook

RECEIVED = datetime(2026, 3, 20, 6, tzinfo=UTC)
HEADER = "Container,Declaration No,Customs authority,Customs code,Date,Location,Status,Limit date,Remarks\n"
BOX, MRN = "HDMU6546583", "26GB5XZ0M1C2V3B4N5"


def read(*rows: str, header: str = HEADER) -> list[Outcome]:
    data = (header + "\n".join(rows) + "\n").encode()
    return list(formats.decode(data, received_at=RECEIVED, reading="")[1])


def event(row: str, header: str = HEADER) -> Event:
    (found,) = read(row, header=header)
    assert isinstance(found, Event), found
    return found


def test_a_notification_is_looked_up() -> None:
    found = event(f"{BOX},{MRN},HMRC,DMSROG,2026-03-12 11:00,GBFXT,,,by mail")
    assert (found.milestone, found.effect, found.level) == ("customs_released", "release", "declaration")
    assert (found.authority, found.agency, found.source_code) == ("GB-HMRC", "GB-HMRC", "08")
    assert found.source_text == "Goods can be released · by mail"
    assert found.reference("declaration") == MRN and found.reference("container") == BOX
    assert found.warnings == () and found.deadline is None


def test_a_limit_date_is_the_day_for_the_documents() -> None:
    found = event(f",{MRN},GB-HMRC,06,2026-03-12 11:00,GBFXT,,2026-03-20,")
    assert found.milestone == "documents_requested"
    assert found.deadline == Deadline("documents", date(2026, 3, 20))


def test_a_limit_date_beside_a_release_limits_nothing() -> None:
    assert event(f",{MRN},GB-HMRC,08,2026-03-12 11:00,GBFXT,,2026-03-20,").deadline is None


def test_without_a_declaration_a_box_is_released_alone() -> None:
    found = event(f"{BOX},,HMRC,08,2026-03-12 11:00,GBFXT,,,")
    assert (found.level, found.milestone) == ("container", "customs_released")


def test_a_code_that_no_table_knows_keeps_its_words() -> None:
    found = event(f"{BOX},{MRN},HMRC,DMSXYZ,2026-03-12 11:00,GBFXT,,,ask them")
    assert (found.milestone, found.source_code, found.source_text) == ("unknown", "DMSXYZ", "DMSXYZ · ask them")
    assert found.authority == "GB-HMRC" and found.agency is None
    assert found.warnings == ("unknown_code: DMSXYZ of GB-HMRC",)


def test_an_unknown_code_leaves_the_word_to_the_status() -> None:
    found = event(f"{BOX},{MRN},HMRC,DMSXYZ,2026-03-12 11:00,GBFXT,Customs hold,,")
    assert (found.milestone, found.agency) == ("customs_hold", "GB-HMRC")
    assert found.source_text == "DMSXYZ · Customs hold"


def test_a_known_code_goes_before_the_status() -> None:
    found = event(f"{BOX},{MRN},HMRC,05,2026-03-12 11:00,GBFXT,Cleared,,")
    assert found.milestone == "inspection_ordered"
    assert found.source_text == "Customs intends to inspect · Cleared"


@pytest.mark.parametrize(
    ("code", "milestone"), [("8", "customs_released"), ("6", "unknown"), ("Route 6", "customs_released")]
)
def test_a_lost_nought_never_makes_a_clearance_of_a_demand(code: str, milestone: str) -> None:
    found = event(f"{BOX},{MRN},HMRC,{code},2026-03-12 11:00,GBFXT,,,")
    assert found.milestone == milestone
    assert bool(found.warnings) is (milestone == "unknown")


def test_numbers_of_a_workbook() -> None:
    rows = [HEADER.strip().split(","), [BOX, MRN, "HMRC", 8, "2026-03-12 11:00", "GBFXT", "", "", ""]]
    (found,) = formats.decode(workbook(rows), received_at=RECEIVED, reading="")[1]
    assert isinstance(found, Event) and (found.milestone, found.source_code) == ("customs_released", "08")


def test_an_authority_without_a_code_says_whose_word_the_status_is() -> None:
    found = event(f"{BOX},{MRN},HMRC,,2026-03-12 11:00,GBFXT,Customs hold,,")
    assert (found.milestone, found.authority, found.agency) == ("customs_hold", "GB-HMRC", "GB-HMRC")
    assert found.source_code == "Customs hold"


def test_a_row_without_customs_is_as_it_was() -> None:
    found = event(f"{BOX},,,,2026-03-12 11:00,GBFXT,Customs hold,,")
    assert (found.milestone, found.authority, found.agency, found.level) == ("customs_hold", None, None, "declaration")


def test_a_code_without_a_date_is_a_problem() -> None:
    (found,) = read(f"{BOX},{MRN},HMRC,08,,GBFXT,,,")
    assert isinstance(found, Problem) and found.reason == "Date: a status without a date"


def test_a_limit_date_that_is_none_is_a_problem() -> None:
    (found,) = read(f"{BOX},{MRN},HMRC,06,2026-03-12 11:00,GBFXT,,soon,")
    assert isinstance(found, Problem) and found.reason.startswith("Limit date: 'soon'")


def test_the_export_end_of_an_airline_status() -> None:
    header = "AWB,Authority,Customs code,Date,Location,Origin,Destination\n"
    leaving = event("180-12345675,IATA,CCD,2026-03-12 11:00,PVG,PVG,ICN", header)
    reached = event("180-12345675,IATA,CCD,2026-03-13 11:00,ICN,PVG,ICN", header)
    assert (leaving.milestone, reached.milestone) == ("export_cleared", "customs_released")


def test_the_columns_are_suggested_by_their_names() -> None:
    seen = survey(tabular.opened((HEADER + f"{BOX},,HMRC,08,2026-03-12 11:00,GBFXT,,,\n").encode()))
    fields = [column.field for column in seen.suggested.columns]
    assert fields == [
        "container",
        "declaration",
        "customs_authority",
        "customs_code",
        "occurred",
        "place",
        "status",
        "customs_limit",
        "remarks",
    ]
    assert seen.guessable


def test_what_a_mapping_with_a_code_needs() -> None:
    alone = Meaning(columns=[Column("container"), Column("customs_code"), Column("place")])
    assert doubts(alone) == ["code_without_authority", "code_without_date"]
    whole = Meaning(columns=[*alone.columns, Column("customs_authority"), Column("occurred")])
    assert doubts(whole) == []


def test_another_limit_date_is_another_word() -> None:
    first = event(f",{MRN},GB-HMRC,06,2026-03-12 11:00,GBFXT,,2026-03-20,")
    moved = event(f",{MRN},GB-HMRC,06,2026-03-12 11:00,GBFXT,,2026-03-27,")
    assert first.meaning != moved.meaning


def test_several_boxes_without_a_declaration_are_let_go_one_by_one() -> None:
    found = read(f'"{BOX}, MSKU9070323",,HMRC,08,2026-03-12 11:00,GBFXT,,,')
    levels = [(one.level, one.reference("container")) for one in found if isinstance(one, Event)]
    assert levels == [("container", BOX), ("container", "MSKU9070323")]


def test_a_dash_is_no_code() -> None:
    found = event(f"{BOX},{MRN},HMRC,-,2026-03-12 11:00,GBFXT,Customs hold,,")
    assert (found.milestone, found.source_code, found.warnings) == ("customs_hold", "Customs hold", ())
