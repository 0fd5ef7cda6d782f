"""The neutral document: every key, exact values, absolute times with the offset of their place, one fixed order."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from cargo.domain import document
from cargo.domain.derive import derive
from cargo.domain.document import SourceInfo
from cargo.domain.event import Reference
from cargo.domain.state import Entry, merge
from cargo.domain.view import Plan
from tests.domain.histories import customs, entry, kst

SOURCES = {1: SourceInfo("unipass", "UNI-PASS", kst("2026-03-12 10:00"), kst("2026-03-12 08:00")), 2: SourceInfo("hmm")}
REFERENCES = [Reference("house_bill", "KOSHA2603001"), Reference("container", "HDMU6546583")]
HISTORY = (
    entry("arrived", "2026-03-10 07:00", level="conveyance", place="KRPUS", source=2, classifier=1),
    entry("arrived", "2026-03-10 06:00", level="conveyance", place="KRPUS", source=2),
    customs("bonded_storage_in", "2026-03-10 15:00", place="02012018"),
    customs(
        "import_declared",
        "2026-03-11 09:00",
        declaration="A1",
        level="declaration",
        packages=100,
        facts={"manifested_packages": 100, "manifested_unit": "CT"},
    ),
    customs(
        "inspection_ordered", "2026-03-11 10:00", declaration="A1", level="declaration", facts={"notice": "검사대상"}
    ),
    customs("customs_released", "2026-03-11 14:00", declaration="A1", level="declaration", packages=100),
    customs("gate_out", "2026-03-12 08:00", declaration="A1", packages=100, unit="CT", place="02012018"),
)
PLAN = Plan(port_of_loading="CNSHA", port_of_discharge="KRPUS", mode="sea")


def built(*entries: Entry, plan: Plan = PLAN) -> dict:
    merged = merge([], entries)
    return document.build(
        derive(merged, plan),
        merged,
        shipment_id="7",
        references=REFERENCES,
        sources=SOURCES,
        freshness=[SOURCES[1]],
    )


def test_the_whole_document() -> None:
    found = built(*HISTORY)

    assert found["id"] == "7"
    assert found["references"] == [
        {"type": "container", "value": "HDMU6546583"},
        {"type": "house_bill", "value": "KOSHA2603001"},
    ]
    assert (found["status"], found["milestone"], found["mode"], found["carrier"]) == (
        "delivered_out",
        "gate_out",
        "sea",
        None,
    )
    assert found["plan"] == {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}
    assert found["eta"] == {
        "at": "2026-03-10T07:00:00+09:00",
        "classifier": "estimated",
        "first_at": "2026-03-10T07:00:00+09:00",
        "source": "hmm",
    }
    assert found["arrived_at"] == "2026-03-10T06:00:00+09:00"
    assert found["last_event_at"] == "2026-03-12T08:00:00+09:00"
    assert found["quantity"] == {"manifested": 100, "released": 100, "removed": 100, "unit": "CT"}
    assert found["freshness"] == [
        {
            "source": "unipass",
            "name": "UNI-PASS",
            "last_received_at": "2026-03-12T01:00:00Z",
            "last_occurred_at": "2026-03-12T08:00:00+09:00",
        }
    ]
    assert set(found) == {
        *("id", "references", "status", "milestone", "customs", "release", "stages", "deadlines", "milestones"),
        *("containers", "mode", "carrier", "plan", "eta", "arrived_at", "quantity", "last_event_at", "freshness"),
    }


def test_customs() -> None:
    assert built(*HISTORY)["customs"] == {
        "state": "released",
        "rollup": {"by": "quantity", "released": 100, "of": 100, "unit": "CT"},
        "releases": [
            {
                "released_at": "2026-03-11T14:00:00+09:00",
                "revoked_at": None,
                "authority": "KR-KCS",
                "declaration": "A1",
                "provisional": False,
                "level": "declaration",
                "container": None,
                "packages": 100,
                "source": "unipass",
                "code": None,
                "revoked_by": None,
            }
        ],
        "holds": [
            {
                "agency": "KR-KCS",
                "name": "관세청 (Korea Customs Service)",
                "kind": "inspection",
                "placed_at": "2026-03-11T10:00:00+09:00",
                "cleared_at": "2026-03-11T14:00:00+09:00",
                "cleared_by": "release",
                "declaration": "A1",
                "level": "declaration",
                "text": "검사대상",
                "authority": "KR-KCS",
                "container": None,
                "source": "unipass",
                "code": None,
            }
        ],
    }


def test_stages_deadlines_and_milestones() -> None:
    found = built(*HISTORY)

    assert found["stages"][-1] == {
        "stage": "arrived__gate_out",
        "started_at": "2026-03-10T06:00:00+09:00",
        "ended_at": "2026-03-12T08:00:00+09:00",
        "seconds": 180000,
    }
    assert found["deadlines"][0] == {
        "kind": "removal",
        "due_at": "2026-03-26T23:59:59+09:00",
        "basis": "removal_15_days_if_listed",
        "met_at": "2026-03-12T08:00:00+09:00",
        "authority": "KR-KCS",
        "responsible": "importer",
        "next_action": "collect",
        "container": None,
        "rule": "kr_removal",
        "stated_by": None,
        "others": [],
        "money": {
            "kind": "fine",
            "currency": "KRW",
            "amount_per_day": None,
            "steps": None,
            "maximum": 1_000_000,
            "basis": "offence",
        },
        "alerts": True,
        "source": "Customs Act (KR) art. 157-2",
        "text": None,
    }
    assert [(row["milestone"], row["classifier"]) for row in found["milestones"][:2]] == [
        ("arrived", "actual"),
        ("arrived", "estimated"),
    ]
    assert found["milestones"][-1] == {
        "milestone": "gate_out",
        "milestone_reported": "gate_out",
        "classifier": "actual",
        "occurred_at": "2026-03-12T08:00:00+09:00",
        "place": {"code": "02012018", "scheme": "facility"},
        "level": "house",
        "subject": None,
        "declaration": "A1",
        "source": "unipass",
    }


def test_lights_and_who_must_do_what_by_when() -> None:
    found = built(*HISTORY[:3])["release"]

    assert found["ready"] is False
    assert found["lights"][0] == {
        "light": "customs",
        "state": "pending",
        "since": "2026-03-10T06:00:00+09:00",
        "source": None,
    }
    assert found["blocking"] == [
        {
            "light": "customs",
            "state": "pending",
            "responsible": "broker",
            "next_action": "declare_import",
            "since": "2026-03-10T06:00:00+09:00",
            "deadline": "2026-04-09T23:59:59+09:00",
        }
    ]
    assert built(*HISTORY)["release"]["blocking"] == []


def test_containers_and_the_zone_of_each_place() -> None:
    box = {"subject": "HDMU6546583", "level": "container", "source": 2}
    found = built(
        entry("loaded", "2026-03-02 12:00", place="CNSHA", facts={"iso": "45G1"}, **box),
        entry("discharged", "2026-03-10 08:00", place="KRPUS", **box),
        entry("transshipment_arrived", "2026-03-05 12:00", place="XXZZZ", **box),
    )

    assert [{name: value for name, value in row.items() if name != "release"} for row in found["containers"]] == [
        {
            "number": "HDMU6546583",
            "iso_code": "45G1",
            "milestone": "discharged",
            "released": False,
            "last_event_at": "2026-03-10T08:00:00+09:00",
            "last_free_day": None,
        }
    ]
    assert [row["occurred_at"] for row in found["milestones"]] == [
        "2026-03-02T11:00:00+08:00",
        "2026-03-05T03:00:00Z",
        "2026-03-10T08:00:00+09:00",
    ]
    assert found["milestones"][0]["place"] == {"code": "CNSHA", "scheme": "unlocode"}
    assert found["milestones"][0]["subject"] == "HDMU6546583"


def test_a_revoked_release_stays_in_the_document() -> None:
    revoked = customs("customs_release_cancelled", "2026-03-11 16:00", declaration="A1")
    found = built(*HISTORY[:6], revoked)

    assert found["customs"]["state"] == "revoked"
    assert [(row["revoked_at"], row["revoked_by"]) for row in found["customs"]["releases"]] == [
        ("2026-03-11T16:00:00+09:00", "customs_release_cancelled")
    ]
    assert found["customs"]["rollup"] == {"by": "quantity", "released": 0, "of": 100, "unit": "CT"}
    assert found["quantity"]["released"] == 0


def test_nothing_known_is_null_not_guessed() -> None:
    found = built(plan=Plan())

    assert (found["milestone"], found["mode"], found["eta"], found["arrived_at"]) == (None, None, None, None)
    assert found["plan"] == {"port_of_loading": None, "port_of_discharge": None}
    assert (found["status"], found["release"]["ready"]) == ("expected", None)
    assert found["customs"] == {"state": "none", "rollup": None, "releases": [], "holds": []}
    assert (found["stages"], found["deadlines"], found["milestones"], found["containers"]) == ([], [], [], [])


def a_box(number: str, milestone: str, at: str, **words: Any) -> Entry:
    return entry(milestone, at, subject=number, level="container", place="KRPUS", source=2, **words)


def test_each_container_says_whether_it_can_be_collected() -> None:
    one, two = "HDMU6546583", "CSQU3054383"
    found = built(
        *HISTORY[:6],
        *(a_box(box, "discharged", "2026-03-10 08:00") for box in (one, two)),
        a_box(one, "freight_released", "2026-03-11 15:00"),
        a_box(one, "available_for_pickup", "2026-03-11 15:00"),
        a_box(one, "last_free_day_reported", "2026-03-10 09:00", deadline_kind="last_free_day", deadline="2026-03-20"),
        a_box(two, "freight_hold", "2026-03-11 15:00"),
    )

    second, first = found["containers"]
    assert (first["number"], first["last_free_day"], second["last_free_day"]) == (one, "2026-03-20", None)
    assert (first["release"]["ready"], first["release"]["blocking"]) == (True, [])
    assert list(first["release"]) == list(found["release"]) == ["ready", "lights", "blocking"]
    assert [light["state"] for light in first["release"]["lights"]] == ["ok", "not_applicable", "ok", "ok",
                                                                       "not_applicable", "ok"]  # fmt: skip
    assert second["release"]["ready"] is found["release"]["ready"] is False
    assert second["release"]["blocking"] == [
        {
            "light": "carrier",
            "state": "blocked",
            "responsible": "importer",
            "next_action": "settle_charges",
            "since": "2026-03-11T15:00:00+09:00",
            "deadline": None,
        }
    ]
    assert found["customs"]["rollup"] == {"by": "container", "released": 2, "of": 2, "unit": None}


def test_a_container_that_is_out_needs_nothing() -> None:
    one, two = "HDMU6546583", "CSQU3054383"
    found = built(
        *HISTORY[:6],
        *(a_box(box, "discharged", "2026-03-10 08:00") for box in (one, two)),
        a_box(one, "gate_out", "2026-03-12 08:00"),
    )

    out, inside = (next(row for row in found["containers"] if row["number"] == box) for box in (one, two))
    assert (out["release"]["ready"], inside["release"]["ready"], found["release"]["ready"]) == (True, None, None)


def test_the_authority_own_code_and_its_agency_are_named() -> None:
    words = {"authority": "US-CBP", "bill": "MAEU603514872", "level": "master", "place": "USLAX"}
    found = built(
        entry("agency_hold", "2026-03-10 09:00", agency="US-USDA", code="71", **words),
        entry("customs_released", "2026-03-10 10:00", agency="US-CBP", code="1C", subject="HDMU6546583", **words),
    )

    (hold,), (release,) = found["customs"]["holds"], found["customs"]["releases"]
    assert (hold["agency"], hold["name"], hold["authority"], hold["code"], hold["level"], hold["container"]) == (
        "US-USDA",
        "US Department of Agriculture",
        "US-CBP",
        "71",
        "master",
        None,
    )
    assert (release["code"], release["container"], release["packages"]) == ("1C", "HDMU6546583", None)
    assert release["released_at"] == "2026-03-09T18:00:00-07:00"


def test_a_place_without_a_known_zone_is_told_in_utc() -> None:
    found = built(entry("gate_in", "2026-03-01 09:00"), plan=Plan())

    assert found["last_event_at"] == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize("seed", range(5))
def test_equal_histories_give_equal_bytes(seed: int) -> None:
    shuffled = [*HISTORY, *HISTORY[:3]]
    random.Random(seed).shuffle(shuffled)

    assert msgspec.json.encode(built(*shuffled)) == msgspec.json.encode(built(*HISTORY))


def test_explain_is_the_part_that_messages_alone_can_fill() -> None:
    merged = merge([], HISTORY)
    view = derive(merged, PLAN)
    found = document.explain(view, merged, references=REFERENCES, sources=SOURCES)
    whole = built(*HISTORY)

    assert list(found) == [
        *("references", "status", "milestone", "customs", "release", "stages", "deadlines", "milestones", "containers"),
    ]
    assert found == {key: whole[key] for key in found}
