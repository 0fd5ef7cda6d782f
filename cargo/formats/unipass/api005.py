"""Open API 005, bonded warehouses (장치장정보): ``shedInfoQry/retrieveShedInfo``.

Asked for with ``jrsdCstmCd`` (a customs office) and ``snarSgn`` (a warehouse). Reference data, no events: name, address
and telephone of one warehouse or of all of an office, and two flags that decide whether a deadline there costs
anything: ``pnltLvyTrgtYn`` (과태료부과대상여부, a fine for goods removed more than 15 days after their release) and
``adtxColtPridYn`` (가산세징수여부, a surcharge for goods declared more than 30 days after their entry).
``ldunPlcSnarYn`` (하역장소보세구역여부) tells warehouses on the quay from those behind it. A warehouse's code begins
with the three digits of its customs office.

Source: the service as observed in public client code (to 2026); Customs Act (KR) art. 157-2, 241.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cargo.domain import identifiers
from cargo.domain.customs import kr
from cargo.domain.event import Outcome, Problem, Warehouse
from cargo.formats.unipass import answer
from cargo.formats.unipass.answer import MEDIA_TYPES as MEDIA_TYPES

NAME = "unipass.api005"
TITLE = "UNI-PASS bonded warehouses (Open API 005)"
SERVICE = answer.Service(NAME, ("shedInfoQryRtnVo",), "warehouses")

_ROWS = ("shedInfoQryRsltVo", "shedInfoQryVo")
_CODE_LENGTH = 20
_ADDRESS_LENGTH = 300
_PHONE_LENGTH = 40
_FLAGS = {"Y": True, "N": False}

sniff = SERVICE.sniff
slice = answer.element_at


def decode(data: bytes, received_at: datetime | None = None, request: str = "") -> Iterator[Outcome]:
    """The warehouses. ``request`` may name the one that was asked for (``snarSgn``) where the answer leaves it out.

    Raises ``FormatError`` if it is no such answer.
    """
    root = SERVICE.parse(data)
    rows = list(answer.rows(root, *_ROWS))
    refusal = SERVICE.refusal(root, answered=bool(rows))
    if refusal is not None:
        yield refusal
        return
    told = answer.asked(request)
    alone = told.get("snarSgn", "") if len(rows) == 1 else ""
    for position, fields in rows:
        yield _warehouse(fields, position, alone, told.get("jrsdCstmCd", ""))


def _warehouse(fields: dict[str, str], position: str, asked_for: str, office: str) -> Warehouse | Problem:
    code = identifiers.compact(fields.get("snarSgn") or asked_for)[:_CODE_LENGTH]
    if not code:
        return Problem(position=position, reason="a warehouse without a code", format=NAME)
    return Warehouse(
        authority=kr.AUTHORITY,
        code=code,
        customs_office=(office or code)[:3],
        name=answer.line(fields.get("snarNm", ""))[: answer.NAME_LENGTH],
        address=answer.line(fields.get("snarAddr", ""))[:_ADDRESS_LENGTH],
        phone=answer.line(fields.get("snartelno", ""))[:_PHONE_LENGTH],
        late_removal_fine=_FLAGS.get(fields.get("pnltLvyTrgtYn", "").upper()),
        late_declaration_surcharge=_FLAGS.get(fields.get("adtxColtPridYn", "").upper()),
        unloading_place=_FLAGS.get(fields.get("ldunPlcSnarYn", "").upper()),
        format=NAME,
        position=position,
    )
