"""``manage.py ingest``, ``rebuild`` and ``explain``: what they print, how they fail, and what they leave alone."""

from __future__ import annotations

import json
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cargo import tasks
from cargo.domain import document
from cargo.domain.derive import derive
from cargo.domain.document import SourceInfo
from cargo.domain.event import Reference
from cargo.domain.state import unpack
from cargo.models import (
    Event,
    InboundMessage,
    Shipment,
    ShipmentEvent,
    ShipmentReference,
    ShipmentState,
    ShipmentStatus,
    Source,
    TrackingUpdate,
    projection,
)
from cargo.pipeline.receive import receive_many
from tests.factories import SourceFactory, a_registered_shipment
from tests.messages import (
    BOX,
    CARGO,
    HOUSE,
    MASTER,
    dcsa,
    declared,
    entered,
    equipment,
    released,
    removed,
    retraction,
    revoked,
    transport,
    unipass,
)
from tests.pipeline.working import news_of, standing, status_of, take_in, work_off
from tests.voyages import Voyage, voyages

CLEARED = [entered("2026-03-14 12:00"), declared("2026-03-15 09:00"), released("2026-03-16 10:00")]
ARRIVAL = dcsa(transport("ARRI", "2026-03-14 06:00", box=BOX))


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, name: str, *arguments: str, **options: Any) -> None:
        out, error = StringIO(), StringIO()
        self.status: int | str | None = 0
        try:
            call_command(name, *arguments, stdout=out, stderr=error, **options)
        except SystemExit as end:
            self.status = end.code
        self.out, self.error = out.getvalue().strip(), error.getvalue().strip()

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def files(tmp_path: Path) -> Any:
    """``files(body, …)`` writes each into a file and gives their names."""

    def write(*bodies: bytes) -> list[str]:
        names = []
        for body in bodies:
            path = tmp_path / f"{len(list(tmp_path.iterdir()))}.msg"
            path.write_bytes(body)
            names.append(str(path))
        return names

    return write


@pytest.fixture
def carrier(db: None) -> Source:
    return SourceFactory.create(slug="hmm")


@pytest.fixture
def customs(db: None) -> Source:
    return SourceFactory.create(slug="unipass")


# --- ingest -----------------------------------------------------------------------------------------


def test_ingest_hands_files_to_the_inbox(carrier: Source, files: Any) -> None:
    with mock.patch.object(tasks, "wake") as wake:
        said = Said("ingest", *files(ARRIVAL, ARRIVAL, b"nonsense"), source="hmm")
    assert (said.out, said.status) == ("received 2, duplicate 1", 0)
    assert set(InboundMessage.objects.values_list("state", "name")) == {("received", "0.msg"), ("received", "2.msg")}
    wake.assert_called_once_with("cargo.tasks.drain_inbox")
    assert not Event.objects.exists()


def test_ingest_waits_and_counts(carrier: Source, files: Any) -> None:
    shipment = a_registered_shipment(None, ("master_bill", MASTER))
    nothing = unipass([], house="")
    said = Said("ingest", *files(ARRIVAL, ARRIVAL, b"nonsense", nothing), source="hmm", wait=True)
    assert said.out == "received 3, duplicate 1, processed 1, ignored 1, quarantined 1, events 1"
    assert said.error.startswith("2.msg: ") and len(said.error.splitlines()) == 1
    assert status_of(shipment).status == "arrived"


def test_ingested_history_is_silent(carrier: Source, customs: Source, files: Any) -> None:
    shipment = a_registered_shipment(None)
    Said("ingest", *files(unipass(CLEARED)), source="unipass", wait=True, silent=True)
    assert news_of(shipment) == [("customs.released", True)]


