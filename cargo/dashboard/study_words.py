"""The words of the Time Release Study, English and Korean. Plain Python.

The parts are those of the model final report in the WCO's Guide to Measure the Time Required for the Release of Goods
(version 3, 2018): objectives, scope, methodology, analysis, conclusions; with the rules of measuring as annex.
"""

from __future__ import annotations

from cargo.dashboard.terms import Pair, word

PARTS: dict[str, Pair] = {
    "title": ("Time Release Study", "통관 소요시간 측정 보고서(TRS)"),
    "summary": ("Summary", "요약"),
    "objectives": ("1 Objectives", "1 목적"),
    "scope": ("2 Scope", "2 범위"),
    "method": ("3 Method", "3 방법"),
    "analysis": ("4 Analysis", "4 분석"),
    "stages": ("4.1 Stage by stage", "4.1 단계별"),
    "mode": ("4.2 By mode of transport", "4.2 운송수단별"),
    "channel": ("4.3 By channel: inspected or not", "4.3 검사 여부별"),
    "intervened": ("4.4 By intervention of other agencies", "4.4 타 기관 개입 여부별"),
    "agency": ("4.5 By agency", "4.5 기관별"),
    "pre_arrival": ("4.6 By pre-arrival processing", "4.6 입항 전 신고 여부별"),
    "declared": ("4.7 By when it was declared", "4.7 신고 시점별"),
    "customs_office": ("4.8 By customs office", "4.8 세관별"),
    "port": ("4.9 By port or airport", "4.9 항구·공항별"),
    "month": ("4.10 By month", "4.10 월별"),
    "distribution": ("4.11 Distribution", "4.11 분포"),
    "targets": ("4.12 Against targets", "4.12 목표 대비"),
    "diagnosis": ("4.13 Where the time goes", "4.13 병목 진단"),
    "findings": ("5 Findings", "5 결과"),
    "definitions": ("Annex A: how each stage is measured", "부록 A: 단계별 측정 기준"),
    "gaps": ("Annex B: what is missing", "부록 B: 누락 자료"),
    "told": ("Annex C: messages", "부록 C: 전문"),
    "rows": ("Rows", "원자료"),
    "cover": ("Cover", "표지"),
}
# Sheets have short names.
SHEETS: dict[str, Pair] = {
    "cover": ("Cover", "표지"),
    "summary": ("Summary", "요약"),
    "stages": ("Stages", "단계별"),
    "mode": ("Mode", "운송수단별"),
    "channel": ("Channel", "검사 여부별"),
    "intervened": ("Intervention", "타 기관 개입별"),
    "agency": ("Agency", "기관별"),
    "pre_arrival": ("Pre-arrival", "입항 전 신고별"),
    "declared": ("When declared", "신고 시점별"),
    "customs_office": ("Customs office", "세관별"),
    "port": ("Port", "항구·공항별"),
    "month": ("Month", "월별"),
    "distribution": ("Distribution", "분포"),
    "targets": ("Targets", "목표 대비"),
    "diagnosis": ("Diagnosis", "병목 진단"),
    "definitions": ("Definitions", "측정 기준"),
    "gaps": ("Missing", "누락 자료"),
    "told": ("Messages", "전문"),
    "rows": ("Rows", "원자료"),
}
COLUMNS: dict[str, Pair] = {
    "stage": ("Stage", "단계"),
    "n": ("n", "건수"),
    "mean": ("Mean", "평균"),
    "median": ("Median", "중앙값"),
    "deviation": ("Standard deviation", "표준편차"),
    "p10": ("p10", "10백분위"),
    "p90": ("p90", "90백분위"),
    "shortest": ("Minimum", "최소"),
    "longest": ("Maximum", "최대"),
    "outliers": ("Outliers", "이상치"),
    "within": ("Within", "이내"),
    "count": ("Cargoes", "화물 수"),
    "share": ("Share", "비율"),
    "met": ("Met", "달성"),
    "missed": ("Missed", "미달성"),
    "share_met": ("Within target", "달성률"),
    "lost": ("Past target, in all", "목표 초과 합계"),
    "per_cargo": ("Past target, a cargo", "목표 초과 평균"),
    "difference": ("Against comparable, a cargo", "비교 대상 대비 평균"),
    "of_whole": ("Of the whole way", "전체 중 비중"),
    "of_spread": ("Of its spread", "편차 기여"),
    "begins": ("Begins", "시작"),
    "ends": ("Ends", "종료"),
    "ended": ("Ended", "종료 건수"),
    "open": ("Open now", "진행 중"),
    "format": ("Format", "형식"),
    "sources": ("Sources", "출처"),
    "messages": ("Messages", "전문"),
    "shipments": ("Cargoes", "화물"),
    "shipment": ("Shipment", "화물 번호"),
    "own_reference": ("Own reference", "자사 참조번호"),
    "started_at": ("Begun (UTC)", "시작(UTC)"),
    "ended_at": ("Ended (UTC)", "종료(UTC)"),
    "seconds": ("Seconds", "소요 초"),
    "working_seconds": ("Working seconds", "근무시간 초"),
    "mode": ("Mode", "운송수단"),
    "port": ("Port or airport", "항구·공항"),
    "customs_office": ("Customs office", "세관"),
    "warehouse": ("Warehouse", "보세창고"),
    "broker": ("Customs broker", "관세사"),
    "carrier": ("Carrier", "운송사"),
    "channel": ("Inspected or not", "검사 여부"),
    "declared": ("When declared", "신고 시점"),
    "agency": ("Other agency", "타 기관"),
    "month": ("Month", "월"),
    "what": ("What", "항목"),
    "value": ("Value", "내용"),
}
WORDS: dict[str, Pair] = {
    "of": ("Of", "대상"),
    "made_for": ("Made for", "요청 기관"),
    "period": ("Period (what ended in it)", "기간(종료 기준)"),
    "made_at": ("Made at", "작성 시각"),
    "as_of": ("Figures worked out at", "통계 산출 시각"),
    "counted": ("Counted in", "시간 기준"),
    "cargoes": ("Cargoes", "화물 수"),
    "limits": ("Limited to", "조건"),
    "client": ("client", "의뢰인"),
    "product": ("Made by", "작성 프로그램"),
    "everybody": ("all clients' cargo", "전체 의뢰인의 화물"),
    "own": ("own cargo, and what the organization is a party to", "자사 화물 및 관계자로 등록된 화물"),
    "nothing": ("No stage ended in this period.", "이 기간에 끝난 단계가 없습니다."),
    "unit": (
        "Lengths are hours:minutes:seconds, from the same figures as the API gives in seconds.",
        "소요시간은 시:분:초이며, API가 초로 제공하는 수치와 같습니다.",
    ),
    "range": (
        "Bar: from the 10th to the 90th of 100 cargoes; mark: the median.",
        "막대: 100건 중 10번째~90번째, 표시: 중앙값.",
    ),
    "left_out": ("The %s smallest are only in the workbook.", "건수가 적은 %s개는 통합 문서에만 있습니다."),
    "rows_left_out": (
        "Only the %s stage times that ended last are listed; the figures are of all.",
        "마지막에 끝난 %s건만 수록하였습니다. 통계는 전체를 대상으로 합니다.",
    ),
    "unknown": ("not known", "알 수 없음"),
    "histogram": (
        "Arrival to release: share of cargo by time taken",
        "입항부터 수입신고수리까지: 소요시간별 화물 비율",
    ),
    "months": ("Arrival to release by month", "월별 입항부터 수입신고수리까지"),
    "more": ("longer", "초과"),
    "none": ("none", "없음"),
    "gaps_help": (
        "How many ended and are open, and of how many that ended it is not known. A stage without a row was told of "
        "by no source.",
        "종료·진행 중 건수와 종료된 건 중 항목을 알 수 없는 건수입니다. 행이 없는 단계는 어떤 출처도 알리지 "
        "않았습니다.",
    ),
    "no_targets": ("There are no targets for this cargo.", "이 화물에 대한 목표가 없습니다."),
}
OBJECTIVES: Pair = (
    "To measure the time from the arrival of goods to their release and to their removal, and that of each stage "
    "between; "
    "to show which stage, channel, agency or place takes how long and how evenly; and to name the bottleneck. "
    "Article 7.6 of the WTO Trade Facilitation Agreement encourages measuring and publishing the average release "
    "time.",
    "화물의 입항부터 수입신고수리 및 반출까지의 시간과 그 사이 각 단계의 시간을 측정하고, 단계·검사 여부·기관·장소별 "
    "소요시간과 편차를 보이며, 병목 단계를 밝히는 것을 목적으로 합니다. WTO 무역원활화협정 제7.6조는 평균 반출 "
    "소요시간의 "
    "측정과 공표를 권장합니다.",
)
METHOD: tuple[Pair, ...] = (
    (
        "Data: taken automatically from the messages of carriers, terminals, warehouses and customs as they came; no "
        "questionnaires and no sample: every cargo of the scope counts. Annex C lists the messages.",
        "자료: 운송사·터미널·보세창고·세관의 전문에서 자동으로 수집하였습니다. 설문이나 표본 추출이 아니라 범위 내 "
        "모든 화물이 "
        "대상입니다. 전문 목록은 부록 C에 있습니다.",
    ),
    (
        "Clock: the time at which something happened, with its zone, as the message tells it; only what really "
        "happened, "
        "no plans or estimates. A stage counts in the period in which it ended.",
        "시각: 전문이 알린 실제 발생 시각(시간대 포함)이며 계획·예정 시각은 쓰지 않습니다. 단계는 종료된 기간에 "
        "포함됩니다.",
    ),
    (
        "Stages: each begins at the later of its two natural starts, its own milestone and the goods being there; "
        "what "
        "happened before that lasts 0 seconds. The last entry into storage counts; removal is complete when the "
        "removed "
        "quantity reaches the manifested one; a release that was taken back ends nothing. Annex A has each rule.",
        "단계: 해당 이정표와 화물 반입(또는 입항) 중 늦은 시각에 시작하며, 그 이전에 끝난 단계는 0초입니다. 보세구역 "
        "반입은 마지막 "
        "반입을, 반출은 반출 수량이 적하목록 수량에 이른 시각을 기준으로 하며, 취소된 수리는 단계를 끝내지 않습니다. "
        "자세한 기준은 "
        "부록 A에 있습니다.",
    ),
    (
        "Working hours: 09:00 to 18:00 of Monday to Friday where the stage is, without that country's public holidays.",
        "근무 시간: 해당 지역의 월요일~금요일 09:00~18:00이며 그 나라의 공휴일은 제외합니다.",
    ),
    (
        "Outliers: beyond three interquartile ranges on the logarithm of the time, from 8 cargoes on. They are "
        "counted and "
        "left in every figure.",
        "이상치: 소요시간의 로그값이 사분위수 범위의 3배를 벗어난 경우(8건 이상일 때)이며, 건수만 표시하고 통계에는 "
        "포함합니다.",
    ),
    (
        "Figures: mean, median, standard deviation of a sample, and the 10th and 90th percentile, interpolated.",
        "통계: 평균, 중앙값, 표본 표준편차, 보간한 10·90백분위수.",
    ),
)
RULES: dict[str, tuple[Pair, Pair]] = {
    "export_declared__export_cleared": (
        ("first export declaration", "최초 수출신고"),
        ("last export clearance that stands", "유효한 마지막 수출신고수리"),
    ),
    "export_cleared__gate_in": (
        ("last export clearance that stands", "유효한 마지막 수출신고수리"),
        ("last container enters the terminal", "마지막 컨테이너 터미널 반입"),
    ),
    "gate_in__loaded": (
        ("last container enters the terminal", "마지막 컨테이너 터미널 반입"),
        ("last container loaded", "마지막 컨테이너 선적"),
    ),
    "loaded__departed": (("last container loaded", "마지막 컨테이너 선적"), ("last departure", "마지막 출항")),
    "departed__arrived": (("last departure", "마지막 출항"), ("arrival at the destination", "도착지 입항")),
    "arrived__discharge_approved": (("arrival", "입항"), ("first approval to discharge", "최초 하선(하기)신고 수리")),
    "arrived__discharged": (("arrival", "입항"), ("last container discharged", "마지막 컨테이너 양하")),
    "discharge_approved__bonded_storage_in": (
        ("approval to discharge, or arrival if later", "하선(하기)신고 수리 또는 입항 중 늦은 시각"),
        ("last entry into storage before it moved on under bond", "보세운송 전 마지막 보세구역 반입"),
    ),
    "bonded_transport_departed__bonded_transport_arrived": (
        ("first lot leaves under bond", "최초 보세운송 발송"),
        ("last lot arrives; each movement by itself", "마지막 도착(이동마다 따로 측정)"),
    ),
    "bonded_storage_in__import_declared": (
        ("last entry into storage, or arrival if later", "마지막 보세구역 반입 또는 입항 중 늦은 시각"),
        ("first import declaration that was neither rejected nor withdrawn", "각하·취하되지 않은 최초 수입신고"),
    ),
    "import_declared__customs_released": (
        ("that declaration, or the goods being there if later", "해당 수입신고 또는 화물 반입 중 늦은 시각"),
        ("release of all of the cargo that stands", "화물 전체에 대한 유효한 수입신고수리"),
    ),
    "customs_released__gate_out": (
        ("that release, or the goods being there if later", "해당 수리 또는 화물 반입 중 늦은 시각"),
        ("removed quantity reaches the manifested one", "반출 수량이 적하목록 수량에 도달"),
    ),
    "discharged__gate_out": (
        ("last container discharged", "마지막 컨테이너 양하"),
        ("removed quantity reaches the manifested one", "반출 수량이 적하목록 수량에 도달"),
    ),
    "gate_out__empty_returned": (
        ("removal complete", "반출 완료"),
        ("last empty container returned", "마지막 공컨테이너 반납"),
    ),
    "arrived__customs_released": (
        ("arrival", "입항"),
        ("release of all of the cargo that stands", "화물 전체에 대한 유효한 수입신고수리"),
    ),
    "arrived__gate_out": (
        ("arrival", "입항"),
        ("removed quantity reaches the manifested one", "반출 수량이 적하목록 수량에 도달"),
    ),
}
FINDINGS: dict[str, Pair] = {
    "release": (
        "Half of {n} cargoes were released within {median} of arrival, nine of ten within {p90}; on average it took "
        "{mean}.",
        "화물 {n}건 중 절반은 입항 후 {median} 이내, 10건 중 9건은 {p90} 이내에 수리되었으며, 평균 {mean}이 "
        "걸렸습니다.",
    ),
    "removal": (
        "Half of {n} cargoes were removed within {median} of arrival, nine of ten within {p90}; on average it took "
        "{mean}.",
        "화물 {n}건 중 절반은 입항 후 {median} 이내, 10건 중 9건은 {p90} 이내에 반출되었으며, 평균 {mean}이 "
        "걸렸습니다.",
    ),
    "within": (
        "{day} were released within one day of arrival, {three} within three days.",
        "입항 후 1일 이내 수리 {day}, 3일 이내 {three}.",
    ),
    "inspected": (
        "Inspected cargo ({n}) was released after {one} at the median, cargo that was not ({m}) after {other}.",
        "검사 화물({n}건)의 수리 소요시간 중앙값은 {one}, 검사하지 않은 화물({m}건)은 {other}입니다.",
    ),
    "intervened": (
        "Cargo that another agency withheld ({n}) was released after {one} at the median, other cargo ({m}) after "
        "{other}.",
        "타 기관이 보류한 화물({n}건)의 수리 소요시간 중앙값은 {one}, 그 외 화물({m}건)은 {other}입니다.",
    ),
    "pre_arrival": (
        "Cargo declared before arrival ({n}) was released after {one} at the median, cargo declared later ({m}) "
        "after {other}.",
        "입항 전 신고 화물({n}건)의 수리 소요시간 중앙값은 {one}, 입항 후 신고 화물({m}건)은 {other}입니다.",
    ),
    "target": (
        "The target missed most often is that of {stage}: {share} of {n} cargoes kept it.",
        "달성률이 가장 낮은 목표는 {stage} 단계입니다. {n}건 중 {share}가 지켰습니다.",
    ),
    "few": (
        "No comparison is made where fewer than {few} cargoes stand on either side.",
        "어느 한쪽이 {few}건 미만이면 비교하지 않았습니다.",
    ),
}


def say(key: str, language: str) -> str:
    """A word of the report."""
    return word(WORDS, key, language)


def part(key: str, language: str) -> str:
    """A part's heading."""
    return word(PARTS, key, language)
