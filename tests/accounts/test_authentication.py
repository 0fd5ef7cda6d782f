"""API keys: accepted, refused, and what is written of their use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import path
from pytest_django import DjangoAssertNumQueries
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clis.accounts.authentication import key_from_header
from clis.accounts.models import ApiKey
from clis.accounts.scoping import viewer_of
from tests.people import Person

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


class WhoView(APIView):
    """Says who is asking."""

    required_scopes = {"GET": "shipments:read", "POST": "shipments:write"}

    def get(self, request: Request) -> Response:
        viewer = viewer_of(request)
        return Response({"organization": viewer.organization_id, "key": viewer.key_id, "user": viewer.user_id})

    post = get


class UndeclaredView(APIView):
    """A view whose author forgot to say what it needs."""

    def get(self, request: Request) -> Response:
        raise AssertionError("a view without scopes was reached")


urlpatterns = [path("who/", WhoView.as_view()), path("undeclared/", UndeclaredView.as_view())]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def key(stranger: Person, key_for: Callable[..., ApiKey]) -> ApiKey:
    return key_for(stranger.organization, "shipments:read")


def _text(key: ApiKey) -> str:
    return key.text  # type: ignore[attr-defined]


def test_a_key_speaks_for_its_organization(key: ApiKey, api_client: Callable[[ApiKey], Client]) -> None:
    answer = api_client(key).get("/who/")
    assert answer.status_code == 200
    assert answer.json() == {"organization": key.organization_id, "key": key.pk, "user": None}


def test_a_key_wins_over_the_session_of_the_same_request(key: ApiKey, shipper_client: Client) -> None:
    answer = shipper_client.get("/who/", headers={"authorization": f"Bearer {_text(key)}"})
    assert answer.json() == {"organization": key.organization_id, "key": key.pk, "user": None}


def test_a_session_without_a_key_is_the_person(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    assert shipper_client.get("/who/").json() == {
        "organization": shipper.organization.pk,
        "key": None,
        "user": shipper.user.pk,
    }


@pytest.mark.django_db
def test_whoever_sends_nothing_is_asked_for_a_key() -> None:
    answer = Client().get("/who/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="CLIS"'


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text + "A",
        lambda text: text[:-1],
        lambda text: text.upper(),
        lambda text: text.replace("clis_", ""),
        lambda text: "clis_00000000_" + text[14:],
        lambda text: "clis_0000\x0000_" + text[14:],
        lambda text: text + " " + text,
        lambda text: "",
        lambda text: "sk_live_" + text,
        lambda text: "é" * 57,
    ],
)
def test_a_text_that_is_no_key_is_refused_and_leaves_no_trace(
    spoil: Callable[[str], str], key: ApiKey, shipper_client: Client
) -> None:
    answer = shipper_client.get("/who/", headers={"authorization": f"Bearer {spoil(_text(key))}"})
    assert answer.status_code == 401, "a wrong key must not fall back to the session"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="CLIS"'
    key.refresh_from_db()
    assert key.last_used_at is None


@pytest.mark.parametrize("field", ["revoked_at", "expires_at"])
def test_a_revoked_or_expired_key_is_refused_from_that_instant(
    field: str, key: ApiKey, api_client: Callable[[ApiKey], Client]
) -> None:
    ApiKey.objects.filter(pk=key.pk).update(**{field: NOON})
    with time_machine.travel(NOON, tick=False):
        assert api_client(key).get("/who/").status_code == 401
    key.refresh_from_db()
    assert key.last_used_at is None
    if field == "expires_at":
        with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
            assert api_client(key).get("/who/").status_code == 200


def test_the_use_is_noted_once_a_minute(key: ApiKey, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    header = f"Bearer {_text(key)}"
    with time_machine.travel(NOON, tick=False), django_assert_num_queries(2):
        assert key_from_header(header) == key
    with time_machine.travel(NOON + timedelta(seconds=59), tick=False), django_assert_num_queries(1):
        assert key_from_header(header) == key
    key.refresh_from_db()
    assert key.last_used_at == NOON
    with time_machine.travel(NOON + timedelta(seconds=60), tick=False), django_assert_num_queries(2):
        assert key_from_header(header) == key
    key.refresh_from_db()
    assert key.last_used_at == NOON + timedelta(seconds=60)


def test_a_request_that_read_the_row_before_another_noted_it_writes_nothing(key: ApiKey) -> None:
    from clis.accounts.authentication import _note_use

    stale = ApiKey.objects.get(pk=key.pk)
    with time_machine.travel(NOON, tick=False):
        _note_use(key)
    with time_machine.travel(NOON + timedelta(seconds=30), tick=False):
        _note_use(stale)
    key.refresh_from_db()
    assert key.last_used_at == NOON


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "Bearer", "Basic Zm9vOmJhcg==", "clis_00000000_x"])
def test_a_header_that_holds_no_key_costs_no_query(
    header: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert key_from_header(header) is None


def test_the_database_holds_no_usable_key(key: ApiKey) -> None:
    text = _text(key)
    secret = text.split("_", 2)[2]
    for row in ApiKey.objects.values():
        assert not any(secret in str(value) for value in row.values())


def test_a_key_without_the_scope_is_refused(key: ApiKey, api_client: Callable[[ApiKey], Client]) -> None:
    answer = api_client(key).post("/who/")
    assert answer.status_code == 403
    assert answer.headers.get("WWW-Authenticate") is None


def test_a_viewer_reads_and_does_not_write(shipper: Person, shipper_client: Client) -> None:
    shipper.user.memberships.update(role="viewer")
    assert shipper_client.get("/who/").status_code == 200
    assert shipper_client.post("/who/").status_code == 403


def test_a_view_that_declares_nothing_refuses_everybody(
    key: ApiKey, shipper_client: Client, staff_client: Client, api_client: Callable[[ApiKey], Client]
) -> None:
    assert Client().get("/undeclared/").status_code == 401
    for client in (shipper_client, staff_client, api_client(key)):
        assert client.get("/undeclared/").status_code == 403


def test_a_method_that_does_not_exist_is_405(key: ApiKey, api_client: Callable[[ApiKey], Client]) -> None:
    assert api_client(key).delete("/who/").status_code == 405
    assert api_client(key).options("/who/").status_code == 200
    assert api_client(key).head("/who/").status_code == 200


def test_a_session_that_writes_needs_the_form_token(shipper: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(shipper.user)
    assert client.post("/who/").status_code == 403
