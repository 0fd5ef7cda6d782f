"""The trade's words for the codes of a shipment's document, in English and Korean.

A page and a sentence must use the same word, and a Korean sentence needs the word itself to choose its
particle, so these are tables like ``milestones.csv`` and not translations of English text.
Plain Python: a code and a language go in, a word comes out; an unknown code is shown as it stands, spelled with spaces.
"""

from __future__ import annotations

from cargo.domain import places
from cargo.domain.codes import MILESTONES

Pair = tuple[str, str]

STATUSES: dict[str, Pair] = {
    "expected": ("Expected", "입항 예정"),
    "booked": ("Booked", "선복 예약"),
    "at_origin": ("At origin", "출발지"),
    "in_transit": ("On the way", "운송 중"),
    "at_transshipment": ("At transshipment", "환적지"),
    "arrived": ("Arrived", "입항"),
    "in_bond": ("In bonded storage", "보세구역 장치 중"),
    "available": ("Available", "반출 가능"),
    "delivered_out": ("Collected", "반출 완료"),
    "delivered": ("Delivered", "배송 완료"),
    "completed": ("Completed", "완료"),
    "cancelled": ("Cancelled", "취소"),
}

CUSTOMS_STATES: dict[str, Pair] = {
    "none": ("Not declared", "신고 전"),
    "declared": ("Declared", "신고됨"),
    "under_review": ("Under review", "심사 중"),
    "held": ("Held by customs", "통관 보류"),
    "released": ("Released", "수리"),
    "released_provisionally": ("Released provisionally", "조건부 수리"),
    "revoked": ("Release revoked", "수리 취소"),
    "rejected": ("Declaration rejected", "신고 각하"),
    "cancelled": ("Declaration cancelled", "신고 취하"),
}

LIGHTS: dict[str, Pair] = {
    "customs": ("Customs", "세관"),
    "agencies": ("Agencies", "요건확인기관"),
    "carrier": ("Carrier", "운송사"),
    "terminal": ("Terminal", "터미널"),
    "documents": ("Documents", "서류"),
    "payment": ("Payment", "납부"),
}

LIGHT_STATES: dict[str, Pair] = {
    "ok": ("Clear", "이상 없음"),
    "blocked": ("Blocked", "막힘"),
    "pending": ("Waiting", "대기 중"),
    "unknown": ("No data", "자료 없음"),
    "not_applicable": ("Not needed", "해당 없음"),
}

RESPONSIBLE: dict[str, Pair] = {
    "importer": ("You (importer)", "수입자"),
    "consignee": ("Consignee", "수하인"),
    "exporter": ("Exporter", "수출자"),
    "shipper": ("Shipper", "송하인"),
    "forwarder": ("Forwarder", "포워더"),
    "broker": ("Customs broker", "관세사"),
    "customs": ("Customs", "세관"),
    "agency": ("The agency", "요건확인기관"),
    "carrier": ("Carrier", "운송사"),
    "terminal": ("Terminal", "터미널"),
    "warehouse": ("Warehouse", "보세창고"),
    "operator": ("Operator", "운영사"),
}

