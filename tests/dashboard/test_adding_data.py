"""Putting data in from the browser: looked at first, its columns explained once, then received like any message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cargo import booking, tasks
from cargo.dashboard.adding import shown_name
from cargo.models import ColumnMapping, Event, InboundMessage, Shipment, Source
from cargo.pipeline.receive import receive
from clis.accounts.models import Membership
from tests.dashboard.test_pages import text_of
from tests.factories import SourceFactory
from tests.people import Person, a_person
from tests.pipeline.working import work_off

pytestmark = pytest.mark.django_db
LIST = (
    b"Container,HBL,ETA,Discharged,POD\n"
    b"HDMU6546583,KOSHA2603001,2026-03-14,2026-03-14 21:10,KRPUS\n"
    b"MSKU9070323,NOBODYS,soon,,KRPUS\n"
)
STRANGE = "Kiste;Papier;Was;Wann;Wo\nHDMU6546583;KOSHA2603001;Gelöscht;03.04.2026 21:10;Hafen Busan\n"
COLUMNS = {
    "as-1": "container",
    "as-2": "house_bill",
    "as-3": "status",
    "as-4": "occurred",
    "as-5": "place",
    "order": "day",
    "zone": "",
    "status-word-1": "Gelöscht",
    "status-1": "discharged",
    "status-classifier-1": "actual",
    "place-word-1": "Hafen Busan",
    "place-1": "krpus",
}
HTMX = {"hx-request": "true"}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No draft of another test; nobody is woken."""
    cache.clear()
    with mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    assert shipper.organization
    return booking.register(shipper.organization.pk, [("house_bill", "KOSHA2603001")], own_reference="PO-8841")


def upload(client: Client, body: bytes, name: str = "list.csv", **fields: Any) -> Any:
    """Sends a file and follows to where its verdicts stand."""
    return client.post("/data/", {"file": SimpleUploadedFile(name, body), **fields}, follow=True)


def token(response: Any) -> str:
    found = re.search(r'name="draft" value="(\w+)"', response.content.decode())
    assert found
    return found[1]


def take_in(client: Client, shown: Any) -> Any:
    """Confirms what was shown, to this client or to another."""
    return client.post("/data/trial/", {"draft": token(shown)}, follow=True)


def test_a_list_is_looked_at_first_and_then_received(
    shipment: Shipment, shipper: Person, shipper_client: Client
) -> None:
    shown = upload(shipper_client, LIST)
    page = text_of(shown)
    assert "2 events, 2 with a shipment, 1 not readable" in page
    assert "row 3 Not readable ETA: “soon” is no date." in page
    assert re.search(r"row 2, column 4 Discharged 14 Mar(?: 2026)?, 21:10 Korean time Busan KOSHA 2603001", page)
    assert "Goes to its shipment PO-8841" in page
    assert not InboundMessage.objects.exists() and not Event.objects.exists()
    page = text_of(take_in(shipper_client, shown))
    assert "Waiting" in page
    work_off()
    message = InboundMessage.objects.get()
    assert (message.state, message.events, message.name, message.format) == ("processed", 2, "list.csv", "tabular")
    assert message.source.organization == shipper.organization
    page = text_of(shipper_client.get(f"/data/messages/{message.pk}/"))
    assert "Read in part" in page and "row 3 ETA: “soon” is no date." in page
    assert set(Event.objects.values_list("links__shipment", flat=True)) == {shipment.pk}


def test_the_same_again_adds_nothing(shipment: Shipment, shipper_client: Client) -> None:
    for _ in range(2):
        page = text_of(take_in(shipper_client, upload(shipper_client, LIST)))
        work_off()
    assert "Exactly this was received before: nothing was added." in page
    assert InboundMessage.objects.count() == 1


def test_pasted_text_is_taken_like_a_file(shipment: Shipment, shipper_client: Client) -> None:
    shown = shipper_client.post("/data/", {"text": LIST.decode().replace("\n", "\r\n")}, follow=True)
    assert "2 events" in text_of(shown)


