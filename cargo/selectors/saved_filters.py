"""Which shipments the list's filters choose, where somebody saved them: asked for a batch of shipments at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cargo.models import bulk
from cargo.selectors import listing
from cargo.selectors.listing import FILTER_NAMES, SHIPMENTS, STATUS
from clis.accounts.scoping import Viewer

# Filters in one statement: each is a term of a compound SELECT, of which SQLite takes 500.
AT_ONCE = 100
_LONGEST = 200


def check(params: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` for parameters that the list does not know, or whose value it could not ask for."""
    for name, value in params.items():
        values = value if isinstance(value, list) else [value]
        if name not in FILTER_NAMES or not values or not all(_is_plain(item) for item in values):
            raise ValueError(name[:60])
    listing.conditions(Viewer(organization_id=0), dict(params))


def _is_plain(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and "\x00" not in value


def matching(
    asked: Sequence[tuple[int, Mapping[str, Any]]], shipments: Mapping[int, Collection[int]]
) -> list[set[int]]:
    """For each organization with parameters which of its ``shipments`` are in its list; one statement for a hundred.

    ``shipments``: by organization, those that are asked about; of what it is not party to none is found.
    """
    found: list[set[int]] = [set() for _ in asked]
    for start in range(0, len(asked), AT_ONCE):
        terms: list[str] = []
        parameters: list[Any] = []
        for number, (organization, params) in enumerate(asked[start : start + AT_ONCE], start):
            right, value = bulk.id_list(shipments[organization])
            where = listing.conditions(Viewer(organization_id=organization), dict(params))
            where.add(f"s.id {right}", value)
            terms.append(
                f"SELECT {number}, s.id FROM {SHIPMENTS} s JOIN {STATUS} t ON t.shipment_id = s.id "
                f"WHERE {' AND '.join(where.sql)}"
            )
            parameters += where.parameters
        for number, shipment in bulk.execute(" UNION ALL ".join(terms), parameters):
            found[number].add(shipment)
    return found
