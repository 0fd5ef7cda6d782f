"""The evidence file of a shipment, as JSON: everything that was said of it, and what was believed when."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BooleanField, CharField, ChoiceField, DateTimeField, IntegerField

from cargo.api import customs_shapes, filters, shapes
from cargo.api.schema import query
from cargo.api.shape_basics import Shape, moment, text
from cargo.api.views import NOT_KEPT, SHIPMENT_ID, ReadView
from cargo.selectors import evidence

STANDINGS = ("stands", "superseded", "taken_back", "outweighed", "not_of_this_journey", "takes_back")
MISSING = ("too_much", "not_found", "worked_out")


class MessageSerializer(Shape):
    """The message that it came in, whole."""

    sha256 = text()
    bytes = IntegerField()
    format = CharField(allow_blank=True)


class BehindSerializer(Shape):
    """When and how a report came, the part of the message that made it, and what became of it."""

    id = CharField()
    received_at = DateTimeField()
    recorded_at = DateTimeField(help_text="When it was written into the log; later than receipt after a replay.")
    source = CharField(help_text="The source's short name.")  # type: ignore[assignment]
    source_name = CharField()
    message = MessageSerializer()
    position = CharField(allow_blank=True, help_text="Where in the message it stands.")
    slice = text()
    slice_cut = BooleanField(help_text="The part goes on beyond what is shown.")
    slice_missing = ChoiceField(choices=MISSING, allow_null=True)
    standing = ChoiceField(choices=STANDINGS)
    decided_by = CharField(allow_null=True, help_text="The report that replaced, took back or outweighed it.")


class EvidenceEventSerializer(shapes.EventSerializer, BehindSerializer):
    """A report; `milestone` is what it means here, `milestone_reported` what it was reported as."""

    milestone_reported = CharField()


class EvidenceRetractionSerializer(BehindSerializer):
    """A source took a report back: the one whose `decided_by` names it."""

    references = shapes.ReferenceSerializer(many=True)
    reported_at = moment()
    format = CharField(allow_blank=True)


class BeliefSerializer(Shape):
    """A last day as it was believed from `since` until `until`, by what had been received; null: until now."""

    kind = CharField()
    container = text()
    value = CharField(help_text="A day, or an instant with its offset.")
    basis = text()
    rule = text()
    law = text()
    stated_by = CharField(allow_null=True, help_text="The source that stated it.")
    since = moment()
    until = moment()


class EvidenceStateSerializer(Shape):
    """What is believed now."""

    references = shapes.ReferenceSerializer(many=True)
    status = CharField()
    milestone = text()
    customs = customs_shapes.CustomsSerializer()
    release = customs_shapes.ReadinessSerializer()
    deadlines = shapes.DeadlineSerializer(many=True)
    freshness = shapes.FreshnessSerializer(many=True)
    plan = shapes.PlanSerializer()


class EvidenceShipmentSerializer(Shape):
    """Of what the file is; `container` is null for the whole shipment."""

    id = IntegerField()
    registered_at = DateTimeField()
    container = text()
    containers = serializers.ListField(child=CharField())


class LimitsSerializer(Shape):
    """How much a file holds at most, and what was left out of this one."""

    events = IntegerField()
    events_left_out = IntegerField()
    slice_bytes = IntegerField()
    slices_left_out = IntegerField()
    beliefs_after_each = ChoiceField(choices=tuple(evidence.FINENESS))


class EvidenceContentSerializer(Shape):
    """The part that the digest is of. The same whoever asks, and whenever, until something else is received."""

    format = CharField()
    shipment = EvidenceShipmentSerializer()
    state = EvidenceStateSerializer()
    beliefs = BeliefSerializer(many=True)
    events = EvidenceEventSerializer(many=True)
    retractions = EvidenceRetractionSerializer(many=True)
    limits = LimitsSerializer()


class MadeForSerializer(Shape):
    """Who asked."""

    organization = text()
    person = text()
    key = text()


class ProductSerializer(Shape):
    """What made the file."""

    name = CharField()
    version = CharField()


class DigestSerializer(Shape):
    """SHA-256 of `content` as JSON with sorted keys, without spaces, in UTF-8: as it stands in this file."""

    algorithm = CharField()
    value = CharField()
    of = CharField()


class EvidenceSerializer(Shape):
    """The evidence file."""

    content = EvidenceContentSerializer()
    digest = DigestSerializer()
    made_at = DateTimeField()
    made_for = MadeForSerializer()
    product = ProductSerializer()


class ShipmentEvidence(ReadView):
    """The evidence file of one shipment or container."""

    @extend_schema(
        operation_id="shipments_evidence_retrieve",
        summary="The evidence file",
        parameters=[SHIPMENT_ID, *query(filters.EvidenceFilters)],
        responses=EvidenceSerializer,
        tags=["shipments"],
    )
    def get(self, request: Request, shipment_id: int) -> HttpResponse:
        """Every report with its three times, its source, the hash of its message and the part that made it; holds,
        releases and deadlines; and which last day was believed when.

        The digest in it is printed in the PDF of the page, too. At most 2,000 reports, the latest; of each at most
        32 kB of its message.
        """
        container = str(self.params(request, filters.EvidenceFilters).get("container", "")).upper()
        try:
            found = evidence.evidence(self.viewer, shipment_id, container, timezone.now())
        except evidence.NoSuchContainer:
            raise ValidationError(
                {"container": [ErrorDetail(str(_("This shipment has no such container.")), code="unknown_container")]}
            ) from None
        name = evidence.file_name(shipment_id, container, "json")
        headers: dict[str, Any] = {**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(found.body, content_type="application/json", headers=headers)
