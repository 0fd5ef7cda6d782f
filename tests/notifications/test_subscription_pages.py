"""The matrix of one subscription as a page, and what a channel is told of by role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from notifications import kinds, selectors
from notifications.models import Subscription
from tests.notifications.conftest import a_channel, a_shipment, a_subscription
from tests.people import Person, a_person


def test_the_matrix_shows_the_defaults_and_ones_own_choice(shipper: Person, shipper_client: Client) -> None:
    subscription = a_subscription(a_channel(shipper), matrix={"departed": "off"})
    page = shipper_client.get(f"/notices/subscriptions/{subscription.pk}/").content.decode()
    assert 'name="kind:departed" value="off" checked' in page
    assert 'name="kind:customs.held" value="" checked aria-label="Held by customs: as usual, at once"' in page
    assert 'name="kind:arrived" value="" checked aria-label="Arrived: as usual, in the digest"' in page
    assert 'name="eta_hours"' in page


def test_the_defaults_are_those_of_ones_part(shipper: Person, shipper_client: Client) -> None:
    shipment = a_shipment(shipper.organization)
    shipment.parties.update(role="carrier")
    subscription = a_subscription(a_channel(shipper), shipment)
    page = shipper_client.get(f"/notices/subscriptions/{subscription.pk}/").content.decode()
    assert 'aria-label="Arrived: as usual, not"' in page
    assert 'aria-label="Deadline near: as usual, in the digest"' in page


def test_a_text_has_no_digest_and_a_webhook_has_every_report(shipper: Person, shipper_client: Client) -> None:
    text = a_subscription(a_channel(shipper, "sms"))
    hook = a_subscription(a_channel(shipper, "webhook", "https://hooks.example.com/", user=None))
    page = shipper_client.get(f"/notices/subscriptions/{text.pk}/").content.decode()
    assert 'value="digest"' not in page and 'name="kind:customs.held" value="now"' in page
    page = shipper_client.get(f"/notices/subscriptions/{hook.pk}/").content.decode()
    assert 'name="kind:milestone" value="now"' in page and "Every report" in page
    assert "kind:departed" not in page and "eta_hours" not in page


def test_a_choice_is_kept_and_taken_back(shipper: Person, shipper_client: Client) -> None:
    subscription = a_subscription(a_channel(shipper))
    path = f"/notices/subscriptions/{subscription.pk}/"
    answer = shipper_client.post(
        path, {"kind:departed": "now", "kind:arrived": "off", "kind:customs.held": "", "eta_hours": "48"}
    )
    assert (answer.status_code, answer["Location"]) == (302, path)
    subscription.refresh_from_db()
    assert (subscription.matrix, subscription.eta_hours) == ({"departed": "now", "arrived": "off"}, 48)
    shipper_client.post(path, {"eta_hours": "48"})
    subscription.refresh_from_db()
    assert subscription.matrix == {}


@pytest.mark.parametrize(
    ("wrong", "status"), [({"eta_hours": "0"}, 400), ({}, 400), ({"kind:departed": "loud", "eta_hours": "1"}, 404)]
)
def test_a_wrong_matrix_changes_nothing(
    shipper: Person, shipper_client: Client, wrong: dict[str, Any], status: int
) -> None:
    subscription = a_subscription(a_channel(shipper), matrix={"departed": "off"})
    assert shipper_client.post(f"/notices/subscriptions/{subscription.pk}/", wrong).status_code == status
    subscription.refresh_from_db()
    assert (subscription.matrix, subscription.eta_hours) == ({"departed": "off"}, 24)


def test_by_role(shipper: Person, shipper_client: Client) -> None:
    channel = a_channel(shipper)
    shipper_client.post(f"/notices/channels/{channel.pk}/subscribe/", {"label": "As broker", "roles": ["broker"]})
    subscription = Subscription.objects.get()
    assert (subscription.label, subscription.roles, subscription.filter) == ("As broker", ["broker"], {})
    page = shipper_client.get(f"/notices/channels/{channel.pk}/").content.decode()
    assert "As broker (Customs broker)" in page


@pytest.mark.parametrize("given", [{"roles": ["broker"]}, {"roles": ["king"], "label": "x"}])
def test_a_wrong_role_subscribes_nothing(shipper: Person, shipper_client: Client, given: dict[str, Any]) -> None:
    channel = a_channel(shipper)
    shipper_client.post(f"/notices/channels/{channel.pk}/subscribe/", given)
    assert Subscription.objects.count() == 0


def test_a_colleague_may_see_a_shared_one_and_not_change_it(shipper: Person) -> None:
    assert shipper.organization
    eve = a_person("Eve", shipper.organization)
    subscription = a_subscription(a_channel(shipper, user=None), matrix={"departed": "off"})
    path = f"/notices/subscriptions/{subscription.pk}/"
    answer = eve.client().get(path)
    page = answer.content.decode().split("<main")[1]
    assert answer.status_code == 200 and "Save" not in page
    assert "An administrator of the organization changes what this address is told." in page
    assert "<input" not in page and page.count('<tr><th scope="row">') == len(kinds.NEWS)
    assert "Departed</th><td>not</td>" in page
    assert 'Arrived</th><td>in the digest <span class="second">as usual</span></td>' in page
    assert "A changed arrival is told from 24 hours on." in page
    assert eve.client().post(path, {"eta_hours": "48"}).status_code == 403
    assert eve.client().post(f"{path}end/").status_code == 403
    subscription.refresh_from_db()
    assert (subscription.eta_hours, subscription.ended_at) == (24, None)


def test_an_admin_reads_what_a_colleague_is_told(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    subscription = a_subscription(a_channel(a_person("Eve", shipper.organization)))
    page = shipper_client.get(f"/notices/subscriptions/{subscription.pk}/").content.decode().split("<main")[1]
    assert "Only Eve changes this." in page and "<input" not in page


def test_one_that_ended_meanwhile_is_said_to_have(
    shipper: Person, shipper_client: Client, stranger_client: Client
) -> None:
    subscription = a_subscription(a_channel(shipper), ended_at=timezone.now())
    path = f"/notices/subscriptions/{subscription.pk}/"
    for answer in (
        shipper_client.get(path),
        shipper_client.post(path, {"kind:departed": "now", "eta_hours": "48"}),
        shipper_client.post(f"{path}cargo/", {"label": "x", "filter:hold": "true"}),
        shipper_client.post(f"{path}end/"),
    ):
        page = answer.content.decode()
        assert answer.status_code == 410 and "It has ended" in page and 'href="/notices/"' in page
    for answer in (
        stranger_client.get(path),
        stranger_client.post(path, {"eta_hours": "48"}),
        stranger_client.post(f"{path}cargo/", {"label": "x"}),
        stranger_client.post(f"{path}end/"),
    ):
        assert answer.status_code == 404
    subscription.refresh_from_db()
    assert (subscription.matrix, subscription.eta_hours, subscription.label) == ({}, 24, "")


def test_who_comes_back_to_where_a_choice_is_saved_sees_the_subscription(
    saved: Subscription, shipper_client: Client, stranger_client: Client
) -> None:
    path = f"/notices/subscriptions/{saved.pk}/"
    answer = shipper_client.get(f"{path}cargo/")
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert stranger_client.get(f"{path}cargo/").status_code == 404


def test_a_plain_choice_stays_one_of_all_there_will_be(shipper: Person, shipper_client: Client) -> None:
    subscription = a_subscription(a_channel(shipper), matrix=kinds.only(["gate_out"]))
    path = f"/notices/subscriptions/{subscription.pk}/"
    said = {f"kind:{kind}": "off" for kind in kinds.NEWS} | {"eta_hours": "24"}
    shipper_client.post(path, {**said, "kind:arrived": "now"})
    subscription.refresh_from_db()
    assert subscription.matrix == kinds.only(["arrived"])
    shipper_client.post(path, {**said, "kind:arrived": "now", "kind:departed": ""})
    subscription.refresh_from_db()
    assert "*" not in subscription.matrix and "departed" not in subscription.matrix


@pytest.fixture
def saved(shipper: Person) -> Subscription:
    """A saved filter, with one condition that the page's form does not offer by itself."""
    return a_subscription(
        a_channel(shipper), label="Busan", filter={"port_of_discharge": "KRPUS", "milestone": "arrived"}
    )


