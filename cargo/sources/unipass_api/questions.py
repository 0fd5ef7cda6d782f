"""What UNI-PASS is asked about registered cargo, and in which words.

Full loads are asked for by their master bill first, shared boxes and air cargo by their house bill, then the other way
round; with this year as the year of arrival, then last year. Where several cargoes answer to a number, both bills
together narrow them down, and each that remains is asked for by its cargo control number. Known from public clients of
the API (2017 to 2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cargo.domain import identifiers
from cargo.models.inquiries import Cargo, Wanted

SEOUL = ZoneInfo("Asia/Seoul")
SERVICES = {
    "001": "cargCsclPrgsInfoQry/retrieveCargCsclPrgsInfo",
    "002": "expDclrNoPrExpFfmnBrkdQry/retrieveExpDclrNoPrExpFfmnBrkd",
    "005": "shedInfoQry/retrieveShedInfo",
    "020": "cntrQryBrkdQry/retrieveCntrQryBrkd",
    "021": "etprRprtQryBrkdQry/retrieveetprRprtQryBrkd",
    "024": "ioprRprtQry/retrieveIoprRprtBrkd",
}
KINDS = ("master_bill", "house_bill", "air_waybill", "house_air_waybill", "cargo_control_number", "declaration")
# By status, how long after its last event cargo is left alone: what left the warehouse for good may be corrected.
_OVER = {name: timedelta(days=3) for name in ("completed", "cancelled")}
IMPORTED = {**_OVER, **{name: timedelta(days=7) for name in ("delivered_out", "delivered")}}
_UNDER_WAY = ("in_transit", "at_transshipment", "arrived", "in_bond", "available", "delivered_out", "delivered")
EXPORTED = {**_OVER, **{name: timedelta(days=14) for name in _UNDER_WAY}}
# The office that a warehouse belongs to is the beginning of its code.
_OFFICE_DIGITS = 3
_DIRECTIONS = ("10", "11")
_EXPORT_KINDS = frozenset({"house_bill", "master_bill", "declaration"})


class Query(NamedTuple):
    """One call: the service and its parameters, without the key. ``kind``: the type of ``blNo``, if no house bill."""

    service: str
    parameters: dict[str, str]
    kind: str = ""

    @property
    def name(self) -> str:
        """The parameters as the message's name, from which the formats take what an answer leaves out."""
        typed = {self.kind: self.parameters["blNo"]} if self.kind else {}
        return "&".join(f"{name}={value}" for name, value in {**self.parameters, **typed}.items())

    @property
    def subject(self) -> str:
        """What the answer is the whole truth about."""
        return f"{self.service} {self.name}"[:120]


def imports(cargo: Cargo) -> Iterator[tuple[str, Wanted]]:
    """What to ask API 001 about a shipment that comes to Korea, or may: by each pair of bills, else by cargo number."""
    if not _may_be_in(cargo.port_of_discharge) or (_is_korean(cargo.port_of_loading) and not cargo.port_of_discharge):
        return
    for numbers in (cargo.numbers, cargo.all_numbers):
        if found := list(_by_bills(cargo, numbers)):
            yield from found
            return


def _by_bills(cargo: Cargo, numbers: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Wanted]]:
    air = bool(cargo.mode == "air" or numbers.get("air_waybill") or numbers.get("house_air_waybill"))
    masters = numbers.get("air_waybill", ()) + numbers.get("master_bill", ())
    houses = numbers.get("house_air_waybill", ()) + numbers.get("house_bill", ())
    own = {"service": "001", "house_first": air or cargo.load == "lcl" or (bool(houses) and cargo.load != "fcl")}
    pairs = [(master, house) for house in houses for master in masters[:1] or ("",)] or [(m, "") for m in masters]
    for master, house in pairs:
        yield f"001 master={master} house={house}", Wanted({**own, "master": master, "house": house}, cargo.shipment)
    if not pairs:
        for number in numbers.get("cargo_control_number", ()):
            yield f"001 cargo={number}", Wanted({**own, "cargo": number}, cargo.shipment)


