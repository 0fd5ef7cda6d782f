"""The words of the house: milestones with their group, effect, level, occurrence and rank.

The table is ``data/milestones.csv`` (132 codes), packaged with the product, so that nothing here needs a database.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import NamedTuple

CLASSIFIERS = ("planned", "estimated", "actual")
EFFECTS = ("advance", "hold_open", "hold_close", "release", "revert", "info")
LEVELS = ("conveyance", "master", "house", "container", "declaration")
REFERENCE_TYPES = (
    "container",
    "master_bill",
    "house_bill",
    "booking",
    "air_waybill",
    "house_air_waybill",
    "cargo_control_number",
    "declaration",
    "manifest",
    "seal",
    "purchase_order",
    "own_reference",
    "shipment_id",
)
MODES = ("vessel", "air", "rail", "truck", "barge")
# How a whole journey goes; the means of one leg are ``MODES``.
JOURNEY_MODES = ("sea", "air", "rail", "road")
STATUSES = (
    "expected",
    "booked",
    "at_origin",
    "in_transit",
    "at_transshipment",
    "arrived",
    "in_bond",
    "available",
    "delivered_out",
    "delivered",
    "completed",
    "cancelled",
)
CUSTOMS_STATES = (
    "none",
    "declared",
    "under_review",
    "held",
    "released",
    "released_provisionally",
    "revoked",
    "rejected",
    "cancelled",
)
PARTY_ROLES = ("consignee", "shipper", "notify", "forwarder", "broker", "carrier", "warehouse")


class Milestone(NamedTuple):
    """One row of the table; ``rank`` orders the journey (0 where the milestone moves no stage)."""

    code: str
    group: str
    effect: str
    level: str
    occurrence: str
    rank: int
    closes: tuple[str, ...]
    reverts: tuple[str, ...]
    label_en: str
    label_ko: str
    label_ko_air: str
    meaning: str


def _load() -> dict[str, Milestone]:
    table = {}
    lines = (files("cargo.domain") / "data" / "milestones.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines):
        table[row["code"]] = Milestone(
            code=row["code"],
            group=row["group"],
            effect=row["effect"],
            level=row["level"],
            occurrence=row["occurrence"],
            rank=int(row["rank"] or 0),
            closes=tuple(row["closes"].split()),
            reverts=tuple(row["reverts"].split()),
            label_en=row["label_en"],
            label_ko=row["label_ko"],
            label_ko_air=row["label_ko_air"],
            meaning=row["meaning"],
        )
    return table


MILESTONES: dict[str, Milestone] = _load()
