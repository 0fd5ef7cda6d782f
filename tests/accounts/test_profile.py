"""A person's own pages: profile, language, the organization acted for."""

from __future__ import annotations

import pytest
from django.test import Client

from clis.accounts.models import Membership, User
from clis.accounts.scoping import ORGANIZATION_IN_SESSION
from tests.factories import MembershipFactory, OrganizationFactory
from tests.people import Person

PROFILE = {"first_name": "Alicia", "last_name": "Kim", "language": "ko", "time_zone": "America/New_York"}


def test_a_person_changes_their_profile(shipper: Person, shipper_client: Client) -> None:
    answer = shipper_client.post("/account/profile/", PROFILE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/profile/")
    shipper.user.refresh_from_db()
    assert {name: getattr(shipper.user, name) for name in PROFILE} == PROFILE


def test_the_page_shows_address_organizations_and_links(shipper: Person, shipper_client: Client) -> None:
    second = OrganizationFactory.create(name="Zeta")
    MembershipFactory.create(user=shipper.user, organization=second, role=Membership.Role.VIEWER)
    page = shipper_client.get("/account/profile/")
    assert page.status_code == 200
    for words in ("alice@example.com", "Alice Imports", "Zeta", "/account/password/change/", "/account/2fa/"):
        assert words in page.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": ""},
        {"language": "fr"},
        {"language": ""},
        {"first_name": "x" * 151},
    ],
)
def test_a_wrong_value_is_said_and_nothing_is_kept(
    wrong: dict[str, str], shipper: Person, shipper_client: Client
) -> None:
    page = shipper_client.post("/account/profile/", {**PROFILE, **wrong})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == list(wrong)
    shipper.user.refresh_from_db()
    assert shipper.user.last_name == ""


def test_nobody_makes_themselves_staff_or_changes_the_address(shipper: Person, shipper_client: Client) -> None:
    shipper_client.post(
        "/account/profile/", {**PROFILE, "is_staff": "1", "is_superuser": "1", "email": "bob@example.com"}
    )
    shipper.user.refresh_from_db()
    assert (shipper.user.is_staff, shipper.user.is_superuser) == (False, False)
    assert shipper.user.email == "alice@example.com"
    assert shipper_client.post("/account/email/", {"email": "bob@example.com"}).headers["Location"] == (
        "/account/profile/"
    )


def test_acting_for_another_of_ones_organizations(shipper: Person, shipper_client: Client) -> None:
    second = OrganizationFactory.create(name="Zeta")
    MembershipFactory.create(user=shipper.user, organization=second)
    answer = shipper_client.post("/account/organization/", {"organization": second.pk, "next": "/account/profile/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/profile/")
    assert shipper_client.session[ORGANIZATION_IN_SESSION] == second.pk
    assert shipper_client.get("/account/profile/").context["organization"] == second


@pytest.mark.parametrize("wanted", ["", "0", "-1", "x", "1e9", "²", "9" * 400])
def test_an_organization_that_is_none_is_404(wanted: str, shipper_client: Client) -> None:
    assert shipper_client.post("/account/organization/", {"organization": wanted}).status_code == 404
    assert ORGANIZATION_IN_SESSION not in shipper_client.session


def test_a_strangers_organization_is_404(stranger_client: Client, shipper: Person) -> None:
    assert shipper.organization
    answer = stranger_client.post("/account/organization/", {"organization": shipper.organization.pk})
    assert answer.status_code == 404
    assert ORGANIZATION_IN_SESSION not in stranger_client.session


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "/\\evil.example"]
)
def test_the_way_back_stays_in_the_house(wanted: str, shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    answer = shipper_client.post("/account/organization/", {"organization": shipper.organization.pk, "next": wanted})
    assert answer.headers["Location"] == "/"


def test_a_signed_in_persons_language_is_kept(shipper: Person, shipper_client: Client) -> None:
    answer = shipper_client.post("/i18n/setlang/", {"language": "ko", "next": "/account/profile/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/profile/")
    assert shipper_client.cookies["django_language"].value == "ko"
    shipper.user.refresh_from_db()
    assert shipper.user.language == "ko"


@pytest.mark.parametrize("language", ["fr", "", "ko'--", "x" * 600])
def test_a_language_that_is_not_offered_changes_nothing(language: str, shipper: Person, shipper_client: Client) -> None:
    shipper_client.post("/i18n/setlang/", {"language": language})
    shipper.user.refresh_from_db()
    assert shipper.user.language == "en"
    assert shipper_client.get("/account/profile/").headers["Content-Language"] == "en"


@pytest.mark.django_db
def test_a_visitors_language_is_a_cookie() -> None:
    client = Client()
    client.post("/i18n/setlang/", {"language": "ko"})
    assert client.cookies["django_language"].value == "ko"
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/account/profile/", "/account/keys/"])
def test_who_is_not_signed_in_is_asked_to(path: str) -> None:
    for answer in (Client().get(path), Client().post(path, PROFILE)):
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/account/login/?next={path}")
