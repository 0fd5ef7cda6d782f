"""The operator's staff at their desks: sources, shipments, inbox, quarantine, log, unresolved events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cargo import booking, tasks
from cargo.models import (
    Event,
    InboundBody,
    InboundMessage,
    MessagePart,
    Party,
    Shipment,
    ShipmentEvent,
    ShipmentReference,
    ShipmentStatus,
    Source,
    SourceKey,
    UnresolvedEvent,
    Warehouse,
)
from cargo.pipeline import project
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything
from clis.accounts.authentication import KEY_TEXT
from clis.accounts.models import ApiKey
from tests.people import Person, a_person

SAMPLES = Path(__file__).parent / "samples"
SAMPLE = (SAMPLES / "unipass" / "sea_consol_revoked_partial.xml").read_bytes()
HOUSE_BILL = "KOSHA2603001"
BROKEN = b'{"eventType": "EQUIPMENT", "note": "<script>alert(1)</script>'
CONTAINER = "HDMU6546583"
DESKS = ("source", "shipment", "inboundmessage", "quarantinedmessage", "event", "unresolvedevent", "warehouse")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken() -> Iterator[mock.MagicMock]:
    """Nobody is woken in tests; what would have been is noted."""
    with mock.patch.object(tasks, "wake") as wake:
        yield wake


@pytest.fixture
def source() -> Source:
    return Source.objects.create(slug="hmm", name="HMM")


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    assert shipper.organization
    return booking.register(shipper.organization.pk, [("house_bill", HOUSE_BILL)], own_reference="PO-77")


@pytest.fixture
def message(source: Source, shipment: Shipment) -> InboundMessage:
    """A message that was read."""
    received = receive(source.pk, SAMPLE, name="answer.xml")
    process_everything()
    return InboundMessage.objects.get(pk=received.id)


@pytest.fixture
def broken(source: Source) -> InboundMessage:
    """A message that could not be read."""
    received = receive(source.pk, BROKEN, media_type="application/json")
    process_everything()
    return InboundMessage.objects.get(pk=received.id)


@pytest.fixture
def unresolved(source: Source, shipper: Person) -> UnresolvedEvent:
    """A discharge of a box that two shipments of the importer name."""
    assert shipper.organization
    for number in ("HDMUPUSR0000001", "HDMUPUSR0000002"):
        booking.register(shipper.organization.pk, [("container", CONTAINER), ("master_bill", number)])
    process_everything()
    receive(source.pk, json.dumps([a_discharge()]).encode())
    process_everything()
    return UnresolvedEvent.objects.get()


def a_discharge() -> dict[str, Any]:
    """DCSA Track & Trace 2.2: a container's discharge in Busan."""
    return {
        "eventID": str(uuid5(NAMESPACE_URL, CONTAINER)),
        "eventType": "EQUIPMENT",
        "eventCreatedDateTime": "2026-11-20T09:00:00+09:00",
        "eventDateTime": "2026-11-20T08:00:00+09:00",
        "eventClassifierCode": "ACT",
        "equipmentEventTypeCode": "DISC",
        "equipmentReference": CONTAINER,
        "emptyIndicatorCode": "LADEN",
        "eventLocation": {"UNLocationCode": "KRPUS"},
        "transportCall": {"modeOfTransport": "VESSEL", "UNLocationCode": "KRPUS"},
    }


def url(name: str, row: Any = None) -> str:
    """``url("event_changelist")``, ``url("source_change", source)``."""
    return reverse(f"admin:cargo_{name}", args=[row.pk] if row is not None else [])


def texts(answer: Any) -> list[str]:
    """The admin's messages on the page that an answer leads to."""
    return [str(line) for line in answer.context["messages"]]


def inline(prefix: str, initial: int = 0, *rows: dict[str, object]) -> dict[str, object]:
    """The fields of an inline: ``initial`` rows that stand, then new ones."""
    fields: dict[str, object] = {f"{prefix}-TOTAL_FORMS": initial + len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows, start=initial):
        fields |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return fields


