"""What a digest tells: its members as far as a mail can show them, and how many there are beside.

However many wait for it, no more than ``JUDGED`` of a digest are looked at one by one, in the order of the mail, and as
many as the mail shows are loaded in full. What comes after those is counted in the database without being judged: it
stands in no line of the mail, only in "and so many more", whose link leads to what holds by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, NullIf, RowNumber

from notifications import kinds
from notifications.deliver.settling import leave_out
from notifications.deliver.validity import StillTrue, Validity
from notifications.models import Delivery
from notifications.render.mail import DIGEST_ITEMS

# Members that are looked at one by one: of one digest, and of all that are prepared together.
JUDGED, AT_ONCE = 500, 10_000
# What is critical first, then the newest, as the mail has it.
_RANK = Case(When(notice__in=sorted(kinds.CRITICAL), then=0), default=1, output_field=IntegerField())
_ORDER = (_RANK.asc(), F("pk").desc())


@dataclass(frozen=True)
class Gathered:
    """What one digest tells. ``shown``: in full, in the order of the mail; ``counts``: of everything, the shown ones
    among it, by kind of news; ``shipments``: of how many shipments all that is.
    """

    shown: Sequence[Delivery]
    counts: Mapping[str, int]
    shipments: int


def gather(digests: Sequence[Delivery], still_true: StillTrue) -> dict[int, Gathered]:
    """What each of these claimed digests tells, by its number; one of which nothing may be told is missing.

    Members that may not be told end here. The number of statements is the same for any number of digests and members,
    but where of ``JUDGED`` members in a row none may be told: then the next ones are looked at.
    """
    if not digests:
        return {}
    told: dict[int, list[Delivery]] = {}
    longer: set[int] = set()
    left = list(digests)
    while left:
        each = max(DIGEST_ITEMS, min(JUDGED, AT_ONCE // len(left)))
        judged = _first(left, each)
        may_be_told = _judge([row for rows in judged.values() for row in rows], still_true)
        for digest, rows in judged.items():
            told[digest] = [row for row in rows if row.pk in may_be_told]
        full = {digest for digest, rows in judged.items() if len(rows) == each}
        longer |= full
        left = [digest for digest in left if digest.pk in full and not told[digest.pk]]
    return _described(digests, {digest: rows for digest, rows in told.items() if rows}, longer)


def _waiting(digests: Collection[int]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(gathered_in__among=digests, state=Delivery.State.GATHERED).order_by()


def _first(digests: Sequence[Delivery], each: int) -> dict[int, list[Delivery]]:
    """So many of each digest, in the order of the mail, with what their judgement needs; two statements."""
    by_number = {digest.pk: digest for digest in digests}
    place = Window(RowNumber(), partition_by=F("gathered_in"), order_by=list(_ORDER))
    numbers = _waiting(by_number).annotate(place=place).filter(place__lte=each).values("pk")
    rows = Delivery.objects.filter(pk__in=numbers).select_related("update").defer("update__data")
    found: dict[int, list[Delivery]] = {digest.pk: [] for digest in digests}
    for row in rows.prefetch_related("subscription").order_by(*_ORDER):
        digest = by_number[row.gathered_in_id or 0]
        row.channel = digest.channel
        found[digest.pk].append(row)
    return found


def _judge(rows: Sequence[Delivery], still_true: StillTrue) -> set[int]:
    if not rows:
        return set()
    validity = Validity(rows, still_true)
    return {row.pk for row in leave_out({row: validity.reason(row) for row in rows})}


def _described(
    digests: Sequence[Delivery], told: Mapping[int, Sequence[Delivery]], longer: Collection[int]
) -> dict[int, Gathered]:
    """In full what is shown: one statement; and two more where there are members that nobody judged."""
    shown = _in_full([digest for digest in digests if digest.pk in told], told)
    unjudged = sorted(set(told) & set(longer))
    counts, shipments = _counted(unjudged) if unjudged else ({}, {})
    for digest, rows in told.items():
        if digest not in longer:
            counts[digest] = Counter(row.notice or row.update.kind for row in rows if row.update)
            shipments[digest] = len({row.update.shipment_id for row in rows if row.update})
    return {digest: Gathered(shown[digest], counts[digest], shipments[digest]) for digest in told}


def _in_full(digests: Sequence[Delivery], told: Mapping[int, Sequence[Delivery]]) -> dict[int, list[Delivery]]:
    """The first of each, as their words need them; what the judgement noted in them is kept."""
    first = {row.pk: row for digest in digests for row in told[digest.pk][:DIGEST_ITEMS]}
    rows = Delivery.objects.filter(pk__among=first).select_related("update__shipment", "subscription")
    by_number = {digest.pk: digest for digest in digests}
    shown: dict[int, list[Delivery]] = {digest.pk: [] for digest in digests}
    for row in rows.order_by(*_ORDER):
        digest = by_number[row.gathered_in_id or 0]
        row.channel, row.data = digest.channel, first[row.pk].data
        shown[digest.pk].append(row)
    return shown


def _counted(digests: Sequence[int]) -> tuple[dict[int, Mapping[str, int]], dict[int, int]]:
    """All that waits for these and was not left out: by kind of news, and of how many shipments."""
    kind = Coalesce(NullIf("notice", Value("")), "update__kind")
    counts: dict[int, Mapping[str, int]] = {digest: {} for digest in digests}
    by_kind = _waiting(digests).values_list("gathered_in", kind).annotate(Count("pk"))
    for digest, name, number in by_kind:
        counts[digest] = {**counts[digest], name: number}
    of_shipments = _waiting(digests).values_list("gathered_in").annotate(Count("update__shipment", distinct=True))
    return counts, dict(of_shipments)
