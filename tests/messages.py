"""Messages as carriers and customs send them, from a few words; everything else has a plain default.

Times are written ``2026-03-14 09:00``; carriers' are Korean wall time with its offset, customs' are Korean wall time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

MASTER = "HDMUPUSR1234567"
HOUSE = "KOSHA2603001"
BOX = "HDMU6546583"
SECOND_BOX = "TCLU1234568"
CARGO = "26HDMU0123I00150031"
DECLARATION = "4291826000123M"

Event = dict[str, Any]


def _instant(at: str) -> str:
    return f"{at.replace(' ', 'T')}{'' if at.count(':') > 1 else ':00'}+09:00"


def _event(kind: str, at: str, *, classifier: str, id: str | None, created: str, words: Event) -> Event:
    event: Event = {"eventID": id} if id else {}
    event |= {
        "eventCreatedDateTime": _instant(created or at),
        "eventType": kind,
        "eventClassifierCode": classifier,
        "eventDateTime": _instant(at),
    }
    return event | words


def _documents(bill: str, booking: str) -> list[dict[str, str]]:
    given = (("TRD", bill), ("BKG", booking))
    return [{"documentReferenceType": kind, "documentReferenceValue": value} for kind, value in given if value]


def _call(port: str, mode: str = "VESSEL") -> Event:
    return {
        "transportCallID": f"call-{port}",
        "carrierServiceCode": "FE1",
        "exportVoyageNumber": "014E",
        "UNLocationCode": port,
        "facilityTypeCode": "POTE",
        "modeOfTransport": mode,
        "vessel": {"vesselIMONumber": "9863297", "vesselName": "HMM ALGECIRAS", "vesselOperatorCarrierCode": "HDMU"},
    }


def equipment(
    code: str,
    at: str,
    port: str = "KRPUS",
    *,
    box: str = BOX,
    empty: bool = False,
    classifier: str = "ACT",
    id: str | None = None,
    created: str = "",
    bill: str = MASTER,
    booking: str = "",
    **words: Any,
) -> Event:
    """A DCSA 2.2 equipment event."""
    own = {
        "equipmentEventTypeCode": code,
        "equipmentReference": box,
        "ISOEquipmentCode": "45G1",
        "emptyIndicatorCode": "EMPTY" if empty else "LADEN",
        "transportCall": _call(port),
        "documentReferences": _documents(bill, booking),
    }
    return _event("EQUIPMENT", at, classifier=classifier, id=id, created=created, words=own | words)


def transport(
    code: str,
    at: str,
    port: str = "KRPUS",
    *,
    box: str = "",
    classifier: str = "ACT",
    id: str | None = None,
    created: str = "",
    bill: str = MASTER,
    booking: str = "",
    **words: Any,
) -> Event:
    """A DCSA 2.2 transport event; ``box`` names a container it carries."""
    own: Event = {
        "transportEventTypeCode": code,
        "transportCall": _call(port),
        "documentReferences": _documents(bill, booking),
    }
    if box:
        own["references"] = [{"referenceType": "EQ", "referenceValue": box}]
    return _event("TRANSPORT", at, classifier=classifier, id=id, created=created, words=own | words)


def document(
    code: str,
    at: str,
    *,
    kind: str = "CUS",
    number: str = DECLARATION,
    box: str = "",
    id: str | None = None,
    created: str = "",
    bill: str = MASTER,
    booking: str = "",
    **words: Any,
) -> Event:
    """A DCSA 2.2 shipment event: what happened to a document, customs' own among them."""
    own: Event = {
        "shipmentEventTypeCode": code,
        "documentTypeCode": kind,
        "documentID": number,
        "documentReferences": _documents(bill, booking),
    }
    if box:
        own["references"] = [{"referenceType": "EQ", "referenceValue": box}]
    return _event("SHIPMENT", at, classifier="ACT", id=id, created=created, words=own | words)


def retraction(id: str, created: str, *, bill: str = "", **words: Any) -> Event:
    """The carrier takes an event back; without ``bill`` it names nothing but the id."""
    event: Event = {"eventType": "TRANSPORT", "retractedEventID": id, "eventCreatedDateTime": _instant(created)}
    if bill:
        event["documentReferences"] = _documents(bill, "")
    return event | words


