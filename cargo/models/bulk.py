"""Whole batches in one statement, on both databases.

A batch goes to the database as one JSON parameter (and, for long values, one block of bytes with offsets), so the
number of statements and of parameters does not grow with it. Measured on PostgreSQL 15 for 500 rows of 2 kB: lists of
values 16 to 34 us a row, base64 in JSON 54, one block with offsets 13.

Column types: ``int``, ``text``, ``uuid``, ``bool``, ``float``, ``time`` (whole seconds since 1970, UTC), ``date``
(ISO text), ``json`` (encoded), ``bytes`` and ``content`` (bytes in UTF-8, stored as text).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Protocol

import msgspec
from django.db import connection

_encode = msgspec.json.encode
_POSTGRES = {
    "int": "bigint",
    "text": "text",
    "uuid": "uuid",
    "bool": "boolean",
    "float": "double precision",
    "time": "double precision",
    "date": "date",
    "json": "text",
}
_LONG = ("bytes", "content")
# psycopg.pq.PipelineStatus.OFF; the driver is not installed everywhere.
_NO_PIPELINE = 0


class Keyed(Protocol):
    """A row as a tuple, and the part of it that tells it from the others of its shipment."""

    @property
    def key(self) -> tuple[Any, ...]: ...

    def __iter__(self) -> Iterator[Any]: ...


def is_postgres() -> bool:
    """Whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


def rows_source(
    columns: dict[str, str], rows: Sequence[Sequence[Any]], keys: int = 1
) -> tuple[str, list[Any], list[str]]:
    """A FROM item that holds the rows, its parameters, and one SQL expression a column.

    What is equal in all rows goes over once, as a parameter of its own. The first ``keys`` columns, by which rows are
    matched, never do: a table compared with a constant is filtered by it first, and with few statistics every row of it
    is then held against every row of ours (250,000 comparisons for 500 leases, 100 us a message).
    """
    kinds = list(columns.values())
    alike = _alike(kinds, rows, keys)
    long = [i for i, kind in enumerate(kinds) if kind in _LONG]
    block = bytearray()
    names = [f"c{i}" for i in range(len(kinds))]
    records = _records(names, rows, alike, long, block)
    own = [i for i in range(len(kinds)) if i not in alike]
    parameters: list[Any] = [_encode(records).decode()]
    if is_postgres():
        fields = [f"c{i} {_POSTGRES.get(kinds[i], 'int')}" for i in own] + [f"n{i} int" for i in long]
        source = f"json_to_recordset(%s::json) AS r({', '.join(fields)})"
        expressions = [_postgres_expression(i, kind, i in alike) for i, kind in enumerate(kinds)]
    else:
        source = "json_each(%s) AS r"
        expressions = [_sqlite_expression(i, kind, i in alike) for i, kind in enumerate(kinds)]
    if long:
        value = "%b::bytea" if is_postgres() else "%s"
        source += f" CROSS JOIN (SELECT {value} AS block) AS d"
        parameters.append(bytes(block))
    if alike:
        picked = [f"%s::{_POSTGRES[kinds[i]]} AS c{i}" if is_postgres() else f"%s AS c{i}" for i in alike]
        source += f" CROSS JOIN (SELECT {', '.join(picked)}) AS k"
        parameters += [rows[0][i] for i in alike]
    return source, parameters, expressions


def _alike(kinds: list[str], rows: Sequence[Sequence[Any]], keys: int) -> list[int]:
    """The columns after the keys with the same value in all of several rows."""
    if len(rows) < 2:
        return []
    return [
        i
        for i, values in enumerate(zip(*rows, strict=True))
        if i >= keys and kinds[i] not in _LONG and values.count(values[0]) == len(values)
    ]


