"""Documents and references of Track & Trace: what they are called, and which of our numbers theirs are.

Sources: the document type, document reference and shipment reference lists of DCSA Track & Trace 2.2, 2.3 and
3.0; DCSA's lists of advance manifest filings and of customs references (documentation domain, v3.0.0).
"""

from __future__ import annotations

TITLES = {
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
    "AMF": "Advance Manifest Filing",
    "CEA": "Certificate of Analysis",
    "CEO": "Certificate of Origin",
    "CQU": "Contract Quotation",
    "CRO": "Container Release Order",
    "DEI": "Delivery Instructions",
    "DEO": "Delivery Order",
    "FCE": "Fumigation Certificate",
    "HCE": "Health Certificate",
    "ICE": "Inspection Certificate",
    "INV": "Invoice",
    "PCE": "Phytosanitary Certificate",
    "PFD": "Proof of Delivery",
    "TRO": "Transport Order",
    "VCE": "Veterinary Certificate",
}
# Kinds of advance manifest filing and the countries that ask for them; a carrier may name one where ``AMF`` stands.
FILINGS = {
    "ACI": ("EG", "CA"),
    "ACE": ("US",),
    "AFR": ("JP",),
    "CCAM": ("CN",),
    "ENS": ("DK", "NO", "SE", "NL", "ES"),
    "SARS": ("ZA",),
    "SNS": ("GB",),
    "AMANAC": ("MX",),
}
# 3.0 calls customs' document CUC where 2.2 has CUS; words of the snapshot of May 2026; a carrier's own ``BOK``.
ALIASES = {
    "BOK": "BKG",
    "CUC": "CUS",
    "ADVANCE_MANIFEST_FILING": "AMF",
    "ARRIVAL_NOTICE": "ARN",
    "BOOKING": "BKG",
    "CARGO_SURVEY": "CAS",
    "CARRIER_BOOKING_REQUEST": "CBR",
    "CERTIFICATE_OF_ANALYSIS": "CEA",
    "CERTIFICATE_OF_ORIGIN": "CEO",
    "CONTAINER_RELEASE_ORDER": "CRO",
    "CONTRACT_QUOTATION": "CQU",
    "CUSTOMS_CLEARANCE": "CUS",
    "DANGEROUS_GOODS_DECLARATION": "DGD",
    "DELIVERY_INSTRUCTIONS": "DEI",
    "DELIVERY_ORDER": "DEO",
    "FUMIGATION_CERTIFICATE": "FCE",
    "HEALTH_CERTIFICATE": "HCE",
    "INSPECTION_CERTIFICATE": "ICE",
    "INVOICE": "INV",
    "OUT_OF_GAUGE_DECLARATION": "OOG",
    "PHYTOSANITARY_CERTIFICATE": "PCE",
    "PROOF_OF_DELIVERY": "PFD",
    "SHIPPING_INSTRUCTIONS": "SHI",
    "TRANSPORT_DOCUMENT": "TRD",
    "TRANSPORT_ORDER": "TRO",
    "VERIFIED_GROSS_MASS": "VGM",
    "VETERINARY_CERTIFICATE": "VCE",
    **dict.fromkeys(FILINGS, "AMF"),
}
CUSTOMS, FILING = "CUS", "AMF"

# The reference type that a document's own number is. An arrival notice and a release message are identified by
# the number of the bill that they are about. A contract quotation covers many shipments, so it is none.
NUMBERS = {
    "BKG": "booking",
    "CBR": "booking",
    "TRD": "master_bill",
    "SHI": "master_bill",
    "SRM": "master_bill",
    "ARN": "master_bill",
    "CUS": "declaration",
    "AMF": "manifest",
    "INV": "own_reference",
}
# Of these the number is taken for the bill's (or booking's) only where none is named.
STANDS_FOR = frozenset({"SHI", "SRM", "ARN", "CBR"})
# Of a document that an event only refers to: there those have numbers of their own.
REFERENCED = {kind: named for kind, named in NUMBERS.items() if kind not in STANDS_FOR} | {"CBR": "own_reference"}

# ``references``: the lists of 2.2, 2.3 and 3.0, then DCSA's customs references. Whatever else a carrier names is a
# customer's own number; a taxpayer's number is no cargo's.
REFERENCES = {
    "EQ": "container",
    "PO": "purchase_order",
    "FF": "own_reference",
    "SI": "own_reference",
    "CR": "own_reference",
    "AAO": "own_reference",
    "ECR": "own_reference",
    "CSI": "own_reference",
    "BPR": "own_reference",
    "BID": "own_reference",
    "AES": "declaration",
    "CER": "declaration",
    "DUE": "declaration",
    "RUC": "",
    "EQUIPMENT_REFERENCE": "container",
    "PURCHASE_ORDER_REFERENCE": "purchase_order",
    "FREIGHT_FORWARDERS_REFERENCE": "own_reference",
    "SHIPPERS_REFERENCE": "own_reference",
    "CUSTOMERS_REFERENCE": "own_reference",
    "CONSIGNEES_REFERENCE": "own_reference",
    "EMPTY_CONTAINER_RELEASE_REFERENCE": "own_reference",
    "CUSTOMER_SHIPMENT_ID": "own_reference",
    "BOOKING_PARTY_REFERENCE_NUMBER": "own_reference",
    "BOOKING_REQUEST_ID": "own_reference",
    "AUTOMATED_EXPORT_SYSTEM": "declaration",
    "CANADIAN_EXPORT_REPORTING_NUMBER": "declaration",
    "DECLARACAO_UNICA_DE_EXPORTACAO": "declaration",
    "REGISTRO_UNICO_DEL_CONTRIBUYENTE": "",
    # Export declarations: United States, Canada, Korea, Nigeria, South Africa, Indonesia, Cameroon, Bangladesh,
    # Kenya and Uganda, the Dominican Republic.
    "ITN": "declaration",
    "PRN": "declaration",
    "CERS": "declaration",
    "EPN": "declaration",
    "NXP": "declaration",
    "ECI": "declaration",
    "PEB": "declaration",
    "CUSTOMS REFERENCE NUMBER": "declaration",
    "SHIPPING BILL NUMBERS": "declaration",
    "EXPORT ENTRY NUMBERS": "declaration",
    "CUSTOMS NUMBER": "declaration",
    # Cargo tracking notes and import permits: they name the cargo and declare nothing.
    "BIETC": "own_reference",
    "ECTN": "own_reference",
    "URN": "own_reference",
    "CTN": "own_reference",
    "BSC": "own_reference",
    "ACID": "own_reference",
    "FMN": "own_reference",
    "BAN": "own_reference",
    # India's sea manifest: the cargo's number in it, and the notification.
    "PCIN": "manifest",
    "CSN": "manifest",
}