# --- Everybody ----------------------------------------------------------------------------------


def test_every_desk_opens_for_staff(
    staff_client: Client, message: InboundMessage, broken: InboundMessage, unresolved: UnresolvedEvent
) -> None:
    rows: dict[str, Any] = {
        "source": message.source,
        "shipment": Shipment.objects.first(),
        "inboundmessage": message,
        "quarantinedmessage": broken,
        "event": Event.objects.first(),
        "unresolvedevent": unresolved,
        "warehouse": Warehouse.objects.create(authority="KR-KCS", code="02012018", as_of=message.received_at),
    }
    assert rows.keys() == set(DESKS)
    for desk, row in rows.items():
        for address in (url(f"{desk}_changelist"), url(f"{desk}_changelist") + "?q=PO-77", url(f"{desk}_change", row)):
            assert staff_client.get(address).status_code == 200, address


def test_a_member_is_sent_to_the_sign_in(
    shipper_client: Client, message: InboundMessage, unresolved: UnresolvedEvent, source: Source
) -> None:
    before = ApiKey.objects.count(), InboundMessage.objects.count(), ShipmentEvent.objects.count()
    addresses = [
        *(url(f"{desk}_changelist") for desk in DESKS),
        url("inboundmessage_content", message),
        url("inboundmessage_replace", message),
        url("source_issue_key", source),
        url("unresolvedevent_attach", unresolved),
    ]
    for address in addresses:
        for answer in (shipper_client.get(address), shipper_client.post(address, {"text": "x", "name": "x"})):
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/admin/login/")
    assert (ApiKey.objects.count(), InboundMessage.objects.count(), ShipmentEvent.objects.count()) == before


def test_staff_without_rights_see_nothing(message: InboundMessage, source: Source, unresolved: UnresolvedEvent) -> None:
    clerk = a_person("Erin", "Operator", is_staff=True)
    for address in (
        url("inboundmessage_changelist"),
        url("inboundmessage_content", message),
        url("inboundmessage_replace", message),
        url("source_issue_key", source),
        url("unresolvedevent_attach", unresolved),
    ):
        assert clerk.client().get(address).status_code == 403, address


def test_staff_who_may_only_look_change_nothing(broken: InboundMessage) -> None:
    clerk = a_person("Erin", "Operator", is_staff=True)
    clerk.user.user_permissions.add(
        *Permission.objects.filter(codename__startswith="view_", content_type__app_label="cargo")
    )
    client = clerk.client()
    page = client.get(url("inboundmessage_change", broken)).content.decode()
    assert url("inboundmessage_content", broken) in page
    assert url("inboundmessage_replace", broken) not in page
    assert client.post(url("inboundmessage_replace", broken), {"text": "[]"}).status_code == 403
    with mock.patch.object(tasks, "replay_messages") as replay:
        client.post(url("inboundmessage_changelist"), {"action": "decode_again", "_selected_action": [broken.pk]})
    assert not replay.called
    assert InboundMessage.objects.count() == 1


@pytest.mark.parametrize("desk", ["inboundmessage", "quarantinedmessage", "event", "unresolvedevent"])
def test_the_log_is_neither_added_to_nor_changed_nor_deleted(
    desk: str, staff_client: Client, broken: InboundMessage, unresolved: UnresolvedEvent
) -> None:
    rows: dict[str, Any] = {
        "inboundmessage": broken,
        "quarantinedmessage": broken,
        "event": Event.objects.first(),
        "unresolvedevent": unresolved,
    }
    row = rows[desk]
    tables = (InboundMessage, InboundBody, MessagePart, Event, UnresolvedEvent)
    before = [list(table.objects.order_by("pk").values()) for table in tables]  # type: ignore[attr-defined]
    assert staff_client.get(url(f"{desk}_add")).status_code == 403
    form = {"state": "processed", "reason": "", "milestone": "gate_out", "content": "{}", "resolved_at": ""}
    assert staff_client.post(url(f"{desk}_change", row), form).status_code == 403
    assert staff_client.post(url(f"{desk}_delete", row), {"post": "yes"}).status_code == 403
    bulk_delete = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    staff_client.post(url(f"{desk}_changelist"), bulk_delete)
    assert [list(table.objects.order_by("pk").values()) for table in tables] == before  # type: ignore[attr-defined]


