"""The page that says which stage costs most, and its files."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cargo.dashboard import diagnosis_words, lead_time_words
from cargo.domain.diagnosis import DIMENSIONS, Diagnosis
from cargo.domain.stage_costs import ON_THE_WAY, WEEKDAYS
from cargo.models import StageTime, TargetTime
from cargo.selectors import diagnosis
from clis.accounts.models import Organization
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.people import Person

pytestmark = pytest.mark.django_db
HOUR = 3600
STORED = "bonded_storage_in__import_declared"
PAGE, FILE = "/lead-times/diagnosis/", "/lead-times/diagnosis.csv"


def took(owner: Organization | None, number: int, hours: int, months: int = 0, **words: Any) -> StageTime:
    """A stage that ended a day ago, or so many months before."""
    shipment = a_registered_shipment(owner, ("house_bill", f"KOSHA{number:07d}"), own_reference=f"PO-{number}")
    ended = timezone.now() - timedelta(days=1 + 31 * months)
    plain = {
        "mode": "sea",
        "port": "KRPUS",
        "month": ended.strftime("%Y-%m"),
        "started_at": ended - timedelta(hours=hours),
        "ended_at": ended,
        "seconds": hours * HOUR,
        "working_seconds": 0,
        "organization": owner,
    }
    return StageTime.objects.create(shipment=shipment, stage=STORED, **(plain | words))


@pytest.fixture
def slow(shipper: Person) -> list[StageTime]:
    """Two that took 55 hours with a target of 24 hours, where 30 of five others took 43."""
    TargetTime.objects.create(organization=shipper.organization, stage=STORED, seconds=24 * HOUR)
    for organization in (OrganizationFactory.create() for _ in range(5)):
        for number in range(6):
            took(organization, number, 43, months=3)
    return [took(shipper.organization, number, 55, broker="=Kim") for number in (1, 2)]


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_sentence_first(slow: list[StageTime], shipper_client: Client) -> None:
    text = text_of(shipper_client, PAGE)
    sentence = (
        "Bonded storage to import declared costs you most: on average 31 h per cargo past your target of 24 h, "
        "and 12 h more than comparable cargo at Busan."
    )
    assert sentence in text
    assert "Only 2 cargoes stand behind this." in text
    cells = text.split("<tbody>")[1].split("</tr>")[0]
    assert "<svg" in cells and "31.0" in cells and "+12.0" in cells and "100 %" in cells
    for row in slow:
        assert f'<a href="/shipments/{row.shipment_id}/">PO-' in text


def test_in_korean(slow: list[StageTime], shipper: Person) -> None:
    found = diagnosis_of(shipper)
    assert diagnosis_words.headline(found, "ko", yours=True) == (
        "보세구역 반입 → 수입신고 단계의 손실이 가장 큽니다. 화물 1건당 평균 31시간, 목표(24시간)를 넘겼습니다. "
        "비교 대상 화물(부산)보다 12시간 더 걸렸습니다."
    )


def diagnosis_of(person: Person) -> Diagnosis:
    return diagnosis.diagnosis(person.viewer, {}).diagnosis


def test_without_targets_and_comparable_cargo_that_is_said(shipper: Person, shipper_client: Client) -> None:
    took(shipper.organization, 1, 10)
    text = text_of(shipper_client, PAGE)
    assert "there is nothing to diagnose" in text and "no target" in text and "too few" in text


def test_the_files(slow: list[StageTime], shipper_client: Client) -> None:
    (stage,) = rows_of(shipper_client, FILE)
    assert (stage["stage"], stage["n"], stage["median"], stage["bottleneck"]) == (STORED, "2", "198000.0", "target")
    assert (stage["target_lost"], stage["comparable_difference_per_cargo"]) == (str(62 * HOUR), str(12.0 * HOUR))
    shipments = rows_of(shipper_client, f"{FILE}?table=shipments")
    assert {row["broker"] for row in shipments} == {"'=Kim"}
    assert {row["lost"] for row in shipments} == {str(31 * HOUR)}


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def test_filters_hold_and_what_is_wrong_is_told(slow: list[StageTime], shipper_client: Client) -> None:
    for query in ("mode=air", "port=KRINC", "last=2020-01-01&first=2019-01-01"):
        assert "costs you most" not in text_of(shipper_client, f"{PAGE}?{query}"), query
    for query in ("mode=sea", "port=krpus"):
        assert "costs you most" in text_of(shipper_client, f"{PAGE}?{query}"), query
    wrong = "first=2026-02-02&last=2026-02-01"
    assert 'role="alert"' in text_of(shipper_client, f"{PAGE}?{wrong}")
    assert shipper_client.get(f"{FILE}?{wrong}")["Location"] == f"{PAGE}?{wrong}"


def test_a_stranger_is_told_nothing(slow: list[StageTime], stranger_client: Client) -> None:
    text = text_of(stranger_client, PAGE)
    assert "there is nothing to diagnose" in text and "PO-" not in text and "Kim" not in text
    assert rows_of(stranger_client, FILE) == []


def test_only_the_operator_chooses_a_client(
    slow: list[StageTime], shipper: Person, shipper_client: Client, staff_client: Client
) -> None:
    assert shipper.organization
    assert 'name="client"' not in text_of(shipper_client, PAGE)
    text = text_of(staff_client, f"{PAGE}?client={shipper.organization.slug}")
    assert 'name="client"' in text and "31 h per cargo past" in text and "PO-1" in text


def test_everything_has_its_words() -> None:
    assert set(diagnosis_words.DIMENSIONS) == set(DIMENSIONS)
    assert set(diagnosis_words.WEEKDAY_WORDS) == set(WEEKDAYS)
    assert set(ON_THE_WAY) <= set(lead_time_words.STAGES)
