"""JSON out and in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ErrorDetail

from cargo.api.rendering import BODY_MAX_BYTES, JSONParser, JSONRenderer, encode


def test_plain_data() -> None:
    data = {"at": datetime(2026, 3, 14, tzinfo=UTC), "words": "통관", "none": None, "n": 2**60}
    assert JSONRenderer().render(data) == (
        b'{"at":"2026-03-14T00:00:00Z","words":"\xed\x86\xb5\xea\xb4\x80","none":null,"n":1152921504606846976}'
    )


def test_no_data_is_no_body_and_bytes_are_json_already() -> None:
    assert JSONRenderer().render(None) == b""
    assert JSONRenderer().render(b'{"a":1}') == b'{"a":1}'


def test_texts_of_the_framework() -> None:
    values = [gettext_lazy("English"), ErrorDetail("wrong", code="invalid"), mark_safe("<b>")]
    assert json.loads(encode(values)) == ["English", "wrong", "<b>"]


def test_reading() -> None:
    assert JSONParser().parse(BytesIO(b'{"reference": "KOSHA2603001"}')) == {"reference": "KOSHA2603001"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"a": 1} x', 400),
        (b"[" * 100_000 + b"]" * 100_000, 400),
        (b'{"a":' * 50_000, 400),
        (b"1" * 5000, 400),
        (b"NaN", 400),
        (b"1e999", 400),
        (b'"\\ud800"', 400),
        (b'"\xff"', 400),
        (b'"\\u0000"', 400),
        (b'{"a": {"b\\u0000": 1}}', 400),
        ("[1]".encode("utf-16"), 400),
        (b" " * (BODY_MAX_BYTES + 1), 413),
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(APIException) as caught:
        JSONParser().parse(BytesIO(body))
    assert caught.value.status_code == status
