"""How often one caller may ask: counted by key, by person, and by the socket's address for nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clis.accounts.models import ApiKey
from clis.accounts.throttling import ViewerRateThrottle
from tests.people import Person


class TwicePerHour(ViewerRateThrottle):
    """Two requests an hour."""

    THROTTLE_RATES = {"twice": "2/hour"}


class PingView(APIView):
    """Answers whoever asks."""

    permission_classes = (AllowAny,)
    throttle_classes = (TwicePerHour,)
    throttle_scope = "twice"

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("ping/", PingView.as_view())]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _counters_at_zero() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def _statuses(client: Client, times: int = 3, **headers: str) -> list[int]:
    return [client.get("/ping/", headers=headers).status_code for _time in range(times)]


def test_the_third_request_of_a_caller_must_wait(shipper_client: Client) -> None:
    assert _statuses(shipper_client) == [200, 200, 429]


def test_two_callers_behind_one_address_do_not_share_a_counter(
    shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]
) -> None:
    callers = [api_client(key_for(shipper.organization)), api_client(key_for(shipper.organization)), shipper.client()]
    for client in callers:
        assert _statuses(client) == [200, 200, 429]


def test_a_forwarded_address_buys_nothing() -> None:
    client = Client()
    statuses = [
        client.get("/ping/", headers={"x-forwarded-for": f"192.0.2.{number}"}).status_code for number in range(3)
    ]
    assert statuses == [200, 200, 429]
    assert Client(REMOTE_ADDR="198.51.100.7").get("/ping/").status_code == 200