def test_strange_columns_are_explained_once(shipment: Shipment, shipper: Person, shipper_client: Client) -> None:
    shown = upload(shipper_client, STRANGE.encode())
    page = text_of(shown)
    assert "What the columns mean" in page and "Hafen Busan" in page
    assert "Take it in" not in page
    page = text_of(shipper_client.post("/data/columns/", {"draft": token(shown), **COLUMNS}, follow=True))
    assert "1 event, 1 with a shipment" in page
    assert ColumnMapping.objects.count() == 0
    take_in(shipper_client, shown)
    work_off()
    event = Event.objects.get()
    assert (event.milestone, event.occurred_at.isoformat()) == ("discharged", "2026-04-03T12:10:00+00:00")
    mapping = ColumnMapping.objects.get()
    assert mapping.made_by == shipper.user and mapping.header == ["Kiste", "Papier", "Was", "Wann", "Wo"]
    assert mapping.source.reading == {"columns": {mapping.fingerprint: mapping.meaning}}
    again = text_of(upload(shipper_client, STRANGE.replace("03.04.", "05.06.").encode()))
    assert "1 event, 1 with a shipment" in again
    assert "How are the dates written?" not in again
    assert "Change what the columns mean" in again


def test_what_is_missing_is_said_and_nothing_can_be_taken_in(shipper_client: Client) -> None:
    shown = upload(shipper_client, STRANGE.encode())
    wrong = {**COLUMNS, "as-1": "", "as-2": "", "as-4": "", "place-1": "XXXXX"}
    page = text_of(shipper_client.post("/data/columns/", {"draft": token(shown), **wrong}, follow=True))
    assert "Choose at least one column with a number: a container, a bill, a booking." in page
    assert "A status needs the column with its date." in page
    assert "XXXXX is no UN/LOCODE that is known." in page
    assert "Take it in" not in page


def test_to_htmx_only_the_part_that_changes(shipper_client: Client) -> None:
    shown = upload(shipper_client, STRANGE.encode())
    part = shipper_client.post("/data/columns/", {"draft": token(shown), **COLUMNS}, headers=HTMX)
    assert part.content.decode().lstrip().startswith('<div class="stack" id="trial"')


def test_dates_that_could_be_either_are_asked_about(shipper_client: Client) -> None:
    table = b"Container,ETA,POD\nHDMU6546583,03/04/2026,KRPUS\n"
    page = text_of(upload(shipper_client, table))
    assert "How are the dates written?" in page
    assert "Choose how the dates are written." in page


def test_a_column_that_was_understood_may_be_explained_differently(shipment: Shipment, shipper_client: Client) -> None:
    shown = upload(shipper_client, LIST)
    page = shipper_client.get("/data/trial/?columns=1").content.decode()
    chosen = re.findall(r'<option value="(\w+)" selected', page)
    assert chosen[:3] == ["container", "house_bill", "date"]
    as_planned = {"as-1": "container", "as-2": "house_bill", "as-5": "port_of_discharge", "as-3": "date"}
    posted = {**as_planned, "milestone-3": "arrived", "classifier-3": "planned", "draft": token(shown)}
    page = text_of(shipper_client.post("/data/columns/", posted, follow=True))
    assert "Planned" in page and "Discharged 14" not in page


def test_what_could_not_be_read_is_shown_with_its_reason_and_read_again(
    shipment: Shipment, shipper: Person, shipper_client: Client
) -> None:
    source = SourceFactory.create(organization=shipper.organization, kind=Source.Kind.MANUAL, name="Alice's folder")
    received = receive(source.pk, STRANGE.encode(), name="from-folder.csv")
    work_off()
    page = text_of(shipper_client.get("/data/"))
    assert "from-folder.csv" in page
    assert "Not readable Nobody has said yet what its columns mean: Kiste, Papier, Was, Wann, Wo" in page
    shown = shipper_client.post(f"/data/messages/{received.id}/", follow=True)
    shipper_client.post("/data/columns/", {"draft": token(shown), **COLUMNS})
    page = text_of(take_in(shipper_client, shown))
    assert "Read" in page and "Not readable" not in page
    assert InboundMessage.objects.count() == 1
    assert Event.objects.get().milestone == "discharged"
    assert set(Event.objects.values_list("links__shipment", flat=True)) == {shipment.pk}