# --- Inbox and quarantine -----------------------------------------------------------------------


def test_the_bytes_are_downloaded_exactly(staff_client: Client, source: Source) -> None:
    body = bytes(range(256)) + b"\r\n<script>"
    received = receive(source.pk, body)
    answer = staff_client.get(reverse("admin:cargo_inboundmessage_content", args=[received.id]))
    assert answer.content == body
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="message-{received.id}.bin"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_download_of_nothing_is_404(staff_client: Client) -> None:
    assert staff_client.get("/admin/cargo/inboundmessage/99/content/").status_code == 404


def test_the_page_of_a_message_shows_text_parts_and_reason_and_runs_none_of_it(
    staff_client: Client, broken: InboundMessage
) -> None:
    MessagePart.objects.create(message=broken, kind="problem", position="[3]", reason="no <b>time</b>")
    page = staff_client.get(url("inboundmessage_change", broken)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "no &lt;b&gt;time&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert broken.reason and broken.state == "quarantined"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"answer.xml", "broken"}),
        ("?state__exact=quarantined", {"broken"}),
        ("?format=unipass.api001", {"answer.xml"}),
        ("?format=dcsa.tnt2", set()),
        ("?q=answer", {"answer.xml"}),
        ("?q={pk}", {"answer.xml"}),
        ("?q={digest}", {"answer.xml"}),
        ("?source__id__exact={other}", set()),
    ],
)
def test_the_inbox_is_filtered_and_searched(
    query: str, shown: set[str], staff_client: Client, message: InboundMessage, broken: InboundMessage
) -> None:
    InboundMessage.objects.filter(pk=broken.pk).update(name="broken")
    other = Source.objects.create(slug="other", name="Other")
    named = query.format(pk=message.pk, digest=message.digest, other=other.pk)
    answer = staff_client.get(url("inboundmessage_changelist") + named)
    assert {row.name for row in answer.context["cl"].result_list} == shown


def test_the_quarantine_holds_what_could_not_be_read_whole_or_in_part(
    staff_client: Client, message: InboundMessage, broken: InboundMessage, source: Source
) -> None:
    partly = receive(source.pk, (SAMPLES / "dcsa" / "one_good_among_bad.json").read_bytes()).id
    process_everything()
    rows = staff_client.get(url("quarantinedmessage_changelist")).context["cl"].result_list
    assert [row.pk for row in rows] == [partly, broken.pk]
    assert InboundMessage.objects.get(pk=partly).state == "processed"


def test_decode_again_reads_what_a_mended_decoder_can_read(
    staff_client: Client, source: Source, shipment: Shipment
) -> None:
    with mock.patch("cargo.pipeline.decode.formats.decode", side_effect=KeyError("defect")):
        number = receive(source.pk, SAMPLE).id
        process_everything()
    assert InboundMessage.objects.get(pk=number).state == "quarantined"
    answer = staff_client.post(
        url("quarantinedmessage_changelist"), {"action": "decode_again", "_selected_action": [number]}, follow=True
    )
    rows = Event.objects.count()
    assert rows > 5
    assert texts(answer) == [f"1 message was decoded again. {rows} rows were added to the log."]
    read = InboundMessage.objects.get(pk=number)
    assert (read.state, read.format, read.reason) == ("processed", "unipass.api001", "")
    assert ShipmentStatus.objects.get(pk=shipment.pk).milestone == "gate_out"
    assert not shipment.updates.filter(silent=False).exists()


