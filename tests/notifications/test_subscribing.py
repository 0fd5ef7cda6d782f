"""Channels, codes, subscriptions: who may do what, and how often."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clis.accounts.models import ApiKey
from clis.accounts.scoping import NOBODY
from notifications import render, subscribing
from notifications.models import Channel, Delivery, Subscription, Verification
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError, TooManyError
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    a_subscription,
    an_update,
)
from tests.people import Person, a_person

NUMBER = "010-1234-5678"


def sent_code(gateway: Gateway) -> str:
    found = re.search(r"\d{6}", gateway.texts()[-1])
    assert found
    return found[0]


def test_a_number_is_verified_by_its_code(shipper: Person, gateway: Gateway) -> None:
    channel = subscribing.add_channel(shipper.viewer, "sms", NUMBER, "ko")
    assert (channel.address, channel.verified_at) == ("+821012345678", None)
    subscribing.send_code(shipper.viewer, channel.pk)
    code = sent_code(gateway)
    assert gateway.texts() == [f"[CLIS] 인증번호 {code} (10분간 유효). 타인에게 알려주지 마십시오."]
    assert code not in Verification.objects.get().digest
    channel = subscribing.verify(shipper.viewer, channel.pk, code)
    assert channel.usable
    with pytest.raises(SubscribingError, match="no valid code"):
        subscribing.verify(shipper.viewer, channel.pk, code)


def test_ones_own_address_needs_no_code(shipper: Person) -> None:
    channel = subscribing.own_email_channel(shipper.viewer)
    assert (channel.address, channel.user_id, channel.usable) == ("alice@example.com", shipper.user.pk, True)
    assert subscribing.own_email_channel(shipper.viewer).pk == channel.pk


def test_another_address_needs_one(shipper: Person, mail_server: MailServer) -> None:
    channel = subscribing.add_channel(shipper.viewer, "email", "Desk@EXAMPLE.com", "en")
    assert (channel.address, channel.verified_at) == ("Desk@example.com", None)
    with pytest.raises(SubscribingError, match="Confirm"):
        subscribing.subscribe(shipper.viewer, channel.pk)
    subscribing.send_code(shipper.viewer, channel.pk)
    (mail,) = mail_server.mails
    code = re.search(r"\d{6}", str(mail["Subject"]))
    assert code and mail_server.recipients == [["Desk@example.com"]]
    subscribing.verify(shipper.viewer, channel.pk, f" {code[0][:3]} {code[0][3:]} ")
    assert subscribing.subscribe(shipper.viewer, channel.pk).pk


def test_the_sixth_guess_is_not_looked_at(shipper: Person, gateway: Gateway) -> None:
    channel = subscribing.add_channel(shipper.viewer, "sms", NUMBER, "ko")
    subscribing.send_code(shipper.viewer, channel.pk)
    code = sent_code(gateway)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(SubscribingError, match="not the code"):
            subscribing.verify(shipper.viewer, channel.pk, wrong)
    with pytest.raises(TooManyError):
        subscribing.verify(shipper.viewer, channel.pk, code)
    channel.refresh_from_db()
    assert channel.verified_at is None


def test_a_code_lives_ten_minutes(shipper: Person, gateway: Gateway) -> None:
    channel = subscribing.add_channel(shipper.viewer, "sms", NUMBER, "ko")
    subscribing.send_code(shipper.viewer, channel.pk)
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)),
        pytest.raises(SubscribingError, match="no valid code"),
    ):
        subscribing.verify(shipper.viewer, channel.pk, sent_code(gateway))


def test_only_the_last_code_counts(shipper: Person, gateway: Gateway) -> None:
    channel = subscribing.add_channel(shipper.viewer, "sms", NUMBER, "ko")
    subscribing.send_code(shipper.viewer, channel.pk)
    first = sent_code(gateway)
    subscribing.send_code(shipper.viewer, channel.pk)
    if sent_code(gateway) != first:
        with pytest.raises(SubscribingError, match="not the code"):
            subscribing.verify(shipper.viewer, channel.pk, first)
    assert subscribing.verify(shipper.viewer, channel.pk, sent_code(gateway)).usable


def test_three_codes_an_hour_to_a_number_whoever_asks(shipper: Person, stranger: Person, gateway: Gateway) -> None:
    """Neither deleting the channel nor another organization resets the limit."""
    for _ in range(3):
        channel = subscribing.add_channel(shipper.viewer, "sms", NUMBER, "ko")
        subscribing.send_code(shipper.viewer, channel.pk)
        subscribing.remove_channel(shipper.viewer, channel.pk)
    for person in (shipper, stranger):
        channel = subscribing.add_channel(person.viewer, "sms", NUMBER, "ko")
        with pytest.raises(TooManyError):
            subscribing.send_code(person.viewer, channel.pk)
    assert len(gateway.requests) == 3
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        subscribing.send_code(stranger.viewer, channel.pk)
    assert len(gateway.requests) == 4


def test_three_codes_an_hour_to_a_mailbox_however_it_is_spelled(shipper: Person, mail_server: MailServer) -> None:
    spelled = [
        subscribing.add_channel(shipper.viewer, "email", address, "en")
        for address in ("desk@example.com", "Desk@example.com", "DESK@Example.com", "dESK@example.com")
    ]
    for channel in spelled[:3]:
        subscribing.send_code(shipper.viewer, channel.pk)
    with pytest.raises(TooManyError):
        subscribing.send_code(shipper.viewer, spelled[3].pk)
    assert mail_server.recipients == [[channel.address] for channel in spelled[:3]]
    code = re.search(r"\d{6}", str(mail_server.mails[1]["Subject"]))
    assert code and subscribing.verify(shipper.viewer, spelled[1].pk, code[0]).usable


def test_a_code_is_numbered_after_the_last_whatever_is_gone(shipper: Person, gateway: Gateway) -> None:
    channel = subscribing.add_channel(shipper.viewer, "sms", NUMBER, "ko")
    subscribing.send_code(shipper.viewer, channel.pk)
    subscribing.send_code(shipper.viewer, channel.pk)
    Verification.objects.earliest("pk").delete()
    assert subscribing.send_code(shipper.viewer, channel.pk).sequence == 3
    assert len(gateway.requests) == 3


@pytest.mark.parametrize(("kind", "address"), [("push", "Chrome 12ab34cd"), ("webhook", "https://hooks.example.com/")])
def test_what_shows_itself_is_sent_no_code(shipper: Person, kind: str, address: str) -> None:
    channel = a_channel(shipper, kind, address, disabled_at=timezone.now(), disabled_reason="HTTP 410")
    acts: list[Any] = [subscribing.send_code, lambda viewer, number: subscribing.verify(viewer, number, "000000")]
    for act in acts:
        with pytest.raises(SubscribingError, match="not confirmed by a code") as caught:
            act(shipper.viewer, channel.pk)
        assert caught.value.code == "no_code"
    channel.refresh_from_db()
    assert (Verification.objects.count(), channel.usable) == (0, False)


def test_a_kind_that_is_switched_off_is_not_called_sms(shipper: Person, settings: Any) -> None:
    settings.CHAT_SERVICES = []
    channel = a_channel(shipper, "chat", "Slack 12ab34cd", verified_at=None)
    with pytest.raises(SubscribingError, match=r"^This kind of channel is not set up here\.$"):
        subscribing.send_code(shipper.viewer, channel.pk)
    assert Verification.objects.count() == 0


def test_twenty_codes_an_hour_for_an_organization(shipper: Person, gateway: Gateway) -> None:
    channels = [
        subscribing.add_channel(shipper.viewer, "sms", f"010-1234-{5000 + number}", "ko") for number in range(21)
    ]
    for channel in channels[:20]:
        subscribing.send_code(shipper.viewer, channel.pk)
    with pytest.raises(TooManyError):
        subscribing.send_code(shipper.viewer, channels[20].pk)
    assert len(gateway.requests) == 20


def test_a_code_that_cannot_be_sent_says_so(shipper: Person, gateway: Gateway) -> None:
    gateway.answer = lambda request: (400, {}, b"no")
    channel = subscribing.add_channel(shipper.viewer, "sms", NUMBER, "ko")
    with pytest.raises(SubscribingError, match="could not be sent"):
        subscribing.send_code(shipper.viewer, channel.pk)


def test_without_a_provider_there_is_no_sms(shipper: Person, settings: Any) -> None:
    settings.SMS_PROVIDER = ""
    with pytest.raises(SubscribingError, match="not set up"):
        subscribing.add_channel(shipper.viewer, "sms", NUMBER, "ko")
    assert Channel.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "address"),
    [("email", "nobody"), ("email", "a@b"), ("email", "a@example.com\nBcc: b@example.com"), ("sms", "02-312-3456")],
)
def test_addresses_that_are_none(shipper: Person, gateway: Gateway, kind: str, address: str) -> None:
    with pytest.raises(SubscribingError):
        subscribing.add_channel(shipper.viewer, kind, address, "en")
    assert Channel.objects.count() == 0


def test_a_colleagues_channel_is_hers(shipper: Person) -> None:
    colleague = a_person("Eve", shipper.organization)  # type: ignore[arg-type]
    channel = a_channel(shipper)
    for act in (
        lambda: subscribing.send_code(colleague.viewer, channel.pk),
        lambda: subscribing.verify(colleague.viewer, channel.pk, "000000"),
        lambda: subscribing.remove_channel(colleague.viewer, channel.pk),
        lambda: subscribing.subscribe(colleague.viewer, channel.pk),
    ):
        with pytest.raises(ForbiddenError):
            act()
    assert (Channel.objects.count(), Subscription.objects.count()) == (1, 0)


def test_only_an_admin_adds_a_shared_channel(shipper: Person) -> None:
    colleague = a_person("Eve", shipper.organization)  # type: ignore[arg-type]
    with pytest.raises(ForbiddenError):
        subscribing.add_channel(colleague.viewer, "email", "desk@example.com", "en", shared=True)
    channel = subscribing.add_channel(shipper.viewer, "email", "alice@example.com", "en", shared=True)
    assert (channel.user, channel.verified_at) == (None, None)


def test_a_keys_channel_is_the_organizations(shipper: Person, key_for: Any) -> None:
    key: ApiKey = key_for(shipper.organization, "subscriptions:write")
    channel = subscribing.add_channel(key.viewer, "email", "alice@example.com", "en")
    assert (channel.user, channel.verified_at) == (None, None)
    with pytest.raises(ForbiddenError):
        subscribing.remove_channel(key.viewer, a_channel(shipper).pk)


def test_a_stranger_finds_nothing(shipper: Person, stranger: Person, gateway: Gateway) -> None:
    shipment = a_shipment(shipper.organization)
    channel = a_channel(shipper)
    subscription = a_subscription(channel, shipment)
    delivery = a_delivery(an_update(shipment), channel, state="failed")
    for viewer in (stranger.viewer, NOBODY):
        for act in (
            lambda viewer=viewer: subscribing.send_code(viewer, channel.pk),
            lambda viewer=viewer: subscribing.verify(viewer, channel.pk, "000000"),
            lambda viewer=viewer: subscribing.remove_channel(viewer, channel.pk),
            lambda viewer=viewer: subscribing.subscribe(viewer, channel.pk, shipment.pk),
            lambda viewer=viewer: subscribing.unsubscribe(viewer, subscription.pk),
            lambda viewer=viewer: subscribing.redeliver(viewer, delivery.pk),
            lambda viewer=viewer: subscribing.shipment(viewer, shipment.pk),
        ):
            with pytest.raises(NotFoundError):
                act()
    subscription.refresh_from_db()
    delivery.refresh_from_db()
    assert (subscription.ended_at, delivery.state, gateway.requests) == (None, "failed", [])


def test_a_stranger_cannot_subscribe_to_ones_shipment(shipper: Person, stranger: Person) -> None:
    shipment = a_shipment(shipper.organization)
    own = a_channel(stranger)
    with pytest.raises(NotFoundError):
        subscribing.subscribe(stranger.viewer, own.pk, shipment.pk)
    assert Subscription.objects.count() == 0


def test_subscribing_twice_is_once_with_the_new_matrix(shipper: Person) -> None:
    channel = a_channel(shipper)
    first = subscribing.subscribe(shipper.viewer, channel.pk)
    again = subscribing.subscribe(shipper.viewer, channel.pk, matrix={"gate_out": "digest"}, eta_hours=48)
    assert first.pk == again.pk
    found = Subscription.objects.get()
    assert (found.matrix, found.eta_hours, found.created_at) == ({"gate_out": "digest"}, 48, first.created_at)


def test_unsubscribing_ends_and_keeps_the_row(shipper: Person) -> None:
    channel = a_channel(shipper)
    subscription = subscribing.subscribe(shipper.viewer, channel.pk)
    subscribing.unsubscribe(shipper.viewer, subscription.pk)
    subscription.refresh_from_db()
    assert subscription.ended_at is not None
    with pytest.raises(NotFoundError):
        subscribing.unsubscribe(shipper.viewer, subscription.pk)
    assert subscribing.subscribe(shipper.viewer, channel.pk).pk != subscription.pk


def test_the_link_of_a_mail_works_half_a_year_later(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    channel = a_channel(shipper)
    token = render.unsubscribe_token(a_delivery(an_update(shipment), channel))
    a_subscription(channel)
    with time_machine.travel(timezone.now() + timedelta(days=180)):
        assert subscribing.unsubscribe_by_token(token) == channel
    assert not Subscription.objects.filter(ended_at__isnull=True).exists()


def test_the_link_may_end_the_one_shipment_only(shipper: Person) -> None:
    channel = a_channel(shipper)
    to_all = a_subscription(channel)
    token = render.unsubscribe_token(a_delivery(an_update(a_shipment(shipper.organization)), channel))
    subscribing.unsubscribe_by_token(token, only="shipment")
    assert list(Subscription.objects.filter(ended_at__isnull=True)) == [to_all]


def test_a_person_may_send_again_what_nobody_knows_of(shipper: Person) -> None:
    update = an_update(a_shipment(shipper.organization))
    delivery = a_delivery(update, a_channel(shipper), state="unknown", attempts=1, next_attempt_at=None)
    subscribing.redeliver(shipper.viewer, delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.reason) == ("pending", 0, "")
    Delivery.objects.update(state="sent")
    with pytest.raises(SubscribingError, match="It was sent"):
        subscribing.redeliver(shipper.viewer, delivery.pk)


WRONG = [
    ({"matrix": {"weather": "now"}}, "Unknown kind"),
    ({"matrix": {"gate_out": "whenever"}}, "cannot be told so"),
    ({"filter": {"weather": "fine"}, "label": "x"}, "no such filter"),
    ({"filter": {"eta_after": "2026-03-14"}, "label": "x"}, "by days cannot be kept: eta_after"),
    ({"filter": {"eta_after": "whenever"}, "label": "x"}, "eta_after cannot ask for this: whenever"),
    ({"filter": {"status": "arived"}, "label": "x"}, "status cannot ask for this: arived"),
    ({"filter": {"status": "arrived,"}, "label": "x"}, "status cannot ask"),
    ({"filter": {"ready": "yes"}, "label": "x"}, "ready cannot ask for this: yes"),
    ({"filter": {"arrived": "1"}, "label": "x"}, "arrived cannot ask for this: 1"),
    ({"filter": {"needs": "broker"}, "label": "x"}, "needs cannot ask"),
    ({"filter": {"hold": "perhaps so"}, "label": "x"}, "hold cannot ask"),
    ({"filter": {"port_of_loading": "Busan port"}, "label": "x"}, "port_of_loading cannot ask"),
    ({"filter": {"carrier": ["MAEU", "HDMU"]}, "label": "x"}, "carrier cannot ask"),
    ({"filter": {"mode": "sea"}}, "Give the filter a name"),
    ({"roles": ["king"], "label": "x"}, "Unknown role"),
    ({"eta_hours": 0}, "from 1 to 720"),
]


@pytest.mark.parametrize(("wish", "words"), WRONG)
def test_what_cannot_be_subscribed(shipper: Person, wish: dict[str, Any], words: str) -> None:
    channel = a_channel(shipper)
    with pytest.raises(SubscribingError, match=words):
        subscribing.subscribe(shipper.viewer, channel.pk, **wish)
    assert Subscription.objects.count() == 0


def test_a_filter_is_kept_in_the_lists_own_spelling(shipper: Person) -> None:
    given = {
        "status": " arrived, In_Bond", "port_of_loading": "krpus", "port_of_discharge": "US LAX", "hold": "kr-qia",
        "ready": "Unknown", "released": "TRUE", "milestone": ["discharged"], "mode": "vessel", "search": "po-17",
    }  # fmt: skip
    kept = subscribing.subscribe(shipper.viewer, a_channel(shipper).pk, label="x", filter=given)
    assert Subscription.objects.get(pk=kept.pk).filter == {
        "status": "arrived,in_bond", "port_of_loading": "KRPUS", "port_of_discharge": "USLAX", "hold": "KR-QIA",
        "ready": "unknown", "released": "true", "milestone": ["discharged"], "mode": "vessel", "search": "po-17",
    }  # fmt: skip


def test_what_was_kept_before_hinders_no_other_change(shipper: Person) -> None:
    old = a_subscription(a_channel(shipper), label="Old", filter={"eta_after": "2026-03-14"})
    subscribing.change_subscription(shipper.viewer, old.pk, matrix={"gate_out": "off"})
    old.refresh_from_db()
    assert (old.matrix, old.filter) == ({"gate_out": "off"}, {"eta_after": "2026-03-14"})
    with pytest.raises(SubscribingError, match="cannot be kept"):
        subscribing.change_subscription(shipper.viewer, old.pk, filter=dict(old.filter))


def test_a_chat_has_no_digest(shipper: Person) -> None:
    channel = a_channel(shipper, "chat", "#cargo")
    with pytest.raises(SubscribingError, match="cannot be told so"):
        subscribing.subscribe(shipper.viewer, channel.pk, matrix={"gate_out": "digest"})
    assert Subscription.objects.count() == 0


def test_saved_filters_stand_beside_each_other_by_name(shipper: Person) -> None:
    channel = a_channel(shipper)
    subscribing.subscribe(shipper.viewer, channel.pk)
    sea = subscribing.subscribe(shipper.viewer, channel.pk, label="Sea", filter={"mode": "sea"})
    air = subscribing.subscribe(shipper.viewer, channel.pk, label="Air", filter={"mode": "air"}, roles=["broker"])
    assert Subscription.objects.count() == 3
    assert subscribing.subscribe(shipper.viewer, channel.pk, label="Sea", filter={"mode": "sea"}).pk == sea.pk
    with pytest.raises(SubscribingError, match="of this name already"):
        subscribing.subscribe(shipper.viewer, channel.pk, label="Sea", filter={"mode": "sea", "hold": "true"})
    assert Subscription.objects.get(pk=sea.pk).filter == {"mode": "sea"}
    with pytest.raises(SubscribingError, match="of this name already"):
        subscribing.change_subscription(shipper.viewer, air.pk, label="Sea")
    changed = subscribing.change_subscription(shipper.viewer, air.pk, matrix={"gate_out": "off"})
    assert (changed.matrix, changed.label, changed.roles) == ({"gate_out": "off"}, "Air", ["broker"])


def test_many_at_once_are_the_viewers_own(shipper: Person, stranger: Person) -> None:
    channel = a_channel(shipper)
    ours = [a_shipment(shipper.organization).pk for _ in range(5)]
    theirs = a_shipment(stranger.organization).pk
    first = subscribing.subscribe(shipper.viewer, channel.pk, ours[0])
    done = subscribing.subscribe_many(shipper.viewer, channel.pk, [*ours, theirs, 10**9], matrix={"gate_out": "off"})
    assert (done.subscribed, done.unknown) == (ours, [theirs, 10**9])
    live = Subscription.objects.filter(ended_at__isnull=True)
    assert set(live.values_list("shipment_id", flat=True)) == set(ours)
    assert {str(row.matrix) for row in live} == {"{'gate_out': 'off'}"}
    assert live.get(shipment=ours[0]).pk == first.pk
    assert subscribing.unsubscribe_many(shipper.viewer, channel.pk, ours[:3]) == 3
    assert live.all().count() == 2
    with pytest.raises(TooManyError):
        subscribing.subscribe_many(shipper.viewer, channel.pk, range(1, 502))


def test_many_at_once_cost_the_same_statements(shipper: Person) -> None:
    channel = a_channel(shipper)
    counts = []
    for number in (1, 60):
        ids = [a_shipment(shipper.organization).pk for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            subscribing.subscribe_many(shipper.viewer, channel.pk, ids)
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] <= 6, counts


def test_a_strangers_channel_takes_no_bulk(shipper: Person, stranger: Person) -> None:
    channel = a_channel(shipper)
    theirs = a_shipment(stranger.organization)
    with pytest.raises(NotFoundError):
        subscribing.subscribe_many(stranger.viewer, channel.pk, [theirs.pk])
    assert Subscription.objects.count() == 0


SETTINGS = [
    ({"zone": "Asia/Seoul", "quiet_from": time(22), "quiet_until": time(8)}, ""),
    ({"digest_at": time(18), "digest_days": 127, "bypass_quiet": True, "name": "Night desk"}, ""),
    ({"zone": "Mars/Base"}, "not a time zone"),
    ({"quiet_from": time(22)}, "beginning and an end"),
    ({"digest_days": 0}, "at least one day"),
    ({"digest_days": 128}, "at least one day"),
    ({"language": "fr"}, "en or ko"),
]


@pytest.mark.parametrize(("settings", "words"), SETTINGS)
def test_a_channel_is_set(shipper: Person, settings: dict[str, Any], words: str) -> None:
    channel = a_channel(shipper)
    if words:
        with pytest.raises(SubscribingError, match=words):
            subscribing.set_channel(shipper.viewer, channel.pk, **settings)
        return
    subscribing.set_channel(shipper.viewer, channel.pk, **settings)
    channel.refresh_from_db()
    assert {name: getattr(channel, name) for name in settings} == settings


def test_a_colleagues_channel_is_not_set(shipper: Person) -> None:
    colleague = a_person("Colleague", shipper.organization)  # type: ignore[arg-type]
    channel = a_channel(shipper)
    with pytest.raises(ForbiddenError):
        subscribing.set_channel(colleague.viewer, channel.pk, zone="Asia/Seoul")
    channel.refresh_from_db()
    assert channel.zone == ""


def test_one_click_ends_what_caused_the_message(shipper: Person) -> None:
    channel, about = a_channel(shipper), a_shipment(shipper.organization)
    bell, to_all = a_subscription(channel, about), a_subscription(channel)
    delivery = a_delivery(an_update(about), channel, subscription=to_all)
    subscribing.unsubscribe_by_token(render.unsubscribe_token(delivery), only="subscription")
    assert list(Subscription.objects.filter(ended_at__isnull=True)) == [bell]


def test_what_is_subscribed_again_keeps_its_choices(shipper: Person) -> None:
    """Ticked again in the list, or on the shipment's page, nobody said anything of what is told how."""
    channel, about = a_channel(shipper), a_shipment(shipper.organization)
    own = a_subscription(channel, about, matrix={"gate_out": "digest"}, eta_hours=48)
    assert subscribing.subscribe(shipper.viewer, channel.pk, about.pk).pk == own.pk
    subscribing.subscribe_many(shipper.viewer, channel.pk, [about.pk])
    own.refresh_from_db()
    assert (own.matrix, own.eta_hours) == ({"gate_out": "digest"}, 48)
    subscribing.subscribe_many(shipper.viewer, channel.pk, [about.pk], eta_hours=12)
    subscribing.subscribe(shipper.viewer, channel.pk, about.pk, matrix={})
    own.refresh_from_db()
    assert (own.matrix, own.eta_hours) == ({}, 12)


