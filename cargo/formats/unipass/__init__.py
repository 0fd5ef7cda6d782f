"""UNI-PASS Open API answers of the Korea Customs Service (XML), a module for each service that is read.

001 cargo clearance progress, 002 export fulfillment, 005 bonded warehouses, 020 container list, 021 arrival reports of
ships, 024 arrivals and departures. They are told apart by their root elements; ``SERVICES`` is in the order in which
they are asked, 001 last: it takes whatever else looks like an answer of UNI-PASS, to say what it is.
"""

from __future__ import annotations

from cargo.formats.unipass import api001, api002, api005, api020, api021, api024
from cargo.formats.unipass.api001 import cargo_numbers, decode, slice

__all__ = ["SERVICES", "cargo_numbers", "decode", "slice"]

SERVICES = (api002, api005, api020, api021, api024, api001)
