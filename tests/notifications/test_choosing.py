"""Many at once from the list: those that were ticked, all that its filters show, or the filter itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cargo import booking
from cargo.models import Shipment
from notifications.models import Channel, Subscription
from tests.notifications.conftest import a_channel, a_subscription
from tests.people import Person

PATH = "/notices/choose/"


def registered(person: Person, count: int) -> list[Shipment]:
    assert person.organization
    return [
        booking.register(person.organization.pk, [("master_bill", f"HDMUPUS{number:07d}")]) for number in range(count)
    ]


def test_the_list_offers_it(shipper: Person, shipper_client: Client, staff_client: Client) -> None:
    first, second = registered(shipper, 2)
    page = shipper_client.get("/shipments/").content.decode()
    assert f'name="shipment" value="{first.pk}" form="pick"' in page and "Tick HDMUPUS0000001" in page
    assert f'id="pick" method="get" action="{PATH}"' in page and "Tell me of this filter" not in page
    filtered = shipper_client.get("/shipments/?status=expected&view=needs_you").content.decode()
    assert "Tell me of this filter" not in filtered or 'name="status" value="expected"' in filtered
    # The operator's people are party to nothing and are told nothing.
    assert 'form="pick"' not in staff_client.get("/shipments/").content.decode()


def test_the_ticked_ones(shipper: Person, shipper_client: Client) -> None:
    first, second, _third = registered(shipper, 3)
    channel = a_channel(shipper)
    asked = shipper_client.get(PATH, {"shipment": [first.pk, second.pk]})
    page = asked.content.decode()
    assert asked.status_code == 200 and "The 2 that you ticked" in page and "All 3 in the list now" in page
    assert "HDMUPUS0000000" in page and "Whatever fits this filter" not in page
    assert Subscription.objects.count() == 0
    told = {"shipment": [first.pk, second.pk], "which": "ticked", "channel": channel.pk, "do": "tell"}
    answer = shipper_client.post(PATH, told, follow=True)
    assert "Told from now on of 2 shipments." in answer.content.decode()
    assert sorted(Subscription.objects.values_list("shipment", flat=True)) == [first.pk, second.pk]
    stop = {"shipment": [first.pk], "which": "ticked", "channel": channel.pk, "do": "stop"}
    answer = shipper_client.post(PATH, stop, follow=True)
    assert "No longer told of 1 shipment." in answer.content.decode()
    assert Subscription.objects.get(ended_at__isnull=True).shipment_id == second.pk


def test_all_of_the_list(shipper: Person, shipper_client: Client) -> None:
    first, *_others = registered(shipper, 3)
    channel = a_channel(shipper)
    given = {"search": "HDMUPUS0000000", "which": "listed", "channel": channel.pk, "do": "tell"}
    shipper_client.post(PATH, given)
    assert Subscription.objects.get().shipment_id == first.pk


def test_the_filter_itself(shipper: Person, shipper_client: Client) -> None:
    registered(shipper, 1)
    page = shipper_client.get(PATH, {"port_of_discharge": "KRPUS", "which": "kept"}).content.decode()
    assert "Whatever fits this filter, now and later" in page
    channel = a_channel(shipper)
    given = {"port_of_discharge": "KRPUS", "which": "kept", "label": "Busan", "channel": channel.pk, "do": "tell"}
    assert "Told from now on of “Busan”." in shipper_client.post(PATH, given, follow=True).content.decode()
    subscription = Subscription.objects.get()
    assert (subscription.shipment, subscription.label) == (None, "Busan")
    assert subscription.filter == {"port_of_discharge": "KRPUS"}


def test_a_name_that_is_too_long_is_said_at_its_field(shipper: Person, shipper_client: Client) -> None:
    channel = a_channel(shipper)
    given = {"port_of_discharge": "KRPUS", "which": "kept", "channel": channel.pk, "do": "tell"}
    answer = shipper_client.post(PATH, given | {"label": "x" * 81})
    text = answer.content.decode()
    assert answer.status_code == 400 and 'class="notice" data-tone="bad"' not in text
    assert 'id="label-problem" role="alert">The name has at most 80 characters.<' in text
    assert f'value="{"x" * 81}" aria-describedby="filter-text label-problem" aria-invalid="true"' in text
    assert Subscription.objects.count() == 0
    shipper_client.post(PATH, given | {"label": f" {'x' * 80} "})
    assert Subscription.objects.get().label == "x" * 80


def test_at_ones_own_address_if_there_is_none_yet(shipper: Person, shipper_client: Client) -> None:
    (first,) = registered(shipper, 1)
    assert '<option value="own">alice@example.com' in shipper_client.get(PATH, {"shipment": first.pk}).content.decode()
    shipper_client.post(PATH, {"shipment": first.pk, "which": "ticked", "channel": "own", "do": "tell"})
    assert Channel.objects.get().address == "alice@example.com"
    assert Subscription.objects.get().shipment_id == first.pk


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"which": "ticked"}, "Tick a shipment first."),
        ({"which": ""}, "Tick a shipment first."),
        ({"which": "kept", "status": "arrived"}, "Give the filter a name."),
        ({"which": "kept", "status": "arrived", "label": "\x00"}, "Give the filter a name."),
        ({"which": "kept", "label": "x"}, "This filter cannot be kept."),
        ({"which": "kept", "label": "x", "eta_after": "2026-03-14"}, "This filter cannot be kept."),
        ({"which": "listed", "weather": "fine"}, "The list has no such filter: weather"),
        ({"which": "listed", "status": "arived"}, "The filter status cannot ask for this: arived"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    shipper: Person, shipper_client: Client, given: dict[str, Any], said: str
) -> None:
    registered(shipper, 1)
    channel = a_channel(shipper)
    answer = shipper_client.post(PATH, {**given, "channel": channel.pk, "do": "tell"})
    assert answer.status_code == 400 and said in answer.content.decode()
    assert Subscription.objects.count() == 0


def test_anothers_shipments_are_left_out_and_anothers_channel_is_404(
    shipper: Person, shipper_client: Client, stranger: Person, stranger_client: Client
) -> None:
    (first,) = registered(shipper, 1)
    own = a_channel(stranger)
    page = stranger_client.get(PATH, {"shipment": first.pk}).content.decode()
    assert "that you ticked" not in page and "HDMUPUS" not in page
    given = {"shipment": first.pk, "which": "ticked", "do": "tell"}
    assert stranger_client.post(PATH, {**given, "channel": own.pk}).status_code == 400
    assert shipper_client.post(PATH, {**given, "channel": own.pk}).status_code == 404
    assert Subscription.objects.count() == 0


def test_staff_and_nobody(shipper: Person, staff_client: Client, client: Client) -> None:
    assert staff_client.get(PATH).status_code == 404
    assert "/login/" in client.get(PATH)["Location"]
    assert shipper.client().get(PATH, {"shipment": "9" * 30}).status_code == 404


def test_five_hundred_cost_as_much_as_two(shipper: Person, shipper_client: Client) -> None:
    rows = registered(shipper, 30)
    channel = a_channel(shipper)
    a_subscription(channel, rows[0])
    costs = []
    for number in (2, 30):
        given = {"shipment": [row.pk for row in rows[:number]], "which": "ticked", "channel": channel.pk, "do": "tell"}
        shipper_client.post(PATH, given)
        with CaptureQueriesContext(connection) as statements:
            shipper_client.post(PATH, given)
        costs.append(len(statements))
    assert costs[0] == costs[1]
    too_many = {"shipment": list(range(1, 502)), "which": "ticked", "channel": channel.pk, "do": "tell"}
    assert shipper_client.post(PATH, too_many).status_code in (302, 400)


def test_a_choice_that_is_there_keeps_what_it_is_told(shipper: Person, shipper_client: Client) -> None:
    """Ticked again, a shipment keeps its matrix; a used name keeps its filter, and that is said."""
    (first,) = registered(shipper, 1)
    channel = a_channel(shipper)
    own = a_subscription(channel, first, matrix={"gate_out": "digest"})
    ticked = {"shipment": [first.pk], "which": "ticked", "channel": channel.pk, "do": "tell"}
    assert "Told from now on of 1 shipment." in shipper_client.post(PATH, ticked, follow=True).content.decode()
    own.refresh_from_db()
    assert own.matrix == {"gate_out": "digest"}
    kept = {"status": "arrived", "which": "kept", "label": "Port", "channel": channel.pk, "do": "tell"}
    assert shipper_client.post(PATH, kept).status_code == 302
    answer = shipper_client.post(PATH, {**kept, "status": "booked"})
    assert answer.status_code == 400 and "There is a filter of this name already." in answer.content.decode()
    assert Subscription.objects.get(label="Port").filter == {"status": "arrived"}
