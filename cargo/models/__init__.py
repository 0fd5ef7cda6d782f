"""The tables."""

from cargo.models.calendar import CalendarKey, ShipmentDeadline
from cargo.models.deadline_rule import DeadlineRule, RuleChange
from cargo.models.event import Event, EventReference, ShipmentEvent, UnresolvedEvent
from cargo.models.exception import InspectionDue, ShipmentException
from cargo.models.forecast import ArrivalEstimate, Forecast, ForecastModel, ForecastTally, ForecastTurn
from cargo.models.inbound import InboundBody, InboundMessage, MessagePart, Source, SourceKey
from cargo.models.intake import Acknowledgment, Inquiry, Intake, Snapshot, SourceSecret
from cargo.models.leadtime import StageTime, StageTimeChange, StageTimeColumn, TargetTime
from cargo.models.maintenance import Maintenance
from cargo.models.mapping import CodeMapping, ColumnMapping, UnknownCode
from cargo.models.quarantine import QuarantinedMessage
from cargo.models.shipment import Party, Shipment, ShipmentReference, TrackingRequest
from cargo.models.status import ProjectionDue, ShipmentDocument, ShipmentState, ShipmentStatus
from cargo.models.tariff import Tariff
from cargo.models.update import FeedHead, TrackingUpdate
from cargo.models.warehouse import Warehouse

__all__ = [
    "Acknowledgment",
    "ArrivalEstimate",
    "CalendarKey",
    "CodeMapping",
    "ColumnMapping",
    "DeadlineRule",
    "Event",
    "EventReference",
    "FeedHead",
    "Forecast",
    "ForecastModel",
    "ForecastTally",
    "ForecastTurn",
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
    "RuleChange",
    "Shipment",
    "ShipmentDeadline",
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
    "StageTime",
    "StageTimeChange",
    "StageTimeColumn",
    "Tariff",
    "TargetTime",
    "TrackingRequest",
    "TrackingUpdate",
    "UnknownCode",
    "UnresolvedEvent",
    "Warehouse",
]
