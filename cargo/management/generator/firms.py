"""Firms, people, carriers, vessels and goods of the made-up world. Any likeness to a real firm is an accident."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from cargo.management.generator.numbers import imo_number


class Firm(NamedTuple):
    """A client organization. ``kind`` as in the organizations table; ``code`` is a forwarder's four letters."""

    slug: str
    name: str
    korean: str
    kind: str
    country: str
    code: str = ""


class Person(NamedTuple):
    """Somebody who signs in. ``role`` is the membership's; staff belong to the operator."""

    email: str
    first_name: str
    organization: str
    role: str
    language: str
    phone: str = ""
    is_staff: bool = False


class Carrier(NamedTuple):
    """A carrier with its manners: does it send event ids, one object or always an array, local time or UTC.

    ``dialect``: the standard that it speaks, a key of ``message.DIALECTS``; one carrier speaks one.
    """

    scac: str
    name: str
    korean: str
    owner: str
    gives_ids: bool
    local_time: bool
    service: str
    dialect: str = "dcsa"


class Airline(NamedTuple):
    """``code`` is the two-character designator, ``prefix`` the air waybill's, ``dialect`` as a carrier's."""

    code: str
    prefix: str
    name: str
    korean: str
    flag: str
    flag_korean: str
    dialect: str = "fsu"


class Trucker(NamedTuple):
    """A firm that drives containers, and the encoding of the tables that it sends."""

    code: str
    name: str
    korean: str
    encoding: str


class Vessel(NamedTuple):
    """A ship under a made-up name with an IMO number that checks."""

    name: str
    imo: str
    flag: str
    flag_korean: str


OPERATOR = Firm("clis-operations", "CLIS Operations", "CLIS 운영센터", "operator", "KR")
IMPORTERS = (
    Firm("hanbyeol-living", "Hanbyeolnuri Living Co., Ltd.", "(주)한별누리리빙", "importer", "KR"),
    Firm("saebomgil-electronics", "Saebomgil Electronics Co., Ltd.", "새봄길전자(주)", "importer", "KR"),
    Firm("dureumgol-foods", "Dureumgol Foods Inc.", "(주)두름골식품", "importer", "KR"),
    Firm("mulgyeol-machinery", "Mulgyeolsan Machinery Co., Ltd.", "물결산기계(주)", "importer", "KR"),
    Firm("cedar-quay", "Cedar Quay Homewares LLC", "시더키홈웨어", "importer", "US"),
    Firm("deichgrund", "Deichgrund Handelskontor GmbH", "다이히그룬트", "importer", "DE"),
)
FORWARDERS = (
    Firm("heron-strait", "Heron Strait Forwarding Co., Ltd.", "헤론해협포워딩(주)", "forwarder", "KR", "HRSF"),
    Firm("barammaru", "Barammaru Logistics Co., Ltd.", "(주)바람마루물류", "forwarder", "KR", "BRML"),
    Firm("lantern-bay", "Lantern Bay Consolidators Ltd.", "랜턴베이콘솔", "forwarder", "HK", "LTBC"),
)
BROKERS = (
    Firm("eungyeol-customs", "Eungyeol Customs Brokers", "은결샘관세법인", "broker", "KR", "13907"),
    Firm("solbaram-customs", "Solbaram Customs Office", "솔바람뜰관세사무소", "broker", "KR", "42618"),
    Firm("marubit-customs", "Marubit Customs Brokers", "관세법인마루빛", "broker", "KR", "20455"),
)
FIRMS = (OPERATOR, *IMPORTERS, *FORWARDERS, *BROKERS)
EXPRESS_AGENT = Firm("", "Garamnarae Express", "가람나래특송(주)", "forwarder", "KR", "GRNX")

PEOPLE = (
    Person("alice@example.com", "Alice", "hanbyeol-living", "admin", "en", "+821000001001"),
    Person("minji@example.com", "Minji", "hanbyeol-living", "member", "ko", "+821000001002"),
    Person("bob@example.com", "Bob", "heron-strait", "admin", "en", "+821000001003"),
    Person("broker@example.com", "Haneul", "eungyeol-customs", "member", "ko"),
    Person("stranger@example.com", "Sam", "cedar-quay", "viewer", "en"),
    Person("staff@example.com", "Operator", "clis-operations", "admin", "en", is_staff=True),
)

