"""Shipments told part by part: by air the same status repeats for each part until its pieces make up the whole.

An entry of a part has the pieces that it speaks of (``packages``) and, in its facts, those of the whole waybill
(``total_packages``), or only that it is one (``partial``). What says neither speaks of all of it. Source: Cargo-IMP
code list 1.15 (total, part, split, divided consignments), 34th edition.
"""

from __future__ import annotations

from collections.abc import Iterable

from cargo.domain.state import ACTUAL
from cargo.domain.view import Occurrence


def in_parts(occurrences: Iterable[Occurrence]) -> bool:
    """Whether any of them says how many pieces there are, or that it is of some only."""
    return any(
        "total_packages" in facts or "partial" in facts
        for occurrence in occurrences
        if (facts := occurrence.entry.facts) is not None
    )


def whole_at(occurrences: Iterable[Occurrence]) -> int | None:
    """When the last piece was told of: seconds since 1970, 0 where no time is told; ``None`` while pieces are missing.

    A part that several sources tell counts once: each source's own sum has to reach the total.
    """
    moments: list[int] = []
    sums: dict[int, int] = {}
    for occurrence in sorted(occurrences, key=lambda each: (each.occurred or 0, each.entry.id)):
        entry = occurrence.entry
        if entry.classifier != ACTUAL:
            continue
        facts = entry.facts or {}
        total, at = facts.get("total_packages"), occurrence.occurred or 0
        if isinstance(total, int) and entry.packages is not None:
            sums[entry.source] = sums.get(entry.source, 0) + entry.packages
            if sums[entry.source] >= total:
                moments.append(at)
        elif "partial" not in facts:
            moments.append(at)
    return min(moments, default=None)
