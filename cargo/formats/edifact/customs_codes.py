"""The codes of customs responses: processing indicators, kinds of response, kinds of document.

Source: UN/EDIFACT code lists 7365 (processing indicator) and 1001 (document name) of directory D.21A; what each
decides, in the words of ``milestones.csv``.
"""

from __future__ import annotations

# 7365 -> milestone and name.
INDICATORS = {
    "1": ("declaration_acknowledged", "Message content accepted"),
    "2": ("declaration_rejected", "Message content rejected with comment"),
    "3": ("declaration_rejected", "Message content rejected without comment"),
    "4": ("customs_released", "Goods released"),
    "5": ("inspection_ordered", "Goods required for examination"),
    "6": ("documents_requested", "All documents or as specified to be produced"),
    "7": ("customs_hold", "Goods detained"),
    "8": ("bonded_transport_approved", "Goods may move under customs transfer"),
    "9": ("declaration_acknowledged", "Declaration accepted awaiting goods arrival"),
    "10": ("documents_requested", "Declaration requested"),
    "11": ("declaration_acknowledged", "Pre-entry information"),
    "14": ("declaration_rejected", "Error message"),
    "15": ("declaration_amended", "Correction approved"),
    "16": ("unknown", "Correction not approved"),
    "17": ("declaration_acknowledged", "Message received"),
    "18": ("import_declared", "Request for clearance"),
    "25": ("customs_hold", "Prohibited or restricted goods"),
    "30": ("documents_requested", "Not processed until action is taken by the sender"),
    "31": ("unknown", "Transaction cannot be processed by the recipient"),
    "32": ("declaration_acknowledged", "Transaction accepted"),
    "33": ("declaration_rejected", "Transaction rejected"),
    "34": ("customs_review", "Transaction awaiting processing"),
    "35": ("unknown", "Transaction unknown"),
    "38": ("customs_review", "Manual procedures"),
    "66": ("declaration_acknowledged", "Message content accepted, with comments"),
    "67": ("declaration_acknowledged", "Message content partly accepted, with comments"),
    "84": ("payment_required", "Transaction rejected due to insufficient funds"),
    "129": ("declaration_cancelled", "Cancellation executed"),
}
# Indicators that say which way the goods go, not what was decided.
EXPORT, IMPORT, TRANSIT = "22", "23", "24"
DIRECTIONS = frozenset({EXPORT, IMPORT, TRANSIT})
# 1001 of the response, where no indicator is given.
RESPONSES = {
    "961": ("unknown", "General response (customs)"),
    "962": ("unknown", "Document response (customs)"),
    "963": ("declaration_rejected", "Error response (customs)"),
    "964": ("unknown", "Package response (customs)"),
    "965": ("duty_assessed", "Tax calculation or confirmation response (customs)"),
    "932": ("customs_released", "Customs delivery note"),
    "132": ("customs_released", "Customs clearance notice"),
    "133": ("unknown", "Customs documents expiration notice"),
    "917": ("duty_paid", "Receipt (customs)"),
    "99": ("unknown", "Cargo release notification"),
}
ON_EXPORT = {
    "customs_released": "export_cleared",
    "inspection_ordered": "export_inspection_ordered",
    "customs_hold": "export_hold",
    "declaration_rejected": "export_declaration_rejected",
    "import_declared": "export_declared",
    "customs_review": "export_review",
}
ON_TRANSIT = {"customs_released": "transit_released", "import_declared": "transit_declared"}
# 1001 of a DOC: an export declaration, and whose number it is.
EXPORT_DOCUMENTS = frozenset({"830", "833", "418", "419", "423", "424", "495"})
DOCUMENTS = {
    "704": "master_bill",
    "705": "master_bill",
    "706": "master_bill",
    "710": "master_bill",
    "703": "house_bill",
    "714": "house_bill",
    "740": "air_waybill",
    "741": "air_waybill",
    "85": "manifest",
    "785": "manifest",
} | dict.fromkeys(("830", "914", "929", "930", "952", "960", "496", "497", "498", "423", "424", "495"), "declaration")
RELEASE_TIMES = ("204", "58", "148", "9", "334", "7", "78")
TIMES = ("148", "9", "334", "7", "78", "204", "58")
RELEASED = frozenset({"customs_released", "export_cleared", "transit_released"})
