"""What the API gives of customs and of what blocks the pick-up, for its description."""

from __future__ import annotations

from rest_framework.serializers import BooleanField, CharField, ChoiceField, IntegerField

from cargo.api.shape_basics import Shape, moment, text
from cargo.domain.codes import CUSTOMS_STATES, LEVELS
from cargo.domain.customs.rollup import ROLLED_UP_BY
from cargo.domain.readiness import LIGHT_STATES, LIGHTS


class HoldSerializer(Shape):
    """Something that withholds the cargo; kept when it is over."""

    agency = text()
    name = text()
    kind = CharField()
    placed_at = moment()
    cleared_at = moment()
    cleared_by = text()
    declaration = text()
    level = ChoiceField(choices=LEVELS)
    text = CharField(allow_null=True)
    authority = CharField(allow_null=True)
    container = CharField(allow_null=True)
    source = CharField(allow_null=True)  # type: ignore[assignment]
    code = CharField(allow_null=True, help_text="The authority's own code.")


class ReleaseSerializer(Shape):
    """A release by customs and, if it was taken back, when."""

    released_at = moment()
    revoked_at = moment()
    authority = text()
    declaration = text()
    provisional = BooleanField()
    level = ChoiceField(choices=LEVELS)
    container = text()
    packages = IntegerField(allow_null=True, help_text="Without those that were taken back.")
    source = text()  # type: ignore[assignment]
    code = text()
    revoked_by = CharField(allow_null=True, help_text="The milestone that took it back.")


class RollupSerializer(Shape):
    """How much customs lets go: 7 of 9 containers, 60 of 100 packages, 1 of 2 declarations."""

    by = ChoiceField(choices=ROLLED_UP_BY)
    released = IntegerField()
    of = IntegerField()
    unit = text()


class CustomsSerializer(Shape):
    """Where the cargo stands with customs, with the whole history of holds and releases."""

    state = ChoiceField(choices=CUSTOMS_STATES)
    rollup = RollupSerializer(allow_null=True)
    releases = ReleaseSerializer(many=True)
    holds = HoldSerializer(many=True)


class LightSerializer(Shape):
    """One thing that must be right before the cargo can be collected."""

    light = ChoiceField(choices=LIGHTS)
    state = ChoiceField(choices=LIGHT_STATES)
    since = moment()
    source = CharField(allow_null=True)  # type: ignore[assignment]


class BlockerSerializer(Shape):
    """A light that is not green: who must do what, and by when."""

    light = ChoiceField(choices=LIGHTS)
    state = ChoiceField(choices=LIGHT_STATES)
    responsible = text()
    next_action = text()
    since = moment()
    deadline = text()


class ReadinessSerializer(Shape):
    """Whether the cargo can be collected: null while nothing blocks but something is unknown."""

    ready = BooleanField(allow_null=True)
    lights = LightSerializer(many=True)
    blocking = BlockerSerializer(many=True)
