"""Who must do what about an exception, in English and Korean."""

from __future__ import annotations

# By responsible party: how a sentence begins with it.
RESPONSIBLE: dict[str, dict[str, str]] = {
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

# By next action: what that party must do.
ACTIONS: dict[str, dict[str, str]] = {
    "collect": {"en": "collect the cargo", "ko": "반출"},
    "enter_storage": {"en": "bring the cargo into storage", "ko": "보세구역 반입"},
    "declare_import": {"en": "lodge the import declaration", "ko": "수입신고"},
    "load_cargo": {"en": "load the cargo", "ko": "적재"},
    "submit_documents": {"en": "submit the documents that customs asked for", "ko": "세관이 요구한 보완서류 제출"},
    "answer_customs": {"en": "settle the matter with customs", "ko": "세관과 사유 해소"},
    "answer_agency": {"en": "settle the matter with the agency", "ko": "요건확인기관과 사유 해소"},
    "settle_charges": {"en": "settle the carrier's charges", "ko": "운임·부대비용 정산"},
    "pay_duty": {"en": "pay duties and taxes", "ko": "관세·제세 납부"},
    "move_under_bond": {"en": "bring the cargo to its bonded destination", "ko": "보세운송 도착"},
    "clear_or_return": {"en": "clear the cargo or send it back", "ko": "수입통관 또는 반송"},
    "return_empty": {"en": "return the empty container", "ko": "공컨테이너 반납"},
    "deliver_to_terminal": {"en": "deliver the full container to the terminal", "ko": "터미널 반입"},
    "ask_terminal": {"en": "confirm that the cargo can be picked up", "ko": "반출 가능 여부 확인"},
    "wait_for_discharge": {"en": "unload the cargo", "ko": "양하"},
    "wait_for_arrival": {"en": "bring the cargo to the port", "ko": "도착지 운송"},
    "confirm_sailing": {"en": "confirm the new sailing with the carrier", "ko": "변경된 선적 일정 확인"},
    "move_on": {"en": "load the cargo on the connecting vessel", "ko": "환적 선적"},
    "explain_route": {"en": "explain the route", "ko": "경로 변경 사유 확인"},
    "ask_source": {"en": "ask the source why nothing comes", "ko": "출처에 수신 중단 사유 확인"},
    "check_sources": {"en": "find out which source is right", "ko": "출처 간 사실 확인"},
    "": {"en": "", "ko": ""},
}
