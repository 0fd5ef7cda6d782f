"""What customs says of an export declaration (UNI-PASS Open API 002): cleared, loaded in part or whole, and by when."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from cargo.models import Shipment, Source
from cargo.pipeline.receive import receive
from cargo.selectors.documents import build
from tests.factories import a_registered_shipment
from tests.messages import dcsa, transport
from tests.pipeline.working import milestones_of, status_of, take_in, work_off

pytestmark = pytest.mark.django_db
ROOT = "expDclrNoPrExpFfmnBrkdQryRtnVo"
DECLARATION, FIRST_BILL, SECOND_BILL = "4291826000777X", "KOROT2603001", "KOROT2603002"
DECLARED = {
    "expDclrNo": DECLARATION,
    "acptDt": "20260302",
    "acptDttm": "140512",
    "loadDtyTmlm": "20260401",
    "shpmCmplYn": "N",
    "sanm": "CLS HARMONY",
    "csclPckGcnt": "300",
    "csclPckUt": "CT",
    "csclWght": "9000",
}
FIRST = {"blNo": FIRST_BILL, "tkofDt": "20260310", "shpmPckGcnt": "120", "shpmPckUt": "CT", "shpmWght": "3600"}
SECOND = {"blNo": SECOND_BILL, "tkofDt": "20260317", "shpmPckGcnt": "180", "shpmPckUt": "CT", "shpmWght": "5400"}


def answer(*loadings: dict[str, str], complete: bool = False) -> bytes:
    declared = {**DECLARED, "shpmCmplYn": "Y" if complete else "N"}
    told = _row("expDclrNoPrExpFfmnBrkdQryRsltVo", declared)
    told += "".join(_row("expDclrNoPrExpFfmnBrkdDtlQryRsltVo", row) for row in loadings)
    return f"<{ROOT}><ntceInfo/>{told}<tCnt>{len(loadings)}</tCnt></{ROOT}>".encode()


def by_bill(**fields: str) -> bytes:
    told = _row("expDclrNoPrExpFfmnBrkdBlNoQryRsltVo", {**DECLARED, **fields})
    return f"<{ROOT}><ntceInfo/><tCnt>1</tCnt>{told}</{ROOT}>".encode()


def _row(name: str, fields: dict[str, str]) -> str:
    return f"<{name}>{''.join(f'<{tag}>{text}</{tag}>' for tag, text in fields.items())}</{name}>"


def tell(customs: Source, body: bytes, name: str = "") -> None:
    receive(customs.pk, body, name=name)
    work_off()


def deadlines_of(shipment: Shipment) -> list[tuple[Any, ...]]:
    built = build(shipment.pk)
    assert built is not None
    return [
        (found["kind"], datetime.fromisoformat(found["due_at"]), found["basis"], found["met_at"])
        for found in json.loads(built[1])["deadlines"]
    ]


def kst(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


BY_CUSTOMS = kst("2026-04-01T23:59:59")


def test_cargo_known_by_its_declaration_is_followed_until_all_of_it_is_loaded(customs: Source) -> None:
    shipment = a_registered_shipment(None, ("declaration", DECLARATION))
    tell(customs, answer())
    assert milestones_of(shipment) == ["export_cleared"]
    assert deadlines_of(shipment) == [("loading", BY_CUSTOMS, "loading_by_customs", None)]

    tell(customs, answer(FIRST))
    assert set(milestones_of(shipment)) == {"export_cleared", "departed"}
    # A part load: the rest must still be loaded.
    assert deadlines_of(shipment) == [("loading", BY_CUSTOMS, "loading_by_customs", None)]

    tell(customs, answer(FIRST, SECOND, complete=True))
    assert {"export_cleared", "departed", "exported"} == set(milestones_of(shipment))
    ((kind, due, basis, met),) = deadlines_of(shipment)
    assert (kind, due, basis) == ("loading", BY_CUSTOMS, "loading_by_customs")
    assert datetime.fromisoformat(met) == kst("2026-03-17T00:00:00")


def test_a_bill_that_was_asked_for_tells_its_shipment(customs: Source) -> None:
    shipment = a_registered_shipment(None, ("house_bill", FIRST_BILL))
    loaded = {"mrn": "26CLSL0155E", "shpmAirptPortNm": "부산항", "tkofDt": "20260310", "shpmCmplYn": "Y"}
    tell(customs, by_bill(**loaded, shpmPckGcnt="300", shpmPckUt="CT"), f"blNo={FIRST_BILL}")
    assert set(milestones_of(shipment)) == {"export_cleared", "departed", "exported"}
    status = status_of(shipment)
    assert (status.milestone, status.status) == ("exported", "in_transit")


def test_a_bill_of_a_declaration_hears_what_is_said_of_the_whole(customs: Source) -> None:
    mine = a_registered_shipment(None, ("house_bill", FIRST_BILL))
    other = a_registered_shipment(None, ("house_bill", "KOROT2603009"))
    tell(customs, answer(FIRST, SECOND))
    assert milestones_of(other) == []
    assert "export_cleared" in milestones_of(mine)
    assert deadlines_of(mine) == [("loading", BY_CUSTOMS, "loading_by_customs", None)]


def test_where_customs_is_not_asked_again_the_carriers_departure_meets_the_deadline(
    customs: Source, carrier: Source
) -> None:
    shipment = a_registered_shipment(None, ("declaration", DECLARATION), ("master_bill", "HDMUPUSR1234567"))
    tell(customs, answer())
    take_in(carrier, dcsa(transport("DEPA", "2026-03-10 21:00")))
    ((_, _, _, met),) = deadlines_of(shipment)
    assert datetime.fromisoformat(met) == kst("2026-03-10T21:00:00")


def test_an_export_has_no_time_for_removal(customs: Source) -> None:
    shipment = a_registered_shipment(None, ("declaration", DECLARATION))
    tell(customs, answer())
    assert [kind for kind, *_ in deadlines_of(shipment)] == ["loading"]
