"""What the scoping matrix asks with: two organizations, and for every route one of Alice's objects.

A new route with a parameter needs a line in ``SAMPLES``, and a new table in the admin a row in ``make_world``.
A route that everybody may open needs a line in ``PUBLIC`` with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from cargo import booking, calendars, reporting, teaching
from cargo.formats.manual import Statement
from cargo.models import (
    Acknowledgment,
    CodeMapping,
    DeadlineRule,
    Event,
    Forecast,
    ForecastTally,
    ForecastTurn,
    Inquiry,
    Intake,
    Shipment,
    ShipmentDeadline,
    ShipmentEvent,
    ShipmentException,
    Source,
    SourceKey,
    SourceSecret,
    StageTime,
    TargetTime,
    Tariff,
    TrackingRequest,
    TrackingUpdate,
    UnknownCode,
    UnresolvedEvent,
    Warehouse,
)
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything
from clis.accounts.models import KEY_SCOPES, ApiKey, Membership, Organization
from clis.sealing import seal
from notifications.models import Branding, Channel, Delivery, Endpoint, Letter, Subscription, Suppression
from tests.factories import ApiKeyFactory
from tests.people import Person, a_person, a_staff_member

# Stands in everything that is Alice's and may appear in no answer to anybody else.
CANARY = "AliceCanary7f3a"
# The same numbers in both organizations: equal numbers never open another's cargo.
CONTAINER = "HDMU6546583"
HOUSE_BILL = "KOSHA2603001"
# A container that only Alice has.
HER_CONTAINER = "MSKU9070323"

Values = dict[str, object]


@dataclass
class World:
    """Two organizations that have nothing to do with each other, and the operator's staff."""

    alice: Person
    vera: Person
    charlie: Person
    staff: Person
    alice_key: ApiKey
    charlie_key: ApiKey
    charlie_bare_key: ApiKey
    # Alice's objects by name, for the samples below.
    objects: dict[str, Any] = field(default_factory=dict)


