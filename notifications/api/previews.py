"""REST views of how notices read: every template with real data, and one of them sent as a test."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.api import serializers as shapes
from notifications.api.views import CHANNEL_ID, NoticeView
from notifications.subscribing import previewing, trying

TEMPLATES = previewing.TEMPLATES
CHANNEL_KINDS = tuple(str(kind) for kind in previewing.CHANNEL_KINDS)
TAG = ["notices"]
_KIND = OpenApiParameter(
    "kind",
    type={"type": "string", "enum": list(TEMPLATES)},
    location=OpenApiParameter.PATH,
    description="The kind of news, or digest.",
)


class PreviewQuerySerializer(shapes.StrictSerializer):
    """For which reader."""

    language = serializers.ChoiceField(choices=shapes.LANGUAGES, default="en")
    channel_kind = serializers.ChoiceField(
        choices=CHANNEL_KINDS, default="email", help_text="A digest is not sent as a text message: 400."
    )


class PreviewSerializer(serializers.Serializer[Any]):
    """A template filled in."""

    kind = serializers.ChoiceField(choices=TEMPLATES)
    language = serializers.ChoiceField(choices=shapes.LANGUAGES)
    channel_kind = serializers.ChoiceField(choices=CHANNEL_KINDS)
    real = serializers.BooleanField(
        source="is_real", help_text="Of the latest news of this kind that you may see; false: of an example."
    )
    subject = serializers.CharField(help_text="Of a mail its subject, of a notice of the browser its title.")
    text = serializers.CharField()
    html = serializers.CharField(allow_blank=True, help_text="Of mails; its pictures are in it as data: URLs.")


@extend_schema_serializer(
    examples=[OpenApiExample("In Korean", {"kind": "customs.held", "language": "ko"}, request_only=True)]
)
class NoticeTestSerializer(shapes.StrictSerializer):
    """What is sent."""

    kind = serializers.ChoiceField(choices=TEMPLATES)
    language = serializers.ChoiceField(choices=shapes.LANGUAGES, default="en")


class NoticePreview(NoticeView):
    """How a notice reads, for the operator's staff and for an organization's people and keys."""

    @extend_schema(
        operation_id="notice_previews_retrieve",
        summary="Preview a notice",
        parameters=[_KIND, PreviewQuerySerializer],
        responses=PreviewSerializer,
        tags=TAG,
    )
    def get(self, request: Request, kind: str) -> Response:
        """With the latest news of this kind that you may see, or with an example where nothing of it has happened to
        your latest cargo. Webhooks are told updates as `/events/` gives them, so they have no preview."""
        params = self.params(request, PreviewQuerySerializer)
        (found,) = previewing.previews(self.viewer, kind, params["language"], [params["channel_kind"]])
        return Response(PreviewSerializer(found).data)


class ChannelTest(NoticeView):
    """A notice as a test."""

    @extend_schema(
        operation_id="channels_test",
        summary="Send a test notice",
        parameters=[CHANNEL_ID],
        request=NoticeTestSerializer,
        responses={204: None},
        tags=TAG,
    )
    def post(self, request: Request, channel_id: int) -> Response:
        """Sends what the preview shows, marked as a test, now and once: to a confirmed e-mail address or a browser of
        your own, or to a confirmed chat. Ten an hour (429). Texts (SMS) cost money and are not sent as tests, and a
        webhook has a test of its own: 400. For the operator's staff and for an organization's admins and keys; to
        others it is 403."""
        given = self.given(request, NoticeTestSerializer)
        trying.send_test(self.viewer, channel_id, given["kind"], given["language"])
        return Response(status=204)
