"""What a shipment's neutral document amounts to: the one case that matters most, and its facts.

Plain Python. The document is the one that the API serves (codes and absolute times); the words are chosen by
``wording_english`` and ``wording_korean`` from what is read here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from cargo.dashboard import dates
from cargo.domain import places

CLIENT_SIDE = frozenset({"importer", "consignee", "exporter", "shipper", "broker", "forwarder"})
_GONE = frozenset({"delivered_out", "delivered", "completed"})
_HEADLINE_SAYS_IT = frozenset(
    {"under_way", "at_origin", "expected", "silent", "collected", "delivered", "completed", "cancelled"}
)
_LANDED = frozenset({"arrived", "in_bond", "available"})


class Likely(NamedTuple):
    """A forecast's range (aware; eight in ten end within): of the release (``free``), else of the collection."""

    free: bool
    low: datetime
    high: datetime


@dataclass(frozen=True)
class Facts:
    """The case and what its sentence needs. Times are aware; ``zone`` is the zone of the place of release."""

    case: str
    tone: str
    icon: str
    zone: str | None
    now: datetime
    mode: str | None = None
    since: datetime | None = None
    hold: dict[str, Any] | None = None
    more_holds: int = 0
    moves: tuple[dict[str, Any], ...] = ()
    deadline: dict[str, Any] | None = None
    due: date | None = None
    eta: datetime | None = None
    eta_first: datetime | None = None
    origin: tuple[str | None, str | None] = (None, None)
    destination: tuple[str | None, str | None] = (None, None)
    released: int = 0
    containers: int = 0
    heard: datetime | None = None
    role: str | None = None
    unknown_lights: tuple[str, ...] = field(default=())
    likely: Likely | None = None

    @property
    def today(self) -> date:
        """The day at the place of release."""
        return dates.local_day(self.now, self.zone) or self.now.date()

    @property
    def told_moves(self) -> tuple[dict[str, Any], ...]:
        """The moves worth a sentence: two at most, and none that the headline says already."""
        if self.case in _HEADLINE_SAYS_IT:
            return ()
        return tuple(move for move in self.moves if move.get("next_action") != "wait_for_arrival")[:2]


