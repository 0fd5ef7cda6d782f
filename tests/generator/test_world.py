"""A world of 200 shipments has something of everything, and nobody's name."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from cargo.domain.codes import MILESTONES, MODES, PARTY_ROLES, STATUSES
from cargo.management.generator import casting, output, truth, world
from cargo.management.generator.firms import AIRLINES, BROKERS, CARRIERS, EXPRESS_AGENT, FIRMS, FORWARDERS
from cargo.management.generator.noise import DAY
from cargo.management.generator.places import PORTS, SHEDS
from cargo.management.generator.story import Cargo
from tests.generator.worlds import NOW, a_world

OF_THE_CARRIER = {
    "booking_requested", "booking_confirmed", "empty_picked_up", "stuffed", "gate_in", "vgm_submitted", "loaded",
    "departed", "bill_of_lading_issued", "shipping_instructions_submitted", "transshipment_arrived",
    "transshipment_discharged", "transshipment_loaded", "transshipment_departed", "arrived", "arrival_notice_sent",
    "discharged", "freight_released", "gate_out", "stripped", "empty_returned", "import_declared",
    "inspection_ordered", "inspection_completed", "customs_hold", "customs_released", "cargo_received", "delivered",
}  # fmt: skip
OF_CUSTOMS = {
    "manifest_submitted", "manifest_accepted", "manifest_amended", "arrival_reported", "arrived", "discharge_approved",
    "entry_extension_requested", "entry_extension_approved", "bonded_transport_filed", "bonded_transport_approved",
    "bonded_storage_in", "bonded_transport_departed", "bonded_transport_arrived", "import_declared", "customs_review",
    "customs_review_completed", "inspection_ordered", "inspection_in_progress", "inspection_completed",
    "documents_requested", "documents_submitted", "customs_hold", "agency_inspection_requested", "agency_refused",
    "agency_hold_removed", "customs_released", "customs_release_cancelled", "declaration_cancelled",
    "declaration_rejected", "removal_notice", "gate_out", "gate_out_before_release",
}  # fmt: skip
OF_EXPORT_CUSTOMS = {"export_cleared", "exported"}
OF_TRUCKERS = {"out_for_delivery", "delivered"}
OF_WAREHOUSES = {"cargo_received", "picked_up"}


def milestones(party: str) -> Counter[str]:
    world, _ = a_world()
    facts = [fact for box in world.boxes for fact in box.facts] + [f for cargo in world.cargoes for f in cargo.facts]
    return Counter(fact.milestone for fact in facts if fact.by == party)


def cargoes(kind: str = "") -> list[Cargo]:
    world, _ = a_world()
    return [cargo for cargo in world.cargoes if cargo.scene.kind.startswith(kind)]


def times(cargo: Cargo, milestone: str, party: str = "customs") -> list[int]:
    facts = cargo.facts if party == "customs" else cargo.box.facts
    found = [fact for fact in facts if fact.milestone == milestone and fact.classifier == "actual"]
    return sorted(fact.at for fact in found if not fact.superseded)


def test_every_milestone_of_the_story_occurs() -> None:
    assert set(milestones("carrier")) == OF_THE_CARRIER
    assert set(milestones("customs")) == OF_CUSTOMS
    assert set(milestones("export customs")) == OF_EXPORT_CUSTOMS
    assert set(milestones("trucker")) == OF_TRUCKERS
    assert set(milestones("warehouse")) == OF_WAREHOUSES
    assert set(MILESTONES) >= OF_THE_CARRIER | OF_CUSTOMS | OF_EXPORT_CUSTOMS | OF_TRUCKERS | OF_WAREHOUSES


def test_every_rule_of_the_world_occurs() -> None:
    world, messages = a_world()
    imports = [cargo for cargo in world.cargoes if cargo.cargo_number]
    boxes = [box for box in world.boxes if not box.air]
    told = [fact for message in messages if message.dialect == "dcsa" for fact in message.facts]
    single = [message for message in messages if message.dialect == "dcsa" and message.body().startswith(b"{")]
    counts = {
        "declared before arrival": sum(times(c, "import_declared")[0] < c.box.arrives for c in imports),
        "declared after entry": sum(times(c, "import_declared")[0] > times(c, "bonded_storage_in")[0] for c in imports),
        "released twice": sum(len(times(c, "customs_released")) > 1 for c in imports),
        "renewed on the same declaration": sum(
            len(times(c, "customs_release_cancelled")) > 0 and len(c.declarations) == 1 for c in imports
        ),
        "renewed on a new declaration": sum(
            len(times(c, "customs_release_cancelled")) > 0 and len(c.declarations) > 1 for c in imports
        ),
        "removed in parts": sum(len(times(c, "gate_out")) > 1 for c in imports),
        "listed parcels": sum(cargo.scene.kind == "air_express" for cargo in imports),
        "shared boxes": sum(len(box.cargoes) > 1 for box in boxes),
        "bonded transport before arrival": sum(fact.suffix == "/입항전운송" for c in imports for fact in c.facts),
        "unloading approved early": sum(times(c, "discharge_approved")[0] < times(c, "arrived")[0] for c in imports),
        "entry extended after entry": sum(
            times(c, "entry_extension_approved")[-1:] > times(c, "bonded_storage_in")[:1] for c in imports
        ),
        "inspection after the review": sum(cargo.scene.outcome == "late_inspection" for cargo in imports),
        "older words": sum(cargo.old_words for cargo in imports),
        "today's words": sum(not cargo.old_words for cargo in imports),
        "other spaces": sum(cargo.tight_words for cargo in imports),
        "transshipped": sum(len(box.legs) > 1 for box in boxes),
        "delay reasons": sum(bool(fact.delay_reason) for fact in told),
        "estimates": sum(fact.classifier == "estimated" for fact in told),
        "corrected": sum(fact.corrects for fact in told),
        "never told": sum(fact.missing for box in boxes for fact in box.facts),
        "exports": sum(cargo.scene.kind == "export" for cargo in world.cargoes),
        "without event ids": sum(not box.carrier.gives_ids for box in boxes if box.carrier),
        "single events": len(single),
    }
    faults = Counter(message.fault for message in messages)
    counts |= {fault: faults[fault] for fault in ("late", "overtaken", "doubled", "repeats", "corrects")}
    assert [rule for rule, count in counts.items() if count < 2] == [], counts


def test_every_scene_is_played_and_stands_where_it_should() -> None:
    world, _ = a_world()
    assert {cargo.scene._replace(outcome="") for cargo in world.cargoes} == {
        scene._replace(outcome="") for scene in casting.SCENES
    }
    for cargo in world.cargoes:
        if not cargo.scene.after or cargo.box.cargoes[0] is not cargo:
            continue
        after = cargo.scene.after
        assert min(times(cargo, after) + times(cargo, after, "carrier")) <= NOW
        facts = [fact for fact in [*cargo.facts, *cargo.box.facts] if fact.classifier == "actual"]
        assert any(fact.at > NOW for fact in facts)


def test_what_customs_released_follows_its_causes() -> None:
    for cargo in cargoes():
        if not cargo.cargo_number:
            continue
        released, declared = times(cargo, "customs_released"), times(cargo, "import_declared")
        assert declared[0] < released[0]
        assert released[0] > cargo.box.arrives
        if cargo.scene.outcome != "early_removal":
            assert times(cargo, "gate_out")[0] >= released[-1]
        for cancelled in times(cargo, "customs_release_cancelled"):
            assert released[0] < cancelled < released[-1]


def test_a_shared_box_brings_its_cargoes_at_the_same_times() -> None:
    world, _ = a_world()
    shared = [box for box in world.boxes if len(box.cargoes) > 1]
    for box in shared:
        arrivals = {tuple(times(cargo, "bonded_transport_arrived")) for cargo in box.cargoes}
        assert len(arrivals) == 1
        assert len({cargo.cargo_number for cargo in box.cargoes}) == len(box.cargoes)
        assert len({cargo.cargo_number[:15] for cargo in box.cargoes}) == 1


def test_nobody_is_named_but_firms_of_the_tables() -> None:
    firms = {firm.korean for firm in (*FIRMS, *FORWARDERS, *BROKERS, EXPRESS_AGENT)}
    firms |= {carrier.korean for carrier in CARRIERS} | {airline.korean for airline in AIRLINES}
    known = firms | {shed.name for shed in SHEDS} | {"(주)미르길보세운송", "(주)달구름운수", "두물머리로지스(주)"}
    _, messages = a_world()
    fields = re.compile(r"<(?:shedNm|snarNm|exppnConm|frwrEntsConm|agnc|shcoFlco|rlbrBssNo)>([^<]+)<")
    named: set[str] = set()
    for message in messages:
        if message.dialect.startswith("unipass"):
            named |= set(fields.findall(message.body().decode()))
    others = {text for text in named - known if not re.fullmatch(r"[0-9A-Z]+|연장반입기한:\d{4}-\d\d-\d\d", text)}
    assert others == set()


def test_the_registrations_use_the_words_of_the_house() -> None:
    world, _ = a_world()
    document = output.world_document(world)
    slugs = {row["slug"] for row in document["organizations"]}
    for row in document["shipments"]:
        assert row["mode"] in MODES
        assert row["organization"] in slugs
        assert {role for _, role in row["parties"]} <= set(PARTY_ROLES)
        assert {slug for slug, _ in row["parties"]} <= slugs
        assert row["port_of_loading"] in PORTS and row["port_of_discharge"] in PORTS
        assert row["references"]
    assert all(person["email"].endswith("@example.com") for person in document["people"])


def test_the_truth_is_in_the_words_of_the_house() -> None:
    world, _ = a_world()
    seen = {truth.of(cargo, NOW)["status"] for cargo in world.cargoes}
    assert seen <= set(STATUSES)
    assert {"at_origin", "in_transit", "at_transshipment", "in_bond", "delivered_out", "completed"} <= seen
    states = Counter(truth.of(cargo, NOW)["customs"]["state"] for cargo in world.cargoes)
    assert {"none", "under_review", "held", "released"} <= set(states)


@pytest.mark.parametrize(("load", "kinds"), [("air", {"air"}), ("sea", {"sea", "export"})])
def test_one_kind_of_load_can_be_asked_for(load: str, kinds: set[str]) -> None:
    world, _ = a_world(40, load=load)
    assert {cargo.scene.kind.partition("_")[0] for cargo in world.cargoes} == kinds


def test_a_revocation_and_its_renewal_are_in_the_truth() -> None:
    world, messages = a_world()
    cargo = next(c for c in world.cargoes if c.scene.outcome == "revoked" and not c.scene.after)
    released, cancelled = times(cargo, "customs_released"), times(cargo, "customs_release_cancelled")
    customs = truth.of(cargo, messages[-1].sent_at)["customs"]
    assert customs["state"] == "released"
    assert customs["releases"] == [
        {"released_at": truth.iso(released[0]), "revoked_at": truth.iso(cancelled[0])},
        {"released_at": truth.iso(released[1]), "revoked_at": None},
    ]
    assert json.dumps(customs)


def test_a_year_is_spread_over_its_months_and_only_two_rounds_of_scenes_are_under_way() -> None:
    built = world.build(400, 7, NOW, days=365)
    over = [cargo for cargo in built.cargoes if not cargo.scene.after]
    ages = [(NOW - max(fact.at for fact in cargo.box.facts if fact.classifier == "actual")) // DAY for cargo in over]
    assert max(ages) > 330
    assert Counter(age // 91 for age in ages if age >= 0).keys() >= {0, 1, 2, 3}
    assert {cargo.number for cargo in built.cargoes if cargo.scene.after} <= set(range(2 * len(casting.SCENES)))
    assert [cargo.scene for cargo in built.cargoes[:72]] == [casting.scene_of(number, "mixed") for number in range(72)]
