"""UNI-PASS cargo progress: the answer's cases, what decides a milestone, and what overloaded fields hold."""

from __future__ import annotations

from datetime import date

import pytest

from cargo import formats
from cargo.domain.event import Deadline, Event, FormatError, Outcome, Parked, Place, Problem, Quantity, Reference
from cargo.formats import unipass

CARGO = {
    "cargMtNo": "26CLSL014EI00420007",
    "mblNo": "CLSSHA2603001",
    "hblNo": "KOSHA2603001",
    "dsprCd": "KRPUS",
    "ldprCd": "CNSHA",
    "shipNm": "CLS HARMONY",
    "vydf": "014E",
}


def element(tag: str, fields: dict[str, str]) -> str:
    return f"<{tag}>" + "".join(f"<{name}>{text}</{name}>" for name, text in fields.items()) + f"</{tag}>"


def answer(
    *events: dict[str, str], cargo: dict[str, str] | None = None, count: str | None = None, notice: str = ""
) -> bytes:
    header = element("cargCsclPrgsInfoQryVo", CARGO if cargo is None else cargo)
    rows = "".join(element("cargCsclPrgsInfoDtlQryVo", event) for event in events)
    number = str(len(events)) if count is None else count
    body = f"<ntceInfo>{notice}</ntceInfo>{header}<tCnt>{number}</tCnt>{rows}"
    return f"<cargCsclPrgsInfoQryRtnVo>{body}</cargCsclPrgsInfoQryRtnVo>".encode()


def row(text: str, **fields: str) -> dict[str, str]:
    return {"cargTrcnRelaBsopTpcd": text, "prcsDttm": "20260314080000", **fields}


def read(data: bytes) -> list[Outcome]:
    name, outcomes = formats.decode(data)
    assert name == "unipass.api001"
    return list(outcomes)


def only(event: dict[str, str], cargo: dict[str, str] | None = None) -> Event:
    (outcome,) = read(answer(event, cargo=cargo))
    assert isinstance(outcome, Event), outcome
    return outcome


def test_a_release_in_full() -> None:
    event = only(
        row(
            "수입신고수리",
            dclrNo="1234526030001M",
            shedSgn="03054321/A-2",
            shedNm="가상보세창고",
            pckGcnt="420",
            pckUt="CT",
            wght="18,250.5",
            wghtUt="KG",
        )
    )
    assert (event.milestone, event.effect, event.level) == ("customs_released", "release", "declaration")
    assert (event.authority, event.agency) == ("KR-KCS", "KR-KCS")
    assert str(event.occurred_at) == "2026-03-14 08:00:00+09:00"
    assert str(event.occurred_local) == "2026-03-14 08:00:00"
    assert (event.time_zone, event.time_basis) == ("Asia/Seoul", "source_default")
    assert event.references == (
        Reference("cargo_control_number", "26CLSL014EI00420007"),
        Reference("master_bill", "CLSSHA2603001"),
        Reference("house_bill", "KOSHA2603001"),
        Reference("declaration", "1234526030001M"),
    )
    assert event.place == Place("03054321", "facility", "가상보세창고", "storage")
    assert event.quantity == Quantity(420, "CT", 18250.5)
    assert event.plan == {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}
    assert event.context is not None
    assert event.context["shed_section"] == "A-2"
    assert event.context["port"] == {"code": "KRPUS", "scheme": "unlocode"}
    assert event.source_text == "수입신고수리"
    assert event.warnings == ()


