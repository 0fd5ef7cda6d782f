"""Intakes under their lease: who runs when, what a failure leaves on the row, and what a lost lease stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, transaction
from django.utils import timezone

from cargo import sources
from cargo.models import InboundMessage, Intake, Source
from cargo.pipeline.receive import receive
from cargo.sources import WAYS, IntakeError, LeaseLostError, Result, Run, Way, base
from cargo.sources.base import Setting

NOW = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
Fetch = Callable[[Run], Result]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """It stands still unless it is moved, and durations are measured by it."""
    monkeypatch.setattr(base, "time", SimpleNamespace(monotonic=lambda: timezone.now().timestamp()))
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the intakes that ran, in order."""
    ran: list[int] = []

    def fetch(run: Run) -> Result:
        ran.append(run.intake.pk)
        return Result(received=1)

    fetched_by(monkeypatch, fetch)
    return ran


def fetched_by(monkeypatch: pytest.MonkeyPatch, fetch: Fetch, *settings: Setting) -> None:
    monkeypatch.setitem(WAYS, "folder", Way(fetch, settings))


def an_intake(source: Source, **fields: Any) -> Intake:
    return Intake.objects.create(**{"source": source, "way": "folder", "every": timedelta(minutes=15), **fields})


def test_what_is_owed_runs_once_and_then_in_its_rhythm(source: Source, calls: list[int], _clock: Any) -> None:
    intake = an_intake(source, failures=3, error="it was broken")
    assert sources.work_off_owed() == 1
    assert sources.work_off_owed() == 0
    intake.refresh_from_db()
    assert (intake.next_at, intake.succeeded_at) == (NOW + timedelta(minutes=15), NOW)
    assert (intake.failures, intake.error, intake.leased_until, intake.lease_token) == (0, "", None, "")
    _clock.shift(timedelta(minutes=15))
    assert sources.work_off_owed() == 1
    assert calls == [intake.pk] * 2


def test_the_longest_owed_first(source: Source, calls: list[int]) -> None:
    late = an_intake(source, next_at=NOW - timedelta(minutes=1))
    later = an_intake(source, next_at=NOW - timedelta(minutes=2))
    an_intake(source, next_at=NOW + timedelta(seconds=1))
    sources.work_off_owed()
    assert calls == [later.pk, late.pk]


def test_what_is_switched_off_does_not_run(source: Source, calls: list[int]) -> None:
    an_intake(source, active=False)
    an_intake(Source.objects.create(slug="off", name="Off", active=False))
    assert sources.work_off_owed() == 0
    assert calls == []


