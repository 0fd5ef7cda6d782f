"""The tables."""

from cargo.models.event import Event, EventReference, ShipmentEvent, UnresolvedEvent
from cargo.models.exception import InspectionDue, ShipmentException
from cargo.models.inbound import InboundBody, InboundMessage, MessagePart, Source, SourceKey
from cargo.models.intake import Acknowledgment, Inquiry, Intake, Snapshot, SourceSecret
from cargo.models.maintenance import Maintenance
from cargo.models.mapping import CodeMapping, ColumnMapping, UnknownCode
from cargo.models.quarantine import QuarantinedMessage
from cargo.models.shipment import Party, Shipment, ShipmentReference, TrackingRequest
from cargo.models.status import ProjectionDue, ShipmentDocument, ShipmentState, ShipmentStatus
from cargo.models.update import FeedHead, TrackingUpdate
from cargo.models.warehouse import Warehouse

__all__ = [
    "Acknowledgment",
    "CodeMapping",
    "ColumnMapping",
    "Event",
    "EventReference",
    "FeedHead",
    "InboundBody",
    "InboundMessage",
    "Inquiry",
    "InspectionDue",
    "Intake",
    "Maintenance",
    "MessagePart",
    "Party",
    "ProjectionDue",
    "QuarantinedMessage",
    "Shipment",
    "ShipmentDocument",
    "ShipmentEvent",
    "ShipmentException",
    "ShipmentReference",
    "ShipmentState",
    "ShipmentStatus",
    "Snapshot",
    "Source",
    "SourceKey",
    "SourceSecret",
    "TrackingRequest",
    "TrackingUpdate",
    "UnknownCode",
    "UnresolvedEvent",
    "Warehouse",
]
