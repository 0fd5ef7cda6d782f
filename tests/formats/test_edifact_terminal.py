"""CODECO, COARRI, COPRAR: what a terminal reports or is ordered, for each box."""

from __future__ import annotations

from datetime import datetime

import pytest

from cargo.domain.event import Event, Parked, Place, Problem, Transport
from cargo.formats import edifact
from tests.formats.edifact_messages import VESSEL, box, events, interchange, message, numbers, only, read, refused

AT = "DTM+203:202603140855:203"


def terminal(kind: str, code: str, *segments: str, head: tuple[str, ...] = ()) -> bytes:
    return interchange(
        message(f"{kind}:D:95B:UN:SMDG20", f"BGM+{code}+DOC1+9", "DTM+137:202603140912:203", *head, *segments)
    )


def codeco(code: str, *segments: str) -> bytes:
    return terminal("CODECO", code, *segments)


def coarri(code: str, *segments: str) -> bytes:
    head = (VESSEL, "LOC+9+KRPUS:139:6", "LOC+11+KRPUS:139:6")
    return terminal("COARRI", code, *segments, head=head)


def eqd(status: str, load: str, number: int = 1) -> str:
    return f"EQD+CN+{box(number)}+45G1:102:5++{status}+{load}"


def test_a_gate_in_in_full() -> None:
    event = only(
        terminal(
            "CODECO",
            "34",
            eqd("2", "5"),
            "RFF+BN:BK1",
            AT,
            "LOC+165+KRPUS:139:6+PNC:TER:ZZZ",
            "LOC+9+KRPUS:139:6",
            "LOC+11+NLRTM:139:6",
            "MEA+AAE+VGM+KGM:27000",
            "SEL+S1+CA",
            "TDT+1++3++:172:ZZZ+++12GA3456:146",
            "CNT+16:1",
            head=(VESSEL, "NAD+CF+CLSL:160:20", "RFF+FF:FWD7"),
        )
    )
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "gate_in",
        "actual",
        "container",
        "advance",
    )
    assert event.format == "edifact.codeco"
    assert event.occurred_local == datetime(2026, 3, 14, 8, 55)
    assert event.reported_at is not None and event.reported_at.isoformat() == "2026-03-14T09:12:00+09:00"
    assert numbers(event) == [f"container={box(1)}", "booking=BK1", "seal=S1", "own_reference=FWD7"]
    assert event.place == Place("KRPUS", "unlocode", "PNC", "loading")
    assert event.transport == Transport("truck", None, None, None)
    assert event.laden is True
    assert event.plan == {"port_of_loading": "KRPUS", "port_of_discharge": "NLRTM"}
    assert (event.source_code, event.source_text) == ("34", "Gate-in report")
    assert event.context == {"carrier": "CLSL", "iso": "45G1"}
    assert (event.position, event.warnings) == ("message 1, segments 7-15", ())
    assert event.meaning == f"34|202603140855|KRPUS|PNC|booking=BK1|container={box(1)}|2|True"


def test_a_discharge_in_full() -> None:
    event = only(
        terminal(
            "COARRI",
            "44",
            eqd("3", "5"),
            "RFF+BM:BILL1",
            AT,
            "LOC+9+CNSHA:139:6",
            "LOC+147+0120382::5",
            "SEL+S1",
            head=(VESSEL, "LOC+11+KRPUS:139:6:BUSAN+PNIT:TER:ZZZ", "NAD+CA+CLSL:172:20"),
        )
    )
    assert (event.milestone, event.level, event.format) == ("discharged", "container", "edifact.coarri")
    assert numbers(event) == [f"container={box(1)}", "master_bill=BILL1", "seal=S1"]
    assert event.place == Place("KRPUS", "unlocode", "PNIT", "discharge")
    assert event.transport == Transport("vessel", "CLIS ALPHA", "9863297", "014E")
    assert event.plan == {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}
    assert (event.position, event.warnings) == ("message 1, segments 7-12", ())


