"""The rules of deadlines, as data: what must happen within how many days of what, by which law, and what follows.

``data/deadline_rules.csv`` is packaged, so that ``explain`` needs no database. The operator's staff change, add or
switch off rules (``cargo.models.deadline_rules``); theirs stand in the place of the packaged ones with the same code.
Columns: ``certainty`` is ``law`` (the text of the law), ``secondary`` (told by others, verify) or ``staff``;
``starts_at`` is ``first``, ``last`` or ``each`` of the milestones in ``starts``; what ``meets`` it is the earliest of
those milestones; ``gate_out`` there means that all has gone. ``listing`` names the flag of the warehouse on which it
depends whether anything follows. ``offices``: the customs offices by whose code the warehouse's begins.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import NamedTuple

from cargo.domain.working_days import months_later, moved_off, working_days_after

STARTS_AT = ("first", "last", "each")
LISTINGS = ("removal_fine", "declaration_surcharge")
CERTAINTIES = ("law", "secondary", "staff")
MONEY_KINDS = ("surcharge", "fine", "storage", "demurrage", "detention")
# What a rule that staff wrote gives as its basis, where the packaged words about its length are not true anymore.
BY_RULE = "by_rule"


class Rate(NamedTuple):
    """A surcharge of ``percent`` of the customs value, up to ``until`` days after the last day (``None``: later)."""

    until: int | None
    percent: Decimal


class Rule(NamedTuple):
    """One rule; see the module for what the words mean. Dates are the first and the last day of its validity."""

    code: str
    authority: str
    kind: str
    basis: str
    starts: tuple[str, ...]
    meets: tuple[str, ...]
    days: int | None = None
    months: int | None = None
    working_days: bool = False
    starts_at: str = "first"
    mode: str = ""
    load: str = ""
    offices: tuple[str, ...] = ()
    listing: str = ""
    moves_off: bool = True
    alerts: bool = True
    responsible: str = ""
    next_action: str = ""
    money: str = ""
    currency: str = ""
    rates: tuple[Rate, ...] = ()
    maximum: Decimal | None = None
    money_basis: str = ""
    law: str = ""
    certainty: str = "staff"
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""

    def last_day(self, first: date, country: str) -> date:
        """The last day in time. The first day is excluded; the last moves off days without work if the rule says so."""
        if self.months is not None:
            day = months_later(first, self.months)
        elif self.working_days:
            day = working_days_after(first, self.days or 0, country)
        else:
            day = first + timedelta(days=self.days or 0)
        return moved_off(day, country) if self.moves_off else day

    def holds_on(self, day: date) -> bool:
        """Whether it is valid for a period that begins on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class RuleBook:
    """Rules by authority and kind. Immutable."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.code))
        self._by_kind: dict[tuple[str, str], list[Rule]] = {}
        self._by_authority: dict[str, list[Rule]] = {}
        for rule in self.rules:
            self._by_kind.setdefault((rule.authority, rule.kind), []).append(rule)
            self._by_authority.setdefault(rule.authority, []).append(rule)

    def choose(
        self, authority: str, kind: str, day: date, *, mode: str = "", load: str = "", office: str = ""
    ) -> Rule | None:
        """The rule of a kind for a period that begins on that day; of several the one that asks for most, then by code.

        ``mode``: ``sea``, ``air``; ``load``: ``container``, ``bulk``; ``office``: the warehouse's customs office.
        """
        fitting = [
            rule
            for rule in self._by_kind.get((authority, kind), ())
            if rule.holds_on(day)
            and rule.mode in ("", mode)
            and rule.load in ("", load)
            and (not rule.offices or office in rule.offices)
        ]
        return min(fitting, key=_by_demands, default=None)

    def of_authority(self, authority: str) -> list[Rule]:
        """All rules of one authority, by code."""
        return self._by_authority.get(authority, [])

    def named(self, code: str) -> Rule | None:
        """The rule with that code."""
        return next((rule for rule in self.rules if rule.code == code), None)

    def with_changes(self, changed: Collection[Rule], off: Collection[str]) -> RuleBook:
        """This book with these rules in the place of those with the same codes, and without those switched off."""
        codes = {rule.code for rule in changed} | set(off)
        return RuleBook([*(rule for rule in self.rules if rule.code not in codes), *changed])


def _by_demands(rule: Rule) -> tuple[int, str]:
    return -sum((bool(rule.offices), bool(rule.mode), bool(rule.load))), rule.code


def read_rates(text: str) -> tuple[Rate, ...]:
    """``20:0.5 50:1 :2``: up to how many days late, and how many percent; ``ValueError`` for anything else."""
    rates = []
    for part in text.split():
        until, colon, percent = part.partition(":")
        try:
            rate = Rate(int(until) if until else None, Decimal(percent))
        except InvalidOperation:
            raise ValueError(part) from None
        if not colon or not rate.percent.is_finite() or rate.percent < 0 or (rate.until is not None and rate.until < 1):
            raise ValueError(part)
        rates.append(rate)
    limits = [rate.until for rate in rates]
    known = [limit for limit in limits if limit is not None]
    if known != sorted(set(known)) or None in limits[:-1]:
        raise ValueError(text)
    return tuple(rates)


def read_rule(row: Mapping[str, str]) -> Rule:
    """A rule from a row of the table, every value text; ``ValueError`` or ``KeyError`` if it is not one."""
    return Rule(
        code=row["code"],
        authority=row["authority"],
        kind=row["kind"],
        basis=row["basis"],
        starts=tuple(row["starts"].split()),
        meets=tuple(row["meets"].split()),
        days=int(row["days"]) if row["days"] else None,
        months=int(row["months"]) if row["months"] else None,
        working_days=row["working_days"] == "yes",
        starts_at=row["starts_at"],
        mode=row["mode"],
        load=row["load"],
        offices=tuple(row["offices"].split()),
        listing=row["listing"],
        moves_off=row["moves_off"] == "yes",
        alerts=row["alerts"] == "yes",
        responsible=row["responsible"],
        next_action=row["next_action"],
        money=row["money"],
        currency=row["currency"],
        rates=read_rates(row["steps"]),
        maximum=Decimal(row["maximum"]) if row["maximum"] else None,
        money_basis=row["money_basis"],
        law=row["law"],
        certainty=row["certainty"],
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        note=row["note"],
    )


def _load() -> RuleBook:
    lines = (files("cargo.domain") / "data" / "deadline_rules.csv").read_text(encoding="utf-8").splitlines()
    return RuleBook(map(read_rule, csv.DictReader(lines)))


PACKAGED = _load()
