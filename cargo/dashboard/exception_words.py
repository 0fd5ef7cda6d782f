"""What an exception says, in English and Korean: its name, its look, and one sentence of what changed. Plain Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cargo.dashboard import dates, terms
from cargo.dashboard.korean import with_particle
from cargo.domain.places import zone_of

KINDS: dict[str, terms.Pair] = {
    "held": ("Held", "통관 보류"),
    "release_revoked": ("Release taken back", "수리 취소"),
    "late": ("Late", "도착 지연"),
    "overdue": ("Overdue", "도착 확인 안 됨"),
    "deadline_near": ("Deadline near", "기한 임박"),
    "deadline_exceeded": ("Deadline passed", "기한 경과"),
    "not_collected": ("Not collected", "미반출"),
    "rolled": ("Rolled", "선적 이월"),
    "dwelling": ("Not moving", "장기 미이동"),
    "silent": ("No news", "소식 없음"),
    "off_route": ("Off the route", "경로 이탈"),
    "conflicting": ("Sources disagree", "출처 간 불일치"),
    "impossible_order": ("Impossible order", "순서 오류"),
}
ICONS: dict[str, str] = {
    "held": "octagon-pause",
    "release_revoked": "undo-2",
    "late": "clock",
    "overdue": "calendar-x",
    "deadline_near": "calendar-clock",
    "deadline_exceeded": "calendar-x",
    "not_collected": "package",
    "rolled": "shuffle",
    "dwelling": "anchor",
    "silent": "volume-x",
    "off_route": "route-off",
    "conflicting": "git-compare",
    "impossible_order": "arrow-down-up",
}
PLACES: dict[str, terms.Pair] = {
    "transshipment": ("the transshipment port", "환적항"),
    "origin": ("the terminal of origin", "출발지 터미널"),
    "terminal": ("the terminal", "터미널"),
    "warehouse": ("bonded storage", "보세구역"),
}


class _Teller:
    """The facts of one exception, as a sentence needs them."""

    def __init__(self, told: dict[str, Any], subject: str, language: str, now: datetime, port: str) -> None:
        self.told = told
        self.subject = subject
        self.language = language
        self._now = now
        self._zone = zone_of(str(told.get("place") or port), "unlocode") if told.get("place") or port else None

    def day(self, name: str) -> str:
        """``24 Mar`` where it happens."""
        at = self._at(name)
        if at is None:
            return ""
        zone = dates.zone_info(self._zone)
        return dates.day(at.astimezone(zone).date(), self.language, self._now.astimezone(zone).date())

    def moment(self, name: str) -> str:
        """``24 Mar, 09:30`` where it happens."""
        at = self._at(name)
        if at is None:
            return ""
        joint = " " if self.language == "ko" else ", "
        return self.day(name) + joint + dates.clock(at, self._zone)

    def span(self, first: str, last: str) -> str:
        """How far two instants are apart."""
        one, other = self._at(first), self._at(last)
        return dates.long_span(abs((other - one).total_seconds()), self.language) if one and other else ""

    def place(self) -> str:
        """Where."""
        return terms.place(self.told.get("place"), None, self.language)

    def milestone(self, name: str) -> str:
        """A milestone's label."""
        return terms.milestone(self.told.get(name), self.language)

    def word(self, table: dict[str, terms.Pair], name: str) -> str:
        """A code of the facts in words."""
        return terms.word(table, self.told.get(name), self.language)

    def text(self, name: str) -> str:
        """A fact as it stands."""
        return str(self.told.get(name) or "")

    def _at(self, name: str) -> datetime | None:
        seconds = self.told.get(name)
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def sentence(row: Any, language: str, now: datetime) -> str:
    """What changed, for a row of ``cargo.selectors.exceptions``; an unknown kind says its name."""
    teller = _Teller(row.told, row.subject, language, now, row.port_of_discharge)
    speak = (_KOREAN if language == "ko" else _ENGLISH).get(row.kind)
    return speak(teller, row.reason) if speak else terms.word(KINDS, row.kind, language)


def _held(teller: _Teller, _reason: str) -> str:
    agency = teller.word(terms.AUTHORITIES, "agency")
    what = teller.milestone("milestone")
    return f"{what} ({agency})" if agency else what


def _due(teller: _Teller) -> str:
    return (
        f"{terms.word(terms.DEADLINES, teller.subject, teller.language)}: {teller.word(terms.DEADLINE_BASES, 'basis')}"
    )


def _english_rolled(teller: _Teller, reason: str) -> str:
    if reason == "rolled_by_carrier":
        return "The carrier rolled the cargo to a later sailing."
    if reason == "another_sailing" and teller.text("before"):
        before = f"{teller.text('before')} ({teller.day('before_at')})"
        return f"Moved from {before} to {teller.text('now')} ({teller.day('now_at')})."
    return f"Departure moved from {teller.day('before_at')} to {teller.day('now_at')}."


