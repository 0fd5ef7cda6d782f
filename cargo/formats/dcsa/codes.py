"""The code lists of DCSA Track & Trace 2.2, and which milestone each code is on its own.

Source: DCSA Track & Trace 2.2.0 (28 October 2021), the reference data of the DCSA information model, and the
SMDG delay reason list (47 codes). Codes of 2.3 and 3.0 that carriers already send inside flat 2.2 events are
read too. The port's part in the journey (origin, transshipment, destination) is not in the code: the fold
works it out from the plan, so ``DEPA`` is always ``departed`` here.
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

TRANSPORT_TITLES = {"ARRI": "Arrival", "DEPA": "Departure"}
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
    "UPCF": "Update Confirmed",
    "AMCF": "Amendment Confirmed",
}
DOCUMENT_TITLES = {
    "CBR": "Carrier Booking Request",
    "BKG": "Booking",
    "SHI": "Shipping Instruction",
    "SRM": "Shipment Release Message",
    "TRD": "Transport Document",
    "ARN": "Arrival Notice",
    "VGM": "Verified Gross Mass",
    "CAS": "Cargo Survey",
    "CUS": "Customs",
    "DGD": "Dangerous Goods Declaration",
    "OOG": "Out of Gauge",
}

# Words of 3.0 and older names that some carriers put where 2.2 has a code.
CODE_ALIASES = {
    "ARRIVED": "ARRI",
    "DEPARTED": "DEPA",
    "LOADED": "LOAD",
    "DISCHARGED": "DISC",
    "GATED_IN": "GTIN",
    "GATED_OUT": "GTOT",
    "STUFFED": "STUF",
    "STRIPPED": "STRP",
    "PICKED_UP": "PICK",
    "DROPPED_OFF": "DROP",
}
DOCUMENT_ALIASES = {"BOK": "BKG", "CUC": "CUS"}

SHIPMENT_MILESTONES = {
    ("CBR", "RECE"): "booking_requested",
    ("BKG", "RECE"): "booking_requested",
    ("BKG", "REQS"): "booking_requested",
    ("BKG", "SUBM"): "booking_requested",
    ("BKG", "CONF"): "booking_confirmed",
    ("BKG", "APPR"): "booking_confirmed",
    ("BKG", "ISSU"): "booking_confirmed",
    ("BKG", "PENU"): "booking_updated",
    ("BKG", "PENA"): "booking_updated",
    ("BKG", "UPCF"): "booking_updated",
    ("BKG", "AMCF"): "booking_updated",
    ("BKG", "REJE"): "booking_cancelled",
    ("CBR", "REJE"): "booking_cancelled",
    ("BKG", "VOID"): "booking_cancelled",
    ("BKG", "CANC"): "booking_cancelled",
    ("BKG", "DECL"): "booking_cancelled",
    ("SHI", "SUBM"): "shipping_instructions_submitted",
    ("SHI", "RECE"): "shipping_instructions_submitted",
    ("VGM", "SUBM"): "vgm_submitted",
    ("VGM", "RECE"): "vgm_submitted",
    ("TRD", "ISSU"): "bill_of_lading_issued",
    ("TRD", "CONF"): "bill_of_lading_issued",
    ("TRD", "SURR"): "document_surrendered",
    ("ARN", "ISSU"): "arrival_notice_sent",
    ("SRM", "ISSU"): "freight_released",
    ("SRM", "RELS"): "freight_released",
    ("CUS", "HOLD"): "customs_hold",
    ("CUS", "RELS"): "customs_released",
    ("CUS", "REQS"): "inspection_ordered",
    ("CUS", "CMPL"): "inspection_completed",
    ("CUS", "SUBM"): "import_declared",
    ("CUS", "RECE"): "customs_review",
}

# Equipment codes whose meaning depends on nothing else.
_ALWAYS = {
    "STUF": "stuffed",
    "STRP": "stripped",
    "INSP": "seal_inspected",
    "RSEA": "seal_replaced",
    "RMVD": "seal_removed",
    "AVPU": "available_for_pickup",
    "CUSS": "inspection_ordered",
    "CUSI": "inspection_ordered",
    "CUSR": "customs_released",
    "WAYP": "in_transit",
    "CROS": "in_transit",
}
_LADEN_AT_CUSTOMER = {"PICK": "picked_up", "DROP": "delivered"}
_GATES = {
    # (code, laden, at the customer's place)
    ("GTIN", True, False): "gate_in",
    ("GTOT", True, False): "gate_out",
    ("GTOT", True, True): "picked_up",
    ("GTIN", True, True): "delivered",
    ("GTOT", False, False): "empty_picked_up",
    ("GTIN", False, False): "empty_returned",
}
_INLAND_MODES = frozenset({"RAIL", "BARGE", "TRUCK"})
_TRANSPORT_MILESTONES = {
    ("DEPA", False): "departed",
    ("ARRI", False): "arrived",
    ("DEPA", True): "inland_departed",
    ("ARRI", True): "inland_arrived",
}
_MOVES = {
    ("LOAD", False): "loaded",
    ("DISC", False): "discharged",
    ("LOAD", True): "inland_loaded",
    ("DISC", True): "inland_unloaded",
}
CUSTOMER_LOCATION = "CLOC"
CUSTOMS_CODES = frozenset({"CUSS", "CUSI", "CUSR"})
CUSTOMS_DOCUMENT = "CUS"

# The reference type that a document's own number is. An arrival notice and a release message are
# identified by the number of the bill that they are about.
DOCUMENT_REFERENCES = {
    "BKG": "booking",
    "CBR": "booking",
    "TRD": "master_bill",
    "SHI": "master_bill",
    "SRM": "master_bill",
    "ARN": "master_bill",
    "CUS": "declaration",
}
# Of these the number is taken for the bill's only where no bill is named.
ABOUT_A_BILL = frozenset({"SHI", "SRM", "ARN"})
REFERENCE_TYPES = {
    "EQ": "container",
    "PO": "purchase_order",
    "FF": "own_reference",
    "SI": "own_reference",
    "CR": "own_reference",
    "AAO": "own_reference",
}
MODES = {"VESSEL": "vessel", "RAIL": "rail", "TRUCK": "truck", "BARGE": "barge"}

# fmt: off
DELAY_REASONS = frozenset({
    "ACC", "DEV", "EDD", "ENG", "MVX", "PAU", "SPE", "STW", "VGR", "OTV", "AIP", "ANA",
    "BUN", "CGS", "CRN", "FTE", "HLD", "LAB", "LAS", "LOT", "MIL", "PBC", "PIT", "PLT",
    "PRD", "QUA", "YRD", "OTS", "CAE", "CIN", "DIN", "LEK", "REF", "SPH", "STF", "UCC",
    "WGT", "OTC", "HOL", "QUV", "PTF", "RSC", "STR", "TID", "VIN", "WEA", "OTF",
})
# fmt: on


def transport_milestone(code: str, mode: str | None) -> str:
    """``ARRI`` and ``DEPA`` by the means of transport; ``unknown`` where it is not given."""
    if mode is None:
        return "unknown"
    return _TRANSPORT_MILESTONES.get((code, mode in _INLAND_MODES), "unknown")


def equipment_milestone(code: str, laden: bool | None, mode: str | None, facility_type: str | None) -> str:
    """An equipment code by load, means of transport and kind of facility; ``unknown`` where these are missing.

    Loading and discharging an empty container is the carrier's own business: ``unknown``.
    """
    always = _ALWAYS.get(code)
    if always is not None:
        return always
    if code in ("LOAD", "DISC"):
        return "unknown" if laden is False else _MOVES[code, mode in _INLAND_MODES]
    if code in _LADEN_AT_CUSTOMER:
        return _LADEN_AT_CUSTOMER[code] if laden else "unknown"
    if laden is None:
        return "unknown"
    return _GATES.get((code, laden, facility_type == CUSTOMER_LOCATION), "unknown")
