"""Whatever a carrier's API does wrong (RELIABILITY I15, X9): nothing is lost, doubled, or asked in vain."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from unittest import mock

import pytest
import time_machine
from django.utils import timezone

from cargo.models import InboundMessage, Inquiry, Intake, Source
from cargo.sources import dcsa_api
from tests.factories import a_registered_shipment
from tests.sources.carrier_server import Answer, Asked, Carrier, cursor_to, error
from tests.sources.carriers import (
    HOUR,
    KEY,
    NOW,
    an_intake,
    ask,
    ask_until_quiet,
    happened,
    known,
    noted,
    the_inquiry,
    truth,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("clock")


# --- What carriers do wrong (RELIABILITY I15, X9) ---------------------------------------------------

HTML = Answer(502, b"<html><h1>Bad Gateway</h1></html>", {"Content-Type": "text/html"})
DEEP = b"[" * 100_000 + b"]" * 100_000
HOSTILE = {
    "deep": DEEP,
    "not UTF-8": b'[{"eventID": "\xff\xfe"}]',
    "an HTML page with status 200": b"<!DOCTYPE html><title>Sign in</title>",
    "an XML bomb": b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;&b;</a>',
    "a number": b"9" * 5000,
    "nothing but a quote": b'"',
    "an error as an answer": b'{"statusCode": 500, "errors": []}',
    "half": b'[{"eventID": "E1", "eventType":',
}


@pytest.mark.parametrize("page", [0, 1, 2])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(error(500, "Oh"), id="500"),
        pytest.param(HTML, id="502 and HTML"),
        pytest.param(Answer(200, HTML.body, HTML.headers), id="200 and HTML"),
        pytest.param(Answer(200, b'[{"eventID": "E9"}, {"ev'), id="half, as if whole"),
        pytest.param(Answer(200, b"[" + b" " * 500 + b"]", cut=100), id="broken off"),
        pytest.param(error(503, "Later"), id="503"),
        pytest.param(error(408, "Timeout"), id="408"),
    ],
)
def test_a_page_that_fails_is_asked_for_again(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates, answer: Answer, page: int
) -> None:
    carrier.events = [happened(number) for number in range(9)]
    carrier.once(answer, page=page, times=2)
    ask_until_quiet(intake, clock)
    assert known() == truth(carrier)
    assert len(carrier.asked) == 3 + 2
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"processed"}
    assert the_inquiry(intake).failures == 0


def test_a_slow_carrier_is_cut_off_and_asked_again(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.events = [happened(1)]
    carrier.once(Answer(seconds=1.5))
    with mock.patch.object(dcsa_api, "TIMEOUT", 0.3):
        outcome = ask(intake)
    assert outcome.result.failed == 1
    assert the_inquiry(intake).reason.startswith("the carrier did not answer: ")
    ask_until_quiet(intake, clock)
    assert known() == ["E1"]


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_cannot_be_read_is_kept_once_and_hides_nothing_behind_it(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates, body: bytes
) -> None:
    """The page is bad for ever: the ones behind it are read all the same, and its place is read again each time."""
    carrier.events = [happened(number) for number in range(9)]
    real = carrier.page

    def poisoned(asked: Asked) -> Answer | None:
        good = real(asked)
        return good._replace(body=body) if asked.parameters.get("cursor") == cursor_to(3) else None

    carrier.faults.append(poisoned)
    for _ in range(3):
        ask_until_quiet(intake, clock)
        clock.shift(HOUR * 25)
    assert set(truth(carrier)) - set(known()) == {"E3", "E4", "E5"}
    assert list(InboundMessage.objects.exclude(state="processed").values_list("state", flat=True)) == ["quarantined"]
    assert the_inquiry(intake).reason in ("a page could not be read", "") or the_inquiry(intake).failures
    carrier.faults.clear()
    for _ in range(3):
        ask_until_quiet(intake, clock)
        clock.shift(HOUR * 25)
    assert known() == truth(carrier)


def test_hostile_events_are_the_decoders_affair_and_stop_nothing(intake: Intake, carrier: Carrier) -> None:
    bad = [
        happened(1) | {"eventDateTime": "9" * 10_000},
        happened(2) | {"eventID": "x" * 100_000},
        happened(3) | {"documentReferences": [[[[]]]]},
        {"eventType": "\u0000"},
        happened(4) | {"transportCall": {"vessel": {"vesselName": "\ud800" * 100}}},
    ]
    good = [happened(number) for number in range(5, 8)]
    carrier.events = [event | {"eventCreatedDateTime": (NOW - HOUR).isoformat()} for event in bad + good]
    for event in carrier.events:
        event.setdefault("documentReferences", [])
    with mock.patch.object(Carrier, "_fits", lambda *_: True):
        outcome = ask(intake)
    assert outcome.error == ""
    assert {"E5", "E6", "E7"} <= set(known())


@pytest.mark.parametrize("cursor", ["\x01", "x" * 5000, "http://[", "?", "//", "http://evil.example/no-query"])
def test_a_hostile_cursor_ends_the_reading(intake: Intake, carrier: Carrier, cursor: str) -> None:
    carrier.events = [happened(1)]
    page = carrier.page

    def with_cursor(asked: Asked) -> Answer:
        return page(asked)._replace(headers={"Next-Page-Cursor": cursor, "Content-Type": "application/json"})

    carrier.faults.append(with_cursor)
    assert ask(intake).error == ""
    assert known() == ["E1"] and len(carrier.asked) == 1


def test_pages_that_shift_while_they_are_read(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    """A new event pushes one to the next page, where it is read again; one that is dropped hides one."""
    carrier.events = [happened(number) for number in range(10)]

    def shifts(asked: Asked) -> None:
        if len(carrier.asked) == 2:
            carrier.events.append(happened(20))
        if len(carrier.asked) == 3:
            carrier.events.remove(next(event for event in carrier.events if event["eventID"] == "E9"))

    carrier.faults.append(shifts)
    ask(intake)
    assert sorted(set(known())) == known()
    assert set(truth(carrier)) - set(known()) == {"E20", "E3"} or set(truth(carrier)) - set(known()) == {"E20", "E4"}
    clock.move_to(the_inquiry(intake).next_at)
    ask(intake)
    assert set(truth(carrier)) <= set(known()) and len(known()) == len(set(known()))
    assert len(carrier.asked) <= 8


def test_the_same_page_for_ever(intake: Intake, carrier: Carrier) -> None:
    """The carrier does not heed the cursor."""
    carrier.events = [happened(number) for number in range(5)]
    carrier.faults.append(lambda asked: carrier.page(asked._replace(parameters={"limit": "3"})))
    outcome = ask(intake)
    assert (outcome.error, len(carrier.asked)) == ("", 2)
    assert known() == ["E2", "E3", "E4"]
    assert the_inquiry(intake).reason == "the same page comes again and again"
    assert noted(intake)["mark"] == ""


def test_the_same_page_under_ever_new_names(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(1)]
    page = carrier.page(Asked(0, {"limit": "3"}, {}))

    def another(asked: Asked) -> Answer:
        return page._replace(headers={"Next-Page-Cursor": str(len(carrier.asked)), "Content-Type": "application/json"})

    carrier.faults.append(another)
    ask(intake)
    assert (len(carrier.asked), known()) == (3, ["E1"])


def test_a_last_page_that_names_itself_is_the_last(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(number) for number in range(5)]

    def named(asked: Asked) -> Answer | None:
        page = carrier.page(asked)
        if "Next-Page-Cursor" in page.headers:
            return None
        return page._replace(headers=page.headers | {"Next-Page-Cursor": asked.parameters["cursor"]})

    carrier.faults.append(named)
    ask(intake)
    assert (len(carrier.asked), the_inquiry(intake).reason) == (2, "")
    assert known() == truth(carrier) and noted(intake)["mark"] != ""


def test_a_page_that_comes_twice(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(number) for number in range(9)]

    def doubled(asked: Asked) -> Answer | None:
        cursor = asked.parameters.get("cursor")
        first = carrier.page(asked._replace(parameters={"limit": "3"}))
        if cursor == cursor_to(3):
            return first._replace(headers=first.headers | {"Next-Page-Cursor": "twice"})
        if cursor == "twice":
            return carrier.page(asked._replace(parameters={"limit": "3", "cursor": cursor_to(3)}))
        return None

    carrier.faults.append(doubled)
    outcome = ask(intake)
    assert known() == truth(carrier)
    assert (outcome.result.received, outcome.result.duplicates, len(carrier.asked)) == (3, 1, 4)


def test_a_cursor_that_is_forgotten_begins_the_reading_again(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(number) for number in range(9)]

    def forgets(asked: Asked) -> None:
        if len(carrier.asked) == 3:
            carrier.forgotten.add(cursor_to(6))
        if len(carrier.asked) == 4:
            carrier.forgotten.clear()

    carrier.faults.append(forgets)
    ask(intake)
    assert known() == truth(carrier)
    assert len(carrier.asked) == 6


def test_a_carrier_that_always_forgets_is_left_alone_for_a_while(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(number) for number in range(5)]
    carrier.forgotten.add(cursor_to(3))
    ask(intake)
    assert len(carrier.asked) == 4
    inquiry = the_inquiry(intake)
    assert (inquiry.failures, inquiry.next_at) == (1, NOW + timedelta(minutes=5))


@pytest.mark.parametrize("skew", [timedelta(days=-2), timedelta(hours=3), timedelta(days=4000)])
def test_the_carriers_clock_is_wrong(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates, skew: timedelta
) -> None:
    """Events are stamped by a clock that is ahead or behind, one far off: what comes later is still found."""
    start = NOW - timedelta(days=10)
    carrier.events = [happened(1), happened(2) | {"eventCreatedDateTime": (start + skew).isoformat()}]
    for number in range(3, 9):
        ask(intake)
        made = timezone.now() + min(skew, timedelta(hours=3))
        carrier.events.append(happened(number) | {"eventCreatedDateTime": made.isoformat()})
        clock.move_to(max(the_inquiry(intake).next_at, timezone.now() + HOUR))
    ask(intake)
    assert known() == truth(carrier)


def test_a_very_long_answer_is_read_in_turns(intake: Intake, carrier: Carrier, clock: time_machine.Coordinates) -> None:
    carrier.events = [happened(number, id=f"E{number}") for number in range(30)]
    Intake.objects.update(settings=intake.settings | {"pages": 4})
    seen = []
    for _ in range(3):
        ask(intake)
        seen.append(len(carrier.asked))
        clock.shift(timedelta(minutes=2))
    assert seen == [4, 8, 10]
    assert known() == truth(carrier)


def test_a_carrier_that_is_down_fails_the_run_after_three(source: Source, carrier: Carrier) -> None:
    for number in range(6):
        a_registered_shipment(None, ("master_bill", f"HDMUPUSR000000{number}"))
    carrier.once(error(500, "Oh"), times=99)
    intake = an_intake(source, carrier)
    outcome = ask(intake)
    assert outcome.error == "the carrier's server failed: the answer has status 500"
    assert len(carrier.asked) == 3
    assert Intake.objects.get().failures == 1


def test_a_redirect_is_not_followed(intake: Intake, carrier: Carrier) -> None:
    carrier.once(Answer(302, b"", {"Location": "http://127.0.0.1:1/"}))
    assert ask(intake).error == "the carrier answers with a redirect (302): the address has changed"


def test_no_secret_is_in_what_people_read(intake: Intake, carrier: Carrier) -> None:
    carrier.once(error(400, f"key {KEY} is not good"), times=3)
    ask(intake)
    texts = [*Inquiry.objects.values_list("reason", flat=True), *Intake.objects.values_list("error", flat=True)]
    assert KEY not in " ".join(texts) + json.dumps(Intake.objects.get().calls)


@pytest.mark.parametrize("seed", range(3))
def test_all_of_it_at_once(intake: Intake, carrier: Carrier, clock: time_machine.Coordinates, seed: int) -> None:
    """A day in which a quarter of the answers is wrong in some way, while events keep coming, some late."""
    random = Random(seed)
    Intake.objects.update(settings=intake.settings | {"per_minute": 6, "per_hour": 60, "fresh_minutes": 5})
    wrong = [
        error(500, "Oh"),
        HTML,
        Answer(200, HTML.body, HTML.headers),
        Answer(200, b'[{"eventID": "E1", "ev'),
        Answer(200, b"[" + b" " * 500 + b"]", cut=50),
        error(429, "Slow down", **{"Retry-After": "40"}),
        error(503, "Later"),
        error(400, "Unknown cursor"),
        Answer(200, DEEP),
    ]

    def anything(asked: Asked) -> Answer | None:
        if random.random() > 0.25:
            return None
        chosen = random.choice(wrong)
        # Without a cursor a 400 would be a refusal of the question itself, which is for staff.
        return None if chosen.status == 400 and "cursor" not in asked.parameters else chosen

    carrier.faults.append(anything)
    for turn in range(24 * 3):
        if turn % 2 == 0:
            late = timedelta(hours=random.choice((0, 0, 1, 12)))
            number = len(carrier.events)
            made = (timezone.now() - late).isoformat()
            event = happened(number % 60) | {"eventID": f"E{number}", "eventCreatedDateTime": made}
            carrier.events.append(event)
        ask(intake)
        clock.shift(timedelta(minutes=20))
    carrier.faults.clear()
    ask_until_quiet(intake, clock)
    clock.shift(HOUR)
    ask_until_quiet(intake, clock)
    assert known() == truth(carrier)
    by_minute = [sum(1 for other in carrier.asked if 0 <= other.at - asked.at < 60) for asked in carrier.asked]
    assert max(by_minute) <= 6
    assert the_inquiry(intake).state == "active" and the_inquiry(intake).failures == 0


def test_a_page_of_which_no_event_can_be_read_is_kept(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(1, eventDateTime="soon"), happened(2, eventType="OTHER")]
    ask(intake)
    message = InboundMessage.objects.get()
    assert (message.state, message.events) == ("quarantined", 0)
    assert message.parts.count() == 2
    assert the_inquiry(intake).failures == 0


def test_a_refusal_after_another_failure_is_not_the_second_one(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.once(error(500, "Oh"))
    carrier.once(error(400, "No"))
    ask(intake)
    clock.shift(HOUR)
    ask(intake)
    assert (the_inquiry(intake).state, the_inquiry(intake).failures) == ("active", 2)
