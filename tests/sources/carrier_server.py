"""A carrier's Track & Trace API on a real socket, as DCSA 2.2.0 describes it, with whatever it may do wrong.

The newest event first, pages cut by offset with cursors that are links or bare, filters by reference and by creation
time; keys in headers or tokens from its own token address. ``faults`` are asked before each answer, in order: one that
gives an answer has the word. Everything asked for is kept in ``asked``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlsplit

from django.utils import timezone

from tests.sources.answering import Handler, Served

Event = dict[str, Any]


class Asked(NamedTuple):
    """One request for events: when (seconds since 1970), its parameters and its headers by lower-case name."""

    at: float
    parameters: dict[str, str]
    headers: dict[str, str]


class Answer(NamedTuple):
    """What is sent. ``cut``: so many bytes of the body only, although its whole length was announced."""

    status: int = 200
    body: bytes = b"[]"
    headers: dict[str, str] = {"Content-Type": "application/json"}
    cut: int | None = None
    seconds: float = 0


Fault = Callable[[Asked], Answer | None]


class Carrier:
    """The API; close it at the end. ``events``: all that it knows, which is the truth."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.asked: list[Asked] = []
        self.tokens: list[tuple[dict[str, str], dict[str, str]]] = []
        self.faults: list[Fault] = []
        self.key: tuple[str, str] | None = None
        self.token_life: float | None = None
        self.good_tokens: dict[str, float] = {}
        self.token_answer: Answer | None = None
        self.page_header, self.page_as = "Next-Page-Cursor", "cursor"
        self.forgotten: set[str] = set()
        self._server = Served(self._handler())
        self.port = self._server.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2/events"

    @property
    def token_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/oauth/token"

    def close(self) -> None:
        self._server.close()

    def once(self, answer: Answer, *, page: int | None = None, times: int = 1) -> None:
        """So many answers like this one; ``page``: only in place of that page of a reading, counted from 0."""
        left = [times]

        def fault(asked: Asked) -> Answer | None:
            if left[0] and (page is None or offset_of(asked) == page * int(asked.parameters.get("limit", 100))):
                left[0] -= 1
                return answer
            return None

        self.faults.append(fault)

    def answer(self, asked: Asked) -> Answer:
        """The page asked for, unless a fault has the word or the key is wrong."""
        for fault in self.faults:
            if (given := fault(asked)) is not None:
                return given
        if self.key and asked.headers.get(self.key[0].lower()) != self.key[1]:
            return error(401, "Unauthorized")
        if self.token_life is not None:
            token = asked.headers.get("authorization", "").removeprefix("Bearer ")
            if self.good_tokens.get(token, 0) < timezone.now().timestamp():
                return error(401, "Unauthorized")
        if asked.parameters.get("cursor") in self.forgotten:
            return error(400, "Bad Request")
        return self.page(asked)

    def page(self, asked: Asked) -> Answer:
        """As the standard says: filtered, the newest first, so many from the cursor on."""
        found = [event for event in self.events if self._fits(event, asked.parameters)]
        found.sort(key=lambda event: str(event["eventCreatedDateTime"]), reverse=True)
        limit, offset = int(asked.parameters.get("limit", 100)), offset_of(asked)
        headers = {"Content-Type": "application/json", "API-Version": "2.2.0"}
        if offset + limit < len(found):
            headers[self.page_header] = self._next(asked, offset + limit)
        return Answer(body=json.dumps(found[offset : offset + limit]).encode(), headers=headers)

    def _next(self, asked: Asked, offset: int) -> str:
        cursor = cursor_to(offset)
        if self.page_as == "cursor":
            return cursor
        link = f"http://inner.carrier.example:8080/tnt/v2/events?cursor={cursor}"
        return link if self.page_as == "link" else f'<{link}>; rel="next"'

    def _fits(self, event: Event, parameters: dict[str, str]) -> bool:
        since = parameters.get("eventCreatedDateTime:gte") or parameters.get("eventUpdatedDateTimeMin")
        if since and datetime.fromisoformat(event["eventCreatedDateTime"]) < datetime.fromisoformat(since):
            return False
        documents = [item["documentReferenceValue"] for item in event.get("documentReferences", ())]
        for name in ("transportDocumentReference", "carrierBookingReference"):
            if name in parameters and parameters[name] not in documents:
                return False
        return parameters.get("equipmentReference") in (None, event.get("equipmentReference"))

    def _handler(carrier) -> type[Handler]:
        class Handling(Handler):
            def do_GET(self) -> None:
                parameters = dict(parse_qsl(urlsplit(self.path).query))
                asked = Asked(timezone.now().timestamp(), parameters, self._headers())
                carrier.asked.append(asked)
                self.send(carrier.answer(asked))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                form = json.loads(body) if body[:1] == "{" else {k: v[0] for k, v in parse_qs(body).items()}
                carrier.tokens.append((self._headers(), form))
                token = f"token-{len(carrier.tokens)}"
                carrier.good_tokens[token] = timezone.now().timestamp() + (carrier.token_life or 0)
                given = {"access_token": token, "token_type": "Bearer", "expires_in": carrier.token_life}
                self.send(carrier.token_answer or Answer(body=json.dumps(given).encode()))

            def _headers(self) -> dict[str, str]:
                return {name.lower(): value for name, value in self.headers.items()}

        return Handling


def cursor_to(offset: int) -> str:
    """The cursor of the page that begins there."""
    return base64.b64encode(f"offset={offset}".encode()).decode()


def offset_of(asked: Asked) -> int:
    """Where the page that is asked for begins."""
    cursor = asked.parameters.get("cursor")
    return int(base64.b64decode(cursor).decode().removeprefix("offset=")) if cursor else 0


def error(status: int, words: str, **headers: str) -> Answer:
    """The standard's error object."""
    body = {
        "httpMethod": "GET",
        "requestUri": "/v2/events",
        "statusCode": status,
        "statusCodeText": words,
        "errors": [],
    }
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
