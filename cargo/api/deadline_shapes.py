"""What the API gives of a deadline: by when, by whom, on what ground, and what being late costs."""

from __future__ import annotations

from typing import Any

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    Field,
    FloatField,
    Serializer,
)

from cargo.domain.deadline_rules import MONEY_KINDS

Shape = Serializer[Any]


class OtherDaySerializer(Shape):
    """What another source or tariff says of the same deadline; the earliest counts."""

    source = CharField(allow_null=True)  # type: ignore[assignment]
    due_at = DateTimeField(allow_null=True)


class MoneyStepSerializer(Shape):
    """What holds from an instant on: a rate of the customs value, or an amount for each day begun."""

    rate_percent = FloatField(allow_null=True)
    amount_per_day = FloatField(allow_null=True)

    def get_fields(self) -> dict[str, Field]:
        """With ``from``, which is no name in Python."""
        return {"from": DateTimeField(), **super().get_fields()}


class MoneySerializer(Shape):
    """What follows if a deadline is missed; amounts in the currency's unit."""

    kind = ChoiceField(choices=MONEY_KINDS)
    currency = CharField()
    amount_per_day = FloatField(allow_null=True, help_text="What the first day too late costs.")
    steps = MoneyStepSerializer(many=True, allow_null=True)
    maximum = FloatField(allow_null=True)
    basis = CharField(help_text="What it is worked out from.")


class DeadlineSerializer(Shape):
    """What must happen by when, on what basis, by whom, and what follows if it is missed."""

    kind = CharField()
    due_at = DateTimeField(allow_null=True)
    basis = CharField(allow_null=True)
    met_at = DateTimeField(allow_null=True)
    authority = CharField(allow_null=True)
    responsible = CharField(allow_null=True)
    next_action = CharField(allow_null=True)
    container = CharField(allow_null=True)
    rule = CharField(allow_null=True, help_text="The code of the rule or tariff.")
    stated_by = CharField(allow_null=True, help_text="The source that states the day itself.")
    others = OtherDaySerializer(many=True)
    money = MoneySerializer(allow_null=True)
    alerts = BooleanField(help_text="Whether anybody is told that it is near or exceeded.")
    source = CharField(allow_null=True)  # type: ignore[assignment]
    text = CharField(allow_null=True)
