"""The code lists of DCSA Track & Trace 2.2, 2.3 and 3.0, in letters and in words.

Sources: DCSA Track & Trace 2.2.0 (28 October 2021), 2.3.0, 3.0.0-Beta-1 (31 March 2023) with the Event Domain
3.1.0, 3.0.0 as of January 2026 (letters) and snapshot 20260525 (words); the reference data of the DCSA
information model; the SMDG delay reason list (47 codes). Letters are the house's key: a word of 3.0 stands for
the letters that it replaced, and what only words name keeps its word.
"""

from __future__ import annotations

CLASSIFIERS = {
    "ACT": "actual",
    "EST": "estimated",
    "PLN": "planned",
    "ACTUAL": "actual",
    "ESTIMATED": "estimated",
    "PLAN": "planned",
    "PLANNED": "planned",
}

TRANSPORT_TITLES = {"ARRI": "Arrival", "DEPA": "Departure", "APPROACHING": "Approaching"}
EQUIPMENT_TITLES = {
    "LOAD": "Load",
    "DISC": "Discharge",
    "GTIN": "Gate in",
    "GTOT": "Gate out",
    "STUF": "Stuffing",
    "STRP": "Stripping",
    "PICK": "Pick-up",
    "DROP": "Drop-off",
    "INSP": "Inspected",
    "RSEA": "Resealed",
    "RMVD": "Removed",
    "AVPU": "Available for Pick-up",
    "AVDO": "Available for Drop-off",
    "CUSS": "Customs Selected for Scan",
    "CUSI": "Customs Selected for Inspection",
    "CUSR": "Customs Released",
    "WAYP": "Way Point Crossed",
    "CROS": "Crossed",
}
SHIPMENT_TITLES = {
    "RECE": "Received",
    "DRFT": "Drafted",
    "PENA": "Pending Approval",
    "PENU": "Pending Update",
    "PENC": "Pending Confirmation",
    "PENM": "Pending Amendment",
    "REJE": "Rejected",
    "APPR": "Approved",
    "ISSU": "Issued",
    "SURR": "Surrendered",
    "SUBM": "Submitted",
    "VOID": "Void",
    "CONF": "Confirmed",
    "REQS": "Requested",
    "CMPL": "Completed",
    "HOLD": "On Hold",
    "RELS": "Released",
    "CANC": "Cancelled",
    "DECL": "Declined",
    "UPRE": "Update Received",
    "UPDT": "Update In Progress",
    "UPCF": "Update Confirmed",
    "UPDC": "Update Declined",
    "UPCN": "Update Cancelled",
    "AMRE": "Amendment Received",
    "AMPR": "Amendment In Progress",
    "AMCF": "Amendment Confirmed",
    "AMDC": "Amendment Declined",
    "AMCN": "Amendment Cancelled",
    "CARE": "Cancellation Received",
    "CACF": "Cancellation Confirmed",
    "CADC": "Cancellation Declined",
    "PSAM": "Pending Surrender for Amendment",
    "PSDL": "Pending Surrender for Delivery",
    "SUAM": "Surrendered for Amendment",
    "SUDL": "Surrendered for Delivery",
}
IOT_TITLES = {
    "DETC": "Detected",
    "DOOR_OPENED": "Door opened",
    "DOOR_CLOSED": "Door closed",
    "BREADCRUMB": "Location update",
    "DEVICE_STATUS": "Device status",
    "GEOFENCE_ENTRY": "Geofenced area entered",
    "GEOFENCE_EXIT": "Geofenced area left",
    "MOTION_START": "Motion started",
    "MOTION_STOP": "Motion stopped",
    "PAIRING": "Device paired with the equipment",
    "UNPAIRING": "Device unpaired from the equipment",
}
REEFER_TITLES = {"MEAS": "Reefer measured", "ADJU": "Reefer adjusted"}
TITLES = {
    "TRANSPORT": TRANSPORT_TITLES,
    "EQUIPMENT": EQUIPMENT_TITLES,
    "SHIPMENT": SHIPMENT_TITLES,
    "IOT": IOT_TITLES,
    "REEFER": REEFER_TITLES,
}

