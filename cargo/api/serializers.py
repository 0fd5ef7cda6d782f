"""The shapes of what the API takes and gives. Answers are written by the selectors as they stand here."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from cargo.domain.codes import CLASSIFIERS, CUSTOMS_STATES, EFFECTS, LEVELS, MODES, REFERENCE_TYPES, STATUSES

TRACK_MAX = 500
TRACK_STATES = ("waiting", "tracking", "rejected")
LIGHT_STATES = ("ok", "blocked", "pending", "unknown", "not_applicable")


def unknown_field() -> serializers.ErrorDetail:
    """The error of a field that is not declared."""
    return serializers.ErrorDetail(str(_("There is no such field here.")), code="unknown")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt field must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values; every unknown field is an error of its own."""
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError({str(name)[:60]: [unknown_field()] for name in unknown[:20]})
        return super().to_internal_value(data)


class StrictText(serializers.CharField):
    """A JSON string. Numbers and truth values are not turned into text: ``007`` would have become ``7`` on the way."""

    def to_internal_value(self, data: Any) -> str:
        """The text without outer blanks."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TrackItemSerializer(StrictSerializer):
    """One number to track. Only its form is checked here; booking judges the number and gives a verdict."""

    reference = StrictText(max_length=200, allow_blank=True, help_text="A bill, a container, a booking, …")
    type = StrictText(
        max_length=40,
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="A reference type; if absent, worked out where the number's shape tells.",
    )
    carrier = StrictText(
        max_length=40, required=False, allow_blank=True, allow_null=True, help_text="SCAC or airline code, if known."
    )


class TrackItemsSerializer(StrictSerializer):
    """Many numbers to track."""

    items = serializers.ListField(child=TrackItemSerializer(), min_length=1, max_length=TRACK_MAX)


TrackSerializer = PolymorphicProxySerializer(
    component_name="Track",
    serializers=[TrackItemSerializer, TrackItemsSerializer, TrackItemSerializer(many=True)],
    resource_type_field_name=None,
    many=False,
)


def track_items(data: Any) -> list[dict[str, str]]:
    """The numbers of a request: one object, an array, or ``{"items": […]}``. Raises a 400 that names every place."""
    if isinstance(data, dict) and "items" in data:
        unknown = {str(name)[:60]: [unknown_field()] for name in data if name != "items"}
        if unknown:
            raise serializers.ValidationError(unknown)
        return _checked(data["items"], "items")
    if isinstance(data, dict):
        item = TrackItemSerializer(data=data)
        item.is_valid(raise_exception=True)
        return [item.validated_data]
    return _checked(data, "")


def _checked(items: Any, field: str) -> list[dict[str, str]]:
    if not isinstance(items, list):
        raise _whole(_("Give an object or an array of objects."), "not_an_array", field)
    if not items:
        raise _whole(_("Give at least one number."), "empty", field)
    if len(items) > TRACK_MAX:
        raise _whole(_("Give %(max)d numbers at most.") % {"max": TRACK_MAX}, "too_many", field)
    many = TrackItemSerializer(data=items, many=True)
    if not many.is_valid():
        raise serializers.ValidationError({field: many.errors} if field else many.errors)
    return list(many.validated_data)


def _whole(message: Any, code: str, field: str) -> serializers.ValidationError:
    error = serializers.ErrorDetail(str(message), code=code)
    return serializers.ValidationError({field: [error]} if field else [error])


class ReferenceSerializer(serializers.Serializer[Any]):
    """A number by which cargo is known."""

    type = serializers.ChoiceField(choices=REFERENCE_TYPES)
    value = serializers.CharField()


class PlaceSerializer(serializers.Serializer[Any]):
    """Where. ``scheme`` says whose code it is."""

    code = serializers.CharField(allow_null=True)
    scheme = serializers.ChoiceField(choices=("unlocode", "iata", "facility", "text"), allow_null=True)
    facility = serializers.CharField(allow_null=True, required=False)
    role = serializers.CharField(allow_null=True, required=False)


class TransportSerializer(serializers.Serializer[Any]):
    """The ship, flight, train or truck of an event."""

    mode = serializers.ChoiceField(choices=MODES, allow_null=True)
    vessel_name = serializers.CharField(allow_null=True)
    imo = serializers.CharField(allow_null=True)
    voyage = serializers.CharField(allow_null=True)


class EventSerializer(serializers.Serializer[Any]):
    """One thing that a source said, as it was understood. Absent facts are null, never guessed."""

    id = serializers.CharField()
    milestone = serializers.CharField()
    classifier = serializers.ChoiceField(choices=CLASSIFIERS)
    level = serializers.ChoiceField(choices=LEVELS)
    effect = serializers.ChoiceField(choices=EFFECTS)
    occurred_local = serializers.CharField(allow_null=True)
    occurred_at = serializers.DateTimeField(allow_null=True)
    time_zone = serializers.CharField(allow_null=True)
    time_basis = serializers.CharField(allow_null=True)
    reported_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()
    references = ReferenceSerializer(many=True)
    place = PlaceSerializer(allow_null=True)
    transport = TransportSerializer(allow_null=True)
    source = serializers.CharField()
    format = serializers.CharField()
    source_code = serializers.CharField(allow_null=True)
    source_text = serializers.CharField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())


class HoldSerializer(serializers.Serializer[Any]):
    """Something that withholds the cargo; kept when it is over."""

    agency = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    placed_at = serializers.DateTimeField(allow_null=True)
    cleared_at = serializers.DateTimeField(allow_null=True)
    cleared_by = serializers.CharField(allow_null=True)


class ReleaseSerializer(serializers.Serializer[Any]):
    """A release by customs and, if it was taken back, when."""

    released_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class CustomsSerializer(serializers.Serializer[Any]):
    """Where the cargo stands with customs, with the whole history of holds and releases."""

    state = serializers.ChoiceField(choices=CUSTOMS_STATES)
    releases = ReleaseSerializer(many=True)
    holds = HoldSerializer(many=True)


class LightSerializer(serializers.Serializer[Any]):
    """One thing that must be right before the cargo can be collected."""

    light = serializers.CharField()
    state = serializers.ChoiceField(choices=LIGHT_STATES)
    since = serializers.DateTimeField(allow_null=True)
    source = serializers.CharField(allow_null=True, required=False)
    responsible = serializers.CharField(allow_null=True, required=False)
    next_action = serializers.CharField(allow_null=True, required=False)
    deadline = serializers.CharField(allow_null=True, required=False)


class ReadinessSerializer(serializers.Serializer[Any]):
    """Whether the cargo can be collected: null while nothing blocks but something is unknown."""

    ready = serializers.BooleanField(allow_null=True)
    lights = LightSerializer(many=True)
    blocking = LightSerializer(many=True)


class StageSerializer(serializers.Serializer[Any]):
    """A measured stage, named ``FROM__TO`` by its milestones."""

    stage = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.IntegerField(allow_null=True)


class DeadlineSerializer(serializers.Serializer[Any]):
    """What must happen by when, and on what basis."""

    kind = serializers.CharField()
    due_at = serializers.CharField(allow_null=True)
    basis = serializers.CharField(allow_null=True)
    met_at = serializers.DateTimeField(allow_null=True)


class MilestoneSerializer(serializers.Serializer[Any]):
    """A point of the journey as it is believed now."""

    milestone = serializers.CharField()
    classifier = serializers.ChoiceField(choices=CLASSIFIERS)
    occurred_at = serializers.DateTimeField(allow_null=True)
    place = PlaceSerializer(allow_null=True)


class ShipmentContainerSerializer(serializers.Serializer[Any]):
    """A container of the shipment."""

    number = serializers.CharField()
    milestone = serializers.CharField(allow_null=True)


class ShipmentSerializer(serializers.Serializer[Any]):
    """The whole state of one shipment: codes and absolute times, nothing of the reader's."""

    references = ReferenceSerializer(many=True)
    status = serializers.ChoiceField(choices=STATUSES)
    milestone = serializers.CharField(allow_null=True)
    customs = CustomsSerializer()
    release = ReadinessSerializer()
    stages = StageSerializer(many=True)
    deadlines = DeadlineSerializer(many=True)
    milestones = MilestoneSerializer(many=True)
    containers = ShipmentContainerSerializer(many=True)


