"""UNI-PASS bonded warehouses (Open API 005): reference data with two flags that decide deadlines."""

from __future__ import annotations

import pytest

from cargo import formats
from cargo.domain.event import Outcome, Problem, Warehouse

NAME = "unipass.api005"
SHED = {
    "snarSgn": "03054321",
    "snarNm": " 가상  보세창고 ",
    "snarAddr": "부산 가상구\n가상로 1",
    "snartelno": "051-000-0001",
    "pnltLvyTrgtYn": "Y",
    "adtxColtPridYn": "N",
    "ldunPlcSnarYn": "n",
}


def answer(*rows: dict[str, str]) -> bytes:
    told = "".join(
        "<shedInfoQryRsltVo>"
        + "".join(f"<{tag}>{text}</{tag}>" for tag, text in fields.items())
        + "</shedInfoQryRsltVo>"
        for fields in rows
    )
    return f"<shedInfoQryRtnVo><ntceInfo/><tCnt>{len(rows)}</tCnt>{told}</shedInfoQryRtnVo>".encode()


def read(data: bytes, request: str = "") -> list[Outcome]:
    return list(formats.decode(data, request=request)[1])


def test_a_warehouse_in_full() -> None:
    assert read(answer(SHED)) == [
        Warehouse(
            authority="KR-KCS",
            code="03054321",
            customs_office="030",
            name="가상 보세창고",
            address="부산 가상구 가상로 1",
            phone="051-000-0001",
            late_removal_fine=True,
            late_declaration_surcharge=False,
            unloading_place=False,
            format=NAME,
            position="shedInfoQryRsltVo[1]",
        )
    ]


@pytest.mark.parametrize("flag", ["", "?", "1", "YES"])
def test_a_flag_that_says_neither_is_not_known(flag: str) -> None:
    (warehouse,) = read(answer({**SHED, "pnltLvyTrgtYn": flag}))
    assert isinstance(warehouse, Warehouse)
    assert (warehouse.late_removal_fine, warehouse.late_declaration_surcharge) == (None, False)


def test_a_code_is_taken_from_the_request_only_where_there_is_one_row() -> None:
    bare = {name: text for name, text in SHED.items() if name != "snarSgn"}
    (warehouse,) = read(answer(bare), "jrsdCstmCd=031&snarSgn=03054321")
    assert isinstance(warehouse, Warehouse)
    assert (warehouse.code, warehouse.customs_office) == ("03054321", "031")
    told = Problem(position="shedInfoQryRsltVo[2]", reason="a warehouse without a code", format=NAME)
    assert read(answer(SHED, bare), "snarSgn=03054399")[1] == told
    assert read(answer(bare)) == [Problem(position="shedInfoQryRsltVo[1]", reason=told.reason, format=NAME)]


def test_all_warehouses_of_an_office_are_read() -> None:
    told = read(answer(*({"snarSgn": f"030{n:05d}"} for n in range(300))), "jrsdCstmCd=030")
    assert [outcome.code for outcome in told if isinstance(outcome, Warehouse)] == [f"030{n:05d}" for n in range(300)]
