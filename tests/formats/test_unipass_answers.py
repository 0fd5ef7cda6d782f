"""What the answers of all UNI-PASS services share: which is which, errors, emptiness, what they were asked about."""

from __future__ import annotations

import pytest

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem, Reference
from cargo.formats import unipass
from cargo.formats.unipass import answer
from tests.formats.outcomes import RECEIVED_AT

ROOTS = {
    "unipass.api001": "cargCsclPrgsInfoQryRtnVo",
    "unipass.api002": "expDclrNoPrExpFfmnBrkdQryRtnVo",
    "unipass.api005": "shedInfoQryRtnVo",
    "unipass.api020": "cntrQryBrkdQryRtnVo",
    "unipass.api021": "etprRprtQryBrkdQryRtnVo",
    "unipass.api024": "ioprRprtBrkdQryRtnVo",
}
SOUGHT = {
    "unipass.api001": "cargo",
    "unipass.api002": "export declarations",
    "unipass.api005": "warehouses",
    "unipass.api020": "containers",
    "unipass.api021": "arrival reports",
    "unipass.api024": "arrivals and departures",
}
# Of each service a row that it would read.
ROWS = {
    "unipass.api002": "<expDclrNoPrExpFfmnBrkdQryRsltVo><acptDt>20260302</acptDt></expDclrNoPrExpFfmnBrkdQryRsltVo>",
    "unipass.api005": "<shedInfoQryRsltVo><snarSgn>03054321</snarSgn></shedInfoQryRsltVo>",
    "unipass.api020": "<cntrQryBrkdQryVo><cntrNo>CLSU4000215</cntrNo></cntrQryBrkdQryVo>",
    "unipass.api021": "<etprRprtQryBrkdQryVo><etprDttm>20260312053000</etprDttm></etprRprtQryBrkdQryVo>",
    "unipass.api024": "<etprRprtQryBrkdQryVo><tkofDttm>20260314214500</tkofDttm></etprRprtQryBrkdQryVo>",
}
SERVICES = pytest.mark.parametrize("name", ROOTS)


def message(name: str, body: str, root: str = "") -> bytes:
    root = root or ROOTS[name]
    return f"<{root}>{body}</{root}>".encode()


def read(data: bytes, request: str = "", format: str | None = None) -> list[Outcome]:
    return list(formats.decode(data, format=format, received_at=RECEIVED_AT, request=request)[1])


@SERVICES
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_service_is_told_by_its_root(name: str, codec: str) -> None:
    start = f'<?xml version="1.0" encoding="{codec.removesuffix("-sig")}"?>\n<!-- 답 --> '
    assert formats.detect((start + message(name, "<tCnt>0</tCnt>").decode()).encode(codec)) == name


def test_every_service_that_is_read_is_a_format() -> None:
    assert {service.NAME for service in unipass.SERVICES} == ROOTS.keys() <= formats.FORMATS.keys()
    assert [formats.FORMATS[name].title for name in ROOTS] == [
        "UNI-PASS cargo clearance progress (Open API 001)",
        "UNI-PASS export fulfillment (Open API 002)",
        "UNI-PASS bonded warehouses (Open API 005)",
        "UNI-PASS container list (Open API 020)",
        "UNI-PASS arrival reports of ships (Open API 021)",
        "UNI-PASS arrivals and departures (Open API 024)",
    ]


@SERVICES
@pytest.mark.parametrize("body", ["<ntceInfo/><tCnt>0</tCnt>", "<tCnt></tCnt>", ""])
def test_nothing_found_is_parked(name: str, body: str) -> None:
    reason = f"no {SOUGHT[name]} found"
    assert read(message(name, body)) == [Parked(position="tCnt", reason=reason, format=name)]


@SERVICES
@pytest.mark.parametrize(
    ("body", "position", "reason"),
    [
        ("<ntceInfo>키  오류</ntceInfo><tCnt>-1</tCnt>", "ntceInfo", "customs answered: 키 오류"),
        ("<ntceInfo/><tCnt>-1</tCnt>", "ntceInfo", "customs answered with an error and no reason"),
        ("<ntceInfo>점검 중</ntceInfo><tCnt>0</tCnt>", "ntceInfo", "customs answered: 점검 중"),
        ("<errMsgCn>장애</errMsgCn>", "errMsgCn", "customs answered: 장애"),
        ("<tCnt>3</tCnt>", "tCnt", "3 are announced and none is given"),
        ("<tCnt>²</tCnt>", "tCnt", "² are announced and none is given"),
    ],
)
def test_an_error_is_one_problem(name: str, body: str, position: str, reason: str) -> None:
    assert read(message(name, body)) == [Problem(position=position, reason=reason, format=name)]


@SERVICES
def test_an_error_of_the_other_shape_is_one_problem(name: str) -> None:
    root = ROOTS[name].replace("RtnVo", "RtnErrInfoVo")
    data = message(name, "<errMsgCn>장애</errMsgCn>", root)
    assert formats.detect(data) == name
    assert read(data) == [Problem(position="errMsgCn", reason="customs answered: 장애", format=name)]
    reason = "customs answered with an error and no reason"
    assert read(message(name, "", root)) == [Problem(position=root, reason=reason, format=name)]


