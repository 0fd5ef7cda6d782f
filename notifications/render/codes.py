"""The words for the codes that notices name, in English and Korean.

A page and a notice use the same word: what the pages' plain tables have in a form that fits comes from there.
Of a table that has the code "", that is what stands for any other.
"""

from __future__ import annotations

import re

from cargo.dashboard import terms

Table = dict[str, dict[str, str]]


def named(table: Table, code: object, language: str) -> str:
    """The words for a code, or those for any other."""
    return table.get(str(code or ""), table[""])[language]


def _both(table: dict[str, terms.Pair]) -> Table:
    return {code: {"en": english, "ko": korean} for code, (english, korean) in table.items()}


# The first of these that an update names stands in its subject.
REFERENCES: Table = {
    "house_bill": {"en": "HBL", "ko": "HBL"},
    "house_air_waybill": {"en": "HAWB", "ko": "HAWB"},
    "master_bill": {"en": "MBL", "ko": "MBL"},
    "air_waybill": {"en": "AWB", "ko": "AWB"},
    "container": {"en": "Container", "ko": "컨테이너"},
    "booking": {"en": "Booking", "ko": "부킹 번호"},
    "cargo_control_number": {"en": "Cargo control number", "ko": "화물관리번호"},
}

AGENCIES = _both(terms.AUTHORITIES)

# By kind of deadline: as a notice begins with it. The Korean words are the pages'.
_DUE = {
    "import_declaration": "Import declaration",
    "removal": "Removal from the bonded area",
    "storage_limit": "End of bonded storage",
    "entry_limit": "Entry into storage",
    "bonded_transport": "Transport under bond",
    "payment": "Payment of duties",
    "loading": "Loading for export",
    "documents": "Documents for customs",
    "claim": "Clearance or return after notice",
    "general_order": "Entry before general order",
    "transit": "End of transit",
    "last_free_day": "Last free day",
    "detention": "Return of the empty",
}
DEADLINES: Table = {
    **{kind: {"en": english, "ko": terms.DEADLINES[kind][1]} for kind, english in _DUE.items()},
    # The pages name the day on which the sale may begin; a notice, until when to act.
    "public_sale": {"en": "Clearance before the public sale", "ko": "공매 전 통관 기한"},
    "": {"en": "Deadline", "ko": "기한"},
}

# What to do, by the next action of a deadline.
DUTIES: Table = {
    "declare_import": {
        "en": "Have your customs broker lodge the import declaration.",
        "ko": "관세사를 통해 수입신고를 하십시오.",
    },
    "collect": {"en": "Collect the cargo, or have it collected.", "ko": "화물을 반출하십시오."},
    "enter_storage": {
        "en": "Ask the carrier to bring the cargo into bonded storage.",
        "ko": "운송사에 보세구역 반입을 요청하십시오.",
    },
    "move_under_bond": {
        "en": "Ask the carrier to end the movement under bond.",
        "ko": "운송사에 보세운송 도착을 요청하십시오.",
    },
    "load_cargo": {"en": "Have the cargo loaded.", "ko": "적재를 완료하십시오."},
    "pay_duty": {"en": "Pay duties and taxes.", "ko": "관세 등을 납부하십시오."},
    "submit_documents": {
        "en": "Have your customs broker submit the documents.",
        "ko": "관세사를 통해 보완서류를 제출하십시오.",
    },
    "answer_customs": {
        "en": "Have your customs broker settle the matter with customs.",
        "ko": "관세사를 통해 세관과 협의하여 사유를 해소하십시오.",
    },
    "clear_or_return": {"en": "Have the goods cleared, or return them.", "ko": "통관하거나 반송하십시오."},
    "return_empty": {"en": "Return the empty container.", "ko": "공컨테이너를 반납하십시오."},
    "deliver_to_terminal": {
        "en": "Deliver the full container to the terminal.",
        "ko": "적입된 컨테이너를 터미널에 반입하십시오.",
    },
    "": {
        "en": "Ask the customs broker or the forwarder what has to be done.",
        "ko": "해야 할 일을 관세사 또는 포워더에게 확인하십시오.",
    },
}
COSTS: Table = {**_both(terms.MONEY_KINDS), "": {"en": "charges", "ko": "비용"}}

