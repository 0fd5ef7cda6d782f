"""The cargo that an answer is about: its numbers, its journey and the facts that its events share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from cargo.domain import identifiers
from cargo.domain.customs import kr
from cargo.domain.event import Place, Quantity, Reference, Transport
from cargo.formats.unipass.quantities import quantity

_NAME_LENGTH = 120
_CONSOLIDATED = "C"
_FLAGS = (
    ("managed", "mtTrgtCargYnNm"),
    ("removal_fine", "rlseDtyPridPassTpcd"),
    ("late_surcharge", "dclrDelyAdtxYn"),
)


class CargoHeader(NamedTuple):
    """``cargCsclPrgsInfoQryVo`` in the words of the house.

    ``level`` is ``house`` or ``master``: what the cargo number stands for. ``number`` is the cargo number as
    it came (it may be masked), ``mrn`` the manifest it belongs to when it can be told.
    """

    number: str
    mrn: str | None
    level: str
    references: tuple[Reference, ...]
    port: Place | None
    transport: Transport
    plan: dict[str, str] | None
    context: dict[str, Any]
    warnings: tuple[str, ...]
    goods: str | None

    @classmethod
    def read(cls, fields: dict[str, str], processes: Iterable[str]) -> CargoHeader:
        """Read the header. ``processes`` are the events' texts: 하기 tells that the cargo came by air."""
        air = _came_by_air(fields, processes)
        number = fields.get("cargMtNo", "")
        parts = identifiers.split_cargo_number(identifiers.compact(number))
        manifested, warnings = quantity(
            fields.get("pckGcnt"), fields.get("pckUt"), fields.get("ttwg"), fields.get("wghtUt")
        )
        references, masked = _references(fields, air)
        port = _port(fields.get("dsprCd"), fields.get("dsprNm"))
        context = _context(fields, air, port)
        if manifested is not None:
            context["manifested"] = _facts(manifested)
        if parts is not None:
            context["mrn"] = parts.mrn
        return cls(
            number=number,
            mrn=parts.mrn if parts else None,
            level="house" if fields.get("hblNo") or (parts and parts.hsn) else "master",
            references=references,
            port=port,
            transport=_transport(fields, air),
            plan=_plan(fields),
            context=context,
            warnings=(*warnings, *masked),
            goods=fields.get("prnm", "")[:_NAME_LENGTH] or None,
        )


def _came_by_air(fields: dict[str, str], processes: Iterable[str]) -> bool:
    port = fields.get("dsprCd", "")
    if port:
        return identifiers.is_iata(port)
    if any("하기신고" in kr.phrase(text) for text in processes):
        return True
    return "공항" in fields.get("dsprNm", "")


def _references(fields: dict[str, str], air: bool) -> tuple[tuple[Reference, ...], list[str]]:
    numbers = (
        ("cargo_control_number", "cargMtNo"),
        ("air_waybill" if air else "master_bill", "mblNo"),
        ("house_air_waybill" if air else "house_bill", "hblNo"),
        ("container", "cntrNo"),
    )
    references, warnings = [], []
    for kind, tag in numbers:
        value = fields.get(tag, "")
        if identifiers.is_blank(value):
            continue
        if identifiers.is_masked(value):
            warnings.append(f"masked: {tag} {value[:24]}")
            continue
        references.append(Reference(kind, identifiers.reference(kind, value).value))
    return tuple(references), warnings


def _port(code: str | None, name: str | None) -> Place | None:
    """The port or airport of discharge: UN/LOCODE at sea, IATA by air."""
    if not code:
        return Place(facility=name[:_NAME_LENGTH], scheme="text", role="discharge") if name else None
    scheme = "iata" if identifiers.is_iata(code) else "unlocode" if identifiers.is_unlocode(code) else "text"
    return Place(code=code[:12], scheme=scheme, role="discharge")


def _transport(fields: dict[str, str], air: bool) -> Transport:
    """By air the flight stands in the ship's name and there is no voyage number."""
    ship, voyage = fields.get("shipNm", "")[:_NAME_LENGTH] or None, fields.get("vydf", "")[:40] or None
    if air:
        return Transport(mode="air", voyage=ship or voyage)
    return Transport(mode="vessel", vessel_name=ship, voyage=voyage)


def _plan(fields: dict[str, str]) -> dict[str, str] | None:
    ports = {"port_of_loading": fields.get("ldprCd", "")[:12], "port_of_discharge": fields.get("dsprCd", "")[:12]}
    return {name: code for name, code in ports.items() if code} or None


def _context(fields: dict[str, str], air: bool, port: Place | None) -> dict[str, Any]:
    """The shared facts that the state needs; only what the answer says."""
    context: dict[str, Any] = {"mode": "air" if air else "vessel"}
    if port is not None and port.code:
        context["port"] = {"code": port.code, "scheme": port.scheme}
    if fields.get("blPt") == _CONSOLIDATED or fields.get("blPtNm", "").casefold() == "consol":
        context["load_type"] = "consol"
    if fields.get("shcoFlcoSgn"):
        context["carrier"] = fields["shcoFlcoSgn"][:12]
    if fields.get("etprCstm"):
        context["customs_office"] = fields["etprCstm"][:_NAME_LENGTH]
    arrival = _day(fields.get("etprDt", ""))
    if arrival is not None:
        context["arrival_date"] = arrival.isoformat()
    for name, tag in _FLAGS:
        if fields.get(tag) == "Y":
            context[name] = True
    return context


def _facts(amount: Quantity) -> dict[str, Any]:
    facts = {"packages": amount.packages, "unit": amount.package_unit, "weight_kg": amount.weight_kg}
    return {name: fact for name, fact in facts.items() if fact is not None}


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 and text.isdigit() else None
    except ValueError:
        return None
