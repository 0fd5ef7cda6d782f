"""The short words that every notice shares, in English and Korean. Sentences are in the templates."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

LANGUAGES = ("en", "ko")
_GAP = re.compile(r"\{(\w+)\}")

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
        "responsible": "Who must act",
        "unsubscribe": "Unsubscribe from everything",
        "stop": "Stop these notices",
        "more": "… and {number} more",
        "of_shipment": "{number} news",
        "test": "[Test]",
        "settings": "Change what you are told",
        "code_subject": "Your CLIS code: {code}",
        "invitation_subject": "{inviter} asks: follow this cargo?",
        "why_digest": "You get this digest because this address is subscribed to cargo of {organization}.",
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
        "responsible": "담당",
        "unsubscribe": "전체 수신 거부",
        "stop": "이 알림 그만 받기",
        "more": "… 외 {number}건",
        "of_shipment": "소식 {number}건",
        "test": "[시험]",
        "settings": "알림 설정 변경",
        "code_subject": "CLIS 인증번호: {code}",
        "invitation_subject": "{inviter}: 화물 알림을 받으시겠습니까?",
        "why_digest": "이 주소는 {organization}의 화물 소식을 모아 받도록 등록되어 있습니다.",
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

# By kind of exception.
TROUBLES: dict[str, dict[str, str]] = {
    "held": {"en": "Held", "ko": "통관 보류"},
    "release_revoked": {"en": "Release taken back", "ko": "수리 취소"},
    "late": {"en": "Late", "ko": "도착 지연"},
    "overdue": {"en": "Overdue", "ko": "도착 확인 안 됨"},
    "deadline_near": {"en": "Deadline near", "ko": "기한 임박"},
    "deadline_exceeded": {"en": "Deadline passed", "ko": "기한 경과"},
    "not_collected": {"en": "Not collected", "ko": "미반출"},
    "rolled": {"en": "Rolled to another sailing", "ko": "선적 이월"},
    "dwelling": {"en": "Not moving", "ko": "장기 체류"},
    "silent": {"en": "No news", "ko": "소식 없음"},
    "off_route": {"en": "Off the route", "ko": "경로 이탈"},
    "conflicting": {"en": "Sources disagree", "ko": "출처 간 불일치"},
    "impossible_order": {"en": "Impossible order", "ko": "순서 오류"},
    "": {"en": "Exception", "ko": "이상"},
}

# Kinds of news as a digest counts them.
KIND_NAMES: dict[str, dict[str, str]] = {
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

# What the release was that is taken back, as the reader was told of it.
RELEASES_TOLD: dict[str, dict[str, str]] = {
    "export_cleared": {"en": "customs had cleared this cargo for export", "ko": "수출신고가 수리되었다"},
    "customs_released_provisional": {
        "en": "customs had released this cargo provisionally",
        "ko": "조건부로 수리되었다",
    },
    "": {"en": "customs had released this cargo", "ko": "수입신고가 수리되었다"},
}

# Why a message was sent, by what its subscription is to.
_WHY: dict[str, dict[str, str]] = {
    "shipment": {
        "en": "You get this because this address is subscribed to this shipment, for {organization}.",
        "ko": "이 주소는 {organization}의 이 화물 알림을 받도록 등록되어 있습니다.",
    },
    "all": {
        "en": "You get this because this address is subscribed to all shipments of {organization}.",
        "ko": "이 주소는 {organization}의 모든 화물 알림을 받도록 등록되어 있습니다.",
    },
    "filter": {
        "en": "You get this because the shipment is in the saved filter “{label}” of {organization}.",
        "ko": "이 화물이 {organization}의 저장된 필터 “{label}”에 들어 있어 보내 드립니다.",
    },
    "role": {
        "en": "You get this because {organization} has one of the roles of “{label}”.",
        "ko": "{organization}의 역할이 “{label}”에 해당하여 보내 드립니다.",
    },
    "follower": {
        "en": "You get this because you asked to follow this shipment of {organization}.",
        "ko": "{organization}의 이 화물을 받아 보기로 하셔서 보내 드립니다.",
    },
}

# How it looks: red needs the reader, amber is for somebody else, green is fine, blue is information.
TONES = {
    "customs.held": "bad",
    "customs.released": "good",
    "customs.release_revoked": "bad",
    "gate_out": "good",
    "available": "good",
    "empty_returned": "good",
    "exception.closed": "good",
    "deadline.near": "warn",
    "deadline.exceeded": "bad",
    "exception.opened": "warn",
    "": "info",
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


def shift(hours: int, later: bool, language: str) -> str:
    """``3 days later``, ``5 hours earlier``; from a day on in days."""
    days = round(hours / 24)
    number, unit = (days, "day") if hours >= 24 else (hours, "hour")
    if language == "ko":
        return f"{number}{'일' if unit == 'day' else '시간'} {'늦어짐' if later else '빨라짐'}"
    return f"{number} {unit}{'' if number == 1 else 's'} {'later' if later else 'earlier'}"


def why(code: str, language: str, organization: str, label: str = "") -> str:
    """The line that says why the reader gets a message."""
    return filled(_WHY[code][language], organization=organization, label=label)


def filled(text: str, **values: object) -> str:
    """``{name}`` for its value, once: what a value has in braces stays as it is."""
    return _GAP.sub(lambda gap: str(values[gap[1]]), text)