# By kind of exception.
TROUBLES: Table = {
    "held": {"en": "Held", "ko": "통관 보류"},
    "release_revoked": {"en": "Release taken back", "ko": "수리 취소"},
    "late": {"en": "Late", "ko": "도착 지연"},
    "overdue": {"en": "Overdue", "ko": "도착 확인 안 됨"},
    "deadline_near": {"en": "Deadline near", "ko": "기한 임박"},
    "deadline_exceeded": {"en": "Deadline passed", "ko": "기한 경과"},
    "not_collected": {"en": "Not collected", "ko": "미반출"},
    "rolled": {"en": "Rolled to another sailing", "ko": "선적 이월"},
    "dwelling": {"en": "Not moving", "ko": "장기 미이동"},
    "silent": {"en": "No news", "ko": "소식 없음"},
    "off_route": {"en": "Off the route", "ko": "경로 이탈"},
    "conflicting": {"en": "Sources disagree", "ko": "출처 간 불일치"},
    "impossible_order": {"en": "Impossible order", "ko": "순서 오류"},
    "": {"en": "Exception", "ko": "이상"},
}

# By responsible party: how a sentence about an exception begins with it.
RESPONSIBLE: Table = {
    "importer": {"en": "The importer", "ko": "수입자"},
    "consignee": {"en": "The consignee", "ko": "수하인"},
    "exporter": {"en": "The exporter", "ko": "수출자"},
    "shipper": {"en": "The shipper", "ko": "송하인"},
    "forwarder": {"en": "The forwarder", "ko": "포워더"},
    "broker": {"en": "The customs broker", "ko": "관세사"},
    "customs": {"en": "Customs", "ko": "세관"},
    "agency": {"en": "The agency", "ko": "요건확인기관"},
    "carrier": {"en": "The carrier", "ko": "운송사"},
    "terminal": {"en": "The terminal", "ko": "터미널"},
    "warehouse": {"en": "The warehouse", "ko": "보세창고"},
    "operator": {"en": "The operator of this service", "ko": "운영사"},
    "": {"en": "", "ko": ""},
}

# In Korean, what that party must do as a sentence ends; a page lists the same by a noun.
_MUST = {
    "collect": "화물을 반출해야 합니다",
    "enter_storage": "화물을 보세구역에 반입해야 합니다",
    "declare_import": "수입신고를 해야 합니다",
    "load_cargo": "화물을 적재해야 합니다",
    "submit_documents": "세관이 요구한 보완서류를 제출해야 합니다",
    "answer_customs": "세관과 협의하여 사유를 해소해야 합니다",
    "present_for_inspection": "화물을 검사에 제시해야 합니다",
    "correct_security_filing": "사전 보안신고를 정정해야 합니다",
    "wait_for_customs": "심사·처리를 마쳐야 합니다",
    "answer_agency": "요건확인기관과 협의하여 사유를 해소해야 합니다",
    "wait_for_agency": "검사·검역을 마쳐야 합니다",
    "settle_charges": "운임과 부대비용을 정산해야 합니다",
    "request_delivery_order": "D/O를 발급받아야 합니다",
    "pay_duty": "관세와 제세를 납부해야 합니다",
    "clear_terminal_hold": "터미널 보류를 해제받아야 합니다",
    "move_under_bond": "보세운송으로 목적지에 도착시켜야 합니다",
    "clear_or_return": "수입통관하거나 반송해야 합니다",
    "return_empty": "공컨테이너를 반납해야 합니다",
    "deliver_to_terminal": "컨테이너를 터미널에 반입해야 합니다",
    "ask_terminal": "반출할 수 있는지 확인해야 합니다",
    "wait_for_discharge": "화물을 양하해야 합니다",
    "wait_for_arrival": "도착항까지 운송해야 합니다",
    "confirm_sailing": "변경된 선적 일정을 운송사에 확인해야 합니다",
    "move_on": "연결 선박에 환적해야 합니다",
    "explain_route": "경로가 바뀐 사유를 확인해야 합니다",
    "ask_source": "수신이 중단된 사유를 출처에 확인해야 합니다",
    "check_sources": "어느 출처가 맞는지 확인해야 합니다",
}
# By next action of an exception: what that party must do.
ACTIONS: Table = {
    **{action: {"en": terms.NEXT_ACTIONS[action][0], "ko": korean} for action, korean in _MUST.items()},
    "": {"en": "", "ko": ""},
}

