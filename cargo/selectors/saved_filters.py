"""Which shipments the list's filters choose, where somebody saved them: asked for a batch of shipments at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from cargo.domain.codes import CUSTOMS_STATES, JOURNEY_MODES, MILESTONES, MODES, STATUSES
from cargo.models import bulk
from cargo.selectors.conditions import FILTER_NAMES, SHIPMENTS, STATUS, conditions
from clis.accounts.scoping import Viewer

# Filters in one statement: each is a term of a compound SELECT, of which SQLite takes 500.
AT_ONCE = 100
# Days: a filter that is kept would ask for these for ever.
DATES = frozenset({"eta_after", "eta_before", "updated_since"})
_LONGEST = 200
# Words of one filter: the list takes no more.
_MOST = 50
_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
_AGENCY = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
_TRUTH = frozenset({"true", "false"})
# Filters that take several words, as a list or with commas, and those that take one.
_SEVERAL = {
    "status": frozenset(STATUSES),
    "milestone": frozenset(MILESTONES),
    "customs_state": frozenset(CUSTOMS_STATES),
    "mode": frozenset((*JOURNEY_MODES, *MODES)),
}
_ONE = {
    **dict.fromkeys(("arrived", "released", "collected"), _TRUTH),
    "ready": _TRUTH | {"unknown"},
    "needs": frozenset({"client"}),
}


class FilterError(ValueError):
    """A parameter that the list does not have, or (``value``) one that it cannot be asked for."""

    def __init__(self, name: str, value: object = None) -> None:
        self.name, self.value = name[:60], None if value is None else str(value)[:60]
        super().__init__(self.name if self.value is None else f"{self.name}: {self.value}")


def check(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as the list's own address says them: no word that it does not know, ports in upper case.

    Raises ``FilterError`` for one that the list does not know, or a value that it would never find or take for another.
    """
    return {name: _checked(name, value) for name, value in params.items()}


def _checked(name: str, value: Any) -> Any:
    if name not in FILTER_NAMES:
        raise FilterError(name)
    words = [value]
    if name in _SEVERAL:
        words = value if isinstance(value, list) else str(value).split(",")
    if not 0 < len(words) <= _MOST or not all(_is_plain(word) for word in words):
        raise FilterError(name, value)
    try:
        clean = [_FORMS[name](word.strip()) if name in _FORMS else word for word in words]
    except ValueError as error:
        raise FilterError(name, value) from error
    return clean if isinstance(value, list) else ",".join(clean)


def _is_plain(value: object) -> bool:
    return isinstance(value, str) and value.strip() != "" and len(value) <= _LONGEST and "\x00" not in value


def _among(words: Collection[str]) -> Callable[[str], str]:
    def form(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(text)
        return text.lower()

    return form


def _port(text: str) -> str:
    code = text.replace(" ", "").upper()
    if not _UNLOCODE.fullmatch(code):
        raise ValueError(text)
    return code


def _hold(text: str) -> str:
    if text.lower() in _TRUTH:
        return text.lower()
    if not _AGENCY.fullmatch(text.upper()):
        raise ValueError(text)
    return text.upper()


def _day(text: str) -> str:
    return datetime.fromisoformat(text).date().isoformat()


# What each value is brought into; each raises ``ValueError`` for what is none. Other filters take any text.
_FORMS: dict[str, Callable[[str], str]] = {
    **{name: _among(words) for name, words in {**_SEVERAL, **_ONE}.items()},
    **dict.fromkeys(("port_of_loading", "port_of_discharge"), _port),
    **dict.fromkeys(DATES, _day),
    "hold": _hold,
}


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
            where = conditions(Viewer(organization_id=organization), check(params))
            where.add(f"s.id {right}", value)
            terms.append(
                f"SELECT {number}, s.id FROM {SHIPMENTS} s JOIN {STATUS} t ON t.shipment_id = s.id "
                f"WHERE {' AND '.join(where.sql)}"
            )
            parameters += where.parameters
        for number, shipment in bulk.execute(" UNION ALL ".join(terms), parameters):
            found[number].add(shipment)
    return found
