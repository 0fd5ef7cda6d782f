"""When rows were committed, to the microsecond: the tables' own times are whole seconds, and earlier than the commit.

On PostgreSQL triggers that run at the commit note it; on SQLite they run with the statement.
"""

from __future__ import annotations

from django.db import connection

from cargo.models import InboundMessage, TrackingUpdate
from notifications.models import Delivery

RECEIVED, WORKED_OFF, TOLD, OWED = "received", "worked off", "told", "owed"
_MESSAGES, _UPDATES, _DELIVERIES = (model._meta.db_table for model in (InboundMessage, TrackingUpdate, Delivery))
_NOTED = (
    (RECEIVED, _MESSAGES, "INSERT", ""),
    (WORKED_OFF, _MESSAGES, "UPDATE", "OLD.state = 'received' AND NEW.state <> 'received'"),
    (TOLD, _UPDATES, "INSERT", ""),
    (OWED, _DELIVERIES, "INSERT", ""),
)


def note() -> None:
    """From now on, in this database, which is the benchmark's own."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_commit (what text, id bigint, at double precision)")
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "INSERT INTO bench_commit VALUES (TG_ARGV[0], NEW.id, extract(epoch FROM clock_timestamp())); "
                "RETURN NULL; END $$"
            )
        for number, (what, table, act, when) in enumerate(_NOTED):
            condition = f"WHEN ({when}) " if when else ""
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE CONSTRAINT TRIGGER bench_{number} AFTER {act} ON {table} DEFERRABLE INITIALLY DEFERRED "
                    f"FOR EACH ROW {condition}EXECUTE FUNCTION bench_note('{what}')"
                )
            else:
                now = "(julianday('now') - 2440587.5) * 86400"
                cursor.execute(
                    f"CREATE TRIGGER bench_{number} AFTER {act} ON {table} {condition}BEGIN "
                    f"INSERT INTO bench_commit VALUES ('{what}', NEW.id, {now}); END"
                )


def noted(what: str) -> dict[int, float]:
    """By id: seconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, at FROM bench_commit WHERE what = %s", [what])
        return dict(cursor.fetchall())
