"""United States: histories of disposition codes, step by step, and the same in every order of arrival.

The codes are those of CAMIR appendix D (``us_dispositions.csv``). ``M`` is a master bill, ``H1`` to ``H3`` are house
bills under it; ``E1`` and ``E2`` are entries. What a broker reads off them: a release says that the entry is done, each
hold needs its own removal, and cargo moves only when both are so.
"""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.customs import us
from cargo.domain.state import Entry
from cargo.domain.view import Plan
from tests.domain.customs.stepping import History, Step, name_of, walk
from tests.domain.histories import entry

M, H1, H2, H3 = "MAEU603514872", "EXDOSHA26001", "EXDOSHA26002", "EXDOSHA26003"
E1, E2 = "ABC12345678", "ABC12345686"
ONE, TWO, THREE = "CSQU3054383", "MSKU0123456", "TEMU6079348"
ROUTE = Plan(port_of_loading="CNSHA", port_of_discharge="USLAX")


def told(code: str, day: str, bill: str = M, **words: Any) -> list[Entry]:
    """What one code posted to a bill tells: one entry, or two where the code says two things."""
    row = us.DISPOSITIONS[code]
    own: dict[str, Any] = {
        "authority": us.AUTHORITY,
        "agency": row.agency or "",
        "code": code,
        "bill": bill,
        "level": "master" if bill == M else "house",
        "place": "USLAX",
        **words,
    }
    at = f"2026-03-{day}"
    return [entry(milestone, at, **own) for milestone in (row.milestone, row.also) if milestone]


def on(box: str, code: str, day: str, **words: Any) -> list[Entry]:
    """The same posted to one container of the master bill."""
    return told(code, day, subject=box, level="container", **words)


def vessel(code: str, day: str) -> list[Entry]:
    """A code posted to the whole conveyance."""
    return told(code, day, bill="", level="conveyance")


def ashore(day: str, *boxes: str) -> list[Entry]:
    """The vessel's arrival, and each box discharged."""
    arrived = entry("arrived", f"2026-03-{day}", place="USLAX", level="conveyance", mode="vessel")
    return [arrived, *boxed("discharged", day, *boxes)]


def boxed(milestone: str, day: str, *boxes: str) -> list[Entry]:
    """What the terminal or the carrier says of boxes."""
    at = f"2026-03-{day}"
    return [entry(milestone, at, subject=box, level="container", place="USLAX", source=2) for box in boxes]


def manifested(packages: int, bill: str = M) -> list[Entry]:
    """The carrier's manifest of a bill."""
    return told("1Y", "01 06:00", bill, packages=packages)