@pytest.mark.parametrize(
    ("bodies", "source", "expected"),
    [
        ([ARRIVAL], "nobody", "there is no source 'nobody' (known: hmm)"),
        ([b""], "hmm", "0.msg: the file is empty"),
    ],
)
def test_ingest_refuses_in_one_line(
    carrier: Source, files: Any, bodies: list[bytes], source: str, expected: str
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("ingest", *files(*bodies), source=source)
    assert str(refused.value).endswith(expected) and "\n" not in str(refused.value)
    assert not InboundMessage.objects.exists()


def test_ingest_names_a_file_that_is_not_there(carrier: Source, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing.xml: No such file or directory"):
        call_command("ingest", str(tmp_path / "missing.xml"), source="hmm")
    with pytest.raises(CommandError, match="Is a directory"):
        call_command("ingest", str(tmp_path), source="hmm")


def test_past_the_limit_of_files_nothing_is_kept(carrier: Source, files: Any, settings: Any, tmp_path: Path) -> None:
    settings.MESSAGE_MAX_BYTES, settings.FILE_MAX_BYTES, settings.BODIES_DIR = 100, 200, tmp_path / "bodies"
    with pytest.raises(CommandError, match="0.msg: more than the 200 bytes that a file may have"):
        call_command("ingest", *files(b"x" * 201), source="hmm")
    assert not InboundMessage.objects.exists()
    assert Said("ingest", *files(b"x" * 200), source="hmm").out == "received 1, duplicate 0"


def test_twenty_megabytes_are_taken(carrier: Source, files: Any) -> None:
    assert Said("ingest", *files(b"x" * (20 * 1024 * 1024)), source="hmm").out == "received 1, duplicate 0"
    assert InboundMessage.objects.get().size == 20 * 1024 * 1024


# --- rebuild ----------------------------------------------------------------------------------------


@pytest.fixture
def shipment(carrier: Source, customs: Source) -> Shipment:
    found = a_registered_shipment(None)
    work_off()
    take_in(carrier, ARRIVAL)
    take_in(customs, unipass(CLEARED, box=BOX))
    return found


def test_rebuild_finds_nothing_to_do(shipment: Shipment) -> None:
    before, told = standing([shipment]), TrackingUpdate.objects.count()
    assert Said("rebuild", check=True).out == "1 shipments compared, 0 differences"
    assert Said("rebuild").out == "1 shipments worked out again, 0 changed"
    assert (standing([shipment]), TrackingUpdate.objects.count()) == (before, told)


def test_rebuild_restores_what_was_spoiled_and_tells_nobody(shipment: Shipment) -> None:
    before, told = standing([shipment]), TrackingUpdate.objects.count()
    ShipmentState.objects.update(packed=b"")
    ShipmentStatus.objects.update(status="completed", released_at=None)
    ShipmentEvent.objects.all().delete()

    said = Said("rebuild", check=True)
    assert said.status == 1
    assert said.out.endswith("differences")
    assert standing([shipment])["packed"] == {shipment.pk: b""}

    assert Said("rebuild").out == "1 shipments worked out again, 1 changed"
    assert standing([shipment]) == before
    assert TrackingUpdate.objects.count() == told
    assert Said("rebuild", check=True).status == 0


def test_rebuild_names_the_column_that_differs(shipment: Shipment) -> None:
    ShipmentStatus.objects.update(customs_state="held")
    said = Said("rebuild", check=True)
    assert said.error == f"shipment {shipment.pk}: customs_state: 'held' is stored, the log gives 'released'"
    assert said.out == "1 shipments compared, 1 differences"
    assert status_of(shipment).customs_state == "held"


# --- explain ----------------------------------------------------------------------------------------


def test_explain_tells_what_messages_make_clis_believe(files: Any, django_db_blocker: Any) -> None:
    names = files(ARRIVAL, unipass([*CLEARED, removed("2026-03-17 09:00")], box=BOX))
    with django_db_blocker.block():
        (found,) = Said("explain", *names).documents()
    assert {"type": "house_bill", "value": HOUSE} in found["references"]
    assert (found["status"], found["milestone"]) == ("delivered_out", "gate_out")
    assert found["customs"]["state"] == "released"
    assert [row["released_at"] for row in found["customs"]["releases"]] == ["2026-03-16T10:00:00+09:00"]
    assert set(found) >= {"release", "stages", "deadlines", "milestones", "containers"}


def test_explain_reads_standard_input() -> None:
    with mock.patch("sys.stdin", TextIOWrapper(BytesIO(ARRIVAL))):
        (found,) = Said("explain", "-").documents()
    assert found["status"] == "arrived"


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2026-03-14T00:00:00+09:00", "none"),
        ("2026-03-15T09:00:00+09:00", "declared"),
        ("2026-03-16T00:59:59Z", "declared"),
        ("2026-03-16T01:00:00Z", "released"),
        ("2026-03-17T12:00:00+09:00", "revoked"),
    ],
)
def test_explain_as_of(files: Any, as_of: str, state: str) -> None:
    names = files(ARRIVAL, unipass([*CLEARED, revoked("2026-03-17 11:00")]))
    documents = Said("explain", *names, as_of=as_of).documents()
    assert [found["customs"]["state"] for found in documents if found["customs"]["state"] != "none"] == (
        [] if state == "none" else [state]
    )


def test_what_was_retracted_later_stood_until_then(files: Any) -> None:
    names = files(dcsa(equipment("DISC", "2026-03-14 09:00", id="D")), dcsa(retraction("D", "2026-03-16 09:00")))
    (before,) = Said("explain", *names, as_of="2026-03-15T00:00:00+09:00").documents()
    assert before["milestone"] == "discharged"
    assert Said("explain", *names).documents() == []