def test_a_saved_filter_is_shown_and_changed(saved: Subscription, shipper_client: Client) -> None:
    path = f"/notices/subscriptions/{saved.pk}/"
    page = shipper_client.get(path).content.decode()
    assert 'name="label" value="Busan"' in page
    assert 'name="filter:port_of_discharge" value="KRPUS"' in page and 'name="filter:milestone" value="arrived"' in page
    assert '<option value="in_bond">In bonded storage</option>' in page
    given = {"label": "Incheon", "filter:port_of_discharge": "krinc", "filter:status": "in_bond", "filter:hold": "true"}
    answer = shipper_client.post(f"{path}cargo/", {**given, "roles": ["broker"]})
    assert (answer.status_code, answer["Location"]) == (302, path)
    saved.refresh_from_db()
    assert (saved.label, saved.roles) == ("Incheon", ["broker"])
    assert saved.filter == {"port_of_discharge": "KRINC", "status": "in_bond", "hold": "true"}
    page = shipper_client.get(path).content.decode()
    assert '<option value="in_bond" selected>In bonded storage</option>' in page
    assert 'name="roles" value="broker" id="choice-roles_5" checked' in page


def test_without_any_condition_it_is_all_but_only_once(
    shipper: Person, saved: Subscription, shipper_client: Client
) -> None:
    to_all = a_subscription(saved.channel)
    path = f"/notices/subscriptions/{saved.pk}/cargo/"
    page = shipper_client.post(path, {"label": "Busan"})
    assert page.status_code == 400 and "This channel is told of all shipments already." in page.content.decode()
    saved.refresh_from_db()
    assert saved.filter == {"port_of_discharge": "KRPUS", "milestone": "arrived"}
    to_all.delete()
    assert shipper_client.post(path, {"label": "Busan"}).status_code == 302
    saved.refresh_from_db()
    assert (saved.label, saved.filter) == ("", {})


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"filter:hold": "true"}, 400, "Give the filter a name."),
        ({"label": "Twice", "filter:hold": "true"}, 400, "There is a filter of this name already."),
        ({"label": "x", "filter:hold": "perhaps"}, 404, ""),
        ({"label": "x", "roles": ["king"]}, 404, ""),
    ],
)
def test_a_wrong_choice_changes_nothing(
    saved: Subscription, shipper_client: Client, given: dict[str, Any], status: int, said: str
) -> None:
    a_subscription(saved.channel, label="Twice", filter={"mode": "air"})
    answer = shipper_client.post(f"/notices/subscriptions/{saved.pk}/cargo/", given)
    assert answer.status_code == status and said in answer.content.decode()
    saved.refresh_from_db()
    assert (saved.label, saved.filter) == ("Busan", {"port_of_discharge": "KRPUS", "milestone": "arrived"})


