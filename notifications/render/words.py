"""The short words that every notice shares, in English and Korean. Sentences are in the templates."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

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

# By kind; "" where a kind has no words of its own.
DEADLINES: dict[str, dict[str, str]] = {
    "import_declaration": {"en": "Import declaration", "ko": "수입신고 기한"},
    "removal": {"en": "Removal from the bonded area", "ko": "반출 기한"},
    "storage_limit": {"en": "End of bonded storage", "ko": "장치기간 만료"},
    "entry_limit": {"en": "Entry into storage", "ko": "반입 기한"},
    "bonded_transport": {"en": "Transport under bond", "ko": "보세운송 도착 기한"},
    "payment": {"en": "Payment of duties", "ko": "세액 납부 기한"},
    "loading": {"en": "Loading for export", "ko": "적재 의무 기한"},
    "documents": {"en": "Documents for customs", "ko": "보완서류 제출 기한"},
    "claim": {"en": "Clearance or return after notice", "ko": "반출통고 기한"},
    "public_sale": {"en": "Clearance before the public sale", "ko": "공매 전 통관 기한"},
    "general_order": {"en": "Entry before general order", "ko": "일반명령(GO) 처분 전 신고 기한"},
    "transit": {"en": "End of transit", "ko": "통과운송 종료 기한"},
    "last_free_day": {"en": "Last free day", "ko": "무료기간 만료일"},
    "empty_return": {"en": "Return of the empty container", "ko": "공컨테이너 반납 기한"},
    "": {"en": "Deadline", "ko": "기한"},
}

# What to do, by the next action of a deadline.
DUTIES: dict[str, dict[str, str]] = {
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
        "ko": "운송인에게 보세운송 도착을 요청하십시오.",
    },
    "load_cargo": {"en": "Have the cargo loaded.", "ko": "적재를 완료하십시오."},
    "pay_duty": {"en": "Pay duties and taxes.", "ko": "관세 등을 납부하십시오."},
    "submit_documents": {
        "en": "Have your customs broker submit the documents.",
        "ko": "관세사를 통해 보완서류를 제출하십시오.",
    },
    "clear_or_return": {"en": "Have the goods cleared, or return them.", "ko": "통관하거나 반송하십시오."},
    "return_empty": {"en": "Return the empty container.", "ko": "공컨테이너를 반납하십시오."},
    "": {"en": "The shipment's page says who must do what.", "ko": "화물 페이지에서 담당과 할 일을 확인하십시오."},
}
_COSTS: dict[str, dict[str, str]] = {
    "surcharge": {"en": "surcharge", "ko": "가산세"},
    "fine": {"en": "fine", "ko": "과태료"},
    "storage": {"en": "storage", "ko": "보관료"},
    "demurrage": {"en": "demurrage", "ko": "체화료"},
    "detention": {"en": "detention", "ko": "반납지체료"},
    "": {"en": "charges", "ko": "비용"},
}

TONES = {
    "customs.held": "#b42318",
    "customs.hold_cleared": "#1d5fa8",
    "customs.released": "#18794e",
    "customs.release_revoked": "#b42318",
    "gate_out": "#18794e",
    "deadline.near": "#9a5b00",
    "deadline.exceeded": "#b42318",
}


def named(table: dict[str, dict[str, str]], code: object, language: str) -> str:
    """The words for a code, or those for any other."""
    return table.get(str(code or ""), table[""])[language]


def cost(money: object, language: str) -> str:
    """What being late costs: ``demurrage, KRW 41,000 a day``; nothing where nothing is known of it."""
    if not isinstance(money, dict) or not money:
        return ""
    name, currency = named(_COSTS, money.get("kind"), language), str(money.get("currency") or "")[:3]
    daily, most = _amount(money.get("amount_per_day")), _amount(money.get("maximum"))
    if daily:
        return f"{name} 1일 {currency} {daily}" if language == "ko" else f"{name}, {currency} {daily} a day"
    if most:
        return f"{name} 최대 {currency} {most}" if language == "ko" else f"{name}, {currency} {most} at most"
    return name


def _amount(value: object) -> str:
    try:
        return f"{Decimal(str(value)):,f}" if value is not None else ""
    except InvalidOperation:
        return ""