def test_decode_again_says_when_it_is_too_much(staff_client: Client, source: Source) -> None:
    rows = [InboundMessage(source=source, digest=f"{n:064x}", state="ignored") for n in range(501)]
    InboundMessage.objects.bulk_create(rows)
    chosen = {"action": "decode_again", "_selected_action": [rows[0].pk], "select_across": "1"}
    with mock.patch.object(tasks, "replay_messages") as replay:
        answer = staff_client.post(url("inboundmessage_changelist"), chosen, follow=True)
    assert not replay.called
    assert texts(answer) == ["500 messages at most: use manage.py replay for more."]


def test_a_corrected_message_is_a_new_one_that_names_the_old(
    staff_client: Client, source: Source, shipment: Shipment, woken: mock.MagicMock
) -> None:
    old = receive(source.pk, SAMPLE.replace(b"</", b"<", 1), media_type="text/xml", name="a.xml").id
    process_everything()
    assert InboundMessage.objects.get(pk=old).state == "quarantined"
    address = reverse("admin:cargo_inboundmessage_replace", args=[old])
    assert "cargCsclPrgsInfoQryRtnVo" in staff_client.get(address).content.decode()
    # As a browser sends it: every end of line is CR LF.
    text = SAMPLE.decode().replace("\n", "\r\n")
    answer = staff_client.post(address, {"text": text})
    new = InboundMessage.objects.latest("pk")
    assert answer.status_code == 302
    assert answer.headers["Location"] == url("inboundmessage_change", new)
    assert (new.replaces_id, new.source, new.media_type, new.name) == (old, source, "text/xml", "a.xml")
    assert bytes(new.body.content) == SAMPLE
    assert bytes(InboundBody.objects.get(pk=old).content) == SAMPLE.replace(b"</", b"<", 1)
    woken.assert_called_with("cargo.tasks.drain_inbox")
    process_everything()
    new.refresh_from_db()
    assert new.state == "processed"
    page = staff_client.get(reverse("admin:cargo_inboundmessage_change", args=[old])).content.decode()
    assert url("inboundmessage_change", new) in page


def test_the_same_text_again_is_said_to_be_known(staff_client: Client, message: InboundMessage) -> None:
    answer = staff_client.post(url("inboundmessage_replace", message), {"text": SAMPLE.decode()})
    assert answer.status_code == 422
    assert f"Exactly this text was received before, as message {message.pk}." in answer.content.decode()
    assert InboundMessage.objects.count() == 1


def test_what_is_no_text_is_not_edited_here(staff_client: Client, source: Source) -> None:
    number = receive(source.pk, b"\xff\xfe\x00").id
    address = reverse("admin:cargo_inboundmessage_replace", args=[number])
    for answer in (staff_client.get(address, follow=True), staff_client.post(address, {"text": "x"}, follow=True)):
        assert texts(answer) == ["Only text of up to 1 MB in UTF-8 can be edited here."]
    assert InboundMessage.objects.count() == 1


# --- The log ------------------------------------------------------------------------------------


def test_events_are_found_by_number_and_by_message(staff_client: Client, message: InboundMessage) -> None:
    assert message.events > 0
    for query, count in (
        (f"?q={HOUSE_BILL.lower()}", message.events),
        ("?q=NOSUCHNUMBER", 0),
        (f"?message__id__exact={message.pk}", message.events),
        ("?classifier=planned", 0),
        ("?classifier=actual&level=nothing", 0),
    ):
        answer = staff_client.get(url("event_changelist") + query)
        assert (query, answer.status_code, len(answer.context["cl"].result_list)) == (query, 200, count)


def test_the_page_of_an_event_names_its_shipments(
    staff_client: Client, message: InboundMessage, shipment: Shipment
) -> None:
    page = staff_client.get(url("event_change", Event.objects.first())).content.decode()
    assert url("shipment_change", shipment) in page
    assert url("inboundmessage_change", message) in page


