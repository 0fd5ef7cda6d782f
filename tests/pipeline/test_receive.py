"""bytes -> inbox: kept before anything is read, each once a source."""

from __future__ import annotations

from hashlib import sha256
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cargo import formats
from cargo.models import InboundBody, InboundMessage, Source
from cargo.pipeline.receive import receive, receive_many

BODY = b'{"eventType": "TRANSPORT"}'


def test_a_message_is_kept_as_it_came(carrier: Source) -> None:
    received = receive(carrier.pk, BODY, media_type="application/json", name="one.json")
    assert (received.state, received.duplicate) == ("received", False)
    message = InboundMessage.objects.get(pk=received.id)
    assert bytes(message.body.content) == BODY
    assert (message.source_id, message.size, message.digest) == (carrier.pk, len(BODY), sha256(BODY).hexdigest())
    assert (message.media_type, message.name, message.state, message.attempts) == (
        "application/json",
        "one.json",
        "received",
        0,
    )


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"not a message", "적하목록".encode("cp949"), b"x" * 1_000_000])
def test_nothing_is_read_before_it_is_kept(carrier: Source, body: bytes) -> None:
    with mock.patch.object(formats, "decode", side_effect=AssertionError("read too early")):
        received = receive(carrier.pk, body)
    assert bytes(InboundBody.objects.get(pk=received.id).content) == body


def test_the_same_bytes_again_are_the_same_message(carrier: Source) -> None:
    first = receive(carrier.pk, BODY)
    InboundMessage.objects.update(state="processed")
    again = receive(carrier.pk, BODY, name="another name")
    assert (again.id, again.state, again.duplicate) == (first.id, "processed", True)
    assert InboundMessage.objects.count() == InboundBody.objects.count() == 1


def test_another_source_may_send_the_same_bytes(carrier: Source, customs: Source) -> None:
    assert receive(carrier.pk, BODY).id != receive(customs.pk, BODY).id
    assert InboundMessage.objects.count() == 2


def test_many_at_once_are_answered_in_their_order(carrier: Source) -> None:
    known = receive(carrier.pk, b"1")
    answers = receive_many(carrier.pk, [("a", b"2"), ("b", b"1"), ("c", b"2"), ("d", b"3")])
    assert [answer.duplicate for answer in answers] == [False, True, True, False]
    assert answers[1].id == known.id and answers[2].id == answers[0].id
    bodies = {row.pk: bytes(row.content) for row in InboundBody.objects.all()}
    assert [bodies[answer.id] for answer in answers] == [b"2", b"1", b"2", b"3"]


def test_no_message_is_an_empty_answer(carrier: Source) -> None:
    assert receive_many(carrier.pk, []) == []


def test_more_repeats_than_a_statement_has_parameters(carrier: Source) -> None:
    items = [("", str(number).encode()) for number in range(1200)]
    first = receive_many(carrier.pk, items)
    again = receive_many(carrier.pk, items)
    assert [answer.id for answer in again] == [answer.id for answer in first]
    assert all(answer.duplicate for answer in again)
    assert InboundMessage.objects.count() == 1200


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a\x00b.xml", "ab.xml"),
        ("x" * 300, "x" * 255),
        ("\udcff.xml", "?.xml"),
        ("../../etc/passwd", "../../etc/passwd"),
    ],
)
def test_a_name_is_only_a_label(carrier: Source, name: str, kept: str) -> None:
    received = receive(carrier.pk, BODY, name=name, media_type="a\x00b" + "c" * 200)
    message = InboundMessage.objects.get(pk=received.id)
    assert message.name == kept
    assert message.media_type == "ab" + "c" * 98


def test_the_statements_do_not_grow_with_the_messages(carrier: Source) -> None:
    counts = []
    for step, size in enumerate((1, 50, 500)):
        fresh = [("", f"{step} {number}".encode()) for number in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as first:
            receive_many(carrier.pk, fresh)
        with CaptureQueriesContext(connection) as again:
            receive_many(carrier.pk, fresh)
        counts.append((len(first), len(again)))
    # Savepoint, inbox, bodies, release; and for repeats the look-up in place of the bodies.
    assert counts == [(4, 4), (4, 4), (4, 4)]