@pytest.mark.parametrize(
    ("kind", "code", "status", "milestone", "classifier", "text"),
    [
        ("CODECO", "34", "2", "gate_in", "actual", "Gate-in report"),
        ("CODECO", "109", "2", "gate_in", "actual", "Gate-in report"),
        ("CODECO", "36", "3", "gate_out", "actual", "Gate-out report"),
        ("CODECO", "111", "3", "gate_out", "actual", "Gate-out report"),
        ("COARRI", "44", "3", "discharged", "actual", "Discharge report"),
        ("COARRI", "98", "3", "discharged", "actual", "Discharge report"),
        ("COARRI", "119", "3", "discharged", "actual", "Discharge report"),
        ("COARRI", "181", "3", "discharged", "actual", "Discharge report"),
        ("COARRI", "46", "2", "loaded", "actual", "Loading report"),
        ("COARRI", "122", "2", "loaded", "actual", "Loading report"),
        ("COARRI", "270", "2", "loaded", "actual", "Loading report"),
        ("COPRAR", "43", "3", "discharged", "planned", "Discharge order"),
        ("COPRAR", "118", "3", "discharged", "planned", "Discharge order"),
        ("COPRAR", "145", "3", "discharged", "planned", "Discharge order"),
        ("COPRAR", "45", "2", "loaded", "planned", "Loading order"),
        ("COPRAR", "121", "2", "loaded", "planned", "Loading order"),
        ("COPRAR", "146", "2", "loaded", "planned", "Loading order"),
    ],
)
def test_the_document_says_what_happened(
    kind: str, code: str, status: str, milestone: str, classifier: str, text: str
) -> None:
    event = only(terminal(kind, code, eqd(status, "5"), AT, "LOC+165+KRPUS:139:6"))
    assert (event.milestone, event.classifier) == (milestone, classifier)
    assert (event.source_code, event.source_text, event.warnings) == (code, text, ())


@pytest.mark.parametrize(
    ("code", "status", "load", "milestone", "laden"),
    [
        ("34", "2", "5", "gate_in", True),
        ("34", "", "5", "gate_in", True),
        ("34", "3", "5", "inland_arrived", True),
        ("34", "6", "5", "inland_arrived", True),
        ("34", "2", "4", "empty_returned", False),
        ("34", "3", "4", "empty_returned", False),
        ("36", "3", "5", "gate_out", True),
        ("36", "", "5", "gate_out", True),
        ("36", "2", "5", "inland_departed", True),
        ("36", "6", "5", "inland_departed", True),
        ("36", "2", "4", "empty_picked_up", False),
        ("36", "3", "4", "empty_picked_up", False),
        ("36", "3", "7", "gate_out", True),
        ("34", "31", "", "empty_returned", False),
        ("34", "32", "", "gate_in", True),
    ],
)
def test_full_and_empty_boxes_at_the_gate(
    code: str, status: str, load: str, milestone: str, laden: bool | None
) -> None:
    event = only(codeco(code, eqd(status, load), AT, "LOC+165+KRPUS:139:6"))
    assert (event.milestone, event.laden, event.warnings) == (milestone, laden, ())


@pytest.mark.parametrize(
    ("code", "status", "milestone", "warnings"),
    [
        ("34", "2", "gate_in", ()),
        ("36", "3", "gate_out", ()),
        ("34", "", "unknown", ("load_missing: EQD says neither full nor empty",)),
        ("36", "2", "unknown", ("load_missing: EQD says neither full nor empty",)),
    ],
)
def test_a_box_that_is_called_neither_full_nor_empty(
    code: str, status: str, milestone: str, warnings: tuple[str, ...]
) -> None:
    event = only(codeco(code, eqd(status, ""), AT, "LOC+165+KRPUS:139:6"))
    assert (event.milestone, event.laden, event.warnings) == (milestone, None, warnings)


@pytest.mark.parametrize(
    ("code", "status", "load", "milestone"),
    [
        ("44", "3", "5", "discharged"),
        ("44", "6", "5", "transshipment_discharged"),
        ("46", "2", "5", "loaded"),
        ("46", "6", "5", "transshipment_loaded"),
        ("46", "17", "5", "transshipment_loaded"),
        ("44", "3", "4", "unknown"),
        ("46", "2", "4", "unknown"),
        ("46", "4", "5", "unknown"),
        ("44", "5", "5", "unknown"),
        ("44", "14", "5", "unknown"),
        ("46", "24", "5", "unknown"),
        ("44", "7", "5", "discrepancy"),
        ("46", "8", "5", "discrepancy"),
    ],
)
def test_what_is_done_with_a_box_at_the_quay(code: str, status: str, load: str, milestone: str) -> None:
    event = only(coarri(code, eqd(status, load), AT))
    assert (event.milestone, event.warnings) == (milestone, ())


def test_a_discharge_of_a_box_that_is_called_neither_full_nor_empty() -> None:
    event = only(coarri("44", eqd("3", ""), AT))
    assert (event.milestone, event.laden) == ("discharged", None)
    assert event.warnings == ("load_missing: EQD says neither full nor empty",)