def make_world() -> World:
    """Alice's organization with an admin and a viewer, Charlie's with an admin; everything of hers bears the canary."""
    alice = a_person("Alice", f"{CANARY} Imports", Membership.Role.ADMIN, last_name=CANARY)
    assert alice.organization
    charlie = a_person("Charlie", "Charlie Trading", Membership.Role.ADMIN)
    world = World(
        alice=alice,
        vera=a_person("Vera", alice.organization, Membership.Role.VIEWER),
        charlie=charlie,
        staff=a_staff_member("Dana"),
        alice_key=ApiKeyFactory.create(organization=alice.organization, name=f"{CANARY} key"),
        charlie_key=ApiKeyFactory.create(organization=charlie.organization, scopes=list(KEY_SCOPES)),
        charlie_bare_key=ApiKeyFactory.create(organization=charlie.organization, scopes=[]),
    )
    Group.objects.create(name=CANARY)
    EmailAddress.objects.create(user=alice.user, email=alice.user.email, primary=True)
    Authenticator.objects.create(user=alice.user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": CANARY})
    _add_cargo(world)
    return world


def _add_cargo(world: World) -> None:
    """Both register the same numbers; Alice's private source, into which her key pushes, told of hers alone."""
    assert world.alice.organization and world.charlie.organization
    same = [("container", CONTAINER), ("house_bill", HOUSE_BILL)]
    hers = [*same, ("container", HER_CONTAINER)]
    shipment = booking.register(world.alice.organization.pk, hers, own_reference=CANARY)
    booking.register(world.charlie.organization.pk, same, own_reference="ours")
    source = Source.objects.create(slug="her-carrier", name=CANARY, organization=world.alice.organization)
    SourceKey.objects.create(key=world.alice_key, source=source)
    message = receive(source.pk, json.dumps([_discharged(CONTAINER), _discharged(HER_CONTAINER)]).encode())
    process_everything()
    request = TrackingRequest.objects.create(
        organization=world.alice.organization, reference=CONTAINER, kind="container", shipment=shipment, message=CANARY
    )
    link = ShipmentEvent.objects.filter(shipment=shipment).order_by("event_id").first()
    assert link is not None, "the message did not reach Alice's shipment"
    UnresolvedEvent.objects.create(
        event_id=link.event_id,
        organization=world.alice.organization,
        candidates=[shipment.pk],
        created_at=timezone.now(),
    )
    world.objects |= {"shipment": shipment, "event_id": link.event_id, "message": message.id, "request": request}
    world.objects |= {"source": source, "report": _reported(world, shipment)}
    _add_ways_in(world, source)
    _add_telling(world)
    _add_what_is_wrong(world, shipment)
    # Everybody's, so without the canary; only staff has a page of it.
    Branding.objects.create(name="Ours")
    Suppression.objects.create(kind="email", recipient="0" * 64, address="gone@example.com", reason="bounce")
    Letter.objects.create(reference="e-1", address="ops@example.com", language="en", subject="A limit", text="Texts")
    Warehouse.objects.create(authority="KR-KCS", code="02012018", as_of=timezone.now())
    DeadlineRule.objects.create(
        code="kr_removal", authority="KR-KCS", kind="removal", days=15, starts="customs_released", meets="gate_out"
    )
    # Hers, so that no answer to anybody else may show it.
    hers = {"charge": "demurrage", "starts": "discharged", "free_days": 5, "note": CANARY}
    Tariff.objects.create(organization=world.alice.organization, code="hers", **hers)


def _add_ways_in(world: World, source: Source) -> None:
    """What her source is signed with, how it is fetched, what its codes mean and what its partner was sent back."""
    CodeMapping.objects.create(source=source, format="dcsa.tnt2", code=CANARY, milestone="discharged")
    UnknownCode.objects.create(source=source, format="dcsa.tnt2", code=f"{CANARY}2", count=1)
    SourceSecret.objects.create(source=source, label=CANARY, sealed=seal(CANARY))
    intake = Intake.objects.create(source=source, way=Intake.Way.FOLDER, settings={"path": CANARY}, active=False)
    Inquiry.objects.create(intake=intake, subject=CANARY, shipment=world.objects["shipment"])
    row = {"source": source, "message_id": world.objects["message"], "kind": "997", "content": CANARY.encode()}
    world.objects["acknowledgment"] = Acknowledgment.objects.create(**row)


def _add_what_is_wrong(world: World, shipment: Shipment) -> None:
    """Something is wrong with her shipment, something is due, and her calendar asks for it."""
    now = timezone.now()
    row = {"shipment": shipment, "responsible": "importer", "next_action": "collect"}
    ShipmentException.objects.create(**row, kind="silent", opened_at=now, since=now, told={"source": CANARY})
    ShipmentDeadline.objects.create(**row, kind="removal", due_at=now, due_on=now.date(), stated_by=CANARY)
    calendars.renew(world.alice.viewer)
    _add_lead_times(world, shipment)


def _add_lead_times(world: World, shipment: Shipment) -> None:
    """A stage took its time at her warehouse, and she wants it to take less."""
    now, stage = timezone.now(), "import_declared__customs_released"
    ended = {"started_at": now, "ended_at": now, "seconds": 0, "working_seconds": 0, "month": f"{now:%Y-%m}"}
    hers = {"organization": world.alice.organization, "stage": stage}
    StageTime.objects.create(shipment=shipment, warehouse=CANARY, broker=CANARY, **hers, **ended)
    world.objects["target"] = TargetTime.objects.create(**hers, seconds=86_400)
    told = {"made_at": now, "p10": now, "p50": now, "p90": now, "reasons": [{"code": CANARY}]}
    Forecast.objects.create(shipment=shipment, stage="arrived__customs_released", **told)
    ForecastTurn.objects.update_or_create(shipment=shipment, defaults={"made_at": now})
    scored = {"month": f"{now:%Y-%m}", "ahead": "1d", "count": 1}
    ForecastTally.objects.create(organization=world.alice.organization, stage=CANARY, **scored)


def _reported(world: World, shipment: Shipment) -> UUID:
    """The id of an event that Alice reported herself."""
    source_id = teaching.own_source(world.alice.viewer)
    now = timezone.now()
    said = Statement(id="hers", milestone="gate_in", occurred_at=now, container=HER_CONTAINER, remark=CANARY)
    receive(source_id, reporting.compose(world.alice.viewer, source_id, shipment.pk, [said], now))
    process_everything()
    return Event.objects.get(source_id=source_id).pk


def _add_telling(world: World) -> None:
    """Alice has an address, is told of her shipment, and was told once."""
    assert world.alice.organization
    shipment = world.objects["shipment"]
    channel = Channel.objects.create(
        organization=world.alice.organization,
        user=world.alice.user,
        kind=Channel.Kind.EMAIL,
        address=f"{CANARY}@example.com",
        verified_at=timezone.now(),
    )
    Subscription.objects.create(channel=channel)
    subscription = Subscription.objects.create(channel=channel, shipment=shipment)
    update = TrackingUpdate.objects.create(shipment=shipment, kind="gate_out", key="sample", silent=True)
    delivery = Delivery.objects.create(
        update=update,
        channel=channel,
        kind=channel.kind,
        recipient="0" * 64,
        state=Delivery.State.FAILED,
        reason=CANARY,
    )
    world.objects |= {"channel": channel, "subscription": subscription, "delivery": delivery}
    outside = Channel.objects.create(
        organization=world.alice.organization,
        kind=Channel.Kind.EMAIL,
        address=f"{CANARY}@outside.example",
        follower=True,
        verified_at=timezone.now(),
    )
    world.objects["follower"] = Subscription.objects.create(channel=outside, shipment=shipment)
    hook = Channel.objects.create(
        organization=world.alice.organization, kind=Channel.Kind.WEBHOOK, address=f"https://{CANARY}.example.com/hook"
    )
    world.objects["endpoint"] = Endpoint.objects.create(channel=hook, sealed=seal("whsec_" + "A" * 44))


def _discharged(container: str) -> Values:
    """DCSA Track & Trace 2.2, an equipment event of this hour; the vessel bears the canary."""
    now = timezone.now().isoformat(timespec="seconds")
    return {
        "eventID": str(uuid5(NAMESPACE_URL, container)),
        "eventType": "EQUIPMENT",
        "eventCreatedDateTime": now,
        "eventDateTime": now,
        "eventClassifierCode": "ACT",
        "equipmentEventTypeCode": "DISC",
        "equipmentReference": container,
        "emptyIndicatorCode": "LADEN",
        "eventLocation": {"UNLocationCode": "KRPUS", "locationName": CANARY},
        "transportCall": {
            "transportCallID": "1",
            "modeOfTransport": "VESSEL",
            "UNLocationCode": "KRPUS",
            "vessel": {"vesselIMONumber": "9863297", "vesselName": f"{CANARY} MARU"},
            "carrierVoyageNumber": "014E",
        },
    }


SAMPLES: dict[str, Callable[[World], Values]] = {
    "account/keys/{pk}/revoke/": lambda world: {"pk": world.alice_key.pk},
    "account/confirm-email/{key}/": lambda world: {"key": "no-such-key"},
    "account/password/reset/key/{uidb36}-{key}/": lambda world: {"uidb36": "1", "key": "set-password"},
    "admin/r/{content_type_id}/{object_id}/": lambda world: {
        "content_type_id": ContentType.objects.get_for_model(Organization).pk,
        "object_id": world.alice.organization.pk,  # type: ignore[union-attr]
    },
    "admin/accounts/user/{id}/password/": lambda world: {"id": world.alice.user.pk},
    "admin/{app_label}/": lambda world: {"app_label": "accounts"},
    "admin/{url}": lambda world: {"url": "no-such-page/"},
    "shipments/{shipment_id}/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "shipments/{shipment_id}/evidence.pdf": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "shipments/{shipment_id}/live/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "shipments/{shipment_id}/events/{event_id}/source/": lambda world: {
        "shipment_id": world.objects["shipment"].pk,
        "event_id": world.objects["event_id"],
    },
    "shipments/{shipment_id}/events/new/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "shipments/{shipment_id}/events/{event_id}/correct/": lambda world: {
        "shipment_id": world.objects["shipment"].pk,
        "event_id": world.objects["report"],
    },
    "shipments/{shipment_id}/events/{event_id}/take-back/": lambda world: {
        "shipment_id": world.objects["shipment"].pk,
        "event_id": world.objects["report"],
    },
    "data/messages/{message_id}/": lambda world: {"message_id": world.objects["message"]},
    "notices/channels/{channel_id}/code/": lambda world: {"channel_id": world.objects["channel"].pk},
    "notices/channels/{channel_id}/verify/": lambda world: {"channel_id": world.objects["channel"].pk},
    "notices/channels/{channel_id}/remove/": lambda world: {"channel_id": world.objects["channel"].pk},
    "notices/channels/{channel_id}/": lambda world: {"channel_id": world.objects["channel"].pk},
    "notices/channels/{channel_id}/subscribe/": lambda world: {"channel_id": world.objects["channel"].pk},
    "notices/subscriptions/{subscription_id}/": lambda world: {"subscription_id": world.objects["subscription"].pk},
    "notices/subscriptions/{subscription_id}/cargo/": lambda world: {
        "subscription_id": world.objects["subscription"].pk
    },
    "notices/subscriptions/{subscription_id}/end/": lambda world: {"subscription_id": world.objects["subscription"].pk},
    "notices/log/{delivery_id}/": lambda world: {"delivery_id": world.objects["delivery"].pk},
    "notices/log/{delivery_id}/again/": lambda world: {"delivery_id": world.objects["delivery"].pk},
    "notices/webhooks/{endpoint_id}/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "notices/webhooks/{endpoint_id}/challenge/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "notices/webhooks/{endpoint_id}/rotate/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "notices/webhooks/{endpoint_id}/pause/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "notices/webhooks/{endpoint_id}/resume/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "notices/webhooks/{endpoint_id}/test/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "notices/webhooks/{endpoint_id}/again/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "notices/webhooks/{endpoint_id}/remove/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "notices/shipments/{shipment_id}/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "notices/unsubscribe/{token}/": lambda world: {"token": "no-such-token"},
    "notices/follow/{token}/": lambda world: {"token": "no-such-token"},
    "notices/following/{token}/": lambda world: {"token": "no-such-token"},
    "demo/mail/{name}/": lambda world: {"name": "no-such-mail"},
    "demo/mail/{name}/html/": lambda world: {"name": "no-such-mail"},
    "demo/sms/{name}/": lambda world: {"name": "no-such-text"},
    "api/v1/channels/{channel_id}/": lambda world: {"channel_id": world.objects["channel"].pk},
    "api/v1/channels/{channel_id}/code/": lambda world: {"channel_id": world.objects["channel"].pk},
    "api/v1/channels/{channel_id}/verify/": lambda world: {"channel_id": world.objects["channel"].pk},
    "api/v1/channels/{channel_id}/test/": lambda world: {"channel_id": world.objects["channel"].pk},
    "api/v1/notice-previews/{kind}/": lambda world: {"kind": "gate_out"},
    "api/v1/subscriptions/{subscription_id}/": lambda world: {"subscription_id": world.objects["subscription"].pk},
    "api/v1/followers/{follower_id}/": lambda world: {"follower_id": world.objects["follower"].pk},
    "api/v1/endpoints/{endpoint_id}/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "api/v1/endpoints/{endpoint_id}/challenge/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "api/v1/endpoints/{endpoint_id}/rotate/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "api/v1/endpoints/{endpoint_id}/pause/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "api/v1/endpoints/{endpoint_id}/resume/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "api/v1/endpoints/{endpoint_id}/test/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "api/v1/endpoints/{endpoint_id}/redeliver/": lambda world: {"endpoint_id": world.objects["endpoint"].pk},
    "api/v1/deliveries/{delivery_id}/": lambda world: {"delivery_id": world.objects["delivery"].pk},
    "api/v1/deliveries/{delivery_id}/attempts/": lambda world: {"delivery_id": world.objects["delivery"].pk},
    "api/v1/deliveries/{delivery_id}/redeliver/": lambda world: {"delivery_id": world.objects["delivery"].pk},
    "api/v1/sources/{slug}/messages/": lambda world: {"slug": "her-carrier"},
    "api/v1/sources/{slug}/acknowledgments/": lambda world: {"slug": "her-carrier"},
    "api/v1/sources/{slug}/acknowledgments/{acknowledgment_id}/": lambda world: {
        "slug": "her-carrier",
        "acknowledgment_id": world.objects["acknowledgment"].pk,
    },
    "api/v1/sources/{slug}/acknowledgments/{acknowledgment_id}/taken/": lambda world: {
        "slug": "her-carrier",
        "acknowledgment_id": world.objects["acknowledgment"].pk,
    },
    "callbacks/dcsa/{slug}": lambda world: {"slug": "her-carrier"},
    "callbacks/sms/{provider}/": lambda world: {"provider": "generic"},
    "callbacks/mail/{provider}/": lambda world: {"provider": "postmark"},
    "callbacks/dcsa/{slug}/events": lambda world: {"slug": "her-carrier"},
    "api/v1/targets/{target_id}/": lambda world: {"target_id": world.objects["target"].pk},
    "lead-times/targets/{target_id}/": lambda world: {"target_id": world.objects["target"].pk},
    "api/v1/shipments/{shipment_id}/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "api/v1/shipments/{shipment_id}/events/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "api/v1/shipments/{shipment_id}/evidence/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "api/v1/shipments/{shipment_id}/forecast/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "api/v1/shipments/{shipment_id}/stages/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "api/v1/shipments/{shipment_id}/mine/": lambda world: {"shipment_id": world.objects["shipment"].pk},
    "api/v1/containers/{number}/": lambda world: {"number": HER_CONTAINER},
    "api/v1/tracking-requests/{request_id}/": lambda world: {"request_id": world.objects["request"].pk},
}

