"""The page of lead times and its file."""

from __future__ import annotations

import csv
import html
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.test import Client

from cargo.dashboard import lead_time_words
from cargo.dashboard.lead_times import guarded
from cargo.domain.stages import STAGES
from cargo.models import StageTime, TargetTime
from cargo.selectors.lead_times import GROUPS
from tests.factories import a_registered_shipment
from tests.people import Person, a_person

pytestmark = pytest.mark.django_db
CLEAR = "import_declared__customs_released"
HOUR = 3600
NOW = datetime(2026, 4, 20, 3, 0, tzinfo=UTC)
PAGE, FILE = "/lead-times/", "/lead-times.csv"


@pytest.fixture
def took(shipper: Person) -> None:
    """Two, four and six hours from declaration to release, by two brokers."""
    for number, hours in enumerate([2, 4, 6]):
        _took(shipper, number, hours, broker="=Kim" if number else "")


def _took(person: Person, number: int, hours: int, stage: str = CLEAR, **words: Any) -> None:
    shipment = a_registered_shipment(person.organization, ("house_bill", f"KOSHA{number:07d}"))
    ended = datetime(2026, 2, 16, tzinfo=UTC)
    plain = {"mode": "sea", "port": "KRPUS", "month": "2026-02", "organization": person.organization}
    seconds = hours * HOUR
    begun = ended - timedelta(seconds=seconds)
    times = {"started_at": begun, "ended_at": ended, "seconds": seconds, "working_seconds": 0}
    StageTime.objects.create(shipment=shipment, stage=stage, **plain, **times, **words)


def _rows(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_every_figure_of_a_stage(took: None, shipper_client: Client, shipper: Person) -> None:
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=5 * HOUR)
    text = _text(shipper_client, PAGE)
    cells = text.split("<tbody>")[-1].split("</tr>")[0]
    shown = [re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)]
    assert shown[:6] == ["Import declared to released", "3", "4.0", "5.6", "4.0", "2.0"]
    assert shown[7] == "67 % 2 met, 1 missed"
    assert "<svg" in cells


def test_the_page_opens_with_a_sentence(took: None, shipper_client: Client, shipper: Person) -> None:
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=5 * HOUR)
    said = "Import declared to released: your cargo took 4 h in the middle, 9 of 10 within 5 h 36 min; 67 % met your"
    assert f"{said} target." in _text(shipper_client, PAGE)
    _took(shipper, 9, 60, stage="arrived__customs_released")
    assert "From arrival to release your cargo took 2 d 12 h in the middle" in _text(shipper_client, PAGE)
    shipper_client.cookies["django_language"] = "ko"
    shipper.user.language = "ko"
    shipper.user.save()
    assert "입항부터 수입신고수리까지 중앙값은 2일 12시간, 10건 중 9건은 2일 12시간 이내입니다." in _text(
        shipper_client, PAGE
    )