def test_a_transshipment_has_no_port_here() -> None:
    head = (VESSEL, "LOC+11+KRPUS:139:6")
    event = only(terminal("COARRI", "44", eqd("6", "5"), AT, "LOC+9+CNSHA:139:6", head=head))
    assert event.place == Place("KRPUS", "unlocode", None, "transshipment")
    assert event.plan == {"port_of_loading": "CNSHA"}
    head = (VESSEL, "LOC+9+KRPUS:139:6")
    event = only(terminal("COARRI", "46", eqd("6", "5"), AT, "LOC+11+NLRTM:139:6", head=head))
    assert event.place == Place("KRPUS", "unlocode", None, "transshipment")
    assert event.plan == {"port_of_discharge": "NLRTM"}


@pytest.mark.parametrize(
    ("kind", "code", "head", "milestone", "warning"),
    [
        ("CODECO", "999:::GATE IN REPORT", (), "gate_in", "unknown_code: BGM 999, read as gate-in report"),
        ("CODECO", "999:::Gate-out", (), "gate_out", "unknown_code: BGM 999, read as gate-out report"),
        ("CODECO", "999", (), "unknown", "unknown_code: BGM 999"),
        ("COARRI", "999", ("LOC+11+KRPUS:139:6",), "discharged", "unknown_code: BGM 999, read as discharge report"),
        ("COARRI", "", ("LOC+9+KRPUS:139:6",), "loaded", "unknown_code: BGM nothing, read as loading report"),
        ("COARRI", "999", ("LOC+9+KRPUS:139:6", "LOC+11+KRPUS:139:6"), "unknown", "unknown_code: BGM 999"),
        ("COARRI", "34", (), "unknown", "unknown_code: BGM 34"),
    ],
)
def test_a_document_with_a_code_of_its_own(
    kind: str, code: str, head: tuple[str, ...], milestone: str, warning: str
) -> None:
    event = only(terminal(kind, code, eqd("", "5"), AT, "LOC+165+KRPUS:139:6", head=head))
    assert (event.milestone, event.warnings) == (milestone, (warning,))
    assert event.source_code == (code.partition(":")[0] or None)


def test_damage_is_told_beside_the_move() -> None:
    moved, damaged = events(codeco("36", eqd("3", "5"), AT, "LOC+165+KRPUS:139:6", "DAM+1+DENT", "COD+5"))
    assert (moved.milestone, moved.position) == ("gate_out", "message 1, segments 4-8")
    assert (damaged.milestone, damaged.effect) == ("damaged", "info")
    assert damaged.position == "message 1, segments 4-8 #2"
    assert damaged.references == moved.references and damaged.occurred_local == moved.occurred_local
    assert damaged.meaning != moved.meaning


def test_each_box_has_its_own_times_places_and_references() -> None:
    found = events(
        codeco(
            "36",
            eqd("3", "5", 1),
            "RFF+BM:BILL1",
            "DTM+203:202603140801:203",
            "LOC+165+KRPUS:139:6",
            "SEL+S1",
            eqd("3", "4", 2),
            "DTM+203:202603140802:203",
            "LOC+165+KRINC:139:6",
            "CNT+16:2",
        )
    )
    assert [numbers(event) for event in found] == [
        [f"container={box(1)}", "master_bill=BILL1", "seal=S1"],
        [f"container={box(2)}"],
    ]
    assert [event.milestone for event in found] == ["gate_out", "empty_picked_up"]
    assert [event.place and event.place.code for event in found] == ["KRPUS", "KRINC"]
    assert [event.occurred_local and event.occurred_local.minute for event in found] == [1, 2]
    assert [event.position for event in found] == ["message 1, segments 4-8", "message 1, segments 9-11"]


def test_the_slice_is_of_one_box() -> None:
    data = codeco("36", eqd("3", "5", 1), AT, "LOC+165+KRPUS:139:6", eqd("3", "5", 2), AT)
    first, second = events(data)
    assert edifact.slice(data, first.position).decode() == f"{eqd('3', '5', 1)}'{AT}'LOC+165+KRPUS:139:6'"
    assert box(1).encode() not in edifact.slice(data, second.position)


@pytest.mark.parametrize(
    ("kind", "code", "times", "minute"),
    [
        ("CODECO", "34", ["7:202603140801:203", "203:202603140802:203"], 2),
        ("CODECO", "34", ["7:202603140801:203"], 1),
        ("COARRI", "44", ["178:202603140803:203", "334:202603140804:203"], 4),
        ("COPRAR", "45", ["132:202603140801:203", "133:202603140802:203"], 2),
        ("COPRAR", "45", ["189:202603140805:203", "133:202603140802:203"], 5),
        ("COPRAR", "43", ["132:202603140801:203", "133:202603140802:203"], 1),
        ("COPRAR", "43", ["232:202603140807:203", "132:202603140801:203"], 7),
    ],
)
def test_which_time_counts(kind: str, code: str, times: list[str], minute: int) -> None:
    event = only(terminal(kind, code, eqd("2", "5"), *[f"DTM+{time}" for time in times]))
    assert event.occurred_local == datetime(2026, 3, 14, 8, minute)