def test_what_was_typed_is_still_there_beside_the_problem(saved: Subscription, shipper_client: Client) -> None:
    given = {"label": "", "filter:carrier": "HMM", "filter:mode": "air"}
    page = shipper_client.post(f"/notices/subscriptions/{saved.pk}/cargo/", given).content.decode()
    assert 'name="filter:carrier" value="HMM"' in page and '<option value="air" selected>' in page


def test_one_shipment_has_no_choice(shipper: Person, shipper_client: Client) -> None:
    one = a_subscription(a_channel(shipper), a_shipment(shipper.organization))
    path = f"/notices/subscriptions/{one.pk}/"
    assert "filter:hold" not in shipper_client.get(path).content.decode()
    given = {"label": "x", "filter:hold": "true"}
    assert shipper_client.post(f"{path}cargo/", given).status_code == 400
    one.refresh_from_db()
    assert (one.label, one.filter) == ("", {})


def test_nobody_else_changes_a_choice(shipper: Person, saved: Subscription, stranger_client: Client) -> None:
    assert shipper.organization
    path, given = f"/notices/subscriptions/{saved.pk}/cargo/", {"label": "x", "filter:hold": "true"}
    assert stranger_client.post(path, given).status_code == 404
    assert a_person("Eve", shipper.organization).client().post(path, given).status_code == 404
    shared = a_subscription(a_channel(shipper, user=None, address="desk@example.com"), label="Ours", roles=["broker"])
    mallory = a_person("Mallory", shipper.organization).client()
    assert "filter:hold" not in mallory.get(f"/notices/subscriptions/{shared.pk}/").content.decode()
    assert mallory.post(f"/notices/subscriptions/{shared.pk}/cargo/", given).status_code == 403
    saved.refresh_from_db()
    shared.refresh_from_db()
    assert (saved.label, shared.label, shared.filter) == ("Busan", "Ours", {})


WORDS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"status": "arrived,in_bond", "port_of_discharge": "KRPUS"},
        "State: Arrived / In bonded storage, Port of discharge: Busan",
        "상태: 입항 / 보세구역 장치 중, 양하항: 부산",
    ),
    ({"status": ["booked"]}, "State: Booked", "상태: 선복 예약"),
    ({"hold": "KR-QIA"}, "Held: Animal and Plant Quarantine Agency", "보류: 농림축산검역본부"),
    ({"hold": "true"}, "Held: yes", "보류: 예"),
    ({"ready": "unknown"}, "Ready: not known yet", "반출 준비 완료: 아직 알 수 없음"),
    ({"needs": "client", "mode": "sea"}, "Needs you: yes, Mode: Sea", "조치 필요: 예, 운송 수단: 해상"),
    ({"milestone": "customs_released"}, "Milestone: Customs released", "마일스톤: 수입신고 수리"),
    # What has no word stays as it is, and what was typed is no code.
    ({"carrier": "MAEU", "hold": "XX-ABC"}, "Carrier: MAEU, Held: XX-ABC", "운송사: MAEU, 보류: XX-ABC"),
    (
        {"search": "true", "weather": "fine"},
        "Number or reference: true, weather: fine",
        "번호 또는 참조: true, weather: fine",
    ),
    ({}, "", ""),
]


@pytest.mark.parametrize(("chosen", "english", "korean"), WORDS)
def test_a_saved_filter_in_the_readers_words(chosen: dict[str, Any], english: str, korean: str) -> None:
    with translation.override("en"):
        assert selectors.filter_text(chosen) == english
    with translation.override("ko"):
        assert selectors.filter_text(chosen) == korean


def test_a_wrong_value_is_said_on_the_page(saved: Subscription, shipper_client: Client) -> None:
    given = {"label": "Busan", "filter:milestone": "arived"}
    page = shipper_client.post(f"/notices/subscriptions/{saved.pk}/cargo/", given)
    assert page.status_code == 400
    assert "The filter milestone cannot ask for this: arived" in page.content.decode()
    saved.refresh_from_db()
    assert saved.filter == {"port_of_discharge": "KRPUS", "milestone": "arrived"}
