"""Korean histories without trouble: how cargo comes, is stored, declared, accepted and collected; and counting days."""

from __future__ import annotations

from tests.domain.customs.kr_words import (
    AIR,
    CFS,
    CLEAR,
    DECLARED,
    ENTER,
    ENTERED,
    GONE,
    INCHEON,
    LIST,
    LISTED,
    RELEASED,
    SEA,
    STORED,
    UNLISTED,
    WAITING,
    arrived,
    declared,
    gone,
    on,
    released,
    said,
    stored,
    with_notice,
)
from tests.domain.customs.stepping import History, Step
from tests.domain.histories import customs

PLAIN = [
    History(
        "full_container_declared_after_storage",
        "Arrived, unloaded, stored at the terminal, declared, accepted, collected: the plain case.",
        [
            Step([arrived()], "none", lights={"customs": "unknown"}, deadlines=ENTER),
            Step([on("discharge_approved", "09 09:00", "")], "none", lights=WAITING, deadlines=ENTER),
            Step([stored()], "none", lights=WAITING, deadlines=ENTERED | STORED),
            Step([declared()], "declared", lights=WAITING, deadlines=ENTERED | DECLARED),
            Step([on("customs_review", "11 09:05")], "under_review", lights=WAITING, deadlines=ENTERED | DECLARED),
            Step([released()], "released", lights=CLEAR, ready=None, deadlines=ENTERED | RELEASED),
            Step([gone()], "released", lights=CLEAR, ready=True, deadlines=ENTERED | GONE),
        ],
        SEA,
    ),
    History(
        "lcl_carried_under_bond_to_a_container_freight_station",
        "The box enters the terminal, the goods go on under bond; each shed's notice sets its own storage limit.",
        [
            Step([arrived()], "none", deadlines=ENTER),
            Step(
                [
                    on("bonded_transport_approved", "09 09:07", "020D1"),
                    with_notice("09 11:25", "2026-05-09", INCHEON, 2),
                ],
                "none",
                lights=WAITING,
                deadlines=ENTERED
                | {"import_declaration": "2026-04-08", "bonded_transport": "2026-03-19", "storage_limit": "2026-05-09"},
            ),
            Step(
                [on("bonded_transport_departed", "10 10:35", "020D1", place=INCHEON)],
                "none",
                lights=WAITING,
                deadlines=ENTERED
                | {"import_declaration": "2026-04-08", "bonded_transport": "2026-03-19", "storage_limit": "met"},
            ),
            Step(
                [
                    customs(
                        "bonded_transport_arrived",
                        "2026-03-10 14:56",
                        place=CFS,
                        declaration="020D1",
                        deadline_kind="storage_limit",
                        deadline="2026-09-10",
                    )
                ],
                "none",
                deadlines=ENTERED
                | {"import_declaration": "2026-04-08", "bonded_transport": "met", "storage_limit": "met 2026-09-10"},
            ),
            Step(
                [declared(), released(), gone()],
                "released",
                ready=True,
                deadlines=ENTERED
                | {
                    "import_declaration": "met",
                    "bonded_transport": "met",
                    "storage_limit": "met met",
                    "removal": "met",
                    "payment": "2026-03-27",
                },
            ),
        ],
        SEA,
    ),
    History(
        "express_goods_on_a_list",
        "A list of express goods is accepted instead of a declaration: no duty is due, the rest is as ever.",
        [
            Step([arrived("09 08:00", facts=None)], "none", deadlines={"entry_limit": "2026-03-10"}),
            Step([declared("09 09:00", LIST)], "declared", lights=WAITING, deadlines={"entry_limit": "2026-03-10"}),
            Step(
                [stored("09 13:00", "04002001"), released("09 15:38", LIST)],
                "released",
                lights=CLEAR,
                deadlines=ENTERED
                | {"import_declaration": "met", "storage_limit": "2026-05-11", "removal": "2026-03-24"},
            ),
            Step(
                [gone("09 15:40", declaration=LIST)],
                "released",
                ready=True,
                deadlines=ENTERED | {"import_declaration": "met", "storage_limit": "met", "removal": "met"},
            ),
        ],
        AIR,
    ),
    History(
        "declared_before_arrival_and_collected_at_the_quay",
        "Declared four days before the ship came, accepted on arrival, never stored: nothing to remove, duty to pay.",
        [
            Step([declared("05 10:00")], "declared", lights=WAITING, deadlines={}),
            Step([arrived()], "declared", deadlines=ENTER),
            Step([released("09 08:30")], "released", lights=CLEAR, deadlines=ENTER | {"payment": "2026-03-24"}),
            Step([gone("09 17:00")], "released", ready=True, deadlines=ENTERED | {"payment": "2026-03-24"}),
        ],
        SEA,
    ),
    History(
        "declared_before_entry",
        "Declared while the box lay on the ship: the 30 days are met before they begin.",
        [
            Step([arrived(), declared("09 10:00")], "declared", deadlines=ENTER),
            Step([stored()], "declared", lights=WAITING, deadlines=ENTERED | DECLARED),
        ],
        SEA,
    ),
    History(
        "bulk_has_ten_days_to_enter",
        "Grain without any container has 10 days for the unloading place: Thursday 19 March.",
        [
            Step([arrived(facts=None)], "none", deadlines={"entry_limit": "2026-03-19"}),
            Step(
                [stored("18 15:00")],
                "none",
                deadlines=ENTERED | {"import_declaration": "2026-04-17", "storage_limit": "2026-05-18"},
            ),
        ],
        SEA,
    ),
    History(
        "air_cargo_enters_the_next_day",
        "Air cargo enters by the day after arrival, and declares within the same 30 days.",
        [
            Step([arrived(facts=None)], "none", deadlines={"entry_limit": "2026-03-10"}),
            Step(
                [stored("09 12:00", "04077009")],
                "none",
                deadlines=ENTERED | {"import_declaration": "2026-04-08", "storage_limit": "2026-05-11"},
            ),
        ],
        AIR,
    ),
    History(
        "more_time_to_enter_the_unloading_place",
        "Customs grants the carrier until Saturday the 21st, and a day that customs states is not moved.",
        [
            Step([arrived()], "none", deadlines=ENTER),
            Step([said("entry_extension_requested", "16 10:00")], "none", deadlines=ENTER),
            Step(
                [said("entry_extension_approved", "16 16:00", deadline_kind="entry_limit", deadline="2026-03-21")],
                "none",
                deadlines={"entry_limit": "2026-03-21"},
            ),
            Step(
                [stored("20 11:00")],
                "none",
                deadlines=ENTERED | {"import_declaration": "2026-04-20", "storage_limit": "2026-05-20"},
            ),
        ],
        SEA,
    ),
    History(
        "told_twice",
        "The same acceptance told again a minute later is no second release.",
        [
            Step([stored(), declared(), released()], "released", deadlines=RELEASED, releases=["stands"]),
            Step([released("12 14:01")], "released", deadlines=RELEASED, releases=["stands"]),
        ],
    ),
    History(
        "declared_late_in_a_listed_warehouse",
        "Declared on 20 April, eleven days after the last one: met, but late; the surcharge is by how late.",
        [
            Step(
                [stored(place=LISTED)],
                "none",
                deadlines={"import_declaration": "2026-04-09", "storage_limit": "2026-09-10"},
            ),
            Step(
                [declared("2026-04-20 10:00")],
                "declared",
                deadlines={"import_declaration": "met", "storage_limit": "2026-09-10"},
            ),
        ],
    ),
    History(
        "nothing_follows_in_a_warehouse_that_is_not_listed",
        "Where customs lists neither consequence the time to declare is told, and there is no time to remove.",
        [
            Step(
                [stored(place=UNLISTED), declared(), released()],
                "released",
                lights=CLEAR,
                deadlines={"import_declaration": "met", "storage_limit": "2026-09-10", "payment": "2026-03-27"},
            ),
        ],
    ),
    History(
        "thirty_days_that_end_on_workers_day",
        "Stored on 1 April: the 30th day is workers' day, a Friday; then a weekend; Monday 4 May is the last.",
        [
            Step(
                [stored("2026-04-01 09:00")],
                "none",
                deadlines={"import_declaration": "2026-05-04", "storage_limit": "2026-06-01"},
            ),
        ],
    ),
    History(
        "fifteen_days_that_end_in_the_harvest_holidays",
        "Accepted on 9 September: the 15th day is Chuseok's eve, a Thursday; all rest until Monday the 28th.",
        [
            Step(
                [stored("2026-09-07 09:00"), declared("2026-09-08 09:00"), released("2026-09-09 10:00")],
                "released",
                deadlines={
                    "import_declaration": "met",
                    "removal": "2026-09-28",
                    "payment": "2026-09-28",
                    "storage_limit": "2026-11-09",
                },
            ),
        ],
    ),
    History(
        "substitute_holiday",
        "Accepted on 2 August: the 15th day is Monday 17 August, off in the place of Liberation Day: Tuesday the 18th.",
        [
            Step(
                [stored("2026-07-31 09:00"), declared("2026-08-01 09:00"), released("2026-08-02 10:00")],
                "released",
                deadlines={
                    "import_declaration": "met",
                    "removal": "2026-08-18",
                    "payment": "2026-08-18",
                    "storage_limit": "2026-09-30",
                },
            ),
        ],
    ),
]
