"""What being late costs, in a few words, English and Korean. Plain Python; the clock is an argument."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from cargo.dashboard import terms
from cargo.domain.deadline import owed_by_document

KINDS: dict[str, terms.Pair] = {
    "surcharge": ("surcharge", "가산세"),
    "fine": ("fine", "과태료"),
    "storage": ("storage", "보관료"),
    "demurrage": ("demurrage", "체화료"),
    "detention": ("detention", "반납지체료"),
}
BASES: dict[str, terms.Pair] = {
    "customs_value": ("of the customs value", "과세가격의"),
    "duty": ("of the duty", "세액의"),
}


def amount(value: Decimal | str, currency: str) -> str:
    """``KRW 41,000``, ``USD 1,250.50``: cents only where there are any."""
    number = Decimal(str(value))
    digits = f"{number:,.2f}" if number != number.to_integral_value() else f"{number:,.0f}"
    return f"{currency} {digits}"


def at_risk(
    money: dict[str, Any] | None, due_at: datetime, met_at: datetime | None, now: datetime, language: str
) -> str:
    """``demurrage KRW 41,000 a day``; once it is too late what it has come to, where that can be worked out."""
    if not money:
        return ""
    korean = language == "ko"
    name, currency = terms.word(KINDS, money.get("kind"), language), str(money.get("currency") or "")
    row = {"due_at": due_at.isoformat(), "met_at": met_at.isoformat() if met_at else None, "money": money}
    owed = owed_by_document(row, now)
    if owed is not None and owed.amount is not None:
        so_far = amount(owed.amount, currency)
        return f"{name} 현재 {so_far}" if korean else f"{name} {so_far} so far"
    rate = owed.rate if owed is not None and owed.rate is not None else _first_rate(money)
    most = money.get("maximum")
    if money.get("amount_per_day"):
        daily = amount(money["amount_per_day"], currency)
        return f"{name} 1일 {daily}" if korean else f"{name} {daily} a day"
    if rate is not None:
        share = terms.word(BASES, money.get("basis"), language)
        percent = f"{rate.normalize():f}%"
        limit = (
            (f", 최대 {amount(most, currency)}" if korean else f", {amount(most, currency)} at most") if most else ""
        )
        return f"{name} {share} {percent}{limit}" if korean else f"{name} {percent} {share}{limit}"
    if most:
        return f"{name} 최대 {amount(most, currency)}" if korean else f"{name} up to {amount(most, currency)}"
    return name


def _first_rate(money: dict[str, Any]) -> Decimal | None:
    rates = [step.get("rate_percent") for step in money.get("steps") or ()]
    return Decimal(str(rates[0])) if rates and rates[0] is not None else None
