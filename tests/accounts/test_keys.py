"""An organization's admin makes and revokes its keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from clis.accounts.authentication import KEY_TEXT, key_from_header
from clis.accounts.models import ApiKey
from tests.factories import MembershipFactory
from tests.people import Person, a_person

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
FORM = {"name": "ERP", "scopes": ["shipments:read", "shipments:write"], "lifetime": "90"}


def test_a_new_key_is_shown_once_and_works(shipper: Person, shipper_client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        page = shipper_client.post("/account/keys/", FORM)
        match = KEY_TEXT.search(page.content.decode())
        assert match is not None
        key = key_from_header(f"Bearer {match[0]}")
    assert key is not None
    assert (key.organization, key.name, key.created_by) == (shipper.organization, "ERP", shipper.user)
    assert key.scopes == ["shipments:read", "shipments:write"]
    assert key.expires_at == NOON + timedelta(days=90)
    assert "no-store" in page.headers["Cache-Control"]
    again = shipper_client.get("/account/keys/").content.decode()
    assert key.prefix in again
    assert match[0] not in again
    assert not any(match[0] in str(session.get_decoded()) for session in Session.objects.all())


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 101}, {"scopes": []}, {"scopes": ["everything"]}, {"lifetime": "36500"}]
)
def test_a_wrong_form_makes_no_key(wrong: dict[str, object], shipper_client: Client) -> None:
    page = shipper_client.post("/account/keys/", {**FORM, **wrong})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == list(wrong)
    assert not ApiKey.objects.exists()


def test_a_revoked_key_is_refused_at_once_and_stays_on_the_list(
    shipper: Person, shipper_client: Client, key_for: Callable[..., ApiKey]
) -> None:
    key = key_for(shipper.organization, name="Old ERP")
    header = f"Bearer {key.text}"  # type: ignore[attr-defined]
    assert key_from_header(header) == key
    with time_machine.travel(NOON, tick=False):
        shipper_client.post(f"/account/keys/{key.pk}/revoke/")
    assert key_from_header(header) is None
    shipper_client.post(f"/account/keys/{key.pk}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at == NOON, "revoking again does not move the time"
    assert "Old ERP" in shipper_client.get("/account/keys/").content.decode()


def test_a_stranger_neither_sees_nor_revokes_it(
    shipper: Person, stranger_client: Client, key_for: Callable[..., ApiKey]
) -> None:
    key = key_for(shipper.organization, name="Secret ERP")
    assert "Secret ERP" not in stranger_client.get("/account/keys/").content.decode()
    assert stranger_client.post(f"/account/keys/{key.pk}/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_is_not_the_admin_has_no_part_in_it(role: str, shipper: Person, key_for: Callable[..., ApiKey]) -> None:
    assert shipper.organization
    key = key_for(shipper.organization)
    client = a_person("Erin", shipper.organization, role).client()
    assert client.get("/account/keys/").status_code == 403
    assert client.post("/account/keys/", FORM).status_code == 403
    assert client.post(f"/account/keys/{key.pk}/revoke/").status_code == 403
    assert list(ApiKey.objects.values_list("pk", "revoked_at")) == [(key.pk, None)]


def test_the_admin_of_one_organization_is_not_the_admin_of_the_next(
    shipper: Person, forwarder: Person, shipper_client: Client, key_for: Callable[..., ApiKey]
) -> None:
    assert forwarder.organization
    MembershipFactory.create(user=shipper.user, organization=forwarder.organization, role="member")
    key = key_for(forwarder.organization)
    shipper_client.post("/account/organization/", {"organization": forwarder.organization.pk})
    assert shipper_client.get("/account/keys/").status_code == 403
    assert shipper_client.post(f"/account/keys/{key.pk}/revoke/").status_code == 403
    key.refresh_from_db()
    assert key.revoked_at is None


def test_staff_use_the_admin_instead(staff_client: Client) -> None:
    assert staff_client.get("/account/keys/").status_code == 403
