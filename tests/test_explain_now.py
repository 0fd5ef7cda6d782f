"""``manage.py explain --now``: what is wrong at that instant, from messages alone."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.messages import declared, entered, released, unipass

STORED = [entered("2026-03-10 15:00"), declared("2026-03-11 09:00"), released("2026-03-11 10:00")]


@pytest.fixture
def message(tmp_path: Path) -> Path:
    path = tmp_path / "cargo.xml"
    path.write_bytes(unipass(STORED))
    return path


def explained(message: Path, *options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("explain", str(message), *options, stdout=out, stderr=io.StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def wrong(message: Path, now: str) -> list[tuple[str, str]]:
    return [(row["kind"], row["subject"]) for row in explained(message, "--now", now)["exceptions"]]


def test_without_a_clock_nothing_is_said_of_what_the_clock_decides(message: Path) -> None:
    assert "exceptions" not in explained(message)


def test_what_is_wrong_depends_on_the_instant(message: Path) -> None:
    assert wrong(message, "2026-03-12T00:00:00+09:00") == []
    assert wrong(message, "2026-03-23T23:59:58+09:00") == [("not_collected", "")]
    assert wrong(message, "2026-03-23T23:59:59+09:00") == [("deadline_near", "removal"), ("not_collected", "")]
    assert wrong(message, "2026-03-27T00:00:00+09:00") == [("deadline_exceeded", "removal"), ("not_collected", "")]


def test_an_exception_says_who_must_do_what_by_when(message: Path) -> None:
    found = explained(message, "--now", "2026-03-27T00:00:00+09:00")["exceptions"]
    told = found[0].pop("told")
    assert told["basis"].startswith("removal_15_days")
    assert found[0] == {
        "kind": "deadline_exceeded",
        "subject": "removal",
        "since": "2026-03-26T15:00:00Z",
        "responsible": "importer",
        "next_action": "collect",
        "due_at": "2026-03-26T14:59:59Z",
        "reason": None,
    }
