"""The codes of customs responses: processing indicators, kinds of response, kinds of document.

Source: UN/EDIFACT code lists 7365 (processing indicator) and 1001 (document name) of directory D.21A; what each
decides, in the words of ``milestones.csv``, is in the tables of ``cargo.domain.customs.generic``.
"""

from __future__ import annotations

from cargo.domain.customs import generic

# 7365 -> milestone and name.
INDICATORS = generic.indicators(generic.PROCESSING_INDICATOR)
# Indicators that say which way the goods go, not what was decided.
EXPORT, IMPORT, TRANSIT = "22", "23", "24"
DIRECTIONS = frozenset({EXPORT, IMPORT, TRANSIT})
# 1001 of the response, where no indicator is given.
RESPONSES = generic.indicators(generic.DOCUMENT_NAME)
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
