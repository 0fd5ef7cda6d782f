"""Code lists of X12 that the transactions share, and the names of the transactions that are only kept.

Source: ASC X12 releases 004010 to 006020, data elements 91, 115, 128, 143, 157, 256, 309, 374, 558, 578 and 1651 as
carriers, terminals, railroads and CBP publish them in their guides. The status codes themselves (157, 304, 1650, 1652)
are in ``cargo.domain.x12_status``.
"""

from __future__ import annotations

# Element 128 (N901, L1102): the numbers by which cargo is known. Those in OWN_REFERENCES are kept as ``own_reference``;
# what identifies a partner, a contract or a stop is left out.
REFERENCE_TYPES = {
    "BM": "master_bill",
    "MB": "master_bill",
    "OB": "master_bill",
    # "Bill & Hold Invoice Number" in the standard; forwarders' guides use it for the house bill.
    "HB": "house_bill",
    "BN": "booking",
    "EQ": "container",
    "OC": "container",
    "AW": "air_waybill",
    "SN": "seal",
    "PO": "purchase_order",
    "XC": "cargo_control_number",
    "6B": "declaration",
}
OWN_REFERENCES = frozenset({
    "4F", "CN", "CR", "DO", "FN", "IB", "IK", "IL", "IV", "LO", "OI", "P8", "PU", "RF", "SI", "SO", "TN", "WY", "2I",
})  # fmt: skip
CARRIER = "SCA"

# Element 115 (R401): what a place is in the journey, and what the event's place is called then.
PLACE_ROLES = {
    "R": "receipt",
    "A": "receipt",
    "O": "receipt",
    "6": "receipt",
    "L": "loading",
    "T": "transshipment",
    "Y": "transshipment",
    "I": "transshipment",
    "D": "discharge",
    "1": "discharge",
    "E": "delivery",
    "M": "delivery",
    "N": "delivery",
    "7": "delivery",
}
ACTIVITY = "5"
INLAND_ROLES = frozenset({"receipt", "delivery"})

# Element 309 (R402, B412).
UNLOCODE = "UN"
US_PORT = "D"

# Element 374 (DTM01) at a place: the dates that are estimates, and of what (``any``: the place decides).
PLACE_DATES = {"139": "any", "369": "departure", "371": "arrival", "017": "delivery"}
# The same in a document that plans a journey, where a date that happened (140) is hardly told from one that will.
PLANNED_DATES = {**PLACE_DATES, "140": "any", "370": "departure", "372": "arrival"}

# The means of transport that a status of element 157 or 1650 names itself.
STATUS_MODES = {
    "AE": "vessel",
    "AP": "vessel",
    "UV": "vessel",
    "VA": "vessel",
    "VD": "vessel",
    "AL": "rail",
    "AR": "rail",
    "HS": "rail",
    "RL": "rail",
    "UR": "rail",
    "AM": "truck",
    "AO": "barge",
}
# Element 91 (M1002 and others).
MODES = {
    "O": "vessel",
    "S": "vessel",
    "V": "vessel",
    "R": "rail",
    "RC": "rail",
    "RR": "rail",
    "J": "truck",
    "M": "truck",
    "B": "barge",
    "BU": "truck",
    "A": "air",
    "AE": "air",
    "AC": "air",
}
# Element 578 (B409, W205, VID10): full or empty.
LADEN = {"L": True, "E": False}

# Element 256 (M1009): what a manifest (309) does.
MANIFESTS = {
    "A": ("manifest_submitted", "Original manifest to the port of discharge"),
    "B": ("manifest_amended", "Manifest updated before arrival"),
    "C": ("manifest_amended", "Manifest amended"),
    "D": ("manifested", "Export manifest updated before departure"),
    "E": ("manifested", "Original export manifest"),
    "F": ("manifested", "Export manifest amended"),
    "G": ("removal_notice", "General order items"),
    "H": ("arrival_reported", "Arrival notified"),
    "I": ("bonded_transport_filed", "Supplementary in-bond information"),
    "P": ("manifest_submitted", "Preliminary manifest"),
    "S": ("manifest_submitted", "Consist manifest"),
    "V": ("manifest_amended", "Amendment required by customs"),
    "W": ("manifest_submitted", "Original manifest"),
    "X": ("manifest_amended", "Manifest updated before arrival"),
    "Y": ("manifest_amended", "Manifest amended after arrival"),
}

# Element 558 (B104): what a booking confirmation (301) says.
RESERVATIONS = {
    "A": ("booking_confirmed", "Reservation accepted"),
    "B": ("unknown", "Conditional acceptance"),
    "C": ("booking_updated", "Counter proposal made"),
    "D": ("booking_cancelled", "Reservation cancelled"),
    "E": ("booking_cancelled", "Reservation declined"),
    "N": ("booking_confirmed", "New"),
    "R": ("booking_cancelled", "Deleted"),
    "S": ("booking_updated", "Split booking"),
    "U": ("booking_updated", "Changed"),
    "V": ("booking_updated", "Change of vessel"),
}

