"""One message and the dialects that messages are in.

``DIALECTS`` is the table of what is spoken; another one is a module with ``render``, ``FORMAT``, ``MEDIA_TYPE``,
``EXTENSION`` and ``PRECISION`` (seconds to which its times are written), and a row here; a carrier's has ``says``, too.
A feed's slug is its dialect's name, or that, a dash and whose feed it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from types import ModuleType

from cargo.management.generator import (
    cargo_imp_fsu,
    cargo_xml_xfsu,
    dcsa3_json,
    dcsa3beta_json,
    dcsa_json,
    edifact_iftsta,
    edifact_terminal,
    epcis_json,
    forwarder_xlsx,
    one_record_json,
    trucker_csv,
    unipass_arrivals_xml,
    unipass_containers_xml,
    unipass_exports_xml,
    unipass_voyages_xml,
    unipass_warehouses_xml,
    unipass_xml,
    x12_315,
)
from cargo.management.generator.noise import between, chance
from cargo.management.generator.story import Box, Cargo, Fact

DIALECTS: dict[str, ModuleType] = {
    "dcsa": dcsa_json,
    "dcsa3": dcsa3_json,
    "dcsa3beta": dcsa3beta_json,
    "iftsta": edifact_iftsta,
    "x12": x12_315,
    "terminal": edifact_terminal,
    "fsu": cargo_imp_fsu,
    "xfsu": cargo_xml_xfsu,
    "onerecord": one_record_json,
    "trucker": trucker_csv,
    "forwarder": forwarder_xlsx,
    "epcis": epcis_json,
    "unipass": unipass_xml,
    "unipass002": unipass_exports_xml,
    "unipass005": unipass_warehouses_xml,
    "unipass020": unipass_containers_xml,
    "unipass021": unipass_arrivals_xml,
    "unipass024": unipass_voyages_xml,
}
CUSTOMS_SOURCE = "unipass"
EXPORTS_SOURCE = "unipass002"
WAREHOUSES_SOURCE = "epcis-cfs"


@dataclass(slots=True)
class Message:
    """One message. ``facts`` is all that it says, ``news`` what nobody said before; ``copy_of`` is the order number
    of the message that it repeats byte for byte, -1 for none. ``fault``: ``late``, ``overtaken``, ``doubled``,
    ``repeats``, ``corrects`` or ``""``. ``asked``: the parameters of the request that it answers, where the answer
    does not repeat them.
    """

    order: int
    sent_at: int
    dialect: str
    source: str
    subject: str
    box: Box
    cargo: Cargo | None
    facts: list[Fact]
    news: list[Fact]
    fault: str = ""
    copy_of: int = -1
    asked: str = ""

    def body(self) -> bytes:
        """The bytes, as of now: facts whose time is changed later are written with the new one."""
        whole: Callable[..., bytes] = DIALECTS[self.dialect].render
        return whole(self.cargo if self.cargo is not None else self.box, self.facts)

    @property
    def shipments(self) -> list[str]:
        """The cargoes that it concerns."""
        return [self.cargo.key] if self.cargo is not None else [cargo.key for cargo in self.box.cargoes]


def file_name(message: Message, number: int) -> str:
    """Sorted by name is sorted by sending."""
    sent = datetime.fromtimestamp(message.sent_at, UTC).strftime("%Y%m%dT%H%M%SZ")
    tail = message.asked or (message.subject if message.cargo is not None else message.source.partition("-")[2])
    return f"{sent}-{number:06d}-{message.dialect}-{tail}.{DIALECTS[message.dialect].EXTENSION}"


def carrier_source(box: Box) -> str:
    """The slug of the carrier's or the airline's feed: its dialect and its code."""
    if box.airline is not None:
        return f"{box.airline.dialect}-{box.airline.code.lower()}"
    assert box.carrier is not None
    return f"{box.carrier.dialect}-{box.carrier.scac.lower()}"


def trucker_source(box: Box) -> str:
    """The slug of the feed of the firm that drives this box."""
    assert box.trucker is not None
    return f"trucker-{box.trucker.code.lower()}"


def source_of(fact: Fact, box: Box) -> str:
    """The slug of the feed of the party whose fact it is."""
    if fact.by == "carrier":
        return carrier_source(box)
    if fact.by == "trucker":
        return trucker_source(box)
    return {"customs": CUSTOMS_SOURCE, "export customs": EXPORTS_SOURCE, "warehouse": WAREHOUSES_SOURCE}[fact.by]


def double(out: list[Message], rng: Random) -> None:
    """Now and then the last message comes a second time, byte for byte."""
    if chance(rng, 0.03):
        last = out[-1]
        sent = last.sent_at + between(rng, 0.05, 12)
        out.append(replace(last, order=len(out), sent_at=sent, news=[], fault="doubled", copy_of=last.order))
