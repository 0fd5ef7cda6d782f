"""The operator's staff: people, organizations and keys in Django's admin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clis.accounts.authentication import KEY_TEXT, key_from_header
from clis.accounts.models import ApiKey, Membership, Organization, User
from tests.people import Person

NO_INLINES = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


def test_a_person_is_added_by_address_without_a_password(staff_client: Client) -> None:
    form = {"email": "Erin@Example.com", "usable_password": "false", "password1": "", "password2": "", **NO_INLINES}
    answer = staff_client.post("/admin/accounts/user/add/", form)
    assert answer.status_code == 302
    erin = User.objects.get(email="erin@example.com")
    assert not erin.has_usable_password()
    assert not erin.is_staff


def test_an_address_that_is_taken_is_refused(shipper: Person, staff_client: Client) -> None:
    form = {"email": "ALICE@example.com", "usable_password": "false", "password1": "", "password2": "", **NO_INLINES}
    assert staff_client.post("/admin/accounts/user/add/", form).status_code == 200
    assert User.objects.filter(email__iexact="alice@example.com").count() == 1


def test_an_invitation_is_a_mail_with_a_link(shipper: Person, staff_client: Client) -> None:
    cache.clear()
    form = {"action": "invite", "_selected_action": [shipper.user.pk]}
    assert staff_client.post("/admin/accounts/user/", form).status_code == 302
    (message,) = mail.outbox
    assert message.to == ["alice@example.com"]
    assert "/account/password/reset/key/" in message.body


def test_who_is_not_active_is_not_invited(shipper: Person, staff_client: Client) -> None:
    User.objects.filter(pk=shipper.user.pk).update(is_active=False)
    staff_client.post("/admin/accounts/user/", {"action": "invite", "_selected_action": [shipper.user.pk]})
    assert mail.outbox == []


def test_an_address_that_was_taken_away_opens_the_account_no_longer(shipper: Person, staff_client: Client) -> None:
    EmailAddress.objects.create(user=shipper.user, email="alice@example.com", primary=True, verified=True)
    url = reverse("admin:accounts_user_change", args=[shipper.user.pk])
    form = {
        "email": "alice.new@example.com",
        "language": "en",
        "time_zone": "Asia/Seoul",
        "is_active": "on",
        **NO_INLINES,
    }
    assert staff_client.post(url, form).status_code == 302
    shipper.user.refresh_from_db()
    assert shipper.user.email == "alice.new@example.com"
    assert not EmailAddress.objects.exists()


def test_an_organization_is_added_with_its_people(shipper: Person, staff_client: Client) -> None:
    form = {
        "name": "Zeta Imports",
        "slug": "zeta-imports",
        "kind": "importer",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": shipper.user.pk,
        "memberships-0-role": "admin",
    }
    assert staff_client.post("/admin/accounts/organization/add/", form).status_code == 302
    membership = Membership.objects.get(organization__slug="zeta-imports")
    assert (membership.user, membership.role) == (shipper.user, "admin")


def test_a_key_is_shown_once(shipper: Person, staff_client: Client, staff: Person) -> None:
    assert shipper.organization
    form = {"organization": shipper.organization.pk, "name": "ERP", "scopes": ["messages:write"]}
    page = staff_client.post("/admin/accounts/apikey/add/", form)
    match = KEY_TEXT.search(page.content.decode())
    assert match is not None
    assert "no-store" in page.headers["Cache-Control"]
    key = key_from_header(f"Bearer {match[0]}")
    assert key is not None
    assert ApiKey.objects.count() == 1
    assert (key.organization, key.scopes, key.created_by) == (shipper.organization, ["messages:write"], staff.user)
    later = staff_client.get(reverse("admin:accounts_apikey_change", args=[key.pk])).content.decode()
    assert match[0] not in later
    assert key.digest not in later


def test_a_key_keeps_its_digest_and_its_organization(
    shipper: Person, stranger: Person, staff_client: Client, key_for: Callable[..., ApiKey]
) -> None:
    assert stranger.organization
    key = key_for(shipper.organization)
    url = reverse("admin:accounts_apikey_change", args=[key.pk])
    form = {
        "name": "Renamed",
        "scopes": ["shipments:read"],
        "organization": stranger.organization.pk,
        "digest": "0" * 64,
        "prefix": "00000000",
    }
    assert staff_client.post(url, form).status_code == 302
    changed = ApiKey.objects.get()
    assert (changed.name, changed.scopes) == ("Renamed", ["shipments:read"])
    assert (changed.digest, changed.prefix, changed.organization) == (key.digest, key.prefix, shipper.organization)


def test_staff_revoke_keys(shipper: Person, staff_client: Client, key_for: Callable[..., ApiKey]) -> None:
    key = key_for(shipper.organization)
    staff_client.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [key.pk]})
    assert key_from_header(f"Bearer {key.text}") is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", [User, Organization, Membership, ApiKey])
def test_every_page_of_the_admin_opens(
    model: type, shipper: Person, staff_client: Client, key_for: Callable[..., ApiKey]
) -> None:
    key_for(shipper.organization)
    name = f"admin:accounts_{model.__name__.lower()}"
    first = model.objects.order_by("pk").first()  # type: ignore[attr-defined]
    for url in (
        reverse(f"{name}_changelist"),
        reverse(f"{name}_changelist") + "?q=a",
        reverse(f"{name}_add"),
        reverse(f"{name}_change", args=[first.pk]),
    ):
        assert staff_client.get(url).status_code == 200, url


def test_a_member_is_not_staff(shipper_client: Client) -> None:
    answer = shipper_client.get("/admin/accounts/user/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")
