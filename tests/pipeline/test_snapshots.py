"""Answers that CLIS asked for: what a later one no longer says is taken back, whichever is worked off first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cargo import tasks
from cargo.domain.customs import kr
from cargo.formats.unipass import progress
from cargo.models import Event, InboundMessage, Shipment, Snapshot, Source, projection
from cargo.pipeline import batch, project, snapshots
from cargo.pipeline.receive import receive, receive_answer
from tests.factories import a_registered_shipment
from tests.messages import HOUSE, declared, entered, released, removed, unipass
from tests.pipeline.threads import Worker, stopped, waits_for_a_lock
from tests.pipeline.working import news_of, state_of, status_of, work_off

SUBJECT = "001 26HDMU0123I00150031"
NOON = datetime(2026, 3, 20, 3, tzinfo=UTC)
IN = entered("2026-03-16 10:00")
LODGED = declared("2026-03-17 09:00")
FREE = released("2026-03-18 14:00")
OUT = removed("2026-03-19 08:00")
Step = dict[str, str]


@pytest.fixture
def shipment(db: None) -> Shipment:
    return a_registered_shipment(None, ("house_bill", HOUSE))


@pytest.fixture(autouse=True)
def nobody_is_woken() -> Any:
    with mock.patch.object(tasks, "wake"):
        yield


def answered(source: Source, hour: float, *steps: Step, subject: str = SUBJECT, **header: Any) -> int:
    """Keeps an answer that was asked for so many hours after noon; gives the message's id."""
    body = unipass(list(steps), **header)
    return receive_answer(source.pk, body, subject=subject, asked_at=NOON + timedelta(hours=hour)).id


def work_on(*ids: int) -> None:
    """Works off these messages as one batch, and what they leave owed."""
    tasks.process(batch.claim(only=ids))
    tasks.drain_projections()


def milestones(shipment: Shipment) -> list[str]:
    """What stands, in the order in which it happened."""
    entries = project.unpack(state_of(shipment))
    return [entry.milestone for entry in sorted(entries, key=lambda entry: entry.occurred or 0)]


def log() -> list[tuple[str, str, bool]]:
    """(milestone, hour of the number, retraction) of each row."""
    rows = Event.objects.order_by("version", "milestone").values_list("milestone", "version", "retraction")
    return [(milestone, version[11:14], gone) for milestone, version, gone in rows]


def test_what_a_later_answer_no_longer_says_is_taken_back(customs: Source, shipment: Shipment) -> None:
    answered(customs, 0, IN, LODGED, FREE)
    work_off()
    assert milestones(shipment) == ["bonded_storage_in", "import_declared", "customs_released"]
    assert status_of(shipment).customs_state == "released"
    answered(customs, 1, IN, LODGED)
    work_off()
    assert milestones(shipment) == ["bonded_storage_in", "import_declared"]
    assert status_of(shipment).customs_state == "declared"
    assert log() == [
        ("bonded_storage_in", "", False),
        ("customs_released", "", False),
        ("import_declared", "", False),
        ("", "T03", True),
    ]
    assert project.differences([shipment.pk]) == []


def test_there_gone_and_there_again_is_three_states(customs: Source, shipment: Shipment) -> None:
    answered(customs, 0, IN, FREE)
    work_off()
    answered(customs, 1, IN)
    work_off()
    answered(customs, 2, IN, FREE)
    work_off()
    assert milestones(shipment) == ["bonded_storage_in", "customs_released"]
    assert log() == [
        ("bonded_storage_in", "", False),
        ("customs_released", "", False),
        ("", "T03", True),
        ("customs_released", "T04", False),
    ]
    assert InboundMessage.objects.count() == 3
    assert project.differences([shipment.pk]) == []


def test_the_same_answer_again_is_not_kept_and_one_that_arrives_late_is(customs: Source) -> None:
    first = answered(customs, 0, IN)
    assert answered(customs, 1, IN) == first
    assert answered(customs, -1, IN) != first
    assert list(Snapshot.objects.order_by("asked_at").values_list("said", flat=True)) == [None, None]


def test_what_reads_otherwise_stands_as_it_was_last_told(customs: Source, shipment: Shipment) -> None:
    """The cargo's weight is corrected and corrected back: each report of it is another version of the same event."""
    for hour, weight in enumerate(("18250", "18300", "18250")):
        answered(customs, hour, IN, ttwg=weight)
        work_off()
    (entry,) = project.unpack(state_of(shipment))
    assert entry.facts is not None and entry.facts["manifested_weight"] == 18250
    versions = Event.objects.order_by("version").values_list("version", flat=True)
    assert [version[11:14] for version in versions] == ["", "", "T03", "T04"]


