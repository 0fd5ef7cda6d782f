"""The words for the codes that notices name, in English and Korean.

A page and a notice use the same word: what the pages' plain tables have in a form that fits comes from there.
Of a table that has the code "", that is what stands for any other.
"""

from __future__ import annotations

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
    "": {"en": "The shipment's page says who must do what.", "ko": "화물 페이지에서 담당과 할 일을 확인하십시오."},
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

# By next action of an exception: what that party must do.
ACTIONS: Table = {
    **_both(terms.NEXT_ACTIONS),
    "enter_storage": {"en": "bring the cargo into storage", "ko": "보세구역 반입"},
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