# --- Unresolved events --------------------------------------------------------------------------


def test_an_unresolved_event_is_attached_to_the_chosen_shipment(
    staff_client: Client, unresolved: UnresolvedEvent
) -> None:
    first, second = Shipment.objects.order_by("pk")
    page = staff_client.get(url("unresolvedevent_attach", unresolved)).content.decode()
    assert "HDMUPUSR0000001" in page and "HDMUPUSR0000002" in page
    answer = staff_client.post(url("unresolvedevent_attach", unresolved), {"shipment": second.pk}, follow=True)
    assert texts(answer) == ["The event is resolved."]
    link = ShipmentEvent.objects.get(event_id=unresolved.event_id)
    assert (link.shipment_id, link.weak) == (second.pk, False)
    assert ShipmentStatus.objects.get(pk=second.pk).milestone == "discharged"
    assert ShipmentStatus.objects.get(pk=first.pk).milestone == ""
    unresolved.refresh_from_db()
    assert unresolved.resolved_at is not None


def test_an_event_is_resolved_once(staff_client: Client, unresolved: UnresolvedEvent) -> None:
    first, second = Shipment.objects.order_by("pk")
    address = url("unresolvedevent_attach", unresolved)
    staff_client.post(address, {"shipment": second.pk})
    answer = staff_client.post(address, {"shipment": first.pk}, follow=True)
    assert "Somebody else resolved it before." in texts(answer)
    assert [row.shipment_id for row in ShipmentEvent.objects.all()] == [second.pk]


def test_what_a_person_decided_stands_when_the_numbers_are_judged_again(
    staff_client: Client, unresolved: UnresolvedEvent
) -> None:
    first, second = Shipment.objects.order_by("pk")
    staff_client.post(url("unresolvedevent_attach", unresolved), {"shipment": second.pk})
    for row in (first, second):
        booking.add_references(row, [("house_bill", f"HB{row.pk}000")])
    process_everything()
    with transaction.atomic():
        project.rebuild([first.pk, second.pk])
    assert [row.shipment_id for row in ShipmentEvent.objects.all()] == [second.pk]
    assert project.differences([first.pk, second.pk]) == []


def test_an_event_may_belong_to_neither(staff_client: Client, unresolved: UnresolvedEvent) -> None:
    staff_client.post(url("unresolvedevent_attach", unresolved), {"shipment": "none"})
    unresolved.refresh_from_db()
    assert (unresolved.resolved_at is not None, unresolved.chosen) == (True, None)
    assert not ShipmentEvent.objects.exists()


def test_an_event_is_attached_to_no_shipment_but_the_candidates(
    staff_client: Client, unresolved: UnresolvedEvent, shipper: Person
) -> None:
    assert shipper.organization
    other = booking.register(shipper.organization.pk, [("master_bill", "HDMUPUSR0000003")])
    answer = staff_client.post(url("unresolvedevent_attach", unresolved), {"shipment": other.pk})
    assert answer.status_code == 422
    assert not ShipmentEvent.objects.exists()


# --- Sources ------------------------------------------------------------------------------------


def test_a_source_is_added(staff_client: Client) -> None:
    form = {
        "name": "UNI-PASS",
        "slug": "unipass",
        "kind": "customs",
        "rank": "10",
        "format": "unipass.api001",
        "active": "on",
    }
    answer = staff_client.post(url("source_add"), form)
    assert answer.status_code == 302
    made = Source.objects.get()
    assert (made.slug, made.format, made.rank, made.organization, made.active) == (
        "unipass",
        "unipass.api001",
        10,
        None,
        True,
    )


