"""The shapes of what the notices' API takes and gives."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from notifications import kinds, selectors
from notifications.selectors import CHANNEL_KINDS, LOGGED, PAGE, PAGE_MAX, STATES

ROW_MAX = 10**18 - 1
AT_ONCE = 500
NEW_CHANNEL_KINDS = ("email", "sms", "chat")
CHANNEL_STATES = ("unverified", "on", "off", "suppressed")
LANGUAGES = ("en", "ko")
MODES = kinds.MODES
ROLES = tuple(selectors.ROLES)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TOLD_KINDS = (*kinds.KINDS, *kinds.FEED_ONLY)
ACTIONS = ("subscribe", "end")
_MATRIX = (
    "Kind of news → now, digest or off; * → off: every other kind, also of later versions. What it does not name goes "
    "by the defaults of the channel's kind and of what the organization is to the shipment."
)
_KINDS = (
    "Short for a matrix: these at once, everything else not, also of later versions; empty for the defaults. Not "
    "together with matrix."
)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt field must not be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values."""
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            error = serializers.ErrorDetail(str(_("There is no such field here.")), code="unknown")
            raise serializers.ValidationError({str(name)[:60]: [error] for name in unknown[:20]})
        return super().to_internal_value(data)


@extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(WEEKDAYS)}, "minItems": 1})
class DaysField(serializers.Field[int, list[str], list[str], int]):
    """Weekdays by name; inside, bits with Monday as 0."""

    default_error_messages = {"invalid": _("The digest has at least one day of the week.")}

    def to_internal_value(self, data: list[str]) -> int:
        """The bits."""
        if not isinstance(data, list) or not data or any(day not in WEEKDAYS for day in data):
            self.fail("invalid")
        return sum(1 << WEEKDAYS.index(day) for day in set(data))

    def to_representation(self, value: int) -> list[str]:
        """The names."""
        return [day for bit, day in enumerate(WEEKDAYS) if value >> bit & 1]


class NewChannelSerializer(StrictSerializer):
    """An address to add. A key's channels belong to its organization, a person's to the person."""

    kind = serializers.ChoiceField(choices=NEW_CHANNEL_KINDS)
    address = serializers.CharField(
        max_length=1000,
        help_text="An e-mail address, a number as people write it, or a chat: the URL of its incoming webhook (Slack, "
        "Teams, Discord) or telegram:<bot token>:<chat>; it is kept sealed and never shown again.",
    )
    language = serializers.ChoiceField(choices=LANGUAGES, default="en")


class ChannelSettingsSerializer(StrictSerializer):
    """What is given is set, the rest stays. Times are wall times in ``zone``."""

    name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    zone = serializers.CharField(
        max_length=64, required=False, allow_blank=True, help_text="IANA; empty: the person's own, or the operator's."
    )
    quiet_from = serializers.TimeField(required=False, allow_null=True)
    quiet_until = serializers.TimeField(
        required=False, allow_null=True, help_text="Not the same as quiet_from; both null: no quiet hours."
    )
    bypass_quiet = serializers.BooleanField(required=False, help_text="Critical news also in quiet hours.")
    digest_at = serializers.TimeField(required=False)
    digest_days = DaysField(required=False)


class CodeSerializer(StrictSerializer):
    """The six digits that were sent."""

    code = serializers.CharField(max_length=20)


class SuppressedSerializer(serializers.Serializer[Any]):
    """Why nothing is sent to an address, whoever entered it."""

    reason = serializers.CharField()
    since = serializers.DateTimeField()