def test_the_own_source_is_made_once_and_bears_a_free_name(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    SourceFactory.create(slug=f"{shipper.organization.slug}-data")
    for body in (LIST, LIST + b"\n"):
        upload(shipper_client, body)
    (source,) = Source.objects.filter(organization=shipper.organization)
    assert (source.slug, source.kind, source.name) == (f"{shipper.organization.slug}-data-2", "manual", "Alice Imports")


def test_another_organizations_source_message_and_draft_are_not_there(
    shipper: Person, shipper_client: Client, stranger: Person, stranger_client: Client
) -> None:
    hers = SourceFactory.create(organization=shipper.organization, kind=Source.Kind.MANUAL)
    shared = SourceFactory.create()
    received = receive(hers.pk, LIST, name="secret.csv")
    shown = upload(shipper_client, LIST)
    for source in (hers, shared):
        answer = stranger_client.post("/data/", {"text": LIST.decode(), "source": str(source.pk)})
        assert answer.status_code == 404
    assert stranger_client.get(f"/data/messages/{received.id}/").status_code == 404
    assert stranger_client.post(f"/data/messages/{received.id}/").status_code == 404
    assert "secret.csv" not in text_of(stranger_client.get("/data/"))
    page = text_of(take_in(stranger_client, shown))
    assert "There is no upload waiting. Choose the file again." in page
    assert InboundMessage.objects.count() == 1
    assert not Source.objects.filter(organization=stranger.organization).exists()


def test_staff_put_data_into_any_source(staff_client: Client, shipment: Shipment) -> None:
    shared = SourceFactory.create(name="A carrier")
    shown = upload(staff_client, LIST, source=str(shared.pk))
    assert "into A carrier" in text_of(shown)
    take_in(staff_client, shown)
    assert InboundMessage.objects.get().source == shared
    upload(staff_client, LIST, source="own")
    assert Source.objects.get(kind="manual").slug == "operator-data"


def test_who_may_only_read_sees_what_came_in_and_adds_nothing(shipper: Person) -> None:
    viewer = a_person("Vera", shipper.organization, Membership.Role.VIEWER).client()  # type: ignore[arg-type]
    page = text_of(viewer.get("/data/"))
    assert "You may read here, not add." in page
    answers = [
        viewer.post(address, {"text": LIST.decode()}) for address in ("/data/", "/data/trial/", "/data/columns/")
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not Source.objects.exists()


def test_nothing_and_too_much_are_refused(shipper_client: Client, settings: Any) -> None:
    settings.MESSAGE_MAX_BYTES = 1000
    empty = shipper_client.post("/data/", {"text": "  "})
    assert empty.status_code == 422 and "Choose a file, or paste something." in empty.content.decode()
    large = shipper_client.post("/data/", {"file": SimpleUploadedFile("large.csv", b"x" * 1001)})
    assert large.status_code == 422 and "The file is larger than" in large.content.decode()
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 500
    refused = shipper_client.post("/data/", {"text": "x" * 600})
    assert refused.status_code == 413 and "Nothing was kept." in refused.content.decode()


def test_a_form_of_another_site_is_refused(shipper: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(shipper.user)
    assert client.post("/data/", {"text": LIST.decode()}).status_code == 403
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("list.csv", "list.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Alice\\목록.xlsx", "목록.xlsx"),
        ("evil\u202excod.csv", "evilxcod.csv"),
        ("a\x00b\r\n.csv", "ab.csv"),
        ("..", ".."),
        ("", "file"),
        ("/", "file"),
        ("x" * 300, "x" * 120),
        ("<script>.csv", "<script>.csv"),
    ],
)
def test_a_files_name_is_data_and_nothing_else(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_name_is_shown_as_text(shipper_client: Client) -> None:
    page = upload(shipper_client, LIST, "<script>alert(1)<.csv").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;.csv" in page
    cells = upload(shipper_client, b"Container,ETA,POD\n<b>HDMU</b>,soon<i>,KRPUS\n").content.decode()
    assert "soon&lt;i&gt;" in cells and "soon<i>" not in cells


NOTICES = "Papier;Amt;Kennung;Wann;Wo\nKOSHA2603001;HMRC;DMSCTL;03.04.2026 21:10;GBFXT\n"
AUTHORITY_AND_CODE = {
    "as-1": "house_bill",
    "as-2": "customs_authority",
    "as-3": "customs_code",
    "as-4": "occurred",
    "as-5": "place",
    "order": "day",
    "zone": "",
}


def test_columns_of_a_customs_authority_and_its_code(shipment: Shipment, shipper_client: Client) -> None:
    shown = upload(shipper_client, NOTICES.encode())
    assert "Customs&#x27; own words" in shown.content.decode()
    alone = {**AUTHORITY_AND_CODE, "as-2": ""}
    page = text_of(shipper_client.post("/data/columns/", {"draft": token(shown), **alone}, follow=True))
    assert "A customs code needs the column with its authority." in page
    page = text_of(shipper_client.post("/data/columns/", {"draft": token(shown), **AUTHORITY_AND_CODE}, follow=True))
    assert "Selected for inspection" in page and "1 event, 1 with a shipment" in page
    take_in(shipper_client, shown)
    work_off()
    event = Event.objects.get()
    assert event.milestone == "inspection_ordered"
    shipment.refresh_from_db()
    assert shipment.status_row.customs_state == "held"
