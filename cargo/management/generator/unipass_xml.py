"""Customs' dialect: UNI-PASS Open API 001, cargo clearance progress, one cargo, all its events so far, newest first.

Element names and their order as in collected answers; the meaning of the fields is in the design of the format. Each
phrase exists in today's words and, where they changed, in the older ones.
"""

from __future__ import annotations

from typing import NamedTuple

from cargo.management.generator import unipass_parts
from cargo.management.generator.places import CUSTOMS_OFFICES
from cargo.management.generator.story import Cargo, Fact
from cargo.management.generator.unipass_parts import day, digits, element, local, number

MEDIA_TYPE, EXTENSION = unipass_parts.MEDIA_TYPE, unipass_parts.EXTENSION
FORMAT = "unipass.api001"
PRECISION = 1


class Phrase(NamedTuple):
    """``text`` is ``cargTrcnRelaBsopTpcd``; ``content`` is ``rlbrCn``, which tells entries and removals apart."""

    text: str
    content: str = ""
    code: str = ""


PHRASES = {
    "manifest_filed": Phrase("입항적재화물목록 제출"),
    "manifest_accepted": Phrase("입항적재화물목록 심사완료"),
    "arrival_filed": Phrase("입항보고 제출"),
    "arrival_accepted": Phrase("입항보고 수리"),
    "voyage_corrected": Phrase("입항적재화물목록 운항정보 정정"),
    "unloading_sea": Phrase("하선신고 수리"),
    "unloading_air": Phrase("하기신고 수리"),
    "extension_filed": Phrase("하선장소 반입기간연장 승인신청", code="CAGB08"),
    "extension_approved": Phrase("하선장소 반입기간연장 승인", code="CAGB09"),
    "bonded_filed": Phrase("보세운송 신고 접수"),
    "bonded_approved": Phrase("보세운송 신고 수리"),
    "entry": Phrase("반입신고", "입항 반입"),
    "entry_bonded": Phrase("반입신고", "보세운송 반입"),
    "exit_bonded": Phrase("반출신고", "보세운송 반출"),
    "exit": Phrase("반출신고", "수입신고 수리후 반출", "CAGE12"),
    "exit_listed": Phrase("반출신고", "목록통관특송물품 반출"),
    "exit_before_release": Phrase("반출신고", "수입신고수리전반출", "CAGE12"),
    "declared": Phrase("수입신고"),
    "review": Phrase("수입(사용소비) 심사진행"),
    "approved": Phrase("수입(사용소비) 결재통보"),
    "released": Phrase("수입신고수리"),
    "revoked": Phrase("수입신고수리 취소"),
    "withdrawn": Phrase("취하"),
    "rejected": Phrase("각하"),
    "held": Phrase("통관보류"),
    "inspection_ordered": Phrase("검사대상"),
    "inspecting": Phrase("검사진행"),
    "inspected": Phrase("검사완료"),
    "documents_requested": Phrase("보완요구"),
    "documents_given": Phrase("보완서류 제출"),
    "agency_filed": Phrase("검역신청"),
    "agency_passed": Phrase("검사/검역식품의약품(합격)"),
    "agency_refused": Phrase("검사/검역식품의약품(불합격)"),
    "removal_notice": Phrase("반출통고"),
    "listed": Phrase("통관목록접수"),
    "list_held": Phrase("통관목록보류"),
    "list_examined": Phrase("통관목록심사완료", code="IMPA36"),
}
_ENTRIES_AND_REMOVALS = frozenset(
    {"entry", "entry_bonded", "exit_bonded", "exit", "exit_listed", "exit_before_release"}
)
_STATE_OF_CLEARANCE = (
    ("list_examined", "통관목록심사완료"),
    ("released", "수입신고수리"),
    ("held", "통관보류"),
    ("list_held", "통관보류"),
    ("declared", "수입신고"),
    ("listed", "수입신고"),
)


def render(cargo: Cargo, facts: list[Fact]) -> bytes:
    """The answer that the API would give when it knew these facts (oldest first)."""
    rows = sorted(enumerate(facts), key=lambda item: (item[1].known, item[0]), reverse=True)
    parts = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cargCsclPrgsInfoQryRtnVo>\n<ntceInfo/>\n',
        element("cargCsclPrgsInfoQryVo", _header(cargo, facts, rows[0][1])),
        f"<tCnt>{len(rows)}</tCnt>\n",
    ]
    parts += [element("cargCsclPrgsInfoDtlQryVo", _row(cargo, fact)) for _, fact in rows]
    parts.append("</cargCsclPrgsInfoQryRtnVo>\n")
    return "".join(parts).encode()


