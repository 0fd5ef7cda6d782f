"""One inquiry to a carrier, page by page: each page is kept as it came, and how far we are, in one transaction.

A reading begins at the newest event known, less an overlap, and sometimes at the very beginning; it ends with the page
that names no next one, and only then does the next reading begin later. A reading that breaks off goes on where it was;
one whose place the carrier has forgotten begins again. So nothing is lost, and what is read twice is known by its
events' identity. The newest event is told by the carrier's own times, but is never later than our clock.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

from django.db import transaction
from django.utils import timezone

from cargo.domain.event import Event, FormatError, Outcome, Retraction
from cargo.formats import dcsa
from cargo.models import Inquiry
from cargo.pipeline.receive import receive
from cargo.sources._asking import FailedError, failed, instant, paced, progress, write
from cargo.sources.base import Result
from cargo.sources.dcsa_api.calls import Api
from cargo.sources.dcsa_api.profiles import PARAMETERS
from clis.egress import Response

_LONGEST_CURSOR = 4000
# How often the same bytes may come under another page's name before we take it for the same page for ever.
_SAME_PAGE = 3
# How often a page that cannot be read is asked for, before it is kept as it is and passed by.
_PATIENCE = 3
_REFUSES = "the carrier refuses the question"
_LATER = timedelta(minutes=1)
_KNOWN = frozenset({200, 204, 206})
# How a carrier says that it does not know a page anymore.
_FORGOTTEN = frozenset({400, 404, 409, 410, 412, 416, 422})
# A reading of so many times the pages of one run is no answer to one question.
_MOST_RUNS = 100


@dataclass
class Reading:
    """How far one inquiry is; kept as JSON on its row. Instants are ISO texts.

    ``mark``: the newest event of the last complete reading; ``high``: of this one, which began ``since`` then (empty:
    at the beginning) and goes on with ``page``, the parameters that name it; ``pages``: how many there were;
    ``broken``: one of them could not be read. ``full_at``: when everything was read last; ``news_at``: when something
    new came last.
    """

    mark: str = ""
    high: str = ""
    since: str = ""
    page: dict[str, str] = field(default_factory=dict)
    pages: int = 0
    broken: bool = False
    full_at: str = ""
    news_at: str = ""

    @classmethod
    def of(cls, inquiry: Inquiry) -> Reading:
        """As it was noted."""
        return cls(**{name: value for name, value in progress(inquiry).items() if name in cls.__annotations__})


class Asked:
    """One inquiry in one run."""

    def __init__(self, api: Api, inquiry: Inquiry, result: Result) -> None:
        self._api = api
        self._run = api.run
        self._inquiry = inquiry
        self._result = result
        self._reading = Reading.of(inquiry)
        self._restarted = False
        self._here = 0
        self._passed: list[dict[str, str]] = []
        self._bodies: Counter[str] = Counter()

    def read(self) -> None:
        """Reads pages until there is no next one, or this run must end. Raises what ``Api.get`` does."""
        try:
            if not self._reading.page:
                self._begin()
            while not self._run.over and self._next():
                pass
        except FailedError as error:
            failed(self._run, self._inquiry, str(error))
            raise

    def _begin(self) -> None:
        """A new reading: from the newest event known less the overlap, or from the beginning when it is time for it."""
        now, reading = timezone.now(), self._reading
        mark, full = instant(reading.mark), instant(reading.full_at)
        reading.since = ""
        if mark is not None and full is not None and now - full < timedelta(days=self._run.setting("full_days")):
            since = mark - timedelta(hours=self._run.setting("overlap_hours"))
            reading.since = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self._api.profile.since else ""
        reading.page, reading.pages, reading.broken, reading.high = {}, 0, False, reading.mark
        reading.news_at = reading.news_at or now.isoformat()
        self._passed.clear()
        self._bodies.clear()

    def _parameters(self) -> dict[str, str]:
        """The whole query: what is asked about, from when on, and which page."""
        request = self._inquiry.request
        found = {PARAMETERS[kind]: str(value) for kind, value in request.items() if kind in PARAMETERS}
        size = self._run.setting("page_size") or self._api.profile.page_size
        if size:
            found["limit"] = str(size)
        if self._reading.since:
            found[self._api.profile.since] = self._reading.since
        return found | self._reading.page

    def _next(self) -> bool:
        """Asks for one page; whether to ask for another one."""
        answer = self._api.get(self._parameters())
        if self._reading.page and answer.status in _FORGOTTEN:
            return self._restart()
        if answer.status == 404 or (answer.status in _KNOWN and not answer.body.strip() and not answer.truncated):
            self._end("")
            return False
        if answer.status not in _KNOWN:
            self._refused(answer)
            return False
        return self._page(answer)

    def _restart(self) -> bool:
        if self._restarted:
            raise FailedError("the carrier forgets its pages while we read them")
        self._restarted = True
        self._begin()
        return True

    def _refused(self, answer: Response) -> None:
        """The carrier does not take this question: once more tomorrow, then no more, since some want money for it."""
        again, now = self._inquiry.reason.startswith(_REFUSES), timezone.now()
        write(
            self._run,
            self._inquiry,
            state=Inquiry.State.REFUSED if again else Inquiry.State.ACTIVE,
            failures=self._inquiry.failures + 1,
            reason=f"{_REFUSES} ({answer.status}): {self._api.shown(answer.body)}"[:500],
            asked_at=now,
            next_at=now + timedelta(days=1),
        )
        self._result.failed += 1

    def _page(self, answer: Response) -> bool:
        reading = self._reading
        told, reason = _told(answer)
        if reason and self._inquiry.failures < _PATIENCE - 1:
            raise FailedError(reason)
        digest = sha256(answer.body).hexdigest()
        self._bodies[digest] += 1
        self._passed.append(reading.page)
        following = _following(answer.headers, self._api.profile.next_page)
        # A last page that names itself is the last one; any other that comes again is none.
        last = not following or (following == reading.page and self._bodies[digest] == 1)
        stuck = not last and (following in self._passed or self._bodies[digest] >= _SAME_PAGE)
        reading.pages += 1
        self._here += 1
        reading.broken = reading.broken or bool(reason)
        reading.high = max(reading.high, _newest(told))
        with transaction.atomic():
            if told or reason:
                self._keep(answer)
            # Nothing is written if another worker has taken the intake over.
            self._run.advance(calls=self._api.calls.kept)
            if last:
                self._end("a page could not be read" if reading.broken else "")
            elif stuck:
                self._end("the same page comes again and again")
            elif reading.pages >= self._run.setting("pages") * _MOST_RUNS:
                self._end("there is no end of pages")
            else:
                return self._go_on(following)
        return False

    def _keep(self, answer: Response) -> None:
        received = receive(
            self._run.intake.source_id,
            answer.body,
            media_type=answer.headers.get("content-type", ""),
            name=self._inquiry.subject,
        )
        self._result.count(received.duplicate)
        if not received.duplicate:
            self._reading.news_at = timezone.now().isoformat()

    def _go_on(self, following: dict[str, str]) -> bool:
        """Notes the next page; others get their turn before a very long answer goes on."""
        self._reading.page = following
        now = timezone.now()
        enough = self._here >= self._run.setting("pages")
        next_at = now + _LATER if enough else self._inquiry.next_at
        text = json.dumps(asdict(self._reading))
        write(self._run, self._inquiry, cursor=text, asked_at=now, failures=0, reason="", next_at=next_at)
        return not enough

    def _end(self, reason: str) -> None:
        """The end of a reading. After one that was not complete the next one begins where it began."""
        now, reading = timezone.now(), self._reading
        if not reason:
            reading.full_at = reading.full_at if reading.since else now.isoformat()
            reading.mark = reading.high
            reason = "" if reading.mark else "nothing is known of it yet"
        else:
            self._result.notes.append(f"{self._inquiry.subject}: {reason}")
        reading.page, reading.pages = {}, 0
        fresh, quiet = (timedelta(minutes=self._run.setting(name)) for name in ("fresh_minutes", "quiet_minutes"))
        write(
            self._run,
            self._inquiry,
            cursor=json.dumps(asdict(reading)),
            asked_at=now,
            answered_at=now,
            failures=0,
            reason=reason,
            next_at=paced(instant(reading.news_at) or now, now, fresh, quiet),
        )


def _told(answer: Response) -> tuple[list[Outcome], str]:
    """What a page says, and why it could not be read."""
    if answer.truncated:
        return [], "the answer broke off, or is too long"
    try:
        return list(dcsa.decode(answer.body)), ""
    except FormatError as error:
        kind = answer.headers.get("content-type", "no type").split(";")[0][:60]
        return [], f"the answer ({kind}) cannot be read: {error}"


def _newest(told: list[Outcome]) -> str:
    """When the newest event was made, but not after now: a clock that is wrong elsewhere must not hide what comes."""
    reported = (event.reported_at for event in told if isinstance(event, Event | Retraction))
    moments = [moment for moment in reported if moment is not None]
    return min(max(moments), timezone.now()).astimezone(UTC).isoformat(timespec="seconds") if moments else ""


def _following(headers: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The parameters that name the next page: a bare cursor, or the query of a link; none: this is the last page.

    Of a link only the query counts: gateways give their inner host, and nobody but the operator says whom we call.
    """
    for name in names:
        given = headers.get(name, "").strip()
        if name == "link":
            given = _link(given)
        if not given or len(given) > _LONGEST_CURSOR or not given.isprintable():
            continue
        if "://" not in given and given[0] not in "/?":
            return {"cursor": given}
        if query := _query(given):
            return query
    return {}


def _query(link: str) -> dict[str, str]:
    """The parameters of a link; none if it is not one."""
    try:
        return dict(parse_qsl(urlsplit(link).query))
    except ValueError:
        return {}


def _link(header: str) -> str:
    """The next page's address in a ``Link`` header (RFC 8288)."""
    for part in header[:_LONGEST_CURSOR].split(","):
        address, _, words = part.strip().partition(";")
        if (
            address[:1] == "<"
            and address[-1:] == ">"
            and words.replace('"', "").replace(" ", "").startswith("rel=next")
        ):
            return address[1:-1]
    return ""
