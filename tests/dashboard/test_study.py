"""The Time Release Study: its figures are the API's to the second, on paper and in the workbook, in both languages."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from unittest import mock
from zipfile import ZipFile

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cargo import tasks
from cargo.dashboard import lead_time_words, study_words
from cargo.dashboard.study_sheet import clock
from cargo.dashboard.study_tables import value
from cargo.dashboard.workbook import TEXT, Book, harmless
from cargo.domain.stages import STAGES
from cargo.management.demonstration import loading, people
from cargo.management.generator import telling, world
from cargo.models import FeedHead, Shipment, StageTime, TargetTime
from cargo.selectors import study
from cargo.selectors.study import DIMENSIONS, GROUPED, WITHIN
from cargo.tasks import process_everything
from clis.accounts.models import Organization
from tests.factories import a_registered_shipment
from tests.people import Person, a_person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 3, 15, tzinfo=UTC)
PAGE, PDF, XLSX, API = (
    "/lead-times/report/", "/lead-times/report.pdf", "/lead-times/report.xlsx", "/api/v1/lead-times/",
)  # fmt: skip
PERIOD = "first=2025-11-20&last=2026-11-20"
# The same days, as the pages' clock (UTC in the tests) begins and ends them.
INSTANTS = "ended_after=2025-11-20T00:00:00Z&ended_before=2026-11-21T00:00:00Z"
FIGURES = ("n", "mean", "median", "deviation", "p10", "p90")


@pytest.fixture(autouse=True)
def present() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def year() -> Person:
    """A generated year of 60 shipments that went through the whole pipeline; one of the clients, with a target."""
    FeedHead.objects.get_or_create(id=1)
    made = world.build(60, 7, int(NOW.timestamp()), "mixed", 365)
    organizations = people.make_organizations()
    loading.register(made, organizations)
    history = [message for message in telling.messages(made) if message.sent_at <= NOW.timestamp()]
    loading.hand_in(history, people.make_sources(7))
    process_everything()
    owners = Shipment.objects.values_list("organization_id", flat=True)
    most = max(set(owners), key=list(owners).count)
    owner = Organization.objects.get(pk=most)
    TargetTime.objects.create(organization=owner, stage="import_declared__customs_released", seconds=3600)
    return a_person("Client", owner)


def answers(client: Client, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{API}?{INSTANTS}&{query}").json()["results"]
    return found


def words_of(content: bytes) -> str:
    """The text of a PDF, with single spaces."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return re.sub(r"[ \t]+", " ", done.stdout.decode())


def sheets_of(content: bytes) -> dict[str, list[list[Any]]]:
    """The values of each sheet under its title and head."""
    book = openpyxl.load_workbook(BytesIO(content))
    return {sheet.title: [list(row) for row in sheet.iter_rows(min_row=3, values_only=True)] for sheet in book}


def test_every_figure_is_that_of_the_api(year: Person) -> None:
    client = year.client()
    for language in ("en", "ko"):
        _same_figures(client, language)
        _same_rows(client, language)
    _same_in_working_hours(client)
    _every_part(client)


def _same_figures(client: Client, language: str) -> None:
    asked = f"?{PERIOD}&language={language}"
    paper, book = words_of(client.get(PDF + asked).content), sheets_of(client.get(XLSX + asked).content)
    place = 1 if language == "ko" else 0
    compared = 0
    for dimension in (None, *DIMENSIONS):
        query = f"group_by={dimension}&stage={','.join(GROUPED)}" if dimension else ""
        rows = answers(client, query)
        name = study_words.SHEETS[dimension or "stages"][place]
        written = {tuple(row[: 2 if dimension else 1]): row[2 if dimension else 1 :] for row in book[name]}
        assert len(rows) == len(written), name
        for row in rows:
            key = (lead_time_words.STAGES[row["stage"]][place],)
            key += (value(dimension, row["group"], language),) if dimension else ()
            figures = written[key]
            assert figures[:6] == [row[figure] for figure in FIGURES], key
            assert figures[6] == row["outliers"]["count"]
            printed = " ".join(
                [f"{row['n']:,}", *(clock(row[name]) if row[name] is not None else "" for name in FIGURES[1:])]
            )
            assert printed.replace("  ", " ").strip() in paper, (key, printed)
            compared += 1
    assert compared > 50


def _same_rows(client: Client, language: str) -> None:
    """The rows behind give the same figures again."""
    content = client.get(f"{XLSX}?{PERIOD}&language={language}").content
    book = openpyxl.load_workbook(BytesIO(content))
    place = 1 if language == "ko" else 0
    sheet = book[study_words.SHEETS["rows"][place]]
    rows = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    for api in answers(client, ""):
        name = lead_time_words.STAGES[api["stage"]][place]
        seconds = [row[5] for row in rows if row[0] == name]
        assert len(seconds) == api["n"]
        assert round(sum(seconds) / len(seconds), 1) == api["mean"]
    for row in rows:
        assert isinstance(row[3], datetime) and (row[4] - row[3]) == timedelta(seconds=row[5])
    assert sheet.freeze_panes == "B2"
    totals = {row[0]: row for row in sheets_of(content)[study_words.SHEETS["summary"][place]]}
    for stage in GROUPED[:2]:
        name = lead_time_words.STAGES[stage][place]
        seconds = [row[5] for row in rows if row[0] == name]
        assert totals[name][-2:] == [min(seconds), max(seconds)]
    within = sheets_of(content)[study_words.SHEETS["distribution"][place]]
    released = [row[5] for row in rows if row[0] == lead_time_words.STAGES[GROUPED[0]][place]]
    assert [row[2] for row in within[:8]] == [sum(length <= limit for length in released) for limit in WITHIN]


