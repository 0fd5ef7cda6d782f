"""A shipment's document made ready for its page: grouped, sorted, and with the looks of every part. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cargo.dashboard import (
    dates,
    looks,
    money_words,
    reading,
    shipment_forecast,
    shipment_stages,
    wording,
)
from cargo.domain import places

_IDENTITY = (
    "own_reference",
    "purchase_order",
    "house_bill",
    "house_air_waybill",
    "master_bill",
    "air_waybill",
    "booking",
    "cargo_control_number",
    "declaration",
    "manifest",
)
_JOURNEY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("departure", ("departed",)),
    ("arrival", ("arrived",)),
    ("declaration", ("import_declared",)),
    ("release", ()),
    ("pickup", ("gate_out", "gate_out_before_release", "delivered")),
)
# A container of which one of these is the latest is nobody's to collect anymore.
_LEFT = frozenset({"gate_out", "out_for_delivery", "delivered", "stripped", "empty_returned"})


def shipment(
    document: dict[str, Any],
    now: datetime,
    language: str,
    role: str | None,
    own_reference: str = "",
    box: str = "",
    *,
    forecast: Sequence[Any] = (),
    stages: Iterable[Any] = (),
) -> dict[str, Any]:
    """Everything that the page's templates read; ``box`` narrows the timeline to one container.

    ``forecast`` and ``stages``: rows of ``cargo.selectors.forecasts`` and ``stage_times``.
    """
    zone = reading.zone_of(document)
    answer = wording.answer(document, language, now, role, shipment_forecast.likely(forecast, document, now))
    ranges = shipment_forecast.lines(forecast, document, zone, language, now)
    release = document.get("release") or {}
    return {
        "document": document,
        "zone": zone,
        "answer": answer,
        "title": own_reference or title(document),
        "own_reference": own_reference,
        "identity": identity(document),
        "origin": reading.place_of(document, "port_of_loading"),
        "destination": reading.place_of(document, "port_of_discharge"),
        "lights": [light_row(light, release.get("blocking") or ()) for light in release.get("lights") or ()],
        "moves": [move for move in reading.moves_of(document) if move.get("next_action") != "wait_for_arrival"],
        "journey": shipment_forecast.on_journey(journey(document, answer.tone, zone), ranges),
        "ranges": ranges,
        "forecast_made_at": shipment_forecast.made_at(forecast),
        "stage_lines": shipment_stages.lines(stages, document, zone, language, now),
        "ledger": ledger(document),
        "deadlines": deadlines(document, zone, now, language),
        "timeline": timeline(document, now, box),
        "freshness": freshness(document, now),
        "boxes": boxes(document),
        "rollup": (document.get("customs") or {}).get("rollup"),
        "box": box,
        "mode_icon": looks.MODE_ICONS.get(document.get("mode") or "", "ship"),
    }


def title(document: dict[str, Any]) -> str:
    """The lowest bill, else a container, else the number it was registered by."""
    values = {row["type"]: row["value"] for row in reversed(document.get("references") or ())}
    order = (
        "own_reference",
        "purchase_order",
        "house_bill",
        "house_air_waybill",
        "master_bill",
        "air_waybill",
        "booking",
    )
    for kind in order:
        if kind in values:
            return str(values[kind])
    return str(next(iter(values.values()), document.get("id", "")))


def identity(document: dict[str, Any]) -> list[dict[str, str]]:
    """The references people know cargo by, the best known first; containers have their own list."""
    rows = [row for row in document.get("references") or () if row["type"] in _IDENTITY]
    return sorted(rows, key=lambda row: (_IDENTITY.index(row["type"]), row["value"]))


def light_row(light: dict[str, Any], blocking: Any) -> dict[str, Any]:
    """A light with its tone, icon and, if it is not ok, whose move it is."""
    state = str(light.get("state") or "unknown")
    tone, icon = looks.LIGHT_LOOKS.get(state, looks.LIGHT_LOOKS["unknown"])
    move = next((item for item in blocking if item.get("light") == light.get("light")), None)
    if state == "blocked" and move and not wording.yours(move):
        tone = "warn"
    return {**light, "tone": tone, "icon": icon, "move": move}


def journey(document: dict[str, Any], tone: str, zone: str | None) -> list[dict[str, Any]]:
    """Five steps with when they happened; the first that did not is where the cargo stands."""
    release = reading.standing_release(document)
    eta = document.get("eta") or {}
    steps: list[dict[str, Any]] = []
    for key, milestones in _JOURNEY:
        at = reading.happened(document, milestones) if milestones else None
        if key == "release" and release:
            at = dates.instant(release.get("released_at"))
        steps.append({"key": key, "at": at, "estimate": None, "taken_back": False, "state": "done" if at else "ahead"})
    last_done = max((index for index, step in enumerate(steps) if step["at"]), default=-1)
    for index, step in enumerate(steps):
        if index < last_done:
            step["state"] = "done"
    if last_done + 1 < len(steps) and document.get("status") != "cancelled":
        steps[last_done + 1]["state"] = "here"
    if not steps[1]["at"] and steps[1]["state"] != "done":
        steps[1]["estimate"] = dates.instant(eta.get("at"))
    if not release and reading.last_revocation(document):
        steps[3]["taken_back"] = True
        steps[3]["state"] = "here" if not steps[4]["at"] else "done"
    origin = (document.get("plan") or {}).get("port_of_loading")
    for step in steps:
        step["tone"] = tone
        step["zone"] = zone
    steps[0]["zone"] = places.zone_of(origin) or places.zone_of(origin, "iata") or zone
    return steps


def ledger(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Holds and releases as one history, the latest first; nothing that ended is left out."""
    customs = document.get("customs") or {}
    rows: list[dict[str, Any]] = []
    for hold in customs.get("holds") or ():
        over = bool(hold.get("cleared_at"))
        look = ("still", "circle-check") if over else ("bad", "octagon-pause")
        rows.append(
            {"kind": "hold", "row": hold, "over": over, "tone": look[0], "icon": look[1], "at": hold.get("placed_at")}
        )
    for release in customs.get("releases") or ():
        over = bool(release.get("revoked_at"))
        look = ("bad", "undo-2") if over else ("good", "stamp")
        at = release.get("revoked_at") or release.get("released_at")
        rows.append({"kind": "release", "row": release, "over": over, "tone": look[0], "icon": look[1], "at": at})
    return sorted(rows, key=lambda row: str(row["at"] or ""), reverse=True)


