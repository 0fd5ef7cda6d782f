"""The page that says how good the forecasts are, and its file."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from cargo.dashboard import forecast_score_words
from cargo.domain.forecast_scores import AHEAD, RIVALS
from cargo.models import ForecastTally
from cargo.selectors.forecast_scores import GROUPS
from tests.people import Person

pytestmark = pytest.mark.django_db
PAGE, FILE = "/forecasts/", "/forecasts.csv"
ARRIVAL, CLEAR = "departed__arrived", "arrived__customs_released"


def tally(person: Person, count: int, covered: int, rival: str = "", **words: Any) -> None:
    """Each lost 6 hours, the rival 10."""
    losses = {f"loss_{name}": 2.0 * count for name in ("p10", "p50", "p90")}
    if rival:
        losses |= {"rival_p10": 2.0 * count, "rival_p50": 3.0 * count, "rival_p90": 5.0 * count}
    plain = {"organization": person.organization, "month": "2026-03", "stage": CLEAR, "mode": "sea", "ahead": "3d"}
    ForecastTally.objects.create(rival=rival, count=count, covered=covered, **{**plain, **losses, **words})


@pytest.fixture
def scored(shipper: Person) -> None:
    """A hundred forecasts of a release told well, ten of an arrival told badly."""
    tally(shipper, 100, 80)
    tally(shipper, 80, 60, "port_mean")
    tally(shipper, 20, 15, "port_table")
    tally(shipper, 10, 2, stage=ARRIVAL, ahead="more", month="2026-02")
    tally(shipper, 10, 2, "carrier", stage=ARRIVAL, ahead="more", month="2026-02", loss_p90=100.0)


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def _cells(text: str, name: str) -> list[str]:
    row = text.split(f"<td>{name}</td>")[1].split("</tr>")[0]
    return [cell.split(">", 1)[1].split("</td>")[0] for cell in row.split('<td class="end"')[1:]]


def test_the_page_shows_every_figure(scored: None, shipper_client: Client) -> None:
    text = _text(shipper_client, PAGE)
    assert "75 % of 110 forecasts held" in text
    cells = _cells(text, "Arrived to released, in all")
    assert cells[0] == "100"
    assert cells[1].startswith("80 %") and "goal met" in cells[1]
    assert cells[2] == "6.0"
    assert cells[3].startswith("40 %") and "goal met" in cells[3]
    assert cells[4].startswith("40 %") and "too few to judge" in cells[4]
    assert "told nothing" in cells[5]
    arrival = _cells(text, "Departed to arrived")
    assert arrival[0] == "10" and "too few to judge" in arrival[1]
    # Worse than the carrier: nothing is saved.
    assert arrival[5].startswith("-40 %")
    # Two charts with their twins in words.
    assert text.count('role="img"') == 3
    assert "1 to 3 days ahead 80 %; more than 14 days ahead 20 %" in text
    assert "Mean of the port: 6.0 h against 10.0 h" in text


def test_other_groups_and_filters(scored: None, shipper_client: Client) -> None:
    text = _text(shipper_client, f"{PAGE}?group_by=ahead")
    assert _cells(text, "more than 14 days ahead")[0] == "10"
    assert _cells(_text(shipper_client, f"{PAGE}?group_by=month"), "2026-02")[0] == "10"
    for query in ("mode=air", "month_from=2026-04", "month_to=2026-01", "ahead=7d"):
        assert "Nothing to score yet" in _text(shipper_client, f"{PAGE}?{query}"), query
    assert "80 % of 100 forecasts held" in _text(shipper_client, f"{PAGE}?stage={CLEAR}")


def test_a_filter_that_is_not_right_is_told_and_left_out(scored: None, shipper_client: Client) -> None:
    text = _text(shipper_client, f"{PAGE}?group_by=colour&month_from=soon")
    assert text.count('role="alert"') == 2
    assert "75 % of 110 forecasts held" in text


def test_while_there_is_nothing_it_says_so(shipper_client: Client) -> None:
    text = _text(shipper_client, PAGE)
    assert "Nothing to score yet" in text and '<svg class="multiple' not in text
    assert _text(shipper_client, FILE).count("\n") == 1


def test_the_file_has_the_same_figures(scored: None, shipper_client: Client) -> None:
    answer = shipper_client.get(FILE)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    figures = ("stage", "n", "coverage", "coverage_goal", "loss", "port_mean_n", "port_mean_gain", "carrier_gain")
    assert [tuple(row[name] for name in figures) for row in rows] == [
        (ARRIVAL, "10", "0.2", "too_few", "6.0", "", "", "-0.4"),
        (CLEAR, "100", "0.8", "met", "6.0", "80", "0.4", ""),
        ("all", "110", "0.7455", "missed", "6.0", "80", "0.4", "-0.4"),
    ]


def test_a_stranger_sees_nothing_and_staff_all(scored: None, stranger_client: Client, staff_client: Client) -> None:
    assert "Nothing to score yet" in _text(stranger_client, PAGE)
    assert len(_text(stranger_client, FILE).splitlines()) == 1
    assert "75 % of 110 forecasts held" in _text(staff_client, PAGE)


def test_every_word_is_there_in_both_languages() -> None:
    assert tuple(forecast_score_words.AHEAD) == AHEAD
    assert tuple(forecast_score_words.RIVALS) == RIVALS
    assert set(forecast_score_words.GROUPS) == set(GROUPS)
