"""Every code of every list of Track & Trace, in letters and words, is a milestone or knowingly none."""

from __future__ import annotations

import pytest

from cargo.domain.codes import REFERENCE_TYPES
from tests.formats.dcsa_events import decoded, flat, newest

# Letters, word of May 2026 (empty where there is none), milestone of a laden box on a vessel's call at a port.
EQUIPMENT = """
LOAD LOADED loaded
DISC DISCHARGED discharged
GTIN GATED_IN gate_in
GTOT GATED_OUT gate_out
STUF STUFFED stuffed
STRP STRIPPED stripped
PICK PICKED_UP picked_up
DROP DROPPED_OFF delivered
INSP INSPECTED seal_inspected
RSEA RESEALED seal_replaced
RMVD REMOVED seal_removed
AVPU AVAILABLE_FOR_PICKUP available_for_pickup
AVDO AVAILABLE_FOR_DROP_OFF unknown
CUSS CUSTOMS_SELECTED_FOR_SCAN inspection_ordered
CUSI CUSTOMS_SELECTED_FOR_INSPECTION inspection_ordered
CUSR CUSTOMS_RELEASED customs_released
CROS CROSSED in_transit
WAYP - in_transit
"""
TRANSPORT = """
ARRI ARRIVED arrived
DEPA DEPARTED departed
- APPROACHING eta_changed
"""
IOT = """
DRO DOOR_OPENED unknown
DRC DOOR_CLOSED unknown
LOC BREADCRUMB in_transit
- DEVICE_STATUS unknown
- GEOFENCE_ENTRY unknown
- GEOFENCE_EXIT unknown
- MOTION_START unknown
- MOTION_STOP unknown
- PAIRING unknown
- UNPAIRING unknown
"""
REEFER = "MEAS MEASURED unknown\nADJU ADJUSTED unknown"

