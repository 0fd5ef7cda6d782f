"""The page as of an earlier time, and the evidence file on paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo import booking
from cargo.dashboard import paper, past
from cargo.dashboard.evidence_sheet import when
from cargo.models import Shipment, Source
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything
from tests.dashboard.conftest import HOUSE_BILL, STEPS_AFTER_INSPECTION, answer
from tests.messages import dcsa, equipment
from tests.people import Person

SEOUL = timezone.get_fixed_timezone(9 * 60)
HELD, COLLECTED = "2026-03-16 12:00", "2026-03-28 12:00"


def kst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.fixture
def told(shipper: Person) -> Shipment:
    """Held on 16 March, the rest told on 28 March."""
    assert shipper.organization
    with time_machine.travel(kst("2026-03-01 09:00"), tick=False):
        shipment = booking.register(shipper.organization.pk, [("house_bill", HOUSE_BILL)], own_reference="PO-8841")
    source = Source.objects.create(slug="unipass", name="Korea Customs UNI-PASS", kind="customs")
    for body, at in ((answer(STEPS_AFTER_INSPECTION), HELD), (answer(), COLLECTED)):
        with time_machine.travel(kst(at), tick=False):
            receive(source.pk, body)
            process_everything()
    return shipment


def page(client: Client, shipment: Shipment, **query: str) -> str:
    found = client.get(f"/shipments/{shipment.pk}/", query)
    assert found.status_code == 200
    return found.content.decode()


def test_what_was_known_while_it_was_held(shipper_client: Client, told: Shipment) -> None:
    now, then = page(shipper_client, told), page(shipper_client, told, as_of="2026-03-17T09:00")

    assert "This is the past" not in now and "Held by customs" not in now
    assert "This is the past: what was believed at 2026-03-17 09:00:00 (Asia/Seoul)." in then
    assert "<h1>" in then and "Held by customs" in then
    assert f'href="/shipments/{told.pk}/"' in then
    assert "data-live" in now and "data-live" not in then


def test_before_the_first_event(shipper_client: Client, told: Shipment) -> None:
    then = page(shipper_client, told, as_of="2026-02-01T09:00")
    assert "Nothing has been reported yet." in then
    assert "It was registered here only later." in then


def test_by_what_had_been_reported(shipper_client: Client, told: Shipment) -> None:
    then = page(shipper_client, told, as_of="2026-03-14T23:00:00+09:00", by="reported")
    assert "This is the past: what sources had reported by 2026-03-14 23:00:00 (Asia/Seoul)." in then
    assert "Nothing has been reported yet." not in then
    assert "Nothing has been reported yet." in page(shipper_client, told, as_of="2026-03-14T23:00:00+09:00")


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01T00:00", "9999-12-31T23:59:59-23:59"])
def test_what_is_no_time_shows_now_and_says_so(shipper_client: Client, told: Shipment, wrong: str) -> None:
    found = shipper_client.get(f"/shipments/{told.pk}/", {"as_of": wrong})
    assert found.status_code == 400
    assert "Give a date and a time." in found.content.decode()
    assert "This is the past" not in found.content.decode()


def test_the_future_is_now(shipper_client: Client, told: Shipment) -> None:
    assert "This is the past" not in page(shipper_client, told, as_of="9998-01-01T00:00")


def test_each_event_leads_to_what_was_known_then(shipper_client: Client, told: Shipment) -> None:
    links = re.findall(rf'href="(/shipments/{told.pk}/\?as_of=[^"]*)"', page(shipper_client, told))
    by_receipt = {link for link in links if "by=" not in link}
    assert by_receipt == {
        f"/shipments/{told.pk}/?as_of={at}" for at in ("2026-03-16T03:00:00Z", "2026-03-28T03:00:00Z")
    }
    then = shipper_client.get(f"/shipments/{told.pk}/?as_of=2026-03-16T03:00:00Z").content.decode()
    assert "This is the past: what was believed at 2026-03-16 12:00:00 (Asia/Seoul)." in then
    reported = [link.replace("&amp;", "&") for link in links if "by=" in link]
    assert "This is the past: what sources had reported by" in shipper_client.get(reported[0]).content.decode()


def test_a_stranger_finds_no_past_and_no_evidence(stranger_client: Client, told: Shipment) -> None:
    for path in (f"/shipments/{told.pk}/?as_of=2026-03-17T09:00", f"/shipments/{told.pk}/evidence.pdf"):
        assert stranger_client.get(path).status_code == 404


def test_the_past_costs_a_constant_number_of_statements(shipper_client: Client, told: Shipment) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as statements:
            page(shipper_client, told, as_of=timezone.now().isoformat())
        return len(statements)

    page(shipper_client, told)
    few = cost()
    carrier = Source.objects.create(slug="hmm")
    events = [equipment("DISC", f"2026-03-14 {n // 60:02d}:{n % 60:02d}", box=f"HDMU{n:07d}") for n in range(200)]
    with time_machine.travel(kst("2026-03-29 12:00"), tick=False):
        receive(carrier.pk, dcsa(*events))
        process_everything()
    assert cost() == few


def text_of(pdf: bytes, folder: Path) -> str:
    """The text of the pages, as poppler reads it."""
    program = shutil.which("pdftotext")
    if program is None:
        message = "pdftotext is not there: apt-get install poppler-utils poppler-data"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    (folder / "evidence.pdf").write_bytes(pdf)
    told = subprocess.run([program, "-layout", str(folder / "evidence.pdf"), "-"], capture_output=True, check=True)
    return told.stdout.decode()


def pdf_of(client: Client, shipment: Shipment, **query: str) -> bytes:
    found = client.get(f"/shipments/{shipment.pk}/evidence.pdf", query)
    assert (found.status_code, found["Content-Type"]) == (200, "application/pdf")
    assert found["Content-Disposition"].startswith('attachment; filename="clis-evidence-')
    body: bytes = found.content
    return body


def test_the_evidence_on_paper(shipper_client: Client, told: Shipment, tmp_path: Path) -> None:
    paper_text = text_of(pdf_of(shipper_client, told), tmp_path)
    digest = shipper_client.get(f"/api/v1/shipments/{told.pk}/evidence/").json()["digest"]["value"]

    for wanted in (digest, HOUSE_BILL, "Alice", "Alice Imports", "Holds and releases", "Korea Customs UNI-PASS"):
        assert wanted in paper_text
    # Korean in an English file: what customs said, and the part of its message.
    assert "수입신고수리" in paper_text
    assert "<cargTrcnRelaBsopTpcd>" in paper_text


def test_in_korean(shipper: Person, told: Shipment, tmp_path: Path) -> None:
    shipper.user.language = "ko"
    shipper.user.save()
    paper_text = text_of(pdf_of(shipper.client(), told), tmp_path)
    for wanted in ("증빙 자료", "보류 및 수리", "시점별 기한", "수입신고수리"):
        assert wanted in paper_text
    assert "Holds and releases" not in paper_text


def test_it_is_the_same_but_for_when_it_was_made(shipper_client: Client, told: Shipment) -> None:
    with time_machine.travel(kst("2026-04-01 09:00"), tick=False):
        first, second = pdf_of(shipper_client, told), pdf_of(shipper_client, told)
    with time_machine.travel(kst("2026-04-01 09:01"), tick=False):
        later = pdf_of(shipper_client, told)
    assert first == second
    assert first != later


def test_a_container_that_is_not_of_it(shipper_client: Client, told: Shipment) -> None:
    assert shipper_client.get(f"/shipments/{told.pk}/evidence.pdf", {"container": "HDMU6546583"}).status_code == 404


def test_times_on_paper() -> None:
    assert when("2026-03-14T09:00:00+09:00") == "2026-03-14 09:00:00 +09:00"
    assert when("2026-03-14T09:00:00Z") == "2026-03-14 09:00:00 +00:00"
    assert when("2026-03-14") == "2026-03-14"
    assert when(None) == "-"


def test_long_lines_are_broken_by_columns() -> None:
    assert paper.broken("") == [""]
    assert paper.broken("a" * 105) == ["a" * 104, "a"]
    assert paper.broken("수" * 53) == ["수" * 52, "수"]


def test_what_is_not_western_is_set_in_the_korean_face() -> None:
    assert paper.marked("A<B & 수리") == 'A&lt;B &amp; <font name="HYGothic-Medium">수리</font>'
    assert paper.marked("a\x00b") == "a b"


def test_asking() -> None:
    assert past.asked(QueryDict("")) == past.NOW
    assert past.asked(QueryDict("as_of=2026-03-14T09:00:00%2B09:00&by=reported")) == past.Asked(
        kst("2026-03-14 09:00"), "reported"
    )
    # An unescaped plus sign arrives as a space.
    assert past.asked(QueryDict("as_of=2026-03-14T09:00:00+09:00")).at == kst("2026-03-14 09:00")
