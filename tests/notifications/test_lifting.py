"""Staff lifts what bounces began, in the admin; a complaint, an unsubscription and a STOP stay their owner's."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clis.accounts.models import User
from notifications.deliver import deliver
from notifications.deliver.settling import suppress_mail
from notifications.mail_callbacks import lift_bounces
from notifications.models import Channel, Suppression
from tests.factories import UserFactory
from tests.notifications.conftest import MailServer, a_channel, a_delivery, a_shipment, an_update, everything_stands
from tests.people import Person

NOW = datetime.fromisoformat("2026-03-24T09:00:00+00:00")
LIST = "/admin/notifications/suppression/"


def suppressed(channel: Channel, reason: str) -> Suppression:
    """As a bounce, a complaint or a STOP leaves it: written down, and the channel off."""
    row = Suppression(kind=channel.kind, recipient=channel.recipient, address=channel.address, reason=reason)
    if channel.kind == "email":
        suppress_mail({row.recipient: row}, timezone.now())
    else:
        row.save()
        Channel.objects.filter(pk=channel.pk).update(disabled_at=timezone.now(), disabled_reason="texts: stop")
    return Suppression.objects.get(recipient=row.recipient, lifted_at__isnull=True)


def lift(client: Client, *rows: Suppression) -> str:
    given = {"action": "lift", "_selected_action": [row.pk for row in rows]}
    answer = client.post(LIST, given, follow=True)
    return "\n".join(str(message) for message in answer.context["messages"]) if answer.context else ""


@pytest.mark.parametrize("reason", ["bounce", "soft_bounces"])
def test_a_mended_mailbox_is_told_again(shipper: Person, staff: Person, mail_server: MailServer, reason: str) -> None:
    channel = a_channel(shipper)
    row = suppressed(channel, reason)
    update = an_update(a_shipment(shipper.organization))
    with time_machine.travel(NOW, tick=False):
        assert lift(staff.client(), row) == "1 address is told again."
    row.refresh_from_db()
    channel.refresh_from_db()
    assert (row.lifted_at, row.reason, channel.usable, channel.disabled_reason) == (NOW, reason, True, "")
    a_delivery(update, channel, recipient=channel.recipient)
    assert deliver(everything_stands) == 1 and len(mail_server.mails) == 1
    assert [(entry.object_id, entry.change_message) for entry in LogEntry.objects.all()] == [(str(row.pk), "Lifted.")]
    # It is bounced again, and may be lifted again.
    suppressed(channel, reason)
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 1


def test_a_follower_who_has_no_code_is_told_again_however_he_is_spelled(shipper: Person, staff: Person) -> None:
    row = suppressed(a_channel(shipper, "email", "bob@outside.example", user=None, follower=True), "bounce")
    same = a_channel(shipper, "email", "Bob@outside.example", disabled_at=timezone.now(), disabled_reason="bounce")
    by_hand = a_channel(shipper, "email", "BOB@outside.example", user=None, disabled_at=timezone.now())
    other = a_channel(shipper, "email", "eve@outside.example", disabled_at=timezone.now(), disabled_reason="bounce")
    lift(staff.client(), row)
    assert not Channel.objects.filter(follower=True, disabled_at__isnull=False).exists()
    assert [Channel.objects.get(pk=one.pk).usable for one in (same, by_hand, other)] == [True, False, False]


OWNERS = [("email", "complaint"), ("email", "unsubscribed"), ("sms", "stop")]


@pytest.mark.parametrize(("kind", "reason"), OWNERS)
def test_what_its_owner_said_is_refused(shipper: Person, staff: Person, kind: str, reason: str) -> None:
    row = suppressed(a_channel(shipper, kind), reason)
    before = [list(model.objects.values()) for model in (Suppression, Channel)]
    said = lift(staff.client(), row)
    assert said == (
        "0 addresses are told again.\n"
        "1 stays: its owner complained, unsubscribed or said STOP, and only he takes that back."
    )
    assert [list(model.objects.values()) for model in (Suppression, Channel)] == before
    assert not LogEntry.objects.exists()


def test_of_many_chosen_only_bounces_are_lifted(shipper: Person, staff: Person) -> None:
    bounced, complained = (
        suppressed(a_channel(shipper, "email", f"{reason}@example.com"), reason) for reason in ("bounce", "complaint")
    )
    said = lift(staff.client(), bounced, complained)
    assert said.startswith("1 address is told again.\n1 stays: ")
    assert list(Suppression.objects.filter(lifted_at__isnull=True)) == [complained]
    # What is lifted already is nobody's to refuse, and is not lifted at another time.
    was = Suppression.objects.get(pk=bounced.pk).lifted_at
    assert lift(staff.client(), bounced) == "0 addresses are told again."
    assert Suppression.objects.get(pk=bounced.pk).lifted_at == was


def a_clerk(*rights: str) -> Client:
    clerk: User = UserFactory.create(email=f"{len(rights)}@clis.example", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(clerk)
    return client


def test_who_may_only_look_is_not_offered_it(shipper: Person) -> None:
    row = suppressed(a_channel(shipper), "bounce")
    looks = a_clerk("view_suppression")
    page = looks.get(LIST).content.decode()
    assert "alice@example.com" in page and 'value="lift"' not in page
    lift(looks, row)
    shipper.client().post(LIST, {"action": "lift", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.lifted_at, Channel.objects.get().usable, LogEntry.objects.count()) == (None, False, 0)


def test_who_may_change_lifts_and_writes_nothing_else(shipper: Person) -> None:
    row = suppressed(a_channel(shipper), "bounce")
    changes = a_clerk("view_suppression", "change_suppression")
    assert 'value="lift"' in changes.get(LIST).content.decode()
    assert changes.post(f"{LIST}{row.pk}/change/", {"address": "x@example.com"}).status_code == 403
    assert changes.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert lift(changes, row) == "1 address is told again."
    row.refresh_from_db()
    assert (row.address, row.lifted_at is not None) == ("alice@example.com", True)


def test_many_cost_as_many_statements_as_one(shipper: Person) -> None:
    counts = []
    for number in (1, 30):
        for n in range(number):
            suppressed(a_channel(shipper, "email", f"{number}-{n}@example.com"), "bounce")
        with CaptureQueriesContext(connection) as captured:
            assert len(lift_bounces(Suppression.objects.all(), timezone.now())) == number
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert counts == [4, 4]
    with CaptureQueriesContext(connection) as captured:
        assert lift_bounces(Suppression.objects.all(), timezone.now()) == []
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 1