def dcsa(*events: Event) -> bytes:
    """One message: one event alone, or an array."""
    return json.dumps(events[0] if len(events) == 1 else list(events)).encode()


def step(
    text: str,
    at: str,
    *,
    content: str = "",
    moved_at: str = "",
    basis: str = "",
    declaration: str = "",
    shed: str = "02012018",
    packages: int | None = 420,
    notice: str = "",
) -> dict[str, str]:
    """One event of a cargo: ``text`` is what customs calls it, ``content`` tells entries and removals apart."""
    return {
        "shedNm": "가상창고" if shed else "",
        "prcsDttm": _digits(at),
        "dclrNo": declaration,
        "rlbrDttm": _digits(moved_at) if moved_at[:1].isdigit() else moved_at,
        "wght": "",
        "rlbrBssNo": basis,
        "bfhnGdncCn": notice,
        "wghtUt": "KG",
        "pckGcnt": "" if packages is None else str(packages),
        "cargTrcnRelaBsopTpcd": text,
        "pckUt": "CT",
        "rlbrCn": content,
        "shedSgn": shed,
    }


def entered(at: str, *, bonded: bool = False, **words: Any) -> dict[str, str]:
    """Goods came into a bonded shed."""
    return step("반입신고", at, content="보세운송 반입" if bonded else "입항 반입", moved_at=at, **words)


def declared(at: str, *, declaration: str = DECLARATION) -> dict[str, str]:
    """An import declaration was lodged."""
    return step("수입신고", at, declaration=declaration)


def released(at: str, *, declaration: str = DECLARATION) -> dict[str, str]:
    """Customs accepted the declaration: the goods are free."""
    return step("수입신고수리", at, declaration=declaration)


def revoked(at: str, *, declaration: str = DECLARATION) -> dict[str, str]:
    """Customs took the release back."""
    return step("수입신고수리 취소", at, declaration=declaration)


def removed(at: str, *, declaration: str = DECLARATION, packages: int = 420) -> dict[str, str]:
    """Goods left the bonded shed after release."""
    text = "수입신고 수리후 반출"
    return step("반출신고", at, content=text, moved_at=at, basis=declaration, packages=packages)


def unipass(
    steps: Sequence[dict[str, str]],
    *,
    cargo: str = CARGO,
    bill: str = MASTER,
    house: str = HOUSE,
    box: str = "",
    packages: int = 420,
    old_words: bool = False,
    **header: str,
) -> bytes:
    """A snapshot of one cargo (Open API 001), newest event first; ``old_words``: as customs wrote until 2020."""
    fields = {
        "csclPrgsStts": "",
        "vydf": "014E",
        "ldprCd": "CNSHA",
        "dsprNm": "부산항",
        "dsprCd": "KRPUS",
        "blPt": "C",
        "shcoFlcoSgn": "HDMU",
        "pckGcnt": str(packages),
        "pckUt": "CT",
        "etprCstm": "부산세관",
        "shipNm": "HMM ALGECIRAS",
        "hblNo": house,
        "mblNo": bill,
        "ttwg": "18250",
        "wghtUt": "KG",
        "cargMtNo": cargo,
        "cntrNo": box,
    } | header
    lines = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', "<cargCsclPrgsInfoQryRtnVo><ntceInfo/>"]
    lines.append(_element("cargCsclPrgsInfoQryVo", fields.items()))
    lines.append(f"<tCnt>{len(steps)}</tCnt>")
    for given in reversed(steps):
        text = given["cargTrcnRelaBsopTpcd"]
        worded = {"cargTrcnRelaBsopTpcd": text.replace("적재화물목록", "적하목록")} if old_words else {}
        lines.append(_element("cargCsclPrgsInfoDtlQryVo", (given | worded).items()))
    return "\n".join([*lines, "</cargCsclPrgsInfoQryRtnVo>"]).encode()


def _element(name: str, fields: Iterable[tuple[str, str]]) -> str:
    inner = "".join(f"<{tag}>{escape(text)}</{tag}>" if text else f"<{tag}/>" for tag, text in fields)
    return f"<{name}>{inner}</{name}>"


def _digits(at: str) -> str:
    return "".join(character for character in at if character.isdigit()).ljust(14, "0") if at else ""