SIMPLE = [
    History(
        "general_release",
        "1C is entry and release in one: the customs side is done before the vessel is there.",
        [
            Step(
                told("1C", "02 09:00"),
                "released",
                lights={"customs": "ok", "agencies": "not_applicable", "payment": "ok", "terminal": "pending"},
                ready=False,
                rollup="1 of 1 declaration",
                releases=["stands"],
            ),
        ],
    ),
    History(
        "entry_on_file",
        "02 only says that an entry was filed; CBP has yet to answer.",
        [
            Step(told("02", "01 09:00", declaration=E1), "declared", lights={"customs": "pending"}, ready=False),
            Step(told("1C", "02 09:00", declaration=E1), "released", lights={"customs": "ok"}, ready=False),
        ],
    ),
    History(
        "entry_number_comes_later",
        "The entry advisory had no entry number, the release has: it is the same entry.",
        [
            Step(told("02", "01 09:00"), "declared", rollup="0 of 1 declaration"),
            Step(told("1C", "02 09:00", declaration=E1), "released", rollup="1 of 1 declaration"),
        ],
    ),
    History(
        "intensive_exam_done",
        "1A enters the cargo with an intensive exam, 1B says the exam is complete and releases.",
        [
            Step(told("1A", "02 09:00"), "held", ["US-CBP 1A"], {"customs": "blocked"}, False, "0 of 1 declaration"),
            Step(told("1B", "05 16:00"), "released", lights={"customs": "ok"}, rollup="1 of 1 declaration"),
        ],
    ),
    History(
        "intensive_exam_overridden",
        "4C overrides a 1A: the officer waived the exam and released.",
        [
            Step(told("1A", "02 09:00"), "held", ["US-CBP 1A"]),
            Step(told("4C", "03 11:00"), "released", lights={"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "release_told_twice",
        "The same 1C posted again is no second release.",
        [
            Step(told("1C", "02 09:00", declaration=E1), "released", releases=["stands"]),
            Step(told("1C", "02 09:20", declaration=E1), "released", releases=["stands"]),
        ],
    ),
    History(
        "terminal_release_of_a_straight_bill",
        "1Z after the 1C of the same bill repeats for the terminal what the 1C said.",
        [
            Step(told("1C", "02 09:00"), "released"),
            Step(told("1Z", "02 09:01"), "released", lights={"customs": "ok"}, releases=["stands", "stands"]),
        ],
    ),
    History(
        "only_in_bond",
        "1J lets the cargo move under bond; nothing is entered yet, so there is nothing released.",
        [Step(told("1J", "02 09:00"), "none", lights={"customs": "pending"}, ready=False, rollup="", releases=[])],
    ),
    History(
        "manifest_only",
        "1Y matches the bills of the carrier and the forwarder: customs knows the cargo, no entry.",
        [Step(told("1Y", "01 09:00"), "none", lights={"customs": "pending"}, ready=False)],
    ),
]

HOLDS = [
    History(
        "release_under_a_hold",
        "1C while 1H stands lets nothing go: the hold has to be removed by 1I.",
        [
            Step(told("1H", "01 09:00"), "held", ["US-CBP 1H"]),
            Step(
                told("1C", "02 09:00"),
                "held",
                ["US-CBP 1H"],
                {"customs": "blocked"},
                False,
                "0 of 1 declaration",
                releases=["withheld"],
            ),
            Step(told("1I", "03 09:00"), "released", (), {"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "hold_after_the_release",
        "A hold placed after the 1C stops the cargo, and its removal frees it without a new release.",
        [
            Step(told("1C", "02 09:00"), "released"),
            Step(told("1H", "03 09:00"), "held", ["US-CBP 1H"], {"customs": "blocked"}, releases=["withheld"]),
            Step(told("1I", "04 09:00"), "released", (), {"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "two_holds_two_removals",
        "A manifest hold and an X-ray: both must be lifted.",
        [
            Step(told("1H", "01 09:00") + told("7H", "01 10:00"), "held", ["US-CBP 1H", "US-CBP 7H"]),
            Step(told("1C", "02 09:00"), "held", ["US-CBP 1H", "US-CBP 7H"]),
            Step(told("1I", "03 09:00"), "held", ["US-CBP 7H"], {"customs": "blocked"}),
            Step(told("7I", "04 09:00"), "released", (), {"customs": "ok"}),
        ],
    ),
    History(
        "removal_of_another_hold",
        "5I removes an entry processing hold; the manifest hold 1H is another one and stays.",
        [
            Step(told("1C", "01 09:00") + told("1H", "02 09:00"), "held", ["US-CBP 1H"]),
            Step(told("5I", "03 09:00"), "held", ["US-CBP 1H"], {"customs": "blocked"}),
        ],
    ),
    History(
        "removal_without_release",
        "The hold is gone, but nobody has entered the cargo yet.",
        [
            Step(told("1H", "01 09:00"), "held", ["US-CBP 1H"]),
            Step(told("1I", "02 09:00"), "none", (), {"customs": "pending"}, False, releases=[]),
        ],
    ),
    History(
        "exam_release_leaves_the_hold",
        "1B ends the exam of the entry (1A), not the manifest hold that was placed beside it.",
        [
            Step(told("1A", "01 09:00") + told("1H", "01 10:00"), "held", ["US-CBP 1A", "US-CBP 1H"]),
            Step(told("1B", "04 09:00"), "held", ["US-CBP 1H"], releases=["withheld"]),
            Step(told("1I", "05 09:00"), "released", releases=["stands"]),
        ],
    ),
    History(
        "same_hold_again",
        "A hold removed and placed again is a second hold; the first stays in the history.",
        [
            Step(told("1C", "01 09:00") + told("1H", "02 09:00"), "held", ["US-CBP 1H"]),
            Step(told("1I", "03 09:00"), "released"),
            Step(told("1H", "04 09:00"), "held", ["US-CBP 1H"]),
            Step(told("1I", "05 09:00"), "released"),
        ],
    ),
    History(
        "transfer_for_exam_called_off",
        "1X sends the box to the examination station; 84 calls that off.",
        [
            Step(told("1C", "01 09:00") + told("1X", "02 09:00"), "held", ["US-CBP 1X"]),
            Step(told("84", "03 09:00"), "released", (), {"customs": "ok"}),
        ],
    ),
    History(
        "examined_at_the_station",
        "A transfer for exam has no removal when the exam is done: the release after it says so.",
        [
            Step(told("1A", "01 09:00") + told("1X", "02 09:00"), "held", ["US-CBP 1A", "US-CBP 1X"]),
            Step(told("1B", "04 09:00"), "released", (), {"customs": "ok"}),
        ],
    ),
    History(
        "seized",
        "Seized cargo is not freed by an old release nor by a removal of another hold.",
        [
            Step(told("1C", "01 09:00") + told("1T", "02 09:00"), "held", ["US-CBP 1T"], {"customs": "blocked"}),
            Step(told("1I", "03 09:00"), "held", ["US-CBP 1T"], {"customs": "blocked"}),
        ],
    ),
    History(
        "vessel_held",
        "97 holds all cargo of the vessel, 98 lets it go; a bill's own removal does not.",
        [
            Step(told("1C", "01 09:00"), "released"),
            Step(vessel("97", "02 09:00"), "held", ["US-CBP 97"], {"customs": "blocked"}, releases=["withheld"]),
            Step(told("1I", "02 10:00"), "held", ["US-CBP 97"]),
            Step(vessel("98", "02 12:00"), "released", releases=["stands"]),
        ],
    ),
    History(
        "no_isf",
        "2O: no importer security filing; the hold goes with 4O, not with the release.",
        [
            Step(told("2O", "01 09:00"), "held", ["US-CBP 2O"], {"customs": "blocked"}, False),
            Step(told("1C", "02 09:00"), "held", ["US-CBP 2O"], releases=["withheld"]),
            Step(told("4O", "03 09:00"), "released", (), {"customs": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "isf_compliance_is_another_hold",
        "2P is answered by 4P; the 4O of a missing filing does not touch it.",
        [
            Step(told("2P", "01 09:00") + told("1C", "02 09:00"), "held", ["US-CBP 2P"]),
            Step(told("4O", "03 09:00"), "held", ["US-CBP 2P"]),
            Step(told("4P", "04 09:00"), "released"),
        ],
    ),
    History(
        "do_not_load",
        "A do-not-load before the voyage, lifted by its own code; the cargo is entered later.",
        [
            Step(told("6H", "01 09:00"), "held", ["US-CBP 6H"]),
            Step(told("6I", "02 09:00"), "none", lights={"customs": "pending"}),
            Step(told("1C", "20 09:00"), "released", lights={"customs": "ok"}),
        ],
    ),
]

AGENCIES = [
    History(
        "usda_hold",
        "CBP has released, Agriculture has not: the customs light is green, the other is red.",
        [
            Step(told("2H", "01 09:00"), "held", ["US-USDA 2H"], {"agencies": "blocked"}),
            Step(told("1C", "02 09:00"), "held", ["US-USDA 2H"], {"customs": "ok", "agencies": "blocked"}, False),
            Step(told("2I", "03 09:00"), "released", (), {"customs": "ok", "agencies": "ok"}, releases=["stands"]),
        ],
    ),
    History(
        "three_usda_holds",
        "Intensive, document and fumigation holds of Agriculture have a removal each.",
        [
            Step(
                told("71", "01 09:00") + told("72", "01 09:00") + told("73", "01 09:00"),
                "held",
                ["US-USDA 71", "US-USDA 72", "US-USDA 73"],
            ),
            Step(told("1C", "02 09:00") + told("74", "03 09:00"), "held", ["US-USDA 72", "US-USDA 73"]),
            Step(told("76", "04 09:00"), "held", ["US-USDA 72"], {"agencies": "blocked"}),
            Step(told("75", "05 09:00"), "released", (), {"agencies": "ok"}),
        ],
    ),
    History(
        "usda_removal_does_not_lift_cbp",
        "2I is Agriculture's; the hold of CBP beside it needs 1I.",
        [
            Step(told("1H", "01 09:00") + told("2H", "01 09:00"), "held", ["US-CBP 1H", "US-USDA 2H"]),
            Step(told("1C", "02 09:00") + told("2I", "03 09:00"), "held", ["US-CBP 1H"], {"agencies": "ok"}),
            Step(told("1I", "04 09:00"), "released"),
        ],
    ),
    History(
        "other_agency",
        "3H is any other agency's hold (EPA, CPSC): 3I lifts it, 2I does not.",
        [
            Step(told("1C", "01 09:00") + told("3H", "02 09:00"), "held", ["US-PGA 3H"], {"agencies": "blocked"}),
            Step(told("2I", "03 09:00"), "held", ["US-PGA 3H"], {"agencies": "blocked"}),
            Step(told("3I", "04 09:00"), "released", (), {"customs": "ok", "agencies": "ok"}),
        ],
    ),
    History(
        "prior_notice_missing",
        "A3: no FDA prior notice, the cargo may not move; once it may (1J) the bar is gone.",
        [
            Step(told("A3", "01 09:00"), "held", ["US-FDA A3"], {"agencies": "blocked"}),
            Step(told("1J", "02 09:00"), "none", (), {"customs": "pending"}),
        ],
    ),
    History(
        "hold_at_the_in_bond_destination",
        "1G is placed inland after the discharge port's 1H was removed; 1I does not remove it, 1F does.",
        [
            Step(told("1H", "01 09:00") + told("1I", "02 09:00") + told("1J", "02 10:00"), "none"),
            Step(told("1G", "08 09:00", place="USCHI"), "held", ["US-CBP 1G"]),
            Step(told("1C", "09 09:00", place="USCHI"), "held", ["US-CBP 1G"]),
            Step(told("1I", "09 10:00"), "held", ["US-CBP 1G"]),
            Step(told("1F", "10 09:00", place="USCHI"), "released", (), {"customs": "ok"}),
        ],
    ),
    History(
        "usda_hold_at_the_in_bond_destination",
        "77 is Agriculture's intensive hold inland: 80 removes it, the discharge port's 74 does not.",
        [
            Step(told("77", "08 09:00", place="USCHI") + told("1C", "09 09:00"), "held", ["US-USDA 77"]),
            Step(told("74", "09 10:00"), "held", ["US-USDA 77"], {"agencies": "blocked"}),
            Step(told("80", "10 09:00", place="USCHI"), "released", (), {"agencies": "ok"}),
        ],
    ),
    History(
        "agency_hold_at_both_ports",
        "Other agencies hold at the discharge port and inland; each place removes its own.",
        [
            Step(told("1C", "01 09:00") + told("3H", "02 09:00") + told("3G", "08 09:00"), "held",
                 ["US-PGA 3G", "US-PGA 3H"]),
            Step(told("3F", "09 09:00"), "held", ["US-PGA 3H"]),
            Step(told("3I", "10 09:00"), "released"),
        ],
    ),
]  # fmt: skip

TAKEN_BACK = [
    History(
        "override_to_intensive",
        "4A takes the 1C back for an intensive exam; the exam done, 1B releases anew.",
        [
            Step(told("1C", "02 09:00"), "released", releases=["stands"]),
            Step(told("4A", "03 09:00"), "revoked", (), {"customs": "blocked"}, False, releases=["revoked"]),
            Step(told("1A", "03 10:00"), "held", ["US-CBP 1A"], {"customs": "blocked"}),
            Step(told("1B", "06 09:00"), "released", (), {"customs": "ok"}, releases=["revoked", "stands"]),
        ],
    ),
    History(
        "entry_cancelled",
        "4E cancels the entry with its release; a new entry releases again.",
        [
            Step(told("1C", "02 09:00", declaration=E1), "released"),
            Step(told("4E", "03 09:00", declaration=E1), "revoked", lights={"customs": "blocked"}, ready=False),
            Step(
                told("1C", "05 09:00", declaration=E2),
                "released",
                lights={"customs": "ok"},
                releases=["revoked", "stands"],
                rollup="1 of 1 declaration",
            ),
        ],
    ),
    History(
        "entry_cancelled_before_release",
        "4E on an entry under exam: nothing was released, the exam of that entry falls away.",
        [
            Step(told("1A", "02 09:00"), "held", ["US-CBP 1A"]),
            Step(told("4E", "03 09:00"), "cancelled", (), {"customs": "pending"}, False, releases=[]),
        ],
    ),
    History(
        "cancelled_entry_keeps_manifest_hold",
        "Cancelling an entry lifts no hold on the bill.",
        [
            Step(told("1C", "02 09:00") + told("1H", "03 09:00"), "held", ["US-CBP 1H"]),
            Step(told("4E", "04 09:00"), "revoked", ["US-CBP 1H"], {"customs": "blocked"}),
            Step(told("1C", "05 09:00"), "held", ["US-CBP 1H"]),
            Step(told("1I", "06 09:00"), "released", (), {"customs": "ok"}),
        ],
    ),
    History(
        "released_quantity_deleted",
        "15 deletes the released quantity: the release is gone until CBP posts another.",
        [
            Step(told("1C", "02 09:00"), "released"),
            Step(told("15", "03 09:00"), "revoked", lights={"customs": "blocked"}, releases=["revoked"]),
            Step(told("1C", "04 09:00"), "released", releases=["revoked", "stands"]),
        ],
    ),
    History(
        "entered_and_released_deleted",
        "16 deletes both quantities, and with the entry the exam that it was given.",
        [
            Step(told("1A", "01 09:00") + told("4C", "02 09:00"), "released"),
            Step(told("16", "03 09:00"), "revoked", lights={"customs": "blocked"}, releases=["revoked"]),
        ],
    ),
    History(
        "entered_quantity_deleted",
        "14 deletes the entry: what was entered and released at once (1C) is neither.",
        [
            Step(told("1C", "02 09:00"), "released"),
            Step(told("14", "03 09:00"), "revoked", lights={"customs": "blocked"}, releases=["revoked"]),
        ],
    ),
    History(
        "entry_processing_hold",
        "5H takes the released quantity back and holds; 5I lifts the hold, and only a new 1C releases.",
        [
            Step(told("1C", "02 09:00"), "released"),
            Step(told("5H", "03 09:00"), "held", ["US-CBP 5H"], {"customs": "blocked"}, releases=["revoked"]),
            Step(told("5I", "04 09:00"), "revoked", (), {"customs": "blocked"}, False, releases=["revoked"]),
            Step(told("1C", "04 10:00"), "released", (), {"customs": "ok"}, releases=["revoked", "stands"]),
        ],
    ),
    History(
        "entry_processing_hold_before_release",
        "5H with nothing released yet is a hold and no revocation.",
        [
            Step(told("02", "01 09:00"), "declared"),
            Step(told("5H", "02 09:00"), "held", ["US-CBP 5H"]),
            Step(told("5I", "03 09:00"), "declared", (), {"customs": "pending"}),
            Step(told("1C", "04 09:00"), "released"),
        ],
    ),
    History(
        "revocation_of_an_unseen_release",
        "15 for a bill whose release nobody sent us: it was released and is so no more.",
        [Step(told("15", "03 09:00"), "revoked", lights={"customs": "blocked"}, ready=False, releases=[])],
    ),
    History(
        "twice_taken_back",
        "Released, overridden, released, overridden: each stands in the history.",
        [
            Step(told("1C", "01 09:00") + told("4A", "02 09:00"), "revoked"),
            Step(told("1B", "03 09:00"), "released"),
            Step(told("4A", "04 09:00"), "revoked", releases=["revoked", "revoked"]),
        ],
    ),
]

BILLS = [
    History(
        "another_house_is_released",
        "Two houses under one master: the release of one says nothing of the other.",
        [
            Step(told("1H", "01 09:00", H2), "held", ["US-CBP 1H"]),
            Step(told("1C", "02 09:00", H1), "held", ["US-CBP 1H"], releases=["stands"]),
            Step(told("1I", "03 09:00", H2), "released", releases=["stands"]),
        ],
    ),
    History(
        "removal_for_another_house",
        "1I posted to the first house does not lift the hold of the second.",
        [
            Step(told("1H", "01 09:00", H1) + told("1H", "01 09:00", H2), "held", ["US-CBP 1H", "US-CBP 1H"]),
            Step(told("1I", "02 09:00", H1), "held", ["US-CBP 1H"]),
        ],
    ),
    History(
        "houses_one_by_one",
        "Of three houses entered two are released: the container has to wait for the third.",
        [
            Step(told("02", "01 09:00", H1) + told("02", "01 09:00", H2) + told("02", "01 09:00", H3), "declared",
                 rollup="0 of 3 declaration"),
            Step(told("1C", "02 09:00", H1) + told("1C", "02 09:00", H2), "declared", (), {"customs": "pending"},
                 False, "2 of 3 declaration"),
            Step(told("1C", "04 09:00", H3), "released", (), {"customs": "ok"}, rollup="3 of 3 declaration"),
        ],
    ),
    History(
        "terminal_release_of_the_master",
        "1Z on the master: every house may move, also the one whose own release was not sent to us.",
        [
            Step(told("02", "01 09:00", H1) + told("1C", "02 09:00", H2), "declared"),
            Step(told("1Z", "03 09:00"), "released", (), {"customs": "ok"}, releases=["stands", "stands"]),
        ],
    ),
    History(
        "terminal_release_cancelled",
        "4Z takes the 1Z back and no more: the houses keep their own releases, the box may not move.",
        [
            Step(told("1C", "01 09:00", H1) + told("1C", "01 10:00", H2) + told("1Z", "01 10:01"), "released"),
            Step(told("4Z", "02 09:00"), "revoked", (), {"customs": "blocked"}, False,
                 releases=["stands", "stands", "revoked"]),
            Step(told("1Z", "03 09:00"), "released", (), {"customs": "ok"},
                 releases=["stands", "stands", "revoked", "stands"]),
        ],
    ),
    History(
        "house_held_after_the_terminal_release",
        "A hold on one house stops the master: CBP cancels the 1Z, and renews it when the hold is removed.",
        [
            Step(told("1Z", "01 09:00"), "released"),
            Step(told("1H", "02 09:00", H2) + told("4Z", "02 09:01"), "revoked", ["US-CBP 1H"],
                 {"customs": "blocked"}),
            Step(told("1I", "03 09:00", H2), "revoked", (), {"customs": "blocked"}),
            Step(told("1Z", "03 09:01"), "released", (), {"customs": "ok"}),
        ],
    ),
    History(
        "cancelled_terminal_release_is_not_4a",
        "4A undoes the release of the entry and not a 1Z; 4Z undoes a 1Z and not the entry's release.",
        [
            Step(told("1C", "01 09:00") + told("1Z", "01 09:01"), "released", releases=["stands", "stands"]),
            Step(told("4Z", "02 09:00"), "revoked", releases=["stands", "revoked"]),
            Step(told("4A", "03 09:00"), "revoked", releases=["revoked", "revoked"]),
        ],
    ),
    History(
        "master_held",
        "A hold on the master withholds what the house's release would let go.",
        [
            Step(told("1C", "01 09:00", H1), "released", releases=["stands"]),
            Step(told("1H", "02 09:00"), "held", ["US-CBP 1H"], {"customs": "blocked"}, releases=["withheld"]),
            Step(told("1I", "03 09:00"), "released", releases=["stands"]),
        ],
    ),
    History(
        "bill_with_and_without_the_issuer",
        "One message names the bill with the carrier's SCAC, the other without: it is one bill.",
        [
            Step(told("1H", "01 09:00") + told("1C", "02 09:00", M[4:], level="master"), "held", ["US-CBP 1H"],
                 releases=["withheld"]),
            Step(told("1I", "03 09:00", M[4:], level="master"), "released", rollup="1 of 1 declaration"),
        ],
    ),
    History(
        "revoked_house_of_a_released_master",
        "After the 1Z one house's release is taken back: that house does not move.",
        [
            Step(told("1C", "01 09:00", H1) + told("1Z", "01 09:01"), "released"),
            Step(told("4A", "02 09:00", H1), "revoked", (), {"customs": "blocked"}, releases=["revoked", "stands"]),
        ],
    ),
]  # fmt: skip

QUANTITIES = [
    History(
        "released_in_two_parts",
        "Two entries share the bill: 60 of 100 cartons are free until the second is released.",
        [
            Step(manifested(100), "none", rollup=""),
            Step(told("1C", "02 09:00", declaration=E1, packages=60), "declared", (), {"customs": "pending"}, False,
                 "60 of 100 quantity"),
            Step(told("1C", "03 09:00", declaration=E2, packages=40), "released", (), {"customs": "ok"},
                 rollup="100 of 100 quantity", releases=["stands", "stands"]),
        ],
    ),
    History(
        "part_of_the_release_deleted",
        "15 with a quantity takes just that quantity back; the rest stays free.",
        [
            Step(manifested(100) + told("1C", "02 09:00", packages=100), "released", rollup="100 of 100 quantity"),
            Step(told("15", "03 09:00", packages=40), "declared", (), {"customs": "pending"}, False,
                 "60 of 100 quantity", releases=["stands"]),
            Step(told("1C", "04 09:00", packages=40), "released", rollup="100 of 100 quantity"),
        ],
    ),
    History(
        "all_of_the_release_deleted",
        "15 with the whole quantity is a revocation.",
        [
            Step(manifested(100) + told("1C", "02 09:00", packages=100), "released"),
            Step(told("15", "03 09:00", packages=100), "revoked", (), {"customs": "blocked"}, False,
                 "0 of 100 quantity", releases=["revoked"]),
        ],
    ),
    History(
        "deleted_across_two_entries",
        "16 takes 70 back: the later release of 40 wholly, 30 of the earlier.",
        [
            Step(manifested(100) + told("1C", "02 09:00", packages=60) + told("1C", "02 10:00", packages=40),
                 "released", rollup="100 of 100 quantity"),
            Step(told("16", "03 09:00", packages=70), "declared", rollup="30 of 100 quantity",
                 releases=["stands", "revoked"]),
        ],
    ),
    History(
        "nobody_told_the_manifest",
        "Without a manifested quantity a release with a quantity is taken as the whole.",
        [Step(told("1C", "02 09:00", packages=60), "released", (), {"customs": "ok"}, rollup="1 of 1 declaration")],
    ),
    History(
        "manifest_corrected",
        "The carrier changes the bill to 60 cartons (56): what was released is the whole.",
        [
            Step(manifested(100) + told("1C", "02 09:00", packages=60), "declared", rollup="60 of 100 quantity"),
            Step(told("56", "03 09:00", packages=60), "released", rollup="60 of 60 quantity"),
            Step(told("54", "04 09:00", H3, packages=900), "released", rollup="60 of 60 quantity"),
        ],
    ),
    History(
        "more_than_manifested",
        "An overage is released as well: the roll-up stops at the manifested quantity.",
        [Step(manifested(100) + told("1C", "02 09:00", packages=104), "released", rollup="100 of 100 quantity")],
    ),
    History(
        "part_released_and_held",
        "Of two entries one is released and the other under exam: the free part is shown, the bill is held.",
        [
            Step(manifested(100) + told("1C", "02 09:00", declaration=E1, packages=60), "declared"),
            Step(told("1A", "02 10:00", declaration=E2, packages=40), "held", ["US-CBP 1A"], {"customs": "blocked"},
                 rollup="60 of 100 quantity"),
            Step(told("1B", "05 09:00", declaration=E2, packages=40), "released", rollup="100 of 100 quantity"),
        ],
    ),
]  # fmt: skip

CONTAINERS = [
    History(
        "one_of_three_held_for_x_ray",
        "7H on one container: the other two of the released bill are free.",
        [
            Step(ashore("01 06:00", ONE, TWO, THREE), "none", rollup="", containers=dict.fromkeys((ONE, TWO, THREE))),
            Step(told("1C", "02 09:00"), "released", rollup="3 of 3 container"),
            Step(on(TWO, "7H", "02 12:00"), "held", [f"US-CBP 7H {TWO}"], {"customs": "blocked"}, False,
                 "2 of 3 container", containers={ONE: None, TWO: False, THREE: None}),
            Step(on(TWO, "7I", "03 09:00"), "released", rollup="3 of 3 container",
                 containers=dict.fromkeys((ONE, TWO, THREE))),
        ],
        ROUTE,
    ),
    History(
        "released_box_by_box",
        "Releases posted to containers: two of three boxes may go, the third waits.",
        [
            Step(ashore("01 06:00", ONE, TWO, THREE) + on(ONE, "1C", "02 09:00") + on(TWO, "1C", "02 09:00"),
                 "released", (), {"customs": "pending"}, False, "2 of 3 container",
                 containers={ONE: None, TWO: None, THREE: False}),
            Step(on(THREE, "1C", "04 09:00"), "released", (), {"customs": "ok"}, rollup="3 of 3 container"),
        ],
        ROUTE,
    ),
    History(
        "release_of_one_box_taken_back",
        "4A on one container takes back that container's release only.",
        [
            Step(ashore("01 06:00", ONE, TWO) + on(ONE, "1C", "02 09:00") + on(TWO, "1C", "02 09:00"), "released",
                 rollup="2 of 2 container"),
            Step(on(TWO, "4A", "03 09:00"), "revoked", (), {"customs": "blocked"}, False, "1 of 2 container",
                 containers={ONE: None, TWO: False}),
        ],
        ROUTE,
    ),
    History(
        "all_green_and_collected",
        "Released, freight paid, available: the truck may come; and when the box is out it is done.",
        [
            Step(ashore("01 06:00", ONE) + told("1C", "02 09:00"), "released", ready=None, containers={ONE: None}),
            Step(boxed("freight_released", "02 10:00", ONE), "released", (), {"carrier": "ok"}, None),
            Step(boxed("available_for_pickup", "02 12:00", ONE), "released", (), {"terminal": "ok"}, True,
                 "1 of 1 container", containers={ONE: True}),
            Step(boxed("gate_out", "03 08:00", ONE), "released", ready=True, containers={ONE: True}),
        ],
        ROUTE,
    ),
    History(
        "one_box_is_ready_the_other_not",
        "Both released; the terminal has one of them available, the carrier withholds the other for charges.",
        [
            Step(ashore("01 06:00", ONE, TWO) + told("1C", "02 09:00"), "released", rollup="2 of 2 container"),
            Step(
                boxed("freight_released", "02 10:00", ONE)
                + boxed("available_for_pickup", "02 12:00", ONE)
                + boxed("freight_hold", "02 12:00", TWO),
                "released",
                (),
                {"carrier": "blocked"},
                False,
                containers={ONE: True, TWO: False},
            ),
        ],
        ROUTE,
    ),
    History(
        "bill_held_boxes_too",
        "A hold on the bill holds each of its containers, whatever the terminal says.",
        [
            Step(ashore("01 06:00", ONE, TWO) + told("1C", "02 09:00") + told("1H", "02 10:00"), "held",
                 ["US-CBP 1H"], rollup="0 of 2 container", containers={ONE: False, TWO: False}),
            Step(told("1I", "03 09:00"), "released", rollup="2 of 2 container", containers={ONE: None, TWO: None}),
        ],
        ROUTE,
    ),
    History(
        "part_of_the_bill_is_in_no_known_box",
        "60 of 100 cartons are released; nobody says in which of the two boxes they are.",
        [
            Step(ashore("01 06:00", ONE, TWO) + manifested(100) + told("1C", "02 09:00", packages=60), "declared",
                 rollup="60 of 100 quantity", containers={ONE: False, TWO: False}),
        ],
        ROUTE,
    ),
]  # fmt: skip

TABLE = [*SIMPLE, *HOLDS, *AGENCIES, *TAKEN_BACK, *BILLS, *QUANTITIES, *CONTAINERS]


@pytest.mark.parametrize("history", TABLE, ids=name_of)
def test_history(history: History) -> None:
    walk(history)


def test_the_table_is_as_long_as_it_says_and_no_row_is_there_twice() -> None:
    assert len(TABLE) >= 40
    assert len({history.name for history in TABLE}) == len({history.why for history in TABLE}) == len(TABLE)
