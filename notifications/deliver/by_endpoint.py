"""Claims for webhooks: a few deliveries of each endpoint that may be called now, whoever waits longest first.

A dead endpoint's backlog is never looked at beyond those few rows, and is not looked at at all while it is paused.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

# Of one endpoint (or what may go to it in a second), and endpoints at once. Of one that is not known to be quick a few:
# what waits for an answer of the hostile fills the hands, and who is well would wait behind them.
OF_EACH, OF_OTHERS, ENDPOINTS = 20, 4, 20
# In so many claims of all the quick have their turn before the others, who mostly wait anyway; in the rest nobody does.
QUICK_FIRST = 0.75

# The planner has no figures of rows that come and go in seconds. So the kind is not named, which would make the index
# of all webhooks look as good as the one of each channel; what is owed is asked for endpoint by endpoint and never
# joined; and rows are changed by their numbers. (Joined in one statement: 500 ms for 400 of 1,600 rows instead of 5.)
_DUE = "d.state IN ('pending', 'sending') AND d.next_attempt_at <= %(now)s"
_FREE = "e.held_at IS NULL AND (e.paused_until IS NULL OR e.paused_until <= %(now)s)"
_OWED = (
    f"(SELECT d.id FROM notifications_delivery AS d WHERE d.channel_id = e.channel_id AND {_DUE} LIMIT 1) IS NOT NULL"
)
_NOT_BUSY = {
    "postgresql": "e.channel_id <> ALL(%(busy)s::bigint[])",
    "sqlite": "e.channel_id NOT IN (SELECT value FROM json_each(%(busy)s))",
}
_OPEN = f"""
    SELECT e.channel_id, e.quick FROM notifications_endpoint AS e
    WHERE e.open_at <= %(seconds)s AND {_FREE} AND {{not_busy}} AND {_OWED}
    ORDER BY (e.quick AND %(quick_first)s) DESC, e.open_at, e.channel_id LIMIT {ENDPOINTS}"""
_OPENS = f"SELECT min(e.open_at) FROM notifications_endpoint AS e WHERE {_FREE} AND {{not_busy}} AND {_OWED}"
_FIRST = f"""
    SELECT d.{{columns}} FROM notifications_delivery AS d WHERE d.channel_id = {{channel}} AND {_DUE}
    ORDER BY d.next_attempt_at LIMIT %(of_each)s"""
_CHOOSE = {
    "postgresql": f"""
        SELECT first.id, first.channel_id, first.next_attempt_at FROM unnest(%(channels)s::bigint[]) AS c(id)
        CROSS JOIN LATERAL ({_FIRST.format(columns="id, d.channel_id, d.next_attempt_at", channel="c.id")}) AS first""",
    "sqlite": f"""
        SELECT first.id, first.channel_id, first.next_attempt_at FROM json_each(%(channels)s) AS c
        JOIN notifications_delivery AS first ON first.id IN ({_FIRST.format(columns="id", channel="c.value")})""",
}
# The conditions stand twice: between the choice and the update a row may have come to an end.
_TAKE = {
    "postgresql": f"""
        UPDATE notifications_delivery AS d
        SET state = 'sending', lease_token = %(token)s, next_attempt_at = %(until)s
        WHERE d.id = ANY(%(chosen)s::bigint[]) AND {_DUE}
        RETURNING id, channel_id""",
    "sqlite": f"""
        UPDATE notifications_delivery AS d
        SET state = 'sending', lease_token = %(token)s, next_attempt_at = %(until)s
        WHERE d.id IN (SELECT value FROM json_each(%(chosen)s)) AND {_DUE}
        RETURNING id, channel_id""",
}
_CLOSE = {
    "postgresql": """
        UPDATE notifications_endpoint AS e SET open_at = %(seconds)s + c.value::float / %(rate)s
        FROM jsonb_each_text(%(taken)s::jsonb) AS c WHERE e.channel_id = c.key::bigint""",
    "sqlite": """
        UPDATE notifications_endpoint AS e SET open_at = %(seconds)s + c.value / %(rate)s
        FROM json_each(%(taken)s) AS c WHERE e.channel_id = CAST(c.key AS INTEGER)""",
}


def claim(token: str, now: datetime, until: datetime, busy: Collection[int]) -> list[int]:
    """Puts the token on what is claimed until then, and gives it. Four statements.

    An endpoint is locked from its choice to the note of when it is open again, so that all workers together keep its
    rate; whom another worker has locked is passed over.
    """
    rate = settings.WEBHOOK_RATE
    values = _values(now, until, busy) | {"of_each": max(1, min(OF_EACH, int(rate))), "token": token, "rate": rate}
    values["quick_first"] = random.random() < QUICK_FIRST
    lock = " FOR UPDATE OF e SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OPEN.format(not_busy=_NOT_BUSY[connection.vendor]) + lock, values)
        quick = dict(cursor.fetchall())
        if not quick:
            return []
        cursor.execute(_CHOOSE[connection.vendor], values | {"channels": _numbers(list(quick))})
        chosen = _few_of_others(cursor.fetchall(), quick)
        cursor.execute(_TAKE[connection.vendor], values | {"chosen": _numbers(chosen)})
        taken = cursor.fetchall()
        if taken:
            of_each = Counter(channel for _, channel in taken)
            cursor.execute(_CLOSE[connection.vendor], values | {"taken": json.dumps(of_each)})
    return [delivery for delivery, _ in taken]


def _few_of_others(rows: Sequence[tuple[int, int, Any]], quick: Mapping[int, bool]) -> list[int]:
    """Of (delivery, channel, due) the deliveries to claim: those that were due first."""
    of_each: Counter[int] = Counter()
    chosen = []
    for delivery, channel, _due in sorted(rows, key=lambda row: (row[2], row[0])):
        if quick[channel] or of_each[channel] < OF_OTHERS:
            of_each[channel] += 1
            chosen.append(delivery)
    return sorted(chosen)


def open_in(now: datetime, busy: Collection[int] = ()) -> float | None:
    """Seconds until the first endpoint may be called that is owed something now; None if none is owed anything."""
    with connection.cursor() as cursor:
        cursor.execute(_OPENS.format(not_busy=_NOT_BUSY[connection.vendor]), _values(now, now, busy))
        found = cursor.fetchone()[0]
    return None if found is None else max(0.0, found - now.timestamp())


def _values(now: datetime, until: datetime, busy: Collection[int]) -> dict[str, Any]:
    adapt = connection.ops.adapt_datetimefield_value
    return {"now": adapt(now), "until": adapt(until), "seconds": now.timestamp(), "busy": _numbers(sorted(busy))}


def _numbers(values: list[int]) -> Any:
    """As one parameter."""
    return values if connection.vendor == "postgresql" else json.dumps(values)
