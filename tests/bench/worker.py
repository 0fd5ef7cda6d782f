"""A worker process of the benchmark: says when it is ready, waits for the word, drains the inbox, ends."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Ready, wait, drain."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")
    import django

    django.setup()
    from django.db import connection

    from tests.bench import ingest

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    print("ready", flush=True)
    sys.stdin.readline()
    ingest.drain()


if __name__ == "__main__":
    main()
