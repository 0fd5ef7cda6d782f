"""Why a stage lasts from where to where, in words, English and Korean. Plain Python; the clock is an argument."""

from __future__ import annotations

from datetime import UTC, datetime

from cargo.dashboard import dates, terms
from cargo.domain.stage_reasons import Why

RULES: dict[str, terms.Pair] = {
    "declared_ahead": (
        "The import declaration was lodged before the goods were there, so it delayed nothing: the stage lasted 0.",
        "화물이 도착하기 전에 수입신고를 하였으므로 지연이 없어 소요 시간은 0입니다.",
    ),
    "ended_ahead": (
        "Its end came before it could begin, so the stage lasted 0.",
        "시작될 수 있는 시각보다 먼저 끝났으므로 소요 시간은 0입니다.",
    ),
    "goods_there": (
        "The clock runs only once the goods are there.",
        "화물이 도착한 때부터 시간을 계산합니다.",
    ),
    "same_moment": ("Both are told for the same moment.", "시작과 끝이 같은 시각으로 통보되었습니다."),
    "last_entry": (
        "Of several entries into storage the last one counts.",
        "반입이 여러 번이면 마지막 반입을 기준으로 합니다.",
    ),
    "entry_at_port": (
        "The entry at the place of unloading counts, not the one after a transport under bond.",
        "보세운송 후의 반입이 아니라 하선(하기) 장소의 반입을 기준으로 합니다.",
    ),
    "first_declaration": (
        "Of several declarations the first that was neither rejected nor withdrawn counts.",
        "신고가 여러 건이면 각하·취하되지 않은 첫 신고를 기준으로 합니다.",
    ),
    "standing_release": (
        "Of several releases the one that stands for all of the cargo counts.",
        "수리가 여러 건이면 화물 전체에 유효한 수리를 기준으로 합니다.",
    ),
    "all_gone": ("It is over when all packages have left.", "모든 수량이 반출된 때에 끝납니다."),
    "last_container": (
        "Of several containers the last one counts.",
        "컨테이너가 여러 대이면 마지막 컨테이너를 기준으로 합니다.",
    ),
    "left_under_bond": (
        "It left before its release, so it left under bond.",
        "수리 전에 반출되었으므로 보세운송 반출로 봅니다.",
    ),
    "open": ("Its end is still to come.", "아직 끝나지 않았습니다."),
}
# What a rule says of one stage in particular.
SPECIAL: dict[tuple[str, str], terms.Pair] = {
    ("goods_there", "import_declared__customs_released"): (
        "It was declared before the goods were there, so customs' time runs from when they were.",
        "화물 도착 전에 신고되었으므로 세관 처리 시간은 화물이 도착한 때부터 계산합니다.",
    ),
    ("goods_there", "customs_released__gate_out"): (
        "It was released before the goods were there, so the time to collect runs from when they were.",
        "화물 도착 전에 수리되었으므로 반출까지의 시간은 화물이 도착한 때부터 계산합니다.",
    ),
    ("goods_there", "discharge_approved__bonded_storage_in"): (
        "Unloading was approved before the arrival, so the time runs from the arrival.",
        "입항 전에 하선(하기)신고가 수리되었으므로 입항한 때부터 계산합니다.",
    ),
}
VERDICTS: dict[str, terms.Pair] = {
    "met": ("met", "달성"),
    "missed": ("missed", "초과"),
    "at_risk": ("at risk", "초과 우려"),
    "overdue": ("overdue", "초과 중"),
    "in_time": ("in time so far", "아직 목표 이내"),
}
# Tone and icon.
VERDICT_LOOKS = {
    "met": ("good", "circle-check"),
    "missed": ("warn", "circle-x"),
    "at_risk": ("warn", "clock-alert"),
    "overdue": ("bad", "circle-x"),
    "in_time": ("info", "clock"),
}
CLOCKS: dict[str, terms.Pair] = {"elapsed": ("elapsed", "경과"), "working": ("working hours", "근무 시간")}
_UNITS: tuple[tuple[int, str, str], ...] = ((86400, "d", "일"), (3600, "h", "시간"), (60, "min", "분"), (1, "s", "초"))


def length(seconds: int, language: str, *, days: bool = True) -> str:
    """Its two largest units, rounded down: ``5 d 18 h``, ``17 s``, ``0 s``; ``5일 18시간``; no days: ``138 h 18 min``.

    A day of working hours has no 24 of them, so these are told without days.
    """
    parts: list[tuple[int, str]] = []
    for size, *words in _UNITS if days else _UNITS[1:]:
        number, seconds = divmod(seconds, size)
        if number or parts:
            parts.append((number, words[language == "ko"]))
    parts = parts[:2] or [(0, "초" if language == "ko" else "s")]
    joint = "" if language == "ko" else " "
    return " ".join(f"{number:,}{joint}{unit}" for number, unit in parts if number or len(parts) == 1)


def why(stage: str, reason: Why, mode: str | None, zone: str | None, language: str, now: datetime) -> list[str]:
    """Which milestones began and ended it and when, then which rules applied; a sentence each."""
    korean = language == "ko"

    def told(milestone: str, at: int) -> str:
        label = terms.milestone(milestone, language, mode)
        return f"{label}, {dates.moment(datetime.fromtimestamp(at, UTC), zone, language, now)}"

    begins: terms.Pair = ("Begins with", "시작")
    if reason.ended_at is not None and reason.begun_at > reason.ended_at:
        begins = ("Would begin with", "시작 기준")
    found = [f"{begins[korean]}: {told(reason.begun_by, reason.begun_at)}."]
    if reason.ended_at is not None:
        found.append(f"{'끝' if korean else 'Ends with'}: {told(reason.ended_by, reason.ended_at)}.")
    for rule in reason.rules:
        pair = SPECIAL.get((rule, stage)) or RULES[rule]
        found.append(pair[korean])
    return found
