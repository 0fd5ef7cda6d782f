"""``python -m tests.bench``: ratios measured in one run, on PostgreSQL (where there is one) and on SQLite.

Prints a table for each database and writes it as JSON into ``test-results/``. Exit status 1 if a floor is missed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

RESULTS = Path("test-results")
# What takes minutes and is measured only when it is asked for.
ALONE = ("inspection", "forecast", "lead-times", "fanout", "races", "notify", "latency")
# What is measured on SQLite as well.
ON_SQLITE = ("ingest", "fanout", "latency")


def main() -> int:
    """The database of the environment, then SQLite in a process of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")
    os.environ.setdefault("CLIS_SECRET_KEY", "only-for-the-benchmark-0123456789-0123456789")
    os.environ.setdefault("CLIS_LOG_LEVEL", "ERROR")
    only = sys.argv[1:] or ["formats", "ingest", "http"]
    missed = _formats() if "formats" in only else 0
    only = [part for part in only if part != "formats"]
    if not only:
        return missed
    missed |= _measure(only)
    only = [part for part in only if part in ON_SQLITE]
    if only and "sqlite" not in os.environ.get("CLIS_DATABASE_URL", "sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/bench.sqlite3"
            environment = os.environ | {"CLIS_DATABASE_URL": url, "CLIS_VAR": folder}
            done = subprocess.run([sys.executable, "-m", "tests.bench", *only], env=environment, check=False)
            missed |= done.returncode
    return missed


def _alone(part: str) -> bool:
    """Measures one part that is asked for by name only; true if it met its limits."""
    from django.db import connection

    from tests.bench import fanout, forecast, inspection, latency, lead_times, notify, races
    from tests.bench.timing import report

    print(f"{connection.vendor}, {part}")
    if part == "notify":
        return report(notify.run(), RESULTS / f"bench-notify-{connection.vendor}.json")
    if part == "latency":
        return report(latency.run(), RESULTS / f"bench-latency-{connection.vendor}.json")
    parts = {
        "inspection": inspection,
        "forecast": forecast,
        "lead-times": lead_times,
        "fanout": fanout,
        "races": races,
    }
    return bool(parts[part].run())


def _formats() -> int:
    from tests.bench import formats
    from tests.bench.timing import report

    print("decoders, one process, no database")
    return 0 if report(formats.run(), RESULTS / "bench-formats.json") else 1


def _measure(only: list[str]) -> int:
    import django

    django.setup()
    from django.db import connection, connections

    from tests.bench import http, ingest
    from tests.bench.timing import report

    if connection.vendor != "postgresql":
        only = [part for part in only if part in ON_SQLITE]
    # A database of its own: a test run beside this one uses Django's usual name.
    connection.settings_dict["TEST"]["NAME"] = connection.settings_dict["TEST"]["NAME"] or "clis_bench"
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    url = os.environ.get("CLIS_DATABASE_URL", "")
    # The worker processes join the same database.
    if connection.vendor == "postgresql":
        os.environ["CLIS_DATABASE_URL"] = url.rsplit("/", 1)[0] + f"/{name}"
    try:
        missed = sum(not _alone(part) for part in only if part in ALONE)
        only = [part for part in only if part not in ALONE]
        if missed or not only:
            return min(missed, 1)
        print(f"{connection.vendor}, {ingest.MESSAGES} DCSA messages over as many shipments, 20 events of history each")
        ingest.prepare()
        figures = []
        if "ingest" in only:
            figures += ingest.run(20 if connection.vendor == "postgresql" else 6)
        if "http" in only:
            figures += http.run()
        return 0 if report(figures, RESULTS / f"bench-{connection.vendor}.json") else 1
    finally:
        if "naive" in connections.databases:
            connections["naive"].close()
        os.environ["CLIS_DATABASE_URL"] = url
        connection.creation.destroy_test_db(url.rsplit("/", 1)[-1], verbosity=0)


if __name__ == "__main__":
    raise SystemExit(main())