def _korean_rolled(teller: _Teller, reason: str) -> str:
    if reason == "rolled_by_carrier":
        return "선사가 다음 항차로 선적을 이월하였습니다."
    if reason == "another_sailing" and teller.text("before"):
        now = with_particle(f"{teller.text('now')}({teller.day('now_at')})", "으로")
        return f"{teller.text('before')}({teller.day('before_at')})에서 {now} 변경되었습니다."
    return f"출항 예정일이 {teller.day('before_at')}에서 {with_particle(teller.day('now_at'), '으로')} 변경되었습니다."


def _english_conflict(teller: _Teller, _reason: str) -> str:
    one, other = teller.text("one") or "One source", teller.text("other") or "another"
    if teller.text("what") == "release":
        return f"{one} says released on {teller.day('one_at')}; {other} says held since {teller.day('other_at')}."
    if teller.text("what") == "eta":
        return f"{one} expects the arrival on {teller.day('one_at')}, {other} on {teller.day('other_at')}."
    what = teller.milestone("what")
    return f"{what}: {teller.moment('one_at')} by {one}, {teller.moment('other_at')} by {other}."


def _korean_conflict(teller: _Teller, _reason: str) -> str:
    one, other = teller.text("one") or "한 출처", teller.text("other") or "다른 출처"
    if teller.text("what") == "release":
        return (
            f"{with_particle(one, '은')} {teller.day('one_at')} 수리, "
            f"{with_particle(other, '은')} {teller.day('other_at')}부터 보류로 통보하였습니다."
        )
    if teller.text("what") == "eta":
        return f"도착 예정일: {one} {teller.day('one_at')}, {other} {teller.day('other_at')}."
    return f"{teller.milestone('what')}: {one} {teller.moment('one_at')}, {other} {teller.moment('other_at')}."


_Speaker = dict[str, Callable[[_Teller, str], str]]
_ENGLISH: _Speaker = {
    "held": lambda t, _r: f"{_held(t, _r)}.",
    "release_revoked": lambda t, _r: f"The release of {t.day('released_at')} was taken back.",
    "late": lambda t, _r: (
        f"Arrival moved from {t.day('before_at')} to {t.day('now_at')}: "
        f"{t.span('before_at', 'now_at')} later than first told."
    ),
    "overdue": lambda t, _r: f"Expected on {t.day('expected_at')}; no arrival has been reported.",
    "deadline_near": lambda t, _r: f"{_due(t)}.",
    "deadline_exceeded": lambda t, _r: f"{_due(t)}.",
    "not_collected": lambda t, _r: f"Released on {t.day('released_at')}; nobody has collected it.",
    "rolled": _english_rolled,
    "dwelling": lambda t, _r: f"Lies at {t.word(PLACES, 'where')}{', ' + t.place() if t.place() else ''}.",
    "silent": lambda t, _r: f"{t.text('source') or 'The source'} has told nothing since {t.moment('heard_at')}.",
    "off_route": lambda t, _r: f"Seen in {t.place()}, which is not on the plan.",
    "conflicting": _english_conflict,
    "impossible_order": lambda t, _r: (
        f"“{t.milestone('later')}” ({t.moment('later_at')}) is reported earlier than "
        f"“{t.milestone('earlier')}” ({t.moment('earlier_at')})."
    ),
}
_KOREAN: _Speaker = {
    "held": lambda t, _r: _held(t, _r),
    "release_revoked": lambda t, _r: f"{t.day('released_at')} 수리가 취소되었습니다.",
    "late": lambda t, _r: (
        f"도착 예정일이 {t.day('before_at')}에서 {with_particle(t.day('now_at'), '으로')} 변경되어 "
        f"처음 예정보다 {t.span('before_at', 'now_at')} 늦어졌습니다."
    ),
    "overdue": lambda t, _r: f"{t.day('expected_at')} 도착 예정이었으나 입항이 확인되지 않았습니다.",
    "deadline_near": lambda t, _r: _due(t),
    "deadline_exceeded": lambda t, _r: _due(t),
    "not_collected": lambda t, _r: f"{t.day('released_at')} 수리 후 반출되지 않았습니다.",
    "rolled": _korean_rolled,
    "dwelling": lambda t, _r: f"{t.place() + ' ' if t.place() else ''}{t.word(PLACES, 'where')}에 머물러 있습니다.",
    "silent": lambda t, _r: f"{t.moment('heard_at')} 이후 {t.text('source') or '출처'}의 소식이 없습니다.",
    "off_route": lambda t, _r: f"계획에 없는 {t.place()}에서 확인되었습니다.",
    "conflicting": _korean_conflict,
    "impossible_order": lambda t, _r: (
        f"'{t.milestone('later')}'({t.moment('later_at')}) 시각이 "
        f"'{t.milestone('earlier')}'({t.moment('earlier_at')})보다 빠릅니다."
    ),
}
