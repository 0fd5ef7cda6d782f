"""Who is asking: the viewer of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from clis.accounts.models import ApiKey, Membership, User
from clis.accounts.scoping import NOBODY, ORGANIZATION_IN_SESSION, Viewer, viewer_of
from tests.factories import MembershipFactory, OrganizationFactory
from tests.people import Person


def _request(user: User | AnonymousUser, session: dict[str, Any] | None = None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = user
    request.session = session or {}  # type: ignore[assignment]
    return request


def test_a_member_acts_for_their_organization(shipper: Person) -> None:
    assert shipper.organization
    assert viewer_of(_request(shipper.user)) == Viewer(
        user_id=shipper.user.pk, organization_id=shipper.organization.pk, role="admin", is_staff=False
    )


def test_of_several_organizations_the_chosen_one(shipper: Person) -> None:
    second = OrganizationFactory.create(name="Zeta")
    MembershipFactory.create(user=shipper.user, organization=second, role=Membership.Role.VIEWER)
    viewer = viewer_of(_request(shipper.user, {ORGANIZATION_IN_SESSION: second.pk}))
    assert (viewer.organization_id, viewer.role) == (second.pk, "viewer")


def test_without_a_choice_the_first_by_name(shipper: Person) -> None:
    first = OrganizationFactory.create(name="AAA")
    MembershipFactory.create(user=shipper.user, organization=first)
    assert viewer_of(_request(shipper.user)).organization_id == first.pk


def test_a_choice_that_is_no_membership_counts_for_nothing(shipper: Person, stranger: Person) -> None:
    assert shipper.organization and stranger.organization
    viewer = viewer_of(_request(shipper.user, {ORGANIZATION_IN_SESSION: stranger.organization.pk}))
    assert viewer.organization_id == shipper.organization.pk


def test_staff_need_no_organization(staff: Person) -> None:
    assert viewer_of(_request(staff.user)) == Viewer(user_id=staff.user.pk, is_staff=True)


def test_whoever_is_not_active_is_nobody(shipper: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shipper.user.is_active = False
    with django_assert_num_queries(0):
        assert viewer_of(_request(shipper.user)) is NOBODY
        assert viewer_of(_request(AnonymousUser())) is NOBODY


def test_asked_twice_it_costs_one_query(shipper: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = _request(shipper.user)
    with django_assert_num_queries(1):
        assert viewer_of(request) is viewer_of(request)


def test_a_key_acts_for_its_organization_within_its_scopes(
    stranger: Person, key_for: Callable[..., ApiKey], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert stranger.organization
    key = key_for(stranger.organization, "shipments:read")
    request = _request(AnonymousUser())
    request.auth = key  # type: ignore[attr-defined]
    with django_assert_num_queries(0):
        assert viewer_of(request) == Viewer(
            organization_id=stranger.organization.pk, scopes=frozenset({"shipments:read"}), key_id=key.pk
        )


def test_a_key_is_never_given_the_viewer_of_the_session(
    shipper: Person, stranger: Person, key_for: Callable[..., ApiKey]
) -> None:
    """A page may have asked for the session's viewer before the API authenticated the key."""
    assert stranger.organization
    request = _request(shipper.user)
    assert viewer_of(request).user_id == shipper.user.pk
    request.auth = key_for(stranger.organization)  # type: ignore[attr-defined]
    assert viewer_of(request).organization_id == stranger.organization.pk
    assert viewer_of(request).user_id is None


def test_a_request_that_changes_hands_changes_viewer(shipper: Person, stranger: Person) -> None:
    assert stranger.organization
    request = _request(shipper.user)
    viewer_of(request)
    request.user = stranger.user
    assert viewer_of(request).organization_id == stranger.organization.pk
    request.user = AnonymousUser()
    assert viewer_of(request) is NOBODY


READ, WRITE = ("shipments:read", False), ("shipments:write", True)


@pytest.mark.parametrize(
    ("viewer", "reads", "writes"),
    [
        (NOBODY, False, False),
        (Viewer(user_id=1), False, False),
        (Viewer(user_id=1, organization_id=1, role="viewer"), True, False),
        (Viewer(user_id=1, organization_id=1, role="member"), True, True),
        (Viewer(user_id=1, organization_id=1, role="admin"), True, True),
        (Viewer(user_id=1, is_staff=True), True, True),
        (Viewer(organization_id=1, key_id=1), False, False),
        (Viewer(organization_id=1, key_id=1, scopes=frozenset({"shipments:read"})), True, False),
        (Viewer(organization_id=1, key_id=1, scopes=frozenset({"shipments:write"})), False, True),
    ],
)
def test_what_a_viewer_may_do(viewer: Viewer, reads: bool, writes: bool) -> None:
    assert viewer.may(READ[0], writes=READ[1]) is reads
    assert viewer.may(WRITE[0], writes=WRITE[1]) is writes
