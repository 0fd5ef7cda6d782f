"""The parts of a shipment's document: what each is made of, and in whose zone its instants are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from cargo.domain.customs import kr, us
from cargo.domain.customs.deadlines import DeadlineView
from cargo.domain.deadline import Money
from cargo.domain.places import zone_info, zone_of
from cargo.domain.readiness import blocking
from cargo.domain.state import CLASSIFIER_NAMES, Entry
from cargo.domain.view import Hold, Light, Occurrence, Release, View

_EXPORT_STAGES = ("export_", "gate_in__", "loaded__")
_AGENCIES = {**kr.AGENCIES, **us.AGENCIES}


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source as the document names it, with when it was last heard (whole seconds since 1970, UTC)."""

    slug: str
    name: str = ""
    last_received_at: int | None = None
    last_occurred_at: int | None = None


Sources = Mapping[int, SourceInfo]


class Writer:
    """Writes the parts of one view, and remembers the zones of its places."""

    def __init__(self, view: View, sources: Sources) -> None:
        self.view = view
        self._sources = sources
        self._zones: dict[str, tzinfo | None] = {}
        korean = any(occurrence.entry.authority == kr.AUTHORITY for occurrence in view.occurrences)
        self._discharge = self._zone(view.port_of_discharge) or (zone_info(kr.TIME_ZONE) if korean else UTC)
        self._loading = self._zone(view.port_of_loading) or UTC

    def text(self, instant: int | None, zone: tzinfo) -> str | None:
        if instant is None:
            return None
        text = datetime.fromtimestamp(instant, zone).isoformat()
        return text[:-6] + "Z" if zone is UTC else text

    def at_discharge(self, instant: int | None) -> str | None:
        return self.text(instant, self._discharge)

    def at_stage(self, stage: str, instant: int | None) -> str | None:
        return self.text(instant, self._loading if stage.startswith(_EXPORT_STAGES) else self._discharge)

    def at_entry(self, entry: Entry, instant: int | None) -> str | None:
        """In the zone of Korean customs, of the entry's place, else ``Z``."""
        if entry.authority == kr.AUTHORITY:
            return self.text(instant, zone_info(kr.TIME_ZONE))
        return self.text(instant, self._zone(entry.place) or UTC)

    def milestone(self, occurrence: Occurrence) -> dict[str, Any]:
        entry = occurrence.entry
        return {
            "milestone": occurrence.milestone,
            "milestone_reported": entry.milestone,
            "classifier": CLASSIFIER_NAMES[entry.classifier],
            "occurred_at": self.at_entry(entry, occurrence.occurred),
            "place": {"code": entry.place, "scheme": scheme_of(entry.place)} if entry.place else None,
            "level": entry.level,
            "subject": occurrence.subject or None,
            "declaration": entry.declaration or None,
            "source": self._slug(entry.source),
        }

    def release(self, release: Release) -> dict[str, Any]:
        entry = release.entry
        return {
            "released_at": self.at_entry(entry, release.released_at),
            "revoked_at": self.at_entry(release.revoked_by or entry, release.revoked_at),
            "authority": entry.authority or None,
            "declaration": entry.declaration or None,
            "provisional": release.provisional,
            "level": entry.level,
            "container": entry.subject or None,
            "packages": release.packages,
            "source": self._slug(entry.source),
            "code": entry.code or None,
            "revoked_by": release.revoked_by.milestone if release.revoked_by is not None else None,
        }

    def hold(self, hold: Hold) -> dict[str, Any]:
        entry = hold.entry
        notice = entry.facts.get("notice") if entry.facts else None
        return {
            "agency": hold.agency or None,
            "name": _AGENCIES.get(hold.agency),
            "kind": hold.kind,
            "placed_at": self.at_entry(entry, hold.placed_at),
            "cleared_at": self.at_entry(entry, hold.cleared_at),
            "cleared_by": hold.cleared_by,
            "declaration": entry.declaration or None,
            "level": entry.level,
            "text": notice,
            "authority": entry.authority or None,
            "container": entry.subject or None,
            "source": self._slug(entry.source),
            "code": entry.code or None,
        }

    def readiness(self, ready: bool | None, lights: list[Light], due: list[DeadlineView]) -> dict[str, Any]:
        """Of the whole shipment or of one container."""
        return {
            "ready": ready,
            "lights": [self.light(light) for light in lights],
            "blocking": [self.blocker(light, due) for light in blocking(lights)],
        }

    def light(self, light: Light) -> dict[str, Any]:
        return {
            "light": light.light,
            "state": light.state,
            "since": self.at_discharge(light.since),
            "source": self._slug(light.source),
        }

    def blocker(self, light: Light, due: list[DeadlineView]) -> dict[str, Any]:
        deadline = light.deadline
        if deadline is None and light.next_action:
            # By when: of what the same step would meet the first that is still open.
            owed = (d for d in due if d.next_action == light.next_action and d.met_at is None and d.alerts)
            first = next(owed, None)
            deadline = self.text(first.due_at, zone_info(first.zone)) if first is not None else None
        return {
            "light": light.light,
            "state": light.state,
            "responsible": light.responsible,
            "next_action": light.next_action,
            "since": self.at_discharge(light.since),
            "deadline": deadline,
        }

    def deadline(self, deadline: DeadlineView) -> dict[str, Any]:
        zone = zone_info(deadline.zone)
        return {
            "kind": deadline.kind,
            "due_at": self.text(deadline.due_at, zone),
            "basis": deadline.basis,
            "met_at": self.text(deadline.met_at, zone),
            "authority": deadline.authority or None,
            "responsible": deadline.responsible or None,
            "next_action": deadline.next_action or None,
            "container": deadline.container or None,
            "rule": deadline.rule or None,
            "stated_by": self._slug(deadline.stated_by),
            "others": [
                {
                    "source": other.source if isinstance(other.source, str) else self._slug(other.source),
                    "due_at": self.text(other.due_at, zone),
                }
                for other in deadline.others
            ],
            "money": self.money(deadline.money, zone) if deadline.money is not None else None,
            "alerts": deadline.alerts,
            "source": deadline.source or None,
            "text": deadline.text,
        }

    def money(self, money: Money, zone: tzinfo) -> dict[str, Any]:
        """What follows if it is missed; a step holds ``from`` an instant on."""
        return {
            "kind": money.kind,
            "currency": money.currency,
            "amount_per_day": _number(money.amount_per_day),
            "steps": [
                {
                    "from": self.text(step.begins, zone),
                    "rate_percent": _number(step.rate),
                    "amount_per_day": _number(step.per_day),
                }
                for step in money.steps
            ]
            or None,
            "maximum": _number(money.maximum),
            "basis": money.basis,
        }

    def eta(self) -> dict[str, Any] | None:
        entry = self.view.eta
        if entry is None:
            return None
        return {
            "at": self.at_entry(entry, entry.occurred),
            "classifier": CLASSIFIER_NAMES[entry.classifier],
            "first_at": self.at_entry(entry, self.view.eta_first),
            "source": self._slug(entry.source),
        }

    def _slug(self, source: int | None) -> str | None:
        info = self._sources.get(source) if source is not None else None
        return info.slug if info is not None else None

    def _zone(self, code: str) -> tzinfo | None:
        if code not in self._zones:
            name = zone_of(code, scheme_of(code)) if code else None
            self._zones[code] = zone_info(name) if name else None
        return self._zones[code]


def _number(amount: Decimal | None) -> int | float | None:
    """A number of JSON: whole where it is."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def scheme_of(code: str) -> str:
    """What kind of code an entry's place is; the entry keeps the code alone."""
    if len(code) == 5 and code[:2].isalpha():
        return "unlocode"
    if len(code) == 3 and code.isalpha():
        return "iata"
    return "facility"
