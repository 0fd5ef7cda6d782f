"""The delivery log as a page, a table and over REST: filters, pages, tries, why, and once more."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from cargo.models import Shipment, ShipmentReference, ShipmentStatus
from notifications.models import Attempt, Delivery
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, a_subscription, an_update
from tests.people import Person, a_person

ENDED: dict[str, Any] = {"next_attempt_at": None}


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_shipment(shipper.organization)


@pytest.fixture
def program(shipper: Person, key_for: Any, api_client: Callable[..., Client]) -> Client:
    return api_client(key_for(shipper.organization, "subscriptions:write"))


@pytest.fixture
def told(shipper: Person, shipment: Shipment) -> dict[str, Delivery]:
    """A mail that was sent, a text that failed, a call that nobody knows of, and a digest of two."""
    mail, text = a_channel(shipper, name="Desk"), a_channel(shipper, "sms")
    hook = a_channel(shipper, "webhook", "https://hooks.example.com/", user=None)
    to_all = a_subscription(mail)
    rows = {
        "mail": a_delivery(an_update(shipment), mail, state="sent", subscription=to_all, **ENDED),
        "text": a_delivery(an_update(shipment, "deadline.near"), text, state="failed", reason="no route", **ENDED),
        "call": a_delivery(an_update(shipment, "gate_out"), hook, state="unknown", reason="interrupted", **ENDED),
        "digest": Delivery.objects.create(
            channel=mail, kind="email", recipient=mail.recipient, state="sent", digest_at=timezone.now(), **ENDED
        ),
    }
    for kind in ("exception.opened", "deadline.set"):
        a_delivery(an_update(shipment, kind), mail, state="sent", gathered_in=rows["digest"], **ENDED)
    Attempt.objects.create(delivery=rows["text"], outcome="temporary", segments=2, cost="0.05")
    Attempt.objects.create(delivery=rows["text"], outcome="permanent", segments=2, cost="0.05", detail="no route")
    Attempt.objects.create(
        delivery=rows["call"], outcome="unknown", status=502, request='{"type": "gate_out"}', answer="<b>Bad</b>"
    )
    Delivery.objects.filter(pk=rows["mail"].pk).update(created_at=timezone.now() - timedelta(days=3))
    return rows


def ids(answer: Any) -> set[int]:
    return {row["id"] for row in answer.json()["results"]}


def test_a_row_says_what_to_whom_why_and_what_it_cost(
    shipper: Person, shipper_client: Client, told: dict[str, Delivery]
) -> None:
    page = shipper_client.get("/notices/log/").content.decode()
    assert "Released by customs" in page and "KOSHA2603001" in page and "alice@example.com" in page
    assert "This channel is subscribed to all shipments of Alice Imports." in page
    assert "4 segments · 0.1" in page and "no route" in page and "2 pieces of news" in page
    assert f"/notices/log/{told['text'].pk}/again/" in page and f"/notices/log/{told['mail'].pk}/again/" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "failed"}, {"text"}),
        ({"failed": "true"}, {"text", "call"}),
        ({"channel_kind": "webhook"}, {"call"}),
        ({"kind": "customs.released"}, {"mail"}),
        ({"kind": "digest"}, {"digest"}),
        ({"address": "ALICE@example.com", "kind": "digest"}, {"digest"}),
        ({"address": "desk", "kind": "customs.released"}, {"mail"}),
        ({"address": "ALICE@", "kind": "customs.released"}, {"mail"}),
        ({"address": "hooks.example"}, {"call"}),
        ({"address": "esk", "kind": "digest"}, {"digest"}),
        ({"address": "nobody@example.com"}, set()),
        ({"address": "%"}, set()),
        ({"kind": "gate_out", "state": "sent"}, set()),
    ],
)
def test_filters_by_page_and_by_api(
    shipper_client: Client, told: dict[str, Delivery], query: dict[str, str], found: set[str]
) -> None:
    expected = {told[name].pk for name in found}
    assert ids(shipper_client.get("/api/v1/deliveries/", query)) == expected
    page = shipper_client.get("/notices/log/", query)
    assert {row.id for row in page.context["rows"]} == expected
    table = csv.DictReader(shipper_client.get("/notices/log.csv", query).content.decode("utf-8-sig").splitlines())
    assert {int(row["id"]) for row in table} == expected


def test_since_until_shipment_and_channel(
    shipper: Person, shipper_client: Client, told: dict[str, Delivery], shipment: Shipment
) -> None:
    other = a_delivery(an_update(a_shipment(shipper.organization)), told["mail"].channel, state="sent", **ENDED)
    before = (timezone.now() - timedelta(days=1)).isoformat()
    assert ids(shipper_client.get("/api/v1/deliveries/", {"until": before})) == {told["mail"].pk}
    assert told["mail"].pk not in ids(shipper_client.get("/api/v1/deliveries/", {"since": before}))
    assert other.pk not in ids(shipper_client.get("/api/v1/deliveries/", {"shipment": shipment.pk}))
    assert ids(shipper_client.get("/api/v1/deliveries/", {"channel": told["text"].channel_id})) == {told["text"].pk}
    day = (timezone.localdate() - timedelta(days=1)).isoformat()
    assert {row.id for row in shipper_client.get("/notices/log/", {"until": day}).context["rows"]} == {told["mail"].pk}


def test_the_last_day_counts_and_days_before_2000_do_not(
    shipper: Person, shipper_client: Client, told: dict[str, Delivery]
) -> None:
    today = timezone.localdate(timezone=ZoneInfo(shipper.user.time_zone)).isoformat()
    assert len(shipper_client.get("/notices/log/", {"until": today}).context["rows"]) == 6
    for odd in ("0001-01-01", "1999-12-31", "9999-12-31"):
        page = shipper_client.get("/notices/log/", {"since": odd, "until": odd})
        assert (page.status_code, len(page.context["rows"]), page.context["chosen"]) == (200, 6, "")


def test_a_wrong_filter_is_left_out_of_the_page_and_refused_by_the_api(
    shipper_client: Client, told: dict[str, Delivery]
) -> None:
    assert len(shipper_client.get("/notices/log/?state=lost&cursor=x&since=never").context["rows"]) == 6
    for query in ("state=lost", "kind=weather", "since=never", "channel_kind=pigeon", "failed=perhaps"):
        assert shipper_client.get(f"/api/v1/deliveries/?{query}").status_code == 400


def test_pages_by_key(shipper: Person, shipper_client: Client, shipment: Shipment) -> None:
    channel = a_channel(shipper)
    rows = [a_delivery(an_update(shipment), channel) for _number in range(52)]
    first = shipper_client.get("/notices/log/?state=pending")
    assert [row.id for row in first.context["rows"]] == [row.pk for row in rows[:1:-1]]
    second = shipper_client.get("/notices/log/?" + first.context["older_query"])
    assert [row.id for row in second.context["rows"]] == [rows[1].pk, rows[0].pk]
    assert second.context["older_query"] == "" and "state=pending" in first.context["older_query"]


def test_one_delivery_with_every_try(shipper_client: Client, told: dict[str, Delivery]) -> None:
    page = shipper_client.get(f"/notices/log/{told['call'].pk}/").content.decode()
    assert "HTTP 502" in page and "&lt;b&gt;Bad&lt;/b&gt;" in page and "Why it was sent" in page
    rows = shipper_client.get(f"/api/v1/deliveries/{told['text'].pk}/attempts/").json()["results"]
    assert [(row["outcome"], row["segments"], Decimal(row["cost"])) for row in rows] == [
        ("temporary", 2, Decimal("0.05")),
        ("permanent", 2, Decimal("0.05")),
    ]
    (row,) = shipper_client.get(f"/api/v1/deliveries/{told['call'].pk}/attempts/").json()["results"]
    assert (row["status"], row["request"], row["answer"]) == (502, '{"type": "gate_out"}', "<b>Bad</b>")
    one = shipper_client.get(f"/api/v1/deliveries/{told['digest'].pk}/").json()
    assert (one["kind"], one["shipment"], one["update"], one["gathered"]) == ("digest", None, None, 2)
    why = shipper_client.get(f"/api/v1/deliveries/{told['mail'].pk}/").json()["why"]
    assert (why["code"], why["subscription"]) == ("all", told["mail"].subscription_id)


def test_why_ends_with_one_click(shipper_client: Client, told: dict[str, Delivery]) -> None:
    page = shipper_client.get(f"/notices/log/{told['mail'].pk}/").content.decode()
    path = f"/notices/subscriptions/{told['mail'].subscription_id}/end/"
    assert path in page
    assert shipper_client.post(path, {"from": "log"})["Location"] == "/notices/log/"
    assert "It has ended since." in shipper_client.get(f"/notices/log/{told['mail'].pk}/").content.decode()


def test_sent_again(shipper_client: Client, told: dict[str, Delivery]) -> None:
    path = f"/notices/log/{told['text'].pk}/"
    assert shipper_client.post(f"{path}again/")["Location"] == path
    told["text"].refresh_from_db()
    assert told["text"].state == "pending"
    answer = shipper_client.post(f"/notices/log/{told['mail'].pk}/again/", follow=True)
    assert "It was sent, or is about to be." in answer.content.decode()


def test_a_colleague_sees_no_address_and_nothing_of_what_was_said(
    shipper: Person, program: Client, told: dict[str, Delivery]
) -> None:
    assert shipper.organization
    eve = a_person("Eve", shipper.organization).client()
    told["text"].tries.update(detail="no route to +8210", request="{}")
    number = told["text"].channel.address
    Delivery.objects.filter(pk=told["text"].pk).update(reason=f"no route to {number}")
    for client in (eve, program):
        row = client.get(f"/api/v1/deliveries/{told['text'].pk}/").json()
        assert row["address"] == told["text"].channel.masked and number not in row["reason"]
        assert {try_["request"] for try_ in client.get(
            f"/api/v1/deliveries/{told['text'].pk}/attempts/").json()["results"]} == {""}  # fmt: skip
        assert ids(client.get("/api/v1/deliveries/", {"address": number})) == set()
    page = eve.get(f"/notices/log/{told['text'].pk}/").content.decode()
    assert number not in page and "again/" not in page
    assert eve.post(f"/notices/log/{told['text'].pk}/again/").status_code == 403
    told["text"].refresh_from_db()
    assert told["text"].state == "failed"


@pytest.mark.parametrize("path", ["/notices/log/{}/", "/api/v1/deliveries/{}/", "/api/v1/deliveries/{}/attempts/"])
def test_a_stranger_finds_nothing(stranger_client: Client, told: dict[str, Delivery], path: str) -> None:
    assert stranger_client.get(path.format(told["mail"].pk)).status_code == 404
    assert stranger_client.get("/notices/log/").context["rows"] == []
    assert stranger_client.get("/notices/log.csv").content.decode().count("\n") == 1
    assert stranger_client.post(f"/notices/log/{told['text'].pk}/again/").status_code == 404
    told["text"].refresh_from_db()
    assert told["text"].state == "failed"


def test_a_cell_is_no_formula(shipper: Person, shipper_client: Client, shipment: Shipment) -> None:
    a_delivery(an_update(shipment), a_channel(shipper, "sms"), state="failed", reason="=HYPERLINK()", **ENDED)
    table = csv.DictReader(shipper_client.get("/notices/log.csv").content.decode("utf-8-sig").splitlines())
    (row,) = table
    assert row["reason"] == "'=HYPERLINK()" and row["address"].startswith("'+82")


@pytest.fixture
def numbered(shipper: Person, stranger: Person) -> dict[str, Delivery]:
    """One told of a shipment with a bill, a container and a reference of its own; one of another's shipment with the
    same bill, to which Alice is party; and one of neither."""
    ours = a_shipment(shipper.organization, own_reference="PO-17")
    theirs = a_shipment(stranger.organization, shipper.organization, own_reference="PO-18")
    for shipment in (ours, theirs):
        ShipmentReference.objects.create(shipment=shipment, kind="house_bill", value="KOSHA2603001")
        ShipmentStatus.objects.get_or_create(shipment=shipment)
    ShipmentReference.objects.create(shipment=ours, kind="container", value="HDMU6546583")
    mail = a_channel(shipper)
    shipments = {"ours": ours, "theirs": theirs, "bare": a_shipment(shipper.organization)}
    return {name: a_delivery(an_update(row), mail, state="sent", **ENDED) for name, row in shipments.items()}


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("KOSHA2603001", {"ours", "theirs"}),
        (" kosha 2603-001 ", {"ours", "theirs"}),
        ("KOSHA26", {"ours", "theirs"}),
        ("HDMU 654658 3", {"ours"}),
        ("PO-17", {"ours"}),
        (" po-17 ", {"ours"}),
        ("kosha2603", {"ours", "theirs"}),
        ("PO-18", set()),
        ("MSKU9070323", set()),
    ],
)
def test_by_a_number_or_ones_own_reference(
    shipper_client: Client, numbered: dict[str, Delivery], number: str, found: set[str]
) -> None:
    expected = {numbered[name].pk for name in found}
    assert ids(shipper_client.get("/api/v1/deliveries/", {"reference": number})) == expected
    page = shipper_client.get("/notices/log/", {"number": number})
    assert {row.id for row in page.context["rows"]} == expected
    table = csv.DictReader(shipper_client.get("/notices/log.csv", {"number": number}).content.decode().splitlines())
    assert len(list(table)) == len(expected)


def test_a_number_together_with_another_filter(shipper_client: Client, numbered: dict[str, Delivery]) -> None:
    Delivery.objects.filter(pk=numbered["theirs"].pk).update(state="failed")
    query = {"reference": "KOSHA2603001", "state": "failed"}
    assert ids(shipper_client.get("/api/v1/deliveries/", query)) == {numbered["theirs"].pk}


def test_a_strangers_log_has_nothing_of_a_number(stranger_client: Client, numbered: dict[str, Delivery]) -> None:
    for number in ("KOSHA2603001", "PO-17"):
        assert ids(stranger_client.get("/api/v1/deliveries/", {"reference": number})) == set()
        assert stranger_client.get("/notices/log/", {"number": number}).context["rows"] == []


def test_a_way_that_is_switched_off_is_not_called_sms(
    shipper: Person, shipper_client: Client, shipment: Shipment
) -> None:
    chat = a_channel(shipper, "chat", "Slack 12ab34cd")
    a_delivery(an_update(shipment), chat, state="skipped", reason="transport_off", **ENDED)
    (row,) = shipper_client.get("/notices/log/").context["rows"]
    assert row.reason_text == "This kind of channel is not set up here."