_GATE_OUT: Values = {
    "milestone": "gate_out",
    "classifier": "actual",
    "day": "2026-03-14",
    "clock": "09:00",
    "other_place": "KRPUS",
}

# Bodies that are right in form and name Alice's objects, by route: sent by everybody but her. A route that judges
# the form first may answer a wrong one before it looks (400, or back to the page), but never the right one.
BODIES: dict[str, Callable[[World], Values]] = {
    "account/organization/": lambda world: {"organization": world.alice.organization.pk},  # type: ignore[union-attr]
    "account/keys/": lambda world: {
        "name": "Mine",
        "scopes": [],
        "lifetime": "90",
        "organization": world.alice.organization.pk,  # type: ignore[union-attr]
    },
    "data/": lambda world: {"source": world.objects["source"].pk, "text": f"Container,ETA\n{CONTAINER},2026-03-14\n"},
    "shipments/{shipment_id}/events/new/": lambda world: _GATE_OUT,
    "shipments/{shipment_id}/events/{event_id}/correct/": lambda world: _GATE_OUT,
    "api/v1/shipments/{shipment_id}/events/": lambda world: {
        "milestone": "gate_out",
        "occurred_at": "2026-03-14T09:00",
        "place": "KRPUS",
    },
    "notices/channels/{channel_id}/verify/": lambda world: {"code": "123456"},
    "notices/channels/{channel_id}/": lambda world: {"language": "en", "digest_at": "08:00", "digest_days": [0]},
    "notices/subscriptions/{subscription_id}/": lambda world: {"eta_hours": 24},
    "notices/choose/": lambda world: {
        "shipment": world.objects["shipment"].pk,
        "which": "ticked",
        "channel": world.objects["channel"].pk,
        "do": "tell",
    },
    "notices/webhooks/{endpoint_id}/again/": lambda world: {"first": 1},
    "notices/shipments/{shipment_id}/": lambda world: {"email": "1", "on": "1"},
    "api/v1/targets/{target_id}/": lambda world: {"hours": 24},
    "lead-times/targets/{target_id}/": lambda world: {"hours": 24, "clock": "elapsed"},
    "api/v1/channels/{channel_id}/verify/": lambda world: {"code": "123456"},
    "api/v1/channels/{channel_id}/test/": lambda world: {"kind": "gate_out", "language": "en"},
    "api/v1/endpoints/{endpoint_id}/redeliver/": lambda world: {"since": "2026-03-14T00:00:00Z"},
    "api/v1/channels/{channel_id}/": lambda world: {"name": "mine"},
    "api/v1/subscriptions/{subscription_id}/": lambda world: {"eta_hours": 48},
    "api/v1/subscriptions/bulk/": lambda world: {
        "channel": world.objects["channel"].pk,
        "shipments": [world.objects["shipment"].pk],
    },
    "api/v1/followers/": lambda world: {"shipment": world.objects["shipment"].pk, "address": "eve@outside.example"},
    "api/v1/subscriptions/": lambda world: {
        "channel": world.objects["channel"].pk,
        "shipment": world.objects["shipment"].pk,
    },
}

