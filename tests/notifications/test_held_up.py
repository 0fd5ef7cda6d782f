"""A delivery's page: what holds it up, each thing said once, whom it was for; a milestone has its name in the log."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from notifications.models import Attempt, Delivery, Endpoint
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update
from tests.notifications.receivers import a_call, an_endpoint
from tests.people import Person, a_person

URL = "https://hooks.example.com/clis"


@pytest.fixture
def waiting(shipper: Person) -> Delivery:
    """Due a minute ago, behind a webhook."""
    endpoint, _secret = an_endpoint(shipper, URL)
    due = timezone.now() - timedelta(minutes=1)
    return a_call(an_update(a_shipment(shipper.organization)), endpoint, next_attempt_at=due)


def facts(client: Client, delivery: Delivery) -> dict[str, str]:
    """What the page's list of facts says, by name; a time as the page has it for machines."""
    page = client.get(f"/notices/log/{delivery.pk}/").content.decode()
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    times = {name: re.search(r'datetime="([^"]+)"', value) for name, value in found}
    return {name: time[1] if (time := times[name]) else re.sub(r"<.*?>", "", value) for name, value in found}


def instant(at: Any) -> str:
    return str(at.astimezone(timezone.get_fixed_timezone(540)).isoformat())


def test_one_that_waits_for_nothing_but_its_time(shipper_client: Client, waiting: Delivery) -> None:
    said = facts(shipper_client, waiting)
    assert said["next try"] == instant(waiting.next_attempt_at)
    assert not {"webhook", "paused since", "paused until"} & said.keys()


def test_behind_a_webhook_that_a_person_paused(shipper_client: Client, waiting: Delivery) -> None:
    since = timezone.now() - timedelta(hours=2)
    Endpoint.objects.update(held_at=since)
    said = facts(shipper_client, waiting)
    assert (said["webhook"], said["paused since"]) == ("paused by hand", instant(since))
    assert said["next try"] == "once the webhook is resumed" and "paused until" not in said
    assert "The webhook is paused by hand." in shipper_client.get("/notices/log/").content.decode()
    assert (
        f'href="/notices/webhooks/{waiting.channel_id}/"'
        in shipper_client.get(f"/notices/log/{waiting.pk}/").content.decode()
    )


def test_behind_a_webhook_that_is_paused_by_its_failures(shipper_client: Client, waiting: Delivery) -> None:
    until = timezone.now() + timedelta(hours=2)
    Endpoint.objects.update(paused_until=until, failures=11)
    said = facts(shipper_client, waiting)
    assert (said["webhook"], said["paused until"]) == ("paused: it fails", instant(until))
    assert said["next try"] == instant(until) and "paused since" not in said
    assert "paused because it fails" in shipper_client.get("/notices/log/").content.decode()
    Delivery.objects.update(next_attempt_at=until + timedelta(hours=1))
    assert facts(shipper_client, waiting)["next try"] == instant(until + timedelta(hours=1))


def test_one_that_has_ended_is_not_held_up(shipper_client: Client, waiting: Delivery) -> None:
    Endpoint.objects.update(held_at=timezone.now())
    Delivery.objects.update(state="sent", finished_at=timezone.now(), next_attempt_at=None)
    assert not {"webhook", "paused since", "next try"} & facts(shipper_client, waiting).keys()
    assert "paused" not in shipper_client.get("/notices/log/").content.decode()


def test_a_status_is_said_once(shipper_client: Client, waiting: Delivery) -> None:
    Delivery.objects.update(reason="HTTP 500", attempts=1)
    Attempt.objects.create(delivery=waiting, outcome="temporary", detail="HTTP 500", status=500)
    path = f"/notices/log/{waiting.pk}/"
    assert shipper_client.get(path).content.decode().count("HTTP 500") == 1
    assert "HTTP 500" in shipper_client.get("/notices/log/").content.decode()
    gone = "HTTP 410: the endpoint wants no more"
    Delivery.objects.update(reason=gone, state="failed", finished_at=timezone.now())
    Attempt.objects.update(detail=gone, status=410)
    page = shipper_client.get(path).content.decode()
    assert (page.count("HTTP 410"), page.count("the endpoint wants no more")) == (1, 1)


def test_why_is_asked_by_whom_it_was_sent_to_alone(shipper: Person, shipper_client: Client, waiting: Delivery) -> None:
    assert shipper.organization
    eve = a_person("Eve", shipper.organization)
    mine, hers = a_channel(shipper), a_channel(eve)
    shared = a_channel(shipper, address="desk@example.com", user=None)
    update = waiting.update
    assert update
    told = {channel: a_delivery(update, channel) for channel in (mine, hers, shared)}
    pages = {channel: shipper_client.get(f"/notices/log/{told[channel].pk}/").content.decode() for channel in told}
    assert [("Why did I get this?" in page, "Why it was sent" in page) for page in pages.values()] == [
        (True, False), (False, True), (False, True),
    ]  # fmt: skip
    page = shipper_client.get(f"/notices/log/{waiting.pk}/").content.decode()
    assert "Why it was sent" in page and "Why did I get this?" not in page


@pytest.mark.parametrize(
    ("kind", "data", "english", "korean"),
    [
        ("milestone", {"milestone": "loaded"}, "Milestone: Loaded", "마일스톤: 선적"),
        ("estimate", {"milestone": "arrived"}, "Estimate: Arrived at destination port", "예정: 입항"),
        (
            "milestone",
            {"milestone": "loaded", "references": [{"type": "air_waybill", "value": "180-12345675"}]},
            "Milestone: Loaded",
            "마일스톤: 탑재",
        ),
        ("milestone", {"milestone": None}, "Milestone", "마일스톤"),
    ],
)
def test_the_log_names_the_milestone(
    kind: str, data: dict[str, Any], english: str, korean: str, shipper: Person, shipper_client: Client
) -> None:
    endpoint, _secret = an_endpoint(shipper, URL)
    a_call(an_update(a_shipment(shipper.organization), kind, data=data), endpoint)
    for language, words in (("en", english), ("ko", korean)):
        shipper.user.language = language
        shipper.user.save()
        for path in ("/notices/log/", f"/notices/webhooks/{endpoint.pk}/"):
            assert f">{words}</a>" in shipper_client.get(path).content.decode()
