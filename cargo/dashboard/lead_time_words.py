"""Stages and dimensions of lead times in words."""

from __future__ import annotations

from cargo.dashboard.terms import Pair

STAGES: dict[str, Pair] = {
    "export_declared__export_cleared": ("Export declared to cleared", "수출신고 → 수출신고수리"),
    "export_cleared__gate_in": ("Export cleared to gate-in", "수출신고수리 → 터미널 반입"),
    "gate_in__loaded": ("Gate-in to loaded", "터미널 반입 → 선적"),
    "loaded__departed": ("Loaded to departed", "선적 → 출항"),
    "departed__arrived": ("Departed to arrived", "출항 → 입항"),
    "arrived__discharge_approved": ("Arrived to discharge approved", "입항 → 하선(하기)신고 수리"),
    "arrived__discharged": ("Arrived to discharged", "입항 → 양하"),
    "discharge_approved__bonded_storage_in": (
        "Discharge approved to bonded storage",
        "하선(하기)신고 수리 → 보세구역 반입",
    ),
    "bonded_transport_departed__bonded_transport_arrived": ("Transport under bond", "보세운송 발송 → 도착"),
    "bonded_storage_in__import_declared": ("Bonded storage to import declared", "보세구역 반입 → 수입신고"),
    "import_declared__customs_released": ("Import declared to released", "수입신고 → 수입신고수리"),
    "customs_released__gate_out": ("Released to removed", "수입신고수리 → 반출"),
    "discharged__gate_out": ("Discharged to removed", "양하 → 반출"),
    "gate_out__empty_returned": ("Removed to empty returned", "반출 → 공컨테이너 반납"),
    "arrived__customs_released": ("Arrived to released, in all", "입항 → 수입신고수리 (전체)"),
    "arrived__gate_out": ("Arrived to removed, in all", "입항 → 반출 (전체)"),
}
GROUPS: dict[str, Pair] = {
    "client": ("Client", "의뢰인"),
    "port": ("Port or airport", "항구·공항"),
    "customs_office": ("Customs office", "세관"),
    "warehouse": ("Warehouse", "보세창고"),
    "broker": ("Customs broker", "관세사"),
    "carrier": ("Carrier", "운송사"),
    "mode": ("Mode", "운송수단"),
    "month": ("Month", "월"),
    "channel": ("Inspected or not", "검사 여부"),
    "declared": ("When declared", "신고 시점"),
    "pre_arrival": ("Declared before arrival", "입항 전 신고"),
}
MODES: dict[str, Pair] = {
    "sea": ("Sea", "해상"),
    "air": ("Air", "항공"),
    "rail": ("Rail", "철도"),
    "road": ("Road", "도로"),
}
VALUES: dict[str, dict[str, Pair]] = {
    "mode": MODES,
    "channel": {"inspected": ("inspected", "검사"), "not_inspected": ("not inspected", "검사 없음")},
    "pre_arrival": {"true": ("before arrival", "입항 전"), "false": ("after arrival", "입항 후")},
    "declared": {
        "before_departure": ("before departure", "출항 전"),
        "before_arrival": ("before arrival", "입항 전"),
        "before_entry": ("before storage", "보세구역 도착 전"),
        "after_entry": ("after storage", "보세구역 장치 후"),
    },
}
HOURS: dict[str, Pair] = {"elapsed": ("Elapsed hours", "경과 시간"), "working": ("Working hours", "근무 시간")}