def exports(cargo: Cargo) -> Iterator[tuple[str, Wanted]]:
    """What to ask API 002 about a shipment that leaves Korea: by its lowest bills, else by its declarations."""
    if not _is_korean(cargo.port_of_loading):
        return
    numbers = cargo.numbers if cargo.numbers.keys() & _EXPORT_KINDS else cargo.all_numbers
    kind = next((kind for kind in ("house_bill", "master_bill") if numbers.get(kind)), "")
    bills = numbers.get(kind, ())
    for bill in bills:
        request = {"service": "002", "parameters": {"blNo": bill}, "kind": "" if kind == "house_bill" else kind}
        yield f"002 blNo={bill}", Wanted(request, cargo.shipment)
    for number in () if bills else numbers.get("declaration", ()):
        yield f"002 expDclrNo={number}", Wanted({"service": "002", "parameters": {"expDclrNo": number}}, cargo.shipment)


def ships(given: Sequence[str]) -> Iterator[tuple[str, Wanted]]:
    """What to ask about ships that staff name: a call sign or IMO number (API 024), or a report's number, a slash and
    the call sign (API 021).
    """
    for line in given:
        number, slash, sign = (part.strip().upper() for part in line.partition("/"))
        if slash and number and sign:
            parameters = {"ioprSbmtNo": number, "shipCallSgn": sign}
            yield f"021 {number}/{sign}", Wanted({"service": "021", "parameters": parameters}, 0)
        elif number:
            for direction in _DIRECTIONS:
                parameters = {"shipCallImoNo": number, "seaFlghIoprTpcd": direction}
                yield f"024 {number} {direction}", Wanted({"service": "024", "parameters": parameters}, 0)


def shed(code: str) -> tuple[str, dict[str, Any]]:
    """What to ask API 005 about a bonded warehouse."""
    parameters = {"jrsdCstmCd": code[:_OFFICE_DIGITS], "snarSgn": code}
    return f"005 {code}", {"service": "005", "parameters": parameters}


def searches(request: Mapping[str, Any], now: datetime) -> Iterator[Query]:
    """The calls that may find a cargo by its bills, the likeliest first."""
    bills = [("mblNo", str(request.get("master") or "")), ("hblNo", str(request.get("house") or ""))]
    if request.get("house_first"):
        bills.reverse()
    year = now.astimezone(SEOUL).year
    for name, value in bills:
        for when in (year, year - 1):
            if value:
                yield Query("001", {name: value, "blYy": str(when)})


def narrowed(request: Mapping[str, Any], query: Query) -> Query | None:
    """The same search with both bills, if both are known."""
    both = {"mblNo": str(request.get("master") or ""), "hblNo": str(request.get("house") or "")}
    if not all(both.values()) or len(query.parameters) == len(both) + 1:
        return None
    return Query("001", {**both, "blYy": query.parameters["blYy"]})


def ours(request: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> list[str]:
    """The cargo control numbers of the rows that can be the cargo asked for."""
    found = []
    for row in rows:
        number = row.get("cargMtNo", "")
        same = all(_same(str(request.get(ours) or ""), row.get(theirs, "")) for ours, theirs in _BILLS)
        if number and same and not identifiers.is_masked(number):
            found.append(number)
    return list(dict.fromkeys(found))


_BILLS = (("master", "mblNo"), ("house", "hblNo"))


def _same(known: str, given: str) -> bool:
    """Whether two bill numbers can be one: an absent or masked one is no difference."""
    if not known or identifiers.is_blank(given) or identifiers.is_masked(given):
        return True
    return identifiers.bill(known).value == identifiers.bill(given).value


def _is_korean(port: str) -> bool:
    return port.upper().startswith("KR")


def _may_be_in(port: str) -> bool:
    return not port or _is_korean(port)
