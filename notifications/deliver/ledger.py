"""The statements by which tries and what came of them are written down, many at a time.

Rows are mappings that become one JSON parameter; instants in them are as ``moment`` writes them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

Row = Mapping[str, Any]


def open_tries(rows: Sequence[Row], now: datetime) -> dict[int, int]:
    """Of ``delivery``, ``segments`` and ``cost``; gives the number of each delivery's try. One statement."""
    values = {"now": connection.ops.adapt_datetimefield_value(now), "rows": json.dumps(rows)}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN[connection.vendor], values)
        return dict(cursor.fetchall())


def end_tries(tries: Sequence[Row], deliveries: Sequence[Row]) -> None:
    """A delivery changes only while it is under the lease that its row names; ``uncounted`` of its tries are taken off.
    Two statements.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRIES[connection.vendor], [json.dumps(tries)])
        cursor.execute(_DELIVERIES[connection.vendor], [json.dumps(deliveries)])


def moment(value: datetime | None) -> str | None:
    """An instant as a value in JSON that the database reads as its own."""
    adapted = connection.ops.adapt_datetimefield_value(value)
    return adapted.isoformat() if isinstance(adapted, datetime) else adapted


_OPEN = {
    vendor: f"""
        INSERT INTO notifications_attempt
            (delivery_id, started_at, outcome, detail, provider_id, request, answer, segments, cost)
        SELECT {row}, %(now)s, '', '', '', '', '', {segments}, {cost} FROM {rows}
        RETURNING delivery_id, id"""
    for vendor, row, segments, cost, rows in (
        (
            "postgresql",
            "r.delivery",
            "r.segments",
            "r.cost",
            "jsonb_to_recordset(%(rows)s::jsonb) AS r(delivery bigint, segments smallint, cost numeric)",
        ),
        (
            "sqlite",
            "r.value ->> 'delivery'",
            "r.value ->> 'segments'",
            "r.value ->> 'cost'",
            "json_each(%(rows)s) AS r",
        ),
    )
}
_TRIES = {
    "postgresql": """
        UPDATE notifications_attempt AS t
        SET finished_at = r.finished_at, outcome = r.outcome, detail = r.detail, provider_id = r.provider_id,
            status = r.status, request = r.request, answer = r.answer
        FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, finished_at timestamptz, outcome text, detail text,
                                                provider_id text, status smallint, request text, answer text)
        WHERE t.id = r.id""",
    "sqlite": """
        UPDATE notifications_attempt
        SET finished_at = r.value ->> 'finished_at', outcome = r.value ->> 'outcome', detail = r.value ->> 'detail',
            provider_id = r.value ->> 'provider_id', status = r.value ->> 'status', request = r.value ->> 'request',
            answer = r.value ->> 'answer'
        FROM json_each(%s) AS r
        WHERE notifications_attempt.id = r.value ->> 'id'""",
}
_DELIVERIES = {
    "postgresql": """
        UPDATE notifications_delivery AS d
        SET state = r.state, lease_token = '', next_attempt_at = r.next_attempt_at, finished_at = r.finished_at,
            reason = r.reason, attempts = d.attempts - r.uncounted
        FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, lease_token text, state text, next_attempt_at timestamptz,
                                                finished_at timestamptz, reason text, uncounted smallint)
        WHERE d.id = r.id AND d.lease_token = r.lease_token AND d.state = 'sending'""",
    "sqlite": """
        UPDATE notifications_delivery
        SET state = r.value ->> 'state', lease_token = '', next_attempt_at = r.value ->> 'next_attempt_at',
            finished_at = r.value ->> 'finished_at', reason = r.value ->> 'reason',
            attempts = attempts - (r.value ->> 'uncounted')
        FROM json_each(%s) AS r
        WHERE notifications_delivery.id = r.value ->> 'id' AND notifications_delivery.state = 'sending'
              AND notifications_delivery.lease_token = r.value ->> 'lease_token'""",
}