NEXT_ACTIONS: dict[str, Pair] = {
    "collect": ("collect the cargo", "반출"),
    "enter_storage": ("bring the cargo into storage", "반입"),
    "declare_import": ("lodge the import declaration", "수입신고"),
    "load_cargo": ("load the cargo", "적재"),
    "submit_documents": ("submit the documents that customs asked for", "세관이 요구한 보완서류 제출"),
    "answer_customs": ("settle the matter with customs", "세관과 협의하여 사유 해소"),
    "present_for_inspection": ("present the goods for inspection", "검사 수검"),
    "correct_security_filing": ("correct the security filing", "사전 보안신고 정정"),
    "wait_for_customs": ("decide", "심사·처리"),
    "answer_agency": ("settle the matter with the agency", "요건확인기관과 협의하여 사유 해소"),
    "wait_for_agency": ("finish its inspection", "검사·검역 처리"),
    "settle_charges": ("settle the carrier's charges", "운임·부대비용 정산"),
    "request_delivery_order": ("obtain the delivery order", "D/O 발급 신청"),
    "pay_duty": ("pay duties and taxes", "관세·제세 납부"),
    "clear_terminal_hold": ("have the terminal's hold lifted", "터미널 보류 해제 요청"),
    "move_under_bond": ("bring the cargo to its bonded destination", "보세운송 도착"),
    "clear_or_return": ("clear the cargo or send it back", "수입통관 또는 반송"),
    "return_empty": ("return the empty container", "공컨테이너 반납"),
    "deliver_to_terminal": ("deliver the full container to the terminal", "터미널 반입"),
    "ask_terminal": ("confirm that the cargo can be picked up", "반출 가능 여부 확인"),
    "wait_for_discharge": ("unload the cargo", "양하"),
    "wait_for_arrival": ("bring the cargo to the port", "도착항까지 운송"),
    "confirm_sailing": ("confirm the new sailing with the carrier", "변경된 선적 일정 확인"),
    "move_on": ("load the cargo on the connecting vessel", "환적 선적"),
    "explain_route": ("explain the route", "경로 변경 사유 확인"),
    "ask_source": ("ask the source why nothing comes", "출처에 수신 중단 사유 확인"),
    "check_sources": ("find out which source is right", "출처 간 사실 확인"),
}

HOLD_KINDS: dict[str, Pair] = {
    "inspection": ("Selected for inspection", "검사 대상 선별"),
    "documents": ("Documents requested", "보완 요구"),
    "payment": ("Payment required", "납부 요구"),
    "customs": ("Customs hold", "통관 보류"),
    "agency": ("Held by other agency", "요건확인기관 보류"),
    "refused": ("Refused by other agency", "검역·검사 불합격"),
    "security_filing": ("Security filing hold", "사전 보안신고 보류"),
    "seized": ("Seized", "압수"),
    "do_not_load": ("Do not load", "선적 금지"),
    "carrier": ("Held by carrier", "운송사 보류"),
    "terminal": ("Held by terminal", "터미널 보류"),
}

CLEARED_BY: dict[str, Pair] = {
    "release": ("ended by the release", "수리로 종료"),
    "hold_close": ("lifted", "해제"),
}

DEADLINES: dict[str, Pair] = {
    "import_declaration": ("Declare by", "수입신고 기한"),
    "removal": ("Remove by", "반출 기한"),
    "storage_limit": ("Storage ends", "장치기간 만료일"),
    "entry_limit": ("Enter storage by", "반입 기한"),
    "last_free_day": ("Last free day", "무료기간 만료일"),
    "documents": ("Submit documents by", "보완서류 제출 기한"),
    "payment": ("Pay by", "납부 기한"),
    "empty_return": ("Return the empty by", "공컨테이너 반납 기한"),
    "loading": ("Load by", "적재 의무 기한"),
    "detention": ("Return the empty by", "공컨테이너 반납 기한"),
    "bonded_transport": ("Arrive under bond by", "보세운송 도착 기한"),
    "claim": ("Clear or return by", "반출통고 이행 기한"),
    "public_sale": ("Public sale from", "공매 개시 가능일"),
    "general_order": ("Enter before general order", "보관명령(G.O.) 전 신고 기한"),
    "transit": ("End the transit by", "통과운송 종료 기한"),
}