def test_a_pushed_copy_only_adds(customs: Source, shipment: Shipment) -> None:
    answered(customs, 0, IN, LODGED, FREE)
    answered(customs, 1, IN, LODGED)
    work_off()
    receive(customs.pk, unipass([IN, OUT]))
    receive(customs.pk, unipass([IN, LODGED, FREE], packages=421))
    work_off()
    assert milestones(shipment) == ["bonded_storage_in", "import_declared", "gate_out"]
    assert not Event.objects.filter(retraction=True).exclude(version__startswith="@").exists()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(unipass([], cargo="").replace(b"<tCnt>0", b"<tCnt>0"), id="nothing has happened yet"),
        pytest.param(b"<cargCsclPrgsInfoQryRtnVo><ntceInfo/><tCnt>0</tCnt></cargCsclPrgsInfoQryRtnVo>", id="not found"),
        pytest.param(unipass([IN | {"prcsDttm": "soon", "rlbrDttm": ""}, LODGED]), id="a part could not be read"),
        pytest.param(unipass([LODGED]).replace(b"<tCnt>1", b"<tCnt>2"), id="another count is announced"),
    ],
)
def test_an_answer_that_is_empty_or_not_read_whole_takes_nothing_back(
    customs: Source, shipment: Shipment, body: bytes
) -> None:
    answered(customs, 0, IN, LODGED)
    receive_answer(customs.pk, body, subject=SUBJECT, asked_at=NOON + timedelta(hours=1))
    work_off()
    assert milestones(shipment) == ["bonded_storage_in", "import_declared"]
    assert not Event.objects.filter(retraction=True).exists()
    assert Snapshot.objects.filter(said=None).count() == 1


def test_another_subject_or_source_says_nothing_of_this_one(
    customs: Source, carrier: Source, shipment: Shipment
) -> None:
    answered(customs, 0, IN, LODGED)
    answered(customs, 1, IN, subject="001 another")
    answered(carrier, 1, IN)
    work_off()
    assert milestones(shipment) == ["bonded_storage_in", "import_declared"]
    assert not Event.objects.filter(retraction=True).exists()


def test_a_release_that_is_gone_is_told_and_said_again_it_is_a_release_again_and_so_is_another_one(
    customs: Source, shipment: Shipment
) -> None:
    later = released("2026-03-18 17:00")
    for hour, steps in enumerate(([IN], [IN, FREE], [IN], [IN, FREE], [IN, later])):
        answered(customs, hour, *steps)
        work_off()
    assert news_of(shipment) == [
        ("customs.released", False),
        ("customs.release_revoked", False),
        ("customs.released", False),
        ("customs.released", False),
    ]
    assert [
        entry.reported for entry in project.unpack(state_of(shipment)) if entry.milestone == "customs_released"
    ] == [int(datetime(2026, 3, 18, 8, tzinfo=UTC).timestamp())]


def test_a_late_one_is_held_against_both_its_neighbors(customs: Source, shipment: Shipment) -> None:
    first, middle, last = answered(customs, 0, IN, FREE), answered(customs, 1, IN), answered(customs, 2, IN, FREE)
    for message in (first, last):
        work_on(message)
    assert not Event.objects.filter(retraction=True).exists()
    work_on(middle)
    assert milestones(shipment) == ["bonded_storage_in", "customs_released"]
    assert log()[2:] == [("", "T03", True), ("customs_released", "T04", False)]
    again = Event.objects.get(version__startswith="@", retraction=False)
    assert again.message_id in (first, last) and again.position == "cargCsclPrgsInfoDtlQryVo[1]"
    assert Event.objects.get(retraction=True).message_id == middle


def test_one_batch_may_hold_several_of_a_subject(customs: Source, shipment: Shipment) -> None:
    work_on(answered(customs, 0, IN, FREE), answered(customs, 1, IN), answered(customs, 2, IN, LODGED, FREE))
    assert milestones(shipment) == ["bonded_storage_in", "import_declared", "customs_released"]
    assert len(log()) == 5


@pytest.mark.parametrize("count", [1, 20])
def test_statements_do_not_grow_with_the_batch(customs: Source, count: int) -> None:
    numbers = [f"26HDMU0123I0015{number:04}" for number in range(count)]
    for number in numbers:
        answered(customs, 0, IN, FREE, cargo=number, subject=f"001 {number}")
    work_off()
    ids = [answered(customs, 1, IN, cargo=number, subject=f"001 {number}") for number in numbers]
    messages = batch.claim(only=ids)
    with CaptureQueriesContext(connection) as found:
        tasks.process(messages)
    own = [query["sql"] for query in found if "cargo_snapshot" in query["sql"] or "content FROM" in query["sql"]]
    assert len(own) == (4 if connection.vendor == "postgresql" else 3)
    assert Event.objects.filter(retraction=True).count() == count


def test_a_batch_without_answers_asks_nothing(customs: Source) -> None:
    receive(customs.pk, unipass([IN]))
    messages = batch.claim()
    with CaptureQueriesContext(connection) as found:
        tasks.process(messages)
    assert not [query for query in found if "cargo_snapshot" in query["sql"]]


# --- Any order ------------------------------------------------------------------------------------

