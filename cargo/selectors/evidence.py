"""The evidence file of a shipment or of one of its containers: everything that was said, and what was believed when.

Nothing in ``content`` depends on who asks or when, so that two parties, or a PDF and a JSON file, can be compared by
its digest: the SHA-256 of ``content`` written as JSON with sorted keys, without spaces, in UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from cargo.domain import hindsight, identity
from cargo.domain.customs.deadlines import Grounds, deadlines
from cargo.domain.derive import derive
from cargo.domain.event import Event, as_interface
from cargo.domain.hindsight import Belief, Said
from cargo.domain.places import zone_info
from cargo.domain.state import Entry, key
from cargo.models.grounds import load_grounds
from cargo.selectors import history, slices
from cargo.selectors.history import Log, Row, text_of
from cargo.selectors.slices import Part
from clis import __version__
from clis.accounts.models import ApiKey, Organization, User
from clis.accounts.scoping import Viewer

# Of more reports the latest are kept, and the file says how many were left out.
MAX_EVENTS = 2_000
# What was believed is worked out this many times at most: after each change, else less finely (seconds).
MAX_CHANGES = 120
FINENESS = {"change": 1, "hour": 3_600, "day": 86_400}
FORMAT = "clis.evidence.1"
_encode = msgspec.json.Encoder(order="sorted").encode
_OF_THE_STATE = ("status", "milestone", "customs", "release", "deadlines", "freshness", "plan", "references")


class NoSuchContainer(LookupError):
    """The shipment has no container of that number."""


class _Value(NamedTuple):
    """What was believed: the kind of last day, of which container, the last instant in time, and why.

    ``rule`` is the rule's or tariff's code, ``law`` its legal source, ``stated_by`` the source that named the day.
    """

    kind: str
    container: str | None
    value: str
    basis: str | None
    rule: str | None
    law: str | None
    stated_by: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """``body``: the whole JSON file; ``content``: its checked part, ``digest`` that part's SHA-256."""

    content: dict[str, Any]
    digest: str
    made_at: str
    made_for: dict[str, str | None]
    version: str
    body: bytes


def evidence(viewer: Viewer, shipment_id: int, container: str, made_at: datetime) -> Evidence:
    """The evidence file; eleven statements at most, however many events. ``container``: empty for the whole shipment.

    At most ``MAX_EVENTS`` events and ``slices``' limits of raw text; ``content.limits`` says what was left out.
    Raises ``NotFound`` for a stranger's and ``NoSuchContainer``.
    """
    log = history.read(viewer, shipment_id)
    content = _content(log, container)
    written = _encode(content)
    digest = sha256(written).hexdigest()
    made, asked = text_of(made_at), _asked_by(viewer)
    head = {
        "digest": {"algorithm": "sha-256", "value": digest, "of": "content"},
        "made_at": made,
        "made_for": asked,
        "product": {"name": "CLIS", "version": __version__},
    }
    body = b'{"content":' + written + b"," + _encode(head)[1:]
    return Evidence(content, digest, made, asked, __version__, body)


def file_name(shipment_id: int, container: str, ending: str) -> str:
    """What the file is called when it is kept."""
    return f"clis-evidence-{shipment_id}{f'-{container}' if container else ''}.{ending}"