def test_a_run_may_ask_to_come_back_sooner(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = an_intake(source)
    fetched_by(monkeypatch, lambda run: Result(again_in=timedelta(seconds=10), notes=["a.edi: it is empty"]))
    sources.work_off_owed()
    intake.refresh_from_db()
    assert (intake.next_at, intake.error) == (NOW + timedelta(seconds=10), "a.edi: it is empty")
    fetched_by(monkeypatch, lambda run: Result(again_in=timedelta(hours=1)))
    sources.try_now(intake.pk, sources.SLICE)
    intake.refresh_from_db()
    assert (intake.next_at, intake.error) == (NOW + timedelta(minutes=15), "")


# --- Failures -----------------------------------------------------------------------------------


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fetch(run: Run) -> Result:
        raise error

    fetched_by(monkeypatch, fetch)


def test_a_failure_is_on_the_row_and_tried_again_later_and_later(
    source: Source, monkeypatch: pytest.MonkeyPatch, _clock: Any
) -> None:
    intake = an_intake(source)
    failing(monkeypatch, IntakeError("the host does not answer"))
    waits = []
    for _ in range(7):
        assert sources.work_off_owed() == 0
        intake.refresh_from_db()
        waits.append(intake.next_at - timezone.now())
        _clock.move_to(intake.next_at)
    assert [wait.total_seconds() / 60 for wait in waits] == [15, 30, 60, 120, 240, 360, 360]
    assert (intake.failures, intake.error, intake.succeeded_at) == (7, "the host does not answer", None)
    assert (intake.leased_until, intake.lease_token) == (None, "")


def test_a_rhythm_slower_than_the_longest_pause_stays(source: Source) -> None:
    assert sources.pause_after(5, timedelta(days=1)) == timedelta(days=1)
    assert sources.pause_after(500, timedelta(seconds=0)) == timedelta(hours=6)


@pytest.mark.parametrize(("wish", "minutes"), [(timedelta(hours=2), 120), (timedelta(seconds=1), 15)])
def test_a_providers_wish_is_kept(
    source: Source, monkeypatch: pytest.MonkeyPatch, wish: timedelta, minutes: int
) -> None:
    intake = an_intake(source)
    failing(monkeypatch, IntakeError("429", retry_after=wish))
    sources.work_off_owed()
    intake.refresh_from_db()
    assert intake.next_at == NOW + timedelta(minutes=minutes)


def test_one_that_fails_does_not_hold_up_the_others(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, good = an_intake(source, next_at=NOW - timedelta(hours=1)), an_intake(source)

    def fetch(run: Run) -> Result:
        if run.intake.pk == broken.pk:
            raise KeyError("password=secret")
        return Result(received=2)

    fetched_by(monkeypatch, fetch)
    assert sources.work_off_owed() == 2
    broken.refresh_from_db()
    good.refresh_from_db()
    assert (broken.failures, broken.error) == (1, "our own defect, see the log: KeyError")
    assert good.succeeded_at == NOW


def test_a_long_reason_is_cut(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = an_intake(source)
    failing(monkeypatch, IntakeError("x" * 2000))
    sources.work_off_owed()
    intake.refresh_from_db()
    assert len(intake.error) == 500


# --- The lease ----------------------------------------------------------------------------------


def test_whoever_holds_the_lease_is_alone(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    intake, meanwhile = an_intake(source), []

    def fetch(run: Run) -> Result:
        meanwhile.append((sources.work_off_owed(), sources.try_now(intake.pk, sources.SLICE).ran))
        return Result()

    fetched_by(monkeypatch, fetch)
    assert sources.try_now(intake.pk, sources.SLICE).ran
    assert meanwhile == [(0, False)]


def test_what_a_killed_worker_held_is_free_after_a_while(source: Source, calls: list[int], _clock: Any) -> None:
    intake = an_intake(source, lease_token="of a dead one", leased_until=NOW + base.LEASE)
    assert sources.work_off_owed() == 0
    _clock.shift(base.LEASE + timedelta(seconds=1))
    assert sources.work_off_owed() == 1
    assert calls == [intake.pk]


def test_only_so_many_run_at_the_same_time(source: Source, calls: list[int], settings: Any) -> None:
    an_intake(source, lease_token="another's", leased_until=NOW + base.LEASE)
    waiting = an_intake(source)
    assert sources.work_off_owed() == 0
    settings.INTAKES_AT_ONCE = 2
    assert sources.work_off_owed() == 1
    assert calls == [waiting.pk]


def test_two_that_claim_the_same_one(source: Source, calls: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The other worker's UPDATE comes between our look and ours."""
    intake = an_intake(source)
    looked = sources.secrets.token_hex

    def late(size: int) -> str:
        Intake.objects.filter(pk=intake.pk).update(lease_token="theirs", leased_until=NOW + base.LEASE)
        return looked(size)

    monkeypatch.setattr(sources.secrets, "token_hex", late)
    assert sources.work_off_owed() == 0
    intake.refresh_from_db()
    assert (calls, intake.lease_token) == ([], "theirs")


def test_a_run_keeps_its_lease_alive(source: Source, monkeypatch: pytest.MonkeyPatch, _clock: Any) -> None:
    intake, until = an_intake(source), []

    def fetch(run: Run) -> Result:
        for _ in range(4):
            run.keep()
            until.append(Intake.objects.get().leased_until)
            _clock.shift(timedelta(seconds=10))
        return Result()

    fetched_by(monkeypatch, fetch)
    sources.work_off_owed()
    assert until == [NOW + base.LEASE] * 2 + [NOW + base.LEASE + timedelta(seconds=20)] * 2
    intake.refresh_from_db()
    assert intake.leased_until is None


def taken_over(run: Run) -> None:
    Intake.objects.filter(pk=run.intake.pk).update(lease_token="theirs", leased_until=NOW + timedelta(hours=1))


def test_a_run_whose_lease_was_taken_over_writes_nothing_more(
    source: Source, monkeypatch: pytest.MonkeyPatch, _clock: Any
) -> None:
    intake = an_intake(source, cursor="a")

    def fetch(run: Run) -> Result:
        taken_over(run)
        with transaction.atomic():
            receive(run.intake.source_id, b"[]")
            run.advance(cursor="b")
        return Result(received=1)

    fetched_by(monkeypatch, fetch)
    outcome = sources.try_now(intake.pk, sources.SLICE)
    assert (outcome.error, outcome.result.received) == ("another worker has taken it over", 0)
    intake.refresh_from_db()
    assert (intake.lease_token, intake.leased_until, intake.cursor) == ("theirs", NOW + timedelta(hours=1), "a")
    assert (intake.failures, intake.next_at) == (0, NOW)
    assert not InboundMessage.objects.exists()


def test_a_slow_run_notices_that_it_was_taken_over(
    source: Source, monkeypatch: pytest.MonkeyPatch, _clock: Any
) -> None:
    intake = an_intake(source)

    def fetch(run: Run) -> Result:
        taken_over(run)
        _clock.shift(timedelta(seconds=30))
        run.keep()
        raise AssertionError("it went on")

    fetched_by(monkeypatch, fetch)
    assert sources.try_now(intake.pk, sources.SLICE).error == "another worker has taken it over"


def test_the_cursor_moves_with_what_was_read(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = an_intake(source)

    def fetch(run: Run) -> Result:
        with transaction.atomic():
            receive(run.intake.source_id, b"[]")
            run.advance(cursor="page 2", calls={"2026-11-22": 1})
        assert (run.intake.cursor, run.intake.calls) == ("page 2", {"2026-11-22": 1})
        raise IntakeError("the next page failed")

    fetched_by(monkeypatch, fetch)
    sources.work_off_owed()
    intake.refresh_from_db()
    assert (intake.cursor, intake.calls, intake.error) == ("page 2", {"2026-11-22": 1}, "the next page failed")
    assert InboundMessage.objects.count() == 1


def test_without_a_database_the_intake_stays_owed(source: Source, monkeypatch: pytest.MonkeyPatch, _clock: Any) -> None:
    intake = an_intake(source)

    def down(*args: Any, **words: Any) -> None:
        raise OperationalError("gone")

    failing(monkeypatch, OperationalError("gone"))
    monkeypatch.setattr(sources, "_release", down)
    with pytest.raises(OperationalError):
        sources.work_off_owed()
    intake.refresh_from_db()
    assert (intake.next_at, intake.leased_until) == (NOW, NOW + base.LEASE)


# --- Settings -----------------------------------------------------------------------------------


def test_settings_have_defaults(source: Source) -> None:
    settings = (Setting("path", "text", "Path", default="in"), Setting("stable", "number", "Stable", default=10))
    run = Run(an_intake(source, settings={"path": "", "stable": 0}), settings)
    assert (run.setting("path"), run.setting("stable")) == ("in", 0)
    assert run.secret("password") == ""


def test_a_lost_lease_is_no_failure() -> None:
    assert not issubclass(LeaseLostError, IntakeError)
