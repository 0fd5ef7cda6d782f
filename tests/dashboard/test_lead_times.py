"""The page of lead times and its file."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from cargo.dashboard import lead_time_words
from cargo.dashboard.lead_times import guarded
from cargo.domain.stages import STAGES
from cargo.models import StageTime, TargetTime
from cargo.selectors.lead_times import GROUPS
from tests.factories import a_registered_shipment
from tests.people import Person

pytestmark = pytest.mark.django_db
CLEAR = "import_declared__customs_released"
HOUR = 3600
PAGE, FILE = "/lead-times/", "/lead-times.csv"


@pytest.fixture
def took(shipper: Person) -> None:
    """Two, four and six hours from declaration to release, by two brokers."""
    for number, hours in enumerate([2, 4, 6]):
        _took(shipper, number, hours, broker="=Kim" if number else "")


def _took(person: Person, number: int, hours: int, **words: Any) -> None:
    shipment = a_registered_shipment(person.organization, ("house_bill", f"KOSHA{number:07d}"))
    ended = datetime(2026, 2, 16, tzinfo=UTC)
    plain = {"mode": "sea", "port": "KRPUS", "month": "2026-02", "organization": person.organization}
    seconds = hours * HOUR
    begun = ended - timedelta(seconds=seconds)
    times = {"started_at": begun, "ended_at": ended, "seconds": seconds, "working_seconds": 0}
    StageTime.objects.create(shipment=shipment, stage=CLEAR, **plain, **times, **words)


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_every_figure_of_a_stage(took: None, shipper_client: Client, shipper: Person) -> None:
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=5 * HOUR)
    text = _text(shipper_client, PAGE)
    cells = text.split("Import declared to released")[1].split("</tr>")[0]
    shown = [cell.split("</td>")[0] for cell in cells.split('<td class="end">')[1:]]
    assert shown[:5] == ["3", "4.0", "5.6", "4.0", "2.0"]
    assert shown[5].startswith("67 %")
    assert "<svg" in cells


def test_a_dimension_makes_a_table_of_each_stage(took: None, shipper_client: Client) -> None:
    text = _text(shipper_client, f"{PAGE}?group_by=broker")
    assert "<h2>Import declared to released</h2>" in text
    assert "=Kim" in text and "not known" in text


def test_filters_hold(took: None, shipper_client: Client) -> None:
    for query in ("mode=air", "port=KRINC", "first=2026-02-17", "last=2026-02-15"):
        assert "No stage has ended yet" in _text(shipper_client, f"{PAGE}?{query}"), query
    for query in ("mode=sea", "port=krpus", "first=2026-02-15&last=2026-02-17"):
        assert "Import declared to released" in _text(shipper_client, f"{PAGE}?{query}"), query


def test_a_filter_that_is_not_right_is_told_and_left_out(took: None, shipper_client: Client) -> None:
    text = _text(shipper_client, f"{PAGE}?group_by=colour&first=soon")
    assert text.count('role="alert"') == 2
    assert "Import declared to released" in text


def test_the_file_has_the_same_figures_and_no_formula(took: None, shipper_client: Client) -> None:
    answer = shipper_client.get(f"{FILE}?group_by=broker")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["group"], row["n"], row["mean"]) for row in rows] == [("", "1", "7200.0"), ("'=Kim", "2", "18000.0")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert guarded("Kim & Co = 1") == "Kim & Co = 1"


def test_a_stranger_sees_no_stage(took: None, stranger_client: Client) -> None:
    assert "No stage has ended yet" in _text(stranger_client, PAGE)
    assert len(_text(stranger_client, FILE).splitlines()) == 1


def test_every_stage_and_dimension_has_its_words() -> None:
    assert tuple(lead_time_words.STAGES) == STAGES
    assert set(lead_time_words.GROUPS) == set(GROUPS)
