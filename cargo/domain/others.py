"""Everybody's lengths without one's own: what comparable cargo took, worked out for every asker at once.

Needs NumPy, which is imported when it is first called.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cargo.domain.statistics import percentile, tenth


class Others(NamedTuple):
    """How many organizations and cargoes stand behind the figures, and these in seconds, to a tenth."""

    organizations: int
    cargoes: int
    median: float
    p90: float


class _Rest:
    """Ascending lengths without those in some places: the k-th of what is left."""

    def __init__(self, ordered: Any, places: Any) -> None:
        import numpy

        self._ordered = ordered
        # How many are left before each one that is taken away.
        self._left_before = places - numpy.arange(len(places))

    def __len__(self) -> int:
        return len(self._ordered) - len(self._left_before)

    def __getitem__(self, index: int) -> int:
        skipped = self._left_before.searchsorted(index, side="right")
        return int(self._ordered[index + skipped])


def of_others(seconds: Any, shipments: Any, owners: Any) -> dict[int | None, Others]:
    """By owner: of the rows that are not theirs; under ``None`` of all rows, for whom none is theirs.

    Takes arrays of equal length: seconds, ids of shipments, numbers of owners. An owner beside whom there is no other
    is left out.
    """
    import numpy

    order = numpy.argsort(seconds, kind="stable")
    ordered, whose = seconds[order], owners[order]
    names, counts = numpy.unique(owners, return_counts=True)
    exclusive, cargoes = _cargoes(shipments, owners)
    # The places of each owner's rows among the ascending lengths.
    places = numpy.split(numpy.argsort(whose, kind="stable"), counts.cumsum()[:-1])
    found: dict[int | None, Others] = {None: _figures(_Rest(ordered, places[0][:0]), len(names), cargoes)}
    if len(names) > 1:
        for name, taken in zip(names, places, strict=True):
            left = cargoes - exclusive.get(int(name), 0)
            found[int(name)] = _figures(_Rest(ordered, taken), len(names) - 1, left)
    return found


def _figures(rest: Any, organizations: int, cargoes: int) -> Others:
    return Others(organizations, cargoes, tenth(percentile(rest, 0.5)), tenth(percentile(rest, 0.9)))


def _cargoes(shipments: Any, owners: Any) -> tuple[dict[int, int], int]:
    """By owner the shipments that are nobody else's, and all shipments."""
    import numpy

    order = numpy.lexsort((owners, shipments))
    shipment, owner = shipments[order], owners[order]
    is_new = numpy.append(True, (shipment[1:] != shipment[:-1]) | (owner[1:] != owner[:-1]))
    shipment, owner = shipment[is_new], owner[is_new]
    starts = numpy.append(True, shipment[1:] != shipment[:-1])
    alone = starts & numpy.append(starts[1:], True)
    names, counts = numpy.unique(owner[alone], return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True)), int(starts.sum())
