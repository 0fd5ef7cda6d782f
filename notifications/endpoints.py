"""Webhooks as their people keep them: added, proved, signed anew, paused, tried, and delivered to again.

An endpoint is a channel of the whole organization, so an organization's admin or one of its keys changes it, and every
function answers a stranger's number like one that does not exist (``notifications.subscribing``).

The ownership challenge: CLIS posts, signed like everything else, ``{"type": "endpoint.challenge", "data": {"challenge":
"…"}}``. An endpoint that wants to be called answers with any 2xx and gives the word back, as its whole body or as
``{"challenge": "…"}``. Before that it gets nothing else, and ten challenges in a day at most.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, DurationField, ExpressionWrapper, F, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clis.accounts.models import Membership
from clis.accounts.scoping import Viewer, visible_to
from clis.egress import RefusedError, Response, one_form
from clis.sealing import seal
from notifications import fanout
from notifications.models import Channel, Delivery, Endpoint, Verification
from notifications.models.endpoint import OWED_WHILE_OFF
from notifications.render.webhook import signing_secrets
from notifications.render.words import off_because
from notifications.subscribing import (
    ForbiddenError,
    FullError,
    NotFoundError,
    SubscribingError,
    TooManyError,
    erase,
    in_words,
)
from notifications.transports.base import Exchange, Message, TransportError
from notifications.transports.webhook import WebhookTransport, is_own_host, new_secret

ROTATION = timedelta(hours=24)
CHALLENGES_A_DAY = 10
CHALLENGES_PER_HOUR_OF_ORGANIZATION = 20
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_UNDELIVERED = (Delivery.State.FAILED, Delivery.State.SKIPPED, Delivery.State.UNKNOWN)


@dataclass(frozen=True)
class Row:
    """An endpoint as its page and the API show it. ``state``: ``unproved``, ``off``, ``held`` (paused by a person),
    ``paused`` (by its failures) or ``on``.
    """

    id: int
    url: str
    name: str
    state: str
    created_at: datetime
    verified_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    rotating_until: datetime | None
    changeable: bool

    @property
    def kept_until(self) -> datetime | None:
        """Until when an endpoint that is off is owed what comes up; afterwards only the feed has it."""
        return self.disabled_at + OWED_WHILE_OFF if self.disabled_at else None

    @property
    def off_because(self) -> str:
        """``disabled_reason`` in the reader's language."""
        return off_because(self.disabled_reason, "ko" if get_language() == "ko" else "en")


@dataclass(frozen=True)
class Tried:
    """What came of a challenge or a test: the endpoint's status and answer (cut), or why there is none."""

    ok: bool
    status: int | None
    answer: str
    detail: str
    milliseconds: int


@dataclass(frozen=True)
class Span:
    """Which deliveries go out again: by their numbers, by when they were owed, or both; ends included.

    ``force``: also those that were delivered.
    """

    first: int | None = None
    last: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    force: bool = False


def rows(viewer: Viewer) -> list[Row]:
    """The endpoints of the viewer's organization, or all for staff who act for none. Two statements."""
    seen = visible_to(Endpoint.objects.all(), viewer).select_related("channel").order_by("pk")
    if viewer.organization_id is not None:
        seen = seen.filter(channel__organization=viewer.organization_id)
    changeable = set(
        Channel.objects.changeable_by(viewer).filter(kind=Channel.Kind.WEBHOOK).values_list("pk", flat=True)
    )
    return [_row(endpoint, endpoint.pk in changeable) for endpoint in seen]


def row(viewer: Viewer, endpoint_id: int) -> Row:
    """One of them. Raises ``NotFoundError``."""
    endpoint = visible_to(Endpoint.objects.filter(pk=endpoint_id), viewer).select_related("channel").first()
    if endpoint is None:
        raise NotFoundError
    return _row(endpoint, Channel.objects.changeable_by(viewer).filter(pk=endpoint_id).exists())


def add(viewer: Viewer, url: str, name: str = "") -> tuple[int, str]:
    """A new endpoint of the viewer's organization: its number, and its secret, which is never shown again."""
    organization = viewer.organization_id
    if organization is None or (viewer.key_id is None and viewer.role != Membership.Role.ADMIN):
        raise ForbiddenError
    clean = normalize(url)
    if Endpoint.objects.filter(channel__organization=organization).count() >= settings.WEBHOOK_ENDPOINTS:
        raise FullError(_("Your organization has too many webhooks."))
    secret = new_secret()
    try:
        with transaction.atomic():
            channel = Channel.objects.create(
                organization_id=organization, kind=Channel.Kind.WEBHOOK, address=clean, name=name
            )
            Endpoint.objects.create(channel=channel, sealed=seal(secret))
    except IntegrityError as error:
        raise SubscribingError(_("Your organization has this webhook already."), "not_unique") from error
    return channel.pk, secret


