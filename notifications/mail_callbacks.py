"""What mail providers say later of mails: written down, once each.

That it arrived sets when. A hard bounce, a complaint or an unsubscription at the provider suppresses the address at
once, five soft bounces within 48 hours do as well; a suppressed address has its channels switched off and gets nothing
more until it is proved anew by a code (``subscribing.verify``) or, of bounces, staff lifts it. Nothing here sends
anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from notifications.deliver import reported
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
# A mailbox can be mended, and only its owner takes back what he said himself.
LIFTED_BY_STAFF = (BOUNCE, SOFT_REASON)
# What is noted on the delivery itself.
_MEANINGS = {"delivered": "arrived", "hard_bounce": "bounced", "soft_bounce": "bounced", "rejected": "rejected"}


class EarlyError(Exception):
    """A report of a mail that may be one of those under way, whose number is not known yet: it is to be told again."""


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
    """Whose mail it was: the delivery, where it is one, its address, and the number of the try, if it has its own."""

    delivery: int | None
    address: str
    number: str = ""

    @property
    def recipient(self) -> str:
        return recipient_of(EMAIL, self.address, 0)


def take(provider: str, reports: Sequence[Report], now: datetime) -> int:
    """Writes down what was not told before; returns how much that is. Raises ``EarlyError`` once the rest is written.

    So many statements for one report as for a thousand, but that SQLite takes some 140 rows by one INSERT.
    """
    named = {hashlib.sha256(f"mail {report.name}".encode()).hexdigest(): report for report in reports}
    if not named:
        return 0
    # Before their numbers are looked up: a try that ends in between is known by its number then.
    under_way = _under_way(list(named.values()))
    whose = _whose(list(named.values()))
    with transaction.atomic():
        known = set(Callback.objects.filter(provider=provider, digest__among=named).values_list("digest", flat=True))
        new = {digest: report for digest, report in sorted(named.items()) if digest not in known}
        early = {report for report in new.values() if _is_early(report, whose.get(report), under_way)}
        new = {digest: report for digest, report in new.items() if report not in early}
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
    if early:
        raise EarlyError
    return len(new)


def _whose(reports: Sequence[Report]) -> dict[Report, _Whom]:
    """By the mail's number, else by the address that the provider names: codes and invitations are no deliveries."""
    numbers = {report.message_id for report in reports if report.message_id}
    tries = Attempt.objects.filter(provider_id__among=numbers, delivery__kind=EMAIL)
    # By SMTP the number is ours, the same for all tries, and names the mail before its try has ended.
    ours = {number: named for number in numbers if (named := reported.named_by(number)) is not None}
    known = {
        number: _Whom(delivery, address, "" if number in ours else number)
        for number, delivery, address in tries.values_list("provider_id", "delivery_id", "delivery__channel__address")
    }
    ours = {number: named for number, named in ours.items() if number not in known}
    if ours:
        addresses = dict(
            Delivery.objects.filter(pk__among=ours.values(), kind=EMAIL).values_list("pk", "channel__address")
        )
        known |= {number: _Whom(pk, addresses[pk]) for number, pk in ours.items() if pk in addresses}
    found = {}
    for report in reports:
        if report.message_id in known:
            found[report] = known[report.message_id]
        elif report.address:
            found[report] = _Whom(None, report.address)
    return found


def _under_way(reports: Sequence[Report]) -> set[str]:
    """Of whom the reports are, as far as a mail is being sent there."""
    named = {recipient_of(EMAIL, report.address, 0) for report in reports if report.address}
    sending = Delivery.objects.filter(kind=EMAIL, state=Delivery.State.SENDING, recipient__among=named)
    return set(sending.values_list("recipient", flat=True)) if named else set()


def _is_early(report: Report, whom: _Whom | None, under_way: Collection[str]) -> bool:
    """Whether it may be of a mail under way, whose number is not known yet."""
    if not report.message_id or report.said not in _MEANINGS or whom is None or whom.delivery is not None:
        return False
    return whom.recipient in under_way


def _note(found: Sequence[tuple[Report, _Whom]], now: datetime) -> None:
    """On the deliveries themselves: arrived, or failed after all. What arrived and comes back did arrive."""
    by_meaning: dict[str, set[reported.Named]] = {}
    for report, whom in found:
        if whom.delivery is not None:
            named = reported.Named(whom.delivery, whom.number)
            by_meaning.setdefault(_MEANINGS.get(report.said, ""), set()).add(named)
    if arrived := by_meaning.get("arrived"):
        reported.arrived({named.delivery for named in arrived}, now)
    for reason in ("bounced", "rejected"):
        if failed := by_meaning.get(reason):
            reported.failed(failed, reason, now)


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


def lift_bounces(chosen: QuerySet[Suppression], now: datetime) -> list[Suppression]:
    """Of these ends what bounces began, and switches on again the channels that it switched off; gives what it ended.

    Four statements; one where there is no such thing among them. What was skipped meanwhile is not sent any more.
    """
    with transaction.atomic():
        bounced = chosen.filter(kind=EMAIL, reason__in=LIFTED_BY_STAFF, lifted_at__isnull=True)
        lifted = list(bounced.order_by("pk").select_for_update())
        if not lifted:
            return []
        Suppression.objects.filter(pk__among=lifted).update(lifted_at=now)
        named = {row.address.lower() for row in lifted}
        alike_spelled = Channel.objects.annotate(spelled=Lower("address")).filter(spelled__among=named, kind=EMAIL)
        off = alike_spelled.filter(disabled_reason__in=LIFTED_BY_STAFF).values_list("pk", "address")
        mended = {row.recipient for row in lifted}
        again = [pk for pk, address in off if recipient_of(EMAIL, address, pk) in mended]
        Channel.objects.filter(pk__among=again).update(disabled_at=None, disabled_reason="")
    return lifted


def _too_soft(recipients: Collection[str], now: datetime) -> set[str]:
    """Of these those that bounced softly five times by now; the new ones are written down already."""
    if not recipients:
        return set()
    counted = (
        Callback.objects.filter(recipient__among=recipients, said="soft_bounce", received_at__gt=now - SOFT_WINDOW)
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
