"""Asking a carrier's Track & Trace API: what is asked, how often, and what is kept of the answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from cargo import sources
from cargo.admin.intake_forms import PREFIX, form_of
from cargo.models import InboundMessage, Inquiry, Intake, Shipment, Source
from cargo.sources import dcsa_api
from cargo.sources.base import secrets_of
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.sources.carrier_server import Answer, Carrier, cursor_to, error
from tests.sources.carriers import (
    BILL,
    HOUR,
    KEY,
    NOW,
    an_intake,
    ask,
    happened,
    known,
    noted,
    the_inquiry,
    truth,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("clock")


# --- The plain way ----------------------------------------------------------------------------------


def test_registered_cargo_is_asked_about_and_every_page_is_kept(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(number) for number in range(7)]
    outcome = ask(intake)
    assert outcome.error == "" and (outcome.result.received, outcome.result.failed) == (3, 0)
    assert known() == truth(carrier)
    assert [asked.parameters for asked in carrier.asked] == [
        {"transportDocumentReference": BILL, "limit": "3"},
        {"transportDocumentReference": BILL, "limit": "3", "cursor": cursor_to(3)},
        {"transportDocumentReference": BILL, "limit": "3", "cursor": cursor_to(6)},
    ]
    kept = InboundMessage.objects.order_by("pk")
    assert [message.name for message in kept] == [f"master_bill={BILL}"] * 3
    assert {message.media_type for message in kept} == {"application/json"}
    assert {message.state for message in kept} == {"processed"}
    assert bytes(kept[0].body.content) == carrier.page(carrier.asked[0]).body
    inquiry = the_inquiry(intake)
    assert (inquiry.state, inquiry.failures, inquiry.reason, inquiry.answered_at) == ("active", 0, "", NOW)


def test_the_next_reading_begins_at_the_newest_event_less_the_overlap(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.events = [happened(number) for number in range(30)]
    ask(intake)
    assert noted(intake)["mark"] == "2026-03-11T08:00:00+00:00"
    clock.shift(HOUR * 2)
    carrier.events.append(happened(30))
    ask(intake)
    again = carrier.asked[10]
    assert again.parameters["eventCreatedDateTime:gte"] == "2026-03-10T08:00:00Z"
    assert known() == truth(carrier)
    assert len(carrier.asked) == 10 + 9


def test_the_cursor_is_moved_with_the_bytes_and_not_before(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(number) for number in range(7)]
    real, calls = dcsa_api.pages.receive, []

    def fails(*args: Any, **words: Any) -> Any:
        calls.append(words)
        if len(calls) == 2:
            raise RuntimeError("the database is gone")
        return real(*args, **words)

    with mock.patch.object(dcsa_api.pages, "receive", fails):
        assert ask(intake).error == "our own defect, see the log: RuntimeError"
    assert InboundMessage.objects.count() == 1
    assert noted(intake)["page"] == {"cursor": cursor_to(3)}
    ask(intake)
    assert known() == truth(carrier)
    assert [asked.parameters.get("cursor") for asked in carrier.asked] == [
        None, cursor_to(3), cursor_to(3), cursor_to(6)
    ]  # fmt: skip


def test_what_another_worker_has_taken_over_is_left_to_it(intake: Intake, carrier: Carrier) -> None:
    carrier.events = [happened(number) for number in range(2)]

    real = dcsa_api.pages.receive

    def taken_over(*args: Any, **words: Any) -> Any:
        Intake.objects.update(lease_token="another")
        return real(*args, **words)

    with mock.patch.object(dcsa_api.pages, "receive", taken_over):
        outcome = ask(intake)
    assert outcome.error == "another worker has taken it over"
    assert not InboundMessage.objects.exists()
    assert the_inquiry(intake).cursor == ""


@pytest.mark.parametrize(("header", "kind"), [("Next-Page", "link"), ("Next-Page", "cursor"), ("Link", "header")])
def test_the_next_page_is_a_cursor_or_a_link_and_only_its_query_counts(
    intake: Intake, carrier: Carrier, header: str, kind: str
) -> None:
    carrier.events = [happened(number) for number in range(5)]
    carrier.page_header, carrier.page_as = header, kind
    ask(intake)
    assert known() == truth(carrier)
    assert [asked.headers["host"] for asked in carrier.asked] == [f"127.0.0.1:{carrier.port}"] * 2


# --- What is asked ----------------------------------------------------------------------------------


def test_carriers_are_told_apart(source: Source, carrier: Carrier) -> None:
    owner = OrganizationFactory.create()
    a_registered_shipment(owner, ("master_bill", "HDMUPUSR1234567"), ("booking", "B1"), ("container", "HDMU6546583"))
    a_registered_shipment(owner, ("master_bill", "MAEU123456789"))
    requested = a_registered_shipment(owner, ("container", "TCLU1234568"))
    requested.tracking_requests.create(organization=owner, reference="TCLU1234568", kind="container", carrier="HDMU")
    a_registered_shipment(owner, ("container", "MSKU1234565"))
    a_registered_shipment(owner, ("house_bill", "KOSHA1"))
    intake = an_intake(source, carrier, carriers=["hdmu"])
    ask(intake)
    rows = Inquiry.objects.filter(intake=intake).order_by("pk").values_list("subject", "state", "request")
    assert sorted(rows) == [
        ("container=TCLU1234568", "active", {"container": "TCLU1234568"}),
        ("master_bill=HDMUPUSR1234567", "active", {"master_bill": "HDMUPUSR1234567"}),
    ]
    Intake.objects.update(settings=intake.settings | {"carriers": ["*"], "strip_scac": True})
    ask(intake)
    assert Inquiry.objects.filter(intake=intake, state="active").count() == 4


def test_a_carrier_that_wants_booking_and_container_gets_both(source: Source, carrier: Carrier) -> None:
    carrier.key = ("x-Gateway-APIKey", KEY)
    both = a_registered_shipment(
        None, ("master_bill", BILL), ("booking", "B1"), ("container", "HDMU6546583"), ("container", "TCLU1234568")
    )
    without = a_registered_shipment(None, ("master_bill", "HDMUPUSR7654321"))
    intake = an_intake(source, carrier, "hmm")
    ask(intake)
    assert [asked.parameters for asked in carrier.asked] == [
        {"carrierBookingReference": "B1", "equipmentReference": box, "limit": "3"}
        for box in ("HDMU6546583", "TCLU1234568")
    ]
    refused = Inquiry.objects.get(intake=intake, state="refused")
    assert (refused.shipment, refused.subject) == (without, f"shipment={without.pk}")
    assert refused.reason == "the carrier asks for carrierBookingReference and equipmentReference"
    assert set(Inquiry.objects.filter(state="active").values_list("shipment", flat=True)) == {both.pk}
    Inquiry.objects.filter(pk=refused.pk).update(state="active", reason="")
    ask(intake)
    refused.refresh_from_db()
    assert (refused.state, len(carrier.asked)) == ("refused", 2)


def test_what_is_completed_is_asked_about_no_more_and_again_if_it_is_not(
    intake: Intake, carrier: Carrier, shipment: Shipment, clock: time_machine.Coordinates
) -> None:
    ask(intake)
    shipment.status_row.status, shipment.status_row.last_event_at = "completed", NOW
    shipment.status_row.save()
    ask(intake)
    assert the_inquiry(intake).state == "active"
    clock.shift(timedelta(days=4))
    ask(intake)
    assert (the_inquiry(intake).state, len(carrier.asked)) == ("done", 1)
    shipment.status_row.status = "in_transit"
    shipment.status_row.save()
    clock.shift(timedelta(minutes=10))
    ask(intake)
    assert (the_inquiry(intake).state, len(carrier.asked)) == ("active", 2)


def test_a_private_source_asks_only_about_its_organizations_cargo(source: Source, carrier: Carrier) -> None:
    mine = a_registered_shipment(OrganizationFactory.create(), ("master_bill", "HDMUPUSR1111111"))
    a_registered_shipment(OrganizationFactory.create(), ("master_bill", "HDMUPUSR2222222"))
    source.organization = mine.organization
    source.save()
    ask(an_intake(source, carrier))
    assert [asked.parameters["transportDocumentReference"] for asked in carrier.asked] == ["HDMUPUSR1111111"]


def test_settling_takes_as_many_statements_for_many_shipments(
    source: Source, carrier: Carrier, django_assert_num_queries: Any
) -> None:
    owner = OrganizationFactory.create()
    intake = an_intake(source, carrier)
    run = sources.Run(Intake.objects.select_related("source").get(), dcsa_api.WAY.settings)
    for count in (1, 30):
        for number in range(count):
            a_registered_shipment(owner, ("master_bill", f"HDMU{count:03}{number:05}"))
        with django_assert_num_queries(3):
            dcsa_api.settle(intake, dcsa_api.wanted(run, dcsa_api.PROFILES["dcsa22"]))
    assert Inquiry.objects.count() == 31


def test_fresh_cargo_is_asked_about_more_often_than_quiet(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.events = [happened(1)]
    pauses = []
    for _ in range(8):
        ask(intake)
        inquiry = the_inquiry(intake)
        pauses.append((inquiry.next_at - timezone.now()) // timedelta(minutes=1))
        clock.move_to(inquiry.next_at)
    assert pauses[:3] == [60, 60, 60]
    assert pauses == sorted(pauses) and pauses[-1] > 60
    carrier.events.append(happened(2))
    ask(intake)
    assert the_inquiry(intake).next_at - timezone.now() == HOUR


def test_everything_is_read_again_once_a_week(
    intake: Intake, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.events = [happened(1), happened(2)]
    ask(intake)
    carrier.events.append(happened(3, hours=-24 * 30))
    clock.shift(timedelta(days=2))
    ask(intake)
    assert known() == ["E1", "E2"]
    clock.shift(timedelta(days=6))
    ask(intake)
    assert known() == truth(carrier)


@pytest.mark.parametrize("answer", [Answer(), error(404, "Not Found"), Answer(status=204, body=b"")])
def test_what_is_not_known_yet_is_asked_again_and_leaves_no_message(
    intake: Intake, carrier: Carrier, answer: Answer, clock: time_machine.Coordinates
) -> None:
    carrier.once(answer, times=2)
    assert ask(intake).error == ""
    inquiry = the_inquiry(intake)
    assert (inquiry.state, inquiry.reason) == ("active", "nothing is known of it yet")
    assert not InboundMessage.objects.exists()
    clock.move_to(inquiry.next_at)
    ask(intake)
    carrier.events = [happened(1)]
    clock.move_to(the_inquiry(intake).next_at)
    ask(intake)
    assert known() == ["E1"] and the_inquiry(intake).reason == ""


def test_a_partner_may_give_everything_at_once(source: Source, carrier: Carrier) -> None:
    carrier.events = [happened(number) for number in range(4)]
    intake = an_intake(source, carrier, feed=True)
    ask(intake)
    assert known() == truth(carrier)
    assert [sorted(asked.parameters) for asked in carrier.asked] == [["limit"], ["cursor", "limit"]]


def test_version_three_is_asked_by_when_events_were_changed(
    source: Source, shipment: Shipment, carrier: Carrier, clock: time_machine.Coordinates
) -> None:
    carrier.events = [happened(1), happened(2)]
    intake = an_intake(source, carrier, "dcsa30")
    ask(intake)
    clock.shift(HOUR * 2)
    carrier.events.append(happened(3))
    ask(intake)
    first, second = carrier.asked
    assert first.headers["api-version"] == "3.0.0"
    assert set(second.parameters) == {"transportDocumentReference", "limit", "eventUpdatedDateTimeMin"}
    assert known() == truth(carrier)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"profile": ""}, "Choose whose API it is."),
        ({"profile": "evergreen"}, "This carrier's address has to be entered."),
        (
            {"profile": "evergreen", "url": "https://api.example.com/v2/events"},
            "The address that gives this carrier's tokens has to be entered.",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(values: dict[str, str], expected: str) -> None:
    with pytest.raises(ValidationError) as refused:
        dcsa_api.check(values)
    assert refused.value.messages == [expected]
    dcsa_api.check({"profile": "hapag"})


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "https://", "https://a@b.example/", "https://a.example/?x", "http://[", "x"]
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ValidationError):
        dcsa_api.check_url(url)
    dcsa_api.check_url("https://api.example.com/v2/events")


def test_staff_choose_the_carrier_and_enter_its_keys(intake: Intake) -> None:
    plain = {f"{PREFIX}{setting.name}": setting.default for setting in dcsa_api.WAY.settings if not setting.secret}
    given = plain | {
        "every": "00:15:00",
        "active": "on",
        f"{PREFIX}carriers": "HLCU\nHLXU",
        f"{PREFIX}client_id": "client-of-ours",
    }
    without = form_of(intake)(given | {"profile": "evergreen"}, instance=intake)
    assert without.non_field_errors() == ["This carrier's address has to be entered."]
    form = form_of(intake)(given | {"profile": "hapag"}, instance=intake)
    assert form.is_valid(), form.errors
    form.save()
    kept = Intake.objects.get()
    assert (kept.profile, kept.settings) == ("hapag", {"carriers": ["HLCU", "HLXU"]})
    assert secrets_of(kept)["client_id"] == "client-of-ours" and "client-of-ours" not in kept.sealed
