"""What the API gives, for its description. The selectors write the answers; a test holds them to these shapes.

Every key is always there; an absent fact is null, never guessed. Times have an offset, or ``Z``.
"""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.serializers import BooleanField, CharField, ChoiceField, DateTimeField, IntegerField

from cargo.api.customs_shapes import CustomsSerializer, ReadinessSerializer
from cargo.api.deadline_shapes import DeadlineSerializer
from cargo.api.shape_basics import Shape, moment, number, page_of, text
from cargo.domain.codes import CLASSIFIERS, CUSTOMS_STATES, EFFECTS, LEVELS, MODES, REFERENCE_TYPES, STATUSES
from cargo.domain.hindsight import BASES


class ReferenceSerializer(Shape):
    """A number by which cargo is known."""

    type = ChoiceField(choices=REFERENCE_TYPES)
    value = CharField()


class PlaceCodeSerializer(Shape):
    """Where. ``scheme`` says whose code it is."""

    code = text()
    scheme = text()


class PlaceSerializer(PlaceCodeSerializer):
    """Where, as an event tells it."""

    facility = text()
    role = text()


class NamedPlaceSerializer(PlaceSerializer):
    """Where, with the name that the code stands for."""

    name = CharField(allow_null=True, required=False)


class TransportSerializer(Shape):
    """The ship, flight, train or truck of an event."""

    mode = ChoiceField(choices=MODES, allow_null=True)
    vessel_name = text()
    imo = text()
    voyage = text()


class AmountSerializer(Shape):
    """How much an event speaks of."""

    packages = number()
    package_unit = text()
    weight_kg = serializers.FloatField(allow_null=True)


class LastDaySerializer(Shape):
    """A last day that the source itself stated."""

    kind = CharField()
    date = serializers.DateField()


class ReportSerializer(Shape):
    """One thing that a source said, as it was understood, with the source's own code and words."""

    milestone = CharField(help_text="A code of the milestones table; `unknown` keeps the source's own words.")
    classifier = ChoiceField(choices=CLASSIFIERS)
    level = ChoiceField(choices=LEVELS)
    effect = ChoiceField(choices=EFFECTS)
    occurred_local = CharField(allow_null=True, help_text="What the source said, without a zone.")
    occurred_at = DateTimeField(allow_null=True, help_text="The instant; null while the zone is not known.")
    time_zone = text()
    time_basis = CharField(allow_null=True, help_text="`given`, `source_default`, `place` or `assumed`.")
    reported_at = moment()
    references = ReferenceSerializer(many=True)
    transport = TransportSerializer(allow_null=True)
    laden = BooleanField(allow_null=True)
    quantity = AmountSerializer(allow_null=True)
    authority = text()
    agency = text()
    deadline = LastDaySerializer(allow_null=True)
    delay_reason = text()
    part = text()
    source_event_id = text()
    source_event_version = text()
    retracts = text()
    plan = serializers.DictField(child=CharField(), allow_null=True)
    format = CharField()
    source_code = text()
    source_text = text()
    warnings = serializers.ListField(child=CharField())
    id = CharField()
    received_at = DateTimeField()
    source = CharField(help_text="The source's short name.")  # type: ignore[assignment]


class EventSerializer(ReportSerializer):
    """A report of a shipment."""

    place = PlaceSerializer(allow_null=True)


class TimelineSerializer(ReportSerializer):
    """A report in the timeline: the milestone that it means here, and whether a later report replaced it."""

    place = NamedPlaceSerializer(allow_null=True)
    milestone_reported = CharField()
    superseded = BooleanField()


class StageSerializer(Shape):
    """A measured stage, named ``FROM__TO`` by its milestones."""

    stage = CharField()
    started_at = moment()
    ended_at = moment()
    seconds = number()


class MilestoneSerializer(Shape):
    """A point of the journey as it is believed now."""

    milestone = CharField()
    milestone_reported = CharField()
    classifier = ChoiceField(choices=CLASSIFIERS)
    occurred_at = moment()
    place = PlaceCodeSerializer(allow_null=True)
    level = ChoiceField(choices=LEVELS)
    subject = text()
    declaration = text()
    source = CharField(allow_null=True)  # type: ignore[assignment]


class ShipmentContainerSerializer(Shape):
    """A container of the shipment."""

    number = CharField()
    iso_code = text()
    milestone = text()
    released = BooleanField()
    last_event_at = moment()
    last_free_day = serializers.DateField(allow_null=True)
    release = ReadinessSerializer()


