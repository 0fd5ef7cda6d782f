"""The short words that every notice shares, in English and Korean. Sentences are in the templates."""

from __future__ import annotations

LANGUAGES = ("en", "ko")

LABELS: dict[str, dict[str, str]] = {
    "en": {
        "own_reference": "Your reference",
        "when": "When",
        "place": "Where",
        "agency": "By",
        "declaration": "Declaration",
        "until": "Act by",
        "said": "In the source's words",
        "open": "Open the shipment",
        "next": "What next",
        "why_all": "You get this because this address is subscribed to all shipments of",
        "why_one": "You get this because this address is subscribed to this shipment, for",
        "unsubscribe": "Unsubscribe",
        "settings": "Change what you are told",
        "code_subject": "Your CLIS code: {code}",
    },
    "ko": {
        "own_reference": "자사 관리번호",
        "when": "일시",
        "place": "장소",
        "agency": "기관",
        "declaration": "신고번호",
        "until": "기한",
        "said": "원문",
        "open": "화물 페이지 열기",
        "next": "다음에 할 일",
        "why_all": "이 주소는 다음 회사의 모든 화물 알림을 받도록 등록되어 있습니다:",
        "why_one": "이 주소는 이 화물의 알림을 받도록 등록되어 있습니다. 소속 회사:",
        "unsubscribe": "수신 거부",
        "settings": "알림 설정 변경",
        "code_subject": "CLIS 인증번호: {code}",
    },
}

# The first of these that an update names stands in its subject.
REFERENCES: dict[str, dict[str, str]] = {
    "house_bill": {"en": "HBL", "ko": "HBL"},
    "house_air_waybill": {"en": "HAWB", "ko": "HAWB"},
    "master_bill": {"en": "MBL", "ko": "MBL"},
    "air_waybill": {"en": "AWB", "ko": "AWB"},
    "container": {"en": "Container", "ko": "컨테이너"},
    "booking": {"en": "Booking", "ko": "부킹 번호"},
    "cargo_control_number": {"en": "Cargo control number", "ko": "화물관리번호"},
}

AGENCIES: dict[str, dict[str, str]] = {
    "KR-KCS": {"en": "Korea Customs Service", "ko": "관세청"},
    "KR-APQA": {"en": "Animal and Plant Quarantine Agency", "ko": "농림축산검역본부"},
    "KR-MFDS": {"en": "Ministry of Food and Drug Safety", "ko": "식품의약품안전처"},
    "US-CBP": {"en": "US Customs and Border Protection", "ko": "미국 관세국경보호청"},
    "US-FDA": {"en": "US Food and Drug Administration", "ko": "미국 식품의약국"},
    "US-USDA": {"en": "US Department of Agriculture", "ko": "미국 농무부"},
    "GB-HMRC": {"en": "HM Revenue and Customs", "ko": "영국 국세관세청"},
    "NL-DOUANE": {"en": "Dutch Customs", "ko": "네덜란드 세관"},
}

TONES = {
    "customs.held": "#b42318",
    "customs.hold_cleared": "#1d5fa8",
    "customs.released": "#18794e",
    "customs.release_revoked": "#b42318",
    "gate_out": "#18794e",
}
