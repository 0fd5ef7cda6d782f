"""Deadlines as a calendar, RFC 5545. Plain Python: rows and words go in, bytes come out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

# RFC 5545, section 3.1: lines of more than 75 octets are folded.
LINE = 75


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. ``day``: it takes the whole of it; else it ends at ``at`` (aware). ``alarms``: so long before it."""

    uid: str
    summary: str
    description: str
    url: str
    sequence: int
    modified: datetime
    day: date | None = None
    at: datetime | None = None
    alarms: tuple[timedelta, ...] = ()
    done: bool = False


def calendar(name: str, language: str, entries: Iterable[Entry]) -> bytes:
    """The calendar in UTF-8. The same entries give the same bytes."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CLIS//Deadlines//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        f"NAME;LANGUAGE={language}:{escaped(name)}",
        # Programs that heed it ask again this often (RFC 7986).
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for entry in entries:
        lines += _event(entry, language)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(entry: Entry, language: str) -> list[str]:
    stamp = _utc(entry.modified)
    lines = ["BEGIN:VEVENT", f"UID:{entry.uid}", f"DTSTAMP:{stamp}", f"LAST-MODIFIED:{stamp}"]
    lines.append(f"SEQUENCE:{entry.sequence}")
    if entry.day is not None:
        lines.append(f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}")
        lines.append(f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}")
    elif entry.at is not None:
        lines.append(f"DTSTART:{_utc(entry.at)}")
    lines += [
        f"SUMMARY;LANGUAGE={language}:{escaped(entry.summary)}",
        f"DESCRIPTION;LANGUAGE={language}:{escaped(entry.description)}",
        f"URL:{entry.url}",
        # It takes nobody's time, so it keeps no meeting away.
        "TRANSP:TRANSPARENT",
        "STATUS:CONFIRMED",
        "CLASS:CONFIDENTIAL",
    ]
    if not entry.done:
        for before in entry.alarms:
            lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(entry.summary)}"]
            lines += [f"TRIGGER:{_before(before)}", "END:VALARM"]
    lines.append("END:VEVENT")
    return lines


def escaped(text: str) -> str:
    """As a value of type TEXT (section 3.3.11); control characters are left out."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = text.replace("\r\n", "\n").replace("\n", "\\n")
    return "".join(character for character in text if character >= " " and character != "\x7f")


def folded(line: str) -> bytes:
    """A content line with its CRLF, folded at 75 octets and never within a character."""
    out, width = bytearray(), 0
    for character in line:
        octets = character.encode()
        if width + len(octets) > LINE:
            out += b"\r\n "
            width = 1
        out += octets
        width += len(octets)
    return bytes(out) + b"\r\n"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _before(span: timedelta) -> str:
    """A negative duration in the largest units that divide it: ``-P1D``, ``-PT9H``."""
    hours = int(span.total_seconds() // 3600)
    return f"-P{hours // 24}D" if hours % 24 == 0 else f"-PT{hours}H"
