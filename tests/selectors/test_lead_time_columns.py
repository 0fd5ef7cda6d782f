"""The operator's lead times from the packed columns: to the digit those of the rows, as of the last refresh."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection

from cargo.models import Party, StageTime, StageTimeChange, StageTimeColumn, TargetTime, stage_refresh
from cargo.models.stage_columns import pack_numbers, pack_words, unpack
from cargo.selectors import lead_times
from cargo.selectors.lead_times import Row
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.pipeline.threads import Worker, stopped

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)
STAFF = Viewer(user_id=1, is_staff=True)
STAGES = ("import_declared__customs_released", "customs_released__gate_out", "arrived__gate_out")
WORDS: dict[str, tuple[str, ...]] = {
    "mode": ("sea", "air"),
    "port": ("KRPUS", "KRICN", ""),
    "port_of_loading": ("CNSHA", "USLAX"),
    "port_of_discharge": ("KRPUS", "KRICN"),
    "customs_office": ("030", ""),
    "warehouse": ("03012345", "03099999", ""),
    "broker": ("Kim", "Lee & Co", ""),
    "carrier": ("HDMU", "KE"),
    "channel": ("inspected", "not_inspected", ""),
    "declared": ("before_departure", "before_arrival", "after_entry", ""),
    "agency": ("none", "MFDS", "APQA", ""),
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(stage_refresh, "FROM_ROWS", 1)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owners() -> list[Organization]:
    return [OrganizationFactory() for _ in range(7)]


def a_length(chance: random.Random) -> int:
    """Skewed, now and then naught or far out."""
    kind = chance.random()
    if kind < 0.08:
        return 0
    if kind < 0.12:
        return chance.choice((1, 40_000_000, 7_000_000_000))
    return int(chance.lognormvariate(10, 1))


def some_rows(owners: list[Organization], count: int, seed: int = 5) -> list[StageTime]:
    """Stage times of a year; some are open, some of containers, one in thirty is nobody's."""
    chance = random.Random(seed)
    shipments = [
        a_registered_shipment(owner, ("house_bill", f"KOSHA{seed}{number:06d}"))
        for number, owner in enumerate(owners * 8)
    ]
    rows = []
    for number in range(count):
        shipment = chance.choice(shipments)
        ended = NOW - timedelta(seconds=chance.randrange(360 * 86_400), microseconds=chance.choice((0, 250_000)))
        seconds, is_open = a_length(chance), chance.random() < 0.05
        times: dict[str, Any] = {"started_at": ended - timedelta(hours=1)}
        if not is_open:
            times |= {"ended_at": ended, "seconds": seconds, "working_seconds": seconds // 3}
            # Where it is, the month may be another than in UTC.
            times["month"] = "" if chance.random() < 0.02 else f"{ended + timedelta(hours=9):%Y-%m}"
        rows.append(
            StageTime(
                shipment=shipment,
                organization_id=None if chance.random() < 0.03 else shipment.organization_id,
                container="HDMU1234567" if chance.random() < 0.05 else "",
                stage=chance.choice(STAGES),
                number=number,
                **{name: chance.choice(words) for name, words in WORDS.items()},
                **times,
            )
        )
    return StageTime.objects.bulk_create(rows)


def live(viewer: Viewer, params: dict[str, Any]) -> list[Row]:
    """From the rows, whatever columns there are."""
    kept = list(StageTimeColumn.objects.all())
    StageTimeColumn.objects.all().delete()
    answer = lead_times.answer(viewer, params)
    assert answer.refreshed_at is None and answer.benchmark_refreshed_at is None
    StageTimeColumn.objects.bulk_create(kept)
    return answer.rows


def from_columns(params: dict[str, Any]) -> list[Row]:
    answer = lead_times.answer(STAFF, params)
    assert answer.refreshed_at == NOW
    return answer.rows


def questions() -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = [
        {},
        {"stage": [STAGES[0]]},
        {"stage": ["departed__arrived"]},
        {"mode": ["sea"]},
        {"mode": ["sea", "rail"], "pre_arrival": True, "declared": "before_arrival"},
        {"pre_arrival": False, "intervened": True},
        {"intervened": False, "channel": "inspected"},
        {"agency": "MFDS", "port": "KRPUS"},
        {"warehouse": "nowhere"},
        {"containers": True},
        {"ended_after": NOW - timedelta(days=200, seconds=7)},
        {"ended_before": NOW - timedelta(days=19, hours=3)},
        {"ended_after": datetime(2026, 1, 31, 15, tzinfo=UTC), "ended_before": datetime(2026, 2, 28, 15, tzinfo=UTC)},
    ]
    filters += [{name: words[0]} for name, words in WORDS.items() if name != "mode"]
    asked = [{"group_by": name} | more for name in lead_times.GROUPS for more in filters[:4]] + filters
    return [{"hours": hours} | params for params in asked for hours in ("elapsed", "working")]


def test_the_figures_are_those_of_the_rows(owners: list[Organization]) -> None:
    some_rows(owners, 600)
    expected = [lead_times.answer(STAFF, params).rows for params in questions()]
    assert stage_refresh.refresh(NOW)
    for params, rows in zip(questions(), expected, strict=True):
        assert from_columns(params) == rows, params
    assert sum(row.summary.outliers for row in expected[0]) > 10
    assert sum(bool(rows) for rows in expected) > 100


def test_a_change_a_deletion_and_an_addition_are_picked_up(owners: list[Organization]) -> None:
    rows = [row for row in some_rows(owners, 200) if row.container == "" and row.ended_at]
    stage_refresh.refresh(NOW)
    assert stage_refresh.refresh(NOW) == []
    before = from_columns({})
    StageTime.objects.filter(pk=rows[0].pk).update(seconds=123_456)
    assert from_columns({}) == before != live(STAFF, {})
    assert stage_refresh.refresh(NOW) == [(rows[0].stage, rows[0].month)]
    assert from_columns({}) == live(STAFF, {}) != before
    StageTime.objects.filter(stage=rows[1].stage, month=rows[1].month).delete()
    assert stage_refresh.refresh(NOW) == [(rows[1].stage, rows[1].month)]
    assert not StageTimeColumn.objects.filter(stage=rows[1].stage, month=rows[1].month, name="seconds").exists()
    moved = {"month": "2024-02", "ended_at": datetime(2024, 2, 2, tzinfo=UTC)}
    StageTime.objects.filter(pk=rows[2].pk).update(**moved)
    if (rows[1].stage, rows[1].month) != (rows[2].stage, rows[2].month):
        assert stage_refresh.refresh(NOW) == sorted([(rows[2].stage, rows[2].month), (rows[2].stage, "2024-02")])
    some_rows(owners, 20, seed=6)
    stage_refresh.refresh(NOW)
    assert from_columns({"group_by": "month"}) == live(STAFF, {"group_by": "month"})


def test_a_shipment_that_is_deleted_is_gone_with_the_next_refresh(owners: list[Organization]) -> None:
    (row, *_) = [row for row in some_rows(owners, 100) if row.container == "" and row.ended_at]
    stage_refresh.refresh(NOW)
    row.shipment.delete()
    assert stage_refresh.refresh(NOW)
    assert from_columns({"group_by": "client"}) == live(STAFF, {"group_by": "client"})


def test_open_stages_change_no_month(owners: list[Organization]) -> None:
    some_rows(owners, 100)
    stage_refresh.refresh(NOW)
    StageTime.objects.filter(ended_at=None).update(carrier="OTHER")
    assert stage_refresh.refresh(NOW) == []


def test_the_operators_own_targets(owners: list[Organization]) -> None:
    some_rows(owners, 400)
    operator = Viewer(user_id=1, organization_id=owners[0].pk, role="admin", is_staff=True)
    aimed = {"organization": owners[0], "stage": STAGES[0]}
    TargetTime.objects.create(**aimed, seconds=20_000)
    TargetTime.objects.create(**aimed, seconds=9_000, mode="air", clock="working")
    TargetTime.objects.create(**aimed, seconds=40_000, port="KRPUS")
    TargetTime.objects.create(**aimed | {"stage": STAGES[1]}, seconds=1, port="KRPUS", mode="sea")
    asked: list[dict[str, Any]] = [{}, {"hours": "working"}, {"group_by": "warehouse"}, {"channel": "inspected"}]
    expected = [lead_times.answer(operator, params).rows for params in asked]
    stage_refresh.refresh(NOW)
    for params, rows in zip(asked, expected, strict=True):
        answer = lead_times.answer(operator, params)
        assert (answer.rows, answer.refreshed_at) == (rows, NOW)
    assert all(row.against.met and row.against.missed for row in expected[0] if row.against)


def test_a_small_installation_has_no_columns(owners: list[Organization], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_refresh, "FROM_ROWS", 1000)
    some_rows(owners, 20)
    assert stage_refresh.refresh(NOW) is None
    assert not StageTimeChange.objects.exists() and not StageTimeColumn.objects.exists()
    assert lead_times.answer(STAFF, {}).refreshed_at is None
    monkeypatch.setattr(stage_refresh, "FROM_ROWS", 1)
    assert stage_refresh.refresh(NOW)
    assert lead_times.answer(STAFF, {}).refreshed_at == NOW


def test_what_is_asked_of_the_rows_still(owners: list[Organization]) -> None:
    some_rows(owners, 200)
    stage_refresh.refresh(NOW)
    of_one = Viewer(user_id=2, organization_id=owners[0].pk, role="member")
    for viewer, params in ((STAFF, {"client": owners[0].slug}), (of_one, {})):
        answer = lead_times.answer(viewer, params)
        assert answer.refreshed_at is None and answer.rows


def test_nobody_else_reads_the_columns(owners: list[Organization]) -> None:
    some_rows(owners[:-1], 200)
    stage_refresh.refresh(NOW)
    stranger = Viewer(user_id=3, organization_id=owners[-1].pk, role="admin")
    key_of_staff = Viewer(organization_id=owners[-1].pk, is_staff=True, key_id=1)
    for viewer in (stranger, key_of_staff, Viewer()):
        answer = lead_times.answer(viewer, {"group_by": "client"})
        assert answer.rows == [] and answer.refreshed_at is None
    mine = Viewer(user_id=4, organization_id=owners[0].pk, role="viewer")
    assert sum(row.summary.n for row in lead_times.answer(mine, {}).rows) == (
        StageTime.objects.filter(organization=owners[0], container="", ended_at__isnull=False).count()
    )
    Party.objects.filter(organization=owners[0]).delete()
    assert lead_times.answer(mine, {}).rows == []


def test_benchmarks_worked_out_beforehand_are_those_of_the_rows(owners: list[Organization]) -> None:
    some_rows(owners, 2500)
    viewers = [STAFF, *(Viewer(user_id=2, organization_id=row.pk, role="member") for row in owners)]
    asked = [
        (viewer, {"mode": ["sea"], "port": port, "benchmark": True, "hours": hours} | more)
        for viewer in viewers
        for port in ("KRPUS", "KRICN")
        for hours in ("elapsed", "working")
        for more in ({}, {"stage": [STAGES[1]]})
    ]
    expected = [lead_times.answer(viewer, params) for viewer, params in asked]
    stage_refresh.refresh(NOW)
    for (viewer, params), before in zip(asked, expected, strict=True):
        answer = lead_times.answer(viewer, params)
        assert (answer.rows, answer.benchmark_refreshed_at) == (before.rows, NOW)
    assert any(row.benchmark for before in expected for row in before.rows)


def test_a_benchmark_still_needs_five_others_and_thirty_cargoes(owners: list[Organization]) -> None:
    some_rows(owners[:5], 400)
    stage_refresh.refresh(NOW)
    params = {"mode": ["sea"], "port": "KRPUS", "benchmark": True}
    for owner in owners[:5]:
        answer = lead_times.answer(Viewer(user_id=2, organization_id=owner.pk, role="member"), params)
        assert answer.rows and not any(row.benchmark for row in answer.rows)


def test_a_month_that_has_begun_moves_the_benchmarks(owners: list[Organization]) -> None:
    some_rows(owners, 300)
    stage_refresh.refresh(NOW)
    params = {"mode": ["sea"], "port": "KRPUS", "benchmark": True}
    april = datetime(2026, 4, 2, tzinfo=UTC)
    with time_machine.travel(april, tick=False):
        # Nothing is there for the new month yet: the rows answer.
        assert lead_times.answer(STAFF, params).benchmark_refreshed_at is None
        assert stage_refresh.refresh(april) == []
        answer = lead_times.answer(STAFF, params)
        assert answer.benchmark_refreshed_at == april
        assert answer.rows == live(STAFF, params)
    assert not StageTimeColumn.objects.filter(name="benchmarks", month="2026-03").exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_change_during_a_refresh_waits_for_the_next_one(owners: list[Organization]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    (row, *_) = [row for row in some_rows(owners, 60) if row.container == "" and row.ended_at]
    stage_refresh.refresh(NOW)
    StageTime.objects.filter(pk=row.pk).update(carrier="OTHER")
    before = live(STAFF, {})
    with stopped(stage_refresh, "_take_notes", after=True) as stop:
        refresh = Worker(lambda: stage_refresh.refresh(NOW))
        assert stop.reached.wait(20)
        # The refresh has its snapshot; another one leaves it alone, and who writes does not wait for it.
        assert stage_refresh.refresh(NOW) == []
        StageTime.objects.filter(pk=row.pk).update(seconds=123_456)
        stop.go()
        assert refresh.end() == [(row.stage, row.month)]
    assert from_columns({}) == before
    assert stage_refresh.refresh(NOW) == [(row.stage, row.month)]
    assert from_columns({}) == live(STAFF, {}) != before


@pytest.mark.parametrize(
    "values", [[0], [7, 7, 7], [-5, 10**15], [1_000_000, 3_000_000], [0, 255], [0, 256], [2**40, 1]]
)
def test_numbers_are_packed_and_unpacked(values: list[int]) -> None:
    assert unpack(pack_numbers(values)).values.tolist() == values


def test_words_are_packed_and_unpacked() -> None:
    words = [f"word {number % 300}" for number in range(1000)] + ["", "한국"]
    column = unpack(pack_words(words))
    assert column.words and [column.words[place] for place in column.values] == words


def test_the_web_starts_without_numpy() -> None:
    code = (
        "import sys, django; django.setup(); import clis.urls, clis.celery, cargo.tasks; "
        "from django.urls import get_resolver; get_resolver().url_patterns; print('numpy' in sys.modules)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "clis.settings", "CLIS_DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
