"""Which rows a viewer gets, by kind of scope."""

from __future__ import annotations

import pytest
from django.core.checks import CheckMessage

from cargo.models import Shipment
from clis.accounts.models import Membership, Organization, User
from clis.accounts.scoping import NOBODY, SHARED, STAFF, Viewer, check_scope, check_scopes, visible_to
from tests.people import Person


def _seen(model: type, viewer: Viewer) -> set[int]:
    return set(visible_to(model.objects.all(), viewer).values_list("pk", flat=True))  # type: ignore[attr-defined]


def test_a_member_sees_their_own_organization_and_no_other(shipper: Person, stranger: Person) -> None:
    assert shipper.organization
    assert _seen(Organization, shipper.viewer) == {shipper.organization.pk}
    own = Membership.objects.get(user=shipper.user)
    assert _seen(Membership, shipper.viewer) == {own.pk}


def test_nobody_sees_nothing(shipper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for scope in ("id", SHARED, STAFF):
        monkeypatch.setattr(Organization, "scope", scope)
        assert _seen(Organization, NOBODY) == set()
    assert _seen(Membership, NOBODY) == set()


def test_a_person_without_an_organization_sees_nothing(shipper: Person) -> None:
    alone = Viewer(user_id=shipper.user.pk)
    assert _seen(Organization, alone) == set()
    assert _seen(User, alone) == set()


def test_staff_see_every_row(shipper: Person, stranger: Person, staff: Person) -> None:
    assert _seen(Organization, staff.viewer) == set(Organization.objects.values_list("pk", flat=True))
    assert _seen(User, staff.viewer) == {shipper.user.pk, stranger.user.pk, staff.user.pk}


def test_a_viewer_that_claims_staff_without_a_person_is_nobody(shipper: Person) -> None:
    assert _seen(Organization, Viewer(is_staff=True)) == set()


@pytest.mark.parametrize(("scope", "all_of_them"), [(SHARED, True), (STAFF, False)])
def test_shared_and_staff_tables(
    scope: str, all_of_them: bool, shipper: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Organization, "scope", scope)
    everything = set(Organization.objects.values_list("pk", flat=True))
    assert len(everything) == 2
    assert _seen(Organization, stranger.viewer) == (everything if all_of_them else set())


def test_a_lookup_over_a_join_gives_each_row_once(shipper: Person, forwarder: Person, stranger: Person) -> None:
    assert shipper.organization and forwarder.organization
    shipment = Shipment.objects.create(organization=shipper.organization)
    hers, his = shipper.organization, forwarder.organization
    for organization, role in ((hers, "registrant"), (hers, "consignee"), (his, "forwarder")):
        shipment.parties.create(organization=organization, role=role)
    assert list(visible_to(Shipment.objects.all(), shipper.viewer)) == [shipment]
    assert list(visible_to(Shipment.objects.all(), forwarder.viewer)) == [shipment]
    assert list(visible_to(Shipment.objects.all(), stranger.viewer)) == []


def test_what_was_filtered_before_stays_filtered(shipper: Person) -> None:
    assert list(visible_to(Organization.objects.filter(name="another"), shipper.viewer)) == []


def _ids(problems: list[CheckMessage]) -> list[str | None]:
    return [problem.id for problem in problems]


def test_every_table_says_whose_it_is() -> None:
    assert check_scopes(None) == []


@pytest.mark.parametrize("missing", [None, "", 5])
def test_a_table_that_does_not_say_so_fails_the_check(missing: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shipment, "scope", missing)
    assert _ids(check_scopes(None)) == ["accounts.E001"]
    monkeypatch.delattr(Shipment, "scope")
    (problem,) = check_scopes(None)
    assert problem.id == "accounts.E001"
    assert problem.obj is Shipment
    assert problem.msg == "Shipment does not say whose its rows are"


@pytest.mark.parametrize("lookup", ["partys__organization", "created_by", "organization__name", "own_reference__id"])
def test_a_lookup_that_leads_elsewhere_fails_the_check(lookup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shipment, "scope", lookup)
    assert _ids(check_scope(Shipment)) == ["accounts.E002"]


@pytest.mark.parametrize("lookup", ["organization", "organization__id", "parties__organization", STAFF])
def test_a_lookup_that_leads_to_an_organization_passes(lookup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shipment, "scope", lookup)
    assert check_scope(Shipment) == []
