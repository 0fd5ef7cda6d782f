"""Acknowledgments by the API: who may fetch them, what they get, and when they are listed no longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from cargo.models import Acknowledgment, Source, SourceKey
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything
from clis.accounts.models import ApiKey, Organization
from tests.api.conftest import problem

LIST = "/api/v1/sources/hmm/acknowledgments/"
X12 = (Path(__file__).parent.parent / "samples" / "x12" / "315_voyage_busan_los_angeles.edi").read_bytes()


@pytest.fixture
def partner(push_key: ApiKey, api_client: Callable[[ApiKey], Client]) -> Client:
    """The carrier's program, with the key it pushes with."""
    return api_client(push_key)


@pytest.fixture
def made(source: Source) -> Acknowledgment:
    """An interchange was received, read and answered."""
    Source.objects.update(acknowledges="997")
    receive(source.pk, X12)
    process_everything()
    return Acknowledgment.objects.get()


def address(made: Acknowledgment, rest: str = "") -> str:
    return f"{LIST}{made.pk}/{rest}"


def test_an_acknowledgment_is_listed_fetched_and_noted_as_taken(partner: Client, made: Acknowledgment) -> None:
    body = partner.get(f"{LIST}?state=waiting").json()
    (row,) = body["results"]
    assert (body["next"], body["cursor"]) == (None, None)
    assert row == {
        "id": made.pk,
        "message": made.message_id,
        "kind": "997",
        "made_at": made.created_at.isoformat(),
        "taken_at": None,
    }
    answer = partner.get(address(made))
    assert (answer.content, answer["Content-Type"]) == (bytes(made.content), "application/EDI-X12")
    assert answer["Content-Disposition"] == f'attachment; filename="997-{made.message_id}.edi"'
    assert partner.get(f"{LIST}?state=waiting").json()["results"] == [row]
    assert partner.post(address(made, "taken/")).status_code == 204
    assert partner.get(f"{LIST}?state=waiting").json()["results"] == []
    made.refresh_from_db()
    assert made.taken_at is not None
    (row,) = partner.get(f"{LIST}?state=taken").json()["results"]
    assert row["taken_at"] == made.taken_at.isoformat()


def test_taking_it_again_changes_nothing(partner: Client, made: Acknowledgment) -> None:
    partner.post(address(made, "taken/"))
    made.refresh_from_db()
    before = made.taken_at
    assert partner.post(address(made, "taken/")).status_code == 204
    made.refresh_from_db()
    assert made.taken_at == before


def test_pages(partner: Client, source: Source) -> None:
    for number in range(5):
        message = receive(source.pk, b"%d" % number)
        content = b"" if number == 2 else b"ISA"
        Acknowledgment.objects.create(message_id=message.id, source=source, kind="contrl", content=content)
    numbers, following = [], f"{LIST}?limit=2"
    while following:
        body = partner.get(following).json()
        numbers += [row["id"] for row in body["results"]]
        following = body["next"]
    rows = Acknowledgment.objects.exclude(content=b"").order_by("pk")
    assert numbers == list(rows.values_list("pk", flat=True)) and len(numbers) == 4
    assert partner.get(f"{LIST}{numbers[0]}/")["Content-Type"] == "application/EDIFACT"


def test_staff_may_look(staff_client: Client, made: Acknowledgment) -> None:
    assert [row["id"] for row in staff_client.get(LIST).json()["results"]] == [made.pk]
    assert staff_client.get(address(made)).content == bytes(made.content)


def test_another_sources_key_sees_nothing(
    operator: Organization,
    made: Acknowledgment,
    key_for: Callable[..., ApiKey],
    api_client: Callable[[ApiKey], Client],
    shipper_client: Client,
) -> None:
    other = key_for(operator, "messages:write")
    SourceKey.objects.create(key=other, source=Source.objects.create(slug="one", name="ONE"))
    bare = key_for(operator, "shipments:read")
    for client, answer in (
        (api_client(other), (404, "not_found")),
        (api_client(key_for(operator, "messages:write")), (404, "not_found")),
        (api_client(bare), (403, "not_allowed")),
        (shipper_client, (404, "not_found")),
        (Client(), (401, "not_authenticated")),
    ):
        assert problem(client.get(LIST)) == answer
        assert problem(client.get(address(made))) == answer
    assert problem(api_client(other).post(address(made, "taken/"))) == (404, "not_found")
    own = api_client(other).get(LIST.replace("hmm", "one"))
    assert own.json()["results"] == []
    assert problem(api_client(other).get(address(made).replace("hmm", "one"))) == (404, "not_found")
    made.refresh_from_db()
    assert made.taken_at is None


def test_a_source_that_was_switched_off(partner: Client, made: Acknowledgment, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(active=False)
    assert problem(partner.get(LIST)) == (404, "not_found")


@pytest.mark.parametrize("query", ["?state=lost", "?limit=0", "?since=1", "?cursor=x"])
def test_parameters_that_are_none(partner: Client, made: Acknowledgment, query: str) -> None:
    assert problem(partner.get(LIST + query)) == (400, "invalid")


def test_what_has_nothing_to_answer_is_not_there(partner: Client, source: Source) -> None:
    message = receive(source.pk, b"1")
    row = Acknowledgment.objects.create(
        message_id=message.id, source=source, kind="997", content=b"", taken_at=timezone.now()
    )
    assert partner.get(LIST).json()["results"] == []
    assert problem(partner.get(address(row))) == (404, "not_found")
