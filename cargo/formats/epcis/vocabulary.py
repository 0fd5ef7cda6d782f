"""The Core Business Vocabulary of EPCIS 2.0, and which milestone a business step is.

Source: GS1 EPCIS and CBV 2.0 (ratified June 2022): business steps, dispositions and business transaction types as in
the standard's JSON Schema. A business step is that of a shop floor as well as of a port, and customs is not in it:
only what fits a cargo's journey becomes a milestone. Values stand bare (``loading``), as a CURIE
(``cbv:BizStep-loading``), as an IRI of either of GS1's hosts, or as the URN of CBV 1.2.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Steps that are a milestone by themselves.
STEP_MILESTONES = {
    "loading": "loaded",
    "departing": "departed",
    "transporting": "in_transit",
    "arriving": "arrived",
    "unloading": "discharged",
    "shipping": "picked_up",
    "collecting": "picked_up",
    "staging_outbound": "available_for_pickup",
}
# Steps whose meaning other facts decide (``events``), and steps of cargo that no milestone fits: a warehouse's
# inspection and hold are not customs'.
RECEIVING, ACCEPTING, PACKING, UNPACKING, ENTERING = (
    "receiving",
    "accepting",
    "packing",
    "unpacking",
    "entering_exiting",
)
DECIDED = frozenset({RECEIVING, ACCEPTING, PACKING, UNPACKING, ENTERING})
WITHOUT_MILESTONE = frozenset(
    {
        "consigning",
        "destroying",
        "holding",
        "inspecting",
        "other",
        "picking",
        "repackaging",
        "sampling",
        "sensor_reporting",
        "storing",
        "void_shipping",
    }
)
# What is done to goods where they are made, kept or sold.
NOT_OF_A_JOURNEY = frozenset(
    {
        "assembling",
        "commissioning",
        "creating_class_instance",
        "cycle_counting",
        "decommissioning",
        "disassembling",
        "dispensing",
        "encoding",
        "installing",
        "killing",
        "removing",
        "repairing",
        "replacing",
        "reserving",
        "retail_selling",
        "stock_taking",
        "stocking",
    }
)
STEPS = frozenset(STEP_MILESTONES) | DECIDED | WITHOUT_MILESTONE | NOT_OF_A_JOURNEY

# Where a step is no milestone, the state that it left the objects in may be one.
DISPOSITION_MILESTONES = {
    "damaged": "damaged",
    "mismatch_instance": "discrepancy",
    "mismatch_class": "discrepancy",
    "mismatch_quantity": "discrepancy",
}
# ``bizTransactionList``: the type of our reference. Certificates, pedigrees, tests and returns name no cargo.
TRANSACTIONS = {
    "bol": "master_bill",
    "po": "purchase_order",
    "poc": "own_reference",
    "inv": "own_reference",
    "desadv": "own_reference",
    "recadv": "own_reference",
}

_OF_GS1 = re.compile(
    r"(?:(?:https?://(?:ref|ns)\.gs1\.org/cbv/|cbv:)(?:BizStep-|Disp-|BTT-|ER-|SDT-)?"
    r"|urn:epcglobal:cbv:(?:bizstep|disp|btt|er|sdt):)([A-Za-z0-9_]+)\Z"
)


class Word(NamedTuple):
    """A value of a vocabulary. ``standard``: it claims to be GS1's own, so an unknown one is an error."""

    value: str
    standard: bool


def word(text: str) -> Word:
    """A value without its namespace; one of somebody else's vocabulary as it stands."""
    found = _OF_GS1.match(text)
    if found is not None:
        return Word(found[1], True)
    return Word(text, ":" not in text)