# Element 1651 (AT702, AT704): why. NS and NA are the normal case and say nothing.
NORMAL_REASONS = frozenset({"", "NS", "NA"})
REASONS = {
    "A1": "Missed delivery",
    "A2": "Incorrect address",
    "A3": "Indirect delivery",
    "A5": "Unable to locate",
    "A6": "Address corrected, delivery attempted",
    "AA": "Mis-sort",
    "AD": "Customer requested future delivery",
    "AE": "Restricted articles unacceptable",
    "AF": "Accident",
    "AG": "Consignee related",
    "AH": "Driver related",
    "AI": "Mechanical breakdown",
    "AJ": "Other carrier related",
    "AK": "Damaged, rewrapped in hub",
    "AL": "Previous stop",
    "AM": "Shipper related",
    "AN": "Holiday, closed",
    "AO": "Weather or natural disaster",
    "AP": "Awaiting export",
    "AQ": "Recipient unavailable, delivery delayed",
    "AR": "Improper international paperwork",
    "AS": "Hold due to customs documentation problems",
    "AT": "Unable to contact recipient for broker information",
    "AU": "Civil event related delay",
    "AV": "Exceeds service limitations",
    "AW": "Past cut-off time",
    "AX": "Insufficient pick-up time",
    "AY": "Missed pick-up",
    "AZ": "Alternate carrier delivered",
    "B1": "Consignee closed",
    "B2": "Trap for customer",
    "B4": "Held for payment",
    "B5": "Held for consignee",
    "B8": "Improper unloading facility or equipment",
    "B9": "Receiving time restricted",
    "BB": "Held per shipper",
    "BC": "Missing documents",
    "BD": "Border clearance",
    "BE": "Road conditions",
    "BF": "Carrier keying error",
    "BG": "Other",
    "BH": "Insufficient time to complete delivery",
    "BI": "Cartage agent",
    "BJ": "Customer wanted earlier delivery",
    "BK": "Prearranged appointment",
    "BL": "Held for protective service",
    "BM": "Flatcar shortage",
    "BN": "Failed to release billing",
    "BO": "Railroad failed to meet schedule",
    "BP": "Load shifted",
    "BQ": "Shipment overweight",
    "BR": "Train derailment",
    "BS": "Refused by customer",
    "BT": "Returned to shipper",
    "C1": "Waiting for customer pick-up",
    "C2": "Credit hold",
    "C3": "Suspended at customer request",
    "C4": "Customer vacation",
    "C5": "Customer strike",
    "C6": "Waiting shipping instructions",
    "C7": "Waiting for customer specified carrier",
    "C8": "Collect on delivery required",
    "C9": "Cash not available from consignee",
    "CA": "Customs (import or export)",
    "D1": "Carrier dispatch error",
    "D2": "Driver not available",
    "HB": "Held pending appointment",
    "P1": "Processing delay",
    "P2": "Waiting inspection",
    "RC": "Reconsigned",
    "S1": "Delivery shortage",
    "T7": "Insufficient delivery time",
}

# Element 143 (ST01): what is kept and named, and not read.
TRANSACTIONS = {
    "104": "air shipment information",
    "110": "air freight details and invoice",
    "204": "motor carrier load tender",
    "210": "motor carrier freight details and invoice",
    "211": "motor carrier bill of lading",
    "213": "motor carrier shipment status inquiry",
    "240": "motor carrier package status",
    "300": "ocean booking request",
    "303": "ocean booking cancellation",
    "304": "ocean shipping instructions",
    "311": "Canadian customs information",
    "312": "ocean arrival notice",
    "313": "ocean shipment status inquiry",
    "317": "delivery or pick-up order",
    "319": "terminal information",
    "323": "vessel schedule and itinerary",
    "324": "vessel stow plan",
    "325": "consolidation of goods in a container",
    "326": "consignment summary list",
    "352": "customs carrier general order status",
    "353": "customs events advisory details",
    "354": "customs manifest archive status",
    "356": "customs permit to transfer request",
    "357": "customs in-bond information",
    "358": "customs consist information",
    "361": "ocean carrier interchange agreement",
    "404": "rail carrier shipment information",
    "410": "rail carrier freight details and invoice",
    "417": "rail carrier waybill interchange",
    "418": "rail advance interchange consist",
    "622": "intermodal ramp activity",
    "810": "invoice",
    "820": "payment order",
    "824": "application advice",
    "850": "purchase order",
    "856": "ship notice",
    "864": "text message",
    "990": "response to a load tender",
    "997": "functional acknowledgment",
    "999": "implementation acknowledgment",
}
