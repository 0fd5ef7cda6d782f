"""Ports, airports, terminals, customs offices and bonded sheds of the made-up world.

The places are real (UN/LOCODE, IATA); sheds, terminals and their codes are invented, apart from the first three digits
of a shed, which are the customs office that oversees it.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Port(NamedTuple):
    """A port (UN/LOCODE) or an airport (IATA code). ``days`` is the usual voyage to or from Korea."""

    code: str
    name: str
    korean: str
    country: str
    zone: str
    days: float
    terminal: str = ""


class Shed(NamedTuple):
    """A bonded area. ``kind``: ``terminal``, ``warehouse`` (LCL), ``express``; ``months`` is its longest storage."""

    code: str
    name: str
    port: str
    kind: str
    months: int
    zone: str = ""

    @property
    def at_quay(self) -> bool:
        """Whether ships unload into it (하역장소보세구역)."""
        return self.kind == "terminal"

    @property
    def fined(self) -> bool:
        """Whether goods that stay after their release cost a fine (과태료부과대상): not in the parcels' own shed."""
        return self.kind != "express"

    @property
    def surcharged(self) -> bool:
        """Whether a late declaration costs a surcharge (가산세징수): at the crowded ports and the airport."""
        return self.port in _SURCHARGED and self.kind != "express"


KOREAN_PORTS = (
    Port("KRPUS", "Busan", "부산항", "KR", "Asia/Seoul", 0, "HWT"),
    Port("KRINC", "Incheon", "인천항", "KR", "Asia/Seoul", 0, "NST"),
    Port("KRKAN", "Gwangyang", "광양항", "KR", "Asia/Seoul", 0, "DSL"),
    Port("KRPTK", "Pyeongtaek", "평택당진항", "KR", "Asia/Seoul", 0, "SGT"),
)
FOREIGN_PORTS = (
    Port("CNSHA", "Shanghai", "상해", "CN", "Asia/Shanghai", 2.2, "YGT"),
    Port("CNNGB", "Ningbo", "닝보", "CN", "Asia/Shanghai", 2.6, "MST"),
    Port("CNTAO", "Qingdao", "청도", "CN", "Asia/Shanghai", 1.6, "QFT"),
    Port("CNWEI", "Weihai", "위해", "CN", "Asia/Shanghai", 1.0, "WHT"),
    Port("HKHKG", "Hong Kong", "홍콩", "HK", "Asia/Hong_Kong", 4.5, "KTT"),
    Port("TWKHH", "Kaohsiung", "카오슝", "TW", "Asia/Taipei", 4.0, "KST"),
    Port("JPYOK", "Yokohama", "요코하마", "JP", "Asia/Tokyo", 2.8, "HMT"),
    Port("JPOSA", "Osaka", "오사카", "JP", "Asia/Tokyo", 1.8, "NKT"),
    Port("VNSGN", "Ho Chi Minh City", "호치민", "VN", "Asia/Ho_Chi_Minh", 7.0, "SRT"),
    Port("VNHPH", "Haiphong", "하이퐁", "VN", "Asia/Ho_Chi_Minh", 6.0, "LHT"),
    Port("THLCH", "Laem Chabang", "램차방", "TH", "Asia/Bangkok", 9.5, "ECT"),
    Port("SGSIN", "Singapore", "싱가포르", "SG", "Asia/Singapore", 8.5, "TJT"),
    Port("INNSA", "Nhava Sheva", "나바셰바", "IN", "Asia/Kolkata", 17.0, "SVT"),
    Port("USLAX", "Los Angeles", "로스앤젤레스", "US", "America/Los_Angeles", 13.0, "PBT"),
    Port("NLRTM", "Rotterdam", "로테르담", "NL", "Europe/Amsterdam", 36.0, "MVT"),
    Port("DEHAM", "Hamburg", "함부르크", "DE", "Europe/Berlin", 39.0, "ALT"),
    Port("AUSYD", "Sydney", "시드니", "AU", "Australia/Sydney", 15.0, "BYT"),
)
# Voyages over a week are often transshipped here.
HUBS = ("SGSIN", "CNSHA", "HKHKG")
KOREAN_AIRPORT = Port("ICN", "Seoul/Incheon", "서울/인천", "KR", "Asia/Seoul", 0)
AIRPORTS = (
    Port("PVG", "Shanghai/Pudong", "상하이/푸동", "CN", "Asia/Shanghai", 0.09),
    Port("HKG", "Hong Kong", "홍콩", "HK", "Asia/Hong_Kong", 0.15),
    Port("NRT", "Tokyo/Narita", "도쿄/나리타", "JP", "Asia/Tokyo", 0.1),
    Port("SGN", "Ho Chi Minh City", "호치민", "VN", "Asia/Ho_Chi_Minh", 0.22),
    Port("LAX", "Los Angeles", "로스앤젤레스", "US", "America/Los_Angeles", 0.55),
    Port("JFK", "New York", "뉴욕", "US", "America/New_York", 0.6),
    Port("FRA", "Frankfurt", "프랑크푸르트", "DE", "Europe/Berlin", 0.48),
    Port("LHR", "London/Heathrow", "런던/히드로", "GB", "Europe/London", 0.5),
)
PORTS = {port.code: port for port in (*KOREAN_PORTS, *FOREIGN_PORTS, KOREAN_AIRPORT, *AIRPORTS)}

CUSTOMS_OFFICES = {
    "KRPUS": "부산세관",
    "KRINC": "인천세관",
    "KRKAN": "광양세관",
    "KRPTK": "평택세관",
    "ICN": "인천공항세관",
}
SHEDS = (
    Shed("03041011", "해오름물결컨테이너터미널", "KRPUS", "terminal", 2),
    Shed("03041027", "신항너울부두 컨테이너 보세창고", "KRPUS", "terminal", 2),
    Shed("03077204", "(주)달무리국제물류", "KRPUS", "warehouse", 6, "B구역"),
    Shed("03077219", "(주)물푸레씨에프에스", "KRPUS", "warehouse", 6, "A구역"),
    Shed("02041008", "새갯골국제여객부두 컨테이너 보세창고", "KRINC", "terminal", 2),
    Shed("02077306", "(주)늘솔길보세창고", "KRINC", "warehouse", 6, "A구역"),
    Shed("02077311", "(주)갯바람로지스", "KRINC", "warehouse", 3, "C구역"),
    Shed("06241005", "동백섬컨테이너부두", "KRKAN", "terminal", 6),
    Shed("06277208", "(주)매화골보세창고", "KRKAN", "warehouse", 6),
    Shed("01641003", "서들녘컨테이너터미널", "KRPTK", "terminal", 6),
    Shed("01677205", "(주)서들녘씨에프에스", "KRPTK", "warehouse", 6, "A구역"),
    Shed("04077402", "(주)구름나래항공화물터미널", "ICN", "terminal", 2),
    Shed("04077418", "(주)하늘마루보세창고", "ICN", "warehouse", 3),
    Shed("04002901", "지정장치장(특송물류센터)", "ICN", "express", 2),
)


_SURCHARGED = frozenset({"KRPUS", "KRINC", "ICN"})


def terminals_of(seed: int) -> tuple[Port, ...]:
    """The Korean ports of which the terminals send what they see themselves: the largest and another one.

    The others leave it to the carriers.
    """
    largest, *others = KOREAN_PORTS
    return largest, Random(f"{seed}/terminals").choice(others)


def sheds_of(port: str, kind: str) -> list[Shed]:
    """The sheds of that kind at that port, in the order of the table."""
    return [shed for shed in SHEDS if shed.port == port and shed.kind == kind]
