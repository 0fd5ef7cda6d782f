"""REST views of webhooks: added, proved, signed anew, paused, tried, and delivered to again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from notifications import endpoints, subscribing
from notifications.api.serializers import ROW_MAX, StrictSerializer, _PageSerializer
from notifications.api.views import NoticeView, row_parameter

ENDPOINT_ID = row_parameter("endpoint_id", "The endpoint's number, which is its channel's as well.")
STATES = ("unproved", "on", "paused", "held", "off")
TAG = ["webhooks"]
_Decorator = Callable[[type[NoticeView]], type[NoticeView]]


class NewEndpointSerializer(StrictSerializer):
    """A webhook of the whole organization."""

    url = serializers.CharField(max_length=500, help_text="https, on a public address, without user name or password.")
    name = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class EndpointChangeSerializer(StrictSerializer):
    """What may be changed of a webhook."""

    name = serializers.CharField(max_length=80, allow_blank=True)


class EndpointSerializer(serializers.Serializer[Any]):
    """A webhook. ``unproved``: it has not answered its challenge; ``paused``: by its failures, until ``paused_until``;
    ``held``: by a person; ``off``: it failed for five days or answered 410. What comes up in the first 30 days of that
    is kept as failed: resume it, then have it delivered again."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=STATES)
    created_at = serializers.DateTimeField()
    verified_at = serializers.DateTimeField(allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField(allow_blank=True)
    failures = serializers.IntegerField(help_text="In a row.")
    failing_since = serializers.DateTimeField(allow_null=True)
    paused_until = serializers.DateTimeField(allow_null=True)
    rotating_until = serializers.DateTimeField(allow_null=True, help_text="Until then an old secret signs as well.")
    old_secrets_until = serializers.ListField(
        child=serializers.DateTimeField(), help_text="Until when each old secret signs, the first to end in front."
    )


class EndpointWithSecretSerializer(EndpointSerializer):
    """With its secret, which is shown this once."""

    secret = serializers.CharField(help_text="whsec_ and base64, by Standard Webhooks 1.0.0.")


class EndpointListSerializer(_PageSerializer):
    """All endpoints: there are never many, so there is one page."""

    results = EndpointSerializer(many=True)


class TriedSerializer(serializers.Serializer[Any]):
    """What came of a challenge or a test."""

    ok = serializers.BooleanField()
    status = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField(allow_blank=True, help_text="Cut at 1,000 characters.")
    detail = serializers.CharField(allow_blank=True, help_text="Why it did not work, in the reader's language.")
    technical = serializers.CharField(allow_blank=True, help_text="What the system said of it; empty: nothing.")
    milliseconds = serializers.IntegerField()


class SpanSerializer(StrictSerializer):
    """At least one bound; ends included. ``since`` and ``until`` are of when a delivery was owed first."""

    first = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, help_text="A delivery's number.")
    last = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, help_text="A delivery's number.")
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    force = serializers.BooleanField(required=False, default=False, help_text="Also what was delivered.")


class AgainSerializer(serializers.Serializer[dict[str, int]]):
    """How many deliveries are owed again."""

    deliveries = serializers.IntegerField()


class Endpoints(NoticeView):
    """Webhooks of the organization."""

    @extend_schema(operation_id="endpoints_list", summary="Webhooks", responses=EndpointListSerializer, tags=TAG)
    def get(self, request: Request) -> Response:
        """Where updates are posted, signed by Standard Webhooks 1.0.0, and how each endpoint fares."""
        self.params(request, StrictSerializer)
        rows = EndpointSerializer(endpoints.rows(self.viewer), many=True).data
        return Response({"results": rows, "next": None, "cursor": None})

    @extend_schema(
        operation_id="endpoints_create",
        summary="Add a webhook",
        request=NewEndpointSerializer,
        responses={201: EndpointWithSecretSerializer},
        tags=TAG,
    )
    def post(self, request: Request) -> Response:
        """Its secret is in this answer and in no other. Nothing is posted to it before it has answered a challenge."""
        given = self.given(request, NewEndpointSerializer)
        number, secret = endpoints.add(self.viewer, given["url"], given["name"])
        return Response(_with_secret(endpoints.row(self.viewer, number), secret), status=201)


