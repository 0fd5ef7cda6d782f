"""Subscriptions and the settings of channels over REST: matrix, filter, roles, many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications.models import Channel, Subscription
from tests.notifications.conftest import a_channel, a_shipment, a_subscription
from tests.people import Person


@pytest.fixture
def program(shipper: Person, key_for: Any, api_client: Callable[..., Client]) -> Client:
    return api_client(key_for(shipper.organization, "subscriptions:write"))


@pytest.fixture
def channel(shipper: Person) -> Channel:
    return a_channel(shipper, user=None)


def send(client: Client, path: str, body: Any, method: str = "post") -> Any:
    return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json")


def test_all_by_the_defaults_and_then_by_a_choice(program: Client, channel: Channel) -> None:
    made = send(program, "subscriptions/", {"channel": channel.pk}).json()
    assert (made["matrix"], made["kinds"], made["eta_hours"]) == ({}, [], 24)
    assert (made["effective"]["customs.held"], made["effective"]["departed"]) == ("now", "digest")
    path = f"subscriptions/{made['id']}/"
    changed = send(program, path, {"matrix": {"departed": "off"}, "eta_hours": 48}, "patch").json()
    assert (changed["matrix"], changed["effective"]["departed"], changed["eta_hours"]) == (
        {"departed": "off"}, "off", 48,
    )  # fmt: skip
    assert program.get(f"/api/v1/{path}").json() == changed


def test_a_saved_filter_and_roles(program: Client, channel: Channel) -> None:
    given = {"channel": channel.pk, "label": "Busan", "filter": {"port_of_discharge": "KRPUS"}, "roles": ["broker"]}
    made = send(program, "subscriptions/", given).json()
    assert (made["label"], made["filter"], made["roles"]) == ("Busan", {"port_of_discharge": "KRPUS"}, ["broker"])
    again = send(program, "subscriptions/", given).json()
    assert again["id"] == made["id"]
    listed = program.get(f"/api/v1/subscriptions/?channel={channel.pk}").json()["results"]
    assert [row["id"] for row in listed] == [made["id"]]


def test_kinds_are_short_for_a_matrix_of_the_channels_kind(program: Client, shipper: Person) -> None:
    hook = a_channel(shipper, "webhook", "https://hooks.example.com/", user=None)
    made = send(program, "subscriptions/", {"channel": hook.pk, "kinds": ["milestone"]}).json()
    assert made["kinds"] == ["milestone"] and made["matrix"]["estimate"] == "off" and "departed" not in made["matrix"]
    none = send(program, f"subscriptions/{made['id']}/", {"kinds": []}, "patch").json()
    assert none["matrix"] == {}


@pytest.mark.parametrize(("channel_kind", "kind"), [("webhook", "departed"), ("email", "milestone")])
def test_a_kind_that_the_channel_is_never_told_is_named(
    program: Client, shipper: Person, channel_kind: str, kind: str
) -> None:
    other = a_channel(
        shipper, channel_kind, "https://hooks.example.com/" if channel_kind == "webhook" else "", user=None
    )
    shipment = a_shipment(shipper.organization)
    for path, about in (("", {}), ("bulk/", {"shipments": [shipment.pk]})):
        given = {"channel": other.pk, "kinds": [kind, "gate_out"], **about}
        answer = send(program, f"subscriptions/{path}", given)
        assert answer.status_code == 400
        told = {"field": "kinds.0", "message": f"Unknown kind of notice: {kind}", "code": "invalid"}
        assert answer.json()["errors"] == [told]
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("matrix.customs.held", {"matrix": {"customs.held": "loud"}}),
        ("matrix.weather", {"matrix": {"weather": "now"}}),
        ("matrix.*", {"matrix": {"*": "now"}}),
        ("kinds", {"matrix": {"departed": "now"}, "kinds": ["departed"]}),
        ("filter.weather", {"filter": {"weather": "fine"}, "label": "x"}),
        ("label", {"filter": {"status": "arrived"}}),
        ("filter.arrived", {"filter": {"arrived": "1"}, "label": "x"}),
        ("filter.eta_after", {"filter": {"eta_after": "2026-03-14"}, "label": "x"}),
        ("kinds.0", {"kinds": ["milestone"]}),
        ("roles.0", {"roles": ["king"], "label": "x"}),
        ("eta_hours", {"eta_hours": 0}),
        ("eta_hours", {"eta_hours": 721}),
        ("filter", {"shipment": 1, "filter": {"status": "arrived"}, "label": "x"}),
        ("roles", {"shipment": 1, "roles": ["broker"], "label": "x"}),
    ],
)
def test_what_makes_no_sense_is_named_and_stores_nothing(
    program: Client, channel: Channel, field: str, body: Any
) -> None:
    answer = send(program, "subscriptions/", {"channel": channel.pk, **body})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert Subscription.objects.count() == 0


def test_a_name_that_is_used_is_named(program: Client, channel: Channel) -> None:
    a_subscription(channel, label="Busan", filter={"mode": "sea"})
    given = {"channel": channel.pk, "label": "Busan", "filter": {"mode": "air"}}
    (error,) = send(program, "subscriptions/", given).json()["errors"]
    assert (error["field"], error["code"]) == ("label", "not_unique")


def test_a_channel_that_is_not_proved_is_named(program: Client, shipper: Person) -> None:
    for kind, address, words in (
        ("email", "desk@example.com", "Confirm the address with its code first."),
        ("webhook", "https://hooks.example.com/", "It has to answer its challenge first."),
    ):
        unproved = a_channel(shipper, kind, address, user=None, verified_at=None)
        (error,) = send(program, "subscriptions/", {"channel": unproved.pk}).json()["errors"]
        assert error == {"field": "channel", "message": words, "code": "not_verified"}
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("zone", {"zone": "Europe/Atlantis"}),
        ("quiet_until", {"quiet_from": "22:00"}),
        ("quiet_from", {"quiet_until": "07:00"}),
        ("quiet_until", {"quiet_from": "22:00", "quiet_until": "22:00"}),
        ("digest_days", {"digest_days": []}),
    ],
)
def test_a_wrong_setting_is_named_and_changes_nothing(
    program: Client, channel: Channel, field: str, given: dict[str, Any]
) -> None:
    answer = send(program, f"channels/{channel.pk}/", given, "patch")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    channel.refresh_from_db()
    assert (channel.zone, channel.quiet_from, channel.quiet_until, channel.digest_days) == ("", None, None, 0b11111)


def test_a_channel_with_one_hour_twice_from_before_is_still_named(program: Client, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(quiet_from="22:00", quiet_until="22:00")
    assert send(program, f"channels/{channel.pk}/", {"name": "Desk"}, "patch").status_code == 200
    assert send(program, f"channels/{channel.pk}/", {"quiet_from": "22:00"}, "patch").status_code == 400
    channel.refresh_from_db()
    assert channel.name == "Desk"


def test_many_at_once(program: Client, channel: Channel, shipper: Person, stranger: Person) -> None:
    ours = [a_shipment(shipper.organization).pk for _number in range(3)]
    theirs = a_shipment(stranger.organization).pk
    given = {"channel": channel.pk, "shipments": [*ours, theirs], "matrix": {"departed": "now"}}
    assert send(program, "subscriptions/bulk/", given).json() == {"subscribed": ours, "ended": 0, "unknown": [theirs]}
    rows = Subscription.objects.order_by("shipment_id")
    assert [(row.shipment_id, row.matrix) for row in rows] == [(pk, {"departed": "now"}) for pk in ours]
    end = {"channel": channel.pk, "shipments": ours[:2], "action": "end"}
    assert send(program, "subscriptions/bulk/", end).json() == {"subscribed": [], "ended": 2, "unknown": []}
    assert Subscription.objects.get(ended_at__isnull=True).shipment_id == ours[2]


def test_many_cost_as_much_as_few(program: Client, channel: Channel, shipper: Person) -> None:
    ours = [a_shipment(shipper.organization).pk for _number in range(40)]
    costs = []
    for number in (2, 40):
        body = {"channel": channel.pk, "shipments": ours[:number]}
        send(program, "subscriptions/bulk/", body)
        with CaptureQueriesContext(connection) as statements:
            send(program, "subscriptions/bulk/", body)
        costs.append(len(statements))
    assert costs[0] == costs[1]
    too_many = {"channel": channel.pk, "shipments": list(range(1, 502))}
    assert send(program, "subscriptions/bulk/", too_many).status_code == 400


def test_the_settings_of_a_channel(program: Client, channel: Channel) -> None:
    given = {
        "name": "Desk", "language": "ko", "zone": "Asia/Seoul", "quiet_from": "22:00", "quiet_until": "07:00",
        "bypass_quiet": True, "digest_at": "09:30", "digest_days": ["mon", "sun"],
    }  # fmt: skip
    row = send(program, f"channels/{channel.pk}/", given, "patch").json()
    assert (row["quiet_from"], row["quiet_until"], row["digest_at"]) == ("22:00:00", "07:00:00", "09:30:00")
    assert {name: row[name] for name in ("name", "language", "zone", "bypass_quiet", "digest_days", "state")} == {
        "name": "Desk", "language": "ko", "zone": "Asia/Seoul", "bypass_quiet": True, "digest_days": ["mon", "sun"],
        "state": "on",
    }  # fmt: skip
    channel.refresh_from_db()
    assert channel.digest_days == 0b1000001


@pytest.mark.parametrize(
    "body",
    [
        {"digest_days": []}, {"digest_days": ["moonday"]}, {"digest_days": "mon"}, {"zone": "Europe/Atlantis"},
        {"quiet_from": "22:00"}, {"digest_at": None}, {"language": "xx"}, {"verified_at": "2026-03-14"},
    ],
)  # fmt: skip
def test_a_wrong_setting_is_400_and_changes_nothing(program: Client, channel: Channel, body: Any) -> None:
    before = Channel.objects.values().get()
    assert send(program, f"channels/{channel.pk}/", {"name": "x", **body}, "patch").status_code == 400
    assert Channel.objects.values().get() == before


def test_a_stranger_gets_404_and_changes_nothing(
    shipper: Person, channel: Channel, stranger: Person, key_for: Any, api_client: Callable[..., Client]
) -> None:
    theirs = api_client(key_for(stranger.organization, "subscriptions:write"))
    shipment = a_shipment(shipper.organization)
    subscription = a_subscription(channel, shipment)
    bulk = {"channel": channel.pk, "shipments": [shipment.pk]}
    assert send(theirs, f"subscriptions/{subscription.pk}/", {"eta_hours": 1}, "patch").status_code == 404
    assert theirs.get(f"/api/v1/subscriptions/{subscription.pk}/").status_code == 404
    assert send(theirs, f"channels/{channel.pk}/", {"name": "x"}, "patch").status_code == 404
    for body in (bulk, {**bulk, "action": "end"}):
        assert send(theirs, "subscriptions/bulk/", body).status_code == 404
    subscription.refresh_from_db()
    assert (subscription.eta_hours, subscription.ended_at, Subscription.objects.count()) == (24, None, 1)
    assert Channel.objects.get().name == ""


def effective(client: Client, subscription: Subscription) -> dict[str, str]:
    found: dict[str, str] = client.get(f"/api/v1/subscriptions/{subscription.pk}/").json()["effective"]
    return found


def test_effective_is_what_holds_for_ones_part_in_the_shipment(
    program: Client, channel: Channel, shipper: Person
) -> None:
    """A carrier hears of less than a consignee; the registrant by what the organization is."""
    carried, owned = a_shipment(shipper.organization), a_shipment(shipper.organization)
    carried.parties.update(role="carrier")
    of_carrier, of_owner = a_subscription(channel, carried), a_subscription(channel, owned)
    told = effective(program, of_carrier)
    assert (told["customs.released"], told["deadline.near"], told["arrived"]) == ("now", "digest", "off")
    told = effective(program, of_owner)
    assert (told["customs.released"], told["deadline.near"], told["arrived"]) == ("now", "now", "digest")


def test_effective_of_many_goes_by_the_chosen_part_or_what_the_organization_is(
    program: Client, channel: Channel, shipper: Person
) -> None:
    assert shipper.organization
    to_all = a_subscription(channel)
    as_carrier = a_subscription(channel, label="Carried", roles=["carrier"], matrix={"arrived": "now"})
    assert effective(program, to_all)["deadline.near"] == "now"
    told = effective(program, as_carrier)
    assert (told["deadline.near"], told["departed"], told["arrived"]) == ("digest", "off", "now")
    shipper.organization.kind = "warehouse"
    shipper.organization.save()
    told = effective(program, to_all)
    assert (told["customs.released"], told["deadline.near"], told["arrived"]) == ("now", "off", "off")


def test_anothers_part_in_the_shipment_changes_nothing(
    program: Client, channel: Channel, shipper: Person, stranger: Person
) -> None:
    shipment = a_shipment(shipper.organization, stranger.organization)
    shipment.parties.filter(organization=shipper.organization).update(role="warehouse")
    assert effective(program, a_subscription(channel, shipment))["deadline.near"] == "off"