# Kinds of news as a digest counts them.
KIND_NAMES: Table = {
    "customs.held": {"en": "Held by customs", "ko": "통관 보류"},
    "customs.hold_cleared": {"en": "Hold lifted", "ko": "보류 해제"},
    "customs.released": {"en": "Released", "ko": "수리"},
    "customs.release_revoked": {"en": "RELEASE TAKEN BACK", "ko": "수리 취소"},
    "deadline.near": {"en": "Due soon", "ko": "기한 임박"},
    "deadline.exceeded": {"en": "Deadline passed", "ko": "기한 경과"},
    "deadline.set": {"en": "New deadline", "ko": "기한 설정"},
    "deadline.changed": {"en": "Deadline changed", "ko": "기한 변경"},
    "departed": {"en": "Departed", "ko": "출항"},
    "eta.changed": {"en": "Expected arrival changed", "ko": "도착 예정 변경"},
    "arrived": {"en": "Arrived", "ko": "입항"},
    "discharged": {"en": "Discharged", "ko": "양하"},
    "available": {"en": "Available for pickup", "ko": "반출 가능"},
    "gate_out": {"en": "Gated out", "ko": "반출"},
    "empty_returned": {"en": "Empty returned", "ko": "공컨테이너 반납"},
    "exception.opened": {"en": "To look at", "ko": "확인 필요"},
    "exception.closed": {"en": "Settled", "ko": "해소"},
    "": {"en": "News", "ko": "소식"},
}
# The same of cargo that goes by air, where the trade has another word.
KIND_NAMES_BY_AIR: Table = {
    **KIND_NAMES,
    "departed": {"en": "Departed", "ko": "출발"},
    "arrived": {"en": "Arrived", "ko": "도착"},
    "discharged": {"en": "Discharged", "ko": "하기"},
}

# What the release was that is taken back, as the reader was told of it.
RELEASES_TOLD: Table = {
    "export_cleared": {"en": "customs had cleared this cargo for export", "ko": "수출신고가 수리되었다"},
    "customs_released_provisional": {
        "en": "customs had released this cargo provisionally",
        "ko": "조건부로 수리되었다",
    },
    "": {"en": "customs had released this cargo", "ko": "수입신고가 수리되었다"},
}

# A bonded warehouse of Korean customs, by whose code nobody knows it.
_WAREHOUSE = re.compile(r"[0-9]{8}", re.ASCII)
_BARE_WAREHOUSE = {"en": "bonded warehouse {code}", "ko": "장치장 {code}"}
_NAMED = {"en": "{name} ({code})", "ko": "{name}({code})"}


def place_words(code: str, name: str, language: str) -> str:
    """A place as the pages call it, with its code: ``Busan (KRPUS)``, ``부산(KRPUS)``; ``bonded warehouse 03041027``
    where nobody named it. A Korean particle may follow at once."""
    called = terms.place(code, name, language)
    if called != code:
        return (_NAMED[language] if code else "{name}").format(name=called, code=code)
    return (_BARE_WAREHOUSE[language] if _WAREHOUSE.fullmatch(code) else "{code}").format(code=code)


def is_known_place(code: str) -> bool:
    """Whether the pages have a name of their own for it."""
    return terms.place(code, None, "en") != code