def test_whose_source_it_is_stays(staff_client: Client, source: Source, shipper: Person) -> None:
    assert shipper.organization
    form = {
        "name": "HMM Co.",
        "slug": "other",
        "organization": shipper.organization.pk,
        "kind": "carrier",
        "rank": "40",
        **inline("keys"),
        **inline("secrets"),
        **inline("intakes"),
    }
    assert staff_client.post(url("source_change", source), form).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.rank, source.active) == ("HMM Co.", 40, False)
    assert (source.slug, source.organization) == ("hmm", None)


def test_a_source_is_not_deleted(staff_client: Client, source: Source) -> None:
    assert staff_client.post(url("source_delete", source), {"post": "yes"}).status_code == 403
    assert Source.objects.exists()


def test_a_push_key_is_shown_once_and_pushes_into_its_source(
    staff_client: Client, staff: Person, source: Source, shipper: Person
) -> None:
    assert shipper.organization
    address = url("source_issue_key", source)
    assert staff_client.get(address).status_code == 200
    form = {"name": "EDI gateway", "organization": shipper.organization.pk, "lifetime": "365"}
    page = staff_client.post(address, form)
    match = KEY_TEXT.search(page.content.decode())
    assert match is not None
    assert "no-store" in page.headers["Cache-Control"]
    bound = SourceKey.objects.get()
    assert (bound.source, bound.key.scopes, bound.key.created_by) == (source, ["messages:write"], staff.user)
    later = staff_client.get(url("source_change", source)).content.decode()
    assert match[0] not in later
    assert bound.key.prefix in later
    pushed = Client(headers={"authorization": f"Bearer {match[0]}"}).post(
        "/api/v1/messages/", SAMPLE, content_type="text/xml"
    )
    assert pushed.status_code == 202
    assert InboundMessage.objects.get().source == source


def test_the_key_of_a_private_source_is_its_organizations(
    staff_client: Client, shipper: Person, stranger: Person
) -> None:
    assert shipper.organization and stranger.organization
    private = Source.objects.create(slug="hers", name="Hers", organization=shipper.organization)
    form = {"name": "x", "organization": stranger.organization.pk, "lifetime": "365"}
    assert staff_client.post(url("source_issue_key", private), form).status_code == 422
    assert not ApiKey.objects.exists()


# --- Shipments ----------------------------------------------------------------------------------


