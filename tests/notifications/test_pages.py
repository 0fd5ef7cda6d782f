"""The pages of notices, as a person uses them: with and without htmx, as owner, colleague, stranger and nobody."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clis.accounts.models import User
from notifications import render
from notifications.models import Channel, Delivery, Subscription, Suppression, Verification
from tests.notifications.conftest import Gateway, a_channel, a_delivery, a_shipment, a_subscription, an_update
from tests.notifications.receivers import an_endpoint
from tests.people import Person, a_person

HTMX = {"HX-Request": "true"}


def test_the_settings_show_ones_channels(shipper: Person, shipper_client: Client) -> None:
    channel = a_channel(shipper)
    subscription = a_subscription(channel)
    page = shipper_client.get("/notices/")
    assert page.status_code == 200
    assert "alice@example.com" in page.content.decode()
    assert f"/notices/subscriptions/{subscription.pk}/end/" in page.content.decode()


def test_the_settings_in_korean(shipper: Person, shipper_client: Client) -> None:
    User.objects.update(language="ko")
    a_channel(shipper)
    assert '<html lang="ko"' in shipper_client.get("/notices/", headers={"accept-language": "ko"}).content.decode()


def test_a_number_is_added_and_verified(shipper_client: Client, gateway: Gateway) -> None:
    answer = shipper_client.post("/notices/channels/", {"kind": "sms", "address": "010-1234-5678", "language": "ko"})
    assert (answer.status_code, answer["Location"]) == (302, "/notices/")
    channel = Channel.objects.get()
    code = re.search(r"\d{6}", gateway.texts()[0])
    assert code
    answer = shipper_client.post(f"/notices/channels/{channel.pk}/verify/", {"code": code[0]}, follow=True)
    assert "Confirmed." in answer.content.decode() and "Saved." not in answer.content.decode()
    channel.refresh_from_db()
    assert channel.usable


def test_a_wrong_number_is_said_beside_the_field(shipper_client: Client, gateway: Gateway) -> None:
    answer = shipper_client.post("/notices/channels/", {"kind": "sms", "address": "02-312-3456", "language": "en"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "This is not a mobile number" in page
    assert 'aria-describedby="id_address_helptext id_address_error"' in page
    assert page.count('id="id_address_helptext"') == page.count('id="id_address_error"') == 1
    assert "<title>Error: Notices" in page
    main = page.split("<main")[1]
    assert main.index('href="#id_address"') < main.index("<h1>") < main.index(" autofocus")
    assert page.count(" autofocus") == 1
    field, button = page.index('id="id_address"'), page.index('id="id_name"')
    assert field < page.index('id="id_address_helptext"') < page.index('id="id_address_error"') < button
    assert (Channel.objects.count(), Verification.objects.count(), gateway.requests) == (0, 0, [])


def test_who_comes_back_to_where_an_address_is_added_sees_the_page(shipper_client: Client) -> None:
    answer = shipper_client.get("/notices/channels/")
    assert (answer.status_code, answer["Location"]) == (302, "/notices/")


def test_an_address_that_is_there_already(shipper: Person, shipper_client: Client) -> None:
    given = {"kind": "email", "address": "alice@example.com", "language": "en"}
    page = shipper_client.post("/notices/channels/", given, follow=True).content.decode()
    assert "Added." in page
    page = shipper_client.post("/notices/channels/", given, follow=True).content.decode()
    assert "alice@example.com is there already." in page and "Added." not in page
    assert Channel.objects.count() == 1


def test_buttons_say_of_which_address_they_are(shipper: Person, shipper_client: Client) -> None:
    a_channel(shipper, name="Desk")
    text = a_channel(shipper, "sms", verified_at=None)
    shared = a_channel(shipper, "email", "ours@example.com", user=None)
    a_subscription(shared)
    page = shipper_client.get("/notices/").content.decode()
    for words in ("What is told, and when", "Tell of all shipments", "Remove"):
        assert page.count(f'{words}<span class="sr"> Desk</span>') == 1
    for words in ("Code", "Confirm", "Send a code", "Remove"):
        assert page.count(f'{words}<span class="sr"> {text.address}</span>') == 1
    assert page.count('No longer of all shipments<span class="sr"> ours@example.com</span>') == 1
    bell = f"/notices/shipments/{a_shipment(shipper.organization).pk}/"
    page = shipper_client.get(bell).content.decode()
    assert 'Tell me here<span class="sr"> Desk</span>' in page
    assert 'Not this one<span class="sr"> ours@example.com</span>' in page


def test_the_page_of_a_named_address_shows_the_address(shipper: Person, shipper_client: Client) -> None:
    channel = a_channel(shipper, name="Desk")
    page = shipper_client.get(f"/notices/channels/{channel.pk}/").content.decode()
    assert '<h1>Desk</h1><p class="muted">alice@example.com</p>' in page


def test_a_shared_address_goes_by_the_operators_clock(shipper: Person, shipper_client: Client, settings: Any) -> None:
    settings.OPERATOR_TIME_ZONE = "Asia/Seoul"
    own, shared = a_channel(shipper), a_channel(shipper, "email", "ours@example.com", user=None)
    page = shipper_client.get(f"/notices/channels/{own.pk}/").content.decode()
    assert "as in my profile" in page and "as the operator" not in page
    page = shipper_client.get(f"/notices/channels/{shared.pk}/").content.decode()
    assert "as the operator&#x27;s (Asia/Seoul)" in page and "as in my profile" not in page


def test_all_shipments_and_back(shipper: Person, shipper_client: Client) -> None:
    channel = a_channel(shipper)
    answer = shipper_client.post(f"/notices/channels/{channel.pk}/subscribe/")
    assert (answer.status_code, answer["Location"]) == (302, f"/notices/channels/{channel.pk}/")
    subscription = Subscription.objects.get()
    assert (subscription.shipment, subscription.matrix, subscription.label) == (None, {}, "")
    shipper_client.post(f"/notices/subscriptions/{subscription.pk}/end/")
    subscription.refresh_from_db()
    assert subscription.ended_at is not None


def test_what_an_address_wants_by_its_own_clock(shipper: Person, shipper_client: Client) -> None:
    channel = a_channel(shipper)
    path = f"/notices/channels/{channel.pk}/"
    assert "Quiet from" in shipper_client.get(path).content.decode()
    wishes = {
        "name": "Desk", "language": "ko", "zone": "Europe/Berlin", "quiet_from": "22:00", "quiet_until": "07:00",
        "bypass_quiet": "on", "digest_at": "09:30", "digest_days": ["0", "2", "6"],
    }  # fmt: skip
    answer = shipper_client.post(path, wishes)
    assert (answer.status_code, answer["Location"]) == (302, path)
    channel.refresh_from_db()
    assert (channel.name, channel.language, channel.zone) == ("Desk", "ko", "Europe/Berlin")
    assert (channel.quiet_from, channel.quiet_until, channel.bypass_quiet) == (time(22), time(7), True)
    assert (channel.digest_at, channel.digest_days) == (time(9, 30), 0b1000101)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quiet_from": "22:00"}, "Quiet hours have a beginning and an end."),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "Quiet hours begin and end at different times."),
        ({"zone": "Europe/Atlantis"}, "Select a valid choice"),
        ({"digest_days": []}, "This field is required."),
        ({"digest_at": "25:00"}, "Enter a valid time."),
    ],
)
def test_a_wrong_clock_is_said_and_changes_nothing(
    shipper: Person, shipper_client: Client, wrong: dict[str, Any], said: str
) -> None:
    channel = a_channel(shipper)
    plain = {"language": "en", "digest_at": "08:00", "digest_days": ["0"], "name": "changed"}
    answer = shipper_client.post(f"/notices/channels/{channel.pk}/", {**plain, **wrong})
    page = answer.content.decode()
    assert answer.status_code == 400 and page.count(said) >= 2 and "<title>Error: " in page
    for target in re.findall(r'aria-describedby="([^"]+)"', page):
        assert page.count(f'id="{target}"') == 1
    channel.refresh_from_db()
    assert (channel.name, channel.quiet_from, channel.digest_days) == ("", None, 0b0011111)


def test_a_suppressed_address_says_why_and_how_it_ends(shipper: Person, shipper_client: Client) -> None:
    channel = a_channel(shipper)
    Suppression.objects.create(
        kind="email", recipient=channel.recipient, address=channel.address, reason="complaint", detail="<b>spam</b>"
    )
    for path in ("/notices/", f"/notices/channels/{channel.pk}/"):
        page = shipper_client.get(path).content.decode()
        assert "wants nothing" in page and "A mail to it was reported as unwanted." in page
        assert "Ask for a code and enter it: that lifts it." in page and "spam" not in page


def test_a_colleagues_address_is_seen_by_admins_alone(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    eve = a_person("Eve", shipper.organization)
    hers, ours = a_channel(eve), a_channel(shipper)
    page = shipper_client.get("/notices/").content.decode()
    assert "eve@example.com" in page and f"/notices/channels/{hers.pk}/remove/" not in page
    theirs = eve.client().get("/notices/").content.decode()
    assert "alice@example.com" not in theirs
    assert eve.client().get(f"/notices/channels/{ours.pk}/").status_code == 404


def test_a_channel_is_removed(shipper: Person, shipper_client: Client) -> None:
    channel = a_channel(shipper, name="Desk")
    a_subscription(channel)
    a_subscription(channel, label="Sea", filter={"mode": "sea"})
    for _number in range(2):
        a_subscription(channel, a_shipment(shipper.organization))
    path = f"/notices/channels/{channel.pk}/remove/"
    assert f'href="{path}"' in shipper_client.get("/notices/").content.decode()
    page = shipper_client.get(path).content.decode()
    assert "Remove Desk?" in page and "alice@example.com" in page and "its part of the delivery log" in page
    assert "that it is told of all shipments" in page and "1 saved choice<" in page
    assert "what it is told of 2 single shipments" in page
    assert Channel.objects.count() == 1
    answer = shipper_client.post(path, follow=True)
    assert "Removed." in answer.content.decode()
    assert Channel.objects.count() == 0


def test_only_who_may_remove_an_address_is_asked(shipper: Person, stranger_client: Client) -> None:
    assert shipper.organization
    shared = a_channel(shipper, "email", "desk@example.com", user=None)
    path = f"/notices/channels/{shared.pk}/remove/"
    assert stranger_client.get(path).status_code == 404
    eve = a_person("Eve", shipper.organization).client()
    assert (eve.get(path).status_code, eve.post(path).status_code) == (403, 403)
    assert list(Channel.objects.all()) == [shared]


def test_one_click_on_a_shipment_without_javascript(shipper: Person, shipper_client: Client) -> None:
    shipment = a_shipment(shipper.organization, own_reference="PO-1")
    path = f"/notices/shipments/{shipment.pk}/"
    page = shipper_client.get(path)
    assert "Tell me at alice@example.com" in page.content.decode()
    answer = shipper_client.post(path, {"email": "1", "on": "1"})
    assert (answer.status_code, answer["Location"]) == (302, path)
    subscription = Subscription.objects.get()
    assert (subscription.shipment_id, subscription.channel.address) == (shipment.pk, "alice@example.com")
    shipper_client.post(path, {"channel": subscription.channel_id, "on": "0"})
    subscription.refresh_from_db()
    assert subscription.ended_at is not None


def test_the_same_by_htmx(shipper: Person, shipper_client: Client) -> None:
    shipment = a_shipment(shipper.organization)
    path = f"/notices/shipments/{shipment.pk}/"
    part = shipper_client.get(path, headers=HTMX)
    assert part.status_code == 200 and "<html" not in part.content.decode()
    part = shipper_client.post(path, {"email": "1", "on": "1"}, headers=HTMX)
    assert part.status_code == 200 and "No longer" in part.content.decode()
    assert Subscription.objects.count() == 1


def test_the_history_of_a_shipment(shipper: Person, shipper_client: Client) -> None:
    shipment = a_shipment(shipper.organization)
    colleague = a_person("Eve", shipper.organization)  # type: ignore[arg-type]
    a_delivery(an_update(shipment), a_channel(shipper), state="sent")
    a_delivery(an_update(shipment), a_channel(colleague), state="skipped", reason="superseded")
    own = shipper_client.get(f"/notices/shipments/{shipment.pk}/").content.decode()
    assert "Released by customs" in own and "eve@example.com" in own
    theirs = colleague.client().get(f"/notices/shipments/{shipment.pk}/").content.decode()
    assert "a…@example.com" in theirs and "alice@example.com" not in theirs
    assert "It was no longer true when it was to be sent." in theirs


STRANGE = [
    ("get", "/notices/shipments/{shipment}/", {}),
    ("post", "/notices/shipments/{shipment}/", {"email": "1", "on": "1"}),
    ("post", "/notices/channels/{channel}/code/", {}),
    ("post", "/notices/channels/{channel}/verify/", {"code": "000000"}),
    ("post", "/notices/channels/{channel}/remove/", {}),
    ("get", "/notices/channels/{channel}/remove/", {}),
    ("get", "/notices/channels/{channel}/code/", {}),
    ("get", "/notices/channels/{channel}/verify/", {}),
    ("get", "/notices/channels/{channel}/subscribe/", {}),
    ("get", "/notices/channels/{channel}/", {}),
    ("post", "/notices/channels/{channel}/", {"language": "en", "digest_at": "08:00", "digest_days": ["0"]}),
    ("post", "/notices/channels/{channel}/subscribe/", {}),
    ("get", "/notices/subscriptions/{subscription}/", {}),
    ("post", "/notices/subscriptions/{subscription}/", {"eta_hours": "48"}),
    ("post", "/notices/subscriptions/{subscription}/end/", {}),
    ("post", "/notices/shipments/{shipment}/", {"invite": "bob@example.org"}),
    ("post", "/notices/shipments/{shipment}/", {"end": "1"}),
]


@pytest.mark.parametrize(("method", "path", "data"), STRANGE)
def test_a_stranger_gets_404_and_changes_nothing(
    shipper: Person, stranger_client: Client, gateway: Gateway, method: str, path: str, data: dict[str, Any]
) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper, "sms")
    subscription = a_subscription(channel)
    answer = getattr(stranger_client, method)(
        path.format(shipment=shipment.pk, channel=channel.pk, subscription=subscription.pk), data
    )
    assert answer.status_code == 404
    assert list(Channel.objects.all()) == [channel]
    assert list(Subscription.objects.filter(ended_at__isnull=True)) == [subscription]
    assert (Verification.objects.count(), gateway.requests) == (0, [])


@pytest.mark.parametrize("step", ["code", "verify", "subscribe"])
def test_who_comes_back_to_a_step_is_shown_the_channel(
    step: str, shipper: Person, shipper_client: Client, gateway: Gateway
) -> None:
    channel = a_channel(shipper, "sms", verified_at=None)
    answer = shipper_client.get(f"/notices/channels/{channel.pk}/{step}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/notices/channels/{channel.pk}/")
    assert shipper_client.put(f"/notices/channels/{channel.pk}/{step}/").status_code == 405
    assert (Verification.objects.count(), Subscription.objects.count(), gateway.requests) == (0, 0, [])


@pytest.mark.parametrize(
    ("method", "path", "data"), [*STRANGE, ("get", "/notices/", {}), ("post", "/notices/channels/", {})]
)
def test_nobody_is_asked_to_sign_in(db: None, client: Client, method: str, path: str, data: dict[str, Any]) -> None:
    answer = getattr(client, method)(path.format(shipment=1, channel=1, subscription=1), data)
    assert answer.status_code == 302 and "/login/" in answer["Location"]


@pytest.mark.parametrize("channel", ["", "abc", "²", "9" * 30, "-1", "99"])
def test_a_channel_that_is_none(shipper: Person, shipper_client: Client, channel: str) -> None:
    shipment = a_shipment(shipper.organization)
    answer = shipper_client.post(f"/notices/shipments/{shipment.pk}/", {"channel": channel, "on": "1"})
    assert answer.status_code == 404
    assert Subscription.objects.count() == 0


def test_numbers_beyond_the_database_are_404(shipper_client: Client) -> None:
    assert shipper_client.get(f"/notices/shipments/{10**25}/").status_code == 404


def token_of(person: Person) -> str:
    shipment, channel = a_shipment(person.organization), a_channel(person)
    a_subscription(channel)
    return render.unsubscribe_token(a_delivery(an_update(shipment), channel))


def test_get_unsubscribes_nobody(shipper: Person) -> None:
    """N5: a scanner that follows every link a hundred times changes nothing, and needs no session to see the page."""
    token, scanner = token_of(shipper), Client(enforce_csrf_checks=True)
    for _ in range(100):
        page = scanner.get(f"/notices/unsubscribe/{token}/")
        assert page.status_code == 200
        scanner.head(f"/notices/unsubscribe/{token}/")
    assert Subscription.objects.filter(ended_at__isnull=True).count() == 2
    assert "alice@example.com" not in page.content.decode()


def test_one_click_post_unsubscribes_without_a_cookie(shipper: Person) -> None:
    """RFC 8058: the mail program posts this body, with neither cookie nor token."""
    path = f"/notices/unsubscribe/{token_of(shipper)}/"
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Subscription.objects.filter(ended_at__isnull=True).count() == 0
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_a_link_offers_and_says_only_what_it_does(shipper: Person) -> None:
    channel, about = a_channel(shipper), a_shipment(shipper.organization)
    to_all = a_subscription(channel)
    told = a_delivery(an_update(about), channel, subscription=to_all)  # with a subscription to the shipment beside
    one = f"/notices/unsubscribe/{render.unsubscribe_token(told)}/"
    page = Client().get(one).content.decode()
    assert 'value="subscription"' in page and 'value="shipment"' in page
    said = Client().post(one, {"only": "shipment"}).content.decode()
    assert "What was subscribed for this one shipment has ended." in said and "not told any more" not in said
    assert list(Subscription.objects.filter(ended_at__isnull=True)) == [to_all]
    assert 'value="shipment"' not in Client().get(one).content.decode()
    digest = f"/notices/unsubscribe/{render.unsubscribe_token(Delivery(channel=channel, notice='digest'))}/"
    page = Client().get(f"{digest}?only=subscription").content.decode()
    assert "Stop all notices to this address" in page and 'name="only"' not in page
    assert Client().post(digest, {"only": "subscription"}).status_code == 404
    assert list(Subscription.objects.filter(ended_at__isnull=True)) == [to_all]
    said = Client().post(one, {"only": "subscription"}).content.decode()
    assert "What caused this message has ended." in said and "not told any more" not in said
    assert "not told any more" in Client().post(digest).content.decode()
    assert not Subscription.objects.filter(ended_at__isnull=True).exists()


def test_a_forged_link_is_404(shipper: Person) -> None:
    token = token_of(shipper)
    for forged in (token[:-3] + "abc", "x", "WzEsMV0:1:abc"):
        assert Client().post(f"/notices/unsubscribe/{forged}/").status_code == 404
        assert Client().get(f"/notices/unsubscribe/{forged}/").status_code == 404
    assert Subscription.objects.filter(ended_at__isnull=True).count() == 2


def test_a_channel_that_was_switched_off_says_why(shipper: Person, shipper_client: Client) -> None:
    a_channel(shipper, disabled_at=timezone.now(), disabled_reason="550 5.1.1 <b>no</b>")
    page = shipper_client.get("/notices/").content.decode()
    assert "550 5.1.1 &lt;b&gt;no&lt;/b&gt;" in page


def test_a_browser_that_was_switched_off_is_connected_again_and_sent_no_code(
    shipper: Person, shipper_client: Client
) -> None:
    channel = a_channel(shipper, "push", "Chrome 12ab34cd", disabled_at=timezone.now(), disabled_reason="HTTP 410")
    page = shipper_client.get("/notices/").content.decode()
    assert "This browser takes no more notices." in page and f"/notices/channels/{channel.pk}/remove/" in page
    assert f"/notices/channels/{channel.pk}/code/" not in page and 'name="code"' not in page
    answer = shipper_client.post(f"/notices/channels/{channel.pk}/code/", follow=True)
    assert "This kind of channel is not confirmed by a code." in answer.content.decode()
    answer = shipper_client.post(f"/notices/channels/{channel.pk}/verify/", {"code": "000000"}, follow=True)
    assert "This kind of channel is not confirmed by a code." in answer.content.decode()
    channel.refresh_from_db()
    assert (Verification.objects.count(), channel.usable) == (0, False)


def test_staff_who_act_for_an_organization_read_its_channels_alone(
    shipper: Person, shipper_client: Client, stranger: Person
) -> None:
    """The operator's people see every channel one by one; their pages do not load those of every organization."""
    User.objects.filter(pk=shipper.user.pk).update(is_staff=True)
    shipment, ours = a_shipment(shipper.organization), a_channel(shipper)
    a_channel(stranger)
    an_endpoint(stranger, "https://hooks.example.com/")
    colleague = a_channel(a_person("Eve", shipper.organization))  # type: ignore[arg-type]
    a_delivery(an_update(shipment), ours, state="sent")
    page = shipper_client.get("/notices/")
    told = [row.id for _kind, rows in page.context["groups"] for row in rows]
    assert (sorted(told), page.context["hooks"]) == ([ours.pk, colleague.pk], [])
    loaded = channels_loaded(shipper_client, f"/notices/shipments/{shipment.pk}/")
    assert loaded == {ours.pk}


def test_a_page_of_the_log_asks_for_its_own_channels_alone(shipper: Person, shipper_client: Client) -> None:
    a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper), state="sent")
    with CaptureQueriesContext(connection) as statements:
        assert len(shipper_client.get("/notices/log/").context["rows"]) == 1
    asked = [query["sql"] for query in statements if 'FROM "notifications_channel"' in query["sql"]]
    assert len(asked) == 2 and all("json_each" in sql or "= ANY(" in sql for sql in asked)


def channels_loaded(client: Client, path: str) -> set[int]:
    """The channels of which rows were made while this page was."""
    found: set[int] = set()

    def note(instance: Channel, **_more: Any) -> None:
        found.add(instance.pk)

    post_init.connect(note, sender=Channel)
    try:
        assert client.get(path).status_code == 200
    finally:
        post_init.disconnect(note, sender=Channel)
    return found
