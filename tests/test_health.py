"""Is it up, and how old is what is owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from clis import health

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_live_touches_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_gives_the_age_of_the_oldest_unfinished_item(monkeypatch: pytest.MonkeyPatch) -> None:
    stages: dict[str, Callable[[], datetime | None]] = {
        "receive": lambda: NOON - timedelta(seconds=90),
        "deliver": lambda: None,
        "announce": lambda: NOON + timedelta(seconds=5),
    }
    monkeypatch.setattr(health, "STAGES", stages)
    with time_machine.travel(NOON, tick=False):
        answer = Client().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "database": "ok",
        "stages": {
            "receive": {"oldest_seconds": 90.0},
            "deliver": {"oldest_seconds": None},
            "announce": {"oldest_seconds": 0.0},
        },
    }


@pytest.mark.django_db
def test_not_ready_without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("could not connect to server: secret-host")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"database": "unreachable", "stages": {}}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_only_read(path: str) -> None:
    assert Client().post(path).status_code == 405