def _same_in_working_hours(client: Client) -> None:
    book = sheets_of(client.get(f"{XLSX}?{PERIOD}&hours=working&mode=air&language=en").content)
    rows = answers(client, "hours=working&mode=air")
    assert [row[1:7] for row in book["Stages"]] == [[row[figure] for figure in FIGURES] for row in rows]
    assert rows


def _every_part(client: Client) -> None:
    for language in ("en", "ko"):
        text = words_of(client.get(f"{PDF}?{PERIOD}&language={language}").content)
        place = 1 if language == "ko" else 0
        for key, pair in study_words.PARTS.items():
            if key not in ("cover", "rows"):
                assert pair[place] in text, key
    assert client.get(f"{PDF}?{PERIOD}").content == client.get(f"{PDF}?{PERIOD}").content


def _took(person: Person, **words: Any) -> None:
    shipment = a_registered_shipment(person.organization, ("house_bill", "KOSHA0000001"), own_reference="=1+1")
    times = {"started_at": NOW - timedelta(hours=3), "ended_at": NOW - timedelta(hours=1), "seconds": 7200}
    plain = {"stage": "arrived__customs_released", "working_seconds": 0, "organization": person.organization}
    StageTime.objects.create(shipment=shipment, **plain, **times, **words)


def test_no_text_is_a_formula(shipper: Person, shipper_client: Client) -> None:
    _took(shipper, broker='=HYPERLINK("http://x")', warehouse="@SUM(A1)", customs_office="\t=1", mode="sea")
    content = shipper_client.get(f"{XLSX}?{PERIOD}&language=en").content
    with ZipFile(BytesIO(content)) as parts:
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]
    (row,) = openpyxl.load_workbook(BytesIO(content))["Rows"].iter_rows(min_row=2, values_only=True)
    assert row[2] == "'=1+1"
    assert row[9:12] == ("'\t=1", "'@SUM(A1)", '\'=HYPERLINK("http://x")')


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A"])
def test_what_begins_a_formula_is_taken_the_edge_off(text: str) -> None:
    assert harmless(text) == f"'{text}"
    book = Book("x", NOW)
    book.sheet("x", [("x", TEXT)], [[text], ["\x00\ud800-"]])
    cells = [row[0] for row in openpyxl.load_workbook(BytesIO(book.written()))["x"].iter_rows(values_only=True)]
    assert cells[1][0] == "'" and cells[2] == "'  -"


def test_a_stranger_finds_nothing_in_it(shipper: Person, stranger_client: Client) -> None:
    _took(shipper, broker="Secret")
    text = words_of(stranger_client.get(f"{PDF}?{PERIOD}&language=en").content)
    assert "No stage ended in this period." in text and "Secret" not in text
    book = openpyxl.load_workbook(BytesIO(stranger_client.get(f"{XLSX}?{PERIOD}&language=en").content))
    assert book["Rows"].max_row == 1 and book["Stages"].max_row == 2


def test_the_operator_reports_over_everybody_or_one_client(
    shipper: Person, stranger: Person, staff_client: Client
) -> None:
    _took(shipper)
    _took(stranger)
    assert shipper.organization
    assert "all clients' cargo" in words_of(staff_client.get(f"{PDF}?{PERIOD}&language=en").content)
    for query, count in (("", 2), (f"&client={shipper.organization.slug}", 1)):
        book = sheets_of(staff_client.get(f"{XLSX}?{PERIOD}&language=en{query}").content)
        assert [row[1] for row in book["Stages"]] == [count]


def test_the_form(shipper_client: Client, staff_client: Client) -> None:
    text = shipper_client.get(PAGE).content.decode()
    assert 'value="2025-11-20"' in text and 'value="2026-11-20"' in text
    assert 'name="client"' not in text and 'name="client"' in staff_client.get(PAGE).content.decode()
    wrong = "first=2026-02-02&last=2026-02-01"
    for address in (PDF, XLSX):
        assert shipper_client.get(f"{address}?{wrong}")["Location"] == f"{PAGE}?{wrong}"
    assert 'role="alert"' in shipper_client.get(f"{PAGE}?{wrong}").content.decode()


def test_rows_are_bounded_and_that_is_said(shipper: Person, shipper_client: Client) -> None:
    _took(shipper, container="")
    _took_again = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA0000002"))
    StageTime.objects.filter(stage="arrived__customs_released").update(month="2026-11")
    times = {"started_at": NOW - timedelta(hours=9), "ended_at": NOW - timedelta(hours=8), "seconds": 3600}
    StageTime.objects.create(
        shipment=_took_again, stage="arrived__gate_out", working_seconds=0, organization=shipper.organization, **times
    )
    with mock.patch.object(study, "ROWS", 1):
        book = openpyxl.load_workbook(BytesIO(shipper_client.get(f"{XLSX}?{PERIOD}&language=en").content))
    assert book["Rows"].max_row == 2
    assert any("stage times that ended last are listed" in str(row[1].value) for row in book["Cover"].iter_rows())
    assert book["Stages"].max_row == 4


def test_it_costs_the_same_statements_whatever_there_is(shipper: Person) -> None:
    params = {"ended_after": NOW - timedelta(days=365), "ended_before": NOW, "hours": "elapsed"}
    counts = []
    for number in range(2):
        _took(shipper, port=f"KRPU{'AB'[number]}", mode="sea")
        with CaptureQueriesContext(connection) as statements:
            study.study(shipper.viewer, dict(params))
            study.rows_behind(shipper.viewer, dict(params))
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_every_stage_has_its_rule_and_every_part_its_sheet() -> None:
    assert tuple(study_words.RULES) == STAGES
    assert set(DIMENSIONS) <= set(study_words.SHEETS)