@pytest.mark.parametrize(
    ("text", "milestone"),
    [
        ("입항적하목록 제출", "manifest_submitted"),
        ("입항적재화물목록제출", "manifest_submitted"),
        ("입항적하목록  심사완료", "manifest_accepted"),
        ("입항보고", "arrived"),
        ("입항보고 제출", "arrival_reported"),
        ("하선신고 수리", "discharge_approved"),
        ("하기신고 수리", "discharge_approved"),
        ("보세운송 신고 접수", "bonded_transport_filed"),
        ("보세운송신고수리", "bonded_transport_approved"),
        ("수입신고", "import_declared"),
        ("수입 (사용소비) 심사진행", "customs_review"),
        ("수입(사용소비) 결재통보", "customs_review_completed"),
        ("수입신고 수리", "customs_released"),
        ("수입신고수리 취소", "customs_release_cancelled"),
        ("통관목록접수", "import_declared"),
        ("통관목록심사완료", "customs_released"),
        ("통관목록보류", "customs_hold"),
        ("통관보류", "customs_hold"),
        ("검사대상", "inspection_ordered"),
        ("보완요구", "documents_requested"),
        ("취하", "declaration_cancelled"),
        ("각하", "declaration_rejected"),
        ("수출신고 수리", "export_cleared"),
        ("수리", "unknown"),
        ("재수입신고수리", "unknown"),
        ("", "unknown"),
    ],
)
def test_whole_phrases_decide_whatever_their_spaces_and_wording(text: str, milestone: str) -> None:
    event = only(row(text))
    assert event.milestone == milestone
    assert event.source_text == (text or None)
    assert bool(event.warnings) == (milestone == "unknown")


def test_decomposed_korean_is_the_same_text() -> None:
    import unicodedata

    assert only(row(unicodedata.normalize("NFD", "수입신고수리"))).milestone == "customs_released"


@pytest.mark.parametrize(
    ("text", "content", "milestone"),
    [
        ("반입신고", "입항 반입", "bonded_storage_in"),
        ("반입신고", "보세운송반입", "bonded_transport_arrived"),
        ("물품반입신고", "보세운송 반입", "bonded_transport_arrived"),
        ("반입신고", "", "bonded_storage_in"),
        ("반출신고", "보세운송 반출", "bonded_transport_departed"),
        ("반출신고", "수입신고 수리후 반출", "gate_out"),
        ("반출신고", "수입신고수리후반출", "gate_out"),
        ("반출신고", "목록통관특송물품 반출", "gate_out"),
        ("반출신고", "수입신고수리전반출", "gate_out_before_release"),
        ("반출신고", "B/L제시인도물품반출", "gate_out"),
        ("반출신고", "이고반출", "bonded_storage_out"),
        ("반출신고", "반송화물반출", "bonded_storage_out"),
        ("반출신고", "반송화불반출", "bonded_storage_out"),
        ("반출신고", "통과화물선적반출", "bonded_storage_out"),
        ("반출신고", "멸각폐기반출", "unknown"),
        ("반출신고", "공매반출", "sold_by_customs"),
        ("반출신고", "국고귀속반출", "unknown"),
        ("반출신고", "체화폐기반출", "unknown"),
        ("반출신고", "압수품반출", "seized"),
        ("반출신고", "", "bonded_storage_out"),
    ],
)
def test_the_content_of_an_entry_or_removal_decides(text: str, content: str, milestone: str) -> None:
    event = only(row(text, rlbrCn=content))
    assert (event.milestone, event.warnings) == (milestone, ())


@pytest.mark.parametrize(
    ("text", "content", "milestone"),
    [
        ("반입신고", "&lt;반입&gt; 6CT", "bonded_storage_in"),
        ("반출신고", "수입신고 수리후 반출 (일부)", "bonded_storage_out"),
        ("반입신고", "보세운송 반출", "bonded_storage_in"),
    ],
)
def test_an_unknown_content_leaves_the_plain_meaning_and_a_warning(text: str, content: str, milestone: str) -> None:
    event = only(row(text, rlbrCn=content))
    assert event.milestone == milestone
    (warning,) = event.warnings
    assert warning.startswith("unknown_qualifier: ")


def test_goods_move_at_the_time_of_moving_and_are_reported_when_processed() -> None:
    for moved in ("2026-03-13 23:59:01", "20260313235901"):
        event = only(row("반입신고", rlbrCn="입항 반입", rlbrDttm=moved))
        assert str(event.occurred_at) == "2026-03-13 23:59:01+09:00"
        assert str(event.reported_at) == "2026-03-14 08:00:00+09:00"
    other = only(row("수입신고", rlbrDttm="2026-03-13 23:59:01"))
    assert str(other.occurred_at) == str(other.reported_at) == "2026-03-14 08:00:00+09:00"


