"""The evidence file on paper: what ``selectors.evidence`` gives, in the reader's language. Plain Python.

What is neutral in it (codes, times with offsets, hashes, raw parts) is as in the JSON file; the words are chosen here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cargo.dashboard import terms
from cargo.dashboard.evidence_words import ALONE, FINENESS, MISSING, STANDINGS, say
from cargo.dashboard.paper import Sheet
from cargo.selectors.evidence import Evidence

# Of a part of a message that many characters are printed; the JSON file holds more.
PRINTED = 2_000
# In the head that many containers are named; all of them are in the JSON file.
BOXES = 60
_FACTS = ("house_bill", "house_air_waybill", "master_bill", "air_waybill", "booking", "cargo_control_number")


def sheet(found: Evidence, language: str) -> bytes:
    """The PDF in ``en`` or ``ko``; equal evidence asked for at the same time by the same person gives equal bytes."""
    content, paper = found.content, Sheet()
    rows = _in_order(content)
    numbers = {row["id"]: number for number, row in enumerate(rows, start=1)}
    _head(paper, found, language)
    _state(paper, content["state"], language)
    _holds(paper, content["state"]["customs"], language)
    _beliefs(paper, content, language)
    _deadlines(paper, content["state"]["deadlines"], language)
    _sources(paper, content["state"]["freshness"], language)
    _events(paper, content, rows, numbers, language)
    _messages(paper, rows, numbers, language)
    paper.heading(say("check", language))
    paper.text(say("check_help", language, content["limits"]["events"]))
    box = content["shipment"]["container"]
    name = f"{say('shipment', language)} {content['shipment']['id']}{f' · {box}' if box else ''}"
    return paper.written(f"CLIS · {say('title', language)} · {name} · {found.digest[:16]}")


def when(value: str | None) -> str:
    """``2026-03-14 09:00:00 +09:00``: as exact as the file, in no language."""
    if not value:
        return "-"
    if len(value) <= 10:
        return value
    at = datetime.fromisoformat(value)
    offset = at.strftime("%z")
    return f"{at:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:5]}" if offset else f"{at:%Y-%m-%d %H:%M:%S}"


def _in_order(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Reports by when they happened, and what takes one back where it was received."""

    def place(row: dict[str, Any]) -> tuple[datetime, str]:
        at = row.get("occurred_at") or row["received_at"]
        return datetime.fromisoformat(at), row["id"]

    return sorted([*content["events"], *content["retractions"]], key=place)


def _head(paper: Sheet, found: Evidence, language: str) -> None:
    shipment, references = found.content["shipment"], found.content["state"]["references"]
    paper.title(say("title", language))
    facts = [(say("shipment", language), str(shipment["id"]))]
    for kind in _FACTS:
        values = [row["value"] for row in references if row["type"] == kind]
        if values:
            facts.append((terms.word(terms.REFERENCE_TYPES, kind, language), ", ".join(values)))
    if shipment["container"]:
        facts.append((say("container", language), shipment["container"]))
    elif shipment["containers"]:
        shown = ", ".join(shipment["containers"][:BOXES])
        more = len(shipment["containers"]) - BOXES
        facts.append((say("containers", language), f"{shown} … +{more}" if more > 0 else shown))
    asked = found.made_for
    who = " · ".join(name for name in (asked["person"] or asked["key"], asked["organization"]) if name)
    paper.facts(
        [
            *facts,
            (say("registered", language), when(shipment["registered_at"])),
            (say("made_for", language), who or "-"),
            (say("made_at", language), when(found.made_at)),
            (say("product", language), f"CLIS {found.version}"),
            (say("digest", language), found.digest),
        ]
    )


def _state(paper: Sheet, state: dict[str, Any], language: str) -> None:
    ready = {True: "yes", False: "no", None: "unknown"}[state["release"]["ready"]]
    paper.heading(say("now", language))
    paper.facts(
        [
            (say("status", language), terms.word(terms.STATUSES, state["status"], language)),
            (say("milestone", language), terms.milestone(state["milestone"], language) or "-"),
            (say("customs", language), terms.word(terms.CUSTOMS_STATES, state["customs"]["state"], language)),
            (say("ready", language), say(ready, language)),
        ]
    )


def _holds(paper: Sheet, customs: dict[str, Any], language: str) -> None:
    rows = []
    for hold in customs["holds"]:
        agency = terms.word(terms.AUTHORITIES, hold["agency"], language) if hold["agency"] else hold["name"] or "-"
        what = terms.word(terms.HOLD_KINDS, hold["kind"], language)
        ended = _ended_by(hold["cleared_by"], language)
        detail = [text for text in (what, hold.get("container"), hold["text"]) if text]
        row = ("\n".join(detail), agency, when(hold["placed_at"]), when(hold["cleared_at"]), ended)
        rows.append((str(hold["placed_at"] or ""), (*row, hold["declaration"] or "-")))
    for release in customs["releases"]:
        what = say("provisional" if release["provisional"] else "release", language)
        detail = [text for text in (what, release.get("container")) if text]
        agency = terms.word(terms.AUTHORITIES, release["authority"], language) or "-"
        ended = say("revoked" if release["revoked_at"] else "stands", language)
        row = ("\n".join(detail), agency, when(release["released_at"]), when(release["revoked_at"]), ended)
        rows.append((str(release["released_at"] or ""), (*row, release["declaration"] or "-")))
    paper.heading(say("holds", language))
    if not rows:
        paper.text(say("none", language))
        return
    head = [say(name, language) for name in ("what", "who", "from", "until", "ended_by", "declaration")]
    ordered = [row for _, row in sorted(rows, key=lambda pair: pair[0])]
    paper.table(head, ordered, (0.22, 0.18, 0.17, 0.17, 0.12, 0.14))