class ChannelSerializer(serializers.Serializer[Any]):
    """A channel. Nothing is sent to it before ``verified_at``, while it is off, or while it is suppressed."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CHANNEL_KINDS)
    address = serializers.CharField(help_text="E-mail address, E.164 number, URL, or what people call a chat.")
    name = serializers.CharField(allow_blank=True)
    language = serializers.ChoiceField(choices=LANGUAGES)
    shared = serializers.BooleanField(help_text="The whole organization's, not one person's.")
    follower = serializers.BooleanField(help_text="Somebody outside, told of single shipments.")
    state = serializers.ChoiceField(choices=CHANNEL_STATES)
    zone = serializers.CharField(allow_blank=True)
    quiet_from = serializers.TimeField(allow_null=True)
    quiet_until = serializers.TimeField(allow_null=True)
    bypass_quiet = serializers.BooleanField()
    digest_at = serializers.TimeField()
    digest_days = DaysField()
    verified_at = serializers.DateTimeField(allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField(allow_blank=True)
    suppressed = SuppressedSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class _WishesSerializer(StrictSerializer):
    matrix = serializers.DictField(child=serializers.ChoiceField(choices=MODES), required=False, help_text=_MATRIX)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=TOLD_KINDS), required=False, max_length=len(TOLD_KINDS), help_text=_KINDS
    )
    eta_hours = serializers.IntegerField(
        min_value=1, max_value=720, required=False, help_text="A changed arrival is told when it moved by so much."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """``kinds`` is short for a matrix, so there is one of them."""
        if "kinds" in attrs and "matrix" in attrs:
            raise serializers.ValidationError({"kinds": [_("Give a matrix or kinds, not both.")]})
        return attrs


class _ChoosingSerializer(_WishesSerializer):
    label = serializers.CharField(  # type: ignore[assignment]  # a field, not the attribute
        max_length=80, required=False, allow_blank=True, help_text="The name of a saved filter; needed for one."
    )
    filter = serializers.DictField(
        child=serializers.CharField(max_length=200), required=False, help_text="Parameters of the shipments list."
    )
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=ROLES), required=False, max_length=len(ROLES),
        help_text="Only shipments that the organization has such a part in.",
    )  # fmt: skip


@extend_schema_serializer(
    examples=[
        OpenApiExample("One shipment, by the defaults", {"channel": 12, "shipment": 345}, request_only=True),
        OpenApiExample(
            "All shipments, with a choice of one's own",
            {"channel": 12, "matrix": {"customs.released": "now", "departed": "off"}, "eta_hours": 48},
            request_only=True,
        ),
        OpenApiExample(
            "A saved filter",
            {"channel": 12, "label": "Busan, held", "filter": {"port_of_discharge": "KRPUS", "hold": "true"}},
            request_only=True,
        ),
        OpenApiExample("Only some kinds", {"channel": 12, "kinds": ["gate_out"]}, request_only=True),
    ]
)
class NewSubscriptionSerializer(_ChoosingSerializer):
    """Without a shipment: all that the organization is party to, or those that ``filter`` and ``roles`` choose."""

    channel = serializers.IntegerField(min_value=1, max_value=ROW_MAX)
    shipment = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, allow_null=True, default=None)


class SubscriptionChangeSerializer(_ChoosingSerializer):
    """What is given is changed, the rest stays."""


@extend_schema_serializer(
    examples=[
        OpenApiExample("Tell of three", {"channel": 12, "shipments": [345, 346, 347]}, request_only=True),
        OpenApiExample("No longer", {"channel": 12, "shipments": [345], "action": "end"}, request_only=True),
    ]
)
class BulkSerializer(_WishesSerializer):
    """Up to 500 shipments at once."""

    channel = serializers.IntegerField(min_value=1, max_value=ROW_MAX)
    shipments = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=ROW_MAX), min_length=1, max_length=AT_ONCE
    )
    action = serializers.ChoiceField(choices=ACTIONS, default="subscribe")


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of them."""

    subscribed = serializers.ListField(child=serializers.IntegerField(), help_text="Shipments that are told of now.")
    ended = serializers.IntegerField(help_text="How many subscriptions ended.")
    unknown = serializers.ListField(child=serializers.IntegerField(), help_text="Shipments that are not yours.")


class SubscriptionSerializer(serializers.Serializer[Any]):
    """A live subscription. What happened before ``created_at`` is not news to it."""

    id = serializers.IntegerField()
    channel = serializers.IntegerField(source="channel_id")
    shipment = serializers.IntegerField(source="shipment_id", allow_null=True)
    kinds = serializers.ListField(child=serializers.CharField(), help_text="What the matrix says to tell at once.")
    matrix = serializers.DictField(child=serializers.ChoiceField(choices=MODES), help_text=_MATRIX)
    effective = serializers.SerializerMethodField(help_text="The matrix with the usual defaults filled in.")
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # a field, not the attribute
    filter = serializers.DictField(child=serializers.CharField())
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES))
    eta_hours = serializers.IntegerField()
    created_at = serializers.DateTimeField()

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string", "enum": list(MODES)}})
    def get_effective(self, row: selectors.SubscriptionRow) -> dict[str, str]:
        """By what the organization is to the shipment, or would be to one that it registers."""
        return dict(selectors.effective(row))


