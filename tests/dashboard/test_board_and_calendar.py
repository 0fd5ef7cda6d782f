"""The exceptions board, the deadlines calendar and its feed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from cargo import calendars
from cargo.dashboard import exception_words, ical, money_words, terms
from cargo.domain import rules
from cargo.models import CalendarKey, Shipment, ShipmentDeadline, ShipmentException, ShipmentStatus
from cargo.selectors import exceptions
from clis.accounts.models import Membership, Organization
from tests.factories import a_registered_shipment
from tests.people import Person, a_person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of 20 March 2026 in Korea."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    made = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603001"))
    ShipmentStatus.objects.filter(pk=made.pk).update(
        mode="sea", port_of_loading="CNSHA", port_of_discharge="KRPUS", hold_agencies="KR-KCS"
    )
    return made


def wrong(shipment: Shipment, kind: str, responsible: str, **words: Any) -> ShipmentException:
    plain = {"next_action": "collect", "opened_at": NOW, "since": NOW - timedelta(days=2)}
    return ShipmentException.objects.create(shipment=shipment, kind=kind, responsible=responsible, **(plain | words))


def due(shipment: Shipment, kind: str, day: date, **words: Any) -> ShipmentDeadline:
    at = datetime(day.year, day.month, day.day, 14, 59, 59, tzinfo=UTC)
    plain = {"due_at": at, "due_on": day, "time_zone": "Asia/Seoul", "responsible": "importer", "updated_at": NOW}
    return ShipmentDeadline.objects.create(shipment=shipment, kind=kind, next_action="collect", **(plain | words))


def columns(client: Client, query: str = "") -> dict[str, list[str]]:
    """The kinds of the cards of each column."""
    answer = client.get(f"/exceptions/{query}")
    assert answer.status_code == 200
    return {column["name"]: [card["row"].kind for card in column["cards"]] for column in answer.context["columns"]}


# --- The board --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("importer", {"needs_you": ["not_collected"], "needs_others": ["held", "overdue"], "watch": ["rolled"]}),
        ("broker", {"needs_you": ["held"], "needs_others": ["not_collected", "overdue"], "watch": ["rolled"]}),
        ("carrier", {"needs_you": ["overdue"], "needs_others": ["not_collected", "held"], "watch": ["rolled"]}),
        ("forwarder", {"needs_you": ["rolled"], "needs_others": ["not_collected", "held", "overdue"], "watch": []}),
    ],
)
def test_whose_move_it_is_depends_on_who_reads(
    shipper: Person, shipment: Shipment, shipper_client: Client, kind: str, expected: dict[str, list[str]]
) -> None:
    wrong(shipment, "not_collected", "importer")
    wrong(shipment, "held", "broker")
    wrong(shipment, "overdue", "carrier")
    wrong(shipment, "rolled", "forwarder", reason="rolled_by_carrier")
    wrong(shipment, "late", "carrier", closed_at=NOW)
    assert shipper.organization
    Organization.objects.filter(pk=shipper.organization.pk).update(kind=kind)
    assert columns(shipper_client) == expected


def test_the_operators_staff_sees_what_its_sources_owe(staff_client: Client, shipment: Shipment) -> None:
    wrong(shipment, "silent", "operator", reason="not_heard")
    wrong(shipment, "held", "broker")
    assert columns(staff_client) == {"needs_you": ["silent"], "needs_others": ["held"], "watch": []}


def test_a_card_says_what_since_when_who_what_next_and_by_when(shipper_client: Client, shipment: Shipment) -> None:
    told = {"milestone": "documents_requested", "agency": "KR-KCS"}
    wrong(shipment, "held", "broker", next_action="submit_documents", due_at=NOW + timedelta(days=2), told=told)
    page = shipper_client.get("/exceptions/").content.decode()
    card = re.sub(r"<[^>]+>|\s+", " ", page[page.index('<li class="card">') : page.index("</li>", page.index("card"))])
    words = " ".join(card.split())
    for said in (
        "Held",
        "2 d ago",
        "(Korea Customs Service)",
        "Your broker Submit the documents",
        "22 Mar",
        "2 days left",
    ):
        assert said in words, (said, words)
    assert f'href="/shipments/{shipment.pk}/"' in page


def test_the_nearest_due_time_comes_first(shipper_client: Client, shipment: Shipment) -> None:
    for number, days in enumerate((None, 5, 1)):
        at = NOW + timedelta(days=days) if days else None
        wrong(shipment, "deadline_near" if days else "not_collected", "importer", subject=str(number), due_at=at)
    answer = shipper_client.get("/exceptions/")
    assert [card["row"].subject for card in answer.context["columns"][0]["cards"]] == ["2", "1", "0"]


def test_the_boards_filters(shipper_client: Client, shipment: Shipment, shipper: Person) -> None:
    wrong(shipment, "held", "importer")
    other = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603002"))
    ShipmentStatus.objects.filter(pk=other.pk).update(mode="air", port_of_discharge="KRINC")
    wrong(other, "late", "importer")
    for query, kinds in (
        ("?kind=held", ["held"]),
        ("?hold=KR-KCS", ["held"]),
        ("?mode=air", ["late"]),
        ("?port=cnsha", ["held"]),
        ("?port=KRINC", ["late"]),
        ("?kind=rolled", []),
    ):
        assert columns(shipper_client, query)["needs_you"] == kinds, query
    assert "Nothing fits these filters" in shipper_client.get("/exceptions/?kind=rolled").content.decode()


def test_columns_have_pages_of_their_own(shipper_client: Client, shipment: Shipment) -> None:
    for number in range(30):
        wrong(shipment, "held", "importer", subject=str(number))
    wrong(shipment, "late", "carrier")
    first = shipper_client.get("/exceptions/").context["columns"][0]
    assert (len(first["cards"]), first["more"]) == (25, True)
    second = shipper_client.get(f"/exceptions/{first['older_url']}").context["columns"]
    assert [len(column["cards"]) for column in second] == [5, 1, 0]
    assert not second[0]["older_url"] and second[0]["first_url"]
    assert [len(column["cards"]) for column in shipper_client.get("/exceptions/?needs_you=x").context["columns"]][
        0
    ] == 25


def test_opening_the_board_takes_three_statements_of_its_own(shipper_client: Client, shipment: Shipment) -> None:
    wrong(shipment, "held", "importer")
    shipper_client.get("/exceptions/")
    with CaptureQueriesContext(connection) as statements:
        shipper_client.get("/exceptions/")
    own = [row["sql"] for row in statements if "cargo_" in row["sql"]]
    assert len(own) == 3


def test_a_stranger_sees_an_empty_board(stranger_client: Client, shipment: Shipment, client: Client) -> None:
    wrong(shipment, "held", "importer")
    assert columns(stranger_client) == {"needs_you": [], "needs_others": [], "watch": []}
    assert client.get("/exceptions/").status_code == 302


def test_every_kind_has_its_words_look_and_sentence_in_both_languages() -> None:
    assert exception_words.KINDS.keys() == exception_words.ICONS.keys() == set(rules.KINDS)
    assert exception_words._ENGLISH.keys() == exception_words._KOREAN.keys() == set(rules.KINDS)
    parties = {party for mine in exceptions.ACTS_AS.values() for party in mine}
    assert parties <= terms.RESPONSIBLE.keys()


SAID = [
    ("late", {"before_at": 1774144800, "now_at": 1774404000, "place": "KRPUS"}, "later_than_first_told",
     "Arrival moved from 22 Mar to 25 Mar: 3 days later than first told.",
     "도착 예정일이 3월 22일에서 3월 25일로 변경되어 처음 예정보다 3일 늦어졌습니다."),
    ("rolled", {"before": "HMM OSLO 014E", "now": "HMM OSLO 015E", "before_at": 1774144800, "now_at": 1774404000},
     "another_sailing", "Moved from HMM OSLO 014E (22 Mar) to HMM OSLO 015E (25 Mar).",
     "HMM OSLO 014E(3월 22일)에서 HMM OSLO 015E(3월 25일)로 변경되었습니다."),
    ("dwelling", {"place": "SGSIN", "where": "transshipment"}, "", "Lies at the transshipment port, Singapore.",
     "싱가포르 환적항에 머물러 있습니다."),
    ("conflicting", {"what": "eta", "one": "HMM", "one_at": 1774144800, "other": "INTTRA", "other_at": 1774404000},
     "sources_disagree", "HMM expects the arrival on 22 Mar, INTTRA on 25 Mar.",
     "도착 예정일: HMM 3월 22일, INTTRA 3월 25일."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "told", "reason", "english", "korean"), SAID)
def test_what_changed_in_a_sentence(
    shipment: Shipment, kind: str, told: dict[str, Any], reason: str, english: str, korean: str
) -> None:
    row = wrong(shipment, kind, "carrier", told=told, reason=reason)
    row.port_of_discharge = "KRPUS"  # type: ignore[attr-defined]
    assert exception_words.sentence(row, "en", NOW) == english
    assert exception_words.sentence(row, "ko", NOW) == korean


# --- The calendar -----------------------------------------------------------------------------------


def test_what_is_overdue_comes_first_and_then_day_by_day(shipper_client: Client, shipment: Shipment) -> None:
    for day, kind in ((19, "removal"), (24, "storage_limit"), (21, "loading"), (18, "payment")):
        due(shipment, kind, date(2026, 3, day))
    due(shipment, "documents", date(2026, 3, 22), is_open=False)
    groups = shipper_client.get("/deadlines/").context["groups"]
    assert [(group["over"], group["day"], [item["row"].kind for item in group["rows"]]) for group in groups] == [
        (True, None, ["payment", "removal"]),
        (False, date(2026, 3, 21), ["loading"]),
        (False, date(2026, 3, 24), ["storage_limit"]),
    ]


def test_a_month_counts_its_days(shipper_client: Client, shipment: Shipment) -> None:
    for number, day in enumerate((date(2026, 3, 24), date(2026, 3, 24), date(2026, 4, 2), date(2026, 5, 1))):
        due(shipment, "removal", day, number=number)
    answer = shipper_client.get("/deadlines/?month=2026-03")
    counts = {day["date"]: day["count"] for week in answer.context["weeks"] for day in week if day["count"]}
    assert counts == {date(2026, 3, 24): 2, date(2026, 4, 2): 1}
    assert answer.context["total"] == 2
    (day,) = [day for week in answer.context["weeks"] for day in week if day["date"] == date(2026, 3, 24)]
    groups = shipper_client.get(day["url"]).context["groups"]
    assert [len(group["rows"]) for group in groups] == [2]
    assert shipper_client.get("/deadlines/?month=nonsense&day=never&kind=x&cursor=y").status_code == 200


@pytest.mark.parametrize(
    ("money", "day", "english", "korean"),
    [
        ({"kind": "demurrage", "currency": "KRW", "amount_per_day": "41000"}, 24, "demurrage KRW 41,000 a day",
         "체화료 1일 KRW 41,000"),
        ({"kind": "fine", "currency": "KRW", "maximum": "1000000"}, 24, "fine up to KRW 1,000,000",
         "과태료 최대 KRW 1,000,000"),
        ({"kind": "demurrage", "currency": "USD", "steps": [{"from": "2026-03-18T00:00:00+09:00",
          "amount_per_day": "50.5"}]}, 17, "demurrage USD 151.50 so far", "체화료 현재 USD 151.50"),
        ({"kind": "surcharge", "currency": "KRW", "basis": "customs_value", "maximum": "5000000",
          "steps": [{"from": "2026-03-25T00:00:00+09:00", "rate_percent": "0.5"}]}, 24,
         "surcharge 0.5% of the customs value, KRW 5,000,000 at most", "가산세 과세가격의 0.5%, 최대 KRW 5,000,000"),
        (None, 24, "", ""),
    ],
)  # fmt: skip
def test_money_at_risk(money: dict[str, Any] | None, day: int, english: str, korean: str) -> None:
    at = datetime.fromisoformat(f"2026-03-{day}T23:59:59+09:00")
    assert money_words.at_risk(money, at, None, NOW, "en") == english
    assert money_words.at_risk(money, at, None, NOW, "ko") == korean


# --- The feed ---------------------------------------------------------------------------------------


def address_of(client: Client, whose: str = "person") -> str:
    """The feed's address, newly made by the page's button."""
    client.post("/deadlines/feed/", {"whose": whose, "step": "new"})
    page = client.get("/deadlines/")
    (feed,) = [feed for feed in page.context["feeds"] if feed["whose"] == whose]
    assert feed["url"] in page.content.decode()
    address: str = feed["url"]
    return address.removeprefix("http://testserver")


def events(client: Client, address: str) -> list[Any]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_the_feed_holds_every_open_deadline(shipper_client: Client, shipment: Shipment, client: Client) -> None:
    row = due(shipment, "removal", date(2026, 3, 26), sequence=3, basis="removal_15_days", container="HDMU6546583")
    due(shipment, "storage_limit", date(2026, 3, 27), is_open=False)
    (event,) = events(client, address_of(shipper_client))
    assert str(event["UID"]) == f"deadline-{row.pk}@testserver"
    assert (int(event["SEQUENCE"]), event["LAST-MODIFIED"].dt) == (3, NOW)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 3, 26), date(2026, 3, 27))
    assert str(event["SUMMARY"]) == "Remove by: KOSHA2603001 (HDMU6546583)"
    assert str(event["URL"]) == f"http://testserver/shipments/{shipment.pk}/"
    assert [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] == [-timedelta(days=3), -timedelta(days=1)]


def test_what_ends_within_a_day_has_its_hour(shipper_client: Client, shipment: Shipment, client: Client) -> None:
    at = datetime(2026, 3, 26, 5, 0, tzinfo=UTC)
    due(shipment, "documents", date(2026, 3, 26), due_at=at)
    (event,) = events(client, address_of(shipper_client))
    assert event["DTSTART"].dt == at


def test_the_feed_speaks_its_readers_language(shipper: Person, shipper_client: Client, shipment: Shipment) -> None:
    due(shipment, "removal", date(2026, 3, 26))
    shipper.user.language = "ko"
    shipper.user.save()
    (event,) = events(Client(), address_of(shipper_client))
    assert str(event["SUMMARY"]) == "반출 기한: KOSHA2603001"


def test_a_new_address_makes_the_old_one_worthless(shipper_client: Client, shipment: Shipment, client: Client) -> None:
    due(shipment, "removal", date(2026, 3, 26))
    old = address_of(shipper_client)
    new = address_of(shipper_client)
    assert client.get(old).status_code == 404
    assert len(events(client, new)) == 1
    shipper_client.post("/deadlines/feed/", {"whose": "person", "step": "end"})
    assert client.get(new).status_code == 404
    assert CalendarKey.objects.count() == 0


def test_the_organizations_address_is_its_admins_to_make(
    shipper: Person, shipper_client: Client, shipment: Shipment, client: Client
) -> None:
    due(shipment, "removal", date(2026, 3, 26))
    assert shipper.organization
    member = a_person("Mina", shipper.organization, Membership.Role.MEMBER)
    for step in ("new", "end"):
        assert member.client().post("/deadlines/feed/", {"whose": "organization", "step": step}).status_code == 403
    assert CalendarKey.objects.count() == 0
    shared = address_of(shipper_client, "organization")
    own = address_of(member.client())
    assert len(events(client, shared)) == len(events(client, own)) == 1
    shipper_client.post("/deadlines/feed/", {"whose": "organization", "step": "new"})
    assert client.get(shared).status_code == 404
    assert len(events(client, own)) == 1


def test_who_is_no_member_any_more_reads_nothing(shipper: Person, shipper_client: Client, client: Client) -> None:
    address = address_of(shipper_client)
    assert client.get(address).status_code == 200
    Membership.objects.filter(user=shipper.user).delete()
    assert client.get(address).status_code == 404


def test_nor_who_may_not_sign_in(shipper: Person, shipper_client: Client, client: Client) -> None:
    address = address_of(shipper_client)
    shipper.user.is_active = False
    shipper.user.save()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["", "x", "WzEsMV0:1x:y", "%00"])
def test_without_a_token_of_ours_there_is_no_feed(client: Client, token: str) -> None:
    assert client.get(f"/deadlines.ics?token={token}").status_code == 404


def test_the_feed_of_a_stranger_holds_nothing_of_it(
    stranger_client: Client, shipment: Shipment, client: Client
) -> None:
    due(shipment, "removal", date(2026, 3, 26))
    assert events(client, address_of(stranger_client)) == []


def test_staff_without_an_organization_has_no_feed(staff: Person) -> None:
    assert calendars.tokens(staff.viewer) == {}
    assert staff.client().post("/deadlines/feed/", {"step": "new"}).status_code == 403


def test_the_feed_costs_the_same_however_long_it_is(
    shipper_client: Client,
    shipment: Shipment,
    client: Client,
    django_assert_num_queries: Callable[..., AbstractContextManager[Any]],
) -> None:
    address = address_of(shipper_client)
    for size in (1, 30):
        for number in range(size):
            ShipmentDeadline.objects.filter(number=number).delete()
            due(shipment, "removal", date(2026, 3, 26), number=number)
        with django_assert_num_queries(3):
            assert len(events(client, address)) == size


def test_lines_are_folded_at_75_octets_and_never_within_a_character() -> None:
    text = "반출 기한; 부산, 끝\\" * 12 + "\n두 번째 줄\x07"
    entry = ical.Entry("1@x", text, text, "http://x/", 0, NOW, day=date(2026, 3, 26))
    body = ical.calendar("기한", "ko", [entry])
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode("utf-8") is not None for line in lines)
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(event["SUMMARY"]) == text.replace("\x07", "")