PUBLIC: dict[str, str] = {
    "api/v1/sources/{slug}/messages/": "the signature over the body is the permission",
    "callbacks/dcsa/{slug}": "the signature over the body is the permission",
    "callbacks/sms/{provider}/": "the provider's signature is the permission",
    "callbacks/dcsa/{slug}/events": "the signature over the body is the permission",
    "": "leads to the list, which asks for the sign-in",
    "theme/": "light or dark is a cookie",
    "deadlines.ics": "the signed token in the address is the permission; without one it does not exist",
    "callbacks/mail/": "the signature over the body is the permission; without secrets in the settings it is not there",
    "callbacks/mail/{provider}/": "the provider's own secret is the permission; any other provider's is not there",
    "notices/unsubscribe/{token}/": "the signature in the link is the permission",
    "notices/follow/{token}/": "the signature in the link is the permission",
    "notices/following/{token}/": "the signature in the link is the permission",
    "push-worker.js": "the script that shows notices of the browser says nothing of anybody",
    "demo/mail/": "the demo shows what it sent; elsewhere the page does not exist",
    "demo/mail/{name}/": "the demo shows what it sent; elsewhere the page does not exist",
    "demo/mail/{name}/html/": "the demo shows what it sent; elsewhere the page does not exist",
    "demo/sms/": "the demo shows what it sent; elsewhere the page does not exist",
    "demo/sms/{name}/": "the demo shows what it sent; elsewhere the page does not exist",
    "api/": "says that an address does not exist",
    "api/schema/": "the description of the API is no secret",
    "api/docs/": "the description of the API is no secret",
    "health/live": "a load balancer asks",
    "health/ready": "a load balancer asks; ages of queues are nobody's cargo",
    "i18n/setlang/": "visitors read, too",
    "account/login/": "signing in",
    "account/logout/": "signing out",
    "account/inactive/": "says that an account is closed",
    "account/email/": "leads to the profile, which asks for the sign-in",
    "account/signup/": "says that sign-up is closed",
    "account/confirm-email/": "says that a mail was sent",
    "account/confirm-email/{key}/": "the token in the link is the permission",
    "account/password/reset/": "asking for a link; the answer is the same for every address",
    "account/password/reset/done/": "says that a mail was sent",
    "account/password/reset/key/done/": "says that the password is set",
    "account/password/reset/key/{uidb36}-{key}/": "the token in the link is the permission",
    "account/login/code/confirm/": "off: without a code under way it leads to the sign-in",
    "account/2fa/authenticate/": "the second step of signing in",
    "admin/login/": "leads to the sign-in",
    "admin/jsi18n/": "words of the admin's scripts",
}

