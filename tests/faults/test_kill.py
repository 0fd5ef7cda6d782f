"""The fault suite in small: a real worker killed three times. ``make faults`` is the whole of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.faults.__main__ import NOBODY_LISTENS

BROKERS = {"small-unplugged": NOBODY_LISTENS}


def outcome_of(kind: str, folder: Path) -> dict[str, Any]:
    """One campaign in a process, a database and a broker of its own."""
    url = os.environ.get("CLIS_DATABASE_URL", "")
    database = f"sqlite:///{folder}/faults.sqlite3"
    if url.startswith("postgres"):
        database = f"{url.rsplit('/', 1)[0]}/clis_faults_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}"
    changes = {
        "CLIS_DATABASE_URL": database,
        "CLIS_BROKER_URL": BROKERS.get(kind, "filesystem://"),
        "CLIS_REDIS_URL": "",
        "CLIS_VAR": str(folder),
    }
    command = [sys.executable, "-m", "tests.faults", "--here", kind]
    done = subprocess.run(
        command, env={**os.environ, **changes}, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (row,) = json.loads((folder / "faults.json").read_text(encoding="utf-8"))
    return row  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("kind", "messages", "kills"),
    [
        ("small", 300, 3),
        ("small-emptied", 100, 0),
        ("small-unplugged", 100, 0),
        ("small-files", 20, 1),
    ],
)
def test_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path, kind: str, messages: int, kills: int) -> None:
    row = outcome_of(kind, tmp_path)
    assert row["clean"], row
    assert (row["messages"], row["kills"]) == (messages, kills)