@SERVICES
def test_several_matches_without_a_row_are_parked(name: str) -> None:
    (outcome,) = read(message(name, "<ntceInfo>[N00] 조회 결과가 다건입니다.</ntceInfo><tCnt>2</tCnt>"))
    assert isinstance(outcome, Parked)
    assert outcome.reason.endswith("match, none is named: [N00] 조회 결과가 다건입니다.")


@pytest.mark.parametrize("name", ROWS)
def test_a_row_beside_a_notice_is_read(name: str) -> None:
    (outcome,) = read(message(name, f"<ntceInfo>[N00] 다건</ntceInfo>{ROWS[name]}<tCnt>1</tCnt>"))
    assert not isinstance(outcome, Parked | Problem)


@pytest.mark.parametrize("name", ROWS)
def test_a_source_set_to_cargo_progress_may_send_any_service(name: str) -> None:
    data = message(name, f"{ROWS[name]}<tCnt>1</tCnt>")
    (outcome,) = read(data, format="unipass.api001")
    assert [outcome] == read(data)
    assert outcome.format == name


@pytest.mark.parametrize("name", ROWS)
def test_a_service_refuses_the_answer_of_another(name: str) -> None:
    with pytest.raises(FormatError, match=f"not a UNI-PASS answer about {SOUGHT[name]}: the root element is cargCscl"):
        read(message("unipass.api001", ""), format=name)


@pytest.mark.parametrize("name", ROWS)
def test_a_slice_is_the_row_alone(name: str) -> None:
    data = message(name, f"{ROWS[name]}<tCnt>1</tCnt>")
    (outcome,) = read(data)
    assert formats.slice(name, data, outcome.position).decode() == ROWS[name]
    with pytest.raises(FormatError):
        formats.slice(name, data, outcome.position.replace("[1]", "[2]"))
    with pytest.raises(FormatError):
        formats.slice(name, data, "ntceInfo")


@pytest.mark.parametrize(
    ("request_name", "told"),
    [
        ("cargMtNo=26CLSL014EI00420007", {"cargMtNo": "26CLSL014EI00420007"}),
        ("cntrQryBrkdQry/retrieveCntrQryBrkd?cargMtNo=26CLSL014EI0042&x=", {"cargMtNo": "26CLSL014EI0042"}),
        ("api020_26CLSL014EI00420007.xml", {"cargMtNo": "26CLSL014EI00420007"}),
        ("blNo=KOSHA1; master_bill=KOSHA1", {"blNo": "KOSHA1", "master_bill": "KOSHA1"}),
        ("26CLSL014EI004200071.xml", {}),
        ("answer (1).xml", {}),
        ("", {}),
    ],
)
def test_what_was_asked_is_read_from_the_name(request_name: str, told: dict[str, str]) -> None:
    assert answer.asked(request_name) == told


def test_the_numbers_of_a_request_are_references_once_and_in_one_form() -> None:
    told = {
        "cargMtNo": "26clsl014ei-00420007",
        "cargo_control_number": "26CLSL014EI00420007",
        "blNo": "KOSHA 1",
        "master_bill": "HDMU****",
        "expDclrNo": "N/A",
    }
    found, warnings = answer.references(told)
    assert found == [Reference("cargo_control_number", "26CLSL014EI00420007"), Reference("house_bill", "KOSHA1")]
    assert warnings == ["masked: master_bill HDMU****"]


def test_a_bill_whose_kind_is_known_is_that_kind_alone() -> None:
    found, _ = answer.references({"blNo": "HDMU1", "master_bill": "HDMU1"})
    assert found == [Reference("master_bill", "HDMU1")]


@pytest.mark.parametrize(
    "digits", ["２０２６０３０２１４０５１２", "٢٠٢٦٠٣٠٢١٤٠٥١٢", "2026W101080000", "20260302246060"]
)
def test_what_only_looks_like_a_time_is_none(digits: str) -> None:
    assert len(digits) == 14
    assert answer.moment(digits) is None


def test_a_deep_or_hostile_answer_is_refused_in_one_line() -> None:
    for data in (
        b"<cntrQryBrkdQryRtnVo>" + b"<a>" * 70 + b"</a>" * 70 + b"</cntrQryBrkdQryRtnVo>",
        b'<!DOCTYPE a [<!ENTITY e "x">]><cntrQryBrkdQryRtnVo>&e;</cntrQryBrkdQryRtnVo>',
        b"<cntrQryBrkdQryRtnVo>",
        b"<cntrQryBrkdQryRtnVo>\x00</cntrQryBrkdQryRtnVo>",
    ):
        with pytest.raises(FormatError) as caught:
            read(data)
        assert "\n" not in str(caught.value)


def test_a_container_list_of_a_hundred_thousand_rows_is_read() -> None:
    rows = "".join(f"<cntrQryBrkdQryVo><cntrNo>CLSU{n:07d}</cntrNo></cntrQryBrkdQryVo>" for n in range(100_000))
    outcomes = read(message("unipass.api020", f"{rows}<tCnt>100000</tCnt>"))
    assert len(outcomes) == 100_000
    assert isinstance(outcomes[-1], Event) and outcomes[-1].position == "cntrQryBrkdQryVo[100000]"