DEADLINE_BASES: dict[str, Pair] = {
    "import_declaration_30_days_if_listed": (
        "30 days from entry into storage, where customs lists the shed",
        "반입 후 30일(지정 보세구역)",
    ),
    "import_declaration_30_days": (
        "30 days from entry into a shed listed by customs; a surcharge follows",
        "반입 후 30일(가산세 대상 보세구역)",
    ),
    "import_declaration_30_days_no_surcharge": (
        "30 days from entry into storage; no surcharge follows there",
        "반입 후 30일(가산세 비대상 보세구역)",
    ),
    "removal_15_days": (
        "15 days from release in a shed listed by customs; a fine follows",
        "수리 후 15일(과태료 대상 보세구역)",
    ),
    "loading_30_days": ("30 days from export clearance", "수출신고 수리 후 30일"),
    "loading_by_customs": ("as customs states it", "세관 통지 적재의무기한"),
    "removal_15_days_if_listed": ("15 days from release, where customs lists the shed", "수리 후 15일(지정 보세구역)"),
    "removal_extended": ("extended by customs", "세관 연장 승인"),
    "removal_days_by_notice": ("as customs gave notice", "세관 통지 기준"),
    "storage_months_by_notice": ("as the shed gave notice", "보세구역 안내 기준"),
    "storage_extended": ("extended by customs", "세관 연장 승인"),
    "entry_extended": ("extended by customs", "세관 연장 승인"),
    "entry_3_days": ("3 days from arrival, containers", "입항 후 3일(컨테이너)"),
    "entry_5_days": ("5 days from arrival, containers", "입항 후 5일(컨테이너)"),
    "entry_10_days": ("10 days from arrival, bulk", "입항 후 10일(벌크)"),
    "entry_next_day": ("the day after arrival, air", "입항 다음 날(항공)"),
    "storage_6_months": ("6 months from entry; the shed gave no notice", "반입 후 6개월(보세구역 안내 없음)"),
    "storage_2_months": (
        "2 months from entry at a main port; the shed gave no notice",
        "반입 후 2개월(주요 항만·공항, 보세구역 안내 없음)",
    ),
    "bonded_transport_10_days": ("10 days from approval, sea", "보세운송 수리 후 10일(해상)"),
    "bonded_transport_5_days": ("5 days from approval, air", "보세운송 수리 후 5일(항공)"),
    "duty_payment_15_days": ("15 days from acceptance, unless paid before", "수리 후 15일(사후납부 시)"),
    "claim_1_month": ("1 month from customs' notice", "반출통고 후 1개월"),
    "public_sale_10_days": ("10 days from the announcement", "공매공고 후 10일"),
    "general_order_15_days": ("15 days from landing", "양륙 후 15일"),
    "days_left_by_customs": ("by the days that customs says are left", "세관 통지 잔여일 기준"),
    "stated": ("as the source states it", "통지된 기한"),
    "last_free_day_stated": ("as the terminal or carrier states it", "터미널·선사 통지"),
    "detention_stated": ("as the carrier states it", "선사 통지"),
    "free_time_by_tariff": ("by the tariff table", "요율표 기준"),
    "by_rule": ("as the operator set it", "운영사 설정 기준"),
}

MONEY_KINDS: dict[str, Pair] = {
    "surcharge": ("surcharge", "가산세"),
    "fine": ("fine", "과태료"),
    "storage": ("storage charges", "보관료"),
    "demurrage": ("demurrage", "체화료(디머리지)"),
    "detention": ("detention", "지체료(디텐션)"),
}

REFERENCE_TYPES: dict[str, Pair] = {
    "container": ("Container", "컨테이너"),
    "master_bill": ("Master bill", "마스터 B/L"),
    "house_bill": ("House bill", "하우스 B/L"),
    "booking": ("Booking", "부킹 번호"),
    "air_waybill": ("Air waybill", "마스터 AWB"),
    "house_air_waybill": ("House air waybill", "하우스 AWB"),
    "cargo_control_number": ("Cargo control number", "화물관리번호"),
    "declaration": ("Declaration", "신고번호"),
    "manifest": ("Manifest", "적하목록 번호"),
    "seal": ("Seal", "봉인 번호"),
    "purchase_order": ("Purchase order", "구매 주문"),
    "own_reference": ("Own reference", "자체 관리번호"),
    "shipment_id": ("Shipment", "화물"),
}

