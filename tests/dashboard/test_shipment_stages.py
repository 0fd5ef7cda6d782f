"""The stages on a shipment's page: how long by every clock, against the targets, and why."""

from __future__ import annotations

import re
from html import unescape

import pytest
import time_machine
from django.test import Client

from cargo.dashboard import stage_words
from cargo.domain.stage_reasons import RULES, Why
from cargo.models import Shipment, StageTime, TargetTime
from cargo.selectors.stage_times import VERDICTS
from tests.dashboard.test_pages import HTMX
from tests.dashboard.test_shipment_forecast import NOW, body_of
from tests.people import Person

DISCHARGE, CLEAR = "arrived__discharge_approved", "import_declared__customs_released"


def row_of(body: str, stage: str) -> str:
    return body.split('id="stages-title"')[1].split(f'data-stage="{stage}"')[1].split("</tr>")[0]


def aim(person: Person, stage: str, seconds: int, **words: str) -> None:
    TargetTime.objects.create(organization=person.organization, stage=stage, seconds=seconds, **words)


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_each_stage_with_its_lengths_and_why(held: Shipment, shipper_client: Client) -> None:
    body = body_of(shipper_client, f"/shipments/{held.pk}/")
    row = row_of(body, DISCHARGE)
    assert "Arrived to discharge approved" in row
    assert '<data value="1800">30 min</data>' in row
    assert "Begins with: Arrived at destination port, 14 Mar, 07:30 (Korean time)." in row
    assert "Ends with: Unloading approved, 14 Mar, 08:00 (Korean time)." in row
    assert "2 d 2 h so far" in row_of(body, CLEAR) and "Its end is still to come." in row_of(body, CLEAR)
    assert "Arrived to released, in all" in row_of(body, "arrived__customs_released")
    assert "Arrived to removed, in all" in row_of(body, "arrived__gate_out")


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_reports_clock_stands_where_it_differs(held: Shipment, shipper_client: Client) -> None:
    times = StageTime.objects.filter(shipment=held, reported_seconds__isnull=False)
    assert times
    body = body_of(shipper_client, f"/shipments/{held.pk}/")
    for time in times:
        words = stage_words.length(time.reported_seconds or 0, "en")
        assert f"{words} by when it was reported" in row_of(body, time.stage)


@pytest.mark.parametrize(
    ("stage", "hours", "verdict"),
    [
        (DISCHARGE, 1, "met"),
        (DISCHARGE, 0.25, "missed"),
        (CLEAR, 100, "in time so far"),
        (CLEAR, 60, "at risk"),
        (CLEAR, 40, "overdue"),
    ],
)
@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_against_the_readers_own_target(
    held: Shipment, shipper: Person, shipper_client: Client, stage: str, hours: float, verdict: str
) -> None:
    aim(shipper, stage, int(hours * 3600))
    assert f"</svg>{verdict}</span>" in row_of(body_of(shipper_client, f"/shipments/{held.pk}/"), stage)


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_anothers_target_is_not_told(
    held: Shipment, shipper_client: Client, staff: Person, staff_client: Client, shipper: Person
) -> None:
    aim(shipper, DISCHARGE, 3600)
    assert "1 h (elapsed)" in row_of(body_of(shipper_client, f"/shipments/{held.pk}/"), DISCHARGE)
    assert "(elapsed)" not in row_of(body_of(staff_client, f"/shipments/{held.pk}/"), DISCHARGE)


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_live_part_tells_of_a_target_and_of_an_inspection(
    held: Shipment, shipper: Person, shipper_client: Client
) -> None:
    found = re.search(r'hx-get="([^"]+)"', body_of(shipper_client, f"/shipments/{held.pk}/"))
    assert found
    again = unescape(found[1])
    assert shipper_client.get(again, headers=HTMX).status_code == 204
    aim(shipper, DISCHARGE, 3600)
    assert shipper_client.get(again, headers=HTMX).status_code == 200
    TargetTime.objects.all().delete()
    assert shipper_client.get(again, headers=HTMX).status_code == 204
    StageTime.objects.filter(shipment=held, stage=DISCHARGE).update(reported_seconds=1700)
    assert shipper_client.get(again, headers=HTMX).status_code == 200


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_past_has_the_stages_of_then(held: Shipment, shipper_client: Client) -> None:
    page = f"/shipments/{held.pk}/?by=reported&as_of="
    assert "stages-title" not in body_of(shipper_client, f"{page}2026-03-13T22:00:00Z")
    body = body_of(shipper_client, f"{page}2026-03-14T00:00:00Z")
    assert '<data value="1800">' in row_of(body, DISCHARGE)
    assert f'data-stage="{CLEAR}"' not in body


def test_lengths_in_words() -> None:
    lengths = [0, 17, 60, 4122, 3600, 86_400, 497_930, 86_460]
    assert [stage_words.length(seconds, "en") for seconds in lengths] == [
        "0 s", "17 s", "1 min", "1 h 8 min", "1 h", "1 d", "5 d 18 h", "1 d",
    ]  # fmt: skip
    assert stage_words.length(497_930, "ko") == "5일 18시간"
    assert stage_words.length(497_930, "en", days=False) == "138 h 18 min"
    assert stage_words.length(0, "ko", days=False) == "0초"


def test_every_rule_and_verdict_has_its_words() -> None:
    assert tuple(stage_words.RULES) == RULES
    assert tuple(stage_words.VERDICTS) == tuple(stage_words.VERDICT_LOOKS) == VERDICTS
    why = Why("bonded_storage_in", 100, "import_declared", 50, ("declared_ahead",))
    english = stage_words.why("bonded_storage_in__import_declared", why, None, "UTC", "en", NOW)
    assert english[0].startswith("Would begin with: Entered bonded storage, 1 Jan 1970, 00:01")
    assert english[2] == stage_words.RULES["declared_ahead"][0]
    korean = stage_words.why(
        "import_declared__customs_released", Why("a", 1, "b", 2, ("goods_there",)), None, None, "ko", NOW
    )
    assert korean[2] == "화물 도착 전에 신고되었으므로 세관 처리 시간은 화물이 도착한 때부터 계산합니다."
