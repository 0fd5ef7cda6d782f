"""Problem details: one shape for every error, and nothing in it that should not be told."""

from __future__ import annotations

import json
import logging

import pytest
from django.db import OperationalError
from django.http import Http404
from django.test import RequestFactory
from django.utils import translation
from rest_framework import exceptions

from cargo.api.problems import MEDIA_TYPE, flatten, problem_handler, problem_response, server_fault


def test_a_validation_error_names_every_place() -> None:
    detail = exceptions.ValidationError({"items": [{}, {"reference": ["This field is required."]}]}).detail
    assert list(flatten(detail)) == [
        {"field": "items.1.reference", "message": "This field is required.", "code": "invalid"}
    ]


@pytest.mark.parametrize(
    ("detail", "fields"),
    [
        (["wrong"], [None]),
        ({"status": ["a", "b"]}, ["status", "status"]),
        ({"non_field_errors": ["whole"]}, [None]),
        ({"items": {"non_field_errors": ["whole"]}}, ["items"]),
        ([{}, {"reference": ["wrong"]}], ["1.reference"]),
        ({"items": ["too many"]}, ["items"]),
    ],
)
def test_fields_are_paths(detail: object, fields: list[str | None]) -> None:
    assert [error["field"] for error in flatten(exceptions.ValidationError(detail).detail)] == fields


def test_not_found_and_not_yours_are_the_same_bytes() -> None:
    answers = [problem_handler(exc, {}) for exc in (Http404("Shipment 12"), exceptions.NotFound("not yours"))]
    assert answers[0].data == answers[1].data
    assert answers[0].status_code == 404
    assert "12" not in json.dumps(answers[0].data)


@pytest.mark.parametrize(
    ("exc", "status", "code"),
    [
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.ParseError("no"), 400, "invalid"),
        (exceptions.PermissionDenied(), 403, "not_allowed"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
    ],
)
def test_statuses_and_codes(exc: exceptions.APIException, status: int, code: str) -> None:
    answer = problem_handler(exc, {})
    assert (answer.status_code, answer.data["code"], answer.data["status"]) == (status, code, status)
    assert answer.content_type == MEDIA_TYPE
    assert answer["Cache-Control"] == "no-store"


def test_throttled_says_how_long_to_wait() -> None:
    answer = problem_handler(exceptions.Throttled(wait=2.4), {})
    assert (answer.status_code, answer["Retry-After"]) == (429, "3")


def test_without_a_database_it_is_503_and_worth_trying_again(caplog: pytest.LogCaptureFixture) -> None:
    request = RequestFactory().get("/api/v1/shipments/")
    with caplog.at_level(logging.ERROR, "clis.api"):
        answer = problem_handler(OperationalError("server closed the connection"), {"request": request})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "server closed" not in json.dumps(answer.data)
    assert "/api/v1/shipments/" in caplog.text


def test_an_unforeseen_error_is_logged_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    request = RequestFactory().get("/api/v1/shipments/")
    with caplog.at_level(logging.ERROR, "clis.api"):
        answer = server_fault(KeyError("secret column"), request)
    assert (answer.status_code, answer["Content-Type"]) == (500, MEDIA_TYPE)
    assert b"secret" not in answer.content
    assert "secret column" in caplog.text


def test_texts_follow_the_language_and_codes_do_not() -> None:
    with translation.override("ko"):
        body = json.loads(problem_response(404).content)
    assert (body["type"], body["status"], body["code"], body["errors"]) == ("about:blank", 404, "not_found", [])
