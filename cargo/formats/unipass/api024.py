"""Open API 024, arrivals and departures (입출항보고내역): ``ioprRprtQry/retrieveIoprRprtBrkd``.

Asked for with ``shipCallImoNo`` and ``seaFlghIoprTpcd`` (10 arrivals, 11 departures; for these ``cstmSgn``, too). A row
gives the ship, the customs office with its name, the berth, the report's number ``ioprSbmtNo``, and either the arrival
``etprDttm`` with the port it came from or the departure ``tkofDttm`` with the port it sails to; which of both a row is
shows in the row itself. Source: public client code (to 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cargo.domain.event import Outcome
from cargo.formats.unipass import answer, calls
from cargo.formats.unipass.answer import MEDIA_TYPES as MEDIA_TYPES

NAME = "unipass.api024"
TITLE = "UNI-PASS arrivals and departures (Open API 024)"
SERVICE = answer.Service(NAME, ("ioprRprtBrkdQryRtnVo", "ioprRprtQryBrkdQryRtnVo"), "arrivals and departures")

sniff = SERVICE.sniff
slice = answer.element_at


def decode(data: bytes, received_at: datetime | None = None, request: str = "") -> Iterator[Outcome]:
    """The arrivals and departures, Korean time (UTC+9). ``request`` may name the ship and a cargo that it carries.

    Raises ``FormatError`` if it is no such answer.
    """
    return calls.read(SERVICE, data, received_at, request)