# Words of 3.0 (and of carriers that put them where 2.2 has letters), by kind of event.
WORDS = {
    "TRANSPORT": {"ARRIVED": "ARRI", "DEPARTED": "DEPA"},
    "EQUIPMENT": {
        "LOADED": "LOAD",
        "DISCHARGED": "DISC",
        "GATED_IN": "GTIN",
        "GATED_OUT": "GTOT",
        "STUFFED": "STUF",
        "STRIPPED": "STRP",
        "PICKED_UP": "PICK",
        "DROPPED_OFF": "DROP",
        "INSPECTED": "INSP",
        "RESEALED": "RSEA",
        "REMOVED": "RMVD",
        "AVAILABLE_FOR_PICKUP": "AVPU",
        "AVAILABLE_FOR_DROP_OFF": "AVDO",
        "CUSTOMS_SELECTED_FOR_SCAN": "CUSS",
        "CUSTOMS_SELECTED_FOR_INSPECTION": "CUSI",
        "CUSTOMS_RELEASED": "CUSR",
        "CROSSED": "CROS",
    },
    "SHIPMENT": {
        "RECEIVED": "RECE",
        "DRAFTED": "DRFT",
        "PENDING_APPROVAL": "PENA",
        "PENDING_UPDATE": "PENU",
        "PENDING_CONFIRMATION": "PENC",
        "PENDING_AMENDMENT": "PENM",
        "REJECTED": "REJE",
        "APPROVED": "APPR",
        "ISSUED": "ISSU",
        "SURRENDERED": "SURR",
        "SUBMITTED": "SUBM",
        "VOIDED": "VOID",
        "CONFIRMED": "CONF",
        "REQUESTED": "REQS",
        "COMPLETED": "CMPL",
        "ON_HOLD": "HOLD",
        "RELEASED": "RELS",
        "CANCELLED": "CANC",
        "DECLINED": "DECL",
        "UPDATE_RECEIVED": "UPRE",
        "UPDATE_IN_PROGRESS": "UPDT",
        "UPDATE_CONFIRMED": "UPCF",
        "UPDATE_DECLINED": "UPDC",
        "UPDATE_CANCELLED": "UPCN",
        "AMENDMENT_RECEIVED": "AMRE",
        "AMENDMENT_IN_PROGRESS": "AMPR",
        "AMENDMENT_CONFIRMED": "AMCF",
        "AMENDMENT_DECLINED": "AMDC",
        "AMENDMENT_CANCELLED": "AMCN",
        "CANCELLATION_RECEIVED": "CARE",
        "CANCELLATION_CONFIRMED": "CACF",
        "CANCELLATION_DECLINED": "CADC",
        "PENDING_SURRENDER_FOR_AMENDMENT": "PSAM",
        "PENDING_SURRENDER_FOR_DELIVERY": "PSDL",
        "SURRENDERED_FOR_AMENDMENT": "SUAM",
        "SURRENDERED_FOR_DELIVERY": "SUDL",
    },
    "IOT": {"DRO": "DOOR_OPENED", "DRC": "DOOR_CLOSED", "LOC": "BREADCRUMB"},
    "REEFER": {"MEASURED": "MEAS", "ADJUSTED": "ADJU"},
}

MODES = {"VESSEL": "vessel", "RAIL": "rail", "TRUCK": "truck", "BARGE": "barge"}
# A mode of 3.0 that does not say which of the four it is.
MULTIMODAL = "MULTIMODAL"

FACILITY_WORDS = {
    "BORDER": "BORD",
    "BOCR": "BORD",
    "CUSTOMER_LOCATION": "CLOC",
    "DEPOT": "DEPO",
    "CONTAINER_FREIGHT_STATION": "COFS",
    "INLAND_TERMINAL": "INTE",
    "OFF_DOCK_STORAGE": "OFFD",
    # Deprecated in 2.2: the standard says to read it as off-dock storage.
    "COYA": "OFFD",
    "PORT_TERMINAL": "POTE",
    "WAYPOINT": "WAYP",
}
# What a facility is to the cargo. The pilot's place, the berth and the anchorage are of the information model.
FACILITY_ROLES = {
    "BORD": "border",
    "CLOC": "customer",
    "COFS": "container_freight_station",
    "OFFD": "off_dock_storage",
    "DEPO": "depot",
    "INTE": "inland_terminal",
    "POTE": "terminal",
    "RAMP": "ramp",
    "WAYP": "waypoint",
    "PBPL": "pilot_boarding_place",
    "BRTH": "berth",
    "ANCH": "anchorage",
}
CUSTOMER_LOCATION = "CLOC"

PHASES = {"EXPORT": "export", "IMPORT": "import", "TRANSSHIPMENT": "transshipment"}
# Which place of the journey the event's place is (3.0 ``shipmentLocationType``), in letters and in words.
LOCATION_ROLES = {
    "FCD": "full_container_drop_off",
    "IEL": "export_stop_off",
    "OIR": "onward_inland_routing",
    "ORI": "origin",
    "PCF": "pre_carriage",
    "PDE": "delivery",
    "POD": "discharge",
    "POL": "loading",
    "PRE": "receipt",
    "PTP": "prohibited_transshipment",
    "RTP": "requested_transshipment",
    "FULL_CONTAINER_DROP_OFF": "full_container_drop_off",
    "INTERMEDIATE_EXPORT_STOP_OFF": "export_stop_off",
    "ONWARD_INLAND_ROUTING": "onward_inland_routing",
    "ORIGIN_OF_GOODS": "origin",
    "PRE_CARRIAGE_FROM": "pre_carriage",
    "PLACE_OF_DELIVERY": "delivery",
    "PORT_OF_DISCHARGE": "discharge",
    "PORT_OF_LOADING": "loading",
    "PLACE_OF_RECEIPT": "receipt",
    "PROHIBITED_TRANSSHIPMENT_PORT": "prohibited_transshipment",
    "REQUESTED_TRANSSHIPMENT_PORT": "requested_transshipment",
}

# fmt: off
DELAY_REASONS = frozenset({
    "ACC", "DEV", "EDD", "ENG", "MVX", "PAU", "SPE", "STW", "VGR", "OTV", "AIP", "ANA",
    "BUN", "CGS", "CRN", "FTE", "HLD", "LAB", "LAS", "LOT", "MIL", "PBC", "PIT", "PLT",
    "PRD", "QUA", "YRD", "OTS", "CAE", "CIN", "DIN", "LEK", "REF", "SPH", "STF", "UCC",
    "WGT", "OTC", "HOL", "QUV", "PTF", "RSC", "STR", "TID", "VIN", "WEA", "OTF",
})
# fmt: on
