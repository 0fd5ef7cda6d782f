"""Rows for tests. Cargo's factories follow the same way: plain defaults, everything may be said otherwise."""

from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from cargo import booking
from cargo.models import Shipment, Source
from clis.accounts.models import KEY_SCOPES, ApiKey, Membership, Organization, User


class UserFactory(DjangoModelFactory):
    """A person who has no password yet: hashing one is slow, and few tests sign in with it."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    time_zone = "Asia/Seoul"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(**kwargs)


class OrganizationFactory(DjangoModelFactory):
    """An importer, unless said otherwise."""

    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")


class MembershipFactory(DjangoModelFactory):
    """A person's place as a member."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organization = factory.SubFactory(OrganizationFactory)
    role = Membership.Role.MEMBER


class ApiKeyFactory(DjangoModelFactory):
    """A live key with every scope; its text is ``key.text``, which only a test's key has."""

    class Meta:
        model = ApiKey

    organization = factory.SubFactory(OrganizationFactory)
    name = "A program"
    scopes = factory.LazyFunction(lambda: list(KEY_SCOPES))

    @classmethod
    def _create(cls, model_class: type[ApiKey], *args: Any, **kwargs: Any) -> ApiKey:
        key, text = model_class.issue(**kwargs)
        key.text = text  # type: ignore[attr-defined]
        return key


class SourceFactory(DjangoModelFactory):
    """A source that everybody shares, told apart by content."""

    class Meta:
        model = Source

    slug = factory.Sequence(lambda n: f"source-{n}")
    name = factory.Sequence(lambda n: f"Source {n}")


def a_registered_shipment(organization: Organization | None, *references: tuple[str, str], **fields: Any) -> Shipment:
    """Cargo as ``booking.register`` makes it; without numbers, the house bill of ``tests.messages``."""
    owner = organization or OrganizationFactory.create()
    return booking.register(owner.pk, references or (("house_bill", "KOSHA2603001"),), **fields)
