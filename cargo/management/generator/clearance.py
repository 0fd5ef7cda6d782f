"""The customs side: what UNI-PASS shows of one cargo, from the manifest to the removal.

The phrases are keys of ``unipass_xml.PHRASES``. Declarations may come before arrival, a release may be taken back and
given again, goods may leave in parts: see ``noise`` for how often.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from cargo.management.generator.noise import CONGESTION, DAY, between, chance, seconds
from cargo.management.generator.numbers import Numbers
from cargo.management.generator.places import Shed
from cargo.management.generator.story import Cargo, Fact


class Clearance:
    """Tells one cargo's story at customs; ``released`` is the release that stands, ``gates`` the removals."""

    def __init__(self, cargo: Cargo, numbers: Numbers) -> None:
        self.cargo = cargo
        self.box = cargo.box
        self.rng: Random = cargo.rng
        self.numbers = numbers
        self.released = 0
        self.gates: list[int] = []
        self.busy = CONGESTION if self.box.congested else 1.0
        self.year = datetime.fromtimestamp(self.box.arrives, UTC).year % 100
        self.shed: Shed | None = self.box.terminal

    def say(self, milestone: str, phrase: str, at: int, **fields: object) -> Fact:
        """One row of the answer; it is known at the instant it happens unless said otherwise."""
        fact = Fact(milestone, at, "customs", at, phrase, **fields)  # type: ignore[arg-type]
        if fact.shed is None and phrase not in _WITHOUT_SHED:
            fact.shed = self.shed
        if fact.packages == 0 and phrase not in _WITHOUT_SHED:
            fact.packages, fact.weight = self.cargo.packages, self.cargo.weight
        self.cargo.facts.append(fact)
        return fact

    def enter(self, milestone: str, phrase: str, at: int, shed: Shed) -> None:
        """Goods enter a shed: it reports so some seconds to minutes later, and says how long they may stay."""
        self.shed = shed
        fact = self.say(milestone, phrase, at, shed=shed, number=self._slip(shed, "P"))
        fact.known = at + self.rng.randrange(8, 900)
        if phrase == "entry_bonded":
            fact.remark = self._bonded_number()
        fact.notice = f"[부가사항] {shed.name}의 장치기간은 최대 {shed.months} 개월 입니다."

    def leave(self, milestone: str, phrase: str, at: int, packages: int, weight: float, remark: str) -> None:
        """Goods leave a shed; how many, and on what ground."""
        assert self.shed is not None
        fact = self.say(milestone, phrase, at, packages=packages, weight=weight, number=self._slip(self.shed, "R"))
        fact.known, fact.remark = at + self.rng.randrange(8, 1500), remark

    def _slip(self, shed: Shed, letter: str) -> str:
        return f"{shed.code}{self.year:02d}{letter}{self.rng.randrange(10**7):07d}"

    def _bonded_number(self) -> str:
        assert self.box.terminal is not None
        office, cargo, box = self.box.terminal.code[:3], self.cargo.number % 10**5, self.box.number % 10**6
        return f"{office}D80{cargo:05d}{self.year:02d}{box:06d}0"

    # --- arrival ---

    def manifest(self) -> None:
        """Manifest, arrival report and unloading declaration: levels above the cargo."""
        rng, arrives, air = self.rng, self.box.arrives, self.box.air
        mrn = self.box.manifest
        final = self.box.warehouse or self.box.terminal
        filed = arrives - (between(rng, 1.2, 5) if air else between(rng, 7, 30))
        self.say("manifest_submitted", "manifest_filed", filed, shed=final)
        accepted = filed + (0 if air else between(rng, 0.3, 5))
        self.say("manifest_accepted", "manifest_accepted", accepted, shed=final, remark=self.cargo.forwarder.korean)
        if air:
            self.say("arrival_reported", "arrival_filed", arrives - between(rng, 3, 7), number=mrn)
        accepted = arrives + between(rng, 0.1, 0.7)
        self.say("arrived", "arrival_accepted", accepted, number=mrn)
        if chance(rng, 0.8):
            self.say("manifest_amended", "voyage_corrected", accepted + rng.choice((0, 1)), number=f"{mrn}00000001")
        early = chance(rng, 0.08)
        unloading = accepted - 14 * 60 if early else accepted + between(rng, 0.2, 2.5)
        phrase = "unloading_air" if air else "unloading_sea"
        self.say(
            "discharge_approved",
            phrase,
            unloading,
            number=f"{mrn[:2]}{final.code[:3] if final else ''}{rng.randrange(10**6):06d}",
        )

    def storage(self, unloaded: int) -> int:
        """Into the terminal, and under bond to a warehouse where the box is shared. Returns the last entry."""
        rng, box = self.rng, self.box
        assert box.terminal is not None
        entered = unloaded + seconds(rng, "air_entry" if box.air else "entry", self.busy)
        if self.cargo.scene.outcome == "extension" or (not box.air and chance(rng, 0.12)):
            self._extend_entry(entered)
        if box.warehouse is None:
            self.enter("bonded_storage_in", "entry", entered, box.terminal)
            return entered
        shared = box.cargoes[0]
        if shared is not self.cargo:
            return self._storage_as(shared)
        before = chance(rng, 0.6)
        filed = box.arrives - between(rng, 0.4, 3) if before else entered + between(rng, 0.5, 4)
        approved = filed + rng.randrange(60, 1800)
        if not before:
            self.enter("bonded_storage_in", "entry", entered, box.terminal)
        self._bonded(filed, approved, before)
        if before:
            self.enter("bonded_storage_in", "entry", entered, box.terminal)
        left = max(entered, approved) + seconds(rng, "bonded_wait", self.busy)
        self.leave(
            "bonded_transport_departed",
            "exit_bonded",
            left,
            self.cargo.packages,
            self.cargo.weight,
            self._bonded_number(),
        )
        arrived = left + seconds(rng, "bonded_drive")
        self.enter("bonded_transport_arrived", "entry_bonded", arrived, box.warehouse)
        return arrived

    def _bonded(self, filed: int, approved: int, before: bool) -> None:
        number = self._bonded_number()
        carrier = _BONDED_CARRIERS[self.box.number % len(_BONDED_CARRIERS)]
        section = "/입항전운송" if before else ""
        self.shed = self.box.terminal
        self.say("bonded_transport_filed", "bonded_filed", filed, number=number, suffix=section)
        self.say(
            "bonded_transport_approved", "bonded_approved", approved, number=number, remark=carrier, suffix=section
        )

    def _storage_as(self, other: Cargo) -> int:
        """The same box, the same truck: take the times of the cargo that came with it."""
        assert self.box.terminal is not None and self.box.warehouse is not None
        last = 0
        for fact in other.told_by("customs"):
            if fact.phrase in ("bonded_filed", "bonded_approved"):
                fields = {"shed": fact.shed, "remark": fact.remark, "suffix": fact.suffix}
                self.say(fact.milestone, fact.phrase, fact.at, number=self._bonded_number(), **fields)
            elif fact.phrase == "entry":
                self.enter(fact.milestone, fact.phrase, fact.at, self.box.terminal)
            elif fact.phrase == "exit_bonded":
                self.leave(
                    fact.milestone, fact.phrase, fact.at, self.cargo.packages, self.cargo.weight, self._bonded_number()
                )
            elif fact.phrase == "entry_bonded":
                self.enter(fact.milestone, fact.phrase, fact.at, self.box.warehouse)
                last = fact.at
        return last

    def _extend_entry(self, entered: int) -> None:
        """More time to bring the goods in: asked and granted, seldom even after they left."""
        rng = self.rng
        late = chance(rng, 0.2)
        asked = entered + between(rng, 60, 120) if late else max(self.box.arrives, entered - between(rng, 3, 9))
        number = f"{self.year:02d}{self.box.terminal.code[:3] if self.box.terminal else ''}{rng.randrange(10**6):06d}"
        self.say("entry_extension_requested", "extension_filed", asked, number=number)
        granted = asked + between(rng, 0.3, 3)
        until = granted + rng.randrange(3, 7) * DAY
        self.say("entry_extension_approved", "extension_approved", granted, number=number, until=until)

    # --- declaration ---

    def when_declared(self, entered: int) -> int:
        """Before arrival, between arrival and warehouse, or after it."""
        pick = self.rng.random()
        if self.cargo.scene.after.startswith("customs_review"):
            # What comes next has to be customs' word, not the ship.
            pick = 1.0
        if pick < 0.42:
            return self.box.arrives - (between(self.rng, 0.5, 6) if self.box.air else between(self.rng, 4, 60))
        if pick < 0.67:
            return self.box.arrives + int((entered - self.box.arrives) * self.rng.uniform(0.2, 0.9))
        return entered + seconds(self.rng, "declare")

    def declare(self, at: int) -> int:
        """Lodge a declaration; its review begins within minutes. Returns when."""
        number = self.numbers.declaration(self.cargo.broker.code, self.year)
        self.cargo.declarations.append(number)
        self.say("import_declared", "declared", at, number=number, remark=self.cargo.broker.korean)
        review = at + self.rng.randrange(9, 200)
        self.say("customs_review", "review", review, number=number)
        return review

    def decide(self, review: int, entered: int) -> int:
        """What befalls the declaration, up to the completed review. Returns the earliest instant of release."""
        handler = getattr(self, f"_{self.cargo.scene.outcome}", None)
        at: int = handler(review, entered) if handler else review
        number = self.cargo.declarations[-1]
        completed = at + seconds(self.rng, "review")
        self.say("customs_review_completed", "approved", completed, number=number)
        if self.cargo.scene.outcome == "late_inspection":
            completed = self._inspection(completed, entered)
        floor = (
            self.box.arrives + between(self.rng, 0.8, 3)
            if chance(self.rng, 0.3)
            else entered + between(self.rng, 0.2, 5)
        )
        return max(completed + seconds(self.rng, "approval"), floor)

    def _again(self, at: int) -> int:
        self.say("customs_review", "review", at, number=self.cargo.declarations[-1])
        return at

    def _inspection(self, review: int, entered: int) -> int:
        number = self.cargo.declarations[-1]
        ordered = review + between(self.rng, 0.2, 3)
        self.say("inspection_ordered", "inspection_ordered", ordered, number=number)
        begun = max(ordered, entered) + seconds(self.rng, "inspection_wait")
        if chance(self.rng, 0.7):
            self.say("inspection_in_progress", "inspecting", begun, number=number)
        done = begun + seconds(self.rng, "inspection")
        self.say("inspection_completed", "inspected", done, number=number)
        return done

    def _documents(self, review: int, entered: int) -> int:
        number = self.cargo.declarations[-1]
        asked = review + between(self.rng, 0.3, 6)
        self.say("documents_requested", "documents_requested", asked, number=number)
        given = asked + seconds(self.rng, "documents")
        self.say("documents_submitted", "documents_given", given, number=number)
        return self._again(given + between(self.rng, 0.3, 5))

    def _hold(self, review: int, entered: int) -> int:
        held = review + between(self.rng, 0.5, 8)
        self.say("customs_hold", "held", held, number=self.cargo.declarations[-1])
        return self._again(held + seconds(self.rng, "hold"))

    def _withdrawn(self, review: int, entered: int) -> int:
        number = self.cargo.declarations[-1]
        back = review + between(self.rng, 1, 10)
        if chance(self.rng, 0.5):
            self.say("declaration_cancelled", "withdrawn", back, number=number)
        else:
            self.say("declaration_rejected", "rejected", back, number=number)
        return self.declare(back + seconds(self.rng, "renewal"))

    def _agency(self, review: int, entered: int) -> int:
        asked = max(entered, review) + between(self.rng, 0.5, 6)
        self.say("agency_inspection_requested", "agency_filed", asked)
        passed = asked + seconds(self.rng, "agency")
        if chance(self.rng, 0.2):
            self.say("agency_refused", "agency_refused", passed)
            passed += seconds(self.rng, "agency")
        self.say("agency_hold_removed", "agency_passed", passed)
        return passed

    # --- release and removal ---

    def release(self, at: int) -> None:
        """The acceptance, with the notice of the 15 days."""
        assert self.shed is not None
        notice = _REMOVAL_NOTICE.format(shed=self.shed.name)
        self.say("customs_released", "released", at, number=self.cargo.declarations[-1], notice=notice)
        self.released = at

    def revoke(self) -> None:
        """Taken back, and given again: on the same declaration or on a new one."""
        back = self.released + seconds(self.rng, "revocation")
        self.say("customs_release_cancelled", "revoked", back, number=self.cargo.declarations[-1])
        again = back + seconds(self.rng, "renewal")
        if chance(self.rng, 0.5):
            review = self.declare(again)
            again = review + seconds(self.rng, "review")
            self.say("customs_review_completed", "approved", again, number=self.cargo.declarations[-1])
            again += seconds(self.rng, "approval")
        self.release(again)

    def remove(self, entered: int) -> None:
        """Out of the shed, whole or in parts that add up to the whole."""
        cargo, rng = self.cargo, self.rng
        at = max(self.released, entered) + seconds(rng, "collect", self.busy)
        parts = len(self.box.containers) if not self.box.air and self.box.warehouse is None else 1
        if cargo.scene.outcome == "partial":
            parts = max(parts, rng.randrange(2, 5))
        parts = min(parts, cargo.packages)
        share = cargo.packages // parts
        for part in range(parts):
            packages = cargo.packages - share * (parts - 1) if part == parts - 1 else share
            weight = round(cargo.weight * packages / cargo.packages, 1)
            if part == parts - 1:
                weight = round(cargo.weight - sum(f.weight for f in cargo.facts if f.phrase == "exit"), 1)
            self.leave("gate_out", "exit", at, packages, weight, cargo.declarations[-1])
            self.gates.append(at)
            at += seconds(rng, "next_removal")

    def remove_early(self, entered: int) -> int:
        """On a permission given before the acceptance. Returns when."""
        at = entered + between(self.rng, 1, 9)
        cargo = self.cargo
        self.leave(
            "gate_out_before_release", "exit_before_release", at, cargo.packages, cargo.weight, cargo.declarations[-1]
        )
        self.gates.append(at)
        return at


_REMOVAL_NOTICE = (
    "[안내사항] {shed} 은 수입신고 수리일로부터 15일이내에 물품을 반출하여야하며, 미반출시 과태료가 부가됩니다."
)
_WITHOUT_SHED = frozenset({"arrival_filed", "arrival_accepted", "voyage_corrected", "extension_filed"})
_BONDED_CARRIERS = ("(주)미르길보세운송", "(주)달구름운수", "두물머리로지스(주)")