def _ended_by(code: str | None, language: str) -> str:
    """A way of ending a hold, or the milestone that ended it."""
    if not code:
        return say("open", language)
    known = code in terms.CLEARED_BY
    return terms.word(terms.CLEARED_BY, code, language) if known else terms.milestone(code, language)


def _beliefs(paper: Sheet, content: dict[str, Any], language: str) -> None:
    paper.heading(say("beliefs", language))
    fineness = terms.word(FINENESS, content["limits"]["beliefs_after_each"], language)
    paper.text(say("beliefs_help", language, fineness))
    rows = [
        (
            "\n".join(text for text in (terms.word(terms.DEADLINES, row["kind"], language), row["container"]) if text),
            when(row["value"]),
            when(row["since"]),
            when(row["until"]) if row["until"] else say("still", language),
            " · ".join(
                text
                for text in (
                    row["stated_by"],
                    terms.word(terms.DEADLINE_BASES, row["basis"], language),
                    row["law"] or row["rule"],
                )
                if text
            )
            or "-",
        )
        for row in content["beliefs"]
    ]
    if not rows:
        paper.text(say("none", language))
        return
    head = [say(name, language) for name in ("what", "day", "believed_from", "until", "by")]
    paper.table(head, rows, (0.2, 0.18, 0.18, 0.18, 0.26))


def _deadlines(paper: Sheet, deadlines: list[dict[str, Any]], language: str) -> None:
    if not deadlines:
        return
    paper.heading(say("deadlines", language))
    head = [say(name, language) for name in ("what", "due", "met")]
    rows = [
        (
            "\n".join(
                text
                for text in (terms.word(terms.DEADLINES, row["kind"], language), row.get("container"), row["text"])
                if text
            ),
            when(row["due_at"]),
            when(row["met_at"]) if row["met_at"] else say("not_met", language),
        )
        for row in deadlines
    ]
    paper.table(head, rows, (0.5, 0.25, 0.25))


def _sources(paper: Sheet, freshness: list[dict[str, Any]], language: str) -> None:
    paper.heading(say("sources", language))
    head = [say(name, language) for name in ("source", "heard", "happened")]
    rows = [
        (row["name"] or row["source"], when(row["last_received_at"]), when(row["last_occurred_at"]))
        for row in freshness
    ]
    paper.table(head, rows, (0.5, 0.25, 0.25))


def _events(
    paper: Sheet, content: dict[str, Any], rows: list[dict[str, Any]], numbers: dict[str, int], language: str
) -> None:
    paper.heading(say("events", language))
    paper.text(say("events_help", language))
    if content["limits"]["events_left_out"]:
        paper.text(say("left_out", language, content["limits"]["events_left_out"]))
    head = [say(name, language) for name in ("number", "times", "what", "source", "standing")]
    lines = [
        (
            str(numbers[row["id"]]),
            _three_times(row, language),
            _what(row, language),
            f"{row['source_name'] or row['source']}\n{row['format']}",
            _standing(row, numbers, language),
        )
        for row in rows
    ]
    paper.table(head, lines, (0.06, 0.25, 0.35, 0.19, 0.15))


def _three_times(row: dict[str, Any], language: str) -> str:
    occurred = when(row.get("occurred_at"))
    if row.get("occurred_at") is None and row.get("occurred_local"):
        occurred = f"{when(row['occurred_local'])} ({say('unzoned', language)})"
    elif row.get("time_zone"):
        occurred = f"{occurred} {row['time_zone']}"
    return "\n".join((occurred, when(row["reported_at"]), when(row["received_at"])))


def _what(row: dict[str, Any], language: str) -> str:
    if "milestone" not in row:
        return say("retraction", language)
    named = terms.milestone(row["milestone"], language)
    if row["classifier"] != "actual":
        named = f"{named} ({terms.word(terms.CLASSIFIERS, row['classifier'], language)})"
    place = row.get("place") or {}
    where = " ".join(text for text in (place.get("code"), place.get("facility")) if text)
    said = " ".join(text for text in (row["source_code"], row["source_text"]) if text)
    boxes = " ".join(reference["value"] for reference in row["references"] if reference["type"] == "container")
    return "\n".join(text for text in (named, where, boxes, said) if text)


def _standing(row: dict[str, Any], numbers: dict[str, int], language: str) -> str:
    decided = numbers.get(row["decided_by"] or "")
    if decided is None:
        return terms.word(ALONE if row["standing"] in ALONE else STANDINGS, row["standing"], language)
    return terms.word(STANDINGS, row["standing"], language) % decided


def _messages(paper: Sheet, rows: list[dict[str, Any]], numbers: dict[str, int], language: str) -> None:
    paper.heading(say("messages", language))
    paper.text(say("messages_help", language))
    for row in rows:
        message = row["message"]
        size = say("bytes", language, message["bytes"])
        paper.facts(
            [
                (f"{say('number', language)} {numbers[row['id']]}", f"{row['source']} · {row['format']} · {size}"),
                ("SHA-256", message["sha256"] or "-"),
                (say("position", language), row["position"] or "-"),
            ]
        )
        if row["slice"] is None:
            paper.text(terms.word(MISSING, row["slice_missing"], language))
            continue
        paper.raw(row["slice"][:PRINTED])
        if row["slice_cut"] or len(row["slice"]) > PRINTED:
            paper.text(say("cut", language))