STEPS = (IN, LODGED, FREE, OUT, entered("2026-03-16 10:00", basis="02012018"))
MEANT = ("bonded_storage_in", "import_declared", "customs_released", "gate_out", "bonded_storage_in")
ANSWERS = st.lists(
    st.tuples(st.sets(st.sampled_from(range(len(STEPS))), min_size=1), st.sampled_from(["18250", "18300"])),
    min_size=5,
    max_size=5,
)


def told(source: Source, answers: Sequence[Any], order: Sequence[Sequence[int]], pushed: Sequence[int]) -> None:
    """Keeps the answers in the order asked and works them off in another; some are also pushed, at any time."""
    bodies = [unipass([STEPS[number] for number in sorted(steps)], ttwg=weight) for steps, weight in answers]
    ids = [
        receive_answer(source.pk, body, subject=SUBJECT, asked_at=NOON + timedelta(hours=hour)).id
        for hour, body in enumerate(bodies)
    ]
    for number, some in enumerate(order):
        work_on(*{ids[which] for which in some})
        for which in pushed:
            if which == number:
                receive(source.pk, bodies[which])
                work_off()
    work_off()


def found(shipment: Shipment) -> dict[str, Any]:
    ids = [shipment.pk]
    return {"packed": projection.states_of(ids), "columns": projection.status_rows(ids)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=ANSWERS, seed=st.integers(0, 2**32))
def test_any_order_of_working_off_ends_in_the_same_state(
    customs: Source, shipment: Shipment, answers: list[Any], seed: int
) -> None:
    random = Random(seed)
    pushed = [number for number in range(5) if random.random() < 0.3]
    ends = []
    for attempt in range(3):
        order = list(range(5))
        if attempt:
            random.shuffle(order)
        batches = [[number] for number in order]
        if attempt == 2:
            cut = random.randint(1, 4)
            batches = [order[:cut], order[cut:]]
        with transaction.atomic():
            told(customs, answers, batches, pushed)
            assert project.differences([shipment.pk]) == []
            ends.append(found(shipment))
            assert set(milestones(shipment)) == {MEANT[number] for number in answers[-1][0]}
            # A replay may void numbers that only the order of working off explains, and changes nothing else.
            replayed()
            assert found(shipment) == ends[-1]
            assert replayed().endswith("0 rows added to the log")
            transaction.set_rollback(True)
    assert ends[0] == ends[1] == ends[2]


def replayed() -> str:
    out = StringIO()
    call_command("replay", stdout=out)
    return out.getvalue().strip()


# --- Read again -----------------------------------------------------------------------------------


@contextmanager
def mistaken() -> Iterator[None]:
    """Customs' release is not in the table; meanings that are known already are forgotten."""
    table = {text: meaning for text, meaning in kr.PROCESSES.items() if text != kr.phrase("수입신고수리")}
    with mock.patch.dict(kr.PROCESSES, table, clear=True):
        progress._read.cache_clear()
        yield
    progress._read.cache_clear()


def test_a_corrected_mapping_changes_what_the_order_says(customs: Source, shipment: Shipment) -> None:
    with mistaken():
        for hour, steps in enumerate(([IN, FREE], [IN], [IN, FREE])):
            answered(customs, hour, *steps)
        work_off()
    assert milestones(shipment) == ["bonded_storage_in", "unknown"]
    replayed()
    assert milestones(shipment) == ["bonded_storage_in", "customs_released"]
    assert project.differences([shipment.pk]) == []
    columns = found(shipment)["columns"]
    with mistaken():
        replayed()
    assert milestones(shipment) == ["bonded_storage_in", "unknown"]
    replayed()
    assert milestones(shipment) == ["bonded_storage_in", "customs_released"]
    assert found(shipment)["columns"] == columns
    assert replayed().endswith("0 rows added to the log")


def test_what_could_not_be_read_whole_counts_once_it_is(customs: Source, shipment: Shipment) -> None:
    answered(customs, 0, IN, FREE)
    with mock.patch.object(snapshots, "_told", lambda items: {}):
        answered(customs, 1, IN)
        work_off()
    assert milestones(shipment) == ["bonded_storage_in", "customs_released"]
    replayed()
    assert milestones(shipment) == ["bonded_storage_in"]


# --- Two workers ----------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_subject_wait_for_each_other(customs: Source) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    shipment = a_registered_shipment(None, ("house_bill", HOUSE))
    first, second = answered(customs, 0, IN, FREE), answered(customs, 1, IN)
    with stopped(tasks.snapshots, "compare", after=True) as stop:
        one = Worker(lambda: work_on(second))
        assert stop.reached.wait(20)
        other = Worker(lambda: work_on(first))
        assert waits_for_a_lock()
        stop.go()
        one.end()
        other.end()
    work_off()
    assert milestones(shipment) == ["bonded_storage_in"]
    assert Event.objects.filter(retraction=True).count() == 1
