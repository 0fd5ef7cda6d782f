"""The European Union: transit is no import release, what withholds it, security referrals, national import words."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import eu
from cargo.domain.state import Entry
from tests.domain.customs.signs import due, sign
from tests.domain.customs.stepping import History, Step, name_of, walk
from tests.domain.histories import entry

TRANSIT, NEXT_TRANSIT = "26NL000510ABCDEFJ0", "26NL000510GHIJKLJ1"
FILING, IMPORT, NEXT_IMPORT = "26BE10100000ENS001", "26DE740000000001R2", "26DE740000000002R3"


def ncts(code: str, at: str, **words: Any) -> Entry:
    """A message of one transit."""
    return sign("EU-NCTS", code, at, **{"declaration": TRANSIT, **words})


def ics2(code: str, at: str, **words: Any) -> Entry:
    """A message of one entry summary declaration."""
    return sign("EU-ICS2", code, at, **{"declaration": FILING, **words})


def state(code: str, at: str, **words: Any) -> Entry:
    """A word of one national import declaration."""
    return sign("EU-IMPORT", code, at, **{"declaration": IMPORT, **words})


HISTORIES = [
    History(
        "transit_without_a_stop",
        "Released for transit, arrived, ended and written off: nothing of it releases the goods for import.",
        [
            Step([ncts("IE015", "2026-03-01 08:00"), ncts("IE928", "2026-03-01 08:01")], "none", releases=[]),
            Step([ncts("IE028", "2026-03-01 08:10")], "none"),
            Step([ncts("IE029", "2026-03-01 09:00")], "none", lights={"customs": "pending"}, releases=[]),
            Step([ncts("IE007", "2026-03-03 10:00")], "none"),
            Step([ncts("IE043", "2026-03-03 11:00")], "none"),
            Step([ncts("IE025", "2026-03-04 10:00")], "none", releases=[]),
            Step([ncts("IE045", "2026-03-05 10:00")], "none", lights={"customs": "pending"}, releases=[]),
        ],
    ),
    History(
        "control_at_departure_then_released",
        "IE060 announces a control; released for transit, it is over.",
        [
            Step([ncts("IE028", "2026-03-01 08:10")], "none"),
            Step([ncts("IE060", "2026-03-01 08:20")], "held", holds=["EU-NCTS IE060"], lights={"customs": "blocked"}),
            Step([ncts("IE029", "2026-03-01 14:00")], "none", lights={"customs": "pending"}, releases=[]),
        ],
    ),
    History(
        "control_then_refused_then_invalidated",
        "The control ends in a refusal to release; the declaration is invalidated and holds nothing anymore.",
        [
            Step(
                [ncts("IE028", "2026-03-01 08:10"), ncts("IE060", "2026-03-01 08:20")], "held", holds=["EU-NCTS IE060"]
            ),
            Step([ncts("IE051", "2026-03-01 16:00")], "held", holds=["EU-NCTS IE051"], lights={"customs": "blocked"}),
            Step([ncts("IE009", "2026-03-02 09:00")], "cancelled", lights={"customs": "pending"}),
        ],
    ),
    History(
        "guarantee_not_valid_then_amended",
        "IE055 wants a valid guarantee; the amendment is accepted, and the release shows that the new one covers it.",
        [
            Step([ncts("IE028", "2026-03-01 08:10")], "none"),
            Step([ncts("IE055", "2026-03-01 08:15")], "held", holds=["EU-NCTS IE055"], lights={"payment": "blocked"}),
            Step([ncts("IE004", "2026-03-01 11:00")], "held", holds=["EU-NCTS IE055"]),
            Step([ncts("IE029", "2026-03-01 12:00")], "none", lights={"payment": "unknown"}),
        ],
    ),
    History(
        "guarantee_not_valid_twice",
        "The second guarantee is no better: still one demand.",
        [
            Step([ncts("IE055", "2026-03-01 08:15")], "held", holds=["EU-NCTS IE055"]),
            Step([ncts("IE055", "2026-03-01 12:15")], "held", holds=["EU-NCTS IE055"]),
            Step([ncts("IE029", "2026-03-01 15:00")], "none"),
        ],
    ),
    History(
        "asked_to_amend",
        "IE022 asks for an amendment, IE004 accepts it; the release for transit follows.",
        [
            Step([ncts("IE028", "2026-03-01 08:10")], "none"),
            Step(
                [ncts("IE022", "2026-03-01 09:00")],
                "held",
                holds=["EU-NCTS IE022"],
                lights={"documents": "blocked", "customs": "blocked"},
            ),
            Step([ncts("IE004", "2026-03-01 11:00")], "none", lights={"documents": "ok"}),
            Step([ncts("IE029", "2026-03-01 12:00")], "none"),
        ],
    ),
    History(
        "rejected_and_lodged_anew",
        "IE056 before an MRN refuses the declaration; the next one is accepted and moves, so nothing is rejected.",
        [
            Step([ncts("IE015", "2026-03-01 08:00", declaration="LRN1")], "none"),
            Step([ncts("IE056", "2026-03-01 08:05", declaration="LRN1")], "rejected", lights={"customs": "blocked"}),
            Step([ncts("IE015", "2026-03-01 10:00", declaration="LRN2")], "none", lights={"customs": "pending"}),
            Step([ncts("IE029", "2026-03-01 12:00")], "none", releases=[]),
        ],
    ),
    History(
        "amendment_refused_after_acceptance",
        "IE056 after the MRN refuses a request: the declaration stands, and so does its control.",
        [
            Step(
                [ncts("IE028", "2026-03-01 08:10"), ncts("IE060", "2026-03-01 08:20")], "held", holds=["EU-NCTS IE060"]
            ),
            Step([ncts("IE056", "2026-03-01 10:00")], "held", holds=["EU-NCTS IE060"], lights={"customs": "blocked"}),
            Step([ncts("IE029", "2026-03-01 14:00")], "none"),
        ],
    ),
    History(
        "invalidated_then_another_transit",
        "A released transit is invalidated before it leaves; the goods go under another MRN.",
        [
            Step([ncts("IE028", "2026-03-01 08:10"), ncts("IE029", "2026-03-01 09:00")], "none"),
            Step([ncts("IE009", "2026-03-01 15:00")], "cancelled", lights={"customs": "pending"}),
            Step([ncts("IE029", "2026-03-02 09:00", declaration=NEXT_TRANSIT)], "none", releases=[]),
        ],
    ),
    History(
        "arrival_notification_refused",
        "IE057 refuses an arrival notification or unloading remarks, never the transit itself.",
        [
            Step([ncts("IE029", "2026-03-01 09:00"), ncts("IE007", "2026-03-03 10:00")], "none"),
            Step([ncts("IE057", "2026-03-03 10:05")], "none", lights={"customs": "pending"}),
            Step([ncts("IE025", "2026-03-03 16:00")], "none"),
        ],
    ),
    History(
        "end_of_transit_ends_its_holds",
        "What is written off is held by nobody, whatever the sources did not tell in between.",
        [
            Step([ncts("IE051", "2026-03-01 16:00")], "held", holds=["EU-NCTS IE051"]),
            Step([ncts("IE019", "2026-03-03 16:00")], "held", holds=["EU-NCTS IE051"]),
            Step([ncts("IE045", "2026-03-05 10:00")], "none"),
        ],
    ),
    History(
        "transit_then_import",
        "The transit ends, then the import begins: declared, controlled, released.",
        [
            Step([ncts("IE029", "2026-03-01 09:00"), ncts("IE025", "2026-03-03 16:00")], "none", releases=[]),
            Step([state("ACCEPTED", "2026-03-04 09:00")], "declared", lights={"customs": "pending"}),
            Step([state("CONTROL", "2026-03-04 09:10")], "held", holds=["EU-IMPORT CONTROL"]),
            Step([state("RELEASED", "2026-03-05 09:10")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "release_for_transit_ends_no_import_control",
        "A message of the transit system says nothing of the import declaration.",
        [
            Step(
                [state("ACCEPTED", "2026-03-04 09:00"), state("CONTROL", "2026-03-04 09:10")],
                "held",
                ["EU-IMPORT CONTROL"],
            ),
            Step([ncts("IE029", "2026-03-04 12:00")], "held", ["EU-IMPORT CONTROL"], lights={"customs": "blocked"}),
            Step([state("RELEASED", "2026-03-05 09:10")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "import_release_ends_the_transit_hold",
        "Goods in free circulation are in no transit: what withheld it is over.",
        [
            Step([ncts("IE051", "2026-03-01 16:00")], "held", holds=["EU-NCTS IE051"]),
            Step([state("ACCEPTED", "2026-03-02 09:00")], "held", holds=["EU-NCTS IE051"]),
            Step([state("RELEASED", "2026-03-02 12:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "import_refused_then_released",
        "Refused until a paper is in order, then released: the refusal is over.",
        [
            Step([state("ACCEPTED", "2026-03-04 09:00")], "declared"),
            Step([state("NO_RELEASE", "2026-03-04 10:00")], "held", ["EU-IMPORT NO_RELEASE"], {"customs": "blocked"}),
            Step([state("RELEASED", "2026-03-06 10:00")], "released", lights={"customs": "ok"}),
        ],
    ),
    History(
        "import_controlled_after_release",
        "A control after the release withholds until the release is confirmed; it was one release.",
        [
            Step([state("ACCEPTED", "2026-03-04 09:00"), state("RELEASED", "2026-03-04 10:00")], "released"),
            Step([state("CONTROL", "2026-03-04 11:00")], "held", ["EU-IMPORT CONTROL"], releases=["stands"]),
            Step([state("RELEASED", "2026-03-05 10:00")], "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "import_rejected_then_accepted",
        "The first declaration is rejected, the corrected one accepted under its own number.",
        [
            Step([state("REJECTED", "2026-03-04 09:00")], "rejected", lights={"customs": "blocked"}),
            Step([state("ACCEPTED", "2026-03-04 11:00", declaration=NEXT_IMPORT)], "declared"),
            Step(
                [state("RELEASED", "2026-03-04 12:00", declaration=NEXT_IMPORT)], "released", lights={"customs": "ok"}
            ),
        ],
    ),
    History(
        "import_invalidated_after_release",
        "Invalidated, the release of that declaration is gone and another declaration is due.",
        [
            Step([state("ACCEPTED", "2026-03-04 09:00"), state("RELEASED", "2026-03-04 10:00")], "released"),
            Step(
                [state("INVALIDATED", "2026-03-06 10:00")],
                "cancelled",
                lights={"customs": "pending"},
                releases=["revoked"],
            ),
        ],
    ),
    History(
        "do_not_load_until_assessed",
        "ICS2 forbids loading until the assessment is complete.",
        [
            Step([ics2("IE3R01", "2026-02-10 09:00")], "none"),
            Step([ics2("IE3Q01", "2026-02-10 11:00")], "held", ["EU-ICS2 IE3Q01"], {"customs": "blocked"}),
            Step([ics2("IE3N03", "2026-02-11 09:00")], "none", lights={"customs": "pending"}),
        ],
    ),
    History(
        "information_and_screening_requests",
        "RFI and RFS are two requests on one filing; the completed assessment settles both.",
        [
            Step([ics2("IE3Q02", "2026-02-10 11:00")], "held", ["EU-ICS2 IE3Q02"]),
            Step([ics2("IE3Q03", "2026-02-10 12:00")], "held", ["EU-ICS2 IE3Q02", "EU-ICS2 IE3Q03"]),
            Step([ics2("IE3N03", "2026-02-11 09:00")], "none"),
        ],
    ),
    History(
        "incomplete_filing_completed",
        "The house filing is missing (IE3N02) until it is lodged and assessed.",
        [
            Step([ics2("IE3R01", "2026-02-10 09:00"), ics2("IE3N02", "2026-02-10 09:30")], "held", ["EU-ICS2 IE3N02"]),
            Step([ics2("IE3N03", "2026-02-10 15:00")], "none"),
        ],
    ),
    History(
        "filing_error_is_no_rejected_import",
        "An error in the security filing leaves the import declaration as it is.",
        [
            Step([state("ACCEPTED", "2026-02-10 08:00")], "declared"),
            Step([ics2("IE3N01", "2026-02-10 09:00")], "declared", lights={"customs": "pending"}),
        ],
    ),
    History(
        "another_filing_is_still_asked",
        "The assessment of one filing does not answer the questions on another.",
        [
            Step([ics2("IE3Q02", "2026-02-10 11:00")], "held", ["EU-ICS2 IE3Q02"]),
            Step([ics2("IE3N03", "2026-02-11 09:00", declaration="26BE10100000ENS002")], "held", ["EU-ICS2 IE3Q02"]),
            Step([ics2("IE3N03", "2026-02-11 10:00")], "none"),
        ],
    ),
    History(
        "control_at_entry",
        "A control told at entry stays when the assessment is repeated; the import release shows that it is done.",
        [
            Step([ics2("IE3N03", "2026-02-11 09:00")], "none"),
            Step([ics2("IE3N08", "2026-03-01 07:00")], "held", ["EU-ICS2 IE3N08"], {"customs": "blocked"}),
            Step([ics2("IE3N03", "2026-03-01 08:00")], "held", ["EU-ICS2 IE3N08"]),
            Step([state("ACCEPTED", "2026-03-01 09:00"), state("RELEASED", "2026-03-02 09:00")], "released"),
        ],
    ),
    History(
        "control_at_entry_completed",
        "Somebody on the quay reports that the inspection is done.",
        [
            Step([ics2("IE3N08", "2026-03-01 07:00")], "held", ["EU-ICS2 IE3N08"]),
            Step([entry("inspection_completed", "2026-03-01 15:00", authority="EU-ICS2")], "none"),
        ],
    ),
]


@pytest.mark.parametrize("history", HISTORIES, ids=name_of)
def test_histories(history: History) -> None:
    walk(history, due)


def test_the_tables_are_whole() -> None:
    counts = {authority: sum(row.authority == authority for row in eu.MEANINGS) for authority in eu.NAMES}
    assert counts == {"EU-NCTS": 20, "EU-ICS2": 8, "EU-IMPORT": 6}
    for row in eu.MEANINGS:
        assert row.milestone in MILESTONES and row.name and row.source
        assert row.background is (row.authority != "EU-NCTS")


def test_no_message_of_a_transit_releases() -> None:
    released = [row.code for row in eu.MEANINGS if row.effect == "release"]
    assert released == ["RELEASED"]


def test_messages_by_both_names() -> None:
    found = eu.meaning("cc029c")
    assert found is not None and (found.authority, found.code) == ("EU-NCTS", "IE029")
    assert eu.meaning("IE3N03", authority="EU-NCTS") is None
    assert eu.meaning("IE999") is None