CARRIERS = (
    Carrier("HNBD", "Hanbadagil Line", "한바다길해운(주)", "HNBU", True, True, "KCX1"),
    Carrier("TDWY", "Tidewayne Container Lines", "타이드웨인컨테이너라인", "TDWU", True, False, "AEX7"),
    Carrier("ORLC", "Orlec Ocean Carriers", "오를렉오션캐리어", "ORLU", False, True, "PSW3"),
    Carrier("GLNV", "Gullnova Shipping", "걸노바쉬핑", "GLNU", True, True, "IAS2"),
    Carrier("YDGR", "Yondugeori Marine", "연두거리해운(주)", "YDGU", False, False, "KVX5"),
)
# One keeps to the version that most publish today, one to a draft that others left.
_SEA_DIALECTS = ("dcsa", "dcsa3beta", "dcsa3", "iftsta", "x12")
_AIR_DIALECTS = ("fsu", "xfsu", "onerecord")
TRUCKERS = (
    Trucker("MRGL", "Mirgil Trucking", "(주)미르길보세운송", "utf-8-sig"),
    Trucker("DLGR", "Dalgureum Transport", "(주)달구름운수", "cp949"),
)
# Whose status sheets come in: the forwarder that fills most of the boxes.
REPORTING_FORWARDER = FORWARDERS[0]
AIRLINES = (
    Airline("X7", "907", "Gureumnarae Air", "구름나래항공(주)", "KR", "한국"),
    Airline("Q4", "919", "Noeulbaram Air", "노을바람항공(주)", "KR", "한국"),
    Airline("V1", "943", "Vegawest Air Cargo", "베가웨스트 에어카고", "US", "미국"),
)


def carriers_of(seed: int) -> tuple[Carrier, ...]:
    """The carriers of a world, each with the dialect that its seed gives it."""
    dialects = Random(f"{seed}/dialects").sample(_SEA_DIALECTS, len(_SEA_DIALECTS))
    return tuple(carrier._replace(dialect=dialect) for carrier, dialect in zip(CARRIERS, dialects, strict=True))


def airlines_of(seed: int) -> tuple[Airline, ...]:
    """The airlines of a world, each with the dialect that its seed gives it."""
    dialects = Random(f"{seed}/air dialects").sample(_AIR_DIALECTS, len(_AIR_DIALECTS))
    return tuple(airline._replace(dialect=dialect) for airline, dialect in zip(AIRLINES, dialects, strict=True))


_FLAGS = (
    ("PA", "파나마"),
    ("LR", "라이베리아"),
    ("KR", "한국"),
    ("MH", "마샬군도"),
    ("SG", "싱가포르"),
    ("MT", "몰타"),
)
_VESSEL_NAMES = (
    "HANBADA SAEBYEOK", "HANBADA NOEUL", "HANBADA MIREU", "HANBADA GARAM", "HANBADA ONNURI", "HANBADA DASOM",
    "TIDEWAYNE ALDER", "TIDEWAYNE BIRCH", "TIDEWAYNE CEDAR", "TIDEWAYNE HAZEL", "TIDEWAYNE LARCH", "TIDEWAYNE ROWAN",
    "ORLEC AMBER", "ORLEC BASALT", "ORLEC COBALT", "ORLEC FLINT", "ORLEC GARNET", "ORLEC TOPAZ",
    "GULLNOVA FJORD", "GULLNOVA HOLM", "GULLNOVA STRAND", "GULLNOVA SUND", "GULLNOVA VIK", "GULLNOVA ODDE",
    "YONDU BAEKNYEON", "YONDU CHEONGSOL", "YONDU DALBIT", "YONDU HAETSAL", "YONDU MULGYEOL", "YONDU PARANG",
)  # fmt: skip
VESSELS = {
    carrier.scac: [
        Vessel(name, imo_number(910_007 + 2_741 * (6 * order + index)), *_FLAGS[(order + index) % len(_FLAGS)])
        for index, name in enumerate(_VESSEL_NAMES[6 * order : 6 * order + 6])
    ]
    for order, carrier in enumerate(CARRIERS)
}


class Goods(NamedTuple):
    """What is in the box. ``agency``: another agency (food, plants) has to look at it."""

    name: str
    unit: str
    kilograms: float
    agency: bool = False


GOODS = (
    Goods("BAMBOO TABLEWARE SETS", "CT", 8.5),
    Goods("COTTON CURTAINS", "CT", 12.0),
    Goods("LED DESK LAMPS", "CT", 6.2),
    Goods("DRIED SHIITAKE MUSHROOMS", "CT", 9.0, True),
    Goods("CANNED PINEAPPLE", "CT", 18.4, True),
    Goods("HYDRAULIC VALVE BLOCKS", "PK", 42.0),
    Goods("PRINTED CIRCUIT BOARDS", "CT", 5.1),
    Goods("GARDEN FURNITURE OF TEAK", "PK", 61.0),
    Goods("BEARINGS AND HOUSINGS", "PK", 33.0),
    Goods("CERAMIC PLANT POTS", "CT", 14.8),
)
PARCELS = (
    "RUNNING SHOES 1",
    "VITAMIN D TABLETS 2",
    "MECHANICAL KEYBOARD 1",
    "CAMPING STOVE 1",
    "SOCKET SET 1 ,GLOVES 2",
)
