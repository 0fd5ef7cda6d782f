"""``manage.py decode``: one line per event, one line per problem, and exit codes; no database."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SAMPLES = Path(__file__).parent / "samples"
KEYS = [
    "milestone",
    "classifier",
    "level",
    "effect",
    "occurred_local",
    "occurred_at",
    "time_zone",
    "time_basis",
    "reported_at",
    "references",
    "place",
    "transport",
    "laden",
    "quantity",
    "authority",
    "agency",
    "deadline",
    "delay_reason",
    "part",
    "source_event_id",
    "source_event_version",
    "retracts",
    "plan",
    "format",
    "source_code",
    "source_text",
    "warnings",
]


def decode(*arguments: object) -> tuple[int, list[dict[str, object]], list[str]]:
    """Exit code, events, lines on standard error."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("decode", *(str(argument) for argument in arguments), stdout=out, stderr=err, no_color=True)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue().splitlines()


def test_a_file_is_one_line_per_event_with_every_key() -> None:
    code, events, errors = decode(SAMPLES / "dcsa" / "voyage_busan_rotterdam.json")
    assert (code, errors) == (0, [])
    assert [event["milestone"] for event in events] == [
        "booking_confirmed",
        "empty_picked_up",
        "gate_in",
        "loaded",
        "departed",
        "arrived",
        "arrived",
        "discharged",
        "customs_hold",
        "customs_released",
        "gate_out",
        "empty_returned",
    ]
    assert all(list(event) == KEYS for event in events)
    assert events[4]["occurred_at"] == "2026-03-09T12:30:00+09:00"
    assert events[4]["place"] == {"code": "KRPUS", "scheme": "unlocode", "facility": "PNC", "role": "terminal"}


def test_events_are_normalized() -> None:
    _, (event,), _ = decode(SAMPLES / "dcsa" / "single_without_id.json")
    assert event["references"] == [{"type": "container", "value": "CLSU4000220"}]
    assert (event["time_zone"], event["time_basis"]) == ("Asia/Seoul", "given")


def test_problems_are_named_by_file_and_position_and_the_rest_is_told() -> None:
    path = SAMPLES / "dcsa" / "one_good_among_bad.json"
    code, events, errors = decode(path)
    assert code == 1
    assert [event["milestone"] for event in events] == ["departed"]
    assert errors[0] == f"{path}: /0/eventDateTime: 'yesterday' is not a date and time"
    assert len(errors) == 7


def test_a_parked_part_is_named_and_fails_nothing() -> None:
    path = SAMPLES / "unipass" / "not_found.xml"
    assert decode(path) == (0, [], [f"{path}: tCnt: parked: no cargo found"])


def test_what_is_said_of_warehouses_is_no_event_and_fails_nothing(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.xml"
    path.write_bytes(
        b"<shedInfoQryRtnVo><shedInfoQryRsltVo><snarSgn>02012018</snarSgn><pnltLvyTrgtYn>Y</pnltLvyTrgtYn>"
        b"</shedInfoQryRsltVo></shedInfoQryRtnVo>"
    )
    code, events, (line,) = decode(path)
    assert (code, events) == (0, [])
    assert line.startswith(f"{path}: shedInfoQryRsltVo[1]: warehouse 02012018: late removal fine yes, ")


def test_a_files_name_says_which_cargo_its_containers_are(tmp_path: Path) -> None:
    path = tmp_path / "26CLSL014EI00420007.xml"
    path.write_bytes(
        b"<cntrQryBrkdQryRtnVo><cntrQryBrkdQryVo><cntrNo>CLSU4000215</cntrNo></cntrQryBrkdQryVo></cntrQryBrkdQryRtnVo>"
    )
    code, (event,), errors = decode(path)
    assert (code, errors, event["milestone"]) == (0, [], "containers_listed")
    assert event["references"] == [
        {"type": "cargo_control_number", "value": "26CLSL014EI00420007"},
        {"type": "container", "value": "CLSU4000215"},
    ]


def test_a_customs_error_is_one_line() -> None:
    path = SAMPLES / "unipass" / "error_key.xml"
    assert decode(path) == (1, [], [f"{path}: ntceInfo: customs answered: 가상의 인증키 오류입니다."])


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(b'[{"eventClassifierCode": ')
    code, events, errors = decode(tmp_path / "none.json", broken, SAMPLES / "dcsa" / "single_without_id.json")
    assert code == 1
    assert len(events) == 1
    assert errors[0] == f"{tmp_path / 'none.json'}: No such file or directory"
    assert errors[1].startswith(f"{broken}: line 1, column ")
    assert len(errors) == 2


def test_a_folder_and_a_stranger_are_one_line_each(tmp_path: Path) -> None:
    stranger = tmp_path / "note.txt"
    stranger.write_text("hello")
    code, events, errors = decode(tmp_path, stranger)
    assert (code, events) == (1, [])
    assert errors == [f"{tmp_path}: Is a directory", f"{stranger}: not a message of any known format"]


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (SAMPLES / "dcsa" / "single_without_id.json").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    code, events, errors = decode("-")
    assert (code, len(events), errors) == (0, 1, [])


def test_the_time_of_receipt_decides_what_is_the_future() -> None:
    path = SAMPLES / "dcsa" / "single_without_id.json"
    _, (event,), _ = decode("--received-at", "2026-03-01T00:00:00Z", path)
    assert event["warnings"] == ["implausible_time: 2026-03-14T08:55:00+09:00"]


def test_options_that_cannot_be_are_refused_in_one_line() -> None:
    path = SAMPLES / "dcsa" / "single_without_id.json"
    with pytest.raises(CommandError, match="--received-at: 'soon' is not an ISO 8601 time"):
        decode("--received-at", "soon", path)
    with pytest.raises(CommandError, match="there is no format telex; known are dcsa.tnt2, "):
        decode("--format", "telex", path)


def test_a_named_format_is_not_guessed() -> None:
    code, events, errors = decode("--format", "unipass.api001", SAMPLES / "dcsa" / "single_without_id.json")
    assert (code, events, len(errors)) == (1, [], 1)
    assert "not well-formed XML" in errors[0]