def test_an_unreadable_time_of_moving_leaves_the_processing_time_and_a_warning() -> None:
    event = only(row("반출신고", rlbrDttm="20261340000000"))
    assert str(event.occurred_at) == "2026-03-14 08:00:00+09:00"
    assert event.warnings == ("occurred_time: rlbrDttm '20261340000000' is not a time",)


@pytest.mark.parametrize("time", ["", "어제", "20260230000000", "2026031", "00000101000000"])
def test_an_event_without_a_time_is_a_problem_and_costs_the_others_nothing(time: str) -> None:
    bad, good = read(answer(row("수입신고", prcsDttm=time), row("수입신고")))
    assert bad == Problem(
        position="cargCsclPrgsInfoDtlQryVo[1]/prcsDttm",
        reason=f"{time!r} is not a date and time",
        format="unipass.api001",
    )
    assert isinstance(good, Event)


def test_the_destination_of_a_bonded_transport_stands_where_a_time_should() -> None:
    event = only(row("보세운송 신고 수리", rlbrDttm="(도)02006116(주)스카이 ", rlbrBssNo="(주)가상운송"))
    assert event.context is not None
    assert event.context["destination"] == {"facility": "02006116", "name": "(주)스카이"}
    assert event.context["bonded_carrier"] == "(주)가상운송"
    assert event.warnings == ()


@pytest.mark.parametrize(
    ("text", "basis", "deadline"),
    [
        ("하선장소 반입기간연장 승인", "연장반입기한:2020-06-15", Deadline("entry_limit", date(2020, 6, 15))),
        ("하선장소 반입기간연장 승인", "연장반입기한:2020-06-31", None),
        ("하선장소 반입기간연장 승인신청", "연장반입기한:2020-06-15", None),
        ("수입신고수리물품 반출기간연장 승인", "1234526030001M20260430", Deadline("removal", date(2026, 4, 30))),
        ("수입신고수리물품 반출기간연장 승인", "연장기한 2026-04-30까지", Deadline("removal", date(2026, 4, 30))),
        ("수입신고수리물품 반출기간연장 승인", "없음", None),
        ("장치기간 연장 승인", "연장장치기한:2026-09-10", Deadline("storage_limit", date(2026, 9, 10))),
        ("장치기간 연장 승인", "없음", None),
    ],
)
def test_extended_limits(text: str, basis: str, deadline: Deadline | None) -> None:
    assert only(row(text, rlbrBssNo=basis)).deadline == deadline


def test_a_notice_limits_storage_from_the_day_of_entry() -> None:
    text = "[부가사항] 가상창고의 장치기간은 최대 6 개월 입니다."
    event = only(row("반입신고", rlbrCn="입항 반입", rlbrDttm="2026-08-31 10:00:00", bfhnGdncCn=text))
    assert event.deadline == Deadline("storage_limit", date(2027, 2, 28))
    assert event.context is not None
    assert (event.context["storage_months"], event.context["notice"]) == (6, text)


def test_a_notice_tells_the_days_to_remove_after_release() -> None:
    text = (
        "[안내사항] 가상창고 은 수입신고 수리일로부터 15일이내에 물품을 반출하여야하며, 미반출시 과태료가 부가됩니다."
    )
    event = only(row("수입신고", bfhnGdncCn=text, rlbrBssNo="가상관세사무소"))
    assert event.deadline is None
    assert event.context is not None
    assert (event.context["removal_days"], event.context["broker"]) == (15, "가상관세사무소")


@pytest.mark.parametrize("number", ["26CLSL014EI", "26CLSL014EI00000001"])
def test_what_is_declared_under_the_manifest_is_about_the_conveyance(number: str) -> None:
    event = only(row("입항적재화물목록 운항정보 정정", dclrNo=number, pckGcnt="0", wghtUt="KG"))
    assert (event.level, event.quantity) == ("conveyance", None)
    assert event.reference("manifest") == "26CLSL014EI"
    assert event.reference("declaration") is None
    assert event.place == Place("KRPUS", "unlocode", None, "discharge")
    assert event.transport is not None
    assert (event.transport.mode, event.transport.vessel_name, event.transport.voyage) == (
        "vessel",
        "CLS HARMONY",
        "014E",
    )