def test_a_shipment_is_registered_with_its_rows(
    staff_client: Client, staff: Person, shipper: Person, forwarder: Person, source: Source, woken: mock.MagicMock
) -> None:
    assert shipper.organization and forwarder.organization
    receive(source.pk, SAMPLE)
    process_everything()
    form = {
        "organization": shipper.organization.pk,
        "own_reference": "PO-9",
        "mode": "sea",
        "port_of_discharge": "krpus",
        **inline("references", 0, {"kind": "house_bill", "value": "kosha 2603001"}),
        **inline("parties", 0, {"organization": forwarder.organization.pk, "role": "forwarder"}),
    }
    answer = staff_client.post(url("shipment_add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    made = Shipment.objects.get()
    assert (made.own_reference, made.port_of_discharge, made.created_by) == ("PO-9", "KRPUS", staff.user)
    assert list(made.references.filter(learned=False).values_list("kind", "value")) == [("house_bill", HOUSE_BILL)]
    assert set(made.parties.values_list("organization__name", "role")) == {
        ("Alice Imports", "registrant"),
        ("Bob Forwarding", "forwarder"),
    }
    woken.assert_called_with("cargo.tasks.drain_projections")
    process_everything()
    assert ShipmentStatus.objects.get(pk=made.pk).milestone == "gate_out"


def change(shipment: Shipment, **inlines: Any) -> dict[str, object]:
    """The fields of a shipment's page as it stands, and what is added."""
    references, parties = list(shipment.references.all()), list(shipment.parties.all())
    return {
        "own_reference": shipment.own_reference,
        **inline("references", len(references), *inlines.get("references", ())),
        **{f"references-{n}-id": row.pk for n, row in enumerate(references)},
        **inline("parties", len(parties), *inlines.get("parties", ())),
        **{f"parties-{n}-id": row.pk for n, row in enumerate(parties)},
        **inline("exceptions"),
    }


def test_a_number_added_finds_earlier_events(staff_client: Client, shipper: Person, source: Source) -> None:
    assert shipper.organization
    receive(source.pk, SAMPLE)
    made = booking.register(shipper.organization.pk, [("container", CONTAINER)])
    process_everything()
    form = change(made, references=[{"kind": "house_bill", "value": HOUSE_BILL}])
    assert staff_client.post(url("shipment_change", made), form).status_code == 302
    assert ShipmentReference.objects.filter(shipment=made, kind="house_bill", value=HOUSE_BILL, learned=False).exists()
    process_everything()
    assert ShipmentStatus.objects.get(pk=made.pk).milestone == "gate_out"


def test_a_wrong_number_is_refused_with_the_reason(staff_client: Client, shipment: Shipment) -> None:
    form = change(shipment, references=[{"kind": "container", "value": "HDMU6546584"}])
    answer = staff_client.post(url("shipment_change", shipment), form)
    assert answer.status_code == 200
    assert "The last digit does not fit" in answer.content.decode()
    assert shipment.references.count() == 1


def test_a_party_added_sees_the_shipment_and_one_taken_away_does_not(
    staff_client: Client, shipment: Shipment, forwarder: Person, forwarder_client: Client
) -> None:
    assert forwarder.organization
    page = f"/shipments/{shipment.pk}/"
    assert forwarder_client.get(page).status_code == 404
    form = change(shipment, parties=[{"organization": forwarder.organization.pk, "role": "forwarder"}])
    assert staff_client.post(url("shipment_change", shipment), form).status_code == 302
    assert forwarder_client.get(page).status_code == 200
    number = [row.organization for row in shipment.parties.all()].index(forwarder.organization)
    form = {**change(shipment), f"parties-{number}-DELETE": "on"}
    assert staff_client.post(url("shipment_change", shipment), form).status_code == 302
    assert forwarder_client.get(page).status_code == 404


def test_who_registered_a_shipment_stays_a_party(staff_client: Client, shipment: Shipment) -> None:
    answer = staff_client.post(url("shipment_change", shipment), {**change(shipment), "parties-0-DELETE": "on"})
    assert answer.status_code == 200
    assert "Who registered a shipment stays a party to it." in answer.content.decode()
    assert Party.objects.filter(shipment=shipment, role="registrant").count() == 1


def test_the_plan_and_the_owner_stay_as_registered(staff_client: Client, shipment: Shipment, stranger: Person) -> None:
    assert stranger.organization
    form = {**change(shipment), "own_reference": "PO-78", "organization": stranger.organization.pk, "mode": "air"}
    assert staff_client.post(url("shipment_change", shipment), form).status_code == 302
    changed = Shipment.objects.get()
    assert (changed.own_reference, changed.mode, changed.organization) == ("PO-78", "", shipment.organization)
    assert staff_client.post(url("shipment_delete", shipment), {"post": "yes"}).status_code == 403
    assert Shipment.objects.exists()


@pytest.mark.parametrize("term", [HOUSE_BILL.lower(), "PO-77", "{pk}"])
def test_a_shipment_is_found_by_any_number(
    term: str, staff_client: Client, shipment: Shipment, shipper: Person
) -> None:
    assert shipper.organization
    booking.register(shipper.organization.pk, [("house_bill", "OTHER123")])
    answer = staff_client.get(url("shipment_changelist") + f"?q={term.format(pk=shipment.pk)}")
    assert [row.pk for row in answer.context["cl"].result_list] == [shipment.pk]


def test_shipments_are_filtered_by_status(staff_client: Client, message: InboundMessage, shipment: Shipment) -> None:
    for query, count in (("?status=delivered_out", 1), ("?status=expected", 0)):
        answer = staff_client.get(url("shipment_changelist") + query)
        assert len(answer.context["cl"].result_list) == count
