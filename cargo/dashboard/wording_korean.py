"""Korean sentences for what was read from a shipment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cargo.dashboard import dates, terms
from cargo.dashboard.korean import with_particle
from cargo.dashboard.reading import Facts

_HOLD_TEXTS = {
    "inspection": "검사 대상으로 선별되었습니다",
    "documents": "보완 서류 제출이 요구되었습니다",
    "payment": "관세·제세 납부가 요구되었습니다",
    "seized": "화물이 압수되었습니다",
    "security_filing": "사전 보안신고가 보류되었습니다",
    "do_not_load": "선적이 금지되었습니다",
    "refused": "검역·검사에서 불합격 처리되었습니다",
}

_DUTIES = {
    "declare_import": "수입신고를 해야 합니다",
    "submit_documents": "세관이 요구한 보완서류를 제출해야 합니다",
    "answer_customs": "세관과 보류 사유를 해소해야 합니다",
    "present_for_inspection": "화물 검사를 받아야 합니다",
    "correct_security_filing": "사전 보안신고를 정정해야 합니다",
    "answer_agency": "요건확인기관과 사유를 해소해야 합니다",
    "settle_charges": "운임과 부대비용을 정산해야 합니다",
    "request_delivery_order": "D/O 발급을 신청해야 합니다",
    "pay_duty": "관세와 제세를 납부해야 합니다",
    "clear_terminal_hold": "터미널에 보류 해제를 요청해야 합니다",
    "ask_terminal": "반출 가능 여부를 확인해야 합니다",
}
_WAITS = {
    "wait_for_customs": "세관의 처리를 기다리고 있습니다",
    "wait_for_agency": "요건확인기관의 검사·검역 처리를 기다리고 있습니다",
    "wait_for_discharge": "양하를 기다리고 있습니다",
    "wait_for_arrival": "도착을 기다리고 있습니다",
}


def who(responsible: str | None, role: str | None = None) -> str:
    """``귀사``, ``관세사``, ``세관``."""
    if not responsible:
        return "담당 미정"
    return "귀사" if role and responsible == role else terms.word(terms.RESPONSIBLE, responsible, "ko")


def what(action: str | None) -> str:
    """``보완 서류 제출``."""
    return terms.word(terms.NEXT_ACTIONS, action, "ko")


def headline(facts: Facts) -> str:
    """The first line."""
    return {
        "cancelled": lambda: f"{_on(facts)}취소되었습니다.",
        "delivered": lambda: f"{_on(facts)}배송이 완료되었습니다.",
        "completed": lambda: "모든 절차가 완료되었습니다.",
        "collected": lambda: f"{_on(facts)}반출되었습니다.",
        "revoked": lambda: f"{_on(facts)}수입신고 수리가 취소되었습니다.",
        "rejected": lambda: f"{_on(facts)}수입신고가 각하되었습니다.",
        "held": lambda: f"{_since(facts)}{_holder(facts)}에서 보류 중입니다.",
        "ready": lambda: "지금 반출할 수 있습니다.",
        "released_blocked": lambda: f"{_on(facts)}수입신고가 수리되었으나 아직 반출할 수 없습니다.",
        "released_unknown": lambda: f"{_on(facts)}수입신고가 수리되었습니다.",
        "withdrawn": lambda: f"{_on(facts)}수입신고가 취하되었습니다.",
        "declared": lambda: f"{_on(facts)}수입신고가 접수되었습니다.",
        "under_review": lambda: f"{_since(facts)}세관 심사가 진행 중입니다.",
        "landed": lambda: f"{_on(facts)}{_landed_at(facts)}, 아직 수입신고 전입니다.",
        "under_way": lambda: _under_way(facts),
        "at_origin": lambda: f"{_place(facts.origin) or '출발지'}에 있습니다.",
        "expected": lambda: "아직 선적 전입니다.",
        "silent": lambda: "첫 소식을 기다리고 있습니다.",
    }[facts.case]()


def sentences(facts: Facts) -> Iterator[str]:
    """What follows the headline: why, whose move, by when, and how sure."""
    yield from _why(facts)
    yield from _likely(facts)
    for move in facts.told_moves:
        yield _move_sentence(move, facts)
    yield from _deadline(facts)
    yield from _parts(facts)


def _why(facts: Facts) -> Iterator[str]:
    if facts.case == "held" and facts.hold and facts.since:
        text = _HOLD_TEXTS.get(facts.hold.get("kind") or "", "보류되었습니다")
        yield f"{_moment(facts.since, facts)}에 {text}."
        if facts.more_holds:
            yield f"이 밖에 해제되지 않은 보류가 {facts.more_holds}건 있습니다."
    elif facts.case == "revoked":
        when = f"{_moment(facts.since, facts)}에 " if facts.since else ""
        yield f"세관이 {when}수리를 취소했습니다. 다시 수리될 때까지 화물을 반출할 수 없습니다."
    elif facts.case == "rejected":
        yield "신고 내용을 바로잡아 다시 신고해야 수리됩니다."
    elif facts.case == "released_unknown" and facts.unknown_lights:
        names = "·".join(terms.word(terms.LIGHTS, light, "ko") for light in facts.unknown_lights)
        yield f"{names} 자료가 아직 없어 반출 가능 여부는 알 수 없습니다."
    elif facts.case == "ready" and facts.since:
        yield f"{_moment(facts.since, facts)}에 수입신고가 수리되었습니다."
    elif facts.case in ("under_way", "at_origin", "expected") and facts.eta:
        yield from _arrival(facts)
    elif facts.case == "silent":
        yield "번호는 등록되었으나 아직 받은 소식이 없습니다. 소식이 들어오는 대로 여기에 나타납니다."


def _arrival(facts: Facts) -> Iterator[str]:
    assert facts.eta is not None
    place = _place(facts.destination)
    where = f"{place} " if place else ""
    if facts.eta < facts.now:
        yield f"{where}입항 예정 시각은 {_moment(facts.eta, facts)}이었으나 아직 입항이 확인되지 않았습니다."
        return
    moved = ""
    if facts.eta_first and abs(facts.eta - facts.eta_first) >= timedelta(hours=1):
        change = dates.span(abs(facts.eta - facts.eta_first).total_seconds(), "ko")
        moved = f" 처음 예정보다 {change} {'늦어졌습니다' if facts.eta > facts.eta_first else '빨라졌습니다'}."
    yield f"{where}입항 예정은 {_moment(facts.eta, facts)}입니다.{moved}"


def _likely(facts: Facts) -> Iterator[str]:
    if facts.likely is None:
        return
    low, high = (dates.local_day(at, facts.zone) or facts.today for at in (facts.likely.low, facts.likely.high))
    what = "반출할 수 있을" if facts.likely.free else "반출될"
    if low < facts.today:
        yield f"{dates.day(high, 'ko', facts.today)}까지 {what} 것으로 예상됩니다."
    elif low == high:
        yield f"{dates.on_day(low, 'ko', facts.today)} {what} 것으로 예상됩니다."
    else:
        first, last = dates.day(low, "ko", facts.today), dates.day(high, "ko", facts.today)
        yield f"{first}에서 {last} 사이에 {what} 것으로 예상됩니다."


def _move_sentence(move: dict[str, object], facts: Facts) -> str:
    action = str(move.get("next_action") or "")
    if action in _WAITS:
        return f"{_WAITS[action]}."
    actor = who(str(move.get("responsible") or "") or None, facts.role)
    due = dates.local_day(str(move.get("deadline") or ""), facts.zone)
    by = f"{dates.day(due, 'ko', facts.today)}까지 " if due else ""
    if action not in _DUTIES or actor == "담당 미정":
        return f"다음 절차: {by}{what(action)}."
    return f"{with_particle(actor, '이')} {by}{_DUTIES[action]}."


def _deadline(facts: Facts) -> Iterator[str]:
    if not facts.deadline or not facts.due or facts.case in ("collected", "delivered", "completed", "cancelled"):
        return
    if any(dates.local_day(str(move.get("deadline") or ""), facts.zone) == facts.due for move in facts.told_moves):
        return
    label = terms.word(terms.DEADLINES, facts.deadline.get("kind"), "ko")
    left = dates.days_left(facts.due, facts.today, "ko")
    yield f"{with_particle(label, '은')} {dates.day(facts.due, 'ko', facts.today)}입니다({left})."


def _parts(facts: Facts) -> Iterator[str]:
    if 0 < facts.released < facts.containers:
        yield f"컨테이너 {facts.containers}대 가운데 {facts.released}대가 수리되었습니다."


def _under_way(facts: Facts) -> str:
    to = _place(facts.destination)
    return f"{with_particle(to, '으로')} 운송 중입니다." if to else "운송 중입니다."


def _landed_at(facts: Facts) -> str:
    place = _place(facts.destination)
    verb = "도착했으며" if facts.mode == "air" else "입항했으며"
    return f"{place}에 {verb}" if place else verb


def _holder(facts: Facts) -> str:
    agency = (facts.hold or {}).get("agency")
    kind = (facts.hold or {}).get("kind")
    if kind == "carrier":
        return "운송사"
    if kind == "terminal":
        return "터미널"
    if kind in ("agency", "refused") and agency:
        return (facts.hold or {}).get("authority_name") or terms.word(terms.AUTHORITIES, agency, "ko")
    return "세관"


def _place(place: tuple[str | None, str | None]) -> str:
    return terms.place(place[0], place[1], "ko")


def _on(facts: Facts) -> str:
    since = dates.local_day(facts.since, facts.zone)
    return f"{dates.on_day(since, 'ko', facts.today)} " if since else ""


def _since(facts: Facts) -> str:
    since = dates.local_day(facts.since, facts.zone)
    return f"{dates.near_day(since, 'ko', facts.today)}부터 " if since else ""


def _moment(value: datetime, facts: Facts) -> str:
    return dates.moment(value, facts.zone, "ko", facts.now)