class Endpoint(NoticeView):
    """One webhook."""

    @extend_schema(
        operation_id="endpoints_retrieve",
        summary="One webhook",
        parameters=[ENDPOINT_ID],
        responses=EndpointSerializer,
        tags=TAG,
    )
    def get(self, request: Request, endpoint_id: int) -> Response:
        """Where it is and how it fares."""
        return Response(EndpointSerializer(endpoints.row(self.viewer, endpoint_id)).data)

    @extend_schema(
        operation_id="endpoints_update",
        summary="Name a webhook",
        parameters=[ENDPOINT_ID],
        request=EndpointChangeSerializer,
        responses=EndpointSerializer,
        tags=TAG,
    )
    def patch(self, request: Request, endpoint_id: int) -> Response:
        """Its address stays: another one is another webhook, with a secret and a challenge of its own."""
        endpoints.row(self.viewer, endpoint_id)  # which says that it is one
        given = self.given(request, EndpointChangeSerializer)
        subscribing.set_channel(self.viewer, endpoint_id, name=given["name"])
        return Response(EndpointSerializer(endpoints.row(self.viewer, endpoint_id)).data)

    @extend_schema(
        operation_id="endpoints_delete",
        summary="Remove a webhook",
        parameters=[ENDPOINT_ID],
        responses={204: None},
        tags=TAG,
    )
    def delete(self, request: Request, endpoint_id: int) -> Response:
        """With its subscriptions and its log."""
        endpoints.remove(self.viewer, endpoint_id)
        return Response(status=204)


class _Step(NoticeView):
    # A function of the viewer and the endpoint's number: gives what came of a try, a new secret, or nothing.
    act: ClassVar[Any]

    def post(self, request: Request, endpoint_id: int) -> Response:
        came = self.act(self.viewer, endpoint_id)
        if isinstance(came, endpoints.Tried):
            return Response(TriedSerializer(came).data)
        row = endpoints.row(self.viewer, endpoint_id)
        if came is not None:
            return Response(_with_secret(row, str(came)), status=201)
        return Response(EndpointSerializer(row).data)


def _step(name: str, summary: str, answer: type[serializers.Serializer[Any]], status: int = 200) -> _Decorator:
    """How the schema tells ``POST …/{id}/{name}/``; the view's docstring says the rest."""
    told = extend_schema(
        operation_id=f"endpoints_{name}",
        summary=summary,
        parameters=[ENDPOINT_ID],
        request=None,
        responses={status: answer},
        tags=TAG,
    )
    return extend_schema_view(post=told)


@_step("challenge", "Challenge a webhook", TriedSerializer)
class EndpointChallenge(_Step):
    """Posts an ``endpoint.challenge`` whose ``data.challenge`` the endpoint gives back with any 2xx, as its whole body
    or as ``{"challenge": "…"}``. Ten times a day to an address. What it is told of then is said by subscriptions: there
    is none yet, and nothing else is posted without one."""

    throttle_scope = "verify"
    act = staticmethod(endpoints.challenge)


@_step("rotate", "A new secret", EndpointWithSecretSerializer, 201)
class EndpointSecret(_Step):
    """Shown in this answer and in no other. The old one signs as well for 24 hours, and those before it until theirs
    are over. With three of them there is no new one: the error's code is ``rotating``."""

    act = staticmethod(endpoints.rotate)


@_step("pause", "Pause a webhook", EndpointSerializer)
class EndpointPause(_Step):
    """What is owed meanwhile waits."""

    act = staticmethod(endpoints.pause)


@_step("resume", "Resume a webhook", EndpointSerializer)
class EndpointResume(_Step):
    """On again, whether it was paused or switched off. What has failed, or came up while it was off, is delivered again
    by ``redeliver``."""

    act = staticmethod(endpoints.resume)


@_step("test", "Send a test event", TriedSerializer)
class EndpointTest(_Step):
    """Posts an event of type ``endpoint.test`` now and once, and says what came back."""

    throttle_scope = "webhook_test"
    act = staticmethod(endpoints.test)


class EndpointRedeliver(NoticeView):
    """What it has missed."""

    @extend_schema(
        operation_id="endpoints_redeliver",
        summary="Deliver again",
        parameters=[ENDPOINT_ID],
        request=SpanSerializer,
        responses={202: AgainSerializer},
        tags=TAG,
    )
    def post(self, request: Request, endpoint_id: int) -> Response:
        """One, a range, or everything since a time: what was not delivered goes out once more with the same
        ``webhook-id``, if it is still true and wanted."""
        span = endpoints.Span(**self.given(request, SpanSerializer))
        return Response({"deliveries": endpoints.redeliver(self.viewer, endpoint_id, span)}, status=202)


def _with_secret(row: endpoints.Row, secret: str) -> dict[str, object]:
    return dict(EndpointWithSecretSerializer({**asdict(row), "secret": secret}).data)
