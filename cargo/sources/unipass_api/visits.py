"""One inquiry in one run: finding the cargo, asking for what is known of it, and keeping every answer.

An answer is kept as a snapshot of what it is about: of one cargo whichever way it was asked for, else of the question.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cargo.models import Inquiry
from cargo.models.inquiries import open_one
from cargo.pipeline.receive import receive_answer
from cargo.sources._asking import FailedError, failed, instant, paced, progress, write
from cargo.sources.base import Result
from cargo.sources.unipass_api import answers, questions
from cargo.sources.unipass_api.calls import Api, Got
from cargo.sources.unipass_api.questions import Query

SHED_FOR = timedelta(days=30)
_BOXES_FOR = timedelta(days=7)
# A cargo number that is not found so often has been given anew: the bills are asked for again.
_GONE = 3


@dataclass
class Known:
    """What is known about an inquiry; kept as JSON on its row. Instants are ISO texts.

    ``cargoes``: the cargo control numbers; ``boxes``: by cargo, how many containers there were and when they were asked
    for; ``gone``: how often a cargo was not found anymore; ``news_at``: when something new came last.
    """

    cargoes: list[str] = field(default_factory=list)
    boxes: dict[str, list[str]] = field(default_factory=dict)
    gone: int = 0
    news_at: str = ""

    @classmethod
    def of(cls, inquiry: Inquiry) -> Known:
        """As it was noted."""
        return cls(**{name: value for name, value in progress(inquiry).items() if name in cls.__annotations__})


class Visit:
    """One inquiry in one run."""

    def __init__(self, api: Api, inquiry: Inquiry, result: Result) -> None:
        self._api = api
        self._run = api.run
        self._inquiry = inquiry
        self._result = result
        self._known = Known.of(inquiry)
        self._known.news_at = self._known.news_at or timezone.now().isoformat()
        self._reason = ""

    def ask(self) -> None:
        """Asks for all that is due. Raises what ``Api.get`` raises, after noting a failure."""
        request: dict[str, Any] = self._inquiry.request
        try:
            if request.get("service") == "001":
                self._cargo(request)
            else:
                kind = str(request.get("kind") or "")
                self._simple(Query(str(request["service"]), dict(request["parameters"]), kind))
        except FailedError as error:
            failed(self._run, self._inquiry, str(error))
            raise
        self._done()

    def _simple(self, query: Query) -> None:
        got = self._api.get(query)
        if got.answer.kind == answers.NOTHING:
            self._reason = "nothing is known of it yet"
        else:
            self._keep(got, query.subject, query.name)

    def _cargo(self, request: dict[str, Any]) -> None:
        if request.get("cargo"):
            self._known.cargoes = [str(request["cargo"])]
        found = None if self._known.cargoes else self._find(request)
        for number in list(self._known.cargoes):
            query = Query("001", {"cargMtNo": number})
            got = found if found and found.answer.rows[0].get("cargMtNo") == number else self._api.get(query)
            if got.answer.kind == answers.CARGO:
                self._known.gone = 0
                self._keep(got, query.subject, query.name)
                self._beside(number, got)
            else:
                self._lost(request)

    def _find(self, request: dict[str, Any]) -> Got | None:
        """Looks for the cargo by its bills; gives the answer if it is one cargo's, and notes the cargo numbers."""
        self._reason = "nothing is known of it yet"
        for query in questions.searches(request, timezone.now()):
            got = self._api.get(query)
            if got.answer.kind == answers.SEVERAL:
                both = questions.narrowed(request, query)
                narrow = self._api.get(both) if both else got
                got, query = (narrow, both) if both and narrow.answer.kind != answers.NOTHING else (got, query)
            if got.answer.kind == answers.CARGO and self._take(questions.ours(request, got.answer.rows)):
                return got
            if got.answer.kind == answers.SEVERAL:
                self._keep(got, query.subject, query.name)
                if self._take(questions.ours(request, got.answer.rows)):
                    return None
        return None

    def _take(self, numbers: list[str]) -> bool:
        most = self._run.setting("cargoes_most")
        if len(numbers) > most:
            self._reason = f"{len(numbers)} cargoes answer to this number: the house bill is needed"
            return False
        if numbers:
            self._known.cargoes, self._reason = numbers, ""
        return bool(numbers)

    def _lost(self, request: dict[str, Any]) -> None:
        """A cargo that is not found anymore: customs may be at fault, or have given it another number."""
        self._known.gone += 1
        self._reason = "customs does not find the cargo anymore"
        if self._known.gone >= _GONE and not request.get("cargo"):
            self._known.cargoes, self._known.boxes, self._known.gone = [], {}, 0

    def _beside(self, number: str, got: Got) -> None:
        """The containers, when there are some and not asked for lately; the warehouses that were met first."""
        now = timezone.now()
        row = got.answer.rows[0]
        count = row.get("cntrGcnt", "") if row.get("cntrGcnt", "").strip("0") else "1" if row.get("cntrNo") else ""
        before, at = self._known.boxes.get(number, ["", ""])
        asked = instant(at)
        if count and self._api.has("020") and (count != before or asked is None or now - asked >= _BOXES_FOR):
            query = Query("020", {"cargMtNo": number})
            boxes = self._api.get(query)
            if boxes.answer.kind == answers.GIVEN:
                self._keep(boxes, query.subject, query.name)
            self._known.boxes[number] = [count, now.isoformat()]
        if self._api.has("005"):
            for code in sorted(got.answer.sheds):
                open_one(self._run.intake, *questions.shed(code), None, now)

    def _keep(self, got: Got, subject: str, name: str) -> None:
        """The answer and what is known by it, in one transaction; nothing if another worker has taken over."""
        with transaction.atomic():
            received = receive_answer(
                self._run.intake.source_id,
                got.body,
                subject=subject,
                asked_at=got.asked_at,
                media_type=got.media_type,
                name=name,
            )
            self._result.count(received.duplicate)
            if not received.duplicate:
                self._known.news_at = timezone.now().isoformat()
            self._run.advance(calls=self._api.calls.kept)
            write(self._run, self._inquiry, cursor=json.dumps(asdict(self._known)))

    def _done(self) -> None:
        now = timezone.now()
        write(
            self._run,
            self._inquiry,
            cursor=json.dumps(asdict(self._known)),
            asked_at=now,
            answered_at=now,
            failures=0,
            reason=self._reason,
            next_at=self._next(now),
        )

    def _next(self, now: datetime) -> datetime:
        if self._inquiry.request.get("service") == "005":
            return now + SHED_FOR
        fresh, quiet = (timedelta(minutes=self._run.setting(name)) for name in ("fresh_minutes", "quiet_minutes"))
        return paced(instant(self._known.news_at) or now, now, fresh, quiet)
