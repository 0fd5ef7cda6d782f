"""What the API takes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from cargo.domain.codes import CLASSIFIERS

TRACK_MAX = 500


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


class EventReportSerializer(StrictSerializer):
    """An event that a party reports, corrects (the same ``id`` again) or takes back (``id`` and ``taken_back``)."""

    milestone = StrictText(required=False, max_length=60, help_text="A code of the milestones table.")
    classifier = serializers.ChoiceField(choices=CLASSIFIERS, default="actual")
    occurred_at = StrictText(
        required=False,
        max_length=40,
        help_text="ISO 8601, with an offset or local to the place: `2026-03-14T08:55` or `2026-03-14T08:55:00+09:00`.",
    )
    time_zone = StrictText(
        required=False, max_length=64, allow_blank=True, help_text="IANA name, where the place does not tell it."
    )
    place = StrictText(required=False, max_length=10, allow_blank=True, help_text="UN/LOCODE or airport code.")
    facility = StrictText(required=False, max_length=280, allow_blank=True)
    containers = serializers.ListField(
        child=StrictText(max_length=15), required=False, max_length=100, help_text="Of this shipment's; one event each."
    )
    remark = StrictText(required=False, max_length=280, allow_blank=True)
    authority = StrictText(required=False, max_length=64, help_text="A customs authority, such as `GB-HMRC`.")
    code = StrictText(
        required=False, max_length=64, help_text="Its own code (`DMSROG`), looked up in place of a milestone."
    )
    declaration = StrictText(required=False, max_length=64, help_text="Of which declaration it was said.")
    limit = serializers.DateField(required=False, help_text="The last day that customs set for an answer, inclusive.")
    id = StrictText(required=False, max_length=100, help_text="Your own; given again, the report replaces the last.")
    taken_back = serializers.BooleanField(default=False, help_text="The report with this `id` does not hold.")


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
