"""One call to a carrier's API: counted, signed, and its answer sorted into pages, waits and failures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.utils import timezone

from cargo.sources._asking import DAY, HOUR, MINUTE, Calls, FailedError, HoldError, Rate, one_line, retry_after
from cargo.sources.base import IntakeError, Run
from cargo.sources.dcsa_api.auth import CREDENTIALS, Identity
from cargo.sources.dcsa_api.profiles import Profile
from clis.egress import AmbiguousError, Client, NotSentError, RefusedError, Response

_OWN_RATES = (("per_minute", MINUTE), ("per_hour", HOUR), ("per_day", DAY))


class Api:
    """A carrier's API as one run of an intake calls it."""

    def __init__(self, run: Run, profile: Profile, client: Client) -> None:
        own = {seconds: run.setting(name) for name, seconds in _OWN_RATES if run.setting(name)}
        rates = {seconds: calls for calls, seconds in profile.rates} | own
        self.run = run
        self.profile = profile
        self.calls = Calls(run, (Rate(calls, seconds) for seconds, calls in rates.items()), run.setting("billed_most"))
        self._client = client
        self._identity = Identity(run, profile.auth, self._send, self._clock)
        self._url = run.setting("url") or profile.url

    def get(self, parameters: Mapping[str, str]) -> Response:
        """The answer to a query, whatever its status, if it is one about the query.

        Raises ``FailedError`` if there is none (yet), ``HoldError`` if calling must stop for now, ``IntakeError`` if
        every call would fail: the address is wrong, or we are not let in.
        """
        answer = self._asked(parameters)
        if answer.status in (401, 403) and self._identity.forget():
            answer = self._asked(parameters)
        if answer.status in (401, 403):
            raise IntakeError(f"the carrier does not let us in: the answer has status {answer.status}")
        if 300 <= answer.status < 400:
            raise IntakeError(f"the carrier answers with a redirect ({answer.status}): the address has changed")
        if answer.status == 429 or (answer.status == 503 and "retry-after" in answer.headers):
            pause = self.calls.hold(self._clock(), retry_after(answer.headers, self._clock()))
            raise HoldError(f"the carrier asks us to wait {int(pause.total_seconds())} seconds ({answer.status})")
        self.calls.let_go()
        if answer.status >= 500 or answer.status == 408:
            raise FailedError(f"the carrier's server failed: the answer has status {answer.status}")
        return answer

    def shown(self, body: bytes) -> str:
        """The beginning of an answer as one line, without our credentials."""
        return one_line(body[:2000].decode("utf-8", "replace"), [self.run.secret(name) for name in CREDENTIALS])

    def _asked(self, parameters: Mapping[str, str]) -> Response:
        headers = {"accept": "application/json", **self._identity.headers()}
        if self.profile.version:
            headers["api-version"] = self.profile.version
        # The operators of 2.2 are part of a parameter's name, with their colon.
        answer = self._send("GET", f"{self._url}?{urlencode(parameters, safe=':')}", headers, b"")
        if answer.status in self.profile.billed:
            self.calls.bill(self._clock())
        return answer

    def _send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Response:
        self.run.keep()
        if self.calls.wait(self._clock()) is not None:
            raise HoldError("what may be called is used up for now")
        self.calls.count(self._clock())
        try:
            return self._client.request(method, url, headers=headers, content=body)
        except RefusedError as error:
            raise IntakeError(f"the address cannot be called: {error}") from None
        except NotSentError as error:
            raise FailedError(f"the carrier cannot be reached: {error}") from None
        except AmbiguousError as error:
            raise FailedError(f"the carrier did not answer: {error}") from None

    def _clock(self) -> datetime:
        return timezone.now()