def deadlines(document: dict[str, Any], zone: str | None, now: datetime, language: str) -> list[dict[str, Any]]:
    """Owed ones first, the nearest first, each with what being late costs; then those that were met."""
    names = {row["source"]: row.get("name") or row["source"] for row in document.get("freshness") or ()}
    rows = []
    for row in document.get("deadlines") or ():
        due, met = dates.instant(row.get("due_at")), dates.instant(row.get("met_at"))
        cost = money_words.at_risk(row.get("money"), due, met, now, language) if due and not met else ""
        others = [{**other, "name": names.get(other["source"])} for other in row.get("others") or ()]
        day = dates.local_day(row.get("due_at"), zone)
        told = {"day": day, "cost": cost, "stated_by_name": names.get(row.get("stated_by")), "others": others}
        rows.append({**row, **told})
    return sorted(rows, key=lambda row: (bool(row.get("met_at")), str(row["day"] or "9999")))


def boxes(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers, each with whether it can be collected and else whose move comes first."""
    rows = []
    for box in document.get("containers") or ():
        release = box.get("release") or {}
        moves = [move for move in reading.moves_of(box) if move.get("next_action") != "wait_for_arrival"]
        gone = box.get("milestone") in _LEFT
        rows.append({**box, "gone": gone, "ready": release.get("ready"), "move": moves[0] if moves else None})
    return rows


def freshness(document: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The sources, the last heard first; an event that still lies ahead is no news of what happened."""
    rows = []
    for row in document.get("freshness") or ():
        at = dates.instant(row.get("last_occurred_at"))
        rows.append({**row, "last_occurred_at": at if at and at <= now else None})
    return sorted(rows, key=lambda row: str(row.get("last_received_at") or ""), reverse=True)


def timeline(document: dict[str, Any], now: datetime, box: str = "") -> dict[str, list[dict[str, Any]]]:
    """The events, newest first: what lies ahead, what happened, and what was replaced by a later report."""
    names = {row["source"]: row.get("name") or row["source"] for row in document.get("freshness") or ()}
    rows = [
        {**row, "source_name": names.get(row.get("source"), row.get("source"))}
        for row in document.get("timeline") or ()
        if not box or _speaks_of(row, box)
    ]
    happened = {_what_and_where(row) for row in rows if row.get("classifier") == "actual" and not row.get("superseded")}
    for row in rows:
        if row.get("classifier") != "actual" and _what_and_where(row) in happened:
            row["superseded"] = True
    standing = _merged([row for row in rows if not row.get("superseded")])
    ahead: list[dict[str, Any]] = []
    behind: list[dict[str, Any]] = []
    for row in standing:
        at = dates.instant(row.get("occurred_at"))
        lies_ahead = row.get("classifier") != "actual" and (at is None or at > now)
        (ahead if lies_ahead else behind).append(row)
    replaced = _merged([row for row in rows if row.get("superseded")])
    return {"ahead": ahead, "behind": behind, "replaced": replaced}


def _what_and_where(row: dict[str, Any]) -> tuple[Any, Any]:
    return row.get("milestone"), (row.get("place") or {}).get("code")


def _speaks_of(row: dict[str, Any], box: str) -> bool:
    boxes = [ref["value"] for ref in row.get("references") or () if ref["type"] == "container"]
    return box in boxes or row.get("level") in ("conveyance", "master", "house", "declaration") and not boxes


def _merged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row where a source said the same of several containers at the same moment, newest first."""
    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        place = row.get("place") or {}
        told = (
            row.get("milestone"),
            row.get("classifier"),
            row.get("occurred_at"),
            place.get("code"),
            place.get("facility"),
        )
        key = (*told, row.get("source"), row.get("effect"), row.get("superseded"), row.get("source_text"))
        boxes = [ref["value"] for ref in row.get("references") or () if ref["type"] == "container"]
        if key not in merged:
            look = looks.EFFECT_LOOKS.get(row.get("effect") or "") if row.get("classifier") == "actual" else None
            merged[key] = {**row, "boxes": [], "reports": [], "look": look}
        merged[key]["boxes"] += [number for number in boxes if number not in merged[key]["boxes"]]
        merged[key]["reports"].append({"id": str(UUID(row["id"])), "box": boxes[0] if len(boxes) == 1 else ""})
    return sorted(merged.values(), key=_instant_of, reverse=True)


def _instant_of(row: dict[str, Any]) -> datetime:
    return dates.instant(row.get("occurred_at") or row.get("reported_at")) or datetime.min.replace(tzinfo=UTC)


def answers(documents: list[dict[str, Any]], now: datetime, language: str) -> list[wording.Answer]:
    """The answers of several documents, for the style page."""
    return [wording.answer(document, language, now, "importer") for document in documents]