def test_by_air_the_bills_are_waybills_and_the_ship_is_a_flight() -> None:
    cargo = {
        "cargMtNo": "175XZ03727I40031561",
        "mblNo": "40692510471",
        "hblNo": "W1",
        "dsprCd": "ICN",
        "shipNm": "5X196",
        "blPt": "C",
    }
    event = only(row("하기신고 수리"), cargo)
    assert event.reference("air_waybill") == "40692510471"
    assert event.reference("house_air_waybill") == "W1"
    assert event.reference("master_bill") is None
    assert event.transport is not None
    assert (event.transport.mode, event.transport.vessel_name, event.transport.voyage) == ("air", None, "5X196")
    assert event.context is not None
    assert (event.context["mode"], event.context["load_type"], event.context["mrn"]) == ("air", "consol", "175XZ03727I")


def test_a_straight_bill_is_the_master_level() -> None:
    cargo = {**CARGO, "cargMtNo": "26CLSL014EI0043", "hblNo": ""}
    assert only(row("반출신고", rlbrCn="수입신고 수리후 반출"), cargo).level == "master"
    assert only(row("반출신고", rlbrCn="수입신고 수리후 반출")).level == "house"


def test_an_odd_cargo_number_is_kept_whole_and_a_masked_one_is_no_reference() -> None:
    odd = only(row("수입신고"), {**CARGO, "cargMtNo": "00ANLU083N59007001"})
    assert odd.reference("cargo_control_number") == "00ANLU083N59007001"
    assert odd.context is not None and "mrn" not in odd.context
    masked = only(row("수입신고"), {**CARGO, "cargMtNo": "26CL****0007"})
    assert masked.reference("cargo_control_number") is None
    assert masked.reference("house_bill") == "KOSHA2603001"
    assert masked.warnings == ("masked: cargMtNo 26CL****0007",)


def test_the_manifested_quantity_goes_along_with_a_part_of_it() -> None:
    cargo = {**CARGO, "pckGcnt": "420", "pckUt": "CT", "ttwg": "18.25", "wghtUt": "T"}
    event = only(row("반출신고", rlbrCn="수입신고 수리후 반출", pckGcnt="300", pckUt="GT"), cargo)
    assert event.quantity == Quantity(300, "GT", None)
    assert event.context is not None
    assert event.context["manifested"] == {"packages": 420, "unit": "CT", "weight_kg": 18250.0}


def test_a_step_that_is_given_twice_is_one_event() -> None:
    first, second = read(answer(row("수입신고수리", dclrNo="A"), row("수입신고수리", dclrNo="A")))
    assert isinstance(first, Event) and isinstance(second, Event)
    assert first.meaning == second.meaning
    assert first.position != second.position


def test_a_number_too_long_to_be_one_is_a_warning_and_never_cut() -> None:
    event = only(row("수입신고", pckGcnt="0" * 39 + "12", wght="1"))
    assert event.quantity == Quantity(None, None, 1.0)
    assert event.warnings == ("packages: '00000000000000000000' is not a number",)


def test_a_quantity_that_is_no_number_is_a_warning() -> None:
    event = only(row("수입신고", pckGcnt="many", wght="nan", wghtUt="STONE"))
    assert event.quantity is None
    assert event.warnings == ("packages: 'many' is not a number", "weight: 'nan' is not a number")


def test_events_of_one_second_stay_apart_and_a_changed_wording_does_not() -> None:
    first, second = read(answer(row("수입신고", dclrNo="A"), row("수입신고", dclrNo="B")))
    assert isinstance(first, Event) and isinstance(second, Event)
    assert first.meaning != second.meaning
    old, new = only(row("입항적하목록 제출")), only(row("입항적재화물목록  제출"))
    assert old.meaning == new.meaning


def test_no_cargo_is_parked() -> None:
    data = b"<cargCsclPrgsInfoQryRtnVo><ntceInfo/><tCnt>0</tCnt></cargCsclPrgsInfoQryRtnVo>"
    assert read(data) == [Parked(position="tCnt", reason="no cargo found", format="unipass.api001")]


