"""What an endpoint missed, owed once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, DateTimeField, DurationField, ExpressionWrapper, F, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from clis.accounts.scoping import Viewer
from notifications.endpoints.access import changeable
from notifications.models import Delivery
from notifications.subscribing import SubscribingError

_UNDELIVERED = (Delivery.State.FAILED, Delivery.State.SKIPPED, Delivery.State.UNKNOWN)


@dataclass(frozen=True)
class Span:
    """Which deliveries go out again: by their numbers, by when they were owed, or both; ends included.

    ``force``: also those that were delivered.
    """

    first: int | None = None
    last: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    force: bool = False


def redeliver(viewer: Viewer, endpoint_id: int, span: Span) -> int:
    """Owes again what was not delivered (``force``: whatever has ended); returns how many. Each goes out once more with
    the same ``webhook-id``, in the order in which they were owed first, if it is still true and wanted, like any other.
    Of what was delivered ``delivered_at`` says so from now on, whatever comes of the new tries. One statement for all.
    """
    endpoint = changeable(viewer, endpoint_id)
    if endpoint.channel.verified_at is None:
        raise SubscribingError(_("The endpoint must answer its challenge first."), "not_verified")
    if endpoint.channel.disabled_at is not None:
        raise SubscribingError(_("The endpoint is off. Resume it first."), "off")
    _check(span)
    again = Delivery.objects.filter(channel=endpoint.pk, update__isnull=False)
    if span.force:
        again = again.filter(state__in=(*_UNDELIVERED, Delivery.State.SENT))
    else:
        again = again.filter(state__in=_UNDELIVERED, delivered_at__isnull=True)
    bounds = {
        "pk__gte": span.first,
        "pk__lte": span.last,
        # Fan-out writes times to the second.
        "created_at__gte": span.since and span.since.replace(microsecond=0),
        "created_at__lte": span.until,
    }
    arrived = Case(
        When(state=Delivery.State.SENT, then=Coalesce("delivered_at", "finished_at")), default="delivered_at"
    )
    return again.filter(**{name: value for name, value in bounds.items() if value is not None}).update(
        state=Delivery.State.PENDING,
        attempts=0,
        next_attempt_at=_one_by_one(timezone.now().replace(microsecond=0)),
        finished_at=None,
        delivered_at=arrived,
        reason="",
    )


def _check(span: Span) -> None:
    """An end before its beginning is a slip, and no range of nothing."""
    if (span.first, span.last, span.since, span.until) == (None, None, None, None):
        raise SubscribingError(_("Say which deliveries: by their numbers, or since when."))
    if span.first is not None and span.last is not None and span.last < span.first:
        raise SubscribingError(_("The last number is below the first."), field="last")
    if span.since is not None and span.until is not None and span.until < span.since:
        raise SubscribingError(_("The end is before the beginning."), field="until")


def _one_by_one(now: datetime) -> ExpressionWrapper:
    """A due time of each delivery's own, by its number and before ``now``: a claim takes what was due first, and of
    what is due at the same moment any. ``now`` is a full second, as fan-out writes when what comes up next is due."""
    last = Subquery(Delivery.objects.order_by("-pk").values("pk")[:1])
    before = ExpressionWrapper((last + 1 - F("pk")) * Value(timedelta(microseconds=1)), DurationField())
    return ExpressionWrapper(Value(now, DateTimeField()) - before, DateTimeField())
