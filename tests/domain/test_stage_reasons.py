"""Why stages last from where to where: each rule by itself, and every real UNI-PASS cargo's."""

from __future__ import annotations

from pathlib import Path

import pytest

from cargo.domain.derive import derive
from cargo.domain.stage_reasons import RULES, Happening, Why, explain
from cargo.domain.stages import STAGES, measure
from cargo.domain.state import ACTUAL
from cargo.domain.view import Plan, View
from cargo.formats import unipass
from tests.domain.histories import customs, entries_of, entry, kst, view_of
from tests.domain.test_unipass_histories import (
    CARGOES,
    CLEAR,
    DECLARE,
    DISCHARGE,
    ENTRY,
    REMOVE,
    TO_RELEASE,
    TOTAL,
    TRANSPORT,
    corpus,
)

__all__ = ["corpus"]
D, H = "2026-03-14", "2026-03-15"

# File -> for each stage what begins it, how many seconds after its start, what ends it and the rules: read off the XML.
REASONS: dict[str, list[tuple[str, str, int, str, tuple[str, ...]]]] = {
    "found-21710983062__completed-sea-lcl-bonded-transport-2021": [
        (DISCHARGE, "arrived", 0, "discharge_approved", ()),
        (ENTRY, "discharge_approved", 0, "bonded_storage_in", ("entry_at_port",)),
        (TRANSPORT, "bonded_transport_departed", 0, "bonded_transport_arrived", ()),
        (DECLARE, "bonded_transport_arrived", 0, "import_declared", ("last_entry",)),
        (CLEAR, "import_declared", 0, "customs_released", ()),
        (REMOVE, "customs_released", 0, "gate_out", ()),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
    # The entry after the transport under bond is told for an hour before the entry at the port.
    "found-28315224757__guide-sample-2000-sea-bonded-transport": [
        (ENTRY, "discharge_approved", 0, "bonded_storage_in", ("entry_at_port",)),
        (DECLARE, "bonded_storage_in", 0, "import_declared", ("last_entry",)),
        (CLEAR, "import_declared", 0, "customs_released", ()),
        (REMOVE, "customs_released", 0, "gate_out", ()),
    ],
    "found-69636356781__masked-air-2018-partial": [
        (TRANSPORT, "bonded_transport_departed", 0, "", ("left_under_bond", "open")),
        (DECLARE, "bonded_storage_in", 0, "", ("open",)),
        (TO_RELEASE, "arrived", 0, "", ("open",)),
        (TOTAL, "arrived", 0, "", ("open",)),
    ],
    "mooyoul-node-unipass__completed-cn-air": [
        (DISCHARGE, "arrived", 831, "discharge_approved", ("ended_ahead",)),
        (ENTRY, "arrived", 0, "bonded_storage_in", ("goods_there",)),
        (DECLARE, "bonded_storage_in", 5589, "import_declared", ("declared_ahead",)),
        (CLEAR, "bonded_storage_in", 0, "customs_released", ("goods_there",)),
        (REMOVE, "customs_released", 0, "gate_out", ()),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
    "mooyoul-node-unipass__completed-cn-ship": [
        (DISCHARGE, "arrived", 0, "discharge_approved", ()),
        (ENTRY, "discharge_approved", 0, "bonded_storage_in", ()),
        (DECLARE, "bonded_storage_in", 516984, "import_declared", ("declared_ahead",)),
        (CLEAR, "bonded_storage_in", 27, "customs_released", ("ended_ahead", "goods_there")),
        (REMOVE, "bonded_storage_in", 27, "gate_out", ("ended_ahead", "goods_there")),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
    "mooyoul-node-unipass__completed-hk-air": [
        (DISCHARGE, "arrived", 0, "discharge_approved", ()),
        (ENTRY, "discharge_approved", 0, "bonded_storage_in", ()),
        (DECLARE, "bonded_storage_in", 0, "import_declared", ()),
        (CLEAR, "import_declared", 0, "customs_released", ()),
        (REMOVE, "customs_released", 0, "gate_out", ()),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
    "mooyoul-node-unipass__completed-uk-air": [
        (DISCHARGE, "arrived", 0, "discharge_approved", ()),
        (ENTRY, "discharge_approved", 0, "bonded_storage_in", ()),
        (DECLARE, "bonded_storage_in", 76166, "import_declared", ("declared_ahead",)),
        (CLEAR, "bonded_storage_in", 0, "customs_released", ("goods_there",)),
        (REMOVE, "customs_released", 0, "gate_out", ()),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
    "mooyoul-node-unipass__completed-us-air": [
        (DISCHARGE, "arrived", 3345, "discharge_approved", ("ended_ahead",)),
        (ENTRY, "arrived", 0, "bonded_storage_in", ("goods_there",)),
        (DECLARE, "bonded_storage_in", 15015, "import_declared", ("declared_ahead",)),
        (CLEAR, "bonded_storage_in", 0, "customs_released", ("goods_there",)),
        (REMOVE, "customs_released", 0, "gate_out", ("same_moment",)),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
    "mooyoul-node-unipass__completed-us-air2": [
        (DISCHARGE, "arrived", 0, "discharge_approved", ()),
        (ENTRY, "discharge_approved", 0, "bonded_storage_in", ()),
        (DECLARE, "bonded_storage_in", 20459, "import_declared", ("declared_ahead",)),
        (CLEAR, "bonded_storage_in", 0, "customs_released", ("goods_there",)),
        (REMOVE, "customs_released", 0, "gate_out", ("same_moment",)),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
    "mooyoul-node-unipass__completed-us-air3": [
        (DISCHARGE, "arrived", 0, "discharge_approved", ()),
        (ENTRY, "discharge_approved", 0, "bonded_storage_in", ()),
        (DECLARE, "bonded_storage_in", 23915, "import_declared", ("declared_ahead",)),
        (CLEAR, "bonded_storage_in", 0, "customs_released", ("goods_there",)),
        (REMOVE, "customs_released", 0, "gate_out", ()),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
    "mooyoul-node-unipass__in-progress": [
        (DISCHARGE, "arrived", 0, "discharge_approved", ()),
        (ENTRY, "discharge_approved", 0, "bonded_storage_in", ()),
        (DECLARE, "bonded_storage_in", 342589, "import_declared", ("declared_ahead",)),
        (CLEAR, "bonded_storage_in", 14, "customs_released", ("ended_ahead", "goods_there")),
        (REMOVE, "bonded_storage_in", 14, "gate_out", ("ended_ahead", "goods_there")),
        (TO_RELEASE, "arrived", 0, "customs_released", ()),
        (TOTAL, "arrived", 0, "gate_out", ()),
    ],
}


def told_of(view: View) -> list[Happening]:
    return [
        Happening(row.milestone, row.occurred, row.subject, row.entry.milestone)
        for row in view.occurrences
        if row.entry.classifier == ACTUAL and row.occurred is not None
    ]


def explained(view: View) -> dict[str, Why]:
    told = told_of(view)
    return {row.stage: explain(row.stage, row.started_at, row.ended_at, told) for row in measure(view)}


def test_a_stage_says_what_began_and_what_ended_it() -> None:
    view = view_of(
        entry("arrived", f"{D} 08:00"),
        entry("bonded_storage_in", f"{D} 12:00"),
        customs("import_declared", f"{D} 13:00"),
        customs("customs_released", f"{D} 15:00"),
    )
    assert explained(view)[CLEAR] == Why(
        "import_declared", kst(f"{D} 13:00"), "customs_released", kst(f"{D} 15:00"), ()
    )


def test_of_several_declarations_the_first_that_stood() -> None:
    view = view_of(
        entry("bonded_storage_in", f"{D} 12:00"),
        customs("import_declared", f"{D} 13:00", declaration="1"),
        customs("declaration_rejected", f"{D} 14:00", declaration="1"),
        customs("import_declared", f"{D} 15:00", declaration="2"),
    )
    why = explained(view)[DECLARE]
    assert (why.ended_by, why.ended_at, why.rules) == ("import_declared", kst(f"{D} 15:00"), ("first_declaration",))
    assert explained(view)[CLEAR].rules == ("first_declaration", "open")


def test_a_release_that_was_taken_back_is_not_the_one_that_counts() -> None:
    view = view_of(
        entry("arrived", f"{D} 08:00"),
        customs("import_declared", f"{D} 13:00"),
        customs("customs_released", f"{D} 15:00"),
        customs("customs_release_cancelled", f"{D} 16:00"),
        customs("customs_released", f"{H} 15:00"),
    )
    why = explained(view)[CLEAR]
    assert (why.ended_at, why.rules) == (kst(f"{H} 15:00"), ("standing_release",))


def test_of_several_containers_the_last() -> None:
    boxes = ("HDMU6546583", "HDMU6546599")
    view = view_of(
        entry("arrived", f"{D} 08:00"),
        *(
            entry("discharged", f"{D} 1{hour}:00", level="container", subject=box)
            for hour, box in enumerate(boxes, start=1)
        ),
    )
    told = told_of(view)
    stage = next(row for row in measure(view) if row.stage == "arrived__discharged")
    assert explain(stage.stage, stage.started_at, stage.ended_at, told).rules == ("last_container",)
    alone = explain("arrived__discharged", kst(f"{D} 08:00"), kst(f"{D} 11:00"), told, boxes[0])
    assert (alone.ended_by, alone.rules) == ("discharged", ())


@pytest.mark.parametrize("name", CARGOES)
def test_every_real_cargo(corpus: Path, name: str) -> None:
    view = derive(entries_of(unipass, (corpus / f"{name}.xml").read_bytes()), Plan())
    measured, told = measure(view), told_of(view)
    found = []
    for row in measured:
        why = explain(row.stage, row.started_at, row.ended_at, told)
        assert why.ended_at == row.ended_at
        found.append((row.stage, why.begun_by, why.begun_at - row.started_at, why.ended_by, why.rules))
    assert found == REASONS[name]


def test_rules_are_known_and_nothing_told_is_no_failure() -> None:
    seen = {rule for rows in REASONS.values() for row in rows for rule in row[4]}
    assert seen <= set(RULES)
    for stage in STAGES:
        assert explain(stage, 5, 5, ()) == Why(stage.split("__")[0], 5, stage.split("__")[1], 5, ("same_moment",))
