"""One call to a service of UNI-PASS: counted, at a polite pace, tried again when it comes to nothing."""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils import timezone

from cargo.domain.event import FormatError
from cargo.sources._asking import DAY, MINUTE, Calls, FailedError, HoldError, Rate, one_line, retry_after
from cargo.sources.base import IntakeError, Run
from cargo.sources.unipass_api import answers
from cargo.sources.unipass_api.answers import Answer
from cargo.sources.unipass_api.questions import SERVICES, Query
from clis.egress import AmbiguousError, Client, NotSentError, RefusedError, Response

_TRIES = 3


class Got(NamedTuple):
    """An answer with its bytes, and when it was asked for."""

    answer: Answer
    body: bytes
    media_type: str
    asked_at: datetime


class RefusalError(FailedError):
    """Customs does not take the question: asking it again at once changes nothing."""


class Api:
    """UNI-PASS as one run of an intake calls it."""

    def __init__(self, run: Run, client: Client) -> None:
        self.run = run
        self.calls = Calls(run, [Rate(run.setting("per_minute"), MINUTE), Rate(run.setting("per_day"), DAY)])
        self._client = client
        self._next = 0.0

    def has(self, service: str) -> bool:
        """Whether there is a key for this service: each has its own."""
        return bool(self.run.secret(f"key_{service}"))

    def get(self, query: Query) -> Got:
        """The answer. Raises ``FailedError`` if none comes that can be read, ``HoldError`` if calling must stop for
        now, ``IntakeError`` if every call of the service would fail.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._once(query)
            except RefusalError:
                raise
            except FailedError:
                continue
        return self._once(query)

    def _once(self, query: Query) -> Got:
        self._keep_pace()
        asked_at = timezone.now()
        response = self._send(query)
        self._sort_out(response)
        if response.truncated:
            raise FailedError("the answer broke off, or is too long")
        try:
            answer = answers.read(response.body)
        except FormatError as error:
            raise FailedError(f"the answer cannot be read: {error}") from None
        if answer.kind == answers.REFUSED:
            words = self._clean(answer.reason) or "no reason given"
            if answer.key:
                raise IntakeError(f"customs refuses the key of service {query.service}: {words}")
            raise RefusalError(f"customs refuses the question: {words}")
        self.calls.let_go()
        return Got(answer, response.body, response.headers.get("content-type", ""), asked_at)

    def _sort_out(self, response: Response) -> None:
        status, now = response.status, timezone.now()
        if status == 429 or (status == 503 and "retry-after" in response.headers):
            pause = self.calls.hold(now, retry_after(response.headers, now))
            raise HoldError(f"customs asks us to wait {int(pause.total_seconds())} seconds ({status})")
        if status in (408, 425) or status >= 500:
            raise FailedError(f"the server failed: the answer has status {status}")
        if status != 200:
            raise IntakeError(f"the address or the proxy is wrong: the answer has status {status}")

    def _send(self, query: Query) -> Response:
        key = self.run.secret(f"key_{query.service}").strip()
        if not key:
            raise IntakeError(f"there is no key for service {query.service}")
        self.run.keep()
        if self.calls.wait(timezone.now()) is not None:
            raise HoldError("what may be called is used up for now")
        self.calls.count(timezone.now())
        base = str(self.run.setting("url")).rstrip("/")
        address = f"{base}/{SERVICES[query.service]}?{urlencode({'crkyCn': key, **query.parameters})}"
        try:
            return self._client.request("GET", address, headers={"accept": "application/xml"})
        except RefusedError as error:
            raise IntakeError(f"the address cannot be called: {self._clean(str(error))}") from None
        except NotSentError as error:
            raise FailedError(f"customs cannot be reached: {self._clean(str(error))}") from None
        except AmbiguousError as error:
            raise FailedError(f"customs did not answer: {self._clean(str(error))}") from None

    def _keep_pace(self) -> None:
        pause = self._next - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._next = time.monotonic() + self.run.setting("gap_milliseconds") / 1000

    def _clean(self, text: str) -> str:
        """The key is part of the address, which must never be shown."""
        return one_line(text, [self.run.secret(f"key_{service}") for service in SERVICES])
