"""``python -m tests.faults``: kill, flush, unplug; and what was lost.

On the databases and brokers of the environment, and on SQLite with the file broker. Prints a table and writes it to
``test-results/faults.json``. Exit status 1 if anything was lost or happened twice. Only the Redis database that the
environment names is emptied.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

RESULTS = Path("test-results") / "faults.json"
NOBODY_LISTENS = "redis://127.0.0.1:1/0"
COLUMNS = (
    "messages",
    "kills",
    "flushes",
    "seconds",
    "retried",
    "lost",
    "double_events",
    "wrong_states",
    "wrong_updates",
    "wrong_deliveries",
    "second_sends",
    "quarantined",
)


def main() -> int:
    """The server databases of the environment first, if it names them; then SQLite in a process of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")
    os.environ.setdefault("CLIS_SECRET_KEY", "only-for-the-fault-suite-0123456789-0123456789")
    os.environ["CLIS_LOG_LEVEL"] = "ERROR"
    os.environ["CLIS_EMAIL_URL"] = "dummymail://"
    if "--here" in sys.argv:
        rows = _measure(sys.argv[-1])
        Path(os.environ["CLIS_VAR"], "faults.json").write_text(json.dumps(rows), encoding="utf-8")
        return 0
    rows = []
    if "sqlite" not in os.environ.get("CLIS_DATABASE_URL", "sqlite"):
        rows += _in_a_process_of_its_own("server", {})
        rows += _in_a_process_of_its_own("unplugged", {"CLIS_BROKER_URL": NOBODY_LISTENS})
    embedded = {"CLIS_DATABASE_URL": "", "CLIS_BROKER_URL": "", "CLIS_REDIS_URL": ""}
    rows += _in_a_process_of_its_own("embedded", embedded)
    rows += _in_a_process_of_its_own("unplugged", embedded | {"CLIS_BROKER_URL": NOBODY_LISTENS})
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0 if all(row["clean"] for row in rows) else 1


def _in_a_process_of_its_own(kind: str, changes: dict[str, str]) -> list[dict[str, Any]]:
    folder = tempfile.mkdtemp()
    try:
        environment = {name: value for name, value in (os.environ | changes).items() if value}
        environment |= {"CLIS_VAR": folder, "CLIS_ENV_FILE": os.devnull}
        if "CLIS_DATABASE_URL" not in environment:
            environment["CLIS_DATABASE_URL"] = f"sqlite:///{folder}/faults.sqlite3"
        subprocess.run([sys.executable, "-m", "tests.faults", "--here", kind], env=environment, check=True)
        found: list[dict[str, Any]] = json.loads(Path(folder, "faults.json").read_text(encoding="utf-8"))
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(kind: str) -> list[dict[str, Any]]:
    import django

    django.setup()
    from django.db import connection

    url = os.environ["CLIS_DATABASE_URL"]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    # The workers join the same database.
    server = connection.vendor == "postgresql"
    os.environ["CLIS_DATABASE_URL"] = url.rsplit("/", 1)[0] + f"/{name}" if server else f"sqlite:///{name}"
    try:
        rows = []
        for campaign in _campaigns(kind):
            row = campaign.run().row()
            if not rows:
                print(
                    f"{'on ' + connection.vendor:38}" + "".join(f"{title.replace('_', ' '):>17}" for title in COLUMNS)
                )
            mark = "" if row["clean"] else "  NOT CLEAN"
            print(f"{row['name']:38}" + "".join(f"{row[title]:>17}" for title in COLUMNS) + mark, flush=True)
            rows.append({"database": connection.vendor, **row})
        return rows
    finally:
        os.environ["CLIS_DATABASE_URL"] = url
        connection.creation.destroy_test_db(url.rsplit("/", 1)[-1], verbosity=0)


def _campaigns(kind: str) -> list[Any]:
    from tests.faults.campaign import Campaign
    from tests.faults.disturbing import Unplugged, empty_the_broker
    from tests.faults.files import Files

    emptied: dict[str, Any] = {"disturb": empty_the_broker}
    return {
        "server": [
            Campaign("worker killed", 5000, kills=20, seed=1),
            Campaign("Redis emptied", 2000, kills=0, seed=2, disturbances=10, **emptied),
            Campaign("Redis emptied, worker killed", 2000, kills=5, seed=3, disturbances=5, **emptied),
            Files("files in a folder, worker killed", 500, kills=20, seed=4),
            Files("files by SFTP, worker killed", 500, kills=20, seed=5, way="sftp"),
        ],
        "embedded": [
            Campaign("worker killed", 1000, kills=8, seed=11),
            Campaign("broker's files removed, worker killed", 500, kills=2, seed=12, disturbances=5, **emptied),
            Files("files in a folder, worker killed", 500, kills=20, seed=13),
            Files("files by SFTP, worker killed", 500, kills=20, seed=14, way="sftp"),
        ],
        "unplugged": [Unplugged("no broker, sweeps alone", 1000, kills=0, seed=21)],
        "small": [Campaign("worker killed", 300, kills=3, seed=7)],
        "small-emptied": [Campaign("broker emptied", 100, kills=0, seed=8, disturbances=2, **emptied)],
        "small-files": [Files("files by SFTP, worker killed", 20, kills=1, seed=16, every=1.0, names=10, way="sftp")],
        "small-unplugged": [Unplugged("no broker, sweeps alone", 100, kills=0, seed=9)],
    }[kind]


if __name__ == "__main__":
    raise SystemExit(main())
