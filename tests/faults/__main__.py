"""``python -m tests.faults [messages] [notices] [hostile]``: kill, flush, unplug, abuse; and what was lost.

On the databases and brokers of the environment, and on SQLite with the file broker. Prints tables and writes them to
``test-results/faults.json``. Exit status 1 if anything was lost or happened twice. Only the Redis database that the
environment names is emptied. Without an argument, all parts:

- ``messages``: a worker is killed, its broker emptied or absent, while messages and files come in.
- ``notices``: a worker is killed while it tells ``CLIS_FAULTS_UPDATES`` updates (default 1,000; the full size is
  20,000) by mail, webhook and SMS; ``CLIS_FAULTS_KILLS`` times (default 20; the full size is 50). On SQLite a third.
  Then releases are taken back while they are told, a quarter as many as there were updates, and at most 1,000.
- ``hostile``: webhooks to 50 good endpoints among 200 that do what they can to hold the sender up; on each of them
  ``CLIS_FAULTS_CALLS`` (default 20).
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
PARTS = ("messages", "notices", "hostile")


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
    parts = sys.argv[1:] or PARTS
    server, embedded = {}, {"CLIS_DATABASE_URL": "", "CLIS_BROKER_URL": "", "CLIS_REDIS_URL": ""}
    unplugged = {"CLIS_BROKER_URL": NOBODY_LISTENS}
    runs = [("messages", "embedded", embedded), ("messages", "unplugged", embedded | unplugged)]
    runs += [("notices", "notices-embedded", embedded), ("notices", "retracted-embedded", embedded)]
    runs += [("hostile", "hostile", embedded)]
    if "sqlite" not in os.environ.get("CLIS_DATABASE_URL", "sqlite"):
        on_server = [("messages", "server", server), ("messages", "unplugged", unplugged)]
        on_server += [("notices", "notices", server), ("notices", "retracted", server), ("hostile", "hostile", server)]
        runs = on_server + runs
    rows = [row for part, kind, changes in runs if part in parts for row in _in_a_process_of_its_own(kind, changes)]
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
        rows: list[dict[str, Any]] = []
        for campaign in _campaigns(kind):
            row = campaign.run().row()
            titles = [title for title in row if title not in ("name", "clean")]
            if not rows or not set(titles) <= set(rows[-1]):
                print(f"{'on ' + connection.vendor:38}" + "".join(f"{title.replace('_', ' '):>17}" for title in titles))
            mark = "" if row["clean"] else "  NOT CLEAN"
            print(f"{row['name']:38}" + "".join(f"{row[title]:>17}" for title in titles) + mark, flush=True)
            rows.append({"database": connection.vendor, **row})
        return rows
    finally:
        os.environ["CLIS_DATABASE_URL"] = url
        connection.creation.destroy_test_db(url.rsplit("/", 1)[-1], verbosity=0)


def _campaigns(kind: str) -> list[Any]:
    from tests.faults.campaign import Campaign
    from tests.faults.disturbing import Unplugged, empty_the_broker
    from tests.faults.files import Files
    from tests.faults.hostile import Hostile
    from tests.faults.notices import Notices
    from tests.faults.retracted import Retracted

    updates = int(os.environ.get("CLIS_FAULTS_UPDATES", "1000"))
    kills = int(os.environ.get("CLIS_FAULTS_KILLS", "20"))
    calls = int(os.environ.get("CLIS_FAULTS_CALLS", "20"))
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
        "notices": [Notices("notices, worker killed", updates, kills=kills, seed=31)],
        "notices-embedded": [Notices("notices, worker killed", -(-updates // 3), kills=-(-kills // 3), seed=32)],
        "retracted": [Retracted("releases taken back while told", min(1000, updates // 4), kills=0, seed=33)],
        "retracted-embedded": [Retracted("releases taken back while told", min(1000, updates // 12), kills=0, seed=34)],
        "hostile": [Hostile("200 hostile endpoints, 50 good ones", calls=calls)],
        "small": [Campaign("worker killed", 300, kills=3, seed=7)],
        "small-emptied": [Campaign("broker emptied", 100, kills=0, seed=8, disturbances=2, **emptied)],
        "small-files": [Files("files by SFTP, worker killed", 20, kills=1, seed=16, every=1.0, names=10, way="sftp")],
        "small-notices": [Notices("notices, worker killed", 24, kills=3, seed=17)],
        "small-hostile": [Hostile("22 hostile endpoints, 5 good ones", calls=4, good=5, hostile=22, timeout=1.0)],
        "small-unplugged": [Unplugged("no broker, sweeps alone", 100, kills=0, seed=9)],
    }[kind]


if __name__ == "__main__":
    raise SystemExit(main())
