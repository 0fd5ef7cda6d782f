"""What a place is called in a notice: as the shipment's page calls it, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.test import Client

from cargo import tasks
from cargo.models import FeedHead, Shipment, Source, TrackingUpdate, Warehouse
from cargo.pipeline.place_names import place_names
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything
from clis.sealing import seal
from notifications import fanout, render
from notifications.deliver.claim import claim, prepared
from notifications.models import Delivery
from notifications.render.codes import place_words
from notifications.render.place_names import note_place_names
from tests.factories import SourceFactory, a_registered_shipment
from tests.messages import HOUSE, declared, entered, released, removed, unipass
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update, everything_stands
from tests.people import Person

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-03-11T12:00:00+09:00")
SHED, NAME = "02012018", "가상창고"
BARE = {"place": {"code": SHED}, "milestone": "gate_out"}


@pytest.fixture
def clock() -> Iterator[None]:
    FeedHead.objects.get_or_create(id=1)
    with time_machine.travel(NOW, tick=False), mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def collected(shipper: Person, clock: None) -> TrackingUpdate:
    """Cargo left a bonded warehouse, of which the update has the code and customs' message the name."""
    made = a_registered_shipment(shipper.organization, ("house_bill", HOUSE))
    process_everything()
    customs = SourceFactory.create(slug="unipass", kind=Source.Kind.CUSTOMS, rank=10)
    steps = [entered("2026-03-10 15:00"), declared("2026-03-11 09:00"), released("2026-03-11 10:00")]
    receive(customs.pk, unipass([*steps, removed("2026-03-11 11:30")]))
    process_everything()
    return TrackingUpdate.objects.get(shipment=made, kind="gate_out")


def a_name(code: str = SHED, name: str = NAME) -> Warehouse:
    return Warehouse.objects.create(authority="KR-KCS", code=code, name=name, as_of=NOW)


def texts(update: TrackingUpdate, person: Person, **fields: Any) -> dict[str, str]:
    """By language what is said of it, as a sender prepares it."""
    for language in ("en", "ko"):
        channel = a_channel(person, address=f"{language}@example.com", language=language, **fields)
        a_delivery(update, channel, notice=update.kind, next_attempt_at=NOW)
    jobs = prepared(claim(fields.get("kind", "email")), everything_stands, True, place_names=fanout.place_names)
    return {job.message.language: job.message.text for job in jobs}


def test_a_warehouse_is_called_as_customs_calls_it(shipper: Person, collected: TrackingUpdate) -> None:
    said = texts(collected, shipper)
    assert said["en"].startswith(f"The cargo left {NAME} ({SHED}) on 11 Mar 2026, 11:30 KST.\n")
    assert said["ko"].startswith(f"화물이 2026년 3월 11일 11:30(KST)에 {NAME}({SHED})에서 반출되었습니다.\n")
    assert f"\nWhere: {NAME} ({SHED})\n" in said["en"]
    assert f"\n장소: {NAME}({SHED})\n" in said["ko"]


def test_a_chat_says_the_same(shipper: Person, collected: TrackingUpdate) -> None:
    said = texts(collected, shipper, kind="chat", sealed=seal("https://chat.example/"))
    assert f"The cargo left {NAME} ({SHED}) on" in said["en"]
    assert f"{NAME}({SHED})에서 반출되었습니다." in said["ko"]


def test_a_digest_says_the_same(shipper: Person, collected: TrackingUpdate) -> None:
    channel = a_channel(shipper, language="ko")
    digest = Delivery.objects.create(channel=channel, kind="email", recipient="r", notice="digest", next_attempt_at=NOW)
    a_delivery(collected, channel, notice="gate_out", state=Delivery.State.GATHERED, gathered_in=digest)
    (job,) = prepared(claim("email"), everything_stands, True, place_names=fanout.place_names)
    assert f"{NAME}({SHED})에서 반출되었습니다." in job.message.text
    assert f"{NAME}({SHED})에서 반출되었습니다." in job.message.html


def test_a_preview_says_the_same(shipper_client: Client, collected: TrackingUpdate) -> None:
    found = shipper_client.get("/api/v1/notice-previews/gate_out/", {"language": "ko"}).json()
    assert found["real"] is True
    assert f"{NAME}({SHED})에서 반출되었습니다." in found["text"]


