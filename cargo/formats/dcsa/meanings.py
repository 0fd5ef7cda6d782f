"""Which milestone a Track & Trace code is, with what stands beside it.

The port's part in the journey (origin, transshipment, destination) is not in a code of 2.2: the fold works it out
from the plan, so ``DEPA`` is always ``departed`` here. Where 3.0 states the transport phase, it decides what only
it can: a transshipment's moves, and the direction of a gate or of customs. Codes that no milestone fits are
``unknown`` and keep their own words.
"""

from __future__ import annotations

from typing import NamedTuple

from cargo.domain.codes import MILESTONES
from cargo.formats.dcsa import codes, documents

AUTHORITY = "DCSA"
_CODE_LENGTH = 60

SHIPMENT_MILESTONES = {
    ("CBR", "RECE"): "booking_requested",
    ("CBR", "REQS"): "booking_requested",
    ("CBR", "SUBM"): "booking_requested",
    ("CBR", "PENC"): "booking_requested",
    ("CBR", "CONF"): "booking_confirmed",
    ("CBR", "APPR"): "booking_confirmed",
    ("CBR", "REJE"): "booking_cancelled",
    ("CBR", "DECL"): "booking_cancelled",
    ("CBR", "CANC"): "booking_cancelled",
    ("CBR", "CACF"): "booking_cancelled",
    ("CBR", "VOID"): "booking_cancelled",
    ("BKG", "RECE"): "booking_requested",
    ("BKG", "REQS"): "booking_requested",
    ("BKG", "SUBM"): "booking_requested",
    ("BKG", "PENC"): "booking_requested",
    ("BKG", "CONF"): "booking_confirmed",
    ("BKG", "APPR"): "booking_confirmed",
    ("BKG", "ISSU"): "booking_confirmed",
    ("BKG", "PENU"): "booking_updated",
    ("BKG", "PENA"): "booking_updated",
    ("BKG", "PENM"): "booking_updated",
    ("BKG", "UPCF"): "booking_updated",
    ("BKG", "AMCF"): "booking_updated",
    ("BKG", "REJE"): "booking_cancelled",
    ("BKG", "VOID"): "booking_cancelled",
    ("BKG", "CANC"): "booking_cancelled",
    ("BKG", "CACF"): "booking_cancelled",
    ("BKG", "DECL"): "booking_cancelled",
    ("SHI", "SUBM"): "shipping_instructions_submitted",
    ("SHI", "RECE"): "shipping_instructions_submitted",
    ("SHI", "PENC"): "shipping_instructions_submitted",
    ("VGM", "SUBM"): "vgm_submitted",
    ("VGM", "RECE"): "vgm_submitted",
    ("TRD", "ISSU"): "bill_of_lading_issued",
    ("TRD", "CONF"): "bill_of_lading_issued",
    ("TRD", "SURR"): "document_surrendered",
    # Surrendered for an amendment, the bill comes back: the cargo cannot be delivered on it.
    ("TRD", "SUDL"): "document_surrendered",
    ("ARN", "ISSU"): "arrival_notice_sent",
    ("SRM", "ISSU"): "freight_released",
    ("SRM", "RELS"): "freight_released",
    ("SRM", "HOLD"): "freight_hold",
    ("SRM", "VOID"): "freight_hold",
    ("SRM", "CANC"): "freight_hold",
    ("DEO", "ISSU"): "freight_released",
    ("DEO", "RELS"): "freight_released",
    ("DEO", "HOLD"): "freight_hold",
    ("DEO", "VOID"): "freight_hold",
    ("DEO", "CANC"): "freight_hold",
    ("PFD", "ISSU"): "delivered",
    ("CUS", "HOLD"): "customs_hold",
    ("CUS", "RELS"): "customs_released",
    ("CUS", "REQS"): "inspection_ordered",
    ("CUS", "CMPL"): "inspection_completed",
    ("CUS", "SUBM"): "import_declared",
    ("CUS", "RECE"): "customs_review",
    ("CUS", "UPCF"): "declaration_amended",
    ("CUS", "AMCF"): "declaration_amended",
    ("CUS", "REJE"): "declaration_rejected",
    ("CUS", "DECL"): "declaration_rejected",
    ("CUS", "VOID"): "declaration_cancelled",
    ("CUS", "CANC"): "declaration_cancelled",
    ("CUS", "CACF"): "declaration_cancelled",
    ("AMF", "SUBM"): "security_filing_submitted",
    ("AMF", "RECE"): "security_filing_submitted",
    ("AMF", "APPR"): "security_filing_accepted",
    ("AMF", "CONF"): "security_filing_accepted",
    ("AMF", "HOLD"): "security_filing_hold",
    ("AMF", "RELS"): "security_filing_hold_removed",
    ("AMF", "REJE"): "security_filing_rejected",
    ("AMF", "DECL"): "security_filing_rejected",
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
_EXPORT_CUSTOMS = {
    "CUSS": "export_inspection_ordered",
    "CUSI": "export_inspection_ordered",
    "CUSR": "export_cleared",
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
# Between two terminals a laden box only moves on; a gate in the other direction's phase is no such milestone.
_GATES_IN_PHASE = {
    ("export", "GTOT", True, False): "in_transit",
    ("import", "GTIN", True, False): "in_transit",
    ("export", "GTIN", False, False): "unknown",
    ("import", "GTOT", False, False): "unknown",
    ("transshipment", "GTIN", True, False): "in_transit",
    ("transshipment", "GTOT", True, False): "in_transit",
    ("transshipment", "GTIN", False, False): "unknown",
    ("transshipment", "GTOT", False, False): "unknown",
}
_INLAND_MODES = frozenset({"RAIL", "BARGE", "TRUCK"})
_MOVES = {
    ("DEPA", False): "departed",
    ("ARRI", False): "arrived",
    ("DEPA", True): "inland_departed",
    ("ARRI", True): "inland_arrived",
    ("LOAD", False): "loaded",
    ("DISC", False): "discharged",
    ("LOAD", True): "inland_loaded",
    ("DISC", True): "inland_unloaded",
}
_TRANSSHIPMENT = {
    "loaded": "transshipment_loaded",
    "departed": "transshipment_departed",
    "arrived": "transshipment_arrived",
    "discharged": "transshipment_discharged",
}
_IOT_MILESTONES = {"BREADCRUMB": "in_transit"}
# Of these documents the milestones table knows the level better than "the carrier's own".
_OWN_LEVEL = frozenset({documents.CUSTOMS, "VGM"})
_CUSTOMS_CODES = frozenset(_EXPORT_CUSTOMS)
# On arrival and discharge a call's import voyage is meant, otherwise its export voyage.
_INBOUND_CODES = frozenset({"ARRI", "DISC", "APPROACHING"})
_LADEN = {"LADEN": True, "EMPTY": False}


class Said(NamedTuple):
    """The codes of one event as they stand in the message; empty where it does not say."""

    kind: str
    code: str
    load: str = ""
    mode: str = ""
    facility: str = ""
    document: str = ""
    phase: str = ""


class Meaning(NamedTuple):
    """What they mean together. ``document`` and ``facility`` are letters, ``mode`` is one of the house's."""

    milestone: str
    level: str
    effect: str
    source_code: str
    title: str | None
    mode: str | None
    laden: bool | None
    role: str | None
    authority: str | None
    document: str
    facility: str
    inbound: bool
    warnings: tuple[str, ...]


def meaning_of(said: Said) -> Meaning:
    """The meaning of an event's codes. ``said.kind`` is one of the five kinds of event, in capitals."""
    code = said.code.upper()
    code = codes.WORDS[said.kind].get(code, code)
    mode = said.mode.upper()
    mode = mode if mode in codes.MODES else ""
    laden = _LADEN.get(said.load.upper())
    facility = said.facility.upper()
    facility = codes.FACILITY_WORDS.get(facility, facility)
    phase = codes.PHASES.get(said.phase.upper(), "")
    document = said.document.upper()
    document = documents.ALIASES.get(document, document)
    milestone, level = "unknown", "container"
    if said.kind == "TRANSPORT":
        milestone, level = _transport(code, mode, phase), "conveyance"
    elif said.kind == "EQUIPMENT":
        milestone = _equipment(code, laden, mode, facility, phase)
    elif said.kind == "IOT":
        milestone = _IOT_MILESTONES.get(code, "unknown")
    elif said.kind == "SHIPMENT":
        milestone = SHIPMENT_MILESTONES.get((document, code), "unknown")
        level = MILESTONES[milestone].level if document in _OWN_LEVEL else "master"
    customs = document in (documents.CUSTOMS, documents.FILING) or code in _CUSTOMS_CODES
    return Meaning(
        milestone=milestone,
        level=level,
        effect=MILESTONES[milestone].effect,
        source_code=(f"{said.document.upper()}/{said.code.upper()}" if said.kind == "SHIPMENT" else said.code.upper())[
            :_CODE_LENGTH
        ],
        title=_title(said.kind, code, document),
        mode=codes.MODES.get(mode),
        laden=laden,
        role="transshipment" if phase == "transshipment" else codes.FACILITY_ROLES.get(facility),
        authority=AUTHORITY if customs else None,
        document=document,
        facility=facility,
        inbound=code in _INBOUND_CODES,
        warnings=_warnings(said, code, mode, laden, document),
    )


def _transport(code: str, mode: str, phase: str) -> str:
    """An arrival or departure by the means of transport; ``unknown`` where it is not given."""
    if code == "APPROACHING":
        return "eta_changed"
    if not mode:
        return "unknown"
    milestone = _MOVES.get((code, mode in _INLAND_MODES), "unknown") if code in codes.TRANSPORT_TITLES else "unknown"
    return _TRANSSHIPMENT.get(milestone, milestone) if phase == "transshipment" else milestone


def _equipment(code: str, laden: bool | None, mode: str, facility: str, phase: str) -> str:
    """An equipment code by load, means of transport, kind of facility and phase; ``unknown`` where these are missing.

    Loading and discharging an empty container is the carrier's own business: ``unknown``.
    """
    if phase == "export" and code in _EXPORT_CUSTOMS:
        return _EXPORT_CUSTOMS[code]
    always = _ALWAYS.get(code)
    if always is not None:
        return always
    if code in ("LOAD", "DISC"):
        milestone = "unknown" if laden is False else _MOVES[code, mode in _INLAND_MODES]
        return _TRANSSHIPMENT.get(milestone, milestone) if phase == "transshipment" else milestone
    if code in _LADEN_AT_CUSTOMER:
        if phase == "transshipment":
            return "in_transit" if laden else "unknown"
        return _LADEN_AT_CUSTOMER[code] if laden else "unknown"
    if laden is None:
        return "unknown"
    gate = (code, laden, facility == codes.CUSTOMER_LOCATION)
    return _GATES_IN_PHASE.get((phase, *gate)) or _GATES.get(gate, "unknown")


def _title(kind: str, code: str, document: str) -> str | None:
    title = codes.TITLES[kind].get(code)
    if kind != "SHIPMENT":
        return title
    called = documents.TITLES.get(document)
    return f"{called}: {title}" if called and title else title or called


def _warnings(said: Said, code: str, mode: str, laden: bool | None, document: str) -> tuple[str, ...]:
    if code not in codes.TITLES[said.kind]:
        return (f"unknown_code: {said.kind.lower()}EventTypeCode {said.code[:40].upper()}",)
    if said.kind == "TRANSPORT" and not mode:
        return ("mode_missing: modeOfTransport is needed to tell a vessel from a truck",)
    if said.kind == "EQUIPMENT" and laden is None:
        return ("load_missing: emptyIndicatorCode is neither LADEN nor EMPTY",)
    if said.kind == "SHIPMENT" and document not in documents.TITLES:
        given = said.document[:40].upper()
        return (f"unknown_code: documentTypeCode {given}" if given else "document_missing: documentTypeCode",)
    return ()