# Routes that act on the rows of the signed-in person alone, in whatever role.
PERSONAL: dict[str, str] = {
    "account/profile/": "one's own name, language and zone",
    "account/organization/": "which of one's own organizations to act for; another's is 404",
    "notices/channels/": "one's own address: a viewer may be told, too",
    "notices/browser/": "one's own browser: a viewer may be told, too",
    "notices/choose/": "whether one's own address is told of shipments that one sees",
    "notices/shipments/{shipment_id}/": "whether one's own address is told of it; another's shipment is 404",
    "deadlines/feed/": "the address of one's own calendar feed: a viewer may have one, too",
    "account/reauthenticate/": "one's own password again",
    "account/password/change/": "one's own password",
    "account/password/set/": "one's own password",
    "account/2fa/": "one's own second factor",
    "account/2fa/reauthenticate/": "one's own second factor",
    "account/2fa/totp/activate/": "one's own second factor",
    "account/2fa/totp/deactivate/": "one's own second factor",
    "account/2fa/recovery-codes/": "one's own second factor",
    "account/2fa/recovery-codes/generate/": "one's own second factor",
    "account/2fa/recovery-codes/download/": "one's own second factor",
    "admin/logout/": "signing out",
}

# Pages of the operator's staff outside the admin: 403 or 404 for everybody else.
STAFF_ONLY: dict[str, str] = {"style/": "every component in every state"}

# Routes for programs with a key, where a session is refused whatever the object: with 401 or 403 instead of 404.
KEY_ONLY: dict[str, str] = {}

# Routes whose parameter names no row: whoever may ask gets an answer of what is his own.
NO_OBJECT: dict[str, str] = {"api/v1/notice-previews/{kind}/": "a kind of news, filled with the asker's own cargo"}
