"""Korean histories of moving and staying: under bond, extensions, goods that nobody fetches; and of exports."""

from __future__ import annotations

from typing import Any

from cargo.domain.state import Entry
from tests.domain.customs.kr_words import (
    AIR,
    BLOCKED,
    BUSAN,
    CFS,
    CLEAR,
    DECLARED,
    GONE,
    INCHEON,
    RELEASED,
    SEA,
    STORED,
    UNLISTED,
    WAITING,
    declared,
    gone,
    on,
    released,
    said,
    stored,
    with_notice,
)
from tests.domain.customs.stepping import History, Step
from tests.domain.histories import entry

MOVED = [
    History(
        "taken_out_before_the_acceptance",
        "Removed on a permission before the acceptance: the goods are away, the declaration still open.",
        [
            Step([stored(), declared()], "declared", deadlines=DECLARED),
            Step(
                [on("gate_out_before_release", "11 17:00")],
                "declared",
                lights=WAITING,
                deadlines={"import_declaration": "met", "storage_limit": "met"},
            ),
            Step([released()], "released", ready=True, deadlines=GONE),
        ],
    ),
    History(
        "sent_back_abroad",
        "A return declaration meets the duty to declare (art. 241(3)), and taking them out ends the storage.",
        [
            Step([stored()], "none", deadlines=STORED),
            Step([said("return_declared", "20 09:00")], "none", deadlines=DECLARED),
            Step(
                [said("bonded_storage_out", "23 09:00", place=INCHEON)],
                "none",
                deadlines={"import_declaration": "met", "storage_limit": "met"},
            ),
        ],
    ),
    History(
        "carried_under_bond_by_air",
        "From the airport to an inland warehouse under bond: five days end on a Sunday, so Monday the 16th.",
        [
            Step(
                [said("bonded_transport_approved", "10 09:00", declaration="040A1")],
                "none",
                deadlines={"bonded_transport": "2026-03-16"},
            ),
            Step(
                [said("bonded_transport_arrived", "11 09:00", declaration="040A1", place="16020001")],
                "none",
                deadlines={
                    "bonded_transport": "met",
                    "import_declaration": "2026-04-10",
                    "storage_limit": "2026-09-11",
                },
            ),
        ],
        AIR,
    ),
    History(
        "carriage_under_bond_called_off",
        "The approved carriage is cancelled: nothing has to arrive.",
        [
            Step(
                [stored(), said("bonded_transport_approved", "11 09:00", declaration="020D1")],
                "none",
                deadlines=STORED | {"bonded_transport": "2026-03-23"},
            ),
            Step([said("bonded_transport_cancelled", "12 09:00", declaration="020D1")], "none", deadlines=STORED),
        ],
        SEA,
    ),
    History(
        "carried_twice_under_bond",
        "Two carriages one after the other: each approval is met by its own arrival.",
        [
            Step(
                [
                    said("bonded_transport_approved", "10 09:00", declaration="020D1"),
                    said("bonded_transport_arrived", "11 09:00", declaration="020D1", place=CFS),
                    said("bonded_transport_approved", "16 09:00", declaration="020D2"),
                ],
                "none",
                deadlines={
                    "bonded_transport": "met 2026-03-26",
                    "import_declaration": "2026-04-10",
                    "storage_limit": "2026-05-11",
                },
            ),
            Step(
                [said("bonded_transport_arrived", "17 09:00", declaration="020D2", place="16020001")],
                "none",
                deadlines={
                    "bonded_transport": "met met",
                    "import_declaration": "2026-04-10",
                    "storage_limit": "2026-09-11",
                },
            ),
        ],
        SEA,
    ),
    History(
        "fine_after_fifteen_days_in_a_listed_warehouse",
        "The declaration's notice names 15 days: that is customs' own word, whatever is known of the warehouse.",
        [
            Step(
                [
                    stored(place=UNLISTED),
                    declared(facts={"removal_days": 15, "notice": "수리일로부터 15일이내에 물품을 반출하여야하며"}),
                    released(),
                ],
                "released",
                deadlines={
                    "import_declaration": "met",
                    "storage_limit": "2026-09-10",
                    "removal": "2026-03-27",
                    "payment": "2026-03-27",
                },
            ),
        ],
    ),
    History(
        "more_time_to_remove",
        "Customs extends the removal to Saturday 11 April; the day it states is not moved.",
        [
            Step([stored(), declared(), released()], "released", deadlines=RELEASED),
            Step(
                [said("removal_extension_approved", "20 09:00", deadline_kind="removal", deadline="2026-04-11")],
                "released",
                deadlines=RELEASED | {"removal": "2026-04-11"},
            ),
            Step([gone("2026-04-03 09:00")], "released", ready=True, deadlines=GONE),
        ],
    ),
    History(
        "more_time_in_storage",
        "The warehouse's two months are extended by two more, as customs grants.",
        [
            Step(
                [with_notice("10 15:00", "2026-05-10", INCHEON, 2)],
                "none",
                deadlines={"import_declaration": "2026-04-09", "storage_limit": "2026-05-10"},
            ),
            Step(
                [
                    said(
                        "storage_extension_approved",
                        "2026-05-04 09:00",
                        deadline_kind="storage_limit",
                        deadline="2026-07-10",
                    )
                ],
                "none",
                deadlines={"import_declaration": "2026-04-09", "storage_limit": "2026-07-10"},
            ),
        ],
    ),
    History(
        "designated_storage_inland_has_six_months",
        "In Busan two months, at an inland office six, where the warehouse gives no notice.",
        [
            Step([stored(place=BUSAN)], "none", deadlines=STORED),
            Step(
                [said("bonded_transport_departed", "12 09:00", place=BUSAN)],
                "none",
                deadlines=STORED | {"storage_limit": "met"},
            ),
        ],
    ),
    History(
        "called_to_take_the_goods_and_sold",
        "Storage ran out: customs calls on the owner (one month), announces the sale (ten days) and sells.",
        [
            Step(
                [stored(), said("removal_notice", "2026-05-20 09:00")],
                "none",
                deadlines=STORED | {"claim": "2026-06-22"},
            ),
            Step(
                [said("auction_announced", "2026-07-01 09:00")],
                "none",
                deadlines=STORED | {"claim": "2026-06-22", "public_sale": "2026-07-11"},
            ),
            Step(
                [said("sold_by_customs", "2026-07-20 09:00")],
                "none",
                deadlines={"claim": "2026-06-22", "public_sale": "2026-07-11"},
            ),
        ],
    ),
    History(
        "called_to_take_the_goods_and_returned",
        "Called on, the owner sends the goods back: a return declaration answers the call.",
        [
            Step(
                [stored(), said("removal_notice", "2026-05-20 09:00")],
                "none",
                deadlines=STORED | {"claim": "2026-06-22"},
            ),
            Step([said("return_declared", "2026-06-01 09:00")], "none", deadlines=DECLARED | {"claim": "met"}),
        ],
    ),
    History(
        "forfeited",
        "The goods became the state's: nobody owes anything for them any more.",
        [
            Step([stored()], "none", deadlines=STORED),
            Step([said("forfeited", "2026-08-01 09:00")], "none", deadlines={}),
        ],
    ),
    History(
        "destroyed_under_supervision",
        "Destroyed under customs' eyes: no declaration is due for what is no more.",
        [Step([stored()], "none", deadlines=STORED), Step([said("destroyed", "20 09:00")], "none", deadlines={})],
    ),
    History(
        "duty_paid",
        "Paid six days after the acceptance: the payment's deadline is met by that.",
        [
            Step([stored(), declared(), released()], "released", deadlines=RELEASED),
            Step(
                [on("duty_paid", "18 11:00")],
                "released",
                lights={"payment": "ok"},
                deadlines=RELEASED | {"payment": "met"},
            ),
        ],
    ),
]