def test_a_name_is_one_line_of_plain_text(shipper: Person) -> None:
    channel = a_channel(shipper)
    made = subscribing.subscribe(shipper.viewer, channel.pk, label=" Sea\x00\n A ", filter={"mode": "sea"})
    assert Subscription.objects.get(pk=made.pk).label == "Sea A"
    with pytest.raises(SubscribingError, match="Give the filter a name"):
        subscribing.subscribe(shipper.viewer, channel.pk, label="\x00", filter={"mode": "air"})
    assert Subscription.objects.count() == 1


def test_a_link_ends_only_what_it_names(shipper: Person) -> None:
    channel, about = a_channel(shipper), a_shipment(shipper.organization)
    bell, to_all = a_subscription(channel, about), a_subscription(channel)
    digest = render.unsubscribe_token(Delivery(channel=channel, notice="digest"))
    assert subscribing.channel_of_token(digest) == (channel, None, None)
    for only in ("shipment", "subscription"):
        assert subscribing.unsubscribe_by_token(digest, only=only) is None
    assert Subscription.objects.filter(ended_at__isnull=True).count() == 2
    single = render.unsubscribe_token(a_delivery(an_update(about), channel, subscription=to_all))
    assert subscribing.channel_of_token(single) == (channel, about.pk, to_all.pk)
    subscribing.unsubscribe(shipper.viewer, bell.pk)
    assert subscribing.channel_of_token(single) == (channel, None, to_all.pk)
    subscribing.unsubscribe(shipper.viewer, to_all.pk)
    assert subscribing.channel_of_token(single) == (channel, None, None)
    assert subscribing.channel_of_token("nonsense") is None