def _content(log: Log, container: str) -> dict[str, Any]:
    belief = hindsight.believed(log.said, log.shipment, None)
    state = history.document_of(log, belief)
    boxes = [box["number"] for box in state["containers"]]
    if container and container not in boxes:
        raise NoSuchContainer
    ours = _concerning(log, container)
    shown = ours[-MAX_EVENTS:]
    parts = slices.parts_of(shown)
    effective = {line["id"]: line for line in state["timeline"]}
    fates = _Fates(log, belief, {name for name, line in effective.items() if not line["superseded"]})
    beliefs, fineness = _beliefs(log, container)
    return {
        "format": FORMAT,
        "shipment": {
            "id": log.shipment.shipment,
            "registered_at": text_of(identity.moment_of(log.shipment.registered)),
            "container": container or None,
            "containers": boxes,
        },
        "state": _of_box({name: state[name] for name in _OF_THE_STATE}, container),
        "beliefs": beliefs,
        "events": [
            {**_told(row, event, effective.get(row.said.id)), **_behind(row, parts[row.said.id], fates)}
            for row in shown
            if (event := row.said.told) is not None
        ],
        "retractions": [
            {**_taken_back(row), **_behind(row, parts[row.said.id], fates)} for row in shown if row.said.told is None
        ],
        "limits": {
            "events": MAX_EVENTS,
            "events_left_out": len(ours) - len(shown),
            "slice_bytes": slices.SLICE_BYTES,
            "slices_left_out": sum(part.missing == "too_much" for part in parts.values()),
            "beliefs_after_each": fineness,
        },
    }


def _concerning(log: Log, container: str) -> list[Row]:
    """The rows that concern the shipment (and the container), and what took their reports back; oldest first."""
    mine = [row for row in log.rows if row.linked and _speaks_of(row.said, container)]
    lineages = {row.said.lineage for row in mine}
    chosen = {row.said.id for row in mine}
    chosen |= {row.said.id for row in log.rows if row.said.told is None and row.said.lineage in lineages}
    rows = [row for row in log.rows if row.said.id in chosen]
    return sorted(rows, key=lambda row: (row.occurred_at or row.received_at, row.received_at, row.said.id))


def _speaks_of(said: Said, container: str) -> bool:
    """An event that names boxes speaks of these; one that names none, of all."""
    boxes = [reference.value for reference in said.event.references if reference.type == "container"]
    return not container or not boxes or container in boxes


def _of_box(state: dict[str, Any], container: str) -> dict[str, Any]:
    """The state with the holds, releases and deadlines of one container and of no container in particular."""
    if not container:
        return state

    def of_box(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if row.get("container") in (None, container)]

    customs = state["customs"]
    return {
        **state,
        "customs": {**customs, "holds": of_box(customs["holds"]), "releases": of_box(customs["releases"])},
        "deadlines": of_box(state["deadlines"]),
    }


class _Fates:
    """What became of each report: by which later one it was replaced, taken back or outweighed."""

    def __init__(self, log: Log, belief: Belief, counted: set[str]) -> None:
        self._stands = belief.stands
        self._counted = counted
        self._believed = {key(entry): entry.id for entry in belief.entries}
        self._kept = {entry.id for entry in belief.entries}
        self._lineages: dict[str, list[Row]] = {}
        for row in log.rows:
            self._lineages.setdefault(row.said.lineage, []).append(row)

    def of(self, said: Said) -> dict[str, str | None]:
        """``standing``, and ``decided_by``: the id of the report that decided it. ``stands``, ``superseded``,
        ``taken_back``, ``outweighed`` (another source's is believed), ``not_of_this_journey``, or ``takes_back`` for a
        retraction.
        """
        if said.id in self._counted:
            return {"standing": "stands", "decided_by": None}
        if said.told is None:
            return {"standing": "takes_back", "decided_by": None}
        if said.id in self._stands:
            if said.id in self._kept:
                return {"standing": "not_of_this_journey", "decided_by": None}
            return {"standing": "outweighed", "decided_by": self._believed.get(key(hindsight.entry_of(said, False)))}
        others = self._lineages[said.lineage]
        later = next((row.said.id for row in others if row.said.id in self._stands), None)
        if later is not None:
            return {"standing": "superseded", "decided_by": later}
        gone = [row.said for row in others if row.said.told is None]
        last = max(gone, key=lambda one: (one.version, one.reported or 0, one.revision, one.id), default=None)
        return {"standing": "taken_back", "decided_by": last.id if last else None}


def _told(row: Row, event: Event, line: dict[str, Any] | None) -> dict[str, Any]:
    told = as_interface(event)
    told["milestone_reported"] = told["milestone"]
    if line is not None:
        told["milestone"] = line["milestone"]
    return told