STATUSES = """
RECE RECEIVED
DRFT DRAFTED
PENA PENDING_APPROVAL
PENU PENDING_UPDATE
PENC PENDING_CONFIRMATION
PENM PENDING_AMENDMENT
REJE REJECTED
APPR APPROVED
ISSU ISSUED
SURR SURRENDERED
SUBM SUBMITTED
VOID VOIDED
CONF CONFIRMED
REQS REQUESTED
CMPL COMPLETED
HOLD ON_HOLD
RELS RELEASED
CANC CANCELLED
DECL DECLINED
UPRE UPDATE_RECEIVED
UPDT UPDATE_IN_PROGRESS
UPCF UPDATE_CONFIRMED
UPDC UPDATE_DECLINED
UPCN UPDATE_CANCELLED
AMRE AMENDMENT_RECEIVED
AMPR AMENDMENT_IN_PROGRESS
AMCF AMENDMENT_CONFIRMED
AMDC AMENDMENT_DECLINED
AMCN AMENDMENT_CANCELLED
CARE CANCELLATION_RECEIVED
CACF CANCELLATION_CONFIRMED
CADC CANCELLATION_DECLINED
PSAM PENDING_SURRENDER_FOR_AMENDMENT
PSDL PENDING_SURRENDER_FOR_DELIVERY
SUAM SURRENDERED_FOR_AMENDMENT
SUDL SURRENDERED_FOR_DELIVERY
"""
DOCUMENTS = """
CBR CARRIER_BOOKING_REQUEST
BKG BOOKING
SHI SHIPPING_INSTRUCTIONS
SRM -
TRD TRANSPORT_DOCUMENT
ARN ARRIVAL_NOTICE
VGM VERIFIED_GROSS_MASS
CAS CARGO_SURVEY
CUS -
CUC CUSTOMS_CLEARANCE
DGD DANGEROUS_GOODS_DECLARATION
OOG OUT_OF_GAUGE_DECLARATION
AMF ADVANCE_MANIFEST_FILING
CEA CERTIFICATE_OF_ANALYSIS
CEO CERTIFICATE_OF_ORIGIN
CQU CONTRACT_QUOTATION
CRO CONTAINER_RELEASE_ORDER
DEI DELIVERY_INSTRUCTIONS
DEO DELIVERY_ORDER
FCE FUMIGATION_CERTIFICATE
HCE HEALTH_CERTIFICATE
ICE INSPECTION_CERTIFICATE
INV INVOICE
PCE PHYTOSANITARY_CERTIFICATE
PFD PROOF_OF_DELIVERY
TRO TRANSPORT_ORDER
VCE VETERINARY_CERTIFICATE
"""
# What a document's status means; whatever is not here is knowingly no milestone.
MEANINGS = {
    "CBR": "RECE=booking_requested REQS=booking_requested SUBM=booking_requested PENC=booking_requested"
    " CONF=booking_confirmed APPR=booking_confirmed REJE=booking_cancelled DECL=booking_cancelled"
    " CANC=booking_cancelled CACF=booking_cancelled VOID=booking_cancelled",
    "BKG": "RECE=booking_requested REQS=booking_requested SUBM=booking_requested PENC=booking_requested"
    " CONF=booking_confirmed APPR=booking_confirmed ISSU=booking_confirmed PENU=booking_updated PENA=booking_updated"
    " PENM=booking_updated UPCF=booking_updated AMCF=booking_updated REJE=booking_cancelled VOID=booking_cancelled"
    " CANC=booking_cancelled CACF=booking_cancelled DECL=booking_cancelled",
    "SHI": "SUBM=shipping_instructions_submitted RECE=shipping_instructions_submitted"
    " PENC=shipping_instructions_submitted",
    "VGM": "SUBM=vgm_submitted RECE=vgm_submitted",
    "TRD": "ISSU=bill_of_lading_issued CONF=bill_of_lading_issued SURR=document_surrendered SUDL=document_surrendered",
    "ARN": "ISSU=arrival_notice_sent",
    "SRM": "ISSU=freight_released RELS=freight_released HOLD=freight_hold VOID=freight_hold CANC=freight_hold",
    "DEO": "ISSU=freight_released RELS=freight_released HOLD=freight_hold VOID=freight_hold CANC=freight_hold",
    "PFD": "ISSU=delivered",
    "CUS": "HOLD=customs_hold RELS=customs_released REQS=inspection_ordered CMPL=inspection_completed"
    " SUBM=import_declared RECE=customs_review UPCF=declaration_amended AMCF=declaration_amended"
    " REJE=declaration_rejected DECL=declaration_rejected VOID=declaration_cancelled CANC=declaration_cancelled"
    " CACF=declaration_cancelled",
    "AMF": "SUBM=security_filing_submitted RECE=security_filing_submitted APPR=security_filing_accepted"
    " CONF=security_filing_accepted HOLD=security_filing_hold RELS=security_filing_hold_removed"
    " REJE=security_filing_rejected DECL=security_filing_rejected",
}
MEANINGS["CUC"] = MEANINGS["CUS"]


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


VESSEL = {"transportCall": {"transportCallID": "1", "modeOfTransport": "VESSEL", "facilityTypeCode": "POTE"}}
VESSEL3 = {"transportDetails": {"transportCall": {"modeOfTransport": "VESSEL"}}}
BOX, BOX3 = {"emptyIndicatorCode": "LADEN"}, {"equipmentDetails": {"emptyIndicator": "LADEN"}}


@pytest.mark.parametrize(
    ("kind", "letters", "word", "milestone"),
    [
        (kind, *row)
        for kind, table in (("EQUIPMENT", EQUIPMENT), ("TRANSPORT", TRANSPORT), ("IOT", IOT), ("REEFER", REEFER))
        for row in rows(table)
    ],
)
def test_a_code_and_its_word_mean_the_same(kind: str, letters: str, word: str, milestone: str) -> None:
    found = [flat(kind, letters, **VESSEL, **BOX)] if letters != "-" else []
    found += [newest(kind, word, **VESSEL3, **BOX3)] if word != "-" else []
    assert [(event.milestone, event.warnings) for event in found] == [(milestone, ())] * len(found)
    assert [event.source_code for event in found] == [code for code in (letters, word) if code != "-"]
    assert len({event.source_text for event in found}) == 1 and found[0].source_text
    assert {event.level for event in found} == {"conveyance" if kind == "TRANSPORT" else "container"}


