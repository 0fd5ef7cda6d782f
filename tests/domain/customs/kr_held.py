"""Korean histories of cargo that is withheld: by customs, by other agencies, for papers, for inspection."""

from __future__ import annotations

from tests.domain.customs.kr_words import (
    BLOCKED,
    CLEAR,
    DECLARED,
    ENTER,
    ENTERED,
    LIST,
    RELEASED,
    SEA,
    STORED,
    WAITING,
    arrived,
    declared,
    on,
    released,
    said,
    stored,
)
from tests.domain.customs.stepping import History, Step

HELD = [
    History(
        "selected_for_inspection",
        "Selected, inspected, passed; then accepted. The broker presents the goods, then customs has the move.",
        [
            Step([stored(), declared()], "declared", deadlines=DECLARED),
            Step(
                [on("inspection_ordered", "11 10:00")],
                "held",
                ["KR-KCS inspection"],
                BLOCKED,
                ready=False,
                deadlines=DECLARED,
            ),
            Step(
                [on("inspection_in_progress", "11 13:00")], "held", ["KR-KCS inspection"], BLOCKED, deadlines=DECLARED
            ),
            Step([on("inspection_completed", "11 16:00")], "under_review", lights=WAITING, deadlines=DECLARED),
            Step([released()], "released", lights=CLEAR, deadlines=RELEASED),
        ],
    ),
    History(
        "inspection_waived",
        "Selected and then let off: nothing was inspected and nothing holds.",
        [
            Step([stored(), declared(), on("inspection_ordered", "11 10:00")], "held", ["KR-KCS inspection"], BLOCKED),
            Step([on("inspection_waived", "11 11:00")], "declared", lights=WAITING, deadlines=DECLARED),
        ],
    ),
    History(
        "papers_asked_for",
        "Customs asks for papers; handing them in moves the turn to customs and lifts nothing; the release does.",
        [
            Step(
                [stored(), declared(), on("documents_requested", "11 10:00")],
                "held",
                ["KR-KCS documents"],
                {"customs": "blocked", "documents": "blocked"},
                deadlines=DECLARED,
            ),
            Step(
                [on("documents_submitted", "11 15:00")],
                "held",
                ["KR-KCS documents"],
                {"customs": "blocked", "documents": "pending"},
                deadlines=DECLARED,
            ),
            Step([released()], "released", lights={"customs": "ok", "documents": "ok"}, deadlines=RELEASED),
        ],
    ),
    History(
        "papers_with_a_last_day",
        "Asked for papers by Friday the 20th: that day stands as stated and is met by handing them in.",
        [
            Step(
                [
                    stored(),
                    declared(),
                    on("documents_requested", "11 10:00", deadline_kind="documents", deadline="2026-03-20"),
                ],
                "held",
                ["KR-KCS documents"],
                deadlines=DECLARED | {"documents": "2026-03-20"},
            ),
            Step(
                [on("documents_submitted", "18 15:00")],
                "held",
                ["KR-KCS documents"],
                deadlines=DECLARED | {"documents": "met"},
            ),
        ],
    ),
    History(
        "withheld_and_then_accepted",
        "Clearance withheld over the marking of origin; put right and accepted: the acceptance ends the hold.",
        [
            Step(
                [stored(), declared(), on("customs_hold", "11 11:00")],
                "held",
                ["KR-KCS customs"],
                BLOCKED,
                deadlines=DECLARED,
            ),
            Step([released()], "released", lights=CLEAR, deadlines=RELEASED),
        ],
    ),
    History(
        "two_holds_and_one_is_lifted",
        "Inspection passed while papers are still missing: held by one, not by two.",
        [
            Step(
                [stored(), declared(), on("inspection_ordered", "11 10:00"), on("documents_requested", "11 10:30")],
                "held",
                ["KR-KCS documents", "KR-KCS inspection"],
                BLOCKED,
            ),
            Step([on("inspection_completed", "11 16:00")], "held", ["KR-KCS documents"], BLOCKED, deadlines=DECLARED),
            Step([released()], "released", lights=CLEAR, deadlines=RELEASED),
        ],
    ),
    History(
        "withheld_after_the_release",
        "What is withheld after the acceptance blocks, although the acceptance stands: the time to remove runs on.",
        [
            Step([stored(), declared(), released()], "released", lights=CLEAR, deadlines=RELEASED),
            Step(
                [on("customs_hold", "12 16:00")], "held", ["KR-KCS customs"], BLOCKED, ready=False, deadlines=RELEASED
            ),
        ],
    ),
    History(
        "a_list_withheld_and_declared_in_form",
        "Express goods are withheld, struck off the list and declared in form: the declaration is what counts then.",
        [
            Step([stored(), declared("10 16:00", LIST)], "declared", deadlines=DECLARED),
            Step([on("customs_hold", "10 17:00", LIST)], "held", ["KR-KCS customs"], BLOCKED, deadlines=DECLARED),
            Step([on("declaration_cancelled", "11 08:00", LIST)], "cancelled", lights=WAITING, deadlines=STORED),
            Step([declared(), released()], "released", lights=CLEAR, deadlines=RELEASED),
        ],
    ),
    History(
        "targeted_before_the_declaration",
        "Selected as managed cargo from the manifest: a warning, no hold on a declaration.",
        [
            Step([arrived(), said("customs_target_selected", "09 09:00")], "none", lights=WAITING, deadlines=ENTER),
            Step([stored(), declared()], "declared", lights=WAITING, deadlines=ENTERED | DECLARED),
        ],
        SEA,
    ),
    History(
        "quarantine_applied_for_and_passed",
        "The trader applies for quarantine, which is no hold; the agency passes the goods; customs accepts.",
        [
            Step(
                [stored(), on("agency_inspection_requested", "10 16:00", "", agency="KR-QIA")],
                "none",
                lights={"agencies": "pending"},
                deadlines=STORED,
            ),
            Step(
                [declared(), on("agency_hold_removed", "11 15:00", "", agency="KR-QIA")],
                "declared",
                lights={"agencies": "ok", "customs": "pending"},
                deadlines=DECLARED,
            ),
            Step([released()], "released", lights={"agencies": "ok", "customs": "ok"}, deadlines=RELEASED),
        ],
    ),
    History(
        "food_refused_and_passed_on_a_second_look",
        "Food safety refuses; the refusal holds until the agency itself passes the goods.",
        [
            Step(
                [stored(), declared(), on("agency_refused", "11 12:00", "", agency="KR-MFDS")],
                "held",
                ["KR-MFDS refused"],
                {"agencies": "blocked"},
                ready=False,
                deadlines=DECLARED,
            ),
            Step(
                [on("agency_hold_removed", "16 12:00", "", agency="KR-MFDS")],
                "declared",
                lights={"agencies": "ok"},
                deadlines=DECLARED,
            ),
        ],
    ),
    History(
        "customs_never_ends_another_agencys_hold",
        "Accepted by customs while food safety refuses: released is not free, and the time to remove runs.",
        [
            Step(
                [stored(), declared(), on("agency_refused", "11 12:00", "", agency="KR-MFDS")],
                "held",
                ["KR-MFDS refused"],
            ),
            Step(
                [released()],
                "held",
                ["KR-MFDS refused"],
                {"customs": "ok", "agencies": "blocked"},
                ready=False,
                deadlines=RELEASED,
            ),
        ],
    ),
    History(
        "seized",
        "Goods are seized: held until whoever seized them says otherwise, and all times run on.",
        [
            Step([stored(), declared()], "declared", deadlines=DECLARED),
            Step([said("seized", "12 10:00")], "held", ["KR-KCS seized"], BLOCKED, ready=False, deadlines=DECLARED),
        ],
    ),
]