LEVELS: dict[str, Pair] = {
    "conveyance": ("Vessel or flight", "선박·항공편"),
    "master": ("Master bill", "마스터 B/L"),
    "house": ("House bill", "하우스 B/L"),
    "container": ("Container", "컨테이너"),
    "declaration": ("Declaration", "신고"),
}

CLASSIFIERS: dict[str, Pair] = {
    "planned": ("Planned", "계획"),
    "estimated": ("Estimated", "예정"),
    "actual": ("Happened", "실제"),
}

TIME_BASES: dict[str, Pair] = {
    "given": ("zone stated by the source", "출처가 밝힌 시간대"),
    "source_default": ("the source's usual zone", "출처의 기본 시간대"),
    "place": ("zone of the place", "장소의 시간대"),
    "assumed": ("zone assumed", "추정 시간대"),
}

AUTHORITIES: dict[str, Pair] = {
    "KR-KCS": ("Korea Customs Service", "관세청"),
    "KR-QIA": ("Animal and Plant Quarantine Agency", "농림축산검역본부"),
    "KR-MFDS": ("Ministry of Food and Drug Safety", "식품의약품안전처"),
    "US-CBP": ("US Customs and Border Protection", "미국 관세국경보호청"),
    "US-FDA": ("US Food and Drug Administration", "미국 식품의약국"),
    "GB-HMRC": ("HM Revenue and Customs", "영국 국세관세청"),
    "US-USDA": ("US Department of Agriculture", "미국 농무부"),
    "US-PGA": ("Other US government agency", "미국 기타 정부기관"),
    "EU-NCTS": ("EU transit (NCTS)", "유럽연합 통과운송(NCTS)"),
    "EU-ICS2": ("EU entry security (ICS2)", "유럽연합 반입보안(ICS2)"),
    "EU-IMPORT": ("EU import customs", "유럽연합 수입통관"),
    "UNCTAD-ASYCUDA": ("Customs on ASYCUDA", "ASYCUDA 사용 세관"),
    "JP-NACCS": ("Japan Customs (NACCS)", "일본 세관(NACCS)"),
    "CN-GACC": ("China Customs", "중국 해관총서"),
    "UN-EDIFACT": ("Customs response (CUSRES)", "세관 응답(CUSRES)"),
    "NL-DOUANE": ("Dutch Customs", "네덜란드 세관"),
    "AT-BMF": ("Austrian Customs", "오스트리아 세관"),
    "AU-ABF": ("Australian Border Force", "호주 국경수비대"),
    "BE-CUSTOMS": ("Belgian Customs", "벨기에 세관"),
    "BR-RFB": ("Brazilian Customs (Receita Federal)", "브라질 연방국세청(세관)"),
    "CA-CBSA": ("Canada Border Services Agency", "캐나다 국경관리청"),
    "CH-BAZG": ("Swiss Customs", "스위스 세관"),
    "DE-ZOLL": ("German Customs", "독일 세관"),
    "DK-TOLD": ("Danish Customs", "덴마크 세관"),
    "ES-AEAT": ("Spanish Customs", "스페인 세관"),
    "FI-TULLI": ("Finnish Customs", "핀란드 세관"),
    "FR-DGDDI": ("French Customs", "프랑스 세관"),
    "HK-CED": ("Hong Kong Customs", "홍콩 세관"),
    "IE-REVENUE": ("Irish Revenue", "아일랜드 국세관세청"),
    "IL-CUSTOMS": ("Israeli Customs", "이스라엘 세관"),
    "IN-CBIC": ("Indian Customs", "인도 세관"),
    "IT-ADM": ("Italian Customs", "이탈리아 세관"),
    "JP-CUSTOMS": ("Japan Customs", "일본 세관"),
    "NO-TOLL": ("Norwegian Customs", "노르웨이 세관"),
    "NZ-NZCS": ("New Zealand Customs", "뉴질랜드 세관"),
    "SA-ZATCA": ("Saudi Customs (ZATCA)", "사우디아라비아 세관(ZATCA)"),
    "SE-TULLVERKET": ("Swedish Customs", "스웨덴 세관"),
    "UN-REC24": ("Carrier's status (Recommendation 24)", "운송사 상태(Recommendation 24)"),
    "DCSA": ("Carrier's status (DCSA)", "운송사 상태(DCSA)"),
    "X12": ("Carrier's status (X12)", "운송사 상태(X12)"),
    "IATA": ("Airline's status (IATA)", "항공사 상태(IATA)"),
}

