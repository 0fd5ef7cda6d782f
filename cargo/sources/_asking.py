"""What the ways that ask an API for one cargo after the other have in common: calls counted, answers paced.

Calls are counted on the intake's row before they are made, so that a worker that is killed has not called unseen. What
is fresh is asked about often, what is quiet ever less: after a quarter of the time that nothing new has come.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.models import Inquiry
from cargo.sources.base import IntakeError, Result, Run

MINUTE, HOUR, DAY = 60, 3600, 86_400
# A failing inquiry is tried again after 5, 10, 20 ... minutes, a quarter of a day at most.
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
_LONGEST_WAIT = timedelta(days=1)
_AT_ONCE = 1000
# After so many failures one after the other the other side is left alone until the next run.
_FAILURES_IN_A_ROW = 3
SETTLE_EVERY = timedelta(minutes=10)
_REASON_LENGTH = 300
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


class Rate(NamedTuple):
    """So many calls within so many seconds: any such span up to a minute, else clock hours and UTC days."""

    calls: int
    seconds: int


class FailedError(Exception):
    """This call failed; another one, later, may not."""


class HoldError(Exception):
    """No more calls in this run: the other side asked us to wait, or what we may call is used up."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Calls:
    """The calls of an intake, kept in ``Intake.calls``.

    ``rates``: what is allowed; ``billed_most``: how many calls that cost money a UTC month may have, 0 for any number.
    """

    def __init__(self, run: Run, rates: Iterable[Rate], billed_most: int = 0) -> None:
        self._run = run
        self._rates = [rate for rate in rates if rate.calls > 0]
        self._billed_most = billed_most
        self.kept: dict[str, Any] = dict(run.intake.calls or {})

    def wait(self, now: datetime) -> timedelta | None:
        """How long until the next call is allowed; ``None`` if it is now."""
        at = now.timestamp()
        until = max([float(self.kept.get("not_before", 0)), *(self._free(rate, at) for rate in self._rates)])
        if self._billed_most and self._billed(now) >= self._billed_most:
            until = max(until, (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0).timestamp())
        return timedelta(seconds=until - at) if until > at else None

    def count(self, now: datetime) -> None:
        """One more call, about to be made; committed."""
        at = now.timestamp()
        most = max((rate.calls for rate in self._rates if rate.seconds <= MINUTE), default=0)
        recent = [*self.kept.get("recent", ()), round(at, 3)]
        windows = {
            str(rate.seconds): [self._window(rate, at), self._used(rate, at) + 1]
            for rate in self._rates
            if rate.seconds > MINUTE
        }
        self.kept |= {"recent": recent[-most:] if most else [], "windows": windows, "total": self.total + 1}
        self._run.advance(calls=self.kept)

    def bill(self, now: datetime) -> None:
        """The last call cost money."""
        self.kept["billed"] = [f"{now.astimezone(UTC):%Y-%m}", self._billed(now) + 1]
        self._run.advance(calls=self.kept)

    def hold(self, now: datetime, wish: timedelta | None) -> timedelta:
        """The other side wants us to wait: as long as it says, else a minute and twice as long each time."""
        times = int(self.kept.get("holds", 0)) + 1
        pause = wish if wish is not None else timedelta(minutes=1) * 2 ** min(times - 1, 6)
        pause = min(max(pause, timedelta(seconds=1)), _LONGEST_WAIT)
        self.kept |= {"not_before": round((now + pause).timestamp(), 3), "holds": times}
        self._run.advance(calls=self.kept)
        return pause

    def is_settling_due(self, now: datetime) -> bool:
        """Whether to look again at what should be asked about: not at every run, since it looks at all live cargo; at
        once when the settings are others. Notes that it was done.
        """
        intake = self._run.intake
        words = json.dumps([intake.profile, intake.settings, intake.sealed], sort_keys=True)
        print_now = sha256(words.encode()).hexdigest()[:16]
        at, print_then = self.kept.get("settled", (0, ""))
        if print_then == print_now and 0 <= now.timestamp() - at < SETTLE_EVERY.total_seconds():
            return False
        self.kept["settled"] = [int(now.timestamp()), print_now]
        self._run.advance(calls=self.kept)
        return True

    def let_go(self) -> None:
        """The other side answers again."""
        self.kept.pop("holds", None)
        self.kept.pop("not_before", None)

    @property
    def total(self) -> int:
        """All calls ever made."""
        return int(self.kept.get("total", 0))

    def _free(self, rate: Rate, at: float) -> float:
        """When one more call fits into this rate."""
        if rate.seconds <= MINUTE:
            recent = sorted(self.kept.get("recent", ()))[-rate.calls :]
            return recent[0] + rate.seconds if len(recent) == rate.calls else 0
        return (self._window(rate, at) + 1) * rate.seconds if self._used(rate, at) >= rate.calls else 0

    def _used(self, rate: Rate, at: float) -> int:
        window, used = self.kept.get("windows", {}).get(str(rate.seconds), (0, 0))
        return used if window == self._window(rate, at) else 0

    def _window(self, rate: Rate, at: float) -> int:
        return int(at // rate.seconds)

    def _billed(self, now: datetime) -> int:
        month, number = self.kept.get("billed", ("", 0))
        return number if month == f"{now.astimezone(UTC):%Y-%m}" else 0


def ask_what_is_owed(run: Run, calls: Calls, result: Result, ask: Callable[[Inquiry], None]) -> None:
    """Asks about the inquiries whose time has come, those first that wait the longest, as far as calls and this run's
    time allow. Raises ``IntakeError`` if nothing but failures comes of it.
    """
    failures, reason, any_good = 0, "", False
    rows = Inquiry.objects.filter(intake=run.intake, state=Inquiry.State.ACTIVE, next_at__lte=timezone.now())
    for inquiry in list(rows.order_by("next_at", "pk")[:_AT_ONCE]):
        wait = timedelta(0) if run.over else calls.wait(timezone.now())
        if wait is not None:
            result.again_in = wait
            break
        try:
            ask(inquiry)
            failures, any_good = 0, True
        except HoldError as hold:
            result.notes.append(hold.reason)
            result.again_in = calls.wait(timezone.now())
            break
        except FailedError as error:
            result.failed += 1
            failures, reason = failures + 1, str(error)
            if failures == _FAILURES_IN_A_ROW:
                break
    if failures == _FAILURES_IN_A_ROW and not any_good:
        raise IntakeError(reason)
    if failures:
        result.notes.append(reason)


def write(run: Run, inquiry: Inquiry, **fields: Any) -> None:
    """Writes an inquiry's row, in the caller's transaction."""
    Inquiry.objects.filter(pk=inquiry.pk, intake=run.intake).update(**fields)
    for name, value in fields.items():
        setattr(inquiry, name, value)


def progress(inquiry: Inquiry) -> dict[str, Any]:
    """What the way noted about an inquiry; nothing if it cannot be read anymore."""
    try:
        kept = json.loads(inquiry.cursor or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def answered(inquiry: Inquiry, kept: Mapping[str, Any], now: datetime, next_at: datetime) -> dict[str, Any]:
    """The fields of an inquiry that was answered in full."""
    return {
        "cursor": json.dumps(kept),
        "asked_at": inquiry.asked_at or now,
        "answered_at": now,
        "failures": 0,
        "reason": "",
        "next_at": next_at,
    }


def failed(run: Run, inquiry: Inquiry, reason: str) -> None:
    """Notes a failure: tried again later, and later each time."""
    pause = min(_FIRST_PAUSE * 2 ** min(inquiry.failures, 10), _LONGEST_PAUSE)
    write(
        run,
        inquiry,
        failures=inquiry.failures + 1,
        reason=one_line(reason)[:500],
        next_at=timezone.now() + pause,
        asked_at=timezone.now(),
    )


def paced(news_at: datetime, now: datetime, fresh: timedelta, quiet: timedelta) -> datetime:
    """When to ask again, by when something new last came."""
    return now + min(max((now - news_at) / 4, fresh), quiet)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """RFC 9110 section 10.2.3: seconds or a date; ``None`` if there is none that can be read."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return timedelta(seconds=int(given[:9]))
    try:
        moment = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now, timedelta())


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """Words from outside as one line of print, without any of the secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:_REASON_LENGTH]


def instant(text: object) -> datetime | None:
    """An ISO instant that we had noted."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
