"""What mail providers say later of mails: written down, once each.

That it arrived sets when. A hard bounce, a complaint or an unsubscription at the provider suppresses the address at
once, five soft bounces within 48 hours do as well; a suppressed address has its channels switched off and gets nothing
more until it is proved anew by a code (``subscribing.verify``). Nothing here sends anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from notifications.deliver.settling import BOUNCE, suppress_mail
from notifications.models import Attempt, Callback, Channel, Delivery, Suppression, recipient_of
from notifications.render.text import clean

EMAIL = Channel.Kind.EMAIL
SAID = (
    "delivered", "hard_bounce", "soft_bounce", "complaint", "unsubscribed", "rejected", "deferred", "other"
)  # fmt: skip
# What suppresses an address, by what was said of it; and what that is called.
SUPPRESSING = {"hard_bounce": BOUNCE, "complaint": "complaint", "unsubscribed": "unsubscribed"}
SOFT_REASON = "soft_bounces"
SOFT_BOUNCES, SOFT_WINDOW = 5, timedelta(hours=48)
_FAILED = ("hard_bounce", "soft_bounce", "rejected")


@dataclass(frozen=True)
class Report:
    """One thing that a provider said. ``name`` is unique within the provider; ``said`` one of ``SAID``;
    ``message_id`` by which the provider names the mail; ``detail`` in its own words."""

    name: str
    said: str
    message_id: str = ""
    address: str = ""
    detail: str = ""


@dataclass(frozen=True)
class _Whom:
    """Whose mail it was: the delivery, where it is one, and its address."""

    delivery: int | None
    address: str

    @property
    def recipient(self) -> str:
        return recipient_of(EMAIL, self.address, 0)


def take(provider: str, reports: Sequence[Report], now: datetime) -> int:
    """Writes down what was not told before; returns how much that is. At most ten statements, however many reports."""
    named = {hashlib.sha256(f"mail {report.name}".encode()).hexdigest(): report for report in reports}
    if not named:
        return 0
    whose = _whose(list(named.values()))
    with transaction.atomic():
        known = set(Callback.objects.filter(provider=provider, digest__in=named).values_list("digest", flat=True))
        new = {digest: report for digest, report in sorted(named.items()) if digest not in known}
        Callback.objects.bulk_create(
            [
                Callback(
                    provider=provider,
                    digest=digest,
                    said=report.said,
                    recipient=whom.recipient if (whom := whose.get(report)) else "",
                    received_at=now,
                )
                for digest, report in new.items()
            ],
            ignore_conflicts=True,
        )
        found = [(report, whose[report]) for report in new.values() if report in whose]
        _note(found, now)
        _suppress(found, now)
    return len(new)


def _whose(reports: Sequence[Report]) -> dict[Report, _Whom]:
    """By the mail's number, else by the address that the provider names: codes and invitations are no deliveries."""
    numbers = {report.message_id for report in reports if report.message_id}
    tries = Attempt.objects.filter(provider_id__in=numbers, delivery__kind=EMAIL)
    known = {
        number: _Whom(delivery, address)
        for number, delivery, address in tries.values_list("provider_id", "delivery_id", "delivery__channel__address")
    }
    found = {}
    for report in reports:
        if report.message_id in known:
            found[report] = known[report.message_id]
        elif report.address:
            found[report] = _Whom(None, report.address)
    return found


def _note(found: Sequence[tuple[Report, _Whom]], now: datetime) -> None:
    """On the deliveries themselves: arrived, or failed after all. What arrived and comes back did arrive."""
    arrived = {whom.delivery for report, whom in found if report.said == "delivered" and whom.delivery}
    if arrived:
        Delivery.objects.filter(pk__in=arrived, delivered_at__isnull=True).update(delivered_at=now)
    for said in _FAILED:
        failed = {whom.delivery for report, whom in found if report.said == said and whom.delivery}
        if failed:
            Delivery.objects.filter(
                pk__in=failed, state__in=(Delivery.State.SENT, Delivery.State.UNKNOWN), delivered_at__isnull=True
            ).update(state=Delivery.State.FAILED, reason="bounced" if said != "rejected" else "rejected")


def _suppress(found: Sequence[tuple[Report, _Whom]], now: datetime) -> None:
    wanted: dict[str, Suppression] = {}
    soft = {whom.recipient: (report, whom) for report, whom in found if report.said == "soft_bounce"}
    for recipient in _too_soft(soft, now):
        report, whom = soft[recipient]
        wanted[recipient] = _suppression(whom, SOFT_REASON, report.detail, now)
    for report, whom in found:
        if reason := SUPPRESSING.get(report.said):
            wanted[whom.recipient] = _suppression(whom, reason, report.detail, now)
    suppress_mail(wanted, now)


def _too_soft(recipients: Collection[str], now: datetime) -> set[str]:
    """Of these those that bounced softly five times by now; the new ones are written down already."""
    if not recipients:
        return set()
    counted = (
        Callback.objects.filter(recipient__in=recipients, said="soft_bounce", received_at__gt=now - SOFT_WINDOW)
        .values("recipient")
        .annotate(times=Count("pk"))
        .filter(times__gte=SOFT_BOUNCES)
    )
    return set(counted.values_list("recipient", flat=True))


def _suppression(whom: _Whom, reason: str, detail: str, now: datetime) -> Suppression:
    return Suppression(
        kind=EMAIL,
        recipient=whom.recipient,
        address=whom.address,
        reason=reason,
        detail=clean(detail, 500),
        created_at=now,
    )
