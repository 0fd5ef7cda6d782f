"""The desks of the operator's staff: sources, shipments, inbox, quarantine and the log."""

from cargo.admin import inbox, log, shipments, sources, unresolved

__all__ = ["inbox", "log", "shipments", "sources", "unresolved"]