@pytest.mark.parametrize(("document", "word"), rows(DOCUMENTS))
def test_a_documents_status_in_letters_and_words(document: str, word: str) -> None:
    meanings = dict(pair.split("=") for pair in MEANINGS.get(document, "").split())
    assert set(meanings) <= {status for status, _ in rows(STATUSES)}
    for status, said in rows(STATUSES):
        milestone = meanings.get(status, "unknown")
        old = flat("SHIPMENT", status, documentTypeCode=document, documentID="N1")
        assert (old.milestone, old.source_code, old.warnings) == (milestone, f"{document}/{status}", ())
        assert old.source_text
        if word == "-":
            continue
        details = {"shipmentDetails": {"documentReference": {"type": word, "reference": "N1"}}}
        new = newest("SHIPMENT", said, **details)
        assert (new.milestone, new.source_code, new.warnings) == (milestone, f"{word}/{said}", ())
        assert (new.source_text, new.level, new.references) == (old.source_text, old.level, old.references)
        assert new.authority == old.authority


def test_customs_and_filings_are_customs_own_and_documents_the_carriers() -> None:
    said = {
        document: flat("SHIPMENT", "HOLD", documentTypeCode=document, documentID="N1")
        for document in ("CUS", "CUC", "AMF", "DEO")
    }
    assert {document: (event.level, event.authority) for document, event in said.items()} == {
        "CUS": ("declaration", "DCSA"),
        "CUC": ("declaration", "DCSA"),
        "AMF": ("master", "DCSA"),
        "DEO": ("master", None),
    }


@pytest.mark.parametrize("filing", ["ACI", "ACE", "AFR", "CCAM", "ENS", "SARS", "SNS", "AMANAC"])
def test_a_named_filing_is_an_advance_manifest_filing(filing: str) -> None:
    event = flat("SHIPMENT", "SUBM", documentTypeCode=filing, documentID="F1")
    assert (event.milestone, event.source_code) == ("security_filing_submitted", f"{filing}/SUBM")
    details = {"shipmentDetails": {"documentReference": {"typeCode": filing, "reference": "F1"}}}
    told = newest("SHIPMENT", "SUBMITTED", **details)
    assert told.context is not None and told.context["filing"]["type"] == filing
    assert all(len(country) == 2 for country in told.context["filing"]["countries"])


# Letters of 2.2, 2.3 and 3.0; words; DCSA's list of customs references.
REFERENCES = {
    "container": "EQ EQUIPMENT_REFERENCE",
    "purchase_order": "PO PURCHASE_ORDER_REFERENCE",
    "own_reference": "FF SI CR AAO ECR CSI BPR BID BOOKING_REQUEST_ID FREIGHT_FORWARDERS_REFERENCE SHIPPERS_REFERENCE"
    " CUSTOMERS_REFERENCE CONSIGNEES_REFERENCE EMPTY_CONTAINER_RELEASE_REFERENCE CUSTOMER_SHIPMENT_ID"
    " BOOKING_PARTY_REFERENCE_NUMBER BIETC ECTN URN CTN BSC ACID FMN BAN A_CARRIERS_OWN",
    "declaration": "AES DUE CER AUTOMATED_EXPORT_SYSTEM CANADIAN_EXPORT_REPORTING_NUMBER"
    " DECLARACAO_UNICA_DE_EXPORTACAO ITN PRN CERS EPN NXP PEB ECI",
    "manifest": "PCIN CSN",
    "": "RUC REGISTRO_UNICO_DEL_CONTRIBUYENTE",
}


