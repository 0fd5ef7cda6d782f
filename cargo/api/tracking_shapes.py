"""What the API gives of tracking requests and of the feed, for its description."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, IntegerField

from cargo.api.shape_basics import Shape, moment, number, page_of, text

TRACK_STATES = ("waiting", "tracking", "rejected")


class ReasonSerializer(Shape):
    """Why a number was not taken."""

    code = CharField()
    message = CharField()


class VerdictErrorSerializer(ReasonSerializer):
    """Why, and what may help: the number with its right check digit, or what it could be."""

    suggestion = CharField(required=False)
    candidates = serializers.ListField(child=CharField(), required=False)


class TrackingRequestSerializer(Shape):
    """What was asked for and what became of it."""

    id = IntegerField()
    reference = CharField()
    type = text()
    carrier = text()
    state = ChoiceField(choices=TRACK_STATES)
    shipment = number()
    created_at = DateTimeField()
    last_event_at = moment()
    error = ReasonSerializer(allow_null=True)


class RejectedSerializer(Shape):
    """A number that was not taken, as it was sent, and why."""

    reference = CharField(allow_blank=True)
    type = text()
    carrier = text()
    error = VerdictErrorSerializer()


class VerdictsSerializer(Shape):
    """One verdict for each number, in the order sent within each list."""

    accepted = TrackingRequestSerializer(many=True)
    rejected = RejectedSerializer(many=True)


class UpdateSerializer(Shape):
    """One change of one shipment. ``changes`` has ``name: [before, after]``."""

    id = CharField()
    type = CharField()
    occurred_at = moment()
    recorded_at = DateTimeField()
    shipment = IntegerField()
    subject = text()
    data = serializers.DictField()  # type: ignore[assignment]
    changes = serializers.DictField()


class FeedSerializer(Shape):
    """Updates in an order that never skips one; ask again with ``after=cursor``."""

    cursor = CharField()
    updates = UpdateSerializer(many=True)


TrackingRequestPageSerializer = page_of(TrackingRequestSerializer, "TrackingRequest")