def open_holds(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Holds that nothing has ended, the latest first."""
    holds = [hold for hold in _customs(document).get("holds", ()) if not hold.get("cleared_at")]
    return sorted(holds, key=lambda hold: str(hold.get("placed_at") or ""), reverse=True)


def standing_release(document: dict[str, Any]) -> dict[str, Any] | None:
    """The latest release that was not taken back."""
    standing = [row for row in _customs(document).get("releases", ()) if not row.get("revoked_at")]
    return max(standing, key=lambda row: str(row.get("released_at") or ""), default=None)


def last_revocation(document: dict[str, Any]) -> dict[str, Any] | None:
    """The release that was taken back last."""
    revoked = [row for row in _customs(document).get("releases", ()) if row.get("revoked_at")]
    return max(revoked, key=lambda row: str(row["revoked_at"]), default=None)


def zone_of(document: dict[str, Any]) -> str | None:
    """The zone in which dates of this shipment are told: of the port of discharge, else of the latest event."""
    port = (document.get("plan") or {}).get("port_of_discharge")
    known = places.zone_of(port) or places.zone_of(port, "iata")
    if known:
        return known
    latest: tuple[str, str] | None = None
    for event in document.get("timeline") or ():
        if not event.get("time_zone"):
            continue
        stamp = (str(event.get("occurred_at") or ""), event["time_zone"])
        if event.get("classifier") == "actual" and (latest is None or stamp > latest):
            latest = stamp
    return latest[1] if latest else None


def place_of(document: dict[str, Any], key: str) -> tuple[str | None, str | None]:
    """The code and the name of the planned port; the name as some event gave it."""
    code = (document.get("plan") or {}).get(key)
    for event in document.get("timeline") or ():
        place = event.get("place") or {}
        if code and place.get("code") == code and place.get("name"):
            return code, place["name"]
    return code, None


def happened(document: dict[str, Any], milestones: Iterable[str]) -> datetime | None:
    """When the latest of these milestones actually happened."""
    wanted = set(milestones)
    found = [
        moment
        for row in document.get("milestones") or ()
        if row.get("milestone") in wanted
        and row.get("classifier", "actual") == "actual"
        and (moment := dates.instant(row.get("occurred_at")))
    ]
    return max(found, default=None)


def moves_of(document: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """What stands in the way, each with whose move it is; what blocks first, the client's own first."""
    moves: dict[tuple[Any, Any], dict[str, Any]] = {}
    for move in (document.get("release") or {}).get("blocking") or ():
        known = moves.setdefault((move.get("responsible"), move.get("next_action")), {**move, "lights": []})
        known["lights"].append(move.get("light"))
        known["deadline"] = min(filter(None, (known.get("deadline"), move.get("deadline"))), default=None)
    rows = moves.values()
    return tuple(
        sorted(rows, key=lambda move: (move.get("responsible") not in CLIENT_SIDE, str(move.get("since") or "")))
    )


def next_deadline(document: dict[str, Any], zone: str | None) -> tuple[dict[str, Any] | None, date | None]:
    """The earliest deadline that is not met yet and that anybody is alerted of, over or not."""
    owed = [
        (due, row)
        for row in document.get("deadlines") or ()
        if not row.get("met_at") and row.get("alerts", True) and (due := dates.local_day(row.get("due_at"), zone))
    ]
    if not owed:
        return None, None
    due, row = min(owed, key=lambda pair: pair[0])
    return row, due


def read(document: dict[str, Any], now: datetime, role: str | None = None, likely: Likely | None = None) -> Facts:
    """The facts of the document as of ``now``; ``role`` is the kind of the reader's organization."""
    zone = zone_of(document)
    case, tone, icon, since = _case(document)
    holds = open_holds(document)
    moves = moves_of(document)
    if case == "held" and not any(move.get("responsible") in CLIENT_SIDE for move in moves):
        tone = "warn"
    deadline, due = next_deadline(document, zone)
    eta = document.get("eta") or {}
    boxes = document.get("containers") or ()
    lights = (document.get("release") or {}).get("lights") or ()
    heard = [moment for row in document.get("freshness") or () if (moment := dates.instant(row["last_received_at"]))]
    return Facts(
        case=case, tone=tone, icon=icon, zone=zone, now=now, mode=document.get("mode"), since=since,
        hold=holds[0] if holds else None, more_holds=max(len(holds) - 1, 0), moves=moves, deadline=deadline, due=due,
        eta=dates.instant(eta.get("at")), eta_first=dates.instant(eta.get("first_at")),
        origin=place_of(document, "port_of_loading"), destination=place_of(document, "port_of_discharge"),
        released=sum(1 for box in boxes if box.get("released")), containers=len(boxes),
        heard=max(heard, default=None), role=role,
        unknown_lights=tuple(light["light"] for light in lights if light.get("state") == "unknown"), likely=likely,
    )  # fmt: skip


def _customs(document: dict[str, Any]) -> dict[str, Any]:
    return document.get("customs") or {}


def _case(document: dict[str, Any]) -> tuple[str, str, str, datetime | None]:
    """The case, its tone and icon, and since when; the first that applies, the gravest first."""
    status = document.get("status")
    if status == "cancelled":
        return "cancelled", "still", "ban", happened(document, ("booking_cancelled",))
    gone = happened(document, ("gate_out", "gate_out_before_release", "delivered", "empty_returned"))
    graver = _grave_case(document)
    if graver and not (status in _GONE and graver[0] == "held"):
        return graver
    if status == "delivered":
        return "delivered", "good", "package-check", happened(document, ("delivered",)) or gone
    if status == "completed":
        return "completed", "still", "circle-check", gone
    if status == "delivered_out":
        return "collected", "good", "package-check", happened(document, ("gate_out", "gate_out_before_release")) or gone
    return _open_case(document, status)


def _grave_case(document: dict[str, Any]) -> tuple[str, str, str, datetime | None] | None:
    state = _customs(document).get("state")
    if state == "revoked":
        row = last_revocation(document)
        return "revoked", "bad", "undo-2", dates.instant(row["revoked_at"]) if row else None
    if state == "rejected":
        return "rejected", "bad", "file-x", happened(document, ("declaration_rejected",))
    holds = open_holds(document)
    if holds:
        return "held", "bad", "octagon-pause", dates.instant(holds[0].get("placed_at"))
    if state == "held":
        return "held", "bad", "octagon-pause", None
    return None


def _open_case(document: dict[str, Any], status: str | None) -> tuple[str, str, str, datetime | None]:
    state = _customs(document).get("state")
    ready = (document.get("release") or {}).get("ready")
    release = standing_release(document)
    since = dates.instant(release["released_at"]) if release else None
    if state in ("released", "released_provisionally"):
        if ready is True or status == "available":
            return "ready", "good", "circle-check", since
        if ready is False:
            waits_on_client = any(move.get("responsible") in CLIENT_SIDE for move in moves_of(document))
            return "released_blocked", "bad" if waits_on_client else "warn", "circle-dot-dashed", since
        return "released_unknown", "good", "stamp", since
    if state == "cancelled":
        return "withdrawn", "warn", "file-x", happened(document, ("declaration_cancelled",))
    if state in ("declared", "under_review"):
        reviewed = happened(document, ("customs_review", "import_declared"))
        return state, "info", "file-search", reviewed
    if status in _LANDED:
        landed = happened(document, ("bonded_storage_in",)) if status == "in_bond" else None
        return "landed", "info", "anchor", landed or happened(document, ("arrived", "discharged"))
    if status in ("in_transit", "at_transshipment"):
        return "under_way", "info", "ship", happened(document, ("departed",))
    if status in ("booked", "at_origin"):
        return "at_origin", "still", "warehouse", happened(document, ("gate_in", "cargo_received", "booking_confirmed"))
    if document.get("milestone") or document.get("timeline"):
        return "expected", "still", "calendar-clock", None
    return "silent", "still", "hourglass", None
