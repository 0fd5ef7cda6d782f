"""The short words that every notice shares, in English and Korean. Sentences are in the templates, words for codes in
``notifications.render.codes``."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from cargo.dashboard.korean import with_particle
from notifications.render.codes import COSTS, RESPONSIBLE, named

LANGUAGES = ("en", "ko")
_GAP = re.compile(r"\{(\w+)\}")

LABELS: dict[str, dict[str, str]] = {
    "en": {
        "own_reference": "Your reference",
        "when": "When",
        "expected": "Expected",
        "place": "Where",
        "agency": "By",
        "declaration": "Declaration",
        "until": "Act by",
        "next_deadline": "Next deadline",
        "said": "In the source's words",
        "open": "Open the shipment",
        "open_following": "See how the shipment stands",
        "next": "What next",
        "responsible": "Who must act",
        "unsubscribe": "Unsubscribe from everything",
        "stop": "Stop these notices",
        "more": "… and {number} more",
        "test": "[Test]",
        "why_test": "This is a test. A real notice says here why it was sent and how to stop it.",
        "why_preview": "This is a preview. A real notice says here why it was sent and how to stop it.",
        "settings": "Change what you are told",
        "code_subject": "Your {name} code: {code}",
        "invitation_subject": "{inviter} asks: follow this cargo?",
        "why_digest": "You get this digest because this address is subscribed to cargo of {organization}.",
    },
    "ko": {
        "own_reference": "귀사 관리번호",
        "when": "일시",
        "expected": "도착 예정",
        "place": "장소",
        "agency": "기관",
        "declaration": "신고번호",
        "until": "기한",
        "next_deadline": "다음 기한",
        "said": "원문",
        "open": "화물 페이지 열기",
        "open_following": "화물 현황 보기",
        "next": "다음에 할 일",
        "responsible": "담당",
        "unsubscribe": "전체 수신 거부",
        "stop": "이 알림 그만 받기",
        "more": "… 외 {number}건",
        "test": "[시험]",
        "why_test": "시험 발송입니다. 실제 알림에는 이 자리에 발송 사유와 수신 거부 방법이 표시됩니다.",
        "why_preview": "미리보기입니다. 실제 알림에는 이 자리에 발송 사유와 수신 거부 방법이 표시됩니다.",
        "settings": "알림 설정 변경",
        "code_subject": "{name} 인증번호: {code}",
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


# What an authority decides on; the rest runs by a tariff.
_IMPOSED = frozenset({"fine", "surcharge"})


def cost(money: object, language: str) -> str:
    """What being late costs, as the end of a sentence: ``demurrage of KRW 41,000 a day accrues``, ``a fine of up to
    KRW 5,000,000 may follow``; nothing where nothing is known of it."""
    if not isinstance(money, dict) or not money:
        return ""
    kind, currency = str(money.get("kind") or ""), str(money.get("currency") or "")[:3]
    daily = _amount(money.get("amount_per_day"), currency, language)
    most = _amount(money.get("maximum"), currency, language)
    name, imposed = named(COSTS, kind, language), kind in _IMPOSED
    if language == "ko":
        much = f"하루 {daily}의 " if daily else f"최대 {most}의 " if most else ""
        return much + with_particle(name, "이") + (" 부과될 수 있습니다" if imposed else " 발생합니다")
    much = f" of {daily} a day" if daily else f" of up to {most}" if most else ""
    runs = "accrue" if name.endswith("charges") else "accrues"
    return f"a {name}{much} may follow" if imposed else f"{name}{much} {runs}"


def _amount(value: object, currency: str, language: str) -> str:
    """``KRW 5,000,000``, ``5,000,000원``; nothing for what is no number."""
    if value is None:
        return ""
    try:
        amount = Decimal(str(value))
        number = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,f}"
    except InvalidOperation:
        return ""
    return f"{number}원" if (currency, language) == ("KRW", "ko") else f"{currency} {number}".strip()


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


def actor(code: object, language: str) -> str:
    """Who must act, as a sentence begins: ``The importer``, ``수입자가``; nothing where nobody is known."""
    party = named(RESPONSIBLE, code, language)
    return with_particle(party, "이") if party and language == "ko" else party


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
