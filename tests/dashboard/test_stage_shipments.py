"""The page of the shipments behind a number, and its file."""

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

from cargo.models import StageTime, TargetTime
from clis.accounts.models import Organization
from tests.factories import a_registered_shipment
from tests.people import Person

pytestmark = pytest.mark.django_db
CLEAR = "import_declared__customs_released"
PAGE, FILE = f"/lead-times/shipments/?stage={CLEAR}", f"/lead-times/shipments.csv?stage={CLEAR}"
HOUR = 3600
ENDED = datetime(2026, 2, 16, tzinfo=UTC)


def _took(owner: Organization | None, number: int, hours: int, **words: Any) -> StageTime:
    shipment = a_registered_shipment(owner, ("house_bill", f"KOSHA{number:07d}"), own_reference=f"PO-{number}")
    ended, seconds = ENDED + timedelta(minutes=number), hours * HOUR
    plain = {"mode": "sea", "port": "KRPUS", "month": "2026-02", "organization": owner, "working_seconds": 0}
    times = {"started_at": ended - timedelta(seconds=seconds), "ended_at": ended, "seconds": seconds}
    return StageTime.objects.create(shipment=shipment, stage=CLEAR, **(plain | times | words))


def _shown(client: Client, address: str) -> list[str]:
    """What each row is called."""
    answer = client.get(address)
    assert answer.status_code == 200
    body = answer.content.decode().split("<tbody>")[-1].split("</tbody>")[0]
    return re.findall(r'<data class="ident-text" value="([^"]+)"', body)


@time_machine.travel(ENDED + timedelta(days=30), tick=False)
def test_a_row_says_how_long_it_took_and_against_what(shipper_client: Client, shipper: Person) -> None:
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=24 * HOUR)
    words = {"broker": "Kim & Co", "warehouse": "03012345", "channel": "inspected", "declared": "before_arrival"}
    row = _took(shipper.organization, 1, 52, reported_seconds=53 * HOUR, working_seconds=18 * HOUR, **words)
    text = shipper_client.get(PAGE).content.decode()
    body = text.split("<tbody>")[1].split("</tbody>")[0]
    plain = " ".join(re.sub("<[^>]*>", " ", html.unescape(body)).split())
    assert f'href="/shipments/{row.shipment_id}/"' in body
    assert plain == (
        "PO-1 14 Feb, 05:01 Korean time 16 Feb, 09:01 Korean time 2 d 4 h 2 d 5 h as reported 18 h "
        "missed 1 d KRPUS 03012345 Kim & Co before arrival inspected"
    )


def test_pages_lead_to_each_other(shipper_client: Client, shipper: Person) -> None:
    for number in range(53):
        _took(shipper.organization, number, 1)
    first = shipper_client.get(PAGE)
    assert (first.context["total"], len(first.context["lines"])) == (53, 50)
    assert _shown(shipper_client, first.context["older_url"]) == ["PO-2", "PO-1", "PO-0"]
    assert len(_shown(shipper_client, f"{PAGE}&cursor=nonsense")) == 50


def test_a_group_may_be_what_is_not_known(shipper_client: Client, shipper: Person) -> None:
    _took(shipper.organization, 1, 1, broker="Kim")
    _took(shipper.organization, 2, 1)
    assert _shown(shipper_client, f"{PAGE}&group_by=broker&group=") == ["PO-2"]
    assert _shown(shipper_client, f"{PAGE}&group_by=broker&group=Kim") == ["PO-1"]
    assert _shown(shipper_client, f"{PAGE}&group_by=broker") == ["PO-2", "PO-1"]
    text = shipper_client.get(f"{PAGE}&group_by=broker&group=").content.decode()
    assert "Customs broker: <b>not known</b>" in text


def test_the_file_has_the_same_rows_and_no_formula(shipper_client: Client, shipper: Person) -> None:
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=2 * HOUR)
    one = _took(shipper.organization, 1, 1, broker="=1+1")
    two = _took(shipper.organization, 2, 3)
    answer = shipper_client.get(f"{FILE}&only=slowest")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["shipment"], row["reference"], row["seconds"], row["met"]) for row in rows] == [
        (str(two.shipment_id), "PO-2", "10800", "false"),
        (str(one.shipment_id), "PO-1", "3600", "true"),
    ]
    assert rows[1]["broker"] == "'=1+1"
    assert rows[0]["started_at"] == "2026-02-15T21:02:00Z"


def test_without_a_stage_there_is_no_number(shipper_client: Client) -> None:
    for address in ("/lead-times/shipments/?mode=sea", "/lead-times/shipments.csv?mode=sea&stage=lunch"):
        assert shipper_client.get(address).headers["Location"] == "/lead-times/?mode=sea"


def test_a_stranger_sees_none_and_no_target_of_anothers(
    stranger_client: Client, shipper_client: Client, shipper: Person
) -> None:
    target = TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=HOUR)
    _took(shipper.organization, 1, 1)
    assert _shown(stranger_client, PAGE) == []
    assert len(stranger_client.get(FILE).content.decode().splitlines()) == 1
    for address in (PAGE, FILE):
        assert stranger_client.get(f"{address}&target={target.pk}").status_code == 404
        assert shipper_client.get(f"{address}&target={target.pk}").status_code == 200


@pytest.mark.parametrize(
    "query", ["only=some", "target=x", "target=99999999999999999999", "group=%00", "group_by=moon"]
)
def test_what_means_nothing_is_left_out(shipper_client: Client, shipper: Person, query: str) -> None:
    _took(shipper.organization, 1, 1)
    assert _shown(shipper_client, f"{PAGE}&{query}") == ["PO-1"]
