"""Words of carriers, airlines and standards about customs, CUSRES, and the plain tables of Japan and China."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import generic
from cargo.formats.edifact.statuses import REC24
from tests.domain.customs.signs import due, sign
from tests.domain.customs.stepping import History, Step, name_of, walk
from tests.domain.histories import customs, entry

HISTORIES = [
    History(
        "dcsa_held_then_released",
        "The carrier repeats that customs held the box and let it go.",
        [
            Step([sign("DCSA", "HOLD", "2026-03-02 08:00")], "held", ["DCSA customs"], {"customs": "blocked"}),
            Step([sign("DCSA", "RELS", "2026-03-03 08:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "dcsa_held_after_release",
        "A hold after the release withholds; released again, the release that stood goes on.",
        [
            Step([sign("DCSA", "RELS", "2026-03-02 08:00")], "released"),
            Step([sign("DCSA", "HOLD", "2026-03-02 12:00")], "held", ["DCSA customs"], {"customs": "blocked"}),
            Step([sign("DCSA", "RELS", "2026-03-03 08:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "dcsa_by_container",
        "Two boxes: one is let go, the other one is still held.",
        [
            Step(
                [sign("DCSA", "HOLD", "2026-03-02 08:00", subject=box) for box in ("CSQU3054383", "MSKU9070323")],
                "held",
                ["DCSA customs CSQU3054383", "DCSA customs MSKU9070323"],
            ),
            Step(
                [sign("DCSA", "RELS", "2026-03-03 08:00", subject="CSQU3054383")], "held", ["DCSA customs MSKU9070323"]
            ),
            Step(
                [sign("DCSA", "RELS", "2026-03-04 08:00", subject="MSKU9070323")], "released", lights={"customs": "ok"}
            ),
        ],
    ),
    History(
        "x12_pending_inhibited_cleared",
        "IT awaits, IX is inhibited, IC is cleared by import customs.",
        [
            Step([sign("X12", "IT", "2026-03-02 08:00")], "under_review", lights={"customs": "pending"}),
            Step([sign("X12", "IX", "2026-03-02 09:00")], "held", ["X12 customs"], {"customs": "blocked"}),
            Step([sign("X12", "IC", "2026-03-02 15:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "x12_released_with_formalities_open",
        "IR lets the goods go with formalities left, IC completes them.",
        [
            Step([sign("X12", "IR", "2026-03-02 08:00")], "released_provisionally", releases=["stands"]),
            Step([sign("X12", "IC", "2026-03-05 08:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "x12_import_data_missing",
        "NI: customs lacks data; cleared, it is no longer asked.",
        [
            Step([sign("X12", "NI", "2026-03-02 08:00")], "held", ["X12 documents"], {"documents": "blocked"}),
            Step([sign("X12", "IC", "2026-03-03 08:00")], "released", lights={"documents": "ok", "customs": "ok"}),
        ],
    ),
    History(
        "x12_export_inhibited_then_cleared",
        "EX keeps the goods from leaving, EC lets them leave.",
        [
            Step([sign("X12", "ET", "2026-03-02 08:00")], "under_review"),
            Step([sign("X12", "EX", "2026-03-02 09:00")], "held", ["X12 customs"]),
            Step([sign("X12", "EC", "2026-03-02 15:00")], "released", releases=["stands"]),
        ],
    ),
    History(
        "iata_reported_transferred_cleared",
        "Handed to customs' control is no hold; cleared at the destination is the release.",
        [
            Step([sign("IATA", "CRC", "2026-03-02 08:00")], "none"),
            Step([sign("IATA", "TGC", "2026-03-02 10:00")], "none", lights={"customs": "pending"}),
            Step([sign("IATA", "CCD", "2026-03-02 18:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "cusres_accepted_awaiting_arrival",
        "9: accepted, the goods are awaited; 18: clearance is asked for; 4: released.",
        [
            Step([sign("CUSRES", "9", "2026-03-01 08:00")], "none", lights={"customs": "pending"}),
            Step([sign("CUSRES", "18", "2026-03-03 08:00")], "declared", lights={"customs": "pending"}),
            Step([sign("CUSRES", "4", "2026-03-03 12:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "cusres_examined",
        "5: the goods are to be examined; 4: released.",
        [
            Step([sign("CUSRES", "18", "2026-03-03 08:00")], "declared"),
            Step([sign("CUSRES", "5", "2026-03-03 09:00")], "held", ["UN-EDIFACT inspection"], {"customs": "blocked"}),
            Step([sign("CUSRES", "4", "2026-03-04 12:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "cusres_documents_by_a_day",
        "6: documents are to be produced, and the response names the day.",
        [
            Step(
                [sign("CUSRES", "6", "2026-03-03 09:00", limit="2026-03-10")],
                "held",
                ["UN-EDIFACT documents"],
                {"documents": "blocked"},
                deadlines={"documents": "2026-03-10"},
            ),
            Step(
                [sign("CUSRES", "4", "2026-03-04 12:00")],
                "released",
                lights={"documents": "ok"},
                deadlines={"documents": "met"},
            ),
        ],
    ),
    History(
        "cusres_detained_after_release",
        "7 after 4: what comes after the release withholds.",
        [
            Step([sign("CUSRES", "4", "2026-03-03 12:00")], "released"),
            Step([sign("CUSRES", "7", "2026-03-03 15:00")], "held", ["UN-EDIFACT customs"], {"customs": "blocked"}),
        ],
    ),
    History(
        "cusres_under_transfer",
        "8: the goods may move under customs' control; that is no release.",
        [
            Step([sign("CUSRES", "18", "2026-03-03 08:00")], "declared"),
            Step([sign("CUSRES", "8", "2026-03-03 09:00")], "declared", lights={"customs": "pending"}, releases=[]),
        ],
    ),
    History(
        "cusres_rejected_then_accepted",
        "2: rejected with a comment; declared anew and released.",
        [
            Step([sign("CUSRES", "18", "2026-03-03 08:00", declaration="1")], "declared"),
            Step([sign("CUSRES", "2", "2026-03-03 08:10", declaration="1")], "rejected", lights={"customs": "blocked"}),
            Step([sign("CUSRES", "18", "2026-03-03 11:00", declaration="2")], "declared"),
            Step([sign("CUSRES", "4", "2026-03-03 12:00", declaration="2")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "cusres_tax_and_receipt",
        "965 tells the tax, 84 that the account does not cover it, 917 is the receipt.",
        [
            Step([sign("CUSRES", "965", "2026-03-03 08:00")], "none", lights={"payment": "unknown"}),
            Step([sign("CUSRES", "84", "2026-03-03 09:00")], "held", ["UN-EDIFACT payment"], {"payment": "blocked"}),
            Step([sign("CUSRES", "917", "2026-03-03 14:00")], "none", lights={"payment": "ok"}),
            Step([sign("CUSRES", "132", "2026-03-03 15:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "cusres_general_responses_say_nothing",
        "961, 962 and 964 announce a response and decide nothing; 963 is an error.",
        [
            Step([sign("CUSRES", code, "2026-03-03 08:00") for code in ("961", "962", "964")], "none"),
            Step([sign("CUSRES", "963", "2026-03-03 09:00")], "rejected", lights={"customs": "blocked"}),
        ],
    ),
    History(
        "recommendation_24_in_progress_refused_cleared",
        "126 in progress, 17 refused, 12 cleared by customs.",
        [
            Step([sign("UN-REC24", "126", "2026-03-02 08:00")], "under_review", lights={"customs": "pending"}),
            Step([sign("UN-REC24", "17", "2026-03-02 12:00")], "held", ["UN-EDIFACT customs"], {"customs": "blocked"}),
            Step([sign("UN-REC24", "12", "2026-03-03 12:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "recommendation_24_food_authority",
        "10 is the food authority's clearance: it ends its hold and not customs'.",
        [
            Step([sign("UN-REC24", "228", "2026-03-02 08:00")], "held", ["UN-EDIFACT inspection"]),
            Step(
                [entry("agency_hold", "2026-03-02 08:00", authority="UN-EDIFACT")],
                "held",
                ["UN-EDIFACT agency", "UN-EDIFACT inspection"],
                {"agencies": "blocked"},
            ),
            Step([sign("UN-REC24", "10", "2026-03-02 15:00")], "held", ["UN-EDIFACT inspection"], {"agencies": "ok"}),
            Step([sign("UN-REC24", "12", "2026-03-03 15:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "what_is_repeated_gives_way",
        "The carrier says released, Korean customs itself has only the declaration: customs' own word decides.",
        [
            Step([sign("DCSA", "RELS", "2026-03-02 08:00")], "released"),
            Step([customs("import_declared", "2026-03-02 09:00")], "declared", lights={"customs": "pending"}),
            Step([customs("customs_released", "2026-03-02 15:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "another_speaker_ends_no_hold",
        "A release in one speaker's words ends no hold in another's.",
        [
            Step([sign("DCSA", "HOLD", "2026-03-02 08:00")], "held", ["DCSA customs"]),
            Step([sign("X12", "IC", "2026-03-02 09:00")], "held", ["DCSA customs"], {"customs": "blocked"}),
            Step([sign("DCSA", "RELS", "2026-03-02 10:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "naccs_class_1",
        "Class 1 is permitted by the system within seconds.",
        [
            Step([sign("NACCS", "IDA", "2026-03-02 08:00")], "none"),
            Step([sign("NACCS", "輸入申告", "2026-03-02 09:00")], "declared"),
            Step([sign("NACCS", "区分1", "2026-03-02 09:00:05")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "naccs_class_3",
        "Class 3 is inspected before the permit.",
        [
            Step([sign("NACCS", "IDC", "2026-03-02 09:00")], "declared"),
            Step([sign("NACCS", "3", "2026-03-02 09:01")], "held", ["JP-NACCS inspection"], {"customs": "blocked"}),
            Step([sign("NACCS", "輸入許可", "2026-03-03 09:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "china_inspected_then_released",
        "审单 examines the papers, 查验 the goods, 放行 releases; 结关 is a formality after it.",
        [
            Step([sign("CN-GACC", "审单", "2026-03-02 09:00")], "under_review", lights={"customs": "pending"}),
            Step([sign("CN-GACC", "查验", "2026-03-02 11:00")], "held", ["CN-GACC inspection"], {"customs": "blocked"}),
            Step([sign("CN-GACC", "放行", "2026-03-03 11:00")], "released", lights={"customs": "ok"}),
            Step(
                [sign("CN-GACC", "结关", "2026-03-05 11:00")], "released", lights={"customs": "ok"}, releases=["stands"]
            ),
        ],
    ),
]


@pytest.mark.parametrize("history", HISTORIES, ids=name_of)
def test_histories(history: History) -> None:
    walk(history, due)


def test_the_tables_are_whole() -> None:
    counts: dict[str, int] = {}
    for row in generic.MEANINGS:
        counts[row.authority] = counts.get(row.authority, 0) + 1
        assert row.milestone in MILESTONES and row.name and row.source
        assert not row.at_origin or row.at_origin in MILESTONES
    assert counts == {
        "UN-EDIFACT": 38,
        "JP-NACCS": 8,
        "CN-GACC": 6,
        "DCSA": 2,
        "UN-REC24": 12,
        "X12": 13,
        "IATA": 3,
    }


def test_only_japan_and_china_are_general_knowledge() -> None:
    doubtful = {(row.authority, row.list) for row in generic.MEANINGS if row.background}
    assert doubtful == {("JP-NACCS", "審査区分"), ("JP-NACCS", "stage"), ("CN-GACC", "declaration")}
    first = generic.meaning("1", authority="JP-NACCS")
    assert first is not None and not first.background


def test_recommendation_24_says_what_iftsta_reads() -> None:
    for row in generic.MEANINGS:
        if row.authority == "UN-REC24":
            said = REC24[row.code]
            assert (said.text, said.milestone, said.origin) == (row.name, row.milestone, row.at_origin)


def test_recommendation_24_has_other_numbers_than_cusres() -> None:
    cusres, recommended = generic.meaning("8", authority="UN-EDIFACT"), generic.meaning("8", authority="UN-REC24")
    assert cusres is not None and cusres.milestone == "bonded_transport_approved"
    assert recommended is not None and recommended.milestone == "customs_released"
    assert (recommended.authority, recommended.agency) == ("UN-EDIFACT", "UN-EDIFACT")


def test_a_word_that_no_table_has() -> None:
    assert generic.meaning("放", authority="CN-GACC") is None
    assert generic.meaning("IC", authority="DCSA") is None
    assert generic.meaning("IC", authority="nobody") is None


def test_every_row_of_the_packaged_tables_is_read() -> None:
    lines = (files("cargo.domain") / "data" / "customs_generic.csv").read_text(encoding="utf-8").splitlines()
    written = [(row["authority"], row["list"], row["code"]) for row in csv.DictReader(lines)]
    read = [(row.authority, row.list, row.code) for row in generic.MEANINGS if row.authority not in ("X12", "IATA")]
    assert sorted(read) == sorted(written) and len(set(written)) == len(written)


def test_a_number_of_recommendation_24_says_whose_it_is() -> None:
    asked = generic.meaning("12", authority="UN-REC24")
    assert asked is not None and (asked.authority, asked.code) == ("UN-EDIFACT", "REC24 12")
    assert generic.meaning(asked.code, authority=asked.authority) == asked
    assert generic.meaning("12", authority="UN-EDIFACT") is None
