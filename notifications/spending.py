"""What may be spent on texts: by number, range, country and organization, a day at a time.

A text is counted and committed before it is sent, in one transaction that holds the rows of its caps, so that two
workers together spend no more than one. What was definitely not accepted is given back; what has no answer stays spent.

``SMS_NUMBER_LIMIT`` texts to one number, ``SMS_RANGE_LIMIT`` to one range of 10,000 numbers, ``SMS_COUNTRY_LIMIT`` to
one country from the whole installation (a script that walks through numbers to be paid by their carrier meets these
two), ``SMS_DAILY_LIMIT`` texts and ``SMS_MONEY_LIMIT`` of money for one organization. The last fifth of each, but of a
number's, is kept for critical news: an organization that had many releases in the morning must still hear of a hold.
Codes and ordinary news stop at four fifths. The operator is owed a letter (``Letter``) once a day for
each cap that stopped texts.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext, override

from clis.accounts.models import Organization, User
from clis.waking import wake
from notifications.models import Channel, Letter, TextBudget, recipient_of
from notifications.render.branding import brand
from notifications.transports.sms import Measure, calling_code, number_range

logger = logging.getLogger(__name__)

# The part of a cap that only critical news may use.
RESERVED = Decimal("0.2")
# Why a text was stopped, as ``Delivery.reason`` has it.
DAILY, MONEY, NUMBER, RANGE, COUNTRY = "daily_limit", "money_limit", "number_limit", "range_limit", "country_limit"
_KEPT = timedelta(days=40)
_ALERTS_TO = 20


class Text(NamedTuple):
    """A text that is about to be sent to an E.164 number."""

    organization: int
    number: str
    measure: Measure
    critical: bool = False


class _Cap(NamedTuple):
    name: str
    key: str
    reason: str
    texts: int
    reserved: bool = True
    money: Decimal = Decimal(0)


def reserve(texts: Sequence[Text], now: datetime) -> list[str]:
    """Counts the texts that may be sent; gives for each "" or the reason why it may not. Three statements.

    In a transaction of the caller its rows stay locked to the end of it.
    """
    day = day_of(now)
    caps = [_caps(text) for text in texts]
    with transaction.atomic():
        rows = _locked(day, {(cap.name, cap.key) for found in caps for cap in found})
        reasons = [_take(text, found, rows) for text, found in zip(texts, caps, strict=True)]
        TextBudget.objects.bulk_update(rows.values(), ["texts", "cost"])
        stopped = {
            (reason, _alerted(text, reason)) for text, reason in zip(texts, reasons, strict=True) if reason != ""
        }
        _alert(day, {(reason, key) for reason, key in stopped if reason != NUMBER})
    return reasons


def give_back(texts: Sequence[Text], day: date) -> None:
    """What was counted on that day and not accepted is counted no more."""
    caps = [_caps(text) for text in texts]
    with transaction.atomic():
        rows = _locked(day, {(cap.name, cap.key) for found in caps for cap in found})
        for text, found in zip(texts, caps, strict=True):
            for cap in found:
                row = rows[cap.name, cap.key]
                row.texts = max(0, row.texts - 1)
                row.cost = max(Decimal(0), row.cost - text.measure.cost)
        TextBudget.objects.bulk_update(rows.values(), ["texts", "cost"])


def day_of(moment: datetime) -> date:
    """The day under which a text of that moment is counted."""
    return moment.astimezone(UTC).date()


def forget(now: datetime) -> int:
    """Deletes the counts of days long past; returns how many."""
    return TextBudget.objects.filter(day__lt=day_of(now - _KEPT)).delete()[0]


def _caps(text: Text) -> list[_Cap]:
    country = calling_code(text.number)
    return [
        _Cap("country", country, COUNTRY, settings.SMS_COUNTRY_LIMIT),
        _Cap("number", recipient_of(Channel.Kind.SMS, text.number, 0), NUMBER, settings.SMS_NUMBER_LIMIT, False),
        _Cap("organization", str(text.organization), DAILY, settings.SMS_DAILY_LIMIT, money=settings.SMS_MONEY_LIMIT),
        _Cap("range", number_range(text.number), RANGE, settings.SMS_RANGE_LIMIT),
    ]


def _locked(day: date, keys: set[tuple[str, str]]) -> dict[tuple[str, str], TextBudget]:
    """The rows of these caps, made where they are missing. Always in the same order, or two workers would wait for each
    other."""
    ordered = sorted(keys)
    TextBudget.objects.bulk_create(
        [TextBudget(day=day, cap=cap, key=key) for cap, key in ordered], ignore_conflicts=True
    )
    rows = TextBudget.objects.select_for_update().filter(
        day=day, cap__in={cap for cap, _ in ordered}, key__in={key for _, key in ordered}
    )
    return {(row.cap, row.key): row for row in rows.order_by("cap", "key")}


def _take(text: Text, caps: Sequence[_Cap], rows: dict[tuple[str, str], TextBudget]) -> str:
    for cap in caps:
        row = rows[cap.name, cap.key]
        kept = RESERVED if cap.reserved and not text.critical else 0
        if cap.texts and row.texts + 1 > cap.texts - int(cap.texts * kept):
            return cap.reason
        if cap.money and row.cost + text.measure.cost > cap.money * (1 - kept):
            return MONEY
    for cap in caps:
        rows[cap.name, cap.key].texts += 1
        rows[cap.name, cap.key].cost += text.measure.cost
    return ""


def _alerted(text: Text, reason: str) -> str:
    """Whose cap it was, as the operator is told: a script walks through many ranges of one country."""
    return calling_code(text.number) if reason in (RANGE, COUNTRY) else str(text.organization)


def _alert(day: date, stopped: set[tuple[str, str]]) -> None:
    """Once a day each; who makes the row owes the letters, in its transaction."""
    for reason, key in sorted(stopped):
        if not TextBudget.objects.get_or_create(day=day, cap="alert", key=f"{reason}:{key}")[1]:
            continue
        logger.warning("texts were stopped: %s %s", reason, key)
        letters = [_letter(day, reason, key, *operator) for operator in operators()]
        Letter.objects.bulk_create(letters, ignore_conflicts=True)
        wake("notifications.tasks.drain_letters")


def operators() -> list[tuple[int | None, str, str]]:
    """Who runs the system: users where they are known, addresses and languages."""
    if settings.ALERT_MAIL:
        return [(None, address, settings.LANGUAGE_CODE) for address in settings.ALERT_MAIL]
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    return list(staff.values_list("pk", "email", "language")[:_ALERTS_TO])


def _letter(day: date, reason: str, key: str, user: int | None, to: str, language: str) -> Letter:
    language = language if language in ("en", "ko") else "en"
    by_organization = reason in (DAILY, MONEY)
    name = Organization.objects.filter(pk=key).values_list("name", flat=True).first() if by_organization else f"+{key}"
    with override(language):
        subject = gettext("Texts stopped by a limit: %(name)s") % {"name": name}
    facts = {
        "brand": brand(),
        "day": day,
        "reason": reason,
        "name": name,
        "daily": settings.SMS_DAILY_LIMIT,
        "money": settings.SMS_MONEY_LIMIT,
        "currency": settings.SMS_CURRENCY,
        "range": settings.SMS_RANGE_LIMIT,
        "country": settings.SMS_COUNTRY_LIMIT,
    }
    return Letter(
        reference=f"a-{day:%Y%m%d}-{reason}-{key}-{recipient_of(Channel.Kind.EMAIL, to, 0)[:16]}",
        user_id=user,
        address=to,
        language=language,
        subject=" ".join(subject.split())[:200],
        text=render_to_string(f"notifications/alert/texts.{language}.txt", facts),
    )