def test_the_time_of_the_call_stands_for_a_box_without_one() -> None:
    head = (VESSEL, "DTM+178:202603140655:203", "LOC+11+KRPUS:139:6")
    event = only(terminal("COARRI", "44", eqd("3", "5"), head=head))
    assert event.occurred_local == datetime(2026, 3, 14, 6, 55)
    assert event.warnings == ()
    event = only(terminal("COARRI", "44", eqd("3", "5"), head=(VESSEL, "LOC+11+KRPUS:139:6")))
    assert event.occurred_local == datetime(2026, 3, 14, 9, 12)
    assert event.warnings == ("occurred_time: no time is given for this box, the message's is taken",)


def test_no_time_at_all_is_a_problem_of_that_box() -> None:
    data = interchange(
        message("CODECO:D:95B:UN", "BGM+34+1+9", eqd("2", "5", 1), AT, eqd("2", "5", 2), eqd("2", "5", 3), AT)
    )
    first, second, third = read(data)
    assert isinstance(first, Event) and isinstance(third, Event)
    assert isinstance(second, Problem)
    assert (second.position, second.reason) == ("message 1, segment 5 EQD", "no time is given for this box")


def test_a_time_that_is_none_is_a_problem_of_that_box() -> None:
    problem = refused(codeco("34", eqd("2", "5"), "DTM+203:202613140855:203"))
    assert (problem.position, problem.reason) == ("message 1, segment 5 DTM", "'202613140855' is not a date and time")


@pytest.mark.parametrize(
    ("head", "segments", "carrier"),
    [
        (("NAD+CA+CLSL:172:20", "NAD+CF+OTHR:160:20"), (), "CLSL"),
        (("NAD+CF+OTHR:160:20",), (), "OTHR"),
        (("NAD+CF+OTHR:160:20",), ("NAD+CF+BOXO:160:20",), "BOXO"),
        ((VESSEL, "NAD+CF+OTHR:160:20"), (), "CLSL"),
        (("RFF+AAZ:CLSL",), (), "CLSL"),
        (("NAD+MS+OTHR:160:20",), (), None),
    ],
)
def test_whose_box_it_is(head: tuple[str, ...], segments: tuple[str, ...], carrier: str | None) -> None:
    event = only(terminal("COARRI", "44", eqd("3", "5"), AT, *segments, head=head))
    assert event.context == ({"carrier": carrier, "iso": "45G1"} if carrier else {"iso": "45G1"})


def test_other_equipment_is_told_without_a_container() -> None:
    event = only(codeco("34", "EQD+CH+CLSZ123456+++2+5", AT, "LOC+165+KRPUS:139:6", "RFF+BN:BK1"))
    assert numbers(event) == ["booking=BK1"]
    assert event.level == "master"


def test_a_container_with_a_wrong_check_digit_is_kept() -> None:
    wrong = box(1)[:-1] + str((int(box(1)[-1]) + 1) % 10)
    assert numbers(only(codeco("34", f"EQD+CN+{wrong}+45G1++2+5", AT))) == [f"container={wrong}"]


@pytest.mark.parametrize("function", ["1", "3", "17", "40"])
def test_a_report_that_is_taken_back_is_parked(function: str) -> None:
    data = codeco("34", eqd("2", "5"), AT).replace(b"DOC1+9", b"DOC1+" + function.encode())
    (parked,) = read(data)
    assert isinstance(parked, Parked)
    assert (parked.position, parked.format) == ("message 1", "edifact.codeco")
    assert parked.reason.endswith("of a CODECO: not applied")


def test_a_report_of_no_box_is_a_problem() -> None:
    problem = refused(codeco("34", "CNT+16:0"))
    assert (problem.position, problem.reason) == ("message 1, segment 1 UNH", "there is no equipment (EQD) in it")
    assert problem.format == "edifact.codeco"


def test_the_same_move_in_another_message_is_the_same_event() -> None:
    first = only(codeco("34", eqd("2", "5"), AT, "LOC+165+KRPUS:139:6"))
    later = interchange(
        message("CODECO:D:00B:UN", "BGM+34+DOC2+9", "DTM+137:202603150000:203", eqd("2", "5", 2), AT, eqd("2", "5"), AT,
                "LOC+165+KRPUS:139:6", reference="88"),
        head="UNB+UNOC:3+OTHER+FWD:ZZZ+260316:0000",
    )  # fmt: skip
    _, again = events(later)
    assert first.meaning == again.meaning
    other = only(codeco("36", eqd("2", "5"), AT, "LOC+165+KRPUS:139:6"))
    assert first.meaning != other.meaning
