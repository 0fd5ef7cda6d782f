"""The shapes of what the notices' API takes and gives."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from notifications.selectors import KIND_CODES, PAGE, PAGE_MAX, STATES

ROW_MAX = 10**18 - 1
CHANNEL_KINDS = ("email", "sms")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt field must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values."""
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            error = serializers.ErrorDetail(str(_("There is no such field here.")), code="unknown")
            raise serializers.ValidationError({str(name)[:60]: [error] for name in unknown[:20]})
        return super().to_internal_value(data)


class NewChannelSerializer(StrictSerializer):
    """An address to add. A key's channels belong to its organization, a person's to the person."""

    kind = serializers.ChoiceField(choices=CHANNEL_KINDS)
    address = serializers.CharField(max_length=254, help_text="An e-mail address, or a number as people write it.")
    language = serializers.ChoiceField(choices=["en", "ko"], default="en")


class CodeSerializer(StrictSerializer):
    """The six digits that were sent."""

    code = serializers.CharField(max_length=20)


class ChannelSerializer(serializers.Serializer[Any]):
    """A channel. Nothing is sent to it before ``verified_at`` or while it is off."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CHANNEL_KINDS)
    address = serializers.CharField(help_text="E-mail address, or E.164 number.")
    language = serializers.ChoiceField(choices=["en", "ko"])
    shared = serializers.BooleanField(help_text="The whole organization's, not one person's.")
    verified_at = serializers.DateTimeField(allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class NewSubscriptionSerializer(StrictSerializer):
    """Without a shipment: all that the organization is party to. No kinds: every kind."""

    channel = serializers.IntegerField(min_value=1, max_value=ROW_MAX)
    shipment = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, allow_null=True, default=None)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=KIND_CODES), required=False, default=list, max_length=len(KIND_CODES)
    )


class SubscriptionSerializer(serializers.Serializer[Any]):
    """A live subscription. What happened before ``created_at`` is not news to it."""

    id = serializers.IntegerField()
    channel = serializers.IntegerField(source="channel_id")
    shipment = serializers.IntegerField(source="shipment_id", allow_null=True)
    kinds = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()


class DeliverySerializer(serializers.Serializer[Any]):
    """One update told, or owed, to one channel. ``unknown``: it may have arrived, and is not sent again by itself."""

    id = serializers.IntegerField()
    shipment = serializers.IntegerField(source="shipment_id")
    update = serializers.IntegerField(source="update_id")  # type: ignore[assignment]  # a field, not the method
    kind = serializers.CharField()
    channel = serializers.IntegerField(source="channel_id")
    address = serializers.CharField(help_text="Masked where it is a colleague's.")
    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField(allow_blank=True)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class PageQuerySerializer(StrictSerializer):
    """The parameters of a list."""

    cursor = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, default=None)
    limit = serializers.IntegerField(min_value=1, max_value=PAGE_MAX, required=False, default=PAGE)
    shipment = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, default=None)


class DeliveryQuerySerializer(PageQuerySerializer):
    """A state besides."""

    state = serializers.ChoiceField(choices=STATES, required=False, default=None)


class _PageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    cursor = serializers.CharField(allow_null=True)


class SubscriptionPageSerializer(_PageSerializer):
    """A page of subscriptions."""

    results = SubscriptionSerializer(many=True)


class DeliveryPageSerializer(_PageSerializer):
    """A page of deliveries."""

    results = DeliverySerializer(many=True)


class ChannelListSerializer(_PageSerializer):
    """All channels: there are never many, so there is one page."""

    results = ChannelSerializer(many=True)
