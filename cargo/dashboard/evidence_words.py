"""The words of the evidence sheet, English and Korean. Plain Python."""

from __future__ import annotations

from cargo.dashboard.terms import Pair, word

STANDINGS: dict[str, Pair] = {
    "stands": ("stands", "유효"),
    "superseded": ("replaced by no. %s", "%s번으로 대체됨"),
    "taken_back": ("taken back by no. %s", "%s번으로 철회됨"),
    "outweighed": ("no. %s is believed", "%s번을 채택함"),
    "not_of_this_journey": ("of another journey", "다른 운송 건"),
    "takes_back": ("takes a report back", "보고 철회"),
}
# Where the report that decided it is not in the file.
ALONE: dict[str, Pair] = {
    "superseded": ("replaced by a later report", "이후 보고로 대체됨"),
    "taken_back": ("taken back", "철회됨"),
    "outweighed": ("another report is believed", "다른 보고를 채택함"),
}
MISSING: dict[str, Pair] = {
    "too_much": (
        "Left out: the messages are too long for one file. Its page shows it.",
        "제외됨: 전문이 한 파일에 담기에 너무 깁니다. 해당 화면에서 확인하십시오.",
    ),
    "not_found": ("Not found in the message anymore.", "전문에서 더 이상 찾을 수 없습니다."),
    "worked_out": (
        "CLIS worked it out by comparing what the source said at two times.",
        "출처의 두 시점 내용을 비교하여 CLIS가 산출함.",
    ),
}
FINENESS: dict[str, Pair] = {
    "change": ("each change", "변경 시마다"),
    "hour": ("the last change of each hour", "시간별 마지막 변경"),
    "day": ("the last change of each day", "일별 마지막 변경"),
}
WORDS: dict[str, Pair] = {
    "title": ("Evidence file", "증빙 자료"),
    "shipment": ("Shipment", "화물"),
    "container": ("Container", "컨테이너"),
    "containers": ("Containers", "컨테이너"),
    "registered": ("Registered here", "등록 시각"),
    "made_at": ("Made at", "작성 시각"),
    "made_for": ("Asked for by", "요청자"),
    "product": ("Made by", "작성 프로그램"),
    "digest": ("Digest (SHA-256)", "다이제스트(SHA-256)"),
    "now": ("As it is believed now", "현재 상태"),
    "status": ("Status", "진행 상태"),
    "customs": ("Customs", "통관 상태"),
    "milestone": ("Latest milestone", "최근 단계"),
    "ready": ("Ready to be collected", "반출 가능 여부"),
    "yes": ("yes", "가능"),
    "no": ("no", "불가"),
    "unknown": ("not known", "알 수 없음"),
    "holds": ("Holds and releases", "보류 및 수리"),
    "what": ("What", "내용"),
    "who": ("Who", "기관"),
    "from": ("From", "시작"),
    "until": ("Until", "종료"),
    "ended_by": ("Ended by", "종료 사유"),
    "declaration": ("Declaration", "신고번호"),
    "release": ("Release", "수리"),
    "provisional": ("Provisional release", "조건부 수리"),
    "revoked": ("taken back", "수리 취소"),
    "stands": ("stands", "유효"),
    "open": ("open", "진행 중"),
    "beliefs": ("Last days, as they were believed", "시점별 기한"),
    "beliefs_help": (
        "By what CLIS had received; worked out after %s, by the rules and tariffs of today.",
        "CLIS가 수신한 내용 기준. %s 산출하였으며, 현재의 규칙과 요율을 적용함.",
    ),
    "day": ("Last moment in time", "기한"),
    "by": ("Source and basis", "출처 및 근거"),
    "believed_from": ("Believed from", "판단 시작"),
    "still": ("now", "현재"),
    "deadlines": ("Deadlines", "기한"),
    "due": ("Due", "기한"),
    "met": ("Met", "이행"),
    "not_met": ("not met", "미이행"),
    "sources": ("Sources", "출처"),
    "source": ("Source", "출처"),
    "heard": ("Last received", "최근 수신"),
    "happened": ("Last happening told", "최근 보고된 발생"),
    "events": ("Everything that was said", "전체 보고 내역"),
    "events_help": (
        "Times have their offset; the zone is the place's. Occurred, reported by the source, received by CLIS.",
        "시각은 시차와 함께 표기하며 시간대는 해당 장소 기준. 발생, 출처의 보고, CLIS의 수신 순.",
    ),
    "number": ("No.", "번호"),
    "times": ("Occurred / reported / received", "발생 / 보고 / 수신"),
    "standing": ("Standing", "효력"),
    "unzoned": ("local, zone not known", "현지 시각, 시간대 미상"),
    "retraction": ("A report was taken back", "보고 철회"),
    "messages": ("Messages behind it", "근거 전문"),
    "messages_help": (
        "Of each message only the part that made the event, as it was received, and the SHA-256 of the whole message.",
        "각 전문 중 해당 보고를 만든 부분만 수신한 그대로 수록하며, SHA-256은 전문 전체의 값임.",
    ),
    "position": ("Position", "위치"),
    "message": ("Whole message", "전체 전문"),
    "bytes": ("%s bytes", "%s바이트"),
    "cut": ("… goes on; the JSON file holds more of it.", "… 이하 생략. JSON 파일에 더 수록되어 있음."),
    "check": ("How to check it", "확인 방법"),
    "check_help": (
        "The JSON file of the same shipment has the same digest as long as nothing else was received and no rule was "
        "changed: the SHA-256 of its part “content”, as JSON with sorted keys, without spaces, in UTF-8. "
        "At most %s reports are in a file.",
        "추가 수신이나 규칙 변경이 없는 한 같은 화물의 JSON 파일은 같은 다이제스트를 가짐: “content” 부분을 키 순으로 "
        "정렬하고 공백 없이 UTF-8 JSON으로 적은 것의 SHA-256. 한 파일에는 보고를 최대 %s건 수록함.",
    ),
    "left_out": ("%s older reports are not in this file.", "이전 보고 %s건은 이 파일에 없음."),
    "none": ("none", "없음"),
}


def say(name: str, language: str, *values: object) -> str:
    """A word of the sheet in ``en`` or ``ko``, with its values."""
    text = word(WORDS, name, language)
    return text % values if values else text
