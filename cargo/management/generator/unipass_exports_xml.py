"""Customs' dialect: UNI-PASS Open API 002, how far an export declaration is fulfilled, asked for by its number.

The acceptance has a time of day, a sailing has only its day. The last day to load stands with the declaration; what was
loaded under which bill is a row of its own, which comes once the ship has left.
"""

from __future__ import annotations

from cargo.management.generator import unipass_parts
from cargo.management.generator.story import Cargo, Fact
from cargo.management.generator.unipass_parts import day, local, number

MEDIA_TYPE, EXTENSION = unipass_parts.MEDIA_TYPE, unipass_parts.EXTENSION
FORMAT = "unipass.api002"
PRECISION = 1
# Of these the answer gives the day alone, in Korea.
BY_DAY = frozenset({"departed", "exported"})


def asked(cargo: Cargo) -> str:
    """The bill that whoever asks knows the goods by: the answer names it only once they are loaded."""
    return f"house_bill={cargo.house_bill}"


def render(cargo: Cargo, facts: list[Fact]) -> bytes:
    """The answer when customs knew these facts: the acceptance, and the sailing if there was one."""
    accepted = next(fact for fact in facts if fact.milestone == "export_cleared")
    sailed = next((fact for fact in facts if fact.milestone == "departed"), None)
    rows = [("expDclrNoPrExpFfmnBrkdQryRsltVo", _declaration(cargo, accepted, sailed))]
    if sailed is not None:
        rows.append(("expDclrNoPrExpFfmnBrkdDtlQryRsltVo", _loading(cargo, sailed)))
    return unipass_parts.answer("expDclrNoPrExpFfmnBrkdQryRtnVo", rows)


def _declaration(cargo: Cargo, accepted: Fact, sailed: Fact | None) -> dict[str, str]:
    box = cargo.box
    fields = {
        "expDclrNo": cargo.declarations[0],
        "exppnConm": cargo.forwarder.korean,
        "acptDt": day(accepted.at),
        "acptDttm": f"{local(accepted.at):%H%M%S}",
        "loadDtyTmlm": day(accepted.until),
        "shpmCmplYn": "Y" if sailed else "N",
        "shpmAirptPortNm": box.origin.korean,
        "sanm": box.legs[0].vessel.name if sailed else "",
        "csclPckGcnt": str(cargo.packages),
        "csclPckUt": cargo.goods.unit,
        "csclWght": number(cargo.weight),
        "ldpInscTrgtYn": "N",
    }
    return fields | (_loaded(cargo) if sailed else {})


def _loading(cargo: Cargo, sailed: Fact) -> dict[str, str]:
    bill = cargo.house_bill or cargo.box.master_bill
    return {"blNo": bill, "shpmcmplYn": "Y", "tkofDt": day(sailed.at)} | _loaded(cargo)


def _loaded(cargo: Cargo) -> dict[str, str]:
    return {
        "shpmPckGcnt": str(cargo.packages),
        "shpmPckUt": cargo.goods.unit,
        "shpmWght": number(cargo.weight),
    }
