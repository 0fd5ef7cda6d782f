"""How fast 315 becomes events, against a pass that only splits the same file into lists of elements.

The file is what an ocean carrier sends in a day: every container of some voyages at some stage of its journey, with its
numbers, the vessel and the ports, of which some have estimated dates. No two transactions are equal; ports, vessels and
dates of calls come again, as they do in real files.
"""

from __future__ import annotations

import random

PORTS = [
    ("CNSHA", "SHANGHAI", "YANGSHAN PHASE 4", "CN"),
    ("CNNGB", "NINGBO", "MEISHAN", "CN"),
    ("KRPUS", "BUSAN", "PNIT", "KR"),
    ("SGSIN", "SINGAPORE", "PASIR PANJANG", "SG"),
    ("VNSGN", "HO CHI MINH CITY", "CAT LAI", "VN"),
    ("TWKHH", "KAOHSIUNG", "KMCT", "TW"),
    ("USLAX", "LOS ANGELES", "FENIX MARINE", "US"),
    ("USLGB", "LONG BEACH", "TTI", "US"),
    ("USSAV", "SAVANNAH", "GARDEN CITY", "US"),
    ("USNYC", "NEW YORK", "MAHER", "US"),
    ("NLRTM", "ROTTERDAM", "ECT DELTA", "NL"),
    ("DEHAM", "HAMBURG", "CTA", "DE"),
]
VESSELS = [
    ("9863297", "HMM ALGECIRAS"),
    ("9839430", "MSC GULSUN"),
    ("9811000", "EVER GIVEN"),
    ("9778791", "MADRID MAERSK"),
]
STAGES = [
    ("EE", "E", 0),
    ("I", "L", 0),
    ("AE", "L", 0),
    ("VD", "L", 0),
    ("VA", "L", 1),
    ("UV", "L", 1),
    ("AE", "L", 1),
    ("VD", "L", 1),
    ("VA", "L", 2),
    ("UV", "L", 2),
    ("AV", "L", 2),
    ("CT", "L", 2),
    ("OA", "L", 2),
    ("RD", "E", 2),
]


def interchange(transactions: int, seed: int = 1) -> bytes:
    """One interchange of 315s, 100 in a group, with line ends after its segments."""
    chance = random.Random(seed)
    voyages = [_voyage(chance) for _ in range(max(4, transactions // 250))]
    lines = [
        "ISA*00*          *00*          *ZZ*OCEANCARRIER   *ZZ*CLIENT         *260301*1200*U*00401*000000001*0*P*>"
    ]
    groups = 0
    for number in range(transactions):
        if number % 100 == 0:
            if number:
                lines.append(f"GE*100*{groups}")
            groups += 1
            lines.append(f"GS*QO*OCEANCARRIER*CLIENT*20260301*1200*{groups}*X*004010")
        lines += _status(chance, chance.choice(voyages), number % 100 + 1)
    lines += [f"GE*{(transactions - 1) % 100 + 1}*{groups}", f"IEA*{groups}*000000001", ""]
    return "~\n".join(lines).encode()


def split(data: bytes) -> int:
    """The baseline: the file as a list of segments, each a list of elements. Returns how many there are."""
    return len([segment.split("*") for segment in data.decode().split("~\n")])


def _voyage(chance: random.Random) -> tuple[list[tuple[str, str, str, str]], list[str], str]:
    calls = chance.sample(PORTS, 3)
    day = chance.randint(1, 25)
    dates = [f"2026{month:02d}{day:02d}*{chance.randint(0, 23):02d}{chance.randint(0, 59):02d}" for month in (2, 3, 4)]
    imo, name = chance.choice(VESSELS)
    return calls, dates, f"Q2*{imo}********{chance.randint(1, 99):03d}E***L*{name}"


def _status(
    chance: random.Random, voyage: tuple[list[tuple[str, str, str, str]], list[str], str], number: int
) -> list[str]:
    calls, dates, vessel = voyage
    code, load, at = chance.choice(STAGES)
    serial, digit = f"{chance.randint(0, 999_999):06d}", chance.randint(0, 9)
    day = f"2026{chance.randint(2, 4):02d}{chance.randint(1, 28):02d}"
    time = f"{chance.randint(0, 23):02d}{chance.randint(0, 59):02d}"
    bill = f"HDMU{chance.randint(10**7, 10**8 - 1)}"
    segments = [
        f"ST*315*{number:04d}",
        f"B4***{code}*{day}*{time}**CLSU*{serial}*{load}*45G1*{calls[at][0]}*UN*{digit}",
        f"N9*BM*{bill}",
        f"N9*BN*{bill[2:]}",
        f"N9*EQ*CLSU{serial}{digit}",
        "N9*SCA*HDMU",
        vessel,
    ]
    for place, (function, call) in enumerate(zip("LTD", calls, strict=True)):
        segments.append(f"R4*{function}*UN*{call[0]}*{call[1]}*{call[3]}*{call[2]}")
        segments.append(f"DTM*{140 if place <= at else 139}*{dates[place]}*LT")
    return [*segments, f"SE*{len(segments) + 1}*{number:04d}"]