def test_explain_gives_one_line_for_what_cannot_be_read(files: Any) -> None:
    said = Said("explain", *files(b"nonsense", ARRIVAL))
    assert said.status == 1
    assert len(said.error.splitlines()) == 1 and "0.msg: " in said.error
    assert [found["status"] for found in said.documents()] == ["arrived"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"as_of": "yesterday"}, "--as-of: 'yesterday' is not an ISO 8601 time"),
        ({"now": "2026-03-14T09:00:00"}, "--now: '2026-03-14T09:00:00' has no offset"),
    ],
)
def test_explain_refuses_a_time_it_cannot_place(files: Any, options: dict[str, str], expected: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("explain", *files(ARRIVAL), **options)
    assert str(refused.value).startswith(expected)


def _shed(surcharge: str) -> bytes:
    told = f"<snarSgn>02012018</snarSgn><adtxColtPridYn>{surcharge}</adtxColtPridYn>"
    return f"<shedInfoQryRtnVo><shedInfoQryRsltVo>{told}</shedInfoQryRsltVo><tCnt>1</tCnt></shedInfoQryRtnVo>".encode()


@pytest.mark.parametrize(
    ("flags", "basis"),
    [
        ("", "import_declaration_30_days_if_listed"),
        ("Y", "import_declaration_30_days"),
        ("N", "import_declaration_30_days_no_surcharge"),
        # Which of them is newer no file tells.
        ("NY", "import_declaration_30_days_if_listed"),
    ],
)
def test_what_files_say_of_a_warehouse_decides_what_a_deadline_there_costs(files: Any, flags: str, basis: str) -> None:
    names = files(*map(_shed, flags), unipass([entered("2026-03-14 12:00")]))
    for order in (names, names[::-1]):
        (found,) = Said("explain", *order).documents()
        assert [row["basis"] for row in found["deadlines"] if row["kind"] == "import_declaration"] == [basis]


def test_explain_puts_listed_containers_to_their_cargo(tmp_path: Path) -> None:
    listed = b"<cntrQryBrkdQryVo><cntrNo>TCLU1234568</cntrNo></cntrQryBrkdQryVo>"
    (tmp_path / "progress.xml").write_bytes(unipass([entered("2026-03-14 12:00")]))
    (tmp_path / f"{CARGO}.xml").write_bytes(b"<cntrQryBrkdQryRtnVo>" + listed + b"</cntrQryBrkdQryRtnVo>")
    (found,) = Said("explain", *map(str, sorted(tmp_path.iterdir()))).documents()
    assert [box["number"] for box in found["containers"]] == ["TCLU1234568"]
    assert {"type": "house_bill", "value": HOUSE} in found["references"]


def test_explain_groups_by_the_lowest_bill(files: Any) -> None:
    names = files(
        unipass(CLEARED),
        unipass([entered("2026-03-14 13:00")], house="KOSHA2603002", cargo="26HDMU0123I00150032"),
        ARRIVAL,
        dcsa(equipment("DISC", "2026-03-14 09:00", bill="OTHERBILL1", box="TCLU1234568")),
    )
    found = Said("explain", *names).documents()
    told = [({r["value"] for r in item["references"] if r["type"].endswith("_bill")}, item) for item in found]
    assert [(bills, item["customs"]["state"], item["status"]) for bills, item in told] == [
        ({HOUSE, MASTER}, "released", "in_bond"),
        ({"KOSHA2603002", MASTER}, "none", "in_bond"),
        ({"OTHERBILL1"}, "none", "arrived"),
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(voyage=voyages(), order=st.randoms(use_true_random=False))
def test_the_order_of_files_is_irrelevant(tmp_path: Path, voyage: Voyage, order: Any) -> None:
    names = []
    for number, body in enumerate([dcsa(event) for event in voyage.carrier] + voyage.customs):
        (tmp_path / f"{number}").write_bytes(body)
        names.append(str(tmp_path / f"{number}"))
    first = Said("explain", *names).out
    order.shuffle(names)
    assert Said("explain", *names, *names[:2]).out == first


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(voyage=voyages())
def test_explain_equals_the_stored_state(carrier: Source, customs: Source, tmp_path: Path, voyage: Voyage) -> None:
    """The same messages by both ways, for the cargo that customs names."""
    with transaction.atomic():
        shipment = a_registered_shipment(None, ("house_bill", HOUSE))
        work_off()
        bodies = [(carrier, dcsa(event)) for event in voyage.carrier] + [(customs, body) for body in voyage.customs]
        names = []
        for number, (source, body) in enumerate(bodies):
            (tmp_path / f"{number}").write_bytes(body)
            names.append(str(tmp_path / f"{number}"))
            receive_many(source.pk, [("", body)])
        # As if it had been registered while the cargo was on its way.
        Shipment.objects.update(created_at="2026-03-01T00:00:00+00:00")
        work_off()
        entries = unpack(projection.states_of([shipment.pk])[shipment.pk])
        view = derive(entries, projection.plans_of([shipment.pk])[shipment.pk])
        numbers = ShipmentReference.objects.filter(shipment=shipment).values_list("kind", "value")
        # ``explain`` knows sources by the formats of their messages.
        named = {carrier.pk: SourceInfo("dcsa.tnt2"), customs.pk: SourceInfo("unipass.api001")}
        stored = document.explain(view, entries, references=[Reference(*number) for number in numbers], sources=named)
        transaction.set_rollback(True)
    found = Said("explain", *names).documents()
    (explained,) = [item for item in found if {"type": "house_bill", "value": HOUSE} in item["references"]]
    for key in ("references", "status", "milestone", "customs", "stages", "containers", "deadlines"):
        assert json.loads(json.dumps(stored[key])) == explained[key], key


def test_explain_asks_no_database(files: Any, db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        Said("explain", *files(ARRIVAL, unipass(CLEARED, cargo=CARGO)))
    assert len(queries) == 0
