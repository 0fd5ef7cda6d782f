"""Who appears in the tests: a person, the organization they act for, and their browser."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client

from clis.accounts.models import Membership, Organization, User
from clis.accounts.scoping import Viewer
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory


@dataclass(frozen=True)
class Person:
    """``organization`` is None for the operator's staff."""

    user: User
    organization: Organization | None = None
    role: str | None = None

    @property
    def viewer(self) -> Viewer:
        """As ``viewer_of`` makes it of this person's request."""
        return Viewer(
            user_id=self.user.pk,
            organization_id=self.organization.pk if self.organization else None,
            role=self.role,
            is_staff=self.user.is_staff,
        )

    def client(self) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(self.user)
        return client


def a_person(
    name: str, organization: Organization | str, role: str = Membership.Role.MEMBER, **fields: object
) -> Person:
    """A person of that organization, which is made if only its name is given."""
    firm: Organization = (
        OrganizationFactory.create(name=organization, slug=organization.lower().replace(" ", "-"))
        if isinstance(organization, str)
        else organization
    )
    user = UserFactory.create(email=f"{name.lower()}@example.com", first_name=name, **fields)
    MembershipFactory.create(user=user, organization=firm, role=role)
    return Person(user, firm, role)


def a_staff_member(name: str, **fields: object) -> Person:
    """One of the operator's people, with every right."""
    return Person(UserFactory.create(email=f"{name.lower()}@example.com", is_staff=True, is_superuser=True, **fields))