def cleared(at: str = "02 14:05", number: str = "E1", **words: Any) -> Entry:
    return said("export_cleared", at, declaration=number, **words)


EXPORTS = [
    History(
        "exported_in_time",
        "Accepted for export on the 2nd: loaded within 30 days, by Wednesday 1 April.",
        [
            Step([on("export_declared", "02 10:00", "E1")], "declared", lights=WAITING, deadlines={}),
            Step([cleared()], "released", lights=CLEAR, deadlines={"loading": "2026-04-01"}),
            Step([on("exported", "17 00:00", "E1")], "released", deadlines={"loading": "met"}),
        ],
    ),
    History(
        "loading_by_the_day_that_customs_states",
        "Customs prints the last day to load, a Sunday, and an extension of it later.",
        [
            Step(
                [cleared(deadline_kind="loading", deadline="2026-04-05")],
                "released",
                deadlines={"loading": "2026-04-05"},
            ),
            Step([on("departed", "10 00:00", "E1")], "released", deadlines={"loading": "2026-04-05"}),
        ],
    ),
    History(
        "export_selected_for_inspection",
        "Selected for inspection before loading, then accepted: the acceptance ends the selection.",
        [
            Step(
                [on("export_declared", "02 10:00", "E1"), on("export_inspection_ordered", "02 11:00", "E1")],
                "held",
                ["KR-KCS inspection"],
                BLOCKED,
            ),
            Step([cleared()], "released", lights=CLEAR, deadlines={"loading": "2026-04-01"}),
        ],
    ),
    History(
        "export_acceptance_cancelled",
        "The acceptance is cancelled: nothing is to be loaded.",
        [
            Step([cleared()], "released", deadlines={"loading": "2026-04-01"}),
            Step([on("export_clearance_cancelled", "03 09:00", "E1")], "revoked", lights=BLOCKED, deadlines={}),
        ],
    ),
    History(
        "two_exports_and_one_is_loaded",
        "Of two acceptances the one still to be loaded counts: that of the 4th, by Friday 3 April.",
        [
            Step([cleared(), cleared("04 10:00", "E2")], "released", deadlines={"loading": "2026-04-01"}),
            Step([on("exported", "17 00:00", "E1")], "released", deadlines={"loading": "2026-04-03"}),
            Step([on("exported", "18 00:00", "E2")], "released", deadlines={"loading": "met"}),
        ],
    ),
    History(
        "only_the_carrier_tells_of_the_sailing",
        "Customs is silent after the acceptance; the carrier's departure says that it was loaded.",
        [
            Step([cleared()], "released", deadlines={"loading": "2026-04-01"}),
            Step(
                [entry("departed", "2026-03-11 21:00", place="KRPUS", level="conveyance")],
                "released",
                deadlines={"loading": "met"},
            ),
        ],
    ),
]
