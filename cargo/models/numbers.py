"""Numbers that people outside know things by, after the database came back from a backup."""

from __future__ import annotations

from django.db import connection, models
from django.db.models import F

from cargo.models.update import FeedHead, TrackingUpdate

# More than was given between any backup and the loss.
LEAP = 1_000_000_000
_NEXT = {
    "postgresql": "SELECT setval(s.name, nextval(s.name) + %(leap)s) FROM "
    "(SELECT pg_get_serial_sequence(%(table)s, 'id')::regclass AS name) AS s",
    "sqlite": "UPDATE sqlite_sequence SET seq = seq + %(leap)s WHERE name = %(table)s",
}


def leap(*tables: type[models.Model]) -> None:
    """Numbers of updates, of the feed and of these tables go on far beyond those that the lost system may have given.

    Receivers take a second thing of one number for the first one again, and a client's place in the feed may lie ahead
    of where the backup ends. One statement for each.
    """
    with connection.cursor() as cursor:
        every: tuple[type[models.Model], ...] = (TrackingUpdate, *tables)
        for table in every:
            cursor.execute(_NEXT[connection.vendor], {"leap": LEAP, "table": table._meta.db_table})
    FeedHead.objects.update(last=F("last") + LEAP)