def _records(
    names: list[str], rows: Sequence[Sequence[Any]], alike: list[int], long: list[int], block: bytearray
) -> list[dict[str, Any]]:
    """The rows by column, without what is alike in all; long values lie in the block."""
    if alike:
        own = [i for i in range(len(names)) if i not in alike]
        names = [names[i] for i in own]
        # A row of one column is a record as well.
        pick = itemgetter(*own) if len(own) > 1 else lambda row: (row[own[0]],)
        rows = [pick(row) for row in rows]
        long = [own.index(i) for i in long]
    if long:
        return [_with_long(names, row, long, block) for row in rows]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _with_long(names: list[str], row: Sequence[Any], long: list[int], block: bytearray) -> dict[str, Any]:
    """The record of a row whose long values go into the block: their place (from 1) and length stand for them."""
    record = dict(zip(names, row, strict=True))
    for i in long:
        value = record[names[i]]
        record[names[i]] = len(block) + 1
        record["n" + names[i][1:]] = len(value)
        block += value
    return record


def _postgres_expression(i: int, kind: str, alike: bool) -> str:
    value = f"{'k' if alike else 'r'}.c{i}"
    if kind == "time":
        return f"to_timestamp({value})"
    if kind == "bytes":
        return f"substr(d.block, r.c{i}, r.n{i})"
    if kind == "content":
        return f"convert_from(substr(d.block, r.c{i}, r.n{i}), 'UTF8')"
    if kind == "json":
        return f"{value}::jsonb"
    return value


def _sqlite_expression(i: int, kind: str, alike: bool) -> str:
    value = f"k.c{i}" if alike else f"json_extract(r.value, '$.c{i}')"
    if kind == "time":
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', {value}, 'unixepoch')"
    if kind == "bytes":
        # SQLite makes nothing at all of no bytes.
        return f"coalesce(substr(d.block, {value}, json_extract(r.value, '$.n{i}')), x'')"
    if kind == "content":
        return f"CAST(substr(d.block, {value}, json_extract(r.value, '$.n{i}')) AS TEXT)"
    return value


def insert(
    table: str,
    columns: dict[str, str],
    rows: Sequence[Sequence[Any]],
    *,
    conflict: str = "",
    returning: str = "",
) -> Later:
    """One INSERT of all rows. ``conflict``: for example ``ON CONFLICT DO NOTHING``. Gives the RETURNING rows."""
    if not rows:
        return NOTHING
    source, parameters, expressions = rows_source(columns, rows)
    tail = f" RETURNING {returning}" if returning else ""
    sql = (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(expressions)} FROM {source} "
        f"WHERE true {conflict}{tail}"
    )
    return send(sql, parameters, rows=bool(returning))


def update(
    table: str,
    keys: dict[str, str],
    columns: dict[str, str],
    rows: Sequence[Sequence[Any]],
    *,
    also: str = "",
    returning: str = "",
) -> Later:
    """One UPDATE of all rows, matched by the keys, which come first in each row. Gives the RETURNING rows."""
    if not rows:
        return NOTHING
    source, parameters, expressions = rows_source(keys | columns, rows, len(keys))
    assignments = [f"{name} = x.v{i + len(keys)}" for i, name in enumerate(columns)]
    if also:
        assignments.append(also)
    picked = ", ".join(f"{expression} AS v{i}" for i, expression in enumerate(expressions))
    where = " AND ".join(f"{table}.{name} = x.v{i}" for i, name in enumerate(keys))
    tail = f" RETURNING {returning}" if returning else ""
    sql = f"UPDATE {table} SET {', '.join(assignments)} FROM (SELECT {picked} FROM {source}) AS x WHERE {where}{tail}"
    return send(sql, parameters, rows=bool(returning))