def words(cargo: Cargo, phrase: str) -> str:
    """The phrase as this cargo's office writes it: today's or the older words, usual or other spaces."""
    text = PHRASES[phrase].text
    if cargo.old_words:
        text = text.replace("적재화물목록", "적하목록")
    if cargo.tight_words:
        text = text.replace("보세운송 신고 ", "보세운송신고 ").replace("심사진행", "심사 진행")
    return text


def _header(cargo: Cargo, facts: list[Fact], newest: Fact) -> dict[str, str]:
    box, phrase = cargo.box, PHRASES[newest.phrase]
    told = {fact.phrase for fact in facts}
    leg = box.legs[-1]
    name = _carrier(cargo)
    inspected = "inspection_ordered" in told
    bill_kind, bill_kind_name = _bill_kind(cargo)
    return {
        "csclPrgsStts": next((text for key, text in _STATE_OF_CLEARANCE if key in told), "수입신고전"),
        "vydf": "" if box.air else leg.voyage,
        "rlseDtyPridPassTpcd": "N",
        "prnm": cargo.goods_name,
        "ldprCd": leg.origin.code if box.air else box.origin.code,
        "shipNat": leg.vessel.flag,
        "blPt": bill_kind,
        "dsprNm": box.destination.korean,
        "etprDt": day(box.arrives),
        "prgsStCd": phrase.code,
        "msrm": "" if box.air else f"{cargo.weight / 320:.2f}",
        "wghtUt": "KG",
        "dsprCd": box.destination.code,
        "cntrGcnt": str(len(box.containers)),
        "cargTp": "수입 일반화물",
        "shcoFlcoSgn": box.airline.code if box.airline else box.carrier.scac if box.carrier else "",
        "pckGcnt": str(cargo.packages),
        "etprCstm": CUSTOMS_OFFICES[box.destination.code],
        "shipNm": leg.vessel.name,
        "hblNo": cargo.house_bill,
        "prcsDttm": digits(newest.known),
        "frwrSgn": cargo.forwarder.code if cargo.house_bill else "",
        "spcnCargCd": "",
        "ttwg": number(cargo.weight),
        "ldprNm": box.origin.name,
        "frwrEntsConm": cargo.forwarder.korean if cargo.house_bill else "",
        "dclrDelyAdtxYn": "N",
        "mtTrgtCargYnNm": "Y" if inspected else "N",
        "cargMtNo": cargo.cargo_number,
        "cntrNo": box.containers[0] if box.containers else "",
        "mblNo": box.master_bill,
        "blPtNm": bill_kind_name,
        "lodCntyCd": box.origin.country,
        "prgsStts": "반출완료" if phrase.code == "CAGE12" else words(cargo, newest.phrase),
        "shcoFlco": name,
        "pckUt": cargo.goods.unit,
        "shipNatNm": leg.vessel.flag_korean,
        "agnc": "" if box.air else name,
    }


def _bill_kind(cargo: Cargo) -> tuple[str, str]:
    """Code and name: express goods, one of several under a master bill, or a bill of its own."""
    if cargo.scene.kind == "air_express":
        return "X", "특송화물 Sample"
    return ("C", "Consol") if cargo.house_bill else ("S", "Simple")


def _carrier(cargo: Cargo) -> str:
    box = cargo.box
    return box.airline.korean if box.airline else box.carrier.korean if box.carrier else ""


def _row(cargo: Cargo, fact: Fact) -> dict[str, str]:
    shed = fact.shed
    return {
        "shedNm": shed.name if shed else "",
        "prcsDttm": digits(fact.known),
        "dclrNo": fact.number,
        "rlbrDttm": _moved(cargo, fact),
        "wght": number(fact.weight) if shed else "",
        "rlbrBssNo": _ground(fact),
        "bfhnGdncCn": fact.notice,
        "wghtUt": "KG",
        "pckGcnt": str(fact.packages),
        "cargTrcnRelaBsopTpcd": words(cargo, fact.phrase),
        "pckUt": cargo.goods.unit if shed else "",
        "rlbrCn": PHRASES[fact.phrase].content,
        "shedSgn": _shed_code(fact),
    }


def _moved(cargo: Cargo, fact: Fact) -> str:
    """When goods moved; for a bonded transport the same field holds where to."""
    if fact.phrase in _ENTRIES_AND_REMOVALS:
        return local(fact.at).strftime("%Y-%m-%d %H:%M:%S")
    if fact.phrase == "bonded_approved" and cargo.box.warehouse is not None:
        return f"(도){cargo.box.warehouse.code}{cargo.box.warehouse.name[:6]} "
    return ""


def _ground(fact: Fact) -> str:
    return f"연장반입기한:{local(fact.until):%Y-%m-%d}" if fact.until else fact.remark


def _shed_code(fact: Fact) -> str:
    if fact.shed is None:
        return ""
    section = f"/{fact.shed.zone}" if fact.phrase == "entry_bonded" and fact.shed.zone else fact.suffix
    return fact.shed.code + section