MODES: dict[str, Pair] = {
    "vessel": ("Sea", "해상"),
    "sea": ("Sea", "해상"),
    "air": ("Air", "항공"),
    "rail": ("Rail", "철도"),
    "truck": ("Road", "도로"),
    "road": ("Road", "도로"),
    "barge": ("Barge", "바지선"),
}

ZONES: dict[str, Pair] = {
    "Asia/Seoul": ("Korean time", "한국 시각"),
    "Asia/Shanghai": ("China time", "중국 시각"),
    "Asia/Hong_Kong": ("Hong Kong time", "홍콩 시각"),
    "Asia/Taipei": ("Taipei time", "타이베이 시각"),
    "Asia/Tokyo": ("Japan time", "일본 시각"),
    "Asia/Singapore": ("Singapore time", "싱가포르 시각"),
    "Asia/Ho_Chi_Minh": ("Vietnam time", "베트남 시각"),
    "Asia/Bangkok": ("Bangkok time", "방콕 시각"),
    "Asia/Jakarta": ("Jakarta time", "자카르타 시각"),
    "Asia/Kolkata": ("India time", "인도 시각"),
    "Asia/Dubai": ("Dubai time", "두바이 시각"),
    "Europe/Amsterdam": ("Rotterdam time", "로테르담 시각"),
    "Europe/Brussels": ("Antwerp time", "안트베르펜 시각"),
    "Europe/Berlin": ("German time", "독일 시각"),
    "Europe/London": ("UK time", "영국 시각"),
    "Europe/Paris": ("Paris time", "파리 시각"),
    "America/Los_Angeles": ("Los Angeles time", "로스앤젤레스 시각"),
    "America/New_York": ("New York time", "뉴욕 시각"),
    "America/Chicago": ("Chicago time", "시카고 시각"),
    "America/Vancouver": ("Vancouver time", "밴쿠버 시각"),
    "UTC": ("UTC", "UTC"),
}


def word(table: dict[str, Pair], code: str | None, language: str) -> str:
    """The word for a code in ``en`` or ``ko``; an unknown code spelled with spaces, nothing for nothing."""
    if not code:
        return ""
    pair = table.get(code)
    if pair is None:
        return code.replace("_", " ")
    return pair[1 if language == "ko" else 0]


def milestone(code: str | None, language: str, mode: str | None = None) -> str:
    """The milestone's label from ``milestones.csv``; by air the Korean label differs for some."""
    if not code:
        return ""
    row = MILESTONES.get(code)
    if row is None:
        return code.replace("_", " ")
    if language != "ko":
        return row.label_en
    return row.label_ko_air if mode == "air" and row.label_ko_air else row.label_ko


def place(code: str | None, name: str | None, language: str) -> str:
    """A place as people say it: its Korean name where one is known, else the name given, else its code."""
    known = places.place(code) or places.place(code, "iata") if code else None
    if language == "ko" and known and known.name_ko:
        return known.name_ko
    return name or (known.name if known else None) or code or ""


def zone(name: str | None, offset: str, language: str) -> str:
    """The zone's everyday name (``Korean time``), else ``UTC+07:00`` from the offset given."""
    if name in ZONES:
        return ZONES[name][1 if language == "ko" else 0]
    return offset