class PlanSerializer(Shape):
    """The journey as it is planned."""

    port_of_loading = text()
    port_of_discharge = text()


class ArrivalSerializer(Shape):
    """The estimated arrival, and the first estimate."""

    at = moment()
    classifier = ChoiceField(choices=CLASSIFIERS)
    first_at = moment()
    source = CharField(allow_null=True)  # type: ignore[assignment]


class QuantitySerializer(Shape):
    """Packages, in the unit of the manifest."""

    manifested = number()
    released = number()
    removed = number()
    unit = text()


class FreshnessSerializer(Shape):
    """When a source was last heard."""

    source = CharField()  # type: ignore[assignment]
    name = text()
    last_received_at = moment()
    last_occurred_at = moment()


class AsOfSerializer(Shape):
    """As of when a document is, by receipt or by report; how many reports counted; when it was registered here."""

    at = DateTimeField()
    by = ChoiceField(choices=BASES)
    registered_at = DateTimeField()
    events = IntegerField()


class ShipmentSerializer(Shape):
    """The whole state of one shipment: codes and absolute times, nothing of the reader's."""

    id = IntegerField()
    references = ReferenceSerializer(many=True)
    status = ChoiceField(choices=STATUSES)
    milestone = text()
    customs = CustomsSerializer()
    release = ReadinessSerializer()
    stages = StageSerializer(many=True)
    deadlines = DeadlineSerializer(many=True)
    milestones = MilestoneSerializer(many=True)
    containers = ShipmentContainerSerializer(many=True)
    mode = text()
    carrier = text()
    plan = PlanSerializer()
    eta = ArrivalSerializer(allow_null=True)
    arrived_at = moment()
    quantity = QuantitySerializer()
    last_event_at = moment()
    freshness = FreshnessSerializer(many=True)
    timeline = TimelineSerializer(many=True)
    as_of = AsOfSerializer(required=False, help_text="Only in what was asked for with `as_of`.")


class ShipmentRowSerializer(Shape):
    """A shipment in the list."""

    id = IntegerField()
    own_reference = CharField(allow_blank=True, help_text="Empty for everybody but the organization that gave it.")
    house_bill = text()
    master_bill = text()
    status = ChoiceField(choices=STATUSES)
    milestone = CharField(allow_blank=True)
    customs_state = ChoiceField(choices=CUSTOMS_STATES)
    ready = BooleanField(allow_null=True)
    open_holds = IntegerField()
    hold_agencies = serializers.ListField(child=CharField())
    mode = CharField(allow_blank=True)
    carrier = CharField(allow_blank=True)
    port_of_loading = CharField(allow_blank=True)
    port_of_discharge = CharField(allow_blank=True)
    last_free_day = serializers.DateField(allow_null=True)
    containers = serializers.ListField(child=CharField())
    container_count = IntegerField()
    released_count = IntegerField()
    version = IntegerField()
    eta = moment()
    eta_first = moment()
    arrived_at = moment()
    released_at = moment()
    gated_out_at = moment()
    last_event_at = moment()
    changed_at = moment()


class ContainerStateSerializer(Shape):
    """Where a container's shipment stands."""

    shipment = IntegerField()
    status = ChoiceField(choices=STATUSES)
    milestone = CharField(allow_blank=True)
    customs_state = ChoiceField(choices=CUSTOMS_STATES)
    ready = BooleanField(allow_null=True)
    eta = moment()
    arrived_at = moment()
    released_at = moment()
    gated_out_at = moment()


class ContainerRowSerializer(ContainerStateSerializer):
    """A container of one shipment."""

    number = CharField()


class ContainerSerializer(Shape):
    """A container in its shipments."""

    number = CharField()
    shipments = ContainerStateSerializer(many=True)


class MineSerializer(Shape):
    """What is the reader's own about a shipment; never part of the shared document."""

    own_reference = CharField(allow_blank=True)
    registered = BooleanField()
    roles = serializers.ListField(child=CharField())
    tracking_requests = serializers.ListField(child=IntegerField())


ShipmentPageSerializer = page_of(ShipmentRowSerializer, "Shipment")
ContainerPageSerializer = page_of(ContainerRowSerializer, "Container")
EventPageSerializer = page_of(EventSerializer, "Event")