@pytest.mark.parametrize(
    ("kind", "named"), [(kind, name) for kind, names in REFERENCES.items() for name in names.split()]
)
def test_a_reference_by_its_type(kind: str, named: str) -> None:
    expected = [(kind, "R1")] if kind else []
    assert not kind or kind in REFERENCE_TYPES
    old = flat("TRANSPORT", "ARRI", **VESSEL, references=[{"referenceType": named, "referenceValue": "R1"}])
    assert [(item.type, item.value) for item in old.references] == expected
    details = {"shipmentDetails": {"shipmentReferences": [{"type": named, "reference": "R1"}]}}
    new = newest("TRANSPORT", "ARRIVED", **VESSEL3, **details)
    assert [(item.type, item.value) for item in new.references] == expected


@pytest.mark.parametrize(
    ("document", "others", "references"),
    [
        ("CBR", [], [("booking", "N1")]),
        ("CBR", ["BKG"], [("booking", "B-BKG")]),
        ("BKG", ["CBR"], [("booking", "N1"), ("own_reference", "B-CBR")]),
        ("SHI", [], [("master_bill", "N1")]),
        ("SHI", ["BKG"], [("booking", "B-BKG"), ("master_bill", "N1")]),
        ("SHI", ["TRD"], [("master_bill", "B-TRD")]),
        ("ARN", ["TRD", "CUC"], [("master_bill", "B-TRD"), ("declaration", "B-CUC")]),
        ("SRM", ["ARN", "SHI"], [("master_bill", "N1")]),
        ("TRD", ["SHI", "VGM", "CQU"], [("master_bill", "N1")]),
        ("VGM", ["INV", "AMF"], [("own_reference", "B-INV"), ("manifest", "B-AMF")]),
    ],
)
def test_a_documents_number_stands_for_the_bills_or_bookings_only_where_none_is_named(
    document: str, others: list[str], references: list[tuple[str, str]]
) -> None:
    named = [{"documentReferenceType": kind, "documentReferenceValue": f"B-{kind}"} for kind in others]
    event = flat("SHIPMENT", "ISSU", documentTypeCode=document, documentID="N1", documentReferences=named)
    assert [(item.type, item.value) for item in event.references] == references


@pytest.mark.parametrize(
    ("letters", "word", "role"),
    [
        ("BOCR", "BORDER", "border"),
        ("BORD", "BORDER", "border"),
        ("CLOC", "CUSTOMER_LOCATION", "customer"),
        ("COFS", "CONTAINER_FREIGHT_STATION", "container_freight_station"),
        ("COYA", "OFF_DOCK_STORAGE", "off_dock_storage"),
        ("OFFD", "OFF_DOCK_STORAGE", "off_dock_storage"),
        ("DEPO", "DEPOT", "depot"),
        ("INTE", "INLAND_TERMINAL", "inland_terminal"),
        ("POTE", "PORT_TERMINAL", "terminal"),
        ("RAMP", "RAMP", "ramp"),
        ("WAYP", "WAYPOINT", "waypoint"),
        ("PBPL", "", "pilot_boarding_place"),
        ("BRTH", "", "berth"),
        ("ANCH", "", "anchorage"),
        ("ZZZZ", "SOMEWHERE", None),
    ],
)
def test_a_facility_is_the_places_role(letters: str, word: str, role: str | None) -> None:
    call = {"transportCallID": "1", "modeOfTransport": "TRUCK", "UNLocationCode": "KRPUS", "facilityTypeCode": letters}
    old = flat("EQUIPMENT", "STUF", transportCall=call, **BOX)
    assert old.place is not None and old.place.role == role
    if word:
        new = newest("EQUIPMENT", "STUFFED", eventLocation={"UNLocationCode": "KRPUS", "facilityType": word}, **BOX3)
        assert new.place is not None and new.place.role == role


