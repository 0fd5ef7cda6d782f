"""What being late has cost by an instant, from a deadline and from its row in a document."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from cargo.domain.customs.deadlines import deadlines
from cargo.domain.deadline import DeadlineView, Money, Owed, owed, owed_by_document
from cargo.domain.derive import derive
from cargo.domain.document import explain
from cargo.domain.state import Entry, merge
from cargo.domain.view import Plan
from tests.domain.histories import customs, kst

STORED = customs("bonded_storage_in", "2026-03-10 15:00", place="02012018")
DECLARED = customs("import_declared", "2026-05-04 09:00", declaration="A1")


def declaration(*entries: Entry) -> DeadlineView:
    """Due on Thursday 9 April 2026."""
    merged = merge([], entries)
    found = {row.kind: row for row in deadlines(derive(merged, Plan()), merged)}
    return found["import_declaration"]


def test_nothing_is_owed_in_time() -> None:
    assert owed(declaration(STORED), kst("2026-04-09 23:59:59")) is None


def test_a_rate_without_a_value_has_no_amount() -> None:
    found = owed(declaration(STORED), kst("2026-04-10 00:00"))

    assert found == Owed("surcharge", "KRW", 1, None, Decimal("0.5"), Decimal(5_000_000))


def test_the_rate_is_that_of_the_day() -> None:
    def rate(day: str) -> Decimal | None:
        found = owed(declaration(STORED), kst(f"{day} 12:00"))
        return found.rate if found else None

    # The 20th day is 29 April, the 50th 29 May, the 80th 28 June.
    days = ("2026-04-29", "2026-04-30", "2026-05-29", "2026-05-30", "2026-06-28", "2026-06-29")
    assert [str(rate(day)) for day in days] == ["0.5", "1", "1", "1.5", "1.5", "2"]


def test_of_a_value_the_rate_and_never_more_than_the_maximum() -> None:
    late = kst("2026-07-01 12:00")
    cheap = owed(declaration(STORED), late, Decimal(10_000_000))
    dear = owed(declaration(STORED), late, Decimal(1_000_000_000))

    assert cheap is not None and cheap.amount == 200_000
    assert dear is not None and dear.amount == 5_000_000


def test_declaring_late_stops_it() -> None:
    # 25 days late.
    found = owed(declaration(STORED, DECLARED), kst("2027-01-01 00:00"))

    assert found is not None and (found.days, found.rate) == (25, Decimal(1))


def test_a_fine_is_known_only_by_its_maximum() -> None:
    fine = DeadlineView("removal", kst("2026-03-27 23:59:59"), "", None, "", zone="Asia/Seoul")
    fine.money = Money("fine", "KRW", "offence", maximum=Decimal(1_000_000))

    assert owed(fine, kst("2026-03-29 12:00")) == Owed("fine", "KRW", 2, None, None, Decimal(1_000_000))


def test_where_nothing_follows_nothing_is_owed() -> None:
    assert owed(DeadlineView("loading", kst("2026-03-27 23:59:59"), "", None, ""), kst("2026-05-01 12:00")) is None


def test_a_row_of_a_document_says_the_same() -> None:
    merged = merge([], [STORED, DECLARED])
    document = explain(derive(merged, Plan()), merged, references=(), sources={})
    (row,) = [row for row in document["deadlines"] if row["kind"] == "import_declaration"]
    late = datetime.fromisoformat("2027-01-01T00:00:00+09:00")

    assert owed_by_document(row, late) == owed(declaration(STORED, DECLARED), kst("2027-01-01 00:00"))
    assert owed_by_document(row, datetime.fromisoformat("2026-04-09T14:59:59+00:00")) is None
    assert owed_by_document({**row, "money": None}, late) is None
