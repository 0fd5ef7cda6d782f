"""The OpenAPI description: parameters from the filter sets, the push view, the problems of every operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from cargo.api.filters import (
    HoldFilter,
    InstantFilter,
    OneWordFilter,
    PortFilter,
    QueryFilterSet,
    WholeNumberFilter,
    WordsFilter,
)
from cargo.api.problems import MEDIA_TYPE

PREFIX = "/api/v1/"

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details. `code` is stable; texts follow Accept-Language (en, ko).",
    "required": ["type", "title", "status", "code", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message", "code"],
                "properties": {
                    "field": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
    "example": {
        "type": "about:blank",
        "title": "The request is not valid",
        "status": 400,
        "code": "invalid",
        "detail": "Some values are not valid; see the errors.",
        "errors": [{"field": "status", "message": "parked is not one of the words for this.", "code": "invalid"}],
    },
}
_RECEIVED = {
    "type": "object",
    "required": ["id", "state", "duplicate"],
    "properties": {
        "id": {"type": "integer"},
        "state": {"type": "string", "enum": ["received", "processed", "ignored", "quarantined"]},
        "duplicate": {"type": "boolean", "description": "The same bytes came from this source before."},
    },
    "additionalProperties": False,
    "example": {"id": 4711, "state": "received", "duplicate": False},
}
_PROBLEMS = {
    "400": "A value, a parameter or the body is not valid; `errors` names each.",
    "401": "No key and no session, or a key that is unknown, expired or revoked.",
    "403": "The key lacks the scope, or the person may only read.",
    "404": "It does not exist, or it is not yours: the answers are the same.",
    "405": "This address does not take the method.",
    "406": "Only JSON is given here.",
    "411": "The length of the body cannot be known.",
    "413": "The body is too large.",
    "415": "The body is not JSON, or is compressed.",
    "429": "Too many requests: wait for as long as `Retry-After` says.",
    "503": "The database does not answer; nothing was stored. `Retry-After` says when to try again.",
}
_HEADERS = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After", "503": "Retry-After"}
_ALWAYS = ("401", "403", "405", "503")
_PUSH_DESCRIPTION = """\
The body is kept exactly as it comes, whatever its media type, and read afterwards. The key decides the source.
The answer is given once the bytes are committed; sending the same bytes again is harmless and says `duplicate: true`.
Send it again until an answer with a status below 500 comes, and after `Retry-After` when it is 429."""
_SIGNED_DESCRIPTION = """\
As pushing with a key, for senders that sign instead. Either by Standard Webhooks 1.0.0 (`webhook-id`,
`webhook-timestamp`, `webhook-signature: v1,<base64>` over `id.timestamp.body`) or by one header,
`X-CLIS-Signature: t=<Unix seconds>,v1=<hexadecimal>` over `t.body`; HMAC-SHA-256 in both. The key is what follows
`whsec_` in the secret, decoded from base64. The time stamp is within five minutes of now, the body is signed as it is
sent. A source that does not exist and a signature that does not fit give the same 401. DCSA publishers call
`/callbacks/dcsa/{slug}` instead, with the standard's `Notification-Signature`."""
_SIGNATURES = (
    ("webhook-id", "The message's own id, the same whenever it is sent again."),
    ("webhook-timestamp", "When it was signed, Unix seconds."),
    ("webhook-signature", "One or several of `v1,<base64>`, separated by spaces."),
    ("X-CLIS-Signature", "In place of the three: `t=<Unix seconds>,v1=<hexadecimal>`."),
)


def query(filters: type[QueryFilterSet]) -> list[OpenApiParameter]:
    """The parameters of a filter set."""
    return [
        OpenApiParameter(
            name,
            type=_type(declared),
            location=OpenApiParameter.QUERY,
            description=declared.extra.get("help_text", ""),
            style="form" if isinstance(declared, WordsFilter) else None,
            explode=False if isinstance(declared, WordsFilter) else None,
        )
        for name, declared in filters.base_filters.items()
    ]


def row(name: str, description: str) -> OpenApiParameter:
    """The number of a row in the path."""
    schema = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    return OpenApiParameter(name, type=schema, location=OpenApiParameter.PATH, description=description)


def example(name: str, value: Any, *, request: bool = False, status: str = "200") -> OpenApiExample:
    """An example of a body, sent or received."""
    return OpenApiExample(name, value=value, request_only=request, response_only=not request, status_codes=[status])


def _type(declared: Any) -> Any:
    if isinstance(declared, WordsFilter):
        return {"type": "array", "items": {"type": "string", "enum": list(declared.extra["choices"])}}
    if isinstance(declared, OneWordFilter):
        return {"type": "string", "enum": [word for word, _label in declared.extra["choices"]]}
    if isinstance(declared, WholeNumberFilter):
        return {"type": "integer", "minimum": declared.extra["min_value"], "maximum": declared.extra["max_value"]}
    if isinstance(declared, InstantFilter):
        return OpenApiTypes.DATETIME
    if isinstance(declared, PortFilter):
        return {"type": "string", "pattern": "^[A-Z]{2}[A-Z2-9]{3}$", "example": "KRPUS"}
    if isinstance(declared, HoldFilter):
        return {"type": "string", "example": "true"}
    return {"type": "string", "maxLength": declared.extra["max_length"]}


def describe(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's last hook: adds the push view and what every operation may answer besides."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update({"Problem": PROBLEM, "ReceivedMessage": _RECEIVED})
    components["responses"] = {f"Problem{status}": _problem_response(status) for status in _PROBLEMS}
    result["paths"][f"{PREFIX}messages/"] = {"post": _push()}
    result["paths"][f"{PREFIX}sources/{{slug}}/messages/"] = {"post": _push_signed()}
    result["paths"] = dict(sorted(result["paths"].items()))
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in _statuses(path, method, operation):
                operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return result


def _problem_response(status: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    response: dict[str, Any] = {"description": _PROBLEMS[status], "content": content}
    if header := _HEADERS.get(status):
        response["headers"] = {header: {"schema": {"type": "string"}}}
    return response


def _statuses(path: str, method: str, operation: dict[str, Any]) -> set[str]:
    statuses = {*_ALWAYS, "400"}
    pushed = path.endswith("/messages/")
    if "{" in path and not pushed:
        statuses.add("404")
    if not pushed:
        statuses.add("406")
    if "requestBody" in operation:
        statuses |= {"413", "415", "429"}
    return statuses


def _push() -> dict[str, Any]:
    return {
        "operationId": "messages_push",
        "summary": "Push a message",
        "description": _PUSH_DESCRIPTION,
        "tags": ["messages"],
        "security": [{"apiKey": []}],
        "requestBody": {
            "required": True,
            "description": "20 MB at most, not compressed.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary", "minLength": 1}}},
        },
        "responses": {
            "202": {
                "description": "Committed.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ReceivedMessage"}}},
            },
            "411": {"$ref": "#/components/responses/Problem411"},
        },
    }


def _push_signed() -> dict[str, Any]:
    signatures = [
        {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
        for name, description in _SIGNATURES
    ]
    slug = {"name": "slug", "in": "path", "required": True, "description": "The source's short name.",
            "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}}  # fmt: skip
    return _push() | {
        "operationId": "messages_push_signed",
        "summary": "Push a signed message",
        "description": _SIGNED_DESCRIPTION,
        "parameters": [slug, *signatures],
        "security": [{}],
    }