@pytest.mark.parametrize(
    ("code", "load", "phase", "milestone"),
    [
        ("LOAD", "LADEN", "EXPORT", "loaded"),
        ("LOAD", "LADEN", "TRANSSHIPMENT", "transshipment_loaded"),
        ("DISC", "LADEN", "TRANSSHIPMENT", "transshipment_discharged"),
        ("DISC", "LADEN", "IMPORT", "discharged"),
        ("DISC", "EMPTY", "TRANSSHIPMENT", "unknown"),
        ("GTIN", "LADEN", "EXPORT", "gate_in"),
        ("GTOT", "LADEN", "EXPORT", "in_transit"),
        ("GTIN", "LADEN", "IMPORT", "in_transit"),
        ("GTOT", "LADEN", "IMPORT", "gate_out"),
        ("GTIN", "LADEN", "TRANSSHIPMENT", "in_transit"),
        ("GTOT", "LADEN", "TRANSSHIPMENT", "in_transit"),
        ("PICK", "LADEN", "TRANSSHIPMENT", "in_transit"),
        ("DROP", "LADEN", "TRANSSHIPMENT", "in_transit"),
        ("DROP", "EMPTY", "TRANSSHIPMENT", "unknown"),
        ("GTOT", "EMPTY", "EXPORT", "empty_picked_up"),
        ("GTIN", "EMPTY", "EXPORT", "unknown"),
        ("GTIN", "EMPTY", "IMPORT", "empty_returned"),
        ("GTOT", "EMPTY", "IMPORT", "unknown"),
        ("GTIN", "EMPTY", "TRANSSHIPMENT", "unknown"),
        ("GTOT", "EMPTY", "TRANSSHIPMENT", "unknown"),
        ("CUSS", "LADEN", "EXPORT", "export_inspection_ordered"),
        ("CUSI", "LADEN", "EXPORT", "export_inspection_ordered"),
        ("CUSR", "LADEN", "EXPORT", "export_cleared"),
        ("CUSS", "LADEN", "IMPORT", "inspection_ordered"),
        ("CUSR", "LADEN", "IMPORT", "customs_released"),
        ("CUSR", "LADEN", "TRANSSHIPMENT", "customs_released"),
    ],
)
def test_the_phase_decides_what_only_it_can(code: str, load: str, phase: str, milestone: str) -> None:
    event = {
        "eventID": "1",
        "eventUpdatedDateTime": "2026-03-09T04:00:00Z",
        "eventDateTime": "2026-03-09T03:30:00Z",
        "eventLocation": {"UNLocationCode": "SGSIN"},
        "eventClassification": {
            "eventTypeCode": "EQUIPMENT",
            "eventClassifierCode": "ACT",
            "equipmentEventTypeCode": code,
        },
    }
    january = {**event, "equipmentDetails": {"emptyIndicatorCode": load, "movementType": phase}, **VESSEL3}
    may = {**event, "equipmentDetails": {"emptyIndicator": load, "transportPhase": phase}, **VESSEL3}
    for told in (january, may):
        found = decoded({"events": [told]}, "dcsa.tnt3")
        assert found.milestone == milestone
        assert found.context is not None and found.context["transport_phase"] == phase.lower()
        assert found.place is not None and found.place.role == ("transshipment" if phase == "TRANSSHIPMENT" else None)


