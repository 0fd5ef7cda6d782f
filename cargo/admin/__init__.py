"""The desks of the operator's staff: sources, shipments, inbox, quarantine, the log, warehouses."""

from cargo.admin import (
    acknowledgments,
    codes,
    deadline_rules,
    inbox,
    intakes,
    log,
    secrets,
    shipments,
    sources,
    unresolved,
    warehouses,
)

__all__ = [
    "acknowledgments",
    "codes",
    "deadline_rules",
    "inbox",
    "intakes",
    "log",
    "secrets",
    "shipments",
    "sources",
    "unresolved",
    "warehouses",
]