def normalize(url: str) -> str:
    """The one form of a URL that may be called. Raises ``SubscribingError`` in words for the person who typed it.

    Its name is looked up when it is called, every time anew, and what it then says decides: not what it says now.
    """
    try:
        clean = one_form(url.strip(), operator=is_own_host(url.strip()))
    except RefusedError as error:
        raise SubscribingError(_("This address cannot be called: %(why)s") % {"why": in_words(str(error))}) from error
    if len(clean) > 500:
        raise SubscribingError(_("The address is too long."))
    if not settings.WEBHOOK_HTTP and not clean.startswith("https://"):
        raise SubscribingError(_("The address begins with https://."))
    return clean


def challenge(viewer: Viewer, endpoint_id: int) -> Tried:
    """Asks the endpoint whether it wants to be called; if it does, it is told whatever its subscriptions say, and
    nothing while it has none. Ten times a day at most."""
    endpoint = _endpoint(viewer, endpoint_id)
    word = secrets.token_urlsafe(24)
    verification = _new_challenge(endpoint.channel, word)
    tried, answer = _post(endpoint, f"ch-{verification.pk}", "endpoint.challenge", {"challenge": word})
    if not tried.ok or answer is None or not _gives_back(answer, word):
        detail = tried.detail if not tried.ok else _("It answered, but did not give the word back.")
        return Tried(False, tried.status, tried.answer, detail, tried.milliseconds)
    now = timezone.now()
    with transaction.atomic():
        Verification.objects.filter(pk=verification.pk).update(used_at=now)
        Channel.objects.filter(pk=endpoint.pk).update(verified_at=now)
    return tried


def rotate(viewer: Viewer, endpoint_id: int) -> str:
    """A new secret, shown this once. The one before it signs as well for 24 hours; one before that signs no more."""
    endpoint = _endpoint(viewer, endpoint_id)
    secret = new_secret()
    Endpoint.objects.filter(pk=endpoint.pk).update(
        sealed=seal(secret), sealed_before=endpoint.sealed, before_until=timezone.now() + ROTATION
    )
    return secret


def pause(viewer: Viewer, endpoint_id: int) -> None:
    """Nothing is sent until it is resumed; what is owed meanwhile waits."""
    endpoint = _endpoint(viewer, endpoint_id)
    Endpoint.objects.filter(pk=endpoint.pk, held_at__isnull=True).update(held_at=timezone.now())


def resume(viewer: Viewer, endpoint_id: int) -> None:
    """On again, whoever or whatever paused it or switched it off; what failed or came up meanwhile is not sent by
    itself, and what waits for its next try waits no longer."""
    endpoint, now = _endpoint(viewer, endpoint_id), timezone.now()
    with transaction.atomic():
        # Else what is just being owed to one that is off would come after whoever asks for all that it missed.
        fanout.stand_still()
        Endpoint.objects.filter(pk=endpoint.pk).update(
            held_at=None, paused_until=None, failures=0, failing_since=None, open_at=0
        )
        Channel.objects.filter(pk=endpoint.pk).update(disabled_at=None, disabled_reason="")
        Delivery.objects.filter(channel=endpoint.pk, state=Delivery.State.PENDING, next_attempt_at__gt=now).update(
            next_attempt_at=now
        )


def test(viewer: Viewer, endpoint_id: int) -> Tried:
    """Posts an event of type ``endpoint.test``, signed like any other, now and once."""
    endpoint = _endpoint(viewer, endpoint_id)
    if endpoint.channel.verified_at is None:
        raise SubscribingError(_("The endpoint has not shown that it wants to be called."), "not_verified")
    tried, _answer = _post(endpoint, f"t-{secrets.token_hex(12)}", "endpoint.test", {"endpoint": endpoint.pk})
    return tried


def remove(viewer: Viewer, endpoint_id: int) -> None:
    """With its subscriptions and its log."""
    erase(_endpoint(viewer, endpoint_id).channel)


def redeliver(viewer: Viewer, endpoint_id: int, span: Span) -> int:
    """Owes again what was not delivered (``force``: whatever has ended); returns how many. Each goes out once more with
    the same ``webhook-id``, in the order in which they were owed first, if it is still true and wanted, like any other.
    Of what was delivered ``delivered_at`` says so from now on, whatever comes of the new tries. One statement for all.
    """
    endpoint = _endpoint(viewer, endpoint_id)
    if not endpoint.channel.usable:
        raise SubscribingError(_("The endpoint is off. Resume it first."), "off")
    if (span.first, span.last, span.since, span.until) == (None, None, None, None):
        raise SubscribingError(_("Say which deliveries: by their numbers, or since when."))
    again = Delivery.objects.filter(channel=endpoint.pk, update__isnull=False)
    if span.force:
        again = again.filter(state__in=(*_UNDELIVERED, Delivery.State.SENT))
    else:
        again = again.filter(state__in=_UNDELIVERED, delivered_at__isnull=True)
    bounds = {
        "pk__gte": span.first,
        "pk__lte": span.last,
        # Fan-out writes times to the second.
        "created_at__gte": span.since and span.since.replace(microsecond=0),
        "created_at__lte": span.until,
    }
    arrived = Case(
        When(state=Delivery.State.SENT, then=Coalesce("delivered_at", "finished_at")), default="delivered_at"
    )
    return again.filter(**{name: value for name, value in bounds.items() if value is not None}).update(
        state=Delivery.State.PENDING,
        attempts=0,
        next_attempt_at=_one_by_one(timezone.now().replace(microsecond=0)),
        finished_at=None,
        delivered_at=arrived,
        reason="",
    )


