"""A person's language and time zone hold for their request and end with it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from clis.accounts.context import person
from clis.accounts.middleware import zone_of
from clis.accounts.models import Membership, User
from tests.factories import MembershipFactory, OrganizationFactory
from tests.people import Person


def settings_in_force(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {
            "language": translation.get_language(),
            "zone": timezone.get_current_timezone_name(),
            "organization": request.viewer.organization_id,  # type: ignore[attr-defined]
        }
    )


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("in-force/", settings_in_force), path("nothing/", nothing)]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


def test_a_person_gets_the_language_and_zone_they_chose(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    User.objects.filter(pk=shipper.user.pk).update(language="ko", time_zone="Europe/Amsterdam")
    answer = shipper_client.get("/in-force/", headers={"accept-language": "en"})
    assert answer.json() == {"language": "ko", "zone": "Europe/Amsterdam", "organization": shipper.organization.pk}
    assert answer.headers["Content-Language"] == "ko"


def test_the_zone_ends_with_the_request(shipper_client: Client) -> None:
    assert shipper_client.get("/in-force/").json()["zone"] == "Asia/Seoul"
    assert timezone.get_current_timezone_name() == "UTC"
    assert Client().get("/in-force/").json()["zone"] == "UTC"


@pytest.mark.parametrize(
    ("headers", "cookie", "language"),
    [({}, "", "en"), ({"accept-language": "ko-KR,ko;q=0.9"}, "", "ko"), ({"accept-language": "ko"}, "en", "en")],
)
def test_everybody_else_is_asked_by_browser_and_cookie(headers: dict[str, str], cookie: str, language: str) -> None:
    client = Client(headers=headers)
    if cookie:
        client.cookies["django_language"] = cookie
    assert client.get("/in-force/").json() == {"language": language, "zone": "UTC", "organization": None}


def test_an_anonymous_request_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        Client().get("/in-force/")


def test_a_viewer_that_nobody_reads_costs_no_query(
    shipper_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # the session, the person
        shipper_client.get("/nothing/")
    with django_assert_num_queries(3):  # and the memberships
        shipper_client.get("/in-force/")


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Asia/Seoul\x00", "x" * 300])
def test_a_zone_that_is_none_does_not_lock_the_person_out(name: str, shipper: Person, shipper_client: Client) -> None:
    assert zone_of(name) is None
    User.objects.filter(pk=shipper.user.pk).update(time_zone=name[:64].replace("\x00", ""))
    assert shipper_client.get("/in-force/").status_code == 200


def test_every_page_knows_the_person_for_one_query(
    shipper: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    MembershipFactory.create(
        user=shipper.user, organization=OrganizationFactory.create(name="Zeta"), role=Membership.Role.VIEWER
    )
    request = RequestFactory().get("/")
    request.user = shipper.user
    request.session = {}  # type: ignore[assignment]
    with django_assert_num_queries(0):
        context = person(request)
    with django_assert_num_queries(1):
        assert [membership.organization.name for membership in context["memberships"]] == ["Alice Imports", "Zeta"]
        assert context["organization"].name == "Alice Imports"
        assert context["viewer"].role == "admin"
    assert [code for code, _name in context["languages"]] == ["en", "ko"]


def test_the_anonymous_page_knows_nobody(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        context = person(request)
        assert list(context["memberships"]) == []
        assert not context["organization"]
        assert context["viewer"].organization_id is None