def _taken_back(row: Row) -> dict[str, Any]:
    event = row.said.event
    return {
        "references": [{"type": reference.type, "value": reference.value} for reference in event.references],
        "reported_at": event.reported_at.isoformat() if event.reported_at else None,
        "format": event.format,
    }


def _behind(row: Row, part: Part, fates: _Fates) -> dict[str, Any]:
    """When and how it came, the part of the message that made it, and what became of it."""
    return {
        "id": row.said.id,
        "received_at": text_of(row.received_at),
        "recorded_at": text_of(row.recorded_at),
        "source": row.slug,
        "source_name": row.name,
        "message": {"sha256": row.digest, "bytes": row.size, "format": row.form},
        "position": row.position,
        "slice": part.text,
        "slice_cut": part.cut,
        "slice_missing": part.missing,
        **fates.of(row.said),
    }


def _beliefs(log: Log, container: str) -> tuple[list[dict[str, Any]], str]:
    """The last free day and the deadlines as they were believed: from when to when which value, by which source.

    By what had been received, and by today's rules and tariffs. Worked out in one pass after each change of the state;
    of more than ``MAX_CHANGES`` after the last one of each hour or day (UTC). Also how finely: ``change``, ``hour`` or
    ``day``. No statement but those for the grounds.
    """
    steps, fineness = _steps(log)
    grounds = load_grounds(entry for _, entries in steps for entry in entries)
    slugs = {row.source: row.slug for row in log.rows}
    since: dict[_Value, int | None] = {}
    rows: list[tuple[_Value, int | None, int | None]] = []
    for at, entries in steps:
        values = _believed(log, entries, grounds, slugs, container)
        rows += [(value, since.pop(value), at) for value in sorted(since.keys() - values, key=str)]
        since |= dict.fromkeys(values - since.keys(), at)
    rows += [(value, begin, None) for value, begin in since.items()]
    ordered = sorted(rows, key=lambda row: (row[0].kind, row[0].container or "", row[1] or 0, str(row[0])))
    return [
        {
            **value._asdict(),
            "since": text_of(identity.moment_of(begin)) if begin is not None else None,
            "until": text_of(identity.moment_of(end)) if end is not None else None,
        }
        for value, begin, end in ordered
    ], fineness


def _steps(log: Log) -> tuple[list[tuple[int | None, list[Entry]]], str]:
    """The entries after each change, or after the last one of each hour or day if there are too many."""
    for fineness, seconds in FINENESS.items():
        steps = list(islice(hindsight.beliefs(log.said, log.shipment, every=seconds), MAX_CHANGES + 1))
        if len(steps) <= MAX_CHANGES:
            return steps, fineness
    return list(hindsight.beliefs(log.said, log.shipment, every=seconds))[-MAX_CHANGES:], fineness


def _believed(
    log: Log, entries: list[Entry], grounds: Grounds, slugs: Mapping[int, str], container: str
) -> set[_Value]:
    view = derive(entries, log.plan)
    return {
        _Value(
            due.kind,
            due.container or None,
            datetime.fromtimestamp(due.due_at, zone_info(due.zone)).isoformat(),
            due.basis or None,
            due.rule or None,
            due.source or None,
            slugs.get(due.stated_by) if due.stated_by is not None else None,
        )
        for due in deadlines(view, entries, grounds)
        if not container or due.container in ("", container)
    }


def _asked_by(viewer: Viewer) -> dict[str, str | None]:
    """Who asked, by name; two statements."""
    firms = Organization.objects.filter(pk__in=[viewer.organization_id] if viewer.organization_id is not None else [])
    organization = firms.values_list("name", flat=True).first()
    if viewer.key_id is not None:
        who = ApiKey.objects.filter(pk=viewer.key_id).values_list("name", flat=True).first()
        return {"organization": organization, "person": None, "key": who}
    person = User.objects.filter(pk=viewer.user_id).first() if viewer.user_id is not None else None
    return {"organization": organization, "person": str(person) if person else None, "key": None}