def _one_by_one(now: datetime) -> ExpressionWrapper:
    """A due time of each delivery's own, by its number and before ``now``: a claim takes what was due first, and of
    what is due at the same moment any. ``now`` is a full second, as fan-out writes when what comes up next is due."""
    last = Subquery(Delivery.objects.order_by("-pk").values("pk")[:1])
    before = ExpressionWrapper((last + 1 - F("pk")) * Value(timedelta(microseconds=1)), DurationField())
    return ExpressionWrapper(Value(now, DateTimeField()) - before, DateTimeField())


def _endpoint(viewer: Viewer, endpoint_id: int) -> Endpoint:
    endpoint = Endpoint.objects.filter(pk=endpoint_id).select_related("channel").first()
    if endpoint is None or not visible_to(Endpoint.objects.filter(pk=endpoint_id), viewer).exists():
        raise NotFoundError
    if not Channel.objects.changeable_by(viewer).filter(pk=endpoint_id).exists():
        raise NotFoundError if viewer.is_staff else ForbiddenError
    return endpoint


def _row(endpoint: Endpoint, changeable: bool) -> Row:
    channel, now = endpoint.channel, timezone.now()
    paused = endpoint.paused_until is not None and endpoint.paused_until > now
    if channel.verified_at is None:
        state = "unproved"
    elif channel.disabled_at is not None:
        state = "off"
    elif endpoint.held_at is not None:
        state = "held"
    else:
        state = "paused" if paused else "on"
    rotating = endpoint.before_until if endpoint.before_until and endpoint.before_until > now else None
    return Row(
        id=endpoint.pk,
        url=channel.address,
        name=channel.name,
        state=state,
        created_at=channel.created_at,
        verified_at=channel.verified_at,
        disabled_at=channel.disabled_at,
        disabled_reason=channel.disabled_reason,
        failures=endpoint.failures,
        failing_since=endpoint.failing_since,
        paused_until=endpoint.paused_until if paused else None,
        rotating_until=rotating,
        changeable=changeable,
    )


def _new_challenge(channel: Channel, word: str) -> Verification:
    """Counted and committed before it is sent, so that nobody is flooded by way of us."""
    now = timezone.now()
    of_address = Verification.objects.filter(kind=channel.kind, address=channel.address)
    if of_address.filter(created_at__gt=now - _DAY).count() >= CHALLENGES_A_DAY:
        raise TooManyError(_("This address was asked ten times today. Wait until tomorrow."))
    hour = Verification.objects.filter(created_at__gt=now - _HOUR, organization=channel.organization_id)
    if hour.count() >= CHALLENGES_PER_HOUR_OF_ORGANIZATION:
        raise TooManyError(_("Your organization asked for too many codes. Wait an hour."))
    try:
        with transaction.atomic():
            return Verification.objects.create(
                organization_id=channel.organization_id,
                channel=channel,
                kind=channel.kind,
                address=channel.address,
                sequence=of_address.following(),
                digest=hashlib.sha256(word.encode()).hexdigest(),
                created_at=now,
                expires_at=now + _HOUR,
            )
    except IntegrityError as error:  # Another request at the same moment took this sequence number.
        raise TooManyError(_("It was asked just now.")) from error


def _post(endpoint: Endpoint, reference: str, kind: str, data: dict[str, Any]) -> tuple[Tried, Response | None]:
    now = timezone.now().isoformat()
    body = {
        "id": reference,
        "type": kind,
        "occurred_at": now,
        "received_at": now,
        "source": None,
        "first_of_type": False,
        "data": data,
        "changes": {},
    }
    message = Message(endpoint.channel.address, json.dumps(body), reference, secrets=signing_secrets(endpoint))
    began = time.monotonic()
    answer, exchange, detail = None, Exchange(), ""
    try:
        with WebhookTransport().open() as sender:
            answer, exchange = sender.post(message)
    except TransportError as error:
        detail = in_words(str(error))
    milliseconds = round((time.monotonic() - began) * 1000)
    ok = answer is not None and 200 <= answer.status < 300
    if answer is not None and not ok:
        detail = f"HTTP {answer.status}"
    return Tried(ok, exchange.status, exchange.answer, detail, milliseconds), answer


def _gives_back(answer: Response, word: str) -> bool:
    said = answer.json()
    given = said.get("challenge") if isinstance(said, dict) else answer.body.decode(errors="replace").strip().strip('"')
    return isinstance(given, str) and hmac.compare_digest(given.encode(), word.encode())