class ShipmentRowSerializer(serializers.Serializer[Any]):
    """A shipment in the list."""

    id = serializers.IntegerField()


class ContainerRowSerializer(serializers.Serializer[Any]):
    """A container of one shipment."""

    number = serializers.CharField()


class ContainerSerializer(serializers.Serializer[Any]):
    """A container in its shipments."""

    number = serializers.CharField()


class MineSerializer(serializers.Serializer[Any]):
    """What is the reader's own about a shipment; never part of the shared document."""

    own_reference = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    registered = serializers.BooleanField()
    tracking_requests = serializers.ListField(child=serializers.IntegerField())


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a number was not taken."""

    code = serializers.CharField()
    message = serializers.CharField()


class VerdictErrorSerializer(ReasonSerializer):
    """Why, and what may help: the number with its right check digit, or what it could be."""

    suggestion = serializers.CharField(required=False)
    candidates = serializers.ListField(child=serializers.CharField(), required=False)


class TrackingRequestSerializer(serializers.Serializer[Any]):
    """What was asked for and what became of it."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    type = serializers.CharField(allow_null=True)
    carrier = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=TRACK_STATES)
    shipment = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    last_event_at = serializers.DateTimeField(allow_null=True)
    error = ReasonSerializer(allow_null=True)


class RejectedSerializer(serializers.Serializer[Any]):
    """A number that was not taken, as it was sent, and why."""

    reference = serializers.CharField()
    type = serializers.CharField(allow_null=True)
    carrier = serializers.CharField(allow_null=True)
    error = VerdictErrorSerializer()


class VerdictsSerializer(serializers.Serializer[Any]):
    """One verdict for each number, in the order sent within each list."""

    accepted = TrackingRequestSerializer(many=True)
    rejected = RejectedSerializer(many=True)


class UpdateSerializer(serializers.Serializer[Any]):
    """One change of one shipment. ``changes`` has ``name: [before, after]``."""

    id = serializers.CharField()
    type = serializers.CharField()
    occurred_at = serializers.DateTimeField(allow_null=True)
    recorded_at = serializers.DateTimeField()
    shipment = serializers.IntegerField()
    subject = serializers.JSONField()
    data = serializers.JSONField()
    changes = serializers.JSONField()


class FeedSerializer(serializers.Serializer[Any]):
    """Updates in an order that never skips one; ask again with ``after=cursor``."""

    cursor = serializers.CharField()
    updates = UpdateSerializer(many=True)


def page_of(row: type[serializers.Serializer[Any]], name: str) -> type[serializers.Serializer[Any]]:
    """The shape of a page of such rows."""
    fields = {
        "__doc__": "A page. ``next`` is the address of the next one, null on the last.",
        "results": row(many=True),
        "next": serializers.URLField(allow_null=True),
        "cursor": serializers.CharField(allow_null=True),
    }
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)


ShipmentPageSerializer = page_of(ShipmentRowSerializer, "Shipment")
ContainerPageSerializer = page_of(ContainerRowSerializer, "Container")
EventPageSerializer = page_of(EventSerializer, "Event")
TrackingRequestPageSerializer = page_of(TrackingRequestSerializer, "TrackingRequest")
