"""``among``: one of these values, as one parameter.

``pk__in`` is a parameter for each value: a statement of 400 of them is parsed anew by the driver and by the server for
each number of values, and SQLite has a limit. ``pk__among`` is the same statement whatever their number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import BigAutoField, BigIntegerField, CharField, ForeignKey, Lookup


class Among(Lookup):
    """``filter(pk__among=[1, 2])``; rows are told by their primary keys."""

    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Iterable[Any]) -> None:
        super().__init__(lhs, sorted({getattr(value, "pk", value) for value in rhs}))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, parameters = self.process_lhs(compiler, connection)
        kind = "text" if isinstance(self.lhs.output_field, CharField) else "bigint"
        return f"{left} = ANY(%s::{kind}[])", [*parameters, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} IN (SELECT value FROM json_each(%s))", [*parameters, json.dumps(self.rhs)]


def register() -> None:
    """For keys, what refers to them, and texts."""
    for field in (BigAutoField, BigIntegerField, ForeignKey, CharField):
        field.register_lookup(Among)
