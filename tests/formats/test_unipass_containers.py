"""UNI-PASS container list (Open API 020): which containers belong to a cargo, with size and seals."""

from __future__ import annotations

import pytest

from cargo import formats
from cargo.domain.event import Event, Outcome, Parked, Reference
from tests.formats.outcomes import RECEIVED_AT

NAME = "unipass.api020"
CARGO = "26CLSL014EI00420007"


def row(**fields: str) -> str:
    inner = "".join(f"<{tag}>{text}</{tag}>" for tag, text in fields.items())
    return f"<cntrQryBrkdQryVo>{inner}</cntrQryBrkdQryVo>"


def answer(*rows: str, count: str = "", beside: str = "") -> bytes:
    number = count or str(len(rows))
    return f"<cntrQryBrkdQryRtnVo><tCnt>{number}</tCnt>{beside}{''.join(rows)}</cntrQryBrkdQryRtnVo>".encode()


def read(data: bytes, request: str = f"cargMtNo={CARGO}") -> list[Outcome]:
    return list(formats.decode(data, received_at=RECEIVED_AT, request=request)[1])


def only(data: bytes, request: str = f"cargMtNo={CARGO}") -> Event:
    (outcome,) = read(data, request)
    assert isinstance(outcome, Event), outcome
    return outcome


BOX = {"cntrNo": "CLSU4000215", "cntrStszCd": "45GP", "cntrSelgNo1": "KR 1038", "cntrSelgNo2": "", "cntrSelgNo3": "X-7"}


def test_a_container_in_full() -> None:
    event = only(answer(row(**BOX)))
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "containers_listed",
        "actual",
        "container",
        "info",
    )
    assert (event.occurred_local, event.occurred_at, event.reported_at, event.time_basis) == (None, None, None, None)
    assert event.references == (
        Reference("cargo_control_number", CARGO),
        Reference("container", "CLSU4000215"),
        Reference("seal", "KR 1038"),
        Reference("seal", "X-7"),
    )
    assert (event.authority, event.agency, event.place, event.plan) == ("KR-KCS", None, None, None)
    assert (event.source_text, event.format, event.position) == ("컨테이너내역", NAME, "cntrQryBrkdQryVo[1]")
    assert (event.context, event.warnings) == ({"iso": "45GP"}, ())


def test_all_containers_each_once_in_the_order_of_the_answer() -> None:
    numbers = ["CLSU4000215", "CLSU4000220", "TCNU7654321"]
    events = read(answer(*(row(cntrNo=number) for number in numbers)))
    assert [event.reference("container") for event in events if isinstance(event, Event)] == numbers
    assert [event.position for event in events] == [f"cntrQryBrkdQryVo[{n}]" for n in (1, 2, 3)]
    assert len({event.meaning for event in events if isinstance(event, Event)}) == 3


@pytest.mark.parametrize(
    ("data", "request_name"),
    [
        (answer(row(**BOX)), f"retrieveCntrQryBrkd?cargMtNo={CARGO}"),
        (answer(row(**BOX)), f"{CARGO}.xml"),
        (answer(row(**BOX)), f"cargo_control_number={CARGO}"),
        (answer(row(**BOX), beside=f"<cargMtNo>{CARGO}</cargMtNo>"), ""),
        (answer(row(**BOX, cargMtNo=CARGO)), "cargMtNo=26CLSL014EI00420099"),
    ],
)
def test_the_cargo_comes_with_the_name_or_in_the_answer(data: bytes, request_name: str) -> None:
    event = only(data, request_name)
    assert event.reference("cargo_control_number") == CARGO
    assert event.warnings == ()


def test_bills_that_the_request_names_go_along() -> None:
    event = only(answer(row(**BOX)), f"cargMtNo={CARGO}&mblNo=HDMUPUSR1234567&hblNo=KOSHA2603001")
    assert event.references[:3] == (
        Reference("cargo_control_number", CARGO),
        Reference("master_bill", "HDMUPUSR1234567"),
        Reference("house_bill", "KOSHA2603001"),
    )


def test_without_a_cargo_the_container_and_its_seals_are_still_told() -> None:
    event = only(answer(row(**BOX)), "answer.xml")
    assert [reference.type for reference in event.references] == ["container", "seal", "seal"]
    assert event.warnings == ("cargo_number: the answer does not say whose containers these are",)


def test_the_same_list_is_the_same_report_and_another_cargos_is_not() -> None:
    first = only(answer(row(**BOX)))
    again = only(answer(row(**{**BOX, "cntrSelgNo1": "NEW"})))
    other = only(answer(row(**BOX)), "cargMtNo=26CLSL014EI00420008")
    assert first.meaning == again.meaning
    assert first.meaning != other.meaning


def test_a_row_without_a_number_and_a_wrong_count_are_told() -> None:
    assert read(answer(row(cntrStszCd="22GP"), count="3")) == [
        Parked(position="cntrQryBrkdQryVo[1]", reason="a container without a number", format=NAME),
        Parked(position="tCnt", reason="3 containers are announced, 1 given", format=NAME),
    ]


def test_a_number_with_a_wrong_check_digit_is_kept() -> None:
    assert only(answer(row(cntrNo="tcnu 765432-1"))).reference("container") == "TCNU7654321"


def test_no_size_and_no_seals_are_nothing() -> None:
    event = only(answer(row(cntrNo="CLSU4000215", cntrStszCd="", cntrSelgNo1="N/A")))
    assert [reference.type for reference in event.references] == ["cargo_control_number", "container"]
    assert event.context is None
