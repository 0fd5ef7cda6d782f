"""Asking UNI-PASS: the year is guessed, several cargoes are followed up, and customs is never pressed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.utils import timezone

from cargo import sources, tasks
from cargo.models import Event, InboundMessage, Inquiry, Intake, Shipment, Snapshot, Source
from cargo.models.warehouse import Warehouse
from cargo.sources import Outcome, unipass_api
from clis.sealing import seal
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import declared, entered, released, removed
from tests.sources.carriers import NOW
from tests.sources.unipass_server import REFUSED, Answer, Customs

pytestmark = pytest.mark.usefixtures("clock")
MASTER, HOUSE = "HDMUPUSR1234567", "KOSHA2603001"
ONE, TWO, THREE = "26HDMU0123I00150031", "26HDMU0123I00150032", "26HDMU0123I00150033"
IN = entered("2026-03-16 10:00")
LODGED = declared("2026-03-17 09:00")
FREE = released("2026-03-18 14:00")
KEYS = {f"key_{service}": f"key-of-{service}" for service in ("001", "002", "005", "020", "021", "024")}


@pytest.fixture
def customs() -> Iterator[Customs]:
    server = Customs()
    yield server
    server.close()


def an_intake(source: Source, customs: Customs, *services: str, **settings: Any) -> Intake:
    keys = {name: key for name, key in KEYS.items() if name[4:] in (services or ("001",))}
    return Intake.objects.create(
        source=source,
        way=Intake.Way.UNIPASS,
        settings={"url": customs.url, "gap_milliseconds": 1, **settings},
        sealed=seal(json.dumps(keys)),
    )


def a_shipment(*numbers: tuple[str, str], **words: Any) -> Shipment:
    return a_registered_shipment(OrganizationFactory.create(), *numbers, **words)


def ask(intake: Intake) -> Outcome:
    """One run, and what it brought is worked off."""
    outcome = sources.try_now(intake.pk, sources.SLICE)
    tasks.process_everything()
    return outcome


def ask_again(intake: Intake, clock: time_machine.Coordinates) -> Outcome:
    """The same when the next inquiry is due."""
    due = Inquiry.objects.filter(intake=intake, state="active").order_by("next_at").first()
    assert due is not None
    clock.move_to(max(due.next_at, timezone.now() + timedelta(seconds=1)))
    return ask(intake)


def the_inquiry(intake: Intake, subject: str = "001") -> Inquiry:
    return Inquiry.objects.get(intake=intake, subject__startswith=subject)


def subjects() -> list[str]:
    return list(Snapshot.objects.order_by("message_id").values_list("subject", flat=True))


def milestones() -> list[str]:
    rows = Event.objects.filter(retraction=False).order_by("occurred_at").values_list("milestone", flat=True)
    return list(rows)


# --- Finding the cargo ------------------------------------------------------------------------------


def test_a_cargo_is_found_by_its_house_bill_and_then_asked_for_by_its_number(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    shipment = a_shipment(("master_bill", MASTER), ("house_bill", HOUSE))
    customs.knows(ONE, IN, house=HOUSE)
    intake = an_intake(source, customs)
    outcome = ask(intake)
    assert (outcome.error, outcome.result.received) == ("", 1)
    assert milestones() == ["bonded_storage_in"]
    customs.knows(ONE, IN, LODGED, house=HOUSE)
    ask_again(intake, clock)
    assert customs.parameters() == [{"hblNo": HOUSE, "blYy": "2026"}, {"cargMtNo": ONE}]
    assert subjects() == [f"001 cargMtNo={ONE}"] * 2
    message = InboundMessage.objects.order_by("pk")[0]
    assert (message.name, message.media_type, message.state) == (
        f"cargMtNo={ONE}",
        "application/xml;charset=UTF-8",
        "processed",
    )
    assert Snapshot.objects.get(message=message).asked_at == NOW
    assert milestones() == ["bonded_storage_in", "import_declared"]
    shipment.status_row.refresh_from_db()
    assert shipment.status_row.customs_state == "declared"
    assert KEYS["key_001"] not in str(list(InboundMessage.objects.values_list("name", "reason")))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param({"load": "fcl"}, ["mblNo", "mblNo", "hblNo", "hblNo"], id="full box: master first"),
        pytest.param({"load": "lcl"}, ["hblNo", "hblNo", "mblNo", "mblNo"], id="shared box: house first"),
        pytest.param({"mode": "air"}, ["hblNo", "hblNo", "mblNo", "mblNo"], id="air: house first"),
    ],
)
def test_the_likelier_bill_comes_first_and_the_year_is_guessed(
    source: Source, customs: Customs, words: dict[str, str], expected: list[str]
) -> None:
    a_shipment(("master_bill", MASTER), ("house_bill", HOUSE), **words)
    intake = an_intake(source, customs)
    ask(intake)
    assert [next(iter(asked)) for asked in customs.parameters()] == expected
    assert [asked["blYy"] for asked in customs.parameters()] == ["2026", "2025"] * 2
    inquiry = the_inquiry(intake)
    assert (inquiry.state, inquiry.reason, inquiry.failures) == ("active", "nothing is known of it yet", 0)
    assert not InboundMessage.objects.exists()


def test_the_year_is_koreas(source: Source, customs: Customs, clock: time_machine.Coordinates) -> None:
    clock.move_to(datetime(2026, 12, 31, 16, tzinfo=UTC))
    a_shipment(("house_bill", HOUSE))
    customs.knows(ONE, IN, house=HOUSE)
    ask(an_intake(source, customs))
    assert [asked["blYy"] for asked in customs.parameters()] == ["2027", "2026"]
    assert milestones() == ["bonded_storage_in"]


def test_of_several_cargoes_both_bills_leave_one(source: Source, customs: Customs) -> None:
    a_shipment(("master_bill", MASTER), ("house_bill", HOUSE), load="fcl")
    customs.knows(ONE, IN, house=HOUSE)
    customs.knows(TWO, IN, LODGED, house="SOMEBODYELSES")
    ask(an_intake(source, customs))
    assert customs.parameters() == [
        {"mblNo": MASTER, "blYy": "2026"},
        {"mblNo": MASTER, "hblNo": HOUSE, "blYy": "2026"},
    ]
    assert subjects() == [f"001 cargMtNo={ONE}"]
    assert milestones() == ["bonded_storage_in"]


def test_every_cargo_of_a_bill_is_followed_up(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    a_shipment(("master_bill", MASTER))
    customs.knows(ONE, IN, house="H1")
    customs.knows(TWO, IN, LODGED, house="H2")
    intake = an_intake(source, customs)
    ask(intake)
    by_bill = {"mblNo": MASTER, "blYy": "2026"}
    assert customs.parameters() == [by_bill, {"cargMtNo": ONE}, {"cargMtNo": TWO}]
    assert subjects() == [f"001 mblNo={MASTER}&blYy=2026", f"001 cargMtNo={ONE}", f"001 cargMtNo={TWO}"]
    assert list(InboundMessage.objects.order_by("pk").values_list("state", flat=True)) == [
        "ignored", "processed", "processed"
    ]  # fmt: skip
    ask_again(intake, clock)
    assert customs.parameters()[3:] == [{"cargMtNo": ONE}, {"cargMtNo": TWO}]
    assert InboundMessage.objects.count() == 3


def test_too_many_cargoes_are_not_followed_up(source: Source, customs: Customs) -> None:
    a_shipment(("master_bill", MASTER))
    for number in range(9):
        customs.knows(f"26HDMU0123I0015{number:04}", IN, house=f"H{number}")
    intake = an_intake(source, customs, cargoes_most=8)
    ask(intake)
    assert {tuple(asked) for asked in customs.parameters()} == {("mblNo", "blYy")}
    assert the_inquiry(intake).reason == "9 cargoes answer to this number: the house bill is needed"
    assert milestones() == []


def test_a_cargo_registered_by_its_number_is_asked_for_by_it(source: Source, customs: Customs) -> None:
    a_shipment(("cargo_control_number", ONE))
    customs.knows(ONE, IN)
    ask(an_intake(source, customs))
    assert customs.parameters() == [{"cargMtNo": ONE}]
    assert milestones() == ["bonded_storage_in"]


def test_a_cargo_number_that_is_gone_is_looked_for_again_and_nothing_is_taken_back(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    a_shipment(("house_bill", HOUSE))
    customs.knows(ONE, IN, house=HOUSE)
    intake = an_intake(source, customs)
    ask(intake)
    customs.cargoes.clear()
    for _ in range(3):
        ask_again(intake, clock)
    assert the_inquiry(intake).reason == "customs does not find the cargo anymore"
    assert milestones() == ["bonded_storage_in"] and not Event.objects.filter(retraction=True).exists()
    customs.knows(TWO, IN, LODGED, house=HOUSE)
    ask_again(intake, clock)
    assert customs.parameters()[-1] == {"hblNo": HOUSE, "blYy": "2026"}
    assert the_inquiry(intake).reason == ""


def test_what_customs_no_longer_says_is_taken_back(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    shipment = a_shipment(("house_bill", HOUSE))
    intake = an_intake(source, customs)
    states = []
    for steps in ([IN, FREE], [IN], [IN, FREE]):
        customs.knows(ONE, *steps, house=HOUSE)
        ask_again(intake, clock) if states else ask(intake)
        shipment.status_row.refresh_from_db()
        states.append(shipment.status_row.customs_state)
    assert states == ["released", "none", "released"]
    assert InboundMessage.objects.count() == 3


# --- Whom it concerns -------------------------------------------------------------------------------


def test_only_cargo_that_may_come_to_korea_is_asked_about(source: Source, customs: Customs) -> None:
    a_shipment(("house_bill", "TO-BUSAN".replace("-", "")), port_of_discharge="KRPUS")
    a_shipment(("house_bill", "TOANYWHERE"))
    a_shipment(("house_bill", "TOROTTERDAM"), port_of_discharge="NLRTM")
    a_shipment(("house_bill", "FROMBUSAN"), port_of_loading="KRPUS")
    a_shipment(("container", "HDMU6546583"))
    intake = an_intake(source, customs)
    ask(intake)
    assert set(Inquiry.objects.values_list("subject", flat=True)) == {
        "001 master= house=TOBUSAN",
        "001 master= house=TOANYWHERE",
    }


def test_exports_are_asked_for_by_bill_or_declaration(source: Source, customs: Customs) -> None:
    a_shipment(("house_bill", HOUSE), ("master_bill", MASTER), port_of_loading="KRPUS", port_of_discharge="NLRTM")
    a_shipment(("declaration", "1521026010005X"), port_of_loading="KRPUS", port_of_discharge="NLRTM")
    ask(an_intake(source, customs, "002"))
    assert customs.parameters("002") == [{"blNo": HOUSE}, {"expDclrNo": "1521026010005X"}]
    assert customs.parameters("001") == []
    assert InboundMessage.objects.order_by("pk")[0].name == f"blNo={HOUSE}"
    assert "export_cleared" in milestones()


def test_a_master_bill_is_told_apart_from_a_house_bill(source: Source, customs: Customs) -> None:
    a_shipment(("master_bill", MASTER), port_of_loading="KRPUS", port_of_discharge="NLRTM")
    ask(an_intake(source, customs, "002"))
    assert customs.parameters("002") == [{"blNo": MASTER}]
    assert InboundMessage.objects.get().name == f"blNo={MASTER}&master_bill={MASTER}"
    assert "export_cleared" in milestones()


def test_cargo_that_has_left_for_good_is_asked_about_for_another_week(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    a_shipment(("house_bill", HOUSE))
    customs.knows(ONE, IN, LODGED, FREE, removed("2026-03-19 08:00"), house=HOUSE)
    intake = an_intake(source, customs)
    ask(intake)
    clock.move_to(NOW + timedelta(days=5))
    ask(intake)
    assert the_inquiry(intake).state == "active"
    calls = len(customs.asked)
    clock.move_to(NOW + timedelta(days=7))
    ask(intake)
    assert (the_inquiry(intake).state, len(customs.asked)) == ("done", calls)


def test_cargo_of_which_nothing_comes_is_given_up(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    a_shipment(("house_bill", HOUSE))
    intake = an_intake(source, customs, give_up_days=10)
    ask(intake)
    clock.move_to(NOW + timedelta(days=11))
    ask(intake)
    assert the_inquiry(intake).state == "done"


# --- Containers, warehouses, ships ------------------------------------------------------------------


def test_containers_are_asked_for_when_there_are_some_and_when_their_number_changes(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    a_shipment(("house_bill", HOUSE))
    intake = an_intake(source, customs, "001", "020")
    customs.knows(ONE, IN, house=HOUSE)
    ask(intake)
    assert customs.parameters("020") == []
    for boxes in (("HDMU6546583",), ("HDMU6546583", "TCLU1234568"), ("HDMU6546583", "TCLU1234568")):
        customs.knows(ONE, IN, house=HOUSE, boxes=boxes)
        ask_again(intake, clock)
    assert customs.parameters("020") == [{"cargMtNo": ONE}] * 2
    names = InboundMessage.objects.filter(format="unipass.api020").values_list("name", flat=True)
    assert list(names) == [f"cargMtNo={ONE}"] * 2
    clock.shift(timedelta(days=8))
    ask(intake)
    assert len(customs.parameters("020")) == 3


def test_a_warehouse_is_asked_for_once_a_month(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    a_shipment(("house_bill", HOUSE))
    customs.knows(ONE, IN, house=HOUSE)
    intake = an_intake(source, customs, "001", "005", quiet_minutes=20160)
    for _ in range(4):
        ask(intake)
        clock.shift(timedelta(days=9))
    assert customs.parameters("005") == [{"jrsdCstmCd": "020", "snarSgn": "02012018"}]
    assert Warehouse.objects.get().late_removal_fine is True
    clock.shift(timedelta(days=9))
    ask(intake)
    assert len(customs.parameters("005")) == 2


def test_ships_that_staff_name_are_followed(source: Source, customs: Customs) -> None:
    ask(an_intake(source, customs, "001", "024", ships=["9863297", "nosuch / key"]))
    assert customs.parameters("024") == [
        {"shipCallImoNo": "9863297", "seaFlghIoprTpcd": direction} for direction in ("10", "11")
    ]
    assert customs.parameters("021") == []


# --- Politeness and trouble -------------------------------------------------------------------------


def test_fresh_cargo_is_asked_about_more_often_than_quiet(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    a_shipment(("house_bill", HOUSE))
    customs.knows(ONE, IN, house=HOUSE)
    intake = an_intake(source, customs)
    ask(intake)
    pauses = []
    for _ in range(20):
        inquiry = the_inquiry(intake)
        pauses.append(int((inquiry.next_at - timezone.now()).total_seconds() // 60))
        ask_again(intake, clock)
    assert pauses[0] == 30 and pauses == sorted(pauses) and pauses[-1] == 720
    customs.knows(ONE, IN, LODGED, house=HOUSE)
    ask_again(intake, clock)
    assert the_inquiry(intake).next_at == timezone.now() + timedelta(minutes=30)


def test_no_more_calls_a_day_than_allowed(source: Source, customs: Customs, clock: time_machine.Coordinates) -> None:
    for number in range(5):
        a_shipment(("house_bill", f"KOSHA{number}"))
    intake = an_intake(source, customs, per_day=5)
    outcome = ask(intake)
    assert len(customs.asked) == 5
    assert outcome.result.again_in == timedelta(hours=21)
    clock.shift(timedelta(hours=20))
    ask(intake)
    assert len(customs.asked) == 5
    clock.shift(timedelta(hours=1, seconds=1))
    ask(intake)
    assert len(customs.asked) == 10


def test_calls_keep_their_distance(source: Source, customs: Customs) -> None:
    a_shipment(("house_bill", HOUSE), ("master_bill", MASTER))
    slept: list[float] = []
    watch = SimpleNamespace(monotonic=lambda: 100.0 + sum(slept), sleep=slept.append)
    with mock.patch.object(unipass_api.calls, "time", watch):
        ask(an_intake(source, customs, gap_milliseconds=1500))
    assert len(customs.asked) == 4
    assert slept == [1.5] * 3


@pytest.mark.parametrize(
    "reason", ["존재하지 않는 인증키입니다.", "인증키(crkyCn)는 필수입력입니다."], ids=["wrong", "missing"]
)
def test_a_key_that_is_refused_stops_the_run_and_is_not_shown(source: Source, customs: Customs, reason: str) -> None:
    a_shipment(("house_bill", HOUSE))
    a_shipment(("house_bill", "KOSHA2"))
    customs.once(Answer(REFUSED.format(f"{reason} {KEYS['key_001']}").encode()), times=9)
    outcome = ask(an_intake(source, customs))
    assert outcome.error == f"customs refuses the key of service 001: {reason} …"
    assert len(customs.asked) == 1
    assert Intake.objects.get().failures == 1


def test_a_question_that_is_refused_is_noted_and_not_pressed(source: Source, customs: Customs) -> None:
    a_shipment(("house_bill", HOUSE))
    customs.once(Answer(REFUSED.format("조회 기간은 3년입니다.").encode()), times=9)
    intake = an_intake(source, customs)
    ask(intake)
    inquiry = the_inquiry(intake)
    assert inquiry.reason == "customs refuses the question: 조회 기간은 3년입니다."
    assert (inquiry.failures, len(customs.asked)) == (1, 1)
    assert inquiry.next_at == NOW + timedelta(minutes=5)


def test_without_a_key_nobody_is_called(source: Source, customs: Customs) -> None:
    a_shipment(("house_bill", HOUSE))
    assert ask(an_intake(source, customs, "020")).error == "there is no key for service 001, nor one for 002"
    assert customs.asked == []


TROUBLE = {
    "500": Answer(b"oh", 500),
    "503": Answer(b"later", 503),
    "a short body": Answer(b"<cargCsclPrgsInfoQryRtnVo>"),
    "nothing at all": Answer(b""),
    "an HTML page": Answer(b"<html><body>Service unavailable</body></html>"),
    "broken off": Answer(b"<cargCsclPrgsInfoQryRtnVo>" + b" " * 500, cut=100),
    "slow": Answer(b"", seconds=1),
    "an XML bomb": Answer(b'<!DOCTYPE a [<!ENTITY b "bbbb">]><cargCsclPrgsInfoQryRtnVo>&b;</cargCsclPrgsInfoQryRtnVo>'),
    "another file": Answer(
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><cargCsclPrgsInfoQryRtnVo>&x;</cargCsclPrgsInfoQryRtnVo>'
    ),
    "deep": Answer(
        b"<cargCsclPrgsInfoQryRtnVo>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</cargCsclPrgsInfoQryRtnVo>"
    ),
    "another encoding": Answer("<cargCsclPrgsInfoQryRtnVo>".encode("utf-16-be")),
    "JSON": Answer(b'{"tCnt": 1}'),
}


@pytest.mark.parametrize("answer", TROUBLE.values(), ids=TROUBLE.keys())
def test_what_cannot_be_read_is_asked_for_again_at_once_and_then_later(
    source: Source, customs: Customs, clock: time_machine.Coordinates, answer: Answer
) -> None:
    a_shipment(("house_bill", HOUSE))
    customs.knows(ONE, IN, house=HOUSE)
    customs.once(answer, times=2)
    intake = an_intake(source, customs)
    with mock.patch.object(unipass_api, "TIMEOUT", 0.4):
        assert ask(intake).error == ""
        assert (len(customs.asked), milestones()) == (3, ["bonded_storage_in"])
        customs.once(answer, times=3)
        customs.faults.insert(0, customs.faults.pop())
        customs.knows(ONE, IN, LODGED, house=HOUSE)
        ask_again(intake, clock)
        inquiry = the_inquiry(intake)
        assert (len(customs.asked), inquiry.failures) == (6, 1)
        assert InboundMessage.objects.count() == 1
        ask_again(intake, clock)
    assert milestones() == ["bonded_storage_in", "import_declared"]
    assert the_inquiry(intake).failures == 0


def test_who_asks_us_to_wait_is_left_alone_so_long(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    a_shipment(("house_bill", HOUSE))
    customs.knows(ONE, IN, house=HOUSE)
    customs.once(Answer(b"", 429, {"Retry-After": "90"}))
    intake = an_intake(source, customs)
    outcome = ask(intake)
    assert outcome.result.notes == ["customs asks us to wait 90 seconds (429)"]
    clock.shift(timedelta(seconds=89))
    ask(intake)
    assert len(customs.asked) == 1
    clock.shift(timedelta(seconds=2))
    ask(intake)
    assert milestones() == ["bonded_storage_in"]


@pytest.mark.parametrize("status", [302, 401, 403, 404])
def test_a_wrong_address_stops_the_run(source: Source, customs: Customs, status: int) -> None:
    for number in range(3):
        a_shipment(("house_bill", f"KOSHA{number}"))
    customs.once(Answer(b"no", status), times=9)
    outcome = ask(an_intake(source, customs))
    assert outcome.error == f"the address or the proxy is wrong: the answer has status {status}"
    assert len(customs.asked) == 1


def test_what_another_worker_has_taken_over_is_left_to_it(source: Source, customs: Customs) -> None:
    a_shipment(("house_bill", HOUSE))
    customs.knows(ONE, IN, house=HOUSE)
    real = unipass_api.visits.receive_answer

    def taken_over(*args: Any, **words: Any) -> Any:
        Intake.objects.update(lease_token="another")
        return real(*args, **words)

    with mock.patch.object(unipass_api.visits, "receive_answer", taken_over):
        assert ask(an_intake(source, customs)).error == "another worker has taken it over"
    assert not InboundMessage.objects.exists() and not Snapshot.objects.exists()


def test_calls_of_many_inquiries_stay_within_the_budget(
    source: Source, customs: Customs, clock: time_machine.Coordinates
) -> None:
    """A day with twenty cargoes, every fifth answer bad: all is learned, once, and no more is asked than allowed."""
    for number in range(20):
        a_shipment(("house_bill", f"KOSHA{number:02}"))
        customs.knows(f"26HDMU0123I0015{number:04}", IN, LODGED, house=f"KOSHA{number:02}", year="2025")
    customs.faults.append(lambda asked: TROUBLE["500"] if len(customs.asked) % 5 == 0 else None)
    intake = an_intake(source, customs, per_minute=10, per_day=200)
    for _ in range(24):
        ask(intake)
        clock.shift(timedelta(hours=1))
    assert len(milestones()) == 40
    assert not Inquiry.objects.exclude(failures=0).filter(answered_at=None).exists()
    by_minute = [sum(1 for other in customs.asked if 0 <= other.at - asked.at < 60) for asked in customs.asked]
    assert max(by_minute) <= 10
    by_day: dict[int, int] = {}
    for asked in customs.asked:
        by_day[int(asked.at // 86_400)] = by_day.get(int(asked.at // 86_400), 0) + 1
    assert max(by_day.values()) <= 200
