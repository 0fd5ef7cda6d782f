"""Who plays what: the scenes in their order, and the cargo that each of them gets.

The order is fixed, so that even a small world has something of everything: goods at sea, held goods, a release about
to be taken back, a box shared by two clients. A larger world repeats it, and finished stories then draw what befell
them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from cargo.management.generator.firms import (
    BROKERS,
    EXPRESS_AGENT,
    FORWARDERS,
    GOODS,
    IMPORTERS,
    PARCELS,
    Firm,
    Goods,
    airlines_of,
    carriers_of,
)
from cargo.management.generator.noise import CONGESTED_DAYS, DAY, chance
from cargo.management.generator.numbers import Numbers
from cargo.management.generator.places import (
    AIRPORTS,
    FOREIGN_PORTS,
    KOREAN_AIRPORT,
    KOREAN_PORTS,
    sheds_of,
)
from cargo.management.generator.story import Box, Cargo, Scene

SCENES: tuple[Scene, ...] = (
    Scene("sea_fcl"),
    Scene("sea_fcl", "revoked", "customs_review", push=True),
    Scene("sea_lcl", after="bonded_transport_arrived"),
    Scene("sea_lcl_join"),
    Scene("sea_fcl", "inspection", "customs_review"),
    Scene("air_express"),
    Scene("export", after="gate_in"),
    Scene("sea_fcl", "revoked", "customs_released"),
    Scene("air_general", "documents", "documents_requested"),
    Scene("sea_direct", after="departed"),
    Scene("sea_fcl", "partial", "customs_released"),
    Scene("sea_fcl", "hold", "customs_hold"),
    Scene("air_general", after="customs_review", push=True),
    Scene("sea_lcl", "partial"),
    Scene("sea_lcl_join", "agency"),
    Scene("sea_fcl", "withdrawn"),
    Scene("export", "inspection"),
    Scene("sea_direct", "extension"),
    Scene("air_express", "hold", "customs_hold"),
    Scene("sea_fcl", after="transshipment_arrived"),
    Scene("sea_fcl", "hold", "customs_review"),
    Scene("sea_lcl", after="customs_review", push=True),
    Scene("sea_fcl", "revoked"),
    Scene("air_general"),
    Scene("sea_direct", "early_removal"),
    Scene("sea_fcl", after="customs_released"),
    Scene("export", after="booking_confirmed"),
    Scene("sea_fcl", "late_inspection"),
    Scene("air_express"),
    Scene("sea_direct", "overdue"),
    Scene("sea_fcl", after="arrived"),
    Scene("sea_fcl", "agency", after="bonded_storage_in"),
    Scene("export", "hold"),
    Scene("sea_fcl", "documents"),
    Scene("air_general", "hold"),
    Scene("sea_fcl", "hold"),
)
_DRAWN = ("plain",) * 6 + ("inspection", "documents", "late_inspection", "partial", "extension", "revoked")
_LCL_SHARES = 3
# How long ago a finished story may have ended, where nobody asks for a longer past.
RECENT_DAYS = 45


def scene_of(index: int, load: str, days: int = RECENT_DAYS) -> Scene:
    """The scene of that shipment. ``load``: ``sea``, ``air`` or ``mixed``.

    With a past of more than ``RECENT_DAYS`` days only the first two of each scene are as written, all others are over.
    """
    if load == "mixed":
        scenes = SCENES
    else:
        scenes = tuple(scene for scene in SCENES if scene.kind.startswith("air") == (load == "air"))
    scene = scenes[index % len(scenes)]
    if index >= 2 * len(scenes) and days > RECENT_DAYS:
        scene = scene._replace(after="", push=False)
    if index >= len(scenes) and scene == Scene("sea_fcl"):
        return scene._replace(outcome=_DRAWN[index % len(_DRAWN)])
    return scene


class Casting:
    """Makes boxes and cargoes with consistent numbers and firms."""

    def __init__(self, seed: int, now: int, days: int = RECENT_DAYS) -> None:
        self.seed = seed
        self.now = now
        self._days = days
        self.numbers = Numbers(seed)
        self.carriers = carriers_of(seed)
        self.airlines = airlines_of(seed)
        self.boxes: list[Box] = []
        self._manifest_rows: dict[str, int] = {}

    def cargo(self, index: int, scene: Scene) -> Cargo:
        """A cargo with its box (a new one, or the last shared one)."""
        rng = Random(f"{self.seed}/{index}")
        box = self._shared_box() if scene.kind == "sea_lcl_join" else None
        if box is None:
            box = self._box(index, scene, rng)
            self.boxes.append(box)
        goods = _goods(rng, scene)
        packages, weight = _amount(rng, scene, goods, len(box.containers))
        forwarder = EXPRESS_AGENT if scene.kind == "air_express" else _forwarder(box, rng)
        # Most of what moves just now is the first importer's, so that whoever watches one client sees it.
        first = 1.0 if scene.push else 0.7 if scene.after else 0.45
        importer = IMPORTERS[0] if rng.random() < first else rng.choice(IMPORTERS[1:4])
        cargo = Cargo(
            number=index, rng=rng, scene=scene, box=box, goods=goods,
            house_bill=self._house_bill(scene, forwarder, box),
            goods_name=rng.choice(PARCELS) if scene.kind == "air_express" else goods.name,
            packages=packages, weight=weight, importer=importer, forwarder=forwarder,
            broker=BROKERS[0] if rng.random() < 0.5 else rng.choice(BROKERS[1:]),
            registrant="", references=[], own_reference=f"PO-{1000 + index}",
            old_words=chance(rng, 0.3), tight_words=chance(rng, 0.2),
        )  # fmt: skip
        if scene.kind == "export":
            cargo.importer = rng.choice(IMPORTERS[4:])
        box.cargoes.append(cargo)
        self._number_at_customs(cargo)
        self._register(cargo)
        return cargo

    def _shared_box(self) -> Box | None:
        for box in reversed(self.boxes):
            if box.warehouse is not None and len(box.cargoes) < _LCL_SHARES:
                return box
        return None

    def _box(self, index: int, scene: Scene, rng: Random) -> Box:
        air = scene.kind.startswith("air")
        age = int(rng.uniform(0.5, self._days) * DAY)
        if air:
            return self._air_box(index, scene, rng, age)
        korean = rng.choices(KOREAN_PORTS, (60, 25, 8, 7))[0]
        foreign = rng.choice(FOREIGN_PORTS)
        if scene.after.startswith("transshipment"):
            foreign = rng.choice([port for port in FOREIGN_PORTS if port.days > 9])
        carrier = rng.choice(self.carriers)
        origin, destination = (korean, foreign) if scene.kind == "export" else (foreign, korean)
        boxes = 1 if scene.kind.startswith("sea_lcl") else rng.choices((1, 2, 3, 4), (60, 25, 10, 5))[0]
        if scene.outcome == "partial" and boxes == 1 and scene.kind == "sea_fcl":
            boxes = 3
        box = Box(
            number=index, rng=Random(f"{self.seed}/box/{index}"), air=False, carrier=carrier, airline=None,
            origin=origin, destination=destination, booking=self.numbers.booking(carrier.scac),
            master_bill=self.numbers.master_bill(carrier.scac, origin.code),
            containers=[self.numbers.container(carrier.owner) for _ in range(boxes)], age=age,
            congested=destination.code == "KRPUS" and (bool(scene.after) or age < CONGESTED_DAYS * DAY),
        )  # fmt: skip
        if destination.country == "KR":
            box.terminal = rng.choice(sheds_of(destination.code, "terminal"))
            if scene.kind.startswith("sea_lcl"):
                box.warehouse = rng.choice(sheds_of(destination.code, "warehouse"))
        return box

    def _air_box(self, index: int, scene: Scene, rng: Random, age: int) -> Box:
        # In turn, so that even a small world hears of all of them.
        airline = self.airlines[sum(box.air for box in self.boxes) % len(self.airlines)]
        express = scene.kind == "air_express"
        return Box(
            number=index, rng=Random(f"{self.seed}/box/{index}"), air=True, carrier=None, airline=airline,
            origin=rng.choice(AIRPORTS), destination=KOREAN_AIRPORT, booking="",
            master_bill=self.numbers.air_waybill(airline.prefix), containers=[], age=age,
            flight=f"{airline.code}{rng.randrange(100, 990)}",
            terminal=rng.choice(sheds_of("ICN", "express" if express else "terminal")),
        )  # fmt: skip

    def _house_bill(self, scene: Scene, forwarder: Firm, box: Box) -> str:
        if scene.kind == "air_express":
            return self.numbers.parcel()
        if scene.kind == "sea_direct":
            return ""
        return self.numbers.house_bill(forwarder.code, box.origin.code if not box.air else f"KR{box.origin.code}")

    def _number_at_customs(self, cargo: Cargo) -> None:
        """MRN, master and house sequence: 19 characters, or 15 without a house bill."""
        box = cargo.box
        if box.destination.country != "KR":
            return
        if not box.manifest:
            year = datetime.fromtimestamp(self.now - (0 if cargo.scene.after else box.age), UTC).year % 100
            sender = box.airline.code if box.airline else box.carrier.scac if box.carrier else ""
            box.manifest = f"{year:02d}{sender}{self.numbers.manifest_serial(box.air)}I"
            box.master_sequence = box.rng.randrange(1, 2000)
        house = f"{len(box.cargoes):04d}" if cargo.house_bill else ""
        cargo.cargo_number = f"{box.manifest}{box.master_sequence:04d}{house}"

    def _register(self, cargo: Cargo) -> None:
        """Who registered it, and by which of its numbers: clients know different ones."""
        rng, box = cargo.rng, cargo.box
        house = ("house_air_waybill" if box.air else "house_bill", cargo.house_bill)
        master = ("air_waybill" if box.air else "master_bill", box.master_bill)
        references = [house, master] if cargo.house_bill else [master]
        if cargo.scene.kind == "export":
            references = [house, master, ("booking", box.booking)]
        elif not box.air and chance(rng, 0.4) and box.warehouse is None:
            references.append(("container", box.containers[0]))
        cargo.references = references
        by_forwarder = cargo.forwarder is not EXPRESS_AGENT and (cargo.scene.kind == "export" or chance(rng, 0.3))
        cargo.registrant = cargo.forwarder.slug if by_forwarder else cargo.importer.slug


def _goods(rng: Random, scene: Scene) -> Goods:
    if scene.outcome == "agency":
        return rng.choice([goods for goods in GOODS if goods.agency])
    return rng.choice([goods for goods in GOODS if not goods.agency])


def _amount(rng: Random, scene: Scene, goods: Goods, containers: int) -> tuple[int, float]:
    if scene.kind == "air_express":
        return 1, round(rng.uniform(0.4, 9), 1)
    if scene.kind.startswith("sea_lcl") or scene.kind == "air_general":
        packages = rng.randrange(12, 160)
    else:
        packages = rng.randrange(280, 1200) * containers
    return packages, round(packages * goods.kilograms * rng.uniform(0.9, 1.1), 1)


def _forwarder(box: Box, rng: Random) -> Firm:
    """All cargoes of a shared box come with the forwarder that filled it."""
    if box.cargoes:
        return box.cargoes[0].forwarder
    return FORWARDERS[0] if rng.random() < 0.5 else rng.choice(FORWARDERS[1:])
