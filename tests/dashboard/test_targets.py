"""The page of targets: set, changed and taken back by ordinary forms, and how one stands against them."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cargo import targets
from cargo.models import StageTime, TargetTime
from clis.accounts.models import Membership, Organization
from tests.factories import a_registered_shipment
from tests.people import Person, a_person

pytestmark = pytest.mark.django_db
PAGE = "/lead-times/targets/"
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)
HOUR = 3600
CLEAR = "import_declared__customs_released"
RIGHT = {"stage": CLEAR, "mode": "sea", "port": "krpus", "hours": "36", "clock": "elapsed"}


@pytest.fixture
def reader(shipper: Person) -> Client:
    assert shipper.organization
    return a_person("Vera", shipper.organization, Membership.Role.VIEWER).client()


def _took(owner: Organization | None, number: int, hours: float | None, **words: Any) -> None:
    """A stage that ended a week ago, or began so many hours ago and is open."""
    shipment = a_registered_shipment(owner, ("house_bill", f"KOSHA{number:07d}"))
    ended, seconds = NOW - timedelta(days=7), None if hours is None else int(hours * HOUR)
    plain: dict[str, Any] = {"mode": "sea", "port": "KRPUS", "organization": owner, "month": "2026-03"}
    if seconds is not None:
        times = {"started_at": ended - timedelta(seconds=seconds), "ended_at": ended}
        plain |= times | {"seconds": seconds, "working_seconds": seconds // 2}
    StageTime.objects.create(shipment=shipment, stage=CLEAR, **(plain | words))


def test_a_target_is_set_changed_and_taken_back(shipper_client: Client, shipper: Person) -> None:
    assert "There is no target yet" in shipper_client.get(PAGE).content.decode()
    answer = shipper_client.post(PAGE, RIGHT, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    target = TargetTime.objects.get()
    told = (target.organization_id, target.stage, target.mode, target.port, target.seconds, target.clock)
    assert shipper.organization
    assert told == (shipper.organization.pk, CLEAR, "sea", "KRPUS", 36 * HOUR, "elapsed")
    text = answer.content.decode()
    assert "The target is set." in text and "1 d 12 h" in text
    one = f"{PAGE}{target.pk}/"
    assert 'value="36"' in shipper_client.get(one).content.decode()
    shipper_client.post(one, {"hours": "1.5", "clock": "working", "step": "change"})
    target.refresh_from_db()
    assert (target.seconds, target.clock) == (5400, "working")
    shipper_client.post(PAGE, RIGHT)
    target.refresh_from_db()
    assert TargetTime.objects.count() == 1 and target.seconds == 36 * HOUR
    assert shipper_client.post(one, {"step": "remove"}).headers["Location"] == PAGE
    assert not TargetTime.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "told", "korean"),
    [
        ({"stage": ""}, "Choose the stage.", None),
        ({"stage": "lunch"}, "Select a valid choice", "올바르게 선택"),
        ({"hours": ""}, "Say how many hours it may take.", None),
        ({"hours": "0"}, "greater than or equal to 0.01", "0.01 이상"),
        ({"hours": "20000"}, "less than or equal to 10000", "10000 이하"),
        ({"hours": "nan"}, "Enter a number.", "숫자를 입력"),
        ({"hours": "1e400"}, "Enter a number.", "숫자를 입력"),
        ({"port": "B1"}, "Give a UN/LOCODE of five characters", "KRPUS"),
        ({"clock": "moon"}, "Select a valid choice", "올바르게 선택"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    shipper_client: Client, shipper: Person, wrong: dict[str, str], told: str, korean: str | None
) -> None:
    answer = shipper_client.post(PAGE, RIGHT | wrong)
    (name,) = wrong
    text = answer.content.decode()
    assert answer.status_code == 400
    assert told in html.unescape(text) and f'aria-describedby="target-{name}-error"' in text
    assert f'id="target-{name}-error"' in text
    assert not TargetTime.objects.exists()
    shipper.user.language = "ko"
    shipper.user.save()
    shipper_client.cookies["django_language"] = "ko"
    if korean is not None:
        assert korean in html.unescape(shipper_client.post(PAGE, RIGHT | wrong).content.decode())


def test_there_is_an_end_to_them(shipper_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "MAX_TARGETS", 0)
    answer = shipper_client.post(PAGE, RIGHT)
    assert answer.status_code == 400 and "200 targets at most" in answer.content.decode()
    assert not TargetTime.objects.exists()


def test_who_only_reads_sees_them_and_changes_none(reader: Client, shipper: Person) -> None:
    target = TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=HOUR)
    text = reader.get(PAGE).content.decode()
    assert "Import declared to released" in text
    assert "<form" not in text.split("<main")[1].split("</main>")[0]
    one = f"{PAGE}{target.pk}/"
    assert [reader.get(one).status_code, reader.post(PAGE, RIGHT).status_code] == [403, 403]
    assert reader.post(one, {"step": "remove"}).status_code == 403
    assert reader.post(one, {"hours": "3", "clock": "elapsed"}).status_code == 403
    assert [(row.pk, row.seconds) for row in TargetTime.objects.all()] == [(target.pk, HOUR)]


def test_anothers_do_not_exist(stranger_client: Client, shipper: Person) -> None:
    target = TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=HOUR)
    one = f"{PAGE}{target.pk}/"
    assert "There is no target yet" in stranger_client.get(PAGE).content.decode()
    assert stranger_client.get(one).status_code == stranger_client.post(one, {"step": "remove"}).status_code == 404
    assert TargetTime.objects.get().seconds == HOUR


def test_the_operator_sees_everybodys_and_whose_they_are(staff_client: Client, shipper: Person) -> None:
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=HOUR)
    text = staff_client.get(PAGE).content.decode()
    assert "Alice Imports" in text and "Set a target" not in text
    assert staff_client.post(PAGE, RIGHT).status_code == 403
    assert TargetTime.objects.count() == 1


@time_machine.travel(NOW, tick=False)
def test_how_one_stands_and_what_is_behind_it(shipper_client: Client, shipper: Person, stranger: Person) -> None:
    owner = {"organization": shipper.organization, "stage": CLEAR}
    TargetTime.objects.create(**owner, seconds=10 * HOUR)
    TargetTime.objects.create(**owner, port="KRINC", seconds=4 * HOUR, clock="working")
    for number, hours in enumerate((5, 10, 11)):
        _took(shipper.organization, number, hours)
    _took(shipper.organization, 10, 8, port="KRINC")
    _took(shipper.organization, 11, 100, ended_at=NOW - timedelta(days=91))
    _took(stranger.organization, 12, 100)
    for number, hours in enumerate((7, 8, 11, 12), 20):
        _took(shipper.organization, number, None, started_at=NOW - timedelta(hours=hours))
    answer = shipper_client.get(PAGE)
    lines = {line.target.port: line for line in answer.context["lines"]}
    assert lines[""].against == (2, 1, 1, 2)
    assert lines["KRINC"].against == (1, 0, 0, 0)
    for line in lines.values():
        for only, number in zip(("met", "missed", "at_risk", "overdue"), line.against, strict=True):
            behind = shipper_client.get(line.urls[only])
            assert behind.context["total"] == len(behind.context["lines"]) == number, (line.target.port, only)


@time_machine.travel(NOW, tick=False)
def test_a_value_is_suggested_from_what_is_usual(shipper_client: Client, shipper: Person, stranger: Person) -> None:
    for number, hours in enumerate((1, 2, 3, 4, 5)):
        _took(shipper.organization, number, hours)
    _took(stranger.organization, 8, 500)
    answer = shipper_client.get(PAGE)
    (found,) = answer.context["suggestions"]
    assert found.usual == (5, 4 * HOUR, 2 * HOUR)
    assert found.elapsed_url == f"{PAGE}?stage={CLEAR}&hours=4.00&clock=elapsed#new"
    text = shipper_client.get(found.working_url.split("#")[0]).content.decode()
    assert re.search(r'<option value="working" selected>', text) and 'value="2.00"' in text
