"""Korean histories of what is taken back or goes in parts: revoked, rejected, withdrawn, several declarations."""

from __future__ import annotations

from tests.domain.customs.kr_words import (
    BLOCKED,
    CLEAR,
    DECLARED,
    GONE,
    LIST,
    RELEASED,
    SECOND,
    STORED,
    WAITING,
    declared,
    gone,
    on,
    released,
    said,
    stored,
)
from tests.domain.customs.stepping import History, Step

TAKEN_BACK = [
    History(
        "release_revoked",
        "The acceptance is cancelled: nothing may leave, so no time to remove runs; the declaration was lodged.",
        [
            Step([stored(), declared(), released()], "released", lights=CLEAR, deadlines=RELEASED, releases=["stands"]),
            Step(
                [on("customs_release_cancelled", "12 16:00")],
                "revoked",
                lights=BLOCKED,
                ready=False,
                deadlines=DECLARED,
                releases=["revoked"],
            ),
        ],
    ),
    History(
        "release_revoked_and_renewed",
        "Cancelled and accepted again on the 16th: the 15 days begin anew and end on Tuesday the 31st.",
        [
            Step([stored(), declared(), released()], "released", deadlines=RELEASED),
            Step([on("customs_release_cancelled", "12 16:00")], "revoked", lights=BLOCKED, deadlines=DECLARED),
            Step(
                [released("16 14:00")],
                "released",
                lights=CLEAR,
                deadlines=DECLARED | {"removal": "2026-03-31", "payment": "2026-03-31"},
                releases=["revoked", "stands"],
            ),
        ],
    ),
    History(
        "inspection_after_a_revocation",
        "Cancelled, then selected for inspection: held is what the broker must see first.",
        [
            Step(
                [stored(), declared(), released(), on("customs_release_cancelled", "12 16:00")],
                "revoked",
                lights=BLOCKED,
            ),
            Step([on("inspection_ordered", "13 09:00")], "held", ["KR-KCS inspection"], BLOCKED, deadlines=DECLARED),
        ],
    ),
    History(
        "declaration_rejected_and_lodged_anew",
        "Rejected: as if never declared, and the 30 days run on; the second declaration meets them.",
        [
            Step([stored(), declared()], "declared", deadlines=DECLARED),
            Step([on("declaration_rejected", "11 15:00")], "rejected", lights=BLOCKED, deadlines=STORED),
            Step([declared("13 09:00", SECOND)], "declared", lights=WAITING, deadlines=DECLARED),
            Step(
                [released("13 15:00", SECOND)],
                "released",
                lights=CLEAR,
                deadlines=DECLARED | {"removal": "2026-03-30", "payment": "2026-03-30"},
            ),
        ],
    ),
    History(
        "declaration_withdrawn",
        "The broker withdraws the declaration: nothing is declared any more, and the 30 days run on.",
        [
            Step([stored(), declared()], "declared", deadlines=DECLARED),
            Step([on("declaration_cancelled", "11 17:00")], "cancelled", lights=WAITING, deadlines=STORED),
        ],
    ),
    History(
        "withdrawn_after_papers_were_asked_for",
        "What was asked on a declaration that was withdrawn is asked of nobody.",
        [
            Step([stored(), declared(), on("documents_requested", "11 10:00")], "held", ["KR-KCS documents"]),
            Step([on("declaration_cancelled", "11 17:00")], "cancelled", lights=WAITING, deadlines=STORED),
        ],
    ),
    History(
        "one_list_line_taken_back",
        "A list's acceptance is cancelled; the goods are declared in form and that stands in its place.",
        [
            Step([stored(), declared("10 16:00", LIST), released("10 17:00", LIST)], "released"),
            Step([on("customs_release_cancelled", "11 08:00", LIST)], "revoked", lights=BLOCKED, deadlines=DECLARED),
            Step([declared()], "declared", lights=WAITING, deadlines=DECLARED),
            Step([released()], "released", lights=CLEAR, deadlines=RELEASED),
        ],
    ),
]

PARTS = [
    History(
        "removed_in_two_lots",
        "40 of 100 cartons leave first: the time to remove is met when the last have gone.",
        [
            Step(
                [
                    stored(facts={"manifested_packages": 100, "manifested_unit": "CT"}),
                    declared(),
                    released(packages=100, unit="CT"),
                ],
                "released",
                deadlines=RELEASED,
            ),
            Step([gone(packages=40, unit="CT")], "released", deadlines=RELEASED),
            Step([gone("16 09:00", packages=60, unit="CT")], "released", ready=True, deadlines=GONE),
        ],
    ),
    History(
        "two_declarations_on_one_cargo",
        "One cargo declared in two parts: as long as the second waits the cargo is not released, its time runs.",
        [
            Step([stored(), declared(), declared("11 09:30", SECOND)], "declared", lights=WAITING, deadlines=DECLARED),
            Step([released()], "declared", lights=WAITING, deadlines=RELEASED),
            Step([released("16 10:00", SECOND)], "released", lights=CLEAR, deadlines=RELEASED),
        ],
    ),
    History(
        "of_two_declarations_one_is_withdrawn",
        "The second declaration is withdrawn: the first one's acceptance is what stands.",
        [
            Step([stored(), declared(), declared("11 09:30", SECOND), released()], "declared", lights=WAITING),
            Step([on("declaration_cancelled", "13 09:00", SECOND)], "released", lights=CLEAR, deadlines=RELEASED),
        ],
    ),
    History(
        "of_two_declarations_one_is_held",
        "Papers are missing for the second: the cargo is held, the first part's time to remove runs.",
        [
            Step(
                [
                    stored(),
                    declared(),
                    declared("11 09:30", SECOND),
                    released(),
                    on("documents_requested", "12 10:00", SECOND),
                ],
                "held",
                ["KR-KCS documents"],
                BLOCKED,
                deadlines=RELEASED,
            ),
        ],
    ),
    History(
        "bill_split",
        "The bill is split into two: a note for the file, nothing holds and no time moves.",
        [Step([stored(), said("bill_split", "10 17:00")], "none", lights=WAITING, deadlines=STORED)],
    ),
]
