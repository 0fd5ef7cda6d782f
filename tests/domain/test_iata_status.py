"""What the status codes of air cargo mean, and what an airport is to a waybill."""

from __future__ import annotations

import pytest

from cargo.domain import iata_status
from cargo.domain.codes import CLASSIFIERS, MILESTONES
from cargo.domain.iata_status import STATUSES, meaning, role

# Code lists 1.18 (with what ONE Record adds) and 1.8.
CODES = "ARR AWD AWR BKD CCD CRC DDL DEP DIS DLV DOC DPU FIW FOH FOW MAN NFD OCI OSI PRE RCF RCS RCT TFD TGC TRM"
DISCREPANCIES = "DFLD FDAV FDAW FDCA FDMB MSAV MSAW MSCA MSMB OFLD OVCD SSPD"


def test_every_code_of_the_lists_is_known_and_says_words_of_the_house() -> None:
    assert set(STATUSES) == {*CODES.split(), *(f"DIS/{code}" for code in DISCREPANCIES.split())}
    for status in STATUSES.values():
        told = {status.milestone} if status.milestone else {status.at_origin, status.at_destination, status.elsewhere}
        assert told <= MILESTONES.keys()
        assert status.classifier in CLASSIFIERS and status.name


@pytest.mark.parametrize(
    ("code", "milestone"),
    [
        ("ARR", "arrived"),
        ("AWD", "documents_delivered"),
        ("AWR", "unknown"),
        ("BKD", "booking_confirmed"),
        ("CRC", "manifest_submitted"),
        ("DDL", "delivered"),
        ("DEP", "departed"),
        ("DIS/OFLD", "rolled"),
        ("DIS/SSPD", "rolled"),
        ("DIS/MSCA", "discrepancy"),
        ("DLV", "delivered"),
        ("DOC", "unknown"),
        ("DPU", "picked_up"),
        ("FOH", "cargo_received"),
        ("MAN", "manifested"),
        ("NFD", "arrival_notice_sent"),
        ("OCI", "unknown"),
        ("OSI", "unknown"),
        ("PRE", "manifested"),
        ("RCF", "discharged"),
        ("RCS", "cargo_received"),
        ("RCT", "transferred_to_carrier"),
        ("TFD", "transferred_to_carrier"),
        ("TGC", "transferred_to_customs"),
        ("TRM", "transferred_to_carrier"),
    ],
)
@pytest.mark.parametrize("airport", ["ICN", "DOH", "LHR", None])
def test_most_codes_mean_the_same_at_every_airport(code: str, milestone: str, airport: str | None) -> None:
    found = meaning(code, airport=airport, origin="ICN", destination="LHR")
    assert (found.milestone, found.warning, found.effect) == (milestone, None, MILESTONES[milestone].effect)


@pytest.mark.parametrize(
    ("code", "origin", "destination", "elsewhere"),
    [
        ("CCD", "export_cleared", "customs_released", "unknown"),
        ("FIW", "gate_in", "bonded_storage_in", "unknown"),
        ("FOW", "unknown", "gate_out", "unknown"),
    ],
)
def test_of_three_codes_the_place_decides(code: str, origin: str, destination: str, elsewhere: str) -> None:
    told = [meaning(code, airport=airport, origin="ICN", destination="LHR") for airport in ("ICN", "LHR", "DOH")]
    assert [each.milestone for each in told] == [origin, destination, elsewhere]
    assert [each.warning for each in told] == [None, None, None]
    nowhere = meaning(code, airport="ICN")
    assert (nowhere.milestone, nowhere.warning) == (
        "unknown",
        f"role_unknown: {code} at origin is not {code} at destination",
    )


@pytest.mark.parametrize(
    ("airport", "origin", "destination", "milestone"),
    [
        # The first airport of the country of destination, and one of the same customs territory.
        ("JFK", "MUC", "BOS", "customs_released"),
        ("LGG", "ICN", "VIE", "customs_released"),
        # Out of the country at another airport than that of the waybill.
        ("PUS", "ICN", "JFK", "export_cleared"),
        ("DOH", "HKG", "NLU", "unknown"),
        ("LGG", "ICN", "LHR", "unknown"),
        ("QQQ", "ICN", "LHR", "unknown"),
    ],
)
def test_customs_clear_in_the_country_and_not_at_one_airport(
    airport: str, origin: str, destination: str, milestone: str
) -> None:
    found = meaning("CCD", airport=airport, origin=origin, destination=destination)
    assert (found.milestone, found.authority) == (milestone, "IATA")


def test_a_warehouse_is_at_the_airport_itself() -> None:
    assert meaning("FIW", airport="JFK", origin="MUC", destination="BOS").milestone == "unknown"


@pytest.mark.parametrize(
    ("airport", "origin", "destination", "expected"),
    [
        ("ICN", "ICN", "LHR", "origin"),
        ("LHR", "ICN", "LHR", "destination"),
        ("DOH", "ICN", "LHR", "transshipment"),
        ("ARN", "MEX", "STO", "destination"),
        ("GBLHR", "ICN", "LON", "destination"),
        ("IAH", "HOU", "JED", "origin"),
        ("LGW", "ICN", "LHR", "transshipment"),
        ("ICN", "XXX", "LHR", None),
        ("ICN", None, "LHR", None),
        (None, "ICN", "LHR", None),
    ],
)
def test_what_an_airport_is_to_a_waybill(
    airport: str | None, origin: str | None, destination: str | None, expected: str | None
) -> None:
    assert role(airport, origin, destination) == expected


def test_a_waybills_status_is_of_the_bill_and_the_aircrafts_of_the_aircraft() -> None:
    assert [meaning(code).level for code in ("DEP", "RCF", "DLV", "CRC")] == [
        "conveyance",
        "master",
        "master",
        "master",
    ]
    assert meaning("DLV", waybill_level="house").level == "house"
    assert meaning("CCD", airport="LHR", origin="ICN", destination="LHR").level == "declaration"


def test_what_has_yet_to_happen_is_planned() -> None:
    assert {code for code in STATUSES if meaning(code).classifier != "actual"} == {"TRM"}


def test_codes_that_the_lists_lack_are_named() -> None:
    found = meaning("ZZZ")
    assert (found.milestone, found.name, found.warning) == ("unknown", None, "unknown_code: status ZZZ")
    found = meaning("DIS/ABCD")
    assert (found.milestone, found.name) == ("discrepancy", "Discrepancy")
    assert found.warning == "unknown_code: discrepancy DIS/ABCD"


def test_a_discrepancy_is_named_in_full() -> None:
    assert meaning("DIS/OVCD").name == "Discrepancy: Overcarried"
    assert iata_status.STATUSES["DIS/OVCD"].name == "Overcarried"
