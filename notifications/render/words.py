"""The short words that every notice shares, in English and Korean. Sentences are in the templates, words for codes in
``notifications.render.codes``."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from notifications.render.codes import COSTS, named

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
        "next_deadline": "Next deadline",
        "said": "In the source's words",
        "open": "Open the shipment",
        "next": "What next",
        "responsible": "Who must act",
        "unsubscribe": "Unsubscribe from everything",
        "stop": "Stop these notices",
        "more": "… and {number} more",
        "test": "[Test]",
        "settings": "Change what you are told",
        "code_subject": "Your CLIS code: {code}",
        "invitation_subject": "{inviter} asks: follow this cargo?",
        "why_digest": "You get this digest because this address is subscribed to cargo of {organization}.",
    },
    "ko": {
        "own_reference": "귀사 관리번호",
        "when": "일시",
        "place": "장소",
        "agency": "기관",
        "declaration": "신고번호",
        "until": "기한",
        "next_deadline": "다음 기한",
        "said": "원문",
        "open": "화물 페이지 열기",
        "next": "다음에 할 일",
        "responsible": "담당",
        "unsubscribe": "전체 수신 거부",
        "stop": "이 알림 그만 받기",
        "more": "… 외 {number}건",
        "test": "[시험]",
        "settings": "알림 설정 변경",
        "code_subject": "CLIS 인증번호: {code}",
        "invitation_subject": "{inviter}: 화물 알림을 받으시겠습니까?",
        "why_digest": "이 주소는 {organization}의 화물 소식을 모아 받도록 등록되어 있습니다.",
    },
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
        "ko": "{organization}의 이 화물 소식을 받기로 하셔서 보내 드립니다.",
    },
}

# Why a channel was switched off, as far as the words are ours (``Channel.disabled_reason`` has them in English).
_OFF: dict[str, dict[str, str]] = {
    "failing for 5 days": {"en": "failing for 5 days", "ko": "5일 동안 계속 실패"},
    "the endpoint wants no more": {"en": "the endpoint wants no more", "ko": "수신 서버가 더 받지 않겠다고 응답"},
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


def cost(money: object, language: str) -> str:
    """What being late costs: ``demurrage, KRW 41,000 a day``; nothing where nothing is known of it."""
    if not isinstance(money, dict) or not money:
        return ""
    name, currency = named(COSTS, money.get("kind"), language), str(money.get("currency") or "")[:3]
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


def next_deadline(deadline: str, box: str, until: str, responsible: str, language: str) -> str:
    """``Removal from the bonded area: 28 Mar 2026, 23:59 KST. The consignee must act.``; nothing without a time."""
    if not until:
        return ""
    due = f"{deadline}{f' ({box})' if box else ''}: {until}"
    if not responsible:
        return due
    return f"{due}, 담당: {responsible}" if language == "ko" else f"{due}. {responsible} must act."


def packages(number: object, language: str) -> str:
    """``1 package``, ``20 packages``; nothing for what is no number of them."""
    if not isinstance(number, int) or number < 1:
        return ""
    return f"포장 {number:,}개" if language == "ko" else f"{number:,} package{'' if number == 1 else 's'}"


def why(code: str, language: str, organization: str, label: str = "") -> str:
    """The line that says why the reader gets a message."""
    return filled(_WHY[code][language], organization=organization, label=label)


def off_because(reason: str, language: str) -> str:
    """``Channel.disabled_reason`` to a reader; what the other side said stays as it is."""
    return ": ".join(_OFF[part][language] if part in _OFF else part for part in reason.split(": "))


def filled(text: str, **values: object) -> str:
    """``{name}`` for its value, once: what a value has in braces stays as it is."""
    return _GAP.sub(lambda gap: str(values[gap[1]]), text)