def test_each_stage_has_a_chart_with_its_table_and_its_file(took: None, shipper_client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        text = _text(shipper_client, f"{PAGE}?period=30")
        assert "No stage has ended yet" in text
        text = _text(shipper_client, PAGE)
        chart = text.split('<li class="multiple">')[1].split("</li>")[0]
        assert "<title id" in chart and "<desc id" in chart
        assert chart.count('class="dot"') == chart.count('class="bar-n"') == 1
        address = html.unescape(re.findall(r'href="(/lead-times.csv[^"]*)"', chart)[0])
        rows = _rows(shipper_client, address)
    assert [(row["stage"], row["group"], row["n"], row["median"]) for row in rows] == [
        (CLEAR, "2026-02", "3", "14400.0")
    ]
    assert "Feb 2026" in chart and ">4.0</td>" in chart


def test_a_chart_has_a_target_line_where_one_target_is_about_all_of_it(
    took: None, shipper_client: Client, shipper: Person
) -> None:
    mine = {"organization": shipper.organization, "stage": CLEAR}
    TargetTime.objects.create(**mine, seconds=5 * HOUR)
    with time_machine.travel(NOW, tick=False):
        assert 'class="aim"' in _text(shipper_client, PAGE)
        assert 'class="aim"' not in _text(shipper_client, f"{PAGE}?hours=working")
        TargetTime.objects.create(**mine, port="KRPUS", seconds=6 * HOUR)
        text = _text(shipper_client, PAGE)
        assert 'class="aim"' not in text and "several targets" in text
        assert 'class="aim"' in _text(shipper_client, f"{PAGE}?port=KRPUS")


def test_groups_are_sorted_by_name_number_or_median(took: None, shipper_client: Client, shipper: Person) -> None:
    _took(shipper, 7, 50, broker="Aram")

    def order(sort: str) -> list[str]:
        cells = _text(shipper_client, f"{PAGE}?group_by=broker{sort}").split("<tbody>")[1].split("</tbody>")[0]
        return [re.sub("<[^>]*>", "", row.split("</td>")[0]).strip() for row in cells.split("<tr>")[1:]]

    assert order("") == ["not known", "=Kim", "Aram"]
    assert order("&sort=n") == ["=Kim", "not known", "Aram"]
    assert order("&sort=median") == ["Aram", "=Kim", "not known"]


def test_every_number_leads_to_its_shipments(took: None, shipper_client: Client, shipper: Person) -> None:
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=5 * HOUR)
    for query in ("", "?group_by=broker", "?mode=sea&port=KRPUS"):
        text = _text(shipper_client, f"{PAGE}{query}")
        links = re.findall(
            r'<a href="(/lead-times/shipments/[^"]*)">([0-9]+)( met| missed| at risk| overdue)?</a>', text
        )
        assert len(links) >= 3, query
        for address, number, _kind in links:
            behind = shipper_client.get(html.unescape(address))
            assert behind.context["total"] == len(behind.context["lines"]) == int(number), address


def test_what_may_be_compared_is_said(took: None, shipper_client: Client) -> None:
    assert "choose one mode and one port" in _text(shipper_client, PAGE)
    text = _text(shipper_client, f"{PAGE}?mode=sea&port=KRPUS")
    assert "at least 5 organizations and 30 cargoes must stand behind a figure" in text


def test_comparable_cargo_of_others_stands_beside_ones_own(took: None, shipper_client: Client) -> None:
    for number in range(5):
        other = a_person(f"Other {number}", f"Others {number}")
        for cargo in range(6):
            _took(other, number * 10 + cargo, 10)
    with time_machine.travel(NOW, tick=False):
        text = _text(shipper_client, f"{PAGE}?mode=sea&port=KRPUS")
    assert "30 cargoes of 5 organizations" in text and "9 of 10 within 10.0" in text


def test_periods_are_days_up_to_today(took: None, shipper: Person) -> None:
    for now, period, seen in (
        ("2026-02-16", "30", True),
        ("2026-03-17", "30", True),
        ("2026-03-18", "30", False),
        ("2026-05-16", "90", True),
        ("2026-05-17", "90", False),
        ("2026-12-31", "year", True),
        ("2027-01-01", "year", False),
    ):
        with time_machine.travel(f"{now}T03:00:00Z", tick=False):
            shown = "No stage has ended yet" not in _text(shipper.client(), f"{PAGE}?period={period}")
        assert shown is seen, (now, period)


def test_a_dimension_makes_a_table_of_each_stage(took: None, shipper_client: Client) -> None:
    text = _text(shipper_client, f"{PAGE}?group_by=broker")
    assert "<h2>Import declared to released</h2>" in text
    assert "=Kim" in text and "not known" in text
    assert 'href="/lead-times/?broker=%3DKim"' in text


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
    rows = _rows(shipper_client, f"{FILE}?group_by=broker")
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