def delete(table: str, keys: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """One DELETE of the rows that bear one of these keys."""
    if not rows:
        return
    source, parameters, expressions = rows_source(keys, sorted(rows, key=tuple), len(keys))
    where = " AND ".join(f"{table}.{name} = {value}" for name, value in zip(keys, expressions, strict=True))
    execute(f"DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM {source} WHERE {where})", parameters)


def rewrite(
    table: str,
    keys: dict[str, str],
    columns: dict[str, str],
    before: Mapping[int, Sequence[Keyed]],
    after: Mapping[int, Sequence[Keyed]],
) -> None:
    """Makes the rows of each shipment those of ``after``; two statements at most, none where nothing changed.

    A row holds its keys and then its columns, in their order; its shipment's id comes from the mapping.
    """
    changed: list[tuple[Any, ...]] = []
    gone: list[tuple[Any, ...]] = []
    for shipment, rows in sorted(after.items()):
        stood = {row.key: row for row in before.get(shipment, ())}
        changed += [(shipment, *row) for row in rows if stood.pop(row.key, None) != row]
        gone += [(shipment, *key) for key in stood]
    own = {"shipment_id": "int"} | keys
    renewed = ", ".join(f"{name} = excluded.{name}" for name in columns)
    insert(table, own | columns, changed, conflict=f"ON CONFLICT ({', '.join(own)}) DO UPDATE SET {renewed}")
    delete(table, own, gone)


def moment(value: datetime) -> Any:
    """An instant as a parameter of raw SQL: SQLite keeps instants as text in UTC."""
    return value if is_postgres() else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def seconds_of(column: str) -> str:
    """SQL: an instant as whole seconds since 1970, several times quicker to read than a time stamp."""
    if is_postgres():
        return f"floor(extract(epoch FROM {column}))::bigint"
    return f"CAST(strftime('%%s', {column}) AS INTEGER)"


def digits_of(column: str) -> str:
    """SQL: a UUID as 32 hexadecimal digits."""
    return f"encode(uuid_send({column}), 'hex')" if is_postgres() else column


class Later:
    """What a statement gives, fetched when it is first looked at; the server is at it meanwhile (``pipelined``)."""

    __slots__ = ("_cursor", "_rows")

    def __init__(self, cursor: Any = None, rows: list[tuple[Any, ...]] | None = None) -> None:
        self._cursor = cursor
        self._rows = rows

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows; waits for them."""
        if self._rows is None:
            self._rows = self._cursor.fetchall()
            self._cursor.close()
        return self._rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows())


NOTHING = Later(rows=[])


def send(sql: str, parameters: Sequence[Any] = (), *, rows: bool) -> Later:
    """Runs one statement. Inside ``pipelined`` it is only sent: its rows (if it gives ``rows``) are fetched when asked
    for, and an error in it is raised by a later statement's rows or at the end.
    """
    if rows and _is_pipelined():
        cursor = connection.cursor()
        cursor.execute(sql, list(parameters))
        return Later(cursor)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return Later(rows=cursor.fetchall()) if rows else NOTHING


def execute(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Runs one statement and gives its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        if _is_pipelined():
            # What it gives is not known before its answer is there.
            return cursor.fetchall() if _gives_rows(sql) else []
        return cursor.fetchall() if cursor.description else []


def _gives_rows(sql: str) -> bool:
    return sql.startswith(("SELECT ", "WITH ")) or " RETURNING " in sql


def _is_pipelined() -> bool:
    if not is_postgres() or connection.connection is None:
        return False
    return bool(connection.connection.pgconn.pipeline_status != _NO_PIPELINE)


@contextmanager
def pipelined() -> Iterator[None]:
    """Statements go out one after the other and are not waited for until their rows are looked at (PostgreSQL's
    pipeline mode): the server works on one while the next is being written. An error in any of them is raised by the
    next rows that are looked at, or at the end.
    """
    if not is_postgres():
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def id_list(ids: Iterable[int]) -> tuple[str, Any]:
    """``IN`` any number of integer ids by one parameter: the SQL of the right side, and the parameter."""
    values = sorted(ids)
    if is_postgres():
        return "= ANY(%s::bigint[])", values
    return "IN (SELECT value FROM json_each(%s))", _encode(values).decode()


def key_list(keys: Iterable[str]) -> tuple[str, Any]:
    """The same for UUIDs, given as 32 hexadecimal digits."""
    values = sorted(keys)
    if is_postgres():
        return "= ANY(string_to_array(%s, ',')::uuid[])", ",".join(values)
    return "IN (SELECT value FROM json_each(%s))", _encode(values).decode()