class WhySerializer(serializers.Serializer[Any]):
    """Why something was owed: by which subscription, and in words."""

    code = serializers.CharField(allow_blank=True, help_text="shipment, follower, filter, role, all; empty: unknown.")
    text = serializers.CharField()
    subscription = serializers.IntegerField(source="subscription_id", allow_null=True)


class DeliverySerializer(serializers.Serializer[Any]):
    """One update told, or owed, to one channel. ``unknown``: it may have arrived, and is not sent again by itself.

    A digest has no shipment and no update of its own; it tells ``gathered`` of them.
    """

    id = serializers.IntegerField()
    shipment = serializers.IntegerField(source="shipment_id", allow_null=True)
    update = serializers.IntegerField(source="update_id", allow_null=True)  # type: ignore[assignment]  # a field
    kind = serializers.CharField(help_text="The kind of news, or digest.")
    gathered = serializers.IntegerField()
    channel = serializers.IntegerField(source="channel_id")
    channel_kind = serializers.ChoiceField(choices=CHANNEL_KINDS)
    address = serializers.CharField(help_text="Masked where it is a colleague's.")
    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField(allow_blank=True)
    why = WhySerializer()
    attempts = serializers.IntegerField()
    segments = serializers.IntegerField(help_text="Of texts: of all tries together.")
    cost = serializers.DecimalField(max_digits=12, decimal_places=5)
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(
        allow_null=True,
        help_text="As the provider reported it; of what a webhook is sent again, when it took it first.",
    )


class AttemptSerializer(serializers.Serializer[Any]):
    """One try. ``request`` and ``answer`` are a webhook's, cut short; empty where the address is a colleague's."""

    id = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(allow_blank=True, help_text="sent, temporary, permanent, unknown; empty: open.")
    detail = serializers.CharField(allow_blank=True)
    provider_id = serializers.CharField(allow_blank=True)
    status = serializers.IntegerField(allow_null=True, help_text="HTTP status of a webhook.")
    request = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True)
    segments = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=12, decimal_places=5)


class _PagedQuerySerializer(StrictSerializer):
    cursor = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, default=None)
    limit = serializers.IntegerField(min_value=1, max_value=PAGE_MAX, required=False, default=PAGE)
    shipment = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, default=None)
    channel = serializers.IntegerField(min_value=1, max_value=ROW_MAX, required=False, default=None)


class PageQuerySerializer(_PagedQuerySerializer):
    """The parameters of a list of subscriptions."""


class DeliveryQuerySerializer(_PagedQuerySerializer):
    """The parameters of the log; those that are given hold together."""

    state = serializers.ChoiceField(choices=STATES, required=False, default=None)
    channel_kind = serializers.ChoiceField(choices=CHANNEL_KINDS, required=False, default=None)
    kind = serializers.ChoiceField(choices=LOGGED, required=False, default=None)
    reference = serializers.CharField(
        max_length=64,
        required=False,
        default="",
        allow_blank=True,
        help_text="A bill's, container's or other number, or its beginning; or your own reference, whole.",
    )
    address = serializers.CharField(
        max_length=254,
        required=False,
        default="",
        allow_blank=True,
        help_text="A part of an address or of a channel's name that you see in full.",
    )
    since = serializers.DateTimeField(required=False, default=None, help_text="Owed at this time or later.")
    until = serializers.DateTimeField(required=False, default=None, help_text="Owed before this time.")
    failed = serializers.BooleanField(required=False, default=False, help_text="Only failed, or of unknown outcome.")


class _PageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    cursor = serializers.CharField(allow_null=True)


class SubscriptionPageSerializer(_PageSerializer):
    """A page of subscriptions."""

    results = SubscriptionSerializer(many=True)


class DeliveryPageSerializer(_PageSerializer):
    """A page of deliveries."""

    results = DeliverySerializer(many=True)


class AttemptListSerializer(_PageSerializer):
    """All tries of a delivery: there are never many, so there is one page."""

    results = AttemptSerializer(many=True)


class ChannelListSerializer(_PageSerializer):
    """All channels: there are never many, so there is one page."""

    results = ChannelSerializer(many=True)
