"""The pages as a client opens them, without JavaScript unless said otherwise."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from cargo import booking
from cargo.models import Shipment, ShipmentEvent, TrackingRequest
from tests.dashboard.conftest import HOUSE_BILL, STEPS_AFTER_INSPECTION, answer, told
from tests.people import Person

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


def text_of(response: Any) -> str:
    """What a reader sees: no tags, single spaces."""
    assert response.status_code == 200, response.status_code
    page = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@time_machine.travel("2026-03-18T03:00:00Z", tick=False)
def test_the_answer_stands_first_in_the_readers_language(
    held: Shipment, shipper: Person, shipper_client: Client
) -> None:
    page = text_of(shipper_client.get(f"/shipments/{held.pk}/"))
    assert (
        "Held by customs since Monday. The goods were selected for inspection on 16 Mar, 11:30 (Korean time)." in page
    )
    assert "Your broker must present the goods for inspection" in page
    type(shipper.user).objects.filter(pk=shipper.user.pk).update(language="ko")
    page = text_of(shipper_client.get(f"/shipments/{held.pk}/"))
    assert "월요일부터 세관에서 보류 중입니다. 3월 16일 11:30(한국 시각)에 검사 대상으로 선별되었습니다." in page


@time_machine.travel("2026-04-01T03:00:00Z", tick=False)
def test_a_release_that_was_taken_back_stays_in_the_history(collected: Shipment, shipper_client: Client) -> None:
    page = text_of(shipper_client.get(f"/shipments/{collected.pk}/"))
    assert page.count("Customs release · taken back") == 1
    assert "released 17 Mar, 16:30 Korean time taken back 17 Mar, 18:00 Korean time" in page
    assert "Collected on 19 Mar." in page


def test_a_stranger_finds_no_page_and_no_part_of_it(held: Shipment, stranger_client: Client) -> None:
    event = ShipmentEvent.objects.filter(shipment=held).values_list("event_id", flat=True)[0]
    addresses = [
        f"/shipments/{held.pk}/",
        f"/shipments/{held.pk}/live/",
        f"/shipments/{held.pk}/events/{event}/source/",
    ]
    for address in addresses:
        response = stranger_client.get(address)
        assert response.status_code == 404
        assert HOUSE_BILL not in response.content.decode()


def test_numbers_beyond_a_database_are_no_address(shipper_client: Client) -> None:
    assert shipper_client.get(f"/shipments/{10**30}/").status_code == 404
    assert shipper_client.get(f"/shipments/{10**17}/").status_code == 404


def test_the_live_part_says_nothing_until_something_changed(shipment: Shipment, shipper_client: Client) -> None:
    told(answer(STEPS_AFTER_INSPECTION))
    page = shipper_client.get(f"/shipments/{shipment.pk}/").content.decode()
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found
    again = unescape(found[1])
    quiet = shipper_client.get(again, headers=HTMX)
    assert (quiet.status_code, quiet.content) == (204, b"")
    told(answer())
    news = shipper_client.get(again, headers=HTMX)
    assert "Collected" in text_of(news)
    assert "<html" not in news.content.decode()
    assert json.loads(news["HX-Trigger"])["clis:say"]["value"].startswith("Collected")


def test_the_slice_behind_an_event_and_nothing_else_of_the_message(held: Shipment, shipper_client: Client) -> None:
    page = shipper_client.get(f"/shipments/{held.pk}/").content.decode()
    links = sorted(set(re.findall(rf"/shipments/{held.pk}/events/[0-9a-f-]{{36}}/source/", page)))
    assert len(links) == 13
    shown = [text_of(shipper_client.get(link)) for link in links]
    inspection = [page for page in shown if "<cargTrcnRelaBsopTpcd>검사대상" in page.replace("검사 대상", "검사대상")]
    assert len(inspection) == 1
    assert "GARDEN LAMPS" not in inspection[0]
    assert shipper_client.get(f"/shipments/{held.pk}/events/{uuid4()}/source/").status_code == 404


def test_the_list_shows_the_own_reference_first_and_what_holds(held: Shipment, shipper_client: Client) -> None:
    page = text_of(shipper_client.get("/shipments/"))
    row = page[page.index("PO-8841") :]
    assert row.startswith("PO-8841 KOSHA 2603001")
    assert "Held by customs" in row
    assert "Korea Customs Service" in row
    assert "CNSHA KRPUS" in row


def test_a_party_that_did_not_register_it_sees_the_bill_and_not_the_own_reference(
    held: Shipment, forwarder: Person, forwarder_client: Client
) -> None:
    assert forwarder.organization
    booking.add_party(held, forwarder.organization.pk, "forwarder")
    for address in ("/shipments/", f"/shipments/{held.pk}/"):
        page = text_of(forwarder_client.get(address))
        assert "KOSHA" in page
        assert "PO-8841" not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", True),
        ("view=held", True),
        ("view=needs_you", True),
        ("view=uncollected", False),
        ("view=arriving", False),
        ("status=in_bond", True),
        ("status=available", False),
        ("mode=air", False),
        ("customs_state=held", True),
        ("port_of_discharge=krpus", True),
        ("search=kosha-2603", True),
        ("search=PO-8841", True),
        ("search=KOSHA9", False),
        ("view=nonsense&cursor=nonsense&made_up=1", True),
    ],
)
def test_views_and_filters(held: Shipment, shipper_client: Client, query: str, expected: bool) -> None:
    page = text_of(shipper_client.get(f"/shipments/?{query}"))
    assert ("KOSHA 2603001" in page) is expected
    if not expected:
        assert "Nothing fits these filters" in page


def test_older_pages_follow_without_a_gap(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    for number in range(120):
        booking.register(shipper.organization.pk, [("house_bill", f"KOLOT{number:07d}")])
    seen: list[str] = []
    address = "/shipments/"
    while address:
        page = shipper_client.get(address).content.decode()
        seen += re.findall(r'<data class="ident-text" value="(KOLOT\d{7})"', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = f"/shipments/{unescape(older[1])}" if older else ""
    assert seen == [f"KOLOT{number:07d}" for number in reversed(range(120))]


def test_htmx_gets_the_part_and_nothing_when_it_is_the_same(held: Shipment, shipper_client: Client) -> None:
    part = shipper_client.get("/shipments/?view=held", headers=HTMX)
    assert part.content.decode().lstrip().startswith('<div id="list"')
    again = re.search(r'hx-get="([^"]+)"', part.content.decode())
    assert again
    assert shipper_client.get(unescape(again[1]), headers=HTMX).status_code == 204
    told(answer())
    assert "Nothing fits these filters" in text_of(shipper_client.get(unescape(again[1]), headers=HTMX))


def test_the_list_costs_the_same_whatever_its_length(
    shipper: Person, shipper_client: Client, django_assert_max_num_queries: Any
) -> None:
    assert shipper.organization
    for number in range(40):
        booking.register(shipper.organization.pk, [("house_bill", f"KOLOT{number:07d}")])
    with django_assert_max_num_queries(6):
        shipper_client.get("/shipments/")


@pytest.mark.parametrize("typed", [HOUSE_BILL, "kosha 2603 001", "KOSHA-2603001", "PO-8841", "CLSU 400021 5"])
def test_an_exact_number_opens_its_shipment(held: Shipment, shipper_client: Client, typed: str) -> None:
    response = shipper_client.get("/search/", {"q": typed})
    assert (response.status_code, response["Location"]) == (302, f"/shipments/{held.pk}/")


def test_the_beginning_of_a_number_gives_hits_by_kind(held: Shipment, shipper_client: Client) -> None:
    page = text_of(shipper_client.get("/search/", {"q": "KOSHA26"}))
    assert "House bill 1 PO-8841" in page


def test_a_stranger_finds_nothing_and_is_offered_to_register(held: Shipment, stranger_client: Client) -> None:
    page = text_of(stranger_client.get("/search/", {"q": HOUSE_BILL}))
    assert "Nothing found" in page
    assert f"Register {HOUSE_BILL}" in page
    assert "PO-8841" not in page


def test_a_slip_in_a_container_number_is_noticed(shipper_client: Client) -> None:
    page = text_of(shipper_client.get("/search/", {"q": "HDMU6546580"}))
    assert "Did you mean HDMU6546583?" in page


def test_what_is_typed_is_shown_as_text(shipper_client: Client) -> None:
    response = shipper_client.get("/search/", {"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in response.content.decode()
    assert "&lt;script&gt;alert" in response.content.decode()


PASTED = "KOLOT0000001; PO-1\nHDMU 654658 3\nHDMU6546580\n****7890\n\nkolot0000001\nKOSHA2603001\n"


def test_every_line_has_its_verdict_before_anything_is_saved(shipment: Shipment, shipper_client: Client) -> None:
    page = text_of(shipper_client.post("/shipments/new/", {"numbers": PASTED, "kind": "house_bill", "step": "check"}))
    assert Shipment.objects.count() == 1
    assert TrackingRequest.objects.count() == 0
    assert "KOLOT 0000001 PO-1 House bill Can be registered" in page
    assert "HDMU 654658 3 Container Can be registered" in page
    assert "Did you mean HDMU6546583?" in page
    assert "Not readable The number hides characters behind asterisks." in page
    assert "Twice in this list" in page
    assert "Already in your list Open" in page
    assert "Register 2 shipments" in page


def test_what_is_sound_is_registered_and_once(shipment: Shipment, shipper: Person, shipper_client: Client) -> None:
    body = {"numbers": PASTED, "kind": "house_bill", "step": "register"}
    page = text_of(shipper_client.post("/shipments/new/", body))
    assert page.count("Registered Open") == 2
    mine = Shipment.objects.filter(organization=shipper.organization)
    assert sorted(mine.values_list("own_reference", flat=True)) == ["", "PO-1", "PO-8841"]
    assert sorted(TrackingRequest.objects.values_list("reference", flat=True)) == ["HDMU6546583", "KOLOT0000001"]
    text_of(shipper_client.post("/shipments/new/", body))
    assert mine.count() == 3


def test_one_number_opens_its_shipment_with_the_news_that_came_before(shipper_client: Client, shipper: Person) -> None:
    told(answer(STEPS_AFTER_INSPECTION))
    response = shipper_client.post("/shipments/new/", {"numbers": HOUSE_BILL, "kind": "house_bill", "step": "register"})
    shipment = Shipment.objects.get(organization=shipper.organization)
    assert (response.status_code, response["Location"]) == (302, f"/shipments/{shipment.pk}/")


@pytest.mark.parametrize("numbers", ["", " \n ; \n", "\n".join(f"KOLOT{n:07d}" for n in range(501)), "x" * 40_001])
def test_a_paste_that_cannot_be_is_refused_in_one_line(shipper_client: Client, numbers: str) -> None:
    response = shipper_client.post("/shipments/new/", {"numbers": numbers, "step": "register"})
    assert response.status_code == 422
    assert response.content.decode().count('class="error"') == 1
    assert Shipment.objects.count() == 0


def test_staff_without_an_organization_register_nothing(staff_client: Client) -> None:
    response = staff_client.post("/shipments/new/", {"numbers": HOUSE_BILL, "step": "register"})
    assert response.status_code == 403
    assert Shipment.objects.count() == 0


def test_the_theme_is_kept_and_written_into_the_page(shipper_client: Client) -> None:
    response = shipper_client.post("/theme/", {"theme": "dark", "next": "/shipments/?view=held"})
    assert response["Location"] == "/shipments/?view=held"
    assert '<html lang="en" data-theme="dark">' in shipper_client.get("/shipments/").content.decode()
    assert shipper_client.post("/theme/", {"theme": "red", "next": "https://elsewhere.example/"})["Location"] == "/"
    assert shipper_client.cookies["theme"].value == "dark"


def test_the_style_page_is_for_staff_and_shows_every_answer(staff_client: Client, shipper_client: Client) -> None:
    assert shipper_client.get("/style/").status_code == 404
    page = text_of(staff_client.get("/style/"))
    assert "Ready to collect." in page
    assert "Waiting for the first news." in page


def test_nothing_yet_says_what_to_do(shipper_client: Client) -> None:
    page = text_of(shipper_client.get("/shipments/"))
    assert "No shipments yet" in page
    assert "Add a shipment" in page
