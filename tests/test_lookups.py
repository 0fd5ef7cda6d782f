"""``among``: the same rows as ``in``, and one parameter."""

from __future__ import annotations

import pytest

from clis.accounts.models import Membership, Organization
from tests.factories import MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def test_keys_references_and_texts() -> None:
    made = [OrganizationFactory.create() for _ in range(3)]
    firms = Organization.objects.order_by("pk")
    assert list(firms.filter(pk__among=[made[0].pk, made[2].pk])) == [made[0], made[2]]
    assert list(firms.filter(pk__among={made[1]})) == [made[1]]
    assert list(firms.filter(slug__among=[made[2].slug, "nobody's"])) == [made[2]]
    assert list(firms.exclude(pk__among=[made[0].pk])) == made[1:]
    member = MembershipFactory.create(organization=made[1])
    assert list(Membership.objects.filter(organization__among=[made[1].pk])) == [member]
    assert list(Membership.objects.filter(organization_id__among=(row.pk for row in made[:1]))) == []


def test_none_is_nobody() -> None:
    OrganizationFactory.create()
    assert list(Organization.objects.filter(pk__among=[])) == []


def test_a_thousand_are_the_same_statement() -> None:
    one, many = (
        Organization.objects.filter(pk__among=range(number)).query.get_compiler("default").as_sql()
        for number in (1, 1000)
    )
    assert one[0] == many[0] and len(one[1]) == len(many[1]) == 1
