"""Open API 021, arrival reports of ships (입항보고내역): ``etprRprtQryBrkdQry/retrieveetprRprtQryBrkd``.

Asked for with ``ioprSbmtNo`` (a report's number) and ``shipCallSgn``. A row gives ``mrn``, the ship with its call sign
or IMO number, the customs office ``cstmSgn``, the berth, the arrival ``etprDttm`` and the report's acceptance
``acptDttm``. Source: public client code (to 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cargo.domain.event import Outcome
from cargo.formats.unipass import answer, calls
from cargo.formats.unipass.answer import MEDIA_TYPES as MEDIA_TYPES

NAME = "unipass.api021"
TITLE = "UNI-PASS arrival reports of ships (Open API 021)"
SERVICE = answer.Service(NAME, ("etprRprtQryBrkdQryRtnVo",), "arrival reports")

sniff = SERVICE.sniff
slice = answer.element_at


def decode(data: bytes, received_at: datetime | None = None, request: str = "") -> Iterator[Outcome]:
    """The arrivals, Korean time (UTC+9). ``request`` may name the ship and a cargo that it carries.

    Raises ``FormatError`` if it is no such answer.
    """
    return calls.read(SERVICE, data, received_at, request)