@pytest.mark.parametrize(
    ("letters", "word", "role", "plan"),
    [
        ("POL", "PORT_OF_LOADING", "loading", {"port_of_loading": "KRPUS"}),
        ("POD", "PORT_OF_DISCHARGE", "discharge", {"port_of_discharge": "KRPUS"}),
        ("PRE", "PLACE_OF_RECEIPT", "receipt", None),
        ("PDE", "PLACE_OF_DELIVERY", "delivery", None),
        ("FCD", "FULL_CONTAINER_DROP_OFF", "full_container_drop_off", None),
        ("IEL", "INTERMEDIATE_EXPORT_STOP_OFF", "export_stop_off", None),
        ("OIR", "ONWARD_INLAND_ROUTING", "onward_inland_routing", None),
        ("ORI", "ORIGIN_OF_GOODS", "origin", None),
        ("PCF", "PRE_CARRIAGE_FROM", "pre_carriage", None),
        ("PTP", "PROHIBITED_TRANSSHIPMENT_PORT", "prohibited_transshipment", None),
        ("RTP", "REQUESTED_TRANSSHIPMENT_PORT", "requested_transshipment", None),
    ],
)
def test_a_shipments_place_tells_its_part_and_the_plan(
    letters: str, word: str, role: str, plan: dict[str, str] | None
) -> None:
    for said in (letters, word):
        details = {"shipmentDetails": {"shipmentLocationType": said}}
        event = newest("TRANSPORT", "ARRIVED", eventLocation={"UNLocationCode": "krpus"}, **VESSEL3, **details)
        assert event.place is not None and event.place.role == role
        assert event.plan == plan


DELAYS = (
    "ACC DEV EDD ENG MVX PAU SPE STW VGR OTV AIP ANA BUN CGS CRN FTE HLD LAB LAS LOT MIL PBC PIT PLT PRD QUA YRD OTS"
    " CAE CIN DIN LEK REF SPH STF UCC WGT OTC HOL QUV PTF RSC STR TID VIN WEA OTF"
)


def test_every_reason_for_a_delay_is_known_and_another_is_kept_with_a_warning() -> None:
    assert len(DELAYS.split()) == 47
    for code in DELAYS.split():
        event = flat("TRANSPORT", "ARRI", **VESSEL, delayReasonCode=code)
        assert (event.delay_reason, event.warnings) == (code, ())
    odd = flat("TRANSPORT", "ARRI", **VESSEL, delayReasonCode="zzz")
    assert (odd.delay_reason, odd.warnings) == ("ZZZ", ("unknown_code: delayReasonCode ZZZ",))


def test_several_reasons_for_a_delay() -> None:
    transport = {"transportDetails": {"delayReasonCodes": ["WEA", "CGS"], **VESSEL3["transportDetails"]}}
    event = newest("TRANSPORT", "ARRIVED", **transport)
    assert event.delay_reason == "WEA"
    assert event.context == {"delay_reasons": ["WEA", "CGS"]}


@pytest.mark.parametrize(
    ("mode", "milestone", "ours"),
    [
        ("VESSEL", "arrived", "vessel"),
        ("RAIL", "inland_arrived", "rail"),
        ("TRUCK", "inland_arrived", "truck"),
        ("BARGE", "inland_arrived", "barge"),
        ("MULTIMODAL", "unknown", None),
    ],
)
def test_a_means_of_transport(mode: str, milestone: str, ours: str | None) -> None:
    event = newest("TRANSPORT", "ARRIVED", transportDetails={"transportCall": {"modeOfTransport": mode}})
    assert event.milestone == milestone
    assert event.transport is not None and event.transport.mode == ours
    assert bool(event.warnings) == (ours is None)


def test_a_code_that_no_list_has_keeps_its_words() -> None:
    found = [
        flat("EQUIPMENT", "teleported", **BOX),
        newest("EQUIPMENT", "TELEPORTED", **BOX3),
        flat("SHIPMENT", "CONF", documentTypeCode="XYZ", documentID="N1"),
        flat("SHIPMENT", "CONF", documentID="N1"),
        newest("IOT", "SANG"),
    ]
    assert {event.milestone for event in found} == {"unknown"}
    assert [(event.source_code, event.warnings) for event in found] == [
        ("TELEPORTED", ("unknown_code: equipmentEventTypeCode TELEPORTED",)),
        ("TELEPORTED", ("unknown_code: equipmentEventTypeCode TELEPORTED",)),
        ("XYZ/CONF", ("unknown_code: documentTypeCode XYZ",)),
        ("/CONF", ("document_missing: documentTypeCode",)),
        ("SANG", ("unknown_code: iotEventTypeCode SANG",)),
    ]
