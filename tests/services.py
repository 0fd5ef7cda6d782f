"""Finds the PostgreSQL and Redis servers that the tests may use: ``python -m tests.services``.

Prints the three settings as one line of shell words, or nothing if a server is missing. With ``CI`` set a missing
server is an error. The PostgreSQL role must be allowed to create databases; a test run makes and drops its own.
"""

from __future__ import annotations

import getpass
import os
import sys

import psycopg
import redis

REDIS_DATABASE = 15


def postgresql_url() -> str | None:
    """The first server that answers and lets the role create a database; ``CLIS_TEST_DATABASE_URL`` goes first."""
    user = getpass.getuser()
    given = os.environ.get("CLIS_TEST_DATABASE_URL")
    local = ["postgres:///clis", f"postgres://{user}@127.0.0.1:5432/clis", "postgres://postgres@127.0.0.1:5432/clis"]
    candidates = [given] if given else local
    for url in candidates:
        server = url.rsplit("/", 1)[0] + "/postgres"
        try:
            with psycopg.connect(server.replace("postgres:", "postgresql:", 1), connect_timeout=3) as connection:
                row = connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
        except psycopg.OperationalError:
            continue
        if row and row[0]:
            return url
    return None


def redis_url() -> str | None:
    """The local Redis, in a database of its own; ``CLIS_TEST_REDIS_URL`` goes first."""
    url = os.environ.get("CLIS_TEST_REDIS_URL") or f"redis://127.0.0.1:6379/{REDIS_DATABASE}"
    client = redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
    try:
        client.ping()
    except redis.RedisError:
        return None
    finally:
        client.close()
    return url


def main() -> int:
    database, broker = postgresql_url(), redis_url()
    missing = [name for name, url in (("PostgreSQL", database), ("Redis", broker)) if url is None]
    if missing:
        sys.stderr.write(f"test     | not reachable: {', '.join(missing)}\n")
        return 1 if os.environ.get("CI") else 0
    sys.stdout.write(f"CLIS_DATABASE_URL={database} CLIS_BROKER_URL={broker} CLIS_REDIS_URL={broker}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