@pytest.mark.parametrize(
    ("body", "position", "reason"),
    [
        ("<ntceInfo>키 오류</ntceInfo><tCnt>-1</tCnt>", "ntceInfo", "customs answered: 키 오류"),
        ("<ntceInfo/><tCnt>-1</tCnt>", "ntceInfo", "customs answered with an error and no reason"),
        ("<ntceInfo>점검 중</ntceInfo><tCnt>0</tCnt>", "ntceInfo", "customs answered: 점검 중"),
        ("<errMsgCn>장애</errMsgCn>", "errMsgCn", "customs answered: 장애"),
        ("<ntceInfo/><tCnt>3</tCnt>", "tCnt", "3 are announced and none is given"),
        (
            "<tCnt>1</tCnt><cargCsclPrgsInfoDtlQryVo/>",
            "cargCsclPrgsInfoQryVo",
            "events are given without their cargo",
        ),
    ],
)
def test_an_error_answer_is_one_problem(body: str, position: str, reason: str) -> None:
    data = f"<cargCsclPrgsInfoQryRtnVo>{body}</cargCsclPrgsInfoQryRtnVo>".encode()
    assert read(data) == [Problem(position=position, reason=reason, format="unipass.api001")]


def test_an_error_root_is_a_problem() -> None:
    data = "<cargCsclPrgsInfoQryRtnErrInfoVo><errMsgCn>장애</errMsgCn></cargCsclPrgsInfoQryRtnErrInfoVo>".encode()
    assert read(data) == [Problem(position="errMsgCn", reason="customs answered: 장애", format="unipass.api001")]


@pytest.mark.parametrize("count", ["2", "1211", "0"])
def test_several_cargoes_are_parked_with_their_numbers_whatever_the_count_says(count: str) -> None:
    header = element("cargCsclPrgsInfoQryVo", CARGO)
    other = element("cargCsclPrgsInfoQryVo", {**CARGO, "cargMtNo": "26CLSL014EI00420008"})
    body = f"<ntceInfo>[N00] 조회 결과가 다건입니다.</ntceInfo>{header}{other}<tCnt>{count}</tCnt>"
    data = f"<cargCsclPrgsInfoQryRtnVo>{body}</cargCsclPrgsInfoQryRtnVo>".encode()
    (parked,) = read(data)
    assert isinstance(parked, Parked)
    assert parked.reason.startswith("2 cargoes match")
    assert parked.reason.endswith("26CLSL014EI00420007, 26CLSL014EI00420008")
    assert unipass.cargo_numbers(data) == ["26CLSL014EI00420007", "26CLSL014EI00420008"]


def test_a_cargo_without_events_and_one_with_fewer_than_announced_say_so() -> None:
    assert [outcome.reason for outcome in read(answer()) if isinstance(outcome, Parked)] == [
        "the cargo is known, nothing has happened yet"
    ]
    event, parked = read(answer(row("수입신고"), count="9"))
    assert isinstance(event, Event)
    assert parked == Parked(position="tCnt", reason="9 events are announced, 1 given", format="unipass.api001")


def test_services_that_are_not_read_are_parked_and_named_and_strangers_refused() -> None:
    reason = "an answer of a UNI-PASS service that is not read"
    data = b"<frwrLstQryRtnVo><tCnt>1</tCnt></frwrLstQryRtnVo>"
    assert read(data) == [Parked(position="frwrLstQryRtnVo", reason=reason, format="unipass.api001")]
    with pytest.raises(FormatError, match="the root element is otherVo"):
        list(unipass.decode(b"<otherVo/>"))


def test_a_slice_shows_one_event_and_nothing_of_the_cargo() -> None:
    data = answer(row("수입신고"), row("수입신고수리"))
    part = unipass.slice(data, "cargCsclPrgsInfoDtlQryVo[2]").decode()
    assert "수입신고수리" in part
    assert "KOSHA2603001" not in part


@pytest.mark.parametrize("position", ["cargCsclPrgsInfoDtlQryVo[3]", "cargCsclPrgsInfoQryVo[1]", "/0", ""])
def test_a_position_of_another_message_is_refused(position: str) -> None:
    with pytest.raises(FormatError):
        unipass.slice(answer(row("수입신고"), row("수입신고수리")), position)