@pytest.mark.parametrize(
    ("language", "answer", "row"),
    [
        ("en", f"The cargo left bonded warehouse {SHED} on ", f"Where: bonded warehouse {SHED}"),
        ("ko", f"에 장치장 {SHED}에서 반출되었습니다.", f"장소: 장치장 {SHED}"),
    ],
)
def test_one_that_nobody_named_is_called_a_warehouse(shipper: Person, language: str, answer: str, row: str) -> None:
    update = an_update(a_shipment(shipper.organization), "gate_out", data=BARE)
    text = texts(update, shipper)[language]
    assert answer in text.splitlines()[0] and row in text.splitlines()


PLACES = [
    ("KRPUS", "Busan", "Busan (KRPUS)", "부산(KRPUS)"),
    ("KRICN", "Incheon International Airport", "Incheon International Airport (KRICN)", "인천공항(KRICN)"),
    ("ICN", "", "Seoul Incheon (ICN)", "인천공항(ICN)"),
    ("CNSHA", "", "Shanghai (CNSHA)", "상하이(CNSHA)"),
    ("HJNC", "", "HJNC", "HJNC"),
    ("0201201", "", "0201201", "0201201"),
    ("", "Pier 7", "Pier 7", "Pier 7"),
    ("", "", "", ""),
]


@pytest.mark.parametrize(("code", "name", "english", "korean"), PLACES)
def test_places_in_both_languages(code: str, name: str, english: str, korean: str) -> None:
    assert (place_words(code, name, "en"), place_words(code, name, "ko")) == (english, korean)


def test_a_port_is_named_in_the_readers_language(shipper: Person) -> None:
    update = an_update(a_shipment(shipper.organization), "milestone", data={"milestone": "arrived"})
    mail = render.message(a_delivery(update, a_channel(shipper, language="ko"), notice="arrived"), True)
    assert mail.text.startswith("화물이 2026년 3월 24일 09:30(KST)에 부산(KRPUS)에 입항하였습니다.\n")
    assert "\n장소: 부산(KRPUS)\n" in mail.text
    assert "Busan" not in mail.text + mail.html


def test_the_list_of_the_authority_names_what_no_report_does(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    a_name()
    a_name("02012019", "")
    asked = {(shipment.pk, SHED), (shipment.pk, "02012019"), (shipment.pk, "02012020")}
    assert place_names(asked) == {(shipment.pk, SHED): NAME}


def test_the_shipments_own_report_comes_first_and_names_no_other_shipments_place(
    shipper: Person, collected: TrackingUpdate
) -> None:
    other: Shipment = a_shipment(shipper.organization)
    asked = {(collected.shipment_id, SHED), (other.pk, SHED)}
    assert place_names(asked) == {(collected.shipment_id, SHED): NAME}
    a_name(name="새 이름")
    assert place_names(asked) == {(collected.shipment_id, SHED): NAME, (other.pk, SHED): "새 이름"}


def test_a_name_is_no_link(shipper: Person) -> None:
    a_name(name="evil.example/pay")
    text = texts(an_update(a_shipment(shipper.organization), "gate_out", data=BARE), shipper)["en"]
    assert "evil. example/pay" in text and "evil.example" not in text


def test_many_cost_as_many_statements_as_one(shipper: Person, django_assert_num_queries: Any) -> None:
    a_name()
    channel = a_channel(shipper)
    for number in (1, 7):
        made = [an_update(a_shipment(shipper.organization), "gate_out", data=BARE) for _ in range(number)]
        owed = [a_delivery(update, channel, notice="gate_out") for update in made]
        with django_assert_num_queries(2):
            note_place_names(owed, fanout.place_names)
        assert [one.data for one in owed] == [{"place": {"code": SHED, "name": NAME}}] * number


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("email", {"place": {"code": "KRPUS", "name": "Busan"}}),
        ("email", {"place": {"code": "ICN"}}),
        ("email", {"place": None}),
        ("email", {"place": "somewhere"}),
        ("webhook", BARE),
    ],
)
def test_what_needs_no_name_asks_for_none(
    shipper: Person, kind: str, data: dict[str, Any], django_assert_num_queries: Any
) -> None:
    a_name()
    update = an_update(a_shipment(shipper.organization), "gate_out", data=data)
    owed = a_delivery(update, a_channel(shipper, kind, "https://hook.example/" if kind == "webhook" else ""))
    with django_assert_num_queries(0):
        note_place_names([owed], fanout.place_names)
    assert owed.data == {}
