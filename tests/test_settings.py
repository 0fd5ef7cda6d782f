"""A setting that is wrong stops the start with one line that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLIS_")}
    environment |= {"CLIS_DEBUG": "1", "CLIS_ENV_FILE": os.devnull, "CLIS_VAR": os.environ["CLIS_VAR"], **settings}
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


NO_DATABASE = "CLIS_DATABASE_URL is postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:///PATH"
WRONG = [
    ({"CLIS_PUSH_BURST": "0"}, "CLIS_PUSH_BURST must be a whole number of 1 or more, not '0'"),
    ({"CLIS_INTAKES_AT_ONCE": "many"}, "CLIS_INTAKES_AT_ONCE must be a whole number of 1 or more, not 'many'"),
    ({"CLIS_PUSH_RATE": "-1"}, "CLIS_PUSH_RATE must be a number of 0 or more, not '-1'"),
    ({"CLIS_PUSH_RATE": "inf"}, "CLIS_PUSH_RATE must be a number of 0 or more, not 'inf'"),
    ({"CLIS_DATABASE_URL": "somewhere"}, NO_DATABASE),
    ({"CLIS_DATABASE_URL": "postgres://clis:secret@127.0.0.1:port/clis"}, NO_DATABASE),
    ({"CLIS_DEBUG": "0"}, "CLIS_SECRET_KEY is not set (CLIS_DEBUG=1 allows a throw-away key)"),
]


@pytest.mark.parametrize(("settings", "said"), WRONG)
def test_a_wrong_value_stops_the_start_with_one_line(settings: dict[str, str], said: str) -> None:
    told = start(**settings)
    assert (told.returncode, told.stdout, told.stderr) == (1, "", f"manage.py: {said}\n")


def test_right_values_do_not() -> None:
    assert start(CLIS_PUSH_RATE="0", CLIS_PUSH_BURST="1", CLIS_INTAKES_AT_ONCE="2").returncode == 0
