"""What every provider's answers have in common: how a request goes out, and what a status means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from clis.egress import AmbiguousError, Client, NotSentError, RefusedError, Response
from notifications.transports.base import (
    PermanentError,
    TemporaryError,
    UnknownOutcomeError,
    UnreachableError,
)
from notifications.transports.retry_after import retry_after

_LATER = (408, 425, 429, 503)
_SETTINGS = (401, 402, 403, 404, 405)


def post(client: Client, url: str, headers: Mapping[str, str], content: bytes) -> Response:
    """Any answer. Raises ``UnreachableError`` if nothing was asked, ``UnknownOutcomeError`` if nothing came back."""
    try:
        return client.request("POST", url, headers=headers, content=content)
    except (NotSentError, RefusedError) as error:
        raise UnreachableError(str(error)) from error
    except AmbiguousError as error:
        raise UnknownOutcomeError(str(error)) from error


def said(answer: Response) -> dict[str, Any]:
    """The JSON object of an answer; empty if it is none."""
    found = answer.json()
    return found if isinstance(found, dict) else {}


def refuse(answer: Response, detail: str) -> NoReturn:
    """What any answer but an acceptance means, by its status."""
    if answer.status in _SETTINGS or answer.status < 400:
        raise UnreachableError(detail)
    if answer.status in _LATER:
        raise TemporaryError(detail, retry_after(answer))
    if answer.status >= 500:
        raise UnknownOutcomeError(detail)
    raise PermanentError(detail)


def excerpt(answer: Response) -> str:
    """Status and the beginning of the body, for the log."""
    text = answer.body[:200].decode(errors="replace")
    return f"HTTP {answer.status} {' '.join(text.split())}".strip()
