"""Events as reported -> known places, local times placed by their port's zone, numbers in their one form.

Pure: no table is read or written. An event that needs nothing passes through after a few look-ups.
Nothing is ever dropped or corrected silently: what looks wrong becomes a warning, ``code: detail``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from cargo.domain import identifiers, places
from cargo.domain.event import Event, Outcome, Reference, Retraction, Transport

EARLIEST_YEAR = 1990
FUTURE_TOLERANCE = timedelta(hours=48)
MAX_REFERENCE_LENGTH = 100
MAX_REFERENCES = 200
_CODED = frozenset({"unlocode", "iata"})
_NO_OFFSET = timedelta(0)


def normalize(outcomes: Iterable[Outcome], received_at: datetime | None = None, zone: str = "") -> Iterator[Outcome]:
    """The same outcomes in the same order, events and retractions brought to the house's form.

    ``received_at`` (aware) is what "the future" is judged by; without it, only the past is. ``zone`` (IANA): the
    source's own, for bare times of which no place tells the zone. Events are changed in place.
    """
    # In the last year that there is, nothing lies in the future.
    bounded = received_at is not None and received_at.year < MAXYEAR
    latest = received_at + FUTURE_TOLERANCE if bounded and received_at is not None else None
    for outcome in outcomes:
        if type(outcome) is Event:
            _event(outcome, latest, zone)
        elif type(outcome) is Retraction and outcome.references:
            outcome.references = _references(outcome.references, [])
        yield outcome


def _event(event: Event, latest: datetime | None, zone: str) -> None:
    warnings: list[str] = []
    if event.references:
        event.references = _references(event.references, warnings)
    if event.transport is not None and event.transport.imo is not None:
        event.transport = _transport(event.transport, warnings)
    place = event.place
    if place is not None and place.code is not None and place.scheme in _CODED:
        info = places.place(place.code, place.scheme)
        if info is None:
            warnings.append(f"unknown_place: {place.code}")
        elif info.zone is not None:
            _place_in_zone(event, info.zone, warnings)
    if zone and event.occurred_at is None and event.occurred_local is not None:
        event.occurred_at = _instant(event.occurred_local, places.zone_info(zone), warnings)
        event.time_basis = "source_default"
        event.time_zone = zone
    if event.reported_at is None and event.context is not None and "reported_local" in event.context:
        _place_report(event, zone, warnings)
    _judge(event, latest, warnings)
    if warnings:
        event.warnings = event.warnings + tuple(warnings)


def _references(given: tuple[Reference, ...], warnings: list[str]) -> tuple[Reference, ...]:
    """Each number in its one form, each once."""
    changed = len(given) > MAX_REFERENCES
    if changed:
        warnings.append(f"too_many_references: {len(given)}, the first {MAX_REFERENCES} kept")
        given = given[:MAX_REFERENCES]
    result: list[Reference] = []
    for reference in given:
        if len(reference.value) > MAX_REFERENCE_LENGTH:
            warnings.append(f"reference_too_long: {reference.type} of {len(reference.value)} characters")
            changed = True
            continue
        normal, warning = _reference(reference.type, reference.value)
        if warning is not None:
            warnings.append(warning)
        if normal is None or normal in result:
            changed = True
            continue
        changed = changed or normal.value != reference.value
        result.append(normal)
    return tuple(result) if changed else given


@lru_cache(maxsize=65536)
def _reference(kind: str, value: str) -> tuple[Reference | None, str | None]:
    """The reference in its one form; none for a placeholder or a masked number."""
    if identifiers.is_blank(value):
        return None, None
    if identifiers.is_masked(value):
        return None, f"masked: {kind} {value[:24]}"
    checked = identifiers.reference(kind, value)
    if not checked.value:
        return None, f"reference_empty: {kind} {value[:24]}"
    return Reference(kind, checked.value), checked.warning


def _transport(given: Transport, warnings: list[str]) -> Transport:
    checked = identifiers.imo(given.imo or "")
    if checked.warning is not None:
        warnings.append(checked.warning)
    if checked.value == given.imo:
        return given
    return Transport(given.mode, given.vessel_name, checked.value or None, given.voyage)


def _place_in_zone(event: Event, zone: str, warnings: list[str]) -> None:
    """Give a bare local time its instant; hold an offset that came with it against the port's zone."""
    local = event.occurred_local
    rules = places.zone_info(zone)
    if event.occurred_at is None:
        if local is not None:
            event.occurred_at = _instant(local, rules, warnings)
            event.time_basis = "place"
            event.time_zone = zone
        return
    if event.time_zone is None:
        event.time_zone = zone
        offset = event.occurred_at.utcoffset()
        # Zero is how a system writes an instant; any other offset claims to be local time.
        if offset and offset != rules.utcoffset(event.occurred_at.astimezone(rules)):
            warnings.append(f"offset_contradicts_place: {_shown(offset)} is not the local time of {zone}")


def _place_report(event: Event, zone: str, warnings: list[str]) -> None:
    """When a message was made, of which it gives no zone: the source's, else that of the event's place, else UTC.

    What one sender says of one place so stays in the order in which it was said, and the last word stands.
    """
    try:
        local = datetime.fromisoformat(str((event.context or {})["reported_local"])).replace(tzinfo=None)
    except ValueError:
        return
    found = zone or event.time_zone
    if not found:
        warnings.append("reported_time: names no zone, taken as UTC")
    event.reported_at = _instant(local, places.zone_info(found), []) if found else local.replace(tzinfo=UTC)


def _instant(local: datetime, rules: ZoneInfo, warnings: list[str]) -> datetime:
    """The instant of a wall time. In an hour that comes twice, the first; one that is skipped moves on."""
    first = local.replace(tzinfo=rules, fold=0)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    if before is None or before == after:
        return first.replace(tzinfo=timezone(before or _NO_OFFSET))
    real = first.astimezone(UTC).astimezone(rules)
    if real.replace(tzinfo=None) != local:
        warnings.append(f"missing_hour: {local.isoformat()} does not exist in {rules.key}")
        return real.replace(tzinfo=timezone(real.utcoffset() or _NO_OFFSET))
    warnings.append(f"ambiguous_hour: {local.isoformat()} comes twice in {rules.key}, taken as the first")
    return first.replace(tzinfo=timezone(before))


def _judge(event: Event, latest: datetime | None, warnings: list[str]) -> None:
    """Mark a time that cannot be: an actual event more than 48 h ahead of its receipt, or before 1990."""
    moment = event.occurred_at
    local = event.occurred_local or moment
    early = local is not None and local.year < EARLIEST_YEAR
    late = latest is not None and moment is not None and event.classifier == "actual" and moment > latest
    if not early and not late:
        return
    shown = moment.isoformat() if moment is not None else local.isoformat() if local is not None else ""
    warnings.append(f"implausible_time: {shown}")
    context: dict[str, Any] = event.context or {}
    context["implausible_time"] = True
    event.context = context


def _shown(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
