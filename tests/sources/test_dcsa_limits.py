"""Who we are to a carrier, and how often it may be called: keys, tokens, rates, bills, waits and refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import time_machine

from cargo.models import Inquiry, Intake, Shipment, Source
from tests.factories import a_registered_shipment
from tests.sources.carrier_server import Asked, Carrier, error
from tests.sources.carriers import (
    HOUR,
    KEY,
    NOW,
    an_intake,
    ask,
    happened,
    known,
    the_inquiry,
    truth,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("clock")


# --- Keys and tokens --------------------------------------------------------------------------------


def test_two_headers(source: Source, shipment: Shipment, carrier: Carrier) -> None:
    carrier.key = ("X-IBM-Client-Secret", "secret-of-clis")
    intake = an_intake(source, carrier, "hapag", carriers=["*"])
    ask(intake)
    assert carrier.asked[0].headers["x-ibm-client-id"] == "clis"
    assert intake.error == "" and "authorization" not in carrier.asked[0].headers


def test_a_token_is_fetched_once_and_renewed_when_it_ends(
    source: Source, shipment: Shipment, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.key, carrier.token_life = None, 300.0
    carrier.events = [happened(number) for number in range(9)]
    intake = an_intake(source, carrier, "cma_private", carriers=["*"], token_url=carrier.token_url, scope="tnt:read")

    def five_minutes_later(asked: Asked) -> None:
        if "cursor" in asked.parameters and len(carrier.tokens) == 1:
            clock.shift(timedelta(seconds=290))

    carrier.faults.append(five_minutes_later)
    assert ask(intake).error == ""
    assert known() == truth(carrier)
    assert [form for _, form in carrier.tokens] == [
        {
            "grant_type": "client_credentials",
            "scope": "tnt:read",
            "client_id": "clis",
            "client_secret": "secret-of-clis",
        }
    ] * 2
    assert [asked.headers["authorization"] for asked in carrier.asked] == [
        "Bearer token-1", "Bearer token-1", "Bearer token-2"
    ]  # fmt: skip


def test_a_token_that_is_refused_in_the_midst_is_renewed_once(
    source: Source, shipment: Shipment, carrier: Carrier
) -> None:
    carrier.key, carrier.token_life = None, 3600.0
    carrier.events = [happened(number) for number in range(7)]
    intake = an_intake(source, carrier, "maersk", carriers=["*"], token_url=carrier.token_url)

    def withdrawn(asked: Asked) -> None:
        if "cursor" in asked.parameters and len(carrier.tokens) == 1:
            carrier.good_tokens.clear()

    carrier.faults.append(withdrawn)
    assert ask(intake).error == ""
    assert known() == truth(carrier)
    assert (len(carrier.tokens), len(carrier.asked)) == (2, 4)
    assert carrier.tokens[0][0]["consumer-key"] == "clis"


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_stops_and_says_so(intake: Intake, carrier: Carrier, status: int) -> None:
    carrier.once(error(status, KEY), times=9)
    outcome = ask(intake)
    assert outcome.error == f"the carrier does not let us in: the answer has status {status}"
    assert len(carrier.asked) == 1
    kept = Intake.objects.get()
    assert (kept.failures, kept.error) == (1, outcome.error)


def test_a_missing_credential_is_named_and_nobody_is_called(
    source: Source, shipment: Shipment, carrier: Carrier
) -> None:
    intake = an_intake(source, carrier, "msc", carriers=["*"], token_url=carrier.token_url)
    assert ask(intake).error == "the credential certificate is not set"
    assert carrier.asked == [] and carrier.tokens == []


# --- What may be called -----------------------------------------------------------------------------


def test_no_more_calls_than_are_allowed(intake: Intake, carrier: Carrier, clock: time_machine.Coordinates) -> None:
    for number in range(6):
        a_registered_shipment(None, ("master_bill", f"HDMUPUSR000000{number}"))
    Intake.objects.update(settings=intake.settings | {"per_minute": 3, "per_hour": 5})
    outcome = ask(intake)
    assert (len(carrier.asked), outcome.result.again_in) == (3, timedelta(minutes=1))
    assert Intake.objects.get().next_at == NOW + timedelta(minutes=1)
    ask(intake)
    assert len(carrier.asked) == 3
    clock.shift(timedelta(seconds=61))
    outcome = ask(intake)
    assert (len(carrier.asked), outcome.result.again_in) == (5, timedelta(seconds=3600 - 61))
    clock.shift(HOUR)
    ask(intake)
    assert len(carrier.asked) == 8
    assert Intake.objects.get().calls["total"] == 8
    assert Inquiry.objects.filter(asked_at=None).count() == 0


def test_calls_that_cost_money_are_counted_and_capped(
    source: Source, shipment: Shipment, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.key = ("keyId", KEY)
    intake = an_intake(source, carrier, "cma", carriers=["*"], billed_most=2)
    carrier.once(error(500, "Oh"))
    for _ in range(5):
        ask(intake)
        clock.shift(timedelta(days=1))
    assert Intake.objects.get().calls["billed"] == ["2026-03", 2]
    assert len(carrier.asked) == 3
    clock.move_to(datetime(2026, 4, 1, 0, 1, tzinfo=UTC))
    ask(intake)
    assert Intake.objects.get().calls["billed"] == ["2026-04", 1]


@pytest.mark.parametrize(
    "wish",
    [pytest.param("120", id="seconds"), pytest.param(format_datetime(NOW + timedelta(minutes=2), True), id="date")],
)
@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_us_to_wait_is_left_alone_so_long(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates, status: int, wish: str
) -> None:
    carrier.events = [happened(number) for number in range(5)]
    carrier.once(error(status, "Slow down", **{"Retry-After": wish}), page=1)
    outcome = ask(intake)
    assert outcome.error == ""
    assert outcome.result.notes == [f"the carrier asks us to wait 120 seconds ({status})"]
    assert Intake.objects.get().next_at == NOW + timedelta(minutes=2)
    clock.shift(timedelta(seconds=119))
    ask(intake)
    assert len(carrier.asked) == 2
    clock.shift(timedelta(seconds=2))
    ask(intake)
    assert known() == truth(carrier)
    assert len(carrier.asked) == 3


def test_a_429_without_a_time_waits_longer_each_time(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.once(error(429, "Slow down"), times=3)
    pauses = []
    for _ in range(3):
        outcome = ask(intake)
        assert outcome.result.again_in is not None
        pauses.append(outcome.result.again_in)
        clock.shift(outcome.result.again_in + timedelta(seconds=1))
    assert pauses == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    ask(intake)
    assert "holds" not in Intake.objects.get().calls


def test_a_question_that_is_refused_is_asked_twice_and_no_more(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.once(error(400, f"no such reference, {KEY}"), times=9)
    for _ in range(5):
        ask(intake)
        clock.shift(timedelta(days=1))
    assert len(carrier.asked) == 2
    inquiry = the_inquiry(intake)
    assert inquiry.state == "refused"
    assert inquiry.reason.startswith("the carrier refuses the question (400): ") and KEY not in inquiry.reason
